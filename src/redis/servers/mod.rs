//! The Redis servers of a project: which services they are, and how their commands configure them.

mod command;
mod hiding;
mod password;
mod ports;

use super::images::{self, Family};
use super::memory;
use crate::compose::forms::{mounts, units};
use crate::compose::model::{Command, Mount, Project, Service};
use crate::compose::value::Text;
use crate::text::span::Span;
use command::flags;
pub use command::runs_shell;
pub use hiding::Hiding;
use ports::{Listening, listening};

/// The port that a server listens on unless it is told otherwise.
pub const DEFAULT_PORT: u16 = 6379;

/// What part a server plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Standalone,
    Replica,
    ClusterNode,
    Sentinel,
}

/// A setting that the files show, do not have, or hide in a place that is not read (a config file, a wrapper script).
#[derive(Debug, Clone)]
pub enum Setting {
    Set(Text),
    Absent,
    /// Whether it is set stands where nothing is read: a config file, a wrapper, a variable without a value.
    Hidden,
    /// It is set, to what a secret file or a script says.
    Sealed,
}

impl Setting {
    pub fn text(&self) -> Option<&Text> {
        match self {
            Self::Set(text) => Some(text),
            Self::Absent | Self::Hidden | Self::Sealed => None,
        }
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// One option of a server's command line, with the words that follow it.
#[derive(Debug, Clone)]
pub struct Flag {
    pub name: String,
    pub values: Vec<Text>,
    /// A shell in the container reads the line, and fills in `$NAME`.
    pub in_shell: bool,
    /// The script starts a server in more than one place: which of them runs is decided in the container.
    pub conditional: bool,
}

/// A container memory limit.
#[derive(Debug, Clone)]
pub struct Limit {
    /// `None` where the amount is not known.
    pub bytes: Option<u64>,
    pub text: Text,
    /// The key that sets it.
    pub key: &'static str,
}

#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the server")]
pub struct RedisServer {
    pub service: String,
    pub span: Span,
    pub image: Option<String>,
    pub family: Family,
    pub part: Part,
    pub flags: Vec<Flag>,
    /// Something the files do not show configures it: a config file, a wrapper, an image of its own.
    pub hidden: bool,
    /// What that is.
    pub hiding: Option<Hiding>,
    pub password: Setting,
    pub maxmemory: Setting,
    pub policy: Setting,
    pub limit: Option<Limit>,
    pub ports: Vec<u16>,
    /// Whether the files tell all of them.
    pub knows_ports: bool,
    /// Whether one of the ports speaks without TLS.
    pub plain: bool,
    pub tls: bool,
    /// A fragment of another file, or switched off on purpose: judged by nobody here.
    pub is_fragment: bool,
}

impl RedisServer {
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().rev().find(|flag| flag.name == name)
    }

    /// Whether the server listens on a port of its container; `None` where the files do not tell.
    pub fn listens_on(&self, port: u16) -> Option<bool> {
        if self.ports.contains(&port) {
            return Some(true);
        }
        (self.knows_ports && !self.hidden).then_some(false)
    }

    /// The port at which it speaks with TLS, or without; `None` where it has none or the files do not tell.
    pub fn port_for(&self, tls: bool) -> Option<u16> {
        let known = self.knows_ports && !self.hidden;
        let port = if tls { self.ports.last().filter(|_| self.tls) } else { self.ports.first().filter(|_| self.plain) };
        port.filter(|_| known).copied()
    }

    /// Bytes of `maxmemory`; `None` where it is absent or not known. Zero means no limit.
    pub fn maxmemory_bytes(&self) -> Option<u64> {
        memory::bytes(&self.maxmemory.text()?.value).filter(|&bytes| bytes > 0)
    }

    /// Whether the command switches persistence on: an append-only file, or snapshots by hand.
    pub fn persists(&self) -> Option<&Text> {
        let append = self.flag("appendonly").and_then(|flag| flag.values.first()).filter(|v| v.value.eq_ignore_ascii_case("yes"));
        let saves = self.flag("save").and_then(|flag| flag.values.first()).filter(|value| !value.value.trim().is_empty());
        append.or(saves)
    }

    /// Whether the command switches persistence off: `--save ""` and no append-only file.
    pub fn is_pure_cache(&self) -> bool {
        let no_saves = self.flag("save").is_some_and(|flag| flag.values.iter().all(|value| value.value.trim().is_empty()));
        no_saves && self.persists().is_none()
    }

    /// The directory the data are written to, as far as it is known. A relative `--dir` counts from where the image starts the server,
    /// which is where it writes unless it is told otherwise.
    pub fn data_directory(&self) -> Option<String> {
        let usual = || self.family.data_directory(self.image.as_deref().unwrap_or_default());
        let Some(dir) = self.flag("dir").and_then(|flag| flag.values.first()) else { return usual().map(str::to_owned) };
        match dir.value.as_str() {
            "" => None,
            path if path.starts_with('/') => Some(mounts::clean(path)),
            path => Some(mounts::clean(&format!("{}/{path}", usual()?))),
        }
    }

    /// The volume or bind mount that holds the data directory.
    pub fn data_mount<'a>(&self, service: &'a Service) -> Option<&'a Mount> {
        let dir = self.data_directory()?;
        let holds = |mount: &&Mount| {
            let target = mount.target.trim_end_matches('/');
            target == dir || dir.strip_prefix(target).is_some_and(|rest| rest.starts_with('/'))
        };
        service.volumes.iter().filter(|mount| mount.source.is_some() || mount.is_bind).find(holds)
    }

    /// Whether an anonymous volume is mounted where the data are: it goes with the container.
    pub fn has_anonymous_volume(&self, service: &Service) -> bool {
        let dir = self.data_directory();
        let here = |mount: &Mount| Some(mount.target.trim_end_matches('/')) == dir.as_deref();
        service.volumes.iter().any(|mount| mount.source.is_none() && !mount.is_bind && here(mount))
    }

    /// Whether the data directory is a `tmpfs`: in memory on purpose.
    pub fn is_in_memory(&self, service: &Service) -> bool {
        let dir = self.data_directory();
        service.tmpfs.iter().any(|tmpfs| tmpfs.value.split(':').next().map(|path| path.trim_end_matches('/')) == dir.as_deref())
    }

    /// Whether the server has no health check, as far as the files tell: an image of its own may bring one.
    pub fn lacks_check(&self, service: &Service) -> bool {
        !self.family.may_bring_a_check()
            && service.healthcheck.as_ref().is_none_or(|check| check.test.is_none() || check.disabled.is_some())
            // One that Compose rejects is there all the same.
            && !service.layers.iter().any(|layer| {
                let check = layer.value.get("healthcheck");
                check.and_then(|check| check.get("test")).is_some_and(|test| !test.is_null())
                    && service.healthcheck.as_ref().is_none_or(|check| check.disabled.is_none())
            })
    }
}

