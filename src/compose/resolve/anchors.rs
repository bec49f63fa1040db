//! Syntax tree to [`Value`]: aliases and merge keys are followed, scalars interpolated. Each node is read once and shared, so that a
//! file of aliases to aliases costs what it is long, not what it expands to.

use super::interpolate::{Failure, Variables, fill};
use crate::compose::forms::scalars;
use crate::compose::model::{Problem, ProblemKind};
use crate::compose::value::{Entry, Home, Kind, Text, Type, Value};
use crate::syntax::yaml::{self, NodeId, Tree};
use crate::text::span::Span;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

/// How many values a file may come to once every alias is followed, and how many times what it holds: go-yaml's measure against files
/// that are small and mean something huge.
const MAX_EXPANDED: u64 = 400_000;
const MAX_RATIO: u64 = 100;

/// Deeper than this, chains of anchors are taken for a mistake rather than followed.
const MAX_DEPTH: usize = 400;

/// The project's variables; one that is required and has no value is noted, and the rest of its template is read all the same.
struct Asked<'a> {
    env: &'a dyn Variables,
    required: RefCell<Vec<(String, Range<usize>)>>,
}

impl Variables for Asked<'_> {
    fn lookup(&self, name: &str) -> Option<Arc<Text>> {
        self.env.lookup(name)
    }

    fn require(&self, name: &str, _message: &str, range: Range<usize>) -> Result<(), Failure> {
        self.required.borrow_mut().push((name.to_owned(), range));
        Ok(())
    }
}

/// Reads one compose file's tree.
pub struct Expander<'a> {
    tree: &'a Tree,
    text: &'a str,
    env: &'a dyn Variables,
    done: Vec<Option<Arc<Value>>>,
    /// How many values each finished node comes to.
    weight: Vec<u64>,
    open: Vec<bool>,
    pub problems: Vec<Problem>,
    /// Required variables (`${X:?}`) without a value: not a fault of the files.
    pub required: Vec<(String, Span)>,
}

impl<'a> Expander<'a> {
    pub fn new(tree: &'a Tree, text: &'a str, env: &'a dyn Variables) -> Self {
        let nodes = tree.ids().count();
        Self {
            tree,
            text,
            env,
            done: vec![None; nodes],
            weight: vec![1; nodes],
            open: vec![false; nodes],
            problems: Vec::new(),
            required: Vec::new(),
        }
    }

    /// The value of `node` and everything below it.
    pub fn expand(&mut self, node: NodeId) -> Arc<Value> {
        let value = self.expand_at(node, 0);
        let weight = self.weight[self.tree.target(node).0 as usize];
        if weight > MAX_EXPANDED && weight / MAX_RATIO > self.done.len() as u64 {
            let message = "the aliases of this file multiply what it says beyond all measure";
            self.problem(self.tree.node(node).span, message, "Write the mappings out, or use fewer aliases within aliases.");
            return self.finish(node, Kind::Null);
        }
        value
    }

    fn expand_at(&mut self, node: NodeId, depth: usize) -> Arc<Value> {
        let node = self.tree.target(node);
        let at = node.0 as usize;
        if let Some(done) = &self.done[at] {
            return done.clone();
        }
        if self.open[at] || depth > MAX_DEPTH {
            let message = if self.open[at] { "an anchor contains an alias to itself" } else { "anchors are nested too deeply" };
            self.problem(self.tree.node(node).span, message, "Remove the alias.");
            return self.finish(node, Kind::Null);
        }
        self.open[at] = true;
        let kind = self.kind(node, depth);
        self.open[at] = false;
        self.weight[at] = self.weigh(&kind);
        let value = self.finish(node, kind);
        self.done[at] = Some(value.clone());
        value
    }

    fn weigh(&self, kind: &Kind) -> u64 {
        let of = |value: &Arc<Value>| self.weight[value.node.0 as usize];
        let below = match kind {
            Kind::Null | Kind::Scalar(..) => 0,
            Kind::Seq(items) => items.iter().map(of).fold(0, u64::saturating_add),
            Kind::Map(entries) => entries.iter().map(|entry| of(&entry.value)).fold(0, u64::saturating_add),
        };
        below.saturating_add(1)
    }

    fn finish(&self, node: NodeId, kind: Kind) -> Arc<Value> {
        let syntax = self.tree.node(node);
        Arc::new(Value { kind, span: syntax.span, node, tag: syntax.tag.clone(), derived: false })
    }

    fn kind(&mut self, node: NodeId, depth: usize) -> Kind {
        if self.tree.is_null(node) {
            return Kind::Null;
        }
        let tree = self.tree;
        match &tree.node(node).kind {
            yaml::Kind::Scalar(scalar) => {
                let kind = scalars::type_of(scalar, tree.node(node).tag.as_deref());
                Kind::Scalar(self.scalar(node, &scalar.value), kind)
            }
            yaml::Kind::Seq { items, .. } => Kind::Seq(items.iter().map(|&item| self.expand_at(item, depth + 1)).collect()),
            yaml::Kind::Map { entries, .. } => Kind::Map(self.map(entries, depth)),
            yaml::Kind::Alias { .. } => Kind::Null,
        }
    }

