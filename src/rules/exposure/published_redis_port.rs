//! The rule `published-redis-port`.

use crate::compose::model::{Port, Service};
use crate::compose::value::Text;
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::hosts::{Way, is_loopback_address};
use crate::redis::networks::{self, Kind};
use crate::redis::published;
use crate::redis::servers::{Part, RedisServer, Setting};
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::rules::memory::command::add_options;
use crate::syntax::yaml_edit::New;
use crate::text::span::Span;

crate::declare_rule! {
    /// Flags a Redis whose port is published on more than the loopback address.
    ///
    /// ## Why
    ///
    /// A published port without an address listens on every interface of the host, and Docker's own firewall rules let it past ufw. The
    /// official image has protected mode switched off, so without a password anybody who finds the port can read, write and load code.
    /// Services of the project need no published port: they reach Redis by its name. A Redis in the host's network is as open without any
    /// `ports`. In an override for development (`docker-compose.dev.yml` and the like) the finding is a warning at most.
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
    /// Unsafe: it binds the port (in the host's network, the server) to 127.0.0.1, so that what runs on the host still reaches it. `migrate` leaves published ports alone.
    "published-redis-port", "exposure", Error, Unsafe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    // A sentinel holds no data.
    let holds_data = |server: &&RedisServer| !server.is_fragment && server.part != Part::Sentinel;
    for server in cx.redis.servers.iter().filter(holds_data) {
        let service = cx.service(&server.service);
        // In the network of the host, `ports` do nothing, and every port that the server listens on is one of the host.
        if networks::space(cx.project, service).kind == Kind::Host {
            out.extend(host_network(cx, service, server));
        } else {
            out.extend(published::open_ports(server, service).map(|port| finding(cx, service, server, port)));
        }
    }
}

fn finding(cx: &Context<'_>, service: &Service, server: &RedisServer, port: &Port) -> Finding {
    let number = port.published.map_or_else(|| "a port that Docker picks".to_owned(), |(low, _)| format!("port {low}"));
    let for_development = is_for_development(cx, port.span);
    Finding {
        rule: META.name,
        severity: if for_development { Severity::Warning } else { severity(server) },
        subject: Subject::service(&service.name),
        message: format!("{} is published on {number} of {}", service.name, interface(port)),
        why: format!("Docker opens the port past the host's firewall, and {}", consequence(server)),
        help: "remove the port, or bind it to 127.0.0.1; services of the project reach Redis by its name".to_owned(),
        primary: Label::new(port.span, "open to the network"),
        related: Vec::new(),
        remedy: Remedy::offer(
            Applicability::OnRequest,
            format!("Bind {number} of {} to 127.0.0.1", service.name),
            Some(CAVEAT.to_owned()),
            used_through(cx, server).map_or_else(|| bind(cx, port), Err),
        ),
    }
}

const CAVEAT: &str = "clients on other machines lose the connection";

fn severity(server: &RedisServer) -> Severity {
    if server.password.is_absent() { Severity::Error } else { Severity::Warning }
}

fn consequence(server: &RedisServer) -> &'static str {
    match server.password {
        Setting::Absent => "anybody who reaches the host can read and write everything in it: the image has protected mode off",
        Setting::Set(_) | Setting::Sealed => "only the password stands between the internet and the data",
        Setting::Hidden => "whether a password protects it does not show in these files",
    }
}

/// Words in the name of a compose file that is for a machine on which somebody develops.
const DEVELOPMENT: [&str; 5] = ["dev", "development", "local", "test", "override"];

/// Whether a port is published by an override for development: where it runs, the port may be out of reach.
fn is_for_development(cx: &Context<'_>, span: Span) -> bool {
    let name =
        cx.project.docs.sources.file(span.file).path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    name.split(['.', '-', '_']).any(|word| DEVELOPMENT.contains(&word))
}

/// A server in the network of the host, unless it is bound to the loopback interface, or to what the files do not show.
fn host_network(cx: &Context<'_>, service: &Service, server: &RedisServer) -> Option<Finding> {
    let bind = server.flag("bind");
    let is_local = |word: &Text| is_loopback_address(word.value.trim_start_matches('-'));
    let known = !server.hidden && bind.is_none_or(|flag| flag.values.iter().all(|word| word.missing().is_empty()));
    let local = bind.is_some_and(|flag| !flag.values.is_empty() && flag.values.iter().all(is_local));
    let mode = service.network_mode.as_ref()?;
    let port = *server.ports.first()?;
    // In protected mode, without a password, it answers to its own machine alone.
    let protected = server.flag("protected-mode").and_then(|flag| flag.values.first()).is_some_and(|word| word.value == "yes");
    if !known || local || (protected && server.password.is_absent()) {
        return None;
    }
    let change = match bind {
        Some(_) => Err("it is bound to an address on purpose".to_owned()),
        None => used_through(cx, server).map_or_else(|| add_options(cx, server, &["--bind", "127.0.0.1"]), Err),
    };
    Some(Finding {
        rule: META.name,
        severity: severity(server),
        subject: Subject::service(&service.name),
        message: format!("{} runs in the host's network and listens on port {port} of its network interfaces", service.name),
        why: format!("whoever reaches the host reaches the port, and {}", consequence(server)),
        help: "give it a network of the project, or bind it to 127.0.0.1".to_owned(),
        primary: Label::new(cx.project.docs.written(mode)?, "the host's own network"),
        related: Vec::new(),
        remedy: Remedy::offer(
            Applicability::OnRequest,
            format!("Bind {} to 127.0.0.1", service.name),
            Some(CAVEAT.to_owned()),
            change,
        ),
    })
}

/// Why the port has to stay open: a container that reaches Redis through the host's bridge is not on its loopback interface.
fn used_through(cx: &Context<'_>, server: &RedisServer) -> Option<String> {
    let by_bridge = |service: &str| networks::space(cx.project, cx.service(service)).kind != Kind::Host;
    let mut uses = cx.redis.uses_to(&server.service);
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
            let between = if port.published.is_none() { ":" } else { "" };
            let new = format!("127.0.0.1:{between}{}", bare.unwrap_or(&scalar.value));
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
