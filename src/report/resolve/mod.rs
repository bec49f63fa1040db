//! `resolve`: the project as Compose would run it, in the shape of `docker compose config`, restricted to what the interface promises.
//! Values get the form in which Compose prints them: sizes in bytes, durations as Go writes them, commands as lists of words.

mod json;
mod mask;
mod origin;
mod yaml;

use crate::compose::forms::scalars;
use crate::compose::forms::units;
use crate::compose::model::{Documents, Project, Service};
use crate::compose::resolve::merge;
use crate::compose::value::{Kind, Text, Type, Value};
use crate::syntax::interpolate;
use crate::text::span::Span;
pub use json::render as json;
use std::collections::BTreeSet;
pub use yaml::render as yaml;

/// What is to be shown beside the values, or not at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Behind each value, where it came from.
    pub origin: bool,
    pub show_secrets: bool,
}

/// A value as it is printed.
#[derive(Debug, Clone)]
pub enum Shown {
    Null,
    Bool(bool),
    /// A number, written as it is printed.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// A value with where it came from, if that was asked for.
#[derive(Debug, Clone)]
pub struct Node {
    pub shown: Shown,
    pub origin: Option<String>,
}

/// The whole project, secrets masked unless they are asked for.
pub fn model(project: &Project, options: Options) -> Node {
    let printer = Printer { project, docs: &project.docs, origin: options.origin };
    let mut out = vec![("name".to_owned(), plain(Shown::Text(project.name.clone())))];
    let enabled: Vec<&Service> = sorted(project.services.values().filter(|service| service.enabled), |service| &service.name);
    let services = enabled.iter().map(|service| (service.name.clone(), printer.service(service))).collect();
    out.push(("services".to_owned(), plain(Shown::Map(services))));
    let on = enabled.iter().filter_map(|service| service.value.as_ref()?.get("networks"));
    let networks: BTreeSet<&str> = on.flat_map(|networks| networks.entries()).map(|entry| entry.key.as_str()).collect();
    let mounts = enabled.iter().flat_map(|service| &service.volumes).filter(|mount| !mount.is_bind);
    let volumes: BTreeSet<&str> = mounts.filter_map(|mount| mount.source.as_deref()).collect();
    for (section, used) in [("networks", networks), ("volumes", volumes)] {
        let entries = project.merged.as_ref().and_then(|merged| merged.get(section)).map(|section| section.entries());
        let kept: Vec<_> =
            sorted(entries.unwrap_or_default().iter().filter(|entry| used.contains(entry.key.as_str())), |entry| &entry.key);
        if !kept.is_empty() {
            let resources = kept.iter().map(|entry| (entry.key.clone(), printer.resource(&entry.value))).collect();
            out.push((section.to_owned(), plain(Shown::Map(resources))));
        }
    }
    let whole = plain(Shown::Map(out));
    escaped(if options.show_secrets { whole } else { mask::mask(whole) })
}

/// `$` doubled, as `docker compose config` does, so that what is printed is a compose file that means the same.
fn escaped(node: Node) -> Node {
    let shown = match node.shown {
        Shown::Text(text) => Shown::Text(interpolate::escape(&text)),
        Shown::List(items) => Shown::List(items.into_iter().map(escaped).collect()),
        Shown::Map(entries) => Shown::Map(entries.into_iter().map(|(key, inner)| (key, escaped(inner))).collect()),
        other => other,
    };
    Node { shown, ..node }
}

fn sorted<'a, T>(items: impl Iterator<Item = &'a T>, key: impl Fn(&'a T) -> &'a String) -> Vec<&'a T> {
    let mut items: Vec<&T> = items.collect();
    items.sort_by_key(|item| key(item));
    items
}

/// A value that stands nowhere as such.
fn plain(shown: Shown) -> Node {
    Node { shown, origin: None }
}

/// The node with `hops` behind the origin of each of its values.
fn behind(node: Node, hops: Option<&str>) -> Node {
    let Some(hops) = hops else { return node };
    let shown = match node.shown {
        Shown::List(items) => Shown::List(items.into_iter().map(|item| behind(item, Some(hops))).collect()),
        Shown::Map(entries) => Shown::Map(entries.into_iter().map(|(key, inner)| (key, behind(inner, Some(hops)))).collect()),
        single => single,
    };
    Node { shown, origin: node.origin.map(|origin| format!("{origin} → {hops}")) }
}

struct Printer<'a> {
    project: &'a Project,
    docs: &'a Documents,
    origin: bool,
}

