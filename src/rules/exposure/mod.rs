//! Who else can reach Redis.

pub mod committed_redis_password;
pub mod conflicting_host_port;
pub mod hardcoded_redis_password;
pub mod open_redis_on_shared_network;
pub mod published_redis_port;
pub mod weak_redis_password;
