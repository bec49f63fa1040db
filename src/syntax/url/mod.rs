//! Redis URLs taken apart. Every part is a range of the value, so that it can be pointed at and edited alone; nothing is decoded.
//! Knows how such URLs are written, by people rather than by the standard; knows nothing of what a host or an index means.
//!
//! A raw `#`, `/`, `?` or `@` in a password ends the authority for a strict reader. Where the strict reading makes no sense, the
//! last `@` decides what was meant. `${…}` is one atom: no delimiter inside it counts.

use std::ops::Range;

/// What a scheme says about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemeKind {
    Plain,
    Tls,
    /// A Unix socket: the path is a file, and there is no host.
    Socket,
    /// The hosts are Sentinels, which say where the server is.
    Sentinel,
    SentinelTls,
    Cluster,
    ClusterTls,
}

/// The schemes under which clients take a Redis URL, with a client that documents each.
pub const SCHEMES: &[(&str, SchemeKind)] = &[
    ("redis", SchemeKind::Plain),                 // IANA registration
    ("rediss", SchemeKind::Tls),                  // IANA registration
    ("valkey", SchemeKind::Plain),                // valkey-py
    ("valkeys", SchemeKind::Tls),                 // valkey-py
    ("redis+tls", SchemeKind::Tls),               // lettuce
    ("rediscache", SchemeKind::Plain),            // django-environ
    ("unix", SchemeKind::Socket),                 // redis-py, redis-rb, go-redis; shared with Docker and others
    ("redis+socket", SchemeKind::Socket),         // kombu, lettuce
    ("redis-socket", SchemeKind::Socket),         // lettuce
    ("redis+unix", SchemeKind::Socket),           // redis-rs
    ("valkey+unix", SchemeKind::Socket),          // redis-rs
    ("sentinel", SchemeKind::Sentinel),           // kombu
    ("redis-sentinel", SchemeKind::Sentinel),     // lettuce, fred
    ("redis+sentinel", SchemeKind::Sentinel),     // redis-sentinel-url
    ("valkey-sentinel", SchemeKind::Sentinel),    // fred
    ("rediss-sentinel", SchemeKind::SentinelTls), // lettuce, fred
    ("rediss+sentinel", SchemeKind::SentinelTls), // redis-sentinel-url
    ("redis-cluster", SchemeKind::Cluster),       // fred
    ("redis+cluster", SchemeKind::Cluster),       // limits, coredis
    ("valkey-cluster", SchemeKind::Cluster),      // fred
    ("rediss-cluster", SchemeKind::ClusterTls),   // fred
];

/// The parts of one URL; of a list of URLs, those of the first and the hosts of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisUrl {
    /// Without `://`.
    pub scheme: Range<usize>,
    pub kind: SchemeKind,
    /// Before the `@`, which is not part of it.
    pub userinfo: Option<Range<usize>>,
    /// Before the first `:` of the userinfo, or all of it; may be empty.
    pub username: Option<Range<usize>>,
    /// Behind the first `:` of the userinfo; may be empty.
    pub password: Option<Range<usize>>,
    /// At least one, with an empty host where none is written, except for sockets.
    pub hosts: Vec<HostPort>,
    /// Behind the `/`, before `?` and `#`.
    pub path: Option<Range<usize>>,
    /// Behind the `?`, before `#`.
    pub query: Option<Range<usize>>,
    pub fragment: Option<Range<usize>>,
}

/// One host of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    /// Without the brackets of an IPv6 address; may be empty.
    pub host: Range<usize>,
    /// Behind the `:`, whatever stands there; `None` without `:`.
    pub port: Option<Range<usize>>,
}

/// The parts of `value`, or `None` if it does not start with one of the [`SCHEMES`] (in any case) and `://`.
pub fn parse(value: &str) -> Option<RedisUrl> {
    let colon = value.find("://")?;
    let (_, kind) = SCHEMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(&value[..colon]))?;
    let flat = flatten(value);
    let mut starts = list_starts(&flat, colon + 3);
    starts.push(flat.len() + 1);
    let first_end = starts[0] - 1;
    let mut url = one(&flat[..first_end], 0..colon, *kind);
    for pair in starts.windows(2) {
        let (start, end) = (pair[0], pair[1] - 1);
        let Some(colon) = memchr::memmem::find(&flat[start..end], b"://") else { continue };
        url.hosts.extend(one(&flat[..end], start..start + colon, *kind).hosts);
    }
    Some(url)
}

/// All Redis URLs in a longer text, such as a command or a list; quotes and brackets around them are left out.
pub fn find(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memmem::find(&bytes[at..], b"://") {
        let colon = at + next;
        at = colon + 3;
        let Some((start, scheme)) = scheme_before(bytes, colon) else { continue };
        let end = url_end(bytes, at);
        if scheme != "unix" || names_redis(&text[at..end]) {
            found.push(start..end);
        }
        at = end;
    }
    found
}

