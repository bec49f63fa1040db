//! The rule `tls-mismatch`.

use super::{Group, groups, used_by};
use crate::diagnostic::{Finding, Label, Remedy, Severity};
use crate::redis::endpoints::Endpoint;
use crate::redis::hosts::{External, Target};
use crate::redis::providers;
use crate::redis::servers::{DEFAULT_PORT, RedisServer};
use crate::redis::uses::{Form, RedisUse};
use crate::redis::variables::Role;
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags a connection with TLS to a Redis that speaks without it, or one without TLS to a server that takes nothing else.
    ///
    /// ## Why
    ///
    /// To a Redis without TLS the first bytes of `rediss://` are a broken command: the client hangs or fails. The other way round the server
    /// cuts the connection at once, which clients report as "Connection closed by server" or "Connection reset by peer".
    ///
    /// Outside the project only names and ports can be judged: port 6380 and the hosts of providers that take TLS alone. There the
    /// finding is a warning.
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
    ///       REDIS_URL: rediss://redis:6379/0
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
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/0
    ///     depends_on:
    ///       redis:
    ///         condition: service_healthy
    /// ```
    ///
    /// ## Fix
    ///
    /// None: whether the client gives up TLS or the server gets a certificate is a decision.
    "tls-mismatch", "connection", Error, None
}

/// How the two ends differ.
#[derive(Debug, Clone, Copy)]
enum Mismatch<'a> {
    /// TLS to a server of the project that has none at that port.
    Plain(&'a RedisServer),
    /// No TLS to a port of the project that takes nothing else.
    TlsOnly(&'a RedisServer),
    /// No TLS to a host outside that likely takes nothing else.
    Outside(Option<&'static str>),
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for group in groups(cx, |usage| mismatch(cx, usage).is_some()) {
        let Some(mismatch) = mismatch(cx, group.first()) else { continue };
        out.push(finding(cx, &group, mismatch));
    }
}

fn mismatch<'a>(cx: &Context<'a>, usage: &RedisUse) -> Option<Mismatch<'a>> {
    let endpoint = usage.endpoint.as_ref().filter(|_| !usage.several)?;
    match &usage.target {
        Target::Server(name) => {
            let server = cx.redis.server(name).filter(|server| !server.is_fragment)?;
            let (with, without) = (server.port_for(true), server.port_for(false));
            if !cx.is_alone(server, &usage.service) {
                None
            } else if endpoint.tls {
                let is_plain = with.is_none() || (usage.port.is_some() && usage.port == without);
                (is_plain && without.is_some()).then_some(Mismatch::Plain(server))
            } else {
                let only = with.is_some() && (without.is_none() || usage.port == with);
                (only && !may_say_tls(cx, usage)).then_some(Mismatch::TlsOnly(server))
            }
        }
        Target::External(External::Provider(provider)) if !endpoint.tls && !may_say_tls(cx, usage) => {
            let wants = providers::wants_tls(&endpoint.host.value);
            let outside = Mismatch::Outside(wants.then_some(provider));
            (wants || endpoint.dials().is_some_and(providers::is_tls_port)).then_some(outside)
        }
        Target::External(External::PublicAddress | External::Name) if !endpoint.tls && !may_say_tls(cx, usage) => {
            endpoint.dials().filter(|&port| providers::is_tls_port(port)).map(|_| Mismatch::Outside(None))
        }
        _ => None,
    }
}

/// Whether something beside the scheme may switch TLS on: an option of the URL, or a variable of the service.
fn may_say_tls(cx: &Context<'_>, usage: &RedisUse) -> bool {
    let is_option = |pair: &str| pair.starts_with("ssl") || pair.starts_with("tls");
    let query = usage.endpoint.as_ref().and_then(|endpoint| endpoint.query.as_ref());
    let in_query = query.is_some_and(|query| query.value.to_ascii_lowercase().split('&').any(is_option));
    let by_variable = cx.redis.settings(&usage.service).is_some_and(|settings| settings.may_say_tls);
    in_query || by_variable
}

