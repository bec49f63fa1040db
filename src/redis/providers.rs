//! Managed Redis services, by the end of their host names. A URL that leads to one is usually meant (redis.md §8).

/// Host suffix and the name to show.
const PROVIDERS: [(&str, &str); 12] = [
    (".upstash.io", "Upstash"),
    (".redislabs.com", "Redis Cloud"),
    (".redis-cloud.com", "Redis Cloud"),
    (".cloud.redislabs.com", "Redis Cloud"),
    (".ondigitalocean.com", "DigitalOcean"),
    (".cache.amazonaws.com", "Amazon ElastiCache"),
    (".memorydb.amazonaws.com", "Amazon MemoryDB"),
    (".redis.cache.windows.net", "Azure Cache"),
    (".redis.azure.net", "Azure Managed Redis"),
    (".aivencloud.com", "Aiven"),
    (".render.com", "Render"),
    (".railway.app", "Railway"),
];

/// The provider that a host belongs to.
pub fn of_host(host: &str) -> Option<&'static str> {
    let host = host.to_ascii_lowercase();
    PROVIDERS.iter().find(|(suffix, _)| host.ends_with(suffix)).map(|(_, name)| *name)
}

/// As of when the tables of TLS below hold.
pub const AS_OF: &str = "August 2026";

/// Ends of hosts whose servers take TLS connections only, unless their owner says otherwise. Sources, all read for [`AS_OF`]:
/// upstash.com/docs/redis/howto/connectclient ("not possible to disable it"); docs.digitalocean.com/products/databases (TLS required);
/// docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html (all serverless caches);
/// learn.microsoft.com/azure/redis/tls-configuration (required by default);
/// aiven.io/docs/products/redis/howto/manage-ssl-connectivity (by default); render.com/docs/connecting-to-redis-with-ioredis (external URLs
/// are `rediss://`).
const TLS_HOSTS: [(&str, &str); 6] = [
    (".upstash.io", ""),
    (".db.ondigitalocean.com", ""),
    (".cache.amazonaws.com", ".serverless."),
    (".redis.azure.net", ""),
    (".aivencloud.com", ""),
    (".render.com", ""),
];

/// Ports of servers outside a project that usually speak TLS: Azure Cache for Redis (learn.microsoft.com/azure/azure-cache-for-redis,
/// `--tls-port` of Coolify's managed Redis (coollabsio/coolify, StartRedis.php, commit 379abb2526), `DigitalOcean`
/// (redis/redis-py issue 2056).
const TLS_PORTS: [u16; 2] = [6380, 25061];

/// Whether the servers of a host take TLS connections only.
pub fn wants_tls(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    TLS_HOSTS.iter().any(|(end, inside)| host.ends_with(end) && host.contains(inside))
}

/// Whether a port of a server outside a project usually speaks TLS.
pub fn is_tls_port(port: u16) -> bool {
    TLS_PORTS.contains(&port)
}
