//! What is wrong with a project, gathered while it is read. A fault in which a variable without a value takes part is none for certain:
//! it becomes something unknown, with what would settle it.

use super::model::{Problem, ProblemKind};
use super::value::{Kind, Text, Value};
use crate::diagnostic::{Subject, Unknown};
use crate::text::span::Span;

/// What settles where a variable has no value.
pub const VALUE: &str = "a line in .env or a default in the compose file";

/// What settles where a file is not here.
pub const FILE: &str = "the file itself";

#[derive(Debug, Default)]
pub struct Faults {
    pub problems: Vec<Problem>,
    pub unknown: Vec<Unknown>,
}

impl Faults {
    /// A fault that Compose stops at.
    pub fn certain(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let (message, help) = (message.into(), help.into());
        self.problems.push(Problem { kind: ProblemKind::Compose, span, message, help });
    }

    /// A dependency on a service that does not run.
    pub fn inactive(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let (message, help) = (message.into(), help.into());
        self.problems.push(Problem { kind: ProblemKind::Inactive, span, message, help });
    }

    /// Something that the files refer to and do not define. Compose stops at it, unless another file brings it.
    pub fn dangling(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let (message, help) = (message.into(), help.into());
        self.problems.push(Problem { kind: ProblemKind::Dangling, span, message, help });
    }

    /// A fault of `value`, told at `span`.
    pub fn of(&mut self, value: &Value, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let missing = missing(value);
        if missing.is_empty() {
            self.certain(span, message, help);
        } else {
            self.open(span, &message.into(), &missing);
        }
    }

    /// A fault of `value`, told where it stands.
    pub fn at(&mut self, value: &Value, message: impl Into<String>, help: impl Into<String>) {
        self.of(value, value.span, message, help);
    }

    /// A fault of a single text.
    pub fn of_text(&mut self, text: &Text, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let missing: Vec<String> = text.missing().into_iter().map(str::to_owned).collect();
        if missing.is_empty() {
            self.certain(span, message, help);
        } else {
            self.open(span, &message.into(), &missing);
        }
    }

    fn open(&mut self, span: Span, message: &str, missing: &[String]) {
        let (names, verb) = match missing {
            [name] => (name.clone(), "has"),
            names => (names.join(" and "), "have"),
        };
        let reason = format!("{message}, as long as {names} {verb} no value in any file of the project");
        self.unknown(span, reason, VALUE);
    }

    /// Something that is not there, so that nothing certain can be said.
    pub fn unknown(&mut self, span: Span, reason: impl Into<String>, settled_by: &str) {
        let (reason, settled_by) = (reason.into(), settled_by.to_owned());
        self.unknown.push(Unknown { subject: Subject::default(), reason, settled_by, span: Some(span) });
    }
}

/// How many variables are named at most.
const MAX_NAMED: usize = 3;

/// How deep a value is searched for variables.
const MAX_DEPTH: usize = 6;

/// The variables without a value that take part in `value`, each once, the first few.
fn missing(value: &Value) -> Vec<String> {
    let mut names = Vec::new();
    collect(value, MAX_DEPTH, &mut names);
    names
}

fn collect(value: &Value, depth: usize, names: &mut Vec<String>) {
    match &value.kind {
        Kind::Null => {}
        Kind::Scalar(text, _) => {
            for name in text.missing() {
                if names.len() < MAX_NAMED && !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
        }
        _ if depth == 0 => {}
        Kind::Seq(items) => items.iter().for_each(|item| collect(item, depth - 1, names)),
        Kind::Map(entries) => entries.iter().for_each(|entry| collect(&entry.value, depth - 1, names)),
    }
}

/// What kind of thing a value is, for a sentence.
pub fn type_name(value: &Value) -> &'static str {
    use super::value::Type;
    match value.kind {
        Kind::Null => "nothing",
        Kind::Scalar(_, Type::Str) => "a text",
        Kind::Scalar(_, Type::Int | Type::Float) => "a number",
        Kind::Scalar(_, Type::Bool) => "true or false",
        Kind::Scalar(_, Type::Time) => "a date",
        Kind::Seq(_) => "a list",
        Kind::Map(_) => "a mapping",
    }
}
