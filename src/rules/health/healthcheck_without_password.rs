//! The rule `healthcheck-without-password`.

use super::completion;
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::health::{self, CLI_PASSWORD, Verdict};
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags a health check that gives no password to a server that asks for one.
    ///
    /// ## Why
    ///
    /// Redis answers `NOAUTH` to it on every run. An honest check then fails for ever: the container is unhealthy, and services that wait
    /// until it is healthy never start.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD:?}"]
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    /// ```
    ///
    /// ```dotenv
    /// REDIS_PASSWORD=s3cret-fixture-of-the-docs
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD:?}"]
    ///     environment:
    ///       REDISCLI_AUTH: ${REDIS_PASSWORD:?}
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    /// ```
    ///
    /// ```dotenv
    /// REDIS_PASSWORD=s3cret-fixture-of-the-docs
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: it adds `REDISCLI_AUTH`, from which redis-cli takes its password, to the service's `environment`, with the expression that the
    /// server has. Nothing but the client reads it.
    "healthcheck-without-password", "health", Error, Safe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.redis.servers.iter().filter(|server| !server.is_fragment) {
        let service = cx.service(&server.service);
        let (Some(test), Some(Verdict::WithoutPassword)) = (health::active_test(service), cx.verdict(server)) else {
            continue;
        };
        let asks = server.password.text().and_then(|text| cx.project.docs.written(text));
        let place = asks.map(|span| format!(" ({})", cx.place(span))).unwrap_or_default();
        out.push(Finding {
            rule: META.name,
            severity: Severity::Error,
            subject: Subject::service(&server.service),
            message: format!("the health check of {} gives no password, and the server asks for one{place}", server.service),
            why: "Redis answers NOAUTH on every run, so the container is unhealthy for ever and services that wait for it never start"
                .to_owned(),
            help: format!("give {} the password as {CLI_PASSWORD} in the `environment` of {}", server.family.cli(), server.service),
            primary: Label::new(test.value.span, "answered with NOAUTH"),
            related: asks.map(|span| Label::new(span, "the server asks for this password")).into_iter().collect(),
            remedy: Remedy::offer(
                Applicability::Safe,
                format!("Give the health check of {} the password", server.service),
                None,
                completion::hand_over(cx, server),
            ),
        });
    }
}
