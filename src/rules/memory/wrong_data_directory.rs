//! The rule `wrong-data-directory`.

use crate::compose::forms::mounts;
use crate::compose::model::{Mount, Service};
use crate::compose::value::{Site, Value};
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::data;
use crate::redis::servers::{Part, RedisServer};
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use std::sync::Arc;

crate::declare_rule! {
    /// Flags a volume for the data of Redis that is mounted where the image does not write.
    ///
    /// ## Why
    ///
    /// The official images write to `/data`, Bitnami's to `/bitnami/redis/data`. A volume at `/var/lib/redis` stays empty: the data go to an
    /// anonymous volume that belongs to the container, and `docker compose down` starts the next one with nothing.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     volumes:
    ///       - redis_data:/var/lib/redis
    /// volumes:
    ///   redis_data:
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     volumes:
    ///       - redis_data:/data
    /// volumes:
    ///   redis_data:
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it changes where the volume is mounted. What the anonymous volume holds now is not moved, so the server starts empty once
    /// more; and what somebody else put into the volume is read as data. `migrate` leaves the data directory of an existing Redis alone.
    "wrong-data-directory", "memory", Error, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let keeps_data = |server: &&RedisServer| !server.is_fragment && server.part != Part::Sentinel && !server.is_pure_cache();
    for server in cx.redis.servers.iter().filter(keeps_data) {
        let service = cx.service(&server.service);
        let Some(mount) = data::misplaced(server, service) else { continue };
        let Some(dir) = server.data_directory() else { continue };
        out.push(finding(cx, service, mount, &dir));
    }
}

fn finding(cx: &Context<'_>, service: &Service, mount: &Mount, dir: &str) -> Finding {
    let name = &service.name;
    let what = match mount.source.as_deref().filter(|_| !mount.is_bind) {
        Some(volume) => format!("the volume {volume}"),
        None => "a directory of the host".to_owned(),
    };
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::service(name),
        message: format!("{what} is mounted at {} of {name}, and the image writes to {dir}", mount.target),
        why: "what Redis saves goes to an anonymous volume, which `docker compose down` leaves behind: the next start is empty"
            .to_owned(),
        help: format!("mount it at {dir}, or tell the server where to write with --dir"),
        primary: Label::new(mount.span, "nothing is written here"),
        related: Vec::new(),
        remedy: Remedy::offer(
            Applicability::OnRequest,
            format!("Mount it at {dir}"),
            Some(format!(
                "Redis never wrote to it, and what the anonymous volume at {dir} holds now is not moved: {name} starts empty once more"
            )),
            change(cx, service, mount, dir),
        ),
    }
}

/// The target in the place where it is written, in the short form and in the long one.
fn change(cx: &Context<'_>, service: &Service, mount: &Mount, dir: &str) -> Edited {
    let lists = service.layers.iter().filter_map(|layer| layer.value.get("volumes"));
    let item = lists.flat_map(|list| list.items()).find(|item| item.span == mount.span);
    let item = item.ok_or("the volume is written in no file of the project")?;
    let site = target_site(item).ok_or("the form of the volume is not understood")?;
    if !matches!(site, Site::Yaml { .. }) {
        let place = cx.project.docs.span(&site).map_or_else(|| "outside".to_owned(), |span| cx.place(span));
        return Err(format!("the directory comes from {place}, which other settings may read too"));
    }
    cx.editor().set_for(&site, dir, &[&service.name])
}

fn target_site(item: &Arc<Value>) -> Option<Site> {
    let Some(text) = item.text() else { return Some(item.get("target")?.text()?.site()) };
    let mount = mounts::parse(&text.value).ok()?;
    let at = text.value.find(&format!(":{}", mount.target))? + 1;
    Some(text.site_of(at..at + mount.target.len()))
}
