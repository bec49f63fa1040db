//! Whether a project holds together (compose-go `loader/validate.go`): names that lead somewhere, settings that do not contradict each
//! other, no circles. Of services whose profile is not active Compose asks none of it.

use crate::compose::faults::{self, Faults};
use crate::compose::forms::units;
use crate::compose::model::{Project, Service};
use crate::compose::resolve::profiles;
use crate::compose::value::{Entry, Value};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Checks the services that run.
pub fn check(project: &Project, faults: &mut Faults) {
    let enabled: Vec<&Service> = project.services.values().filter(|service| service.enabled).collect();
    for &service in &enabled {
        runs_something(project, service, faults);
        dependencies(project, service, faults);
        networks(project, service, faults);
        volumes(project, service, faults);
        files(project, service, faults);
        files_on_disk(project, service, faults);
        health(service, faults);
        limits(service, faults);
        scale(service, faults);
        targets(service, faults);
    }
    container_names(&enabled, faults);
    cycles(project, faults);
}

fn key<'a>(service: &'a Service, key: &str) -> Option<&'a Arc<Value>> {
    service.value.as_ref()?.get(key).filter(|value| !value.is_null())
}

fn runs_something(project: &Project, service: &Service, faults: &mut Faults) {
    if !service.is_partial() || key(service, "provider").is_some() || project.incomplete {
        return;
    }
    let message = format!("the service {} has neither an image nor a build", service.name);
    match key(service, "image") {
        Some(image) => faults.of(image, service.span(), message, "Add `image:` or `build:`."),
        None => faults.dangling(service.span(), message, "Add `image:` or `build:`."),
    }
}

/// Names that must lead somewhere. Where a file of the project could not be read, the name may be there.
fn dependencies(project: &Project, service: &Service, faults: &mut Faults) {
    let name = &service.name;
    for (Entry { key: dependency, key_span, .. }, there) in profiles::inactive(project, service) {
        let profiles = there.profiles.iter().map(|profile| profile.value.as_str()).collect::<Vec<_>>().join(", ");
        let message = format!("{name} depends on {dependency}, which does not run: its profile ({profiles}) is not active");
        let help = format!("Give {name} the same profile, activate it, or set `required: false` for the dependency.");
        faults.inactive(*key_span, message, help);
    }
    for Entry { key: dependency, key_span, .. } in profiles::needed(service) {
        match project.services.get(dependency) {
            Some(_) => {}
            None if project.incomplete => {}
            None => {
                let shown = crate::secret::mask(dependency);
                let message = format!("{name} depends on {shown}, and there is no such service");
                let names = project.services.keys().map(String::as_str);
                let help = match crate::text::nearest::nearest(dependency, names.filter(|other| other != name)) {
                    Some(near) => format!("Did you mean {near}?"),
                    None => format!("Add the service {shown} or remove the dependency."),
                };
                faults.dangling(*key_span, message, help);
            }
        }
    }
}

fn networks(project: &Project, service: &Service, faults: &mut Faults) {
    let name = &service.name;
    for (network, attachment) in service.networks.iter().flatten() {
        if network != "default" && !project.networks.contains_key(network) && !project.incomplete {
            let shown = crate::secret::mask(network);
            let message = format!("{name} is on the network {shown}, which is not declared");
            faults.dangling(attachment.span, message, format!("Declare `{shown}:` under `networks:` at the top level."));
        }
    }
    if let (Some(mode), true) = (&service.network_mode, service.networks.as_ref().is_some_and(|networks| !networks.is_empty())) {
        let message = format!("{name} has both `network_mode` and `networks`");
        faults.of_text(mode, service.span(), message, "Keep one of them.");
    }
}

fn volumes(project: &Project, service: &Service, faults: &mut Faults) {
    for mount in service.volumes.iter().filter(|mount| !mount.is_bind) {
        let Some(source) = mount.source.as_deref().filter(|source| !source.is_empty()) else { continue };
        if !project.volumes.contains_key(source) && !project.incomplete {
            let shown = crate::secret::mask(source);
            let message = format!("{} uses the volume {shown}, which is not declared", service.name);
            let help = format!("Declare `{shown}:` under `volumes:` at the top level, or write a path with `./` in front.");
            faults.dangling(mount.span, message, help);
        }
    }
}

