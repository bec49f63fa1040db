//! The rule `host-network-mismatch`.

use crate::compose::model::{Project, Service};
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::Redis;
use crate::redis::endpoints::Endpoint;
use crate::redis::hosts::Target;
use crate::redis::networks::{self, Kind};
use crate::redis::servers::RedisServer;
use crate::redis::uses::RedisUse;
use crate::rules::connection::what;
use crate::rules::context::Context;
use std::collections::BTreeSet;

crate::declare_rule! {
    /// Flags a service in the network of the host machine that uses Redis by its service name, and a Redis there that others use by name.
    ///
    /// ## Why
    ///
    /// Docker's DNS answers to the names of services on the networks of a project alone. `network_mode: host` takes a container out of all
    /// of them: it can look up no service, and nobody can look up its name. The client fails with "Name or service not known".
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   api:
    ///     image: example/api:1.0
    ///     network_mode: host
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
    /// None: a service is in the network of the machine for a reason, and only its owner knows whether that still holds. The message
    /// says where Redis can be reached as things are.
    "host-network-mismatch", "network", Error, None
}

/// Which of the two is in the network of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum There {
    Client,
    Server,
    Both,
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for usage in &cx.redis.uses {
        let Some((server, there)) = mismatch(cx.project, cx.redis, usage) else { continue };
        if seen.insert((usage.service.as_str(), server.service.as_str())) {
            out.push(finding(cx, usage, server, there));
        }
    }
}

/// Whether this rule reports the use: the name that it goes by means nothing where the service is.
pub fn covers(project: &Project, redis: &Redis, usage: &RedisUse) -> bool {
    mismatch(project, redis, usage).is_some()
}

fn mismatch<'a>(project: &Project, redis: &'a Redis, usage: &RedisUse) -> Option<(&'a RedisServer, There)> {
    let Target::Unreachable(name, _) = &usage.target else { return None };
    let server = redis.server(name).filter(|server| !server.is_fragment)?;
    let is_there = |service: &str| networks::space(project, &project.services[service]).kind == Kind::Host;
    let there = match (is_there(&usage.service), is_there(&server.service)) {
        (true, true) => There::Both,
        (true, false) => There::Client,
        (false, true) => There::Server,
        (false, false) => return None,
    };
    Some((server, there))
}

fn finding(cx: &Context<'_>, usage: &RedisUse, server: &RedisServer, there: There) -> Finding {
    let (name, redis) = (&usage.service, &server.service);
    let address = usage.endpoint.as_ref().map_or_else(|| redis.clone(), Endpoint::address);
    let what = what(usage);
    let message = match there {
        There::Client => format!(
            "{what} leads {name} to {address}, and {name} is in the network of the host machine, where that name does not resolve"
        ),
        There::Server => format!(
            "{what} leads {name} to {address}, and {redis} is in the network of the host machine, where nothing answers to its name"
        ),
        There::Both => format!(
            "{what} leads {name} to {address}, and both are in the network of the host machine, where no service has a name"
        ),
    };
    let inside = if there == There::Server { redis } else { name };
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject { variable: usage.variable.clone(), ..Subject::service(name) },
        message,
        why: format!("the name does not resolve in {name}, so every connection fails"),
        help: help(cx, usage, server, there),
        primary: Label::new(usage.key_span, format!("leads to the Redis {redis}")),
        related: vec![mode(cx, cx.service(inside))],
        remedy: Remedy::Manual,
    }
}

/// Where it is said that a service is in the network of the machine.
fn mode(cx: &Context<'_>, service: &Service) -> Label {
    let owner = networks::space(cx.project, service).owner;
    let span = owner.network_mode.as_ref().and_then(|mode| cx.project.docs.written(mode));
    let by = if owner.name == service.name { String::new() } else { format!(", whose network {} shares", service.name) };
    Label::new(span.unwrap_or_else(|| owner.span()), format!("{} is in the network of the host machine{by}", owner.name))
}

fn help(cx: &Context<'_>, usage: &RedisUse, server: &RedisServer, there: There) -> String {
    let (name, redis) = (&usage.service, &server.service);
    let port = server.ports.first().copied().unwrap_or(crate::redis::servers::DEFAULT_PORT);
    match there {
        There::Both => format!("let it name localhost:{port}"),
        There::Server => format!(
            "remove `network_mode: host` from {redis}, or let {name} name host.docker.internal, with `extra_hosts: \
             [\"host.docker.internal:host-gateway\"]`"
        ),
        There::Client => match published(cx.service(redis), port) {
            Some(published) => {
                format!("let it name localhost:{published}, where {redis} is published, or remove `network_mode: host`")
            }
            None => format!(
                "remove `network_mode: host` from {name}, or publish {redis} with `ports: [\"127.0.0.1:{port}:{port}\"]` and let {name} \
                 name localhost:{port}"
            ),
        },
    }
}

/// The port of the machine at which a port of the container is published.
fn published(service: &Service, port: u16) -> Option<u16> {
    service.ports.iter().filter(|published| published.target == (port, port)).find_map(|published| Some(published.published?.0))
}
