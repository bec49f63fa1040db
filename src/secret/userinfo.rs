//! The userinfo of URLs, of any scheme: all between `://` and the last `@` of the word, for passwords hold every character there is.
//! Where no `@` follows, the port is looked at: it may be the end of a userinfo whose host got lost.

use super::authority::ports;
use super::values::userinfo_parts;
use std::ops::Range;

/// How far a word is looked back for the quote it stands in, and how far a password with blanks is followed.
const REACH: usize = 256;

/// Where userinfos stand, in the order of the text.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&bytes[at..], b"//") {
        let slashes = at + found;
        at = slashes + 2;
        let colon = if slashes > 0 && bytes[slashes - 1] == b':' { slashes - 1 } else { slashes };
        let scheme = if colon == slashes { colon..colon } else { scheme_start(bytes, colon)..colon };
        if scheme.is_empty() {
            schemeless(text, scheme.start, at, &mut out);
            continue;
        }
        let around = Around::of(bytes, scheme.start);
        let word = around.word(bytes, at);
        let name = &text[scheme.clone()];
        let sign = word.sign.or_else(|| spaced(bytes, &scheme, at, word.end, &around));
        if let Some(sign) = sign
            && !is_web_path(name, &text[at..sign])
        {
            userinfo_parts(text, at..sign, &mut out);
            at = sign + 1;
            if sign < word.end {
                ports(text, name, at..word.end, &mut out);
            }
        } else {
            ports(text, name, at..word.end.max(at), &mut out);
            at = word.end.max(at);
        }
    }
    out
}

/// `//user:password@host`, at the start of a word.
fn schemeless(text: &str, start: usize, from: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let sign = |byte: u8| byte.is_ascii_whitespace() || b"\"'`=[{(,-:".contains(&byte);
    if start > 0 && !sign(bytes[start - 1]) {
        return;
    }
    let word = Around::of(bytes, start).word(&bytes[..bytes.len().min(from + REACH)], from);
    if let Some(sign) = word.sign
        && !is_web_path("https", &text[from..sign])
    {
        userinfo_parts(text, from..sign, out);
    }
}

fn scheme_start(bytes: &[u8], colon: usize) -> usize {
    let scheme = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
    colon - bytes[colon.saturating_sub(REACH)..colon].iter().rev().take_while(scheme).count()
}

/// What the word of a URL stands in.
struct Around {
    quote: Option<u8>,
    /// The quote is written `\"`, inside another one.
    escaped: bool,
    /// The URL is the default of a reference, whose closing brace ends it.
    reference: bool,
}

/// A word, from behind `://`.
struct Word {
    end: usize,
    /// Its last `@`.
    sign: Option<usize>,
}

impl Around {
    fn of(bytes: &[u8], start: usize) -> Self {
        let mut around = Self { quote: None, escaped: false, reference: false };
        let mut open = 0_i32;
        for at in (start.saturating_sub(REACH)..start).rev() {
            match bytes[at] {
                byte if byte.is_ascii_whitespace() => break,
                b'}' => open -= 1,
                b'{' => {
                    open += 1;
                    around.reference |= open > 0 && at > 0 && bytes[at - 1] == b'$';
                }
                quote @ (b'"' | b'\'' | b'`') => {
                    around.quote = Some(quote);
                    around.escaped = at > 0 && bytes[at - 1] == b'\\';
                    break;
                }
                _ => {}
            }
        }
        around
    }

    /// Whether the quote that the word stands in is closed at `at`.
    fn closes(&self, bytes: &[u8], at: usize) -> bool {
        let escaped = bytes[at - 1] == b'\\';
        self.quote == Some(bytes[at]) && (escaped == self.escaped || bytes[at] == b'\'')
    }

    fn word(&self, bytes: &[u8], from: usize) -> Word {
        let (mut at, mut depth, mut sign, mut inner) = (from, 0_usize, None, None);
        while at < bytes.len() {
            match bytes[at] {
                b'\n' | b'\r' => break,
                b'{' if depth > 0 || bytes[at - 1] == b'$' => depth += 1,
                b'}' if depth > 0 => depth -= 1,
                b'}' if self.reference => break,
                b'@' if depth > 0 => inner = Some(at),
                _ if depth > 0 => {}
                b'@' => sign = Some(at),
                byte if byte.is_ascii_whitespace() => break,
                b'\'' if self.quote == Some(b'\'') && bytes.get(at + 1) == Some(&b'\'') => at += 1,
                b'"' | b'\'' | b'`' if self.closes(bytes, at) => break,
                b',' | b';' | b'|' if starts_url(&bytes[at + 1..]) => break,
                _ => {}
            }
            at += 1;
        }
        Word { end: at.min(bytes.len()), sign: sign.or(inner) }
    }
}

fn starts_url(rest: &[u8]) -> bool {
    let scheme = rest.iter().take(24).take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-')).count();
    scheme > 0 && rest[scheme..].starts_with(b"://")
}

/// The `@` behind a Redis password with a blank in it: the word so far cannot be a host.
fn spaced(bytes: &[u8], scheme: &Range<usize>, from: usize, end: usize, around: &Around) -> Option<usize> {
    let name = bytes[scheme.clone()].to_ascii_lowercase();
    let redis = ["redis", "valkey", "sentinel"].iter().any(|sign| memchr::memmem::find(&name, sign.as_bytes()).is_some());
    let colon = memchr::memrchr(b':', &bytes[from..end])? + from;
    let port = bytes[colon + 1..end].iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b',' | b'$' | b'{' | b'}'));
    if !redis || (port && colon > from) {
        return None;
    }
    let mut sign = None;
    for at in end..bytes.len().min(end + REACH) {
        match bytes[at] {
            b'\n' => break,
            b'"' | b'\'' | b'`' if around.closes(bytes, at) => break,
            b':' if bytes[at..].starts_with(b"://") => break,
            b'@' => sign = Some(at),
            _ => {}
        }
    }
    sign
}

/// Whether the `@` belongs to the path of a web address, as in `https://cdn.example.com/npm/package@1.2`.
fn is_web_path(scheme: &str, before: &str) -> bool {
    let Some((host, _)) = before.split_once('/') else { return false };
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    web && host.contains('.') && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}
