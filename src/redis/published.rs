//! Which ports of a server are open to other machines.

use super::hosts::is_loopback_address;
use super::servers::RedisServer;
use crate::compose::model::{Port, Service};

/// The ports of a service that lead to its server from other machines: published on another address than loopback.
pub fn open_ports<'a>(server: &'a RedisServer, service: &'a Service) -> impl Iterator<Item = &'a Port> {
    service.ports.iter().filter(|port| {
        let loopback = port.host_ip.as_deref().is_some_and(is_loopback_address);
        let listens = server.ports.iter().any(|own| port.target.0 <= *own && *own <= port.target.1);
        // A port without a number on the host gets one that the engine picks, on every interface.
        !loopback && listens
    })
}
