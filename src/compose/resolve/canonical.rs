//! Short forms made long (compose-go `transform/`), so that whoever comes later knows one form of each key. What is made here stands
//! where the short form stands.

use super::{merge, tree};
use crate::compose::faults::Faults;
use crate::compose::forms::{mounts, ports, scalars};
use crate::compose::value::{Entry, Kind, Text, Type, Value};
use std::sync::Arc;

/// The document with every short form made long.
pub fn document(model: &Arc<Value>, faults: &mut Faults) -> Arc<Value> {
    tree::map(model, |section, value| match section {
        "services" => tree::map(value, |name, service| {
            tree::map(service, |key, value| match key {
                "build" => merge::build(value),
                "depends_on" => required(&merge::dependencies(value)),
                "env_file" => env_files(value),
                "networks" => merge::named(value),
                "ports" => all_ports(name, value, faults),
                "volumes" => tree::map(value, |_, item| mount(name, item, faults)),
                "secrets" | "configs" => tree::map(value, |_, item| sourced(item)),
                _ => value.clone(),
            })
        }),
        "networks" | "volumes" | "secrets" | "configs" => tree::map(value, |_, resource| external(resource)),
        _ => value.clone(),
    })
}

/// What Compose supplies once all files are merged.
pub fn defaults(model: &Arc<Value>) -> Arc<Value> {
    tree::section(model, "services", |_, service| {
        tree::map(service, |key, value| match key {
            "ports" => {
                tree::map(value, |_, port| filled(&filled(port, "mode", "ingress", Type::Str), "protocol", "tcp", Type::Str))
            }
            _ => value.clone(),
        })
    })
}

/// A mapping with `key` supplied, if it has none.
fn filled(value: &Arc<Value>, key: &str, text: &str, kind: Type) -> Arc<Value> {
    let Kind::Map(entries) = &value.kind else { return value.clone() };
    if entries.iter().any(|entry| entry.key == key) {
        return value.clone();
    }
    let mut entries = entries.clone();
    entries.push(tree::supplied(value, key, text, kind));
    value.with(Kind::Map(entries))
}

fn required(dependencies: &Arc<Value>) -> Arc<Value> {
    tree::map(dependencies, |_, dependency| filled(dependency, "required", "true", Type::Bool))
}

/// A path, a list of paths, or a list of mappings with a path.
fn env_files(value: &Arc<Value>) -> Arc<Value> {
    let one = |item: &Arc<Value>| match &item.kind {
        Kind::Scalar(..) => {
            let path = Entry { key: "path".to_owned(), key_span: item.span, value: item.clone(), merged: None };
            item.derive(Kind::Map(vec![path, tree::supplied(item, "required", "true", Type::Bool)]))
        }
        _ => filled(item, "required", "true", Type::Bool),
    };
    match &value.kind {
        Kind::Scalar(..) => value.derive(Kind::Seq(vec![one(value)])),
        _ => tree::map(value, |_, item| one(item)),
    }
}

fn sourced(item: &Arc<Value>) -> Arc<Value> {
    match &item.kind {
        Kind::Scalar(..) => {
            let source = Entry { key: "source".to_owned(), key_span: item.span, value: item.clone(), merged: None };
            item.derive(Kind::Map(vec![source]))
        }
        _ => item.clone(),
    }
}

/// An entry that a short form says without naming it.
fn said(item: &Arc<Value>, key: &str, text: &Text, value: impl Into<String>, kind: Type) -> Entry {
    let value = item.derive(Kind::Scalar(text.rewritten(value), kind));
    Entry { key: key.to_owned(), key_span: item.span, value, merged: None }
}

fn all_ports(service: &str, value: &Arc<Value>, faults: &mut Faults) -> Arc<Value> {
    let Kind::Seq(items) = &value.kind else { return value.clone() };
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        match &item.kind {
            Kind::Scalar(text, Type::Int) => {
                let number = scalars::rendered(&text.value, Type::Int);
                if number.parse::<u32>().is_ok_and(|port| port == 0) || number.starts_with('-') {
                    faults.at(item, format!("a port of {service} is no port"), "Write a number from 1 to 65535.");
                }
                out.push(item.derive(Kind::Map(vec![said(item, "target", text, number, Type::Int)])));
            }
            Kind::Scalar(text, Type::Str) => match ports::parse(&text.value) {
                Ok(ports) => out.extend(ports.iter().map(|port| long_port(item, text, port))),
                Err(why) => {
                    let help = "Write [[IP:]HOST:]CONTAINER[/PROTOCOL], such as \"127.0.0.1:8080:80\".";
                    faults.at(item, format!("a port of {service} cannot be read: {why}"), help);
                }
            },
            Kind::Scalar(..) => {
                faults.at(item, format!("a port of {service} has to be a whole number or a text"), "Put it in quotes.");
            }
            _ => out.push(item.clone()),
        }
    }
    value.with(Kind::Seq(out))
}

