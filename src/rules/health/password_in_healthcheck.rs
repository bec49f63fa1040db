//! The rule `password-in-healthcheck`.

use super::completion;
use crate::compose::forms::words::of_shell;
use crate::compose::model::{Service, Test, TestForm};
use crate::compose::value::{Site, Text};
use crate::diagnostic::{Applicability, Change, Finding, Label, Remedy, Severity, Subject};
use crate::layout::quoted;
use crate::redis::health::{self, CLI_PASSWORD, Verdict, cli_call, is_cli};
use crate::redis::servers::RedisServer;
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::yaml_edit::New;

crate::declare_rule! {
    /// Flags a health check that gives the password on its command line.
    ///
    /// ## Why
    ///
    /// A value that Compose puts there (`-a ${REDIS_PASSWORD}`, or a literal) stands in `docker inspect`, in the engine's events and in every
    /// process list of the host while the check runs, which is every few seconds. `$$REDIS_PASSWORD` keeps it out of the first two, not out
    /// of the process list, so it is flagged too; redis-cli itself warns of both on each run. It reads `REDISCLI_AUTH` instead.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD:?}"]
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "-a", "${REDIS_PASSWORD:?}", "ping"]
    /// ```
    ///
    /// ```dotenv
    /// REDIS_PASSWORD=s3cret-fixture-of-the-docs
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD:?}"]
    ///     environment:
    ///       REDISCLI_AUTH: ${REDIS_PASSWORD:?}
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    /// ```
    ///
    /// ```dotenv
    /// REDIS_PASSWORD=s3cret-fixture-of-the-docs
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe, because it changes how the service is given its password: it adds `REDISCLI_AUTH` to the service's `environment`, with the
    /// expression of the check or of the server, and takes the option out of the check. Only a check that is sound otherwise is flagged: the others are put right first.
    "password-in-healthcheck", "health", Info, Unsafe
}

/// A password on the command line of the client.
struct Given {
    /// The words of the call, with their places.
    words: Vec<Text>,
    /// Where the option stands among them; its value comes next.
    option: usize,
    /// The password itself: the value, or a part of its URL.
    secret: Text,
    /// `--user` other than the default, or one in the URL.
    user: bool,
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.redis.servers.iter().filter(|server| !server.is_fragment) {
        let service = cx.service(&server.service);
        let Some(test) = health::active_test(service) else { continue };
        if cx.verdict(server) != Some(Verdict::Sound) {
            continue;
        }
        let Some(given) = given(test) else { continue };
        let name = given.words[given.option].value.clone();
        let span = cx.project.docs.written(&given.secret).unwrap_or(test.value.span);
        out.push(Finding {
            rule: META.name,
            severity: Severity::Info,
            subject: Subject::service(&server.service),
            message: format!("the health check of {} gives the password on its command line ({name})", server.service),
            why: "process lists of the host show it each time the check runs, and what Compose puts there stands in `docker inspect` too"
                .to_owned(),
            help: format!("set {CLI_PASSWORD} in the `environment` of {} and leave {name} out", server.service),
            primary: Label::new(span, "a password on a command line"),
            related: Vec::new(),
            remedy: Remedy::offer(
                Applicability::OnRequest,
                format!("Give the health check of {} its password as {CLI_PASSWORD}", server.service),
                Some(format!("every program in the container of {} then sees the variable", server.service)),
                change(cx, server, service, test, &given),
            ),
        });
    }
}

/// The first password that a check gives its client as an option.
fn given(test: &Test) -> Option<Given> {
    let scripts = test.words.iter().find(|word| word.value.contains(' ') && word.value.contains("-cli"));
    let words = match (test.form, scripts) {
        (TestForm::Exec, None) => test.words.clone(),
        (TestForm::Exec, Some(script)) => from_client(script)?,
        (TestForm::Shell, _) => from_client(test.words.first()?)?,
        (TestForm::None, _) => return None,
    };
    let start = words.iter().position(|word| is_cli(&word.value))?;
    let words: Vec<Text> = words[start..].to_vec();
    let plain: Vec<String> = words.iter().map(|word| word.filled("unknown")).collect();
    let call = cli_call(&plain.iter().map(String::as_str).collect::<Vec<_>>())?;
    let (option, value) = call.options.iter().find_map(|&(at, value)| {
        let value = value?;
        let secret = match plain[at].as_str() {
            "-a" | "--pass" if !plain[value].is_empty() => words[value].clone(),
            "-u" => in_url(&words[value])?,
            _ => return None,
        };
        Some((at, secret))
    })?;
    let named =
        call.options.iter().any(|&(at, value)| plain[at] == "--user" && value.is_some_and(|value| plain[value] != "default"));
    let in_url = plain[option] == "-u" && !["//:", "//default:"].iter().any(|start| plain[option + 1].contains(start));
    Some(Given { words, option, secret: value, user: named || in_url })
}

