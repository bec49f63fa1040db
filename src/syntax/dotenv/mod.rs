//! `.env` files as Compose reads them, with the place of every part, and edits of their values. Knows the notation; knows no
//! variables' values and does not interpolate.
//!
//! The dialect is compose-go's `dotenv/parser.go`, corners included, because Compose runs on them; the table in the tests was
//! checked against docker-compose 2.40.3. Error texts never hold what stands on the line.

pub mod library;
mod read;
#[cfg(test)]
mod vectors;
mod write;

use super::interpolate;
pub use read::{parse, parse_raw};
use std::ops::Range;
pub use write::{append_line, replace_value};

/// What a file says, up to the first error: Compose takes nothing from a file with one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvDoc {
    /// In the order of the file, doubles included (the last one counts).
    pub entries: Vec<EnvLine>,
    pub error: Option<EnvError>,
}

/// Why Compose rejects the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvError {
    pub range: Range<usize>,
    /// A sentence without any content of the line.
    pub message: String,
}

/// One variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvLine {
    /// May be empty: `=x`, or what follows a closing quote at the end of the file.
    pub key: String,
    pub key_range: Range<usize>,
    /// `None` for a bare name, which takes its value from the project's environment.
    pub value: Option<EnvValue>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    None,
    Single,
    Double,
}

/// A value as it is written and as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvValue {
    pub quote: Quote,
    /// The bytes inside the quotes; unquoted, without trailing comment and blanks.
    pub content: Range<usize>,
    /// Without quotes and escapes. Interpolated next, unless [`Self::is_literal`].
    pub template: String,
    literal: bool,
    runs: Vec<Run>,
}

/// Bytes of a template that stand in the file as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    template: usize,
    raw: usize,
    len: usize,
}

/// What a new value is to mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewValue<'a> {
    /// This text itself, whatever dollars it holds.
    Literal(&'a str),
    /// A template whose references Compose is to follow.
    Expression(&'a str),
}

impl EnvValue {
    /// Whether the template is the value: in single quotes, and everywhere in the raw format.
    pub fn is_literal(&self) -> bool {
        self.literal
    }

    /// Where these bytes of the template stand in the file, if they stand there as they are.
    pub fn raw_range(&self, template: Range<usize>) -> Option<Range<usize>> {
        if self.template.is_empty() && template.is_empty() {
            return Some(self.content.clone());
        }
        let run = self.runs[..self.runs.partition_point(|run| run.template <= template.start)].last()?;
        let shift = |at: usize| at - run.template + run.raw;
        (template.end <= run.template + run.len).then(|| shift(template.start)..shift(template.end))
    }

    /// The value with its quotes.
    pub fn whole(&self) -> Range<usize> {
        let quotes = usize::from(self.quote != Quote::None);
        self.content.start - quotes..self.content.end + quotes
    }

    fn verbatim(text: &str, content: Range<usize>, literal: bool) -> Self {
        let runs = vec![Run { template: 0, raw: content.start, len: content.len() }];
        Self { quote: Quote::None, template: text[content.clone()].to_owned(), content, literal, runs }
    }

    /// The text this value stands for, or `None` where a variable has its say.
    fn meaning(&self) -> Option<String> {
        if self.literal { Some(self.template.clone()) } else { interpolate::literal(&self.template) }
    }
}
