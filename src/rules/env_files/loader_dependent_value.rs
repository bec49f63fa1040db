//! The rule `loader-dependent-value`.

use super::lines::{self, Line};
use crate::compose::model::ProblemKind;
use crate::compose::value::{Home, Text};
use crate::diagnostic::{Applicability, Change, Finding, Label, Remedy, Severity, Subject, Touch};
use crate::redis::endpoints::{self, Reading};
use crate::redis::uses::may_use;
use crate::rules::context::Context;
use crate::rules::editor::{Edited, list};
use crate::syntax::dotenv::library::{self, Readings};
use crate::syntax::dotenv::{self, EnvLine, NewValue, Quote};
use crate::syntax::interpolate::{self, Piece};
use crate::text::source::display;
use crate::text::span::{FileId, Span};
use std::collections::HashMap;
use std::path::Path;

crate::declare_rule! {
    /// Flags a Redis variable in an env file whose value Compose and a dotenv library read differently.
    ///
    /// ## Why
    ///
    /// The same file feeds two readers: Compose, for the containers, and the dotenv library with which a program reads `.env` by itself,
    /// at a developer's desk or in a container that mounts the folder. They agree on plain values and part over `$`, quotes, backslashes
    /// and `#`. Then the password that the server was given is not the one that the program sends, or one of the two rejects the line.
    ///
    /// The library that it is compared with is dotenvy. It is quiet about lines that reach neither a Redis nor a service that may use one,
    /// about files in the raw format, and where it depends on the value of another variable whether there is a difference.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD}"]
    ///   api:
    ///     image: example/api:1.0
    ///     env_file: .env
    /// ```
    ///
    /// ```dotenv
    /// REDIS_PASSWORD=s3cret$$fixture
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD}"]
    ///   api:
    ///     image: example/api:1.0
    ///     env_file: .env
    /// ```
    ///
    /// ```dotenv
    /// REDIS_PASSWORD='s3cret$fixture'
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: it writes the value in a form in which both read what Compose reads today, so that nothing changes for the containers. There
    /// is none where Compose takes a comment for the value, for that is hardly meant, and where no form suits both.
    "loader-dependent-value", "env-files", Warning, Safe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let any_program = cx.project.services.values().any(|service| may_use(service, &cx.redis.servers));
    if cx.project.docs.envs.is_empty() || !any_program {
        return;
    }
    let fed = lines::fed(cx);
    let own = lines::of_connections(cx);
    let given = given(cx);
    for (file, doc) in cx.project.docs.envs.iter().filter(|(file, doc)| doc.error.is_none() && is_loaded(cx, **file, &given)) {
        // Of several lines of one name Compose takes the last.
        let last: HashMap<&str, usize> = doc.entries.iter().enumerate().map(|(line, entry)| (entry.key.as_str(), line)).collect();
        for (line, entry) in doc.entries.iter().enumerate().filter(|(line, entry)| last[entry.key.as_str()] == *line) {
            let at = (*file, line);
            let Some(services) = fed.get(&at).filter(|_| lines::is_redis(entry) || own.contains(&at)) else {
                continue;
            };
            if !is_rejected(cx, *file, entry)
                && let Some(readings) = library::readings(cx.project.docs.text(*file), entry).filter(Readings::differ)
            {
                out.push(finding(cx, at, entry, &readings, services));
            }
        }
    }
}

/// The files that services are given, and whether any takes them as they are (`format: raw`).
fn given(cx: &Context<'_>) -> HashMap<FileId, bool> {
    let mut out = HashMap::new();
    for entry in cx.project.services.values().flat_map(|service| &service.env_files) {
        let raw = entry.format.as_ref().is_some_and(|format| format.value == "raw");
        if let Some(file) = cx.project.docs.sources.find(Path::new(&entry.path.value)) {
            *out.entry(file).or_default() |= raw;
        }
    }
    out
}

/// Whether a dotenv library may be told to load the file: it bears the name that they look for, or a service is given it.
fn is_loaded(cx: &Context<'_>, file: FileId, given: &HashMap<FileId, bool>) -> bool {
    let name = cx.project.docs.sources.file(file).path.file_name().map(|name| name.to_string_lossy());
    let named = name.is_some_and(|name| name == ".env" || name.starts_with(".env."));
    given.get(&file).map_or(named, |raw| !raw)
}

