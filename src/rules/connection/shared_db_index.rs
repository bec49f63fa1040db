//! The rule `shared-db-index`.

use super::used_by;
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::kept::{self, Data};
use crate::redis::purposes::Purpose;
use crate::redis::{databases, once};
use crate::rules::context::Context;
use crate::rules::editor::list;
use std::collections::{BTreeMap, BTreeSet};

crate::declare_rule! {
    /// Flags jobs or sessions in the same database of a server as a cache.
    ///
    /// ## Why
    ///
    /// Clearing a cache empties its whole database: `cache.clear()` of django-redis and `cache:clear` of Laravel send `FLUSHDB`. Jobs that
    /// wait there and sessions of users are gone with it, and nobody is told: the queue is empty, and everybody is logged out.
    ///
    /// What a connection is for is read from the variable's name (`CACHE_URL`, `CELERY_BROKER_URL`, `SESSION_REDIS_URL`). It is quiet where
    /// a variable sets a prefix for keys, and where one `REDIS_URL` serves all.
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
    ///       CACHE_URL: redis://redis:6379/0
    ///       CELERY_BROKER_URL: redis://redis:6379/0
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
    ///     volumes:
    ///       - redis_data:/data
    ///   api:
    ///     image: example/api:1.0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    ///     environment:
    ///       CACHE_URL: redis://redis:6379/1
    ///       CELERY_BROKER_URL: redis://redis:6379/0
    /// volumes:
    ///   redis_data:
    /// ```
    ///
    /// ## Fix
    ///
    /// None: the program may have a prefix of its own for its keys, and what lies in a database stays there when the index changes.
    "shared-db-index", "connection", Warning, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let servers: BTreeSet<&str> = cx.servers().map(|server| server.service.as_str()).collect();
    let data = kept::data(cx.project, cx.redis);
    let mut places: BTreeMap<(&str, u32), Vec<&Data>> = BTreeMap::new();
    for one in data.iter().filter(|one| servers.contains(one.server.as_str())) {
        places.entry((&one.server, one.index)).or_default().push(one);
    }
    for ((server, index), all) in places {
        let (caches, others): (Vec<&Data>, Vec<&Data>) = all.iter().partition(|one| one.purpose == Purpose::Cache);
        let apart = all.iter().any(|one| kept::has_prefix(cx.service(&one.service)));
        if !caches.is_empty() && !others.is_empty() && !apart {
            out.extend(finding(cx, server, index, &caches, &others));
        }
    }
}

fn finding(cx: &Context<'_>, server: &str, index: u32, caches: &[&Data], others: &[&Data]) -> Option<Finding> {
    let cache = caches.first()?;
    let docs = &cx.project.docs;
    let place = |one: &Data| docs.locate(&one.text, 0..one.text.value.len());
    let primary = place(cache)?;
    let mut seen = BTreeSet::from([primary]);
    let mut related = Vec::new();
    for one in others.iter().chain(caches) {
        if let Some(span) = place(one).filter(|span| seen.insert(*span)) {
            related.push(Label::new(span, format!("{} of {}: {}", one.variable, one.service, one.purpose.name())));
        }
    }
    let names = |all: &[&Data]| list(&once(all.iter().map(|one| one.variable.as_str())));
    let kept: BTreeSet<&str> = others.iter().map(|one| one.purpose.name()).collect();
    let kept = list(&kept.into_iter().collect::<Vec<_>>());
    let services = once(caches.iter().chain(others).map(|one| one.service.as_str()));
    Some(Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject: Subject::service(&cache.service).variable(&cache.variable),
        message: format!(
            "a cache ({}) shares database {index} of {server} with {kept} ({}); {}",
            names(caches),
            names(others),
            used_by(&services)
        ),
        why: format!("clearing the cache empties the whole database (FLUSHDB), with {kept} in it"),
        help: help(cx, server, &cache.variable),
        primary: Label::new(primary, "a cache"),
        related,
        remedy: Remedy::Manual,
    })
}

fn help(cx: &Context<'_>, server: &str, variable: &str) -> String {
    let here = cx.redis.uses_to(server);
    let taken: BTreeSet<u32> = here.filter_map(|usage| usage.endpoint.as_ref().map(super::indexes::index)).collect();
    let of_server = cx.redis.server(server).and_then(|found| databases::of(found, cx.service(server)));
    // Laravel's cache has 1 without a word about it.
    let free = (1..of_server.map_or(2, |databases| databases.count())).find(|index| !taken.contains(index));
    match free {
        Some(index) => {
            format!("give the cache a database of its own: no variable here names {index}, so let {variable} name that")
        }
        None => "give the cache a Redis of its own".to_owned(),
    }
}