/// The words of a line for the shell from the client's name on.
fn from_client(script: &Text) -> Option<Vec<Text>> {
    let line = script.slice(health::find_cli(&script.value)?.start..script.value.len());
    Some(of_shell(&line))
}

/// The password in `redis://user:password@host`.
fn in_url(url: &Text) -> Option<Text> {
    let start = url.value.find("://")? + 3;
    let end = url.value.rfind('@').filter(|end| *end > start)?;
    let start = url.value[start..end].find(':').map_or(start, |colon| start + colon + 1);
    (start < end || url.is_open(&(start..end))).then(|| url.slice(start..end))
}

fn change(cx: &Context<'_>, server: &RedisServer, service: &Service, test: &Test, given: &Given) -> Edited {
    let in_url = given.words[given.option].value == "-u";
    if in_url && given.user {
        return Err("the URL logs in as a user of its own, whom REDISCLI_AUTH does not name".to_owned());
    }
    let mut change = if service.environment.contains_key(CLI_PASSWORD) {
        Change::default()
    } else {
        completion::add_password(cx, service, &expression(cx, server, service, given)?)?
    };
    change.join(match test.form {
        _ if in_url => without_user(cx, &given.words[given.option + 1])?,
        TestForm::Exec if !test.words.iter().any(|word| word.value.contains(' ') && word.value.contains("-cli")) => {
            without_items(cx, server, test, given)?
        }
        _ => without_words(cx, given)?,
    });
    Ok(change)
}

/// What `REDISCLI_AUTH` is set to: what the check says, or the variable of the container that it names, or what the server says.
fn expression(cx: &Context<'_>, server: &RedisServer, service: &Service, given: &Given) -> Result<String, String> {
    let of_server = server.password.text().filter(|text| text.value == given.secret.value && !given.user);
    if let Some(expression) = of_server.and_then(|text| completion::expression(cx, text)) {
        return Ok(expression.to_owned());
    }
    let written = cx.project.docs.template(&given.secret).unwrap_or_default();
    let name = written.trim_matches('"').trim_start_matches("$$").trim_matches(['{', '}']);
    if written.trim_matches('"').starts_with("$$") {
        let entry = service.environment.get(name).filter(|entry| entry.through.is_none());
        let value = entry.and_then(|entry| entry.value.as_ref()).and_then(|text| completion::expression(cx, text));
        return value
            .map(str::to_owned)
            .ok_or_else(|| format!("where the value of {} comes from is not written in a compose file", service.name));
    }
    if given.secret.is_literal() || written.contains("$$") {
        return Err("the password is written out here; put it into .env first".to_owned());
    }
    Ok(written.to_owned())
}

/// Takes the option and its value out of a list of words.
fn without_items(cx: &Context<'_>, server: &RedisServer, test: &Test, given: &Given) -> Edited {
    let start = test.words.len() - given.words.len();
    let gone = [start + given.option, start + given.option + 1];
    let kept: Option<Vec<String>> = test
        .words
        .iter()
        .enumerate()
        .filter(|(at, _)| !gone.contains(at))
        .map(|(_, word)| cx.project.docs.template(word).map(quoted))
        .collect();
    let kept = kept.ok_or("the check is put together from parts")?;
    let list = format!("[{}, {}]", quoted("CMD"), kept.join(", "));
    cx.editor().replace(&test.value, &New::Raw(list), &[&server.service])
}

/// Takes the option and its value out of a line for the shell.
fn without_words(cx: &Context<'_>, given: &Given) -> Edited {
    let place = |text: &Text| match text.written() {
        Site::Yaml { file, node, cooked } => Ok((file, node, cooked)),
        _ => Err("the check is not written in the compose file".to_owned()),
    };
    let (file, node, option) = place(&given.words[given.option])?;
    let (_, _, next) = place(given.words.get(given.option + 2).ok_or("nothing follows the password")?)?;
    let template = cx.project.docs.tree(file).and_then(|tree| tree.scalar(node)).map(|scalar| &scalar.value);
    let between = template.and_then(|text| text.get(option.start..next.start)).ok_or("the check is put together from parts")?;
    // A quote may open right before the next word.
    let end = option.start + between.trim_end_matches(['"', '\'']).len();
    if between.contains([';', '|', '\n', '(', ')']) {
        return Err("the password stands in a part of the line that is more than an option".to_owned());
    }
    cx.editor().set(&Site::Yaml { file, node, cooked: option.start..end }, "")
}

/// Takes `user:password@` out of a URL.
fn without_user(cx: &Context<'_>, url: &Text) -> Edited {
    let start = url.value.find("://").ok_or("the URL has no scheme")? + 3;
    let end = url.value.rfind('@').ok_or("the URL has no password")? + 1;
    cx.editor().set(&url.slice(start..end).written(), "")
}
