//! Values under a name that says they are secret: `KEY=value`, `KEY: value`, `"KEY": "value"`, `,password=value`,
//! `${KEY:-value}`, in any quotes, on any line, in comments too.

use super::authority::has_host_and_port;
use super::lines::{Line, is_block_header, is_decoration, is_nested, is_scalar_line, next_line, plain_end, stop_end};
use super::names::{is_address_name, is_secret_name, is_secret_reference, is_surely_secret, names_server};
use super::values::{
    alternate_parts, closing_brace, closing_quote, ends_here, line_end, name_len, secret_parts, userinfo_parts, word_end,
};
use std::ops::Range;

/// Longer names are none; farther apart, a name and its sign do not belong together.
const REACH: usize = 128;

/// Adds the values of secret names to `out`, which holds the userinfos of URLs in the order of the text.
pub(super) fn find(text: &str, out: &mut Vec<Range<usize>>) {
    let userinfos = out.clone();
    let mut keys = Keys { text, bytes: text.as_bytes(), line: Line::default(), unclosed: [false; 2], out };
    keys.assignments(&userinfos);
    keys.defaults();
}

struct Keys<'a> {
    text: &'a str,
    bytes: &'a [u8],
    line: Line,
    /// Whether a quote (`"`, `'`) was found to be closed nowhere in the rest of the text.
    unclosed: [bool; 2],
    out: &'a mut Vec<Range<usize>>,
}

/// What ends a value in a flow mapping.
const FLOW: &[u8] = b",}])";

/// A plain scalar in a flow mapping is followed over so many lines.
const FLOW_LINES: usize = 8;

/// A name before an `=` or `:`.
struct Name {
    range: Range<usize>,
    /// It stands in quotes of its own, as in JSON.
    quoted: bool,
}

/// How the place of a name bounds its value.
enum Place {
    /// The quotes around name and value together.
    Quote(u8),
    /// The name starts its line.
    Line,
    /// Up to one of these characters.
    Until(&'static [u8]),
    /// In the middle of something, such as a command.
    Word,
}

impl Keys<'_> {
    fn assignments(&mut self, userinfos: &[Range<usize>]) {
        let mut done = 0;
        let mut urls = userinfos.iter().peekable();
        for sign in memchr::memchr2_iter(b'=', b':', self.bytes) {
            while urls.next_if(|url| url.end <= sign).is_some() {}
            if sign < done || urls.peek().is_some_and(|url| url.start <= sign) || self.bytes[sign + 1..].starts_with(b"//") {
                continue;
            }
            let Some(name) = self.name_before(sign) else { continue };
            let word = &self.text[name.range.clone()];
            if is_secret_name(word) && self.assigns(&name, sign) {
                done = self.value(&name, sign);
            } else if is_address_name(word) && name.range.start == self.line_of(sign).statement {
                self.address(sign, names_server(word));
            }
        }
    }

