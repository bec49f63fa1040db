//! The rule `unencoded-password`.

use super::password::encoded;
use super::{Group, groups_at, start, used_by, what};
use crate::compose::value::{Site, Text};
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity};
use crate::redis::uses::RedisUse;
use crate::rules::context::Context;
use crate::syntax::url;
use std::ops::Range;

crate::declare_rule! {
    /// Flags a password in a Redis URL with a character that has a meaning there and is not percent-encoded.
    ///
    /// ## Why
    ///
    /// A `#`, `/` or `?` ends the host, so a client looks for the server under a part of the password or rejects the URL ("Port could not
    /// be cast to integer"). A `%` starts an escape, and a blank ends the URL. These are errors. With `@` and `:` most clients find the
    /// right end, and some do not: there it is a warning.
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
    ///       REDIS_URL: redis://:${REDIS_PASSWORD}@redis:6379/0
    /// ```
    ///
    /// ```dotenv
    /// REDIS_PASSWORD=s3cret/fixture#4711
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
    /// Safe: it percent-encodes the password where it is written; clients decode it to the same one. A variable that is also read as it
    /// is, by `--requirepass` for one, is left alone.
    "unencoded-password", "connection", Error, Safe
}

/// The characters that a password needs encoded, by what a client takes them for; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    EndOfHost,
    Escape,
    Blank,
    Separator,
}

impl Class {
    fn of(rest: &str) -> Option<Self> {
        let first = rest.chars().next()?;
        match first {
            '#' | '/' | '?' => Some(Self::EndOfHost),
            '%' => (!is_escape(rest)).then_some(Self::Escape),
            '@' | ':' => Some(Self::Separator),
            _ => first.is_whitespace().then_some(Self::Blank),
        }
    }

    /// The class by its characters: never which of them it is.
    fn shown(self) -> &'static str {
        match self {
            Self::EndOfHost => "a raw `#`, `/` or `?`",
            Self::Escape => "a raw `%`",
            Self::Blank => "a raw blank",
            Self::Separator => "a raw `@` or `:`",
        }
    }

    fn why(self) -> &'static str {
        match self {
            Self::EndOfHost => {
                "a client reads the host up to there: it rejects the URL, or looks for a server by a part of the password"
            }
            Self::Escape => "some clients reject the URL, and others send another password than the one that is written",
            Self::Blank => "a URL has no blanks: clients reject it or cut it off there",
            Self::Separator => {
                "clients differ in which of these characters ends the password: some connect to another host or reject the URL"
            }
        }
    }
}

fn is_escape(rest: &str) -> bool {
    let digits = rest.as_bytes().get(1..3);
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for group in groups_at(cx, |usage| raw(usage).and_then(|_| start(cx, usage))) {
        let Some((range, class)) = raw(group.first()) else { continue };
        out.push(finding(cx, &group, range, class));
    }
}

/// The password of a URL and the worst of its raw characters, as far as its value is known.
fn raw(usage: &RedisUse) -> Option<(Range<usize>, Class)> {
    usage.endpoint.as_ref().filter(|_| !usage.several)?;
    let range = url::parse(&usage.text.value)?.password?;
    let password = &usage.text.value[range.clone()];
    // What a shell in the container fills in is not known.
    if usage.text.is_open(&range) || password.contains("${") || password.contains("$(") {
        return None;
    }
    let worst = password.char_indices().filter_map(|(at, _)| Class::of(&password[at..])).min()?;
    Some((range, worst))
}

fn finding(cx: &Context<'_>, group: &Group<'_>, range: Range<usize>, class: Class) -> Finding {
    let usage = group.first();
    Finding {
        rule: META.name,
        severity: if class == Class::Separator { Severity::Warning } else { Severity::Error },
        subject: group.subject(),
        message: format!(
            "the password in {}, which leads to {}, has {}, which a URL needs percent-encoded; {}",
            group.what(),
            group.endpoint().address(),
            class.shown(),
            used_by(&group.services())
        ),
        why: class.why().to_owned(),
        help: "write `%23` for `#`, `%2F` for `/`, `%3F` for `?`, `%25` for `%`, `%20` for a blank, `%40` for `@` and `%3A` for `:`, in \
               the URL alone; or take a password of letters and digits"
            .to_owned(),
        primary: Label::new(group.span, "the password of this URL is not encoded"),
        related: group.ways(cx),
        remedy: remedy(cx, usage, range),
    }
}

fn remedy(cx: &Context<'_>, usage: &RedisUse, range: Range<usize>) -> Remedy {
    let password = &usage.text.value[range.clone()];
    if password.match_indices('%').any(|(at, _)| is_escape(&password[at..])) {
        return Remedy::Refused("a part of it may be encoded already; encode the rest by hand".to_owned());
    }
    let change = place(cx, &usage.text, &range).and_then(|site| cx.editor().set(&site, &encoded(password)));
    Remedy::offer(Applicability::Safe, format!("Percent-encode the password in {}", what(usage)), None, change)
}

/// Where the password is written, if it can be encoded there.
fn place(cx: &Context<'_>, text: &Text, range: &Range<usize>) -> Result<Site, String> {
    let site = text.site_of(range.clone());
    let is_whole = match &site {
        Site::Yaml { cooked, .. } => cooked.len() == range.len(),
        Site::Env { template, .. } => template.len() == range.len(),
        Site::Outside => return Err("the password does not come from a file of the project".to_owned()),
    };
    let refers = text.slice(range.clone()).references().iter().any(|reference| reference.at == site);
    if !is_whole || refers {
        return Err("the password is put together from several places or written with `$$`; encode it by hand".to_owned());
    }
    let colon = text.value.find("://").unwrap_or_default();
    let own = same_scalar(&site, &text.site_of(colon..colon + 3));
    if let (false, Site::Env { file, line, .. }) = (own, &site) {
        let in_url = |other: &Text| {
            let password = url::parse(&other.value).and_then(|parts| parts.password);
            password.is_some_and(|password| other.site_of(password) == site)
        };
        if let Some((service, key)) = cx.reader_of(*file, *line, in_url) {
            let place = cx.project.docs.span(&site).map(|span| cx.place(span)).unwrap_or_default();
            return Err(format!(
                "the password stands at {place}, which {service} also reads as it is ({key}); write it encoded in a variable of its own \
                 for the URL"
            ));
        }
    }
    Ok(site)
}

/// Whether two places are of one scalar, or of one line of an env file.
fn same_scalar(a: &Site, b: &Site) -> bool {
    match (a, b) {
        (Site::Yaml { file, node, .. }, Site::Yaml { file: f, node: n, .. }) => (file, node) == (f, n),
        (Site::Env { file, line, .. }, Site::Env { file: f, line: l, .. }) => (file, line) == (f, l),
        _ => false,
    }
}
