//! The rule `env-example-drift`.

use super::lines;
use super::placeholder;
use crate::compose::model::Example;
use crate::compose::value::{Home, Site, Text};
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::platform;
use crate::redis::variables::{self, Role};
use crate::rules::context::Context;
use crate::rules::editor::list;
use crate::syntax::dotenv::EnvLine;
use crate::syntax::interpolate::{self, Op, Piece};
use crate::syntax::url;
use crate::text::source::display;
use crate::text::span::{FileId, Span};
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

crate::declare_rule! {
    /// Flags an example of an env file (`.env.example` and the like) that lacks a Redis variable, or holds a real Redis password.
    ///
    /// ## Why
    ///
    /// Who sets the project up copies the example. What it lacks is empty afterwards: Compose warns, starts everything, and the program
    /// is left with a URL without a host or without a password. And an example is committed: a password in it is known to all who can
    /// read the repository, which is an error.
    ///
    /// A variable counts that the compose file takes from the env file for Redis and gives no default; one that the example holds as a
    /// comment is there. A password counts as real only if it looks generated, or stands in the env file as well; `changeme`,
    /// `<password>` and the like are what examples are for.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: ${REDIS_URL}
    /// ```
    ///
    /// ```dotenv
    /// LOG_LEVEL=info
    /// REDIS_URL=redis://redis:6379/0
    /// ```
    ///
    /// ```dotenv .env.example
    /// LOG_LEVEL=info
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: ${REDIS_URL}
    /// ```
    ///
    /// ```dotenv
    /// LOG_LEVEL=info
    /// REDIS_URL=redis://redis:6379/0
    /// ```
    ///
    /// ```dotenv .env.example
    /// LOG_LEVEL=info
    /// REDIS_URL=redis://redis:6379/0
    /// ```
    ///
    /// ## Fix
    ///
    /// None: what an example ought to say is for its author to decide, and a password that was committed must be changed, not deleted.
    "env-example-drift", "env-files", Error, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let mut seen: BTreeSet<&Path> = BTreeSet::new();
    for example in &cx.project.examples {
        out.extend(secrets(cx, example));
        // Of several examples of one file, each is enough.
        if seen.insert(&example.of) {
            let all: Vec<&Example> = cx.project.examples.iter().filter(|other| other.of == example.of).collect();
            out.extend(lacking(cx, &all));
        }
    }
}

/// Where a variable is needed, by its name.
type Needed = BTreeMap<String, Span>;

fn lacking(cx: &Context<'_>, examples: &[&Example]) -> Option<Finding> {
    let first = examples[0];
    let needed = needed(cx, &first.of);
    if needed.is_empty() {
        return None;
    }
    let has: BTreeSet<&str> = examples.iter().flat_map(|example| mentioned(cx.project.docs.text(example.file))).collect();
    let lacks: Vec<(&String, &Span)> = needed.iter().filter(|(name, _)| !has.contains(name.as_str())).collect();
    let names: Vec<&str> = lacks.iter().map(|(name, _)| name.as_str()).collect();
    let (subject, it) = match names.as_slice() {
        [] => return None,
        [name] => (Subject::default().variable(name), "it"),
        _ => (Subject::default(), "them"),
    };
    let path = display(&cx.project.docs.sources.file(first.file).path);
    let related = lacks.iter().map(|(name, span)| Label::new(**span, format!("{name} is needed here")));
    Some(Finding {
        rule: META.name,
        severity: Severity::Info,
        subject,
        message: format!("{path} lacks {}, which the compose file takes from {} for Redis", list(&names), display(&first.of)),
        why: format!("who copies it to {} starts the project without {it}, and gets empty values", display(&first.of)),
        help: format!("add {it} to {path}, with a value that works or a placeholder"),
        primary: Label::new(Span::point(first.file, 0), ""),
        related: related.collect(),
        remedy: Remedy::Manual,
    })
}

/// The names of the variables that the lines of a text set, be it as a comment.
fn mentioned(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim_start_matches(['\u{feff}', '#', ' ', '\t', ';']);
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let end = line.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '-')).unwrap_or(line.len());
        let rest = line[end..].trim_start();
        (rest.is_empty() || rest.starts_with(['=', ':'])).then_some(&line[..end])
    })
}

/// The texts that connections and servers are made of, each with its variable, if it has one, and a place.
fn settings<'a>(cx: &Context<'a>) -> impl Iterator<Item = (&'a str, &'a Text, Span)> {
    let of_uses = cx.redis.uses.iter().flat_map(|usage| {
        let parts = usage.parts.iter().map(|part| (part.variable.as_str(), &part.text));
        parts
            .chain([(usage.variable.as_deref().unwrap_or_default(), &usage.text)])
            .map(|(name, text)| (name, text, usage.key_span))
    });
    let of_servers = cx.redis.servers.iter().flat_map(|server| {
        let flags = server.flags.iter().flat_map(|flag| &flag.values);
        flags.map(|text| ("", text, server.span))
    });
    of_uses.chain(of_servers)
}

