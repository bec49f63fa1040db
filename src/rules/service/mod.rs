//! The Redis service itself.

pub mod missing_redis_service;
