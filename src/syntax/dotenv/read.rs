//! From text to variables: the statements, quotes and escapes of Compose's dialect, and the raw format.

use super::{EnvDoc, EnvError, EnvLine, EnvValue, Quote, Run};
use crate::syntax::interpolate;
use std::ops::Range;

/// Reads `.env`, `--env-file` and `env_file:` files.
pub fn parse(text: &str) -> EnvDoc {
    let mut doc = EnvDoc::default();
    let mut reader = Reader { text, at: bom(text) };
    while let Some(next) = reader.statement() {
        match next {
            Ok(Some(line)) => doc.entries.push(line),
            Ok(None) => {}
            Err(error) => {
                doc.error = Some(error);
                break;
            }
        }
    }
    doc
}

/// Reads `env_file:` files with `format: raw`: one variable a line, everything behind the first `=` is its value.
pub fn parse_raw(text: &str) -> EnvDoc {
    let mut doc = EnvDoc::default();
    let mut start = bom(text);
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |found| start + found);
        let line = text[start..end].strip_suffix('\r').unwrap_or(&text[start..end]);
        match raw_line(text, start, line) {
            Ok(Some(entry)) => doc.entries.push(entry),
            Ok(None) => {}
            Err(error) => {
                doc.error = Some(error);
                break;
            }
        }
        start = end + 1;
    }
    doc
}

