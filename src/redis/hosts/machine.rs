//! The ports of the machine that the containers run on, and what of the project is reached through them.

use super::names::{Names, Published, by_port};
use super::{Route, Target, Way, is_loopback};
use crate::compose::model::{Port, Service};
use crate::redis::networks::{Kind, Space};
use crate::redis::servers::RedisServer;

impl<'a> Names<'a> {
    pub(super) fn publish(&mut self, service: &'a Service, space: Space<'a>) {
        // A port that is bound to another address of the machine is not reached at these.
        let is_near = |ip: &String| ip.is_empty() || is_loopback(ip);
        let near = |port: &&Port| port.protocol != "udp" && port.host_ip.as_ref().is_none_or(is_near);
        self.published.extend(service.ports.iter().filter(near).filter_map(|port| {
            let (first, last) = port.published?;
            Some(Published { first, last, target: port.target.0, space })
        }));
    }

    /// A port of the machine itself: a server in its network, or one that is published there, else what lies `beyond`.
    pub(super) fn machine(&self, port: Option<u16>, beyond: Target) -> Route {
        let servers = self.inside.get(&(Kind::Host, "")).map(Vec::as_slice).unwrap_or_default();
        let here =
            |server: &RedisServer, port| Route { way: Way::Machine, port, ..Route::to(Target::Server(server.service.clone())) };
        let Some(asked) = port else {
            let reason = "it leads to the host machine, by a port that has no value in any file of the project".to_owned();
            let may_lead_here = !servers.is_empty() || !self.published.is_empty();
            return Route::to(if may_lead_here { Target::Undetermined(reason) } else { beyond });
        };
        if let Some(server) = by_port(servers, port) {
            return here(server, port);
        }
        let through = self.published.iter().filter(|published| (published.first..=published.last).contains(&asked));
        let arrived = through.map(|published| {
            let arrival = published.target.checked_add(asked - published.first);
            Route { way: Way::Machine, ..self.arrive(published.space, published.space.owner, arrival) }
        });
        let mut arrived: Vec<Route> = arrived.collect();
        let server = arrived.iter().position(|route| route.target.server().is_some()).unwrap_or(0);
        if server < arrived.len() {
            return arrived.swap_remove(server);
        }
        let hidden = servers.iter().find(|server| server.listens_on(asked).is_none());
        hidden.map_or_else(|| Route::to(beyond), |server| here(server, None))
    }
}
