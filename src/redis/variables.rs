//! Which environment variable says what about a Redis connection: one table of brands and of the words that end a name. Counts from real
//! files stand in the project's notes on variables (redis.md §1, corpus.md §4).

/// What a variable tells a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A URL, or `host:port` where a URL might stand.
    Url,
    Host,
    /// `host:port`, or a host alone.
    Address,
    Port,
    Password,
    Username,
    Db,
    Tls,
    /// Several hosts: cluster nodes, sentinels.
    Nodes,
}

/// A variable of a split connection, or a URL variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What the variables of one connection have in common: the name without the words of the role.
    pub group: String,
    pub role: Role,
}

const BRANDS: [&str; 4] = ["REDIS", "VALKEY", "KEYDB", "DRAGONFLY"];

/// Ends of names, longest first within a role's alternatives; the words before them name the group.
const ENDS: [(&[&str], Role); 49] = [
    (&["CONNECTION", "STRING"], Role::Url),
    (&["CONN", "STRING"], Role::Url),
    (&["CONNECTION", "URL"], Role::Url),
    (&["URL"], Role::Url),
    (&["URI"], Role::Url),
    (&["DSN"], Role::Url),
    (&["CONNECTION"], Role::Url),
    (&["CONN"], Role::Url),
    (&["CON"], Role::Url),
    (&["HOST", "PASSWORD"], Role::Password),
    (&["HOST", "PORT"], Role::Port),
    (&["HOST", "NAME"], Role::Host),
    (&["HOST"], Role::Host),
    (&["HOSTNAME"], Role::Host),
    (&["SERVER"], Role::Host),
    (&["ADDR"], Role::Address),
    (&["ADDRESS"], Role::Address),
    (&["ENDPOINT"], Role::Address),
    (&["PORT", "NUMBER"], Role::Port),
    (&["PORT"], Role::Port),
    (&["PASSWORD"], Role::Password),
    (&["PASSWD"], Role::Password),
    (&["PASS"], Role::Password),
    (&["PW"], Role::Password),
    (&["AUTH"], Role::Password),
    (&["USERNAME"], Role::Username),
    (&["USER"], Role::Username),
    (&["DB", "INDEX"], Role::Db),
    (&["DB", "NUMBER"], Role::Db),
    (&["DB", "NUM"], Role::Db),
    (&["DATABASE", "INDEX"], Role::Db),
    (&["DBINDEX"], Role::Db),
    (&["DBNUM"], Role::Db),
    (&["DATABASE"], Role::Db),
    (&["DB"], Role::Db),
    (&["USE", "SSL"], Role::Tls),
    (&["USE", "TLS"], Role::Tls),
    (&["TLS", "ENABLED"], Role::Tls),
    (&["SSL", "ENABLED"], Role::Tls),
    (&["ENABLE", "TLS"], Role::Tls),
    (&["ENABLE", "SSL"], Role::Tls),
    (&["SCHEME"], Role::Tls),
    (&["TLS"], Role::Tls),
    (&["SSL"], Role::Tls),
    (&["NODES"], Role::Nodes),
    (&["HOSTS"], Role::Nodes),
    (&["ADDRESSES"], Role::Nodes),
    (&["SENTINELS"], Role::Nodes),
    (&["SERVERS"], Role::Nodes),
];

/// Reads a variable's name. `None` if it does not name a Redis connection; a value may still be a Redis URL.
pub fn read(name: &str) -> Option<Named> {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(['_', '.', ':', '-']).filter(|word| !word.is_empty()).collect();
    let brand = words.iter().position(|word| BRANDS.contains(word));
    let Some(_) = brand else { return glued(&words) };
    if words.contains(&"REST") {
        return None;
    }
    for (end, role) in ENDS {
        if words.len() > end.len() && words.ends_with(end) {
            let several = words.contains(&"SENTINEL") || words.contains(&"CLUSTER");
            let role = if several && matches!(role, Role::Host | Role::Address) { Role::Nodes } else { role };
            return Some(Named { group: words[..words.len() - end.len()].join("_"), role });
        }
    }
    // `PAPERLESS_REDIS`, `REDIS_CACHE`: only the value tells.
    Some(Named { group: words.join("_"), role: Role::Url })
}

/// `REDISHOST`, `REDISPASS`: the words written as one.
fn glued(words: &[&str]) -> Option<Named> {
    let last = words.last()?;
    let end = BRANDS.iter().find_map(|brand| last.strip_prefix(brand))?;
    let (_, role) = ENDS.iter().find(|(words, _)| *words == [end])?;
    let mut group: Vec<&str> = words[..words.len() - 1].to_vec();
    group.push("REDIS");
    Some(Named { group: group.join("_"), role: *role })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> Option<(String, Role)> {
        read(name).map(|named| (named.group, named.role))
    }

    #[test]
    fn names_of_real_files() {
        let cases = [
            ("REDIS_URL", "REDIS", Role::Url),
            ("REDIS_HOST", "REDIS", Role::Host),
            ("_APP_REDIS_PASS", "APP_REDIS", Role::Password),
            ("AUTHENTIK_REDIS__HOST", "AUTHENTIK_REDIS", Role::Host),
            ("QUEUE_BULL_REDIS_PORT", "QUEUE_BULL_REDIS", Role::Port),
            ("REDIS_CACHE_SERVICE_HOST", "REDIS_CACHE_SERVICE", Role::Host),
            ("REDIS_HOST_PASSWORD", "REDIS", Role::Password),
            ("REDIS_DB_INDEX", "REDIS", Role::Db),
            ("REDIS_TLS_ENABLED", "REDIS", Role::Tls),
            ("REDISHOST", "REDIS", Role::Host),
            ("PAPERLESS_REDIS", "PAPERLESS_REDIS", Role::Url),
            ("REDIS_CLUSTER_SERVICE_HOST", "REDIS_CLUSTER_SERVICE", Role::Nodes),
        ];
        for (name, group, role) in cases {
            assert_eq!(said(name), Some((group.to_owned(), role)), "{name}");
        }
    }

    #[test]
    fn other_names_say_nothing() {
        for name in ["UPSTASH_REDIS_REST_URL", "DATABASE_URL", "REDISINSIGHT_PORT", "CACHE_URL", "POSTGRES_HOST"] {
            assert_eq!(said(name), None, "{name}");
        }
    }
}
