//! The rule `published-redis-port`.

use crate::compose::model::{Port, Service};
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::hosts::{Way, is_loopback_address};
use crate::redis::networks::{self, Kind};
use crate::redis::servers::{Part, RedisServer, Setting};
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::yaml_edit::New;

crate::declare_rule! {
    /// Flags a Redis whose port is published on more than the loopback address.
    ///
    /// ## Why
    ///
    /// A published port without an address listens on every interface of the host, and Docker's own firewall rules let it past ufw. The
    /// official image has protected mode switched off, so without a password anybody who finds the port can read, write and load code.
    /// Services of the project need no published port: they reach Redis by its name.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     ports:
    ///       - "6379:6379"
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     ports:
    ///       - "127.0.0.1:6379:6379"
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it binds the port to 127.0.0.1, so that what runs on the host still reaches it. `migrate` leaves published ports alone.
    "published-redis-port", "exposure", Error, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    // A sentinel holds no data.
    let holds_data = |server: &&RedisServer| !server.is_fragment && server.part != Part::Sentinel;
    for server in cx.redis.servers.iter().filter(holds_data) {
        let service = cx.service(&server.service);
        for port in service.ports.iter().filter(|port| is_open(port, server)) {
            out.push(finding(cx, service, server, port));
        }
    }
}

/// The first port of a server that is published on more than the loopback address.
pub fn open_port<'a>(cx: &Context<'a>, server: &RedisServer) -> Option<&'a Port> {
    cx.service(&server.service).ports.iter().find(|port| is_open(port, server))
}

/// Published on another address than loopback, on the port that the server listens on.
fn is_open(port: &Port, server: &RedisServer) -> bool {
    let loopback = port.host_ip.as_deref().is_some_and(is_loopback_address);
    let listens = server.ports.iter().any(|own| port.target.0 <= *own && *own <= port.target.1);
    port.published.is_some() && !loopback && listens
}

fn finding(cx: &Context<'_>, service: &Service, server: &RedisServer, port: &Port) -> Finding {
    let (severity, consequence) = match server.password {
        Setting::Absent => (
            Severity::Error,
            "anybody who reaches the host can read and write everything in it: the image has protected mode off",
        ),
        Setting::Set(_) | Setting::Sealed => (Severity::Warning, "only the password stands between the internet and the data"),
        Setting::Hidden => (Severity::Warning, "whether a password protects it does not show in these files"),
    };
    let number = port.published.map_or(0, |(low, _)| low);
    Finding {
        rule: META.name,
        severity,
        subject: Subject::service(&service.name),
        message: format!("{} is published on port {number} of {}", service.name, interface(port)),
        why: format!("Docker opens the port past the host's firewall, and {consequence}"),
        help: "remove the port, or bind it to 127.0.0.1; services of the project reach Redis by its name".to_owned(),
        primary: Label::new(port.span, "open to the network"),
        related: Vec::new(),
        remedy: Remedy::offer(
            Applicability::OnRequest,
            format!("Bind port {number} of {} to 127.0.0.1", service.name),
            Some("clients on other machines lose the connection".to_owned()),
            used_through(cx, server).map_or_else(|| bind(cx, port), Err),
        ),
    }
}

/// Why the port has to stay open: a container that reaches Redis through the host's bridge is not on its loopback interface.
fn used_through(cx: &Context<'_>, server: &RedisServer) -> Option<String> {
    let by_bridge = |service: &str| networks::space(cx.project, cx.service(service)).kind != Kind::Host;
    let mut uses = cx.redis.uses.iter().filter(|usage| usage.target.server() == Some(&server.service));
    let usage = uses.find(|usage| usage.way == Way::Machine && by_bridge(&usage.service))?;
    Some(format!(
        "{} reaches {} through the host machine; let it use the name {} first",
        usage.service, server.service, server.service
    ))
}

/// Whether the port is bound to no address in particular.
fn is_anywhere(port: &Port) -> bool {
    port.host_ip.as_deref().is_none_or(|ip| matches!(ip, "" | "0.0.0.0" | "::"))
}

fn interface(port: &Port) -> String {
    match &port.host_ip {
        Some(ip) if !is_anywhere(port) => format!("the host's address {ip}"),
        _ => "every network interface of the host".to_owned(),
    }
}

/// `127.0.0.1:` in front of the short form, `host_ip` in the long one.
fn bind(cx: &Context<'_>, port: &Port) -> Edited {
    let tree = cx.project.docs.tree(port.span.file).ok_or("the port is written in no file of the project")?;
    let node =
        tree.ids().find(|node| tree.node(*node).span == port.span).ok_or("the port is written in no file of the project")?;
    let owner = &cx.redis.servers.iter().map(|server| server.service.as_str()).collect::<Vec<_>>();
    match tree.scalar(node) {
        Some(scalar) if is_anywhere(port) => {
            let bare = ["0.0.0.0:", "[::]:"].iter().find_map(|any| scalar.value.strip_prefix(any));
            let new = format!("127.0.0.1:{}", bare.unwrap_or(&scalar.value));
            let site = crate::compose::value::Site::Yaml { file: port.span.file, node, cooked: 0..scalar.value.len() };
            cx.editor().set(&site, &new)
        }
        None if port.host_ip.is_none() => {
            let value = crate::compose::value::Value {
                kind: crate::compose::value::Kind::Null,
                span: port.span,
                node,
                tag: None,
                derived: false,
            };
            cx.editor().add_entry(&value, "host_ip", &New::Raw("127.0.0.1".to_owned()), 0, owner)
        }
        _ => Err("the port is bound to an address on purpose".to_owned()),
    }
}
