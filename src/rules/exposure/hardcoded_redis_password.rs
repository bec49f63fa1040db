//! The rule `hardcoded-redis-password`.

use crate::compose::value::{Home, Site, Text};
use crate::diagnostic::{Applicability, Change, Finding, Label, Remedy, Severity, Subject, Touch};
use crate::redis::health::CLI_PASSWORD;
use crate::redis::passwords::{self, Spelling};
use crate::redis::servers::Setting;
use crate::redis::uses::Form;
use crate::redis::variables::Role;
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::rules::service::ignored_redis_password::ignored;
use crate::syntax::dotenv::{self, NewValue};
use crate::text::span::Span;
use std::path::PathBuf;

crate::declare_rule! {
    /// Flags a Redis password that stands in a compose file in plain text.
    ///
    /// ## Why
    ///
    /// A compose file is committed, copied into tickets and shown on screens; a password in it is known to everybody who has ever seen
    /// the repository, and changing it means a commit. Compose reads `${REDIS_PASSWORD}` from `.env`, which stays on the machine.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "s3cret-of-yesterday"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD:?set REDIS_PASSWORD in .env}"]
    /// ```
    ///
    /// ```dotenv
    /// REDIS_PASSWORD=s3cret-of-yesterday
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it moves the password to `.env` as `REDIS_PASSWORD`, in all places at once. It stays in the history of the repository, so
    /// change it afterwards. `migrate` leaves existing passwords alone.
    "hardcoded-redis-password", "exposure", Warning, Unsafe
}

/// The variable that a moved password gets.
const VARIABLE: &str = "REDIS_PASSWORD";

/// One place where a password is written out.
struct Place {
    text: Text,
    span: Span,
    service: String,
    encoded: bool,
}

impl Place {
    /// The password itself: in a URL it may be percent-encoded.
    fn plain(&self) -> String {
        passwords::plain(&self.text.value, if self.encoded { Spelling::InUrl } else { Spelling::Plain })
    }
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let mut passwords: Vec<Vec<Place>> = Vec::new();
    for place in places(cx) {
        match passwords.iter_mut().find(|there| there[0].plain() == place.plain()) {
            Some(there) if there.iter().any(|other| other.span == place.span) => {}
            Some(there) => there.push(place),
            None => passwords.push(vec![place]),
        }
    }
    for (at, places) in passwords.iter().enumerate() {
        out.push(finding(cx, places, at));
    }
}

/// Passwords of servers and of their clients that a compose file holds in plain text.
fn places(cx: &Context<'_>) -> Vec<Place> {
    let mut out = Vec::new();
    let mut add = |service: &str, text: &Text, encoded: bool| {
        if let Some(span) = written_out(cx, text) {
            out.push(Place { text: text.clone(), span, service: service.to_owned(), encoded });
        }
    };
    for server in &cx.redis.servers {
        if let Setting::Set(text) = &server.password {
            add(&server.service, text, false);
        }
        // Nothing reads it as yet; it is a password all the same.
        if let Some(ignored) = ignored(cx, server).filter(|ignored| !ignored.is_options()) {
            add(&server.service, ignored.text, false);
        }
        let for_client = cx.service(&server.service).environment.get(CLI_PASSWORD).and_then(|entry| entry.value.as_ref());
        if let Some(text) = for_client {
            add(&server.service, text, false);
        }
    }
    for usage in &cx.redis.uses {
        let in_url = usage.form != Form::Split;
        if let Some(password) = usage.endpoint.as_ref().and_then(|endpoint| endpoint.password.as_ref()).filter(|_| in_url) {
            add(&usage.service, password, true);
        }
        for part in usage.parts.iter().filter(|part| part.role == Role::Password) {
            add(&usage.service, &part.text, false);
        }
    }
    out
}

/// The span of a text that is a literal of a compose file; defaults in `${…:-…}` are meant to be overridden.
fn written_out(cx: &Context<'_>, text: &Text) -> Option<Span> {
    let literal = text.references().is_empty() && text.missing().is_empty() && text.is_literal();
    let known =
        !text.value.is_empty() && !text.value.contains('$') && !matches!(text.value.as_str(), "null" | "none" | "false" | "true");
    // A shell's quoting makes new text of what a reference gives.
    let literal = literal && cx.project.docs.template(text).is_none_or(|written| !written.contains('$'));
    let here = matches!((text.home(), text.site()), (Home::Yaml { .. }, Site::Yaml { .. }));
    (literal && known && here).then(|| cx.project.docs.span(&text.site())).flatten()
}

