//! The rule `coolify-stored-default`.

use crate::compose::value::{Home, Site, Text};
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::platform::{self, Platform, Sign};
use crate::redis::once;
use crate::rules::context::Context;
use crate::rules::editor::list;
use crate::syntax::interpolate::{self, Op, Piece};
use crate::text::span::Span;

crate::declare_rule! {
    /// Flags Redis settings with a default (`${NAME:-value}`) in a project for Coolify, which keeps the value that it met first.
    ///
    /// ## Why
    ///
    /// Coolify makes a variable of each `${NAME:-value}` under `environment` when it reads the file for the first time, and keeps it. From
    /// then on the stored value counts: who mends the default in git and deploys again still gets the old one.
    ///
    /// Coolify is recognised by what only it has: the variables that it generates (`SERVICE_PASSWORD_…`, `SERVICE_FQDN_…`), its network,
    /// its labels and its keys. All variables are told in one finding.
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
    ///       SERVICE_FQDN_API_3000:
    ///       REDIS_URL: ${REDIS_URL:-redis://redis:6379/0}
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
    ///       SERVICE_FQDN_API_3000:
    ///       REDIS_URL: redis://redis:6379/0
    /// ```
    ///
    /// ## Fix
    ///
    /// None: the stored value stands in Coolify, where no file reaches.
    "coolify-stored-default", "platform", Info, None
}

/// A variable with a default, and where it stands.
struct Stored {
    name: String,
    span: Span,
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let stored = stored(cx);
    if stored.is_empty() {
        return;
    }
    if let Some(sign) = platform::of(cx.project).filter(|sign| sign.platform == Platform::Coolify) {
        out.push(finding(&stored, &sign));
    }
}

fn finding(stored: &[Stored], sign: &Sign) -> Finding {
    let names = once(stored.iter().map(|one| one.name.as_str()));
    let (defaults, subject) = match names.as_slice() {
        [name] => ("the default", Subject::default().variable(name)),
        _ => ("the defaults", Subject::default()),
    };
    let mut related: Vec<Label> =
        stored[1..].iter().map(|one| Label::new(one.span, format!("{} has a default here", one.name))).collect();
    related.push(Label::new(sign.span, format!("for Coolify, by {}", sign.what)));
    Finding {
        rule: META.name,
        severity: Severity::Info,
        subject,
        message: format!("Coolify keeps {defaults} of {} that it read first; a change here does not reach it", list(&names)),
        why: "after the first deployment the value stored in Coolify counts, not the one in the file".to_owned(),
        help: "after a change here, set the variable in Coolify too (Environment Variables) or delete it there, and redeploy"
            .to_owned(),
        primary: Label::new(stored[0].span, "read once"),
        related,
        remedy: Remedy::Manual,
    }
}

/// The defaults in the environment of services by which a Redis is set up or found.
fn stored(cx: &Context<'_>) -> Vec<Stored> {
    let own = cx.redis.variables();
    let mut out: Vec<Stored> = Vec::new();
    for service in cx.project.services.values() {
        let is_server = cx.redis.server(&service.name).is_some();
        for (key, entry) in &service.environment {
            let is_redis =
                own.contains(&(service.name.as_str(), key.as_str())) || is_server && crate::redis::variables::read(key).is_some();
            let Some(text) = entry.value.as_ref().filter(|text| is_redis && matches!(text.home(), Home::Yaml { .. })) else {
                continue;
            };
            for one in defaults(cx, text) {
                if !out.iter().any(|other| other.span == one.span) {
                    out.push(one);
                }
            }
        }
    }
    out
}

/// The variables with a default of their own in a text.
fn defaults(cx: &Context<'_>, text: &Text) -> Vec<Stored> {
    let (Some(template), Site::Yaml { file, node, cooked }) = (cx.project.docs.template(text), text.written()) else {
        return Vec::new();
    };
    let one = |piece: Piece| {
        let Piece::Variable(variable) = piece else { return None };
        let (op, word) = variable.op?;
        let is_default = matches!(op, Op::DefaultIfEmpty | Op::DefaultIfUnset) && !word.is_empty();
        if !is_default || platform::is_coolify_variable(&variable.name) {
            return None;
        }
        let range = cooked.start + variable.range.start..cooked.start + variable.range.end;
        let span = cx.project.docs.span(&Site::Yaml { file, node, cooked: range })?;
        Some(Stored { name: variable.name, span })
    };
    interpolate::parse(template).unwrap_or_default().into_iter().filter_map(one).collect()
}
