//! The rule `unsupported-url-scheme`.

use super::used_by;
use crate::compose::model::Service;
use crate::compose::value::Text;
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::clients::{self, Reader};
use crate::redis::variables;
use crate::redis::{once, uses};
use crate::rules::context::Context;
use crate::syntax::url;
use crate::text::span::Span;
use std::collections::BTreeMap;
use std::ops::Range;

crate::declare_rule! {
    /// Flags a URL whose scheme the client that reads it does not take, such as `valkey://` for Celery.
    ///
    /// ## Why
    ///
    /// Each client library has a list of schemes. One that is not on it stops the program at its start, though server, name and password
    /// are right: Celery says "No such transport: valkey", redis-py "Redis URL must specify one of the following schemes".
    ///
    /// The client is known from the command (`celery … worker`, `rq worker`, `sidekiq`) or from the variable's name
    /// (`CELERY_BROKER_URL`, `RQ_REDIS_URL`); then the finding is an error or a warning. Where it is not known, any scheme is taken to be
    /// right, except `http://` and `https://` in a variable such as `REDIS_URL`.
    ///
    /// Quotes inside a list item (`- REDIS_URL="redis://…"`) belong to the value, and no client takes a scheme that begins with one.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   valkey:
    ///     image: valkey/valkey:8-alpine
    ///   worker:
    ///     image: example/app:1.0
    ///     command: celery -A app worker
    ///     environment:
    ///       CELERY_BROKER_URL: valkey://valkey:6379/0
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   valkey:
    ///     image: valkey/valkey:8-alpine
    ///     healthcheck:
    ///       test: ["CMD", "valkey-cli", "-e", "ping"]
    ///     volumes:
    ///       - valkey_data:/data
    ///   worker:
    ///     image: example/app:1.0
    ///     command: celery -A app worker
    ///     depends_on:
    ///       valkey:
    ///         condition: service_healthy
    ///     environment:
    ///       CELERY_BROKER_URL: redis://valkey:6379/0
    /// volumes:
    ///   valkey_data:
    /// ```
    ///
    /// ## Fix
    ///
    /// None: another scheme may need another client or other settings beside it.
    "unsupported-url-scheme", "connection", Error, None
}

/// One URL that a service is given.
struct Given<'a> {
    service: &'a Service,
    variable: Option<&'a str>,
    text: Text,
    scheme: Range<usize>,
    /// `None`: no client of Redis takes the scheme.
    reader: Option<Reader>,
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let mut groups: Vec<(Span, Vec<Given<'_>>)> = Vec::new();
    let mut at: BTreeMap<Span, usize> = BTreeMap::new();
    let users = cx.project.services.values().filter(|service| uses::may_use(service, &cx.redis.servers));
    for given in users.flat_map(refused) {
        let Some(span) = cx.project.docs.locate(&given.text, given.scheme.clone()) else { continue };
        let group = *at.entry(span).or_insert(groups.len());
        match groups.get_mut(group) {
            Some((_, group)) => group.push(given),
            None => groups.push((span, vec![given])),
        }
    }
    out.extend(groups.iter().map(|(span, group)| finding(*span, group)));
    let users = cx.project.services.values().filter(|service| uses::may_use(service, &cx.redis.servers));
    for service in users {
        let entries = service.environment.iter().filter_map(|(name, entry)| Some((name, entry.value.as_ref()?, entry.key_span)));
        out.extend(entries.filter(|(_, text, _)| is_quoted(&text.value)).map(|(name, _, span)| quoted(service, name, span)));
    }
}

/// Whether a URL of Redis stands in quotes that belong to the value.
fn is_quoted(value: &str) -> bool {
    let inner = ['"', '\''].iter().find_map(|&quote| value.strip_prefix(quote)?.strip_suffix(quote));
    inner.is_some_and(|inner| url::parse(inner).is_some())
}

