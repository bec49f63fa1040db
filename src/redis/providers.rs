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
