//! What to write instead. Knows the mistakes that are often made: a key at the wrong depth, a number without quotes, a list item that
//! YAML takes for a mapping.

use super::place::Place;
use super::resources;
use super::service::SERVICE;
use super::shape::{Object, Rest, Shape};
use crate::compose::faults::type_name;
use crate::compose::value::{Kind, Type, Value};
use crate::text::nearest::nearest;

/// How many unknown keys are compared with all that are known; a file with more of them is no compose file.
const MAX_COMPARED: usize = 100;

/// Longer than any key that is known.
const MAX_KEY: usize = 30;

/// How many known keys are listed.
const MAX_LISTED: usize = 6;

/// Parts of a service below which a key often belongs that was written one level too high.
const PARTS: [&str; 5] = ["build", "healthcheck", "deploy", "logging", "develop"];

/// Keys of a service as other tools, or older versions, call them.
const OTHER_NAMES: [(&str, &str); 13] = [
    ("memory", "Write `mem_limit:`, or `memory:` below `deploy.resources.limits`."),
    ("limits", "It belongs below `deploy.resources`."),
    ("reservations", "It belongs below `deploy.resources`."),
    ("cpu", "Write `cpus:`."),
    ("env", "Write `environment:`."),
    ("net", "Write `network_mode:`, or `networks:`."),
    ("network", "Write `networks:`."),
    ("log_driver", "Write `logging:` with `driver:` below it."),
    ("log_opt", "Write `logging:` with `options:` below it."),
    ("volume_driver", "Name the driver of the volume below `volumes:` at the top level."),
    ("cmd", "Write `command:`."),
    ("pre_start", "Let the service wait for another one with `condition: service_completed_successfully`."),
    ("condition", "It belongs to one of the services below `depends_on:`."),
];

/// What the author of an unknown key had in mind; `count` such keys were met so far.
pub(super) fn instead(key: &str, object: &'static Object, place: &Place, count: usize) -> String {
    let known = known_place(key, object, place);
    let near = || (count <= MAX_COMPARED && key.len() <= MAX_KEY).then(|| nearest(key, object.names())).flatten();
    known.or_else(|| near().map(|name| format!("Did you mean `{name}`?"))).unwrap_or_else(|| otherwise(object))
}

fn known_place(key: &str, object: &'static Object, place: &Place) -> Option<String> {
    if is(object, &resources::FILE) {
        let known = SERVICE.field(key).is_some();
        return known.then(|| format!("Services stand below `services:`; `{key}` is a key of one of them."));
    }
    if object.what == "a health check" && matches!(key, "command" | "cmd") {
        return Some("Write `test:`.".to_owned());
    }
    if !is(object, &SERVICE) {
        let known = place.is_in_service() && SERVICE.field(key).is_some();
        return known.then(|| format!("`{key}` is a key of a service: write it there, with less indentation."));
    }
    if resources::FILE.field(key).is_some() {
        return Some(format!("`{key}:` belongs at the top level, without indentation."));
    }
    let part = |name: &&str| SERVICE.field(name).and_then(Shape::object).is_some_and(|part| part.field(key).is_some());
    let part = PARTS.iter().find(|name| part(name)).map(|name| format!("It belongs below `{name}:`."));
    part.or_else(|| OTHER_NAMES.iter().find(|(name, _)| *name == key).map(|(_, help)| (*help).to_owned()))
}

fn is(object: &'static Object, other: &'static Object) -> bool {
    std::ptr::eq(object, other)
}

fn otherwise(object: &'static Object) -> String {
    let rest = match object.rest {
        _ if is(object, &resources::FILE) => {
            return "Services stand below `services:`; the name of anything of your own starts with `x-`.".to_owned();
        }
        Rest::Extensions => "Remove it, or start its name with `x-`.",
        _ => "Remove it.",
    };
    if object.fields.len() > MAX_LISTED {
        return rest.to_owned();
    }
    let names: Vec<String> = object.names().map(|name| format!("`{name}`")).collect();
    format!("{rest} The keys here are {}.", listed(&names, "and"))
}

/// How to add a required key.
pub(super) fn add(name: &str, object: &Object) -> String {
    match object.fields.iter().find(|(field, _)| *field == name) {
        Some((_, Shape::Word(words))) => {
            let choices: Vec<String> = words.iter().map(|word| format!("`{name}: {word}`")).collect();
            format!("Add {}.", listed(&choices, "or"))
        }
        _ => format!("Add `{name}:`."),
    }
}