/// `- REDIS_URL="redis://…"`: in YAML, quotes that do not begin the item are letters like others.
fn quoted(service: &Service, name: &str, span: Span) -> Finding {
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::service(&service.name).variable(name),
        message: format!("the URL in {name} of {} begins with a quote, which is part of the value", service.name),
        why: "clients look for a scheme at the start of the URL and stop at the quote".to_owned(),
        help: format!("leave the quotes out, or put them around the whole item: - \"{name}=…\""),
        primary: Label::new(span, "quotes inside the value"),
        related: Vec::new(),
        remedy: Remedy::Manual,
    }
}

/// The URLs of a service whose scheme will not do.
fn refused(service: &Service) -> Vec<Given<'_>> {
    let variables = service.environment.iter().filter_map(|(name, entry)| {
        let text = entry.value.as_ref()?;
        if let Some(scheme) = web_scheme(service, name, text) {
            return Some(Given { service, variable: Some(name), text: text.clone(), scheme, reader: None });
        }
        given(service, Some(name), text.clone(), clients::of_variable(service, name)?)
    });
    let options = clients::of_command(service).into_iter();
    variables.chain(options.filter_map(|(reader, text)| given(service, None, text, reader))).collect()
}

fn given<'a>(service: &'a Service, variable: Option<&'a str>, text: Text, reader: Reader) -> Option<Given<'a>> {
    let scheme = url::parse(&text.value)?.scheme;
    let refuses = reader.client.refuses(&text.value[scheme.clone()]);
    refuses.then_some(Given { service, variable, text, scheme, reader: Some(reader) })
}

/// `http://` where the name asks for Redis itself. Upstash also answers over HTTP, to a client of its own that needs a token.
fn web_scheme(service: &Service, name: &str, text: &Text) -> Option<Range<usize>> {
    let end =
        text.value.find("://").filter(|&end| matches!(text.value[..end].to_ascii_lowercase().as_str(), "http" | "https"))?;
    let has_token = service.environment.keys().any(|key| key.to_ascii_uppercase().contains("TOKEN") && key.contains("REDIS"));
    let over_http = has_token || text.value.to_ascii_lowercase().contains("upstash");
    (variables::is_url_of_redis(name) && !over_http).then_some(0..end)
}

fn finding(span: Span, group: &[Given<'_>]) -> Finding {
    let certain = |given: &&Given<'_>| given.reader.is_some_and(|reader| reader.is_certain);
    let first = group.iter().find(certain).unwrap_or(&group[0]);
    let is_certain = certain(&first);
    let what = first.variable.map_or_else(|| format!("the URL in the command of {}", first.service.name), str::to_owned);
    let scheme = &first.text.value[first.scheme.clone()];
    let services = used_by(&once(group.iter().map(|given| given.service.name.as_str())));
    let subject = Subject::service(&first.service.name);
    let client = first.reader.map(|reader| reader.client);
    let (refusal, why) = match client {
        Some(client) => {
            let why = format!("the program stops at its start: \"{}\"", client.error);
            (format!("{scheme}://, which {} does not take", client.name), why)
        }
        None => (
            format!("{scheme}://, and Redis does not speak HTTP"),
            "the client refuses the URL, or gets no answer it can read".to_owned(),
        ),
    };
    let instead = client.map_or(Some("redis"), |client| client.instead_of(scheme));
    let help = match instead {
        Some(instead) => format!("write {instead}:// instead"),
        None => "name one server with redis:// or rediss://".to_owned(),
    };
    Finding {
        rule: META.name,
        severity: if is_certain { Severity::Error } else { Severity::Warning },
        subject: first.variable.map_or(subject.clone(), |variable| subject.variable(variable)),
        message: format!("{what} starts with {refusal}; {services}"),
        why,
        help,
        primary: Label::new(span, "not a scheme for it"),
        related: Vec::new(),
        remedy: Remedy::Manual,
    }
}
