//! Where a client is told to connect: one URL, one `host:port`, or a group of split variables, each part with its place.

use super::servers::DEFAULT_PORT;
use crate::compose::value::Text;
use crate::secret::MASK;
use crate::syntax::url::{self, RedisUrl};
use std::net::IpAddr;

/// A connection as a client would read it. Each part is a text of its own, so that it can be pointed at and rewritten.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub tls: bool,
    pub host: Text,
    pub port: Option<Text>,
    pub username: Option<Text>,
    pub password: Option<Text>,
    pub db: Option<Text>,
    /// What the URL says beyond these: path and query other than the index.
    pub query: Option<Text>,
    /// `ssl=true` of a .NET connection string: the word behind the `=`.
    pub tls_option: Option<Text>,
}

impl Endpoint {
    /// A host with nothing said beside it.
    fn bare(host: Text) -> Self {
        Self { tls: false, host, port: None, username: None, password: None, db: None, query: None, tls_option: None }
    }

    /// The port that a client would dial; `None` where what stands there is no number.
    pub fn dials(&self) -> Option<u16> {
        self.port.as_ref().map_or(Some(DEFAULT_PORT), |port| port.value.parse().ok())
    }

    /// `host:port` as a client would dial it.
    pub fn address(&self) -> String {
        let port = self.port.as_ref().map_or_else(|| DEFAULT_PORT.to_string(), |port| number_or_mask(&port.value));
        let host = &self.host.value;
        if host.contains(':') && !host.starts_with('[') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// The same where `extra_hosts` gives the name an address: that is what the client dials.
    pub fn address_by(&self, address: Option<IpAddr>) -> String {
        match address {
            Some(address) => format!("{} ({address}, by extra_hosts)", self.address()),
            None => self.address(),
        }
    }

    /// The whole connection as it may be shown: a URL with its userinfo masked, and nothing of the file's own text but the host.
    pub fn shown(&self, as_url: bool) -> String {
        let index = self.db.as_ref().map(|db| format!("/{}", number_or_mask(&db.value))).unwrap_or_default();
        if !as_url {
            return format!("{}{index}{}", self.address(), if self.tls { " (TLS)" } else { "" });
        }
        let scheme = if self.tls { "rediss" } else { "redis" };
        let login = if self.password.is_some() || self.username.is_some() { format!("{MASK}@") } else { String::new() };
        format!("{scheme}://{login}{}{index}", self.address())
    }
}

/// A "port" or an "index" that is no number may be a password whose URL is not finished.
fn number_or_mask(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.to_owned() } else { MASK.to_owned() }
}

/// What a value turned out to be.
#[derive(Debug, Clone)]
pub enum Reading {
    One(Box<Endpoint>),
    /// Several hosts, or a sentinel or cluster scheme: the ends that can be told.
    Several(Vec<Endpoint>),
    /// A socket on the file system.
    Socket,
    /// A variable without a value stands where the host would be.
    Open(Vec<String>),
    /// Nothing that names a host.
    Nothing,
}

/// Reads a Redis URL.
pub fn from_url(text: &Text) -> Reading {
    let Some(parts) = url::parse(&text.value) else { return Reading::Nothing };
    if let Some(several) = not_one_host(text, &parts) {
        return several;
    }
    of_parts(text, &parts).map_or(Reading::Nothing, |endpoint| Reading::One(Box::new(endpoint)))
}

/// A URL with one host, whatever stands in its place.
pub fn of_parts(text: &Text, parts: &RedisUrl) -> Option<Endpoint> {
    let slice = |range: &std::ops::Range<usize>| text.slice(range.clone());
    let host = parts.hosts.first()?;
    let db = parts.db_range(&text.value).map(|db| slice(&db));
    Some(Endpoint {
        tls: parts.is_tls(),
        host: slice(&host.host),
        port: host.port.as_ref().map(slice),
        username: parts.username.as_ref().map(slice).filter(|name| !name.value.is_empty()),
        password: parts.password.as_ref().map(slice),
        db: db.filter(|db| !db.value.is_empty()),
        query: parts.query.as_ref().map(slice),
        tls_option: None,
    })
}

