//! The rule `wrong-redis-port`.

use super::{Group, groups_at, used_by, what};
use crate::compose::model::Port;
use crate::compose::value::Site;
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::endpoints::Endpoint;
use crate::redis::hosts::Way;
use crate::redis::networks;
use crate::redis::servers::{DEFAULT_PORT, RedisServer};
use crate::redis::uses::{Form, RedisUse};
use crate::redis::variables::Role;
use crate::rules::context::Context;
use crate::text::span::Span;
use std::ops::Range;

crate::declare_rule! {
    /// Flags a connection to a Redis of the project at a port on which it does not listen.
    ///
    /// ## Why
    ///
    /// `ports: ["6380:6379"]` publishes Redis on port 6380 of the machine. Between the services of a project that port does not exist:
    /// they reach the container itself, on the port that Redis listens on (6379, or what `--port` says). At any other the connection is
    /// refused.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     ports: ["127.0.0.1:6380:6379"]
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: redis://redis:6380/0
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     ports: ["127.0.0.1:6380:6379"]
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: it puts the port of the server in the place of the wrong one. Where the same place also says what is published, or leads
    /// to another server, it is left alone.
    "wrong-redis-port", "connection", Error, Safe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for group in groups_at(cx, |usage| wrong(cx, usage).and_then(|_| place(cx, usage))) {
        let Some((server, port)) = wrong(cx, group.first()) else { continue };
        out.push(finding(cx, &group, server, port));
    }
    for group in groups_at(cx, |usage| place(cx, usage).filter(|_| has_no_number(usage))) {
        out.push(not_a_port(&group));
    }
}

/// A port that no client can dial; one that a shell fills in, or the address that Docker's links put into `*_PORT`, is none of these.
fn has_no_number(usage: &RedisUse) -> bool {
    let Some(port) = usage.endpoint.as_ref().filter(|_| !usage.several).and_then(|endpoint| endpoint.port.as_ref()) else {
        return false;
    };
    let known = port.missing().is_empty() && !port.has_option() && !port.value.is_empty();
    let dials = port.value.parse::<u16>().is_ok_and(|port| port > 0);
    known && !dials && !port.value.contains(['$', '/', '{', '<'])
}

fn not_a_port(group: &Group<'_>) -> Finding {
    let variable = group.first().parts.iter().find(|part| part.role == Role::Port).map(|part| part.variable.clone());
    let what = variable.unwrap_or_else(|| group.what());
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: group.subject(),
        message: format!("{what} has a port that is no number from 1 to 65535; {}", used_by(&group.services())),
        why: "no client can dial it: they stop at the value, or take the whole for something else".to_owned(),
        help: format!("write the port that the server listens on, {DEFAULT_PORT} unless it is told another"),
        primary: Label::new(group.span, "no port"),
        related: Vec::new(),
        remedy: Remedy::Manual,
    }
}

/// The server that a use leads to and its right port, where the use arrives at another.
fn wrong<'a>(cx: &Context<'a>, usage: &RedisUse) -> Option<(&'a RedisServer, u16)> {
    let server = cx.redis.server(usage.target.server()?).filter(|server| !server.is_fragment)?;
    let endpoint = usage.endpoint.as_ref().filter(|_| !usage.several)?;
    // Clients fill in the port of a URL; of a host alone each program does as it likes.
    let is_said = endpoint.port.is_some() || matches!(usage.form, Form::Url);
    let misses = is_said && server.listens_on(usage.port?) == Some(false);
    let right = server.port_for(endpoint.tls)?;
    (misses && !is_meant_for_ports(cx, usage, server) && cx.is_alone(server, &usage.service)).then_some((server, right))
}

/// Whether the port of a split connection may be there for `ports:` alone, and the service be told another in the same env file.
fn is_meant_for_ports(cx: &Context<'_>, usage: &RedisUse, server: &RedisServer) -> bool {
    let ports = || usage.parts.iter().filter(|part| part.role == Role::Port);
    let right = |port: &str| port.parse().is_ok_and(|port| server.listens_on(port) == Some(true));
    // `REDIS_HOST_PORT` beside `REDIS_PORT`.
    if ports().any(|part| right(&part.text.value)) {
        return true;
    }
    let environment = &cx.service(&usage.service).environment;
    let comes_along = ports().all(|part| {
        let whole_file = environment.get(&part.variable).is_some_and(|entry| entry.through.is_some());
        whole_file && matches!(part.text.site(), Site::Env { file, line, .. } if cx.is_foreign(file, line))
    });
    let other = |other: &RedisUse| {
        let same = other.service == usage.service && other.target.server() == Some(&server.service);
        same && other.port.is_some_and(|port| server.listens_on(port) == Some(true))
    };
    usage.form == Form::Split && ports().next().is_some() && comes_along && cx.redis.uses.iter().any(other)
}

/// Where the port is written, or the host where there is none.
fn place(cx: &Context<'_>, usage: &RedisUse) -> Option<Span> {
    let endpoint = usage.endpoint.as_ref()?;
    let text = endpoint.port.as_ref().unwrap_or(&endpoint.host);
    cx.project.docs.locate(text, 0..text.value.len())
}