impl RedisUrl {
    /// The database index as it is written, a number or not: `?db=` (also `database=`, `virtual_host=`) beats the path.
    pub fn db<'a>(&self, value: &'a str) -> Option<&'a str> {
        self.db_range(value).map(|range| &value[range])
    }

    /// Where [`Self::db`] stands.
    pub fn db_range(&self, value: &str) -> Option<Range<usize>> {
        ["db", "database", "virtual_host"].iter().find_map(|key| self.query_value(value, key)).or_else(|| {
            let path = self.path.clone()?;
            let last = match value[path.clone()].rfind('/') {
                Some(slash) if slash + 1 < path.len() => path.start + slash + 1..path.end,
                Some(slash) => path.start..path.start + slash,
                None => path.clone(),
            };
            match self.kind {
                SchemeKind::Socket => None,
                // `redis+sentinel://host:26379/name/0`: a single word is the name of the master.
                SchemeKind::Sentinel | SchemeKind::SentinelTls => {
                    Some(last).filter(|last| !last.is_empty() && value[last.clone()].bytes().all(|byte| byte.is_ascii_digit()))
                }
                _ => Some(path).filter(|path| !path.is_empty()),
            }
        })
    }

    /// Where the value of one parameter of the query stands.
    pub fn query_value(&self, value: &str, key: &str) -> Option<Range<usize>> {
        let mut at = self.query.clone()?.start;
        for pair in value[self.query.clone()?].split('&') {
            if let Some((name, rest)) = pair.split_once('=')
                && name == key
            {
                return Some(at + pair.len() - rest.len()..at + pair.len());
            }
            at += pair.len() + 1;
        }
        None
    }

    pub fn is_tls(&self) -> bool {
        matches!(self.kind, SchemeKind::Tls | SchemeKind::SentinelTls | SchemeKind::ClusterTls)
    }

    pub fn is_socket(&self) -> bool {
        self.kind == SchemeKind::Socket
    }

    /// Whether more than one server may answer: a cluster, Sentinels, or several hosts.
    pub fn is_multi(&self) -> bool {
        use SchemeKind::{Cluster, ClusterTls, Sentinel, SentinelTls};
        self.hosts.len() > 1 || matches!(self.kind, Sentinel | SentinelTls | Cluster | ClusterTls)
    }
}

/// The bytes of `value` with each `${…}` made of dollars only, so that no delimiter is found in it.
fn flatten(value: &str) -> Vec<u8> {
    let mut flat = value.as_bytes().to_vec();
    let (mut depth, mut start, mut at) = (0_usize, 0, 0);
    while at < flat.len() {
        match flat[at] {
            b'$' if depth == 0 && flat.get(at + 1) == Some(&b'{') => {
                (depth, start) = (1, at);
                at += 1;
            }
            b'{' if depth > 0 => depth += 1,
            b'}' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    flat[start..=at].fill(b'$');
                }
            }
            _ => {}
        }
        at += 1;
    }
    flat
}

/// Where further URLs of a list start: behind `,`, `;`, `|` or a blank.
fn list_starts(flat: &[u8], from: usize) -> Vec<usize> {
    memchr::memmem::find_iter(&flat[from..], b"://")
        .filter_map(|found| scheme_before(flat, from + found).map(|(start, _)| start))
        .filter(|&start| start > from && matches!(flat[start - 1], b',' | b';' | b'|' | b' '))
        .collect()
}

/// The longest known scheme that ends at `colon` and is not the tail of a longer word.
fn scheme_before(bytes: &[u8], colon: usize) -> Option<(usize, &'static str)> {
    let fits = |name: &str| {
        let start = colon.checked_sub(name.len())?;
        let whole = start == 0 || !(bytes[start - 1].is_ascii_alphanumeric() || bytes[start - 1] == b'_');
        (whole && bytes[start..colon].eq_ignore_ascii_case(name.as_bytes())).then_some(start)
    };
    SCHEMES.iter().filter_map(|(name, _)| fits(name).map(|start| (start, *name))).min()
}

/// Takes apart the URL that starts at `scheme.start` and ends with `flat`.
fn one(flat: &[u8], scheme: Range<usize>, kind: SchemeKind) -> RedisUrl {
    let from = scheme.end + 3;
    let at_sign = userinfo_end(flat, from, kind);
    let userinfo = at_sign.map(|at| from..at);
    let colon = userinfo.clone().and_then(|info| memchr::memchr(b':', &flat[info]).map(|found| from + found));
    let username = at_sign.map(|at| from..colon.unwrap_or(at));
    let password = at_sign.and_then(|at| colon.map(|colon| colon + 1..at));
    let host_start = at_sign.map_or(from, |at| at + 1);
    let authority_end = strict_end(flat, host_start);
    let mut rest = authority_end;
    let fragment = memchr::memchr(b'#', &flat[rest..]).map(|found| rest + found);
    let body_end = fragment.unwrap_or(flat.len());
    let question = memchr::memchr(b'?', &flat[rest..body_end]).map(|found| rest + found);
    let path_end = question.unwrap_or(body_end);
    let path = (flat.get(rest) == Some(&b'/')).then(|| {
        rest += 1;
        rest..path_end
    });
    let hosts = if kind == SchemeKind::Socket && host_start == authority_end {
        Vec::new()
    } else {
        hosts(flat, host_start..authority_end)
    };
    RedisUrl {
        scheme,
        kind,
        userinfo,
        username,
        password,
        hosts,
        path,
        query: question.map(|at| at + 1..body_end),
        fragment: fragment.map(|at| at + 1..flat.len()),
    }
}

