//! What there is to say about one server: memory, persistence, health, password, ports, networks.

use crate::compose::model::{Port, Project, Service};
use crate::redis::health::{self, Verdict};
use crate::redis::images::Family;
use crate::redis::memory;
use crate::redis::servers::{Part, RedisServer, Setting};
use crate::secret;
use crate::text::span::Span;

/// A setting as the files show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Set(String),
    Absent,
    /// It stands where nothing is read.
    Unknown,
}

/// How a server keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    AppendOnly,
    Snapshots,
    /// What the image does when nothing is said.
    SnapshotsByDefault,
    /// A store on disk, always.
    Disk,
    Off,
    Unknown,
}

/// What holds the directory of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    Volume(String),
    Folder(String),
    /// A volume without a name, which belongs to the container.
    Anonymous,
    Memory,
    /// Nothing is mounted there.
    Container,
    Unknown,
}

/// What a health check is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    Missing,
    Off,
    /// It passes while Redis answers with an error.
    Misleading(&'static str),
    /// It cannot pass.
    Broken(String),
    Sound,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Password {
    Yes,
    No,
    Unknown,
}

/// A server of the project.
#[derive(Debug, Clone)]
pub struct Node {
    pub service: String,
    pub span: Span,
    pub image: Option<String>,
    /// Neither an image nor a build in the files that are here.
    pub is_fragment: bool,
    pub part: Part,
    pub maxmemory: Said,
    pub maxmemory_bytes: Option<u64>,
    pub policy: Said,
    /// Of the container, as it is written.
    pub limit: Option<String>,
    pub limit_bytes: Option<u64>,
    pub persistence: Persistence,
    pub storage: Storage,
    pub health: Health,
    pub password: Password,
    pub tls: bool,
    pub ports: Vec<Port>,
    pub networks: Vec<String>,
    pub network_mode: Option<String>,
    pub profiles: Vec<String>,
}

impl Node {
    pub fn of(project: &Project, server: &RedisServer) -> Self {
        let service = &project.services[&server.service];
        Self {
            service: server.service.clone(),
            span: server.span,
            image: server.image.as_ref().map(|image| secret::mask(image)),
            is_fragment: server.is_fragment,
            part: server.part,
            maxmemory: amount(&server.maxmemory),
            maxmemory_bytes: server.maxmemory_bytes(),
            policy: said(&server.policy),
            limit: server.limit.as_ref().map(|limit| secret::mask(&limit.text.value)),
            limit_bytes: server.limit.as_ref().and_then(|limit| limit.bytes),
            persistence: persistence(server, service),
            storage: storage(server, service),
            health: health(project, server, service),
            password: password(&server.password),
            tls: server.tls,
            ports: service.ports.clone(),
            networks: service.network_names().into_iter().map(str::to_owned).collect(),
            network_mode: service.network_mode.as_ref().map(|mode| mode.value.clone()),
            profiles: service.profiles.iter().map(|profile| profile.value.clone()).collect(),
        }
    }
}

fn said(setting: &Setting) -> Said {
    match setting {
        Setting::Set(text) if text.value.is_empty() || !text.missing().is_empty() => Said::Unknown,
        Setting::Set(text) => Said::Set(secret::mask(&text.value)),
        Setting::Absent => Said::Absent,
        Setting::Hidden | Setting::Sealed => Said::Unknown,
    }
}

/// A `maxmemory` of 0 is none.
fn amount(setting: &Setting) -> Said {
    match said(setting) {
        Said::Set(text) if memory::bytes(&text) == Some(0) => Said::Absent,
        other => other,
    }
}

fn password(setting: &Setting) -> Password {
    match setting {
        Setting::Set(text) if text.value.is_empty() => Password::Unknown,
        Setting::Set(_) | Setting::Sealed => Password::Yes,
        Setting::Absent => Password::No,
        Setting::Hidden => Password::Unknown,
    }
}

fn persistence(server: &RedisServer, service: &Service) -> Persistence {
    let appends = server.flag("appendonly").and_then(|flag| flag.values.first());
    if appends.is_some_and(|word| word.value.eq_ignore_ascii_case("yes")) {
        return Persistence::AppendOnly;
    }
    if server.persists().is_some() {
        return Persistence::Snapshots;
    }
    if server.is_pure_cache() {
        return Persistence::Off;
    }
    let env = |key: &str| service.environment.get(key)?.value.as_ref().map(|text| text.value.to_ascii_lowercase());
    match server.family {
        Family::Custom => Persistence::Unknown,
        _ if server.hidden => Persistence::Unknown,
        Family::Kvrocks => Persistence::Disk,
        // Its default, unlike that of Redis itself.
        Family::Bitnami if env("REDIS_AOF_ENABLED").is_none_or(|word| word == "yes") => Persistence::AppendOnly,
        _ => Persistence::SnapshotsByDefault,
    }
}

fn storage(server: &RedisServer, service: &Service) -> Storage {
    if server.data_directory().is_none() {
        return Storage::Unknown;
    }
    if server.is_in_memory(service) {
        return Storage::Memory;
    }
    match server.data_mount(service) {
        None => Storage::Container,
        Some(mount) => match &mount.source {
            None => Storage::Anonymous,
            Some(source) if mount.is_bind => Storage::Folder(secret::mask(source)),
            Some(source) => Storage::Volume(secret::mask(source)),
        },
    }
}

fn health(project: &Project, server: &RedisServer, service: &Service) -> Health {
    if service.healthcheck.as_ref().is_some_and(|check| check.disabled.is_some()) {
        return Health::Off;
    }
    match health::assess(project, server, service) {
        None if server.lacks_check(service) => Health::Missing,
        None | Some(Verdict::Unknown) => Health::Unknown,
        Some(Verdict::Broken(fault)) => Health::Broken(fault.describe(&server.service)),
        // NOAUTH is an error too.
        Some(Verdict::WithoutPassword) => Health::Broken("it passes no password, so Redis turns it away".to_owned()),
        Some(Verdict::Misleading(reason)) => Health::Misleading(reason),
        Some(Verdict::Sound) => Health::Sound,
    }
}
