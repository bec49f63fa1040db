//! The rule `redis-command-without-server`.

use super::image;
use crate::compose::model::{Command, Service};
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::images::{self, Family};
use crate::redis::programs::{self, Fault};
use crate::redis::servers::RedisServer;
use crate::rules::context::Context;
use std::path::Path;

crate::declare_rule! {
    /// Flags a command of a Redis image that starts something else than a server.
    ///
    /// ## Why
    ///
    /// The image puts `redis-server` in front of a command that begins with an option or names a `*.conf`. Anything else it runs as a
    /// program: `appendonly`, or a whole line that is one word of a list, is none, so the container ends at once and starts again for ever.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["maxmemory", "100mb"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--maxmemory", "100mb"]
    /// ```
    ///
    /// ## Fix
    ///
    /// None: what the command was meant to say has to be written by somebody who knows.
    "redis-command-without-server", "service", Error, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.redis.servers.iter().filter(|server| !server.is_fragment) {
        let service = cx.service(&server.service);
        let Some(command) = service.command.as_ref().filter(|_| runs_as_published(server, service)) else { continue };
        let Some(fault) = programs::fault(command, server.family) else { continue };
        // A container that is kept alive for somebody to work in is no fault, unless others look for a Redis in it.
        if fault == Fault::Idle && !cx.is_needed(server) {
            continue;
        }
        if !may_be_mounted(service, command) {
            out.push(finding(cx, server, command, fault));
        }
    }
}

/// A published image whose entrypoint is known and in force.
fn runs_as_published(server: &RedisServer, service: &Service) -> bool {
    let published = |image: &str| images::official(image).is_some() || server.family == Family::KeyDb && images::is_listed(image);
    service.entrypoint.is_none() && image::pulled(service).is_some_and(|image| published(&image.value))
}

/// A program that a volume or a secret brings into the container.
fn may_be_mounted(service: &Service, command: &Command) -> bool {
    let word = command.words.first().map(|word| word.value.as_str()).unwrap_or_default();
    let brings = |target: &str| {
        let path = Path::new(target);
        let on_the_way = ["bin", "sbin"].iter().any(|folder| path.file_name().is_some_and(|name| name == *folder));
        on_the_way || path.file_name().is_some_and(|name| name == word)
    };
    service.volumes.iter().any(|mount| brings(mount.target.trim_end_matches('/')))
        || service.layers.iter().any(|layer| layer.value.get("configs").is_some())
}

fn finding(cx: &Context<'_>, server: &RedisServer, command: &Command, fault: Fault) -> Finding {
    let first = command.words.first();
    let word = first.and_then(|word| word.value.split_whitespace().next()).unwrap_or_default();
    let program = format!("{}-server", server.family.cli().trim_end_matches("-cli"));
    let (what, help) = match fault {
        Fault::Line => (
            format!("is one word with blanks in it (`{word} …`), and no program is called so"),
            "write the command as one string, or each of its words as an item of the list".to_owned(),
        ),
        Fault::Setting => (
            format!("begins with `{word}`, which is a setting and no program"),
            format!("begin with {program}, and put -- in front of each setting: {program} --{word} …"),
        ),
        Fault::Idle => {
            (format!("begins with `{word}`, which starts no server"), format!("begin with {program}, or leave the command out"))
        }
        Fault::NoProgram => {
            (format!("begins with `{word}`, and the image has no program of that name"), format!("begin with {program}"))
        }
    };
    let span = first.and_then(|word| cx.project.docs.written(word)).unwrap_or(command.value.span);
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::service(&server.service),
        message: format!("the command of {} {what}", server.service),
        why: match fault {
            Fault::Idle => "no Redis runs in the container, so whoever connects is refused".to_owned(),
            _ => "the container ends at once, because the program is not found, and no Redis runs".to_owned(),
        },
        help,
        primary: Label::new(span, "run as a program"),
        related: Vec::new(),
        remedy: Remedy::Manual,
    }
}
