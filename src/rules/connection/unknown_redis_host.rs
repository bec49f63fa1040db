//! The rule `unknown-redis-host`.

use super::{groups, rewrite, used_by};
use crate::diagnostic::{Finding, Label, Severity};
use crate::redis::hosts::Target;
use crate::rules::context::Context;
use crate::text::nearest::nearest;

crate::declare_rule! {
    /// Flags a Redis host that is no service, container name, alias or link of the project.
    ///
    /// ## Why
    ///
    /// Compose gives containers the names of the services on their networks and nothing else. A name that no service has does not
    /// resolve, and the client fails with "Name or service not known" for as long as it tries.
    ///
    /// It is quiet where the name may come from elsewhere: on an external network, or where a file of the project is not there. A
    /// project without any Redis is `missing-redis-service` instead.
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
    ///       REDIS_URL: redis://rediss:6379/0
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
    /// Unsafe: it puts the name of the project's Redis in the place of the unknown one.
    "unknown-redis-host", "connection", Error, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    if cx.redis.servers.is_empty() {
        return;
    }
    for group in groups(cx, |usage| usage.target == Target::UnknownName) {
        let host = &group.endpoint().host.value;
        let names = cx.project.services.keys().map(String::as_str);
        let help = match nearest(host, names) {
            Some(name) => format!("did you mean {name}?"),
            None => "name the service that runs Redis".to_owned(),
        };
        out.push(Finding {
            rule: META.name,
            severity: Severity::Error,
            subject: group.subject(),
            message: format!(
                "{} leads to {}, a name that no service of this project has; {}",
                group.what(),
                group.endpoint().address(),
                used_by(&group.services())
            ),
            why: "the name does not resolve, so the services cannot connect".to_owned(),
            help,
            primary: Label::new(group.span, "no such service"),
            related: group.ways(cx),
            remedy: rewrite::remedy(cx, &group.uses),
        });
    }
}
