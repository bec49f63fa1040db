//! The rule `localhost-redis-url`.

use super::{groups, rewrite, used_by};
use crate::diagnostic::{Finding, Label, Severity};
use crate::redis::hosts::Target;
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags a service whose Redis is said to be on `localhost`.
    ///
    /// ## Why
    ///
    /// Inside a container, `localhost` is the container itself. No Redis runs there, so every connection is refused, whatever runs in the
    /// container next to it or on the host.
    ///
    /// It is quiet where `localhost` is right: with `network_mode: host`, in the network of the Redis container, and for an image that
    /// may bring its own Redis (then the value is listed as not judged).
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   api:
    ///     build: .
    ///     environment:
    ///       REDIS_URL: redis://localhost:6379/0
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
    ///       REDIS_URL: redis://redis:6379/0
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it puts the name of the project's Redis in the place of `localhost`.
    "localhost-redis-url", "connection", Error, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for group in groups(cx, |usage| usage.target == Target::Localhost) {
        let to = group.endpoint().address_by(group.first().address);
        out.push(Finding {
            rule: META.name,
            severity: Severity::Error,
            subject: group.subject(),
            message: format!("{} leads to {to}, which is the container itself; {}", group.what(), used_by(&group.services())),
            why: "no Redis runs inside that container, so every connection is refused".to_owned(),
            help: "name the service that runs Redis instead of localhost".to_owned(),
            primary: Label::new(group.span, "the container itself"),
            related: group.ways(cx),
            remedy: rewrite::remedy(cx, &group.uses),
        });
    }
}
