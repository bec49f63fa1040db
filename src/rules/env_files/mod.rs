//! What the env files say.

pub mod duplicate_redis_variable;
mod layers;
pub mod shadowed_redis_variable;
