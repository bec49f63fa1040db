//! Where a value ends, and what of it is secret.

use std::ops::Range;

/// How deep defaults within defaults are followed; what lies deeper is masked whole.
const MAX_DEPTH: usize = 8;

/// The secret parts of the value at `range`: none of a plain word or of references alone, the defaults of references that have
/// some, else all of it.
pub(super) fn secret_parts(text: &str, range: Range<usize>, out: &mut Vec<Range<usize>>) {
    parts(text, range, b"", 0, out);
}

/// The same for a userinfo, in which references are joined by colons.
pub(super) fn userinfo_parts(text: &str, range: Range<usize>, out: &mut Vec<Range<usize>>) {
    parts(text, range, b":", 0, out);
}

fn parts(text: &str, range: Range<usize>, joints: &[u8], depth: usize, out: &mut Vec<Range<usize>>) {
    let range = unquoted(text.as_bytes(), trimmed(text.as_bytes(), range));
    if is_plain_word(&text.as_bytes()[range.clone()]) {
        return;
    }
    let mut defaults = Vec::new();
    let mut at = range.start;
    while at < range.end {
        if joints.contains(&text.as_bytes()[at]) {
            at += 1;
        } else if let Some(reference) = reference(text.as_bytes(), at, range.end) {
            defaults.extend(reference.default);
            at = reference.end;
        } else {
            out.push(range);
            return;
        }
    }
    for default in defaults {
        if depth < MAX_DEPTH {
            parts(text, default, b"", depth + 1, out);
        } else {
            out.push(default);
        }
    }
}

fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let start = range.start + bytes[range.clone()].iter().take_while(|byte| blank(byte)).count();
    let end = range.end - bytes[start..range.end].iter().rev().take_while(|byte| blank(byte)).count();
    start..end
}

/// Without one pair of quotes around it, which may be written with backslashes.
fn unquoted(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    match bytes[range.clone()] {
        [b'"', .., b'"'] | [b'\'', .., b'\''] => range.start + 1..range.end - 1,
        [b'\\', b'"', .., b'\\', b'"'] | [b'\\', b'\'', .., b'\\', b'\''] => range.start + 2..range.end - 2,
        _ => range,
    }
}

/// The secret parts of what stands in place of a variable that is set: often options in front of the variable itself, which stay.
pub(super) fn alternate_parts(text: &str, range: Range<usize>, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut at = range.start;
    while at < range.end {
        let mut end = word_end(bytes, at, range.end).max(at + 1);
        while end > at + 1 && end < range.end && matches!(bytes[end], b'"' | b'\'' | b'\\') {
            end += 1;
        }
        let option = bytes[at] == b'-' && bytes[at..end].iter().all(|byte| *byte == b'-' || byte.is_ascii_lowercase());
        if !option {
            secret_parts(text, at..end, out);
        }
        at = end;
    }
}

