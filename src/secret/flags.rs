//! Passwords that follow an option or a directive as the next word: on a command line, in a flow list, in the next list item.

use super::names::is_secret_option;
use super::values::{closing_quote, ends_here, secret_parts, word_end};
use std::ops::Range;

/// Directives of Redis configuration, found wherever they stand, and how many words lie between them and the password.
const DIRECTIVES: &[(&str, usize)] =
    &[("requirepass", 0), ("masterauth", 0), ("primaryauth", 0), ("tls-key-file-pass", 0), ("auth-pass", 1)];

/// How far before `-a` the client must be named, and how far blanks are followed to the next word.
const REACH: usize = 512;

/// How far before `AUTH` and `>password` their command must stand.
const CLOSE: usize = 128;

/// Adds the passwords of options and directives to `out`.
pub(super) fn find(text: &str, out: &mut Vec<Range<usize>>) {
    let lower = text.to_ascii_lowercase();
    let flags = Flags { text, bytes: text.as_bytes(), lower: lower.as_bytes() };
    for (directive, between) in DIRECTIVES {
        let mut masked = 0..0;
        for at in memchr::memmem::find_iter(flags.lower, directive) {
            if at < masked.start || at + directive.len() >= masked.end {
                masked = flags.directive(at, directive.len(), *between, out).unwrap_or(masked);
            }
        }
    }
    flags.options(out);
    flags.short_options(out);
    flags.commands(out);
    flags.acl(out);
    flags.keys(out);
}

pub(super) struct Flags<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) lower: &'a [u8],
}

