//! The ports that a server listens on in its container.

use super::{DEFAULT_PORT, Flag, Part};
use crate::compose::model::Service;
use crate::redis::images::Family;

/// The port that a server listens on unless it is told otherwise (the configuration that each project ships).
fn usual(family: Family, part: Part) -> u16 {
    match (part, family) {
        (Part::Sentinel, _) => 26379,
        (_, Family::Kvrocks) => 6666,
        _ => DEFAULT_PORT,
    }
}

/// The container ports that the server listens on, and whether it speaks plainly or with TLS on any.
pub(super) struct Listening {
    pub ports: Vec<u16>,
    pub knows_ports: bool,
    pub plain: bool,
    pub tls: bool,
}

pub(super) fn listening(flags: &[Flag], service: &Service, family: Family, part: Part) -> Listening {
    let flag = |name: &str| flags.iter().rev().find(|flag| flag.name == name);
    let number = |name: &str| flag(name)?.values.first()?.value.parse::<u16>().ok();
    let env = |key: &str| service.environment.get(key)?.value.as_ref()?.value.parse::<u16>().ok();
    let named: &[&str] = match (part, family) {
        (Part::Sentinel, Family::Bitnami) => &["REDIS_SENTINEL_PORT_NUMBER", "VALKEY_SENTINEL_PORT_NUMBER"],
        (_, Family::Bitnami) => &["REDIS_PORT_NUMBER", "VALKEY_PORT_NUMBER"],
        _ => &[],
    };
    let plain = number("port").or_else(|| named.iter().find_map(|key| env(key)));
    let mut ports = vec![plain.unwrap_or(usual(family, part))];
    let tls = number("tls-port");
    ports.extend(tls);
    ports.retain(|&port| port != 0);
    // A port that a variable without a value says, or one that the image is told by variables of its own.
    let is_open = |name: &str| flag(name).is_some() && number(name).is_none();
    let unsaid = named.iter().any(|key| service.environment.contains_key(*key) && env(key).is_none());
    let has = |wanted: &dyn Fn(&str) -> bool| service.environment.keys().any(|key| wanted(key));
    let by_image = match family {
        Family::Bitnami => has(&|key| key.contains("_TLS_")),
        // Its one port speaks TLS with `--tls`, and every option is also a variable.
        Family::Dragonfly => flag("tls").is_some() || has(&|key| matches!(key, "DFLY_tls" | "DFLY_port")),
        _ => false,
    };
    let knows_ports = !is_open("port") && !is_open("tls-port") && !unsaid && !by_image;
    Listening { ports, knows_ports, plain: plain != Some(0), tls: tls.is_some() }
}
