//! Devices, and the credentials that Windows containers get.

use super::common::{BYTES, DISTINCT, DISTINCT_DICT};
use super::forms;
use super::shape::Shape::{self, Int, OneOf, Str, Text};
use super::shape::{List, Object, Rest};

pub(super) static DEVICES: List = List { items: OneOf(&[Str, Shape::Object(&DEVICE)]), unique: false };

static DEVICE: Object = Object {
    what: "a device",
    fields: &[("source", Str), ("target", Str), ("permissions", Str)],
    required: &["source", "target"],
    rest: Rest::Extensions,
};

const RESERVED: &[(&str, Shape)] = &[
    ("capabilities", DISTINCT),
    ("count", OneOf(&[Int, Text(&forms::DEVICES)])),
    ("device_ids", DISTINCT),
    ("driver", Str),
    ("options", DISTINCT_DICT),
];

pub(super) static RESERVED_DEVICES: List = List { items: Shape::Object(&RESERVED_DEVICE), unique: false };

static RESERVED_DEVICE: Object =
    Object { what: "a reserved device", fields: RESERVED, required: &["capabilities"], rest: Rest::Extensions };

pub(super) static GPUS: List = List { items: Shape::Object(&GPU), unique: false };

static GPU: Object = Object { what: "a GPU", fields: RESERVED, required: &[], rest: Rest::Anything };

pub(super) static BLKIO: Object = Object {
    what: "the block I/O of a service",
    fields: &[
        ("weight", Int),
        ("weight_device", Shape::List(&WEIGHTS)),
        ("device_read_bps", Shape::List(&RATES)),
        ("device_read_iops", Shape::List(&RATES)),
        ("device_write_bps", Shape::List(&RATES)),
        ("device_write_iops", Shape::List(&RATES)),
    ],
    required: &[],
    rest: Rest::Nothing,
};

static RATES: List = List { items: Shape::Object(&RATE), unique: false };

static RATE: Object =
    Object { what: "the rate of a device", fields: &[("path", Str), ("rate", BYTES)], required: &[], rest: Rest::Nothing };

static WEIGHTS: List = List { items: Shape::Object(&WEIGHT), unique: false };

/// The schema also takes a text as a weight, and Compose cannot read it.
static WEIGHT: Object =
    Object { what: "the weight of a device", fields: &[("path", Str), ("weight", Int)], required: &[], rest: Rest::Nothing };

pub(super) static CREDENTIAL: Object = Object {
    what: "a credential spec",
    fields: &[("config", Str), ("file", Str), ("registry", Str)],
    required: &[],
    rest: Rest::Extensions,
};
