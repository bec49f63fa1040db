//! Which image is what: Redis and what speaks its protocol, and tools that only look like a server. Names as on Docker Hub and the
//! registries that mirror it, August 2026.

/// What kind of server an image holds, as far as its behaviour differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// The official image and plain copies of it.
    Redis,
    RedisStack,
    Bitnami,
    Valkey,
    KeyDb,
    Dragonfly,
    Kvrocks,
    /// Built here or by somebody else: it serves Redis, and nothing is known of how it is configured.
    Custom,
}

impl Family {
    /// The client that a health check can call.
    pub fn cli(self) -> &'static str {
        match self {
            Self::Valkey => "valkey-cli",
            Self::KeyDb => "keydb-cli",
            _ => "redis-cli",
        }
    }

    /// Where the image keeps its data; `None` where that is not known.
    pub fn data_directory(self, image: &str) -> Option<&'static str> {
        match self {
            Self::Redis | Self::RedisStack | Self::Valkey | Self::KeyDb | Self::Dragonfly => Some("/data"),
            Self::Bitnami if image.contains("valkey") => Some("/bitnami/valkey/data"),
            Self::Bitnami => Some("/bitnami/redis/data"),
            Self::Kvrocks => Some("/var/lib/kvrocks"),
            Self::Custom => None,
        }
    }

    /// Whether the server grows until it is told `maxmemory`: Dragonfly reads the container's limit by itself, Kvrocks keeps its data on disk.
    pub fn needs_maxmemory(self) -> bool {
        !matches!(self, Self::Dragonfly | Self::Kvrocks)
    }

    /// Whether the image may have a health check of its own. Read in the Dockerfiles: Bitnami's (7.4, February 2025) and Redis Stack's have
    /// none, as the official ones; that of Kvrocks has one, and Dragonfly is said to.
    pub fn may_bring_a_check(self) -> bool {
        matches!(self, Self::Custom | Self::Dragonfly | Self::Kvrocks)
    }

    /// Whether the image starts `redis-server` with the flags of `command`, as the official entrypoint does.
    pub fn takes_flags(self) -> bool {
        matches!(self, Self::Redis | Self::Valkey | Self::KeyDb)
    }
}

/// The servers whose versions are known: the makers publish the image themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Official {
    Redis,
    Valkey,
}

impl Official {
    pub fn name(self) -> &'static str {
        match self {
            Self::Redis => "Redis",
            Self::Valkey => "Valkey",
        }
    }
}

/// Names of Docker Hub as a registry.
const HUB: [&str; 4] = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

/// Registries that hand out Docker Hub's official images unchanged (their own documentation).
const COPIES: [&str; 2] = ["public.ecr.aws", "mirror.gcr.io"];

/// Images by repository without registry and `library/`.
const SERVERS: [(&str, Family); 22] = [
    ("redis", Family::Redis),
    ("redis/redis-ce", Family::Redis),
    ("redis/redis-stack", Family::RedisStack),
    ("redis/redis-stack-server", Family::RedisStack),
    ("redislabs/redismod", Family::RedisStack),
    ("redislabs/rejson", Family::RedisStack),
    ("bitnami/redis", Family::Bitnami),
    ("bitnamilegacy/redis", Family::Bitnami),
    ("bitnamisecure/redis", Family::Bitnami),
    ("bitnami/valkey", Family::Bitnami),
    ("bitnamilegacy/valkey", Family::Bitnami),
    ("bitnami/redis-cluster", Family::Bitnami),
    ("bitnamilegacy/redis-cluster", Family::Bitnami),
    ("bitnamilegacy/valkey-cluster", Family::Bitnami),
    ("valkey/valkey", Family::Valkey),
    ("valkey/valkey-bundle", Family::Valkey),
    ("eqalpha/keydb", Family::KeyDb),
    ("dragonflydb/dragonfly", Family::Dragonfly),
    ("apache/kvrocks", Family::Kvrocks),
    ("microsoft/garnet", Family::Custom),
    ("microsoft/garnet-alpine", Family::Custom),
    ("valkey", Family::Valkey),
];

/// Words in the last part of an image that make it a tool for Redis rather than a server.
const TOOLS: [&str; 18] = [
    "insight",
    "commander",
    "exporter",
    "sentinel",
    "webdis",
    "gui",
    "browser",
    "proxy",
    "operator",
    "dashboard",
    "admin",
    "-web",
    "-ui",
    "predixy",
    "redis-http",
    "backup",
    "benchmark",
    "rdb-tools",
];

/// Images that hold a language or a bare system, and certainly no Redis.
const PLAIN_SYSTEMS: [&str; 22] = [
    "node",
    "python",
    "ruby",
    "php",
    "golang",
    "openjdk",
    "eclipse-temurin",
    "amazoncorretto",
    "rust",
    "elixir",
    "erlang",
    "perl",
    "bun",
    "deno",
    "aspnet",
    "runtime",
    "sdk",
    "alpine",
    "debian",
    "ubuntu",
    "busybox",
    "composer",
];

/// Whether an image is known to run no Redis of its own.
pub fn is_plain_system(image: &str) -> bool {
    PLAIN_SYSTEMS.contains(&last_part(image).to_ascii_lowercase().as_str())
}

