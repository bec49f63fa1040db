//! What a health check of a Redis really tells. `redis-cli ping` prints NOAUTH, LOADING or MISCONF and exits 0 all the same; `-e` makes it
//! exit 1 (run with redis-cli 7.0.15; the table stands in redis.md §2.1). A check is run on paper in every state of its Redis;
//! `tests/health.rs` does the same with a real one.

mod client;
mod expand;
mod fault;
mod outcome;
mod pattern;
mod programs;
mod run;
mod shell;
mod surroundings;
mod world;

use super::servers::{DEFAULT_PORT, RedisServer, Setting};
use crate::compose::model::{Project, Service, Test, TestForm};
use crate::compose::value::{MAX_DEPTH, Text, Value};
pub use client::{CliCall, cli_call, find_cli, is_cli};
pub use fault::Fault;
use outcome::{Arg, Notes, Outcome, UNKNOWN, Unsure};
use surroundings::Surroundings;
use world::{State, World};

/// The variable that the client reads its password from (redis-cli `--help`).
pub const CLI_PASSWORD: &str = "REDISCLI_AUTH";

/// What a check is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It passes while Redis is well, and fails otherwise.
    Sound,
    /// It passes while Redis answers with an error, or is gone: and why.
    Misleading(&'static str),
    /// Redis never gives it a good answer.
    Broken(Fault),
    /// It would be sound if it gave the password that the server asks for.
    WithoutPassword,
    /// A script, a program or a form that is not judged here.
    Unknown,
}

const EXIT_ZERO: &str = "the client prints the error and exits 0 all the same";
const WRITES: &str = "it writes a key called ping, and exits 0 on every error";
const PIPE: &str = "the exit code is that of the last command of the pipe, which is content with any answer";
const ASYNC: &str = "the pattern also matches async_loading:0, which is there while data are loading";
const ALONE: &str = "only the client is run, without a command, and that always succeeds";
const TCP: &str = "it proves only that the port accepts connections";
const UNASKED: &str = "the client shows its help or its version and never asks Redis";
const LOADS: &str = "Redis answers this command while its data are still loading";
const RESCUED: &str = "what the line ends with succeeds whatever Redis says";

/// The test of a service's health check, unless it is switched off.
pub fn active_test(service: &Service) -> Option<&Test> {
    let check = service.healthcheck.as_ref().filter(|check| check.disabled.is_none())?;
    check.test.as_ref().filter(|test| test.form != TestForm::None)
}

/// Judges the health check of a server's service; `None` where there is none.
pub fn assess(project: &Project, server: &RedisServer, service: &Service) -> Option<Verdict> {
    let test = active_test(service)?;
    if is_line(test) {
        return Some(Verdict::Broken(Fault::Line));
    }
    let check = Check { project, test, around: Surroundings::of(project, server, service) };
    let needs = needs_password(project, server);
    if let Some(fault) = check.emptied(service, needs == Some(true)) {
        return Some(Verdict::Broken(fault));
    }
    Some(check.verdict(needs, server.password.is_absent()))
}

/// Whether the server turns away a client without a password; `None` where the files do not tell.
fn needs_password(project: &Project, server: &RedisServer) -> Option<bool> {
    match &server.password {
        // A rule for users may let anybody ping.
        Setting::Set(_) if server.flag("user").is_some() || server.flag("aclfile").is_some() => None,
        // `${NAME:?}` has a value wherever it runs at all.
        Setting::Set(text) if !text.missing().is_empty() => {
            project.docs.template(text).is_some_and(|template| template.contains(":?")).then_some(true)
        }
        Setting::Set(text) => (!text.has_option()).then_some(!text.value.is_empty()),
        Setting::Absent => Some(false),
        Setting::Hidden | Setting::Sealed => None,
    }
}

/// `["CMD", "redis-cli ping | grep PONG"]`
fn is_line(test: &Test) -> bool {
    let first = test.words.first().map(|word| word.filled(UNKNOWN)).unwrap_or_default();
    test.form == TestForm::Exec && first.trim().split_once(' ').is_some_and(|(program, _)| is_cli(program))
}

/// A check and what it runs in.
struct Check<'a> {
    project: &'a Project,
    test: &'a Test,
    around: Surroundings,
}