fn finding(cx: &Context<'_>, group: &Group<'_>, server: &RedisServer, right: u16) -> Finding {
    let usage = group.first();
    let name = &server.service;
    let address = group.endpoint().address_by(usage.address);
    // Of a split connection, the variable of the port is at fault.
    let variable =
        usage.parts.iter().find(|part| part.role == Role::Port && usage.form == Form::Split).map(|part| &part.variable);
    let what = variable.cloned().unwrap_or_else(|| group.what());
    let subject = Subject { variable: variable.or(usage.variable.as_ref()).cloned(), ..Subject::service(&usage.service) };
    let (clause, label) = reason(cx, usage, server, right);
    let mut related: Vec<Label> = label.into_iter().collect();
    related.extend(group.ways(cx));
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject,
        message: format!("{what} leads to {address}, {clause}; {}", used_by(&group.services())),
        why: format!("nothing listens on that port of {name}, so every connection is refused"),
        help: match usage.way {
            Way::Machine => format!("let `ports` lead to {right}"),
            _ => format!("name the port {right}"),
        },
        primary: Label::new(group.span, format!("{name} listens on {right}")),
        related,
        remedy: remedy(cx, group, server, right),
    }
}

/// How the port came about, and where the other one is written.
fn reason(cx: &Context<'_>, usage: &RedisUse, server: &RedisServer, right: u16) -> (String, Option<Label>) {
    let name = &server.service;
    let dialled = usage.endpoint.as_ref().and_then(Endpoint::dials);
    let owner = networks::space(cx.project, cx.service(name)).owner;
    let publishes = |port: &&Port| {
        let asked = dialled.zip(port.published);
        port.protocol != "udp" && asked.is_some_and(|(asked, (first, last))| (first..=last).contains(&asked))
    };
    if let Some(port) = owner.ports.iter().find(publishes) {
        let place = cx.place(port.span);
        let arrival = usage.port.unwrap_or(right);
        return if usage.way == Way::Machine {
            let clause = format!(
                "which `ports` ({place}) leads to port {arrival} of {name}, where {name} does not listen, but on {right}"
            );
            (clause, Some(Label::new(port.span, format!("leads to {arrival}"))))
        } else {
            let clause =
                format!("the port that `ports` ({place}) publishes on the machine; to other services {name} listens on {right}");
            (clause, Some(Label::new(port.span, "published on the machine")))
        };
    }
    let option = if usage.endpoint.as_ref().is_some_and(|endpoint| endpoint.tls) { "tls-port" } else { "port" };
    let flag = server.flag(option).and_then(|flag| flag.values.first()).and_then(|text| cx.project.docs.written(text));
    match flag {
        Some(span) => {
            let clause = format!("and {name} listens on {right} (`--{option}`, {})", cx.place(span));
            (clause, Some(Label::new(span, format!("listens on {right}"))))
        }
        None => (format!("and {name} ({}) listens on {right}", cx.place(server.span)), None),
    }
}

fn remedy(cx: &Context<'_>, group: &Group<'_>, server: &RedisServer, right: u16) -> Remedy {
    let refused = |reason: &str| Remedy::Refused(reason.to_owned());
    if group.uses.iter().any(|usage| usage.way == Way::Machine) {
        return refused("the port here is the published one, which is right; it is `ports` that leads on to a wrong one");
    }
    if group
        .uses
        .iter()
        .any(|usage| wrong(cx, usage).is_none_or(|(other, port)| (&other.service, port) != (&server.service, right)))
    {
        return refused("it leads to servers with different ports");
    }
    let Some(port) = &group.endpoint().port else {
        return Remedy::Refused(format!("no port is written here; add `:{right}` behind the host"));
    };
    let site = port.site();
    if let Some(reason) = feeds_others(cx, group, &site, right) {
        return Remedy::Refused(reason);
    }
    let title = format!("Let {} name port {right} of {}", what(group.first()), server.service);
    Remedy::offer(Applicability::Safe, title, None, cx.editor().set(&site, &right.to_string()))
}

/// Why a port cannot be changed where it is written: something else reads it there too, and is right.
fn feeds_others(cx: &Context<'_>, group: &Group<'_>, site: &Site, right: u16) -> Option<String> {
    let place = cx.place(group.span);
    if let Site::Env { file, line, .. } = site
        && cx.is_foreign(*file, *line)
    {
        return Some(format!(
            "{place} is also read for something else, such as a published port; write {right} for Redis apart from it"
        ));
    }
    let is_here = |usage: &RedisUse| group.uses.iter().any(|own| std::ptr::eq(*own, usage));
    let others = cx.redis.uses.iter().filter(|usage| !is_here(usage));
    let other = others.into_iter().find(|usage| {
        let own = usage.endpoint.iter().chain(usage.ends.iter().map(|(end, _)| end));
        own.filter_map(|endpoint| endpoint.port.as_ref()).any(|port| overlaps(&port.site(), site))
    });
    if let Some(other) = other {
        return Some(format!("{place} is also the port of another connection, {} of {}", what(other), other.service));
    }
    let values =
        |server: &RedisServer| server.flags.iter().any(|flag| flag.values.iter().any(|text| overlaps(&text.site(), site)));
    let server = cx.redis.servers.iter().find(|server| values(server))?;
    Some(format!("{place} is also read by the command of {}", server.service))
}

/// Whether two places share bytes.
fn overlaps(a: &Site, b: &Site) -> bool {
    let meet = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
    match (a, b) {
        (Site::Yaml { file, node, cooked }, Site::Yaml { file: f, node: n, cooked: other }) => {
            (file, node) == (f, n) && meet(cooked, other)
        }
        (Site::Env { file, line, template }, Site::Env { file: f, line: l, template: other }) => {
            (file, line) == (f, l) && meet(template, other)
        }
        _ => false,
    }
}
