//! The rule `external-redis-url`.

use super::{Group, choice, groups, noun, rewrite, used_by};
use crate::diagnostic::{Finding, Label, Severity, Subject};
use crate::redis::hosts::{External, Target};
use crate::redis::uses::{LooseUrl, RedisUse};
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags a Redis connection that leads to a host outside the project: an address, a name with a dot, or the host machine.
    ///
    /// ## Why
    ///
    /// A service of the stack then lives and dies with a server that the stack neither starts nor watches: its firewall, its TLS port, its
    /// restarts show as "Connection closed by server" in the logs of your services, and nothing here can wait for it. A password in such
    /// a URL travels over the network in plain text unless the URL starts with `rediss://`.
    ///
    /// A managed service (Upstash, Amazon and the like) is usually meant: there the finding is a warning.
    ///
    /// ## Bad
    ///
    /// ```dotenv
    /// REDIS_URL=redis://default:s3cret@203.0.113.10:6380/3
    /// ```
    ///
    /// ```yaml
    /// services:
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: ${REDIS_URL}
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
    ///   api:
    ///     image: example/api:1.0
    ///     environment:
    ///       REDIS_URL: ${REDIS_URL}
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it rewrites the URL, or the whole group of `*_HOST`, `*_PORT`, `*_PASSWORD` and `*_DB`, to the project's own Redis, in the
    /// place where the value is written. Data on the old server stay there.
    "external-redis-url", "connection", Error, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for group in groups(cx, |usage| matches!(usage.target, Target::External(_))) {
        out.push(finding(cx, &group));
    }
    for loose in cx.redis.loose.iter().filter(|loose| choice::is_loose_astray(loose)) {
        out.push(loose_finding(cx, loose));
    }
}

fn kind(usage: &Target) -> (&'static str, Severity) {
    match usage {
        Target::External(External::Provider(_)) => ("a managed service", Severity::Warning),
        Target::External(External::HostGateway) => ("the host machine, not a service of this project", Severity::Error),
        Target::External(External::PrivateAddress) => ("a private address outside this project", Severity::Error),
        _ => ("outside this project", Severity::Error),
    }
}

fn finding(cx: &Context<'_>, group: &Group<'_>) -> Finding {
    let usage = group.first();
    let (kind, severity) = kind(&usage.target);
    let to = group.endpoint().address_by(usage.address);
    Finding {
        rule: META.name,
        severity,
        subject: group.subject(),
        message: format!("{} leads to {to}, {kind}; {}", group.what(), used_by(&group.services())),
        why: why(usage),
        help: help(usage),
        primary: Label::new(group.span, kind),
        related: group.ways(cx),
        remedy: rewrite::remedy(cx, &group.uses),
    }
}

fn why(usage: &RedisUse) -> String {
    match usage.target {
        Target::External(External::Provider(name)) => {
            format!("{name} is reached over the internet: an outage or a lapsed plan there stops these services")
        }
        Target::External(External::HostGateway) => "the stack then needs a Redis that somebody installed on each machine it runs on".to_owned(),
        _ => "nothing in this project starts, watches or waits for that server: when it is away, these services fail with \"Connection closed by server\""
            .to_owned(),
    }
}

fn help(usage: &RedisUse) -> String {
    if usage.several {
        return "run the servers in this project and name them here, or one Redis instead of them".to_owned();
    }
    format!("run a Redis in this project and let the {} name it: `cachelint migrate` does both", noun(usage))
}

fn loose_finding(cx: &Context<'_>, loose: &LooseUrl) -> Finding {
    let what = loose.variable.clone().unwrap_or_else(|| "a Redis URL".to_owned());
    let host = &loose.endpoint.host;
    let span = cx.project.docs.locate(host, 0..host.value.len()).unwrap_or(loose.span);
    Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject: Subject { variable: loose.variable.clone(), ..Subject::default() },
        message: format!(
            "{what} leads to {}, outside this project; no service that uses Redis reads it",
            loose.endpoint.address()
        ),
        why: "whatever reads it next (a default that comes into use, an app that loads the file itself) is led to that server"
            .to_owned(),
        help: "name the project's own Redis here, or remove the value".to_owned(),
        primary: Label::new(span, "outside this project"),
        related: Vec::new(),
        remedy: rewrite::loose_remedy(cx, loose),
    }
}
