//! The rule `missing-redis-dependency`.

use super::wait;
use crate::compose::model::{Command, Condition, Service};
use crate::compose::swarm;
use crate::diagnostic::{Finding, Label, Severity, Subject};
use crate::redis::uses::RedisUse;
use crate::rules::context::Context;
use std::collections::BTreeMap;

crate::declare_rule! {
    /// Flags a service that uses the project's Redis and does not wait for it.
    ///
    /// ## Why
    ///
    /// Compose starts services that do not depend on each other at once. A program that connects while it boots meets a Redis that is not
    /// there yet, and either exits or runs without its queue until somebody restarts it.
    ///
    /// Services that wait for Redis through another service are fine, and so are those that merely receive the variable, such as a
    /// database that shares an anchor. Tools that connect (a browser for Redis, an exporter) are users like any other.
    ///
    /// ## Bad
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
    ///       REDIS_URL: redis://redis:6379/0
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
    ///       REDIS_URL: redis://redis:6379/0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: it adds the dependency with `condition: service_healthy`; a short `depends_on` becomes the long form, the other entries mean
    /// what they meant.
    "missing-redis-dependency", "start-up", Warning, Safe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    // A swarm ignores dependencies, and takes no conditions.
    if swarm::is_meant(cx.project) {
        return;
    }
    for server in cx.servers() {
        let (waiting, clients) = (cx.waiting_for(&server.service), cx.clients_of(server));
        let mut ways: BTreeMap<&str, &RedisUse> = BTreeMap::new();
        for usage in cx.redis.uses_to(&server.service) {
            ways.entry(&usage.service).or_insert(usage);
        }
        for user in cx.redis.users_of(&server.service) {
            let service = cx.service(user);
            // A Redis that is switched on by a profile may be meant to be elsewhere: Compose would not let the user depend on it.
            let optional = wait::lacking_profile(service, cx.service(&server.service)).is_some();
            if optional || is_migration(cx, service) || waiting.contains(user) || shares_process(cx, user, &server.service) {
                continue;
            }
            let usage = ways.get(user);
            let way = usage.map(|usage| {
                Label::new(usage.key_span, format!("{} leads to {}", crate::rules::connection::what(usage), server.service))
            });
            out.push(Finding {
                rule: META.name,
                severity: Severity::Warning,
                subject: Subject::service(user),
                message: format!("{user} uses the Redis {} and does not wait for it", server.service),
                why: format!("Compose starts both at once, and {user} connects before Redis is ready"),
                help: format!("add `depends_on` with `condition: service_healthy` for {}", server.service),
                primary: Label::new(service.span(), format!("does not depend on {}", server.service)),
                related: way.into_iter().collect(),
                remedy: wait::remedy(cx, service, server, &clients),
            });
        }
    }
}

/// A job that changes a database and ends, and is handed the variables of the program that it belongs to: whether it needs Redis is not
/// known, and what waits for it waits.
fn is_migration(cx: &Context<'_>, service: &Service) -> bool {
    let line = [&service.entrypoint, &service.command].into_iter().flatten().map(Command::line).collect::<Vec<_>>().join(" ");
    let named = [service.name.as_str(), line.as_str()].iter().any(|text| text.to_ascii_lowercase().contains("migrat"));
    let once = service.restart.as_ref().is_some_and(|restart| restart.value == "no" || restart.value.starts_with("on-failure"));
    let awaited =
        cx.project.services.values().any(|other| {
            other.depends_on.get(&service.name).is_some_and(|dependency| dependency.condition == Condition::Completed)
        });
    named && (once || awaited)
}

/// A server that lives in the user's network depends on the user, not the other way round.
fn shares_process(cx: &Context<'_>, user: &str, server: &str) -> bool {
    let mode = cx.service(server).network_mode.as_ref();
    mode.is_some_and(|mode| mode.value == format!("service:{user}"))
}
