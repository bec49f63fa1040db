//! One document over another (compose-go `override/merge.go`): mappings by key, lists joined, and the keys that have a rule of their own.
//! A `null` in the later document leaves what was there.

use super::tree::{self, Keys};
use crate::compose::faults::Faults;
use crate::compose::value::{Entry, Kind, Type, Value};
use indexmap::IndexMap;
use std::sync::Arc;

/// How two values of one place become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The later one alone.
    Replace,
    /// `KEY=value` items and mappings in any mixture, by key.
    KeyValues,
    /// A text or a list of texts, joined.
    Texts,
    /// Lists of names and mappings in any mixture; a short dependency resets the condition.
    Dependencies,
    Networks,
    /// `host:ip` items and mappings; one host may have several addresses.
    Hosts,
    /// A path alone is the context.
    Build,
    /// Options are merged only under the same driver.
    Logging,
    /// A number over a pair or the reverse replaces it.
    Ulimit,
    /// Address ranges by subnet.
    Subnets,
}

/// The rule of a place; `None` for those that merge by their kind.
fn rule(path: &[&str]) -> Option<Rule> {
    Some(match path {
        ["services", _, rest @ ..] => match rest {
            ["command" | "entrypoint"] | ["healthcheck", "test"] => Rule::Replace,
            ["environment" | "labels" | "annotations" | "sysctls"]
            | ["build", "args" | "labels" | "additional_contexts"]
            | ["deploy", "labels"]
            | ["volumes", "[]", "volume", "labels"] => Rule::KeyValues,
            ["dns" | "dns_opt" | "dns_search" | "env_file" | "label_file" | "tmpfs"] => Rule::Texts,
            ["depends_on"] => Rule::Dependencies,
            ["networks" | "models"] => Rule::Networks,
            ["extra_hosts"] | ["build", "extra_hosts"] => Rule::Hosts,
            ["build"] => Rule::Build,
            ["logging"] => Rule::Logging,
            ["ulimits", _] => Rule::Ulimit,
            _ => return None,
        },
        ["networks" | "volumes", _, "labels"] => Rule::KeyValues,
        ["networks", _, "ipam", "config"] => Rule::Subnets,
        _ => return None,
    })
}

/// `over` on `base`, both whole documents.
pub fn documents(base: &Arc<Value>, over: &Arc<Value>, faults: &mut Faults) -> Arc<Value> {
    merge(base, over, &mut Vec::new(), faults)
}

/// `over` on `base`, both the entry `name` of a section.
pub fn entries(section: &str, name: &str, base: &Arc<Value>, over: &Arc<Value>, faults: &mut Faults) -> Arc<Value> {
    merge(base, over, &mut vec![section, name], faults)
}

fn merge<'a>(base: &Arc<Value>, over: &'a Arc<Value>, path: &mut Vec<&'a str>, faults: &mut Faults) -> Arc<Value> {
    match rule(path) {
        Some(rule) => by_rule(rule, base, over, path, faults),
        None if over.is_null() => base.clone(),
        None => match (&base.kind, &over.kind) {
            (Kind::Map(_), Kind::Map(_)) => mappings(base, over, path, faults),
            (Kind::Seq(items), Kind::Seq(more)) => base.with(Kind::Seq(items.iter().chain(more).cloned().collect())),
            (Kind::Map(_) | Kind::Seq(_), _) => {
                let what = if base.is_map() { "a mapping" } else { "a list" };
                let message = format!("`{}` is {what} in the file before, and cannot be overridden by this", path.join("."));
                faults.at(over, message, format!("Write {what} here too."));
                base.clone()
            }
            _ => over.clone(),
        },
    }
}

fn mappings<'a>(base: &Arc<Value>, over: &'a Arc<Value>, path: &mut Vec<&'a str>, faults: &mut Faults) -> Arc<Value> {
    let mut merged = base.entries().to_vec();
    let known = Keys::of(base.entries());
    for entry in over.entries() {
        match known.find(&entry.key) {
            None => merged.push(entry.clone()),
            Some(at) => {
                path.push(&entry.key);
                let value = merge(&merged[at].value, &entry.value, path, faults);
                path.pop();
                // The key is told where it was last said.
                let said_here = !Arc::ptr_eq(&value, &merged[at].value);
                let there = &mut merged[at];
                there.value = value;
                if said_here {
                    (there.key_span, there.merged) = (entry.key_span, entry.merged);
                }
            }
        }
    }
    over.with(Kind::Map(merged))
}

