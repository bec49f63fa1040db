//! The rule `redis-auth-mismatch`.

use super::ignored_redis_password::ignored;
use crate::compose::model::Role;
use crate::compose::value::Text;
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::logins::{self, Login};
use crate::redis::once;
use crate::redis::passwords::Likeness;
use crate::redis::servers::{Part, RedisServer, Setting};
use crate::redis::uses::RedisUse;
use crate::redis::variables;
use crate::rules::connection::{credentials, what};
use crate::rules::context::Context;
use crate::rules::editor::list;
use crate::text::span::{FileId, Span};
use indexmap::IndexMap;

crate::declare_rule! {
    /// Flags a client and a Redis that do not agree on the password.
    ///
    /// ## Why
    ///
    /// A server with a password answers everything else with NOAUTH or WRONGPASS. A client with a password that the server does not ask
    /// for is refused too: "AUTH called without any password configured", which some clients log and others stop at.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/0
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD:?}"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: redis://:${REDIS_PASSWORD:?}@redis:6379/0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD:?}"]
    ///     environment:
    ///       REDISCLI_AUTH: ${REDIS_PASSWORD:?}
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it puts the server's password into the client's URL or variable, as the expression that the server has it from; where the
    /// server has none, it takes the client's away. The server stays as it is.
    "redis-auth-mismatch", "service", Error, Unsafe
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Fault {
    /// The server asks for a password, and the client has none.
    Bare,
    Different,
    /// The client has a password, and the server asks for none.
    Needless,
}

/// Uses that are told the same at the same places.
struct Group<'a> {
    fault: Fault,
    uses: Vec<&'a RedisUse>,
    /// Where the password stands, or the URL or the host that comes without one.
    spans: Vec<Span>,
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let is_known = |server: &RedisServer| !matches!(server.password, Setting::Hidden | Setting::Sealed);
    let judged = |server: &&RedisServer| !server.is_fragment && server.part != Part::Sentinel && is_known(server);
    for server in cx.redis.servers.iter().filter(judged).filter(|server| ignored(cx, server).is_none()) {
        for group in groups(cx, server) {
            out.push(finding(cx, server, &group));
        }
    }
}

fn groups<'a>(cx: &Context<'a>, server: &RedisServer) -> Vec<Group<'a>> {
    let mut groups: IndexMap<(Fault, Vec<Span>), Vec<&'a RedisUse>> = IndexMap::new();
    for usage in cx.redis.uses_to(&server.service) {
        let login = logins::of(cx.redis, usage);
        let Some(fault) = fault(cx, server, usage, &login) else { continue };
        let spans = spans(cx, usage, &login);
        if !spans.is_empty() {
            groups.entry((fault, spans)).or_default().push(usage);
        }
    }
    groups.into_iter().map(|((fault, spans), uses)| Group { fault, uses, spans }).collect()
}

fn fault(cx: &Context<'_>, server: &RedisServer, usage: &RedisUse, login: &Login<'_>) -> Option<Fault> {
    // Users of their own are known to an access list that the files need not show.
    if logins::names_user(usage) || is_guess(cx, server, usage) {
        return None;
    }
    match (&server.password, login) {
        (Setting::Set(own), Login::Bare) => is_set(cx, own).then_some(Fault::Bare),
        (Setting::Set(own), Login::Passwords(_)) => (login.likeness(own) == Likeness::Different).then_some(Fault::Different),
        (Setting::Absent, Login::Passwords(passwords)) => {
            let known = passwords.iter().all(|(text, _)| text.missing().is_empty());
            // The user `default` of an open server takes any password (Redis 6 and later).
            let refused = !logins::is_default_user(usage) && server.flag("requirepass").is_none();
            (known && refused).then_some(Fault::Needless)
        }
        _ => None,
    }
}

/// Whether nobody says that the files of server and client run together: an overlay may belong to another base.
fn is_guess(cx: &Context<'_>, server: &RedisServer, usage: &RedisUse) -> bool {
    let last = cx.project.files.last().copied();
    let asks = server.password.text().and_then(|text| cx.project.docs.written(text));
    let is_last = |file: FileId| Some(file) == last;
    cx.project.role == Role::Overlay && is_last(asks.unwrap_or(server.span).file) != is_last(usage.key_span.file)
}

