//! Which database index a rewritten connection gets, so that what was apart stays apart (layout.md, "DB index").

use super::choice::{self, Chosen};
use crate::layout::DbPolicy;
use crate::redis::endpoints::Endpoint;
use crate::rules::context::{Context, is_astray};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A server outside, as far as an endpoint tells them apart, and an index there.
pub type Place = (String, u32);

/// The new index of each index that is pulled to a server.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    moves: BTreeMap<Place, u32>,
}

impl Plan {
    pub fn index(&self, endpoint: &Endpoint) -> u32 {
        let place = place(endpoint);
        self.moves.get(&place).copied().unwrap_or(place.1)
    }
}

fn place(endpoint: &Endpoint) -> Place {
    (super::address(endpoint), index(endpoint))
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
    let mut local: BTreeSet<u32> = BTreeSet::new();
    let mut coming: BTreeSet<Place> = BTreeSet::new();
    let mut movers: BTreeSet<&str> = BTreeSet::new();
    let leads_here = |usage: &&crate::redis::uses::RedisUse| {
        choice::choose(cx, usage.variable.as_deref(), Some(&usage.service)).is_ok_and(|chosen| chosen.name() == server.name())
    };
    for usage in cx.redis.uses.iter().filter(|usage| is_astray(usage) || choice::is_managed(usage)).filter(leads_here) {
        movers.insert(&usage.service);
        coming.extend(usage.endpoint.as_ref().map(place));
    }
    for loose in cx.redis.loose.iter().filter(|loose| choice::is_loose_astray(loose)) {
        if choice::choose(cx, loose.variable.as_deref(), None).is_ok_and(|chosen| chosen.name() == server.name()) {
            coming.insert(place(&loose.endpoint));
        }
    }
    for usage in cx.redis.uses.iter().filter(|usage| usage.target.server() == Some(server.name())) {
        if !movers.contains(usage.service.as_str()) {
            local.extend(usage.endpoint.as_ref().map(index));
        }
    }
    assign(cx.layout.choices.db, cx.layout.db().parse().unwrap_or(0), &local, &coming)
}

fn assign(policy: DbPolicy, home: u32, local: &BTreeSet<u32>, coming: &BTreeSet<Place>) -> Plan {
    let one_server = coming.iter().map(|(address, _)| address).collect::<BTreeSet<_>>().len() <= 1;
    let moves = match policy {
        DbPolicy::Keep => BTreeMap::new(),
        DbPolicy::Zero => coming.iter().map(|place| (place.clone(), home)).collect(),
        DbPolicy::Auto if local.is_empty() && coming.len() <= 1 => coming.iter().map(|place| (place.clone(), home)).collect(),
        DbPolicy::Auto if one_server => BTreeMap::new(),
        DbPolicy::Auto => spread(local, coming),
    };
    Plan { moves }
}

/// Each index of each server gets one of its own; the first that comes keeps what it has, if that is free.
fn spread(local: &BTreeSet<u32>, coming: &BTreeSet<Place>) -> BTreeMap<Place, u32> {
    let mut taken = local.clone();
    let mut moves = BTreeMap::new();
    for place in coming {
        let own = Some(place.1).filter(|index| !taken.contains(index));
        let free = own.or_else(|| (0..=u32::MAX).find(|index| !taken.contains(index))).unwrap_or(place.1);
        taken.insert(free);
        moves.insert(place.clone(), free);
    }
    moves
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(local: &[u32], coming: &[(&str, u32)]) -> Vec<u32> {
        let coming: BTreeSet<Place> = coming.iter().map(|(a, i)| ((*a).to_owned(), *i)).collect();
        let plan = assign(DbPolicy::Auto, 0, &local.iter().copied().collect(), &coming);
        coming.iter().map(|place| plan.moves.get(place).copied().unwrap_or(place.1)).collect()
    }

    #[test]
    fn one_index_becomes_zero_and_several_stay() {
        assert_eq!(planned(&[], &[("a:1", 3)]), [0]);
        assert_eq!(planned(&[], &[("a:1", 1), ("a:1", 3)]), [1, 3]);
    }

    #[test]
    fn two_servers_never_share_an_index() {
        assert_eq!(planned(&[], &[("a:1", 0), ("b:1", 0)]), [0, 1]);
        assert_eq!(planned(&[0], &[("a:1", 0), ("b:1", 2)]), [1, 2]);
    }

    #[test]
    fn one_server_keeps_its_indexes_beside_local_ones() {
        assert_eq!(planned(&[0], &[("a:1", 0)]), [0]);
        assert_eq!(planned(&[0], &[("a:1", 2)]), [2]);
    }
}
