//! The rule `no-shared-network`.

use crate::compose::model::Service;
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::servers::RedisServer;
use crate::redis::uses::RedisUse;
use crate::rules::connection::what;
use crate::rules::context::Context;
use crate::rules::editor::{Edited, list};

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
        let redis = cx.service(&server.service);
        let users = cx.redis.users_of(&server.service);
        for user in &users {
            let service = cx.service(user);
            if cx.share_network(service, redis) {
                continue;
            }
            let usage =
                cx.redis.uses.iter().find(|usage| usage.service == *user && usage.target.server() == Some(&server.service));
            out.extend(usage.map(|usage| finding(cx, service, server, usage, &users)));
        }
    }
}

fn finding(cx: &Context<'_>, service: &Service, server: &RedisServer, usage: &RedisUse, users: &[&str]) -> Finding {
    let redis = cx.service(&server.service);
    let (own, theirs) = (list(&service.network_names()), list(&redis.network_names()));
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::service(&service.name),
        message: format!(
            "{} uses the Redis {} and shares no network with it: one is on {own}, the other on {theirs}",
            service.name, server.service
        ),
        why: format!("the name {} does not resolve in {}, so every connection fails", server.service, service.name),
        help: "put both on one network".to_owned(),
        primary: Label::new(service.span(), format!("on {own}")),
        related: vec![
            Label::new(redis.span(), format!("on {theirs}")),
            Label::new(usage.key_span, format!("{} leads to {}", what(usage), server.service)),
        ],
        remedy: remedy(cx, service, server, users),
    }
}

fn remedy(cx: &Context<'_>, service: &Service, server: &RedisServer, users: &[&str]) -> Remedy {
    let redis = cx.service(&server.service);
    let joined = cx.shared_network(users);
    let (title, change): (String, Edited) = if let Some(network) = joined {
        let change = cx.editor().attach(redis, &network, cx.layout.rank("networks"), &[&server.service]);
        (format!("Put {} on the network {network}", server.service), change)
    } else {
        let names = redis.network_names();
        let Some(network) = names.first() else {
            return Remedy::Refused(format!("{} is on no network", server.service));
        };
        let change = cx.editor().attach(service, network, cx.layout.rank("networks"), users);
        (format!("Put {} on the network {network}", service.name), change)
    };
    Remedy::offer(Applicability::Unsafe, title, None, change)
}