/// Whether a password is set for certain: `${NAME:?}` has a value wherever the project runs.
fn is_set(cx: &Context<'_>, text: &Text) -> bool {
    let written = cx.project.docs.template(text).unwrap_or_default();
    !text.has_option() && (text.missing().is_empty() || (written.contains(":?") && !written.contains(":-")))
}

/// The places that a group has in common: the first is where the finding points.
fn spans(cx: &Context<'_>, usage: &RedisUse, login: &Login<'_>) -> Vec<Span> {
    let locate = |text: &Text| cx.project.docs.locate(text, 0..text.value.len());
    let of_login = match login {
        Login::Passwords(passwords) => passwords.iter().filter_map(|(text, _)| locate(text)).collect(),
        Login::Bare | Login::Unknown => Vec::new(),
    };
    of_login.into_iter().chain(locate(&usage.text)).collect()
}

const WRONG: &str = "the login is answered with \"WRONGPASS invalid username-password pair\", and everything behind it fails";
const NEEDLESS: &str =
    "the server answers \"AUTH called without any password configured\", which some clients log and others stop at";

fn finding(cx: &Context<'_>, server: &RedisServer, group: &Group<'_>) -> Finding {
    let (first, name) = (group.uses[0], &server.service);
    let services = once(group.uses.iter().map(|usage| usage.service.as_str()));
    // Of a split connection, the variable that holds the password.
    let holder = first.parts.iter().find(|part| part.role == variables::Role::Password).map(|part| part.variable.clone());
    let what = holder.clone().filter(|_| group.fault != Fault::Bare).unwrap_or_else(|| what(first));
    let who = if first.variable.is_some() || services.len() > 1 { format!(" of {}", list(&services)) } else { String::new() };
    let asks = server.password.text().and_then(|text| cx.project.docs.written(text));
    let at = asks.map(|span| format!(" ({})", cx.place(span))).unwrap_or_default();
    let (message, why, label) = match group.fault {
        Fault::Bare => (
            format!("{what}{who} leads to {name} without a password, and {name} asks for one{at}"),
            "every command is answered with \"NOAUTH Authentication required\"",
            "no password here",
        ),
        Fault::Different if holder.is_some() => {
            (format!("{what}{who} is another password than {name} asks for{at}"), WRONG, "not the server's password")
        }
        Fault::Needless if holder.is_some() => (
            format!("{what}{who} gives {name} a password, and {name} asks for none"),
            NEEDLESS,
            "a password that nobody asks for",
        ),
        Fault::Different => (
            format!("{what}{who} leads to {name} with another password than {name} asks for{at}"),
            WRONG,
            "not the server's password",
        ),
        Fault::Needless => (
            format!("{what}{who} leads to {name} with a password, and {name} asks for none"),
            NEEDLESS,
            "a password that nobody asks for",
        ),
    };
    let subject = Subject::service(&first.service);
    Finding {
        rule: META.name,
        severity: if group.fault == Fault::Needless { Severity::Warning } else { Severity::Error },
        subject: first.variable.as_ref().map_or(subject.clone(), |variable| subject.variable(variable)),
        message,
        why: why.to_owned(),
        help: match group.fault {
            Fault::Needless => format!("give {name} the password with --requirepass, or take it from the client"),
            _ => "give both the same expression, such as ${REDIS_PASSWORD}".to_owned(),
        },
        primary: Label::new(group.spans[0], label),
        related: asks.map_or_else(
            || vec![Label::new(server.span, format!("{name} has no password"))],
            |span| vec![Label::new(span, format!("what {name} asks for"))],
        ),
        remedy: remedy(cx, server, group, &what),
    }
}

fn remedy(cx: &Context<'_>, server: &RedisServer, group: &Group<'_>, what: &str) -> Remedy {
    let name = &server.service;
    let (title, caveat) = match group.fault {
        Fault::Needless => (
            format!("Remove the password from {what}"),
            format!("its value is lost; if {name} should ask for one, give it --requirepass instead"),
        ),
        _ => (format!("Give {what} the password of {name}"), format!("{what} works with no other Redis from then on")),
    };
    Remedy::offer(Applicability::Unsafe, title, Some(caveat), credentials::change(cx, server, &group.uses))
}
