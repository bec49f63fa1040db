//! Health checks: the verdicts on the forms of `tests/health/forms`; and, with a real Redis, whether those and all that occur in the
//! fixtures of the health rules are what really happens.
//!
//! The second part runs where `CACHELINT_TEST_REDIS` names a redis-server, as `tests/run` does once it is installed, with redis-cli beside
//! it. Without that variable it says that it was not run; with it, whatever is missing is a failure.

#![cfg(unix)]

mod support;

use cachelint::compose::discover::ProjectFiles;
use cachelint::compose::load::load;
use cachelint::compose::model::TestForm;
use cachelint::compose::value::Text;
use cachelint::redis::Redis;
use cachelint::redis::health::{CLI_PASSWORD, Fault, Verdict, active_test, assess};
use cachelint::redis::images::Family;
use cachelint::redis::servers::RedisServer;
use cachelint::text::source::Sources;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use support::{Project, names_in, read, repository};

const RULES: [&str; 6] = [
    "missing-redis-healthcheck",
    "misleading-healthcheck",
    "broken-healthcheck",
    "healthcheck-without-password",
    "password-in-healthcheck",
    "slow-healthcheck",
];

/// A health check with what it runs in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Check {
    /// Where it was found.
    place: String,
    /// As Docker calls it.
    words: Vec<String>,
    in_shell: bool,
    environment: BTreeMap<String, String>,
    password: Option<String>,
    /// Empty: not known, so any.
    ports: Vec<u16>,
    /// Users of its own say who may do what.
    users: bool,
}

/// The checks of a project in a folder, with their verdicts.
fn checks(folder: &Path, place: &str) -> Vec<(Check, Verdict)> {
    let Some(files) = ProjectFiles::of_directory(folder, |path| folder.join(path).exists()) else { return Vec::new() };
    let project = load(Sources::new(folder), &files);
    let mut out = Vec::new();
    for server in &Redis::read(&project).servers {
        let service = &project.services[&server.service];
        let (Some(test), Some(verdict)) = (active_test(service), assess(&project, server, service)) else { continue };
        let value = |text: &Text| text.filled("unknown");
        let mut environment: BTreeMap<String, String> = service
            .environment
            .iter()
            .filter_map(|(name, entry)| Some((name.clone(), entry.value.as_ref().map(value)?)))
            .collect();
        let password = password(server, &environment);
        let words: Vec<String> = test.words.iter().map(value).collect();
        // What no file shows is as the check wants it.
        let unread = project.unknown.iter().any(|unknown| unknown.subject.service.as_ref() == Some(&service.name));
        for name in variables(&words).into_iter().chain(unread.then(|| CLI_PASSWORD.to_owned())) {
            if unread || name.starts_with("SERVICE_") || server.family == Family::Custom {
                environment.entry(name).or_insert_with(|| password.clone().unwrap_or_default());
            }
        }
        let check = Check {
            place: format!("{place}: {}", server.service),
            words,
            in_shell: test.form == TestForm::Shell,
            environment,
            password,
            ports: if server.hidden || !server.knows_ports { Vec::new() } else { server.ports.clone() },
            users: server.flag("user").is_some() || server.flag("aclfile").is_some(),
        };
        out.push((check, verdict));
    }
    out
}

/// The password that clients need, as far as a file tells it.
fn password(server: &RedisServer, environment: &BTreeMap<String, String>) -> Option<String> {
    let text = server.password.text().filter(|text| text.missing().is_empty())?;
    // A shell in the container puts it there.
    let from_container = text.value.strip_prefix('$').and_then(|name| environment.get(name.trim_matches(['{', '}'])));
    Some(from_container.unwrap_or(&text.value).clone()).filter(|password| !password.is_empty())
}

/// The names behind a dollar.
fn variables(words: &[String]) -> Vec<String> {
    let line = words.join(" ");
    let name = |rest: &str| {
        let rest = rest.trim_start_matches('{');
        rest[..rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())].to_owned()
    };
    line.split('$').skip(1).map(name).filter(|name| !name.is_empty()).collect()
}

/// One line of `tests/health/forms`.
struct Form {
    line: usize,
    verdict: String,
    server: String,
    test: String,
}

