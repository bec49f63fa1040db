//! Env files: whether what stands there is what arrives, and whether their examples tell the truth.

pub mod lines;
pub mod loader_dependent_value;
