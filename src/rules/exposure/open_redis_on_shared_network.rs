//! The rule `open-redis-on-shared-network`.

use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::networks::{self, Kind};
use crate::redis::servers::{Part, RedisServer};
use crate::rules::context::Context;
use crate::rules::service::ignored_redis_password::ignored;

crate::declare_rule! {
    /// Flags a Redis without a password on a network that comes from outside the project.
    ///
    /// ## Why
    ///
    /// On an external network every container of every other project that joins it reaches Redis: one of them taken over, or one wrong
    /// name, and it reads, overwrites or flushes what is in there. A proxy's network is the usual case, and Redis has no business on it.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
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
    ///     networks: [backend]
    /// networks:
    ///   backend:
    /// ```
    ///
    /// ## Fix
    ///
    /// None: which of its clients are in other projects does not show here.
    "open-redis-on-shared-network", "exposure", Warning, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    // A sentinel holds no data; where the password is there and does nothing, that is the cause.
    let open = |server: &&RedisServer| {
        !server.is_fragment && server.part != Part::Sentinel && server.password.is_absent() && ignored(cx, server).is_none()
    };
    for server in cx.redis.servers.iter().filter(open) {
        let space = networks::space(cx.project, cx.service(&server.service));
        if space.kind != Kind::Networks {
            continue;
        }
        let external = |key: &&str| cx.project.networks.get(*key).is_some_and(|network| network.external);
        let Some(key) = space.owner.network_names().into_iter().find(external) else { continue };
        let network = &cx.project.networks[key];
        let name = &server.service;
        let attached = space.owner.networks.iter().flatten().find(|(own, _)| *own == key).map(|(_, attachment)| attachment.span);
        out.push(Finding {
            rule: META.name,
            severity: Severity::Warning,
            subject: Subject::service(name).network(key),
            message: format!("{name} asks for no password and is on {key}, a network from outside the project"),
            why: "every container of every project on that network reads, writes and flushes it".to_owned(),
            help: format!("keep {name} on a network of the project alone, or give it a password"),
            primary: Label::new(attached.unwrap_or(server.span), "open to the whole network"),
            related: vec![Label::new(network.span, "it comes from outside")],
            remedy: Remedy::Manual,
        });
    }
}
