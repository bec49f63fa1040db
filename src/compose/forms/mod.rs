//! How single values are written: ports, mounts, commands, numbers, amounts. Knows the notations; knows no document.

pub mod mounts;
pub mod ports;
pub mod scalars;
pub mod units;
pub mod words;
