//! The rule `dependency-on-inactive-redis`.

use crate::compose::model::Service;
use crate::compose::resolve::profiles;
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::rules::context::Context;
use crate::rules::files::invalid_compose_file;
use crate::text::span::Span;
use std::collections::BTreeSet;

crate::declare_rule! {
    /// Flags a service that depends on a Redis which does not run, because its profile is not active.
    ///
    /// ## Why
    ///
    /// A service with `profiles:` is left out unless one of them is switched on. Compose then rejects the whole project with "depends on
    /// undefined service" and starts nothing.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     profiles: [cache]
    ///   api:
    ///     image: example/api:1.0
    ///     depends_on: [redis]
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
    ///     profiles: [cache]
    ///   api:
    ///     image: example/api:1.0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    ///         required: false
    /// ```
    ///
    /// ## Fix
    ///
    /// None: whether Redis should always run, the service only with it, or the service without it, is for a person to say. While a
    /// project has such a fault, nothing in it is rewritten.
    "dependency-on-inactive-redis", "start-up", Error, None
}

/// Takes over from `invalid-compose-file`, which runs before it and says less.
pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let own: Vec<Finding> = inactive(cx).map(|(service, redis, span)| finding(service, redis, span)).collect();
    let places: BTreeSet<Span> = own.iter().map(|finding| finding.primary.span).collect();
    out.retain(|other| other.rule != invalid_compose_file::META.name || !places.contains(&other.primary.span));
    out.extend(own);
}

/// The services that run, the Redis that each needs and that does not, and where that is said.
fn inactive<'a>(cx: &Context<'a>) -> impl Iterator<Item = (&'a Service, &'a Service, Span)> {
    let (project, redis) = (cx.project, cx.redis);
    project.services.values().filter(|service| service.enabled).flat_map(move |service| {
        let off = profiles::inactive(project, service).into_iter();
        off.filter(|(_, there)| redis.server(&there.name).is_some()).map(move |(entry, there)| (service, there, entry.key_span))
    })
}

fn finding(service: &Service, redis: &Service, span: Span) -> Finding {
    let (name, server) = (&service.name, &redis.name);
    let profiles: Vec<&str> = redis.profiles.iter().map(|profile| profile.value.as_str()).collect();
    let first = profiles.first().copied().unwrap_or_default();
    let off = match profiles.as_slice() {
        [one] => format!("its profile {one} is not active"),
        many => format!("none of its profiles ({}) is active", many.join(", ")),
    };
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::service(name),
        message: format!("{name} depends on the Redis {server}, which does not run: {off}"),
        why: format!("Compose rejects the project, \"{name}\" depends on undefined service \"{server}\", and starts nothing"),
        help: format!(
            "remove `profiles` from {server}, give {name} the same, set COMPOSE_PROFILES={first} in .env, or set `required: \
             false` for the dependency"
        ),
        primary: Label::new(span, format!("{server} does not run")),
        related: vec![Label::new(redis.span(), off)],
        remedy: Remedy::Manual,
    }
}