    fn scalar(&mut self, node: NodeId, template: &str) -> Text {
        let home = Home::Yaml { file: self.tree.file, node };
        let asked = Asked { env: self.env, required: RefCell::default() };
        let filled = fill(template, home, &asked);
        for (name, range) in asked.required.into_inner() {
            let span = self.tree.raw_range(self.text, node, range).unwrap_or(self.tree.node(node).span);
            self.required.push((name, span));
        }
        match filled {
            Ok(text) => text,
            Err(failure) => {
                self.failed(node, failure);
                let mut text = Text::empty(home);
                text.push_missing("", 0..template.len());
                text
            }
        }
    }

    fn failed(&mut self, node: NodeId, failure: Failure) {
        let range = match &failure {
            Failure::Invalid(invalid) => invalid.range.clone(),
            Failure::Required { range, .. } => range.clone(),
        };
        let span = self.tree.raw_range(self.text, node, range).unwrap_or(self.tree.node(node).span);
        match failure {
            Failure::Invalid(invalid) => {
                self.problem(span, &invalid.message, "Write ${NAME}, or double a $ that is meant literally: $$.");
            }
            Failure::Required { name, .. } => self.required.push((name, span)),
        }
    }

    fn map(&mut self, entries: &[yaml::Entry], depth: usize) -> Vec<Entry> {
        let mut own = Vec::with_capacity(entries.len());
        let mut merged = Vec::new();
        for entry in entries {
            let key_node = self.tree.node(entry.key);
            let target = self.tree.target(entry.key);
            let text = self.tree.scalar(target).filter(|key| {
                let kind = scalars::type_of(key, self.tree.node(target).tag.as_deref());
                kind == Type::Str && !self.tree.is_null(target)
            });
            let Some(key) = text else {
                self.problem(key_node.span, "a key has to be a text", "Put the key in quotes.");
                continue;
            };
            if key.value == "<<" && key.style == yaml::Style::Plain {
                self.merge_sources(entry.value, key_node.span, depth, &mut merged);
                continue;
            }
            let value = self.expand_at(entry.value, depth + 1);
            own.push(Entry { key: key.value.clone(), key_span: key_node.span, value, merged: None });
        }
        let mut seen: std::collections::HashSet<String> = own.iter().map(|entry| entry.key.clone()).collect();
        own.extend(merged.into_iter().filter(|entry| seen.insert(entry.key.clone())));
        own
    }

    /// The entries of `<<: *a` or `<<: [*a, *b]`; of several, the earlier wins.
    fn merge_sources(&mut self, value: NodeId, at: Span, depth: usize, out: &mut Vec<Entry>) {
        let target = self.tree.target(value);
        let tree = self.tree;
        let sources: Vec<NodeId> = match &tree.node(target).kind {
            yaml::Kind::Seq { items, .. } => items.clone(),
            _ => vec![target],
        };
        for source in sources {
            let value = self.expand_at(source, depth + 1);
            out.extend(value.entries().iter().map(|entry| Entry { merged: Some(at), ..entry.clone() }));
        }
    }

    fn problem(&mut self, span: Span, message: &str, help: &str) {
        self.problems.push(Problem { kind: ProblemKind::Compose, span, message: message.to_owned(), help: help.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::resolve::environment::Environment;
    use crate::compose::resolve::testing::{show, value};
    use crate::text::span::FileId;

    fn faults(text: &str) -> Vec<String> {
        let tree = Tree::parse(FileId(0), text);
        let env = Environment::default();
        let mut expander = Expander::new(&tree, text, &env);
        expander.expand(tree.root().expect("a document"));
        expander.problems.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn own_keys_win_over_merged_ones_and_earlier_sources_over_later() {
        let text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 0}\nd: *a\n";
        assert_eq!(show(&value(text)), "{a: {x: 1, y: 1}, b: {y: 2, z: 2}, c: {x: 0, y: 1, z: 2}, d: {x: 1, y: 1}}");
    }

    #[test]
    fn keys_that_are_no_texts_and_aliases_that_multiply_are_faults() {
        assert_eq!(faults("services: {1: {image: x}}"), ["a key has to be a text"]);
        let level = |at: usize| format!("x{at}: &x{at} [{}]\n", format!("*x{}, ", at - 1).repeat(9));
        let levels = (1..12).map(level).collect::<Vec<_>>().concat();
        assert_eq!(
            faults(&format!("x0: &x0 [a]\n{levels}")),
            ["the aliases of this file multiply what it says beyond all measure"]
        );
    }
}
