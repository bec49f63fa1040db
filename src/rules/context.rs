//! What every rule may ask: the project, its Redis, the layout, and the questions that several rules share.

use super::editor::Editor;
use super::ignores::Ignores;
use super::indexes::Plan;
use crate::compose::model::{EnvEntry, Project, Service};
use crate::compose::value::{Home, Text};
use crate::layout::{Eviction, Layout};
use crate::redis::health::{self, Verdict};
use crate::redis::hosts::{External, Target};
use crate::redis::networks::{self, Kind, Space};
use crate::redis::queues::{self, Signal};
use crate::redis::servers::{Part, RedisServer};
use crate::redis::uses::RedisUse;
use crate::redis::variables;
use crate::redis::{Redis, once};
use crate::text::span::FileId;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub project: &'a Project,
    pub redis: &'a Redis,
    pub layout: &'a Layout,
    /// The comments that silence rules.
    pub ignores: &'a Ignores,
    pub memo: &'a Memo,
}

/// What is worked out once for a project, however many findings ask for it.
#[derive(Debug, Default)]
pub struct Memo {
    /// By server: which index each connection gets that is led there.
    pub indexes: RefCell<BTreeMap<String, Rc<Plan>>>,
    /// By server: what its health check is worth.
    verdicts: RefCell<HashMap<String, Option<Verdict>>>,
    /// By service: those that depend on it.
    dependants: OnceCell<HashMap<String, Vec<String>>>,
    /// Lines of env files that feed settings which have nothing to do with Redis.
    foreign: OnceCell<BTreeSet<(FileId, usize)>>,
    /// The services that are no servers, by the network that they live in.
    tenants: OnceCell<HashMap<(Kind, String), Vec<String>>>,
}

