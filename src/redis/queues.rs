//! What shows that jobs wait in a Redis: a command or a variable of a queue. The name of an image or of a service alone is no evidence
//! (layout.md): `worker` may be anything, and many a queue lives in another broker.
//!
//! The signs are those of August 2026, from what the projects document and from counted compose files: `BullMQ` ("going to production":
//! noeviction only), RQ (rq/rq#1280), Sidekiq (sidekiq/sidekiq#5712), Celery (celery/kombu#1063), and the manuals of the others.

use super::Redis;
use super::purposes::{self, Purpose};
use crate::compose::model::{Command, Documents, EnvEntry, Project, Service};
use crate::text::span::Span;

/// The day of the tables, as it is shown.
pub const AS_OF: &str = "August 2026";

/// What a queue's worker is started with, as words of a command in order.
const COMMANDS: [(&[&str], &str); 18] = [
    (&["celery"], "Celery"),
    (&["rq", "worker"], "RQ"),
    (&["rqworker"], "RQ"),
    (&["rq", "worker-pool"], "RQ"),
    (&["bench", "worker"], "RQ"),
    (&["sidekiq"], "Sidekiq"),
    (&["resque"], "Resque"),
    (&["resque:work"], "Resque"),
    (&["arq"], "arq"),
    (&["dramatiq"], "Dramatiq"),
    (&["huey_consumer"], "Huey"),
    (&["huey_consumer.py"], "Huey"),
    (&["run_huey"], "Huey"),
    (&["horizon"], "Laravel Horizon"),
    (&["queue:work"], LARAVEL),
    (&["queue:listen"], LARAVEL),
    (&["start_worker"], WORKER),
    (&["taskiq"], "Taskiq"),
];

const LARAVEL: &str = "Laravel";
const WORKER: &str = "a worker";

/// How names of queue variables begin.
const PREFIXES: [(&str, &str); 12] = [
    ("CELERY_", "Celery"),
    ("AIRFLOW__CELERY__", "Celery"),
    ("RQ_", "RQ"),
    ("QUEUE_BULL_", "Bull"),
    ("BULL_", "Bull"),
    ("BULLMQ_", "BullMQ"),
    ("SIDEKIQ_", "Sidekiq"),
    ("RESQUE_", "Resque"),
    ("DRAMATIQ_", "Dramatiq"),
    ("HUEY_", "Huey"),
    ("TASKIQ_", "Taskiq"),
    ("PAPERLESS_REDIS", "Celery"),
];

/// Variables that say which of several stores holds the queue, the word for Redis, and whose queue it is.
const CHOICES: [(&str, &str, &str); 3] =
    [("QUEUE_CONNECTION", "redis", LARAVEL), ("QUEUE_DRIVER", "redis", LARAVEL), ("EXECUTIONS_MODE", "queue", "Bull")];

/// Queues that also work with another broker than Redis.
const OF_ANY_BROKER: [&str; 4] = ["Celery", "Dramatiq", "Taskiq", WORKER];

/// Schemes of brokers that are no Redis.
const OTHER_BROKERS: [&str; 6] = ["amqp", "amqps", "pyamqp", "sqs", "kafka", "nats"];

/// Laravel's other connections, as they are called in its own configuration.
const OTHER_STORES: [&str; 7] = ["beanstalkd", "database", "deferred", "null", "rabbitmq", "sqs", "sync"];

/// The line that shows a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    pub service: String,
    pub what: &'static str,
    pub span: Span,
}

/// The first sign that jobs wait in `server`.
pub fn on_server(project: &Project, redis: &Redis, server: &str) -> Option<Signal> {
    kept(project, redis, server, Purpose::Jobs, &|service| signal(project, service))
}

/// The first sign that sessions of users are stored in `server`.
pub fn sessions_on(project: &Project, redis: &Redis, server: &str) -> Option<Signal> {
    kept(project, redis, server, Purpose::Sessions, &|service| {
        let uses = redis.uses_of(&service.name).filter(|usage| usage.target.server() == Some(server));
        let mut named =
            uses.filter(|usage| usage.variable.as_deref().is_some_and(|name| purposes::purpose(name) == Purpose::Sessions));
        let span = named.next().map(|usage| usage.key_span).or_else(|| session_store(service))?;
        Some(Signal { service: service.name.clone(), what: "sessions", span })
    })
}

fn kept(
    project: &Project,
    redis: &Redis,
    server: &str,
    wanted: Purpose,
    sign: &dyn Fn(&Service) -> Option<Signal>,
) -> Option<Signal> {
    redis.users_of(server).into_iter().find_map(|user| {
        let leads = || purposes::is_kept_in(&redis.uses_of(user).collect::<Vec<_>>(), wanted, server);
        sign(&project.services[user]).filter(|_| leads())
    })
}

/// `SESSION_DRIVER=redis` and its like.
fn session_store(service: &Service) -> Option<Span> {
    let names = ["SESSION_DRIVER", "SESSION_STORE", "SESSION_TYPE", "SESSION_BACKEND"];
    names.iter().find_map(|name| service.environment.get(*name).filter(|entry| says(entry, "redis"))).map(|entry| entry.key_span)
}