fn strict_end(flat: &[u8], from: usize) -> usize {
    memchr::memchr3(b'/', b'?', b'#', &flat[from..]).map_or(flat.len(), |found| from + found)
}

/// The `@` behind the userinfo: the last one of the strict authority if that can be one, else the last of all.
fn userinfo_end(flat: &[u8], from: usize, kind: SchemeKind) -> Option<usize> {
    let end = strict_end(flat, from);
    let strict = memchr::memrchr(b'@', &flat[from..end]).map(|found| from + found);
    let last = memchr::memrchr(b'@', &flat[end..]).map(|found| end + found);
    let authority = strict.map_or(from, |at| at + 1)..end;
    match last {
        Some(_) if kind != SchemeKind::Socket && !(plausible_hosts(flat, authority) && plausible_rest(&flat[end..])) => last,
        _ => strict,
    }
}

/// Whether each host has a name and each port is a number or a reference.
fn plausible_hosts(flat: &[u8], authority: Range<usize>) -> bool {
    let number = |port: &Range<usize>| flat[port.clone()].iter().all(|byte| byte.is_ascii_digit() || *byte == b'$');
    hosts(flat, authority).iter().all(|host| !host.host.is_empty() && host.port.as_ref().is_none_or(number))
}

/// Whether what follows the authority looks like an index, a query or nothing, and not like the rest of a password.
fn plausible_rest(rest: &[u8]) -> bool {
    let path = rest.iter().take_while(|byte| !matches!(byte, b'?' | b'#')).count();
    let index = rest[..path].iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'$' | b'/'));
    let query = match rest.get(path) {
        Some(b'?') => match memchr::memchr2(b'=', b'@', &rest[path..]) {
            Some(found) => rest[path + found] == b'=',
            None => true,
        },
        Some(_) => false,
        None => true,
    };
    index && query
}

fn hosts(flat: &[u8], authority: Range<usize>) -> Vec<HostPort> {
    let mut out = Vec::new();
    let mut start = authority.start;
    loop {
        let end = memchr::memchr2(b',', b';', &flat[start..authority.end]).map_or(authority.end, |found| start + found);
        out.push(host_port(flat, start..end));
        if end == authority.end {
            return out;
        }
        start = end + 1;
    }
}

fn host_port(flat: &[u8], part: Range<usize>) -> HostPort {
    if flat.get(part.start) == Some(&b'[')
        && let Some(found) = memchr::memchr(b']', &flat[part.clone()])
    {
        let close = part.start + found;
        let colon = flat[..part.end].get(close + 1) == Some(&b':');
        return HostPort { host: part.start + 1..close, port: colon.then(|| close + 2..part.end) };
    }
    match memchr::memrchr(b':', &flat[part.clone()]).map(|found| part.start + found) {
        Some(colon) => HostPort { host: part.start..colon, port: Some(colon + 1..part.end) },
        None => HostPort { host: part, port: None },
    }
}

fn names_redis(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["redis", "valkey", "keydb", "dragonfly"].iter().any(|name| lower.contains(name))
}

/// Where the URL whose authority starts at `from` ends in a longer text.
fn url_end(bytes: &[u8], from: usize) -> usize {
    let (mut at, mut open, mut references) = (from, Vec::new(), 0_usize);
    while at < bytes.len() {
        let inside_reference = references > 0;
        match bytes[at] {
            b'\n' | b'\r' => break,
            byte @ (b'(' | b'[' | b'{' | b'<') => {
                let reference = byte == b'{' && bytes[at - 1] == b'$';
                references += usize::from(reference);
                open.push(reference);
            }
            b')' | b']' | b'}' | b'>' => match open.pop() {
                Some(reference) => references -= usize::from(reference),
                None => break,
            },
            b' ' | b'\t' | b'"' | b'\'' | b'`' | b'|' if !inside_reference => break,
            b'\\' if matches!(bytes.get(at + 1), Some(b'"' | b'\'' | b'n' | b'r')) => break,
            b',' | b';' if !inside_reference && ends_item(bytes, at + 1) => break,
            _ => {}
        }
        at += 1;
    }
    while at > from && matches!(bytes[at - 1], b',' | b'.' | b';') {
        at -= 1;
    }
    at
}

/// Whether a comma or semicolon before `at` separates the URL from another one or from nothing.
fn ends_item(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at..];
    SCHEMES.iter().any(|(name, _)| {
        rest.len() > name.len() + 2
            && rest[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            && rest[name.len()..].starts_with(b"://")
    })
}

#[cfg(test)]
mod tests;
