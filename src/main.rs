//! The program: words in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    cachelint::cli::main()
}
