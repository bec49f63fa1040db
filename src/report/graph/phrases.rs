//! The words for what the graph holds, the same in every shape.

use super::clean;
use crate::compose::model::{Condition, Port};
use crate::redis::graph::node::{Health, Node, Password, Persistence, Said, Storage};
use crate::redis::graph::{Edge, End, Waits};
use crate::redis::hosts::{self, External};
use crate::redis::networks::Meeting;
use crate::redis::servers::Part;

/// How a fact is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Good,
    Doubtful,
    Bad,
}

/// What a server runs.
pub(super) fn image(node: &Node) -> String {
    match &node.image {
        Some(image) => short(&clean(image)),
        None if node.is_fragment => "without image or build in these files".to_owned(),
        None => "built here".to_owned(),
    }
}

/// An image with the first digits of its digest.
fn short(image: &str) -> String {
    let digits = image.find("@sha256:").map(|at| at + "@sha256:".len() + 12);
    digits.and_then(|end| image.get(..end)).map_or_else(|| image.to_owned(), |start| format!("{start}…"))
}

/// How much a server holds, and where it keeps it; a sentinel holds nothing.
pub(super) fn holds(node: &Node) -> Vec<(Tone, String)> {
    if node.part == Part::Sentinel {
        return Vec::new();
    }
    vec![(Tone::Plain, memory(node)), persistence(node)]
}

/// What a node of a drawing says below its name.
pub(super) fn label(node: &Node) -> Vec<String> {
    let mut lines = vec![clean(&node.service), image(node)];
    lines.extend(holds(node).into_iter().map(|(_, text)| text));
    lines.push(health(node).1);
    lines
}

/// `maxmemory 256mb noeviction, container 640m`.
fn memory(node: &Node) -> String {
    let policy = match &node.policy {
        Said::Set(policy) => format!(" {}", clean(policy)),
        Said::Absent | Said::Unknown => String::new(),
    };
    let own = match &node.maxmemory {
        Said::Set(amount) => format!("maxmemory {}{policy}", clean(amount)),
        Said::Absent => "no maxmemory".to_owned(),
        Said::Unknown => "maxmemory not known".to_owned(),
    };
    match &node.limit {
        Some(limit) if !limit.is_empty() => format!("{own}, container {}", clean(limit)),
        _ => own,
    }
}

/// `append-only file on the volume redis_data`.
fn persistence(node: &Node) -> (Tone, String) {
    let how = match node.persistence {
        Persistence::AppendOnly => "append-only file",
        Persistence::Snapshots => "snapshots",
        Persistence::SnapshotsByDefault => "default snapshots",
        Persistence::Disk => "data on disk",
        Persistence::Off => return (Tone::Plain, "keeps nothing".to_owned()),
        Persistence::Unknown => "persistence not known",
    };
    match &node.storage {
        Storage::Volume(name) => (Tone::Plain, format!("{how} on volume {}", clean(name))),
        Storage::Folder(path) => (Tone::Plain, format!("{how} in {}", clean(path))),
        Storage::Memory => (Tone::Plain, format!("{how} on a tmpfs")),
        Storage::Anonymous => (Tone::Doubtful, format!("{how} on an anonymous volume")),
        Storage::Container => (Tone::Doubtful, format!("{how}, no volume")),
        Storage::Unknown => (Tone::Plain, how.to_owned()),
    }
}

/// What clients and Compose see of a server.
pub(super) fn serves(node: &Node) -> Vec<(Tone, String)> {
    vec![health(node), (Tone::Plain, password(node).to_owned()), ports(node), (Tone::Plain, networks(node))]
}

fn health(node: &Node) -> (Tone, String) {
    let (tone, text) = match &node.health {
        Health::Missing => (Tone::Bad, "no health check"),
        Health::Off => (Tone::Bad, "health check switched off"),
        Health::Misleading(_) => (Tone::Doubtful, "misleading health check"),
        Health::Broken(reason) => return (Tone::Bad, format!("health check cannot pass: {}", clean(reason))),
        Health::Sound => (Tone::Good, "health check"),
        Health::Unknown => (Tone::Plain, "health check not known"),
    };
    (tone, text.to_owned())
}

fn password(node: &Node) -> &'static str {
    match node.password {
        Password::Yes => "password",
        Password::No => "no password",
        Password::Unknown => "password not known",
    }
}

/// `published on 127.0.0.1:6379`.
fn ports(node: &Node) -> (Tone, String) {
    if node.ports.is_empty() {
        return (Tone::Plain, "not published".to_owned());
    }
    let is_local = |port: &Port| port.host_ip.as_deref().is_some_and(hosts::is_loopback_address);
    let tone = if node.ports.iter().all(is_local) { Tone::Plain } else { Tone::Doubtful };
    (tone, format!("published on {}", node.ports.iter().map(port).collect::<Vec<_>>().join(", ")))
}