impl Printer<'_> {
    fn text(&self, text: &Text, shown: Shown) -> Node {
        Node { shown, origin: self.origin.then(|| origin::of_text(self.docs, text)).flatten() }
    }

    fn at(&self, span: Span, shown: Shown) -> Node {
        Node { shown, origin: self.origin.then(|| self.docs.sources.place(span)) }
    }

    fn service(&self, service: &Service) -> Node {
        let Some(value) = &service.value else { return plain(Shown::Map(Vec::new())) };
        let mut out: Vec<(String, Node)> = Vec::new();
        for key in KEYS {
            let node = match key {
                "command" => self.command(service.command.as_ref()),
                "entrypoint" => self.command(service.entrypoint.as_ref()),
                "environment" => self.environment(service),
                "extra_hosts" => self.hosts(service, value),
                "deploy" => self.limits(value),
                _ => value.get(key).filter(|value| !value.is_null()).and_then(|value| self.key(key, value)),
            };
            let hops = self.hops(service, value, key);
            out.extend(node.map(|node| (key.to_owned(), behind(node, hops.as_deref()))));
        }
        plain(Shown::Map(out))
    }

    /// How what a key says came to the service; variables tell that themselves.
    fn hops(&self, service: &Service, value: &Value, key: &str) -> Option<String> {
        let entry = value.entry(key).filter(|_| self.origin && key != "environment")?;
        origin::hops(self.project, service, entry.value.span)
    }

    fn key(&self, key: &str, value: &Value) -> Option<Node> {
        Some(match key {
            "mem_limit" => Some(self.bytes(value)).filter(|node| !matches!(node.shown, Shown::Null))?,
            "healthcheck" => self.healthcheck(value),
            "ports" => list(value, |port| {
                map(port, |key, value| match key {
                    "published" => self.written(value),
                    _ if value.text().is_some_and(|text| text.value.is_empty()) => plain(Shown::Null),
                    _ => self.generic(value),
                })
            }),
            "volumes" => list(value, |mount| self.mount(mount)),
            _ if value.entries().is_empty() && value.is_map() => return None,
            // A network without settings is printed all the same.
            "networks" => {
                let on = value.entries().iter().map(|entry| (entry.key.clone(), self.generic(&entry.value)));
                plain(Shown::Map(on.collect()))
            }
            _ => self.generic(value),
        })
        .filter(|node| !is_empty(&node.shown))
    }

    /// `docker compose config` leaves a command out that is not said, and prints one that says nothing.
    fn command(&self, command: Option<&crate::compose::model::Command>) -> Option<Node> {
        let command = command?;
        let said = command.words.iter().enumerate().filter(|(at, _)| !command.unsaid.contains(at));
        let words = said.map(|(_, word)| self.text(word, Shown::Text(word.value.clone()))).collect();
        Some(self.at(command.value.span, Shown::List(words)))
    }

    fn environment(&self, service: &Service) -> Option<Node> {
        let mut entries: Vec<(&String, Node)> = Vec::with_capacity(service.environment.len());
        for (key, entry) in &service.environment {
            let shown = entry.value.as_ref().map_or(Shown::Null, |text| Shown::Text(text.value.clone()));
            let origin = self.origin.then(|| origin::of_variable(self.project, service, key, entry)).flatten();
            entries.push((key, Node { shown, origin }));
        }
        entries.sort_by_key(|(key, _)| *key);
        let entries: Vec<_> = entries.into_iter().map(|(key, node)| (key.clone(), node)).collect();
        (!entries.is_empty()).then(|| plain(Shown::Map(entries)))
    }

    fn hosts(&self, service: &Service, value: &Value) -> Option<Node> {
        let span = value.get("extra_hosts")?.span;
        let mut hosts: Vec<String> = service.extra_hosts.iter().map(|(host, ip)| format!("{host}={ip}")).collect();
        hosts.sort();
        let items: Vec<Node> = hosts.into_iter().map(|host| plain(Shown::Text(host))).collect();
        (!items.is_empty()).then(|| self.at(span, Shown::List(items)))
    }

    fn healthcheck(&self, value: &Value) -> Node {
        let word = |text: &str| plain(Shown::Text(text.to_owned()));
        map(value, |key, value| match (key, &value.kind) {
            ("test", Kind::Scalar(text, _)) => {
                let line = self.text(text, Shown::Text(text.value.clone()));
                plain(Shown::List(vec![word("CMD-SHELL"), line]))
            }
            ("test", Kind::Seq(items)) if items.is_empty() => plain(Shown::Null),
            ("interval" | "timeout" | "start_period" | "start_interval", Kind::Scalar(text, _)) => {
                let written = units::duration(&text.value).map_or_else(|| text.value.clone(), units::go_duration);
                self.text(text, Shown::Text(written))
            }
            _ => self.generic(value),
        })
    }

    fn mount(&self, mount: &Value) -> Node {
        map(mount, |key, value| match key {
            "bind" | "volume" => map(value, |key, value| match key {
                "labels" => self.labels(value),
                _ => self.generic(value),
            }),
            "tmpfs" => map(value, |key, value| if key == "size" { self.bytes(value) } else { self.generic(value) }),
            _ => self.generic(value),
        })
    }

    fn limits(&self, value: &Value) -> Option<Node> {
        let limits = value.get("deploy")?.get("resources")?.get("limits")?;
        let node = map(limits, |key, value| match (key, &value.kind) {
            ("memory", _) => self.bytes(value),
            ("cpus" | "pids", Kind::Scalar(text, _)) => match text.value.parse::<f32>() {
                Ok(0.0) => plain(Shown::Null),
                Ok(number) => self.text(text, Shown::Number(format!("{number}"))),
                Err(_) => self.generic(value),
            },
            _ => self.generic(value),
        });
        let inside = |key: &str, node: Node| plain(Shown::Map(vec![(key.to_owned(), node)]));
        Some(inside("resources", inside("limits", node)))
    }

    fn resource(&self, value: &Value) -> Node {
        map(value, |key, value| match key {
            "driver_opts" | "options" => map(value, |_, value| self.written(value)),
            "labels" => self.labels(value),
            "ipam" => map(value, |key, value| match key {
                "options" => map(value, |_, value| self.written(value)),
                _ => self.generic(value),
            }),
            _ => self.generic(value),
        })
    }

    /// `KEY=value` items or a mapping, as a mapping of texts.
    fn labels(&self, value: &Value) -> Node {
        let map = merge::key_values(&std::sync::Arc::new(value.clone()));
        let entries = map.iter().flat_map(|map| map.entries());
        let mut entries: Vec<_> = entries.map(|entry| (entry.key.clone(), self.label(&entry.value))).collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        plain(Shown::Map(entries))
    }

    fn label(&self, value: &Value) -> Node {
        if value.is_null() { plain(Shown::Text(String::new())) } else { self.written(value) }
    }

    /// An amount of memory in bytes; none at all is not printed.
    fn bytes(&self, value: &Value) -> Node {
        let Some(text) = value.text() else { return self.generic(value) };
        match units::memory(&text.value) {
            Some(0) => plain(Shown::Null),
            Some(bytes) => self.text(text, Shown::Text(bytes.to_string())),
            None => self.text(text, Shown::Text(text.value.clone())),
        }
    }

    /// A scalar as a text, whatever its type.
    fn written(&self, value: &Value) -> Node {
        match &value.kind {
            Kind::Scalar(text, kind) => self.text(text, Shown::Text(scalars::rendered(&text.value, *kind))),
            _ => self.generic(value),
        }
    }

    /// A value by its type alone.
    fn generic(&self, value: &Value) -> Node {
        match &value.kind {
            Kind::Null => plain(Shown::Null),
            Kind::Scalar(text, kind) => {
                let written = scalars::rendered(&text.value, *kind);
                let shown = match kind {
                    Type::Bool => Shown::Bool(written == "true"),
                    Type::Int => Shown::Number(written),
                    Type::Float if written.parse::<f64>().is_ok_and(f64::is_finite) => Shown::Number(written),
                    Type::Str | Type::Float | Type::Time => Shown::Text(written),
                };
                self.text(text, shown)
            }
            Kind::Seq(_) => list(value, |item| self.generic(item)),
            Kind::Map(_) => map(value, |_, value| self.generic(value)),
        }
    }
}

