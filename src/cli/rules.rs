//! `explain` and `rules`: what the rules say of themselves.

use super::args::{Explain, ListFormat, Rules};
use super::error::Error;
use super::{Status, output};
use crate::rules::{self, Meta, RULES};
use serde::Serialize;

pub(super) fn explain(args: &Explain) -> Result<Status, Error> {
    let Some(rule) = rules::find(&args.rule) else {
        return Err(unknown_rule(&args.rule));
    };
    let meta = rule.meta;
    let head = format!("{} · {} · {} · fix: {}\n\n", meta.name, meta.group, meta.severity.name(), meta.fix.name());
    output::print(&format!("{head}{}\n", meta.text().trim()))?;
    Ok(Status::Clean)
}

/// A sentence for a word that is no rule.
pub(super) fn unknown_rule(word: &str) -> Error {
    let hint =
        rules::nearest(word).map_or_else(|| "`cachelint rules` lists them".to_owned(), |name| format!("did you mean {name}?"));
    Error::Usage(format!("there is no rule {word}; {hint}"))
}

#[derive(Serialize)]
struct Listed {
    name: &'static str,
    group: &'static str,
    severity: &'static str,
    fix: &'static str,
    summary: String,
}

impl Listed {
    fn of(meta: &Meta) -> Self {
        Self { name: meta.name, group: meta.group, severity: meta.severity.name(), fix: meta.fix.name(), summary: meta.summary() }
    }
}

/// The summary as the end of "flags …".
fn flagged(summary: &str) -> &str {
    summary.strip_prefix("Flags ").unwrap_or(summary).trim_end_matches('.')
}

pub(super) fn list(args: &Rules) -> Result<Status, Error> {
    let listed: Vec<Listed> = RULES.iter().map(|rule| Listed::of(rule.meta)).collect();
    let text = match args.format {
        ListFormat::Json => serde_json::to_string_pretty(&listed).expect("plain strings are always JSON") + "\n",
        ListFormat::Text => {
            let width = listed.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
            let line = |rule: &Listed| {
                format!(
                    "{:width$}  {:10}  {:7}  {:6}  {}\n",
                    rule.name,
                    rule.group,
                    rule.severity,
                    rule.fix,
                    flagged(&rule.summary)
                )
            };
            format!("{:width$}  {:10}  {:7}  {:6}  flags\n", "rule", "group", "gravest", "fix")
                + &listed.iter().map(line).collect::<String>()
        }
    };
    output::print(&text)?;
    Ok(Status::Clean)
}
