//! A YAML file as a read-only tree in which every node knows its bytes. Knows the notation only: neither Compose nor how to change a
//! file. [`build`] is the one place that knows the parser crate.

mod build;
mod check;
pub(crate) mod gap;
mod lines;
mod message;
mod raw;

use crate::text::span::{FileId, Span};
use std::collections::BTreeMap;
use std::ops::Range;

/// A node of one [`Tree`]. Ids follow the order in the file; a parent comes before its children.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u32);

/// Something in the file that is not YAML, or that Compose would not take as YAML.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct YamlError {
    /// One sentence for a person: what is wrong and what is expected. Holds no value from the file.
    pub message: String,
    pub span: Span,
}

/// One file. After an error the tree holds what came before it.
#[derive(Clone, Debug)]
pub struct Tree {
    pub file: FileId,
    /// The root of each document that has one.
    pub documents: Vec<NodeId>,
    /// In the order of the file.
    pub errors: Vec<YamlError>,
    /// Every comment, from `#` to the end of its line, in the order of the file.
    pub comments: Vec<Span>,
    nodes: Vec<Node>,
    /// For mappings of many entries: the entries in the order of their keys, so that [`Tree::get`] need not walk them all.
    sorted: BTreeMap<NodeId, Vec<u32>>,
    /// Something that no Compose file needs and around which no edit is made: where it stands and what it is.
    obstacle: Option<(usize, &'static str)>,
    habits: Habits,
}

/// How the file is laid out where it leaves a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Habits {
    /// Columns between a block mapping and one inside it.
    pub step: usize,
    /// Whether the dashes of a list stand in the column of the key above them.
    pub flush: bool,
}