fn finding(cx: &Context<'_>, places: &[Place], ordinal: usize) -> Finding {
    let first = &places[0];
    let more = places[1..].iter().map(|place| Label::new(place.span, format!("and here, for {}", place.service)));
    let count = if places.len() == 1 { String::new() } else { format!(", in {} places", places.len()) };
    let is_placeholder = passwords::is_placeholder(&first.plain());
    let (message, why, label) = if is_placeholder {
        (
            format!("the Redis password of {} is still the placeholder of an example{count}", first.service),
            "whoever knows the example has it",
            "a placeholder for a password",
        )
    } else {
        (
            format!("the Redis password of {} stands in the compose file in plain text{count}", first.service),
            "whoever can read the repository, now or later, has it",
            "a password in plain text",
        )
    };
    let of_your_own = if is_placeholder { "a password of your own" } else { "it" };
    Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject: Subject::service(&first.service),
        message,
        why: why.to_owned(),
        help: format!("put {of_your_own} into .env and write ${{{VARIABLE}}} here"),
        primary: Label::new(first.span, label),
        related: more.collect(),
        remedy: Remedy::offer(
            Applicability::OnRequest,
            format!("Move the password to .env as {VARIABLE}"),
            Some("it stays in the history of the repository: change it, and keep .env out of git".to_owned()),
            if is_placeholder {
                Err("a placeholder protects nothing in .env either; choose a password first".to_owned())
            } else {
                change(cx, places, ordinal)
            },
        ),
    }
}

fn change(cx: &Context<'_>, places: &[Place], ordinal: usize) -> Edited {
    let password = places[0].text.value.as_str();
    let refers =
        cx.project.services.values().flat_map(|service| service.environment.values()).filter_map(|entry| entry.value.as_ref());
    let own = cx.redis.servers.iter().filter_map(|server| server.password.text());
    if refers.chain(own).any(|text| text.missing().contains(&VARIABLE)) {
        return Err(format!("{VARIABLE} is used already and has no value in any file; choose a name for this one"));
    }
    if ordinal > 0 || (cx.project.environment.contains_key(VARIABLE) && cx.project.environment[VARIABLE].value != password) {
        return Err(format!("{VARIABLE} is taken by another password; choose a name for this one"));
    }
    // `redis-auth-mismatch` takes it out where no server asks for it.
    let of_server = |place: &Place| cx.redis.server(&place.service).is_some();
    let is_open = |server: &str| cx.redis.server(server).is_some_and(|server| server.password.is_absent());
    let needless = |place: &Place| cx.redis.uses_of(&place.service).any(|usage| usage.target.server().is_some_and(is_open));
    if !places.iter().any(of_server) && places.iter().any(needless) {
        return Err("the server asks for no password: it can go altogether".to_owned());
    }
    // A connection that is led here next gets the password too, encoded for its URL.
    let in_url = places.iter().any(|place| place.encoded) || cx.redis.uses.iter().any(|usage| cx.is_astray(usage));
    if in_url && !password.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')) {
        return Err("the password needs encoding in one place and none in another; move it by hand".to_owned());
    }
    let mut change = Change::default();
    for place in places {
        change.join(cx.editor().set(&place.text.site(), &format!("${{{VARIABLE}}}"))?);
    }
    if cx.project.environment.contains_key(VARIABLE) {
        return Ok(change);
    }
    if let Some(&file) = cx.project.env_files.first() {
        cx.editor().may_hold_secret(file)?;
        let edit = dotenv::append_line(file, cx.project.docs.text(file), VARIABLE, NewValue::Literal(password));
        change.join(Change {
            edits: vec![edit],
            new_files: Vec::new(),
            touches: vec![Touch { file, path: vec![VARIABLE.to_owned()] }],
        });
    } else {
        let file = crate::text::span::FileId(0);
        let line = dotenv::append_line(file, "", VARIABLE, NewValue::Literal(password)).text;
        let text = if line.ends_with('\n') { line } else { format!("{line}\n") };
        change.new_files.push((PathBuf::from(".env"), text.trim_start_matches('\n').to_owned()));
    }
    Ok(change)
}
