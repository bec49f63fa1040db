//! The second opinion: before anything is written, old and new text are read by another parser, and may differ only where the changes
//! said so. Silent damage becomes a refusal.

use crate::compose::model::{Documents, Project, Service};
use crate::diagnostic::Touch;
use crate::redis::Redis;
use crate::redis::variables;
use crate::syntax::dotenv;
use crate::syntax::url;
use crate::text::edit::Patch;
use crate::text::source::display;
use crate::text::span::FileId;
use serde::Deserialize;
use serde_yaml::Value;
use std::collections::{BTreeMap, HashSet};

/// Reads both versions of every patched file and compares. The error says what would have gone wrong, without any content.
pub fn verify(docs: &Documents, patch: &Patch, touches: &[Touch]) -> Result<(), String> {
    for (file, _) in patch.files() {
        let source = docs.sources.file(file);
        let new = patch.apply(file, &source.text);
        let allowed: HashSet<&[String]> =
            touches.iter().filter(|touch| touch.file == file).map(|touch| touch.path.as_slice()).collect();
        let differences = if docs.tree(file).is_some() { yaml(&source.text, &new)? } else { env(docs, file, &new)? };
        let outside = differences.iter().find(|path| !(0..=path.len()).any(|end| allowed.contains(&path[..end])));
        if let Some(path) = outside {
            return Err(format!("the edit of {} would also change {}", display(&source.path), path.join(".")));
        }
    }
    Ok(())
}

/// Compares what two versions of a project run: settings that have nothing to do with Redis must be what they were, wherever their values
/// come from. The error names the setting.
pub fn resolved(before: &Project, after: &Project) -> Result<(), String> {
    let redis = Redis::read(before);
    let own = redis.variables();
    for service in before.services.values() {
        let Some(new) = after.services.get(&service.name) else {
            return Err(format!("the service {} would be gone", service.name));
        };
        if redis.server(&service.name).is_some() {
            continue;
        }
        for (key, entry) in &service.environment {
            let is_redis = own.contains(&(service.name.as_str(), key.as_str())) || variables::read(key).is_some();
            let old = entry.value.as_ref().map(|text| text.value.as_str());
            let new = new.environment.get(key).and_then(|entry| entry.value.as_ref()).map(|text| text.value.as_str());
            let holds_url = old.is_some_and(|old| !url::find(old).is_empty());
            // A file that is handed over whole brings the line itself along.
            let handed_over = entry.through.is_some();
            if old != new && !is_redis && !holds_url && !handed_over {
                return Err(format!("the variable {key} of {} would change too", service.name));
            }
        }
        let line = |service: &Service| {
            let commands = [&service.entrypoint, &service.command].into_iter().flatten();
            commands.flat_map(|command| command.words.iter().map(|word| word.value.clone())).collect::<Vec<_>>()
        };
        let (old, new_line) = (line(service), line(new));
        if old != new_line {
            let options = options(&redis, service);
            let is_redis = |word: &str| !url::find(word).is_empty() || options.iter().any(|option| word.contains(option));
            if old.len() != new_line.len() || old.iter().zip(&new_line).any(|(old, new)| old != new && !is_redis(old)) {
                return Err(format!("the command of {} would change too", service.name));
            }
        }
        let image = |service: &Service| service.image.as_ref().map(|image| image.value.clone());
        if image(service) != image(new) || service.ports.len() != new.ports.len() {
            return Err(format!("the image or the ports of {} would change too", service.name));
        }
    }
    Ok(())
}

/// What the options of a service's command say about its Redis.
fn options<'a>(redis: &'a Redis, service: &Service) -> Vec<&'a str> {
    let in_command = redis.uses.iter().filter(|usage| usage.service == service.name && usage.variable.is_none());
    let texts = in_command.flat_map(|usage| std::iter::once(&usage.text).chain(usage.parts.iter().map(|part| &part.text)));
    texts.map(|text| text.value.as_str()).filter(|text| !text.is_empty()).collect()
}

/// The paths at which two versions of a YAML file differ once merge keys are followed.
fn yaml(old: &str, new: &str) -> Result<Vec<Vec<String>>, String> {
    let (old, new) = (documents(old)?, documents(new)?);
    if old.len() != new.len() {
        return Err("the number of YAML documents would change".to_owned());
    }
    let mut out = Vec::new();
    for (old, new) in old.iter().zip(&new) {
        compare(old, new, &mut Vec::new(), &mut out);
    }
    Ok(out)
}

