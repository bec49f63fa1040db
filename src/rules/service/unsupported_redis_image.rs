//! The rule `unsupported-redis-image`.

use super::image;
use crate::compose::model::Service;
use crate::compose::value::Text;
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::images::{self, Official};
use crate::redis::support::{self, AS_OF, FIXES_OF, State};
use crate::redis::tags::{self, Tag, Version};
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags an image of a Redis or Valkey version that gets no security fixes, or that lacks the last ones.
    ///
    /// ## Why
    ///
    /// The security releases of July 2026 close holes through which somebody who may send commands can run code on the server. A version at
    /// its end of life never gets them; a patch level that is written out stays where it is however often the image is pulled. So does
    /// all that Bitnami moved to `bitnamilegacy`.
    ///
    /// What counts is a table with a date, which the message shows: the clock of the machine plays no part.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7.0-alpine
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7.4-alpine
    /// ```
    ///
    /// ## Fix
    ///
    /// None: another version may read the data differently or change what commands do, so somebody has to try it with a copy of the data.
    "unsupported-redis-image", "service", Warning, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.redis.servers.iter().filter(|server| !server.is_fragment) {
        let service = cx.service(&server.service);
        let Some(image) = image::pulled(service) else { continue };
        if let Some(fault) = fault(&image.value) {
            out.push(finding(cx, service, image, fault));
        }
    }
}

/// What is wrong with a version, and what to do.
struct Fault {
    what: String,
    help: String,
}

fn fault(image: &str) -> Option<Fault> {
    if images::is_from_hub(image) && images::repository(image).starts_with("bitnamilegacy/") {
        return Some(Fault {
            what: format!("an archive that has had no updates since 28 August 2025 (as of {AS_OF})"),
            help: "move to the official image after a backup: it reads other variables, and keeps its data in /data".to_owned(),
        });
    }
    let server = images::official(image)?;
    let Tag::Version(version) = tags::read(image) else { return None };
    let branch = support::branch(server, version)?;
    let name = server.name();
    match branch.state {
        State::Ended(since) => Some(Fault {
            what: format!(
                "{name} {} gets no fixes any more ({}as of {AS_OF})",
                written(version),
                since.map(|day| format!("since {day}; ")).unwrap_or_default()
            ),
            help: format!(
                "move to a version that gets fixes ({}), after a backup of the data",
                support::supported_branches(server).join(", ")
            ),
        }),
        State::Supported { fixed } => too_low(server, version, fixed),
    }
}

fn too_low(server: Official, version: Version, fixed: u16) -> Option<Fault> {
    let Version { major, minor: Some(minor), patch: Some(patch) } = version else { return None };
    (patch < fixed).then(|| Fault {
        what: format!(
            "{} {major}.{minor}.{fixed} is the first of its branch with the security fixes of {FIXES_OF} (as of {AS_OF})",
            server.name()
        ),
        help: format!("take {major}.{minor}.{fixed} or later, or the tag {major}.{minor}, which gets the patch levels to come"),
    })
}

/// The version as far as the tag writes it and it decides.
fn written(version: Version) -> String {
    match version.minor {
        Some(minor) => format!("{}.{minor}", version.major),
        None => version.major.to_string(),
    }
}

fn finding(cx: &Context<'_>, service: &Service, image: &Text, fault: Fault) -> Finding {
    Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject: Subject::service(&service.name),
        message: format!("{} runs {}: {}", service.name, image::shown(&image.value), fault.what),
        why: "known holes stay open, some of which let a client run code on the server".to_owned(),
        help: fault.help,
        primary: Label::new(image::place(cx, service, image), "without security fixes"),
        related: Vec::new(),
        remedy: Remedy::Manual,
    }
}
