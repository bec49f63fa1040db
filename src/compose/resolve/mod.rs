//! From syntax to the merged document, phase by phase in the order of compose-go's loader; each file is one phase. See
//! [`super::load`] for how they follow each other.

pub mod anchors;
pub mod canonical;
pub mod cast;
pub mod checks;
pub mod env_files;
pub mod environment;
pub mod extends;
pub mod include;
pub mod interpolate;
pub mod merge;
pub mod normalize;
pub mod paths;
pub mod profiles;
pub mod reset;
#[cfg(test)]
mod testing;
pub mod tree;
pub mod unique;
