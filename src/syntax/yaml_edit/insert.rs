//! New entries and new list items.

use super::render::{self, Block, New};
use super::{Doc, Edits, Refusal, quote, refuse};
use crate::syntax::yaml::gap::{Mark, pieces};
use crate::syntax::yaml::{Entry, Kind, NodeId};
use crate::text::edit::Edit;
use crate::text::span::Span;

impl Doc<'_> {
    /// A new entry behind the last one of a mapping: below its last line (and the comment on it) in block style, before the closing
    /// brace in flow style. An absent value and `{}` are taken as mappings without entries. `rank` orders entries that are inserted
    /// at one place.
    pub fn insert_entry(&self, map: NodeId, key: &str, value: &New, rank: u32) -> Edits {
        self.may_insert(map, Some(key), value)?;
        let node = self.tree.node(map);
        let Kind::Map { entries, flow } = &node.kind else {
            return if self.tree.is_null(map) {
                self.first_entry(map, key, value, rank)
            } else {
                refuse(self.not_a(map, "mapping"))
            };
        };
        match entries.last() {
            None => self.first_entry(map, key, value, rank),
            Some(last) if *flow => {
                let piece = render::flow_entry(&quote::text(key, true), value);
                self.insert_in_brackets(map, last.key, last.value, &piece, rank)
            }
            Some(last) => {
                let mut edit = self.entry_below(map, last.value, key, value, rank)?;
                if self.keeps_apart(entries) && self.last_block_text(last.value).is_none() {
                    let at = edit.text.len() - edit.text.trim_start_matches(['\r', '\n']).len();
                    edit.text.insert_str(at, self.newline(edit.span.start as usize));
                }
                Ok(vec![edit])
            }
        }
    }

    /// Adds a scalar in front of the item at `at`, which is not the first, in the form that the list has.
    pub fn insert_item(&self, seq: NodeId, at: usize, raw: &str) -> Edits {
        self.may_insert(seq, None, &New::Raw(raw.to_owned()))?;
        let Kind::Seq { items, flow } = &self.tree.node(seq).kind else { return refuse(self.not_a(seq, "list")) };
        let (Some(before), Some(item)) = (at.checked_sub(1).and_then(|before| items.get(before)), items.get(at)) else {
            return refuse("the list has no such item");
        };
        let start = self.tree.node(*item).outer.start as usize;
        if *flow {
            let gap = &self.text[self.tree.node(*before).outer.end as usize..start];
            // A line break or a comment between the items is no gap to repeat.
            let gap = if gap.trim() == "," && !gap.contains('\n') { gap } else { ", " };
            return Ok(vec![self.insert(start, format!("{raw}{gap}"), 0)]);
        }
        let line = self.text[..start].rfind('\n').map_or(0, |end| end + 1);
        let lead = &self.text[line..start];
        if !lead.trim_start().starts_with('-') || lead.trim().len() > 1 {
            return refuse("the items of the list do not stand on lines of their own");
        }
        Ok(vec![self.insert(line, format!("{lead}{raw}{}", self.newline(line)), 0)])
    }

    /// Whether a blank line stands between the last two entries, as people put it between services.
    fn keeps_apart(&self, entries: &[Entry]) -> bool {
        let [.., before, last] = entries else { return false };
        let gap = self.tree.node(before.value).span.end as usize..self.tree.node(last.key).span.start as usize;
        let between = self.text.get(gap).unwrap_or_default();
        // The first piece is the rest of the line before, the last one the indentation of the key.
        let lines: Vec<&str> = between.split('\n').collect();
        lines.len() > 2 && lines[1..lines.len() - 1].iter().any(|line| line.trim().is_empty())
    }

    /// Like [`Doc::insert_entry`], but behind the entry `after_key`.
    pub fn insert_after(&self, map: NodeId, after_key: &str, key: &str, value: &New, rank: u32) -> Edits {
        self.may_insert(map, Some(key), value)?;
        let Some(after) = self.tree.get(map, after_key) else {
            return refuse("the entry to insert behind is not there");
        };
        if self.tree.entries(map).last() == Some(after) {
            return self.insert_entry(map, key, value, rank);
        }
        if matches!(self.tree.node(map).kind, Kind::Map { flow: true, .. }) {
            let piece = render::flow_entry(&quote::text(key, true), value);
            let end = self.tree.node(after.value).span.end as usize;
            return Ok(vec![self.insert(end, format!("{} {piece}", self.comma(end)), rank)]);
        }
        Ok(vec![self.entry_below(map, after.value, key, value, rank)?])
    }

    /// A new item at the end of a list, with the list's own indentation. An absent value and `[]` are taken as empty lists.
    pub fn append_item(&self, seq: NodeId, item: &New, rank: u32) -> Edits {
        self.may_insert(seq, None, item)?;
        let node = self.tree.node(seq);
        let Kind::Seq { items, flow } = &node.kind else {
            return if self.tree.is_null(seq) { self.first_item(seq, item, rank) } else { refuse(self.not_a(seq, "list")) };
        };
        match items.last() {
            None => self.first_item(seq, item, rank),
            Some(&last) if *flow => self.insert_in_brackets(seq, last, last, &render::flow(item), rank),
            Some(&last) => {
                let layout = Block { column: self.block_column(seq)?, step: self.indent_step(), flush: self.tree.habits().flush };
                let at = self.below_node(last)?;
                Ok(vec![self.insert_lines(at, &render::item(item, layout), layout.column, rank)])
            }
        }
    }

    fn may_insert(&self, id: NodeId, key: Option<&str>, value: &New) -> Result<(), Refusal> {
        self.usable()?;
        if matches!(self.tree.node(id).kind, Kind::Alias { .. }) {
            return Err(self.alias_refusal(id));
        }
        if !value.is_one_line() {
            return refuse("the new value has a line break in it");
        }
        match key.and_then(|key| self.tree.get(id, key)) {
            Some(entry) => {
                let line = self.line(self.tree.node(entry.key).span.start as usize);
                refuse(format!("the key is already there, in line {line}"))
            }
            None => Ok(()),
        }
    }

    fn not_a(&self, id: NodeId, what: &str) -> String {
        format!("the value in line {} is not a {what}", self.line(self.tree.node(id).span.start as usize))
    }

    fn entry_below(&self, map: NodeId, last: NodeId, key: &str, value: &New, rank: u32) -> Result<Edit, Refusal> {
        let layout = self.block_layout(map)?;
        let at = self.below_comments(self.below_node(last)?, layout.column);
        Ok(self.insert_lines(at, &render::entry(&quote::text(key, false), value, layout), layout.column, rank))
    }

    /// The start of the line below a block node. A block text at the end of the file that lacks its line ending would gain one.
    pub(super) fn below_node(&self, id: NodeId) -> Result<usize, Refusal> {
        let at = self.below(self.tree.node(id).span.end as usize)?;
        if at == self.text.len() && !self.text.ends_with('\n') && self.ends_in_open_block_text(id) {
            return refuse("the block text at the end of the file has no line ending: add one");
        }
        Ok(at)
    }

    /// Behind the comment lines that follow at once and are indented deeper than `column`: they belong to what stands above them.
    fn below_comments(&self, at: usize, column: usize) -> usize {
        let mut end = at;
        for line in self.text[at..].split_inclusive('\n') {
            let body = line.trim_start_matches(' ');
            if !body.starts_with('#') || line.len() - body.len() <= column || !line.ends_with('\n') {
                break;
            }
            end += line.len();
        }
        // At the end of a line that is not finished, there is nothing below.
        if self.text[..at].ends_with('\n') { end } else { at }
    }

    /// Whether the last thing in a node is a block text whose value ends with the line ending of its last line.
    pub(super) fn ends_in_open_block_text(&self, id: NodeId) -> bool {
        self.last_block_text(id).is_some_and(|(start, content)| {
            let header = &self.text[start..content];
            !header.split(['#', '\n']).next().unwrap_or(header).contains('-')
        })
    }

    /// Where the block text starts that is the last thing in a node, and where its lines start.
    pub(super) fn last_block_text(&self, id: NodeId) -> Option<(usize, usize)> {
        let mut at = id;
        loop {
            let node = self.tree.node(at);
            at = match &node.kind {
                Kind::Seq { items, .. } => *items.last()?,
                Kind::Map { entries, .. } => entries.last()?.value,
                Kind::Scalar(scalar) => {
                    return scalar.style.is_block().then_some((node.span.start as usize, scalar.content.start as usize));
                }
                Kind::Alias { .. } => return None,
            };
        }
    }

    fn first_entry(&self, map: NodeId, key: &str, value: &New, rank: u32) -> Edits {
        let flow_text = || format!("{{{}}}", render::flow_entry(&quote::text(key, true), value));
        self.first(map, rank, flow_text, |layout| {
            let inside = Block { column: layout.column + layout.step, ..layout };
            (render::entry(&quote::text(key, false), value, inside), inside.column)
        })
    }

    fn first_item(&self, seq: NodeId, value: &New, rank: u32) -> Edits {
        let flow_text = || format!("[{}]", render::flow(value));
        self.first(seq, rank, flow_text, |layout| {
            let column = if layout.flush { layout.column } else { layout.column + layout.step };
            (render::item(value, Block { column, ..layout }), column)
        })
    }

    /// The first child of an empty collection: lines below its key where that is block style, else text in place of it. `lines` gets
    /// the layout of the mapping that holds the key, and gives the lines and their column.
    fn first(
        &self,
        id: NodeId,
        rank: u32,
        flow_text: impl Fn() -> String,
        lines: impl Fn(Block) -> (Vec<String>, usize),
    ) -> Edits {
        let node = self.tree.node(id);
        if self.tree.is_null(id) && node.tag.is_some() {
            return refuse(format!("the empty value in line {} has a tag", self.line(node.span.start as usize)));
        }
        let parent = node.parent.filter(|&parent| matches!(self.tree.node(parent).kind, Kind::Map { flow: false, .. }));
        if let (Some(parent), Some(_)) = (parent, self.key_of(id)) {
            let (lines, column) = lines(self.block_layout(parent)?);
            let (mut edits, at) = self.lift(id)?;
            edits.push(self.insert_lines(at, &lines, column, rank));
            return Ok(edits);
        }
        self.no_comments(node.span.range())?;
        if !node.span.is_empty() {
            return Ok(vec![self.replace(node.span.range(), flow_text())]);
        }
        match (node.parent, self.key_of(id)) {
            (Some(_), Some(key)) if self.behind_colon(key) > self.tree.node(key).span.end as usize => {
                Ok(self.fill(node.span.end as usize, &flow_text()))
            }
            (None, _) => {
                let layout = Block { column: 0, step: 0, flush: true };
                let at = self.below(node.span.end as usize)?;
                let (lines, column) = lines(layout);
                Ok(vec![self.insert_lines(at, &lines, column, rank)])
            }
            _ => refuse(format!("there is no value in line {} that could be filled", self.line(node.span.start as usize))),
        }
    }

    /// Takes a value that stands behind its key (a word for null, a collection in brackets) away, and gives the start of the line
    /// below. A comment behind the value stays.
    pub(super) fn lift(&self, id: NodeId) -> Result<(Vec<Edit>, usize), Refusal> {
        let span = self.tree.node(id).span.range();
        let at = self.below(span.end)?;
        if span.is_empty() {
            return Ok((Vec::new(), at));
        }
        let start = self.text[..span.start].trim_end_matches([' ', '\t', '\r', '\n']).len();
        let start = start.max(self.key_of(id).map_or(0, |key| self.tree.node(key).span.end as usize));
        let behind_key = self.key_of(id).map_or(start, |key| self.tree.node(key).span.end as usize);
        self.no_comments(behind_key..span.end)?;
        Ok((vec![Edit::delete(Span::new(self.tree.file, start..span.end))], at))
    }

    /// A new piece behind the last child of a collection in brackets, whose last child has the key and value given (twice the same
    /// for a list). Several such edits add up.
    fn insert_in_brackets(&self, id: NodeId, first: NodeId, last: NodeId, piece: &str, rank: u32) -> Edits {
        let span = self.tree.node(id).span.range();
        if !self.text[span.clone()].starts_with(['[', '{']) {
            return refuse(format!("the mapping in line {} has no braces", self.line(span.start)));
        }
        let end = self.tree.node(last).span.end as usize;
        let close = span.end - 1;
        let comma = pieces(self.text, end, close).find(|piece| piece.mark == Mark::Comma).map(|piece| piece.end);
        let line_start = self.line_start(self.tree.node(first).outer.start as usize);
        let one_line = !self.text[end..close].contains('\n') || line_start <= self.line_start(span.start);
        if one_line {
            self.no_comments(end..close)?;
            return Ok(vec![match comma {
                Some(comma) => self.insert(comma, format!(" {piece},"), rank),
                None => self.insert(end, format!("{} {piece}", self.comma(end)), rank),
            }]);
        }
        let line = &self.text[line_start..];
        let pad = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let at = self.below(comma.unwrap_or(end))?;
        let mut edits = Vec::new();
        if comma.is_none() {
            edits.push(self.insert(end, self.comma(end), 0));
        }
        edits.push(self.insert_lines(at, &[format!("{pad}{piece},")], 0, rank));
        Ok(edits)
    }

    /// The comma behind a piece in brackets that ends at `end`; `key:,` would not be read as a key by everybody.
    fn comma(&self, end: usize) -> &'static str {
        if self.text[..end].ends_with(':') { " ," } else { "," }
    }
}
