//! What a health check of a Redis really tells. `redis-cli ping` prints NOAUTH, LOADING or MISCONF and exits 0 all the same; `-e` makes it
//! exit 1 (run with redis-cli 7.0.15; the table stands in redis.md §2.1).

use super::servers::{DEFAULT_PORT, RedisServer};
use crate::compose::model::{Service, Test, TestForm};

/// The variable that the client reads its password from (redis-cli `--help`).
pub const CLI_PASSWORD: &str = "REDISCLI_AUTH";

/// What a test says while Redis answers with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It fails, as it should.
    Sound,
    /// It passes: and why.
    Misleading(&'static str),
    /// A script, a program or a form that is not judged here.
    Unknown,
}

const EXIT_ZERO: &str = "the client prints the error and exits 0 all the same";
const WRITES: &str = "it writes a key called ping, and exits 0 on every error";
const PIPE: &str = "the exit code is that of the last command of the pipe, which is content with any answer";
const ASYNC: &str = "the pattern also matches async_loading:0, which is there while data are loading";
const ALONE: &str = "CMD-SHELL takes one line: only the client is run, without a command, and that always succeeds";
const TCP: &str = "it proves only that the port accepts connections";

/// Options of the client that take a value (redis-cli 7.0 `--help`).
const WITH_VALUE: [&str; 19] = [
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
    "-x",
    "-X",
    "-d",
    "-D",
    "--cacert",
    "--cacertdir",
    "--cert",
    "--key",
    "--sni",
];

/// A call of the client, by word positions in its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CliCall {
    pub exits_on_error: bool,
    /// Where the command (`ping`) starts.
    pub command: usize,
}

pub fn is_cli(word: &str) -> bool {
    matches!(word.rsplit('/').next().unwrap_or(word), "redis-cli" | "valkey-cli" | "keydb-cli")
}

/// Reads `redis-cli [options] command …`.
pub fn cli_call(words: &[&str]) -> Option<CliCall> {
    if !words.first().is_some_and(|word| is_cli(word)) {
        return None;
    }
    let mut at = 1;
    let mut exits_on_error = false;
    while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
        exits_on_error |= *word == "-e";
        at += 1 + usize::from(WITH_VALUE.contains(word));
    }
    Some(CliCall { exits_on_error, command: at.min(words.len()) })
}

/// Judges the test of a health check.
pub fn judge(test: &Test) -> Verdict {
    // A password that the files do not show is a word like any other.
    let filled: Vec<String> = test.words.iter().map(|word| word.filled("unknown")).collect();
    let words: Vec<&str> = filled.iter().map(String::as_str).collect();
    match test.form {
        TestForm::None => Verdict::Unknown,
        TestForm::Shell => match words.as_slice() {
            [script] => judge_script(script),
            // The shell runs the first word; the others are names it gives to nothing.
            [first, ..] if is_cli(first) => Verdict::Misleading(ALONE),
            _ => Verdict::Unknown,
        },
        TestForm::Exec => match words.as_slice() {
            ["sh" | "bash" | "ash" | "/bin/sh" | "/bin/bash", flag, script] if flag.starts_with('-') && flag.ends_with('c') => {
                judge_script(script)
            }
            words if words.iter().any(|word| matches!(*word, "|" | "||" | "&&")) => Verdict::Unknown,
            words => judge_call(words),
        },
    }
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

/// What speaks against a check ever passing, whatever Redis does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// It asks a port that the server is not known to listen on.
    Port(u16),
    /// It takes a variable from the container, which nothing puts there.
    Variable(String),
}

/// The first doubt about a check that calls a client.
pub fn doubt(server: &RedisServer, service: &Service, test: &Test) -> Option<Doubt> {
    let line = test.words.iter().map(|word| word.filled("unknown")).collect::<Vec<_>>().join(" ");
    let words: Vec<&str> = line.split([' ', '"', '\'', '(', ')', ';', '|']).filter(|word| !word.is_empty()).collect();
    if let Some(port) = asked_port(&words).filter(|port| !server.ports.contains(port)) {
        return Some(Doubt::Port(port));
    }
    let taken = words.iter().filter_map(|word| word.trim_start_matches('$').strip_prefix('{').or(word.strip_prefix('$')));
    let name = |word: &str| word.trim_start_matches(['$', '{']).trim_end_matches('}').to_owned();
    let is_name = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let missing = taken.map(name).find(|name| is_name(name) && !service.environment.contains_key(name));
    missing.map(Doubt::Variable)
}

/// The port that a check asks; `None` where it is a variable, or an address says it.
fn asked_port(words: &[&str]) -> Option<u16> {
    if let Some(pair) = words.windows(2).find(|pair| pair[0] == "-p") {
        return pair[1].parse().ok();
    }
    let elsewhere = words.contains(&"-u") || words.contains(&"-s");
    (!elsewhere && words.iter().any(|word| is_cli(word))).then_some(DEFAULT_PORT)
}

fn judge_call(words: &[&str]) -> Verdict {
    if let ["nc", options @ ..] = words {
        return if options.iter().any(|option| option.starts_with('-') && option.contains('z')) {
            Verdict::Misleading(TCP)
        } else {
            Verdict::Unknown
        };
    }
    let Some(call) = cli_call(words) else { return Verdict::Unknown };
    match &words[call.command..] {
        [] => Verdict::Unknown,
        _ if call.exits_on_error => Verdict::Sound,
        [first, ..] if first.eq_ignore_ascii_case("incr") => Verdict::Misleading(WRITES),
        _ => Verdict::Misleading(EXIT_ZERO),
    }
}

