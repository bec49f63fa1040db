//! The language of the tables: what a value may be. Knows no key of Compose, and nothing of how a fault is told.

use super::forms::Form;
use crate::compose::forms::scalars;
use crate::compose::value::{Kind, Type, Value};

/// What a value may be.
pub(super) enum Shape {
    Null,
    Bool,
    /// A whole number; `2.0` is one.
    Int,
    /// A whole number from one to another.
    Within(i64, i64),
    Number,
    /// Any text.
    Str,
    /// A text of a certain form.
    Text(&'static Form),
    /// One of a few words.
    Word(&'static [&'static str]),
    List(&'static List),
    Map(&'static Map),
    Object(&'static Object),
    /// Alternatives of different kinds: the first that takes the kind of a value is what it has to be.
    OneOf(&'static [Shape]),
}

pub(super) struct List {
    pub(super) items: Shape,
    /// Whether no item may be there twice. Where Compose drops repeated items before it looks, there is nothing to say.
    pub(super) unique: bool,
}

/// A mapping whose keys are names of the author's choice.
pub(super) struct Map {
    /// What a key names, for a sentence: `a service`.
    pub(super) what: &'static str,
    pub(super) names: Names,
    pub(super) values: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Letters, digits and `.`, `_`, `-`: no other name is taken.
    Plain,
    /// What has a plain name is checked; what has not is let pass.
    PlainOrFree,
    /// A run of lower-case letters is checked; any other name is let pass.
    LowerOrFree,
    /// Any name but the empty one.
    Some,
    /// What has a name is checked.
    SomeOrFree,
}

/// A mapping with known keys.
pub(super) struct Object {
    /// What it is, for a sentence: `a service`.
    pub(super) what: &'static str,
    pub(super) fields: &'static [(&'static str, Shape)],
    pub(super) required: &'static [&'static str],
    pub(super) rest: Rest,
}

/// What becomes of keys that an object does not know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Only those that start with `x-` are taken.
    Extensions,
    /// None is taken.
    Nothing,
    /// All are taken.
    Anything,
}

impl Object {
    pub(super) fn field(&self, key: &str) -> Option<&'static Shape> {
        self.fields.iter().find(|(name, _)| *name == key).map(|(_, shape)| shape)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().map(|(name, _)| *name)
    }
}

impl Names {
    /// Whether `name` is one that the values of the mapping are checked under.
    pub(super) fn fit(self, name: &str) -> bool {
        match self {
            Self::Plain | Self::PlainOrFree => !name.is_empty() && name.bytes().all(is_name_byte),
            Self::LowerOrFree => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()),
            Self::Some | Self::SomeOrFree => !name.is_empty(),
        }
    }

    /// Whether any other name is a fault.
    pub(super) fn strict(self) -> bool {
        matches!(self, Self::Plain | Self::Some)
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

impl Shape {
    /// The part of this shape that a value of this kind has to be; `None` if no value of the kind will do.
    pub(super) fn of_kind(&'static self, value: &Value) -> Option<&'static Shape> {
        let fits = match self {
            Self::OneOf(shapes) => return shapes.iter().find_map(|shape| shape.of_kind(value)),
            Self::Null => value.is_null(),
            Self::Bool => value.scalar_type() == Some(Type::Bool),
            Self::Int | Self::Within(..) => is_whole(value),
            Self::Number => matches!(value.scalar_type(), Some(Type::Int | Type::Float)),
            Self::Str | Self::Text(_) | Self::Word(_) => value.scalar_type() == Some(Type::Str),
            Self::List(_) => value.is_seq(),
            Self::Map(_) | Self::Object(_) => value.is_map(),
        };
        fits.then_some(self)
    }

    /// The alternatives, where there are some.
    pub(super) fn alternatives(&'static self) -> &'static [Shape] {
        match self {
            Self::OneOf(shapes) => shapes,
            one => std::slice::from_ref(one),
        }
    }

    /// The object among the alternatives.
    pub(super) fn object(&'static self) -> Option<&'static Object> {
        self.alternatives().iter().find_map(|shape| match shape {
            Self::Object(object) => Some(*object),
            _ => None,
        })
    }
}

/// A whole number, or one whose fraction is nothing.
fn is_whole(value: &Value) -> bool {
    let Kind::Scalar(text, kind) = &value.kind else { return false };
    match kind {
        Type::Int => true,
        Type::Float => scalars::rendered(&text.value, Type::Float).parse::<f64>().is_ok_and(|number| number.fract() == 0.0),
        _ => false,
    }
}
