//! The command line: which command, over which projects, and what the exit code is. Knows the other storeys; nobody knows it.

pub mod args;
mod changes;
mod check;
mod error;
mod graph;
mod migrate;
mod output;
mod resolve;
mod rules;
mod targets;

use args::{Args, Command};
use clap::Parser;
use error::Error;
use std::process::ExitCode;

/// What a command says at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings, or edits that would be made.
    Findings,
}

/// Runs the program with the words of the command line.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let result = match args.command {
        Command::Check(check) => check::run(&check),
        Command::Migrate(migrate) => migrate::run(&migrate),
        Command::Resolve(resolve) => resolve::run(&resolve),
        Command::Rollback(rollback) => migrate::rollback(&rollback),
        Command::Graph(graph) => graph::run(&graph),
        Command::Explain(explain) => rules::explain(&explain),
        Command::Rules(list) => rules::list(&list),
    };
    match result {
        // Whoever closes the pipe has seen enough.
        Ok(Status::Clean) | Err(Error::ClosedPipe) => ExitCode::SUCCESS,
        Ok(Status::Findings) => ExitCode::from(1),
        Err(error) => {
            output::complain(&error.to_string());
            ExitCode::from(2)
        }
    }
}
