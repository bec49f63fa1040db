//! Docker Compose: which files make a project, how they are read, and the model that comes of it. Knows what Compose knows, and has
//! never heard of Redis. In the model every value knows where it was written and through what it came.

pub mod bind;
pub mod discover;
pub mod examples;
pub mod faults;
pub mod forms;
pub mod fragments;
pub mod load;
pub mod model;
pub mod resolve;
pub mod search;
pub mod swarm;
pub mod trail;
pub mod value;
