//! `--format json`: the graph for programs, with the conventions of `check --format json`. Keys are only ever added.

use super::{ProjectGraph, RULE, clean};
use crate::compose::model::{Condition, Port};
use crate::compose::trail::{By, Step};
use crate::redis::graph::node::{Health, Node, Password, Persistence, Said, Storage};
use crate::redis::graph::{Edge, End, Waits};
use crate::redis::hosts::External;
use crate::redis::networks::Meeting;
use crate::redis::servers::Part;
use crate::redis::uses::Form;
use crate::redis::variables::Role;
use crate::text::span::Span;
use serde_json::{Value, json};

/// The whole document, with a newline at its end.
pub fn render(projects: &[ProjectGraph], version: &str) -> String {
    let document = json!({
        "schema": 1,
        "tool": {"name": "cachelint", "version": version},
        "projects": projects.iter().map(project).collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&document).expect("strings and numbers always serialize");
    text.push('\n');
    text
}

fn project(project: &ProjectGraph) -> Value {
    let graph = &project.graph;
    let fault = |(span, message): &(Span, String)| at(project, Some(*span), json!({"rule": RULE, "message": clean(message)}));
    let loose = |loose: &crate::redis::graph::Loose| {
        let facts = json!({"variable": loose.variable.as_ref().map(|name| clean(name)), "url": clean(&loose.shown)});
        at(project, Some(loose.span), facts)
    };
    json!({
        "root": clean(&project.root),
        "files": project.files.iter().map(|file| clean(file)).collect::<Vec<_>>(),
        "unreadable": !project.unreadable.is_empty(),
        "problems": project.unreadable.iter().map(fault).collect::<Vec<_>>(),
        "rejected": project.rejected,
        "servers": graph.servers.iter().map(|node| server(project, node)).collect::<Vec<_>>(),
        "uses": graph.uses.iter().map(|edge| usage(project, edge)).collect::<Vec<_>>(),
        "loose": graph.loose.iter().map(loose).collect::<Vec<_>>(),
        "unused": graph.unused.iter().map(|name| clean(name)).collect::<Vec<_>>(),
    })
}

/// `facts` with the keys of a place.
fn at(project: &ProjectGraph, span: Option<Span>, facts: Value) -> Value {
    let place = span.map(|span| project.place(span));
    let mut out = json!({
        "file": place.as_ref().map(|place| clean(&place.file)),
        "line": place.as_ref().map(|place| place.start.line),
        "column": place.as_ref().map(|place| place.start.column),
    });
    if let (Value::Object(out), Value::Object(facts)) = (&mut out, facts) {
        out.extend(facts);
    }
    out
}

fn server(project: &ProjectGraph, node: &Node) -> Value {
    let part = match node.part {
        Part::Standalone => "standalone",
        Part::Replica => "replica",
        Part::ClusterNode => "cluster-node",
        Part::Sentinel => "sentinel",
    };
    let password = match node.password {
        Password::Yes => "yes",
        Password::No => "no",
        Password::Unknown => "unknown",
    };
    let place = at(project, Some(node.span), json!({}));
    let mut out = json!({"service": clean(&node.service)});
    let facts = json!({
        "image": node.image.as_ref().map(|image| clean(image)),
        "part": part,
        "memory": {
            "maxmemory": said(&node.maxmemory),
            "maxmemory_bytes": node.maxmemory_bytes,
            "policy": said(&node.policy),
            "known": node.maxmemory != Said::Unknown,
            "container_limit": node.limit.as_ref().map(|limit| clean(limit)),
            "container_limit_bytes": node.limit_bytes,
        },
        "persistence": persistence(node),
        "health_check": health(node),
        "password": password,
        "tls": node.tls,
        "ports": node.ports.iter().map(port).collect::<Vec<_>>(),
        "networks": node.networks.iter().map(|name| clean(name)).collect::<Vec<_>>(),
        "network_mode": node.network_mode.as_ref().map(|mode| clean(mode)),
        "profiles": node.profiles.iter().map(|name| clean(name)).collect::<Vec<_>>(),
    });
    if let (Value::Object(out), Value::Object(place), Value::Object(facts)) = (&mut out, place, facts) {
        out.extend(place);
        out.extend(facts);
    }
    out
}

fn said(said: &Said) -> Option<String> {
    match said {
        Said::Set(text) => Some(clean(text)),
        Said::Absent | Said::Unknown => None,
    }
}

fn persistence(node: &Node) -> Value {
    let kind = match node.persistence {
        Persistence::AppendOnly => "append-only",
        Persistence::Snapshots => "snapshots",
        Persistence::SnapshotsByDefault => "default-snapshots",
        Persistence::Disk => "disk",
        Persistence::Off => "none",
        Persistence::Unknown => "unknown",
    };
    let (storage, source) = match &node.storage {
        Storage::Volume(name) => ("volume", Some(clean(name))),
        Storage::Folder(path) => ("bind", Some(clean(path))),
        Storage::Anonymous => ("anonymous-volume", None),
        Storage::Memory => ("tmpfs", None),
        Storage::Container => ("container", None),
        Storage::Unknown => ("unknown", None),
    };
    json!({"kind": kind, "storage": storage, "source": source})
}

fn health(node: &Node) -> Value {
    let (verdict, reason) = match &node.health {
        Health::Missing => ("missing", None),
        Health::Off => ("off", None),
        Health::Misleading(reason) => ("misleading", Some((*reason).to_owned())),
        Health::Broken(reason) => ("broken", Some(clean(reason))),
        Health::Sound => ("sound", None),
        Health::Unknown => ("unknown", None),
    };
    json!({"verdict": verdict, "reason": reason})
}

fn port(port: &Port) -> Value {
    let range = |(first, last): (u16, u16)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    json!({
        "host_ip": port.host_ip.as_ref().map(|ip| clean(ip)),
        "published": port.published.map(range),
        "target": range(port.target),
        "protocol": clean(&port.protocol),
    })
}

fn usage(project: &ProjectGraph, edge: &Edge) -> Value {
    let form = match edge.form {
        Form::Url => "url",
        Form::Address => "address",
        Form::Split => "split",
        Form::Command => "command",
    };
    let parts = edge.parts.iter().map(|part| json!({"role": role(part.role), "variable": clean(&part.variable)}));
    let (waits, through) = match &edge.waits {
        None => (None, None),
        Some(Waits::Not) => (Some("no"), None),
        Some(Waits::For(condition)) => (Some(condition_name(*condition)), None),
        Some(Waits::Through(condition, service)) => (Some(condition_name(*condition)), Some(clean(service))),
    };
    let (shares, networks) = match &edge.meeting {
        None | Some(Meeting::Beside) => (None, Vec::new()),
        Some(Meeting::Nowhere) => (Some(false), Vec::new()),
        Some(Meeting::On(names)) => (Some(true), names.iter().map(|name| clean(name)).collect()),
    };
    json!({
        "service": clean(&edge.service),
        "variable": edge.variable.as_ref().map(|name| clean(name)),
        "form": form,
        "with": parts.collect::<Vec<_>>(),
        "one_of_several": edge.several,
        "target": target(edge),
        "shares_network": shares,
        "networks": networks,
        "waits": waits,
        "waits_through": through,
        "trail": edge.trail.iter().map(|step| trail(project, step)).collect::<Vec<_>>(),
    })
}

fn target(edge: &Edge) -> Value {
    let (kind, service, reason) = match &edge.end {
        End::Server(name) => ("server", Some(clean(name)), None),
        End::Service(name) => ("service", Some(clean(name)), None),
        End::Outside(_, External::PublicAddress) => ("public-address", None, None),
        End::Outside(_, External::PrivateAddress) => ("private-address", None, None),
        End::Outside(_, External::Name) => ("external-name", None, None),
        End::Outside(_, External::Provider(_)) => ("provider", None, None),
        End::Outside(_, External::HostGateway) | End::Machine => ("host-machine", None, None),
        End::Unreachable(name, reason) => ("unreachable", Some(clean(name)), Some(clean(reason))),
        End::Localhost => ("localhost", None, None),
        End::UnknownName(_) => ("unknown-name", None, None),
        End::Several => ("several", None, None),
        End::Unknown(reason) => ("undetermined", None, Some(clean(reason))),
    };
    let provider = if let End::Outside(_, External::Provider(name)) = &edge.end { Some(*name) } else { None };
    let address = edge.address.as_ref();
    json!({
        "kind": kind,
        "outside": matches!(edge.end, End::Outside(..) | End::Machine),
        "service": service,
        "provider": provider,
        "reason": reason,
        "host": address.map(|address| clean(&address.host)),
        "address": address.and_then(|address| address.mapped.as_ref()),
        "port": address.and_then(|address| address.port),
        "port_listens": edge.port.map(|port| port.listens),
        "db": address.and_then(|address| address.db),
        "tls": address.map(|address| address.tls),
        "password": address.map(|address| address.password),
        "shown": address.map(|address| clean(&address.shown)),
    })
}

fn condition_name(condition: Condition) -> &'static str {
    match condition {
        Condition::Healthy => "health",
        Condition::Started => "start",
        Condition::Completed => "completion",
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Url => "url",
        Role::Host => "host",
        Role::Address => "address",
        Role::Port => "port",
        Role::Password => "password",
        Role::PasswordFile => "password-file",
        Role::Username => "username",
        Role::Db => "db",
        Role::Tls => "tls",
        Role::Nodes => "nodes",
    }
}