/// An image reference without its tag, its digest and its registry.
pub fn repository(image: &str) -> &str {
    let bare = image.split('@').next().unwrap_or(image);
    let tag_at = bare.rfind(':').filter(|&at| !bare[at..].contains('/'));
    let bare = &bare[..tag_at.unwrap_or(bare.len())];
    let registry_ends = bare.find('/').filter(|&at| bare[..at].contains(['.', ':']) || &bare[..at] == "localhost");
    let bare = registry_ends.map_or(bare, |at| &bare[at + 1..]);
    bare.strip_prefix("library/").unwrap_or(bare)
}

/// The registry of an image reference, where one is written.
pub fn registry(image: &str) -> Option<&str> {
    let end = image.find('/')?;
    let first = &image[..end];
    (first.contains(['.', ':']) || first == "localhost").then_some(first)
}

/// Whether the image comes from Docker Hub itself.
pub fn is_from_hub(image: &str) -> bool {
    registry(image).is_none_or(|registry| HUB.contains(&registry))
}

/// The server whose makers publish the image themselves, on Docker Hub or on a registry that copies it from there. Another registry's
/// `redis` may be anybody's.
pub fn official(image: &str) -> Option<Official> {
    match hub_path(image)? {
        "redis" => Some(Official::Redis),
        "valkey/valkey" => Some(Official::Valkey),
        _ => None,
    }
}

/// The repository on Docker Hub that the image comes from, directly or by a copy.
fn hub_path(image: &str) -> Option<&str> {
    let path = repository(image);
    let copied = registry(image).is_none_or(|registry| HUB.contains(&registry) || COPIES.contains(&registry));
    copied.then_some(path.strip_prefix("docker/library/").unwrap_or(path))
}

/// Bitnami's images that run a server of the protocol; on Docker Hub only `latest` is left of them since 28 August 2025
/// (bitnami/containers#83267).
const BITNAMI: [&str; 6] = ["redis", "redis-cluster", "redis-sentinel", "valkey", "valkey-cluster", "valkey-sentinel"];

/// Whether the image is known to be no longer there. What a digest names may still be.
pub fn is_gone(image: &str) -> bool {
    let name = repository(image).strip_prefix("bitnami/");
    let bitnami = name.is_some_and(|name| BITNAMI.contains(&name)) && is_from_hub(image);
    let versioned = tag(image).is_some_and(|tag| tag.starts_with(|c: char| c.is_ascii_digit()));
    bitnami && versioned && !image.contains('@')
}

/// Whether the image is one of those that are known by name, wherever it is pulled from.
pub fn is_listed(image: &str) -> bool {
    let repository = repository(image).to_ascii_lowercase();
    official(image).is_some() || SERVERS.iter().any(|(name, _)| *name == repository)
}

/// The tag of an image reference.
pub fn tag(image: &str) -> Option<&str> {
    let bare = image.split('@').next().unwrap_or(image);
    let at = bare.rfind(':').filter(|&at| !bare[at..].contains('/'))?;
    Some(&bare[at + 1..])
}

pub fn last_part(image: &str) -> &str {
    let repository = repository(image);
    repository.rsplit('/').next().unwrap_or(repository)
}

/// The server in an image, or `None` if it is none.
pub fn family(image: &str) -> Option<Family> {
    let repository = repository(image).to_ascii_lowercase();
    if let Some((_, family)) = SERVERS.iter().find(|(name, _)| *name == repository) {
        return Some(*family);
    }
    if is_tool(image) {
        return None;
    }
    match last_part(image).to_ascii_lowercase().as_str() {
        "redis" => Some(Family::Redis),
        "valkey" => Some(Family::Valkey),
        "keydb" => Some(Family::KeyDb),
        "dragonfly" => Some(Family::Dragonfly),
        last if ["redis", "valkey", "keydb"].iter().any(|brand| last.starts_with(brand)) => Some(Family::Custom),
        _ => None,
    }
}

/// A client, an exporter, a sentinel: it names Redis and serves none of its data.
pub fn is_tool(image: &str) -> bool {
    let last = last_part(image).to_ascii_lowercase();
    last == "alpine-redis-cli"
        || (["redis", "valkey", "p3x"].iter().any(|brand| last.contains(brand)) && TOOLS.iter().any(|tool| last.contains(tool)))
}

/// Whether the image's `redis-cli` is known to have `-e`: the official image from 7.0 on (run with 7.0.15; forks and tags without a
/// version are not known).
pub fn cli_exits_on_error(image: &str, family: Family) -> bool {
    family == Family::Redis && major(image).is_some_and(|major| (7..100).contains(&major))
}

/// Repositories whose entrypoint starts the server as the command says, and reads no password from the environment
/// (`docker-entrypoint.sh` of docker-library/redis, valkey-io/valkey-container and Snapchat/KeyDB, August 2026).
const WITHOUT_PASSWORD_VARIABLE: [&str; 4] = ["redis", "valkey/valkey", "valkey/valkey-bundle", "eqalpha/keydb"];