/// Secrets and configs that are declared at the top level.
fn files(project: &Project, service: &Service, faults: &mut Faults) {
    let declared = |section: &str, name: &str| {
        project.merged.as_ref().and_then(|merged| merged.get(section)).is_some_and(|section| section.entry(name).is_some())
    };
    for (section, kind) in [("secrets", "secret"), ("configs", "config")] {
        for item in key(service, section).map(|list| list.items()).unwrap_or_default() {
            let Some(source) = item.get("source").and_then(|source| source.text()) else { continue };
            if !declared(section, &source.value) && !project.incomplete {
                let shown = crate::secret::mask(&source.value);
                let message = format!("{} uses the {kind} {shown}, which is not declared", service.name);
                let help = format!("Declare `{shown}:` under `{section}:` at the top level.");
                if source.missing().is_empty() {
                    faults.dangling(item.span, message, help);
                } else {
                    faults.of_text(source, item.span, message, help);
                }
            }
        }
    }
}

/// Files beside env files that Compose needs, and that are often kept out of git.
fn files_on_disk(project: &Project, service: &Service, faults: &mut Faults) {
    let items = |value: &Arc<Value>| if value.is_seq() { value.items().to_vec() } else { vec![value.clone()] };
    let text = |item: &Arc<Value>| item.text().map(|text| text.value.clone());
    let keys = key(service, "build").and_then(|build| build.get("ssh")).map(items).unwrap_or_default();
    let labels = key(service, "label_file").map(items).unwrap_or_default();
    // `id=path`; an id alone is served by the agent.
    let keys = keys
        .iter()
        .map(|item| (item, "SSH key of the build", text(item).and_then(|key| Some(key.split_once('=')?.1.to_owned()))));
    let labels = labels.iter().map(|item| (item, "label file", text(item)));
    for (item, what, path) in keys.chain(labels) {
        let path = path.filter(|path| !path.is_empty() && !path.starts_with(['~', '$']));
        if let Some(path) = path.filter(|path| !project.docs.sources.exists(Path::new(path))) {
            let shown = crate::secret::mask(&path);
            faults.unknown(item.span, format!("the {what} of {}, {shown}, is not here", service.name), faults::FILE);
        }
    }
}

fn health(service: &Service, faults: &mut Faults) {
    let Some(test) = key(service, "healthcheck").and_then(|check| check.get("test")).filter(|test| test.is_seq()) else { return };
    let Some(first) = test.items().first().and_then(|first| first.text()) else { return };
    if !matches!(first.value.as_str(), "CMD" | "CMD-SHELL" | "NONE") {
        let message = format!("the health check of {} is a list that does not start with CMD, CMD-SHELL or NONE", service.name);
        let help = format!("Put \"CMD\" in front of \"{}\".", crate::secret::mask(&first.value));
        faults.of_text(first, test.span, message, help);
    }
}

/// Reads an amount for comparison.
type Read<'a> = &'a dyn Fn(&Value) -> Option<String>;

