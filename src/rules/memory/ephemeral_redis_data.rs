//! The rule `ephemeral-redis-data`.

use crate::compose::model::Service;
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::servers::RedisServer;
use crate::redis::{data, queues};
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::yaml_edit::New;
use crate::text::span::Span;

crate::declare_rule! {
    /// Flags a Redis that is meant to keep its data, or that holds a queue or sessions of users, and has no volume to keep them on.
    ///
    /// ## Why
    ///
    /// Without a volume at its data directory, Redis writes to an anonymous one that belongs to the container: `docker compose down`, or
    /// a container that is made anew under another name, starts with an empty keyspace, and the waiting jobs are gone.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: redis-server --appendonly yes
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: redis-server --appendonly yes
    ///     volumes:
    ///       - redis_data:/data
    /// volumes:
    ///   redis_data:
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: it adds a named volume at the directory where the image writes. What an anonymous volume holds now is not copied.
    "ephemeral-redis-data", "memory", Warning, Safe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.servers() {
        let service = cx.service(&server.service);
        if server.hidden || has_place(server, service) {
            continue;
        }
        let (why, span, what) = match (server.persists(), kept(cx, server)) {
            (Some(text), _) => ("it is told to keep its data".to_owned(), cx.project.docs.written(text), ""),
            (None, Some((why, span, what))) if !server.is_pure_cache() => (why, Some(span), what),
            _ => continue,
        };
        let related = span.filter(|_| server.persists().is_none()).map(|span| Label::new(span, what));
        out.push(Finding {
            rule: META.name,
            severity: Severity::Warning,
            subject: Subject::service(&server.service),
            message: format!("{} has no volume for its data, though {why}", server.service),
            why: "`docker compose down` then starts it empty, and what waited in it is gone".to_owned(),
            help: "mount a named volume at its data directory".to_owned(),
            primary: Label::new(span.filter(|_| server.persists().is_some()).unwrap_or(server.span), "kept nowhere"),
            related: related.into_iter().collect(),
            remedy: remedy(cx, server, service),
        });
    }
}

/// What services keep in the server that must not be lost: how it is said, the line that shows it, and its label.
fn kept(cx: &Context<'_>, server: &RedisServer) -> Option<(String, Span, &'static str)> {
    if let Some(signal) = queues::on_server(cx.project, cx.redis, &server.service) {
        return Some((format!("{} keeps jobs of {} in it", signal.service, signal.what), signal.span, "the queue"));
    }
    let signal = queues::sessions_on(cx.project, cx.redis, &server.service)?;
    Some((format!("{} keeps the sessions of its users in it", signal.service), signal.span, "the sessions"))
}

/// A mount, or memory on purpose, at the data directory; what cannot be told counts as there, and so does a volume that is there in
/// the wrong place: `wrong-data-directory` says so.
pub fn has_place(server: &RedisServer, service: &Service) -> bool {
    let unknown = server.data_directory().is_none() || data::moves_data(service) && server.flag("dir").is_none();
    unknown || server.data_mount(service).is_some() || server.is_in_memory(service) || data::misplaced(server, service).is_some()
}

fn remedy(cx: &Context<'_>, server: &RedisServer, service: &Service) -> Remedy {
    Remedy::offer(
        Applicability::Safe,
        format!("Give {} a volume for its data", server.service),
        Some("what it holds now is not copied into the volume".to_owned()),
        change(cx, server, service),
    )
}

/// The named volume of the layout at the directory where the image writes.
pub fn change(cx: &Context<'_>, server: &RedisServer, service: &Service) -> Edited {
    let (name, _) = cx.layout.volume();
    let name = if server.service == cx.layout.service_name() {
        name
    } else {
        format!("{}_data", server.service.replace(['-', '.'], "_"))
    };
    if server.has_anonymous_volume(service) {
        return Err("an anonymous volume is mounted there; give it a name in its place".to_owned());
    }
    let dir = server.data_directory().ok_or("where the image keeps its data is not known")?;
    let taken = cx.project.services.values().filter(|other| other.name != service.name);
    if taken.flat_map(|other| &other.volumes).any(|mount| mount.source.as_deref() == Some(name.as_str())) {
        return Err(format!("the volume {name} is used by another service"));
    }
    let item = New::Raw(format!("{name}:{dir}"));
    let layer = service.layer_for("volumes");
    let mut change = match layer.value.get("volumes") {
        Some(volumes) => cx.editor().add_item(volumes, &item, 0, &[&server.service])?,
        None => cx.editor().add_key(service, "volumes", &New::Seq(vec![item]), cx.layout.rank("volumes"))?,
    };
    if !cx.project.volumes.contains_key(&name) {
        change.join(cx.editor().add_beside(service, "volumes", &name, &New::Raw(String::new()), 1)?);
    }
    Ok(change)
}
