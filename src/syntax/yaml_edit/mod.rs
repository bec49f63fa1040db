//! Changes to a YAML file as byte-range edits: each primitive gives edits, or says why it will not. What is not asked for keeps every
//! byte: comments, quotes, indentation, line endings. Knows neither Compose nor who asks.

mod insert;
mod list;
mod node;
mod quote;
mod render;
mod value;

pub use render::New;

use crate::syntax::yaml::{Kind, NodeId, Tree, column, gap};
use crate::text::edit::Edit;
use crate::text::span::Span;
use render::Block;
use std::ops::Range;

/// A file to be edited: a tree and the text that it was parsed from.
#[derive(Clone, Copy, Debug)]
pub struct Doc<'a> {
    pub tree: &'a Tree,
    pub text: &'a str,
}

/// Why an edit is not made: a sentence for a person, without values from the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

/// `text` as a scalar of a block mapping or list: plain where every reader takes that for the same text, else in quotes.
pub fn scalar(text: &str) -> String {
    quote::text(text, false)
}

/// So many entries of a mapping are looked at to see how it is laid out.
const SAMPLE: usize = 32;

type Edits = Result<Vec<Edit>, Refusal>;

impl Doc<'_> {
    /// The file's own columns per level of block mappings; 2 if it has none.
    pub fn indent_step(&self) -> usize {
        self.tree.habits().step
    }

    /// Nothing is edited in a file that is not read to its end without a fault.
    fn usable(&self) -> Result<(), Refusal> {
        if let Some(error) = self.tree.errors.first() {
            return refuse(format!("line {} has to be mended first: {}", self.line(error.span.start as usize), error.message));
        }
        match self.tree.obstacle() {
            Some((at, what)) => refuse(format!("line {} has {what}, and such files are not edited", self.line(at))),
            None => Ok(()),
        }
    }

    /// The line of a byte, from 1.
    fn line(&self, at: usize) -> usize {
        memchr::memchr_iter(b'\n', &self.text.as_bytes()[..at]).count() + 1
    }

    fn line_start(&self, at: usize) -> usize {
        let start = memchr::memrchr(b'\n', &self.text.as_bytes()[..at]).map_or(0, |newline| newline + 1);
        if start == 0 && self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8().min(at) } else { start }
    }

    /// The end of the line of `at`, line ending excluded.
    fn line_end(&self, at: usize) -> usize {
        let end = memchr::memchr(b'\n', &self.text.as_bytes()[at..]).map_or(self.text.len(), |length| at + length);
        if end > at && end < self.text.len() && self.text[..end].ends_with('\r') { end - 1 } else { end }
    }

    /// The start of the line below the one on which something ends at `end`, where only blanks and a comment may follow it.
    fn below(&self, end: usize) -> Result<usize, Refusal> {
        if self.text[..end].ends_with('\n') {
            return Ok(end);
        }
        let rest = self.text[end..self.line_end(end)].trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with('#') {
            return refuse(format!("line {} goes on behind the place of the change", self.line(end)));
        }
        Ok(memchr::memchr(b'\n', &self.text.as_bytes()[end..]).map_or(self.text.len(), |length| end + length + 1))
    }

    /// The line ending in use around `at`.
    fn newline(&self, at: usize) -> &'static str {
        let bytes = self.text.as_bytes();
        let near = memchr::memrchr(b'\n', &bytes[..at]).or_else(|| memchr::memchr(b'\n', &bytes[at..]).map(|length| at + length));
        if near.is_some_and(|newline| newline > 0 && bytes[newline - 1] == b'\r') { "\r\n" } else { "\n" }
    }

    /// Whole lines put in at `at`, which is the start of a line or the end of a file without a final line ending.
    fn insert_lines(&self, at: usize, lines: &[String], column: usize, rank: u32) -> Edit {
        let newline = self.newline(at);
        let body = lines.join(newline);
        let unfinished = at == self.text.len() && !self.text.is_empty() && !self.text.ends_with('\n');
        let text = if unfinished { format!("{newline}{body}") } else { format!("{body}{newline}") };
        Edit::insert(Span::point(self.tree.file, at), text, column as u32, rank)
    }

    fn insert(&self, at: usize, text: impl Into<String>, rank: u32) -> Edit {
        Edit::insert(Span::point(self.tree.file, at), text, 0, rank)
    }

    fn replace(&self, range: Range<usize>, text: impl Into<String>) -> Edit {
        Edit::replace(Span::new(self.tree.file, range), text)
    }

    /// Puts a value into an empty place. Takes the character before the place along, so that two such edits collide.
    fn fill(&self, at: usize, value: &str) -> Vec<Edit> {
        if value.is_empty() {
            return Vec::new();
        }
        let Some(before) = self.text[..at].chars().next_back() else { return vec![self.insert(at, value, 0)] };
        let gap = if matches!(before, ' ' | '\t') { "" } else { " " };
        vec![self.replace(at - before.len_utf8()..at, format!("{before}{gap}{value}"))]
    }

    /// Whether the node stands inside brackets.
    fn in_flow(&self, id: NodeId) -> bool {
        let parent = self.tree.node(id).parent.map(|parent| &self.tree.node(parent).kind);
        matches!(parent, Some(Kind::Map { flow: true, .. } | Kind::Seq { flow: true, .. }))
    }

    /// The column of a block collection whose first key or dash may stand behind the dash of a list.
    fn block_column(&self, id: NodeId) -> Result<usize, Refusal> {
        let children = self.tree.entries(id).iter().map(|entry| self.tree.node(entry.key).outer.start as usize);
        for start in std::iter::once(self.tree.node(id).span.start as usize).chain(children) {
            let before = &self.text[self.line_start(start)..start];
            if before.bytes().all(|b| b == b' ') {
                return Ok(before.len());
            }
        }
        let start = self.tree.node(id).span.start as usize;
        let before = &self.text[self.line_start(start)..start];
        if before.bytes().all(|b| matches!(b, b' ' | b'-')) {
            return Ok(column(self.text, start));
        }
        refuse(format!("the block that starts in line {} is laid out in a way that this tool does not edit", self.line(start)))
    }

    /// How new entries of a block mapping are laid out: as those already there, or as the file does it.
    fn block_layout(&self, map: NodeId) -> Result<Block, Refusal> {
        let at = self.block_column(map)?;
        let habits = self.tree.habits();
        let (mut step, mut flush) = (None, None);
        for entry in self.tree.entries(map).iter().take(SAMPLE) {
            let node = self.tree.node(entry.value);
            let inside = || column(self.text, node.span.start as usize);
            match node.kind {
                Kind::Map { flow: false, .. } if step.is_none() => step = inside().checked_sub(at).filter(|&step| step > 0),
                Kind::Seq { flow: false, .. } if flush.is_none() => flush = Some(inside() == at),
                _ => {}
            }
            if step.is_some() && flush.is_some() {
                break;
            }
        }
        Ok(Block { column: at, step: step.unwrap_or(habits.step), flush: flush.unwrap_or(habits.flush) })
    }

    /// The byte behind the colon of an entry.
    fn behind_colon(&self, key: NodeId) -> usize {
        let end = self.tree.node(key).span.end as usize;
        let mut pieces = gap::pieces(self.text, end, self.text.len());
        let colon = pieces.find(|piece| piece.mark != gap::Mark::Comment);
        colon.filter(|piece| piece.mark == gap::Mark::Colon).map_or(end, |piece| piece.end)
    }

    /// The key that this node is the value of.
    fn key_of(&self, id: NodeId) -> Option<NodeId> {
        let node = self.tree.node(id);
        let entry = self.tree.entries(node.parent?).get(node.slot as usize)?;
        (entry.value == id).then_some(entry.key)
    }

    /// Comments that an edit of `range` would take away are a reason not to make it.
    fn no_comments(&self, range: Range<usize>) -> Result<(), Refusal> {
        match self.tree.comments_in(range).first() {
            Some(comment) => refuse(format!("the comment in line {} would be lost", self.line(comment.start as usize))),
            None => Ok(()),
        }
    }

    /// Whether an alias outside the node stands for it or for a part of it.
    fn not_shared(&self, id: NodeId) -> Result<(), Refusal> {
        let span = self.tree.node(id).span;
        let inside = |other: NodeId| other >= id && span.contains(self.tree.node(other).span);
        let mut within = self.tree.ids_from(id).take_while(|at| inside(*at));
        if !within.any(|at| self.tree.node(at).anchor.is_some()) {
            return Ok(());
        }
        for alias in self.tree.ids() {
            if let Kind::Alias { target: Some(target), .. } = self.tree.node(alias).kind
                && inside(target)
                && !inside(alias)
            {
                let line = self.line(self.tree.node(alias).span.start as usize);
                return refuse(format!("it is shared by an anchor: line {line} uses it through an alias"));
            }
        }
        Ok(())
    }

    fn alias_refusal(&self, id: NodeId) -> Refusal {
        let line = self.line(self.tree.node(id).span.start as usize);
        Refusal(format!(
            "line {line} is an alias: what it stands for is shared by an anchor, and a change would reach its other users"
        ))
    }
}

fn refuse<T>(reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(reason.into()))
}

#[cfg(test)]
mod tests;
