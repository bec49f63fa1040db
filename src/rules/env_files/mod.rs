//! What the env files say.

pub mod duplicate_redis_variable;
