//! From syntax to model, in the order in which Compose does it: interpolation and anchors make values, values become the canonical
//! form of each key, and the layers of several files are merged.

pub mod anchors;
pub mod canonical;
pub mod environment;
pub mod interpolate;
pub mod merge;
pub mod scalars;
pub mod validate;
