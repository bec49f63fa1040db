//! The rule `invalid-db-index`.

use super::{used_by, what};
use crate::compose::value::Text;
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::databases::{self, Databases, Index};
use crate::redis::once;
use crate::redis::uses::{Form, RedisUse};
use crate::redis::variables::Role;
use crate::rules::context::Context;
use crate::syntax::url;
use crate::text::span::Span;
use std::collections::BTreeMap;

crate::declare_rule! {
    /// Flags a database index that is no number, that the server does not have, or that a URL gives twice.
    ///
    /// ## Why
    ///
    /// The index is part of the address. A server has 16 databases, 0 to 15, unless `--databases` says otherwise, and a cluster has
    /// database 0 alone: with another index, each connection ends with "DB index is out of range". A word in its place stops some
    /// clients at once, and others (redis-py among them) use database 0 without a word. Of an index in the path and another one in
    /// `?db=`, each client takes the one it likes.
    ///
    /// It is quiet where the number of databases is not known: with a configuration file, and for servers outside the project.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/16
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    ///   api:
    ///     image: example/api:1.0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/15
    /// ```
    ///
    /// ## Fix
    ///
    /// None: which index holds the data is for a person to say.
    "invalid-db-index", "connection", Error, None
}

/// What is wrong with an index.
enum Fault {
    NotANumber,
    /// Above what the server has.
    TooHigh(u32, String, Databases),
    /// The path, the name of the parameter, and what that says.
    Twice(u32, &'static str, u32),
}

/// One index as it is written, and all connections that it reaches.
struct Group<'a> {
    uses: Vec<&'a RedisUse>,
    fault: Fault,
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let mut groups: Vec<(Span, Group<'_>)> = Vec::new();
    let mut at: BTreeMap<Span, usize> = BTreeMap::new();
    for usage in cx.redis.uses.iter().filter(|usage| !usage.several) {
        let Some((text, fault)) = fault(cx, usage) else { continue };
        let Some(span) = cx.project.docs.locate(&text, 0..text.value.len()) else { continue };
        let group = *at.entry(span).or_insert(groups.len());
        match groups.get_mut(group) {
            Some((_, group)) => group.uses.push(usage),
            None => groups.push((span, Group { uses: vec![usage], fault })),
        }
    }
    out.extend(groups.iter().map(|(span, group)| finding(cx, *span, group)));
}

fn fault(cx: &Context<'_>, usage: &RedisUse) -> Option<(Text, Fault)> {
    if let Some(twice) = twice(usage) {
        return Some(twice);
    }
    let text = usage.endpoint.as_ref()?.db.clone()?;
    match databases::read(&text) {
        Index::NotANumber => Some((text, Fault::NotANumber)),
        Index::Unclear => None,
        Index::Number(index) => {
            let server = cx.redis.server(usage.target.server()?)?;
            let databases = databases::of(server, cx.service(&server.service))?;
            (index >= databases.count()).then(|| (text, Fault::TooHigh(index, server.service.clone(), databases)))
        }
    }
}

/// An index in the path and another one in the query.
fn twice(usage: &RedisUse) -> Option<(Text, Fault)> {
    let value = &usage.text.value;
    let parts = url::parse(value).filter(|parts| !parts.is_multi() && !parts.is_socket())?;
    let number = |text: &Text| match databases::read(text) {
        Index::Number(index) => Some(index),
        Index::NotANumber | Index::Unclear => None,
    };
    let path = number(&usage.text.slice(parts.path.clone()?))?;
    ["db", "database", "virtual_host"].into_iter().find_map(|key| {
        let text = usage.text.slice(parts.query_value(value, key)?);
        let other = number(&text)?;
        (other != path).then_some((text, Fault::Twice(path, key, other)))
    })
}

/// The variable that holds the index.
fn variable(usage: &RedisUse) -> Option<&str> {
    let part = usage.parts.iter().find(|part| part.role == Role::Db).filter(|_| usage.form == Form::Split);
    part.map(|part| part.variable.as_str()).or(usage.variable.as_deref())
}

fn finding(cx: &Context<'_>, span: Span, group: &Group<'_>) -> Finding {
    let usage = group.uses[0];
    let name = variable(usage).map_or_else(|| what(usage), str::to_owned);
    let services = used_by(&once(group.uses.iter().map(|usage| usage.service.as_str())));
    let subject = Subject::service(&usage.service);
    let mut related = Vec::new();
    if let Fault::TooHigh(_, server, Databases::Told(_, text)) = &group.fault
        && let Some(told) = cx.project.docs.locate(text, 0..text.value.len())
    {
        related.push(Label::new(told, format!("the number of databases of {server}")));
    }
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: variable(usage).map_or(subject.clone(), |variable| subject.variable(variable)),
        message: format!("{}; {services}", message(&name, &group.fault)),
        why: why(&group.fault),
        help: help(&group.fault),
        primary: Label::new(span, "the index"),
        related,
        remedy: Remedy::Manual,
    }
}

fn message(name: &str, fault: &Fault) -> String {
    match fault {
        Fault::NotANumber => format!("{name} gives a database index that is no number"),
        Fault::TooHigh(index, server, Databases::Cluster) => {
            format!("{name} uses database {index}, and {server} is a node of a cluster, which has database 0 alone")
        }
        Fault::TooHigh(index, server, databases) => {
            format!("{name} uses database {index}, and {server} has 0 to {}", databases.count() - 1)
        }
        Fault::Twice(path, key, other) => format!("{name} says database {path} in its path and {other} in `?{key}=`"),
    }
}

fn why(fault: &Fault) -> String {
    match fault {
        Fault::NotANumber => "some clients refuse it, and others, such as redis-py, use database 0 without a word",
        Fault::TooHigh(_, _, Databases::Cluster) => {
            "the server answers \"SELECT is not allowed in cluster mode\" to each connection"
        }
        Fault::TooHigh(..) => "the server answers \"DB index is out of range\" to each connection",
        Fault::Twice(..) => "redis-py takes the one of the query, other clients the one of the path: they see different data",
    }
    .to_owned()
}

fn help(fault: &Fault) -> String {
    match fault {
        Fault::NotANumber => "write a number; to tell programs apart by name, use a key prefix".to_owned(),
        Fault::TooHigh(_, _, Databases::Cluster) => "leave the index out, or write 0".to_owned(),
        Fault::TooHigh(index, server, _) => {
            format!("choose an index that {server} has, or start it with `--databases {}`", u64::from(*index) + 1)
        }
        Fault::Twice(..) => "keep one of the two".to_owned(),
    }
}
