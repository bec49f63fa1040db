//! How many database indexes a server has, and what an index looks like.

use super::images::Family;
use super::servers::{Part, RedisServer};
use crate::compose::model::Service;
use crate::compose::value::Text;

/// The number of indexes, and what says so.
#[derive(Debug, Clone)]
pub enum Databases {
    /// The server is told so on its command line.
    Told(u32, Text),
    /// What the server has unless it is told otherwise.
    Usual(u32),
    /// A cluster has index 0 alone.
    Cluster,
}

impl Databases {
    pub fn count(&self) -> u32 {
        match self {
            Self::Told(count, _) | Self::Usual(count) => *count,
            Self::Cluster => 1,
        }
    }
}

/// What a server has by default: `databases` of redis.conf, valkey.conf and keydb.conf, `--dbnum` of Dragonfly (redis.md §5, August 2026).
pub const USUAL: u32 = 16;

/// The number of indexes of a server; `None` where something that the files do not show may say it.
pub fn of(server: &RedisServer, service: &Service) -> Option<Databases> {
    let option = if server.family == Family::Dragonfly { "dbnum" } else { "databases" };
    if let Some(flag) = server.flag(option) {
        let text = flag.values.first().filter(|text| text.missing().is_empty())?;
        let count = text.value.parse().ok().filter(|&count| count > 0)?;
        return Some(Databases::Told(count, text.clone()));
    }
    // Kvrocks has namespaces, a custom image whatever it was built with, and these variables of Bitnami and Dragonfly are read by the image.
    let is_open = server.hidden || matches!(server.family, Family::Kvrocks | Family::Custom);
    let by_variable =
        service.environment.keys().any(|key| key.ends_with("EXTRA_FLAGS") || key.eq_ignore_ascii_case("DFLY_dbnum"));
    if is_open || by_variable {
        return None;
    }
    match server.part {
        // Valkey has clusters with several databases from version 9 on.
        Part::ClusterNode => (!says_valkey(server)).then_some(Databases::Cluster),
        Part::Standalone | Part::Replica => Some(Databases::Usual(USUAL)),
        Part::Sentinel => None,
    }
}

fn says_valkey(server: &RedisServer) -> bool {
    server.family == Family::Valkey || server.image.as_ref().is_some_and(|image| image.contains("valkey"))
}

/// What stands in the place of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    Number(u32),
    /// No client can take it for an index.
    NotANumber,
    /// A word that means "as usual", something that a program fills in, or a longer path of an app's own.
    Unclear,
}

/// Words that say that no index is chosen; `-1` is the default of StackExchange.Redis.
const AS_USUAL: [&str; 8] = ["", "-1", "null", "(null)", "none", "nil", "default", "false"];

/// Reads an index as it is written.
pub fn read(text: &Text) -> Index {
    let value = text.value.trim_end_matches('/');
    let filled_in = value.contains(['$', '{', '}', '<', '>', '%', '[', ']', '*', '/', ':']);
    if !text.missing().is_empty() || text.has_option() || filled_in || AS_USUAL.contains(&value.to_ascii_lowercase().as_str()) {
        return Index::Unclear;
    }
    value.parse().map_or(Index::NotANumber, Index::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::value::Home;
    use crate::redis::testing::redis_of;

    fn count(command: &str) -> Option<u32> {
        let (project, redis) = redis_of(&format!("services:\n  redis:\n    {command}\n"));
        of(&redis.servers[0], &project.services["redis"]).map(|databases| databases.count())
    }

    #[test]
    fn the_number_is_told_usual_or_not_known() {
        assert_eq!(count("image: redis:7"), Some(16));
        assert_eq!(count("image: redis:7\n    command: redis-server --databases 32"), Some(32));
        assert_eq!(count("image: redis:7\n    command: redis-server /etc/redis.conf"), None);
        assert_eq!(count("image: redis:7\n    command: redis-server --databases ${COUNT}"), None);
        assert_eq!(count("image: redis:7\n    command: redis-server --cluster-enabled yes"), Some(1));
        assert_eq!(count("image: valkey/valkey:9\n    command: valkey-server --cluster-enabled yes"), None);
        assert_eq!(count("image: docker.dragonflydb.io/dragonflydb/dragonfly\n    command: --dbnum 4"), Some(4));
        assert_eq!(count("image: apache/kvrocks:2.12"), None);
    }

    #[test]
    fn an_index_is_a_number_or_may_be_meant_for_others() {
        let read = |value: &str| read(&Text::literal(value, Home::Outside));
        assert_eq!(read("3"), Index::Number(3));
        assert_eq!(read("0/"), Index::Number(0));
        assert_eq!(read("cache"), Index::NotANumber);
        for value in ["", "null", "-1", "1/prefix", "{db}", "$REDIS_DB"] {
            assert_eq!(read(value), Index::Unclear, "{value}");
        }
    }
}
