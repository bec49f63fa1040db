//! What shows that jobs wait in a Redis: a command or a variable of a queue. The name of an image alone is no evidence (layout.md).

use crate::compose::model::{Documents, Project, Service};
use crate::text::span::Span;

/// What a queue's worker is started with, as words of a command in order.
const COMMANDS: [(&[&str], &str); 14] = [
    (&["celery"], "Celery"),
    (&["rq", "worker"], "RQ"),
    (&["rqworker"], "RQ"),
    (&["rq", "worker-pool"], "RQ"),
    (&["sidekiq"], "Sidekiq"),
    (&["resque"], "Resque"),
    (&["arq"], "arq"),
    (&["dramatiq"], "Dramatiq"),
    (&["huey_consumer"], "Huey"),
    (&["huey_consumer.py"], "Huey"),
    (&["horizon"], "Laravel Horizon"),
    (&["queue:work"], "Laravel"),
    (&["start_worker"], "worker"),
    (&["taskiq"], "Taskiq"),
];

/// How names of queue variables begin.
const PREFIXES: [(&str, &str); 9] = [
    ("CELERY_", "Celery"),
    ("AIRFLOW__CELERY__", "Celery"),
    ("RQ_", "RQ"),
    ("QUEUE_BULL_", "Bull"),
    ("BULL_", "Bull"),
    ("BULLMQ_", "BullMQ"),
    ("SIDEKIQ_", "Sidekiq"),
    ("RESQUE_", "Resque"),
    ("DRAMATIQ_", "Dramatiq"),
];

/// The line that shows a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    pub service: String,
    pub what: &'static str,
    pub span: Span,
}

/// The first sign of a queue in a service.
pub fn signal(project: &Project, service: &Service) -> Option<Signal> {
    from_command(&project.docs, service).or_else(|| from_variable(service))
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
        let set = entry.value.as_ref().is_some_and(|value| !value.value.is_empty());
        let upper = key.to_ascii_uppercase();
        let named = PREFIXES.iter().find(|(prefix, _)| upper.starts_with(prefix)).map(|(_, what)| *what);
        let laravel = upper == "QUEUE_CONNECTION" && entry.value.as_ref().is_some_and(|value| value.value == "redis");
        let n8n = upper == "EXECUTIONS_MODE" && entry.value.as_ref().is_some_and(|value| value.value == "queue");
        let what = named.filter(|_| set).or(laravel.then_some("Laravel")).or(n8n.then_some("Bull"));
        if let Some(what) = what {
            return Some(Signal { service: service.name.clone(), what, span: entry.key_span });
        }
    }
    None
}
