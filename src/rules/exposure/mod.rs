//! Who else can reach Redis.

pub mod conflicting_host_port;
pub mod hardcoded_redis_password;
pub mod published_redis_port;
