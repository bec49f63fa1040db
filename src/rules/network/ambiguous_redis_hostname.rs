//! The rule `ambiguous-redis-hostname`.

use crate::diagnostic::{Finding, Label, Remedy, Severity};
use crate::redis::hosts::{self, Way};
use crate::redis::networks::{self, Kind};
use crate::redis::servers::RedisServer;
use crate::redis::shared;
use crate::redis::uses::RedisUse;
use crate::rules::connection::{groups, used_by};
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags a Redis that is used by a common name, such as `redis`, on a network that other stacks are on too.
    ///
    /// ## Why
    ///
    /// Every service answers to its name on each network that it is on. On a network from outside the project a second stack with a service
    /// `redis` answers to the same name, and Docker's DNS gives the address of either: your services read and write somebody else's Redis
    /// now and then, or fail with NOAUTH. Coolify runs a service `redis` of its own on the network `coolify`.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     networks: [proxy]
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/0
    ///     networks: [proxy]
    /// networks:
    ///   proxy:
    ///     external: true
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
    ///     networks: [default]
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    ///     networks: [default, proxy]
    /// networks:
    ///   proxy:
    ///     external: true
    /// ```
    ///
    /// ## Fix
    ///
    /// None: a new name has to be written in every place that uses the old one, in other stacks as well.
    "ambiguous-redis-hostname", "network", Warning, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for group in groups(cx, |usage| ambiguous(cx, usage).is_some()) {
        let Some((server, network)) = ambiguous(cx, group.first()) else { continue };
        let host = &group.endpoint().host.value;
        let name = networks::name(cx.project, &network);
        let other = match shared::redis_called(&name, host) {
            Some(owner) => format!("{owner} runs a Redis called {host} on it"),
            None => "a service of that name in any other stack on it answers too".to_owned(),
        };
        let span = cx.project.networks.get(&network).map(|network| network.span);
        let mut related: Vec<Label> = span.map(|span| Label::new(span, "this network comes from outside")).into_iter().collect();
        related.extend(group.ways(cx));
        out.push(Finding {
            rule: META.name,
            severity: Severity::Warning,
            subject: group.subject().network(&network),
            message: format!(
                "{} leads to the name {host}, which is looked up on the network {name} of other stacks too; {}",
                group.what(),
                used_by(&group.services())
            ),
            why: format!("{other}, and Docker then leads to either of them"),
            help: help(cx, server, host),
            primary: Label::new(group.span, "not unique on that network"),
            related,
            remedy: Remedy::Manual,
        });
    }
}

fn help(cx: &Context<'_>, server: &RedisServer, host: &str) -> String {
    let project = cx.project.environment.get("COMPOSE_PROJECT_NAME").map(|text| text.value.as_str());
    let unique = project.filter(|name| !name.is_empty()).map_or_else(|| format!("myapp-{host}"), |name| format!("{name}-{host}"));
    format!(
        "give {} a name of its own, such as {unique}, as the service's name or as an alias on the network, and use that; or keep Redis \
         and those who use it on a network of the project",
        server.service
    )
}

/// The server that a use leads to, and the shared network on which another may answer to the same name.
fn ambiguous<'a>(cx: &Context<'a>, usage: &RedisUse) -> Option<(&'a RedisServer, String)> {
    let server = cx.redis.server(usage.target.server()?).filter(|server| !server.is_fragment)?;
    let host = &usage.endpoint.as_ref()?.host.value;
    let by_name = usage.way == Way::Network && usage.address.is_none() && shared::is_common(host);
    let space = networks::space(cx.project, cx.service(&usage.service));
    if !by_name || space.kind != Kind::Networks {
        return None;
    }
    let redis = networks::space(cx.project, cx.service(&server.service)).owner;
    let answers: Vec<String> = hosts::answers_on(redis, host).into_iter().map(|key| networks::id(cx.project, key)).collect();
    let risky = |key: &&str| {
        let name = networks::name(cx.project, key);
        let external = cx.project.networks.get(*key).is_some_and(|network| network.external);
        // A proxy's network, on which the project's own Redis is not, usually holds no other Redis either.
        let beside = answers.contains(&networks::id(cx.project, key));
        external && (beside || shared::redis_called(&name, host).is_some())
    };
    let network = space.owner.network_names().into_iter().find(risky)?;
    Some((server, network.to_owned()))
}