/// Whether an image is one of the projects' own that reads no password from the environment. A copy in another registry may.
pub fn ignores_password_variables(image: &str) -> bool {
    hub_path(image).is_some_and(|path| WITHOUT_PASSWORD_VARIABLE.contains(&path))
}

/// The major version that a tag says.
fn major(image: &str) -> Option<u32> {
    tag(image)?.trim_start_matches('v').split(['.', '-']).next()?.parse().ok()
}

/// Whether an image is known to take no options from `REDIS_ARGS`, which is redis-stack's: the official one up to 7.
pub fn reads_no_options(image: &str) -> bool {
    ignores_password_variables(image) && major(image).is_some_and(|major| major < 8)
}

/// Major version, minor version and patch level, as far as the tag says them.
fn version(image: &str) -> Option<(u32, Option<u32>, Option<u32>)> {
    let mut numbers = tag(image)?.trim_start_matches('v').split(['.', '-']).map(|part| part.parse::<u32>().ok());
    let major = numbers.next().flatten().filter(|major| *major < 100)?;
    let minor = numbers.next().flatten();
    Some((major, minor, minor.and_then(|_| numbers.next().flatten())))
}

/// Whether the client of an image takes `redis://:password@host` for the default user: not from 6.2 on (redis issue 12746), until a pull
/// request of May 2026 (15255), which tags without a patch level may have. `None` where that is not known.
pub fn cli_takes_empty_user(image: &str, family: Family) -> Option<bool> {
    let (major, minor, patch) = version(image).filter(|_| family == Family::Redis)?;
    match (major, minor?) {
        before if before < (6, 2) => Some(true),
        since if since < (8, 4) => patch.map(|_| false),
        _ => None,
    }
}

/// Options of the client by the version that brought them (redis pull requests 8136 and 10609).
const CLI_OPTIONS: [(&str, (u32, u32)); 2] = [("-e", (6, 2)), ("-t", (7, 2))];

/// Whether the client of an image lacks an option that not every version has; `None` where that is not known.
pub fn cli_lacks(image: &str, family: Family, option: &str) -> Option<bool> {
    let Some((_, since)) = CLI_OPTIONS.iter().find(|(name, _)| *name == option) else { return Some(false) };
    // A tag that names no minor version is the last of its kind.
    let version = version(image).map(|(major, minor, _)| (major, minor.unwrap_or(u32::MAX)));
    match (family, version) {
        (Family::Redis, Some(version)) => Some(version < *since),
        (Family::Redis | Family::Valkey, _) => Some(false),
        // `-e` is taken to be there where nothing is known, so that a check with it is left alone.
        _ => (option == "-e").then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_known_through_registries_and_mirrors() {
        for image in ["redis", "redis:7-alpine", "docker.io/library/redis:7", "registry.example.com:5000/mirror/redis@sha256:00"]
        {
            assert_eq!(family(image), Some(Family::Redis), "{image}");
        }
        assert_eq!(family("docker.io/valkey/valkey:8"), Some(Family::Valkey));
        assert_eq!(family("docker.dragonflydb.io/dragonflydb/dragonfly"), Some(Family::Dragonfly));
        assert_eq!(family("goharbor/redis-photon:v2"), Some(Family::Custom));
    }

    #[test]
    fn only_the_makers_own_images_are_official() {
        for image in
            ["redis", "docker.io/library/redis:7", "public.ecr.aws/docker/library/redis:7", "mirror.gcr.io/library/redis"]
        {
            assert_eq!(official(image), Some(Official::Redis), "{image}");
        }
        assert_eq!(official("docker.io/valkey/valkey:8"), Some(Official::Valkey));
        for image in ["registry.example.com/redis:7", "example/redis", "bitnami/redis", "localhost:5000/redis", "eqalpha/keydb"] {
            assert_eq!(official(image), None, "{image}");
        }
    }

    #[test]
    fn tools_are_no_servers() {
        for image in ["redis/redisinsight:latest", "rediscommander/redis-commander", "oliver006/redis_exporter", "nginx"] {
            assert_eq!(family(image), None, "{image}");
        }
    }

    #[test]
    fn options_of_the_client_depend_on_its_version() {
        let lacks = |image: &str, option: &str| cli_lacks(image, family(image).expect("a server"), option);
        assert_eq!((lacks("redis:7.0.15", "-t"), lacks("redis:7-alpine", "-t")), (Some(true), Some(false)));
        assert_eq!(
            (lacks("redis:5", "-e"), lacks("redis:6.0-alpine", "-e"), lacks("redis:6", "-e")),
            (Some(true), Some(true), Some(false))
        );
        assert_eq!((lacks("eqalpha/keydb", "-t"), lacks("redis:5", "--raw")), (None, Some(false)));
    }

    #[test]
    fn only_official_images_from_seven_on_are_known_to_have_e() {
        let known = |image: &str| cli_exits_on_error(image, family(image).expect("a server"));
        assert!(known("redis:7-alpine") && known("redis:8.2.1") && known("redis:7.0.15"));
        assert!(!known("redis:6.2") && !known("redis:alpine") && !known("redis") && !known("valkey/valkey:8"));
    }
}
