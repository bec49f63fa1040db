//! The rule `dependency-without-health`.

use super::wait;
use crate::compose::model::Condition;
use crate::compose::swarm;
use crate::diagnostic::{Finding, Label, Severity, Subject};
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags a service that waits only until the Redis container has started, not until Redis is healthy.
    ///
    /// ## Why
    ///
    /// The short form of `depends_on` means `service_started`: it orders the starts and no more. Redis accepts connections before it has
    /// loaded its data and answers every command with LOADING until then.
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
    ///     depends_on:
    ///       - redis
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
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: `service_healthy` for Redis; the other dependencies keep the meaning that they had. A missing health check is added first.
    "dependency-without-health", "start-up", Warning, Safe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    // A swarm ignores dependencies, and takes no conditions.
    if swarm::is_meant(cx.project) {
        return;
    }
    for server in cx.servers() {
        let clients = cx.clients_of(server);
        for service in cx.project.services.values() {
            let Some(dependency) = service.depends_on.get(&server.service) else { continue };
            let is_redis = cx.redis.server(&service.name).is_some();
            if dependency.condition != Condition::Started || is_redis {
                continue;
            }
            let form = if dependency.long.is_some() { "`service_started`" } else { "the short form" };
            let name = &service.name;
            out.push(Finding {
                rule: META.name,
                severity: Severity::Warning,
                subject: Subject::service(name),
                message: format!("{name} waits only until {} has started, by {form} of `depends_on`", server.service),
                why: format!("Redis answers LOADING until its data are read, and {name} meets it in that state"),
                help: "wait with `condition: service_healthy`".to_owned(),
                primary: Label::new(dependency.span, "started is not healthy"),
                related: Vec::new(),
                remedy: wait::remedy(cx, service, server, &clients),
            });
        }
    }
}
