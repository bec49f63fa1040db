//! The rule `no-shared-network`.

use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::hosts::{self, Target, Way};
use crate::redis::networks::{self, Meeting};
use crate::redis::servers::RedisServer;
use crate::redis::uses::RedisUse;
use crate::rules::connection::what;
use crate::rules::context::Context;
use crate::rules::editor::{Edited, list};
use crate::rules::network::host_network_mismatch;
use std::collections::BTreeSet;

crate::declare_rule! {
    /// Flags a service that uses the project's Redis but shares no network with it.
    ///
    /// ## Why
    ///
    /// Containers reach each other only over a network that both are on. A service with `networks:` is on those alone and has left
    /// `default`, so a Redis without `networks:` is out of its reach: the name does not even resolve.
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
    ///       REDIS_URL: redis://redis:6379/0
    ///     networks:
    ///       - backend
    /// networks:
    ///   backend:
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     networks:
    ///       - backend
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/0
    ///     networks:
    ///       - backend
    /// networks:
    ///   backend:
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: Redis joins the network that all its users are on; where there is none, the service joins a network of Redis and keeps
    /// the networks it has.
    "no-shared-network", "network", Error, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.servers() {
        let users = cx.redis.users_of(&server.service);
        let mut seen = BTreeSet::new();
        for usage in cx.redis.uses_to(&server.service) {
            if usage.way == Way::Apart && seen.insert(usage.service.as_str()) {
                out.push(finding(cx, server, usage, &users));
            }
        }
    }
    for usage in &cx.redis.uses {
        if let Target::Unreachable(name, reason) = &usage.target
            && let Some(server) = cx.redis.server(name).filter(|server| !server.is_fragment)
            && !host_network_mismatch::covers(cx.project, cx.redis, usage)
        {
            out.push(beside_networks(cx, server, usage, reason));
        }
    }
}

/// One of the two is on no network of the project at all.
fn beside_networks(cx: &Context<'_>, server: &RedisServer, usage: &RedisUse, reason: &str) -> Finding {
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::service(&usage.service),
        message: format!("{} uses the Redis {} and does not reach it: {reason}", usage.service, server.service),
        why: format!("the name {} does not resolve in {}, so every connection fails", server.service, usage.service),
        help: "remove `network_mode`, and put both on one network".to_owned(),
        primary: Label::new(usage.key_span, format!("leads to {}", server.service)),
        related: vec![Label::new(cx.service(&server.service).span(), "the Redis")],
        remedy: Remedy::Refused("what `network_mode` is there for is not known".to_owned()),
    }
}

/// The networks on which the server answers to the name that it is given.
fn answers<'a>(cx: &Context<'a>, server: &RedisServer, usage: &RedisUse) -> Vec<&'a str> {
    let named = networks::space(cx.project, cx.service(&server.service)).owner;
    hosts::answers_on(named, usage.endpoint.as_ref().map_or("", |endpoint| &endpoint.host.value))
}

fn finding(cx: &Context<'_>, server: &RedisServer, usage: &RedisUse, users: &[&str]) -> Finding {
    let (service, redis) = (cx.service(&usage.service), cx.service(&server.service));
    let own = networks::space(cx.project, service).owner.network_names();
    let theirs = answers(cx, server, usage);
    let host = usage.endpoint.as_ref().map_or(&server.service, |endpoint| &endpoint.host.value);
    let by_alias = networks::meeting(cx.project, service, redis) != Meeting::Nowhere;
    let (own, theirs) = (list(&own), list(&theirs));
    let message = if by_alias {
        format!(
            "{} uses the Redis {} by its alias {host}, which is known on {theirs} only, not on {own}",
            service.name, server.service
        )
    } else {
        format!(
            "{} uses the Redis {} and shares no network with it: one is on {own}, the other on {theirs}",
            service.name, server.service
        )
    };
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::service(&service.name),
        message,
        why: format!("the name {host} does not resolve in {}, so every connection fails", service.name),
        help: if by_alias {
            format!("name the service itself, {}, or put both on the network of the alias", server.service)
        } else {
            "put both on one network".to_owned()
        },
        primary: Label::new(service.span(), format!("on {own}")),
        related: vec![
            Label::new(redis.span(), format!("on {theirs}")),
            Label::new(usage.key_span, format!("{} leads to {}", what(usage), server.service)),
        ],
        remedy: remedy(cx, server, usage, users),
    }
}

fn remedy(cx: &Context<'_>, server: &RedisServer, usage: &RedisUse, users: &[&str]) -> Remedy {
    let (service, redis) = (cx.service(&usage.service), cx.service(&server.service));
    let names = answers(cx, server, usage);
    // An alias is known on its own network, wherever else the server is.
    let joined = cx.shared_network(users).filter(|_| names == redis.network_names());
    let (title, change): (String, Edited) = if let Some(network) = joined {
        let change = cx.editor().attach(redis, &network, cx.layout.rank("networks"), &[&server.service]);
        (format!("Put {} on the network {network}", server.service), change)
    } else {
        let Some(network) = names.first() else {
            return Remedy::Refused(format!("{} is on no network", server.service));
        };
        let change = cx.editor().attach(service, network, cx.layout.rank("networks"), users);
        (format!("Put {} on the network {network}", service.name), change)
    };
    Remedy::offer(Applicability::Unsafe, title, None, change)
}
