//! `[[IP:]HOST:]CONTAINER[/PROTOCOL]` with ranges (docker/go-connections `nat.ParsePortSpec`).

use std::net::IpAddr;

/// One published port of a short form; a range of container ports gives several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortPort {
    pub host_ip: Option<String>,
    /// A port or a range `a-b`.
    pub published: Option<String>,
    pub target: u16,
    pub protocol: String,
}

/// What one text publishes, or why Compose does not take it (a sentence without any of its text).
pub fn parse(text: &str) -> Result<Vec<ShortPort>, &'static str> {
    let parts: Vec<&str> = text.split(':').collect();
    let (ip, host, container) = match parts.as_slice() {
        [container] => (String::new(), "", *container),
        [host, container] => (String::new(), *host, *container),
        [ip @ .., host, container] => (ip.join(":"), *host, *container),
        [] => return Err("no port"),
    };
    let (container, protocol) = protocol_of(container);
    let host_ip = address(&ip)?;
    if container.is_empty() {
        return Err("the port of the container is missing");
    }
    let target = range(container).ok_or("the port of the container is no port and no range of ports")?;
    if target.0 == 0 {
        return Err("the port of the container may not be 0");
    }
    let published = match host {
        "" => None,
        host => Some(range(host).ok_or("the published port is no port and no range of ports")?),
    };
    let protocol = protocol.to_ascii_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err("the protocol is none of tcp, udp and sctp");
    }
    spread(host_ip.as_deref(), published, target, &protocol)
}

fn protocol_of(container: &str) -> (&str, &str) {
    match container.split_once('/') {
        None => (container, "tcp"),
        Some(("", _)) => ("", "tcp"),
        Some((port, rest)) => match rest.split('/').next() {
            None | Some("") => (port, "tcp"),
            Some(protocol) => (port, protocol),
        },
    }
}

fn address(ip: &str) -> Result<Option<String>, &'static str> {
    let bare = match ip.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').ok_or("the address has no closing bracket")?,
        None if ip.contains(':') => return Err("an IPv6 address stands in brackets"),
        None => ip,
    };
    if bare.is_empty() {
        return Ok(None);
    }
    bare.parse::<IpAddr>().map(|_| Some(bare.to_owned())).map_err(|_| "the address in front is no IP address")
}

/// Both ends included.
pub fn range(text: &str) -> Option<(u16, u16)> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u16>().ok()).flatten();
    let (low, high) = (number(low)?, number(high)?);
    (low <= high).then_some((low, high))
}

fn spread(
    host_ip: Option<&str>,
    published: Option<(u16, u16)>,
    target: (u16, u16),
    protocol: &str,
) -> Result<Vec<ShortPort>, &'static str> {
    let many = target.0 != target.1;
    if many && published.is_some_and(|(low, high)| high - low != target.1 - target.0) {
        return Err("the ranges of published and container ports have different lengths");
    }
    let port = |target_port: u16| {
        let shift = target_port - target.0;
        let published = published.map(|(low, high)| match (many, low == high) {
            (false, false) => format!("{low}-{high}"),
            _ => (low + shift).to_string(),
        });
        ShortPort { host_ip: host_ip.map(str::to_owned), published, target: target_port, protocol: protocol.to_owned() }
    };
    Ok((target.0..=target.1).map(port).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse(text) {
            Err(why) => why.to_owned(),
            Ok(ports) => {
                let one = |port: &ShortPort| {
                    let (ip, host) = (port.host_ip.as_deref().unwrap_or("*"), port.published.as_deref().unwrap_or("any"));
                    format!("{ip} {host} {}/{}", port.target, port.protocol)
                };
                ports.iter().map(one).collect::<Vec<_>>().join(", ")
            }
        }
    }

    #[test]
    fn every_form() {
        for (text, wanted) in [
            ("6379", "* any 6379/tcp"),
            ("6380:6379", "* 6380 6379/tcp"),
            (":6379", "* any 6379/tcp"),
            ("127.0.0.1:6380:6379/UDP", "127.0.0.1 6380 6379/udp"),
            ("127.0.0.1::6379", "127.0.0.1 any 6379/tcp"),
            ("[::1]:60:61", "::1 60 61/tcp"),
            ("1-2:3-4", "* 1 3/tcp, * 2 4/tcp"),
            ("70-80:7", "* 70-80 7/tcp"),
            ("80-81:80-82", "the ranges of published and container ports have different lengths"),
            ("300.0.0.1:1:1", "the address in front is no IP address"),
            ("a:1", "the published port is no port and no range of ports"),
            ("1:", "the port of the container is missing"),
            ("1:2/x", "the protocol is none of tcp, udp and sctp"),
            ("::1:80:80", "an IPv6 address stands in brackets"),
            ("0", "the port of the container may not be 0"),
            ("2-1", "the port of the container is no port and no range of ports"),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
