//! What Compose supplies at the end (compose-go `loader/normalize.go`): the network `default`, the dependencies that links and shared
//! namespaces imply, and the names of networks and volumes.

use super::tree;
use crate::compose::value::{Entry, Home, Kind, Text, Type, Value};
use std::sync::Arc;

/// The whole document; `project` is the name of the project.
pub fn document(model: &Arc<Value>, project: &str) -> Arc<Value> {
    let model = tree::section(model, "services", |_, service| implied(&on_default(service)));
    let model = with_default(&model);
    let model = tree::section(&model, "networks", |key, network| named(key, network, project));
    tree::section(&model, "volumes", |key, volume| named(key, volume, project))
}

/// A service without networks is on `default`.
fn on_default(service: &Arc<Value>) -> Arc<Value> {
    let elsewhere = service.entry("network_mode").is_some() || service.entry("provider").is_some();
    let listed = service.entry("networks").is_some_and(|entry| !entry.value.entries().is_empty() || entry.value.is_seq());
    if elsewhere || listed || !service.is_map() {
        return service.clone();
    }
    let none = service.derive(Kind::Null);
    let default = Entry { key: "default".to_owned(), key_span: service.span, value: none, merged: None };
    tree::set(service, "networks", service.derive(Kind::Map(vec![default])))
}

/// `networks` with `default`, where a service is on it.
fn with_default(model: &Arc<Value>) -> Arc<Value> {
    let services = model.get("services").map(|services| services.entries()).unwrap_or_default();
    let used = services.iter().any(|service| service.value.get("networks").is_some_and(|on| on.entry("default").is_some()));
    let declared = model.get("networks").cloned();
    if !used || declared.as_ref().is_some_and(|networks| networks.entry("default").is_some()) {
        return model.clone();
    }
    let networks = declared.filter(|networks| networks.is_map()).unwrap_or_else(|| model.derive(Kind::Map(Vec::new())));
    tree::set(model, "networks", tree::set(&networks, "default", networks.derive(Kind::Null)))
}

/// The services that a service needs without saying so in `depends_on`, with whether they restart it.
fn needs(service: &Value) -> Vec<(String, bool)> {
    let said = |key: &str| service.get(key).and_then(|value| value.text()).map(|text| text.value.clone());
    let items = |key: &str| service.get(key).map(|value| value.items().to_vec()).unwrap_or_default();
    let mut out = Vec::new();
    for link in items("links").iter().filter_map(|link| link.text()) {
        // Of more than one colon Compose takes the whole.
        let mut parts = link.value.split(':');
        let name = match (parts.next(), parts.next(), parts.next()) {
            (Some(name), Some(_), None) => name,
            _ => &link.value,
        };
        out.push((name.to_owned(), true));
    }
    for namespace in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        out.extend(said(namespace).and_then(|mode| Some((mode.strip_prefix("service:")?.to_owned(), true))));
    }
    for from in items("volumes_from").iter().filter_map(|from| from.text()) {
        if !from.value.starts_with("container:") {
            out.push((from.value.split(':').next().unwrap_or_default().to_owned(), false));
        }
    }
    out
}

fn implied(service: &Arc<Value>) -> Arc<Value> {
    let mut needs = needs(service);
    let known = service.get("depends_on").filter(|known| known.is_map()).cloned();
    let mut seen = std::collections::HashSet::new();
    needs.retain(|(name, _)| known.as_ref().is_none_or(|known| known.entry(name).is_none()) && seen.insert(name.clone()));
    if needs.is_empty() {
        return service.clone();
    }
    let known = known.unwrap_or_else(|| service.derive(Kind::Map(Vec::new())));
    let mut entries = known.entries().to_vec();
    for (name, restart) in needs {
        let mut meaning = vec![tree::supplied(service, "condition", "service_started", Type::Str)];
        meaning.extend(restart.then(|| tree::supplied(service, "restart", "true", Type::Bool)));
        meaning.push(tree::supplied(service, "required", "true", Type::Bool));
        entries.push(Entry { key: name, key_span: service.span, value: service.derive(Kind::Map(meaning)), merged: None });
    }
    tree::set(service, "depends_on", known.derive(Kind::Map(entries)))
}

/// A network or volume with the name that the engine knows it by.
fn named(key: &str, resource: &Arc<Value>, project: &str) -> Arc<Value> {
    if resource.get("name").is_some_and(|name| !name.is_null()) {
        return resource.clone();
    }
    let external = resource.get("external").and_then(|value| value.text()).is_some_and(|text| text.value == "true");
    let name = if external { key.to_owned() } else { format!("{project}_{key}") };
    let resource = if resource.is_map() { resource.clone() } else { resource.derive(Kind::Map(Vec::new())) };
    let name = resource.derive(Kind::Scalar(Text::literal(name, Home::Outside), Type::Str));
    tree::set(&resource, "name", name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::resolve::testing::{show, value};

    #[test]
    fn default_networks_and_names_are_supplied() {
        let model = value("services: {a: {image: x}, b: {network_mode: host}}\nvolumes: {v: null, w: {external: true}}");
        let wanted = "{services: {a: {image: 'x', networks: {default: null}}, b: {network_mode: 'host'}}, \
                      volumes: {v: {name: 'p_v'}, w: {external: true, name: 'w'}}, networks: {default: {name: 'p_default'}}}";
        assert_eq!(show(&document(&model, "p")), wanted);
    }

    #[test]
    fn links_and_namespaces_imply_dependencies() {
        let model = value("services: {a: {links: ['b:x'], network_mode: 'service:c', volumes_from: [d, 'container:e']}}");
        let shown = show(&document(&model, "p"));
        assert!(shown.contains("b: {condition: 'service_started', restart: true, required: true}"), "{shown}");
        assert!(
            shown.contains("c: {condition") && shown.contains("d: {condition: 'service_started', required: true}"),
            "{shown}"
        );
        assert!(!shown.contains("e: {"), "{shown}");
    }
}
