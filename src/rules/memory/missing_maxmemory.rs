//! The rule `missing-maxmemory`.

use super::command;
use crate::compose::value::Text;
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::layout::{CACHE_SHARE, LEAST_LIMIT, PERSISTENT_SHARE};
use crate::redis::memory;
use crate::redis::servers::RedisServer;
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags a Redis in a container with a memory limit that does not know of any limit itself.
    ///
    /// ## Why
    ///
    /// Redis does not look at the limit of its container. Without `maxmemory` it grows until the kernel kills it (exit code 137), in the
    /// middle of whatever it was writing, and again after each restart once it has loaded the same data.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     mem_limit: 640m
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--maxmemory", "320mb"]
    ///     mem_limit: 640m
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: it adds `--maxmemory` with half of the container's limit. No eviction policy is added: when memory is full, Redis refuses
    /// writes, which is what it does without being told.
    "missing-maxmemory", "memory", Warning, Safe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    // `maxmemory 0` is no limit either.
    let without = |server: &&RedisServer| server.maxmemory.text().map_or(server.maxmemory.is_absent(), is_zero);
    for server in cx.servers().filter(|server| server.family.needs_maxmemory()).filter(without) {
        // Zero is no limit, and a variable without a value is none that is known.
        let Some((limit, bytes)) = server.limit.as_ref().and_then(|limit| Some((limit, limit.bytes?))) else { continue };
        let Some(span) = cx.project.docs.span(&limit.text.site()) else { continue };
        out.push(Finding {
            rule: META.name,
            severity: Severity::Warning,
            subject: Subject::service(&server.service),
            message: format!("{} may use {} by {} and has no maxmemory", server.service, limit.text.value, limit.key),
            why: "Redis grows past the limit and the kernel kills it, instead of refusing or evicting keys".to_owned(),
            help: format!(
                "set --maxmemory to at most {PERSISTENT_SHARE} % of the limit with persistence, {CACHE_SHARE} % without"
            ),
            primary: Label::new(span, "the container's limit"),
            related: Vec::new(),
            remedy: remedy(cx, server, bytes),
        });
    }
}

fn is_zero(text: &Text) -> bool {
    text.missing().is_empty() && memory::bytes(&text.value) == Some(0)
}

fn remedy(cx: &Context<'_>, server: &RedisServer, bytes: u64) -> Remedy {
    if bytes < LEAST_LIMIT {
        return Remedy::Refused("Docker takes no limit below 6 MB".to_owned());
    }
    let amount = memory::shown(bytes * PERSISTENT_SHARE / 100);
    Remedy::offer(
        Applicability::Safe,
        format!("Give {} --maxmemory {amount}", server.service),
        None,
        match server.maxmemory.text() {
            Some(zero) => cx.editor().set_for(&zero.site(), &amount, &[&server.service]),
            None => command::add_options(cx, server, &["--maxmemory", &amount]),
        },
    )
}
