//! Where volumes are mounted that were meant for the data of Redis and are not where the image writes: the data directories of packages,
//! of other images and of habit (counted in public compose files, August 2026).

use super::images::{self, Family};
use super::servers::RedisServer;
use crate::compose::model::{Mount, Service};

/// Directories that are mounted for data and nothing else.
const PLACES: [&str; 28] = [
    "/bitnami",
    "/bitnami/redis",
    "/bitnami/redis/data",
    "/bitnami/valkey",
    "/bitnami/valkey/data",
    "/data",
    "/data/data",
    "/data/redis",
    "/data/redis-data",
    "/data/redis_data",
    "/home/redis/data",
    "/keydb/data",
    "/opt/redis/data",
    "/redis-data",
    "/redis/data",
    "/redis_data",
    "/root/redis",
    "/root/redis/data",
    "/usr/local/redis/data",
    "/usr/local/var/db/redis",
    "/valkey/data",
    "/var/lib/keydb",
    "/var/lib/redis",
    "/var/lib/redis-stack",
    "/var/lib/redis/data",
    "/var/lib/valkey",
    "/var/lib/valkey/data",
    "/var/redis/data",
];

/// Directories that may hold scripts as well: only a named volume is one for data.
const PLACES_OF_VOLUMES: [&str; 7] =
    ["/home/redis", "/opt/redis", "/redis", "/usr/local/redis", "/valkey", "/var/data", "/var/redis"];

/// The volume that was meant for the data of a server and does not get them. `None` where one is at the right place, or where the files
/// do not tell where the server writes.
pub fn misplaced<'a>(server: &RedisServer, service: &'a Service) -> Option<&'a Mount> {
    let unsure = server.hidden || server.flag("dir").is_some() || moves_data(service) || service.entrypoint.is_some();
    let dir = server.data_directory().filter(|_| !unsure && writes_where_it_is_known(server))?;
    if server.data_mount(service).is_some() || server.is_in_memory(service) {
        return None;
    }
    service.volumes.iter().find(|mount| mount.target != dir && is_for_data(mount))
}

/// Whether something beside the command line says where the image writes, or brings volumes that are not listed here.
pub fn moves_data(service: &Service) -> bool {
    let has = |key: &str| service.layers.iter().any(|layer| layer.value.get(key).is_some());
    has("working_dir")
        || has("volumes_from")
        || service.environment.keys().any(|key| key.ends_with("_DATA_DIR") || key.ends_with("_VOLUME_DIR"))
}

/// An image of a maker whose data directory is documented; `KeyDB`'s reads a configuration file of its own.
fn writes_where_it_is_known(server: &RedisServer) -> bool {
    let image = server.image.as_deref().unwrap_or_default();
    match server.family {
        Family::Redis | Family::Valkey => images::official(image).is_some(),
        Family::Bitnami => images::is_listed(image),
        _ => false,
    }
}

fn is_for_data(mount: &Mount) -> bool {
    let target = mount.target.trim_end_matches('/');
    let named = !mount.is_bind && PLACES_OF_VOLUMES.contains(&target);
    mount.source.is_some() && !mount.read_only && (named || PLACES.contains(&target))
}