fn long_port(item: &Arc<Value>, text: &Text, port: &ports::ShortPort) -> Arc<Value> {
    let mut entries = vec![
        said(item, "target", text, port.target.to_string(), Type::Int),
        said(item, "protocol", text, port.protocol.clone(), Type::Str),
        tree::supplied(item, "mode", "ingress", Type::Str),
    ];
    entries.extend(port.published.as_ref().map(|published| said(item, "published", text, published, Type::Str)));
    entries.extend(port.host_ip.as_ref().map(|ip| said(item, "host_ip", text, ip, Type::Str)));
    item.derive(Kind::Map(entries))
}

fn mount(service: &str, item: &Arc<Value>, faults: &mut Faults) -> Arc<Value> {
    match &item.kind {
        Kind::Scalar(text, Type::Str) => match mounts::parse(&text.value) {
            Ok(mount) => long_mount(item, text, &mount),
            Err(why) => {
                let help = "Write [SOURCE:]TARGET[:OPTIONS], such as data:/var/lib/data.";
                faults.at(item, format!("a volume of {service} cannot be read: {why}"), help);
                item.clone()
            }
        },
        Kind::Map(_) => tree::map(item, |key, value| match &value.kind {
            Kind::Scalar(text, Type::Str) if key == "target" => {
                let cleaned = mounts::clean(&text.value);
                if cleaned == text.value { value.clone() } else { value.with(Kind::Scalar(text.rewritten(cleaned), Type::Str)) }
            }
            _ => value.clone(),
        }),
        _ => item.clone(),
    }
}

fn long_mount(item: &Arc<Value>, text: &Text, mount: &mounts::ShortMount) -> Arc<Value> {
    let kind = if mount.is_bind { "bind" } else { "volume" };
    let yes = |key: &str| tree::supplied(item, key, "true", Type::Bool);
    let mut entries = vec![tree::supplied(item, "type", kind, Type::Str)];
    entries.extend(mount.source.as_ref().map(|source| said(item, "source", text, source, Type::Str)));
    entries.push(said(item, "target", text, mounts::clean(&mount.target), Type::Str));
    entries.extend(mount.read_only.then(|| yes("read_only")));
    let mut options: Vec<Entry> = Vec::new();
    options.extend(mount.is_bind.then(|| yes("create_host_path")));
    options.extend(mount.propagation.as_ref().map(|option| said(item, "propagation", text, option, Type::Str)));
    options.extend(mount.selinux.as_ref().map(|option| said(item, "selinux", text, option, Type::Str)));
    if !options.is_empty() {
        let value = item.derive(Kind::Map(options));
        entries.push(Entry { key: "bind".to_owned(), key_span: item.span, value, merged: None });
    }
    if mount.nocopy {
        let value = item.derive(Kind::Map(vec![yes("nocopy")]));
        entries.push(Entry { key: "volume".to_owned(), key_span: item.span, value, merged: None });
    }
    item.derive(Kind::Map(entries))
}

/// `external: {name: x}`, the old form, as `external: true` with `name: x`.
fn external(resource: &Arc<Value>) -> Arc<Value> {
    let Some(old) = resource.get("external").filter(|external| external.is_map()).cloned() else { return resource.clone() };
    let flag = old.derive(Kind::Scalar(Text::literal("true", crate::compose::value::Home::Outside), Type::Bool));
    let marked = tree::set(resource, "external", flag);
    match old.get("name").filter(|name| !name.is_null()) {
        Some(name) => tree::set(&marked, "name", name.clone()),
        None => marked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::resolve::testing::{of_service, value};

    fn long(service: &str) -> String {
        let mut faults = Faults::default();
        let out = document(&value(&format!("services: {{a: {{{service}}}}}")), &mut faults);
        assert_eq!(faults.problems, [], "{service}");
        of_service(&out)
    }

    #[test]
    fn short_forms_become_long() {
        for (short, wanted) in [
            ("depends_on: [b]", "depends_on: {b: {condition: 'service_started', required: true}}"),
            ("networks: [n]", "networks: {n: null}"),
            ("env_file: a.env", "env_file: [{path: 'a.env', required: true}]"),
            ("build: .", "build: {context: '.'}"),
            ("ports: [80]", "ports: [{target: 80}]"),
            (
                "ports: ['1.2.3.4:81:80']",
                "ports: [{target: 80, protocol: 'tcp', mode: 'ingress', published: '81', host_ip: '1.2.3.4'}]",
            ),
            (
                "volumes: ['./x:/y:ro']",
                "volumes: [{type: 'bind', source: './x', target: '/y', read_only: true, bind: {create_host_path: true}}]",
            ),
            ("secrets: [s]", "secrets: [{source: 's'}]"),
        ] {
            assert_eq!(long(short), wanted, "{short}");
        }
    }

    #[test]
    fn a_bad_port_is_a_fault_without_its_text() {
        let mut faults = Faults::default();
        document(&value("services: {a: {ports: ['s3cret:80'], volumes: [':::']}}"), &mut faults);
        assert_eq!(faults.problems.len(), 2);
        assert!(faults.problems.iter().all(|problem| !problem.message.contains("s3cret")));
    }
}
