//! Where the services are told to find Redis.

pub mod choice;
pub mod conflicting_redis_settings;
pub mod credentials;
pub mod external_redis_url;
pub mod indexes;
pub mod invalid_db_index;
pub mod localhost_redis_url;
pub mod password;
pub mod password_as_username;
pub mod rewrite;
pub mod shared_db_index;
pub mod tls_mismatch;
pub mod unencoded_password;
pub mod unknown_redis_host;
pub mod unsupported_url_scheme;
pub mod wrong_redis_port;

use super::context::Context;
use super::editor::list;
use crate::diagnostic::{Label, Subject};
use crate::redis::endpoints::Endpoint;
use crate::redis::once;
use crate::redis::uses::{Form, RedisUse};
use crate::syntax::url;
use crate::text::span::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Uses that are told the same thing at the same place: one cause, one finding.
pub struct Group<'a> {
    pub uses: Vec<&'a RedisUse>,
    /// Where what they are told is written: the host, unless a rule groups by something else.
    pub span: Span,
}

impl<'a> Group<'a> {
    pub fn first(&self) -> &'a RedisUse {
        self.uses[0]
    }

    pub fn endpoint(&self) -> &'a Endpoint {
        self.first().endpoint.as_ref().expect("only uses with an endpoint are grouped")
    }

    /// The services, once each.
    pub fn services(&self) -> Vec<&'a str> {
        once(self.uses.iter().map(|usage| usage.service.as_str()))
    }

    /// The variable, or the command, as the subject of a sentence.
    pub fn what(&self) -> String {
        what(self.first())
    }

    pub fn subject(&self) -> Subject {
        let subject = Subject::service(&self.first().service);
        match &self.first().variable {
            Some(variable) => subject.variable(variable),
            None => subject,
        }
    }

    /// Where the value reaches each service, unless that is the very place.
    pub fn ways(&self, cx: &Context<'_>) -> Vec<Label> {
        let home = cx.place(self.span);
        let mut seen = BTreeSet::new();
        let mut labels = Vec::new();
        for usage in &self.uses {
            let at = usage.through.unwrap_or(usage.key_span);
            if cx.place(at) != home && seen.insert(at) {
                let name = usage.variable.as_deref().unwrap_or("it");
                labels.push(Label::new(at, format!("{name} reaches {} here", usage.service)));
            }
        }
        labels
    }
}

pub fn what(usage: &RedisUse) -> String {
    match (&usage.variable, usage.form) {
        (Some(variable), _) => variable.clone(),
        (None, _) => format!("the command of {}", usage.service),
    }
}

/// The uses that `wanted` picks, grouped by the place where the host is written, in the order of the files.
pub fn groups<'a>(cx: &Context<'a>, wanted: impl Fn(&RedisUse) -> bool) -> Vec<Group<'a>> {
    groups_at(cx, |usage| {
        let host = &usage.endpoint.as_ref().filter(|_| wanted(usage))?.host;
        cx.project.docs.locate(host, 0..host.value.len())
    })
}

/// The uses with an endpoint for which `place` names a place, grouped by it.
pub fn groups_at<'a>(cx: &Context<'a>, place: impl Fn(&RedisUse) -> Option<Span>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut at: BTreeMap<Span, usize> = BTreeMap::new();
    for usage in cx.redis.uses.iter().filter(|usage| usage.endpoint.is_some()) {
        let Some(span) = place(usage) else { continue };
        let group = *at.entry(span).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.uses.push(usage),
            None => groups.push(Group { uses: vec![usage], span }),
        }
    }
    groups
}

/// Where the URL of a use starts: the `://`, which no variable brings but one that brings the URL.
pub fn start(cx: &Context<'_>, usage: &RedisUse) -> Option<Span> {
    let colon = usage.text.value.find("://")?;
    cx.project.docs.locate(&usage.text, colon..colon + 3)
}

/// `api, worker and postiz use it`.
pub fn used_by(services: &[&str]) -> String {
    let verb = if services.len() == 1 { "uses" } else { "use" };
    format!("{} {verb} it", list(services))
}

/// What a person calls the way the value is given.
pub fn noun(usage: &RedisUse) -> &'static str {
    let is_url = usage.form != Form::Command || url::parse(&usage.text.value).is_some();
    if usage.form == Form::Split || !is_url { "host" } else { "URL" }
}