impl Check<'_> {
    fn verdict(&self, needs: Option<bool>, is_open: bool) -> Verdict {
        let fill = |word: &Text| word.filled(UNKNOWN);
        let run = |state, needs| self.run(state, needs, is_open, &fill);
        let (well, seen) = run(State::Well, false);
        let lame = seen.refused && !seen.answered;
        if well.as_ref().is_ok_and(|outcome| !outcome.passes || (lame && !seen.faults.is_empty())) {
            return Verdict::Broken(seen.faults.into_iter().next().unwrap_or(Fault::Answer));
        }
        let (real, told) = run(State::Well, needs == Some(true));
        if real.is_ok()
            && told.barred
            && !told.answered
            && let Some(fault) = told.faults.first()
        {
            return Verdict::Broken(fault.clone());
        }
        let states =
            [State::Refused, State::Loading, State::Down].into_iter().filter(|state| !is_open || *state != State::Refused);
        let errors: Vec<_> = states.map(|state| run(state, false)).collect();
        if let Some((_, notes)) = errors.iter().find(|(outcome, _)| outcome.as_ref().is_ok_and(|outcome| outcome.passes)) {
            return Verdict::Misleading(reason(notes));
        }
        let all_known = well.is_ok() && errors.iter().all(|(outcome, _)| outcome.is_ok());
        match real {
            Ok(outcome) if !outcome.passes => Verdict::WithoutPassword,
            Ok(_) if all_known => Verdict::Sound,
            _ => Verdict::Unknown,
        }
    }

    /// `$NAME` without a value for Compose, where the container has a variable of that name and nobody else counts on Compose's.
    fn emptied(&self, service: &Service, needs: bool) -> Option<Fault> {
        let missing: Vec<&str> = self.test.words.iter().flat_map(Text::missing).collect();
        let own = |name: &&&str| {
            let value = service.environment.get(**name).and_then(|entry| entry.value.as_ref());
            value.is_some_and(|value| !value.value.is_empty() && !value.missing().contains(name))
        };
        let name = missing.iter().find(own).filter(|name| !is_expected(self.project, name))?;
        let (outcome, notes) = self.run(State::Well, needs, false, &|word| word.value.clone());
        let fails = outcome.is_ok_and(|outcome| !outcome.passes || !notes.answered);
        fails.then(|| Fault::Emptied((*name).to_owned()))
    }

    fn run(&self, state: State, needs: bool, is_open: bool, fill: &dyn Fn(&Text) -> String) -> (Result<Outcome, Unsure>, Notes) {
        let mut notes = Notes::default();
        let mut world = World::new(state, &self.around, needs, is_open);
        let outcome = match self.test.form {
            TestForm::None => Err(Unsure),
            TestForm::Exec => {
                let args: Vec<Arg> = self.test.words.iter().map(|word| self.arg(word, fill)).collect();
                world.program(&args, None, &mut notes)
            }
            // The shell runs the first word; the others are names that it gives to nothing.
            TestForm::Shell => {
                let script = self.test.words.first().map(fill).unwrap_or_default();
                shell::parse(&script).ok_or(Unsure).and_then(|node| world.run(&node, None, &mut notes))
            }
        };
        (outcome, notes)
    }

    /// A word that no shell reads.
    fn arg(&self, word: &Text, fill: &dyn Fn(&Text) -> String) -> Arg {
        let text = fill(word);
        let template = self.project.docs.template(word).unwrap_or_default();
        let literal = template.find("$$").map(|at| unexpanded(&template[at + 2..]));
        let is_operator =
            matches!(text.as_str(), "|" | "||" | "&&" | ";" | "&" | ">" | ">>" | "<" | "2>&1" | ">/dev/null" | "2>/dev/null");
        Arg { literal: literal.flatten(), is_operator, ..Arg::of(&text) }
    }
}

/// `$NAME` or `$(…)` behind its dollar, as it may be shown.
fn unexpanded(rest: &str) -> Option<String> {
    if rest.starts_with('(') {
        return Some("$(…)".to_owned());
    }
    let name = rest.strip_prefix('{').unwrap_or(rest);
    let name = &name[..name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len())];
    (!name.is_empty()).then(|| format!("${name}"))
}

