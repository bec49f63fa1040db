//! Passwords in addresses that lack a part: `redis://user:password`, whose `@host` is missing, and `password@host:6379`, whose scheme
//! is missing.

use super::values::{braced_default, reference_end, secret_parts, userinfo_parts};
use std::ops::Range;

/// How far back from an `@` a password without a scheme may start, and how far on its port may stand.
const REACH: usize = 256;

/// How deep the defaults of a port are followed.
const MAX_DEPTH: usize = 4;

/// Adds what stands in place of a port. `rest` is a URL's word behind `://` or behind its userinfo.
pub(super) fn ports(text: &str, scheme: &str, rest: Range<usize>, out: &mut Vec<Range<usize>>) {
    let lower = scheme.to_ascii_lowercase();
    // Behind the colon stands a tag or a path.
    if ["docker", "oci", "image", "ssh", "git"].iter().any(|sign| lower.contains(sign)) {
        return;
    }
    let bytes = &text.as_bytes()[..rest.end];
    let mut at = rest.start;
    while at < rest.end {
        let host = host_end(bytes, at);
        let port = (host + 1).min(rest.end)..part_end(bytes, (host + 1).min(rest.end), b"/?#,");
        if bytes.get(host) == Some(&b':') && !is_port(bytes, port.clone(), 0) {
            let web = lower == "http" || lower == "https";
            secret_parts(text, port.start..if web { port.end } else { before_index(bytes, port.end) }, out);
            return;
        }
        let end = if bytes.get(host) == Some(&b':') { port.end } else { host };
        if bytes.get(end) != Some(&b',') {
            return;
        }
        at = end + 1;
    }
}

/// The end of the host at `at`: an address in brackets, or up to a colon or the end of the part.
fn host_end(bytes: &[u8], at: usize) -> usize {
    let near = &bytes[at..bytes.len().min(at + REACH)];
    let close = if near.first() == Some(&b'[') { memchr::memchr(b']', near) } else { None };
    close.map_or_else(|| part_end(bytes, at, b":/?#,"), |close| at + close + 1)
}

/// Where one of `stops` stands outside references.
fn part_end(bytes: &[u8], mut at: usize, stops: &[u8]) -> usize {
    let mut depth = 0_usize;
    while at < bytes.len() {
        match bytes[at] {
            b'{' if depth > 0 || (at > 0 && bytes[at - 1] == b'$') => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            byte if depth == 0 && stops.contains(&byte) => break,
            _ => {}
        }
        at += 1;
    }
    at
}

/// The end of a password that may hold any character: of the word, but for the number of a database.
fn before_index(bytes: &[u8], from: usize) -> usize {
    let digits = bytes[from..].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let slash = bytes.len() - digits;
    if (1..=2).contains(&digits) && slash > from && bytes[slash - 1] == b'/' { slash - 1 } else { bytes.len() }
}

/// Whether `range` can be a port and nothing else: a number, a reference, a word that stands for a port.
fn is_port(bytes: &[u8], range: Range<usize>, depth: usize) -> bool {
    let mut at = range.start;
    while let Some(end) = reference_end(bytes, at, range.end) {
        if let Some(default) = braced_default(bytes, at, range.end)
            && (depth == MAX_DEPTH || !is_port(bytes, default, depth + 1))
        {
            return false;
        }
        at = end;
    }
    let (digits, number) = number(&bytes[at..range.end]);
    let rest = &bytes[at + digits..range.end];
    let more = rest.iter().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    if number.is_some() && digits > 0 {
        let ends = rest.first().is_some_and(|byte| b"\\'\"`()[]{}<>;|&*$".contains(byte));
        return !more || ends;
    }
    // What is left of quotes and brackets around the address.
    (!more && digits == 0) || (at == range.start && stands_for_port(rest))
}

/// How many digits `bytes` starts with; no number if they are too many for a port.
fn number(bytes: &[u8]) -> (usize, Option<u16>) {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = std::str::from_utf8(&bytes[..digits.min(6)]).ok();
    (digits, text.and_then(|text| text.parse().ok()))
}

