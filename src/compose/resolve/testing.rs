//! For the tests of the phases: documents written down as flow YAML, and back.

use super::anchors::Expander;
use super::environment::Environment;
use crate::compose::value::{Kind, Type, Value};
use crate::syntax::yaml::Tree;
use crate::text::span::FileId;
use std::sync::Arc;

/// The value of a document, with no variable set.
pub(super) fn value(text: &str) -> Arc<Value> {
    let tree = Tree::parse(FileId(0), text);
    assert_eq!(tree.errors, [], "{text}");
    let env = Environment::default();
    Expander::new(&tree, text, &env).expand(tree.root().expect("a document"))
}

/// A value in flow form; texts in quotes, all else bare.
pub(super) fn show(value: &Value) -> String {
    let join = |parts: Vec<String>| parts.join(", ");
    match &value.kind {
        Kind::Null => "null".to_owned(),
        Kind::Scalar(text, Type::Str) => format!("'{}'", text.value),
        Kind::Scalar(text, _) => text.value.clone(),
        Kind::Seq(items) => format!("[{}]", join(items.iter().map(|item| show(item)).collect())),
        Kind::Map(entries) => {
            format!("{{{}}}", join(entries.iter().map(|entry| format!("{}: {}", entry.key, show(&entry.value))).collect()))
        }
    }
}

/// What the service `a` of a document says.
pub(super) fn of_service(model: &Value) -> String {
    let service = model.get("services").and_then(|services| services.get("a").cloned()).expect("the service a");
    show(&service).trim_start_matches('{').strip_suffix('}').unwrap_or_default().to_owned()
}