/// The first sign of a queue in a service whose jobs may wait in Redis.
pub fn signal(project: &Project, service: &Service) -> Option<Signal> {
    from_command(&project.docs, service).or_else(|| from_variable(service)).filter(|signal| !waits_elsewhere(service, signal))
}

fn from_command(docs: &Documents, service: &Service) -> Option<Signal> {
    for command in [&service.entrypoint, &service.command].into_iter().flatten() {
        let line = command.line();
        let words = command_words(&line);
        let found = COMMANDS.iter().find(|(start, _)| words.windows(start.len()).any(|window| window == *start));
        if let Some((_, what)) = found {
            let span = command.words.first().and_then(|word| docs.written(word)).unwrap_or(command.value.span);
            return Some(Signal { service: service.name.clone(), what, span });
        }
    }
    None
}

/// The words of a command or of a script in it, of paths the last part.
pub(super) fn command_words(line: &str) -> Vec<&str> {
    line.split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '"' | '\'' | '(' | ')'))
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .filter(|word| !word.is_empty())
        .collect()
}

fn from_variable(service: &Service) -> Option<Signal> {
    for (key, entry) in &service.environment {
        let upper = key.to_ascii_uppercase();
        let named = PREFIXES.iter().find(|(prefix, _)| upper.starts_with(prefix)).map(|(_, what)| *what);
        let chosen = CHOICES.iter().find(|(name, word, _)| upper == *name && says(entry, word)).map(|(.., what)| *what);
        if let Some(what) = named.filter(|_| is_on(&upper, entry)).or(chosen) {
            return Some(Signal { service: service.name.clone(), what, span: entry.key_span });
        }
    }
    None
}

/// Set, and not to what switches it off.
fn is_on(key: &str, entry: &EnvEntry) -> bool {
    let value = entry.value.as_ref().map(|value| value.value.to_ascii_lowercase()).unwrap_or_default();
    let is_off = matches!(value.as_str(), "" | "false" | "0" | "no" | "off" | "none" | "null" | "sync");
    // Celery without a queue: tasks run where they are called.
    !is_off && !key.contains("EAGER")
}

fn says(entry: &EnvEntry, word: &str) -> bool {
    entry.value.as_ref().is_some_and(|value| value.value.eq_ignore_ascii_case(word))
}

/// Whether the jobs of a service wait in something that is no Redis, or in a place that is not known.
fn waits_elsewhere(service: &Service, signal: &Signal) -> bool {
    if signal.what == LARAVEL {
        return laravel_waits_elsewhere(service);
    }
    if !OF_ANY_BROKER.contains(&signal.what) {
        return false;
    }
    let scheme = |entry: &EnvEntry| {
        let value = &entry.value.as_ref()?.value;
        Some(value[..value.find("://")?].to_ascii_lowercase())
    };
    let brokers = || service.environment.iter().filter(|(key, _)| purposes::purpose(key) == Purpose::Jobs);
    let is_redis = |scheme: &str| ["redis", "valkey", "sentinel", "unix"].iter().any(|start| scheme.starts_with(start));
    let schemes: Vec<String> =
        brokers().filter_map(|(_, entry)| scheme(entry)).filter(|scheme| !scheme.starts_with("http")).collect();
    if !schemes.is_empty() {
        return !schemes.iter().any(|scheme| is_redis(scheme));
    }
    let is_open = |(key, entry): (&String, &EnvEntry)| {
        key.to_ascii_uppercase().ends_with("BROKER_URL") && entry.value.as_ref().is_some_and(|value| !value.missing().is_empty())
    };
    let other = |(key, entry): (&String, &EnvEntry)| {
        let upper = key.to_ascii_uppercase();
        upper.contains("RABBIT")
            || upper.contains("AMQP")
            || scheme(entry).is_some_and(|scheme| OTHER_BROKERS.contains(&&*scheme))
    };
    let commands = [&service.entrypoint, &service.command].into_iter().flatten();
    let on_the_line = |line: &str| OTHER_BROKERS.iter().any(|scheme| line.contains(&format!("{scheme}://")));
    brokers().any(is_open) || service.environment.iter().any(other) || commands.map(Command::line).any(|line| on_the_line(&line))
}

/// `queue:work database`, or another connection than Redis by the environment.
fn laravel_waits_elsewhere(service: &Service) -> bool {
    let line = service.command.as_ref().map(Command::line).unwrap_or_default();
    let words = command_words(&line);
    let at = words.iter().position(|word| matches!(*word, "queue:work" | "queue:listen"));
    if let Some(next) = at.and_then(|at| words.get(at + 1)).filter(|next| next.contains("redis") || OTHER_STORES.contains(next)) {
        return !next.contains("redis");
    }
    let chosen = ["QUEUE_CONNECTION", "QUEUE_DRIVER"].iter().find_map(|name| service.environment.get(*name));
    chosen.and_then(|entry| entry.value.as_ref()).is_some_and(|value| !value.value.is_empty() && !value.value.contains("redis"))
}
