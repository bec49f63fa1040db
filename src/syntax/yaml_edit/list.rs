//! Short lists turned into mappings: `depends_on: [a]` into `depends_on: {a: …}`.

use super::render::{self, Block, New};
use super::{Doc, Edits, Refusal, quote, refuse};
use crate::syntax::yaml::gap::{Mark, pieces};
use crate::syntax::yaml::{Kind, NodeId};
use std::collections::BTreeSet;

/// An item that becomes a key.
struct Item<'a> {
    id: NodeId,
    /// As it is written, quotes included.
    written: &'a str,
    value: &'a str,
}

impl Doc<'_> {
    /// Turns a list of names into a mapping with those names as keys. `body` gives the value for a name (an empty `New::Raw` for
    /// none); `extra` entries come last. Comments stay on the lines of their items; a list in brackets becomes block lines below its
    /// key, unless it stands inside brackets itself.
    pub fn list_to_map(&self, seq: NodeId, body: &dyn Fn(&str) -> New, extra: &[(String, New)]) -> Edits {
        self.usable()?;
        let node = self.tree.node(seq);
        let flow = match node.kind {
            Kind::Seq { flow, .. } => flow,
            Kind::Alias { .. } => return Err(self.alias_refusal(seq)),
            _ => return refuse(format!("the value in line {} is not a list", self.line(node.span.start as usize))),
        };
        self.not_shared(seq)?;
        let items = self.names(seq, extra)?;
        let bodies: Vec<New> = items.iter().map(|item| body(item.value)).collect();
        if !bodies.iter().chain(extra.iter().map(|(_, value)| value)).all(New::is_one_line) {
            return refuse("the new value has a line break in it");
        }
        let parent = node.parent.filter(|&parent| matches!(self.tree.node(parent).kind, Kind::Map { flow: false, .. }));
        let (Some(parent), Some(_)) = (parent, self.key_of(seq)) else {
            return self.braces(seq, flow, &items, &bodies, extra);
        };
        let outside = self.block_layout(parent)?;
        let inside = Block { column: outside.column + outside.step, ..outside };
        if items.is_empty() && extra.is_empty() {
            return self.replace_node(seq, &New::Map(Vec::new()));
        }
        if !flow {
            let dashes = self.block_column(seq)?;
            let inside = if dashes > outside.column { Block { column: dashes, ..inside } } else { inside };
            return self.dashes_to_keys(seq, &items, &bodies, extra, inside);
        }
        let (mut edits, at) = self.lift(seq)?;
        let mut lines: Vec<String> =
            items.iter().zip(&bodies).flat_map(|(item, body)| render::entry(item.written, body, inside)).collect();
        lines.extend(extra.iter().flat_map(|(key, value)| render::entry(&quote::text(key, false), value, inside)));
        edits.push(self.insert_lines(at, &lines, inside.column, 0));
        Ok(edits)
    }

    /// The items, if each can become a key.
    fn names(&self, seq: NodeId, extra: &[(String, New)]) -> Result<Vec<Item<'_>>, Refusal> {
        let mut seen: BTreeSet<&str> = extra.iter().map(|(key, _)| key.as_str()).collect();
        let mut items = Vec::new();
        for &id in self.tree.items(seq) {
            let node = self.tree.node(id);
            let line = || self.line(node.span.start as usize);
            let written = &self.text[node.span.range()];
            let Some(scalar) = self.tree.scalar(id).filter(|scalar| !scalar.style.is_block() && !written.contains('\n')) else {
                return refuse(format!("the item in line {} is not a plain name", line()));
            };
            if node.outer != node.span || self.tree.is_null(id) {
                return refuse(format!("the item in line {} is not a plain name", line()));
            }
            if !seen.insert(&scalar.value) {
                return refuse(format!("the item in line {} is there twice", line()));
            }
            items.push(Item { id, written, value: &scalar.value });
        }
        Ok(items)
    }

    /// Each `- name` becomes `name:`, with its body on the lines below.
    fn dashes_to_keys(&self, seq: NodeId, items: &[Item<'_>], bodies: &[New], extra: &[(String, New)], at: Block) -> Edits {
        let mut edits = Vec::new();
        let mut done = self.key_of(seq).map_or(0, |key| self.behind_colon(key));
        for (item, body) in items.iter().zip(bodies) {
            let span = self.tree.node(item.id).span.range();
            let dash = pieces(self.text, done, span.start).filter(|piece| piece.mark == Mark::Dash).last();
            let dash = dash.map_or(span.start, |piece| piece.start);
            let line_start = self.line_start(dash);
            if !self.text[line_start..dash].bytes().all(|b| b == b' ') {
                return refuse(format!("the list in line {} is laid out in a way that this tool does not edit", self.line(dash)));
            }
            self.no_comments(dash..span.end)?;
            let mut lines = render::entry(item.written, body, at);
            edits.push(self.replace(line_start..span.end, lines.remove(0)));
            let below = self.below_node(item.id)?;
            if !lines.is_empty() {
                edits.push(self.insert_lines(below, &lines, at.column + at.step, 0));
            }
            done = span.end;
        }
        let lines: Vec<String> =
            extra.iter().flat_map(|(key, value)| render::entry(&quote::text(key, false), value, at)).collect();
        if let Some(last) = items.last().filter(|_| !lines.is_empty()) {
            edits.push(self.insert_lines(self.below_node(last.id)?, &lines, at.column, 0));
        }
        Ok(edits)
    }

    /// A list inside brackets becomes a mapping in braces.
    fn braces(&self, seq: NodeId, flow: bool, items: &[Item<'_>], bodies: &[New], extra: &[(String, New)]) -> Edits {
        let span = self.tree.node(seq).span.range();
        if !flow {
            return refuse(format!("the list in line {} is not the value of a key", self.line(span.start)));
        }
        self.no_comments(span.clone())?;
        let own = items.iter().zip(bodies).map(|(item, body)| render::flow_entry(item.written, body));
        let more = extra.iter().map(|(key, value)| render::flow_entry(&quote::text(key, true), value));
        let inside: Vec<String> = own.chain(more).collect();
        Ok(vec![self.replace(span, format!("{{{}}}", inside.join(", ")))])
    }
}
