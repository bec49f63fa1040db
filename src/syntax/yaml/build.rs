//! From the events of `granit-parser` to a [`Tree`]: the only module that knows that crate.
//!
//! The parser's spans are right in bytes but not what an editor needs: collections have no end, empty values stand before their
//! colon, a list whose dashes are flush with its key starts behind the first dash, and block scalars start below their header. All
//! of that is read again from the gaps between the nodes, which also yields the comments. Gaps do not overlap, so the cost stays linear.

use super::gap::{Mark, Piece, pieces};
use super::{Entry, Habits, Kind, Node, NodeId, Scalar, Style, Tree, YamlError, lines, message};
use crate::text::span::{FileId, Span};
use granit_parser::{Event, Options, Parser, ScalarStyle, StructureStyle};
use std::collections::BTreeMap;
use std::ops::Range;

const EXPLICIT_KEY: &str = "a key with `?` before it";
const EMPTY_KEY: &str = "an empty key";
const FOREIGN_LINE_BREAK: &str = "a line break other than LF and CRLF";

pub(super) fn build(file: FileId, text: &str) -> Tree {
    let mut options = Options::default();
    options.emit_unresolved_aliases = true;
    options.emit_anchor_events = true;
    options.set_emit_comments(false);
    // As libyaml and go-yaml read it, which is what Compose does.
    options.block_scalar_eof_without_line_feed = true;
    let mut builder = Builder::new(file, text);
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => builder.take(event, &span),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len());
                builder.tree.errors.push(message::of(file, text, error.kind(), at));
                return builder.finish(None);
            }
        }
    }
    builder.finish(Some(text.len()))
}

/// A collection whose end has not come yet.
struct Open {
    id: NodeId,
    /// A key that still waits for its value.
    key: Option<NodeId>,
}

struct Builder<'a> {
    text: &'a str,
    tree: Tree,
    open: Vec<Open>,
    anchors: BTreeMap<usize, NodeId>,
    /// The last node of each anchor's name.
    names: BTreeMap<String, NodeId>,
    /// Everything before this byte has been read.
    done: usize,
}

impl<'a> Builder<'a> {
    fn new(file: FileId, text: &'a str) -> Self {
        let tree = Tree {
            file,
            documents: Vec::new(),
            errors: Vec::new(),
            comments: Vec::new(),
            nodes: Vec::new(),
            sorted: BTreeMap::new(),
            obstacle: lines::foreign_break(text).map(|at| (at, FOREIGN_LINE_BREAK)),
            habits: Habits { step: 2, flush: false },
        };
        Self { text, tree, open: Vec::new(), anchors: BTreeMap::new(), names: BTreeMap::new(), done: 0 }
    }