/// Limits at two places must say the same.
fn limits(service: &Service, faults: &mut Faults) {
    let Some(deploy) = key(service, "deploy").and_then(|deploy| deploy.get("resources")) else { return };
    let memory = |value: &Value| value.text().and_then(|text| units::memory(&text.value)).map(|bytes| bytes.to_string());
    let number = |value: &Value| value.text().and_then(|text| text.value.parse::<f64>().ok()).map(|number| number.to_string());
    let pairs: [(&str, &str, &str, Read<'_>); 4] = [
        ("mem_limit", "limits", "memory", &memory),
        ("mem_reservation", "reservations", "memory", &memory),
        ("cpus", "limits", "cpus", &number),
        ("pids_limit", "limits", "pids", &number),
    ];
    for (own, section, inner, read) in pairs {
        let (Some(here), Some(section_value)) = (key(service, own), deploy.get(section).filter(|value| value.is_map())) else {
            continue;
        };
        let there = section_value.get(inner).filter(|value| !value.is_null());
        let (a, b) = (read(here), there.map_or_else(|| Some("0".to_owned()), |there| read(there)));
        let zero = a.as_deref() == Some("0");
        if a.is_some() && b.is_some() && a != b && !zero {
            let message = format!("{} has `{own}` beside `deploy.resources.{section}`, and they differ", service.name);
            let help = format!("Write it in `deploy.resources.{section}.{inner}` alone.");
            let blame = there.filter(|there| there.text().is_some_and(|text| !text.missing().is_empty())).unwrap_or(here);
            faults.of(blame, section_value.span, message, help);
        }
    }
}

/// A name of its own and several containers exclude each other; so do two numbers of them.
fn scale(service: &Service, faults: &mut Faults) {
    let number = |value: &Value| value.text().and_then(|text| text.value.parse::<i64>().ok());
    let own = key(service, "scale");
    let replicas = key(service, "deploy").and_then(|deploy| deploy.get("replicas"));
    if let (Some(own), Some(replicas)) = (own, replicas)
        && number(own) != number(replicas)
    {
        let message = format!("{} has `scale` and `deploy.replicas`, and they differ", service.name);
        faults.at(own, message, "Keep `deploy.replicas`.");
    }
    let Some(count) = own.or(replicas) else { return };
    if service.container_name.as_ref().is_some_and(|name| !name.value.is_empty()) && number(count).is_some_and(|count| count > 1)
    {
        let message = format!("{} has a `container_name`, and more than one container", service.name);
        faults.at(count, message, "Remove `container_name`: a name can be given once.");
    }
}

/// One path in the container, one mount.
fn targets(service: &Service, faults: &mut Faults) {
    let mut taken: HashSet<&str> = HashSet::new();
    for text in &service.tmpfs {
        if !taken.insert(text.value.split(':').next().unwrap_or_default()) {
            let message = format!("{} mounts the same path twice by `tmpfs`", service.name);
            faults.of_text(text, service.span(), message, "Keep one of them.");
        }
    }
    for mount in &service.volumes {
        if !taken.insert(&mount.target) {
            let message = format!("{} mounts {} twice", service.name, crate::secret::mask(&mount.target));
            faults.certain(mount.span, message, "Keep one of the two.");
        }
    }
}

/// A container name can be given once.
fn container_names(services: &[&Service], faults: &mut Faults) {
    let mut taken: HashMap<&str, &str> = HashMap::new();
    for service in services {
        let Some(name) = service.container_name.as_ref().filter(|name| !name.value.is_empty()) else { continue };
        if let Some(other) = taken.insert(&name.value, &service.name) {
            let message = format!("{} and {other} have the same `container_name`", service.name);
            let span = key(service, "container_name").map_or_else(|| service.span(), |value| value.span);
            faults.of_text(name, span, message, "Give each container a name of its own, or none.");
        }
    }
}

/// A service that waits for itself, directly or through others.
fn cycles(project: &Project, faults: &mut Faults) {
    let enabled = |service: &&Service| service.enabled;
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in project.services.values().filter(enabled) {
        let mut open: BTreeSet<&str> = BTreeSet::new();
        // Each service on the way with its dependencies that are still to be followed.
        let mut way: Vec<(&Service, Vec<&str>)> = Vec::new();
        let mut next = Some(start);
        loop {
            if let Some(service) = next.take() {
                if open.contains(service.name.as_str()) {
                    let message = format!("{} waits for itself through `depends_on`", service.name);
                    return faults.certain(service.span(), message, "Remove one dependency of the circle.");
                }
                if !done.contains(service.name.as_str()) {
                    open.insert(&service.name);
                    let needs = key(service, "depends_on").map(|all| all.entries()).unwrap_or_default();
                    way.push((service, needs.iter().map(|entry| entry.key.as_str()).collect()));
                }
            }
            let Some((service, rest)) = way.last_mut() else { break };
            if let Some(name) = rest.pop() {
                next = project.services.get(name).filter(enabled);
            } else {
                open.remove(service.name.as_str());
                done.insert(&service.name);
                way.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::discover::ProjectFiles;
    use crate::compose::load::load;
    use crate::text::source::Sources;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    fn said(services: &str) -> String {
        let text = format!("services: {{{services}}}\nvolumes: {{v: null}}\n");
        let sources = Sources::new(Path::new("/nowhere")).with_overlay([(PathBuf::from("compose.yaml"), Arc::from(text))]);
        let project = load(sources, &ProjectFiles::of_file(Path::new("/nowhere/compose.yaml")));
        let problems: Vec<&str> = project.problems.iter().map(|problem| problem.message.as_str()).collect();
        problems.join("; ")
    }

    #[test]
    fn names_that_lead_nowhere() {
        for (services, wanted) in [
            ("a: {image: x, depends_on: [b]}, b: {image: y}", ""),
            ("a: {image: x, depends_on: [c]}", "a depends on c, and there is no such service"),
            ("a: {image: x, links: ['c:d']}", "a depends on c, and there is no such service"),
            ("a: {image: x, networks: [n]}", "a is on the network n, which is not declared"),
            ("a: {image: x, volumes: ['vol:/d']}", "a uses the volume vol, which is not declared"),
            ("a: {image: x, label_file: gone.labels, build: {context: ., ssh: [default, id=./gone_rsa]}}", ""),
            ("a: {image: x, secrets: [s]}", "a uses the secret s, which is not declared"),
            ("a: {restart: always}", "the service a has neither an image nor a build"),
        ] {
            assert_eq!(said(services), wanted, "{services}");
        }
    }

    #[test]
    fn services_whose_profile_is_not_active_are_asked_nothing() {
        assert_eq!(said("a: {image: x, profiles: [p], depends_on: [c], networks: [n]}"), "");
        let wanted = "a depends on b, which does not run: its profile (p) is not active";
        assert_eq!(said("a: {image: x, depends_on: [b]}, b: {image: y, profiles: [p]}"), wanted);
        let optional =
            "a: {image: x, depends_on: {b: {condition: service_started, required: false}}}, b: {image: y, profiles: [p]}";
        assert_eq!(said(optional), "");
    }

    #[test]
    fn settings_that_contradict_each_other() {
        for (service, wanted) in [
            ("image: x, network_mode: host, networks: [default]", "a has both `network_mode` and `networks`"),
            (
                "image: x, healthcheck: {test: [redis-cli]}",
                "the health check of a is a list that does not start with CMD, CMD-SHELL or NONE",
            ),
            (
                "image: x, mem_limit: 1g, deploy: {resources: {limits: {memory: 2g}}}",
                "a has `mem_limit` beside `deploy.resources.limits`, and they differ",
            ),
            (
                "image: x, mem_limit: 1g, deploy: {resources: {limits: {cpus: '1'}}}",
                "a has `mem_limit` beside `deploy.resources.limits`, and they differ",
            ),
            ("image: x, mem_limit: 1g, deploy: {resources: {limits: {memory: 1024m}}}", ""),
            ("image: x, scale: 2, container_name: aa", "a has a `container_name`, and more than one container"),
            ("image: x, volumes: ['/d', './q:/d/']", ""),
            ("image: x, tmpfs: [/d], volumes: ['/d']", "a mounts /d twice"),
        ] {
            assert_eq!(said(&format!("a: {{{service}}}")), wanted, "{service}");
        }
    }

    #[test]
    fn circles_and_doubled_container_names() {
        assert_eq!(
            said("a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}"),
            "a waits for itself through `depends_on`"
        );
        assert_eq!(
            said("a: {image: x, container_name: cc}, b: {image: x, container_name: cc}"),
            "b and a have the same `container_name`"
        );
    }
}
