//! How the image of a service is built, and how it is worked on.

use super::common::{BYTES, DICT, DISTINCT_DICT, EXTRA_HOSTS, GRANTS, HOOK, SWITCH, TEXT_OR_DISTINCT, TEXTS};
use super::shape::Shape::{self, Bool, Int, OneOf, Str, Word};
use super::shape::{List, Map, Names, Object, Rest};

const TEXT_OR_BOOL: Shape = OneOf(&[Str, Bool]);

pub(super) static BUILD: Object = Object {
    what: "a build",
    fields: &[
        ("context", Str),
        ("dockerfile", Str),
        ("dockerfile_inline", Str),
        ("args", DICT),
        ("target", Str),
        ("additional_contexts", DICT),
        ("cache_from", TEXTS),
        ("cache_to", TEXTS),
        ("entitlements", TEXTS),
        ("extra_hosts", EXTRA_HOSTS),
        ("isolation", Str),
        ("labels", DICT),
        ("network", Str),
        ("no_cache", SWITCH),
        ("platforms", TEXTS),
        ("privileged", SWITCH),
        ("provenance", TEXT_OR_BOOL),
        ("pull", SWITCH),
        ("sbom", TEXT_OR_BOOL),
        ("secrets", GRANTS),
        ("shm_size", BYTES),
        ("ssh", DISTINCT_DICT),
        ("tags", TEXTS),
        ("ulimits", Shape::Map(&ULIMITS)),
    ],
    required: &[],
    rest: Rest::Extensions,
};

/// Other than those of a service, these limits cannot be texts: the schema takes them, and Compose breaks off.
static ULIMITS: Map = Map { what: "a limit", names: Names::LowerOrFree, values: OneOf(&[Int, Shape::Object(&ULIMIT)]) };

static ULIMIT: Object =
    Object { what: "a limit", fields: &[("soft", Int), ("hard", Int)], required: &["soft", "hard"], rest: Rest::Extensions };

pub(super) static DEVELOP: Object = Object {
    what: "the development of a service",
    fields: &[("watch", Shape::List(&WATCHES))],
    required: &[],
    rest: Rest::Extensions,
};

static WATCHES: List = List { items: Shape::Object(&WATCH), unique: false };

static WATCH: Object = Object {
    what: "a watched path",
    fields: &[
        ("path", Str),
        ("action", Word(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"])),
        ("target", Str),
        ("ignore", TEXT_OR_DISTINCT),
        ("include", TEXT_OR_DISTINCT),
        ("initial_sync", Bool),
        ("exec", Shape::Object(&HOOK)),
    ],
    required: &["path", "action"],
    rest: Rest::Extensions,
};
