//! Values with provenance: a string that was put together from a scalar, `${…}` references, defaults and env files still knows which
//! bytes of which file each part of it came from.

mod text;

use crate::syntax::yaml::NodeId;
use crate::text::span::{FileId, Span};
use std::sync::Arc;
pub use text::{Home, Reference, Site, Text};

/// A node of a YAML document with aliases and merge keys followed, and interpolation done.
#[derive(Debug, Clone)]
pub struct Value {
    pub kind: Kind,
    pub span: Span,
    /// The syntax node it was read from: the target, where an alias led there. Of a derived value, the node it was made of.
    pub node: NodeId,
    pub tag: Option<String>,
    /// Not written in this form: Compose makes it of a short form, or supplies it.
    pub derived: bool,
}

#[derive(Debug, Clone)]
pub enum Kind {
    Null,
    Scalar(Text, Type),
    Seq(Vec<Arc<Value>>),
    Map(Vec<Entry>),
}

/// What a scalar is taken for (go-yaml's core schema).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Str,
    Int,
    Float,
    Bool,
    /// An unquoted date: Compose has no use for one anywhere.
    Time,
}

#[derive(Debug, Clone)]
pub struct Entry {
    pub key: String,
    pub key_span: Span,
    pub value: Arc<Value>,
    /// The merge key (`<<`) it came through, if it is not written in the mapping itself.
    pub merged: Option<Span>,
}

/// How deep a setting may be nested to be looked at.
pub const MAX_DEPTH: usize = 12;

impl Value {
    pub fn file(&self) -> FileId {
        self.span.file
    }

    pub fn text(&self) -> Option<&Text> {
        match &self.kind {
            Kind::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// All texts in the value, itself included, in order.
    pub fn each_text(&self, add: &mut dyn FnMut(&Text)) {
        fn walk(value: &Value, depth: usize, add: &mut dyn FnMut(&Text)) {
            if let Some(text) = value.text() {
                add(text);
            }
            if depth > 0 {
                value.items().iter().for_each(|item| walk(item, depth - 1, add));
                value.entries().iter().for_each(|entry| walk(&entry.value, depth - 1, add));
            }
        }
        walk(self, MAX_DEPTH, add);
    }

    /// The type of a scalar.
    pub fn scalar_type(&self) -> Option<Type> {
        match self.kind {
            Kind::Scalar(_, kind) => Some(kind),
            _ => None,
        }
    }

    /// Something that Compose makes of this value: it stands where this one does.
    pub fn derive(&self, kind: Kind) -> Arc<Self> {
        Arc::new(Self { kind, span: self.span, node: self.node, tag: None, derived: true })
    }

    /// The same value with other content: still what is written there.
    pub fn with(&self, kind: Kind) -> Arc<Self> {
        Arc::new(Self { kind, ..self.clone() })
    }

    pub fn items(&self) -> &[Arc<Value>] {
        match &self.kind {
            Kind::Seq(items) => items,
            _ => &[],
        }
    }

    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of `key`; one that is marked `!reset` counts as absent.
    pub fn get(&self, key: &str) -> Option<&Arc<Value>> {
        self.entry(key).map(|entry| &entry.value).filter(|value| !value.is_reset())
    }

    /// Marked `!reset`: in a merge, what was there is dropped.
    pub fn is_reset(&self) -> bool {
        self.tag.as_deref() == Some("!reset")
    }

    /// The truth value `true`.
    pub fn is_true(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(text, Type::Bool) if text.value == "true")
    }

    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    pub fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    pub fn is_seq(&self) -> bool {
        matches!(self.kind, Kind::Seq(_))
    }
}
