//! Which services meet on a network.

use crate::compose::model::{Project, Service};

/// Whether two services reach each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meeting {
    /// On these networks, by their keys in the first service.
    On(Vec<String>),
    Nowhere,
    /// One of them has a `network_mode`: networks do not decide it.
    Beside,
}

pub fn meeting(project: &Project, a: &Service, b: &Service) -> Meeting {
    if a.network_mode.is_some() || b.network_mode.is_some() {
        return Meeting::Beside;
    }
    let names = b.network_names();
    let is_common = |network: &&str| names.iter().any(|other| is_same(project, network, other));
    let common: Vec<String> = a.network_names().into_iter().filter(is_common).map(str::to_owned).collect();
    if common.is_empty() { Meeting::Nowhere } else { Meeting::On(common) }
}

/// Whether two services share a network, as far as networks decide it.
pub fn share(project: &Project, a: &Service, b: &Service) -> bool {
    meeting(project, a, b) != Meeting::Nowhere
}

/// Two keys may denote one network: by `name:`, or by its own name where it comes from outside.
fn is_same(project: &Project, a: &str, b: &str) -> bool {
    let name = |key: &str| {
        let network = project.networks.get(key)?;
        network.name.clone().or_else(|| network.external.then(|| key.to_owned()))
    };
    a == b || name(a).is_some_and(|named| Some(named) == name(b))
}
