//! What the files say of the container that a check runs in: its variables, the ports its server listens on, and its client.

use crate::compose::model::{Project, Service};
use crate::redis::images::{self, Family};
use crate::redis::servers::RedisServer;
use std::collections::BTreeMap;

pub(super) struct Surroundings {
    /// `None` as a value: it is set to something that is not known.
    pub(super) variables: BTreeMap<String, Option<String>>,
    /// All variables but those that the image brings are in `variables`.
    is_read: bool,
    family: Family,
    image: String,
    /// Ports that the server listens on, where all of them are known.
    ports: Option<Vec<u16>>,
    names: Vec<String>,
}

/// Variables that a container has without being told, and beginnings of those that the images set.
const GIVEN: [&str; 20] = [
    "PATH",
    "HOME",
    "HOSTNAME",
    "PWD",
    "OLDPWD",
    "USER",
    "SHELL",
    "TERM",
    "IFS",
    "PPID",
    "SHLVL",
    "LANG",
    "APP_VERSION",
    "BITNAMI_",
    "OS_",
    "LC_",
    "REDIS_VERSION",
    "REDIS_DOWNLOAD_",
    "VALKEY_",
    "GOSU_",
];

/// Coolify hands a service the variables of this kind without being told.
const MAGIC: &str = "SERVICE_";

const HERE: [&str; 5] = ["localhost", "127.0.0.1", "::1", "0.0.0.0", "127.1"];

impl Surroundings {
    pub(super) fn of(project: &Project, server: &RedisServer, service: &Service) -> Self {
        let value =
            |text: &crate::compose::value::Text| (text.missing().is_empty() && !text.has_option()).then(|| text.value.clone());
        let variables =
            service.environment.iter().map(|(name, entry)| (name.clone(), entry.value.as_ref().and_then(value))).collect();
        let about_it = |unknown: &crate::diagnostic::Unknown| {
            unknown.subject.variable.is_none() && unknown.subject.service.as_ref().is_none_or(|name| *name == service.name)
        };
        let names = [&service.container_name, &service.hostname].into_iter().flatten().map(|text| text.value.clone());
        let aliases = service.networks.iter().flatten().flat_map(|(_, attachment)| attachment.aliases.iter().cloned());
        let ports: Vec<u16> = server.ports.clone();
        let certain = service.network_mode.is_none() && server.listens_on(0) == Some(false);
        Self {
            variables,
            is_read: service.env_files.is_empty() || !project.unknown.iter().any(about_it),
            family: server.family,
            image: server.image.clone().unwrap_or_default(),
            ports: certain.then_some(ports),
            names: HERE.map(str::to_owned).into_iter().chain([service.name.clone()]).chain(names).chain(aliases).collect(),
        }
    }

    /// Whether the variable is certainly not set unless the files set it.
    pub(super) fn is_closed(&self, name: &str) -> bool {
        let plain = matches!(self.family, Family::Redis | Family::Valkey | Family::KeyDb | Family::RedisStack | Family::Bitnami);
        let ours = name == super::CLI_PASSWORD && self.family != Family::Custom;
        let given = name.starts_with(MAGIC) || GIVEN.iter().any(|given| name.starts_with(given));
        self.is_read && (plain && !given || ours)
    }

    /// Whether nothing listens on a port of the container.
    pub(super) fn is_deaf(&self, port: u16) -> bool {
        port == 0 || self.ports.as_ref().is_some_and(|ports| !ports.contains(&port))
    }

    /// Whether a host is the container itself.
    pub(super) fn is_here(&self, host: &str) -> bool {
        self.names.iter().any(|name| name == host)
    }

    /// Whether the image's client is known to lack an option; `None` where that is not known.
    pub(super) fn lacks(&self, option: &str) -> Option<bool> {
        images::cli_lacks(&self.image, self.family, option)
    }

    /// Whether the client takes `redis://:password@host` for the default user; `None` where that is not known.
    pub(super) fn takes_empty_user(&self) -> Option<bool> {
        images::cli_takes_empty_user(&self.image, self.family)
    }
}
