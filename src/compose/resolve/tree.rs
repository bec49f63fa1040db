//! Rebuilding values: every phase takes a document and gives another, which shares all that the phase leaves as it is.

use crate::compose::value::{Entry, Kind, Type, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// From this many entries on, a mapping is searched by a table.
const LARGE: usize = 16;

/// The mapping or list with each value changed; `change` gets the key, or `[]` for an item.
pub fn map(value: &Arc<Value>, mut change: impl FnMut(&str, &Arc<Value>) -> Arc<Value>) -> Arc<Value> {
    match &value.kind {
        Kind::Map(entries) => {
            let new: Vec<Arc<Value>> = entries.iter().map(|entry| change(&entry.key, &entry.value)).collect();
            if new.iter().zip(entries).all(|(new, old)| Arc::ptr_eq(new, &old.value)) {
                return value.clone();
            }
            let entry = |(old, value): (&Entry, Arc<Value>)| Entry { value, ..old.clone() };
            value.with(Kind::Map(entries.iter().zip(new).map(entry).collect()))
        }
        Kind::Seq(items) => {
            let new: Vec<Arc<Value>> = items.iter().map(|item| change("[]", item)).collect();
            if new.iter().zip(items).all(|(new, old)| Arc::ptr_eq(new, old)) {
                return value.clone();
            }
            value.with(Kind::Seq(new))
        }
        Kind::Null | Kind::Scalar(..) => value.clone(),
    }
}

/// The document with one section changed, if it has it.
pub fn section(model: &Arc<Value>, name: &str, mut change: impl FnMut(&str, &Arc<Value>) -> Arc<Value>) -> Arc<Value> {
    map(model, |key, value| if key == name { map(value, &mut change) } else { value.clone() })
}

/// The mapping without the entries that `drop` says.
pub fn without(value: &Arc<Value>, drop: impl Fn(&Entry) -> bool) -> Arc<Value> {
    let entries = value.entries();
    if !entries.iter().any(&drop) {
        return value.clone();
    }
    value.with(Kind::Map(entries.iter().filter(|entry| !drop(entry)).cloned().collect()))
}

/// The mapping with `value` under `key`, in the place of what was there or at the end.
pub fn set(map: &Arc<Value>, key: &str, value: Arc<Value>) -> Arc<Value> {
    let mut entries = map.entries().to_vec();
    match entries.iter_mut().find(|entry| entry.key == key) {
        Some(entry) => entry.value = value,
        None => entries.push(Entry { key: key.to_owned(), key_span: value.span, value, merged: None }),
    }
    map.with(Kind::Map(entries))
}

/// An entry that Compose supplies to `map`.
pub fn supplied(map: &Value, key: &str, text: &str, kind: Type) -> Entry {
    let home = crate::compose::value::Home::Outside;
    let value = map.derive(Kind::Scalar(crate::compose::value::Text::literal(text, home), kind));
    Entry { key: key.to_owned(), key_span: map.span, value, merged: None }
}

/// Where each key of a mapping stands, if it is large enough for that to pay.
pub struct Keys<'a> {
    entries: &'a [Entry],
    table: Option<HashMap<&'a str, usize>>,
}

impl<'a> Keys<'a> {
    pub fn of(entries: &'a [Entry]) -> Self {
        let table =
            (entries.len() >= LARGE).then(|| entries.iter().enumerate().map(|(at, entry)| (entry.key.as_str(), at)).collect());
        Self { entries, table }
    }

    pub fn find(&self, key: &str) -> Option<usize> {
        match &self.table {
            Some(table) => table.get(key).copied(),
            None => self.entries.iter().position(|entry| entry.key == key),
        }
    }
}
