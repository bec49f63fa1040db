//! `resolve --format yaml`. With `--origin`, each scalar is followed by a comment that says where it came from.

use super::{Node, Shown};
use crate::syntax::yaml_edit::scalar;
use std::fmt::Write as _;

/// The model as a document in block form.
pub fn render(node: &Node) -> String {
    let mut out = String::new();
    match &node.shown {
        Shown::Map(entries) => map(&mut out, entries, 0),
        _ => value(&mut out, node, 0),
    }
    out
}

fn map(out: &mut String, entries: &[(String, Node)], indent: usize) {
    for (key, node) in entries {
        let _ = write!(out, "{:indent$}{}:", "", scalar(key));
        value(out, node, indent + 2);
    }
}

/// What follows a colon or a dash; ends the line.
fn value(out: &mut String, node: &Node, indent: usize) {
    match &node.shown {
        Shown::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            map(out, entries, indent);
        }
        Shown::List(items) if !items.is_empty() => {
            out.push('\n');
            for item in items {
                self::item(out, item, indent);
            }
        }
        _ => {
            let _ = write!(out, " {}", single(node));
            if let Some(origin) = &node.origin {
                let _ = write!(out, "  # {origin}");
            }
            out.push('\n');
        }
    }
}

fn item(out: &mut String, node: &Node, indent: usize) {
    let _ = write!(out, "{:indent$}-", "");
    match &node.shown {
        // The first entry stands on the line of the dash.
        Shown::Map(entries) if !entries.is_empty() => {
            let mut inner = String::new();
            map(&mut inner, entries, indent + 2);
            let _ = write!(out, " {}", inner.trim_start());
        }
        _ => value(out, node, indent + 2),
    }
}

fn single(node: &Node) -> String {
    match &node.shown {
        Shown::Null => "null".to_owned(),
        Shown::Bool(yes) => yes.to_string(),
        Shown::Number(number) => number.clone(),
        Shown::Text(text) => scalar(text),
        Shown::List(_) => "[]".to_owned(),
        Shown::Map(_) => "{}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_reads_back_and_tells_where_its_values_came_from() {
        let node = |shown, origin: Option<&str>| Node { shown, origin: origin.map(str::to_owned) };
        let text = |text: &str, origin| node(Shown::Text(text.to_owned()), origin);
        let port = node(Shown::Map(vec![("target".to_owned(), node(Shown::Number("80".to_owned()), Some("c.yml:3")))]), None);
        let entries = vec![
            ("A".to_owned(), text("yes", Some(".env:1 → c.yml:2 ${A}"))),
            ("ports".to_owned(), node(Shown::List(vec![port, text("x: y", None)]), None)),
            ("none".to_owned(), node(Shown::List(Vec::new()), None)),
        ];
        let shown = render(&node(Shown::Map(entries), None));
        assert_eq!(shown, "A: \"yes\"  # .env:1 → c.yml:2 ${A}\nports:\n  - target: 80  # c.yml:3\n  - \"x: y\"\nnone: []\n");
        let read: serde_json::Value = serde_yaml::from_str(&shown).expect("YAML");
        assert_eq!(read["A"], "yes");
    }
}
