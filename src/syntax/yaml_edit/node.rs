//! Whole values exchanged, whole entries taken away.

use super::render::{self, New};
use super::{Doc, Edits, Refusal, refuse};
use crate::syntax::yaml::{Entry, Kind, NodeId};
use std::ops::Range;

impl Doc<'_> {
    /// Another value in place of the whole value of an entry, or of a list item on one line. A comment at the end of its first or
    /// last line stays; any other is a reason to refuse, as is an anchor that somebody uses.
    pub fn replace_node(&self, node: NodeId, value: &New) -> Edits {
        self.usable()?;
        if !value.is_one_line() {
            return refuse("the new value has a line break in it");
        }
        let old = self.tree.node(node);
        let line = || self.line(old.span.start as usize);
        if old.tag.is_some() {
            return refuse(format!("the value in line {} has a tag", line()));
        }
        self.not_shared(node)?;
        let Some(parent) = old.parent else { return refuse("the whole document is not replaced") };
        let key = self.key_of(node);
        if self.is_key(node) {
            return refuse(format!("line {} has a key there, not a value", line()));
        }
        if self.in_flow(node) {
            return self.replace_in_line(node, &render::flow(value));
        }
        match (key, &self.tree.node(parent).kind, value) {
            (Some(key), Kind::Map { .. }, _) => self.replace_below(parent, key, node, value),
            (None, Kind::Seq { .. }, New::Raw(raw)) if !self.text[old.outer.range()].contains('\n') => {
                self.replace_in_line(node, raw)
            }
            _ => refuse(format!("the value in line {} is laid out in a way that this tool does not edit", line())),
        }
    }

    fn replace_in_line(&self, node: NodeId, value: &str) -> Edits {
        let range = self.tree.node(node).outer.range();
        self.no_comments(range.clone())?;
        if !range.is_empty() {
            return Ok(vec![self.replace(range, value)]);
        }
        match self.key_of(node) {
            Some(key) if self.behind_colon(key) > self.tree.node(key).span.end as usize => Ok(self.fill(range.end, value)),
            _ => refuse(format!("there is no value in line {} that could be replaced", self.line(range.end))),
        }
    }

    /// The value of `key` in the block mapping `map`.
    fn replace_below(&self, map: NodeId, key: NodeId, node: NodeId, value: &New) -> Edits {
        let layout = self.block_layout(map)?;
        let colon = self.behind_colon(key);
        let old = self.tree.node(node);
        let end = self.text[..old.span.end as usize].trim_end_matches(['\r', '\n']).len().max(colon);
        self.below(end)?;
        let one_line = !self.text[colon..end].contains('\n');
        let mut lines = render::entry("", value, layout);
        let head = lines.remove(0).trim_start().trim_start_matches(':').to_owned();
        if one_line && lines.is_empty() && !old.outer.is_empty() {
            let start = if head.is_empty() { colon } else { old.outer.start as usize };
            return Ok(vec![self.replace(start..end, head.trim_start())]);
        }
        if one_line && lines.is_empty() {
            return Ok(self.fill(colon, head.trim_start()));
        }
        let stop = self.line_end(end);
        let newline = self.newline(colon);
        let (first, last) = self.outer_comments(colon, end, stop)?;
        let mut text = head + if first.is_empty() { last } else { first };
        if !first.is_empty() && !last.is_empty() {
            // Two comments on one line would be one; the second gets a line of its own in front of what comes next.
            lines.push(format!("{}{}", " ".repeat(layout.column), last.trim_start()));
        }
        for line in &lines {
            text.push_str(newline);
            text.push_str(line);
        }
        Ok(vec![self.replace(colon..stop, text)])
    }

    /// The comments on the first and on the last line of `from..end`, with the blanks before them; `stop` is the end of the last.
    fn outer_comments(&self, from: usize, end: usize, stop: usize) -> Result<(&str, &str), Refusal> {
        let (first_line, last_line) = (self.line_end(from), self.line_start(end));
        let (mut first, mut last) = ("", "");
        for comment in self.tree.comments_in(from..stop) {
            let range = comment.range();
            let with_blanks = &self.text[self.text[..range.start].trim_end_matches([' ', '\t']).len()..range.end];
            if range.start <= first_line {
                first = with_blanks;
            } else if range.start >= last_line {
                last = with_blanks;
            } else {
                return refuse(format!("the comment in line {} would be lost", self.line(range.start)));
            }
        }
        Ok((first, last))
    }

    /// Takes an entry away with all its lines. The only entry of a mapping leaves `{}`. Comments on or between its lines are a reason
    /// to refuse, as is an anchor that somebody uses; comments above and below stay.
    pub fn remove_entry(&self, map: NodeId, key: &str) -> Edits {
        self.usable()?;
        let node = self.tree.node(map);
        let Kind::Map { entries, flow } = &node.kind else {
            return match node.kind {
                Kind::Alias { .. } => Err(self.alias_refusal(map)),
                _ => refuse(format!("the value in line {} is not a mapping", self.line(node.span.start as usize))),
            };
        };
        let Some(&entry) = self.tree.get(map, key) else { return refuse("the entry to remove is not there") };
        self.not_shared(entry.key)?;
        self.not_shared(entry.value)?;
        let at = self.tree.node(entry.key).slot as usize;
        if entries.len() == 1 {
            return self.remove_only(map);
        }
        if *flow {
            return self.remove_in_braces(entries, at);
        }
        let start = self.tree.node(entry.key).outer.start as usize;
        let line_start = self.line_start(start);
        if self.text[line_start..start].bytes().all(|b| b == b' ') {
            return self.remove_lines(line_start, entry, at.checked_sub(1).map(|before| entries[before].value));
        }
        // The first key behind the dash of a list item: the next one takes its place.
        match entries.get(at + 1) {
            Some(next) if self.text[line_start..start].bytes().all(|b| matches!(b, b' ' | b'-')) => {
                let stop = self.tree.node(next.key).outer.start as usize;
                self.removed(start..stop)
            }
            _ => refuse(format!("the entry in line {} is laid out in a way that this tool does not edit", self.line(start))),
        }
    }

    fn remove_lines(&self, start: usize, entry: Entry, before: Option<NodeId>) -> Edits {
        let stop = self.below(self.tree.node(entry.value).span.end as usize)?;
        let next = self.text[stop..].trim_start();
        if next.starts_with('#') && before.is_some_and(|before| self.last_block_text(before).is_some()) {
            let line = self.line(self.text.len() - next.len());
            return refuse(format!("the comment in line {line} would become part of the block text above"));
        }
        let unfinished = stop == self.text.len() && !self.text.ends_with('\n');
        // A block text would lose the line ending that is part of its value.
        if !unfinished || before.is_some_and(|before| self.ends_in_open_block_text(before)) {
            return self.removed(start..stop);
        }
        let before =
            self.text[..start].strip_suffix('\n').map_or(&self.text[..start], |text| text.strip_suffix('\r').unwrap_or(text));
        self.removed(before.len()..stop)
    }

    fn removed(&self, range: Range<usize>) -> Edits {
        self.no_comments(range.clone())?;
        Ok(vec![self.replace(range, "")])
    }

    fn remove_in_braces(&self, entries: &[Entry], at: usize) -> Edits {
        let start = |at: usize| self.tree.node(entries[at].key).outer.start as usize;
        let end = |at: usize| self.tree.node(entries[at].value).span.end as usize;
        self.removed(if at == 0 { start(0)..start(1) } else { end(at - 1)..end(at) })
    }

    fn remove_only(&self, map: NodeId) -> Edits {
        let node = self.tree.node(map);
        if self.key_of(map).is_some() && node.tag.is_none() && node.anchor.is_none() {
            return self.replace_node(map, &New::Map(Vec::new()));
        }
        self.no_comments(node.span.range())?;
        self.below(node.span.end as usize).or_else(|refusal| if self.in_flow(map) { Ok(0) } else { Err(refusal) })?;
        Ok(vec![self.replace(node.span.range(), "{}")])
    }
}
