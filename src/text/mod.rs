//! Files as text: their bytes, places in them, and changes to them. Knows nothing of YAML, `.env` or Compose.

pub mod edit;
pub mod nearest;
pub mod source;
pub mod span;
