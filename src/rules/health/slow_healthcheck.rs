//! The rule `slow-healthcheck`.

use crate::compose::forms::units;
use crate::compose::model::{Service, Timing};
use crate::compose::value::{Text, Value};
use crate::diagnostic::{Applicability, Change, Finding, Label, Remedy, Severity, Subject};
use crate::redis::health;
use crate::redis::servers::RedisServer;
use crate::rules::context::Context;
use crate::rules::editor::{Edited, list};
use crate::syntax::yaml_edit::New;
use std::sync::Arc;

crate::declare_rule! {
    /// Flags a health check whose timing notices a fault late, or fails while Redis loads its data.
    ///
    /// ## Why
    ///
    /// Redis refuses every command until its append-only file is read: without `start_period` these failures count, and the container is
    /// called unhealthy before it ever was up. A timeout below 2 s, fewer than 3 retries or an interval below 3 s turn one slow answer into
    /// an alarm; an interval above 30 s leaves a dead Redis unnoticed for minutes. What is not written is the engine's default (interval 30 s,
    /// timeout 30 s, 3 retries, no `start_period`), and only the last of these is a fault. `start_interval` is not judged.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--appendonly", "yes"]
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    ///       interval: 1m
    ///       timeout: 1s
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--appendonly", "yes"]
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    ///       interval: 10s
    ///       timeout: 5s
    ///       start_period: 30s
    ///     volumes:
    ///       - redis_data:/data
    /// volumes:
    ///   redis_data:
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: it sets the keys that are off to the values of the fixed layout, and leaves the others alone.
    "slow-healthcheck", "health", Info, Safe
}

const SECOND: i64 = 1_000_000_000;
/// Values that are neither hasty nor slow (redis.md §2.2).
const LEAST_INTERVAL: i64 = 3 * SECOND;
const MOST_INTERVAL: i64 = 30 * SECOND;
const LEAST_TIMEOUT: i64 = 2 * SECOND;
const LEAST_RETRIES: i128 = 3;

/// A key that is off, and how.
struct Off<'a> {
    key: &'static str,
    text: Option<&'a Text>,
    how: String,
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.redis.servers.iter().filter(|server| !server.is_fragment) {
        let service = cx.service(&server.service);
        let (Some(check), Some(test)) = (&service.healthcheck, health::active_test(service)) else { continue };
        let off = off(server, &check.timing);
        if off.is_empty() {
            continue;
        }
        let how: Vec<&str> = off.iter().map(|one| one.how.as_str()).collect();
        let spans: Vec<_> = off.iter().filter_map(|one| cx.project.docs.written(one.text?)).collect();
        let late = off.iter().any(|one| one.key == "interval" && one.how.contains("above"));
        let hasty = off.len() > usize::from(late);
        let why = match (late, hasty) {
            (true, false) => "a Redis that is gone goes unnoticed for minutes",
            (false, _) => "a Redis that is only slow, or still loading its data, is called unhealthy",
            (true, true) => {
                "a Redis that is gone goes unnoticed for minutes, and one that is only slow or loading is called unhealthy"
            }
        };
        out.push(Finding {
            rule: META.name,
            severity: Severity::Info,
            subject: Subject::service(&server.service),
            message: format!("the timing of the health check of {} is off: {}", server.service, list(&how)),
            why: why.to_owned(),
            help: "an interval of 10s, a timeout of 5s, 5 retries and a start_period of 30s do for most".to_owned(),
            primary: Label::new(spans.first().copied().unwrap_or(test.value.span), "timing of the health check"),
            related: spans.iter().skip(1).map(|span| Label::new(*span, "and here")).collect(),
            remedy: Remedy::offer(
                Applicability::Safe,
                format!("Set the timing of the health check of {} to that of the layout", server.service),
                None,
                change(cx, service, &off),
            ),
        });
    }
}

fn off<'a>(server: &RedisServer, timing: &'a Timing) -> Vec<Off<'a>> {
    // Zero stands for the engine's default.
    let duration = |text: &'a Option<Text>| {
        known(text.as_ref()).and_then(|text| Some((text, units::duration(&text.value)?))).filter(|(_, time)| *time > 0)
    };
    let mut out = Vec::new();
    let mut add = |key, text: Option<&'a Text>, how: String| out.push(Off { key, text, how });
    if let Some((text, time)) = duration(&timing.interval) {
        if time > MOST_INTERVAL {
            add("interval", Some(text), format!("an interval of {} (above 30s)", text.value));
        } else if time < LEAST_INTERVAL {
            add("interval", Some(text), format!("an interval of {} (below 3s)", text.value));
        }
    }
    if let Some((text, _)) = duration(&timing.timeout).filter(|(_, time)| *time < LEAST_TIMEOUT) {
        add("timeout", Some(text), format!("a timeout of {} (below 2s)", text.value));
    }
    let count = |text: &Text| text.value.trim().parse::<i128>().ok();
    if let Some(text) =
        known(timing.retries.as_ref()).filter(|text| count(text).is_some_and(|count| (1..LEAST_RETRIES).contains(&count)))
    {
        let plural = if text.value.trim() == "1" { "retry" } else { "retries" };
        add("retries", Some(text), format!("{} {plural} (below 3)", text.value.trim()));
    }
    let appends =
        server.flag("appendonly").and_then(|flag| flag.values.first()).is_some_and(|v| v.value.eq_ignore_ascii_case("yes"));
    let starts_cold = match &timing.start_period {
        None => true,
        Some(text) => text.missing().is_empty() && units::duration(&text.value) == Some(0),
    };
    if appends && starts_cold {
        add("start_period", timing.start_period.as_ref(), "no start_period, with an append-only file to load".to_owned());
    }
    out
}

/// A value that the files tell.
fn known(text: Option<&Text>) -> Option<&Text> {
    text.filter(|text| text.missing().is_empty() && !text.has_option())
}

fn change(cx: &Context<'_>, service: &Service, off: &[Off<'_>]) -> Edited {
    let New::Map(layout) = cx.layout.key("healthcheck") else { unreachable!("the template's health check is a mapping") };
    let own = [service.name.as_str()];
    let mut change = Change::default();
    for one in off {
        let at = layout.iter().position(|(key, _)| key == one.key).expect("the template has this key");
        let value = &layout[at].1;
        let written = |value: &Arc<Value>| value.get("healthcheck")?.get(one.key).cloned();
        let there = service.layers.iter().rev().find_map(|layer| written(&layer.value));
        change.join(match there {
            Some(there) if there.text().is_some_and(|text| !text.is_literal()) => {
                return Err(format!("the {} comes from a variable; change it where that is set", one.key));
            }
            Some(there) => cx.editor().replace(&there, value, &own)?,
            None => {
                let layer = service.layer_for("healthcheck");
                let check = layer.value.get("healthcheck").ok_or("the health check stands in no file of the service")?;
                cx.editor().add_entry(check, one.key, value, at as u32, &own)?
            }
        });
    }
    Ok(change)
}
