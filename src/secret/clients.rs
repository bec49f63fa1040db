//! Passwords on the command lines of clients that write them in ways of their own, and in the query that phpredis reads.

use super::flags::Flags;
use super::values::{closing_quote, line_end, secret_parts, word_end};
use std::ops::Range;

/// How far before an option its client must be named.
const REACH: usize = 512;

/// Adds the passwords of such clients to `out`.
pub(super) fn find(text: &str, out: &mut Vec<Range<usize>>) {
    let lower = text.to_ascii_lowercase();
    let flags = Flags { text, bytes: text.as_bytes(), lower: lower.as_bytes() };
    attached(&flags, out);
    users(&flags, out);
    queries(&flags, out);
}

/// Whether one of `names` stands before `at` as a command: a word, or the start of one.
fn is_called(flags: &Flags, names: &[&str], at: usize) -> bool {
    let before = &flags.lower[at.saturating_sub(REACH)..at];
    names.iter().any(|name| {
        memchr::memmem::find_iter(before, name).any(|found| {
            let rest = &before[found + name.len()..];
            let word = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
            rest.get(word).is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',' | b'\\'))
        })
    })
}

fn starts_word(bytes: &[u8], at: usize) -> bool {
    at == 0 || bytes[at - 1].is_ascii_whitespace() || matches!(bytes[at - 1], b'"' | b'\'' | b'[' | b',' | b'`')
}

/// `mysql -pX`: the password sticks to its option.
fn attached(flags: &Flags, out: &mut Vec<Range<usize>>) {
    for at in memchr::memmem::find_iter(flags.bytes, b"-p") {
        let start = at + 2;
        let Some(&first) = flags.bytes.get(start) else { continue };
        let closing = matches!(first, b'"' | b'\'') && at > 0 && flags.bytes[at - 1] == first;
        let alone = first.is_ascii_whitespace() || closing || matches!(first, b',' | b']');
        if alone || !starts_word(flags.bytes, at) || !is_called(flags, &["mysql", "mariadb"], at) {
            continue;
        }
        let eol = line_end(flags.bytes, start);
        let quoted = if matches!(first, b'"' | b'\'') { closing_quote(flags.bytes, start, eol) } else { None };
        let word = quoted.map_or_else(|| start..word_end(flags.bytes, start, eol), |close| start + 1..close);
        secret_parts(flags.text, word, out);
    }
}

/// `curl -u user:X`, `curl --user user:X`.
fn users(flags: &Flags, out: &mut Vec<Range<usize>>) {
    let all = flags.bytes.len();
    for option in ["-u", "--user", "--proxy-user"] {
        for at in memchr::memmem::find_iter(flags.bytes, option) {
            let end = at + option.len();
            if !starts_word(flags.bytes, at) || !is_called(flags, &["curl"], at) {
                continue;
            }
            let next = flags.bytes.get(end).copied().unwrap_or(b' ');
            let word = match next {
                b'=' => Some(end + 1..word_end(flags.bytes, end + 1, all)),
                byte if byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',' | b'\\') => flags.next_word(end, true),
                _ if option == "-u" => Some(end..word_end(flags.bytes, end, all)),
                _ => None,
            };
            let Some(word) = word else { continue };
            if let Some(colon) = memchr::memchr(b':', &flags.bytes[word.clone()]) {
                secret_parts(flags.text, word.start + colon + 1..word.end, out);
            }
        }
    }
}

/// `?auth[]=user&auth[]=X`, with brackets written as they are or percent-encoded.
fn queries(flags: &Flags, out: &mut Vec<Range<usize>>) {
    for at in memchr::memmem::find_iter(flags.lower, b"auth") {
        let start = at + 4;
        let Some(index) = after(flags.lower, start, b"[", b"%5b") else { continue };
        let digits = flags.lower[index..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let Some(start) = after(flags.lower, index + digits, b"]=", b"%5d=") else { continue };
        let word = start..word_end(flags.bytes, start, flags.bytes.len());
        let end = memchr::memchr(b'&', &flags.bytes[word.clone()]).map_or(word.end, |found| start + found);
        secret_parts(flags.text, start..end, out);
    }
}

/// The place behind one of two signs at `at`.
fn after(bytes: &[u8], at: usize, plain: &[u8], encoded: &[u8]) -> Option<usize> {
    [plain, encoded].into_iter().find(|sign| bytes[at..].starts_with(sign)).map(|sign| at + sign.len())
}
