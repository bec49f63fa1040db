//! The rule `unavailable-redis-image`.

use super::image;
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::images;
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags an image that can no longer be pulled: Bitnami's Redis and Valkey by version.
    ///
    /// ## Why
    ///
    /// On 28 August 2025 Bitnami took all tags but `latest` off its images on Docker Hub. A machine that has the image goes on; the next
    /// one, or the next `docker compose pull`, stops with "manifest unknown".
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: bitnami/redis:7.2
    ///     environment:
    ///       ALLOW_EMPTY_PASSWORD: "yes"
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7.2-alpine
    /// ```
    ///
    /// ## Fix
    ///
    /// None: the official image reads other variables and keeps its data elsewhere, so the service has to be written anew, and the data
    /// moved.
    "unavailable-redis-image", "service", Error, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for service in cx.project.services.values() {
        let Some(image) = image::pulled(service).filter(|image| images::is_gone(&image.value)) else { continue };
        let (name, tag) = (images::last_part(&image.value), images::tag(&image.value).unwrap_or_default());
        out.push(Finding {
            rule: META.name,
            severity: Severity::Error,
            subject: Subject::service(&service.name),
            message: format!(
                "{} runs {}, which cannot be pulled: Bitnami took its version tags off Docker Hub from 28 August 2025 on",
                service.name, image.value
            ),
            why: "a machine that does not have the image yet stops at the pull, and the service never starts".to_owned(),
            help: format!(
                "move to the official image (other variables, data in /data); bitnamilegacy/{name}:{tag}, without updates, may tide \
                 it over (not every old tag was copied there)"
            ),
            primary: Label::new(image::place(cx, service, image), "no longer there"),
            related: Vec::new(),
            remedy: Remedy::Manual,
        });
    }
}
