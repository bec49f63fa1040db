//! What the names in a project lead to, from each of its networks: gathered once, in one pass over the services.

use super::outside::{elsewhere, of_address, outside};
use super::{External, Route, Target, Way, is_loopback, normal};
use crate::compose::model::{Project, Service};
use crate::redis::networks::{self, Kind, Meeting, Space};
use crate::redis::servers::RedisServer;
use std::collections::HashMap;
use std::net::IpAddr;

/// Which service answers to a name.
#[derive(Debug)]
pub struct Names<'a> {
    project: &'a Project,
    /// By name and network: what Docker's DNS says there.
    on: HashMap<(String, String), Claim<'a>>,
    /// By name alone: the first that answers to it anywhere.
    any: HashMap<String, Claim<'a>>,
    /// The servers that live in one network, by its kind and key.
    pub(super) inside: HashMap<(Kind, &'a str), Vec<&'a RedisServer>>,
    pub(super) published: Vec<Published<'a>>,
}

/// By what a service answers to a name: of several, the first of these counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Service,
    Container,
    Alias,
    /// Compose does not make it an alias, but Docker's DNS knows it.
    Hostname,
    Address,
}

#[derive(Debug, Clone, Copy)]
struct Claim<'a> {
    service: &'a Service,
    by: By,
}

/// Ports of the machine that lead into a container.
#[derive(Debug)]
pub(super) struct Published<'a> {
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) target: u16,
    pub(super) space: Space<'a>,
}

impl<'a> Names<'a> {
    pub fn of(project: &'a Project, servers: &'a [RedisServer]) -> Self {
        let mut names = Self { project, on: HashMap::new(), any: HashMap::new(), inside: HashMap::new(), published: Vec::new() };
        for by in [By::Service, By::Container, By::Alias, By::Hostname, By::Address] {
            for service in project.services.values() {
                names.claim(service, by);
            }
        }
        for server in servers {
            let space = networks::space(project, &project.services[&server.service]);
            names.inside.entry((space.kind, space.key)).or_default().push(server);
        }
        for service in project.services.values().filter(|service| !service.ports.is_empty()) {
            let space = networks::space(project, service);
            if matches!(space.kind, Kind::Networks | Kind::Bridge) {
                names.publish(service, space);
            }
        }
        names
    }

    fn claim(&mut self, service: &'a Service, by: By) {
        let claim = Claim { service, by };
        let keys = service.network_names();
        let mut add = |name: &str, keys: &[&str]| {
            let name = normal(name);
            for key in keys {
                self.on.entry((name.clone(), networks::id(self.project, key))).or_insert(claim);
            }
            self.any.entry(name).or_insert(claim);
        };
        let attached = || service.networks.iter().flatten();
        match by {
            By::Service => add(&service.name, &keys),
            By::Container => service.container_name.iter().for_each(|name| add(&name.value, &keys)),
            By::Hostname => service.hostname.iter().for_each(|name| add(&name.value, &keys)),
            By::Alias => {
                for (key, attachment) in attached() {
                    attachment.aliases.iter().for_each(|alias| add(alias, &[key]));
                }
            }
            By::Address => {
                let of = |key: &str| service.value.as_ref()?.get("networks")?.get(key).cloned();
                for (key, _) in attached() {
                    let addresses = ["ipv4_address", "ipv6_address"].into_iter().filter_map(|name| {
                        let address = of(key)?.get(name)?.text()?.value.parse::<IpAddr>().ok()?;
                        Some(address.to_string())
                    });
                    addresses.for_each(|address| add(&address, &[key]));
                }
            }
        }
    }

