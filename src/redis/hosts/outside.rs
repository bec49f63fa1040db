//! Hosts that no service of the project answers to.

use super::{External, Target};
use crate::compose::model::Project;
use crate::redis::networks::Kind;
use crate::redis::providers;
use std::net::IpAddr;

/// What a host is that the project does not have, to a client in a network of this kind.
pub(super) fn outside(project: &Project, kind: Kind, host: &str) -> Target {
    if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Target::External(of_address(address));
    }
    if let Some(provider) = providers::of_host(host.trim_end_matches('.')) {
        return Target::External(External::Provider(provider));
    }
    if host.trim_end_matches('.').contains('.') {
        return Target::External(External::Name);
    }
    match kind {
        Kind::Host => {
            return Target::Undetermined(format!(
                "{host} is no service of this project, and may be a name that the machine knows"
            ));
        }
        Kind::Unknown => return Target::Undetermined(elsewhere()),
        Kind::Networks | Kind::Bridge | Kind::Nothing => {}
    }
    if project.networks.values().any(|network| network.external) {
        return Target::Undetermined(format!("{host} is no service of this project, and may be one on its external network"));
    }
    if let Some(name) = says_elsewhere(project) {
        return Target::Undetermined(format!(
            "{host} is no service of this project, and the name {name} says that Redis is elsewhere"
        ));
    }
    if project.incomplete {
        return Target::Undetermined(format!(
            "{host} is no service of the files that are here, and a file of the project is not"
        ));
    }
    Target::UnknownName
}

/// A file whose name says that the project is meant to use a Redis elsewhere: `docker-compose.external-redis.yml`.
fn says_elsewhere(project: &Project) -> Option<String> {
    let names = project.files.iter().filter_map(|&file| project.docs.sources.file(file).path.file_name());
    names.map(|name| name.to_string_lossy().into_owned()).find(|name| {
        let lower = name.to_ascii_lowercase().replace('_', "-");
        ["external-redis", "redis-external", "external-valkey", "external-services"].iter().any(|word| lower.contains(word))
    })
}

/// Why nothing is known of a client in a network of [`Kind::Unknown`].
pub(super) fn elsewhere() -> String {
    "it shares the network of a container outside the project".to_owned()
}

pub(super) fn of_address(address: IpAddr) -> External {
    if is_private(address) { External::PrivateAddress } else { External::PublicAddress }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => (v6.segments()[0] & 0xfe00) == 0xfc00 || (v6.segments()[0] & 0xffc0) == 0xfe80,
    }
}