fn not_one_host(text: &Text, parts: &RedisUrl) -> Option<Reading> {
    let Some(host) = parts.hosts.first() else { return Some(Reading::Socket) };
    if parts.is_multi() {
        let end = |host: &url::HostPort| Endpoint {
            tls: parts.is_tls(),
            port: host.port.as_ref().map(|port| text.slice(port.clone())),
            ..Endpoint::bare(text.slice(host.host.clone()))
        };
        return Some(Reading::Several(parts.hosts.iter().map(end).collect()));
    }
    let missing = || text.missing().into_iter().map(str::to_owned).collect();
    if text.is_open(&host.host) {
        return Some(Reading::Open(missing()));
    }
    if text.value[host.host.clone()].contains('$') {
        // A shell in the container fills it in.
        return Some(Reading::Open(Vec::new()));
    }
    if host.host.is_empty() {
        return Some(if text.missing().is_empty() { Reading::Nothing } else { Reading::Open(missing()) });
    }
    None
}

/// Reads `host:port`, a host alone, or a .NET connection string (`host:port,password=…,ssl=true`).
pub fn from_address(text: &Text) -> Reading {
    let value = text.value.as_str();
    if !text.missing().is_empty() && (value.is_empty() || value.starts_with(':')) {
        return Reading::Open(text.missing().into_iter().map(str::to_owned).collect());
    }
    let head = &value[..value.find(',').unwrap_or(value.len())];
    let options = &value[head.len()..];
    if !options.is_empty() && !options.split(',').skip(1).all(|option| option.contains('=')) {
        return several(text);
    }
    let (host, port) = match head.rfind(':').filter(|&at| !head[..at].contains(':') || head.starts_with('[')) {
        Some(at) => (0..at, Some(at + 1..head.len())),
        None => (0..head.len(), None),
    };
    let port = port.filter(|port| !port.is_empty());
    if !is_host(&value[host.clone()]) || port.as_ref().is_some_and(|port| value[port.clone()].parse::<u16>().is_err()) {
        return Reading::Nothing;
    }
    let password = option(text, options, "password=");
    let db = option(text, options, "defaultDatabase=");
    let tls_option = option(text, options, "ssl=");
    let tls = tls_option.as_ref().is_some_and(|word| word.value.eq_ignore_ascii_case("true"));
    let port = port.map(|port| text.slice(port));
    Reading::One(Box::new(Endpoint { tls, port, password, db, tls_option, ..Endpoint::bare(text.slice(host)) }))
}

/// The host and the port behind a label.
fn labelled(value: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let mut colons = value[range.clone()].match_indices(':').map(|(at, _)| range.start + at);
    let start = colons.next().map_or(range.start, |at| at + 1);
    let end = colons.nth(1).unwrap_or(range.end);
    start..end
}

/// `a:1,b:2`, also with `;` or blanks between.
pub fn several(text: &Text) -> Reading {
    let mut ends = Vec::new();
    let mut start = 0;
    for piece in text.value.split([',', ';', ' ']) {
        let range = start..start + piece.len();
        start = range.end + 1;
        // `label:host:port:index:password`, as redis-commander takes it.
        let label = text.value[range.clone()].split(':').count() > 2 && !text.value[range.clone()].starts_with('[');
        let range = if label { labelled(&text.value, range) } else { range };
        if let Reading::One(end) = from_address(&text.slice(range)) {
            ends.push(*end);
        }
    }
    Reading::Several(ends)
}

fn option(text: &Text, options: &str, name: &str) -> Option<Text> {
    let at = options.to_ascii_lowercase().find(&format!(",{}", name.to_ascii_lowercase()))? + 1 + name.len();
    let start = text.value.len() - options.len() + at;
    let end = text.value[start..].find(',').map_or(text.value.len(), |end| start + end);
    Some(text.slice(start..end))
}

/// Whether a text can be the name or the address of a host.
pub fn is_host(text: &str) -> bool {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let colon = bare.contains(':') && bare.parse::<std::net::Ipv6Addr>().is_err();
    let plain =
        !colon && !bare.is_empty() && bare.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'));
    let word = !matches!(bare.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "null" | "none" | "on" | "off");
    let number = bare.bytes().all(|byte| byte.is_ascii_digit()) || bare.parse::<f64>().is_ok();
    plain && word && !number
}