    fn take(&mut self, event: Event<'_>, span: &granit_parser::Span) {
        let range = span.byte_range().unwrap_or(self.done..self.done);
        let tag = span.tag_span().and_then(|tag| tag.byte_range()).map(|tag| self.text[tag].to_owned());
        match event {
            Event::Scalar(value, style, ..) => self.scalar(value.into_owned(), style, range, tag),
            Event::SequenceStart(style, ..) => {
                let flow = style == StructureStyle::Flow;
                let start = if flow { range.start } else { self.list_start(range.start) };
                self.begin(Kind::Seq { items: Vec::new(), flow }, start, range.end, tag);
            }
            Event::MappingStart(style, ..) => {
                let flow = style == StructureStyle::Flow;
                self.begin(Kind::Map { entries: Vec::new(), flow }, range.start, range.end, tag);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range),
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                self.alias(range, target);
            }
            // Anchors of an earlier document hold in a later one; so they do for Compose's reader.
            Event::UnresolvedAlias(_) if self.named(&range).is_some() => {
                let target = self.named(&range);
                self.alias(range, target);
            }
            Event::UnresolvedAlias(_) => {
                self.tree.errors.push(YamlError {
                    message: "this alias has no anchor: `&` with the same name has to stand earlier in the same document"
                        .to_owned(),
                    span: self.span(range.clone()),
                });
                self.alias(range, None);
            }
            Event::Anchor(id, name) => {
                let node = NodeId(self.tree.nodes.len().saturating_sub(1) as u32);
                self.anchors.insert(id, node);
                if let Some(last) = self.tree.nodes.last_mut() {
                    self.names.insert(name.to_string(), node);
                    last.anchor = Some(name.into_owned());
                }
            }
            _ => {}
        }
    }

    /// The node whose anchor the alias at `range` names.
    fn named(&self, range: &Range<usize>) -> Option<NodeId> {
        self.names.get(self.text[self.after_done(range.clone())].trim_start_matches('*')).copied()
    }

    fn alias(&mut self, range: Range<usize>, target: Option<NodeId>) {
        let range = self.after_done(range);
        let name = self.text[range.clone()].trim_start_matches('*').to_owned();
        let outer = self.read_gap(range.start);
        self.push(Kind::Alias { name, target }, range, outer, None);
    }

    fn scalar(&mut self, value: String, style: ScalarStyle, range: Range<usize>, tag: Option<String>) {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        if style.is_block() {
            return self.block_scalar(value, style, range.end, tag);
        }
        let empty = style == Style::Plain && range.is_empty();
        let range = if empty { self.empty_value(range.start) } else { self.after_done(range) };
        let outer = self.read_gap(range.start);
        let quotes = style != Style::Plain && range.len() > 1;
        let content = if quotes { range.start + 1..range.end - 1 } else { range.clone() };
        let value = if empty { String::new() } else { value };
        if empty
            && self.open.last().is_some_and(|open| open.key.is_none() && matches!(self.tree.node(open.id).kind, Kind::Map { .. }))
        {
            self.tree.obstacle.get_or_insert((range.start, EMPTY_KEY));
        }
        let scalar = Scalar { value, style, content: self.span(content) };
        self.push(Kind::Scalar(scalar), range, outer, tag);
    }

    /// Where a value that is not there would stand: behind its colon or dash, and behind its anchor or tag. The parser puts it before
    /// the colon, or behind a comment.
    fn empty_value(&self, at: usize) -> Range<usize> {
        let at = at.max(self.done);
        let mut value = self.open.last().is_some_and(|open| open.key.is_some());
        let mut end = self.done;
        for piece in pieces(self.text, self.done, at).filter(|piece| piece.mark != Mark::Comment) {
            value &= piece.mark != Mark::Colon;
            end = piece.end;
        }
        let mut ahead = pieces(self.text, at, self.text.len()).filter(|piece| piece.mark != Mark::Comment);
        match ahead.next() {
            Some(Piece { mark: Mark::Colon, end, .. }) if value => end..end,
            _ => end..end,
        }
    }

    /// Where the first dash of a block list stands: for the value of a key the parser may give the place behind it.
    fn list_start(&self, at: usize) -> usize {
        if self.open.last().is_some_and(|open| open.key.is_some()) {
            let mut dashes = pieces(self.text, self.done, self.text.len()).filter(|piece| piece.mark == Mark::Dash);
            return dashes.next().map_or(at, |dash| dash.start);
        }
        at
    }

    fn block_scalar(&mut self, value: String, style: Style, end: usize, tag: Option<String>) {
        let mut ahead = pieces(self.text, self.done, self.text.len()).filter(|piece| piece.mark == Mark::BlockHeader);
        let header = ahead.next().map_or(self.done..self.done, |piece| piece.start..piece.end);
        let first = lines::next(self.text, header.end);
        let region = lines::whole(self.text, first..end.max(first));
        let keep = self.text[header.clone()].contains('+');
        let stop = if keep { region.end } else { lines::without_blank(self.text, region) };
        let outer = self.read_gap(header.start);
        self.read_gap(first);
        let (span, content) =
            if stop <= first { (header.clone(), header.end..header.end) } else { (header.start..stop, first..stop) };
        let scalar = Scalar { value, style, content: self.span(content) };
        self.push(Kind::Scalar(scalar), span, outer, tag);
    }

    fn begin(&mut self, kind: Kind, start: usize, end: usize, tag: Option<String>) {
        let start = start.max(self.done);
        let outer = self.read_gap(start);
        let end = if self.text[start..].starts_with(['[', '{']) && is_flow(&kind) { end.max(start) } else { start };
        let id = self.push(kind, start..end, outer, tag);
        self.open.push(Open { id, key: None });
    }

    fn end(&mut self, range: Range<usize>) {
        let Some(open) = self.open.pop() else { return };
        let bracket = is_flow(&self.tree.node(open.id).kind) && self.text[range.clone()].starts_with([']', '}']);
        if bracket {
            self.read_gap(range.end);
        }
        self.close(&open, bracket.then_some(range.end));
    }

    /// Gives a collection its end: that of its bracket, or that of its last child.
    fn close(&mut self, open: &Open, bracket: Option<usize>) {
        if let Some(key) = open.key {
            let at = self.tree.node(key).span.end as usize;
            let content = self.span(at..at);
            let scalar = Scalar { value: String::new(), style: Style::Plain, content };
            self.attach(open.id, Some(key), |slot| Node {
                kind: Kind::Scalar(scalar),
                span: content,
                outer: content,
                anchor: None,
                tag: None,
                parent: Some(open.id),
                slot,
            });
        }
        let last = match &self.tree.node(open.id).kind {
            Kind::Seq { items, .. } => items.last().copied(),
            Kind::Map { entries, .. } => entries.last().map(|entry| entry.value),
            Kind::Scalar(_) | Kind::Alias { .. } => None,
        };
        let child = last.map_or(0, |child| self.tree.node(child).span.end);
        let node = &mut self.tree.nodes[open.id.0 as usize];
        node.span.end = bracket.map_or_else(|| child.max(node.span.end), |end| end as u32);
        node.outer.end = node.span.end;
    }

    /// Adds a node below the innermost open collection, or as the root of a document.
    fn push(&mut self, kind: Kind, range: Range<usize>, outer: usize, tag: Option<String>) -> NodeId {
        self.done = self.done.max(range.end);
        let (span, outer) = (self.span(range.clone()), self.span(outer..range.end.max(outer)));
        let node = |parent, slot| Node { kind, span, outer, anchor: None, tag, parent, slot };
        match self.open.pop() {
            None => {
                let id = NodeId(self.tree.nodes.len() as u32);
                self.tree.nodes.push(node(None, 0));
                self.tree.documents.push(id);
                id
            }
            Some(mut open) => {
                let (id, key) = self.attach(open.id, open.key, |slot| node(Some(open.id), slot));
                open.key = key;
                self.open.push(open);
                id
            }
        }
    }

    /// Puts a node into `parent`; returns it and the key that now waits for a value.
    fn attach(&mut self, parent: NodeId, key: Option<NodeId>, node: impl FnOnce(u32) -> Node) -> (NodeId, Option<NodeId>) {
        let id = NodeId(self.tree.nodes.len() as u32);
        let (slot, waiting) = match &mut self.tree.nodes[parent.0 as usize].kind {
            Kind::Seq { items, .. } => {
                items.push(id);
                (items.len() - 1, None)
            }
            Kind::Map { entries, .. } => match key {
                None => (entries.len(), Some(id)),
                Some(key) => {
                    entries.push(Entry { key, value: id });
                    (entries.len() - 1, None)
                }
            },
            Kind::Scalar(_) | Kind::Alias { .. } => (0, None),
        };
        self.tree.nodes.push(node(slot as u32));
        (id, waiting)
    }

    /// Reads up to `to`: keeps the comments, and returns where the anchor or tag of the node at `to` starts, or `to`.
    fn read_gap(&mut self, to: usize) -> usize {
        let mut outer = None;
        for piece in pieces(self.text, self.done, to) {
            match piece.mark {
                Mark::Comment => self.tree.comments.push(Span::new(self.tree.file, piece.start..piece.end)),
                Mark::Property => outer = outer.or(Some(piece.start)),
                Mark::Question => {
                    self.tree.obstacle.get_or_insert((piece.start, EXPLICIT_KEY));
                    outer = None;
                }
                _ => outer = None,
            }
        }
        self.done = self.done.max(to);
        outer.unwrap_or(to)
    }

    /// The parser's range, should it ever reach back into what was read before: where a block text ends is a matter of our own.
    fn after_done(&self, range: Range<usize>) -> Range<usize> {
        let start = range.start.max(self.done);
        start..range.end.max(start)
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.tree.file, range)
    }

    /// Reads the comments up to `end`, if the parser came that far, and closes what an error left open.
    fn finish(mut self, end: Option<usize>) -> Tree {
        if let Some(end) = end {
            self.read_gap(end);
        }
        while let Some(open) = self.open.pop() {
            self.close(&open, None);
        }
        self.tree
    }
}

fn is_flow(kind: &Kind) -> bool {
    matches!(kind, Kind::Seq { flow: true, .. } | Kind::Map { flow: true, .. })
}