fn trail(project: &ProjectGraph, step: &Step) -> Value {
    let one = |name: &String| vec![clean(name)];
    let all = |names: &[String]| names.iter().map(|name| clean(name)).collect();
    let (kind, names): (&str, Vec<String>) = match &step.by {
        By::Value => ("value", Vec::new()),
        By::Default { name, .. } => ("default", one(name)),
        By::References(names) => ("reference", all(names)),
        By::Unset(names) => ("unset", all(names)),
        By::Name(name) => ("name", one(name)),
        By::EnvFile => ("env_file", Vec::new()),
        By::Merge(anchor) => ("merge", anchor.iter().map(|name| clean(name)).collect()),
        By::Alias(anchor) => ("alias", one(anchor)),
        By::Extends => ("extends", Vec::new()),
    };
    at(project, step.span, json!({"kind": kind, "names": names}))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn uses_name_their_target_and_their_trail() {
        let project = sample::project();
        let text = render(&[sample::graph(&project)], "1.2.3");
        let value: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!((&value["schema"], &value["tool"]["version"]), (&json!(1), &json!("1.2.3")));
        let shop = &value["projects"][0];
        assert_eq!((&shop["root"], &shop["unreadable"], &shop["unused"]), (&json!("apps/shop"), &json!(false), &json!(["db"])));
        let first = &shop["uses"][0];
        assert_eq!(first["target"]["kind"], "provider");
        assert_eq!(first["target"]["shown"], "rediss://********@a.upstash.io:6379/3");
        let places: Vec<_> =
            first["trail"].as_array().expect("a list").iter().map(|s| (&s["file"], &s["line"], &s["kind"])).collect();
        assert_eq!(
            places,
            [(&json!(".env"), &json!(1), &json!("value")), (&json!("docker-compose.yml"), &json!(5), &json!("reference"))]
        );
        let apart = &shop["uses"][3];
        assert_eq!(
            (&apart["shares_network"], &apart["waits"], &apart["target"]["service"]),
            (&json!(false), &json!("no"), &json!("cache"))
        );
        assert!(!text.contains("hunter2"));
    }
}
