//! The rule `conflicting-host-port`.

use crate::compose::model::{Port, Service};
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::rules::context::Context;
use std::collections::{BTreeMap, BTreeSet, HashSet};

crate::declare_rule! {
    /// Flags two services that can run together and publish the same port of the host, one of them Redis.
    ///
    /// ## Why
    ///
    /// Only one can have the port: `docker compose up` fails with "port is already allocated", and which of the two it hits depends on
    /// the order of the start. `docker compose config` does not notice.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     ports:
    ///       - "127.0.0.1:6379:6379"
    ///   cache:
    ///     image: example/proxy:1.0
    ///     ports:
    ///       - "127.0.0.1:6379:7000"
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   cache:
    ///     image: example/proxy:1.0
    ///     ports:
    ///       - "127.0.0.1:6379:7000"
    /// ```
    ///
    /// ## Fix
    ///
    /// None: which of the two keeps the port is a choice. Redis usually needs none.
    "conflicting-host-port", "exposure", Error, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let servers: HashSet<&str> = cx.redis.servers.iter().map(|server| server.service.as_str()).collect();
    // Only services that publish the same number can clash.
    let mut publishers: BTreeMap<u16, Vec<&Service>> = BTreeMap::new();
    for service in cx.project.services.values() {
        for port in service.ports.iter().filter_map(|port| port.published) {
            publishers.entry(port.0).or_default().push(service);
        }
    }
    for server in &cx.redis.servers {
        let redis = cx.service(&server.service);
        let numbers: BTreeSet<u16> = redis.ports.iter().filter_map(|port| Some(port.published?.0)).collect();
        for &other in numbers.iter().filter_map(|number| publishers.get(number)).flatten() {
            let both_redis = servers.contains(other.name.as_str());
            let first = redis.span() < other.span();
            if other.name == redis.name || (both_redis && !first) || !run_together(redis, other) {
                continue;
            }
            let clash = redis.ports.iter().flat_map(|a| other.ports.iter().map(move |b| (a, b))).find(|(a, b)| overlap(a, b));
            out.extend(clash.map(|(a, b)| finding(redis, other, a, b)));
        }
    }
}

/// Without a profile a service always runs; with profiles, two run together if they share one.
fn run_together(a: &Service, b: &Service) -> bool {
    let share = a.profiles.iter().any(|own| b.profiles.iter().any(|other| own.value == other.value));
    a.profiles.is_empty() || b.profiles.is_empty() || share
}

fn overlap(a: &Port, b: &Port) -> bool {
    let (Some(own), Some(other)) = (a.published, b.published) else { return false };
    let anywhere = |ip: &Option<String>| ip.as_deref().is_none_or(|ip| matches!(ip, "" | "0.0.0.0" | "::"));
    let same_address = a.host_ip == b.host_ip || anywhere(&a.host_ip) || anywhere(&b.host_ip);
    a.protocol == b.protocol && same_address && own.0 <= other.1 && other.0 <= own.1 && own.0 == own.1 && other.0 == other.1
}

fn finding(redis: &Service, other: &Service, a: &Port, b: &Port) -> Finding {
    let number = a.published.map_or(0, |(low, _)| low);
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::service(&redis.name),
        message: format!("{} and {} both publish port {number} of the host", redis.name, other.name),
        why: "the second to start fails with \"port is already allocated\"".to_owned(),
        help: format!("remove the port of {}: services of the project reach it by its name", redis.name),
        primary: Label::new(a.span, format!("port {number}")),
        related: vec![Label::new(b.span, format!("{} publishes it too", other.name))],
        remedy: Remedy::Manual,
    }
}