/// `port`, `<PORT>`, `{{redis_port}}`, `$port`, `%(port)s`, `"$PORT"`, `$(…)`.
fn stands_for_port(bytes: &[u8]) -> bool {
    let lower = bytes.to_ascii_lowercase();
    let quotes = lower.iter().take_while(|byte| matches!(byte, b'"' | b'\'' | b'\\')).count();
    let inner = &lower[quotes..];
    let end = inner.len() - inner.iter().rev().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    let marked = matches!(inner.first(), Some(b'{' | b'<' | b'%' | b'[')) && memchr::memmem::find(inner, b"port").is_some();
    let before = inner[..end].strip_suffix(b"port");
    let word = before.is_some_and(|before| before.last().is_none_or(|byte| !byte.is_ascii_alphanumeric()));
    let dollars = inner.iter().take_while(|byte| **byte == b'$').count();
    marked || word || (dollars > 0 && inner.get(dollars) == Some(&b'('))
}

/// Adds what stands before `@host:port`, wherever it stands.
pub(super) fn bare(text: &str, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    for at in memchr::memchr_iter(b'@', bytes) {
        let start = word_start(bytes, at);
        if start == at
            || !(has_host_and_port(&bytes[at + 1..]) || is_dsn(&bytes[start..at], &bytes[at + 1..]))
            || memchr::memmem::find(&bytes[start..at], b"://").is_some()
        {
            continue;
        }
        userinfo_parts(text, value_start(bytes, start, at)..at, out);
    }
}

/// Whether `before` and `after` an `@` make the data source name of a Go driver: `user:password@tcp(host:3306)/name`.
fn is_dsn(before: &[u8], after: &[u8]) -> bool {
    let network = after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    let joined = memchr::memchr(b':', before).is_some();
    joined && ((network > 0 && after.get(network) == Some(&b'(')) || (after.first() == Some(&b'/') && !before.contains(&b'/')))
}

/// The start of the word before `at`; blanks within braces are part of it.
fn word_start(bytes: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(REACH);
    let mut open = 0_usize;
    let within = |byte: &&u8| {
        match byte {
            b'}' => open += 1,
            b'{' => open = open.saturating_sub(1),
            _ => {}
        }
        let blank = byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'(' | b'[');
        **byte != b'\n' && (open > 0 || !blank)
    };
    at - bytes[from..at].iter().rev().take_while(within).count()
}

/// Whether `after`, behind an `@`, is a host with a port, as names of images and packages have none.
pub(super) fn has_host_and_port(after: &[u8]) -> bool {
    let after = &after[..after.len().min(REACH)];
    let host = after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b".-_$[]".contains(byte)).count();
    let host = match (after.get(host), memchr::memchr(b'}', after)) {
        (Some(b'{'), Some(close)) => close + 1,
        _ => host,
    };
    let Some([b':', port @ ..]) = after.get(host..) else { return false };
    let (digits, number) = number(port);
    let ends = port.get(digits).is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'.' | b'-' | b'_'));
    let digest = after[..host].eq_ignore_ascii_case(b"sha256");
    host > 0 && !digest && ((number.is_some() && digits > 0 && ends) || names_variable(port))
}

/// `$PORT`, `$$PORT`, `${PORT}`.
fn names_variable(bytes: &[u8]) -> bool {
    let name = &bytes[bytes.iter().take_while(|byte| **byte == b'$').count()..];
    name.len() < bytes.len() && name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'{' | b'_'))
}

/// Where the value starts in a word that may hold its key or the start of the reference whose default it is.
fn value_start(bytes: &[u8], start: usize, end: usize) -> usize {
    let word = &bytes[start..end];
    if let Some(sign) = memchr::memchr(b'=', word) {
        return value_start(bytes, start + sign + 1, end);
    }
    let default = || {
        let brace = memchr::memmem::rfind(word, b"${")?;
        let sign = memchr::memmem::find(&word[brace..], b":-")?;
        let closed = memchr::memchr(b'}', &word[brace..]).is_some();
        (!closed).then_some(brace + sign + 2)
    };
    start + default().unwrap_or(0)
}
