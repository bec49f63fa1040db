//! What Compose rejects, phase by phase: the schema of each merged document, the rules for volumes and secrets, and at the end whether
//! the project holds together.

pub mod consistency;
pub mod resources;
pub mod schema;
