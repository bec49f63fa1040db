//! Where a host name leads from inside a container: the names that really resolve on its networks (compose.md §1.9).

mod machine;
mod names;
mod outside;
#[cfg(test)]
mod tests;

pub use names::Names;

use crate::compose::model::Service;
use std::net::IpAddr;

/// Where a use of Redis leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A Redis server of the project, by the name of its service.
    Server(String),
    /// Another service of the project: a proxy, a sentinel, or one that is not known to be Redis.
    Service(String),
    /// A service of the project that this name does not reach from there, and why: one of the two is on no network of the project.
    Unreachable(String, String),
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

/// How a use gets where it leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Over a network.
    Network,
    /// Not at all: the name answers only on networks that the client is not on.
    Apart,
    /// Through a port of the machine.
    Machine,
    /// Within the network of one container.
    Inside,
}

/// Where a host and a port lead, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub target: Target,
    pub way: Way,
    /// The port of the container at which the use arrives, where it leads to a service and the port is known.
    pub port: Option<u16>,
    /// The address that `extra_hosts` gives the name.
    pub address: Option<IpAddr>,
}

impl Route {
    pub fn to(target: Target) -> Self {
        Self { target, way: Way::Network, port: None, address: None }
    }
}

/// The networks on which a service answers to a name, by their keys: those of the alias, else all that it is on.
pub fn answers_on<'a>(service: &'a Service, host: &str) -> Vec<&'a str> {
    let own = [&service.container_name, &service.hostname].into_iter().flatten().map(|name| name.value.as_str());
    let everywhere = std::iter::once(service.name.as_str()).chain(own).any(|name| name.eq_ignore_ascii_case(host));
    let has = |aliases: &[String]| aliases.iter().any(|alias| alias.eq_ignore_ascii_case(host));
    let attached = service.networks.iter().flatten().filter(|(_, attachment)| has(&attachment.aliases));
    let by_alias: Vec<&str> = attached.map(|(network, _)| network.as_str()).collect();
    if everywhere || by_alias.is_empty() { service.network_names() } else { by_alias }
}

/// A name as DNS reads it: in any case, and with a dot at the end or without.
fn normal(host: &str) -> String {
    host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()
}

/// Whether a client that connects to this host stays in its own container.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    let named = ["localhost", "ip6-localhost", "ip6-loopback"].iter().any(|name| host.eq_ignore_ascii_case(name));
    // "Any address" is the machine itself to who connects to it.
    named || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
}

/// Whether an address that a port is bound to is the loopback one.
pub fn is_loopback_address(address: &str) -> bool {
    address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) || address.eq_ignore_ascii_case("localhost")
}
