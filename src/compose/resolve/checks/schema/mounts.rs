//! What a service mounts.

use super::common::{DISTINCT_DICT, SWITCH};
use super::forms;
use super::shape::Shape::{self, Number, OneOf, Str, Text, Within, Word};
use super::shape::{List, Object, Rest};

pub(super) static MOUNTS: List = List { items: OneOf(&[Str, Shape::Object(&MOUNT)]), unique: false };

static MOUNT: Object = Object {
    what: "a mount",
    fields: &[
        ("type", Word(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])),
        ("source", Str),
        ("target", Str),
        ("read_only", SWITCH),
        ("consistency", Str),
        ("bind", Shape::Object(&BIND)),
        ("volume", Shape::Object(&VOLUME)),
        ("tmpfs", Shape::Object(&TMPFS)),
        ("image", Shape::Object(&IMAGE)),
    ],
    // Compose asks for the target before it looks at the rest.
    required: &["type", "target"],
    rest: Rest::Extensions,
};

static BIND: Object = Object {
    what: "a bind mount",
    fields: &[
        ("propagation", Str),
        ("create_host_path", SWITCH),
        ("recursive", Word(&["enabled", "disabled", "writable", "readonly"])),
        ("selinux", Word(&["z", "Z"])),
    ],
    required: &[],
    rest: Rest::Extensions,
};

static VOLUME: Object = Object {
    what: "a mounted volume",
    fields: &[("labels", DISTINCT_DICT), ("nocopy", SWITCH), ("subpath", Str)],
    required: &[],
    rest: Rest::Extensions,
};

static TMPFS: Object = Object {
    what: "a tmpfs mount",
    // The schema also takes a text as the mode, and Compose cannot read it.
    fields: &[("size", OneOf(&[Within(0, i64::MAX), Text(&forms::SIZE)])), ("mode", Number)],
    required: &[],
    rest: Rest::Extensions,
};

static IMAGE: Object = Object { what: "a mounted image", fields: &[("subpath", Str)], required: &[], rest: Rest::Extensions };
