//! The rule `missing-redis-service`.

use crate::compose::model::{ProblemKind, Role};
use crate::diagnostic::{Applicability, Change, Finding, Fix, Label, Remedy, Severity, Subject};
use crate::layout::flow_list;
use crate::redis::hosts::{External, Target};
use crate::redis::queues::Signal;
use crate::redis::servers::DEFAULT_PORT;
use crate::redis::uses::RedisUse;
use crate::rules::connection::{self, rewrite, what};
use crate::rules::context::Context;
use crate::rules::editor::list;
use crate::syntax::yaml_edit::New;
use std::collections::BTreeSet;

crate::declare_rule! {
    /// Flags a project whose services use Redis while none of its services runs one.
    ///
    /// ## Why
    ///
    /// `docker compose up` then starts an application without the Redis that it needs. What it finds instead (another server, nothing at
    /// all) depends on the machine it runs on, and no health check can hold the application back until Redis is there.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   api:
    ///     build: .
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/0
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   api:
    ///     build: .
    ///     environment:
    ///       REDIS_URL: redis://redis:6379/0
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it adds the service `redis` of the fixed layout with its volume, and a network where the services that use it share none.
    "missing-redis-service", "service", Error, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    // What a fragment goes over is not here, and may run it; so may what a dependency that leads nowhere is written for.
    let dangles = cx.project.problems.iter().any(|problem| problem.kind == ProblemKind::Dangling);
    if !cx.redis.servers.is_empty() || cx.project.role == Role::Fragment || dangles {
        return;
    }
    let Some(usage) = cx.redis.uses.iter().find(|usage| cx.is_astray(usage)) else { return };
    let services = cx.prospects();
    let verb = if services.len() == 1 { "uses" } else { "use" };
    let at = cx.service(services[0]).span();
    let mut related = Vec::new();
    let message = format!("{} {verb} Redis, and no service of this project runs it", list(&services));
    if let Some(endpoint) = &usage.endpoint {
        related.push(Label::new(usage.key_span, format!("{} wants {}", what(usage), endpoint.address())));
    }
    out.push(Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::default(),
        message,
        why: why(usage),
        help: "add a Redis service with a health check, a volume and a memory limit".to_owned(),
        primary: Label::new(at, "needs Redis"),
        related,
        remedy: remedy(cx, &services),
    });
}

fn why(usage: &RedisUse) -> String {
    match usage.target {
        Target::External(External::HostGateway) | Target::Localhost => {
            "nothing answers there unless somebody installed Redis by hand".to_owned()
        }
        Target::External(_) => "the stack cannot start the Redis it needs, and nothing can wait until it is healthy".to_owned(),
        _ => "the name does not resolve, so every connection fails".to_owned(),
    }
}

fn remedy(cx: &Context<'_>, users: &[&str]) -> Remedy {
    let name = cx.layout.service_name();
    if cx.project.services.contains_key(name) {
        return Remedy::Refused(format!("the name {name} is taken by a service that is no Redis; choose another with --service"));
    }
    // A Redis that nobody can be led to would only stand idle.
    let mut refusals = Vec::new();
    for group in connection::groups(cx, |usage| cx.is_astray(usage)) {
        let Remedy::Refused(reason) = rewrite::remedy(cx, &group.uses) else {
            refusals.clear();
            break;
        };
        refusals.push(reason);
    }
    if let Some(reason) = refusals.into_iter().next() {
        return Remedy::Refused(format!("no connection can be led to it: {reason}"));
    }
    match change(cx, users, name) {
        Ok((change, caveat)) => Remedy::Fix(Fix {
            title: format!("Add the service {name} ({}) with its volume", image(cx)),
            applicability: Applicability::Unsafe,
            caveat,
            change,
        }),
        Err(reason) => Remedy::Refused(reason),
    }
}

fn image(cx: &Context<'_>) -> String {
    cx.layout.choices.image.clone().unwrap_or_else(|| cx.layout.value("image").to_owned())
}

fn change(cx: &Context<'_>, users: &[&str], name: &str) -> Result<(Change, Option<String>), String> {
    let (keeps_jobs, signal) = cx.keeps_jobs(users);
    let parts = Parts::choose(cx, users);
    let mut change = cx.editor().add_top_level("services", name, &block(cx, name, keeps_jobs, &parts), 0)?;
    if !cx.project.volumes.contains_key(&parts.volume) {
        change.join(cx.editor().add_top_level("volumes", &parts.volume, &New::Raw(String::new()), 1)?);
    }
    if let Some(network) = &parts.new_network {
        let body = cx.layout.block(&["networks", &cx.layout.network()]);
        change.join(cx.editor().add_top_level("networks", network, &body, 2)?);
    }
    Ok((change, signal.map(|signal| queue_sentence(cx, &signal))))
}

