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
    /// A file that holds the password.
    PasswordFile,
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
const ENDS: [(&[&str], Role); 61] = [
    (&["CONNECTION", "STRING"], Role::Url),
    (&["CONN", "STRING"], Role::Url),
    (&["CONNECTIONSTRING"], Role::Url),
    (&["CONNECTION", "URL"], Role::Url),
    (&["CONNECTION", "URI"], Role::Url),
    (&["URL"], Role::Url),
    (&["URI"], Role::Url),
    (&["DSN"], Role::Url),
    (&["CONNECTION"], Role::Url),
    (&["CONN"], Role::Url),
    (&["CON"], Role::Url),
    (&["HOST", "PASSWORD"], Role::Password),
    (&["HOST", "PORT"], Role::Port),
    (&["HOST", "NAME"], Role::Host),
    (&["HOST", "IP"], Role::Host),
    (&["HOSTPORT"], Role::Address),
    (&["HOST"], Role::Host),
    (&["HOSTNAME"], Role::Host),
    (&["SERVER"], Role::Host),
    (&["ADDR"], Role::Address),
    (&["ADDRESS"], Role::Address),
    (&["ENDPOINT"], Role::Address),
    (&["PORT", "NUMBER"], Role::Port),
    (&["PORT"], Role::Port),
    (&["PASSWORD", "FILE"], Role::PasswordFile),
    (&["PASS", "FILE"], Role::PasswordFile),
    (&["PASSWORD"], Role::Password),
    (&["PWD"], Role::Password),
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
    (&["DATABASE", "NUMBER"], Role::Db),
    (&["DB", "ID"], Role::Db),
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
    (&["ADDRS"], Role::Nodes),
    (&["ENDPOINTS"], Role::Nodes),
    (&["URLS"], Role::Nodes),
    (&["SENTINELS"], Role::Nodes),
    (&["SERVERS"], Role::Nodes),
];

/// Last words of names that set something beside the way to a server (redis.md §1.1), so that a value which looks like `host:port` is
/// none: `redis:7` of `REDIS_IMAGE`, the name of another variable in Sidekiq's `REDIS_PROVIDER`.
const OTHER_ENDS: [&str; 31] = [
    "TTL",
    "EXPIRE",
    "EXPIRY",
    "EXPIRATION",
    "TIMEOUT",
    "TIME",
    "INTERVAL",
    "DELAY",
    "RETRIES",
    "ATTEMPTS",
    "LIMIT",
    "SIZE",
    "PREFIX",
    "SUFFIX",
    "NAMESPACE",
    "KEY",
    "NAME",
    "CHANNEL",
    "ENABLED",
    "ENABLE",
    "DISABLED",
    "IMAGE",
    "TAG",
    "VERSION",
    "PROVIDER",
    "CLIENT",
    "DRIVER",
    "MAXMEMORY",
    "POLICY",
    "VOLUME",
    "PATH",
];

/// First words of names that switch something on or off.
const SWITCHES: [&str; 6] = ["USE", "ENABLE", "DISABLE", "WITH", "NO", "SKIP"];

/// Whether a password is none: Laravel reads this word so.
pub fn is_null(password: &str) -> bool {
    matches!(password, "null" | "(null)")
}

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
    let sets_other = words.last().is_some_and(|word| OTHER_ENDS.contains(word));
    if sets_other || words.first().is_some_and(|word| SWITCHES.contains(word)) {
        return None;
    }
    // `PAPERLESS_REDIS`, `REDIS_CACHE`: only the value tells.
    Some(Named { group: words.join("_"), role: Role::Url })
}

/// Whether a name asks for the URL of a Redis itself and of nothing beside it: `REDIS_URL`, `CACHE_REDIS_URI`; not `REDIS_EXPORTER_URL`.
pub fn is_url_of_redis(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let says_url = ["URL", "URI", "DSN"].iter().any(|end| upper.ends_with(end));
    read(name).is_some_and(|named| {
        named.role == Role::Url && says_url && BRANDS.iter().any(|brand| named.group.rsplit('_').next() == Some(brand))
    })
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
            ("REDIS_TLS_URL", "REDIS_TLS", Role::Url),
            ("REDIS_CONN_STRING", "REDIS", Role::Url),
            ("Redis__ConnectionString", "REDIS", Role::Url),
            ("REDIS_SERVER_HOST", "REDIS_SERVER", Role::Host),
            ("REDIS_SERVER", "REDIS", Role::Host),
            ("REDIS_HOSTNAME", "REDIS", Role::Host),
            ("REDIS_ADDR", "REDIS", Role::Address),
            ("REDIS_ENDPOINT", "REDIS", Role::Address),
            ("REDIS_PASS", "REDIS", Role::Password),
            ("REDIS_AUTH", "REDIS", Role::Password),
            ("REDIS_PASSWORD_FILE", "REDIS", Role::PasswordFile),
            ("REDIS_USER", "REDIS", Role::Username),
            ("REDIS_DBINDEX", "REDIS", Role::Db),
            ("REDIS_DATABASE", "REDIS", Role::Db),
            ("REDIS_USE_SSL", "REDIS", Role::Tls),
            ("REDIS_SCHEME", "REDIS", Role::Tls),
            ("RQ_REDIS_HOST", "RQ_REDIS", Role::Host),
            ("CACHE_REDIS_DB", "CACHE_REDIS", Role::Db),
            ("QUEUE_BULL_REDIS_CLUSTER_NODES", "QUEUE_BULL_REDIS_CLUSTER", Role::Nodes),
            ("SPRING_DATA_REDIS_SSL_ENABLED", "SPRING_DATA_REDIS", Role::Tls),
            ("SPRING_REDIS_HOST", "SPRING_REDIS", Role::Host),
            ("spring.data.redis.database", "SPRING_DATA_REDIS", Role::Db),
            ("QUARKUS_REDIS_HOSTS", "QUARKUS_REDIS", Role::Nodes),
            ("REDIS_QUEUE", "REDIS_QUEUE", Role::Url),
            ("PENPOT_REDIS_URI", "PENPOT_REDIS", Role::Url),
            ("VALKEY_URL", "VALKEY", Role::Url),
        ];
        for (name, group, role) in cases {
            assert_eq!(said(name), Some((group.to_owned(), role)), "{name}");
        }
    }

    #[test]
    fn some_names_ask_for_the_url_of_a_redis() {
        assert!(["REDIS_URL", "CACHE_REDIS_URI", "VALKEY_URL", "PENPOT_REDIS_URI"].iter().all(|name| is_url_of_redis(name)));
        let others = ["REDIS_EXPORTER_URL", "SERVICE_URL_REDIS", "UPSTASH_REDIS_REST_URL", "REDIS_HTTP_URL", "REDIS_HOST"];
        assert!(!others.iter().any(|name| is_url_of_redis(name)));
    }

    #[test]
    fn other_names_say_nothing() {
        let names = [
            "UPSTASH_REDIS_REST_URL",
            "UPSTASH_REDIS_REST_TOKEN",
            "DATABASE_URL",
            "REDISINSIGHT_PORT",
            "SERVICE_URL_REDISINSIGHT_5540",
            "CACHE_URL",
            "POSTGRES_HOST",
            "REDIS_TTL",
            "REDIS_KEY_PREFIX",
            "REDIS_ENABLED",
            "USE_REDIS",
            "USE_REDIS_CACHE",
            "REDIS_PROVIDER",
            "REDIS_CONNECTION_TIMEOUT",
            "REDIS_IMAGE",
            "KC_CACHE",
        ];
        for name in names {
            assert_eq!(said(name), None, "{name}");
        }
    }
}