fn forms() -> Vec<Form> {
    let text = read(&repository().join("tests/health/forms"));
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(number, line)| {
            let mut parts = line.splitn(2, ' ');
            let verdict = parts.next().expect("a verdict").to_owned();
            let rest = parts.next().expect("a server").trim_start();
            let (server, check) = rest.split_once(' ').expect("a test");
            Form { line: number + 1, verdict, server: server.to_owned(), test: check.trim_start().to_owned() }
        })
        .collect()
}

impl Form {
    fn judged(&self) -> (Check, Verdict) {
        let command = match self.server.as_str() {
            "open" => "redis-server",
            "password" => "redis-server --requirepass s3cret-fixture",
            "port" => "redis-server --port 6380",
            other => panic!("line {}: no server {other}", self.line),
        };
        // A line that is neither a list nor quoted is taken as it is.
        let test = if self.test.starts_with(['[', '"']) && !self.test.starts_with("[ ") {
            self.test.clone()
        } else {
            let bare = self.test.split("  # ").next().unwrap_or(&self.test);
            format!("'{}'", bare.replace('\'', "''"))
        };
        let project = Project::new().compose(&format!(
            "services:\n  redis:\n    image: redis:7.0.15\n    command: {command}\n    environment:\n      PW: s3cret-fixture\n    healthcheck:\n      test: {test}\n"
        ));
        let mut found = checks(&project.root(), &format!("forms, line {}", self.line));
        assert_eq!(found.len(), 1, "line {}: {}", self.line, self.test);
        found.remove(0)
    }
}

fn name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Sound => "sound",
        Verdict::Misleading(_) => "misleading",
        Verdict::Broken(_) => "broken",
        Verdict::WithoutPassword => "without-password",
        Verdict::Unknown => "unknown",
    }
}

#[test]
fn each_form_has_its_verdict() {
    let mut wrong = Vec::new();
    for form in forms() {
        let (_, verdict) = form.judged();
        if name(&verdict) != form.verdict {
            wrong.push(format!("line {}: {} should be {}, is {verdict:?}", form.line, form.test, form.verdict));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A Redis that goes away with it.
struct Server {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

struct Bench {
    redis: PathBuf,
    cli: PathBuf,
    /// Wrappers that lead the client to the port of a test.
    bin: tempfile::TempDir,
    data: tempfile::TempDir,
}

const STATES: [&str; 4] = ["ok", "NOAUTH", "LOADING", "down"];
const ANOTHER: &str = "another-than-that";

/// `redis-cli` and its kin: port 6379, or another that the server has in its container, is that of the test; all others are closed.
const CLIENT: &str = r#"#!/bin/sh
port() {
    case ",$CHECK_PORTS," in ,, | *",$1,"*) echo "$CHECK_PORT" ;; *) echo 1 ;; esac
}
count=$# last=
while [ "$count" -gt 0 ]; do
    arg=$1 count=$((count - 1))
    shift
    case $last in
    -p) case $arg in *[!0-9]* | '') ;; *) arg=$(port "$arg") ;; esac ;;
    -h) arg=127.0.0.1 ;;
    -u) case $arg in
        *:6379*) arg="${arg%:6379*}:$(port 6379)${arg##*:6379}" ;;
        *:6380*) arg="${arg%:6380*}:$(port 6380)${arg##*:6380}" ;;
        esac ;;
    esac
    last=$arg
    set -- "$@" "$arg"
done
exec "$CHECK_CLI" -p "$(port 6379)" "$@"
"#;

const NETCAT: &str = r#"#!/bin/sh
count=$#
while [ "$count" -gt 0 ]; do
    arg=$1 count=$((count - 1))
    shift
    [ "$arg" != 6379 ] || arg=$CHECK_PORT
    set -- "$@" "$arg"
done
exec "$CHECK_NC" "$@"
"#;

fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

