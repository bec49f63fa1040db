//! Which Redis of the project a connection is led to.

use crate::redis::hosts::{External, Target};
use crate::redis::servers::{self, DEFAULT_PORT, RedisServer};
use crate::redis::uses::{LooseUrl, RedisUse};
use crate::rules::context::Context;
use crate::rules::editor::list;

/// The server that a connection is led to.
#[derive(Debug, Clone, Copy)]
pub enum Chosen<'a> {
    Existing(&'a RedisServer),
    /// One that the project gets.
    New(&'a str),
}

impl<'a> Chosen<'a> {
    pub fn name(&self) -> &'a str {
        match self {
            Self::Existing(server) => &server.service,
            Self::New(name) => name,
        }
    }

    pub fn port(&self) -> u16 {
        match self {
            Self::Existing(server) => server.ports.first().copied().unwrap_or(DEFAULT_PORT),
            Self::New(_) => DEFAULT_PORT,
        }
    }

    pub fn speaks_tls(&self) -> bool {
        matches!(self, Self::Existing(server) if server.tls)
    }
}

/// The rule whose fix adds a Redis.
const MISSING: &str = "missing-redis-service";

/// Words of a name that tell nothing about which Redis is meant.
const PLAIN_WORDS: [&str; 16] = [
    "REDIS",
    "VALKEY",
    "KEYDB",
    "DRAGONFLY",
    "URL",
    "URI",
    "DSN",
    "HOST",
    "HOSTNAME",
    "ADDR",
    "ADDRESS",
    "ENDPOINT",
    "SERVER",
    "SERVICE",
    "APP",
    "DB",
];

fn telling_words(name: &str) -> Vec<String> {
    let upper = name.to_ascii_uppercase();
    let words = upper.split(['_', '-', '.', ':']).filter(|word| !word.is_empty() && !PLAIN_WORDS.contains(word));
    words.map(str::to_owned).collect()
}

/// The server for a variable of a service: the project's one server; of several, the one that the variable's name or the service's other
/// connections point to.
pub fn choose<'a>(cx: &Context<'a>, variable: Option<&str>, service: Option<&str>) -> Result<Chosen<'a>, String> {
    let all: Vec<&RedisServer> = cx.servers().collect();
    let servers: Vec<&RedisServer> = all.iter().copied().filter(|server| runs_with(cx, server, service)).collect();
    if let (Some(off), true) = (all.first(), servers.is_empty()) {
        return Err(format!("the project's Redis, {}, runs only with a profile: it is switched off on purpose", off.service));
    }
    if let Some(name) = cx.layout.choices.service.as_ref().filter(|_| !servers.is_empty()) {
        let named = servers.iter().find(|server| server.service == *name);
        return named.map(|server| Chosen::Existing(server)).ok_or_else(|| format!("the project has no Redis called {name}"));
    }
    match servers.as_slice() {
        [] => new_service(cx),
        [server] => Ok(Chosen::Existing(server)),
        _ => by_name(variable, &servers)
            .or_else(|| by_company(cx, variable, service, &servers))
            .map(Chosen::Existing)
            .ok_or_else(|| {
                let names: Vec<&str> = servers.iter().map(|server| server.service.as_str()).collect();
                format!("the project has several Redis servers ({}); choose one with --service", list(&names))
            }),
    }
}

/// Whether a server runs whenever a service does: it has no profile, or one that the service has too.
fn runs_with(cx: &Context<'_>, server: &RedisServer, service: Option<&str>) -> bool {
    let profiles = &cx.service(&server.service).profiles;
    let own = service.map(|name| cx.service(name).profiles.as_slice()).unwrap_or_default();
    cx.service(&server.service).enabled || profiles.iter().any(|profile| own.iter().any(|other| other.value == profile.value))
}

fn new_service<'a>(cx: &Context<'a>) -> Result<Chosen<'a>, String> {
    let name = cx.layout.service_name();
    if let Some(other) = cx.redis.servers.first() {
        return Err(format!(
            "the project's only Redis, {}, is a replica, a cluster node, a sentinel or a fragment",
            other.service
        ));
    }
    if let Some(taken) = cx.project.removed.iter().find(|service| servers::family_of(service).is_some()) {
        return Err(format!("the project's Redis, {}, is taken out by `!reset`: it is switched off on purpose", taken.name));
    }
    if cx.project.services.contains_key(name) {
        return Err(format!("the name {name} is taken by a service that is no Redis; choose another with --service"));
    }
    if cx.ignores.name(MISSING) && cx.prospects().first().is_some_and(|user| cx.ignores.silence(MISSING, cx.service(user).span()))
    {
        return Err(format!("the project has no Redis, and ignore[{MISSING}] says that it gets none"));
    }
    Ok(Chosen::New(name))
}

fn by_name<'a>(variable: Option<&str>, servers: &[&'a RedisServer]) -> Option<&'a RedisServer> {
    let words = telling_words(variable?);
    let exact: Vec<&&RedisServer> = servers.iter().filter(|server| telling_words(&server.service) == words).collect();
    let close = || -> Vec<&&RedisServer> {
        let shares = |server: &&&RedisServer| telling_words(&server.service).iter().any(|word| words.contains(word));
        servers.iter().filter(shares).collect()
    };
    match (exact.as_slice(), close().as_slice()) {
        ([one], _) | ([], [one]) => Some(one),
        _ => None,
    }
}

/// The one server that the variable names in other services, or that the service waits for without naming it elsewhere.
fn by_company<'a>(
    cx: &Context<'a>,
    variable: Option<&str>,
    service: Option<&str>,
    servers: &[&'a RedisServer],
) -> Option<&'a RedisServer> {
    let one = |wanted: &dyn Fn(&RedisServer) -> bool| {
        let mut found = servers.iter().filter(|server| wanted(server));
        found.next().filter(|_| found.next().is_none()).copied()
    };
    let leads = |usage: &RedisUse, server: &RedisServer| usage.target.server() == Some(&server.service);
    let same = |server: &RedisServer| {
        let others =
            cx.redis.uses.iter().filter(|usage| usage.variable.as_deref() == variable && Some(usage.service.as_str()) != service);
        variable.is_some() && others.into_iter().any(|usage| leads(usage, server))
    };
    let waits = |server: &RedisServer| {
        let Some(service) = service else { return false };
        let named = cx.redis.uses_of(service).any(|usage| leads(usage, server));
        cx.service(service).depends_on.contains_key(&server.service) && !named
    };
    one(&same).or_else(|| one(&waits))
}

/// A managed service: a rewrite is offered, though nothing is wrong for certain.
pub fn is_managed(usage: &RedisUse) -> bool {
    matches!(usage.target, Target::External(External::Provider(_))) && usage.endpoint.is_some() && !usage.several
}

/// Whether a loose URL leads outside.
pub fn is_loose_astray(loose: &LooseUrl) -> bool {
    matches!(loose.target, Target::External(_))
}