impl Flags<'_> {
    /// Masks the word behind a directive and gives its place.
    fn directive(&self, at: usize, len: usize, between: usize, out: &mut Vec<Range<usize>>) -> Option<Range<usize>> {
        let mut end = at + len;
        for _ in 0..between {
            end = self.next_word(end, false)?.end;
        }
        let word = self.next_word(end, self.bytes[..at].ends_with(b"--"))?;
        secret_parts(self.text, word.clone(), out);
        Some(word)
    }

    /// `--pass X`, `--auth-token X`.
    fn options(&self, out: &mut Vec<Range<usize>>) {
        for at in memchr::memmem::find_iter(self.bytes, b"--") {
            let from = at + 2;
            let len = self.bytes[from..]
                .iter()
                .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
                .count();
            let starts = self.bytes[..at].last() != Some(&b'-') && self.bytes.get(from).is_some_and(u8::is_ascii_alphabetic);
            if starts
                && is_secret_option(&self.text[from..from + len])
                && let Some(word) = self.next_word(from + len, true)
            {
                secret_parts(self.text, word, out);
            }
        }
    }

    /// `redis-cli -a X`.
    fn short_options(&self, out: &mut Vec<Range<usize>>) {
        for at in memchr::memmem::find_iter(self.bytes, b"-a") {
            let starts = self.bytes[..at]
                .last()
                .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'[' | b',' | b'`'));
            let ends = self
                .bytes
                .get(at + 2)
                .is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',' | b'$' | b'\\' | b'`'));
            let before = &self.lower[at.saturating_sub(REACH)..at];
            let client =
                || [&b"redis"[..], b"valkey", b"keydb", b"cli"].iter().any(|name| memchr::memmem::find(before, name).is_some());
            if starts
                && ends
                && client()
                && let Some(word) = self.next_word(at + 2, true)
            {
                secret_parts(self.text, word, out);
            }
        }
    }

    /// `AUTH X`, `AUTH user X`, as a command sent to the server.
    fn commands(&self, out: &mut Vec<Range<usize>>) {
        for at in memchr::memmem::find_iter(self.lower, b"auth ") {
            let starts = self.bytes[..at].last().is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_'));
            let upper = self.bytes[at..].starts_with(b"AUTH");
            let before = &self.lower[at.saturating_sub(CLOSE)..at];
            if !starts || !(upper || memchr::memmem::find(before, b"-cli").is_some()) {
                continue;
            }
            let mut end = at + 4;
            for _ in 0..2 {
                let Some(word) = self.next_word(end, false) else { break };
                if word.start > self.line_end(at) || matches!(self.bytes[word.start], b'&' | b'|' | b';' | b'>' | b'<') {
                    break;
                }
                end = word.end;
                secret_parts(self.text, word, out);
                if self.bytes.get(end) != Some(&b' ') {
                    break;
                }
            }
        }
    }

    /// `user NAME on >X ~* +@all`, and `<X` and `#HASH` among such words.
    fn acl(&self, out: &mut Vec<Range<usize>>) {
        for at in memchr::memchr3_iter(b'>', b'<', b'#', self.bytes) {
            let starts =
                self.bytes[..at].last().is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b','));
            if !starts {
                continue;
            }
            let word = at + 1..word_end(self.bytes, at + 1, self.bytes.len());
            if word.is_empty() || matches!(self.bytes[word.start], b'=' | b'>' | b'<' | b'#' | b'&' | b'/' | b'-' | b'|' | b'(') {
                continue;
            }
            let near = &self.lower[at.saturating_sub(CLOSE)..at];
            let named = [&b"setuser"[..], b"user "].iter().any(|sign| memchr::memmem::find(near, sign).is_some());
            if (self.bytes[at] == b'>' && named) || (!self.starts_line(at) && self.in_acl(at, word.end)) {
                secret_parts(self.text, word, out);
            }
        }
    }

    /// Whether only blanks stand before `at` in its line, as before a comment.
    fn starts_line(&self, at: usize) -> bool {
        let before = self.bytes[at.saturating_sub(CLOSE)..at].trim_ascii_end();
        let gap = &self.bytes[at.saturating_sub(CLOSE) + before.len()..at];
        before.is_empty() || gap.contains(&b'\n')
    }

    /// Whether the words around are those of an ACL: a user is named before, and a right is given or the user switched on or off.
    fn in_acl(&self, start: usize, end: usize) -> bool {
        const RIGHTS: &[&[u8]] = &[b"on", b"off", b"reset", b"resetpass", b"nopass", b"allkeys", b"allcommands", b"allchannels"];
        let before = &self.lower[start.saturating_sub(REACH)..start];
        let user = |at: usize| {
            let option =
                before[..at].ends_with(b"--") || before[..at].ends_with(b"set") || before[..at].trim_ascii_end().is_empty();
            let line =
                before[..at].last().is_some_and(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'.'));
            let ends =
                before.get(at + 4).is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',' | b'='));
            (option || line) && ends
        };
        let Some(at) = memchr::memmem::rfind_iter(before, b"user").find(|at| user(*at)) else { return false };
        let after = &self.lower[end..self.lower.len().min(end + CLOSE)];
        let right = |word: &[u8]| {
            RIGHTS.contains(&word) || matches!(word, [b'+' | b'~' | b'&', b'@' | b'*' | b'a'..=b'z', ..] | [b'-', b'@', ..])
        };
        let split = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',' | b'[' | b']');
        before[at + 4..].split(split).chain(after.split(split)).any(right)
    }

    /// The lines of a private key.
    fn keys(&self, out: &mut Vec<Range<usize>>) {
        const MARK: &[u8] = b"PRIVATE KEY-----";
        let mut at = 0;
        while let Some(found) = memchr::memmem::find(&self.bytes[at..], MARK) {
            let before = &self.bytes[(at + found).saturating_sub(40)..at + found];
            let opens = memchr::memmem::rfind(before, b"-----END") <= memchr::memmem::rfind(before, b"-----BEGIN");
            at += found + MARK.len();
            if opens {
                let end = memchr::memmem::find(&self.bytes[at..], b"-----END").map_or(self.bytes.len(), |found| at + found);
                out.push(at..end);
                at = end;
            }
        }
    }

    /// Where the quote at `open` is closed in one of the next lines, if a value starts right behind it.
    fn far_quote(&self, open: usize) -> Option<usize> {
        let value = self.bytes.get(open + 1).is_some_and(|byte| !byte.is_ascii_whitespace());
        value.then(|| closing_quote(self.bytes, open, self.bytes.len().min(open + REACH))).flatten()
    }

    /// The end of the line of `at`, not looked for farther than a quoted password may reach.
    fn line_end(&self, at: usize) -> usize {
        let limit = self.bytes.len().min(at + 8 * REACH);
        memchr::memchr(b'\n', &self.bytes[at..limit]).map_or(limit, |found| at + found)
    }

    /// The word behind an option that ends at `at`; with `across`, it may stand in the next line.
    pub(super) fn next_word(&self, at: usize, across: bool) -> Option<Range<usize>> {
        let limit = self.bytes.len().min(at + REACH);
        let mut start = at;
        let mut lines = 0;
        while start < limit {
            match self.bytes[start] {
                b' ' | b'\t' | b'\r' | b',' | b'\\' => {}
                // The quote that closes the option; one behind a gap opens the value.
                b'"' | b'\'' | b'`' if start == at || (start == at + 1 && self.bytes[at] == b'\\') => {}
                b'\n' if lines < 4 => {
                    lines += 1;
                    let next = self.bytes[start + 1..limit].trim_ascii_start();
                    if !across && !next.starts_with(b"- ") {
                        return None;
                    }
                }
                b'-' if lines > 0 && self.bytes.get(start + 1) == Some(&b' ') => {}
                b'#' if lines > 0 => start = self.line_end(start).max(start + 1) - 1,
                _ => break,
            }
            start += 1;
        }
        if start == at || start >= limit || matches!(self.bytes[start], b'\n' | b']' | b'}' | b')') {
            return None;
        }
        let (eol, all) = (self.line_end(start), self.bytes.len());
        let word = match self.bytes[start] {
            b'"' | b'\'' if start > at + 1 && self.bytes[start - 1] == b'\\' => {
                let close = memchr::memmem::find(&self.bytes[start + 1..eol], &self.bytes[start - 1..=start]);
                start + 1..close.map_or_else(|| word_end(self.bytes, start + 1, all), |found| start + 1 + found)
            }
            // Doubled, within a quote of YAML.
            b'\'' if self.bytes[start + 1..eol].starts_with(b"'") && !ends_here(self.bytes, start + 2) => {
                let close = memchr::memmem::find(&self.bytes[start + 2..eol], b"''");
                start + 2..close.map_or_else(|| word_end(self.bytes, start + 2, all), |found| start + 2 + found)
            }
            b'"' | b'\'' => match closing_quote(self.bytes, start, eol) {
                Some(close) => start + 1..close,
                None => start + 1..self.far_quote(start).unwrap_or_else(|| word_end(self.bytes, start + 1, all)),
            },
            b'`' => start + 1..word_end(self.bytes, start + 1, all),
            _ => start..word_end(self.bytes, start, all),
        };
        let text = &self.bytes[word.clone()];
        let option = text.starts_with(b"--") || (text.starts_with(b"-") && text.len() <= 2);
        let key = lines > 0 && text.ends_with(b":");
        (!text.is_empty() && !option && !key).then_some(word)
    }
}
