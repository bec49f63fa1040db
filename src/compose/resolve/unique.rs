//! Lists in which an item may stand once (compose-go `override/uncity.go`): a later item takes the place of an earlier one that means
//! the same port, target, name or path.

use super::tree;
use crate::compose::faults::Faults;
use crate::compose::forms::mounts;
use crate::compose::value::{Kind, Type, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// What two items of a list have in common when they mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Identity {
    /// The text before the first `=`.
    Key,
    /// Address, published and container port, protocol.
    Port,
    /// Where it is mounted.
    Target,
    /// The path of an env file.
    Path,
    /// Where a secret or config appears.
    Secret,
    Config,
}

fn identity(key: &str) -> Option<Identity> {
    Some(match key {
        "environment" | "labels" | "annotations" | "sysctls" | "dns" | "dns_opt" | "dns_search" | "cap_add" | "cap_drop"
        | "expose" | "links" | "profiles" | "tmpfs" => Identity::Key,
        "ports" => Identity::Port,
        "volumes" | "devices" => Identity::Target,
        "env_file" => Identity::Path,
        "secrets" => Identity::Secret,
        "configs" => Identity::Config,
        _ => return None,
    })
}

/// The document without doubles in the lists of its services.
pub fn document(model: &Arc<Value>, faults: &mut Faults) -> Arc<Value> {
    tree::section(model, "services", |_, service| {
        tree::map(service, |key, value| match key {
            "networks" => tree::map(value, |_, network| {
                tree::map(network, |key, value| match key {
                    "aliases" | "link_local_ips" => list(value, Identity::Key, faults),
                    _ => value.clone(),
                })
            }),
            "build" => tree::map(value, |key, value| match key {
                "args" | "additional_contexts" | "labels" | "tags" | "platforms" => list(value, Identity::Key, faults),
                _ => value.clone(),
            }),
            _ => identity(key).map_or_else(|| value.clone(), |identity| list(value, identity, faults)),
        })
    })
}

fn list(value: &Arc<Value>, identity: Identity, faults: &mut Faults) -> Arc<Value> {
    let Kind::Seq(items) = &value.kind else { return value.clone() };
    let mut kept: Vec<Arc<Value>> = Vec::with_capacity(items.len());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for item in items {
        match key_of(item, identity, faults) {
            Some(key) => {
                if let Some(&at) = seen.get(&key) {
                    kept[at] = item.clone();
                } else {
                    seen.insert(key, kept.len());
                    kept.push(item.clone());
                }
            }
            // Not of the form that it should have: the schema says so.
            None => kept.push(item.clone()),
        }
    }
    if kept.len() == items.len() { value.clone() } else { value.with(Kind::Seq(kept)) }
}

fn key_of(item: &Value, identity: Identity, faults: &mut Faults) -> Option<String> {
    let said = |key: &str| item.get(key).and_then(|value| value.text()).map(|text| text.value.clone());
    match (&item.kind, identity) {
        (Kind::Scalar(text, _), Identity::Key) => {
            Some(text.value.split_once('=').map_or(text.value.as_str(), |(key, _)| key).to_owned())
        }
        (Kind::Scalar(text, _), Identity::Port | Identity::Path) => Some(text.value.clone()),
        (Kind::Scalar(text, Type::Str), Identity::Target) => mounts::target_of(&text.value),
        (Kind::Scalar(text, _), Identity::Secret) => Some(format!("/run/secrets/{}", text.value)),
        (Kind::Scalar(text, _), Identity::Config) => Some(format!("/{}", text.value)),
        (Kind::Map(_), Identity::Port) => {
            let Some(target) = said("target") else {
                faults.at(item, "a port without `target`", "Add the port of the container: `target: 80`.");
                return None;
            };
            let host = said("host_ip").unwrap_or_else(|| "0.0.0.0".to_owned());
            let protocol = said("protocol").unwrap_or_else(|| "tcp".to_owned());
            // `8080` and `"8080"` are two things here; so they are to Compose.
            let published = item.get("published").map(|value| format!("{:?}", value.scalar_type()));
            Some(format!("{host}:{}{published:?}:{target}/{protocol}", said("published").unwrap_or_default()))
        }
        (Kind::Map(_), Identity::Target) => said("target").or_else(|| {
            if item.get("type").is_some() {
                faults.at(item, "a mount without `target`", "Add the path in the container: `target: /data`.");
            }
            None
        }),
        (Kind::Map(_), Identity::Path) => said("path"),
        (Kind::Map(_), Identity::Secret) => said("target").or_else(|| Some(format!("/run/secrets/{}", said("source")?))),
        (Kind::Map(_), Identity::Config) => said("target").or_else(|| Some(format!("/{}", said("source")?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::resolve::testing::{of_service, value};

    fn kept(service: &str) -> String {
        let mut faults = Faults::default();
        let out = document(&value(&format!("services: {{a: {{{service}}}}}")), &mut faults);
        of_service(&out)
    }

    #[test]
    fn a_later_item_takes_the_place_of_an_earlier_one() {
        assert_eq!(kept("environment: [A=1, B=2, A=3]"), "environment: ['A=3', 'B=2']");
        assert_eq!(kept("volumes: ['vol:/d', '/e', './q:/d:ro']"), "volumes: ['./q:/d:ro', '/e']");
        assert_eq!(kept("ports: ['80:80', '81:80', '80:80']"), "ports: ['80:80', '81:80']");
        assert_eq!(kept("networks: {n: {aliases: [a, b, a]}}"), "networks: {n: {aliases: ['a', 'b']}}");
    }
}
