//! The layout's check in the place of one that asks the same in a form that does not work.

use super::completion;
use crate::compose::model::Test;
use crate::diagnostic::Change;
use crate::redis::health::{self, cli_call, is_cli};
use crate::redis::images;
use crate::redis::servers::{DEFAULT_PORT, RedisServer};
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::yaml_edit::New;

/// What a check asks, as far as the layout's check asks it too.
struct Question {
    cli: String,
    port: Option<u16>,
}

/// Puts the layout's check in the place of `test`, and the password where the client finds it.
pub fn replace(cx: &Context<'_>, server: &RedisServer, test: &Test) -> Edited {
    let question = question(server, test)?;
    if !server.plain {
        return Err(format!("{} has no port without TLS, which the check would ask", server.service));
    }
    let image = server.image.as_deref().unwrap_or_default();
    let exits = images::cli_exits_on_error(image, server.family);
    let asked = question.port.filter(|port| server.ports.contains(port));
    let port = asked.or(server.ports.first().copied()).unwrap_or(DEFAULT_PORT);
    let mut change: Change = completion::hand_over(cx, server)?;
    let new = New::Raw(completion::test(&question.cli, exits, port));
    change.join(cx.editor().replace(&test.value, &new, &[&server.service])?);
    Ok(change)
}

/// Programs that only look at an answer.
const FILTERS: [&str; 12] = ["grep", "egrep", "fgrep", "head", "tail", "cat", "tr", "wc", "xargs", "exit", "true", "false"];
/// What may stand before the client.
const BEFORE: [&str; 12] = ["timeout", "-s", "-k", "KILL", "sh", "bash", "ash", "/bin/sh", "/bin/bash", "-c", "[", "test"];
/// Commands that ask whether Redis is well.
const QUESTIONS: [&str; 5] = ["ping", "info", "auth", "incr", "echo"];
/// Options that the layout's check has itself or does without.
const DROPPED: [&str; 14] = [
    "-a",
    "--pass",
    "--requirepass",
    "-t",
    "-e",
    "-n",
    "-r",
    "-i",
    "-2",
    "-3",
    "--raw",
    "--no-raw",
    "--no-auth-warning",
    "--verbose",
];

fn question(server: &RedisServer, test: &Test) -> Result<Question, String> {
    let more = || "the check is more than a question to Redis; only a person can tell what it is for".to_owned();
    let mut line = test.words.iter().map(|word| word.filled("unknown")).collect::<Vec<_>>().join(" ");
    if line.contains('\n') {
        return Err(more());
    }
    // What a substitution gives is of no interest, unless it is the answer itself.
    while let Some(start) = line.find("$(") {
        let Some(end) = line[start..].find(')').map(|length| start + length) else { break };
        let inner = line[start + 2..end].to_owned();
        let kept = if inner.contains("-cli") { format!(" {inner} ") } else { "unknown".to_owned() };
        line.replace_range(start..=end, &kept);
    }
    for mark in ["$(", ")", "(", "`", "\"", "'"] {
        line = line.replace(mark, " ");
    }
    for operator in ["||", "&&", ";"] {
        line = line.replace(operator, " \n ");
    }
    let line = line.replace('|', " \n ");
    let mut segments = line.split('\n').map(|segment| segment.split_whitespace().collect::<Vec<_>>()).filter(|s| !s.is_empty());
    let words = segments.next().unwrap_or_default();
    let at = words.iter().position(|word| is_cli(word)).ok_or("the check does not call redis-cli")?;
    let is_before = |word: &&str| BEFORE.contains(word) || word.trim_end_matches('s').parse::<f64>().is_ok();
    if !words[..at].iter().all(is_before) || !segments.all(|segment| FILTERS.contains(&segment[0])) {
        return Err(more());
    }
    asked(server, &words[at..])
}

/// What `redis-cli [options] ping …` asks.
fn asked(server: &RedisServer, words: &[&str]) -> Result<Question, String> {
    let call = cli_call(words).ok_or("the check does not call redis-cli")?;
    let mut question = Question { cli: words[0].to_owned(), port: None };
    let local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "::1") || host == server.service;
    let mut command = call.command;
    for (at, value) in call.options {
        let value = value.map(|at| words[at]);
        match (words[at], value) {
            ("-p", Some(port)) => question.port = port.parse().ok(),
            ("-h", Some(host)) if local(host) => {}
            ("--user", Some("default")) => {}
            ("-u", Some(url)) => {
                let place = url.rsplit(['@', '/']).find(|part| part.contains(':')).unwrap_or_default();
                let (host, port) = place.rsplit_once(':').unwrap_or_default();
                if !local(host) {
                    return Err("the check asks a server by its address".to_owned());
                }
                question.port = port.parse().ok();
            }
            // No client has it: what follows is its value.
            ("--requirepass", None) => command += 1,
            (name, _) if DROPPED.contains(&name) => {}
            (name, _) => return Err(format!("what the option {name} is for has to be kept in mind; rewrite the check by hand")),
        }
    }
    let name = words.get(command).map_or("ping".to_owned(), |word| word.to_ascii_lowercase());
    if QUESTIONS.contains(&name.as_str()) { Ok(question) } else { Err("the check asks for something other than ping".to_owned()) }
}

/// What a check should look like on this server, as help for a person.
pub fn example(server: &RedisServer) -> String {
    let image = server.image.as_deref().unwrap_or_default();
    let exits = images::cli_exits_on_error(image, server.family);
    let port = server.ports.first().copied().unwrap_or(DEFAULT_PORT);
    let test = completion::test(server.family.cli(), exits, port);
    let password = if server.password.is_absent() { "" } else { ", and give the password as REDISCLI_AUTH in `environment`" };
    format!("write test: {test}{password}")
}

/// The verdict that a changed test would get.
pub fn verdict_on(cx: &Context<'_>, server: &RedisServer, test: Test) -> Option<health::Verdict> {
    let mut service = cx.service(&server.service).clone();
    service.healthcheck.as_mut()?.test = Some(test);
    health::assess(cx.project, server, &service)
}
