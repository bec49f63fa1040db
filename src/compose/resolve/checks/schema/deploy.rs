//! How a service is deployed.

use super::common::{COUNT, DICT, DURATION, NATURAL, NUMBER, NUMBER_OR_COUNT, TEXTS};
use super::devices::RESERVED_DEVICES;
use super::forms;
use super::shape::Shape::{self, Str, Text, Word};
use super::shape::{List, Object, Rest};

pub(super) static DEPLOY: Object = Object {
    what: "a deployment",
    fields: &[
        ("mode", Str),
        ("endpoint_mode", Str),
        ("replicas", NATURAL),
        ("labels", DICT),
        ("resources", Shape::Object(&RESOURCES)),
        ("restart_policy", Shape::Object(&RESTART)),
        ("placement", Shape::Object(&PLACEMENT)),
        ("update_config", Shape::Object(&UPDATE)),
        ("rollback_config", Shape::Object(&UPDATE)),
    ],
    required: &[],
    rest: Rest::Extensions,
};

static UPDATE: Object = Object {
    what: "an update or its rollback",
    fields: &[
        ("parallelism", COUNT),
        ("delay", DURATION),
        ("failure_action", Str),
        ("monitor", DURATION),
        ("max_failure_ratio", NUMBER),
        ("order", Word(&["start-first", "stop-first"])),
    ],
    required: &[],
    rest: Rest::Extensions,
};

static RESOURCES: Object = Object {
    what: "the resources of a deployment",
    fields: &[("limits", Shape::Object(&LIMITS)), ("reservations", Shape::Object(&RESERVATIONS))],
    required: &[],
    rest: Rest::Extensions,
};

static LIMITS: Object = Object {
    what: "the limits of a deployment",
    fields: &[("cpus", NUMBER), ("memory", Text(&forms::SIZE)), ("pids", COUNT)],
    required: &[],
    rest: Rest::Extensions,
};

static RESERVATIONS: Object = Object {
    what: "the reservations of a deployment",
    fields: &[
        ("cpus", NUMBER),
        ("memory", Text(&forms::SIZE)),
        ("generic_resources", Shape::List(&GENERIC)),
        ("devices", Shape::List(&RESERVED_DEVICES)),
    ],
    required: &[],
    rest: Rest::Extensions,
};

static GENERIC: List = List { items: Shape::Object(&GENERIC_RESOURCE), unique: false };

static GENERIC_RESOURCE: Object = Object {
    what: "a generic resource",
    fields: &[("discrete_resource_spec", Shape::Object(&DISCRETE))],
    required: &[],
    rest: Rest::Extensions,
};

static DISCRETE: Object = Object {
    what: "a countable resource",
    fields: &[("kind", Str), ("value", NUMBER_OR_COUNT)],
    required: &[],
    rest: Rest::Extensions,
};

static RESTART: Object = Object {
    what: "a restart policy",
    fields: &[("condition", Str), ("delay", DURATION), ("max_attempts", COUNT), ("window", DURATION)],
    required: &[],
    rest: Rest::Extensions,
};

static PLACEMENT: Object = Object {
    what: "a placement",
    fields: &[("constraints", TEXTS), ("preferences", Shape::List(&PREFERENCES)), ("max_replicas_per_node", COUNT)],
    required: &[],
    rest: Rest::Extensions,
};

static PREFERENCES: List = List { items: Shape::Object(&PREFERENCE), unique: false };

static PREFERENCE: Object = Object { what: "a preference", fields: &[("spread", Str)], required: &[], rest: Rest::Extensions };
