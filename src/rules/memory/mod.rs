//! Memory and data.

pub mod command;
pub mod ephemeral_redis_data;
pub mod eviction_drops_jobs;
pub mod maxmemory_near_limit;
pub mod missing_maxmemory;
pub mod wrong_data_directory;