fn port(port: &Port) -> String {
    let range = |(first, last): (u16, u16)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    let address = match &port.host_ip {
        Some(ip) if ip.contains(':') => format!("[{}]:", ip.trim_matches(['[', ']'])),
        Some(ip) => format!("{ip}:"),
        None => String::new(),
    };
    let published = port.published.map_or("a free port".to_owned(), range);
    let target = if port.published == Some(port.target) { String::new() } else { format!("→{}", range(port.target)) };
    clean(&format!("{address}{published}{target}"))
}

fn networks(node: &Node) -> String {
    if let Some(mode) = &node.network_mode {
        return format!("network_mode {}", clean(mode));
    }
    let names = node.networks.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ");
    format!("network{} {names}", if node.networks.len() == 1 { "" } else { "s" })
}

/// What a server is beside a server: `replica`, `profile cache`.
pub(super) fn role(node: &Node) -> Option<String> {
    let part = match node.part {
        Part::Standalone => None,
        Part::Replica => Some("replica".to_owned()),
        Part::ClusterNode => Some("cluster node".to_owned()),
        Part::Sentinel => Some("sentinel".to_owned()),
    };
    let profiles = (!node.profiles.is_empty()).then(|| {
        let names = node.profiles.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ");
        format!("only with profile {names}")
    });
    let both: Vec<String> = part.into_iter().chain(profiles).collect();
    (!both.is_empty()).then(|| both.join(", "))
}

/// What an end that is no server of the project is called, and what it is.
pub(super) fn end(end: &End) -> (Tone, String, String) {
    let (tone, name, what) = match end {
        End::Server(name) => (Tone::Plain, name.as_str(), String::new()),
        End::Service(name) => (Tone::Plain, name.as_str(), "a service not known to be a Redis".to_owned()),
        End::Outside(address, kind) => {
            let tone = if matches!(kind, External::Provider(_)) { Tone::Doubtful } else { Tone::Bad };
            (tone, address.as_str(), outside(*kind))
        }
        End::Unreachable(name, reason) => (Tone::Bad, name.as_str(), format!("not reached by this name: {}", clean(reason))),
        End::Localhost => (Tone::Bad, "localhost", "the service's own container, where no Redis runs".to_owned()),
        End::Machine => (Tone::Doubtful, "localhost", "outside the project: the host machine".to_owned()),
        End::UnknownName(name) => (Tone::Bad, name.as_str(), "no service of the project answers to this name".to_owned()),
        End::Several => (Tone::Plain, "several hosts", "a cluster or sentinels".to_owned()),
        End::Unknown(reason) => (Tone::Doubtful, "not known", clean(reason)),
    };
    (tone, clean(name), what)
}

fn outside(kind: External) -> String {
    let what = match kind {
        External::PublicAddress => "a public address",
        External::PrivateAddress => "a private address",
        External::Name => "another host",
        External::Provider(name) => name,
        External::HostGateway => "the host machine",
    };
    format!("outside the project: {what}")
}

/// Whether a service waits for the server it uses.
fn waits(waits: &Waits) -> (Tone, String) {
    let what = |condition: Condition| match condition {
        Condition::Healthy => (Tone::Good, "waits for health"),
        Condition::Started => (Tone::Doubtful, "waits for its start only"),
        Condition::Completed => (Tone::Doubtful, "waits for its end"),
    };
    match waits {
        Waits::For(condition) => {
            let (tone, text) = what(*condition);
            (tone, text.to_owned())
        }
        Waits::Through(condition, service) => {
            let (tone, text) = what(*condition);
            (tone, format!("{text}, through {}", clean(service)))
        }
        Waits::Not => (Tone::Doubtful, "does not wait".to_owned()),
    }
}

/// What is to be said of a service and the end it uses.
pub(super) fn marks(uses: &[&Edge]) -> Vec<(Tone, String)> {
    let Some(first) = uses.first() else { return Vec::new() };
    let mut marks: Vec<(Tone, String)> = first.waits.iter().map(waits).collect();
    if first.meeting == Some(Meeting::Nowhere) {
        marks.push((Tone::Bad, "no shared network".to_owned()));
    }
    for edge in uses {
        let wrong = edge.port.filter(|port| !port.listens).map(|port| format!("nothing listens on port {}", port.arrives));
        let mark = wrong.map(|text| (Tone::Bad, text)).filter(|mark| !marks.contains(mark));
        marks.extend(mark);
    }
    marks
}

/// The marks that are no good news.
pub(super) fn doubts(uses: &[&Edge]) -> Vec<String> {
    marks(uses).into_iter().filter(|(tone, _)| *tone != Tone::Good).map(|(_, text)| text).collect()
}

/// `REDIS_URL`, or what stands in its place.
pub(super) fn variable(edge: &Edge) -> String {
    edge.variable.as_ref().map_or_else(|| "command".to_owned(), |name| clean(name))
}

/// The other variables of a split connection that say anything.
pub(super) fn parts(edge: &Edge) -> Vec<String> {
    edge.parts.iter().filter(|part| !part.text.value.is_empty()).map(|part| clean(&part.variable)).collect()
}
