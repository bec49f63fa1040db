//! Where a host name leads from inside a container: the names that really resolve on its networks (compose.md §1.9).

use super::providers;
use super::servers::RedisServer;
use crate::compose::model::{Project, Service};
use crate::compose::value::Text;
use std::net::IpAddr;

/// Where a use of Redis leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A Redis server of the project, by the name of its service.
    Server(String),
    /// Another service of the project: a proxy, a sentinel, or one that is not known to be Redis.
    Service(String),
    /// The container itself.
    Localhost,
    /// `localhost` in the host's network, or a name that leads to the host.
    Host,
    External(External),
    /// A single name that nothing in the project answers to.
    UnknownName,
    /// Cannot be told from the files, and why.
    Undetermined(String),
    /// Several hosts: a cluster or sentinels.
    Several,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum External {
    PublicAddress,
    PrivateAddress,
    Name,
    Provider(&'static str),
    HostGateway,
}

impl Target {
    pub fn server(&self) -> Option<&str> {
        match self {
            Self::Server(name) => Some(name),
            _ => None,
        }
    }
}

/// Resolves `host` as the containers of `service` would.
pub fn resolve(project: &Project, servers: &[RedisServer], service: &Service, host: &str) -> Target {
    let mode = service.network_mode.as_ref().map(|mode| mode.value.as_str());
    if is_loopback(host) {
        return loopback(project, servers, service, mode);
    }
    let extra = service.extra_hosts.iter().find(|(name, _)| name == host).map(|(_, address)| address.trim_matches(['[', ']']));
    match extra.map(str::parse::<IpAddr>) {
        Some(Ok(address)) => return Target::External(of_address(address)),
        Some(Err(_)) => return on_host(project, servers),
        None if matches!(host, "host.docker.internal" | "gateway.docker.internal") => return on_host(project, servers),
        None => {}
    }
    let linked = |link: &Text| link.value.rsplit(':').next() == Some(host);
    if service.external_links.iter().any(linked) {
        return Target::Undetermined(format!("{host} is a container outside the project, by external_links"));
    }
    if let Some(name) = named(project, service, host) {
        let is_server = servers.iter().any(|server| server.service == name);
        return if is_server { Target::Server(name) } else { Target::Service(name) };
    }
    outside(project, host)
}

/// Where the host itself leads: to a Redis of the project that runs in the host's network, else out of the project.
fn on_host(project: &Project, servers: &[RedisServer]) -> Target {
    let is_there = |server: &&RedisServer| {
        let mode = project.services[&server.service].network_mode.as_ref();
        mode.is_some_and(|mode| mode.value == "host")
    };
    let server = servers.iter().find(is_there).map(|server| server.service.clone());
    server.map_or(Target::External(External::HostGateway), Target::Server)
}

/// The same for a URL that no service is given: only names and addresses count.
pub fn resolve_loose(project: &Project, servers: &[RedisServer], host: &str) -> Target {
    if is_loopback(host) {
        return Target::Localhost;
    }
    if host == "host.docker.internal" {
        return Target::External(External::HostGateway);
    }
    match answering(project, host) {
        Some(name) if servers.iter().any(|server| server.service == name) => Target::Server(name),
        Some(name) => Target::Service(name),
        None => outside(project, host),
    }
}

pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host == "::1"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || host == "0.0.0.0"
}

/// Whether an address that a port is bound to is the loopback one.
pub fn is_loopback_address(address: &str) -> bool {
    address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) || address.eq_ignore_ascii_case("localhost")
}

fn loopback(project: &Project, servers: &[RedisServer], service: &Service, mode: Option<&str>) -> Target {
    let mut mode = mode;
    let mut shared = service.name.as_str();
    // `network_mode: service:…` may lead through several services; more steps than services would be a circle.
    for _ in 0..project.services.len() {
        if servers.iter().any(|server| server.service == shared) {
            return Target::Server(shared.to_owned());
        }
        if let Some(server) = joins(project, servers, shared) {
            return Target::Server(server.service.clone());
        }
        match mode {
            Some("host") => return Target::Host,
            Some(outside) if outside.starts_with("container:") => {
                return Target::Undetermined("it shares the network of a container outside the project".to_owned());
            }
            _ => {}
        }
        let Some(next) = mode.and_then(|mode| mode.strip_prefix("service:")).and_then(|name| project.services.get(name)) else {
            break;
        };
        shared = &next.name;
        mode = next.network_mode.as_ref().map(|mode| mode.value.as_str());
    }
    Target::Localhost
}

/// A Redis server that runs in the network namespace of `service`: `network_mode: service:…` on the server's side.
fn joins<'a>(project: &Project, servers: &'a [RedisServer], service: &str) -> Option<&'a RedisServer> {
    let joined = format!("service:{service}");
    servers.iter().find(|server| {
        let mode = project.services[&server.service].network_mode.as_ref();
        mode.is_some_and(|mode| mode.value == joined)
    })
}

/// The service that a name leads to from `service`: its links, then what answers on any network (whether they share one is a question
/// of its own).
fn named(project: &Project, service: &Service, host: &str) -> Option<String> {
    for link in &service.links {
        let (target, alias) = link.value.split_once(':').unwrap_or((&link.value, &link.value));
        if alias == host && project.services.contains_key(target) {
            return Some(target.to_owned());
        }
    }
    answering(project, host)
}

/// The service that answers to a name on some network: by its service name, container name, host name or an alias, or by the name that
/// Compose gives its containers.
fn answering(project: &Project, host: &str) -> Option<String> {
    if project.services.contains_key(host) {
        return Some(host.to_owned());
    }
    project.names.get(host).cloned().or_else(|| container_of(project, host))
}

/// The service of `<project>_<service>_1` or `<project>-<service>-1`. The project's name is the folder's unless somebody says otherwise
/// with `-p`, so any first word counts where the rest fits.
fn container_of(project: &Project, host: &str) -> Option<String> {
    let (rest, number) = host.rsplit_once(['_', '-'])?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let tails = rest.match_indices(['_', '-']).filter(|(at, _)| *at > 0).map(|(at, _)| &rest[at + 1..]);
    tails.into_iter().find(|tail| project.services.contains_key(*tail)).map(str::to_owned)
}

fn outside(project: &Project, host: &str) -> Target {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Target::External(of_address(address));
    }
    if let Some(provider) = providers::of_host(host) {
        return Target::External(External::Provider(provider));
    }
    if host.contains('.') {
        return Target::External(External::Name);
    }
    if project.networks.values().any(|network| network.external) {
        return Target::Undetermined(format!("{host} is no service of this project, and may be one on its external network"));
    }
    if project.incomplete {
        return Target::Undetermined(format!(
            "{host} is no service of the files that are here, and a file of the project is not"
        ));
    }
    Target::UnknownName
}

fn of_address(address: IpAddr) -> External {
    if is_private(address) { External::PrivateAddress } else { External::PublicAddress }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => (v6.segments()[0] & 0xfe00) == 0xfc00 || (v6.segments()[0] & 0xffc0) == 0xfe80,
    }
}
