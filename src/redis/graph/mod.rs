//! Who uses which Redis: the servers of a project, the uses with their ways, and where those lead that stay outside. Plain data,
//! without a judgement, and without a secret: every address is put together from parts that may be shown.

pub mod node;
pub mod trail;

use crate::compose::model::{Condition, Project, Service};
use crate::compose::trail::Step;
use crate::redis::Redis;
use crate::redis::endpoints::Endpoint;
use crate::redis::hosts::{External, Route, Target, Way};
use crate::redis::networks::{self, Meeting};
use crate::redis::servers::DEFAULT_PORT;
use crate::redis::uses::{Form, GroupPart, RedisUse};
use crate::redis::variables::{self, Role};
use crate::secret;
use crate::syntax::url;
use crate::text::span::Span;
use indexmap::IndexMap;
use node::Node;
use std::collections::{BTreeSet, VecDeque};

/// All that concerns Redis in a project, as nodes and edges.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub servers: Vec<Node>,
    pub uses: Vec<Edge>,
    pub loose: Vec<Loose>,
    /// The services that neither run nor use a Redis, in order.
    pub unused: Vec<String>,
}

/// One way from a service to a Redis.
#[derive(Debug, Clone)]
pub struct Edge {
    pub service: String,
    /// `None` for a URL on a command line.
    pub variable: Option<String>,
    /// The other variables of the same connection.
    pub parts: Vec<GroupPart>,
    pub form: Form,
    pub address: Option<Address>,
    pub end: End,
    /// One of several hosts that the value names.
    pub several: bool,
    /// `None` where the use does not lead to a service of the project.
    pub meeting: Option<Meeting>,
    /// `None` where no server is reached, or its ports are not known.
    pub port: Option<Arrival>,
    /// `None` where there is no server to wait for.
    pub waits: Option<Waits>,
    pub trail: Vec<Step>,
}

/// A connection as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub host: String,
    /// The address that `extra_hosts` gives the host.
    pub mapped: Option<String>,
    /// `None`: something that is no number.
    pub port: Option<u16>,
    /// `None`: not said, or no number.
    pub db: Option<u32>,
    pub tls: bool,
    pub password: bool,
    /// `redis://********@host:6379/0`, or `host:6379/0` where the client is not given a URL.
    pub shown: String,
}

/// The port of the server's container that a use asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    pub arrives: u16,
    /// Whether the server listens there.
    pub listens: bool,
}

/// Where a use leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Server(String),
    /// A service that is not known to be a Redis.
    Service(String),
    /// `host:port`, and what that is.
    Outside(String, External),
    /// A service that the name does not reach from there, and why.
    Unreachable(String, String),
    /// The container of the service itself.
    Localhost,
    /// The machine that the containers run on.
    Machine,
    UnknownName(String),
    /// Several hosts that cannot be told apart.
    Several,
    Unknown(String),
}

/// Whether a service starts before its Redis can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waits {
    For(Condition),
    /// Another service waits, and this one for that.
    Through(Condition, String),
    Not,
}

/// A Redis URL that no service is given.
#[derive(Debug, Clone)]
pub struct Loose {
    pub variable: Option<String>,
    pub shown: String,
    pub span: Span,
}

impl Graph {
    pub fn of(project: &Project, redis: &Redis) -> Self {
        let servers = redis.servers.iter().map(|server| Node::of(project, server)).collect();
        let uses: Vec<Edge> = redis.uses.iter().flat_map(|usage| edges(project, redis, usage)).collect();
        let loose = redis.loose.iter().map(|loose| Loose {
            variable: loose.variable.clone(),
            shown: secret::mask(&loose.endpoint.shown(true)),
            span: loose.span,
        });
        let mut known: BTreeSet<&str> = redis.servers.iter().map(|server| server.service.as_str()).collect();
        for usage in &uses {
            known.insert(&usage.service);
            if let End::Service(name) | End::Unreachable(name, _) = &usage.end {
                known.insert(name);
            }
        }
        let unused = project.services.keys().filter(|name| !known.contains(name.as_str())).cloned().collect();
        Self { servers, loose: loose.collect(), unused, uses }
    }

    /// Where uses lead that is no server of the project, in order and once each; what is not known comes last.
    pub fn other_ends(&self) -> Vec<&End> {
        let mut ends: Vec<&End> = Vec::new();
        for usage in &self.uses {
            if !matches!(usage.end, End::Server(_)) && !ends.contains(&&usage.end) {
                ends.push(&usage.end);
            }
        }
        ends.sort_by_key(|end| matches!(end, End::Unknown(_)));
        ends
    }

    /// The uses that lead to `end`, by service, in order.
    pub fn users_of(&self, end: &End) -> Vec<(&str, Vec<&Edge>)> {
        let mut users: IndexMap<&str, Vec<&Edge>> = IndexMap::new();
        for usage in self.uses.iter().filter(|usage| usage.end == *end) {
            users.entry(&usage.service).or_default().push(usage);
        }
        users.into_iter().collect()
    }
}