/// All servers of the project, in the order of its services.
pub fn find(project: &Project) -> Vec<RedisServer> {
    project.services.values().filter_map(server).collect()
}

fn server(service: &Service) -> Option<RedisServer> {
    let family = family_of(service)?;
    let image = service.image.as_ref().map(|image| image.value.clone());
    let (flags, wrapped) = flags(service, family);
    let hiding = hiding::find(service, family, &flags, wrapped);
    let hidden = hiding.is_some();
    let find = |name: &str| flags.iter().rev().find(|flag: &&Flag| flag.name == name);
    let setting = |name: &str| match find(name).and_then(|flag| flag.values.first()) {
        Some(text) => Setting::Set(text.clone()),
        None if hidden => Setting::Hidden,
        None => Setting::Absent,
    };
    let part = part(service, &flags);
    let Listening { ports, knows_ports, plain, tls } = listening(&flags, service, family, part);
    Some(RedisServer {
        service: service.name.clone(),
        span: service.span(),
        image,
        family,
        part,
        password: password::read(service, family, &flags, hidden),
        maxmemory: setting("maxmemory"),
        policy: setting("maxmemory-policy"),
        limit: limit(service),
        ports,
        knows_ports,
        plain,
        tls,
        is_fragment: service.is_partial(),
        hidden,
        hiding,
        flags,
    })
}

