//! The command-line client: which options it takes, and what it prints and exits with (run with redis-cli 7.0.15 and `--help` of it;
//! `tests/health.rs` runs it again).

mod reply;

use super::outcome::{Arg, Notes, Out, Outcome, Unsure};
use super::world::{State, World};
use super::{DEFAULT_PORT, Fault};
use std::ops::Range;

/// Options that take a value.
const WITH_VALUE: [&str; 28] = [
    "-h",
    "-p",
    "-s",
    "-a",
    "--user",
    "--pass",
    "-u",
    "-r",
    "-i",
    "-n",
    "-X",
    "-d",
    "-D",
    "-t",
    "--sni",
    "--cacert",
    "--cacertdir",
    "--cert",
    "--key",
    "--tls-ciphers",
    "--tls-ciphersuites",
    "--show-pushes",
    "--pattern",
    "--quoted-pattern",
    "--memkeys-samples",
    "--pipe-timeout",
    "--rdb",
    "--eval",
];

/// Options that take none and leave it a call of one command.
const PLAIN: [&str; 19] = [
    "-e",
    "-c",
    "-2",
    "-3",
    "-4",
    "-6",
    "--raw",
    "--no-raw",
    "--csv",
    "--json",
    "--quoted-json",
    "--quoted-input",
    "--no-auth-warning",
    "--verbose",
    "--tls",
    "--insecure",
    "--ldb",
    "--ldb-sync-mode",
    "--replica",
];

/// Options that make it something other than a call, which is not judged.
const MODES: [&str; 20] = [
    "-x",
    "-X",
    "--askpass",
    "--rdb",
    "--functions-rdb",
    "--eval",
    "--cluster",
    "--latency",
    "--latency-history",
    "--latency-dist",
    "--lru-test",
    "--intrinsic-latency",
    "--stat",
    "--scan",
    "--bigkeys",
    "--memkeys",
    "--hotkeys",
    "--pipe",
    "--replica",
    "--slave",
];

const WARNING: &str = "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n";
const REFUSED: &str = "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n";
/// The clients that the images bring.
const CLIS: [&str; 3] = ["redis-cli", "valkey-cli", "keydb-cli"];

pub fn is_cli(word: &str) -> bool {
    CLIS.contains(&word.rsplit('/').next().unwrap_or(word))
}

/// Where the name of a client stands in a line.
pub fn find_cli(line: &str) -> Option<Range<usize>> {
    CLIS.iter().find_map(|cli| line.find(cli).map(|at| at..at + cli.len()))
}

/// A call of the client, by word positions in its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CliCall {
    pub exits_on_error: bool,
    /// Where each option stands, with its value's place where it takes one.
    pub options: Vec<(usize, Option<usize>)>,
    /// Where the command (`ping`) starts.
    pub command: usize,
}

/// Reads `redis-cli [options] command …`.
pub fn cli_call(words: &[&str]) -> Option<CliCall> {
    if !words.first().is_some_and(|word| is_cli(word)) {
        return None;
    }
    let mut call = CliCall { exits_on_error: false, options: Vec::new(), command: words.len() };
    let mut at = 1;
    while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
        call.exits_on_error |= *word == "-e";
        let takes = WITH_VALUE.contains(word) && at + 1 < words.len();
        call.options.push((at, takes.then_some(at + 1)));
        at += 1 + usize::from(takes);
    }
    call.command = at.min(words.len());
    Some(call)
}

/// Whether the password that a call gives lets it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    Nothing,
    Right,
    /// It cannot be the password: nothing at all, or the name of a variable letter by letter.
    Wrong,
    /// Some clients send it with an empty user name, which Redis rejects; whether this one does is not known.
    Doubtful,
}

struct Session<'a, 'w> {
    world: &'a World<'w>,
    given: Given,
    exits: bool,
    /// The port that is asked; `None` where it is not known.
    port: Option<u16>,
}

