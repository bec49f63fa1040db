//! The way of a value, from the place where it is written to the service that is given it: variables, env files, anchors, `extends`.

use super::model::{Documents, Project, Service};
use super::value::{Home, Site, Text, Value};
use crate::text::span::Span;

/// One place that a value stands at or passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `None`: no file says it, Compose or its caller does.
    pub span: Option<Span>,
    pub by: By,
}

/// What a value does at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// It is written there.
    Value,
    /// It is the default of a variable, with the operator: `${NAME:-…}`.
    Default {
        name: String,
        operator: &'static str,
    },
    /// These variables bring it.
    References(Vec<String>),
    /// Variables are named that have no value.
    Unset(Vec<String>),
    /// A bare name in `environment` or an env file passes the variable on.
    Name(String),
    /// The entry of `env_file` that hands the whole file over.
    EnvFile,
    /// `<<`, with the anchor where it names one.
    Merge(Option<String>),
    /// An alias, by the name of its anchor.
    Alias(String),
    Extends,
}

impl By {
    /// What stands at the place, short; nothing where the value itself does.
    pub fn sign(&self) -> Option<String> {
        Some(match self {
            Self::Value => return None,
            Self::Default { name, operator } => format!("${{{name}{operator}…}}"),
            Self::References(names) | Self::Unset(names) => {
                names.iter().map(|name| format!("${{{name}}}")).collect::<Vec<_>>().join(" ")
            }
            Self::Name(name) => name.clone(),
            Self::EnvFile => "env_file".to_owned(),
            Self::Merge(Some(anchor)) => format!("<<: *{anchor}"),
            Self::Merge(None) => "<<".to_owned(),
            Self::Alias(anchor) => format!("*{anchor}"),
            Self::Extends => "extends".to_owned(),
        })
    }

    /// A value of its own, which the step before does not lead to.
    pub fn is_source(&self) -> bool {
        matches!(self, Self::Value | Self::Default { .. } | Self::Unset(_))
    }
}

/// From the innermost place of a text to its own.
pub fn of_text(docs: &Documents, text: &Text) -> Vec<Step> {
    let references = text.references();
    let mut homes: Vec<Home> = Vec::new();
    for home in text.homes() {
        if !homes.contains(&home) {
            homes.push(home);
        }
    }
    let innermost = text.site();
    let mut steps: Vec<Step> = Vec::new();
    // Where the run of sources at the end starts: they are found last to first.
    let mut run = 0;
    for &home in homes.iter().rev() {
        let here: Vec<_> = references.iter().filter(|reference| home_of(&reference.at) == home).collect();
        if let Some(first) = here.first() {
            steps[run..].reverse();
            let names = here.iter().map(|reference| reference.name.to_owned()).collect();
            steps.push(Step { span: docs.span(&first.at), by: By::References(names) });
            run = steps.len();
        } else {
            let site = if home_of(&innermost) == home { innermost.clone() } else { start_of(home) };
            let span = docs.span(&site);
            let missing: Vec<String> = text.missing().into_iter().map(str::to_owned).collect();
            let by = if missing.is_empty() { span.map_or(By::Value, |span| source(docs, span)) } else { By::Unset(missing) };
            steps.push(Step { span, by });
        }
    }
    steps[run..].reverse();
    steps
}

fn home_of(site: &Site) -> Home {
    match site {
        Site::Yaml { file, node, .. } => Home::Yaml { file: *file, node: *node },
        Site::Env { file, line, .. } => Home::Env { file: *file, line: *line },
        Site::Outside => Home::Outside,
    }
}

fn start_of(home: Home) -> Site {
    match home {
        Home::Yaml { file, node } => Site::Yaml { file, node, cooked: 0..0 },
        Home::Env { file, line } => Site::Env { file, line, template: 0..0 },
        Home::Outside => Site::Outside,
    }
}

/// What kind of source a place is, by what stands around it.
fn source(docs: &Documents, span: Span) -> By {
    let text = docs.text(span.file);
    let before = &text[..span.start as usize];
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let found = opened(line).and_then(variable).and_then(|(name, rest)| Some((name, operator(rest)?)));
    found.map_or(By::Value, |(name, operator)| By::Default { name: name.to_owned(), operator })
}

/// What stands behind the last `$` whose brace is still open at the end of a line's beginning.
fn opened(line: &str) -> Option<&str> {
    let mut closed = 0_usize;
    for (at, c) in line.char_indices().rev() {
        match c {
            '}' => closed += 1,
            '{' if closed > 0 => closed -= 1,
            '{' if line[..at].ends_with('$') => return Some(&line[at..]),
            _ => {}
        }
    }
    None
}

/// The name at the start of what follows a `$`, and what stands behind it.
fn variable(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('{').unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn operator(rest: &str) -> Option<&'static str> {
    [":-", ":+", "-", "+"].into_iter().find(|operator| rest.starts_with(operator))
}

/// The aliases, merge keys and `extends` by which what stands at `place` becomes the service's own.
pub fn into_service(project: &Project, service: &Service, place: Span, steps: &mut Vec<Step>) {
    let holding = service.layers.iter().enumerate().rev().find_map(|(at, layer)| {
        let entry = layer.value.entries().iter().find(|entry| holds(&entry.value, place))?;
        Some((at, entry))
    });
    let Some((mut at, entry)) = holding else { return };
    let merge = |span: Span| Step { span: Some(span), by: By::Merge(alias_behind(&project.docs, span)) };
    let inner = entry.value.entries().iter().find(|inner| inner.key_span == place).and_then(|inner| inner.merged);
    steps.extend(inner.map(merge));
    steps.extend(alias(&project.docs, entry.key_span));
    steps.extend(entry.merged.map(merge));
    steps.extend(alias(&project.docs, service.layers[at].key_span));
    while service.layers[at].inherited {
        let next = (at + 1..service.layers.len()).find(|&next| service.layers[next].value.entry("extends").is_some());
        let Some(next) = next else { return };
        at = next;
        let extends = service.layers[at].value.entry("extends").map(|entry| entry.key_span);
        steps.push(Step { span: extends, by: By::Extends });
    }
}

fn holds(value: &Value, place: Span) -> bool {
    value.span.contains(place) || value.entries().iter().any(|entry| entry.key_span == place)
}

fn alias(docs: &Documents, key: Span) -> Option<Step> {
    alias_behind(docs, key).map(|name| Step { span: Some(key), by: By::Alias(name) })
}

/// The anchor that `key: *anchor` names.
fn alias_behind(docs: &Documents, key: Span) -> Option<String> {
    let rest = docs.text(key.file).get(key.end as usize..)?.trim_start_matches([' ', '\t']);
    let rest = rest.strip_prefix(':')?.trim_start_matches([' ', '\t']).strip_prefix('*')?;
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}' | '{' | '[')).unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}
