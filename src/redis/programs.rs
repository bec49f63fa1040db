//! What a command of the official images starts: their entrypoint puts `redis-server` in front of an option or a `*.conf`, and runs
//! anything else as a program (redis/docker-library-redis and valkey-io/valkey-container, `docker-entrypoint.sh`; August 2026).

use super::images::Family;
use crate::compose::model::Command;
use crate::compose::value::Text;

/// Why a command starts no server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A whole line as the first word of a list: there is no program of that name.
    Line,
    /// A setting without its dashes.
    Setting,
    /// A program that the image does not have.
    NoProgram,
    /// A program that does something else, and keeps the container alive at best.
    Idle,
}

/// Programs of the image's system that start nothing else.
const IDLE: [&str; 6] = ["sleep", "tail", "cat", "true", "echo", "ls"];

/// Settings of `redis.conf` that people begin a command with. Left out are those that are programs as well (`dir`, `timeout`).
const SETTINGS: [&str; 38] = [
    "appendfilename",
    "appendfsync",
    "appendonly",
    "auto-aof-rewrite-min-size",
    "auto-aof-rewrite-percentage",
    "bind",
    "cluster-enabled",
    "daemonize",
    "databases",
    "dbfilename",
    "io-threads",
    "lazyfree-lazy-eviction",
    "loadmodule",
    "logfile",
    "loglevel",
    "masterauth",
    "maxclients",
    "maxmemory",
    "maxmemory-policy",
    "maxmemory-samples",
    "min-replicas-to-write",
    "no-appendfsync-on-rewrite",
    "notify-keyspace-events",
    "port",
    "protected-mode",
    "rdbcompression",
    "replicaof",
    "requirepass",
    "save",
    "slaveof",
    "stop-writes-on-bgsave-error",
    "supervised",
    "tcp-backlog",
    "tcp-keepalive",
    "tls-port",
    "unixsocket",
    "unixsocketperm",
    "aclfile",
];

/// Endings of the programs that an image has under its own name.
const OWN_PROGRAMS: [&str; 7] = ["-server", "-cli", "-sentinel", "-benchmark", "-check-aof", "-check-rdb", "-check-dump"];

/// Programs that start another one.
const WRAPPERS: [&str; 22] = [
    "ash",
    "bash",
    "busybox",
    "chrt",
    "dash",
    "dumb-init",
    "env",
    "exec",
    "gosu",
    "ionice",
    "nice",
    "nohup",
    "numactl",
    "prlimit",
    "setpriv",
    "sh",
    "stdbuf",
    "su",
    "su-exec",
    "taskset",
    "timeout",
    "tini",
];

/// What is wrong with a command that an official image's entrypoint gets; `None` where it starts a server, or where that cannot be told
/// (a path, a script, a wrapper, a program of somebody's own).
pub fn fault(command: &Command, family: Family) -> Option<Fault> {
    let first = command.words.first().filter(|_| !command.unsaid.contains(&0))?;
    let word = first.value.as_str();
    let is_open = |text: &Text| !text.missing().is_empty() || text.has_option();
    if is_open(first) || command.value.text().is_some_and(Text::has_option) || word.is_empty() {
        return None;
    }
    if IDLE.contains(&word.split_whitespace().next().unwrap_or_default()) && !word.contains(['&', ';', '|']) {
        return Some(Fault::Idle);
    }
    if word.starts_with(['-', '/', '.', '$']) {
        return None;
    }
    if word.contains(char::is_whitespace) {
        return Some(Fault::Line);
    }
    if word.contains(['/', '.', '$']) || WRAPPERS.contains(&word) {
        return None;
    }
    if SETTINGS.contains(&word) {
        return Some(Fault::Setting);
    }
    let strange = match own_name(word) {
        // The images of the forks also answer to the names of Redis.
        Some((brand, end)) => !OWN_PROGRAMS.contains(&end) || family == Family::Redis && brand != "redis",
        None => is_followed_by_settings(&command.words[1..]),
    };
    strange.then_some(Fault::NoProgram)
}

/// A name after the brand of a server: the brand, and what comes behind it.
fn own_name(word: &str) -> Option<(&'static str, &str)> {
    ["redis", "valkey", "keydb"].into_iter().find_map(|brand| Some((brand, word.strip_prefix(brand)?)))
}

/// `start --appendonly yes`: meant for a server that is named nowhere.
fn is_followed_by_settings(words: &[Text]) -> bool {
    let names_a_server = words.iter().any(|word| word.value.ends_with("-server"));
    let sets = |word: &Text| word.value.strip_prefix("--").is_some_and(|name| SETTINGS.contains(&name));
    !names_a_server && words.iter().any(sets)
}