#[derive(Clone, Debug)]
pub struct Node {
    pub kind: Kind,
    /// The exact bytes: quotes included, anchor and tag excluded, from `|` or `>` to the last content line for a block scalar. An
    /// empty value is the point behind its `:` or `-` (and behind its anchor or tag).
    pub span: Span,
    /// `span` with the anchor and the tag before it.
    pub outer: Span,
    pub anchor: Option<String>,
    /// As written: `!reset`, `!!str`.
    pub tag: Option<String>,
    pub parent: Option<NodeId>,
    /// Index among the parent's entries or items.
    pub(crate) slot: u32,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Scalar(Scalar),
    Seq {
        items: Vec<NodeId>,
        flow: bool,
    },
    Map {
        entries: Vec<Entry>,
        flow: bool,
    },
    /// `*name`; no target if nothing before it carries that anchor.
    Alias {
        name: String,
        target: Option<NodeId>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    pub key: NodeId,
    pub value: NodeId,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scalar {
    /// What the scalar means: without quotes, escapes, folding and indentation. Empty for an absent value.
    pub value: String,
    pub style: Style,
    /// The bytes inside the quotes, the lines below the header of a block scalar, or the scalar itself.
    pub content: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
}

impl Style {
    pub fn is_block(self) -> bool {
        matches!(self, Self::Literal | Self::Folded)
    }
}

impl Tree {
    /// Reads `text`, which must be the text of `file`. Never fails: what is wrong is in `errors`.
    pub fn parse(file: FileId, text: &str) -> Self {
        let mut tree = build::build(file, text);
        check::check(&mut tree, text);
        tree
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The root of the first document.
    pub fn root(&self) -> Option<NodeId> {
        self.documents.first().copied()
    }

    /// All nodes in the order of the file.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// This node, those inside it, and those behind it.
    pub(crate) fn ids_from(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        (id.0..self.nodes.len() as u32).map(NodeId)
    }

    /// What an alias stands for; any other node, and an alias of nothing, is itself. The target may hold the alias: whoever walks
    /// down through aliases has to watch for that.
    pub fn target(&self, id: NodeId) -> NodeId {
        let mut at = id;
        // An alias cannot carry an anchor, so one step is all there is; the bound only guards against a change of that.
        for _ in 0..8 {
            match &self.node(at).kind {
                Kind::Alias { target: Some(target), .. } => at = *target,
                _ => break,
            }
        }
        at
    }

    /// The entry with this key that the mapping itself holds, the last one if there are several. Follows neither aliases nor `<<`.
    pub fn get(&self, map: NodeId, key: &str) -> Option<&Entry> {
        let entries = self.entries(map);
        if let Some(order) = self.sorted.get(&map) {
            let end = order.partition_point(|&at| self.key_text(entries[at as usize]) <= key);
            let found = &entries[*order.get(end.checked_sub(1)?)? as usize];
            return (self.key_text(*found) == key && self.scalar(found.key).is_some()).then_some(found);
        }
        entries.iter().rev().find(|entry| self.scalar(entry.key).is_some_and(|scalar| scalar.value == key))
    }

    /// The entries of a mapping; of anything else, none.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        match &self.node(id).kind {
            Kind::Map { entries, .. } => entries,
            _ => &[],
        }
    }

    /// The items of a list; of anything else, none.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match &self.node(id).kind {
            Kind::Seq { items, .. } => items,
            _ => &[],
        }
    }

    pub fn scalar(&self, id: NodeId) -> Option<&Scalar> {
        match &self.node(id).kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Whether the value is absent, or one of the plain words for it, and no tag makes a string of it.
    pub fn is_null(&self, id: NodeId) -> bool {
        let word =
            |scalar: &Scalar| scalar.style == Style::Plain && matches!(&*scalar.value, "" | "~" | "null" | "Null" | "NULL");
        !matches!(self.node(id).tag.as_deref(), Some("!!str" | "!")) && self.scalar(id).is_some_and(word)
    }

    /// Where the bytes `cooked` of a scalar's value stand in the file. `None` if they do not stand there one to one: a line break of
    /// the notation or an escape lies among them, or the range is not one of the value.
    pub fn raw_range(&self, text: &str, id: NodeId, cooked: Range<usize>) -> Option<Span> {
        let scalar = self.scalar(id)?;
        let raw = raw::range(text, scalar, cooked)?;
        Some(Span::new(self.file, raw))
    }

    pub fn has_aliases(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node.kind, Kind::Alias { .. }))
    }

    /// The keys and indexes (from 0) that lead from the root of the document to this node; a key has the path of its value.
    pub fn key_path(&self, id: NodeId) -> Vec<String> {
        let mut path = Vec::new();
        let mut at = id;
        while let Some(parent) = self.node(at).parent {
            let slot = self.node(at).slot as usize;
            path.push(match self.entries(parent).get(slot) {
                Some(entry) => self.key_text(*entry).to_owned(),
                None => slot.to_string(),
            });
            at = parent;
        }
        path.reverse();
        path
    }

    pub(crate) fn obstacle(&self) -> Option<(usize, &'static str)> {
        self.obstacle
    }

    pub(crate) fn habits(&self) -> Habits {
        self.habits
    }

    /// The comments that start within `range`.
    pub(crate) fn comments_in(&self, range: Range<usize>) -> &[Span] {
        let from = self.comments.partition_point(|comment| (comment.start as usize) < range.start);
        let to = self.comments.partition_point(|comment| (comment.start as usize) < range.end);
        &self.comments[from..to.max(from)]
    }

    /// The key of an entry, empty if it is not a scalar.
    pub(crate) fn key_text(&self, entry: Entry) -> &str {
        self.scalar(entry.key).map_or("", |scalar| scalar.value.as_str())
    }
}

/// The column (in characters, from 0) of a byte; a byte order mark takes none.
pub(crate) fn column(text: &str, at: usize) -> usize {
    let line = memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |newline| newline + 1);
    text[line..at].trim_start_matches('\u{feff}').chars().count()
}

#[cfg(test)]
mod tests;