    /// Where `host` leads from the containers of `service`.
    pub fn resolve(&self, service: &Service, host: &str, port: Option<u16>) -> Route {
        let space = networks::space(self.project, service);
        let (written, host) = (host, normal(host));
        if is_loopback(&host) {
            return self.loopback(space, port);
        }
        let hosts = service.extra_hosts.iter().chain(&space.owner.extra_hosts);
        if let Some((_, address)) = hosts.into_iter().find(|(name, _)| normal(name) == host) {
            return self.mapped(space, written, address.trim_matches(['[', ']']), port);
        }
        if matches!(host.as_str(), "host.docker.internal" | "gateway.docker.internal") {
            return self.machine(port, Target::External(External::HostGateway));
        }
        if space.owner.external_links.iter().any(|link| alias(&link.value).1.eq_ignore_ascii_case(&host)) {
            let reason = format!("{written} is a container outside the project, by external_links");
            return Route::to(Target::Undetermined(reason));
        }
        let linked = space.owner.links.iter().map(|link| alias(&link.value)).find(|(_, name)| name.eq_ignore_ascii_case(&host));
        if let Some(linked) = linked.and_then(|(name, _)| self.project.services.get(name)) {
            return self.by_link(space, linked, port);
        }
        let found = self.lookup(space, &host).or_else(|| self.qualified(space, &host)).or_else(|| {
            let claim = self.container_of(&host)?;
            Some((claim, self.shares(space, claim.service)))
        });
        match found {
            Some((claim, meets)) => self.reach(space, claim, meets, port),
            None => Route::to(outside(self.project, space.kind, written)),
        }
    }

    /// The same for a URL that no service is given: only names and addresses count.
    pub fn resolve_loose(&self, host: &str) -> Target {
        let (written, host) = (host, normal(host));
        if is_loopback(&host) {
            return Target::Localhost;
        }
        if host == "host.docker.internal" {
            return Target::External(External::HostGateway);
        }
        match self.any.get(&host).copied().or_else(|| self.container_of(&host)) {
            Some(claim) => self.target(networks::space(self.project, claim.service), claim.service, None),
            None => outside(self.project, Kind::Networks, written),
        }
    }

    /// Who answers to a name, and whether the client hears it.
    fn lookup(&self, space: Space<'a>, host: &str) -> Option<(Claim<'a>, bool)> {
        let networks = space.owner.network_names().into_iter().map(|key| networks::id(self.project, key));
        let heard = networks.filter_map(|id| self.on.get(&(host.to_owned(), id))).min_by_key(|claim| claim.by);
        heard.map(|claim| (*claim, true)).or_else(|| self.any.get(host).map(|claim| (*claim, false)))
    }

    /// `<name>.<network>`, as Docker's DNS also has it.
    fn qualified(&self, space: Space<'a>, host: &str) -> Option<(Claim<'a>, bool)> {
        let dots = host.match_indices('.').map(|(at, _)| (&host[..at], &host[at + 1..]));
        dots.into_iter().find_map(|(name, network)| {
            let (claim, _) = self.lookup(space, name)?;
            let on = |service: &Service| {
                let called = |key: &&str| networks::is_called(self.project, key, network);
                service.network_names().iter().any(called)
            };
            on(claim.service).then(|| (claim, on(space.owner)))
        })
    }