/// The length of the byte order mark that `text` starts with.
pub(super) fn bom(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// Docker reads lines of at most 64 KiB in this format.
const RAW_LINE_LIMIT: usize = 64 * 1024;

fn raw_line(text: &str, start: usize, line: &str) -> Result<Option<EnvLine>, EnvError> {
    let error = |range, message: &str| Err(EnvError { range, message: message.to_owned() });
    if line.len() >= RAW_LINE_LIMIT {
        return error(start..start + 1, "the line is longer than the 64 KiB that an env file in the raw format may have");
    }
    let body = line.trim_start();
    let body_start = start + line.len() - body.len();
    if body.is_empty() || body.starts_with('#') {
        return Ok(None);
    }
    let key = body.split('=').next().unwrap_or(body);
    let key_range = body_start..body_start + key.len();
    if key.is_empty() {
        return error(body_start..body_start + 1, "there is no variable name before `=`");
    }
    if key.contains([' ', '\t']) {
        return error(key_range, "a variable name may not contain a blank");
    }
    let content = key_range.end + 1..start + line.len();
    let value = (key.len() < body.len()).then(|| EnvValue::verbatim(text, content, true));
    Ok(Some(EnvLine { key: key.to_owned(), key_range, value }))
}

/// The reader's place in the text.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// A name and how it ends.
struct Key {
    range: Range<usize>,
    bare: bool,
}

impl Reader<'_> {
    /// The next variable; `Ok(None)` where a statement sets nothing, `None` at the end of the file.
    fn statement(&mut self) -> Option<Result<Option<EnvLine>, EnvError>> {
        loop {
            self.skip(char::is_whitespace);
            if !self.rest().starts_with('#') {
                break;
            }
            self.at = memchr::memchr(b'\n', self.rest().as_bytes()).map_or(self.text.len(), |found| self.at + found);
        }
        (self.at < self.text.len()).then(|| self.variable())
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip(&mut self, skipped: impl Fn(char) -> bool) {
        self.at = self.text.len() - self.rest().trim_start_matches(skipped).len();
    }

    fn variable(&mut self) -> Result<Option<EnvLine>, EnvError> {
        let Key { range, bare } = self.key()?;
        let key = self.text[range.clone()].to_owned();
        if key.contains(' ') {
            return Err(EnvError { range, message: "a variable name may not contain a blank".to_owned() });
        }
        if bare {
            return Ok((!key.is_empty()).then_some(EnvLine { key, key_range: range, value: None }));
        }
        let value = Some(self.value()?);
        Ok(Some(EnvLine { key, key_range: range, value }))
    }

    /// Reads up to `=`, `:` or the end of the line. A name that runs to the end of the file is a value under an empty name.
    fn key(&mut self) -> Result<Key, EnvError> {
        if let Some(rest) = self.rest().strip_prefix("export")
            && rest.starts_with(['\t', '\n', '\u{c}', '\r', ' '])
        {
            self.at += "export".len();
            self.skip(is_blank);
        }
        let start = self.at;
        for (offset, found) in self.rest().char_indices() {
            match found {
                '=' | ':' | '\n' => {
                    let name = self.text[start..start + offset].trim_end();
                    self.at = start + offset + 1;
                    return Ok(Key { range: start..start + name.len(), bare: found == '\n' });
                }
                '_' | '.' | '-' | '[' | ']' => {}
                _ if is_blank(found) || found.is_alphabetic() || found.is_numeric() => {}
                _ => {
                    let at = start + offset;
                    let message = format!("the character {found:?} may not stand in a variable name");
                    return Err(EnvError { range: at..at + found.len_utf8(), message });
                }
            }
        }
        if start == self.text.len() {
            return Err(EnvError { range: start..start, message: "there is no variable name behind `export`".to_owned() });
        }
        Ok(Key { range: start..start, bare: false })
    }

    fn value(&mut self) -> Result<EnvValue, EnvError> {
        let behind_sign = self.at;
        self.skip(is_blank);
        let value = match self.rest().as_bytes().first() {
            Some(b'"') => self.quoted(Quote::Double)?,
            Some(b'\'') => self.quoted(Quote::Single)?,
            _ => self.unquoted(behind_sign),
        };
        if !value.literal {
            interpolate::validate(&value.template).map_err(|invalid| EnvError {
                range: value.raw_range(invalid.range).unwrap_or_else(|| value.content.clone()),
                message: invalid.message,
            })?;
        }
        Ok(value)
    }

    fn unquoted(&mut self, behind_sign: usize) -> EnvValue {
        let start = self.at;
        let end = memchr::memchr(b'\n', self.rest().as_bytes()).map_or(self.text.len(), |found| start + found);
        self.at = (end + 1).min(self.text.len());
        let line = &self.text[start..end];
        let value = line.split(" #").next().unwrap_or(line).trim_end();
        if value.is_empty() {
            // Not behind a carriage return, which belongs to the line's end.
            let blanks =
                self.text[behind_sign..start].len() - self.text[behind_sign..start].trim_start_matches([' ', '\t']).len();
            return EnvValue::verbatim(self.text, behind_sign + blanks..behind_sign + blanks, false);
        }
        EnvValue::verbatim(self.text, start..start + value.len(), false)
    }

    fn quoted(&mut self, quote: Quote) -> Result<EnvValue, EnvError> {
        let open = self.at;
        let mut decoded = Decoded { text: self.text, template: String::new(), runs: Vec::new() };
        match decoded.read(open + 1, quote) {
            Some(close) => {
                self.at = close + 1;
                let Decoded { template, runs, .. } = decoded;
                Ok(EnvValue { quote, content: open + 1..close, template, literal: quote == Quote::Single, runs })
            }
            None => Err(EnvError { range: open..open + 1, message: "the quote that opens here is never closed".to_owned() }),
        }
    }
}

/// A blank of compose-go: white space of Latin-1 except the newline.
fn is_blank(found: char) -> bool {
    matches!(found, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// A quoted value on its way from the file to its template.
struct Decoded<'a> {
    text: &'a str,
    template: String,
    runs: Vec<Run>,
}

impl Decoded<'_> {
    /// Decodes from `at` to the closing quote and says where that is.
    fn read(&mut self, mut at: usize, quote: Quote) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let closing = if quote == Quote::Single { b'\'' } else { b'"' };
        loop {
            let stop = at + memchr::memchr2(closing, b'\\', bytes.get(at..)?)?;
            self.copy(at..stop);
            if bytes[stop] == closing {
                return Some(stop);
            }
            at = match (*bytes.get(stop + 1)?, quote) {
                (next, _) if next == closing => {
                    self.copy(stop + 1..stop + 2);
                    stop + 2
                }
                (_, Quote::Double) => self.escape(stop),
                (b'\\', _) => {
                    self.copy(stop..stop + 2);
                    stop + 2
                }
                _ => {
                    self.copy(stop..stop + 1);
                    stop + 1
                }
            };
        }
    }

    /// One escape of a double-quoted value; gives the place behind it. An unknown one stays as it is, backslash included.
    fn escape(&mut self, backslash: usize) -> usize {
        let bytes = self.text.as_bytes();
        let known = match bytes[backslash + 1] {
            b'a' => "\u{7}",
            b'b' => "\u{8}",
            b'f' => "\u{c}",
            b'n' => "\n",
            b'r' => "\r",
            b't' => "\t",
            b'v' => "\u{b}",
            b'\\' => "\\",
            b'$' => "$$",
            b'0' => return self.octal(backslash),
            _ => {
                self.copy(backslash..backslash + 1);
                return backslash + 1;
            }
        };
        self.template.push_str(known);
        backslash + 2
    }

    /// `\0ooo`: with exactly three octal digits the character of that number, else the backslash and the digits without the zero.
    fn octal(&mut self, backslash: usize) -> usize {
        let from = backslash + 2;
        let digits = self.text.as_bytes()[from..].iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        match u8::from_str_radix(&self.text[from..from + digits], 8) {
            Ok(number) if digits == 3 => self.template.push(char::from(number)),
            _ => {
                self.copy(backslash..backslash + 1);
                self.copy(from..from + digits);
            }
        }
        from + digits
    }

    fn copy(&mut self, raw: Range<usize>) {
        if raw.is_empty() {
            return;
        }
        let run = Run { template: self.template.len(), raw: raw.start, len: raw.len() };
        match self.runs.last_mut() {
            Some(last) if last.template + last.len == run.template && last.raw + last.len == run.raw => last.len += run.len,
            _ => self.runs.push(run),
        }
        self.template.push_str(&self.text[raw]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> EnvLine {
        let doc = parse(text);
        assert_eq!(doc.error, None, "{text:?}");
        doc.entries.into_iter().next().expect("one variable")
    }

    #[test]
    fn every_part_has_its_place() {
        for (text, content, template) in [
            ("\u{feff}export A = b c  # d\r\n", "b c", "b c"),
            ("A: \"b\\tc\" # d", "b\\tc", "b\tc"),
            ("A='it\\'s $x'", "it\\'s $x", "it's $x"),
            ("A=\"a\\$b\"", "a\\$b", "a$$b"),
            ("A=\t\r\n", "", ""),
        ] {
            let line = only(text);
            let value = line.value.expect("a value");
            assert_eq!((&text[line.key_range], &text[value.content], &*value.template), ("A", content, template));
        }
    }

    #[test]
    fn verbatim_parts_of_a_template_are_found_in_the_file() {
        let text = "A=\"x\\\"redis://:p\\tw@h\\\\\"";
        let value = only(text).value.expect("a value");
        let place = |part: &str| {
            let at = value.template.find(part).expect("it is there");
            value.raw_range(at..at + part.len())
        };
        assert_eq!(place("redis://:p").map(|range| &text[range]), Some("redis://:p"));
        assert_eq!(place("w@h").map(|range| &text[range]), Some("w@h"));
        assert_eq!(place("p\tw"), None);
        assert_eq!(place("\\"), None);
    }

    #[test]
    fn an_error_stops_the_file_and_tells_nothing_of_it() {
        let doc = parse("A=1\nB='s3cret\nC=2");
        assert_eq!((doc.entries.len(), doc.error.as_ref().map(|error| error.range.clone())), (1, Some(6..7)));
        for text in ["s3cret%=1", "A s3cret=1", "A=\"s3cret", "A=${s3cret", "A=${s3cret!}", "A=\"${s3cret"] {
            let error = parse(text).error.expect("an error");
            assert!(!error.message.contains("s3cret"), "{}", error.message);
        }
    }

    #[test]
    fn the_raw_format_takes_everything_behind_the_sign() {
        let doc = parse_raw("\u{feff}A='b' # c \r\n  # d\n B=$x\\\nC\n\nD=\nE=a=b");
        let read: Vec<_> =
            doc.entries.iter().map(|line| (&*line.key, line.value.as_ref().map(|value| &*value.template))).collect();
        assert_eq!(read, [("A", Some("'b' # c ")), ("B", Some("$x\\")), ("C", None), ("D", Some("")), ("E", Some("a=b"))]);
        for text in ["=a", "A B=c", "A =c"] {
            assert!(parse_raw(text).error.is_some(), "{text}");
        }
    }
}
