//! A server's command line: its options, wherever they stand, and whether something stands around them that is not read.

use super::{Flag, is_config};
use crate::compose::forms::words::of_shell;
use crate::compose::model::{Command, Service};
use crate::compose::value::Text;
use crate::redis::images::{self, Family};
use crate::redis::shell::is_shell;

/// Variables that hold options for the server's command line, by what the image reads.
fn option_variables(family: Family, image: &str) -> &'static [&'static str] {
    match family {
        Family::Valkey => &["VALKEY_EXTRA_FLAGS"],
        Family::Bitnami => &["REDIS_EXTRA_FLAGS", "VALKEY_EXTRA_FLAGS"],
        Family::Redis if images::reads_no_options(image) => &[],
        Family::Redis | Family::RedisStack => &["REDIS_ARGS"],
        Family::Custom => &["REDIS_ARGS", "VALKEY_EXTRA_FLAGS"],
        Family::KeyDb | Family::Dragonfly | Family::Kvrocks => &[],
    }
}

/// The options of the command line, and whether a wrapper stands around it whose other effects are not known.
pub(super) fn flags(service: &Service, family: Family) -> (Vec<Flag>, bool) {
    let mut flags = Vec::new();
    let mut wrapped = false;
    for command in [&service.entrypoint, &service.command].into_iter().flatten() {
        let line = server_words(command);
        collect_flags(&line, &mut flags);
        wrapped |= line.wrapped;
    }
    let image = service.image.as_ref().map(|image| image.value.as_str()).unwrap_or_default();
    for key in option_variables(family, image) {
        if let Some(text) = service.environment.get(*key).and_then(|entry| entry.value.as_ref()) {
            collect_flags(&Line::plain(of_shell(text)), &mut flags);
        }
    }
    (flags, wrapped || family == Family::Custom)
}

/// `${NAME:+--requirepass …}` where nothing says whether NAME has a value.
pub(super) fn has_optional_words(service: &Service) -> bool {
    let commands = [&service.entrypoint, &service.command].into_iter().flatten();
    let mut texts = commands
        .flat_map(|command| command.value.text().into_iter().chain(command.value.items().iter().filter_map(|item| item.text())));
    texts.any(Text::has_option)
}

/// The part of a command that is the server's own.
struct Line {
    words: Vec<Text>,
    /// A shell reads it.
    in_shell: bool,
    /// More than the server stands there.
    wrapped: bool,
    /// The server is started in more than one place.
    conditional: bool,
}

impl Line {
    fn plain(words: Vec<Text>) -> Self {
        Self { words, in_shell: false, wrapped: false, conditional: false }
    }
}

/// The words after `redis-server`, looking into `sh -c "…"`.
fn server_words(command: &Command) -> Line {
    let names = |word: &Text| word.value.rsplit('/').next().unwrap_or_default().to_owned();
    if !runs_shell(command) {
        let start = command.words.first().map(names);
        let bitnami = command.words.first().is_some_and(|word| word.value.starts_with("/opt/bitnami/scripts/"));
        // `docker-entrypoint.sh` is what the official images start by themselves.
        let known = |first: &str| matches!(first, "dragonfly" | "kvrocks" | "docker-entrypoint.sh");
        let plain = |first: String| first.ends_with("-server") || first.starts_with('-') || is_config(&first) || known(&first);
        let own = bitnami || start.is_some_and(plain);
        return Line { wrapped: !own && !command.words.is_empty(), ..Line::plain(command.words.clone()) };
    }
    // What follows the script is the shell's: `sh -c redis-server --port 1` starts the server without an option.
    let script = command.words.iter().skip_while(|word| !is_command_flag(&word.value)).nth(1).or(command.words.last());
    let script = script.map(of_shell).unwrap_or_default();
    let is_server = |word: &Text| names(word).trim_end_matches(';').ends_with("-server");
    let start = script.iter().position(&is_server);
    let conditional = script.iter().filter(|word| is_server(word)).count() > 1;
    // What comes after the server in a script (`&& …`) is not its command line.
    let words: Vec<Text> = script
        .into_iter()
        .skip(start.unwrap_or(0))
        .take_while(|word| !matches!(word.value.as_str(), "&&" | "||" | ";" | "|" | "&"))
        .collect();
    let wrapped = conditional || start.is_none_or(|start| start > 1) || has_expansions(&words);
    Line { words, in_shell: true, wrapped, conditional }
}

/// Whether a command is a line for a shell.
pub fn runs_shell(command: &Command) -> bool {
    command.words.first().is_some_and(|word| is_shell(word.value.rsplit('/').next().unwrap_or_default()))
}

fn is_command_flag(word: &str) -> bool {
    word.starts_with('-') && !word.starts_with("--") && word.ends_with('c')
}

/// Whether a shell puts in more than the value of an option: `${NAME:+--requirepass "$NAME"}`, `$(options)`, `$@`.
fn has_expansions(words: &[Text]) -> bool {
    let mut behind_option = false;
    words.iter().any(|word| {
        let value = word.value.as_str();
        let stands_alone = value.starts_with(['$', '`']) && !behind_option;
        behind_option = value.starts_with("--");
        stands_alone || value.contains(":+")
    })
}

fn collect_flags(line: &Line, flags: &mut Vec<Flag>) {
    let start = flags.len();
    let (in_shell, conditional) = (line.in_shell, line.conditional);
    let split: Vec<Text> = line
        .words
        .iter()
        .flat_map(
            |word| if word.value.starts_with("--") && word.value.contains(' ') { of_shell(word) } else { vec![word.clone()] },
        )
        .collect();
    for word in split {
        if let Some(name) = word.value.strip_prefix("--") {
            let (name, value) = match name.find('=') {
                Some(at) => (&name[..at], Some(word.slice(at + 3..word.value.len()))),
                None => (name, None),
            };
            flags.push(Flag { name: name.to_ascii_lowercase(), values: value.into_iter().collect(), in_shell, conditional });
        } else if let Some(flag) = flags[start..].last_mut() {
            flag.values.push(word);
        }
    }
}
