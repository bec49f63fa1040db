//! `resolve --format json`. With `--origin`, each scalar is an object of its value and its origin.

use super::{Node, Shown};
use serde_json::{Map, Value};

/// The model with a newline at its end.
pub fn render(node: &Node) -> String {
    let mut text = serde_json::to_string_pretty(&value(node)).expect("texts, numbers and mappings always serialize");
    text.push('\n');
    text
}

fn value(node: &Node) -> Value {
    let bare = match &node.shown {
        Shown::Null => Value::Null,
        Shown::Bool(yes) => Value::Bool(*yes),
        Shown::Number(number) => number.parse().map_or_else(|_| Value::String(number.clone()), Value::Number),
        Shown::Text(text) => Value::String(text.clone()),
        Shown::List(items) => return Value::Array(items.iter().map(value).collect()),
        Shown::Map(entries) => return entries.iter().map(|(key, inner)| (key.clone(), value(inner))).collect(),
    };
    match &node.origin {
        None => bare,
        Some(origin) => {
            let mut out = Map::new();
            out.insert("value".to_owned(), bare);
            out.insert("origin".to_owned(), Value::String(origin.clone()));
            Value::Object(out)
        }
    }
}
