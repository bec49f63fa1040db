//! The sections of a compose file, and what stands in them beside services.

use super::common::{DICT, DISTINCT_DICT, OPTIONS, SWITCH, TEXTS};
use super::forms;
use super::service::SERVICE;
use super::shape::Shape::{self, Bool, Int, Null, Number, OneOf, Str, Text};
use super::shape::{List, Map, Names, Object, Rest};

pub(super) static FILE: Object = Object {
    what: "a compose file",
    fields: &[
        ("services", Shape::Map(&SERVICES)),
        ("networks", Shape::Map(&NETWORKS)),
        ("volumes", Shape::Map(&VOLUMES)),
        ("secrets", Shape::Map(&SECRETS)),
        ("configs", Shape::Map(&CONFIGS)),
        ("models", Shape::Map(&MODELS)),
        ("include", OneOf(&[Shape::List(&INCLUDES), Null])),
        ("name", Str),
        ("version", Str),
    ],
    required: &[],
    rest: Rest::Extensions,
};

static SERVICES: Map = Map { what: "a service", names: Names::Plain, values: Shape::Object(&SERVICE) };

static NETWORKS: Map = Map { what: "a network", names: Names::PlainOrFree, values: OneOf(&[Shape::Object(&NETWORK), Null]) };

static VOLUMES: Map = Map { what: "a volume", names: Names::Plain, values: OneOf(&[Shape::Object(&VOLUME), Null]) };

static SECRETS: Map = Map { what: "a secret", names: Names::Plain, values: Shape::Object(&SECRET) };

static CONFIGS: Map = Map { what: "a config", names: Names::Plain, values: Shape::Object(&CONFIG) };

static MODELS: Map = Map { what: "a model", names: Names::PlainOrFree, values: Shape::Object(&MODEL) };

/// Read before the rest of the file: keys that it does not know are passed over.
static INCLUDES: List = List { items: OneOf(&[Str, Shape::Object(&INCLUDE), Null]), unique: false };

const PATHS: Shape = OneOf(&[Str, TEXTS, Null]);

static INCLUDE: Object = Object {
    what: "an include",
    fields: &[("path", PATHS), ("env_file", PATHS), ("project_directory", OneOf(&[Str, Number, Bool, Null]))],
    required: &[],
    rest: Rest::Anything,
};

static EXTERNAL: Object = Object { what: "something external", fields: &[("name", Str)], required: &[], rest: Rest::Extensions };

/// The same for secrets and configs, where other keys are passed over.
static EXTERNAL_FILE: Object =
    Object { what: "something external", fields: &[("name", Str)], required: &[], rest: Rest::Anything };

static NETWORK: Object = Object {
    what: "a network",
    fields: &[
        ("name", Str),
        ("driver", Str),
        ("driver_opts", OPTIONS),
        ("ipam", Shape::Object(&IPAM)),
        ("external", OneOf(&[Bool, Text(&forms::SWITCH), Shape::Object(&EXTERNAL)])),
        ("internal", SWITCH),
        ("enable_ipv4", SWITCH),
        ("enable_ipv6", SWITCH),
        ("attachable", SWITCH),
        ("labels", DICT),
    ],
    required: &[],
    rest: Rest::Extensions,
};

static IPAM: Object = Object {
    what: "the address management of a network",
    fields: &[("driver", Str), ("config", Shape::List(&IPAM_CONFIGS)), ("options", Shape::Map(&IPAM_OPTIONS))],
    required: &[],
    rest: Rest::Extensions,
};

static IPAM_OPTIONS: Map = Map { what: "an option", names: Names::Some, values: Str };

static IPAM_CONFIGS: List = List { items: Shape::Object(&IPAM_CONFIG), unique: false };

static IPAM_CONFIG: Object = Object {
    what: "a block of addresses",
    fields: &[("subnet", Str), ("ip_range", Str), ("gateway", Str), ("aux_addresses", Shape::Map(&ADDRESSES))],
    required: &[],
    rest: Rest::Extensions,
};

static ADDRESSES: Map = Map { what: "a host", names: Names::Some, values: Str };

static VOLUME: Object = Object {
    what: "a volume",
    fields: &[
        ("name", Str),
        ("driver", Str),
        ("driver_opts", OPTIONS),
        ("external", OneOf(&[Bool, Text(&forms::SWITCH), Shape::Object(&EXTERNAL)])),
        ("labels", DISTINCT_DICT),
    ],
    required: &[],
    rest: Rest::Extensions,
};

const EXTERNAL_FILES: Shape = OneOf(&[Bool, Text(&forms::SWITCH), Shape::Object(&EXTERNAL_FILE)]);

static SECRET: Object = Object {
    what: "a secret",
    fields: &[
        ("file", Str),
        ("environment", Str),
        ("name", Str),
        ("external", EXTERNAL_FILES),
        ("labels", DISTINCT_DICT),
        ("driver", Str),
        ("driver_opts", OPTIONS),
        ("template_driver", Str),
    ],
    required: &[],
    rest: Rest::Extensions,
};

static CONFIG: Object = Object {
    what: "a config",
    fields: &[
        ("file", Str),
        ("content", Str),
        ("environment", Str),
        ("name", Str),
        ("external", EXTERNAL_FILES),
        ("labels", DISTINCT_DICT),
        ("template_driver", Str),
    ],
    required: &[],
    rest: Rest::Extensions,
};

static MODEL: Object = Object {
    what: "a model",
    fields: &[("model", Str), ("name", Str), ("context_size", Int), ("runtime_flags", TEXTS)],
    required: &["model"],
    rest: Rest::Extensions,
};
