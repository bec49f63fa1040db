//! The rule `duplicate-redis-variable`.

use crate::compose::value::{Home, Text};
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::settings;
use crate::rules::context::Context;
use crate::rules::editor::list;
use crate::text::span::Span;
use indexmap::IndexMap;
use std::collections::BTreeSet;

crate::declare_rule! {
    /// Flags a Redis variable that is set twice in one env file, or in one `environment` list.
    ///
    /// ## Why
    ///
    /// Compose takes the last of them, and says nothing. Some libraries that load an env file by themselves take the first (dotenvy is
    /// one): the same file then leads two programs to two servers. And who changes the first line changes nothing.
    ///
    /// ## Bad
    ///
    /// ```dotenv
    /// REDIS_URL=redis://redis:6379/0
    /// LOG_LEVEL=info
    /// REDIS_URL=redis://redis:6379/1
    /// ```
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   api:
    ///     image: example/api:1.0
    ///     env_file: .env
    /// ```
    ///
    /// ## Good
    ///
    /// ```dotenv
    /// REDIS_URL=redis://redis:6379/1
    /// LOG_LEVEL=info
    /// ```
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    ///   api:
    ///     image: example/api:1.0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    ///     env_file: .env
    /// ```
    ///
    /// ## Fix
    ///
    /// None: which of the lines is meant is for a person to say.
    "duplicate-redis-variable", "env-files", Warning, None
}

/// The lines of one key: where each stands and what it says.
type Lines = Vec<(Span, Text)>;

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let in_use: BTreeSet<&str> = cx.redis.uses.iter().filter_map(|usage| usage.variable.as_deref()).collect();
    let is_own =
        |name: &str, lines: &Lines| in_use.contains(name) || lines.iter().any(|(_, text)| settings::is_setting(name, text));
    let mut report = |subject: &Subject, keys: IndexMap<String, Lines>| {
        for (name, lines) in keys {
            if lines.len() > 1 && is_own(&name, &lines) {
                out.push(finding(cx, subject.clone().variable(&name), &name, &lines));
            }
        }
    };
    for (&file, doc) in cx.project.docs.envs.iter().filter(|(_, doc)| doc.error.is_none()) {
        let mut keys: IndexMap<String, Lines> = IndexMap::new();
        for (line, entry) in doc.entries.iter().enumerate() {
            let Some(value) = &entry.value else { continue };
            let text = Text::literal(value.template.as_str(), Home::Env { file, line });
            keys.entry(entry.key.clone()).or_default().push((Span::new(file, entry.key_range.clone()), text));
        }
        report(&Subject::default(), keys);
    }
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    for service in cx.project.services.values() {
        for layer in service.layers.iter().filter(|layer| !layer.inherited) {
            let Some(list) = layer.value.get("environment").filter(|list| list.is_seq() && seen.insert(list.span)) else {
                continue;
            };
            let mut keys: IndexMap<String, Lines> = IndexMap::new();
            for item in list.items() {
                let Some(text) = item.text() else { continue };
                let Some((key, _)) = text.value.split_once('=') else { continue };
                let value = text.slice(key.len() + 1..text.value.len());
                keys.entry(key.to_owned()).or_default().push((item.span, value));
            }
            report(&Subject::service(&service.name), keys);
        }
    }
}

fn finding(cx: &Context<'_>, subject: Subject, name: &str, lines: &Lines) -> Finding {
    let (last, earlier) = lines.split_last().expect("there are two at least");
    let times = if lines.len() == 2 { "twice".to_owned() } else { format!("{} times", lines.len()) };
    let is_same = earlier.iter().all(|(_, text)| text.value == last.1.value);
    // Values that look the same, once their passwords are masked, tell nothing.
    let looks: BTreeSet<Option<String>> = lines.iter().map(|(_, text)| settings::shown(name, text)).collect();
    let said = |(span, text): &(Span, Text)| match settings::shown(name, text).filter(|_| looks.len() > 1) {
        Some(shown) => format!("{shown} in {}", cx.place(*span)),
        None => cx.place(*span),
    };
    let places = list(&lines.iter().map(said).collect::<Vec<_>>());
    let values = if is_same { "each time to the same value" } else { "and the last one counts" };
    let why = if is_same {
        "who changes the first line changes nothing"
    } else {
        "Compose takes the last line; who reads or changes the first one, and some dotenv libraries, see another Redis"
    };
    Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject,
        message: format!("{name} is set {times} ({places}), {values}"),
        why: why.to_owned(),
        help: "remove the lines that are not meant".to_owned(),
        primary: Label::new(last.0, "this one counts"),
        related: earlier.iter().map(|(span, _)| Label::new(*span, "this one does not")).collect(),
        remedy: Remedy::Manual,
    }
}