/// Values that say yes, no or nothing.
fn is_plain_word(value: &[u8]) -> bool {
    const PLAIN: &[&str] =
        &["", "true", "false", "yes", "no", "on", "off", "null", "none", "nil", "~", "\"", "'", "\"\"", "''", "0"];
    PLAIN.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

struct Reference {
    end: usize,
    default: Option<Range<usize>>,
}

/// The reference at `at`: `$NAME` (in capitals: a password may well look like `$ecret`), `${…}`, `$(cat …)`, with any number of
/// dollars. `None` if there is none or it does not end before `limit`.
fn reference(bytes: &[u8], at: usize, limit: usize) -> Option<Reference> {
    let dollars = bytes[at..limit].iter().take_while(|byte| **byte == b'$').count();
    let next = at + dollars;
    if dollars == 0 || next == limit {
        return None;
    }
    match bytes[next] {
        b'{' => braced(bytes, next, limit),
        b'(' => {
            let close = memchr::memchr(b')', &bytes[next..limit])? + next;
            let command = &bytes[next + 1..close];
            let reads = command.starts_with(b"cat ") || command.starts_with(b"< ") || command.starts_with(b"</");
            reads.then_some(Reference { end: close + 1, default: None })
        }
        first if first == b'_' || first.is_ascii_uppercase() => {
            let name = |byte: &&u8| **byte == b'_' || byte.is_ascii_uppercase() || byte.is_ascii_digit();
            let end = next + bytes[next..limit].iter().take_while(name).count();
            let whole = end == limit || !bytes[end].is_ascii_lowercase();
            whole.then_some(Reference { end, default: None })
        }
        _ => None,
    }
}

/// The end of the reference at `at`, if there is one.
pub(super) fn reference_end(bytes: &[u8], at: usize, limit: usize) -> Option<usize> {
    reference(bytes, at, limit).map(|found| found.end)
}

/// The default of the reference at `at`, if there is one and it has any.
pub(super) fn braced_default(bytes: &[u8], at: usize, limit: usize) -> Option<Range<usize>> {
    reference(bytes, at, limit)?.default
}

fn braced(bytes: &[u8], brace: usize, limit: usize) -> Option<Reference> {
    let name_end = brace + 1 + name_len(&bytes[brace + 1..limit]);
    let close = closing_brace(bytes, brace, limit)?;
    let rest = &bytes[name_end..close];
    let default = match rest {
        [] | [b'?', ..] | [b':', b'?', ..] => None,
        [b':', ..] => Some((name_end + 2).min(close)..close),
        // Neither Compose nor a shell knows such a reference; its name may be a part of a password.
        [sign, ..] if !b"-+=#%/^,@[".contains(sign) => return None,
        _ => Some(name_end + 1..close),
    };
    (name_end > brace + 1).then_some(Reference { end: close + 1, default })
}

/// The length of the variable name that `bytes` starts with.
pub(super) fn name_len(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| **byte == b'_' || byte.is_ascii_alphanumeric()).count()
}

/// Where the brace that opens at `open` is closed, in its line.
pub(super) fn closing_brace(bytes: &[u8], open: usize, limit: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (offset, byte) in bytes[open..limit].iter().enumerate() {
        match byte {
            b'\n' => return None,
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(open + offset),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The end of the line of `at`, without its line ending.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
    if end > at && bytes[end - 1] == b'\r' { end - 1 } else { end }
}

/// Where the quote that opens at `open` is closed before `limit`. Both ways of putting the quote itself into the text are known:
/// a backslash, and for single quotes two of them.
pub(super) fn closing_quote(bytes: &[u8], open: usize, limit: usize) -> Option<usize> {
    let quote = bytes[open];
    let mut at = open + 1;
    while at < limit {
        let found = at + memchr::memchr2(quote, b'\\', &bytes[at..limit])?;
        if bytes[found] == b'\\' {
            let escapes = quote == b'"' || (bytes.get(found + 1) == Some(&quote) && !ends_here(bytes, found + 2));
            at = found + 1 + usize::from(escapes);
        } else if quote == b'\'' && bytes[..limit].get(found + 1) == Some(&quote) {
            at = found + 2;
        } else {
            return Some(found);
        }
    }
    None
}

/// The end of an unquoted word at `at`, as a shell or a flow list has it: a blank, or a quote or bracket behind which nothing of
/// the word can follow.
pub(super) fn word_end(bytes: &[u8], at: usize, limit: usize) -> usize {
    let (mut here, mut depth) = (at, 0_usize);
    while here < limit {
        match bytes[here] {
            b'\n' => break,
            b'{' if depth > 0 || (here > at && bytes[here - 1] == b'$') => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            byte if byte.is_ascii_whitespace() => break,
            b'"' | b'\'' | b'`' | b')' | b']' | b'}' | b',' | b';' if here > at && ends_here(bytes, here + 1) => break,
            b'\\' if matches!(bytes.get(here + 1), Some(b'"' | b'\'')) && ends_here(bytes, here + 2) => break,
            _ => {}
        }
        here += 1;
    }
    here
}

/// Whether nothing of a value can follow before `at`.
pub(super) fn ends_here(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| {
        byte.is_ascii_whitespace()
            || matches!(byte, b',' | b';' | b'"' | b'\'' | b'`' | b')' | b']' | b'}' | b'#' | b'\\' | b'&' | b'|')
    })
}