/// What a shape asks for, for a sentence.
pub(super) fn expected(shape: &'static Shape) -> String {
    let mut names: Vec<String> = Vec::new();
    for one in shape.alternatives() {
        let name = match one {
            Shape::Null => continue,
            Shape::Bool => "true or false".to_owned(),
            Shape::Int => "a whole number".to_owned(),
            Shape::Within(least, i64::MAX) => format!("a whole number of {least} or more"),
            Shape::Within(least, most) => format!("a whole number from {least} to {most}"),
            Shape::Number => "a number".to_owned(),
            Shape::Str => "a text".to_owned(),
            Shape::Text(form) => form.what.to_owned(),
            Shape::Word(words) => listed(words, "or"),
            Shape::List(_) => "a list".to_owned(),
            Shape::Map(_) | Shape::Object(_) => "a mapping".to_owned(),
            Shape::OneOf(_) => expected(one),
        };
        match one {
            _ if names.contains(&name) => {}
            // In front, where its own "or" does not get between the others.
            Shape::Bool => names.insert(0, name),
            _ => names.push(name),
        }
    }
    listed(&names, "or")
}

/// What kind of thing a value is, for a sentence.
pub(super) fn kind(value: &Value) -> &'static str {
    match value.scalar_type() {
        Some(Type::Float) => "a number with a fraction",
        _ => type_name(value),
    }
}

/// How to write a value of the wrong kind.
pub(super) fn kinds(value: &Value, shape: &'static Shape, place: &Place) -> String {
    match &value.kind {
        _ if matches!(place, Place::Document) => "Start the file with `services:`.".to_owned(),
        Kind::Scalar(_, kind) => scalar(*kind, shape, place),
        Kind::Null | Kind::Map(_) | Kind::Seq(_) => not_scalar(value, shape, place),
    }
}

fn takes(shape: &'static Shape, wanted: fn(&Shape) -> bool) -> bool {
    shape.alternatives().iter().any(wanted)
}

fn scalar(kind: Type, shape: &'static Shape, place: &Place) -> String {
    let form = shape.alternatives().iter().find_map(|one| if let Shape::Text(form) = one { Some(form.help) } else { None });
    match kind {
        Type::Bool if place.last() == Some("restart") => "Write \"no\" in quotes.".to_owned(),
        Type::Int | Type::Float if place.last() == Some("version") => {
            "Remove the line, which Compose no longer reads, or put the number in quotes.".to_owned()
        }
        Type::Str if takes(shape, |one| matches!(one, Shape::List(_))) => LIST.to_owned(),
        Type::Str if takes(shape, |one| matches!(one, Shape::Map(_) | Shape::Object(_))) => mapping(shape),
        Type::Str => format!("Write {}, without quotes.", expected(shape)),
        _ if takes(shape, |one| matches!(one, Shape::Str)) => "Put it in quotes.".to_owned(),
        _ => form.map_or_else(|| structure(shape), str::to_owned),
    }
}

fn not_scalar(value: &Value, shape: &'static Shape, place: &Place) -> String {
    let text = takes(shape, |one| matches!(one, Shape::Str));
    match &value.kind {
        Kind::Null if shape.object().is_some_and(|object| is(object, &SERVICE) || !object.required.is_empty()) => mapping(shape),
        Kind::Null if matches!(place, Place::Item(..)) => format!("Write {} there, or remove the item.", expected(shape)),
        Kind::Null => format!("Write {} there, or remove the line.", expected(shape)),
        Kind::Map(entries) if text && matches!(place.list(), Some("environment" | "labels" | "args")) && entries.len() == 1 => {
            "Write `NAME=value` as the item, or leave the dashes out.".to_owned()
        }
        Kind::Map(_) if text && place.list().is_some() => {
            "Put the item in quotes, so that `: ` in it does not make it a mapping.".to_owned()
        }
        _ => structure(shape),
    }
}

const LIST: &str = "Write it as a list: one item to a line, each behind `- `.";

fn structure(shape: &'static Shape) -> String {
    match shape.alternatives() {
        [Shape::List(_)] => LIST.to_owned(),
        shapes if shapes.iter().all(|one| matches!(one, Shape::Map(_) | Shape::Object(_) | Shape::Null)) => mapping(shape),
        _ => format!("Write {}.", expected(shape)),
    }
}

fn mapping(shape: &'static Shape) -> String {
    match shape.object() {
        Some(object) if is(object, &SERVICE) => "Give it at least `image:` or `build:`.".to_owned(),
        Some(object) => match object.required.first() {
            Some(name) => format!("{} Each key stands on a line of its own below it.", add(name, object)),
            None => "Write each setting as `key: value` on a line of its own below it.".to_owned(),
        },
        None => "Write each entry as `name:` on a line of its own, with what belongs to it behind or below.".to_owned(),
    }
}

/// `a, b or c`.
fn listed<S: AsRef<str>>(names: &[S], word: &str) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} {word} {last}", most.join(", ")),
    }
}