fn reason(notes: &Notes) -> &'static str {
    match notes {
        Notes { unasked: true, .. } => UNASKED,
        Notes { tcp: true, .. } => TCP,
        Notes { asynchronous: true, .. } => ASYNC,
        Notes { filtered: true, .. } => PIPE,
        Notes { alone: true, .. } => ALONE,
        Notes { writes: true, .. } => WRITES,
        Notes { exits_zero: true, .. } => EXIT_ZERO,
        Notes { loads: true, .. } => LOADS,
        _ => RESCUED,
    }
}

/// Whether anything beside health checks counts on a variable that Compose has no value for: then it comes from elsewhere.
fn is_expected(project: &Project, name: &str) -> bool {
    fn uses(value: &Value, name: &str, depth: usize) -> bool {
        let here = value.text().is_some_and(|text| text.missing().contains(&name));
        let below = || {
            value.items().iter().any(|item| uses(item, name, depth - 1))
                || value.entries().iter().any(|entry| entry.key != "healthcheck" && uses(&entry.value, name, depth - 1))
        };
        here || (depth > 0 && below())
    }
    project.values.iter().any(|value| uses(value, name, MAX_DEPTH))
}

/// Whether a service's health check can be given the password, or has it.
pub fn knows_password(service: &Service) -> bool {
    let in_environment = service.environment.contains_key(CLI_PASSWORD);
    let test = service.healthcheck.as_ref().and_then(|check| check.test.as_ref());
    let in_test = test.is_some_and(|test| {
        let line = test.words.iter().map(|word| word.value.as_str()).collect::<Vec<_>>().join(" ");
        let option = |word: &str| matches!(word, "-a" | "--pass" | "-u") || word.starts_with(CLI_PASSWORD);
        line.split([' ', '\'', '"', '(']).any(option)
    });
    in_environment || in_test
}

/// Whether a check asks for something that the files do not show to be there: a port that the server is not known to listen on, a
/// variable that nothing is known to put into the container.
pub fn is_doubtful(server: &RedisServer, service: &Service, test: &Test) -> bool {
    let line = test.words.iter().map(|word| word.filled("unknown")).collect::<Vec<_>>().join(" ");
    let words: Vec<&str> = line.split([' ', '"', '\'', '(', ')', ';', '|']).filter(|word| !word.is_empty()).collect();
    if asked_port(&words).is_some_and(|port| !server.ports.contains(&port)) {
        return true;
    }
    let taken = words.iter().filter_map(|word| word.trim_start_matches('$').strip_prefix('{').or(word.strip_prefix('$')));
    let name = |word: &str| word.trim_start_matches(['$', '{']).trim_end_matches('}').to_owned();
    let is_name = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    taken.map(name).any(|name| is_name(&name) && !service.environment.contains_key(&name))
}

/// The port that a check asks; `None` where it is a variable, or an address says it.
fn asked_port(words: &[&str]) -> Option<u16> {
    if let Some(pair) = words.windows(2).find(|pair| pair[0] == "-p") {
        return pair[1].parse().ok();
    }
    let elsewhere = words.contains(&"-u") || words.contains(&"-s");
    (!elsewhere && words.iter().any(|word| is_cli(word))).then_some(DEFAULT_PORT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::redis_of;

    /// The verdict on a line for the shell.
    fn verdict(script: &str) -> Option<Verdict> {
        let quoted = script.replace('$', "$$").replace('\'', "''");
        let (project, redis) = redis_of(&format!("services: {{redis: {{image: 'redis:7', healthcheck: {{test: '{quoted}'}}}}}}"));
        assess(&project, &redis.servers[0], &project.services["redis"])
    }

    #[test]
    fn lines_without_end_are_not_judged() {
        let doubled = format!("A=aaaaaaaa; {} redis-cli -a $A ping", "A=$A$A; ".repeat(60));
        for script in [
            "A='sh -c \"$A\"'; sh -c \"$A\"".to_owned(),
            format!("{} redis-cli ping", "! ".repeat(5000)),
            format!("redis-cli ping {}x{}", "${A:-".repeat(2000), "}".repeat(2000)),
            format!("if true; then true; {} fi", "elif true; then true; ".repeat(500)),
            format!("{} redis-cli ping {}", "(".repeat(5000), ")".repeat(5000)),
            format!("{} redis-cli ping", "exec ".repeat(3000)),
            format!("redis-cli ping {}", "x".repeat(1 << 20)),
            doubled,
        ] {
            assert_eq!(verdict(&script), Some(Verdict::Unknown), "{}", &script[..40]);
        }
    }
}
