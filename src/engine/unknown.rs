//! What could not be judged in a project, why, and what would settle it: never a finding.

use crate::compose::faults::VALUE;
use crate::compose::model::Project;
use crate::diagnostic::{Subject, Unknown};
use crate::platform::{self, Platform};
use crate::redis::Redis;
use crate::redis::hosts::Target;
use crate::redis::servers::{Hiding, Part, RedisServer, Setting};
use crate::redis::uses::{MAY_BE_INSIDE, RedisUse};
use crate::redis::variables::Role;
use crate::rules::editor::list;
use crate::text::span::Span;
use std::collections::BTreeSet;

/// All that could not be judged, once each.
pub(super) fn of(project: &Project, redis: &Redis) -> Vec<Unknown> {
    let mut look = Look { project, redis, is_on_coolify: None };
    let mut out: Vec<Unknown> = project.unknown.iter().map(|unknown| look.required(unknown)).collect();
    out.extend(project.problems.iter().filter(|problem| platform::takes(project, problem)).map(|problem| Unknown {
        subject: Subject::default(),
        reason: format!(
            "{} is a key of Coolify's, and Compose alone rejects the project",
            project.docs.sources.text(problem.span)
        ),
        settled_by: DEPLOYMENT.to_owned(),
        span: Some(problem.span),
    }));
    out.extend(redis.uses.iter().filter_map(|usage| look.usage(usage)));
    for server in redis.servers.iter().filter(|server| server.part != Part::Sentinel && !server.is_fragment) {
        out.extend(hidden(server));
        out.extend(look.password(server));
    }
    let mut seen = BTreeSet::new();
    out.retain(|unknown| seen.insert((unknown.subject.clone(), unknown.reason.clone(), unknown.span)));
    out
}

struct Look<'a> {
    project: &'a Project,
    redis: &'a Redis,
    is_on_coolify: Option<bool>,
}

/// What settles a value that a platform supplies.
const DEPLOYMENT: &str = "the deployment";

