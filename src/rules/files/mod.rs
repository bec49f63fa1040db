//! The files themselves: what Compose cannot read.

pub mod invalid_compose_file;
pub mod invalid_env_file;
pub mod missing_env_file;
pub mod unused_ignore;
