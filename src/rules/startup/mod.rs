//! What starts before what.

pub mod dependency_on_inactive_redis;
pub mod dependency_without_health;
pub mod missing_redis_dependency;
pub mod wait;
