//! A server's command line: its options, wherever they stand, and whether something stands around them that is not read.

use super::{Flag, is_config};
use crate::compose::forms::words::of_shell;
use crate::compose::model::{Command, Service};
use crate::compose::value::Text;
use crate::redis::images::Family;

/// The options of the command line, and whether a wrapper stands around it whose other effects are not known.
pub(super) fn flags(service: &Service, family: Family) -> (Vec<Flag>, bool) {
    let mut words = Vec::new();
    let mut wrapped = service.entrypoint.is_some();
    for command in [&service.entrypoint, &service.command].into_iter().flatten() {
        let (mut more, shell) = server_words(command);
        words.append(&mut more);
        wrapped |= shell;
    }
    for key in ["REDIS_ARGS", "REDIS_EXTRA_FLAGS", "VALKEY_EXTRA_FLAGS"] {
        if let Some(text) = service.environment.get(key).and_then(|entry| entry.value.as_ref()) {
            words.extend(of_shell(text));
        }
    }
    (collect_flags(&words), wrapped || family == Family::Custom)
}

/// `${NAME:+--requirepass …}` where nothing says whether NAME has a value.
pub(super) fn has_optional_words(service: &Service) -> bool {
    let commands = [&service.entrypoint, &service.command].into_iter().flatten();
    let mut texts = commands
        .flat_map(|command| command.value.text().into_iter().chain(command.value.items().iter().filter_map(|item| item.text())));
    texts.any(Text::has_option)
}

/// The words after `redis-server`, looking into `sh -c "…"`.
fn server_words(command: &Command) -> (Vec<Text>, bool) {
    let names = |word: &Text| word.value.rsplit('/').next().unwrap_or_default().to_owned();
    let shell = command.words.first().is_some_and(|word| matches!(names(word).as_str(), "sh" | "bash" | "ash" | "dash"));
    if !shell {
        let start = command.words.first().map(names);
        let bitnami = command.words.first().is_some_and(|word| word.value.starts_with("/opt/bitnami/scripts/"));
        let plain = |first: String| first.ends_with("-server") || first.starts_with('-') || is_config(&first);
        let own = bitnami || start.is_some_and(plain);
        return (command.words.clone(), !own && !command.words.is_empty());
    }
    let script = command.words.last().map(of_shell).unwrap_or_default();
    let start = script.iter().position(|word| names(word).ends_with("-server"));
    // What comes after the server in a script (`&& …`) is not its command line.
    let line: Vec<Text> = script
        .into_iter()
        .skip(start.unwrap_or(0))
        .take_while(|word| !matches!(word.value.as_str(), "&&" | "||" | ";" | "|" | "&"))
        .collect();
    let plain = start.is_some_and(|start| start <= 1);
    (line, !plain)
}

fn collect_flags(words: &[Text]) -> Vec<Flag> {
    let mut flags: Vec<Flag> = Vec::new();
    let split: Vec<Text> = words
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
            flags.push(Flag { name: name.to_ascii_lowercase(), values: value.into_iter().collect() });
        } else if let Some(flag) = flags.last_mut() {
            flag.values.push(word);
        }
    }
    flags
}
