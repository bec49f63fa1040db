//! Which client library reads a URL, as far as a command or a variable's name shows it, and which schemes it takes.
//!
//! Sources: redis.md §1.3 (redis-py 4.6 to 8.1 and kombu 5.7 were run, August 2026); redis-client's `url_config.rb` (its `case` on the
//! scheme). ioredis, and so Bull and `BullMQ`, is not here: it checks no scheme. go-redis, lettuce and predis are known by no command.

use super::queues::command_words;
use crate::compose::model::{Command, Service};
use crate::compose::value::Text;
use crate::syntax::url;

/// A client library.
#[derive(Debug, PartialEq, Eq)]
pub struct Client {
    pub name: &'static str,
    /// The schemes it takes, in small letters.
    takes: &'static [&'static str],
    /// Whether the scheme must be in small letters.
    is_strict: bool,
    /// What it says of another scheme.
    pub error: &'static str,
}

const REDIS_PY: Client = Client {
    name: "redis-py",
    takes: &["redis", "rediss", "unix"],
    is_strict: true,
    error: "Redis URL must specify one of the following schemes",
};

/// What stands behind a `+` is not looked up as a transport, so such schemes are not judged.
const KOMBU: Client = Client {
    name: "Celery",
    takes: &["redis", "rediss", "sentinel", "redis+socket", "redis+unix", "redis+tls", "redis+sentinel", "redis+cluster"],
    is_strict: false,
    error: "No such transport",
};

const REDIS_CLIENT: Client =
    Client { name: "Sidekiq", takes: &["redis", "rediss", "unix"], is_strict: false, error: "Unknown URL scheme" };

/// A program that reads variables with one client.
struct Program {
    client: &'static Client,
    /// The words that start it, in order; others may stand between.
    commands: &'static [&'static [&'static str]],
    /// Variables that the program itself reads.
    own: &'static [&'static str],
    /// Ends of the names of variables that are meant for it.
    meant: &'static [&'static str],
    /// Options of its command that take a URL.
    options: &'static [&'static str],
}

const PROGRAMS: [Program; 3] = [
    Program {
        client: &KOMBU,
        commands: &[
            &["celery", "worker"],
            &["celery", "beat"],
            &["celery", "flower"],
            &["celery", "multi"],
            &["celery", "events"],
        ],
        // `celery/app/utils.py`, `Settings`; Airflow gives its `[celery]` section to Celery as it is.
        own: &[
            "CELERY_BROKER_URL",
            "CELERY_BROKER_READ_URL",
            "CELERY_BROKER_WRITE_URL",
            "CELERY_RESULT_BACKEND",
            "AIRFLOW__CELERY__BROKER_URL",
            "AIRFLOW__CELERY__RESULT_BACKEND",
        ],
        meant: &["CELERY_BROKER_URL", "CELERY_BROKER", "CELERY_RESULT_BACKEND", "CELERY__BROKER_URL", "CELERY__RESULT_BACKEND"],
        options: &["-b", "--broker", "--result-backend"],
    },
    Program {
        client: &REDIS_PY,
        commands: &[&["rq", "worker"], &["rq", "worker-pool"], &["rq", "info"], &["rqworker"]],
        own: &["RQ_REDIS_URL"],
        meant: &["RQ_REDIS_URL"],
        options: &["-u", "--url"],
    },
    Program {
        client: &REDIS_CLIENT,
        commands: &[&["sidekiq"]],
        own: &["REDIS_URL", "SIDEKIQ_REDIS_URL"],
        meant: &["SIDEKIQ_REDIS_URL"],
        options: &[],
    },
];

/// Who reads a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    pub client: &'static Client,
    /// The command shows it; a variable's name alone does not.
    pub is_certain: bool,
}

/// Who reads a variable of a service; `None` where that is not known.
pub fn of_variable(service: &Service, name: &str) -> Option<Reader> {
    let name = name.to_ascii_uppercase();
    PROGRAMS.iter().find_map(|program| {
        // Sidekiq reads another variable if REDIS_PROVIDER names one.
        let is_read = name != "REDIS_URL" || !service.environment.contains_key("REDIS_PROVIDER");
        let is_certain = program.own.contains(&name.as_str()) && is_read && runs(service, program);
        let is_meant =
            program.meant.iter().any(|end| name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('_')));
        (is_certain || is_meant).then_some(Reader { client: program.client, is_certain })
    })
}