impl Bench {
    fn new(redis: PathBuf) -> Self {
        assert!(redis.is_file(), "CACHELINT_TEST_REDIS names {}, which is not there", redis.display());
        let beside = redis.with_file_name("redis-cli");
        let cli = if beside.is_file() { beside } else { which("redis-cli").expect("redis-cli (Debian: redis-tools)") };
        let bin = tempfile::tempdir().expect("a temporary folder");
        let scripts = [("redis-cli", CLIENT), ("valkey-cli", CLIENT), ("keydb-cli", CLIENT), ("nc", NETCAT)];
        for (name, text) in scripts {
            let file = bin.path().join(name);
            std::fs::write(&file, text).expect("a writable file");
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("an executable file");
        }
        let bench = Self { redis, cli, bin, data: tempfile::tempdir().expect("a temporary folder") };
        bench.fill();
        bench
    }

    /// Makes a data file that takes minutes to load, given a delay for each key.
    fn fill(&self) {
        let server = self.start(None, &[]);
        let script = "for i = 1, 200000 do redis.call('SET', 'k' .. i, i) end";
        assert!(self.ask(&server, &["EVAL", script, "0"]).status.success(), "keys can be set");
        assert!(self.ask(&server, &["SAVE"]).status.success(), "data can be saved");
        let dump = server.folder.path().join("dump.rdb");
        std::fs::copy(dump, self.data.path().join("dump.rdb")).expect("a data file");
    }

    fn ask(&self, server: &Server, args: &[&str]) -> Output {
        Command::new(&self.cli).env_clear().arg("-p").arg(server.port.to_string()).args(args).output().expect("redis-cli runs")
    }