/// A line for the shell: the last command of a pipe decides, unless the answer itself is compared.
fn judge_script(script: &str) -> Verdict {
    let script = script.trim().replace("$$", "$");
    if script.contains('\n') || ["if ", "case ", "while ", "for ", "; "].iter().any(|word| script.contains(word)) {
        return Verdict::Unknown;
    }
    if !["redis-cli", "valkey-cli", "keydb-cli", "nc "].iter().any(|cli| script.contains(cli)) {
        return Verdict::Unknown;
    }
    if script.contains("$(") || script.contains('`') {
        return if script.contains("PONG") && script.contains('=') { Verdict::Sound } else { Verdict::Unknown };
    }
    if let Some(inner) = shell_in_shell(&script) {
        return judge_script(inner);
    }
    // `… || exit 1` and `… && exit 0` pass the verdict of what stands before them on.
    let script = without_timeout(&script).to_owned();
    let head = script.split("||").next().unwrap_or(&script).split("&&").next().unwrap_or(&script).trim();
    match head.rsplit_once('|') {
        None => judge_call(&words_of(head)),
        Some((_, last)) => judge_filter(last),
    }
}

/// `timeout 5 redis-cli …` is judged like the call itself.
fn without_timeout(script: &str) -> &str {
    let Some(rest) = script.strip_prefix("timeout ") else { return script };
    rest.trim_start().split_once(' ').map_or(script, |(_, call)| call.trim_start())
}

/// `bash -c 'redis-cli ping'`.
fn shell_in_shell(script: &str) -> Option<&str> {
    let rest = ["sh -c ", "bash -c "].iter().find_map(|shell| script.strip_prefix(shell))?.trim();
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    rest.strip_prefix(quote)?.strip_suffix(quote)
}

fn words_of(line: &str) -> Vec<&str> {
    line.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect()
}

fn judge_filter(last: &str) -> Verdict {
    let words = words_of(last);
    match words.split_first() {
        Some((&("grep" | "egrep" | "fgrep"), options)) => judge_grep(options),
        Some((&("head" | "tail" | "cat" | "wc" | "xargs" | "tr"), _)) => Verdict::Misleading(PIPE),
        _ => Verdict::Unknown,
    }
}

fn judge_grep(words: &[&str]) -> Verdict {
    let inverted = words.iter().any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('v'));
    let pattern = words.iter().find(|word| !word.starts_with('-')).copied().unwrap_or_default();
    if inverted || matches!(pattern, "" | "." | ".*" | ".+") {
        Verdict::Misleading(PIPE)
    } else if pattern.starts_with("loading:0") {
        Verdict::Misleading(ASYNC)
    } else {
        Verdict::Sound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::redis_of;

    #[test]
    fn scripts_of_real_files() {
        let cases = [
            ("redis-cli ping", Verdict::Misleading(EXIT_ZERO)),
            ("redis-cli ping || exit 1", Verdict::Misleading(EXIT_ZERO)),
            ("redis-cli -e ping", Verdict::Sound),
            ("redis-cli ping | grep PONG", Verdict::Sound),
            ("redis-cli -a \"$$REDIS_PASSWORD\" ping | grep -q PONG", Verdict::Sound),
            ("redis-cli ping | grep -v ERR", Verdict::Misleading(PIPE)),
            ("redis-cli info | head -1", Verdict::Misleading(PIPE)),
            ("redis-cli info persistence | grep loading:0", Verdict::Misleading(ASYNC)),
            ("redis-cli info persistence | grep ^loading:0", Verdict::Sound),
            ("[ $$(valkey-cli --pass \"$$P\" ping) = 'PONG' ]", Verdict::Sound),
            ("redis-cli --raw incr ping", Verdict::Misleading(WRITES)),
            ("bash -c 'redis-cli ping'", Verdict::Misleading(EXIT_ZERO)),
            ("timeout 5 redis-cli ping", Verdict::Misleading(EXIT_ZERO)),
            ("/healthchecks/redis.sh", Verdict::Unknown),
        ];
        for (script, verdict) in cases {
            assert_eq!(judge_script(script), verdict, "{script}");
        }
    }

    #[test]
    fn options_with_values_are_stepped_over() {
        let call = cli_call(&["redis-cli", "-h", "localhost", "-a", "x", "-e", "ping"]).expect("a call");
        assert_eq!(call, CliCall { exits_on_error: true, command: 6 });
        assert_eq!(judge_call(&["redis-cli", "-p", "6380", "ping"]), Verdict::Misleading(EXIT_ZERO));
    }

    #[test]
    fn a_check_asks_the_port_that_the_server_listens_on() {
        let first = |command: &str, check: &str| {
            let yaml = format!(
                "services: {{redis: {{image: 'redis:7', command: '{command}', healthcheck: {{test: '{check}'}}, environment: [P=x]}}}}"
            );
            let (project, redis) = redis_of(&yaml);
            let service = &project.services["redis"];
            let test = service.healthcheck.as_ref().and_then(|check| check.test.as_ref()).expect("a test");
            doubt(&redis.servers[0], service, test)
        };
        let cases = [
            ("redis-server", "redis-cli ping", None),
            ("redis-server", "redis-cli -p 6380 ping", Some(Doubt::Port(6380))),
            ("redis-server --port 6380", "redis-cli -p 6380 ping", None),
            ("redis-server --port 6380", "redis-cli ping", Some(Doubt::Port(6379))),
            ("redis-server --port 6380", "redis-cli -u redis://localhost:6380 ping", None),
            ("redis-server", "redis-cli -p $$PORT ping", Some(Doubt::Variable("PORT".to_owned()))),
            ("redis-server", "redis-cli -a $$P ping", None),
        ];
        for (command, check, expected) in cases {
            assert_eq!(first(command, check), expected, "{command}, {check}");
        }
    }
}
