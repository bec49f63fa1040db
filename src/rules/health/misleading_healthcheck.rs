//! The rule `misleading-healthcheck`.

use super::{completion, repair};
use crate::compose::model::{Test, TestForm};
use crate::compose::value::{Site, Text};
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::layout::quoted;
use crate::redis::health::{self, Verdict};
use crate::redis::images;
use crate::redis::servers::{Part, RedisServer, Setting};
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::yaml_edit::New;

crate::declare_rule! {
    /// Flags a health check that stays green while Redis answers with an error.
    ///
    /// ## Why
    ///
    /// `redis-cli ping` prints `NOAUTH`, `LOADING` or `MISCONF` and exits 0 all the same, so the container counts as healthy while every
    /// client is turned away. With `-e` the exit code is 1. `redis-cli --raw incr ping` is no better, and writes a key besides.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "ping"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: it adds `-e`, or for an image whose client is not known to have it, compares the answer with PONG. Where the server has a
    /// password that the check lacks, it passes that as `REDISCLI_AUTH`.
    "misleading-healthcheck", "health", Error, Safe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.redis.servers.iter().filter(|server| !server.is_fragment) {
        let service = cx.service(&server.service);
        let (Some(test), Some(Verdict::Misleading(reason))) = (health::active_test(service), cx.verdict(server)) else {
            continue;
        };
        let has_password = matches!(server.password, Setting::Set(_));
        let answers = match (has_password, health::knows_password(service)) {
            (true, false) => "NOAUTH, LOADING or MISCONF",
            (true, true) => "WRONGPASS (once the two passwords differ), LOADING or MISCONF",
            // A sentinel loads nothing and writes nothing.
            (false, _) if server.part == Part::Sentinel => continue,
            (false, _) => "LOADING or MISCONF",
        };
        out.push(Finding {
            rule: META.name,
            severity: if has_password { Severity::Error } else { Severity::Warning },
            subject: Subject::service(&server.service),
            message: format!("the health check of {} stays green while Redis answers {answers}", server.service),
            why: format!("{reason}, so services start against a Redis that turns them away"),
            help: repair::example(server),
            primary: Label::new(test.value.span, "passes on any answer"),
            related: Vec::new(),
            remedy: remedy(cx, server, test),
        });
    }
}

fn remedy(cx: &Context<'_>, server: &RedisServer, test: &Test) -> Remedy {
    Remedy::offer(
        Applicability::Safe,
        format!("Make the health check of {} fail on an error", server.service),
        None,
        change(cx, server, test).or_else(|reason| repair::replace(cx, server, test).map_err(|_| reason)),
    )
}

fn change(cx: &Context<'_>, server: &RedisServer, test: &Test) -> Edited {
    let mut change = completion::password(cx, server)?;
    let exits = images::cli_exits_on_error(server.image.as_deref().unwrap_or_default(), server.family);
    let words: Vec<&str> = test.words.iter().map(|word| word.value.as_str()).collect();
    change.join(match (test.form, words.as_slice()) {
        // `["CMD", "sh", "-c", "…"]` is a line for the shell too.
        (TestForm::Exec, [shell, "-c", _]) if !health::is_cli(shell) => shell_change(cx, &test.words[2], exits)?,
        (TestForm::Exec, _) => exec_change(cx, server, test, exits)?,
        (_, [_]) => shell_change(cx, &test.words[0], exits)?,
        // `["CMD-SHELL", "redis-cli", "ping"]` was meant as a call.
        (_, [_, ..]) => exec_change(cx, server, test, exits)?,
        _ => return Err("the check is empty".to_owned()),
    });
    Ok(change)
}

/// `["CMD", "redis-cli", …, "ping"]`.
fn exec_change(cx: &Context<'_>, server: &RedisServer, test: &Test, exits: bool) -> Edited {
    let words: Vec<&str> = test.words.iter().map(|word| word.value.as_str()).collect();
    let call = health::cli_call(&words).ok_or("the check is no plain call of redis-cli")?;
    // Items as they are written, so that references stay references.
    let written: Vec<String> = test
        .value
        .items()
        .iter()
        .skip(1)
        .map(|item| cx.project.docs.template(item.text()?).map(str::to_owned))
        .collect::<Option<_>>()
        .ok_or("the check is put together from parts")?;
    let pings = words[call.command..].len() == 1 && words[call.command].eq_ignore_ascii_case("ping");
    if exits && pings && test.form == TestForm::Exec {
        return cx.editor().insert_item(&test.value, 2, &quoted("-e"), &[&server.service]);
    }
    let options = &written[1..call.command];
    let line = if exits {
        let words = [&["CMD".to_owned(), written[0].clone(), "-e".to_owned()], options, &["ping".to_owned()]].concat();
        format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", "))
    } else {
        if let Some(word) = options.iter().find(|word| !is_plain(word)) {
            let name = if word.contains('$') { "a reference" } else { "a word" };
            return Err(format!(
                "{name} in the check would need quotes for a shell; write the check as a line for CMD-SHELL that ends in `ping | grep -q PONG`"
            ));
        }
        let call = [&[written[0].clone()], options].concat().join(" ");
        format!("[{}, {}]", quoted("CMD-SHELL"), quoted(&format!("{call} ping | grep -q PONG")))
    };
    cx.editor().replace(&test.value, &New::Raw(line), &[&server.service])
}

fn is_plain(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '='))
}

/// A line for the shell: `-e` behind the client's name, or the answer compared.
fn shell_change(cx: &Context<'_>, script: &Text, exits: bool) -> Edited {
    let line = script.value.as_str();
    let after = health::find_cli(line).ok_or("the check does not call redis-cli")?.end;
    let before = line[..after].trim_end_matches(|c: char| !c.is_whitespace()).trim();
    let end = line.find("||").unwrap_or(line.len());
    let (call, filter) =
        line[after..end].split_once('|').map_or((&line[after..end], None), |(call, filter)| (call, Some(filter)));
    let odd = |text: &str| text.contains(['|', '\'', '`', '\n', ';']) || text.contains("&&");
    if !(before.is_empty() || before.starts_with("timeout ")) || odd(call) || filter.is_some_and(odd) {
        return Err("the line is more than a call of redis-cli; add -e to the call, or end it in `| grep -q PONG`".to_owned());
    }
    let words: Vec<&str> = call.split_whitespace().collect();
    let tail: String = line[end..].split_whitespace().collect();
    if words.contains(&"-e") || !matches!(tail.as_str(), "" | "||exit1" | "||false") {
        return Err("what the line ends with hides the exit code; end it in `|| exit 1`".to_owned());
    }
    let pings = words.last().is_some_and(|last| last.eq_ignore_ascii_case("ping"));
    if !pings || words.iter().any(|word| word.eq_ignore_ascii_case("incr")) {
        return Err("the check asks for something other than ping".to_owned());
    }
    let called = after + call.trim_end().len();
    let (range, new) = match filter {
        Some(_) => (called..after + line[after..end].trim_end().len(), " | grep -q PONG"),
        None if exits => (after..after, " -e"),
        None => (called..called, " | grep -q PONG"),
    };
    // The template may be longer than the value: what stands before the point says where it is.
    let (start, stop) = (script.here_of(range.start - 1..range.start), script.here_of(range.end - 1..range.end));
    match (start, stop) {
        (Site::Yaml { file, node, cooked: from }, Site::Yaml { cooked: to, .. }) => {
            cx.editor().set(&Site::Yaml { file, node, cooked: from.end..to.end }, new)
        }
        _ => Err("the check is not written in the compose file".to_owned()),
    }
}
