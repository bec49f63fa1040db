//! Which database index a rewritten connection gets, so that what was apart stays apart (layout.md, "DB index").

use super::choice::{self, Chosen};
use crate::redis::databases;
use crate::redis::endpoints::Endpoint;
use crate::redis::hosts::Target;
use crate::redis::uses::RedisUse;
use crate::rules::context::Context;
use crate::rules::indexes::{Place, Plan, assign};
use crate::text::span::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The server and the index that an endpoint leads to. `homes` is filled as places of hosts come up.
fn place(cx: &Context<'_>, homes: &mut BTreeMap<Span, String>, endpoint: &Endpoint) -> Place {
    let address = endpoint.address();
    let home = written(cx, endpoint);
    let address = home.map_or(address.clone(), |home| homes.entry(home).or_insert(address).clone());
    (address, index(endpoint))
}

impl Plan {
    pub fn index(&self, cx: &Context<'_>, endpoint: &Endpoint) -> u32 {
        let home = written(cx, endpoint).and_then(|host| self.homes.get(&host).cloned());
        let place = (home.unwrap_or_else(|| endpoint.address()), index(endpoint));
        self.moves.get(&place).copied().unwrap_or(place.1)
    }
}

/// The index a client would use.
pub fn index(endpoint: &Endpoint) -> u32 {
    endpoint.db.as_ref().and_then(|db| db.value.trim_start_matches('/').parse().ok()).unwrap_or(0)
}

/// The plan for everything that `migrate` would lead to `server`.
pub fn plan(cx: &Context<'_>, server: &Chosen<'_>) -> Rc<Plan> {
    let known = cx.memo.indexes.borrow().get(server.name()).cloned();
    known.unwrap_or_else(|| {
        let plan = Rc::new(make_plan(cx, server));
        cx.memo.indexes.borrow_mut().insert(server.name().to_owned(), plan.clone());
        plan
    })
}

fn make_plan(cx: &Context<'_>, server: &Chosen<'_>) -> Plan {
    let leads_here = |usage: &&RedisUse| {
        let chosen = choice::choose(cx, usage.variable.as_deref(), Some(&usage.service));
        (cx.is_astray(usage) || choice::is_managed(usage)) && chosen.is_ok_and(|chosen| chosen.name() == server.name())
    };
    let moving: Vec<&RedisUse> = cx.redis.uses.iter().filter(leads_here).collect();
    let local: BTreeSet<&str> = cx.redis.users_of(server.name()).into_iter().collect();
    let mut homes = BTreeMap::new();
    for usage in moving.iter().filter(|usage| is_own(cx, usage, &local, server.name())) {
        let host = usage.endpoint.as_ref().and_then(|end| written(cx, end));
        homes.extend(host.map(|host| (host, String::new())));
    }
    let mut coming: BTreeSet<Place> = BTreeSet::new();
    for usage in moving {
        coming.extend(usage.endpoint.as_ref().map(|end| place(cx, &mut homes, end)));
    }
    for loose in cx.redis.loose.iter().filter(|loose| choice::is_loose_astray(loose)) {
        if choice::choose(cx, loose.variable.as_deref(), None).is_ok_and(|chosen| chosen.name() == server.name()) {
            coming.insert(place(cx, &mut homes, &loose.endpoint));
        }
    }
    let here = cx.redis.uses_to(server.name());
    let taken = here.filter_map(|usage| usage.endpoint.as_ref().map(index)).collect();
    let count = match server {
        Chosen::Existing(server) => {
            databases::of(server, cx.service(&server.service)).map_or(databases::USUAL, |own| own.count())
        }
        Chosen::New(_) => databases::USUAL,
    };
    Plan { homes, ..assign(cx.layout.choices.db, cx.layout.db().parse().unwrap_or(0), count, &taken, &coming) }
}

/// Whether a connection brings no data of its own: it never led anywhere, or its service uses the server or waits for it already.
fn is_own(cx: &Context<'_>, usage: &RedisUse, users: &BTreeSet<&str>, server: &str) -> bool {
    let nowhere = matches!(usage.target, Target::UnknownName | Target::Localhost);
    nowhere || users.contains(usage.service.as_str()) || cx.service(&usage.service).depends_on.contains_key(server)
}

/// Where the host of an endpoint is written.
fn written(cx: &Context<'_>, endpoint: &Endpoint) -> Option<Span> {
    cx.project.docs.locate(&endpoint.host, 0..endpoint.host.value.len())
}