/// Whether Compose stops at the line: `invalid-env-file` has told so.
fn is_rejected(cx: &Context<'_>, file: FileId, entry: &EnvLine) -> bool {
    let Some(value) = &entry.value else { return false };
    let whole = Span::new(file, entry.key_range.start..value.whole().end);
    cx.project.problems.iter().any(|problem| problem.kind == ProblemKind::Env && whole.contains(problem.span))
}

fn finding(cx: &Context<'_>, at: Line, entry: &EnvLine, readings: &Readings, services: &[&str]) -> Finding {
    let (file, _) = at;
    let span = entry.value.as_ref().map_or(entry.key_range.clone(), dotenv::EnvValue::whole);
    let cause = cause(cx.project.docs.text(file), entry);
    Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject: Subject::default().variable(&entry.key),
        message: format!("{}: {cause}", difference(&entry.key, readings)),
        why: format!("what {} by Compose is not what a program gets that loads the file itself", gets(services)),
        help: "put the value in single quotes, or write it without the characters that the two read differently".to_owned(),
        primary: Label::new(Span::new(file, span), "read in two ways"),
        related: Vec::new(),
        remedy: Remedy::offer(
            Applicability::Safe,
            format!("Write {} so that both read what Compose reads", entry.key),
            None,
            rewritten(cx, at, entry, readings),
        ),
    }
}

fn gets(services: &[&str]) -> String {
    format!("{} {} given", list(services), if services.len() == 1 { "is" } else { "are" })
}

/// What the two readers make of the line, without anything of it that may be secret.
fn difference(key: &str, readings: &Readings) -> String {
    let Some(library) = &readings.library else {
        return format!("a dotenv library rejects the line of {key}, which Compose reads");
    };
    let both = [&readings.compose, library];
    // With no userinfo in either, nothing of a password can stand where a host is read.
    if both.iter().all(|reading| !reading.contains('@'))
        && let [Some(ours), Some(theirs)] = both.map(|reading| shown(reading))
        && ours != theirs
    {
        return format!("Compose reads {key} as {ours}, and a dotenv library as {theirs}");
    }
    match (readings.compose.is_empty(), library.is_empty()) {
        (true, _) => format!("{key} is empty to Compose, and has a value to a dotenv library"),
        (_, true) => format!("{key} has a value to Compose, and is empty to a dotenv library"),
        _ => format!("a dotenv library reads another value of {key} than Compose does"),
    }
}

fn shown(reading: &str) -> Option<String> {
    let text = Text::literal(library::plain(reading), Home::Outside);
    match endpoints::from_url(&text) {
        Reading::One(endpoint) if endpoints::is_host(&endpoint.host.value) => Some(endpoint.shown(true)),
        _ => None,
    }
}

/// What makes the difference.
fn cause(text: &str, entry: &EnvLine) -> &'static str {
    let Some(value) = &entry.value else { return "the line has no value" };
    let raw = &text[value.content.clone()];
    let sign = text[entry.key_range.end..].trim_start().chars().next();
    let is_name = entry.key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    if sign == Some(':') {
        return "it wants `=` behind the name";
    }
    if !is_name || entry.key.starts_with(|first: char| first.is_ascii_digit()) {
        return "it does not take such a name";
    }
    if value.quote != Quote::None {
        let behind = text[value.whole().end..].lines().next().unwrap_or_default();
        return match (raw.contains('\\'), raw.contains('$')) {
            _ if !behind.trim().is_empty() && !behind.starts_with([' ', '\t']) => {
                "what stands behind the closing quote belongs to the value there"
            }
            (true, _) if value.quote == Quote::Single => "it knows no backslash inside single quotes",
            (_, true) => of_dollars(&value.template),
            _ => "it does not know such an escape",
        };
    }
    if holds_comment(raw) {
        return "what follows the `#` is part of the value to Compose, and a comment to the library";
    }
    if raw.contains('\\') {
        return "a backslash stands for itself to Compose, and begins an escape to the library";
    }
    if raw.contains(['"', '\'']) {
        return "a quote inside stands for itself to Compose, and quotes to the library";
    }
    if raw.contains([' ', '\t']) {
        return "a value with a blank needs quotes there";
    }
    of_dollars(&value.template)
}

/// What the library makes of a `$` that Compose takes otherwise.
fn of_dollars(template: &str) -> &'static str {
    let pieces = interpolate::parse(template).unwrap_or_default();
    if pieces.iter().any(|piece| matches!(piece, Piece::Dollar(_))) {
        return "a doubled `$` stands for one to Compose, and begins a variable to the library";
    }
    if pieces.iter().any(|piece| matches!(piece, Piece::Variable(variable) if variable.op.is_some())) {
        return "the library knows no defaults inside `${…}`";
    }
    let bare = |piece: &Piece| matches!(piece, Piece::Variable(v) if !template[v.range.clone()].starts_with("${"));
    if pieces.iter().any(bare) {
        return "the library does not take the name behind the `$` as far as Compose does";
    }
    "a `$` without a name stands for itself to Compose, and begins a variable to the library"
}

