//! From the merged document to the typed model: reads the one form that each key has by now, and reports commands and hosts that
//! Compose cannot take.

use super::faults::Faults;
use super::forms::{ports, scalars, words};
use super::model::{
    Attachment, Command, Condition, Dependency, DeployLimits, EnvEntry, EnvFile, Healthcheck, Layer, Mount, Port, Resource,
    Service, Test, TestForm, Timing,
};
use super::resolve::merge;
use super::value::{Kind, Text, Value};
use crate::text::span::Span;
use indexmap::IndexMap;
use std::sync::Arc;

/// A service of the merged document; `layers` is what each file says of it.
pub fn service(name: &str, value: &Arc<Value>, layers: Vec<Layer>, faults: &mut Faults) -> Service {
    let mut binder = Binder { name, faults };
    let text = |key: &str| value.get(key).and_then(|v| v.text()).cloned();
    let command = |key: &str, binder: &mut Binder<'_>| value.get(key).and_then(|value| binder.command(key, value));
    let (entrypoint, run) = (command("entrypoint", &mut binder), command("command", &mut binder));
    Service {
        name: name.to_owned(),
        layers,
        image: text("image").filter(|image| !image.value.is_empty()),
        build: value.get("build").filter(|build| !build.is_null()).map(|build| build.span),
        command: run,
        entrypoint,
        environment: value.get("environment").map(|value| binder.environment(value)).unwrap_or_default(),
        env_files: value.get("env_file").map(|files| files.items().iter().filter_map(env_file).collect()).unwrap_or_default(),
        env_file_lines: Vec::new(),
        depends_on: value.get("depends_on").map(dependencies).unwrap_or_default(),
        networks: value.get("networks").filter(|networks| networks.is_map()).map(attachments),
        network_mode: text("network_mode").filter(|mode| !mode.value.is_empty()),
        links: texts(value.get("links")),
        external_links: texts(value.get("external_links")),
        extra_hosts: value.get("extra_hosts").map(|hosts| binder.extra_hosts(hosts)).unwrap_or_default(),
        container_name: text("container_name"),
        hostname: text("hostname"),
        healthcheck: value.get("healthcheck").and_then(healthcheck),
        ports: value.get("ports").map(|ports| ports.items().iter().filter_map(port).collect()).unwrap_or_default(),
        volumes: value.get("volumes").map(|mounts| mounts.items().iter().filter_map(mount).collect()).unwrap_or_default(),
        tmpfs: texts(value.get("tmpfs")),
        mem_limit: text("mem_limit"),
        deploy_limits: deploy_limits(value),
        profiles: texts(value.get("profiles")),
        restart: text("restart"),
        enabled: true,
        value: Some(value.clone()),
    }
}

/// A top-level network or volume.
pub fn resource(value: &Value, span: Span) -> Resource {
    let said = |key: &str| value.get(key).and_then(|v| v.text()).map(|text| text.value.clone());
    Resource { span, name: said("name"), external: said("external").as_deref() == Some("true") }
}

struct Binder<'a> {
    name: &'a str,
    faults: &'a mut Faults,
}

impl Binder<'_> {
    fn command(&mut self, key: &str, value: &Arc<Value>) -> Option<Command> {
        if let Some(text) = value.text() {
            let Some(words::Words { words, unsaid }) = words::split(text) else {
                let message =
                    format!("the `{key}` of {} cannot be split into words: a quote or a bracket is not closed", self.name);
                self.faults.at(value, message, "Close it, or write the command as a list of words.");
                return None;
            };
            return Some(Command { words, is_string: true, unsaid, value: value.clone() });
        }
        value.is_seq().then(|| {
            let words = value.items().iter().filter_map(|item| item.text().cloned()).collect();
            Command { words, is_string: false, unsaid: Vec::new(), value: value.clone() }
        })
    }

    /// The variables by name; numbers and truth values as Compose writes them.
    fn environment(&mut self, value: &Arc<Value>) -> IndexMap<String, EnvEntry> {
        let Some(map) = merge::key_values(value) else { return IndexMap::new() };
        let mut out = IndexMap::with_capacity(map.entries().len());
        for entry in map.entries() {
            if entry.value.derived && entry.key.ends_with(char::is_whitespace) {
                let message = format!("the variable {} of {} has a blank before its `=`", entry.key.trim_end(), self.name);
                self.faults.certain(entry.key_span, message, "Remove the blank.");
            }
            let text = match &entry.value.kind {
                Kind::Scalar(text, kind) => Some(text.rewritten(scalars::rendered(&text.value, *kind))),
                _ => None,
            };
            out.insert(entry.key.clone(), EnvEntry { key_span: entry.key_span, value: text, through: None });
        }
        out
    }

    /// `host:ip` or `host=ip` items, or a mapping.
    fn extra_hosts(&mut self, value: &Arc<Value>) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for item in merge::host_items(value).items() {
            let Some(text) = item.text() else { continue };
            let parts = text.value.split_once('=').or_else(|| text.value.split_once(':'));
            let Some((host, addresses)) = parts.filter(|(host, _)| !host.is_empty() && !host.contains([':', '='])) else {
                let message = format!("an entry of `extra_hosts` of {} is no host and address", self.name);
                self.faults.at(item, message, "Write `host:address`, such as \"host.docker.internal:host-gateway\".");
                continue;
            };
            let bare = |address: &str| match address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
                Some(inner) => inner.to_owned(),
                None => address.to_owned(),
            };
            out.extend(addresses.split(',').map(|address| (host.to_owned(), bare(address))));
        }
        out
    }
}