/// What is said of a mismatch.
struct Words {
    severity: Severity,
    /// What stands behind the address.
    clause: String,
    why: String,
    help: String,
}

fn finding(cx: &Context<'_>, group: &Group<'_>, mismatch: Mismatch<'_>) -> Finding {
    let usage = group.first();
    let words = words(cx, usage, group.endpoint(), mismatch);
    let address = group.endpoint().address_by(usage.address);
    // `external-redis-url` shows the ways to a host outside.
    let related = if matches!(mismatch, Mismatch::Outside(None)) { Vec::new() } else { group.ways(cx) };
    Finding {
        rule: META.name,
        severity: words.severity,
        subject: group.subject(),
        message: format!("{} leads to {address} {}; {}", group.what(), words.clause, used_by(&group.services())),
        why: words.why,
        help: words.help,
        primary: Label::new(group.span, if group.endpoint().tls { "with TLS" } else { "without TLS" }),
        related,
        remedy: Remedy::Manual,
    }
}

fn words(cx: &Context<'_>, usage: &RedisUse, endpoint: &Endpoint, mismatch: Mismatch<'_>) -> Words {
    let at = |port: Option<u16>| format!("{}:{}", endpoint.host.value, port.unwrap_or(DEFAULT_PORT));
    match mismatch {
        Mismatch::Plain(server) => Words {
            severity: Severity::Error,
            clause: format!(
                "with TLS ({}), and {} ({}) speaks without it, on {}",
                sign(usage),
                server.service,
                cx.place(server.span),
                server.port_for(false).unwrap_or(DEFAULT_PORT)
            ),
            why: format!("{} takes the TLS greeting for a broken command: the client hangs or fails each time", server.service),
            help: help(usage, "without TLS", "redis", &at(server.port_for(false))),
        },
        Mismatch::TlsOnly(server) => Words {
            severity: Severity::Error,
            clause: format!(
                "without TLS, and {} wants it on {} ({})",
                server.service,
                server.port_for(true).unwrap_or(DEFAULT_PORT),
                tls_place(cx, server)
            ),
            why: format!("{} cuts a connection that does not start with a TLS greeting", server.service),
            help: help(usage, "with TLS", "rediss", &at(server.port_for(true))),
        },
        Mismatch::Outside(provider) => Words {
            severity: Severity::Warning,
            clause: format!(
                "without TLS, and {} likely takes TLS only (as of {})",
                provider.unwrap_or("a server at that port"),
                providers::AS_OF
            ),
            why: "such a port cuts a plain connection at once, and the client logs \"Connection closed by server\"".to_owned(),
            help: format!("if that server is to stay: {}", secured(usage)),
        },
    }
}

/// What asks for TLS.
fn sign(usage: &RedisUse) -> String {
    let by_variable = usage.parts.iter().find(|part| part.role == Role::Tls).map(|part| part.variable.clone());
    match (usage.form, by_variable) {
        (Form::Split, Some(variable)) => variable,
        (Form::Address, _) => "`ssl=true`".to_owned(),
        _ => "`rediss://`".to_owned(),
    }
}

fn help(usage: &RedisUse, how: &str, scheme: &str, to: &str) -> String {
    match usage.form {
        Form::Split | Form::Address => format!("connect {how} to {to}"),
        Form::Url | Form::Command => format!("start the URL with `{scheme}://` and lead it to {to}"),
    }
}

/// How a client is told to use TLS where it connects to already.
fn secured(usage: &RedisUse) -> &'static str {
    match usage.form {
        Form::Split | Form::Address => "connect with TLS",
        Form::Url | Form::Command => "start the URL with `rediss://`",
    }
}

/// Where it is said that a server speaks TLS.
fn tls_place(cx: &Context<'_>, server: &RedisServer) -> String {
    let flag = server.flag("tls-port").and_then(|flag| flag.values.first()).and_then(|text| cx.project.docs.written(text));
    flag.map_or_else(|| cx.place(server.span), |span| format!("`--tls-port`, {}", cx.place(span)))
}