    fn start(&self, password: Option<&str>, more: &[&str]) -> Server {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = self.data.path().join("dump.rdb");
        if !more.is_empty() {
            std::fs::copy(data, folder.path().join("dump.rdb")).expect("a data file");
        }
        let port = free_port();
        let mut command = Command::new(&self.redis);
        command.current_dir(folder.path()).args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--dir", "."]);
        command.args(["--save", "3600 1", "--appendonly", "no", "--logfile", "log"]).args(more);
        if let Some(password) = password {
            command.args(["--requirepass", password]);
        }
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("redis-server starts");
        let server = Server { child, port, folder };
        let begun = Instant::now();
        while !self.ask(&server, &["PING"]).status.success() {
            assert!(begun.elapsed() < Duration::from_secs(20), "redis-server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// A server that has minutes to go until its data are loaded.
    fn start_loading(&self, password: Option<&str>) -> Server {
        let server = self.start(password, &["--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"]);
        self.assert_loading(&server, password);
        server
    }

    fn assert_loading(&self, server: &Server, password: Option<&str>) {
        let mut args: Vec<&str> = password.iter().flat_map(|password| ["-a", password]).collect();
        args.push("PING");
        let said = String::from_utf8_lossy(&self.ask(server, &args).stdout).into_owned();
        assert!(said.starts_with("LOADING"), "the server is to be loading, and says: {said}");
    }

    /// Runs a check as Docker would.
    fn run(&self, check: &Check, port: u16) -> Output {
        let mut path = std::ffi::OsString::from(self.bin.path());
        path.push(":/usr/local/bin:/usr/bin:/bin");
        let mut command = Command::new("/bin/sh");
        if check.in_shell {
            command.arg("-c").args(&check.words);
        } else {
            command.args(["-c", "exec \"$@\"", "sh"]).args(&check.words);
        }
        let ports = check.ports.iter().map(u16::to_string).collect::<Vec<_>>().join(",");
        command.env_clear().envs(&check.environment).env("PATH", path);
        command.env("CHECK_CLI", &self.cli).env("CHECK_PORTS", ports).env("CHECK_PORT", port.to_string());
        if let Some(nc) = which("nc") {
            command.env("CHECK_NC", nc);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a shell");
        child.wait_with_output().expect("the check ends")
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// Servers in each state for checks with one password.
struct Servers {
    ok: Server,
    noauth: Server,
    loading: Server,
    open: Server,
    closed: u16,
}

/// What is wrong with a verdict, after what really happened in the four states.
fn contradiction(bench: &Bench, servers: &Servers, check: &Check, verdict: &Verdict) -> Option<String> {
    let ports = [servers.ok.port, servers.noauth.port, servers.loading.port, servers.closed];
    let outputs: Vec<Output> = ports.iter().map(|port| bench.run(check, *port)).collect();
    let passes: Vec<bool> = outputs.iter().map(|output| output.status.success()).collect();
    let said = String::from_utf8_lossy(&outputs[0].stdout).into_owned();
    let holds = match verdict {
        Verdict::Sound => passes == [true, false, false, false],
        Verdict::Misleading(_) => passes[1..].contains(&true),
        // Where the client exits 0 all the same, it had nothing good to say.
        Verdict::Broken(_) => {
            let is_error =
                said.lines().next().is_none_or(|line| ["ERR", "NOAUTH", "WRONGPASS"].iter().any(|code| line.starts_with(code)));
            !passes[0] || is_error
        }
        Verdict::WithoutPassword => !passes.contains(&true) && bench.run(check, servers.open.port).status.success(),
        Verdict::Unknown => true,
    };
    if holds {
        return None;
    }
    let seen: Vec<String> = STATES.iter().zip(&outputs).map(|(state, output)| format!("{state}: {}", output.status)).collect();
    Some(format!("{}: {:?} is {verdict:?}; but {}; it says {said:?}", check.place, check.words, seen.join(", ")))
}

/// Writes where the test runner does not swallow it.
fn say(line: &str) {
    drop(writeln!(std::io::stderr(), "health: {line}"));
}

/// Why a check is not run, where it is not.
fn not_run(check: &Check, verdict: &Verdict) -> Option<&'static str> {
    let line = check.words.join(" ");
    match verdict {
        Verdict::Unknown => Some("nothing is claimed of it"),
        Verdict::Broken(Fault::Option(name)) if name == "-e" => Some("the client that is here has -e"),
        _ if check.users => Some("an ACL says who may ping, and none is set up here"),
        _ if check.words.iter().any(|word| word == "-t") && *verdict == Verdict::Sound => {
            Some("the client that is here lacks -t")
        }
        _ if line.contains("nc -z") && which("nc").is_none() => Some("there is no nc"),
        _ => None,
    }
}

#[test]
fn verdicts_are_what_really_happens() {
    let Some(redis) = std::env::var_os("CACHELINT_TEST_REDIS").filter(|path| !path.is_empty()) else {
        say("NOT RUN: CACHELINT_TEST_REDIS names no redis-server; tests/run sets it");
        return;
    };
    let bench = Bench::new(PathBuf::from(redis));
    assert!(which("nc").is_some(), "there is no nc (Debian: netcat-openbsd)");
    let mut all: Vec<(Check, Verdict)> = forms().iter().map(Form::judged).collect();
    for rule in RULES {
        let folder = repository().join("tests/rules").join(rule);
        for case in names_in(&folder) {
            for side in ["before", "after"] {
                let root = folder.join(&case).join(side);
                if root.is_dir() {
                    all.extend(checks(&root, &format!("{rule}/{case}/{side}")));
                }
            }
        }
    }
    let passwords: BTreeSet<Option<String>> = all.iter().map(|(check, _)| check.password.clone()).collect();
    let (mut wrong, mut ran) = (Vec::new(), 0);
    let mut seen = Vec::new();
    for password in &passwords {
        let word = password.as_deref();
        let servers = Servers {
            ok: bench.start(word, &[]),
            noauth: bench.start(Some(ANOTHER), &[]),
            loading: bench.start_loading(word),
            open: bench.start(None, &[]),
            closed: 1,
        };
        for (check, verdict) in all.iter().filter(|(check, _)| check.password == *password) {
            if let Some(reason) = not_run(check, verdict) {
                say(&format!("not run: {}: {:?}: {reason}", check.place, check.words));
                continue;
            }
            // The same check stands in many fixtures, before and after.
            let same = (Check { place: String::new(), ..check.clone() }, verdict);
            if seen.contains(&same) {
                continue;
            }
            seen.push(same);
            ran += 1;
            wrong.extend(contradiction(&bench, &servers, check, verdict));
        }
        bench.assert_loading(&servers.loading, word);
    }
    say(&format!("{ran} health checks ran in {} states", STATES.len()));
    assert!(wrong.is_empty(), "{} of {ran}:\n{}", wrong.len(), wrong.join("\n"));
}
