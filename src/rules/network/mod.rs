//! Whether the services can reach Redis.

pub mod ambiguous_redis_hostname;
pub mod host_network_mismatch;
pub mod no_shared_network;
