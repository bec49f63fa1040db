//! The rule `unpinned-redis-image`.

use super::image;
use crate::compose::model::Service;
use crate::compose::value::{Site, Text};
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::images::{self, Official};
use crate::redis::servers::RedisServer;
use crate::redis::support::{AS_OF, pinned};
use crate::redis::tags::{self, Tag};
use crate::rules::context::Context;
use crate::rules::editor::Edited;

crate::declare_rule! {
    /// Flags a Redis image whose tag names no version.
    ///
    /// ## Why
    ///
    /// `latest`, `alpine` and no tag at all stand for whatever was published last. A pull on another day, or on another machine, starts
    /// another major version, and a file that a newer Redis has written cannot be read by an older one: there is no way back.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:alpine
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:8-alpine
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it pins the major version that the tag stands for by the dated table of versions, never an older one, because the data may
    /// have been written by the newest already. A container that still runs an older image moves up with it. Images that the table does
    /// not know, and tags that may be old themselves (`bookworm`), are left. `migrate` leaves the image of an existing Redis alone.
    "unpinned-redis-image", "service", Warning, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.redis.servers.iter().filter(|server| !server.is_fragment) {
        let service = cx.service(&server.service);
        let Some(image) = image::pulled(service).filter(|image| is_judged(&image.value)) else { continue };
        if let Tag::Floating(tag) = tags::read(&image.value) {
            out.push(finding(cx, server, service, image, tag));
        }
    }
}

/// An image known by name, without a digest, of which new versions come at all.
fn is_judged(image: &str) -> bool {
    let frozen = images::repository(image).starts_with("bitnamilegacy/");
    images::is_listed(image) && !image::has_digest(image) && !frozen
}

fn finding(cx: &Context<'_>, server: &RedisServer, service: &Service, image: &Text, tag: Option<&str>) -> Finding {
    let what = match tag {
        Some(tag) => format!("the tag {tag} names no version"),
        None => "it has no tag".to_owned(),
    };
    Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject: Subject::service(&server.service),
        message: format!("{} runs the image {}, and {what}", server.service, image.value),
        why: "another pull may start another major version, and an older one cannot read what a newer one has written".to_owned(),
        help: "name at least the major version that runs now (`redis-cli info server` tells it)".to_owned(),
        primary: Label::new(image::place(cx, service, image), "whatever was published last"),
        related: Vec::new(),
        remedy: remedy(cx, server, image, tag),
    }
}

fn remedy(cx: &Context<'_>, server: &RedisServer, image: &Text, tag: Option<&str>) -> Remedy {
    let Some(new) = pinned(&image.value, tag) else { return Remedy::Refused(no_pin(&image.value)) };
    let name = images::official(&image.value).map_or("Redis", Official::name);
    let major = new.split('-').next().unwrap_or_default();
    Remedy::offer(
        Applicability::OnRequest,
        format!("Pin the image of {} to {new}", server.service),
        Some(format!(
            "{} stands for {name} {major} as of {AS_OF}; a container that runs an older image moves up, and what {name} {major} has \
             written cannot be read by an older one",
            tag.unwrap_or("no tag")
        )),
        change(cx, image, &new),
    )
}

fn no_pin(image: &str) -> String {
    if images::is_from_hub(image) && images::repository(image).starts_with("bitnami/") {
        return "Bitnami offers no other tag on Docker Hub any more; name a digest, or take the official image".to_owned();
    }
    "which version the image holds is not known; look at the container that runs".to_owned()
}

/// The tag in the place where it is written.
fn change(cx: &Context<'_>, image: &Text, new: &str) -> Edited {
    let range = image::tag_range(&image.value);
    let new = if range.is_empty() { format!(":{new}") } else { new.to_owned() };
    let site = image.site_of(range);
    if !matches!(site, Site::Yaml { .. }) {
        let place = cx.project.docs.span(&site).map_or_else(|| "outside".to_owned(), |span| cx.place(span));
        return Err(format!("the tag comes from {place}, which other settings may read too"));
    }
    let servers: Vec<&str> = cx.redis.servers.iter().map(|server| server.service.as_str()).collect();
    cx.editor().set_for(&site, &new, &servers)
}
