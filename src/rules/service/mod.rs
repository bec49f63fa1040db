//! The Redis service itself: whether it is there, what image it runs and how.

pub mod ignored_redis_password;
pub mod image;
pub mod missing_redis_service;
pub mod redis_auth_mismatch;
pub mod redis_command_without_server;
pub mod unavailable_redis_image;
pub mod unpinned_redis_image;
pub mod unsupported_redis_image;