    fn name_before(&self, sign: usize) -> Option<Name> {
        let from = sign.saturating_sub(REACH);
        let before = &self.bytes[from..sign];
        let gap =
            |byte: &&u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b']' | b')' | b'\\' | b'=' | b':' | b'!' | b'?');
        let end = sign - before.iter().rev().take_while(gap).count();
        let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-') || !byte.is_ascii();
        let mut start = end - self.bytes[from..end].iter().rev().take_while(part).count();
        start += self.bytes[start..end].iter().take_while(|byte| **byte == b'-' || !byte.is_ascii()).count();
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        let reference = self.bytes[..start].ends_with(b"${");
        let quoted = self.bytes[end..sign].iter().any(|byte| matches!(byte, b'"' | b'\'' | b'`'));
        (start < end && !reference).then_some(Name { range: start..end, quoted })
    }

    /// Whether the sign makes what follows the value of the name; a colon within a word often does not.
    fn assigns(&self, name: &Name, sign: usize) -> bool {
        let next = self.bytes.get(sign + 1);
        self.bytes[sign] == b'='
            || name.quoted
            || next.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'='))
            || (is_surely_secret(&self.text[name.range.clone()]) && next != Some(&b'/'))
    }

    fn line_of(&mut self, at: usize) -> Line {
        if at >= self.line.end || at < self.line.start || self.line.end == 0 {
            self.line = Line::around(self.bytes, at);
        }
        self.line
    }

    fn place(&mut self, name: &Name) -> Place {
        let start = name.range.start;
        let mut before = start;
        while before > 0 && self.bytes[before - 1] == b'-' {
            before -= 1;
        }
        if !name.quoted
            && let Some(quote @ (b'"' | b'\'' | b'`')) = before.checked_sub(1).map(|at| self.bytes[at])
        {
            return Place::Quote(quote);
        }
        if self.line_of(start).statement == start {
            return Place::Line;
        }
        let gap = self.bytes[before.saturating_sub(REACH)..before]
            .iter()
            .rev()
            .find(|byte| !matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'\\'));
        match gap {
            Some(b'{' | b'[' | b',' | b'(') => Place::Until(FLOW),
            Some(b';') => Place::Until(b";"),
            Some(b'?' | b'&') => Place::Until(b"& \t#"),
            _ => Place::Word,
        }
    }

    /// Masks the value behind `sign`; gives the place behind it.
    fn value(&mut self, name: &Name, sign: usize) -> usize {
        let place = self.place(name);
        let line = self.line_of(sign);
        let eol = line.body_end(self.bytes);
        let skip = |from: usize| from + self.bytes[from..eol].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let mut start = skip(sign + 1);
        if self.bytes[sign] == b'=' && matches!(self.bytes.get(start), Some(b'>' | b'=')) {
            start = skip(start + 1);
        }
        let yaml = self.bytes[sign] == b':' && !line.comment && matches!(place, Place::Line);
        let rest = &self.bytes[start..eol];
        if self.bytes[sign] == b':' && rest.first() == Some(&b'{') {
            let word = &self.text[name.range.clone()];
            let variable = !name.quoted && !word.bytes().any(|byte| byte.is_ascii_lowercase());
            if variable && is_surely_secret(word) && !rest.starts_with(b"{{") {
                // A variable has no mapping for its value: braces are a mistake, or the start of a password.
                let end = plain_end(self.bytes, start, eol, true);
                self.out.push(start..end);
                return end;
            }
            return start;
        }
        // An anchor or tag without anything below it may as well be a password that ought to be quoted.
        if yaml && (rest.is_empty() || (is_decoration(rest) && is_nested(self.bytes, start, line.column))) {
            return self.next_lines(line.column, start, true);
        }
        if yaml && is_block_header(rest) {
            return self.next_lines(line.column, start, false);
        }
        let end = match place {
            Place::Quote(quote) => self.quote_end(name.range.start, quote, start, eol, line),
            _ if matches!(rest.first(), Some(b'"' | b'\'' | b'`' | b'\\')) => self.quoted_end(start, eol, line, &place),
            Place::Line => plain_end(self.bytes, start, eol, self.bytes[sign] == b':'),
            Place::Until(stops) => stop_end(self.bytes, start, eol, stops),
            Place::Word if self.bytes[sign] == b':' && start > sign + 1 => plain_end(self.bytes, start, eol, true),
            Place::Word => word_end(self.bytes, start, eol),
        };
        secret_parts(self.text, start..end, self.out);
        if end == eol && start < end && !line.comment && matches!(place, Place::Until(FLOW)) && self.bytes[sign] == b':' {
            return self.flow_lines(end);
        }
        // A comment ends a plain scalar. The lines of a quoted value are looked at again, since the quote may be a mistake.
        let continues =
            !line.comment && matches!(place, Place::Line) && end == eol && (yaml || line.dash.is_some()) && start < end;
        if !continues || matches!(self.bytes[start], b'"' | b'\'' | b'[') {
            return end.min(eol).max(sign + 1);
        }
        self.next_lines(if yaml { line.column } else { line.dash.unwrap_or_default() }, end.max(sign + 1), false)
    }

    /// Masks the further lines of a plain scalar in a flow mapping, up to what ends it. Gives the place behind what was masked.
    fn flow_lines(&mut self, from: usize) -> usize {
        let mut done = from;
        for _ in 0..FLOW_LINES {
            let at = next_line(self.bytes, done);
            let eol = line_end(self.bytes, at);
            let start = eol - self.bytes[at..eol].trim_ascii_start().len();
            let end = stop_end(self.bytes, start, eol, FLOW);
            if !is_scalar_line(&self.bytes[start..end]) {
                break;
            }
            secret_parts(self.text, start..end, self.out);
            done = end;
            if start == eol || end < eol {
                break;
            }
        }
        done
    }

    /// The end of a value within the quote in which its name stands already.
    fn quote_end(&mut self, name: usize, quote: u8, start: usize, eol: usize, line: Line) -> usize {
        let mut open = name - 1;
        while self.bytes[open] != quote {
            open -= 1;
        }
        if open > 0 && self.bytes[open - 1] == b'\\' {
            let closing = [b'\\', quote];
            return memchr::memmem::find(&self.bytes[start..eol], &closing).map_or(eol, |found| start + found);
        }
        self.close(open, eol, line).unwrap_or(eol).max(start)
    }

    /// The end of a value with quotes of its own, and of what sticks to them.
    fn quoted_end(&mut self, start: usize, eol: usize, line: Line, place: &Place) -> usize {
        if self.bytes[start] == b'\\' {
            let quoted = matches!(self.bytes.get(start + 1), Some(b'"' | b'\''));
            let close =
                quoted.then(|| memchr::memmem::find(&self.bytes[start + 2..eol], &self.bytes[start..start + 2])).flatten();
            return close.map_or_else(|| word_end(self.bytes, start, eol).max(start + 1), |found| start + 2 + found + 2);
        }
        let across = if matches!(place, Place::Line | Place::Until(FLOW)) { line } else { Line { comment: true, ..line } };
        match self.close(start, eol, across) {
            Some(close) if ends_here(self.bytes, close + 1) => close + 1,
            Some(close) => word_end(self.bytes, close + 1, self.bytes.len()),
            None => eol,
        }
    }

    /// Where the quote at `open` is closed: in its line, or behind it if the place allows that.
    fn close(&mut self, open: usize, eol: usize, line: Line) -> Option<usize> {
        if let Some(close) = closing_quote(self.bytes, open, eol) {
            return Some(close);
        }
        let kind = usize::from(self.bytes[open] != b'"');
        if line.comment || self.bytes[open] == b'`' || self.unclosed[kind] {
            return None;
        }
        let close = closing_quote(self.bytes, open, self.bytes.len());
        self.unclosed[kind] |= close.is_none();
        close
    }

    /// Masks the lines of a block scalar or of a continued one: those indented more than `base`, the column of the key. With `fresh`
    /// the scalar has not begun yet, so that a mapping or list may follow instead. Gives the place behind what was masked.
    fn next_lines(&mut self, base: usize, from: usize, mut fresh: bool) -> usize {
        let mut at = next_line(self.bytes, from);
        let mut done = from;
        while at < self.bytes.len() {
            let end = line_end(self.bytes, at);
            let indent = self.bytes[at..end].iter().take_while(|byte| **byte == b' ').count();
            let body = at + indent..end;
            at = next_line(self.bytes, end);
            if body.is_empty() {
                continue;
            }
            if indent <= base || (fresh && !is_scalar_line(&self.bytes[body.clone()])) {
                break;
            }
            fresh = false;
            secret_parts(self.text, body, self.out);
            done = end;
        }
        done
    }

    /// An address without a scheme but with a password before its `@`, whatever that looks like if the name is a `server`'s.
    fn address(&mut self, sign: usize, server: bool) {
        let eol = line_end(self.bytes, sign);
        let start =
            sign + 1 + self.bytes[sign + 1..eol].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'')).count();
        let value =
            &self.text[start..start + self.bytes[start..eol].iter().take_while(|byte| !byte.is_ascii_whitespace()).count()];
        if let Some(sign) = value.rfind('@')
            && !value.contains("://")
            && !value[sign..].starts_with("@sha256:")
            && (server
                || has_host_and_port(&value.as_bytes()[sign + 1..])
                || value[..sign].replace(":-", "").replace(":+", "").contains(':'))
        {
            userinfo_parts(self.text, start..start + sign, self.out);
        }
    }

    /// `${KEY:-value}` and the like, wherever it stands.
    fn defaults(&mut self) {
        let mut at = 0;
        while let Some(found) = memchr::memmem::find(&self.bytes[at..], b"${") {
            let brace = at + found + 1;
            at = brace + 1;
            let name = at..at + name_len(&self.bytes[at..]);
            if self.bytes.get(name.end) == Some(&b'}') || !is_secret_reference(&self.text[name.clone()]) {
                continue;
            }
            let eol = self.line_of(name.end).body_end(self.bytes).max(name.end);
            let rest = &self.bytes[name.end..eol];
            let sign = match rest {
                [b':', b'-' | b'=' | b'+' | b'?', ..] => 2,
                _ => 1,
            };
            let close = closing_brace(self.bytes, brace, eol);
            let word = (name.end + sign).min(eol)..close.unwrap_or(eol);
            at = word.end.max(at);
            let message = rest.starts_with(b"?") || rest.starts_with(b":?");
            let path = self.text[name].to_ascii_uppercase().ends_with("_FILE")
                && self.bytes[word.start..word.end.max(word.start)].contains(&b'/');
            if word.start >= word.end || message || path {
                continue;
            }
            match rest {
                [b'+', ..] | [b':', b'+', ..] => alternate_parts(self.text, word, self.out),
                _ => secret_parts(self.text, word, self.out),
            }
        }
    }
}
