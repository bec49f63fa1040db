//! The rule `eviction-drops-jobs`.

use crate::compose::value::{Site, Text};
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::layout::Eviction;
use crate::redis::queues::{self, Signal};
use crate::redis::servers::RedisServer;
use crate::rules::context::Context;
use crate::rules::editor::Edited;

crate::declare_rule! {
    /// Flags an eviction policy that drops keys on a Redis in which jobs wait.
    ///
    /// ## Why
    ///
    /// When memory is full, `allkeys-*` throws away any key, a queue with its waiting jobs among them, and `volatile-*` the keys with an
    /// expiry, such as locks of jobs that run. Nobody is told: jobs are simply never done, or done twice. The makers of `BullMQ`, RQ,
    /// Sidekiq and Celery ask for `noeviction`. The policy counts for the whole server, not for one index, so that a cache which may
    /// drop keys needs a Redis of its own.
    ///
    /// What counts as a queue is a table with a date: a command or a variable of one, never the name of an image or a service.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: redis-server --appendonly yes --maxmemory 256mb --maxmemory-policy allkeys-lru
    ///     volumes: ["redis_data:/data"]
    ///   worker:
    ///     image: example/shop:1.0
    ///     command: celery -A shop worker
    ///     environment:
    ///       CELERY_BROKER_URL: redis://redis:6379/0
    /// volumes:
    ///   redis_data:
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: redis-server --appendonly yes --maxmemory 256mb --maxmemory-policy noeviction
    ///     volumes: ["redis_data:/data"]
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    ///       start_period: 30s
    ///   worker:
    ///     image: example/shop:1.0
    ///     command: celery -A shop worker
    ///     environment:
    ///       CELERY_BROKER_URL: redis://redis:6379/0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    /// volumes:
    ///   redis_data:
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it sets the policy to `noeviction`. When memory is full, Redis then refuses writes, which a cache on the same server feels
    /// too. `migrate` leaves the policy of an existing Redis alone.
    "eviction-drops-jobs", "memory", Warning, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    // Somebody has decided by hand.
    if cx.layout.choices.eviction == Eviction::Lru {
        return;
    }
    for server in cx.servers() {
        let Some((policy, kind)) = server.policy.text().and_then(|text| Some((text, Kind::of(&text.value)?))) else { continue };
        if let Some(signal) = queues::on_server(cx.project, cx.redis, &server.service) {
            out.push(finding(cx, server, policy, kind, &signal));
        }
    }
}

/// Which keys a policy drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    All,
    Expiring,
}

impl Kind {
    fn of(policy: &str) -> Option<Self> {
        let policy = policy.to_ascii_lowercase();
        let starts = |start: &str| policy.starts_with(start);
        if starts("allkeys-") { Some(Self::All) } else { starts("volatile-").then_some(Self::Expiring) }
    }

    fn loss(self) -> &'static str {
        match self {
            Self::All => "waiting jobs are thrown away without a word when the server reaches its maxmemory",
            Self::Expiring => {
                "locks and results of jobs are thrown away when the server reaches its maxmemory: jobs run twice or stall"
            }
        }
    }
}

fn finding(cx: &Context<'_>, server: &RedisServer, policy: &Text, kind: Kind, signal: &Signal) -> Finding {
    let name = &server.service;
    Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject: Subject::service(name),
        message: format!(
            "{name} drops keys by {}, and {} keeps jobs of {} in it ({}; signs of a queue as of {})",
            policy.value,
            signal.service,
            signal.what,
            cx.place(signal.span),
            queues::AS_OF
        ),
        why: kind.loss().to_owned(),
        help: "set --maxmemory-policy noeviction, and give a cache a Redis of its own: the policy counts for the whole server"
            .to_owned(),
        primary: Label::new(cx.project.docs.span(&policy.site()).unwrap_or(server.span), "drops keys"),
        related: vec![Label::new(signal.span, "the queue")],
        remedy: Remedy::offer(
            Applicability::OnRequest,
            format!("Set the policy of {name} to noeviction"),
            Some("when memory is full, Redis refuses writes instead of dropping keys, those of a cache too".to_owned()),
            change(cx, server, policy),
        ),
    }
}

/// The policy in the place where it is written, unless another server reads it there too.
fn change(cx: &Context<'_>, server: &RedisServer, policy: &Text) -> Edited {
    let site = policy.site();
    let shared = |other: &&RedisServer| {
        other.service != server.service && other.policy.text().is_some_and(|text| same_place(&text.site(), &site))
    };
    if let Some(other) = cx.redis.servers.iter().find(shared) {
        return Err(format!("{} takes its policy from the same place", other.service));
    }
    cx.editor().set_for(&site, "noeviction", &[&server.service])
}

fn same_place(one: &Site, other: &Site) -> bool {
    *one != Site::Outside && one == other
}
