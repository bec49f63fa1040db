//! What `docker compose config` rejects, as problems with a place; Compose itself names neither line nor column (compose.md §1.11 lists
//! what it checks). Only faults that are certain are reported.

use crate::compose::model::{Problem, ProblemKind, Project, Service};
use crate::compose::units;
use crate::compose::value::{Kind, Text, Value};
use crate::text::span::Span;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Checks the whole project once its services are merged.
pub fn project(project: &mut Project) {
    let mut found = Vec::new();
    for value in &project.values {
        document(value, &mut found);
    }
    for service in project.services.values() {
        references(project, service, &mut found);
        limits(service, &mut found);
    }
    cycles(project, &mut found);
    project.problems.append(&mut found);
}

fn problem(found: &mut Vec<Problem>, span: Span, message: impl Into<String>, help: impl Into<String>) {
    found.push(Problem { kind: ProblemKind::Compose, span, message: message.into(), help: help.into() });
}

fn type_name(value: &Value) -> &'static str {
    match value.kind {
        Kind::Null => "nothing",
        Kind::Scalar(..) => "a single value",
        Kind::Seq(_) => "a list",
        Kind::Map(_) => "a mapping",
    }
}

/// What may stand at the top level (compose-spec, "Compose file").
const SECTIONS: [&str; 9] = ["version", "name", "include", "services", "models", "networks", "volumes", "secrets", "configs"];

/// The types of what is modelled.
fn document(value: &Value, found: &mut Vec<Problem>) {
    if !value.is_map() {
        let message = format!("a compose file must be a mapping, and this is {}", type_name(value));
        return problem(found, value.span, message, "Start the file with `services:`.");
    }
    for entry in value.entries() {
        if !entry.key.starts_with("x-") && !SECTIONS.contains(&entry.key.as_str()) {
            let message = format!("`{}` is no section of a compose file", crate::secret::mask(&entry.key));
            let help = "Services stand below `services:`; the name of anything of your own starts with `x-`.";
            problem(found, entry.key_span, message, help);
        }
    }
    for section in ["services", "networks", "volumes"] {
        let Some(entry) = value.entry(section) else { continue };
        if entry.value.is_map() || entry.value.is_reset() {
            continue;
        }
        if entry.value.is_null() {
            if section == "services" {
                problem(found, entry.key_span, "`services:` is empty", "Add a service below it, or remove the line.");
            }
            continue;
        }
        let message = format!("`{section}` must be a mapping of names, and this is {}", type_name(&entry.value));
        problem(found, entry.key_span, message, format!("Write each of the {section} as `name:` with its settings below."));
    }
    for entry in value.get("services").map(|services| services.entries()).unwrap_or_default() {
        if entry.value.is_map() {
            service_types(&entry.key, &entry.value, found);
        } else if !entry.value.is_reset() {
            let message = format!("the service {} must be a mapping, and this is {}", entry.key, type_name(&entry.value));
            problem(found, entry.key_span, message, "Give it at least `image:` or `build:`.");
        }
    }
}

/// What kind of value a key takes: any of the letters m (mapping), l (list), s (single value), n (nothing).
const SHAPES: [(&str, &str); 20] = [
    ("image", "s"),
    ("container_name", "s"),
    ("hostname", "s"),
    ("network_mode", "s"),
    ("restart", "s"),
    ("mem_limit", "s"),
    ("command", "lsn"),
    ("entrypoint", "lsn"),
    ("environment", "ml"),
    ("env_file", "ls"),
    ("depends_on", "ml"),
    ("networks", "ml"),
    ("ports", "l"),
    ("volumes", "l"),
    ("expose", "l"),
    ("links", "l"),
    ("profiles", "l"),
    ("extra_hosts", "ml"),
    ("healthcheck", "m"),
    ("deploy", "mn"),
];

fn service_types(name: &str, service: &Value, found: &mut Vec<Problem>) {
    for (key, shapes) in SHAPES {
        let Some(entry) = service.entry(key).filter(|entry| !entry.value.is_reset()) else { continue };
        let shape = match entry.value.kind {
            Kind::Null => 'n',
            Kind::Scalar(..) => 's',
            Kind::Seq(_) => 'l',
            Kind::Map(_) => 'm',
        };
        if !shapes.contains(shape) {
            let message = format!("`{key}` of {name} cannot be {}", type_name(&entry.value));
            problem(found, entry.key_span, message, format!("Write it as {}.", expected(shapes)));
        }
    }
    if let Some(check) = service.get("healthcheck").filter(|check| check.is_map()) {
        health(name, check, found);
    }
    if let Some(long) = service.get("depends_on") {
        dependencies(name, long, found);
    }
}

fn expected(shapes: &str) -> String {
    let names: Vec<&str> = shapes
        .chars()
        .filter_map(|shape| match shape {
            'm' => Some("a mapping"),
            'l' => Some("a list"),
            's' => Some("a single value"),
            _ => None,
        })
        .collect();
    names.join(" or ")
}

fn certain(text: &Text) -> bool {
    text.missing().is_empty()
}

