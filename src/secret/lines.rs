//! Lines, and the forms that YAML gives to a value over one or several of them.

use super::values::ends_here;

const BOM: &[u8] = "\u{feff}".as_bytes();

/// The line that was looked at last.
#[derive(Default, Clone, Copy)]
pub(super) struct Line {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Behind indentation, `#`, `-`, `export` and the like.
    pub(super) statement: usize,
    pub(super) comment: bool,
    /// The column of its last list dash.
    pub(super) dash: Option<usize>,
    /// The column of what follows indentation and dashes: that of a YAML key, quoted or not.
    pub(super) column: usize,
}

impl Line {
    /// Before the line ending.
    pub(super) fn body_end(self, bytes: &[u8]) -> usize {
        let line = &bytes[self.start..self.end];
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        self.start + body.strip_suffix(b"\r").unwrap_or(body).len()
    }

    /// The line around `at`.
    pub(super) fn around(bytes: &[u8], at: usize) -> Self {
        let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |found| found + 1);
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found + 1);
        let mut line = Self { start, end, statement: start, comment: false, dash: None, column: 0 };
        line.find_statement(bytes);
        line
    }

    fn find_statement(&mut self, bytes: &[u8]) {
        let mut at = self.start;
        if bytes[at..].starts_with(BOM) {
            at += BOM.len();
        }
        let margin = at;
        let column = bytes[at..self.end].iter().take_while(|byte| matches!(byte, b' ' | b'-' | b'?')).count();
        self.column = column;
        while at < self.end {
            match bytes[at] {
                b'#' | b';' | b'/' | b'*' => self.comment = true,
                b'-' if !self.comment && bytes.get(at + 1) == Some(&b' ') => self.dash = Some(at - margin),
                b' ' | b'\t' | b'-' | b'?' | b'>' | b'"' | b'\'' => {}
                _ => match [&b"export "[..], b"export\t", b"ENV ", b"ARG ", b"set "]
                    .iter()
                    .find(|word| bytes[at..].starts_with(word))
                {
                    Some(word) => at += word.len() - 1,
                    None => break,
                },
            }
            at += 1;
        }
        self.statement = at;
    }
}

pub(super) fn next_line(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at.min(bytes.len())..]).map_or(bytes.len(), |found| at + found + 1)
}

/// Whether a YAML value consists of an anchor, a tag or a comment, so that the value proper follows.
pub(super) fn is_decoration(rest: &[u8]) -> bool {
    let word = rest.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
    let after = rest[word..].trim_ascii_start();
    let alone = after.is_empty() || after.starts_with(b"#");
    rest.starts_with(b"# ") || (matches!(rest.first(), Some(b'&' | b'!')) && alone)
}

/// Whether the next line with anything on it is indented more than `column`.
pub(super) fn is_nested(bytes: &[u8], at: usize, column: usize) -> bool {
    let rest = &bytes[next_line(bytes, at)..];
    let indent = rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or_default();
    let blank = memchr::memrchr(b'\n', &rest[..indent]).map_or(0, |found| found + 1);
    indent - blank > column
}

/// `|`, `>-`, `|2` and the like, perhaps with a comment.
pub(super) fn is_block_header(rest: &[u8]) -> bool {
    let [b'|' | b'>', rest @ ..] = rest else { return false };
    let sign = rest.iter().take_while(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9')).count();
    let after = rest[sign..].trim_ascii_start();
    sign <= 2 && (after.is_empty() || (after.starts_with(b"#") && after.len() < rest.len() - sign))
}

/// Whether a line can be a scalar that stands under its key, not a mapping, a list item or a comment.
pub(super) fn is_scalar_line(body: &[u8]) -> bool {
    match body {
        [b'#' | b'{' | b'[' | b'<', ..] | [b'-', b' ', ..] | [b'-'] => false,
        [b'"' | b'\'', ..] => true,
        _ => !body.ends_with(b":") && memchr::memmem::find(body, b": ").is_none(),
    }
}

/// The end of a value that runs to the end of its line or to a comment.
pub(super) fn plain_end(bytes: &[u8], start: usize, eol: usize, colon: bool) -> usize {
    let end = memchr::memmem::find(&bytes[start..eol], b" #").map_or(eol, |found| start + found);
    // Within a larger string the closing quote is none of the value's.
    let closed = colon && matches!(bytes.get(end.wrapping_sub(1)), Some(b'"' | b'\'')) && end > start + 1;
    if closed { end - 1 } else { end }
}

/// The end of a value before one of `stops`, a closing quote or the end of the line.
pub(super) fn stop_end(bytes: &[u8], start: usize, eol: usize, stops: &[u8]) -> usize {
    let mut depth = 0_usize;
    for at in start..eol {
        match bytes[at] {
            b'{' if depth > 0 || (at > start && bytes[at - 1] == b'$') => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            byte if stops.contains(&byte) => return at,
            b'"' | b'\'' | b'`' if at > start && ends_here(bytes, at + 1) => return at,
            _ => {}
        }
    }
    eol
}
