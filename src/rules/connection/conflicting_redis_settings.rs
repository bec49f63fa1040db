//! The rule `conflicting-redis-settings`.

use super::{indexes, rewrite};
use crate::diagnostic::{Applicability, Change, Finding, Label, Remedy, Severity, Subject};
use crate::redis::once;
use crate::redis::servers::RedisServer;
use crate::redis::uses::{Form, RedisUse};
use crate::redis::variables;
use crate::rules::context::Context;
use crate::rules::editor::{Edited, list};
use crate::text::span::Span;
use std::collections::BTreeMap;

crate::declare_rule! {
    /// Flags a service whose `REDIS_URL` leads to one server and whose `REDIS_HOST` leads to another.
    ///
    /// ## Why
    ///
    /// Variables with the same prefix describe one connection. Which of them a program reads is its own affair, and often one part of it
    /// reads the URL and another part the host: then a worker waits on one server for jobs that the other one holds.
    ///
    /// Two servers on purpose have prefixes of their own (`REDIS_URL` and `CACHE_REDIS_HOST`); they are no conflict. It is quiet where one
    /// of the two leads outside the project or nowhere: other rules say so.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   cache:
    ///     image: redis:7-alpine
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/0
    ///       REDIS_HOST: cache
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
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/0
    ///       REDIS_HOST: redis
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: host, port, password and index follow the URL. It is refused where the service waits for the server that the host names
    /// and not for that of the URL, and where another service is given the same host.
    "conflicting-redis-settings", "connection", Error, Unsafe
}

/// A URL and split variables of one service that should be one connection.
struct Conflict<'a> {
    url: &'a RedisUse,
    split: &'a RedisUse,
    /// The server of the URL.
    server: &'a RedisServer,
    other: &'a RedisServer,
    /// Where the host beside the URL is written.
    span: Span,
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let mut groups: BTreeMap<(Span, &str), Vec<Conflict<'_>>> = BTreeMap::new();
    // The uses of one service stand together.
    for uses in cx.redis.uses.chunk_by(|one, next| one.service == next.service).filter(|uses| uses.len() > 1) {
        let (splits, urls): (Vec<&RedisUse>, Vec<&RedisUse>) = uses.iter().partition(|usage| usage.form == Form::Split);
        for conflict in splits.into_iter().filter_map(|split| conflict(cx, split, &urls)) {
            groups.entry((conflict.span, &conflict.server.service)).or_default().push(conflict);
        }
    }
    out.extend(groups.values().map(|group| finding(cx, group)));
}

fn conflict<'a>(cx: &Context<'a>, split: &'a RedisUse, urls: &[&'a RedisUse]) -> Option<Conflict<'a>> {
    let group = |usage: &RedisUse| variables::read(usage.variable.as_deref()?).map(|named| named.group);
    let server = |usage: &RedisUse| cx.servers().find(|server| usage.target.server() == Some(&server.service));
    let own = group(split)?;
    let beside = urls.iter().filter(|usage| usage.target != split.target && group(usage).as_ref() == Some(&own));
    let (url, server_of_url) = beside.into_iter().find_map(|&usage| Some((usage, server(usage)?)))?;
    let other = server(split).filter(|_| !feeds_others(cx, split))?;
    Some(Conflict { url, split, server: server_of_url, other, span: host_place(cx, split)? })
}

/// Whether the host came along with a whole env file, where it is there for another value to be put together from.
fn feeds_others(cx: &Context<'_>, split: &RedisUse) -> bool {
    let home = split.text.home();
    let fed = |usage: &&RedisUse| usage.variable != split.variable && usage.text.homes().contains(&home);
    split.through.is_some() && cx.redis.uses.iter().any(|usage| fed(&usage))
}

fn host_place(cx: &Context<'_>, usage: &RedisUse) -> Option<Span> {
    let host = &usage.endpoint.as_ref()?.host;
    cx.project.docs.locate(host, 0..host.value.len())
}

fn finding(cx: &Context<'_>, group: &[Conflict<'_>]) -> Finding {
    let Conflict { url, split, server, other, span } = &group[0];
    let name = |usage: &RedisUse| usage.variable.clone().unwrap_or_default();
    let address = |usage: &RedisUse| usage.endpoint.as_ref().map(|end| end.shown(false)).unwrap_or_default();
    let services = once(group.iter().map(|conflict| conflict.split.service.as_str()));
    let related = host_place(cx, url).map(|place| Label::new(place, format!("{} leads to {}", name(url), server.service)));
    let title = format!("Let {} follow {}: {} → {}", name(split), name(url), address(split), address(url));
    let caveat = format!("a program that reads {} no longer sees what {} holds", name(split), other.service);
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::service(&split.service).variable(&name(split)),
        message: format!(
            "{} leads to {}, and {} beside it to {}, another server; {} {} both",
            name(url),
            address(url),
            name(split),
            address(split),
            list(&services),
            if services.len() == 1 { "is given" } else { "are given" }
        ),
        why: "a part of the program that reads one of them does not find what another part wrote through the other".to_owned(),
        help: format!(
            "name the same server in both; if two are meant, give one of them a prefix of its own, such as CACHE_{}",
            name(split)
        ),
        primary: Label::new(*span, format!("leads to {}", other.service)),
        related: related.into_iter().collect(),
        remedy: Remedy::offer(Applicability::Unsafe, title, Some(caveat), change(cx, group)),
    }
}

/// Host, port, password and index as the URL has them, if nothing tells that the host is the one that is meant.
fn change(cx: &Context<'_>, group: &[Conflict<'_>]) -> Edited {
    let Conflict { server, other, span, .. } = &group[0];
    let ours = |usage: &RedisUse| group.iter().any(|conflict| conflict.split.service == usage.service);
    let stranger = cx.redis.uses.iter().find(|usage| !ours(usage) && host_place(cx, usage) == Some(*span));
    if let Some(usage) = stranger {
        return Err(format!("{} is given the same host, and has no URL that says otherwise", usage.service));
    }
    let mut change = Change::default();
    for Conflict { url, split, .. } in group {
        let waits = &cx.service(&split.service).depends_on;
        if waits.contains_key(&other.service) && !waits.contains_key(&server.service) {
            return Err(format!("{} waits for {}, so the URL may be the one that is wrong", split.service, other.service));
        }
        let index = url.endpoint.as_ref().map(indexes::index).unwrap_or_default();
        change.join(rewrite::follow(cx, split, server, index)?);
    }
    Ok(change)
}
