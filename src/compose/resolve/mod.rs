//! From syntax to the merged document, phase by phase in the order of compose-go's loader; each file is one phase. See
//! [`super::load`] for how they follow each other.

pub mod anchors;
pub mod canonical;
pub mod cast;
pub mod consistency;
pub mod env_files;
pub mod environment;
pub mod extends;
pub mod include;
pub mod interpolate;
pub mod merge;
pub mod mounts;
pub mod normalize;
pub mod paths;
pub mod ports;
pub mod profiles;
pub mod reset;
pub mod resources;
pub mod scalars;
pub mod schema;
#[cfg(test)]
mod testing;
pub mod tree;
pub mod unique;
pub mod words;
