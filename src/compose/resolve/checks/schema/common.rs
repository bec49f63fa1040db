//! Shapes that several tables share.

use super::forms;
use super::shape::Shape::{self, Bool, Int, Null, Number, OneOf, Str, Text};
use super::shape::{List, Map, Names, Object, Rest};

/// True or false, also as a text that reads as one of them.
pub(super) const SWITCH: Shape = OneOf(&[Bool, Text(&forms::SWITCH)]);
pub(super) const DURATION: Shape = Text(&forms::DURATION);
/// A whole number, also as a text.
pub(super) const COUNT: Shape = OneOf(&[Int, Text(&forms::COUNT)]);
/// A whole number from 0, also as a text.
pub(super) const NATURAL: Shape = OneOf(&[Shape::Within(0, i64::MAX), Text(&forms::NATURAL)]);
/// A number, also as a text.
pub(super) const NUMBER: Shape = OneOf(&[Number, Text(&forms::NUMBER)]);
/// A number, or a text with a whole number.
pub(super) const NUMBER_OR_COUNT: Shape = OneOf(&[Number, Text(&forms::COUNT)]);
/// Whole bytes or an amount with a unit.
pub(super) const BYTES: Shape = OneOf(&[Int, Text(&forms::SIZE)]);
/// Bytes or an amount with a unit.
pub(super) const SIZE: Shape = OneOf(&[Number, Text(&forms::SIZE)]);
pub(super) const TEXT_OR_NUMBER: Shape = OneOf(&[Str, Number]);
pub(super) const TEXT_OR_INT: Shape = OneOf(&[Str, Int]);

static TEXTS_LIST: List = List { items: Str, unique: false };
static DISTINCT_LIST: List = List { items: Str, unique: true };
/// Texts; a repeated one is either allowed or gone before the check.
pub(super) const TEXTS: Shape = Shape::List(&TEXTS_LIST);
/// Texts, none of them twice.
pub(super) const DISTINCT: Shape = Shape::List(&DISTINCT_LIST);
pub(super) const TEXT_OR_TEXTS: Shape = OneOf(&[Str, TEXTS]);
pub(super) const TEXT_OR_DISTINCT: Shape = OneOf(&[Str, DISTINCT]);

static DICT_MAP: Map = Map { what: "a name", names: Names::Some, values: OneOf(&[Str, Number, Bool, Null]) };
/// `A: b` or `- A=b`, where repeated items are gone before the check.
pub(super) const DICT: Shape = OneOf(&[Shape::Map(&DICT_MAP), TEXTS]);
/// `A: b` or `- A=b` without repeated items.
pub(super) const DISTINCT_DICT: Shape = OneOf(&[Shape::Map(&DICT_MAP), DISTINCT]);

static OPTIONS_MAP: Map = Map { what: "an option", names: Names::SomeOrFree, values: TEXT_OR_NUMBER };
/// Options of a driver.
pub(super) const OPTIONS: Shape = Shape::Map(&OPTIONS_MAP);

static COMMAND_LIST: List = List { items: Str, unique: false };
pub(super) const COMMAND: Shape = OneOf(&[Null, Str, Shape::List(&COMMAND_LIST)]);

static HOSTS_MAP: Map = Map { what: "a host", names: Names::Some, values: TEXT_OR_TEXTS };
pub(super) const EXTRA_HOSTS: Shape = OneOf(&[Shape::Map(&HOSTS_MAP), DISTINCT]);

pub(super) static HOOK: Object = Object {
    what: "a hook",
    fields: &[("command", COMMAND), ("user", Str), ("privileged", SWITCH), ("working_dir", Str), ("environment", DISTINCT_DICT)],
    required: &["command"],
    rest: Rest::Extensions,
};

static HOOK_LIST: List = List { items: Shape::Object(&HOOK), unique: false };
pub(super) const HOOKS: Shape = Shape::List(&HOOK_LIST);

static GRANT: Object = Object {
    what: "a granted secret or config",
    fields: &[("source", Str), ("target", Str), ("uid", Str), ("gid", Str), ("mode", OneOf(&[Int, Text(&forms::MODE)]))],
    required: &[],
    rest: Rest::Extensions,
};

static GRANT_LIST: List = List { items: OneOf(&[Str, Shape::Object(&GRANT)]), unique: false };
/// Secrets or configs that a service gets.
pub(super) const GRANTS: Shape = Shape::List(&GRANT_LIST);
