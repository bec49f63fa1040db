//! What a service may say.

use super::common::{
    BYTES, COMMAND, COUNT, DICT, DISTINCT, DURATION, EXTRA_HOSTS, GRANTS, HOOKS, NATURAL, NUMBER, NUMBER_OR_COUNT, OPTIONS, SIZE,
    SWITCH, TEXT_OR_INT, TEXT_OR_TEXTS, TEXTS,
};
use super::shape::Shape::{self, Bool, Int, Null, Number, OneOf, Str, Text, Within, Word};
use super::shape::{List, Map, Names, Object, Rest};
use super::{build, deploy, devices, forms, mounts};

pub(super) static SERVICE: Object = Object { what: "a service", fields: FIELDS, required: &[], rest: Rest::Extensions };

const FIELDS: &[(&str, Shape)] = &[
    ("image", Str),
    ("build", OneOf(&[Str, Shape::Object(&build::BUILD)])),
    ("container_name", Text(&forms::CONTAINER_NAME)),
    ("command", COMMAND),
    ("entrypoint", COMMAND),
    ("environment", DICT),
    ("env_file", OneOf(&[Str, Shape::List(&ENV_FILES)])),
    ("ports", Shape::List(&PORTS)),
    ("expose", Shape::List(&EXPOSED)),
    ("volumes", Shape::List(&mounts::MOUNTS)),
    ("networks", OneOf(&[DISTINCT, Shape::Map(&NETWORKS)])),
    ("network_mode", Str),
    ("depends_on", OneOf(&[DISTINCT, Shape::Map(&DEPENDENCIES)])),
    ("links", TEXTS),
    ("restart", Str),
    ("healthcheck", Shape::Object(&HEALTH)),
    ("deploy", OneOf(&[Shape::Object(&deploy::DEPLOY), Null])),
    ("profiles", TEXTS),
    ("labels", DICT),
    ("label_file", TEXT_OR_TEXTS),
    ("logging", Shape::Object(&LOGGING)),
    ("secrets", GRANTS),
    ("configs", GRANTS),
    ("extends", OneOf(&[Str, Shape::Object(&EXTENDS)])),
    ("extra_hosts", EXTRA_HOSTS),
    ("user", Str),
    ("working_dir", Str),
    ("hostname", Str),
    ("domainname", Str),
    ("platform", Str),
    ("pull_policy", Text(&forms::PULL_POLICY)),
    ("pull_refresh_after", Str),
    ("annotations", DICT),
    ("attach", SWITCH),
    ("blkio_config", Shape::Object(&devices::BLKIO)),
    ("cap_add", TEXTS),
    ("cap_drop", TEXTS),
    ("cgroup", Word(&["host", "private"])),
    ("cgroup_parent", Str),
    ("cpu_count", NATURAL),
    ("cpu_percent", OneOf(&[Within(0, 100), Text(&forms::PERCENT)])),
    ("cpu_period", NUMBER_OR_COUNT),
    ("cpu_quota", NUMBER_OR_COUNT),
    ("cpu_rt_period", NUMBER_OR_COUNT),
    ("cpu_rt_runtime", NUMBER_OR_COUNT),
    ("cpu_shares", NUMBER_OR_COUNT),
    ("cpus", NUMBER),
    ("cpuset", Str),
    ("credential_spec", Shape::Object(&devices::CREDENTIAL)),
    ("develop", OneOf(&[Shape::Object(&build::DEVELOP), Null])),
    ("device_cgroup_rules", DISTINCT),
    ("devices", Shape::List(&devices::DEVICES)),
    ("dns", TEXT_OR_TEXTS),
    ("dns_opt", TEXTS),
    ("dns_search", TEXT_OR_TEXTS),
    ("external_links", DISTINCT),
    ("gpus", OneOf(&[Word(&["all"]), Shape::List(&devices::GPUS)])),
    ("group_add", Shape::List(&GROUPS)),
    ("init", SWITCH),
    ("ipc", Str),
    ("isolation", Str),
    ("mac_address", Str),
    ("mem_limit", SIZE),
    ("mem_reservation", BYTES),
    ("mem_swappiness", OneOf(&[Int, Text(&forms::PERCENTAGE)])),
    ("memswap_limit", SIZE),
    ("models", OneOf(&[DISTINCT, Shape::Map(&MODELS)])),
    ("oom_kill_disable", SWITCH),
    ("oom_score_adj", OneOf(&[Within(-1000, 1000), Text(&forms::OOM_SCORE)])),
    // The schema also takes nothing here, and Compose then breaks off.
    ("pid", Str),
    ("pids_limit", NUMBER_OR_COUNT),
    ("post_start", HOOKS),
    ("pre_stop", HOOKS),
    ("privileged", SWITCH),
    ("provider", Shape::Object(&PROVIDER)),
    ("read_only", SWITCH),
    ("runtime", Str),
    ("scale", NATURAL),
    ("security_opt", DISTINCT),
    ("shm_size", SIZE),
    ("stdin_open", SWITCH),
    ("stop_grace_period", DURATION),
    ("stop_signal", Str),
    ("storage_opt", Shape::Map(&STORAGE)),
    ("sysctls", DICT),
    ("tmpfs", TEXT_OR_TEXTS),
    ("tty", SWITCH),
    ("ulimits", Shape::Map(&ULIMITS)),
    ("use_api_socket", Bool),
    ("userns_mode", Str),
    ("uts", Str),
    ("volumes_from", DISTINCT),
];

