//! Where a YAML node takes effect once aliases and merge keys are followed: an edit of an anchored block changes every place that
//! borrows it.

use super::yaml::{Kind, NodeId, Tree};
use std::collections::BTreeSet;

/// More places than these are not listed: the block is shared by too many for an edit to be wanted.
pub const MAX_PLACES: usize = 10_000;

/// The paths (keys and list positions from the top of the document) under which `node` appears in the model: where it is written, and
/// where an alias or a merge key brings it. `key` is an entry that is about to be added or changed in `node`: a mapping that has this
/// key itself does not get it through a merge.
pub fn places(tree: &Tree, node: NodeId, key: Option<&str>) -> Vec<Vec<String>> {
    let mut walk = Walk { tree, aliases: None, open: BTreeSet::new(), way: BTreeSet::new(), out: BTreeSet::new() };
    walk.climb(node, &mut key.map(str::to_owned).into_iter().collect());
    let dropped = usize::from(key.is_some());
    walk.out
        .into_iter()
        .map(|mut path| {
            path.truncate(path.len() - dropped);
            path
        })
        .collect()
}

struct Walk<'a> {
    tree: &'a Tree,
    /// Each alias with the node it stands for.
    aliases: Option<Vec<(NodeId, NodeId)>>,
    open: BTreeSet<(NodeId, Vec<String>)>,
    /// The nodes that are being climbed from: a merge key may name its own ancestor.
    way: BTreeSet<NodeId>,
    out: BTreeSet<Vec<String>>,
}

impl Walk<'_> {
    /// `below` is the path from `node` down, innermost last.
    fn climb(&mut self, node: NodeId, below: &mut Vec<String>) {
        if self.out.len() >= MAX_PLACES || !self.open.insert((node, below.clone())) || !self.way.insert(node) {
            return;
        }
        if self.tree.node(node).anchor.is_some() {
            for alias in self.aliases_of(node) {
                self.borrow(alias, below);
            }
        }
        self.step_up(node, below);
        self.way.remove(&node);
    }

    fn aliases_of(&mut self, node: NodeId) -> Vec<NodeId> {
        let tree = self.tree;
        let all = self.aliases.get_or_insert_with(|| {
            let alias = |id: NodeId| matches!(tree.node(id).kind, Kind::Alias { target: Some(_), .. });
            tree.ids().filter(|id| alias(*id)).map(|id| (id, tree.target(id))).collect()
        });
        all.iter().filter(|(_, target)| *target == node).map(|(alias, _)| *alias).collect()
    }

    /// The alias stands where a value stands, or behind a merge key (in a list there, perhaps).
    fn borrow(&mut self, alias: NodeId, below: &mut Vec<String>) {
        let Some(parent) = self.tree.node(alias).parent else { return };
        let holder = match self.tree.node(parent).kind {
            Kind::Seq { .. } => self.merge_target(parent),
            _ => self.merge_target(alias),
        };
        match holder {
            Some(map) => {
                let own = below.first().is_some_and(|key| self.tree.get(map, key).is_some());
                if !own {
                    self.climb(map, below);
                }
            }
            None => self.climb(alias, below),
        }
    }

    /// The mapping whose merge key has `value` as its value.
    fn merge_target(&self, value: NodeId) -> Option<NodeId> {
        let map = self.tree.node(value).parent?;
        let entry = self.tree.entries(map).iter().find(|entry| entry.value == value)?;
        (self.tree.scalar(entry.key)?.value == "<<").then_some(map)
    }

    fn step_up(&mut self, node: NodeId, below: &mut Vec<String>) {
        let Some(parent) = self.tree.node(node).parent else {
            self.out.insert(below.clone());
            return;
        };
        let name = match &self.tree.node(parent).kind {
            Kind::Map { entries, .. } => {
                let entry = entries.iter().find(|entry| entry.value == node || entry.key == node);
                entry.and_then(|entry| self.tree.scalar(self.tree.target(entry.key))).map(|key| key.value.clone())
            }
            Kind::Seq { items, .. } => items.iter().position(|item| *item == node).map(|at| at.to_string()),
            _ => None,
        };
        let Some(name) = name else { return };
        below.insert(0, name);
        self.climb(parent, below);
        below.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::span::FileId;

    fn at(text: &str, path: &[&str], key: Option<&str>) -> Vec<String> {
        let tree = Tree::parse(FileId(0), text);
        assert!(tree.errors.is_empty(), "{:?}", tree.errors);
        let mut node = tree.root().expect("a document");
        for step in path {
            node = tree.get(node, step).expect("the path").value;
        }
        places(&tree, node, key).into_iter().map(|path| path.join(".")).collect()
    }

    #[test]
    fn a_block_alone_is_where_it_is_written() {
        assert_eq!(at("a:\n  b: {c: 1}\n", &["a", "b"], Some("d")), ["a.b"]);
    }

    #[test]
    fn an_anchor_is_also_where_it_is_merged_or_named() {
        let text = "x: &x\n  env: {A: 1}\ns:\n  one:\n    <<: *x\n  two: *x\n  three:\n    <<: [*x]\n    env: {B: 2}\n";
        assert_eq!(at(text, &["x", "env"], None), ["s.one.env", "s.two.env", "x.env"]);
        assert_eq!(at(text, &["x"], Some("env")), ["s.one", "s.two", "x"]);
        assert_eq!(at(text, &["x"], Some("new")), ["s.one", "s.three", "s.two", "x"]);
        assert_eq!(at(text, &["s", "one"], Some("new")), ["s.one"]);
    }

    #[test]
    fn a_merge_of_an_ancestor_comes_to_an_end() {
        assert_eq!(at("x: &x\n  a: 1\n  b:\n    <<: *x\n", &["x"], Some("n")), ["x"]);
    }

    #[test]
    fn anchors_within_anchors() {
        let text = "a: &a {k: 1}\nb: &b\n  in: *a\nc:\n  <<: *b\n";
        assert_eq!(at(text, &["a"], Some("n")), ["a", "b.in", "c.in"]);
    }
}
