//! The rule `password-as-username`.

use super::{Group, groups_at, start, used_by};
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity};
use crate::redis::hosts::Target;
use crate::redis::servers::{RedisServer, Setting};
use crate::redis::uses::RedisUse;
use crate::redis::variables::Role;
use crate::rules::context::Context;
use crate::syntax::url;
use std::ops::Range;

crate::declare_rule! {
    /// Flags a Redis URL with a single word before the `@`: clients take it for a user name, not for the password.
    ///
    /// ## Why
    ///
    /// What stands before the `@` is `user:password`. Without a colon it is the user, and the client logs in as a user that does not
    /// exist, with no password: Redis answers WRONGPASS or NOAUTH. A password alone is written `redis://:password@host`.
    ///
    /// It is quiet where the word may be a user: `default`, a server with users of its own, a password in a variable beside the URL.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: redis-server --requirepass ${REDIS_PASSWORD}
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: redis://${REDIS_PASSWORD}@redis:6379/0
    /// ```
    ///
    /// ```dotenv
    /// REDIS_PASSWORD=s3cret-fixture-4711
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: redis-server --requirepass ${REDIS_PASSWORD}
    ///     environment:
    ///       REDISCLI_AUTH: ${REDIS_PASSWORD}
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: redis://:${REDIS_PASSWORD}@redis:6379/0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    /// ```
    ///
    /// ```dotenv
    /// REDIS_PASSWORD=s3cret-fixture-4711
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it puts the colon in front of the word, so that the word is the password. If a user was meant, its password is what is
    /// missing.
    "password-as-username", "connection", Warning, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for group in groups_at(cx, |usage| word(cx, usage).and_then(|_| start(cx, usage))) {
        out.push(finding(cx, &group));
    }
}

/// The single word of a URL's userinfo, where it cannot be a user.
fn word(cx: &Context<'_>, usage: &RedisUse) -> Option<Range<usize>> {
    usage.endpoint.as_ref().filter(|_| !usage.several)?;
    let text = &usage.text;
    let parts = url::parse(&text.value).filter(|parts| parts.password.is_none())?;
    let word = parts.username.clone().filter(|word| !word.is_empty())?;
    let value = &text.value[word.clone()];
    // A variable without a value, or one of a shell, is not known.
    let is_known = !text.is_open(&word) && !value.contains('$');
    let named =
        text.slice(word.clone()).references().iter().any(|reference| reference.name.to_ascii_uppercase().contains("USER"));
    let beside = usage.parts.iter().any(|part| matches!(part.role, Role::Password | Role::PasswordFile));
    let in_query = ["password", "username", "user"].iter().any(|key| parts.query_value(&text.value, key).is_some());
    let may_be_user = value.eq_ignore_ascii_case("default") || named || beside || in_query;
    let has_no_users = match &usage.target {
        Target::Server(name) => cx.redis.server(name).is_some_and(|server| has_one_user(cx, server)),
        Target::External(_) => true,
        _ => false,
    };
    (is_known && !may_be_user && has_no_users).then_some(word)
}

/// Whether the files tell that a server knows the user `default` alone.
fn has_one_user(cx: &Context<'_>, server: &RedisServer) -> bool {
    let by_variable = cx.service(&server.service).environment.keys().any(|key| key.to_ascii_uppercase().contains("ACL"));
    !server.hidden && !server.is_fragment && server.flag("user").is_none() && !by_variable
}

fn finding(cx: &Context<'_>, group: &Group<'_>) -> Finding {
    let usage = group.first();
    let endpoint = group.endpoint();
    let open = server(cx, usage).is_some_and(|server| server.password.is_absent());
    Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject: group.subject(),
        message: format!(
            "{} has one word before the `@` and no colon, {}: it is the user name, and no password is given; {}",
            group.what(),
            endpoint.shown(true),
            used_by(&group.services())
        ),
        why: "the client logs in as a user that the server does not have, and Redis refuses with WRONGPASS or NOAUTH".to_owned(),
        help: if open {
            "this Redis asks for no password: remove the word and the `@`".to_owned()
        } else {
            "put a `:` in front of the password".to_owned()
        },
        primary: Label::new(group.span, "a `:` is missing behind this"),
        related: group.ways(cx),
        remedy: remedy(cx, usage),
    }
}

fn server<'a>(cx: &Context<'a>, usage: &RedisUse) -> Option<&'a RedisServer> {
    cx.redis.server(usage.target.server()?)
}

fn remedy(cx: &Context<'_>, usage: &RedisUse) -> Remedy {
    let Some(word) = word(cx, usage) else { return Remedy::Manual };
    let value = &usage.text.value[word.clone()];
    if let Some(server) = server(cx, usage) {
        let name = &server.service;
        match &server.password {
            Setting::Absent => {
                return Remedy::Refused(format!("{name} asks for no password; remove what stands before the `@`"));
            }
            Setting::Set(own) if own.value != value && own.missing().is_empty() && !own.value.contains('$') => {
                return Remedy::Refused(format!("what stands before the `@` is not the password of {name}"));
            }
            Setting::Set(_) | Setting::Hidden | Setting::Sealed => {}
        }
    }
    // The slash in front belongs to the URL itself, whatever the word comes from.
    let site = usage.text.site_of(word.start - 1..word.start);
    let title = format!("Put a `:` in front of the password in {}", super::what(usage));
    let caveat = "if a user was meant, add its password instead".to_owned();
    Remedy::offer(Applicability::Unsafe, title, Some(caveat), cx.editor().set(&site, "/:"))
}