fn deploy_limits(service: &Value) -> Option<DeployLimits> {
    let limits = service.get("deploy")?.get("resources")?.get("limits")?;
    let memory = limits.get("memory").and_then(|memory| memory.text()).cloned();
    limits.is_map().then(|| DeployLimits { value: limits.clone(), memory })
}

fn healthcheck(value: &Arc<Value>) -> Option<Healthcheck> {
    if !value.is_map() {
        return None;
    }
    let off = value.entry("disable").filter(|entry| entry.value.is_true());
    let test = value.get("test").and_then(test);
    let none = test.as_ref().filter(|test| test.form == TestForm::None).map(|test| test.value.span);
    let said = |key: &str| value.get(key).and_then(|v| v.text()).cloned();
    let timing = Timing {
        interval: said("interval"),
        timeout: said("timeout"),
        retries: said("retries"),
        start_period: said("start_period"),
    };
    Some(Healthcheck { span: value.span, disabled: off.map(|entry| entry.key_span).or(none), test, timing })
}

/// A string or a list of strings.
fn texts(value: Option<&Arc<Value>>) -> Vec<Text> {
    let Some(value) = value else { return Vec::new() };
    let one = value.text().cloned();
    one.into_iter().chain(value.items().iter().filter_map(|item| item.text().cloned())).collect()
}

fn env_file(item: &Arc<Value>) -> Option<EnvFile> {
    let said = |key: &str| item.get(key).and_then(|v| v.text());
    Some(EnvFile {
        path: said("path")?.clone(),
        required: said("required").is_none_or(|text| text.value != "false"),
        format: said("format").cloned(),
        span: item.span,
    })
}

fn dependencies(value: &Arc<Value>) -> IndexMap<String, Dependency> {
    let one = |entry: &super::value::Entry| {
        let said = |key: &str| entry.value.get(key).and_then(|v| v.text()).map(|text| text.value.clone());
        let condition = match said("condition").as_deref() {
            Some("service_healthy") => Condition::Healthy,
            Some("service_completed_successfully") => Condition::Completed,
            _ => Condition::Started,
        };
        let required = said("required").as_deref() != Some("false");
        let long = (!entry.value.derived).then(|| entry.value.clone());
        (entry.key.clone(), Dependency { condition, required, span: entry.key_span, long })
    };
    value.entries().iter().map(one).collect()
}

fn attachments(value: &Arc<Value>) -> IndexMap<String, Attachment> {
    let one = |entry: &super::value::Entry| {
        let aliases = texts(entry.value.get("aliases")).into_iter().map(|text| text.value).collect();
        (entry.key.clone(), Attachment { span: entry.key_span, aliases })
    };
    value.entries().iter().map(one).collect()
}

fn test(value: &Arc<Value>) -> Option<Test> {
    if let Some(text) = value.text() {
        return Some(Test { value: value.clone(), form: TestForm::Shell, words: vec![text.clone()] });
    }
    let mut words: Vec<Text> = value.items().iter().filter_map(|item| item.text().cloned()).collect();
    if words.is_empty() {
        return None;
    }
    let form = match words.remove(0).value.as_str() {
        "CMD" => TestForm::Exec,
        "CMD-SHELL" => TestForm::Shell,
        "NONE" => TestForm::None,
        _ => return None,
    };
    Some(Test { value: value.clone(), form, words })
}

fn port(value: &Arc<Value>) -> Option<Port> {
    let said = |key: &str| value.get(key).and_then(|v| v.text()).map(|text| text.value.clone());
    Some(Port {
        host_ip: said("host_ip").filter(|ip| !ip.is_empty()),
        published: said("published").and_then(|text| ports::range(&text)),
        target: ports::range(&said("target")?)?,
        protocol: said("protocol").unwrap_or_else(|| "tcp".to_owned()),
        span: value.span,
    })
}

fn mount(value: &Arc<Value>) -> Option<Mount> {
    let said = |key: &str| value.get(key).and_then(|v| v.text()).map(|text| text.value.clone());
    let is_bind = said("type").is_some_and(|kind| kind != "volume");
    let read_only = value.get("read_only").is_some_and(|value| value.is_true());
    Some(Mount { source: said("source"), target: said("target")?, is_bind, read_only, span: value.span })
}
