//! The rule `maxmemory-near-limit`.

use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::layout::{CACHE_SHARE, FATAL_SHARE, LEAST_LIMIT, PERSISTENT_SHARE};
use crate::redis::memory;
use crate::redis::servers::RedisServer;
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags a `maxmemory` that leaves the container too little room beside the data.
    ///
    /// ## Why
    ///
    /// `maxmemory` counts the data alone. Buffers and fragmentation come on top, and while Redis rewrites its file, pages that change are
    /// held twice: with an append-only file and steady writes, 256 MB of data took 536 MB. A container that runs out of memory is killed.
    ///
    /// Redis reads `256m` as 256,000,000 bytes and `256mb` as 268,435,456; Compose reads both as the latter.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: redis-server --appendonly yes --maxmemory 256mb
    ///     mem_limit: 256m
    ///     volumes: ["redis_data:/data"]
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
    ///     command: redis-server --appendonly yes --maxmemory 256mb
    ///     mem_limit: 640m
    ///     volumes: ["redis_data:/data"]
    /// volumes:
    ///   redis_data:
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it lowers `maxmemory` to the share that fits, which may evict keys. `migrate` leaves existing limits alone; raising the
    /// container's limit is the other way out.
    "maxmemory-near-limit", "memory", Error, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.servers().filter(|server| server.family.needs_maxmemory()) {
        let (Some(own), Some(limit)) = (server.maxmemory_bytes(), server.limit.as_ref().and_then(|limit| limit.bytes)) else {
            continue;
        };
        let (allowed, mode) = if server.persists().is_some() {
            (PERSISTENT_SHARE, "with persistence")
        } else {
            // Snapshots that Redis takes by itself are few, and nobody relies on them.
            (CACHE_SHARE, "where no persistence is asked for")
        };
        let share = u128::from(own) * 100 / u128::from(limit);
        if u128::from(own) * 100 <= u128::from(limit) * u128::from(allowed) {
            continue;
        }
        out.extend(finding(cx, server, limit, share, (allowed, mode)));
    }
}

fn finding(cx: &Context<'_>, server: &RedisServer, limit: u64, share: u128, (allowed, mode): (u64, &str)) -> Option<Finding> {
    let text = server.maxmemory.text()?;
    let container = server.limit.as_ref()?;
    let span = cx.project.docs.span(&text.site())?;
    let limit_span = cx.project.docs.span(&container.text.site())?;
    let severity = if share >= u128::from(FATAL_SHARE) { Severity::Error } else { Severity::Warning };
    let amount = memory::shown(limit * allowed / 100);
    Some(Finding {
        rule: META.name,
        severity,
        subject: Subject::service(&server.service),
        message: format!(
            "maxmemory of {} is {share} % of the container's limit of {}; {mode}, {allowed} % fit",
            server.service, container.text.value
        ),
        why: "buffers and copied pages come on top of the data, and the kernel kills a container that runs over".to_owned(),
        help: format!("raise {} or lower maxmemory to {amount}", container.key),
        primary: Label::new(span, format!("{share} % of the limit")),
        related: vec![Label::new(limit_span, "the container's limit")],
        remedy: Remedy::offer(
            Applicability::OnRequest,
            format!("Lower maxmemory of {} to {amount}", server.service),
            Some("keys above the new amount are evicted, or writes are refused".to_owned()),
            if limit < LEAST_LIMIT {
                Err("Docker takes no limit below 6 MB".to_owned())
            } else {
                cx.editor().set(&text.site(), &amount)
            },
        ),
    })
}