/// One edge for each host that a use names.
fn edges(project: &Project, redis: &Redis, usage: &RedisUse) -> Vec<Edge> {
    if usage.ends.is_empty() {
        let route = Route { target: usage.target.clone(), way: usage.way, port: usage.port, address: usage.address };
        return vec![edge(project, redis, usage, usage.endpoint.as_ref(), &route)];
    }
    usage.ends.iter().map(|(end, route)| edge(project, redis, usage, Some(end), route)).collect()
}

fn edge(project: &Project, redis: &Redis, usage: &RedisUse, endpoint: Option<&Endpoint>, route: &Route) -> Edge {
    let service = &project.services[&usage.service];
    let end = end(route, endpoint);
    let peer = match &end {
        End::Server(name) | End::Service(name) => project.services.get(name),
        _ => None,
    };
    Edge {
        service: usage.service.clone(),
        variable: usage.variable.clone(),
        parts: usage.parts.clone(),
        form: usage.form,
        address: endpoint.map(|endpoint| address(endpoint, usage, route)),
        several: usage.several,
        meeting: peer.map(|peer| match route.way {
            Way::Network => networks::meeting(project, service, peer),
            Way::Apart => Meeting::Nowhere,
            Way::Machine | Way::Inside => Meeting::Beside,
        }),
        port: redis.arrival(route).map(|(arrives, listens)| Arrival { arrives, listens }),
        waits: peer.filter(|_| matches!(end, End::Server(_))).and_then(|server| waits(project, service, server)),
        trail: trail::of(project, service, usage, endpoint.map(|endpoint| &endpoint.host)),
        end,
    }
}

fn end(route: &Route, endpoint: Option<&Endpoint>) -> End {
    let host = || secret::mask(&endpoint.map(|endpoint| endpoint.host.value.clone()).unwrap_or_default());
    match &route.target {
        Target::Server(name) => End::Server(name.clone()),
        Target::Service(name) => End::Service(name.clone()),
        Target::Unreachable(name, reason) => End::Unreachable(name.clone(), reason.clone()),
        Target::Localhost => End::Localhost,
        Target::Host => End::Machine,
        Target::External(kind) => {
            let address = endpoint.map(|endpoint| endpoint.address_by(route.address)).unwrap_or_default();
            End::Outside(secret::mask(&address), *kind)
        }
        Target::UnknownName => End::UnknownName(host()),
        Target::Undetermined(reason) => End::Unknown(reason.clone()),
        Target::Several => End::Several,
    }
}

fn address(endpoint: &Endpoint, usage: &RedisUse, route: &Route) -> Address {
    let as_url = !usage.several && url::parse(&usage.text.value).is_some();
    let by_part = usage.parts.iter().any(|part| match part.role {
        Role::Password => !part.text.value.is_empty() && !variables::is_null(&part.text.value),
        Role::PasswordFile => !part.text.value.is_empty(),
        _ => false,
    });
    Address {
        host: secret::mask(&endpoint.host.value),
        mapped: route.address.map(|address| address.to_string()),
        port: endpoint.port.as_ref().map_or(Some(DEFAULT_PORT), |port| port.value.parse().ok()),
        db: endpoint.db.as_ref().and_then(|db| db.value.parse().ok()),
        tls: endpoint.tls,
        password: endpoint.password.is_some() || by_part,
        shown: secret::mask(&endpoint.shown(as_url)),
    }
}

/// `None` where the server lives in the network of the service, and so depends on it.
fn waits(project: &Project, service: &Service, server: &Service) -> Option<Waits> {
    let joined = server.network_mode.as_ref().is_some_and(|mode| mode.value == format!("service:{}", service.name));
    if joined {
        return None;
    }
    if let Some(dependency) = service.depends_on.get(&server.name) {
        return Some(Waits::For(dependency.condition));
    }
    let mut found: Option<(Condition, String)> = None;
    let mut seen: BTreeSet<&str> = BTreeSet::from([service.name.as_str()]);
    let mut open: VecDeque<&Service> = VecDeque::from([service]);
    while let Some(next) = open.pop_front() {
        let condition = next.depends_on.get(&server.name).map(|dependency| dependency.condition);
        if let Some(condition) = condition
            && found.as_ref().is_none_or(|(best, _)| *best != Condition::Healthy && condition == Condition::Healthy)
        {
            found = Some((condition, next.name.clone()));
        }
        let dependencies = next.depends_on.keys().filter_map(|name| project.services.get(name));
        open.extend(dependencies.filter(|dependency| dependency.name != server.name && seen.insert(dependency.name.as_str())));
    }
    Some(found.map_or(Waits::Not, |(condition, name)| Waits::Through(condition, name)))
}