static ENV_FILES: List = List { items: OneOf(&[Str, Shape::Object(&ENV_FILE)]), unique: false };

static ENV_FILE: Object = Object {
    what: "an env file",
    fields: &[("path", Str), ("format", Str), ("required", SWITCH)],
    required: &["path"],
    rest: Rest::Nothing,
};

static PORTS: List = List { items: OneOf(&[Str, Int, Shape::Object(&PORT)]), unique: false };

static PORT: Object = Object {
    what: "a port",
    fields: &[
        ("target", COUNT),
        ("published", TEXT_OR_INT),
        ("host_ip", Str),
        ("protocol", Str),
        ("app_protocol", Str),
        ("mode", Str),
        ("name", Str),
    ],
    required: &["target"],
    rest: Rest::Extensions,
};

static EXPOSED: List = List { items: TEXT_OR_INT, unique: false };

static GROUPS: List = List { items: TEXT_OR_INT, unique: true };

static NETWORKS: Map = Map { what: "a network", names: Names::Plain, values: OneOf(&[Shape::Object(&ATTACHMENT), Null]) };

static ATTACHMENT: Object = Object {
    what: "a service's place in a network",
    fields: &[
        ("aliases", TEXTS),
        ("interface_name", Str),
        ("ipv4_address", Str),
        ("ipv6_address", Str),
        ("link_local_ips", TEXTS),
        ("mac_address", Str),
        ("driver_opts", OPTIONS),
        ("priority", Number),
        ("gw_priority", Number),
    ],
    required: &[],
    rest: Rest::Extensions,
};

static DEPENDENCIES: Map = Map { what: "a service", names: Names::Plain, values: Shape::Object(&DEPENDENCY) };

static DEPENDENCY: Object = Object {
    what: "a dependency",
    fields: &[
        ("condition", Word(&["service_started", "service_healthy", "service_completed_successfully"])),
        ("restart", SWITCH),
        ("required", Bool),
    ],
    required: &["condition"],
    rest: Rest::Extensions,
};

static HEALTH: Object = Object {
    what: "a health check",
    fields: &[
        ("test", OneOf(&[Str, TEXTS])),
        ("interval", DURATION),
        ("timeout", DURATION),
        ("retries", NUMBER_OR_COUNT),
        ("start_period", DURATION),
        ("start_interval", DURATION),
        ("disable", SWITCH),
    ],
    required: &[],
    rest: Rest::Extensions,
};

static LOGGING: Object = Object {
    what: "the logging of a service",
    fields: &[("driver", Str), ("options", Shape::Map(&LOGGING_OPTIONS))],
    required: &[],
    rest: Rest::Extensions,
};

static LOGGING_OPTIONS: Map = Map { what: "an option", names: Names::SomeOrFree, values: OneOf(&[Str, Number, Null]) };

/// Read before the rest of the file: keys that it does not know are passed over.
static EXTENDS: Object = Object {
    what: "what a service extends",
    fields: &[("service", Str), ("file", OneOf(&[Str, Null]))],
    required: &["service"],
    rest: Rest::Anything,
};

static MODELS: Map = Map { what: "a model", names: Names::PlainOrFree, values: OneOf(&[Shape::Object(&MODEL_USE), Null]) };

static MODEL_USE: Object = Object {
    what: "the use of a model",
    fields: &[("endpoint_var", Str), ("model_var", Str)],
    required: &[],
    rest: Rest::Extensions,
};

static PROVIDER: Object = Object {
    what: "a provider",
    fields: &[("type", Str), ("options", Shape::Map(&PROVIDER_OPTIONS))],
    required: &["type"],
    rest: Rest::Extensions,
};

const PROVIDER_OPTION: Shape = OneOf(&[Str, Number, Bool]);

static PROVIDER_OPTION_LIST: List = List { items: PROVIDER_OPTION, unique: false };

static PROVIDER_OPTIONS: Map =
    Map { what: "an option", names: Names::SomeOrFree, values: OneOf(&[Str, Number, Bool, Shape::List(&PROVIDER_OPTION_LIST)]) };

static STORAGE: Map = Map { what: "an option", names: Names::SomeOrFree, values: OneOf(&[Str, Int, Null]) };

static ULIMITS: Map =
    Map { what: "a limit", names: Names::LowerOrFree, values: OneOf(&[Int, Text(&forms::COUNT), Shape::Object(&ULIMIT)]) };

static ULIMIT: Object =
    Object { what: "a limit", fields: &[("soft", COUNT), ("hard", COUNT)], required: &["soft", "hard"], rest: Rest::Extensions };