const BRAND_NAMES: [&str; 4] = ["redis", "valkey", "keydb", "dragonfly"];

/// Words in a service's name that make it something beside a server.
const OTHER_NAMES: [&str; 14] = [
    "insight",
    "commander",
    "exporter",
    "sentinel",
    "gui",
    "browser",
    "proxy",
    "init",
    "cluster-create",
    "backup",
    "web",
    "ui",
    "admin",
    "cli",
];

/// What kind of server a service runs, if it runs one.
pub fn family_of(service: &Service) -> Option<Family> {
    if let Some(image) = &service.image {
        if let Some(family) = images::family(&image.value) {
            // The image is also taken for its client: an init container runs a shell, not a server.
            return (!runs_client_only(service)).then_some(family);
        }
        if image.missing().is_empty() || images::is_tool(&image.value) {
            return starts_server(service).then_some(Family::Custom);
        }
    }
    let name = service.name.to_ascii_lowercase();
    let named = BRAND_NAMES.iter().any(|brand| name.contains(brand)) && !OTHER_NAMES.iter().any(|other| name.contains(other));
    let only_named = named && (service.build.is_some() || service.is_partial());
    (only_named || starts_server(service)).then_some(Family::Custom)
}

fn starts_server(service: &Service) -> bool {
    let starts = |command: &Command| {
        let first = command.words.first().map(|word| word.value.rsplit('/').next().unwrap_or_default().to_owned());
        matches!(first.as_deref(), Some("redis-server" | "valkey-server" | "keydb-server"))
    };
    service.command.as_ref().is_some_and(starts) || service.entrypoint.as_ref().is_some_and(starts)
}

/// `redis-cli …`, a backup loop, `sleep`: the image without its server.
fn runs_client_only(service: &Service) -> bool {
    let line = [&service.entrypoint, &service.command].into_iter().flatten().map(Command::line).collect::<Vec<_>>().join(" ");
    (line.contains("redis-cli") || line.contains("valkey-cli"))
        && !line.contains("redis-server")
        && !line.contains("valkey-server")
}

fn is_config(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("conf"))
}

fn part(service: &Service, flags: &[Flag]) -> Part {
    let has = |name: &str| flags.iter().any(|flag| flag.name == name);
    let env = |key: &str| service.environment.get(key).and_then(|entry| entry.value.as_ref()).map(|text| text.value.clone());
    let image = service.image.as_ref().map(|image| image.value.as_str()).unwrap_or_default();
    let line = service.command.as_ref().map(Command::line).unwrap_or_default();
    if has("sentinel") || line.contains("redis-sentinel") || image.contains("sentinel") {
        Part::Sentinel
    } else if has("cluster-enabled") || image.contains("-cluster") {
        Part::ClusterNode
    } else if has("replicaof") || has("slaveof") || env("REDIS_REPLICATION_MODE").is_some_and(|mode| mode != "master") {
        Part::Replica
    } else {
        Part::Standalone
    }
}

fn limit(service: &Service) -> Option<Limit> {
    let deploy = service.deploy_limits.as_ref().and_then(|limits| limits.memory.as_ref());
    let (text, key) = match (&service.mem_limit, deploy) {
        (_, Some(text)) => (text, "deploy.resources.limits.memory"),
        (Some(text), None) => (text, "mem_limit"),
        (None, None) => return None,
    };
    Some(Limit { bytes: units::memory(&text.value).filter(|&bytes| bytes > 0), text: text.clone(), key })
}
