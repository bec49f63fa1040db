//! Names that many stacks give their Redis, and networks of a platform on which such a name is taken.

/// Names that a Redis has in most projects: on a network that several share, they are no one's own.
const COMMON: [&str; 4] = ["redis", "valkey", "keydb", "dragonfly"];

/// A network, the name of a Redis that the platform itself runs on it, and the platform.
///
/// Coolify: its own compose file has a service `redis` on the network `coolify` (coollabsio/coolify, docker-compose.yml and
/// docker-compose.prod.yml, commit 379abb2526 of 2026-08-22; issues 10210 and 7771).
const TAKEN: [(&str, &str, &str); 1] = [("coolify", "redis", "Coolify")];

/// Whether a host name is one that any stack may use for its Redis.
pub fn is_common(host: &str) -> bool {
    COMMON.iter().any(|name| host.eq_ignore_ascii_case(name))
}

/// The platform that runs a Redis of that name on that network.
pub fn redis_called(network: &str, host: &str) -> Option<&'static str> {
    TAKEN.iter().find(|(key, name, _)| *key == network && host.eq_ignore_ascii_case(name)).map(|(_, _, owner)| *owner)
}