fn by_rule<'a>(rule: Rule, base: &Arc<Value>, over: &'a Arc<Value>, path: &mut Vec<&'a str>, faults: &mut Faults) -> Arc<Value> {
    match rule {
        Rule::Replace => over.clone(),
        _ if over.is_null() => base.clone(),
        _ if base.is_null() => over.clone(),
        Rule::KeyValues => match (key_values(base), key_values(over)) {
            (Some(base), Some(over)) => replaced(&base, &over),
            _ => joined(&listed(base), &listed(over)),
        },
        Rule::Texts => joined(&listed(base), &listed(over)),
        Rule::Hosts => {
            let (base, over) = (host_items(base), host_items(over));
            let known = |item: &Arc<Value>| base.items().iter().any(|there| same(there, item));
            let new = over.items().iter().filter(|item| !known(item)).cloned();
            over.with(Kind::Seq(base.items().iter().cloned().chain(new).collect()))
        }
        Rule::Dependencies => by_key(&dependencies(base), &dependencies(over), faults),
        Rule::Networks => by_key(&named(base), &named(over), faults),
        Rule::Build => by_key(&build(base), &build(over), faults),
        Rule::Logging => {
            let driver = |value: &Value| value.get("driver").and_then(|driver| driver.text()).map(|text| text.value.clone());
            match (driver(base), driver(over)) {
                (Some(old), Some(new)) if old != new => over.clone(),
                _ => mappings(base, over, path, faults),
            }
        }
        Rule::Ulimit if base.is_map() && over.is_map() => mappings(base, over, path, faults),
        Rule::Ulimit => over.clone(),
        Rule::Subnets => subnets(base, over),
    }
}

/// Two mappings whose inner keys have no rule of their own.
fn by_key(base: &Arc<Value>, over: &Arc<Value>, faults: &mut Faults) -> Arc<Value> {
    if base.is_map() && over.is_map() { mappings(base, over, &mut Vec::new(), faults) } else { over.clone() }
}

fn joined(base: &Arc<Value>, over: &Arc<Value>) -> Arc<Value> {
    over.with(Kind::Seq(base.items().iter().chain(over.items()).cloned().collect()))
}

/// A list of `KEY=value` items as a mapping; a bare `KEY` has no value. `None` for what is neither.
pub fn key_values(value: &Arc<Value>) -> Option<Arc<Value>> {
    let items = match &value.kind {
        Kind::Map(_) => return Some(value.clone()),
        Kind::Seq(items) => items,
        Kind::Null | Kind::Scalar(..) => return None,
    };
    let mut entries: IndexMap<&str, Entry> = IndexMap::with_capacity(items.len());
    for item in items {
        let Kind::Scalar(text, Type::Str) = &item.kind else { return None };
        let (key, value) = match text.value.find('=') {
            Some(at) => (&text.value[..at], Kind::Scalar(text.slice(at + 1..text.value.len()), Type::Str)),
            None => (text.value.as_str(), Kind::Null),
        };
        entries.insert(key, Entry { key: key.to_owned(), key_span: item.span, value: item.derive(value), merged: None });
    }
    Some(value.derive(Kind::Map(entries.into_values().collect())))
}

/// Both mappings in one; a later value counts, be it none.
fn replaced(base: &Arc<Value>, over: &Arc<Value>) -> Arc<Value> {
    let mut merged = base.entries().to_vec();
    let known = Keys::of(base.entries());
    for entry in over.entries() {
        match known.find(&entry.key) {
            Some(at) => merged[at] = entry.clone(),
            None => merged.push(entry.clone()),
        }
    }
    over.with(Kind::Map(merged))
}

fn listed(value: &Arc<Value>) -> Arc<Value> {
    match &value.kind {
        Kind::Scalar(..) => value.derive(Kind::Seq(vec![value.clone()])),
        _ => value.clone(),
    }
}

/// `host: ip` as `host=ip` items; a host with several addresses gives one item for each.
pub fn host_items(value: &Arc<Value>) -> Arc<Value> {
    let Kind::Map(entries) = &value.kind else { return value.clone() };
    let item = |entry: &Entry, address: &Arc<Value>| {
        let text = address.text().cloned()?;
        let written = format!("{}={}", entry.key, text.value);
        Some(address.derive(Kind::Scalar(text.rewritten(written), Type::Str)))
    };
    let items = entries.iter().flat_map(|entry| {
        let addresses = if entry.value.is_seq() { entry.value.items() } else { std::slice::from_ref(&entry.value) };
        addresses.iter().filter_map(|address| item(entry, address)).collect::<Vec<_>>()
    });
    value.derive(Kind::Seq(items.collect()))
}

fn same(a: &Value, b: &Value) -> bool {
    a.text().is_some_and(|a| b.text().is_some_and(|b| a.value == b.value))
}

/// A list of names as a mapping of names to nothing.
pub fn named(value: &Arc<Value>) -> Arc<Value> {
    names(value, |item| item.derive(Kind::Null))
}