/// The variables that the project's Redis settings take from one env file, or would take from it if it were there.
fn needed(cx: &Context<'_>, of: &Path) -> Needed {
    let mut needed = Needed::new();
    let file = cx.project.docs.sources.find(of);
    let feeds_project = match (file, cx.project.env_files.as_slice()) {
        (Some(file), [_, ..]) => cx.project.env_files.contains(&file),
        (None, []) => of == Path::new(".env"),
        _ => false,
    };
    // Names that stand alone in the environment of a service, and that nothing gives a value.
    let environments = cx.project.services.values().flat_map(|service| &service.environment);
    let bare: BTreeSet<&str> = environments.filter(|(_, entry)| entry.value.is_none()).map(|(name, _)| name.as_str()).collect();
    for (variable, text, span) in settings(cx) {
        if feeds_project {
            for (name, at) in asked(cx, text) {
                if comes_from(cx, text, &name, file) {
                    needed.entry(name).or_insert(at);
                }
            }
        }
        // A line of the file that a service is given: whole, or by its bare name.
        if let Home::Env { file: home, line } = text.home()
            && Some(home) == file
            && let Some(entry) = cx.project.docs.env(home).and_then(|doc| doc.entries.get(line))
        {
            needed.entry(entry.key.clone()).or_insert(span);
        } else if feeds_project && text.home() == Home::Outside && bare.contains(variable) {
            needed.entry(variable.to_owned()).or_insert(span);
        }
    }
    needed.retain(|name, _| !platform::is_coolify_variable(name));
    needed
}

/// The variables without a default that a text of a compose file refers to, and where.
fn asked(cx: &Context<'_>, text: &Text) -> Vec<(String, Span)> {
    let (Some(template), Site::Yaml { file, node, cooked }) = (cx.project.docs.template(text), text.written()) else {
        return Vec::new();
    };
    let one = |piece: Piece| {
        let Piece::Variable(variable) = piece else { return None };
        let is_needed = matches!(variable.op, None | Some((Op::RequiredNonEmpty | Op::RequiredSet, _)));
        let range = cooked.start + variable.range.start..cooked.start + variable.range.end;
        let span = cx.project.docs.span(&Site::Yaml { file, node, cooked: range })?;
        is_needed.then_some((variable.name, span))
    };
    interpolate::parse(template).unwrap_or_default().into_iter().filter_map(one).collect()
}

/// Whether a variable that a text refers to has its value from `file`, or none at all.
fn comes_from(cx: &Context<'_>, text: &Text, name: &str, file: Option<FileId>) -> bool {
    if text.missing().contains(&name) {
        return true;
    }
    let value = cx.project.environment.get(name).map(|text| text.home());
    matches!(value, Some(Home::Env { file: home, .. }) if Some(home) == file)
}

/// One password of an example: whether the env file holds it too, and the lines of the example that do.
#[derive(Default)]
struct Secret<'a> {
    is_shared: bool,
    places: Vec<(&'a str, Span)>,
}

/// Real Redis passwords of an example.
fn secrets<'a>(cx: &Context<'a>, example: &'a Example) -> Vec<Finding> {
    let real = cx.project.docs.sources.find(&example.of).and_then(|file| cx.project.docs.env(file));
    let passwords = real.iter().flat_map(|doc| &doc.entries).filter_map(|line| Some((line.key.as_str(), password_of(line)?.0)));
    let in_use: BTreeSet<(&str, String)> = passwords.collect();
    let mut found: IndexMap<String, Secret<'_>> = IndexMap::new();
    for line in example.doc.entries.iter().filter(|line| lines::is_redis(line)) {
        let Some((password, range)) = password_of(line) else { continue };
        let is_shared = placeholder::is_shared_secret(&password) && in_use.contains(&(line.key.as_str(), password.clone()));
        if !is_shared && !placeholder::looks_real(&password) {
            continue;
        }
        let raw = line.value.as_ref().and_then(|value| value.raw_range(range)).unwrap_or_else(|| line.key_range.clone());
        let place = (line.key.as_str(), Span::new(example.file, raw));
        let secret = found.entry(password).or_default();
        secret.is_shared |= is_shared;
        secret.places.push(place);
    }
    found.values().map(|secret| real_password(cx, example, secret)).collect()
}

fn real_password(cx: &Context<'_>, example: &Example, secret: &Secret<'_>) -> Finding {
    let path = display(&cx.project.docs.sources.file(example.file).path);
    let what = if secret.is_shared {
        format!("the password that {} uses", display(&example.of))
    } else {
        "what looks like a generated password".to_owned()
    };
    let names: Vec<&str> = secret.places.iter().map(|(name, _)| *name).collect();
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::default().variable(names[0]),
        message: format!("{path} holds {what}, in {}", list(&names)),
        why: "an example is committed, so everybody who can read the repository has the password".to_owned(),
        help: "write a placeholder there, such as `changeme`, and change the password wherever it is in use".to_owned(),
        primary: Label::new(secret.places[0].1, "a password"),
        related: secret.places[1..].iter().map(|(_, span)| Label::new(*span, "the same here")).collect(),
        remedy: Remedy::Manual,
    }
}

/// The password that a line sets, by the role of its name or in a URL, and where it stands in the value.
fn password_of(line: &EnvLine) -> Option<(String, std::ops::Range<usize>)> {
    let template = &line.value.as_ref()?.template;
    let range = match url::parse(template) {
        Some(url) => url.password?,
        None if variables::read(&line.key)?.role == Role::Password => 0..template.len(),
        None => return None,
    };
    Some((template[range.clone()].to_owned(), range))
}
