//! The rule `weak-redis-password`.

use crate::compose::value::{Home, Text};
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::passwords::{self, LEAST_LENGTH, Weakness};
use crate::redis::published;
use crate::redis::servers::{RedisServer, Setting};
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags the password of a Redis that is among those tried first, or too short for a port that is open to the network.
    ///
    /// ## Why
    ///
    /// Redis locks nobody out, and answers up to a million attempts a second (redis.conf says so itself). What stands in lists and tutorials
    /// is found at once, and a short password on an open port is a matter of time.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD:-redis}"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD:?}"]
    /// ```
    ///
    /// ## Fix
    ///
    /// None: a new password has to reach every client, wherever it runs. `openssl rand -hex 24` makes one.
    "weak-redis-password", "exposure", Warning, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.redis.servers.iter().filter(|server| !server.is_fragment) {
        let Setting::Set(text) = &server.password else { continue };
        if text.value.is_empty() || !text.missing().is_empty() || text.has_option() || is_literal_placeholder(text) {
            continue;
        }
        let port = published::open_ports(server, cx.service(&server.service)).next();
        let reason = match (passwords::weakness(&text.value, port.is_some()), port) {
            (Some(Weakness::WellKnown), _) => "is one of those that are tried first".to_owned(),
            (Some(Weakness::Short), Some(port)) => {
                format!("has less than {LEAST_LENGTH} characters, and its port is published ({})", cx.place(port.span))
            }
            _ => continue,
        };
        out.extend(finding(cx, server, text, &reason));
    }
}

/// A placeholder that stands in the compose file itself is the cause of `hardcoded-redis-password`.
fn is_literal_placeholder(text: &Text) -> bool {
    text.is_literal() && matches!(text.home(), Home::Yaml { .. }) && passwords::is_placeholder(&text.value)
}

fn finding(cx: &Context<'_>, server: &RedisServer, text: &Text, reason: &str) -> Option<Finding> {
    let span = cx.project.docs.locate(text, 0..text.value.len())?;
    let name = &server.service;
    let subject = match text.whole_default() {
        Some(variable) => format!("the password that {name} has unless {variable} is set"),
        None => format!("the password of {name}"),
    };
    Some(Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject: Subject::service(name),
        message: format!("{subject} {reason}"),
        why: "Redis locks nobody out and answers up to a million attempts a second".to_owned(),
        help: "take a long random one (openssl rand -hex 24) and give it to the server and to its clients".to_owned(),
        primary: Label::new(span, "a weak password"),
        related: Vec::new(),
        remedy: Remedy::Manual,
    })
}
