//! Finds and mends what breaks Redis connections in Docker Compose projects.
//!
//! The house has storeys, and imports go down only (`tests/architecture.rs` holds that):
//!
//! ```text
//! 6  cli                        words in, exit code out
//! 5  report                     faces of the same Report
//! 4  engine                     check, fix, verify, plan, write: what happens
//! 3  rules                      where "is" meets "ought"
//! 2  redis  layout  platform    the project as servers and users of Redis; what ought to be; who runs it
//! 1  compose  diagnostic        the project as Compose runs it; findings
//! 0  text  syntax  secret       files, notations, what must not be shown
//! ```

pub mod cli;
pub mod compose;
pub mod diagnostic;
pub mod engine;
pub mod layout;
pub mod platform;
pub mod redis;
pub mod report;
pub mod rules;
pub mod secret;
pub mod syntax;
pub mod text;