fn list(value: &Value, item: impl Fn(&Value) -> Node) -> Node {
    plain(Shown::List(value.items().iter().map(|value| item(value)).collect()))
}

fn map(value: &Value, inner: impl Fn(&str, &Value) -> Node) -> Node {
    if value.is_null() {
        return plain(Shown::Null);
    }
    let kept = value.entries().iter().filter(|entry| !entry.key.starts_with("x-"));
    let entries = kept.map(|entry| (entry.key.clone(), inner(&entry.key, &entry.value)));
    let entries = entries.filter(|(key, node)| match node.shown {
        Shown::Null => false,
        Shown::Bool(false) => KEPT_FALSE.contains(&key.as_str()),
        _ => true,
    });
    plain(Shown::Map(entries.collect()))
}

/// Truth values that are printed even if they are false; others are left out then.
const KEPT_FALSE: [&str; 3] = ["required", "enable_ipv4", "enable_ipv6"];

/// What `docker compose config` takes for not said.
fn is_empty(shown: &Shown) -> bool {
    match shown {
        Shown::Text(text) => text.is_empty(),
        Shown::List(items) => items.is_empty(),
        _ => false,
    }
}

/// The keys of a service that are printed, in the order in which they are.
const KEYS: [&str; 18] = [
    "profiles",
    "command",
    "container_name",
    "depends_on",
    "deploy",
    "entrypoint",
    "environment",
    "extra_hosts",
    "healthcheck",
    "hostname",
    "image",
    "links",
    "mem_limit",
    "network_mode",
    "networks",
    "ports",
    "restart",
    "volumes",
];
