//! Standard output and error, and what the terminal can show.

use super::args::Color;
use super::error::Error;
use crate::report::Style;
use std::io::{IsTerminal, Write, stderr, stdout};

/// Columns where the output is no terminal.
const PLAIN_WIDTH: usize = 120;

pub(super) fn print(text: &str) -> Result<(), Error> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Says on standard error why the program could not run.
pub(super) fn complain(sentence: &str) {
    // Nothing is left to do if that fails too.
    let _ = writeln!(stderr().lock(), "cachelint: {sentence}");
}

pub(super) fn note(sentence: &str) {
    let _ = writeln!(stderr().lock(), "{sentence}");
}

pub(super) fn style(color: Color, verbose: bool, quiet: bool) -> Style {
    let terminal = stdout().is_terminal();
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    let width = if terminal {
        terminal_size::terminal_size().map_or(PLAIN_WIDTH, |(width, _)| usize::from(width.0))
    } else {
        PLAIN_WIDTH
    };
    Style { color, width: width.clamp(40, 160), verbose, quiet }
}
