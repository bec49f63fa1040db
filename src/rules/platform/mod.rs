//! What the platforms that run compose projects do differently from Compose alone.

pub mod coolify_stored_default;
pub mod dokploy_env_not_passed;
