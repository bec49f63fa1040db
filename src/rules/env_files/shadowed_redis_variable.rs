//! The rule `shadowed-redis-variable`.

use super::layers;
use crate::compose::model::{EnvEntry, Service};
use crate::compose::value::{Home, Text};
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::endpoints::{self, Reading};
use crate::redis::hosts;
use crate::redis::once;
use crate::redis::settings;
use crate::redis::uses;
use crate::redis::variables::{self, Role};
use crate::rules::connection::choice::is_loose_astray;
use crate::rules::context::Context;
use crate::rules::editor::list;
use crate::text::span::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};

crate::declare_rule! {
    /// Flags a Redis variable of an env file whose value never reaches a service, because another place says something else.
    ///
    /// ## Why
    ///
    /// `environment` wins over `env_file`, and of several env files the last one wins. `.env` is given to no container at all: it fills in
    /// `${…}` of the compose file. A line that loses is still read by people: they see the server that it names, change it, and nothing
    /// happens.
    ///
    /// It is quiet where the difference is meant: a line for the host machine (`localhost`), a file that goes over another one by its name
    /// (`.env.local`), a later compose file, an empty value, and a line that something else uses.
    ///
    /// ## Bad
    ///
    /// ```dotenv
    /// REDIS_URL=redis://cache:6379/0
    /// ```
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   cache:
    ///     image: redis:7-alpine
    ///   api:
    ///     image: example/api:1.0
    ///     env_file: .env
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/0
    /// ```
    ///
    /// ## Good
    ///
    /// ```dotenv
    /// REDIS_URL=redis://redis:6379/0
    /// ```
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
    ///     env_file: .env
    /// ```
    ///
    /// ## Fix
    ///
    /// None: which of the two values is meant is for a person to say.
    "shadowed-redis-variable", "env-files", Warning, None
}

/// A line that loses, and what wins over it for one service.
struct Shadow<'a> {
    service: &'a Service,
    key: &'a str,
    /// The line that loses, and its value.
    at: Span,
    text: &'a Text,
    winner: &'a EnvEntry,
    /// The project's own env file, which is handed over to no service.
    is_project: bool,
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let shadows: Vec<Shadow<'_>> = in_services(cx).into_iter().chain(in_project_files(cx)).collect();
    if shadows.is_empty() {
        return;
    }
    let mut used = fed_lines(cx);
    // Lines that lead outside are reported as such.
    used.extend(cx.redis.loose.iter().filter(|loose| is_loose_astray(loose)).filter_map(|loose| line_of(loose.text.home())));
    let entries = cx.project.services.values().flat_map(|service| service.environment.values());
    let winners: BTreeSet<Span> = entries.map(|entry| entry.key_span).collect();
    let mut groups: BTreeMap<Span, Vec<Shadow<'_>>> = BTreeMap::new();
    for shadow in shadows {
        let is_used = line_of(shadow.text.home()).is_some_and(|line| used.contains(&line));
        if !is_used && !winners.contains(&shadow.at) {
            groups.entry(shadow.at).or_default().push(shadow);
        }
    }
    out.extend(groups.values().map(|group| finding(cx, group)));
}

/// A line of an env file.
type Line = (FileId, usize);

fn line_of(home: Home) -> Option<Line> {
    match home {
        Home::Env { file, line } => Some((file, line)),
        Home::Yaml { .. } | Home::Outside => None,
    }
}

/// The services that may have a Redis client and run.
fn clients<'a>(cx: &Context<'a>) -> impl Iterator<Item = &'a Service> {
    let redis = cx.redis;
    cx.project.services.values().filter(|service| service.enabled && uses::may_use(service, &redis.servers))
}

/// Lines of a service's own env files that `environment` or a later file overrides.
fn in_services<'a>(cx: &Context<'a>) -> Vec<Shadow<'a>> {
    let mut found = Vec::new();
    for service in clients(cx).filter(|service| !service.env_file_lines.is_empty()) {
        let lines = service.env_file_lines.iter().filter_map(|(key, entry)| Some((key, entry, entry.value.as_ref()?)));
        let for_host = for_host(lines.clone().map(|(key, entry, text)| (entry.key_span.file, key.as_str(), text)));
        for (key, entry, text) in lines.filter(|(key, _, text)| settings::is_setting(key, text)) {
            let Some(winner) = service.environment.get(key).filter(|winner| differ(text, winner)) else { continue };
            let file = entry.key_span.file;
            let is_meant = match winner.through {
                Some(through) => {
                    let other = winner.key_span.file;
                    other == file || layers::goes_over(cx.project, service, file, through, other)
                }
                // A later compose file, or one that is extended.
                None => entry.through.is_some_and(|through| through.file != winner.key_span.file),
            };
            if !is_meant && !for_host.contains(&(file, group_of(key))) {
                found.push(Shadow { service, key, at: entry.key_span, text, winner, is_project: false });
            }
        }
    }
    found
}