/// The volume and the networks of a new server.
struct Parts {
    volume: String,
    networks: Vec<String>,
    /// The network that has to be declared.
    new_network: Option<String>,
}

impl Parts {
    fn choose(cx: &Context<'_>, users: &[&str]) -> Self {
        let (volume, _) = cx.layout.volume();
        let used = |name: &str| {
            let mut mounts = cx.project.services.values().flat_map(|service| &service.volumes);
            mounts.any(|mount| mount.source.as_deref() == Some(name))
        };
        let volume = free(&volume, |name| used(name) || cx.project.volumes.get(name).is_some_and(|volume| volume.external));
        // The first file has to stand alone: a network of a later one is not there.
        let first = cx.project.files.first().copied();
        let declared_first =
            |name: &String| cx.project.networks.get(name).is_some_and(|network| Some(network.span.file) == first);
        if let Some(shared) = cx.shared_network(users).filter(declared_first) {
            return Self { volume, networks: vec![shared], new_network: None };
        }
        let network = free(&cx.layout.network(), |name| cx.project.networks.get(name).is_some_and(|network| network.external));
        let new_network = Some(network.clone()).filter(|name| !cx.project.networks.contains_key(name));
        let mut networks = vec![network.clone()];
        networks.extend(stuck_networks(cx, users, &network));
        Self { volume, networks, new_network }
    }
}

/// The name, or with a number behind it if it belongs to something else.
fn free(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).expect("numbers do not end")
}

/// Networks of users that cannot be put on another one: Redis has to come to them.
fn stuck_networks(cx: &Context<'_>, users: &[&str], network: &str) -> BTreeSet<String> {
    let services = users.iter().map(|user| cx.service(user)).filter(|service| service.network_mode.is_none());
    let stuck = services.filter(|service| cx.editor().attach(service, network, 0, users).is_err());
    stuck.filter_map(|service| Some((*service.network_names().first()?).to_owned())).collect()
}

/// Why jobs are kept, with the line that shows the queue.
pub fn queue_sentence(cx: &Context<'_>, signal: &Signal) -> String {
    format!(
        "{} runs {} ({}), so the policy is noeviction: with LRU, Redis would drop waiting jobs when its memory is full",
        signal.service,
        signal.what,
        cx.place(signal.span)
    )
}

/// The service of the layout with the choices filled in.
fn block(cx: &Context<'_>, name: &str, keeps_jobs: bool, parts: &Parts) -> New {
    let layout = cx.layout;
    let New::Map(entries) = layout.block(&["services", "redis"]) else { unreachable!("the template's service is a mapping") };
    let mut out = Vec::new();
    for (key, value) in entries {
        let value = match key.as_str() {
            "image" => New::Raw(image(cx)),
            "command" => New::Raw(flow_list(&layout.command(keeps_jobs))),
            "mem_limit" => {
                crate::redis::memory::bytes(&layout.maxmemory()).map_or(value, |bytes| New::Raw(layout.mem_limit(bytes)))
            }
            "healthcheck" => crate::rules::health::completion::block(layout, &image(cx), DEFAULT_PORT),
            "networks" => New::Seq(parts.networks.iter().map(|network| New::Raw(network.clone())).collect()),
            "volumes" => New::Seq(vec![New::Raw(format!("{}:{}", parts.volume, layout.volume().1))]),
            _ => value,
        };
        let is_image = key == "image";
        out.push((key, value));
        if let (true, Some(prefix)) = (is_image, common_prefix(cx)) {
            out.push(("container_name".to_owned(), New::Raw(format!("{prefix}{name}"))));
        }
    }
    New::Map(out)
}

/// What the container names of the sibling services begin with, if all of them share it: `harbour-` of `harbour-api` and `harbour-web`.
fn common_prefix(cx: &Context<'_>) -> Option<String> {
    let services = cx.project.services.values();
    let names: Vec<&str> =
        services.map(|service| service.container_name.as_ref().map(|name| name.value.as_str())).collect::<Option<_>>()?;
    let [first, rest @ ..] = names.as_slice() else { return None };
    let end = first.rfind(['-', '_'])?;
    let prefix = &first[..=end];
    let shared = prefix.find(['-', '_']).map(|at| &prefix[..=at])?;
    (!rest.is_empty() && rest.iter().all(|name| name.starts_with(shared))).then(|| shared.to_owned())
}
