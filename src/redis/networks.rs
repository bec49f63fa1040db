//! Which services meet on which network, and in whose network a service lives (compose.md §1.9).

use crate::compose::model::{Project, Service};

/// Whether two services reach each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meeting {
    /// On these networks, by their keys in the first service.
    On(Vec<String>),
    Nowhere,
    /// In one container's network, through the machine, or in a way that the files do not show: networks do not decide it.
    Beside,
}

/// What kind of network a container lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The project's networks, where names resolve.
    Networks,
    /// The machine's own network.
    Host,
    /// Docker's default bridge, where no name resolves but those of links.
    Bridge,
    /// None at all.
    Nothing,
    /// That of a container outside the project, or one that the files do not tell.
    Unknown,
}

/// The network that a service lives in: its own, or that of the one whose network it shares.
#[derive(Debug, Clone, Copy)]
pub struct Space<'a> {
    pub kind: Kind,
    /// The service whose networks, links and hosts count.
    pub owner: &'a Service,
    /// The same for all that live in one network, together with the kind.
    pub key: &'a str,
}

/// More services that share the network of one another than anybody strings together; a circle ends here too.
const MOST_STEPS: usize = 16;

/// The network that a service lives in.
pub fn space<'a>(project: &'a Project, service: &'a Service) -> Space<'a> {
    let mut owner = service;
    for _ in 0..MOST_STEPS {
        let Some(mode) = &owner.network_mode else {
            return Space { kind: Kind::Networks, owner, key: &owner.name };
        };
        let mode = mode.value.as_str();
        let next = match mode.split_once(':') {
            Some(("service", name)) => project.services.get(name),
            Some(("container", name)) => contained(project, name),
            _ => None,
        };
        let Some(next) = next else { return of_mode(owner, mode) };
        owner = next;
    }
    Space { kind: Kind::Unknown, owner, key: &owner.name }
}

fn of_mode<'a>(owner: &'a Service, mode: &'a str) -> Space<'a> {
    match mode {
        "host" => Space { kind: Kind::Host, owner, key: "" },
        "none" => Space { kind: Kind::Nothing, owner, key: &owner.name },
        "bridge" | "default" => Space { kind: Kind::Bridge, owner, key: &owner.name },
        // Two services may share the network of one container outside.
        _ if mode.starts_with("container:") => Space { kind: Kind::Unknown, owner, key: mode },
        _ => Space { kind: Kind::Unknown, owner, key: &owner.name },
    }
}

/// Whether the files do not tell what a service's own `network_mode` comes to.
pub fn is_open(project: &Project, service: &Service) -> bool {
    let mode = service.network_mode.as_ref().filter(|mode| !mode.value.starts_with("container:"));
    mode.is_some() && space(project, service).kind == Kind::Unknown
}

/// The service of a container, by its name.
fn contained<'a>(project: &'a Project, container: &str) -> Option<&'a Service> {
    let named = |service: &&Service| service.container_name.as_ref().is_some_and(|name| name.value == container);
    project.services.values().find(named)
}

/// Whether two services meet, as far as networks decide it.
pub fn meeting(project: &Project, a: &Service, b: &Service) -> Meeting {
    let (a, b) = (space(project, a), space(project, b));
    if (a.kind, a.key) == (b.kind, b.key) {
        return Meeting::Beside;
    }
    if a.kind != Kind::Networks || b.kind != Kind::Networks {
        return if a.kind == Kind::Unknown || b.kind == Kind::Unknown { Meeting::Beside } else { Meeting::Nowhere };
    }
    let names: Vec<String> = b.owner.network_names().into_iter().map(|key| id(project, key)).collect();
    let is_common = |network: &&str| names.contains(&id(project, network));
    let common: Vec<String> = a.owner.network_names().into_iter().filter(is_common).map(str::to_owned).collect();
    if common.is_empty() { Meeting::Nowhere } else { Meeting::On(common) }
}

/// What tells one network from another: two keys may denote one, by `name:`, or by its own name where it comes from outside.
pub fn id(project: &Project, key: &str) -> String {
    let network = project.networks.get(key);
    let named = network.and_then(|network| network.name.clone().or_else(|| network.external.then(|| key.to_owned())));
    named.map_or_else(|| format!("{key}:"), |name| format!(":{name}"))
}

/// The name that a network has for people: its own where it is given, else its key.
pub fn name(project: &Project, key: &str) -> String {
    project.networks.get(key).and_then(|network| network.name.clone()).unwrap_or_else(|| key.to_owned())
}

/// Whether a network goes by this name in Docker: its own, or its key behind the project's, which anybody may set with `-p`.
pub fn is_called(project: &Project, key: &str, name: &str) -> bool {
    if let Some(own) = id(project, key).strip_prefix(':') {
        return own.eq_ignore_ascii_case(name);
    }
    let split = name.len().checked_sub(key.len()).and_then(|at| name.split_at_checked(at));
    split.is_some_and(|(head, tail)| tail.eq_ignore_ascii_case(key) && head.len() > 1 && head.ends_with('_'))
}