/// Runs the client with the words behind its name.
pub(super) fn run(world: &World<'_>, args: &[Arg], stdin: Option<&Out>, notes: &mut Notes) -> Result<Outcome, Unsure> {
    let texts: Vec<&str> = std::iter::once("redis-cli").chain(args.iter().map(|arg| arg.text.as_str())).collect();
    let call = cli_call(&texts).ok_or(Unsure)?;
    let arg = |at: usize| &args[at - 1];
    let from_env =
        world.variable("REDISCLI_AUTH").map_or(Given::Right, |text| if text.is_empty() { Given::Nothing } else { Given::Right });
    let mut session = Session { world, given: from_env, exits: call.exits_on_error, port: Some(DEFAULT_PORT) };
    let mut err = String::new();
    for &(at, value) in &call.options {
        let name = texts[at];
        let value = value.map(arg);
        if matches!(name, "--help" | "--version" | "-v") || (name == "-h" && value.is_none()) {
            notes.unasked = true;
            return Ok(Outcome::of(true));
        }
        let known = PLAIN.contains(&name) || MODES.contains(&name) || (WITH_VALUE.contains(&name) && value.is_some());
        if world.around.lacks(name).ok_or(Unsure)? || !known {
            let shown = name.split('=').next().unwrap_or(name);
            notes.fault(Fault::Option(shown.to_owned()));
            return Ok(Outcome { err: Out::sure("Unrecognized option\n"), ..Outcome::of(false) });
        }
        if MODES.contains(&name) {
            return Err(Unsure);
        }
        session.option(name, value, notes)?;
        if matches!(name, "-a" | "--pass" | "-u") && !texts.contains(&"--no-auth-warning") && session.given != Given::Nothing {
            WARNING.clone_into(&mut err);
        }
    }
    let deaf = session.port.filter(|port| world.around.is_deaf(*port));
    if let Some(port) = deaf {
        notes.fault(Fault::Port(port));
    }
    if deaf.is_some() || world.state == State::Down {
        let asks = call.command < texts.len();
        notes.alone |= !asks;
        return Ok(Outcome { err: Out::sure(&(err + REFUSED)), ..Outcome::of(!asks) });
    }
    let mut outcome = session.talk(&args[call.command - 1..], stdin, notes)?;
    outcome.err.text.insert_str(0, &err);
    Ok(outcome)
}

impl Session<'_, '_> {
    fn option(&mut self, name: &str, value: Option<&Arg>, notes: &mut Notes) -> Result<(), Unsure> {
        let Some(value) = value else { return Ok(()) };
        match name {
            "-a" | "--pass" => self.given = password(value, notes),
            "-u" => self.address(value, notes)?,
            "-p" => {
                notes.unexpanded(value);
                // What is no number counts as 0.
                self.port = (!value.is_open()).then(|| value.text.parse().unwrap_or(0));
            }
            "-s" => self.port = None,
            "-h" if !value.is_open() && !self.world.around.is_here(&value.text) => return Err(Unsure),
            _ => {}
        }
        Ok(())
    }

    /// `-u redis://user:password@host:port/0`
    fn address(&mut self, value: &Arg, notes: &mut Notes) -> Result<(), Unsure> {
        let rest =
            ["redis://", "rediss://", "valkey://"].iter().find_map(|scheme| value.text.strip_prefix(scheme)).ok_or(Unsure)?;
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        let place = place.split(['/', '?']).next().unwrap_or(place);
        let (host, port) = place.rsplit_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
        if !value.is_open() && !host.is_empty() && !self.world.around.is_here(host) {
            return Err(Unsure);
        }
        if let Some(user) = user {
            let (name, secret) = user.split_once(':').unwrap_or(("default", user));
            self.given = match (password(&Arg { text: secret.to_owned(), ..value.clone() }, notes), name) {
                (Given::Right, "") => self.without_user(notes),
                (given, _) => given,
            };
        }
        self.port = (!value.is_open()).then(|| port.and_then(|port| port.parse().ok()).unwrap_or(DEFAULT_PORT));
        Ok(())
    }

    fn without_user(&self, notes: &mut Notes) -> Given {
        match self.world.around.takes_empty_user() {
            Some(true) => Given::Right,
            Some(false) => {
                notes.fault(Fault::Address);
                Given::Wrong
            }
            None => Given::Doubtful,
        }
    }

    /// One command, or without one those that come on standard input.
    fn talk(&mut self, command: &[Arg], stdin: Option<&Out>, notes: &mut Notes) -> Result<Outcome, Unsure> {
        let mut outcome = Outcome::of(true);
        if !command.is_empty() {
            let reply = self.reply(command, notes)?;
            if reply.is_error && self.exits {
                return Ok(Outcome { err: Out::sure(&(reply.text + "\n")), out: Out::sure("\n"), ..Outcome::of(false) });
            }
            notes.exits_zero |= reply.is_error;
            let end = if reply.is_error { "\n\n" } else { "\n" };
            outcome.out = Out { text: reply.text + end, sure: reply.sure };
            return Ok(outcome);
        }
        notes.alone |= stdin.is_none();
        let Some(stdin) = stdin else { return Ok(outcome) };
        if !stdin.sure || self.exits {
            return Err(Unsure);
        }
        for line in stdin.text.lines() {
            let words: Vec<Arg> = line.split_whitespace().map(Arg::of).collect();
            if words.is_empty() {
                continue;
            }
            let reply = self.reply(&words, notes)?;
            notes.exits_zero |= reply.is_error;
            outcome.out.sure &= reply.sure;
            outcome.out.text += &(reply.text + "\n");
        }
        Ok(outcome)
    }
}

fn password(value: &Arg, notes: &mut Notes) -> Given {
    if value.literal.is_some() {
        notes.unexpanded(value);
        Given::Wrong
    } else if value.text.is_empty() && !value.is_open() {
        Given::Wrong
    } else {
        Given::Right
    }
}
