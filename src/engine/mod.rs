//! What happens: a project is checked, fixed, verified and written. Each step hands the next one plain values; only `write` touches the
//! disk.

pub mod check;
pub mod complete;
pub mod fix;
pub mod folder;
mod overlays;
pub mod secrets;
mod unknown;
pub mod verify;
pub mod write;
