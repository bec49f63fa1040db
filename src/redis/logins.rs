//! What a client logs in with, as far as the files tell: the password of its URL, of a variable beside it, or none.

use super::Redis;
use super::health::CLI_PASSWORD;
use super::passwords::{self, Likeness, Spelling};
use super::uses::{Form, RedisUse};
use super::variables::{self, Role};
use crate::compose::model::{Command, Project, Service};
use crate::compose::value::Text;
use crate::syntax::url;

/// A user that every server has, and that a password alone belongs to.
const DEFAULT_USER: &str = "default";

/// What a use of Redis logs in with.
#[derive(Debug, Clone)]
pub enum Login<'a> {
    /// No place that could hold a password holds one.
    Bare,
    /// One of these, where they differ: which of them the program takes is its own affair.
    Passwords(Vec<(&'a Text, Spelling)>),
    /// A file, a secret or a program of its own decides.
    Unknown,
}

impl Login<'_> {
    /// What the login is to the server's password, where it has any.
    pub fn likeness(&self, server: &Text) -> Likeness {
        let Self::Passwords(passwords) = self else { return Likeness::Unknown };
        let all: Vec<Likeness> = passwords.iter().map(|(text, spelling)| passwords::compare(server, text, *spelling)).collect();
        [Likeness::Same, Likeness::Unknown].into_iter().find(|wanted| all.contains(wanted)).unwrap_or(Likeness::Different)
    }
}

/// The user that a use names beside the one that every server has.
pub fn names_user(usage: &RedisUse) -> bool {
    usernames(usage).any(|name| name.value != DEFAULT_USER)
}

/// Whether a use says that it logs in as the user that every server has.
pub fn is_default_user(usage: &RedisUse) -> bool {
    usernames(usage).any(|name| name.value == DEFAULT_USER)
}

fn usernames(usage: &RedisUse) -> impl Iterator<Item = &Text> {
    let of_url = usage.endpoint.iter().filter_map(|endpoint| endpoint.username.as_ref());
    let parts = usage.parts.iter().filter(|part| part.role == Role::Username).map(|part| &part.text);
    of_url.chain(parts).filter(|text| !text.value.is_empty() || !text.missing().is_empty())
}

/// What a use of Redis logs in with.
pub fn of<'a>(redis: &Redis, usage: &'a RedisUse) -> Login<'a> {
    let Some(endpoint) = usage.endpoint.as_ref().filter(|_| !usage.several) else { return Login::Unknown };
    let says = |text: &&Text| (!text.value.is_empty() && !variables::is_null(&text.value)) || !text.missing().is_empty();
    let in_url = url::parse(&usage.text.value).is_some();
    let spelling = if in_url { Spelling::InUrl } else { Spelling::Plain };
    let mut passwords: Vec<(&Text, Spelling)> = Vec::new();
    if let Some(text) = endpoint.password.as_ref().filter(|_| usage.form != Form::Split).filter(says) {
        passwords.push((text, spelling));
    }
    let parts = usage.parts.iter().filter(|part| part.role == Role::Password);
    passwords.extend(parts.map(|part| &part.text).filter(says).map(|text| (text, Spelling::Plain)));
    let by_file = usage.parts.iter().any(|part| part.role == Role::PasswordFile && says(&&part.text));
    if by_file || passwords.iter().any(|(text, _)| text.value.contains('$')) {
        return Login::Unknown;
    }
    if !passwords.is_empty() {
        return Login::Passwords(passwords);
    }
    let says_more = endpoint.query.as_ref().is_some_and(|query| query.value.contains("password")) || is_open(usage);
    let another = redis.settings(&usage.service).is_some_and(|settings| settings.may_know_password);
    if says_more || another { Login::Unknown } else { Login::Bare }
}

/// Whether a variable without a value stands where the URL would name a password.
fn is_open(usage: &RedisUse) -> bool {
    let host = url::parse(&usage.text.value).and_then(|parts| Some(parts.hosts.first()?.host.start));
    host.is_some_and(|host| usage.text.is_open(&(0..host))) || usage.text.has_option()
}

/// Whether a service may be given a password that does not show with the connection: another variable, an env file that is not here, a
/// secret, a config.
pub(super) fn may_know_another(project: &Project, service: &Service) -> bool {
    let is_there = |path: &Text| {
        let file = project.docs.sources.find(std::path::Path::new(&path.value));
        path.missing().is_empty() && file.is_some_and(|file| project.docs.sources.file(file).problem.is_none())
    };
    let unread = service.env_files.iter().any(|file| !is_there(&file.path));
    // `--redis.password=…` of an exporter, `-a …` of a client.
    let on_line = |command: &Command| command.words.iter().any(|word| word.value.to_ascii_lowercase().contains("password"));
    let on_line = [&service.command, &service.entrypoint].into_iter().flatten().any(on_line);
    let given = |key: &str| service.layers.iter().any(|layer| layer.value.get(key).is_some());
    unread
        || on_line
        || given("secrets")
        || given("configs")
        || service.environment.iter().any(|(key, entry)| {
            let may_be_set = entry.value.as_ref().is_none_or(|text| !text.value.is_empty() || !text.missing().is_empty());
            may_be_set && (key == CLI_PASSWORD || is_password(key))
        })
}

/// Whether a variable of a service may switch TLS on.
pub(super) fn may_say_tls(service: &Service) -> bool {
    let is_off = |text: &Text| {
        let word = text.value.to_ascii_lowercase();
        text.missing().is_empty()
            && matches!(word.as_str(), "" | "false" | "0" | "no" | "off" | "null" | "none" | "redis" | "tcp")
    };
    service.environment.iter().any(|(key, entry)| {
        let named = variables::read(key).is_some_and(|named| named.role == Role::Tls);
        named && !entry.value.as_ref().is_some_and(is_off)
    })
}

/// Whether a variable is a password for Redis by its name, whichever connection it belongs to.
fn is_password(key: &str) -> bool {
    let by_role = variables::read(key).is_some_and(|named| matches!(named.role, Role::Password | Role::PasswordFile));
    let upper = key.to_ascii_uppercase();
    let about = ["REDIS", "VALKEY", "KEYDB", "DRAGONFLY", "CACHE", "BROKER", "QUEUE", "CELERY"];
    by_role || (upper.contains("PASS") && about.iter().any(|word| upper.contains(word)))
}
