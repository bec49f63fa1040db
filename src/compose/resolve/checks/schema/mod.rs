//! Whether a compose file has the form that Compose asks for: every key known, every value of the right kind. Runs on the merged
//! document before short forms are made long, so that both may occur. Knows nothing of what the values are good for, and nothing of
//! names that have to lead somewhere.
//!
//! The tables say what the Compose schema says, and are stricter where Compose goes on to refuse what its schema takes. Where Compose
//! drops the repeated items of a list before it looks, the tables do not ask for distinct ones.

mod build;
mod common;
mod deploy;
mod devices;
mod forms;
mod help;
mod mounts;
mod place;
mod resources;
mod service;
mod shape;
#[cfg(test)]
mod tests;

use crate::compose::faults::Faults;
use crate::compose::forms::scalars;
use crate::compose::value::{Entry, Kind, Type, Value};
use crate::text::span::Span;
use place::{Place, shown};
use shape::{List, Map, Object, Rest, Shape};
use std::collections::{HashMap, HashSet};

/// How the keys begin that Compose leaves to the author.
const EXTENSION: &str = "x-";

static FILE: Shape = Shape::Object(&resources::FILE);

/// Reports all that Compose would not take in the document `model`.
pub fn check(model: &Value, faults: &mut Faults) {
    let mut checker = Checker { faults, seen: HashSet::new(), unknown: 0 };
    checker.value(model, &FILE, &Place::Document, None);
}

struct Checker<'f> {
    faults: &'f mut Faults,
    /// Which values were checked against which shape: what an alias repeats is told once.
    seen: HashSet<(usize, usize)>,
    /// How many unknown keys were met.
    unknown: usize,
}

impl Checker<'_> {
    /// Checks `value`; `key` is where its key stands, if it has one.
    fn value(&mut self, value: &Value, shape: &'static Shape, place: &Place, key: Option<Span>) {
        if value.is_reset() {
            return;
        }
        let Some(shape) = shape.of_kind(value) else { return self.wrong_kind(value, shape, place, key) };
        match (shape, &value.kind) {
            (Shape::List(list), Kind::Seq(_)) if self.is_new(value, shape) => self.list(value, list, place),
            (Shape::Map(map), Kind::Map(_)) if self.is_new(value, shape) => self.map(value, map, place),
            (Shape::Object(object), Kind::Map(_)) if self.is_new(value, shape) => self.object(value, object, place, key),
            (_, Kind::Scalar(text, kind)) if !fits(shape, &text.value, *kind) => self.wrong_value(value, shape, place),
            _ => {}
        }
    }

    fn is_new(&mut self, value: &Value, shape: &'static Shape) -> bool {
        self.seen.insert((std::ptr::from_ref(value).addr(), std::ptr::from_ref(shape).addr()))
    }

    fn list(&mut self, value: &Value, list: &'static List, place: &Place) {
        for (at, item) in value.items().iter().enumerate() {
            self.value(item, &list.items, &place.item(at), None);
        }
        if list.unique {
            self.distinct(value, place);
        }
    }

    /// No item may be there twice. Items of other kinds than scalars are wrong in all these lists, which is told already.
    fn distinct(&mut self, list: &Value, place: &Place) {
        let mut seen: HashMap<(bool, String), &Value> = HashMap::new();
        for (at, item) in list.items().iter().enumerate().filter(|(_, item)| !item.is_reset()) {
            let Kind::Scalar(text, kind) = &item.kind else { continue };
            let plain = (*kind == Type::Str, scalars::rendered(&text.value, *kind));
            let Some(first) = seen.get(&plain).copied() else {
                seen.insert(plain, item);
                continue;
            };
            let open = first.text().is_some_and(|first| !first.missing().is_empty());
            let message = format!("{} is there twice", place.item(at));
            self.faults.of(if open { first } else { item }, item.span, message, "Remove one of the two.");
        }
    }

    fn map(&mut self, value: &Value, map: &'static Map, place: &Place) {
        for entry in value.entries().iter().filter(|entry| !entry.value.is_reset()) {
            if map.names.fit(&entry.key) {
                self.value(&entry.value, &map.values, &place.key(&entry.key), Some(entry.key_span));
            } else if map.names.strict() {
                self.wrong_name(entry, map, place);
            }
        }
    }

    fn wrong_name(&mut self, entry: &Entry, map: &Map, place: &Place) {
        if entry.key.is_empty() {
            let message = format!("a name is missing in {place}");
            return self.faults.certain(entry.key_span, message, "Write a name in front of the colon, or remove the line.");
        }
        let message = format!("`{}` cannot be the name of {}", shown(&entry.key), map.what);
        self.faults.certain(entry.key_span, message, "A name consists of letters, digits, `.`, `_` and `-`.");
    }

    fn object(&mut self, value: &Value, object: &'static Object, place: &Place, key: Option<Span>) {
        for entry in value.entries().iter().filter(|entry| !entry.value.is_reset()) {
            if let Some(shape) = object.field(&entry.key) {
                self.value(&entry.value, shape, &place.key(&entry.key), Some(entry.key_span));
            } else if object.rest == Rest::Nothing || object.rest == Rest::Extensions && !entry.key.starts_with(EXTENSION) {
                self.unknown_key(&entry.key, entry.key_span, object, place);
            }
        }
        for name in object.required {
            if value.entry(name).is_none() {
                let message = format!("{place} has no `{name}`");
                self.faults.certain(key.unwrap_or(value.span), message, help::add(name, object));
            }
        }
    }

    fn unknown_key(&mut self, key: &str, at: Span, object: &'static Object, place: &Place) {
        let whose = place.short().map(|name| format!(" ({name})")).unwrap_or_default();
        let message = format!("`{}` is no key of {}{whose}", shown(key), object.what);
        self.unknown += 1;
        let help = help::instead(key, object, place, self.unknown);
        self.faults.certain(at, message, help);
    }

    /// No value of a variable would make it the right kind: what is written decides.
    fn wrong_kind(&mut self, value: &Value, shape: &'static Shape, place: &Place, key: Option<Span>) {
        let at = if value.text().is_some() { value.span } else { key.unwrap_or(value.span) };
        let expected = help::expected(shape);
        let message = if value.is_null() {
            format!("{place} is empty, and must be {expected}")
        } else {
            format!("{place} must be {expected}, and this is {}", help::kind(value))
        };
        self.faults.certain(at, message, help::kinds(value, shape, place));
    }

    fn wrong_value(&mut self, value: &Value, shape: &'static Shape, place: &Place) {
        let expected = help::expected(shape);
        let (message, help) = match shape {
            Shape::Text(form) => (format!("{place} is not {expected}"), form.help.to_owned()),
            Shape::Word(_) => (format!("{place} must be {expected}, and this is something else"), format!("Write {expected}.")),
            _ => (format!("{place} is not {expected}"), format!("Write {expected}.")),
        };
        self.faults.at(value, message, help);
    }
}

/// Whether a scalar of the right kind is one that will do.
fn fits(shape: &Shape, text: &str, kind: Type) -> bool {
    match shape {
        Shape::Text(form) => (form.fits)(text),
        Shape::Word(words) => words.contains(&text),
        Shape::Within(least, most) => {
            let number = match kind {
                Type::Int => scalars::int(text),
                _ => scalars::int(&scalars::rendered(text, kind)),
            };
            number.is_none_or(|number| i128::from(*least) <= number && number <= i128::from(*most))
        }
        _ => true,
    }
}
