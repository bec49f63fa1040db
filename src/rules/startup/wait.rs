//! The fix that both rules of this group share: wait until Redis is healthy.

use crate::compose::model::Service;
use crate::compose::value::Text;
use crate::diagnostic::{Applicability, Change, Remedy};
use crate::redis::health::{self, Verdict};
use crate::redis::servers::RedisServer;
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::rules::health::{completion, missing_redis_healthcheck};

/// `sharers` are the services that may all wait for the server: an edit may change each of them.
pub fn remedy(cx: &Context<'_>, service: &Service, server: &RedisServer, sharers: &[&str]) -> Remedy {
    Remedy::offer(
        Applicability::Safe,
        format!("Let {} wait until {} is healthy", service.name, server.service),
        None,
        change(cx, service, server, sharers),
    )
}

/// A profile without which the server does not run, and which the service does not have: then it cannot depend on the server.
pub fn lacking_profile<'a>(service: &Service, server: &'a Service) -> Option<&'a Text> {
    server.profiles.iter().find(|profile| !service.profiles.iter().any(|own| own.value == profile.value))
}

fn change(cx: &Context<'_>, service: &Service, server: &RedisServer, sharers: &[&str]) -> Edited {
    let circle =
        !cx.service(&server.service).depends_on.is_empty() && cx.waiting_for(&service.name).contains(server.service.as_str());
    if circle {
        return Err(format!("{} waits for {} itself, so this would close a circle", server.service, service.name));
    }
    if let Some(profile) = lacking_profile(service, cx.service(&server.service)) {
        return Err(format!(
            "{} runs only with the profile {}, which {} does not have",
            server.service, profile.value, service.name
        ));
    }
    let mut change = Change::default();
    let check = cx.service(&server.service).healthcheck.as_ref();
    if check.is_some_and(|check| check.disabled.is_some()) {
        return Err(format!("the health check of {} is switched off", server.service));
    }
    if check.is_none_or(|check| check.test.is_none()) {
        if !missing_redis_healthcheck::is_missing(cx, server) {
            return Err(format!("whether the image of {} has a health check is not known; add one first", server.service));
        }
        change.join(missing_redis_healthcheck::change(cx, server)?);
    }
    if let Some(test) = check.and_then(|check| check.test.as_ref()) {
        let own = cx.service(&server.service);
        let verdict = cx.verdict(server);
        if let Some(Verdict::Broken(fault)) = verdict {
            return Err(format!("the health check of {} never passes: {}", server.service, fault.describe(&server.service)));
        }
        if verdict == Some(Verdict::Unknown) || health::is_doubtful(server, own, test) {
            return Err(format!("whether the health check of {} ever passes is not known", server.service));
        }
        change.join(completion::password(cx, server)?);
    }
    let body = cx.layout.block(&["services", "app", "depends_on", "redis"]);
    change.join(cx.editor().wait_for(service, &server.service, &body, sharers)?);
    Ok(change)
}
