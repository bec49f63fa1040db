//! The rule `dokploy-env-not-passed`.

use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::platform::{self, Platform, Sign};
use crate::redis::once;
use crate::redis::uses::may_use;
use crate::rules::context::Context;
use crate::rules::editor::list;
use crate::rules::env_files::lines;
use crate::syntax::dotenv::EnvLine;
use crate::text::source::display;
use crate::text::span::{FileId, Span};

crate::declare_rule! {
    /// Flags Redis variables of the platform that no service is given, in a project for Dokploy.
    ///
    /// ## Why
    ///
    /// Dokploy writes the variables that are set in its interface to `.env` beside the compose file. Compose fills in `${NAME}` from
    /// there, and no more: a container gets a variable only by `env_file: .env`, by `${NAME}` or by its bare name under `environment`.
    /// Without one of them the program runs with its own default, mostly a Redis on localhost.
    ///
    /// Dokploy is recognised by its network, `dokploy-network`.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   api:
    ///     image: example/api:1.0
    ///     networks: [default, dokploy-network]
    /// networks:
    ///   dokploy-network:
    ///     external: true
    /// ```
    ///
    /// ```dotenv
    /// REDIS_URL=redis://redis:6379/0
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: ${REDIS_URL}
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    ///     networks: [default, dokploy-network]
    /// networks:
    ///   dokploy-network:
    ///     external: true
    /// ```
    ///
    /// ```dotenv
    /// REDIS_URL=redis://redis:6379/0
    /// ```
    ///
    /// ## Fix
    ///
    /// None: which service is to get the variable is not known.
    "dokploy-env-not-passed", "platform", Warning, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let Some(&file) = cx.project.env_files.first() else { return };
    // An overlay or a fragment may pass on what these files do not.
    let whole = !cx.project.incomplete && cx.project.services.values().any(|service| may_use(service, &cx.redis.servers));
    let lost: Vec<&EnvLine> = if whole { lost(cx, file) } else { Vec::new() };
    if lost.is_empty() {
        return;
    }
    if let Some(sign) = platform::of(cx.project).filter(|sign| sign.platform == Platform::Dokploy) {
        out.push(finding(cx, file, &lost, &sign));
    }
}

/// The Redis variables of the env file that nothing refers to.
fn lost<'a>(cx: &Context<'a>, file: FileId) -> Vec<&'a EnvLine> {
    let Some(doc) = cx.project.docs.env(file).filter(|doc| doc.error.is_none()) else { return Vec::new() };
    let named = lines::named(cx);
    let is_given = |line: &EnvLine| named.contains(&line.key);
    let set = |line: &EnvLine| line.value.as_ref().is_some_and(|value| !value.template.is_empty());
    if lines::is_handed_over(cx, file) {
        return Vec::new();
    }
    doc.entries.iter().filter(|line| lines::is_redis(line) && set(line) && !is_given(line)).collect()
}

fn finding(cx: &Context<'_>, file: FileId, lost: &[&EnvLine], sign: &Sign) -> Finding {
    let names = once(lost.iter().map(|line| line.key.as_str()));
    let path = display(&cx.project.docs.sources.file(file).path);
    let (stand, it, subject) = match names.as_slice() {
        [name] => ("stands", "it", Subject::default().variable(name)),
        _ => ("stand", "them", Subject::default()),
    };
    let place = |line: &EnvLine| Span::new(file, line.key_range.clone());
    let mut related: Vec<Label> =
        lost[1..].iter().map(|line| Label::new(place(line), format!("{} is not passed on either", line.key))).collect();
    related.push(Label::new(sign.span, format!("for Dokploy, by {}", sign.what)));
    Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject,
        message: format!("{} {stand} in {path}, and nothing passes {it} to a service", list(&names)),
        why: "Dokploy writes its variables to that file, and a container gets none of them by itself".to_owned(),
        help: format!("add `env_file: {path}` to the service that needs it, or `{0}: ${{{0}}}` to its environment", names[0]),
        primary: Label::new(place(lost[0]), "reaches no container"),
        related,
        remedy: Remedy::Manual,
    }
}
