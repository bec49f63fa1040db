//! Whether the services can reach Redis.

pub mod no_shared_network;