/// Whether a value without quotes holds what looks like a comment.
fn holds_comment(raw: &str) -> bool {
    raw.starts_with('#')
        || raw.match_indices('#').any(|(at, _)| {
            let blank = |c: char| c == ' ' || c == '\t';
            raw[..at].ends_with(blank) || raw[at + 1..].starts_with(blank)
        })
}

/// The line with its value in a form that both read as Compose reads it today.
fn rewritten(cx: &Context<'_>, (file, _): Line, entry: &EnvLine, readings: &Readings) -> Edited {
    let source = cx.project.docs.sources.file(file);
    let text = &source.text;
    if source.problem.is_some() {
        return Err(format!("{} is not plain UTF-8 and is not rewritten", display(&source.path)));
    }
    let value = entry.value.as_ref().ok_or("the line has no value")?;
    if value.quote == Quote::None && holds_comment(&text[value.content.clone()]) {
        return Err("the comment is part of the value to Compose; put it on a line of its own, or quote the value".to_owned());
    }
    if let Some(name) = missing_in(cx, entry, value) {
        return Err(format!(
            "Compose puts nothing in the place of ${name}, which has no value; if the `$` belongs to the value, put it in single quotes"
        ));
    }
    let braced;
    let new = if library::has_references(&readings.compose) {
        braced = with_braces(&value.template);
        NewValue::Expression(&braced)
    } else {
        NewValue::Literal(&readings.compose)
    };
    let edit = dotenv::replace_value(file, text, entry, new)?;
    // The lines of the statement alone: a long file is not read again for each of its values.
    let start = text[..entry.key_range.start].rfind('\n').map_or(0, |end| end + 1);
    let end = text[value.whole().end..].find('\n').map_or(text.len(), |end| value.whole().end + end + 1);
    let range = edit.span.range();
    let after = [&text[start..range.start], &edit.text, &text[range.end..end]].concat();
    let now = dotenv::parse(&after).entries.first().and_then(|entry| library::readings(&after, entry));
    if now.is_none_or(|now| now.differ() || now.compose != readings.compose) {
        return Err("there is no form that both read alike".to_owned());
    }
    Ok(Change { edits: vec![edit], new_files: Vec::new(), touches: vec![Touch { file, path: vec![entry.key.clone()] }] })
}

/// A variable in the value that has no value itself: what is cut off there was hardly meant to be.
fn missing_in(cx: &Context<'_>, entry: &EnvLine, value: &dotenv::EnvValue) -> Option<String> {
    let text = cx.project.environment.get(&entry.key).filter(|_| !value.is_literal())?;
    text.missing().first().map(|name| (*name).to_owned())
}

/// A template with `${NAME}` for `$NAME`.
fn with_braces(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    for piece in interpolate::parse(template).unwrap_or_default() {
        match piece {
            Piece::Variable(variable) if variable.op.is_none() => {
                out.push_str("${");
                out.push_str(&variable.name);
                out.push('}');
            }
            other => out.push_str(&template[other.range()]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;
    use crate::redis::Redis;
    use crate::redis::testing::project_of;
    use crate::rules::context::Memo;
    use crate::rules::ignores::Ignores;

    fn findings(env: &str) -> usize {
        let compose = "services: {redis: {image: 'redis:7'}, api: {image: x, env_file: .env}}\n";
        let project = project_of(&[("docker-compose.yml", compose), (".env", env)]);
        let (redis, layout, memo) = (Redis::read(&project), Layout::default(), Memo::default());
        let mut out = Vec::new();
        let ignores = Ignores::read(&project);
        check(&Context { project: &project, redis: &redis, layout: &layout, ignores: &ignores, memo: &memo }, &mut out);
        out.len()
    }

    #[test]
    fn what_compose_rejects_is_told_by_another_rule() {
        assert_eq!(findings("REDIS_PASSWORD=s3cret$$fixture\n"), 1);
        assert_eq!(findings("REDIS_PASSWORD=s3cret$$fixture\nREDIS_URL=\"redis://redis\n"), 0);
        assert_eq!(findings("REDIS_URL=redis://${HOST:?is needed}:6379\n"), 0);
    }
}
