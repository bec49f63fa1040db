//! The rule `unused-ignore`.

use crate::diagnostic::{Applicability, Change, Finding, Label, Remedy, Severity, Subject};
use crate::redis::hosts::Target;
use crate::redis::uses::RedisUse;
use crate::rules::context::Context;
use crate::rules::ignores::Ignore;
use crate::text::edit::Edit;
use crate::text::span::Span;

crate::declare_rule! {
    /// Flags a comment `# cachelint: ignore[…]` that silences nothing, or names no rule.
    ///
    /// ## Why
    ///
    /// A comment that has nothing to silence today will silence the next real fault at that place, and nobody will see it. One with a
    /// misspelt name silences nothing at all.
    ///
    /// A comment on a line of its own covers the entry below it: above a service all of the service, above a variable of an env file that
    /// variable. Behind something, in a compose file, it covers its line. Where the cause is written elsewhere (in an env file, in an
    /// anchor), it may stand at the place that is given the value; where several places are, at each of them. What it silences is not
    /// rewritten either. What follows the
    /// bracket is the reason, for the next reader.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     # cachelint: ignore[published-redis-prot] only on the office network
    ///     ports: ["6379:6379"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     # cachelint: ignore[published-redis-port] only on the office network
    ///     ports: ["6379:6379"]
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: it removes the comment, or the name alone where the comment silences something else too. A misspelt name is left for a person.
    "unused-ignore", "files", Warning, Safe
}

/// Runs behind all other rules: `out` holds what they found.
pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    // Where the file cannot be read, nothing was looked for.
    if cx.project.is_unreadable() || cx.ignores.all.is_empty() {
        return;
    }
    let mut used: Vec<Vec<&str>> = vec![Vec::new(); cx.ignores.all.len()];
    for finding in out.iter() {
        for at in cx.ignores.about(finding) {
            used[at].push(finding.rule);
        }
    }
    for (ignore, used) in cx.ignores.all.iter().zip(used) {
        out.extend(judge(cx, ignore, &used));
    }
}

fn judge(cx: &Context<'_>, ignore: &Ignore, used: &[&str]) -> Vec<Finding> {
    if ignore.names.is_empty() {
        let message = "this comment names no rule".to_owned();
        let help = "write `# cachelint: ignore[rule-name] reason`; `cachelint rules` lists the names".to_owned();
        return vec![finding(message, help, ignore.comment, Remedy::Manual)];
    }
    if ignore.covers.is_none() && !ignore.own_line {
        let message = "a comment behind a value has no effect in an env file".to_owned();
        let help = "put it on a line of its own above the variable".to_owned();
        return vec![finding(message, help, ignore.comment, Remedy::Manual)];
    }
    // What could not be judged today may be a finding tomorrow.
    let in_doubt = ignore.covers.is_some_and(|covers| {
        let open = |usage: &&RedisUse| matches!(usage.target, Target::Undetermined(_));
        cx.redis.uses.iter().filter(open).any(|usage| covers.contains(usage.key_span))
    });
    // One that silences this very rule is never in vain.
    let idle = |name: &str| !used.contains(&name) && name != META.name && !(in_doubt && is_about_connections(name));
    let idle: Vec<&(String, Span)> = ignore.names.iter().filter(|(name, _)| idle(name)).collect();
    let all_known = idle.iter().all(|(name, _)| crate::rules::find(name).is_some());
    let mut out = Vec::new();
    for (name, span) in &idle {
        let known = crate::rules::find(name).is_some();
        let (message, help) = if known {
            (format!("nothing here is silenced by ignore[{name}]"), "remove it".to_owned())
        } else {
            let near = crate::rules::nearest(name).map(|name| format!("; did you mean {name}?"));
            (format!("{name} is no rule{}", near.unwrap_or_default()), "`cachelint rules` lists the names".to_owned())
        };
        let remedy = if !known {
            Remedy::Manual
        } else if all_known {
            Remedy::offer(
                Applicability::Safe,
                "Remove the comment, or its idle names".to_owned(),
                None,
                change(cx, ignore, &idle),
            )
        } else {
            Remedy::Refused("the comment also names something that is no rule; mend that first".to_owned())
        };
        out.push(finding(message, help, *span, remedy));
    }
    out
}

fn is_about_connections(name: &str) -> bool {
    crate::rules::find(name).is_some_and(|rule| matches!(rule.meta.group, "connection" | "network" | "start-up"))
}

fn finding(message: String, help: String, at: Span, remedy: Remedy) -> Finding {
    Finding {
        rule: META.name,
        severity: Severity::Warning,
        subject: Subject::default(),
        message,
        why: "it hides nothing today, and may hide a real fault here tomorrow".to_owned(),
        help,
        primary: Label::new(at, ""),
        related: Vec::new(),
        remedy,
    }
}

/// The comment without the names that have nothing to silence; without any, the comment goes with its line or the blanks before it.
fn change(cx: &Context<'_>, ignore: &Ignore, idle: &[&(String, Span)]) -> Result<Change, String> {
    let source = cx.project.docs.sources.file(ignore.comment.file);
    if source.problem.is_some() {
        return Err("the file is not plain UTF-8 and is not rewritten".to_owned());
    }
    let text = &source.text;
    let kept: Vec<&str> = ignore.names.iter().filter(|entry| !idle.contains(entry)).map(|(name, _)| name.as_str()).collect();
    let (first, last) = (ignore.names[0].1.range().start, ignore.names[ignore.names.len() - 1].1.range().end);
    let edit = if kept.is_empty() {
        let before = text[..ignore.comment.range().start].trim_end_matches([' ', '\t']).len();
        let after = &text[ignore.comment.range().end..];
        let end = if ignore.own_line { after.find('\n').map_or(after.len(), |newline| newline + 1) } else { 0 };
        Edit::delete(Span::new(ignore.comment.file, before..ignore.comment.range().end + end))
    } else {
        Edit::replace(Span::new(ignore.comment.file, first..last), kept.join(", "))
    };
    Ok(Change { edits: vec![edit], ..Change::default() })
}