fn documents(text: &str) -> Result<Vec<Value>, String> {
    let read = |document: serde_yaml::Deserializer<'_>| -> Result<Value, serde_yaml::Error> {
        let mut value = Value::deserialize(document)?;
        value.apply_merge()?;
        Ok(value)
    };
    let unreadable = |error: serde_yaml::Error| {
        // The parser's own message may quote the file.
        let line = error.location().map_or(0, |at| at.line());
        if line == 0 {
            return "the second YAML reader does not accept the file".to_owned();
        }
        format!("the second YAML reader does not accept line {line}")
    };
    serde_yaml::Deserializer::from_str(text.trim_start_matches('\u{feff}'))
        .map(|document| read(document).map_err(unreadable))
        .collect()
}

fn compare(old: &Value, new: &Value, path: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
    match (old, new) {
        (Value::Mapping(old), Value::Mapping(new)) => {
            for (key, value) in old {
                path.push(name(key));
                match new.get(key) {
                    Some(other) => compare(value, other, path, out),
                    None => out.push(path.clone()),
                }
                path.pop();
            }
            for (key, _) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
                path.push(name(key));
                out.push(path.clone());
                path.pop();
            }
        }
        (Value::Sequence(old), Value::Sequence(new)) => {
            for at in 0..old.len().max(new.len()) {
                path.push(at.to_string());
                match (old.get(at), new.get(at)) {
                    (Some(old), Some(new)) => compare(old, new, path, out),
                    _ => out.push(path.clone()),
                }
                path.pop();
            }
        }
        (Value::Tagged(old), Value::Tagged(new)) if old.tag == new.tag => compare(&old.value, &new.value, path, out),
        (old, new) if old == new => {}
        _ => out.push(path.clone()),
    }
}

fn name(key: &Value) -> String {
    match key {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => "?".to_owned(),
    }
}

/// The names that an application's own loader finds in an env file; `None` if it rejects the file. Its errors quote the line and are not
/// passed on.
fn library_names(text: &str) -> Option<Vec<String>> {
    dotenvy::from_read_iter(text.as_bytes()).map(|pair| pair.ok().map(|(name, _)| name)).collect()
}

/// The variables whose templates differ between two versions of an env file.
fn env(docs: &Documents, file: FileId, new: &str) -> Result<Vec<Vec<String>>, String> {
    let values = |doc: &dotenv::EnvDoc| -> BTreeMap<String, Option<(String, bool)>> {
        let value = |line: &dotenv::EnvLine| line.value.as_ref().map(|value| (value.template.clone(), value.is_literal()));
        doc.entries.iter().map(|line| (line.key.clone(), value(line))).collect()
    };
    let old = docs.env(file).ok_or("the file is no env file of the project")?;
    if let Some(names) = library_names(docs.text(file))
        && !library_names(new).is_some_and(|all| names.iter().all(|name| all.contains(name)))
    {
        return Err("a dotenv library that reads the env file today could no longer read it".to_owned());
    }
    let new = dotenv::parse(new);
    if let Some(error) = &new.error {
        return Err(format!("the env file would no longer be valid: {}", error.message));
    }
    let (old, new) = (values(old), values(&new));
    let names = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
    Ok(names.filter(|key| old.get(*key) != new.get(*key)).map(|key| vec![key.clone()]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differences(old: &str, new: &str) -> Vec<String> {
        yaml(old, new).expect("readable").into_iter().map(|path| path.join(".")).collect()
    }

    #[test]
    fn an_anchor_shows_every_place_that_changes() {
        let old = "x: &x {A: 1}\ns:\n  one: {<<: *x}\n  two: *x\n";
        assert_eq!(differences(old, &old.replace("A: 1", "A: 2")), ["x.A", "s.one.A", "s.two.A"]);
    }

    #[test]
    fn layout_and_comments_are_no_difference() {
        assert!(differences("a: [1, 2] # c\n", "a:\n  - 1\n  - 2\n").is_empty());
        assert_eq!(differences("a: !reset null\n", "a: !reset 1\n"), ["a"]);
    }
}
