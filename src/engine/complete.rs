//! What `migrate` adds to an existing Redis service beyond what rules demand: a restart policy, a volume, `maxmemory` and a memory limit
//! (layout.md, "An existing redis service"). What is there stays as it is.

use crate::diagnostic::{Applicability, Change, Fix};
use crate::layout::Eviction;
use crate::redis::memory;
use crate::redis::servers::RedisServer;
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::rules::memory::{command, ephemeral_redis_data, missing_maxmemory};
use crate::syntax::yaml_edit::New;

/// The fixes for all servers that something uses, apart from those that are switched off on purpose.
pub fn fixes(cx: &Context<'_>) -> Vec<Fix> {
    let mut out = Vec::new();
    for server in cx.servers().filter(|server| cx.is_needed(server) && cx.service(&server.service).profiles.is_empty()) {
        let name = &server.service;
        let service = cx.service(name);
        if service.restart.is_none() && service.layers.iter().all(|layer| layer.value.get("deploy").is_none()) {
            let added = cx.editor().add_key(
                service,
                "restart",
                &New::Raw(cx.layout.value("restart").to_owned()),
                cx.layout.rank("restart"),
            );
            out.extend(fix(format!("Let {name} start again after a crash"), None, added));
        }
        let silent = |rule: &str| cx.ignores.silence(rule, server.span);
        if !silent(ephemeral_redis_data::META.name)
            && !server.hidden
            && !server.is_pure_cache()
            && !ephemeral_redis_data::has_place(server, service)
        {
            let caveat = "what it holds now is not copied into the volume".to_owned();
            out.extend(fix(
                format!("Give {name} a volume for its data"),
                Some(caveat),
                ephemeral_redis_data::change(cx, server, service),
            ));
        }
        if !silent(missing_maxmemory::META.name) {
            out.extend(limits(cx, server));
        }
    }
    out
}

fn fix(title: String, caveat: Option<String>, change: Edited) -> Option<Fix> {
    Some(Fix { title, applicability: Applicability::Unsafe, caveat, change: change.ok()? })
}

/// `maxmemory` and the container's limit. A limit without `maxmemory` is a matter of the rule `missing-maxmemory`.
fn limits(cx: &Context<'_>, server: &RedisServer) -> Option<Fix> {
    if server.hidden || server.limit.is_some() {
        return None;
    }
    let name = &server.service;
    if let Some(bytes) = server.maxmemory_bytes() {
        let limit = cx.layout.mem_limit(bytes);
        return fix(format!("Limit the container of {name} to {limit}"), None, add_limit(cx, server, &limit));
    }
    // A command that somebody wrote is left as it is; so is one that could not be extended.
    if !server.maxmemory.is_absent() || cx.service(name).command.is_some() {
        return None;
    }
    let own = cx.layout.maxmemory();
    let limit = cx.layout.mem_limit(memory::bytes(&own)?);
    let (title, caveat) = (
        format!("Limit {name} to {own} of data, and its container to {limit}"),
        format!(
            "measure first with `redis-cli info memory`: one that holds more than {own} today refuses writes, and one that holds more than {limit} cannot start; --memory sets another amount"
        ),
    );
    fix(title, Some(caveat), both(cx, server, &own, &limit))
}

fn both(cx: &Context<'_>, server: &RedisServer, own: &str, limit: &str) -> Edited {
    let policy = cx.layout.policy(cx.layout.choices.eviction == Eviction::NoEviction);
    let mut words = vec!["--maxmemory", own];
    if server.policy.is_absent() && cx.layout.choices.eviction != Eviction::Auto {
        words.extend(["--maxmemory-policy", policy.as_str()]);
    }
    let mut change: Change = command::add_options(cx, server, &words)?;
    change.join(add_limit(cx, server, limit)?);
    Ok(change)
}

/// In `deploy.resources.limits` where that is there: Compose rejects `mem_limit` beside it.
fn add_limit(cx: &Context<'_>, server: &RedisServer, limit: &str) -> Edited {
    let service = cx.service(&server.service);
    let amount = New::Raw(limit.to_owned());
    match &service.deploy_limits {
        Some(limits) => cx.editor().add_entry(&limits.value, "memory", &amount, 0, &[&server.service]),
        None => cx.editor().add_key(service, "mem_limit", &amount, cx.layout.rank("mem_limit")),
    }
}
