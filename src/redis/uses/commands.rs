//! One service's commands read as connections: URLs, options such as `--redis-host`, and what a shell fills in from the environment.

use super::finder::{Finder, Part, no_value};
use super::{Form, RedisUse};
use crate::compose::forms::words::of_shell;
use crate::compose::model::EnvEntry;
use crate::compose::value::Text;
use crate::redis::endpoints::{self, Endpoint, Reading};
use crate::redis::hosts::{Route, Target};
use crate::redis::shell::{self, Filled};
use crate::redis::variables::{self, Role};
use crate::syntax::url;
use crate::text::span::Span;
use indexmap::IndexMap;

impl Finder<'_> {
    pub(super) fn read_commands(&self, uses: &mut Vec<RedisUse>) {
        for command in [&self.service.entrypoint, &self.service.command].into_iter().flatten() {
            for word in &command.words {
                for range in url::find(&word.value) {
                    let text = word.slice(range);
                    uses.extend(self.command_url(&text, command.value.span));
                }
            }
            let words: Vec<Text> = command.words.iter().flat_map(words_of).collect();
            self.read_options(&words, command.value.span, uses);
        }
    }

    fn command_url(&self, text: &Text, command: Span) -> Option<RedisUse> {
        let entry = self.entry(text, command);
        match endpoints::from_url(text) {
            Reading::Open(names) if names.is_empty() => match self.filled(text) {
                Ok(endpoint) => Some(self.one(None, &entry, text, Form::Command, endpoint)),
                Err(reason) => Some(self.usage(None, &entry, text, Form::Command, None, Route::to(Target::Undetermined(reason)))),
            },
            _ => self.url(None, &entry, text, Form::Command),
        }
    }

    fn entry(&self, text: &Text, command: Span) -> EnvEntry {
        EnvEntry { key_span: self.project.docs.written(text).unwrap_or(command), value: Some(text.clone()), through: None }
    }

    /// A URL whose host a shell in the container takes from a variable; `Err` says why that is not known.
    fn filled(&self, text: &Text) -> Result<Endpoint, String> {
        let unknown = || no_value(&[]);
        let parts = url::parse(&text.value).filter(|parts| parts.hosts.len() == 1).ok_or_else(unknown)?;
        let whole = endpoints::of_parts(text, &parts).ok_or_else(unknown)?;
        let value = self.shell_value(&whole.host)?;
        let Reading::One(address) = endpoints::from_address(&value) else { return Err(unknown()) };
        let port = match whole.port {
            Some(port) if port.value.contains('$') => Some(self.shell_value(&port)?),
            port => port.or(address.port),
        };
        Ok(Endpoint { host: address.host, port, ..whole })
    }

    /// What a shell in the container puts in; `Err` says why that is not known.
    fn shell_value(&self, text: &Text) -> Result<Text, String> {
        match shell::fill(self.service, text) {
            Filled::Value(value) | Filled::Default(_, value) => Ok(value),
            Filled::Missing(names) => Err(no_value(&names)),
            Filled::Unset(name) => {
                Err(format!("{name}, which a shell in the container puts in, has no value in any file of the project"))
            }
            Filled::Unread => Err(no_value(&[])),
        }
    }

    /// `--redis-host redis --redis-port 6379`, `--redis=redis:6379`: options are named as variables are.
    fn read_options(&self, words: &[Text], command: Span, uses: &mut Vec<RedisUse>) {
        let mut groups: IndexMap<String, Vec<(Role, String, EnvEntry)>> = IndexMap::new();
        for (at, word) in words.iter().enumerate() {
            let Some((name, value)) = option(word, words.get(at + 1)) else { continue };
            let Some(named) = variables::read(&name.trim_start_matches('-').replace(['-', '.'], "_")) else { continue };
            // URLs were found already.
            if url::parse(&value.value).is_some() {
                continue;
            }
            let entry = self.entry(&value, command);
            let filled = if value.value.starts_with('$') { self.shell_value(&value) } else { Ok(value) };
            let value = match filled {
                Ok(value) => value,
                Err(reason) if matches!(named.role, Role::Host | Role::Address) => {
                    uses.push(of_command(self.undetermined(name, &entry, reason)));
                    continue;
                }
                Err(_) => continue,
            };
            let entry = EnvEntry { value: Some(value.clone()), ..entry };
            match named.role {
                Role::Url | Role::Nodes => uses.extend(self.address(name, &entry, &value).map(of_command)),
                role => groups.entry(named.group).or_default().push((role, name.to_owned(), entry)),
            }
        }
        for group in groups.values() {
            let parts: Vec<Part<'_>> = group.iter().map(|(role, name, entry)| (*role, name.as_str(), entry)).collect();
            uses.extend(self.split(&parts).map(of_command));
        }
    }
}

/// What was read as a variable is an option.
fn of_command(usage: RedisUse) -> RedisUse {
    RedisUse { variable: None, form: Form::Command, ..usage }
}

/// A script is words of its own.
fn words_of(word: &Text) -> Vec<Text> {
    if word.value.contains(char::is_whitespace) { of_shell(word) } else { vec![word.clone()] }
}

/// An option with its value: behind `=`, or the next word.
fn option<'a>(word: &'a Text, next: Option<&Text>) -> Option<(&'a str, Text)> {
    if !word.value.starts_with('-') {
        return None;
    }
    match word.value.find('=') {
        Some(at) => Some((&word.value[..at], word.slice(at + 1..word.value.len()))),
        None => Some((&word.value, next.filter(|next| !next.value.starts_with('-'))?.clone())),
    }
}