fn health(name: &str, check: &Value, found: &mut Vec<Problem>) {
    for key in ["interval", "timeout", "start_period", "start_interval"] {
        let Some(value) = check.get(key) else { continue };
        let Some(text) = value.text().filter(|text| certain(text)) else { continue };
        if !units::is_duration(&text.value) {
            let message = format!("`{key}` of the health check of {name} is no duration");
            problem(found, value.span, message, "Write a number with a unit, such as 10s or 1m30s.");
        }
    }
    let Some(test) = check.get("test").filter(|test| test.is_seq()) else { return };
    let first = test.items().first().and_then(|first| first.text());
    if let Some(first) = first.filter(|first| certain(first) && !matches!(first.value.as_str(), "CMD" | "CMD-SHELL" | "NONE")) {
        let message = format!("the health check of {name} is a list that does not start with CMD, CMD-SHELL or NONE");
        let start = format!("Put \"CMD\" in front of \"{}\".", crate::secret::mask(&first.value));
        problem(found, test.span, message, start);
    }
}

fn dependencies(name: &str, long: &Arc<Value>, found: &mut Vec<Problem>) {
    for entry in long.entries().iter().filter(|entry| !entry.value.is_reset()) {
        let condition = entry.value.get("condition").and_then(|condition| condition.text());
        match condition.map(|condition| condition.value.as_str()) {
            None => {
                let message = format!("`depends_on.{}` of {name} has no `condition`", entry.key);
                problem(found, entry.key_span, message, "Add `condition: service_healthy` or `condition: service_started`.");
            }
            Some("service_started" | "service_healthy" | "service_completed_successfully") => {}
            Some(_) if !condition.is_some_and(certain) => {}
            Some(_) => {
                let message = format!("`depends_on.{}` of {name} has a condition that Compose does not know", entry.key);
                let help = "The conditions are service_started, service_healthy and service_completed_successfully.";
                problem(found, entry.value.span, message, help);
            }
        }
    }
}

/// Names that must lead somewhere. Where a file of the project could not be read, the name may be there.
fn references(project: &Project, service: &Service, found: &mut Vec<Problem>) {
    let incomplete = project.incomplete;
    let name = &service.name;
    for (dependency, details) in &service.depends_on {
        if !project.services.contains_key(dependency) && !incomplete {
            let message = format!("{name} depends on {dependency}, and there is no such service");
            problem(found, details.span, message, format!("Add the service {dependency} or remove the dependency."));
        }
    }
    for (network, attachment) in service.networks.iter().flatten() {
        if network != "default" && !project.networks.contains_key(network) && !incomplete {
            let message = format!("{name} is on the network {network}, which is not declared");
            problem(found, attachment.span, message, format!("Declare `{network}:` under `networks:` at the top level."));
        }
    }
    for mount in &service.volumes {
        let Some(source) = &mount.source else { continue };
        let named = !mount.is_bind && source.chars().next().is_some_and(char::is_alphanumeric);
        // `C:/data` parses as a Windows path.
        if named && source.len() > 1 && !source.contains(['/', '\\']) && !project.volumes.contains_key(source) && !incomplete {
            let message = format!("{name} uses the volume {source}, which is not declared");
            problem(found, mount.span, message, format!("Declare `{source}:` under `volumes:` at the top level."));
        }
    }
    let extends = service.layers.iter().any(|layer| layer.value.entry("extends").is_some());
    if service.is_partial() && !extends && !incomplete && !service.layers.iter().any(|layer| has_unread_image(&layer.value)) {
        let message = format!("the service {name} has neither an image nor a build");
        problem(found, service.span(), message, "Add `image:` or `build:`.");
    }
    if service.networks.as_ref().is_some_and(|networks| !networks.is_empty()) && service.network_mode.is_some() {
        let message = format!("{name} has both `network_mode` and `networks`");
        problem(found, service.span(), message, "Keep one of them.");
    }
}

/// An image whose value is empty because a variable has none is not a missing image.
fn has_unread_image(value: &Value) -> bool {
    let open = value.get("image").and_then(|image| image.text()).is_some_and(|image| !certain(image));
    open || value.entry("provider").is_some()
}

/// `mem_limit` beside `deploy.resources.limits` must say the same.
fn limits(service: &Service, found: &mut Vec<Problem>) {
    let (Some(own), Some(deploy)) = (&service.mem_limit, &service.deploy_limits) else { return };
    let deployed = deploy.memory.as_ref().map_or(Some(0), |memory| units::memory(&memory.value));
    let certain = certain(own) && deploy.memory.as_ref().is_none_or(certain);
    if certain && units::memory(&own.value) != deployed {
        let message = format!("{} has `mem_limit` beside `deploy.resources.limits`, and they differ", service.name);
        problem(found, deploy.value.span, message, "Write the memory limit in `deploy.resources.limits.memory` alone.");
    }
}

/// A service that waits for itself, directly or through others.
fn cycles(project: &Project, found: &mut Vec<Problem>) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in project.services.values() {
        let mut open: BTreeSet<&str> = BTreeSet::new();
        // Each service on the way with its dependencies that are still to be followed.
        let mut way: Vec<(&Service, Vec<&str>)> = Vec::new();
        let mut next = Some(start);
        loop {
            if let Some(service) = next.take() {
                if open.contains(service.name.as_str()) {
                    let message = format!("{} waits for itself through `depends_on`", service.name);
                    return problem(found, service.span(), message, "Remove one dependency of the circle.");
                }
                if !done.contains(service.name.as_str()) {
                    open.insert(&service.name);
                    way.push((service, service.depends_on.keys().map(String::as_str).collect()));
                }
            }
            let Some((service, rest)) = way.last_mut() else { break };
            if let Some(name) = rest.pop() {
                next = project.services.get(name);
            } else {
                open.remove(service.name.as_str());
                done.insert(&service.name);
                way.pop();
            }
        }
    }
}
