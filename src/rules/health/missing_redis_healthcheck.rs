//! The rule `missing-redis-healthcheck`.

use super::completion;
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::servers::{DEFAULT_PORT, RedisServer};
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::yaml_edit::New;

crate::declare_rule! {
    /// Flags a Redis that others use or wait for and that has no health check.
    ///
    /// ## Why
    ///
    /// Without a health check, "started" is all that Compose knows: services that depend on Redis start while it still loads its data, and
    /// `condition: service_healthy` fails outright. The official images bring no health check of their own.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
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
    ///       interval: 10s
    ///       timeout: 5s
    ///       retries: 5
    ///       start_period: 30s
    ///   api:
    ///     image: example/api:1.0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: it adds the health check of the fixed layout, and `REDISCLI_AUTH` where the server has a password.
    "missing-redis-healthcheck", "health", Error, Safe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.servers().filter(|server| is_missing(cx, server) && cx.is_needed(server)) {
        let service = cx.service(&server.service);
        let off = service.healthcheck.as_ref().and_then(|check| check.disabled);
        let state = if off.is_some() { "switches its health check off" } else { "has no health check" };
        out.push(Finding {
            rule: META.name,
            severity: Severity::Error,
            subject: Subject::service(&server.service),
            message: format!("{} {state}, and {}", server.service, dependants(cx, server)),
            why: "they start as soon as its process does, while it may still be loading data and refuse every command".to_owned(),
            help: "add a health check, and let the others wait for it".to_owned(),
            primary: Label::new(off.unwrap_or(server.span), state),
            related: Vec::new(),
            remedy: remedy(cx, server, off.is_some()),
        });
    }
}

/// Whether the server has no health check, as far as the files tell: an image of its own may bring one.
pub fn is_missing(cx: &Context<'_>, server: &RedisServer) -> bool {
    server.lacks_check(cx.service(&server.service))
}

fn dependants(cx: &Context<'_>, server: &RedisServer) -> String {
    let users = cx.redis.users_of(&server.service);
    let (names, one, many) =
        if users.is_empty() { (cx.clients_of(server), "depends on", "depend on") } else { (users, "uses", "use") };
    format!("{} {} it", crate::rules::editor::list(&names), if names.len() == 1 { one } else { many })
}

fn remedy(cx: &Context<'_>, server: &RedisServer, off: bool) -> Remedy {
    if off {
        return Remedy::Refused("it is switched off on purpose".to_owned());
    }
    Remedy::offer(Applicability::Safe, format!("Add a health check to {}", server.service), None, change(cx, server))
}

/// The missing health check.
pub fn change(cx: &Context<'_>, server: &RedisServer) -> Edited {
    let service = cx.service(&server.service);
    if cx.ignores.silence(META.name, server.span) {
        return Err(format!("ignore[{}] says that {} gets no health check", META.name, server.service));
    }
    if !server.plain {
        return Err(format!("{} has no port without TLS, which the check would ask", server.service));
    }
    if cx.is_switched_off(server) {
        return Err(format!(
            "{} runs only with a profile, and what uses it runs without: it is switched off on purpose",
            server.service
        ));
    }
    let port = server.ports.first().copied().unwrap_or(DEFAULT_PORT);
    let block = completion::block(cx.layout, server.image.as_deref().unwrap_or_default(), port);
    let mut change = completion::password(cx, server)?;
    let layer = service.layer_for("healthcheck");
    let added = match (layer.value.get("healthcheck").filter(|check| check.is_map()), &block) {
        (None, _) => cx.editor().add_key(service, "healthcheck", &block, cx.layout.rank("healthcheck"))?,
        (Some(check), New::Map(entries)) => {
            let test = entries.iter().find(|(key, _)| key == "test").expect("the layout's health check has a test");
            cx.editor().add_entry(check, "test", &test.1, 0, &[&server.service])?
        }
        (Some(_), _) => return Err("the health check is no mapping".to_owned()),
    };
    change.join(added);
    Ok(change)
}
