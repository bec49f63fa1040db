//! The rule `misleading-healthcheck`.

use super::completion;
use crate::compose::model::{Test, TestForm};
use crate::diagnostic::{Applicability, Finding, Fix, Label, Remedy, Severity, Subject};
use crate::layout::quoted;
use crate::redis::health::{self, Verdict};
use crate::redis::images;
use crate::redis::servers::{RedisServer, Setting};
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
        let Some(test) = test(cx, server) else { continue };
        let Verdict::Misleading(reason) = health::judge(test) else { continue };
        let has_password = matches!(server.password, Setting::Set(_));
        let answers = if has_password { "NOAUTH, LOADING or MISCONF" } else { "LOADING or MISCONF" };
        out.push(Finding {
            rule: META.name,
            severity: if has_password { Severity::Error } else { Severity::Warning },
            subject: Subject::service(&server.service),
            message: format!("the health check of {} stays green while Redis answers {answers}", server.service),
            why: format!("{reason}, so services start against a Redis that turns them away"),
            help: "make the check fail on an error: redis-cli -e ping".to_owned(),
            primary: Label::new(test.value.span, "passes on any answer"),
            related: Vec::new(),
            remedy: remedy(cx, server, test),
        });
    }
}

fn test<'a>(cx: &Context<'a>, server: &RedisServer) -> Option<&'a Test> {
    let check = cx.service(&server.service).healthcheck.as_ref()?;
    check.test.as_ref().filter(|_| check.disabled.is_none())
}

fn remedy(cx: &Context<'_>, server: &RedisServer, test: &Test) -> Remedy {
    match change(cx, server, test) {
        Ok(change) => Remedy::Fix(Fix {
            title: format!("Make the health check of {} fail on an error", server.service),
            applicability: Applicability::Safe,
            caveat: None,
            change,
        }),
        Err(reason) => Remedy::Refused(reason),
    }
}

fn change(cx: &Context<'_>, server: &RedisServer, test: &Test) -> Edited {
    let mut change = completion::password(cx, server)?;
    let exits = images::cli_exits_on_error(server.image.as_deref().unwrap_or_default(), server.family);
    change.join(match test.form {
        TestForm::Exec => exec_change(cx, server, test, exits)?,
        _ => shell_change(cx, server, test, exits)?,
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
        .map(|item| template(cx, item))
        .collect::<Option<_>>()
        .ok_or("the check is put together from parts")?;
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

/// The template of a scalar item.
fn template(cx: &Context<'_>, item: &crate::compose::value::Value) -> Option<String> {
    let tree = cx.project.docs.tree(item.file())?;
    Some(tree.scalar(item.node)?.value.clone())
}

/// A line for the shell: `-e` behind the client's name, or the answer compared.
fn shell_change(cx: &Context<'_>, server: &RedisServer, test: &Test, exits: bool) -> Edited {
    let script = test.words.first().ok_or("the check is empty")?;
    let line = script.value.as_str();
    let cli = ["redis-cli", "valkey-cli", "keydb-cli"].into_iter().find_map(|cli| Some((line.find(cli)?, cli)));
    let (at, cli) = cli.ok_or("the check does not call redis-cli")?;
    let plain = line[..at].trim().is_empty() && !line.contains(['|', '\'', '`', '\n'])
        || is_ping_or_exit(&line[at + cli.len()..]) && line[..at].trim().is_empty();
    if !plain {
        return Err("the line is more than a call of redis-cli; add -e to the call, or end it in `| grep -q PONG`".to_owned());
    }
    let end = line.find("||").map_or(line.len(), |bar| bar);
    let body = line[at + cli.len()..end].trim_end();
    let Some(ping) = body.to_ascii_lowercase().rfind("ping").filter(|at| body[at + 4..].trim().is_empty()) else {
        return Err("the check asks for something other than ping".to_owned());
    };
    let range = if exits {
        let after = at + cli.len();
        (after..after, " -e".to_owned())
    } else {
        let after = at + cli.len() + ping + 4;
        (after..after, " | grep -q PONG".to_owned())
    };
    if line.contains(" incr ") || line.contains(" INCR ") {
        return Err("the check increments a key; replace it by a ping".to_owned());
    }
    let site = script.site_of(range.0.start.saturating_sub(1)..range.0.end);
    let site = match site {
        crate::compose::value::Site::Yaml { file, node, cooked } => {
            crate::compose::value::Site::Yaml { file, node, cooked: cooked.end..cooked.end }
        }
        _ => return Err("the check is not written in the compose file".to_owned()),
    };
    let _ = server;
    cx.editor().set(&site, &range.1)
}

/// ` … ping || exit 1`.
fn is_ping_or_exit(rest: &str) -> bool {
    let Some((call, exit)) = rest.split_once("||") else { return false };
    !call.contains(['|', '`', '\n']) && exit.trim().starts_with("exit ")
}