    /// The service of `<project>_<service>_1` or `<project>-<service>-1`. The project's name is the folder's unless somebody says
    /// otherwise with `-p`, so any first word counts where the rest fits.
    fn container_of(&self, host: &str) -> Option<Claim<'a>> {
        let (rest, number) = host.rsplit_once(['_', '-'])?;
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let tails = rest.match_indices(['_', '-']).filter(|(at, _)| *at > 0).map(|(at, _)| &rest[at + 1..]);
        let claims = tails.into_iter().filter_map(|tail| self.any.get(tail));
        claims.into_iter().find(|claim| claim.by == By::Service).copied()
    }

    fn shares(&self, space: Space<'_>, other: &Service) -> bool {
        space.kind == Kind::Networks && networks::meeting(self.project, space.owner, other) != Meeting::Nowhere
    }

    /// A client's way to a service whose name or address it is given.
    fn reach(&self, space: Space<'a>, claim: Claim<'a>, meets: bool, port: Option<u16>) -> Route {
        let service = claim.service;
        // The machine has a way into each of its bridges.
        if space.kind == Kind::Host && claim.by == By::Address {
            return Route { way: Way::Machine, ..self.arrive(networks::space(self.project, service), service, port) };
        }
        if let Some(reason) = barrier(space, service) {
            let unknown = space.kind == Kind::Unknown || networks::is_open(self.project, service);
            let target = if unknown { Target::Undetermined(reason) } else { Target::Unreachable(service.name.clone(), reason) };
            return Route::to(target);
        }
        let way = if meets { Way::Network } else { Way::Apart };
        Route { way, ..self.arrive(networks::space(self.project, service), service, port) }
    }

    /// The same by a link of the client's own; on Docker's default bridge links are all there is.
    fn by_link(&self, space: Space<'a>, service: &'a Service, port: Option<u16>) -> Route {
        let there = networks::space(self.project, service);
        if space.kind == Kind::Bridge && there.kind == Kind::Bridge {
            return self.arrive(there, service, port);
        }
        self.reach(space, Claim { service, by: By::Service }, self.shares(space, service), port)
    }

    pub(super) fn arrive(&self, there: Space<'a>, service: &'a Service, port: Option<u16>) -> Route {
        Route { port, ..Route::to(self.target(there, service, port)) }
    }

    /// The server in a network: the one that listens on the port, or else the service that was named.
    fn target(&self, there: Space<'a>, service: &'a Service, port: Option<u16>) -> Target {
        let servers = self.inside.get(&(there.kind, there.key)).map(Vec::as_slice).unwrap_or_default();
        let own = servers.iter().find(|server| server.service == service.name);
        let tenant = || servers.first().filter(|_| there.kind != Kind::Host);
        match by_port(servers, port).or_else(|| own.or_else(tenant).copied()) {
            Some(server) => Target::Server(server.service.clone()),
            None => Target::Service(service.name.clone()),
        }
    }

    /// `localhost`: what runs in the same network.
    fn loopback(&self, space: Space<'a>, port: Option<u16>) -> Route {
        if space.kind == Kind::Host {
            return self.machine(port, Target::Host);
        }
        if self.inside.contains_key(&(space.kind, space.key)) {
            return Route { way: Way::Inside, ..self.arrive(space, space.owner, port) };
        }
        Route::to(if space.kind == Kind::Unknown { Target::Undetermined(elsewhere()) } else { Target::Localhost })
    }

    /// A name that `extra_hosts` knows: nobody else is asked for it.
    fn mapped(&self, space: Space<'a>, host: &str, address: &str, port: Option<u16>) -> Route {
        if address == "host-gateway" {
            return self.machine(port, Target::External(External::HostGateway));
        }
        let Ok(ip) = address.parse::<IpAddr>() else {
            return Route::to(Target::Undetermined(format!("the address that extra_hosts gives {host} is not known")));
        };
        let route = if is_loopback(address) {
            self.loopback(space, port)
        } else {
            match self.lookup(space, &ip.to_string()) {
                Some((claim, meets)) => self.reach(space, claim, meets, port),
                None => Route::to(Target::External(of_address(ip))),
            }
        };
        Route { address: Some(ip), ..route }
    }
}

/// The server that listens on a port for certain.
pub(super) fn by_port<'a>(servers: &[&'a RedisServer], port: Option<u16>) -> Option<&'a RedisServer> {
    let port = port?;
    servers.iter().find(|server| server.listens_on(port) == Some(true)).copied()
}

/// `container:alias`, or one name for both.
fn alias(link: &str) -> (&str, &str) {
    link.split_once(':').unwrap_or((link, link))
}

/// Why a client cannot reach a service by its name, wherever their networks meet.
fn barrier(client: Space<'_>, service: &Service) -> Option<String> {
    let name = &service.name;
    match client.kind {
        Kind::Unknown => return Some(elsewhere()),
        Kind::Host => return Some(format!("the name {name} does not resolve in the network of the host machine")),
        Kind::Nothing => return Some("it is on no network: `network_mode: none`".to_owned()),
        Kind::Bridge => return Some(format!("the name {name} does not resolve on Docker's default bridge")),
        Kind::Networks => {}
    }
    let mode = service.network_mode.as_ref()?;
    // One container's network, but not the name of its tenant.
    Some(format!("{name} has `network_mode: {}`, so nothing answers to its name", mode.value))
}
