//! Env files: whether what stands there is what arrives, and whether their examples tell the truth.

pub mod duplicate_redis_variable;
pub mod env_example_drift;
mod layers;
pub mod lines;
pub mod loader_dependent_value;
pub mod placeholder;
pub mod shadowed_redis_variable;
