//! The same project read as servers of the Redis protocol, the services that use them, and the ways between. Knows what Redis, its
//! images and its clients do; has no opinion on what ought to be.

pub mod bystanders;
pub mod clients;
pub mod data;
pub mod databases;
pub mod endpoints;
pub mod graph;
pub mod health;
pub mod hosts;
pub mod images;
pub mod kept;
pub mod logins;
pub mod memory;
pub mod networks;
pub mod passwords;
pub mod programs;
pub mod providers;
pub mod published;
pub mod purposes;
pub mod queues;
pub mod servers;
pub mod settings;
pub mod shared;
mod shell;
pub mod support;
pub mod tags;
#[cfg(test)]
pub(crate) mod testing;
pub mod uses;
pub mod variables;

use crate::compose::model::Project;
use hosts::{Names, Route};
use servers::RedisServer;
use std::collections::{HashMap, HashSet};
use uses::{LooseUrl, RedisUse};

/// All that concerns Redis in a project.
#[derive(Debug, Default)]
pub struct Redis {
    pub servers: Vec<RedisServer>,
    pub uses: Vec<RedisUse>,
    /// Redis URLs in the project's files that no service's own program is given.
    pub loose: Vec<LooseUrl>,
    index: Index,
}

/// What is asked for by name, for every service of a project: places in the lists of [`Redis`].
#[derive(Debug, Default)]
struct Index {
    servers: HashMap<String, usize>,
    uses_to: HashMap<String, Vec<usize>>,
    uses_of: HashMap<String, Vec<usize>>,
    settings: HashMap<String, Settings>,
}

/// What the environment of a service says beside its connections, looked for once.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// A variable may switch TLS on.
    pub may_say_tls: bool,
    /// The service may be given a password that does not show with the connection.
    pub may_know_password: bool,
}

impl Index {
    fn of(project: &Project, servers: &[RedisServer], uses: &[RedisUse]) -> Self {
        let mut index = Self::default();
        index.servers.extend(servers.iter().enumerate().map(|(at, server)| (server.service.clone(), at)));
        for (at, usage) in uses.iter().enumerate() {
            index.uses_of.entry(usage.service.clone()).or_default().push(at);
            index.settings.entry(usage.service.clone()).or_insert_with(|| {
                let service = &project.services[&usage.service];
                Settings {
                    may_say_tls: logins::may_say_tls(service),
                    may_know_password: logins::may_know_another(project, service),
                }
            });
            if let Some(server) = usage.target.server() {
                index.uses_to.entry(server.to_owned()).or_default().push(at);
            }
        }
        index
    }
}

impl Redis {
    pub fn read(project: &Project) -> Self {
        let servers = servers::find(project);
        let names = Names::of(project, &servers);
        let uses = uses::find(project, &servers, &names);
        let loose = uses::loose::find(project, &names, &uses);
        let index = Index::of(project, &servers, &uses);
        Self { servers, uses, loose, index }
    }

    /// The uses that lead to a server, in order.
    pub fn uses_to(&self, server: &str) -> impl Iterator<Item = &RedisUse> + Clone {
        self.index.uses_to.get(server).into_iter().flatten().map(|&at| &self.uses[at])
    }

    /// What the environment of a service with uses says beside them.
    pub fn settings(&self, service: &str) -> Option<Settings> {
        self.index.settings.get(service).copied()
    }

    /// The uses of a service, in order.
    pub fn uses_of(&self, service: &str) -> impl Iterator<Item = &RedisUse> + Clone {
        self.index.uses_of.get(service).into_iter().flatten().map(|&at| &self.uses[at])
    }

    /// The variables, by service, that tell a service where its Redis is and how to log in.
    pub fn variables(&self) -> HashSet<(&str, &str)> {
        let mut all = HashSet::new();
        for usage in &self.uses {
            let parts = usage.parts.iter().map(|part| part.variable.as_str());
            all.extend(parts.chain(usage.variable.as_deref()).map(|variable| (usage.service.as_str(), variable)));
        }
        all
    }

    pub fn server(&self, service: &str) -> Option<&RedisServer> {
        self.index.servers.get(service).map(|&at| &self.servers[at])
    }

    /// The port at which a route arrives at a server, and whether the server listens there; `None` where either is not known.
    pub fn arrival(&self, route: &Route) -> Option<(u16, bool)> {
        let port = route.port?;
        Some((port, self.server(route.target.server()?)?.listens_on(port)?))
    }

    /// The names of the services whose own program uses `server`, in order and once each.
    pub fn users_of(&self, server: &str) -> Vec<&str> {
        once(self.uses_to(server).map(|usage| usage.service.as_str()))
    }
}

/// Names without doubles, in the order in which they first come.
pub fn once<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}
