//! Where in a document something is, in words: `the service api`, or item 2 of `api.ports`. What an author has written is masked.

use crate::secret;
use std::fmt::{self, Display, Formatter};

/// A place in a document, seen from the value that is there.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Document,
    Key(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

/// The sections whose entries are called by what they are.
const SECTIONS: [(&str, &str); 6] = [
    ("services", "service"),
    ("networks", "network"),
    ("volumes", "volume"),
    ("secrets", "secret"),
    ("configs", "config"),
    ("models", "model"),
];

/// How much of a name is shown.
const MAX_SHOWN: usize = 60;

/// A name that an author has given, fit to be shown.
pub(super) fn shown(name: &str) -> String {
    let masked = secret::mask(name);
    let line: String = masked.chars().take(MAX_SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.len() < masked.len() { format!("{line}…") } else { line }
}

impl<'a> Place<'a> {
    pub(super) fn key(&'a self, key: &'a str) -> Self {
        Place::Key(self, key)
    }

    pub(super) fn item(&'a self, at: usize) -> Self {
        Place::Item(self, at)
    }

    /// The key of the value, if it has one.
    pub(super) fn last(&self) -> Option<&'a str> {
        match self {
            Place::Key(_, key) => Some(key),
            _ => None,
        }
    }

    /// The key of the list that the value is an item of.
    pub(super) fn list(&self) -> Option<&'a str> {
        match self {
            Place::Item(list, _) => list.last(),
            _ => None,
        }
    }

    /// Whether it is within a service.
    pub(super) fn is_in_service(&self) -> bool {
        matches!(self.steps().as_slice(), [Step::Key("services"), _, _, ..])
    }

    /// The place without an article; `None` for the whole document.
    pub(super) fn short(&self) -> Option<String> {
        match self.steps().as_slice() {
            [] => None,
            [Step::Key(section), Step::Key(name)] if singular(section).is_some() => Some(shown(name)),
            steps => Some(words(steps)),
        }
    }

    fn steps(&self) -> Vec<Step<'a>> {
        let mut steps = Vec::new();
        let mut at = *self;
        loop {
            match at {
                Place::Document => break,
                Place::Key(parent, key) => {
                    steps.push(Step::Key(key));
                    at = *parent;
                }
                Place::Item(parent, index) => {
                    steps.push(Step::Item(index));
                    at = *parent;
                }
            }
        }
        steps.reverse();
        steps
    }
}

impl Display for Place<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self.steps().as_slice() {
            [] => out.write_str("a compose file"),
            [Step::Key(section), Step::Key(name)] if singular(section).is_some() => {
                write!(out, "the {} {}", singular(section).unwrap_or_default(), shown(name))
            }
            steps => out.write_str(&words(steps)),
        }
    }
}

fn singular(section: &str) -> Option<&'static str> {
    SECTIONS.iter().find(|(plural, _)| *plural == section).map(|(_, singular)| *singular)
}

/// `api.ports`, item 2 of `api.ports`, `target` in item 2 of `api.ports`.
fn words(steps: &[Step]) -> String {
    let last_item = steps.iter().rposition(|step| matches!(step, Step::Item(_)));
    let Some(at) = last_item else { return format!("`{}`", dotted(steps)) };
    let Step::Item(index) = steps[at] else { return format!("`{}`", dotted(steps)) };
    let (list, rest) = (&steps[..at], &steps[at + 1..]);
    let item = format!("item {} of {}", index + 1, words(list));
    if rest.is_empty() { item } else { format!("`{}` in {item}", dotted(rest)) }
}

/// Services are named without their section.
fn dotted(steps: &[Step]) -> String {
    let steps = match steps {
        [Step::Key("services"), rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    let names: Vec<String> =
        steps.iter().filter_map(|step| if let Step::Key(key) = step { Some(shown(key)) } else { None }).collect();
    names.join(".")
}
