//! Env files: whether what stands there is what arrives, and whether their examples tell the truth.

pub mod env_example_drift;
pub mod lines;
pub mod loader_dependent_value;
pub mod placeholder;