/// Lines of the project's env files that no service is given, while `environment` gives the same name another value.
fn in_project_files<'a>(cx: &Context<'a>) -> Vec<Shadow<'a>> {
    let lines = cx.project.services.values().flat_map(|service| &service.env_file_lines);
    let handed: BTreeSet<FileId> = lines.map(|(_, entry)| entry.key_span.file).collect();
    let own = cx.project.environment.iter().filter_map(|(key, text)| {
        let (file, _) = line_of(text.home()).filter(|(file, _)| !handed.contains(file))?;
        Some((file, key.as_str(), text.as_ref()))
    });
    if own.clone().next().is_none() {
        return Vec::new();
    }
    let for_host = for_host(own.clone());
    let mut given: BTreeMap<&str, Vec<(&Service, &EnvEntry)>> = BTreeMap::new();
    for service in clients(cx) {
        for (key, entry) in &service.environment {
            given.entry(key).or_default().push((service, entry));
        }
    }
    let mut found = Vec::new();
    for (file, key, text) in own.filter(|(_, key, text)| settings::is_setting(key, text)) {
        let (Some(at), Some(given)) = (key_place(cx, text), given.get(key)) else { continue };
        let all_differ = given.iter().all(|(_, winner)| winner.through.is_none() && differ(text, winner));
        if all_differ && !for_host.contains(&(file, group_of(key))) && !clients(cx).any(|service| may_load(service, key)) {
            found.extend(given.iter().map(|&(service, winner)| Shadow { service, key, at, text, winner, is_project: true }));
        }
    }
    found
}

/// Whether a service that is given no such variable may load the env file by itself.
fn may_load(service: &Service, key: &str) -> bool {
    let sees_files = service.build.is_some() || service.volumes.iter().any(|mount| mount.is_bind);
    sees_files && !service.environment.contains_key(key)
}

fn key_place(cx: &Context<'_>, text: &Text) -> Option<Span> {
    let Home::Env { file, line } = text.home() else { return None };
    Some(Span::new(file, cx.project.docs.env(file)?.entries.get(line)?.key_range.clone()))
}

/// Whether both values are known, not empty, and not the same.
fn differ(text: &Text, winner: &EnvEntry) -> bool {
    let Some(other) = &winner.value else { return false };
    let is_known = |text: &Text| !text.value.is_empty() && text.missing().is_empty() && !text.has_option();
    is_known(text) && is_known(other) && text.value != other.value
}

/// What the variables of one connection have in common.
fn group_of(key: &str) -> String {
    variables::read(key).map_or_else(|| key.to_owned(), |named| named.group)
}

/// The groups of variables, by file, that name the machine itself: they are for programs outside of containers.
fn for_host<'t>(lines: impl Iterator<Item = (FileId, &'t str, &'t Text)>) -> BTreeSet<(FileId, String)> {
    lines
        .filter(|(_, key, text)| settings::is_setting(key, text) && names_host(key) && leads_to_host(text))
        .map(|(file, key, _)| (file, group_of(key)))
        .collect()
}

fn names_host(key: &str) -> bool {
    variables::read(key).is_none_or(|named| matches!(named.role, Role::Host | Role::Address | Role::Url))
}

fn leads_to_host(text: &Text) -> bool {
    let end = match endpoints::from_url(text) {
        Reading::Nothing => endpoints::from_address(text),
        reading => reading,
    };
    matches!(end, Reading::One(end) if hosts::is_loopback(&end.host.value) || end.host.value == "host.docker.internal")
}

/// Lines of env files that something refers to: the compose files, or other lines.
fn fed_lines(cx: &Context<'_>) -> BTreeSet<Line> {
    let mut lines = BTreeSet::new();
    let mut add = |homes: &[Home]| lines.extend(homes.iter().filter_map(|&home| line_of(home)));
    for value in cx.project.values.iter().chain(cx.project.merged.as_ref()) {
        value.each_text(&mut |text| add(&text.homes()));
    }
    let of_services = cx.project.services.values().flat_map(|service| &service.env_file_lines);
    let of_files = of_services.filter_map(|(_, entry)| entry.value.as_ref());
    for text in cx.project.environment.values().map(AsRef::as_ref).chain(of_files) {
        // The first is where the text itself stands.
        add(&text.homes()[1..]);
    }
    lines
}

fn finding(cx: &Context<'_>, group: &[Shadow<'_>]) -> Finding {
    let Shadow { service, key, at, text, winner, is_project } = &group[0];
    let services = once(group.iter().map(|shadow| shadow.service.name.as_str()));
    // Two values that look the same, once their passwords are masked, tell nothing.
    let other = winner.value.as_ref().and_then(|text| settings::shown(key, text));
    let lost = settings::shown(key, text).filter(|shown| other.as_ref() != Some(shown));
    let other = other.filter(|_| lost.is_some()).unwrap_or_else(|| "something else".to_owned());
    let lost = lost.map(|shown| format!(" ({shown})")).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let winners = group.iter().map(|shadow| shadow.winner.key_span).filter(|span| seen.insert(*span));
    let (why, help) = match (is_project, winner.through) {
        (true, _) => (
            "this file fills in `${…}` of the compose file and is given to no container: who changes the line changes nothing",
            format!("remove one of the two, or write `{key}: ${{{key}}}` in the compose file to let this line decide"),
        ),
        (false, None) => {
            ("`environment` wins over `env_file`: who changes the line changes nothing", "remove one of the two".to_owned())
        }
        (false, Some(_)) => (
            "of several env files the last one wins: who changes the line changes nothing",
            "remove one of the two lines".to_owned(),
        ),
    };
    Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject: Subject::service(&service.name).variable(key),
        message: format!(
            "{key} in {}{lost} never reaches {}: {} says {other}",
            cx.place(*at),
            list(&services),
            cx.place(winner.key_span)
        ),
        why: why.to_owned(),
        help,
        primary: Label::new(*at, "never used"),
        related: winners.map(|span| Label::new(span, "this one wins")).collect(),
        remedy: Remedy::Manual,
    }
}