impl<'a> Context<'a> {
    pub fn editor(&self) -> Editor<'a> {
        Editor { project: self.project }
    }

    pub fn service(&self, name: &str) -> &'a Service {
        &self.project.services[name]
    }

    /// Servers that hold data and that clients connect to by themselves; fragments of other files are left out.
    pub fn servers(&self) -> impl Iterator<Item = &'a RedisServer> {
        self.redis.servers.iter().filter(|server| server.part == Part::Standalone && !server.is_fragment)
    }

    /// Whether the network of a server holds nothing but servers and `client`: whatever else lives there may listen on any port.
    pub fn is_alone(&self, server: &RedisServer, client: &str) -> bool {
        let home = place(networks::space(self.project, self.service(&server.service)));
        let tenants = self.memo.tenants.get_or_init(|| self.tenants()).get(&home);
        tenants.is_none_or(|tenants| tenants.iter().all(|tenant| tenant == client))
    }

    /// The services that are no servers, by the network that they live in.
    fn tenants(&self) -> HashMap<(Kind, String), Vec<String>> {
        let servers: BTreeSet<&str> = self.redis.servers.iter().map(|server| server.service.as_str()).collect();
        let mut tenants: HashMap<(Kind, String), Vec<String>> = HashMap::new();
        for service in self.project.services.values().filter(|service| !servers.contains(service.name.as_str())) {
            tenants.entry(place(networks::space(self.project, service))).or_default().push(service.name.clone());
        }
        tenants
    }

    /// What the health check of a server is worth; `None` where it has none.
    pub fn verdict(&self, server: &RedisServer) -> Option<Verdict> {
        let known = self.memo.verdicts.borrow().get(&server.service).cloned();
        known.unwrap_or_else(|| {
            let verdict = health::assess(self.project, server, self.service(&server.service));
            self.memo.verdicts.borrow_mut().insert(server.service.clone(), verdict.clone());
            verdict
        })
    }

    /// Whether anything uses the server or waits for it.
    pub fn is_needed(&self, server: &RedisServer) -> bool {
        self.dependants_of(&server.service).next().is_some() || self.redis.uses_to(&server.service).next().is_some()
    }

    /// The services that would use a local Redis: those that use one now, or would if it were there.
    pub fn prospects(&self) -> Vec<&'a str> {
        let wanted = self.redis.uses.iter().filter(|usage| usage.target.server().is_some() || self.is_astray(usage));
        once(wanted.map(|usage| usage.service.as_str()))
    }

    /// The services that use a server or wait for it already: those for which waiting until it is healthy is right.
    pub fn clients_of(&self, server: &'a RedisServer) -> Vec<&'a str> {
        let users = self.redis.uses_to(&server.service);
        once(users.map(|usage| usage.service.as_str()).chain(self.dependants_of(&server.service)))
    }

    /// Whether a use leads to nothing that the project could start: what `migrate` rewrites, unless a comment says that it is meant.
    pub fn is_astray(&self, usage: &RedisUse) -> bool {
        leading_rule(&usage.target).is_some() && usage.endpoint.is_some() && !usage.several && !self.is_kept(usage)
    }

    /// Whether a comment says that a use which leads away is meant so.
    pub fn is_kept(&self, usage: &RedisUse) -> bool {
        let (Some(rule), Some(endpoint)) = (leading_rule(&usage.target), &usage.endpoint) else { return false };
        let host = self.project.docs.locate(&endpoint.host, 0..endpoint.host.value.len());
        let mut places = host.into_iter().chain([usage.through.unwrap_or(usage.key_span)]);
        places.any(|place| self.ignores.silence(rule, place))
    }

    /// A Redis whose profile is not active while a client of it does.
    pub fn is_switched_off(&self, server: &'a RedisServer) -> bool {
        let off = !self.service(&server.service).enabled;
        off && self.clients_of(server).iter().any(|client| self.service(client).enabled)
    }

    /// The first sign of a queue among `services`, wherever their jobs wait now.
    fn queue(&self, services: &[&str]) -> Option<Signal> {
        services.iter().find_map(|name| queues::signal(self.project, self.service(name)))
    }

    /// Whether a new server must keep what it holds when memory is full, and the line that shows why.
    pub fn keeps_jobs(&self, services: &[&str]) -> (bool, Option<Signal>) {
        match self.layout.choices.eviction {
            Eviction::Lru => (false, None),
            Eviction::NoEviction => (true, None),
            Eviction::Auto => {
                let signal = self.queue(services);
                (signal.is_some(), signal)
            }
        }
    }

    /// `path:line` of a span.
    pub fn place(&self, span: crate::text::span::Span) -> String {
        self.project.docs.sources.place(span)
    }

    /// The services that wait for `name`, directly or through others.
    pub fn waiting_for(&self, name: &str) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&str> = vec![name];
        while let Some(next) = open.pop() {
            for service in self.dependants_of(next) {
                if found.insert(service) {
                    open.push(service);
                }
            }
        }
        found
    }

    /// The services that depend on `name` themselves, in order.
    fn dependants_of(&self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let all = self.memo.dependants.get_or_init(|| {
            let mut on: HashMap<String, Vec<String>> = HashMap::new();
            for service in self.project.services.values() {
                for dependency in service.depends_on.keys() {
                    on.entry(dependency.clone()).or_default().push(service.name.clone());
                }
            }
            on
        });
        all.get(name).into_iter().flatten().map(String::as_str)
    }

    /// Whether a line of an env file feeds anything beside connections to Redis.
    pub fn is_foreign(&self, file: FileId, line: usize) -> bool {
        self.memo.foreign.get_or_init(|| self.foreign_lines()).contains(&(file, line))
    }

    fn foreign_lines(&self) -> BTreeSet<(FileId, usize)> {
        let own = self.redis.variables();
        let mut lines = BTreeSet::new();
        let mut add = |text: &Text| {
            for home in text.homes() {
                if let Home::Env { file, line } = home {
                    lines.insert((file, line));
                }
            }
        };
        for service in self.project.services.values() {
            for (key, entry) in &service.environment {
                let is_redis = own.contains(&(service.name.as_str(), key.as_str())) || variables::read(key).is_some();
                let Some(text) = entry.value.as_ref().filter(|_| !is_redis) else { continue };
                // A file that is handed over whole brings every line along, needed or not.
                if entry.through.is_none() && !text.value.contains("redis://") {
                    add(text);
                }
            }
            let is_server = self.redis.server(&service.name).is_some();
            let commands = [&service.command, &service.entrypoint].into_iter().flatten().filter(|_| !is_server);
            commands.flat_map(|command| &command.words).filter(|word| !word.value.contains("redis://")).for_each(&mut add);
            // Ports, labels, mounts and the like.
            for layer in &service.layers {
                let keys = layer.value.entries().iter().filter(|entry| !READ_APART.contains(&entry.key.as_str()));
                keys.for_each(|entry| entry.value.each_text(&mut add));
            }
        }
        lines
    }

    /// The first setting of a service that reads a line of an env file and is not `known`: its service and its key.
    pub fn reader_of(&self, file: FileId, line: usize, known: impl Fn(&Text) -> bool) -> Option<(&'a str, &'a str)> {
        let here = Home::Env { file, line };
        let reads = |text: &Text| text.homes().contains(&here) && !known(text);
        self.project.services.values().find_map(|service| {
            let given = |entry: &&EnvEntry| entry.value.as_ref().is_some_and(reads);
            if let Some((key, _)) = service.environment.iter().find(|(_, entry)| given(entry)) {
                return Some((service.name.as_str(), key.as_str()));
            }
            let entries = service.layers.iter().flat_map(|layer| layer.value.entries());
            let mut others = entries.filter(|entry| entry.key != "environment");
            let key = others.find(|entry| {
                let mut found = false;
                entry.value.each_text(&mut |text| found |= reads(text));
                found
            })?;
            Some((service.name.as_str(), key.key.as_str()))
        })
    }

    /// A network declared here, not brought from outside, that all of `users` are on.
    pub fn shared_network(&self, users: &[&str]) -> Option<String> {
        let all = |name: &str| !users.is_empty() && users.iter().all(|user| self.service(user).network_names().contains(&name));
        let declared = self.project.networks.iter().filter(|(_, network)| !network.external);
        declared.map(|(name, _)| name).find(|name| all(name)).cloned()
    }
}

/// What tells one network that services live in from another.
fn place(space: Space<'_>) -> (Kind, String) {
    (space.kind, space.key.to_owned())
}

/// The rule that tells of a use which leads to nothing that the project could start. A managed service is meant, as a rule.
fn leading_rule(target: &Target) -> Option<&'static str> {
    match target {
        Target::External(External::Provider(_)) => None,
        Target::External(_) => Some("external-redis-url"),
        Target::Localhost => Some("localhost-redis-url"),
        Target::UnknownName => Some("unknown-redis-host"),
        _ => None,
    }
}

/// Keys of a service that are looked at by themselves, or that belong to Redis.
const READ_APART: [&str; 4] = ["environment", "command", "entrypoint", "healthcheck"];