impl Look<'_> {
    /// Who supplies these variables, where a platform does all of them.
    fn supplied(&mut self, names: &[&str]) -> Option<String> {
        let all = !names.is_empty() && names.iter().all(|name| platform::is_coolify_variable(name));
        let project = self.project;
        let on_coolify = |platform| platform == Platform::Coolify;
        let is_there =
            all && *self.is_on_coolify.get_or_insert_with(|| platform::of(project).is_some_and(|sign| on_coolify(sign.platform)));
        is_there.then(|| format!("Coolify supplies {}, and no file of the project does", list(&each_once(names))))
    }

    /// What reading the files left open; of a variable that must have a value, perhaps the platform's.
    fn required(&mut self, unknown: &Unknown) -> Unknown {
        let supplied = unknown.subject.variable.as_deref().and_then(|name| self.supplied(&[name]));
        match supplied {
            Some(reason) => Unknown { reason, settled_by: DEPLOYMENT.to_owned(), ..unknown.clone() },
            None => unknown.clone(),
        }
    }

    fn usage(&mut self, usage: &RedisUse) -> Option<Unknown> {
        let (reason, settled_by) = match &usage.target {
            Target::Undetermined(reason) => self.undetermined(usage, reason),
            Target::Several => (
                "it names several hosts (a cluster or sentinels), which are not judged".to_owned(),
                "a look at each of the hosts".to_owned(),
            ),
            // `host-network-mismatch` or `no-shared-network` tells it.
            Target::Unreachable(name, _) if self.redis.server(name).is_some_and(|server| !server.is_fragment) => return None,
            Target::Unreachable(name, reason) => {
                (format!("it leads to {name}, which it does not reach: {reason}"), "a network that both are on".to_owned())
            }
            Target::Service(name) => (
                format!("it leads to {name}, which is not known to be a Redis"),
                format!("an image of {name} that is known to be one, or the name of the Redis behind it"),
            ),
            _ => return None,
        };
        let mut subject = Subject::service(&usage.service);
        subject.variable.clone_from(&usage.variable);
        Some(Unknown { subject, reason, settled_by, span: Some(usage.key_span) })
    }

    fn undetermined(&mut self, usage: &RedisUse, reason: &str) -> (String, String) {
        let mut missing = usage.text.missing();
        let service = &self.project.services[&usage.service];
        let bare = usage.variable.as_deref().filter(|name| service.environment.get(*name).is_some_and(|it| it.value.is_none()));
        missing.extend(bare);
        missing.extend(usage.parts.iter().filter(|part| part.role == Role::Port).flat_map(|part| part.text.missing()));
        if let Some(reason) = self.supplied(&missing) {
            return (reason, DEPLOYMENT.to_owned());
        }
        let settled_by = match usage.endpoint.as_ref().map(|endpoint| endpoint.host.value.as_str()) {
            _ if !missing.is_empty() => VALUE.to_owned(),
            None => "a host that is written out".to_owned(),
            Some(_) if reason == MAY_BE_INSIDE => "the name of a Redis service in its place, or a look into the image".to_owned(),
            Some(_) if self.project.incomplete => "the file that is not here".to_owned(),
            Some(host) => format!("a service of this project called {host}, or the files of the project that it belongs to"),
        };
        (reason.to_owned(), settled_by)
    }

    /// The password of a server, where a variable without a value is all that is said of it.
    fn password(&mut self, server: &RedisServer) -> Option<Unknown> {
        let Setting::Set(text) = &server.password else { return None };
        let missing = text.missing();
        if missing.is_empty() {
            return None;
        }
        let span = self.project.docs.written(text).or(Some(server.span));
        let (reason, settled_by) = match self.supplied(&missing) {
            Some(reason) => (format!("its password is not known: {reason}"), DEPLOYMENT),
            None => (format!("its password is not known: {} no value in any file of the project", have(&missing)), VALUE),
        };
        Some(Unknown { subject: Subject::service(&server.service), reason, settled_by: settled_by.to_owned(), span })
    }
}

fn have(names: &[&str]) -> String {
    let names = each_once(names);
    format!("{} {}", list(&names), if names.len() == 1 { "has" } else { "have" })
}

fn each_once<'a>(names: &[&'a str]) -> Vec<&'a str> {
    crate::redis::once(names.iter().copied())
}

/// A server that is set up in a place which is not read, and what is therefore not known of it.
fn hidden(server: &RedisServer) -> Option<Unknown> {
    let hiding = server.hiding?;
    let is_hidden = |setting: &Setting| matches!(setting, Setting::Hidden | Setting::Sealed);
    let mut open = Vec::new();
    if is_hidden(&server.password) {
        open.push("password");
    }
    if is_hidden(&server.maxmemory) {
        open.push("maxmemory");
    }
    if is_hidden(&server.policy) {
        open.push("eviction policy");
    }
    if server.persists().is_none() && !server.is_pure_cache() {
        open.push("persistence");
    }
    if open.is_empty() {
        return None;
    }
    let (what, settled_by, span) = said(hiding);
    let reason = format!("{what}, so its {} {} not known", list(&open), if open.len() == 1 { "is" } else { "are" });
    Some(Unknown { subject: Subject::service(&server.service), reason, settled_by: settled_by.to_owned(), span: Some(span) })
}

fn said(hiding: Hiding) -> (&'static str, &'static str, Span) {
    const OPTIONS: &str = "an option on its command line, such as `--requirepass`,";
    match hiding {
        Hiding::Config(span) => ("it is set up by a config file, which is not read", OPTIONS, span),
        Hiding::Wrapper(span) => ("a script stands around the server, which may set more", OPTIONS, span),
        Hiding::Image(span) => ("its image is built here or not known, and may bring a configuration", OPTIONS, span),
        Hiding::Variable(span) => ("a part of its command depends on a variable without a value", VALUE, span),
    }
}
