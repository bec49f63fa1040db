//! The notations: YAML, `.env` files, `${…}` interpolation, Redis URLs. Each is read with byte positions and written by byte-range
//! edits; none knows what Compose or Redis mean by it.

pub mod dotenv;
pub mod interpolate;
pub mod reach;
pub mod url;
pub mod yaml;
pub mod yaml_edit;