/// A list of services as a mapping of what the short form means.
pub fn dependencies(value: &Arc<Value>) -> Arc<Value> {
    names(value, |item| {
        let condition = tree::supplied(item, "condition", "service_started", Type::Str);
        item.derive(Kind::Map(vec![condition, tree::supplied(item, "required", "true", Type::Bool)]))
    })
}

fn names(value: &Arc<Value>, meaning: impl Fn(&Arc<Value>) -> Arc<Value>) -> Arc<Value> {
    let Kind::Seq(items) = &value.kind else { return value.clone() };
    let mut entries: Vec<Entry> = Vec::with_capacity(items.len());
    let mut seen = std::collections::HashSet::new();
    for item in items {
        if let Some(text) = item.text().filter(|text| seen.insert(text.value.clone())) {
            entries.push(Entry { key: text.value.clone(), key_span: item.span, value: meaning(item), merged: None });
        }
    }
    value.derive(Kind::Map(entries))
}

/// A path alone as a build with that context.
pub fn build(value: &Arc<Value>) -> Arc<Value> {
    match &value.kind {
        Kind::Scalar(..) => {
            let context = Entry { key: "context".to_owned(), key_span: value.span, value: value.clone(), merged: None };
            value.derive(Kind::Map(vec![context]))
        }
        _ => value.clone(),
    }
}

/// Ranges of one subnet are merged, others stand beside each other.
fn subnets(base: &Arc<Value>, over: &Arc<Value>) -> Arc<Value> {
    let subnet = |value: &Value| value.get("subnet").and_then(|subnet| subnet.text()).map(|text| text.value.clone());
    let mut out = base.items().to_vec();
    for range in over.items() {
        match out.iter_mut().find(|there| subnet(there).is_some() && subnet(there) == subnet(range)) {
            Some(there) => *there = mappings(there, range, &mut Vec::new(), &mut Faults::default()),
            None => out.push(range.clone()),
        }
    }
    over.with(Kind::Seq(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::resolve::testing::{of_service, value};

    fn merged(base: &str, over: &str) -> String {
        let mut faults = Faults::default();
        let of = |service: &str| value(&format!("services: {{a: {{{service}}}}}"));
        let out = documents(&of(base), &of(over), &mut faults);
        assert_eq!(faults.problems, [], "{base} | {over}");
        of_service(&out)
    }

    #[test]
    fn mappings_merge_lists_join_scalars_give_way() {
        assert_eq!(merged("image: x, cap_add: [a]", "image: y, cap_add: [b]"), "image: 'y', cap_add: ['a', 'b']");
        assert_eq!(merged("deploy: {replicas: 1}", "deploy: {mode: m}"), "deploy: {replicas: 1, mode: 'm'}");
        assert_eq!(merged("image: x", "image: null"), "image: 'x'");
    }

    #[test]
    fn commands_and_tests_are_replaced_whole() {
        assert_eq!(merged("command: [a, b]", "command: c"), "command: 'c'");
        assert_eq!(merged("command: a", "command: null"), "command: null");
        assert_eq!(
            merged("healthcheck: {test: [CMD, a], retries: 3}", "healthcheck: {test: b}"),
            "healthcheck: {test: 'b', retries: 3}"
        );
    }

    #[test]
    fn short_and_long_forms_mix() {
        assert_eq!(
            merged("depends_on: {b: {condition: service_healthy, restart: true}}", "depends_on: [b]"),
            "depends_on: {b: {condition: 'service_started', restart: true, required: true}}"
        );
        assert_eq!(merged("networks: [n]", "networks: {m: {aliases: [q]}}"), "networks: {n: null, m: {aliases: ['q']}}");
        assert_eq!(merged("extra_hosts: ['a:1']", "extra_hosts: {a: '2'}"), "extra_hosts: ['a:1', 'a=2']");
        assert_eq!(merged("build: ./x", "build: {target: t}"), "build: {context: './x', target: 't'}");
        assert_eq!(merged("tmpfs: /a", "tmpfs: [/b]"), "tmpfs: ['/a', '/b']");
    }

    #[test]
    fn variables_are_replaced_by_key_even_by_none() {
        assert_eq!(merged("environment: [A=1, B=2]", "environment: {B: 3, A: null}"), "environment: {A: null, B: 3}");
        assert_eq!(merged("environment: {A: 1}", "environment: [A, C=c]"), "environment: {A: null, C: 'c'}");
    }

    #[test]
    fn kinds_that_do_not_fit_are_a_fault() {
        let mut faults = Faults::default();
        documents(&value("services: {a: {ports: ['1']}}"), &value("services: {a: {ports: '2'}}"), &mut faults);
        assert_eq!(
            faults.problems[0].message,
            "`services.a.ports` is a list in the file before, and cannot be overridden by this"
        );
    }
}
