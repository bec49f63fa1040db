//! How database indexes are given out when connections move to one server, so that what was apart stays apart (layout.md, "DB index").

use crate::layout::DbPolicy;
use crate::text::span::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A server, as far as an endpoint tells them apart, and an index there.
pub type Place = (String, u32);

/// The new index of each index that is pulled to a server.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub moves: BTreeMap<Place, u32>,
    /// The address that each place of a host stands for: one written host is one server, whatever ports are said beside it.
    pub homes: BTreeMap<Span, String>,
}

/// Gives out the indexes: `local` ones are in use on the server already, `coming` ones are led there; `home` is the layout's own, and
/// `count` how many the server has.
pub fn assign(policy: DbPolicy, home: u32, count: u32, local: &BTreeSet<u32>, coming: &BTreeSet<Place>) -> Plan {
    let moves = match policy {
        DbPolicy::Keep => BTreeMap::new(),
        DbPolicy::Zero => coming.iter().map(|place| (place.clone(), home)).collect(),
        DbPolicy::Auto if local.is_empty() && coming.len() <= 1 => coming.iter().map(|place| (place.clone(), home)).collect(),
        DbPolicy::Auto => spread(count, local, coming),
    };
    Plan { moves, homes: BTreeMap::new() }
}

/// Each index of each server gets one of its own; the first that comes keeps what it has, if that is free. What has no server of its own
/// (the empty name) belongs to the data that are there and keeps its index.
fn spread(count: u32, local: &BTreeSet<u32>, coming: &BTreeSet<Place>) -> BTreeMap<Place, u32> {
    let is_own = |(server, index): &&Place| server.is_empty() && *index < count;
    let (own, strange): (Vec<&Place>, Vec<&Place>) = coming.iter().partition(is_own);
    let mut taken = local.clone();
    taken.extend(own.iter().map(|(_, index)| *index));
    let mut moves: BTreeMap<Place, u32> = own.into_iter().map(|place| (place.clone(), place.1)).collect();
    for place in strange {
        let kept = Some(place.1).filter(|index| *index < count && !taken.contains(index));
        let free = || (0..count).find(|index| !taken.contains(index)).or((0..=u32::MAX).find(|index| !taken.contains(index)));
        let free = kept.or_else(free).unwrap_or(place.1);
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
        let plan = assign(DbPolicy::Auto, 0, 16, &local.iter().copied().collect(), &coming);
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
        assert_eq!(planned(&[0], &[("a:1", 0)]), [1]);
        assert_eq!(planned(&[0], &[("a:1", 2)]), [2]);
        assert_eq!(planned(&[0], &[("a:1", 40)]), [1]);
    }

    #[test]
    fn what_belongs_to_the_server_keeps_its_index() {
        assert_eq!(planned(&[0], &[("", 0)]), [0]);
        assert_eq!(planned(&[], &[("", 0), ("a:1", 0)]), [0, 1]);
    }
}
