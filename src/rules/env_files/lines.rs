//! Which lines of the project's env files concern Redis, and which reach a service.

use crate::compose::model::EnvEntry;
use crate::compose::value::{Home, Text};
use crate::redis::uses::may_use;
use crate::redis::{once, variables};
use crate::rules::context::Context;
use crate::syntax::dotenv::EnvLine;
use crate::syntax::interpolate::{self, Piece};
use crate::syntax::url;
use crate::syntax::yaml::Kind;
use crate::text::span::FileId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A line of an env file by its number among the file's statements.
pub type Line = (FileId, usize);

/// The lines that feed a service which is a Redis or may use one, with the names of those services.
pub fn fed<'a>(cx: &Context<'a>) -> BTreeMap<Line, Vec<&'a str>> {
    let mut lines: BTreeMap<Line, Vec<&'a str>> = BTreeMap::new();
    for service in cx.project.services.values() {
        if !may_use(service, &cx.redis.servers) && cx.redis.server(&service.name).is_none() {
            continue;
        }
        let mut add = |text: &Text| {
            for home in text.homes() {
                if let Home::Env { file, line } = home {
                    lines.entry((file, line)).or_default().push(&service.name);
                }
            }
        };
        service.environment.values().filter_map(|entry| entry.value.as_ref()).for_each(&mut add);
        if let Some(value) = &service.value {
            value.each_text(&mut add);
        }
    }
    lines.into_iter().map(|(line, services)| (line, once(services.into_iter()))).collect()
}

/// Whether a line sets something about a connection to Redis, by its name or by its value.
pub fn is_redis(entry: &EnvLine) -> bool {
    let value = entry.value.as_ref().map(|value| value.template.as_str()).unwrap_or_default();
    variables::read(&entry.key).is_some() || url::parse(value).is_some_and(|url| !url.is_socket())
}

/// The lines that a connection or a server of the project is made of, whatever they are called.
pub fn of_connections(cx: &Context<'_>) -> BTreeSet<Line> {
    let of_uses =
        cx.redis.uses.iter().flat_map(|usage| std::iter::once(&usage.text).chain(usage.parts.iter().map(|part| &part.text)));
    let of_servers = cx.redis.servers.iter().filter_map(|server| server.password.text());
    let homes = of_uses.chain(of_servers).flat_map(Text::homes);
    homes.filter_map(|home| if let Home::Env { file, line } = home { Some((file, line)) } else { None }).collect()
}

/// Whether a service is given a whole env file.
pub fn is_handed_over(cx: &Context<'_>, file: FileId) -> bool {
    let entries = cx.project.services.values().flat_map(|service| &service.env_files);
    entries.into_iter().any(|entry| {
        // One whose name is not known may be any file.
        !entry.path.missing().is_empty() || cx.project.docs.sources.find(Path::new(&entry.path.value)) == Some(file)
    })
}

/// The names of all variables that the compose files refer to or name in an environment, and those that an env file refers to.
pub fn named(cx: &Context<'_>) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (_, tree) in &cx.project.docs.trees {
        for node in tree.ids() {
            if let Kind::Scalar(scalar) = &tree.node(node).kind {
                of_template(&scalar.value, interpolate::MAX_DEPTH, &mut names);
            }
        }
    }
    for value in cx.project.docs.envs.iter().flat_map(|(_, doc)| &doc.entries).filter_map(|line| line.value.as_ref()) {
        if !value.is_literal() {
            of_template(&value.template, interpolate::MAX_DEPTH, &mut names);
        }
    }
    for service in cx.project.services.values() {
        let of_project =
            |entry: &EnvEntry| entry.value.as_ref().is_none_or(|text| matches!(text.home(), Home::Env { .. } | Home::Outside));
        names.extend(service.environment.iter().filter(|(_, entry)| of_project(entry)).map(|(key, _)| key.clone()));
    }
    names
}

fn of_template(template: &str, depth: usize, names: &mut BTreeSet<String>) {
    for piece in interpolate::parse(template).unwrap_or_default() {
        if let Piece::Variable(variable) = piece {
            if let Some((_, word)) = variable.op.filter(|_| depth > 0) {
                of_template(&template[word], depth - 1, names);
            }
            names.insert(variable.name);
        }
    }
}
