//! What is wrong with a tree although the notation is right: keys written twice, merge keys that merge nothing, templates. Also what
//! is worth knowing about the whole tree: the order of the keys of large mappings, and how the file is laid out.

use super::{Entry, Habits, Kind, NodeId, Style, Tree, YamlError, column, message};
use crate::text::span::{LineIndex, Span};
use std::collections::BTreeMap;

/// Below this, walking the entries is as fast as a search.
const LARGE: usize = 16;

/// Longer keys are not named in a message: they are values that lost their quotes.
const LONGEST_NAMED_KEY: usize = 64;

pub(super) fn check(tree: &mut Tree, text: &str) {
    let mut errors = Vec::new();
    let mut steps = Votes::default();
    let lines = LineIndex::new(text);
    for id in tree.ids() {
        if let Kind::Map { flow, .. } = &tree.node(id).kind {
            let order = key_order(tree, id);
            duplicates(tree, &lines, &order, tree.entries(id), &mut errors);
            merges(tree, id, &mut errors);
            if *flow && errors.len() < LARGE {
                template(tree, text, id, &mut errors);
            }
            if order.len() > LARGE {
                tree.sorted.insert(id, order);
            }
        }
        names(tree, id, &mut errors);
        steps.count(tree, text, id);
    }
    // A template makes many nonsense mappings; one sentence about it is enough.
    let mut seen = tree.errors.iter().any(|error| error.message == message::TEMPLATE);
    errors.retain(|error| error.message != message::TEMPLATE || !std::mem::replace(&mut seen, true));
    tree.errors.append(&mut errors);
    tree.errors.sort_by_key(|error| error.span);
    tree.habits = steps.habits();
}

/// The entries by key; entries with equal keys stay in the order of the file.
fn key_order(tree: &Tree, map: NodeId) -> Vec<u32> {
    let entries = tree.entries(map);
    let mut order: Vec<u32> = (0..entries.len() as u32).collect();
    order.sort_by_key(|&at| tree.key_text(entries[at as usize]));
    order
}

/// Compose's reader compares keys by their text, quoted or not, and takes no key twice.
fn duplicates(tree: &Tree, lines: &LineIndex, order: &[u32], entries: &[Entry], errors: &mut Vec<YamlError>) {
    let scalar = |at: u32| tree.scalar(entries[at as usize].key).is_some();
    for same in order
        .chunk_by(|&a, &b| scalar(a) && scalar(b) && tree.key_text(entries[a as usize]) == tree.key_text(entries[b as usize]))
    {
        let first = entries[same[0] as usize].key;
        for &again in &same[1..] {
            let key = entries[again as usize].key;
            let line = lines.line(tree.node(first).span.start as usize) + 1;
            let name = tree.scalar(key).map_or("", |scalar| &scalar.value);
            let named = if is_name(name) { format!("the key `{name}`") } else { "this key".to_owned() };
            let remedy = if name == "<<" { "so write one `<<` with a list of aliases" } else { "so remove one of the two" };
            let message = format!("{named} is already in this mapping, in line {line}: a key may occur only once, {remedy}");
            errors.push(YamlError { message, span: tree.node(key).span });
        }
    }
}

/// Whether a key can be shown: what looks like anything else may be a value that holds a password.
fn is_name(key: &str) -> bool {
    let shown = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '<');
    !key.is_empty() && key.len() <= LONGEST_NAMED_KEY && key.chars().all(shown)
}

/// Compose's reader takes ASCII letters, digits, `_` and `-` in the name of an anchor.
fn names(tree: &Tree, id: NodeId, errors: &mut Vec<YamlError>) {
    let node = tree.node(id);
    let alias = if let Kind::Alias { name, .. } = &node.kind { Some(name) } else { None };
    let fits = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if node.anchor.iter().chain(alias).any(|name| !fits(name)) {
        let message = "the name of an anchor may hold ASCII letters, digits, `_` and `-` only: choose another".to_owned();
        errors.push(YamlError { message, span: node.outer });
    }
}

fn merges(tree: &Tree, map: NodeId, errors: &mut Vec<YamlError>) {
    for entry in tree.entries(map) {
        if !tree.scalar(entry.key).is_some_and(|key| key.style == Style::Plain && key.value == "<<") {
            continue;
        }
        let mergeable = |id: NodeId| match &tree.node(tree.target(id)).kind {
            // An alias without an anchor has its own error.
            Kind::Map { .. } | Kind::Alias { .. } => true,
            Kind::Seq { .. } | Kind::Scalar(_) => false,
        };
        let value = tree.target(entry.value);
        let fits = mergeable(value)
            || matches!(&tree.node(value).kind, Kind::Seq { items, .. } if items.iter().all(|&item| mergeable(item)));
        if !fits {
            let message =
                "the merge key `<<` takes a mapping, or a list of mappings, usually written as an alias (`<<: *name`)".to_owned();
            errors.push(YamlError { message, span: tree.node(entry.value).span });
        }
    }
}

/// `{{ name }}` is a mapping with a mapping as its key, to YAML.
fn template(tree: &Tree, text: &str, map: NodeId, errors: &mut Vec<YamlError>) {
    let span = tree.node(map).span;
    let nested = tree.entries(map).iter().any(|entry| matches!(tree.node(entry.key).kind, Kind::Map { .. }));
    if nested && text[span.range()].starts_with("{{") {
        errors.push(YamlError {
            message: message::TEMPLATE.to_owned(),
            span: Span::new(span.file, span.range().start..span.range().start + 2),
        });
    }
}

/// How often each layout occurs in the file.
#[derive(Default)]
struct Votes {
    steps: BTreeMap<usize, usize>,
    flush: usize,
    indented: usize,
}

impl Votes {
    /// Counts `id` if it is a block collection that is the value of a key in a block mapping.
    fn count(&mut self, tree: &Tree, text: &str, id: NodeId) {
        let node = tree.node(id);
        let Some(parent) = node.parent.map(|parent| tree.node(parent)) else { return };
        if !matches!(parent.kind, Kind::Map { flow: false, .. }) {
            return;
        }
        let columns = || (column(text, parent.span.start as usize), column(text, node.span.start as usize));
        match node.kind {
            Kind::Map { flow: false, .. } => {
                let (outside, inside) = columns();
                if inside > outside {
                    *self.steps.entry(inside - outside).or_default() += 1;
                }
            }
            Kind::Seq { flow: false, .. } => {
                let (outside, inside) = columns();
                *if inside == outside { &mut self.flush } else { &mut self.indented } += 1;
            }
            _ => {}
        }
    }

    fn habits(&self) -> Habits {
        let most = self.steps.iter().max_by_key(|&(step, count)| (*count, std::cmp::Reverse(*step)));
        Habits { step: most.map_or(2, |(step, _)| *step), flush: self.flush > self.indented }
    }
}
