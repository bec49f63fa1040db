//! The Redis service itself.

pub mod ignored_redis_password;
pub mod missing_redis_service;
pub mod redis_auth_mismatch;