/// The URLs on a service's command line that are options of a known program.
pub fn of_command(service: &Service) -> Vec<(Reader, Text)> {
    let mut found = Vec::new();
    let programs: Vec<&Program> = PROGRAMS.iter().filter(|program| runs(service, program)).collect();
    for command in [&service.entrypoint, &service.command].into_iter().flatten() {
        for (at, word) in command.words.iter().enumerate() {
            for range in url::find(&word.value) {
                let before = word.value[..range.start].trim_end_matches(['=', ' ', '"', '\'']);
                let option = match before.rsplit([' ', '\n']).next().filter(|option| !option.is_empty()) {
                    Some(option) => option,
                    None => at.checked_sub(1).map_or("", |before| command.words[before].value.as_str()),
                };
                let reader = programs.iter().find(|program| program.options.contains(&option));
                let text = word.slice(range);
                found.extend(reader.map(|program| (Reader { client: program.client, is_certain: true }, text)));
            }
        }
    }
    found
}

fn runs(service: &Service, program: &Program) -> bool {
    let starts = |command: &Command| {
        let line = command.line();
        let words = command_words(&line);
        program.commands.iter().any(|start| {
            let mut rest = words.iter();
            start.iter().all(|word| rest.any(|other| other == word))
        })
    };
    [&service.entrypoint, &service.command].into_iter().flatten().any(starts)
}

impl Client {
    /// Whether the client is known to refuse a scheme, as it is written.
    pub fn refuses(&self, scheme: &str) -> bool {
        let small = scheme.to_ascii_lowercase();
        !self.takes.contains(&small.as_str()) || (self.is_strict && scheme != small)
    }

    /// The scheme to write instead of one that is refused; `None` where another one would not mean the same.
    pub fn instead_of(&self, scheme: &str) -> Option<&'static str> {
        let wanted = match scheme.to_ascii_lowercase().as_str() {
            "redis" | "valkey" | "rediscache" => "redis",
            "rediss" | "valkeys" | "redis+tls" => "rediss",
            "redis+socket" | "redis-socket" | "redis+unix" | "valkey+unix" | "unix" => self.socket(),
            _ => return None,
        };
        self.takes.contains(&wanted).then_some(wanted)
    }

    fn socket(&self) -> &'static str {
        if self.takes.contains(&"unix") { "unix" } else { "redis+socket" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::redis_of;

    fn reader(command: &str, variable: &str) -> Option<(&'static str, bool)> {
        let (project, _) = redis_of(&format!("services:\n  a:\n    image: x\n    command: {command}\n"));
        of_variable(&project.services["a"], variable).map(|reader| (reader.client.name, reader.is_certain))
    }

    #[test]
    fn a_command_makes_it_certain() {
        assert_eq!(reader("celery -A app worker", "CELERY_BROKER_URL"), Some(("Celery", true)));
        assert_eq!(reader("gunicorn app", "CELERY_BROKER_URL"), Some(("Celery", false)));
        assert_eq!(reader("gunicorn app", "DJANGO_CELERY_RESULT_BACKEND"), Some(("Celery", false)));
        assert_eq!(reader("rq worker high", "RQ_REDIS_URL"), Some(("redis-py", true)));
        assert_eq!(reader("bundle exec sidekiq", "REDIS_URL"), Some(("Sidekiq", true)));
        assert_eq!(reader("bundle exec puma", "REDIS_URL"), None);
        assert_eq!(reader("celery -A app worker", "REDIS_URL"), None);
    }

    #[test]
    fn schemes_are_taken_or_not() {
        assert!(REDIS_PY.refuses("REDIS") && REDIS_PY.refuses("redis+socket") && !REDIS_PY.refuses("unix"));
        assert!(KOMBU.refuses("valkey") && !KOMBU.refuses("redis+socket") && !KOMBU.refuses("REDIS"));
        assert!(REDIS_CLIENT.refuses("valkeys") && !REDIS_CLIENT.refuses("rediss"));
    }
}
