//! Who uses which Redis, by which variable: each service's environment and commands read as connections.

mod commands;
mod drivers;
mod finder;
pub(super) mod loose;
#[cfg(test)]
mod tests;

use super::bystanders;
use super::endpoints::Endpoint;
use super::hosts::{External, Names, Route, Target, Way};
use super::servers::{Part, RedisServer};
use super::variables::Role;
use crate::compose::model::{Project, Service};
use crate::compose::value::Text;
use crate::text::span::Span;
use finder::Finder;
use std::net::IpAddr;

/// How a service is told where its Redis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Url,
    /// `host:port` in one variable.
    Address,
    /// Host, port, password and index in variables of their own.
    Split,
    /// A URL or a group of options on the command line.
    Command,
}

/// One variable of a split connection.
#[derive(Debug, Clone)]
pub struct GroupPart {
    pub role: Role,
    pub variable: String,
    pub text: Text,
}

/// One way from a service to a Redis.
#[derive(Debug, Clone)]
pub struct RedisUse {
    pub service: String,
    /// The variable that names the host; `None` for a command.
    pub variable: Option<String>,
    pub form: Form,
    /// The URL, the `host:port` or the host.
    pub text: Text,
    /// `None` where there are several hosts or the host is not known.
    pub endpoint: Option<Endpoint>,
    pub target: Target,
    /// How it gets there.
    pub way: Way,
    /// The port of the container at which it arrives, where it leads to a service and the port is known.
    pub port: Option<u16>,
    /// The address that `extra_hosts` gives the host: nobody else is asked.
    pub address: Option<IpAddr>,
    /// Where the service is given the variable.
    pub key_span: Span,
    /// The entry of `env_file` it came through.
    pub through: Option<Span>,
    /// The value names several hosts: a cluster, or sentinels.
    pub several: bool,
    /// The hosts of such a value that can be told, each with where it leads.
    pub ends: Vec<(Endpoint, Route)>,
    /// The other variables of a split connection.
    pub parts: Vec<GroupPart>,
}

/// A literal Redis URL that no service's own program is given: in an env file that nothing passes on, a default that is not used, an
/// anchor that nobody merges, a service that has no use for it.
#[derive(Debug, Clone)]
pub struct LooseUrl {
    pub variable: Option<String>,
    pub text: Text,
    pub endpoint: Endpoint,
    pub target: Target,
    pub span: Span,
}

/// Whether the service's own program may use Redis.
pub fn may_use(service: &Service, servers: &[RedisServer]) -> bool {
    let bystander = service.image.as_ref().is_some_and(|image| bystanders::is_bystander(&image.value));
    !bystander && !servers.iter().any(|server| server.service == service.name)
}

/// All uses of all services, in order.
pub(super) fn find(project: &Project, servers: &[RedisServer], names: &Names<'_>) -> Vec<RedisUse> {
    let mut uses = Vec::new();
    for service in project.services.values().filter(|service| may_use(service, servers)) {
        let finder = Finder { project, names, service };
        let start = uses.len();
        finder.read_environment(&mut uses);
        finder.read_commands(&mut uses);
        settle(&mut uses[start..]);
        set_aside(service, &mut uses[start..]);
    }
    settle_all(servers, &mut uses);
    uses
}

/// Why localhost is no fault for certain.
pub const MAY_BE_INSIDE: &str = "the image may run a Redis of its own: it is not built here, and uses no other";

/// Where the project has a Redis, or would be given one for another service, localhost is a mistake too: what brings its own is rare, and
/// is told so by a comment.
fn settle_all(servers: &[RedisServer], uses: &mut [RedisUse]) {
    let has_server = servers.iter().any(|server| server.part != Part::Sentinel && !server.is_fragment);
    let wants_one = |usage: &RedisUse| match &usage.target {
        Target::External(External::Provider(_)) => false,
        Target::External(_) | Target::UnknownName | Target::Localhost => !usage.several,
        _ => false,
    };
    if has_server || uses.iter().any(wants_one) {
        be_localhost(uses);
    }
}

/// What leads nowhere is no fault where the service says that it uses something else.
fn set_aside(service: &Service, uses: &mut [RedisUse]) {
    let Some(reason) = drivers::name_no_redis(service) else { return };
    let astray = |usage: &&mut RedisUse| {
        matches!(usage.target, Target::Localhost | Target::UnknownName | Target::External(_)) && usage.variable.is_some()
    };
    for usage in uses.iter_mut().filter(astray) {
        usage.target = Target::Undetermined(reason.clone());
    }
}

/// A service that also uses a Redis elsewhere brings none of its own: its localhost is a mistake.
fn settle(uses: &mut [RedisUse]) {
    let elsewhere = |usage: &RedisUse| {
        let target = &usage.target;
        matches!(
            target,
            Target::External(_) | Target::Server(_) | Target::Unreachable(..) | Target::UnknownName | Target::Several
        )
    };
    if uses.iter().any(elsewhere) {
        be_localhost(uses);
    }
}

fn be_localhost(uses: &mut [RedisUse]) {
    for usage in uses.iter_mut().filter(|usage| usage.target == Target::Undetermined(MAY_BE_INSIDE.to_owned())) {
        usage.target = Target::Localhost;
    }
}
