//! What a dotenv library makes of a line that Compose reads in its own way. The library is `dotenvy`; others differ in corners, and the
//! lines on which it agrees with Compose are those that all of them read alike.
//!
//! References are not followed: a reference that both take for the same variable is the same mark in both readings. The library looks
//! variables up in the environment of whoever runs it, so it never gets to see their names. Its errors quote the line and go no further.

use super::{EnvLine, EnvValue};
use crate::syntax::interpolate::{self, Op, Piece};

/// One line as two readers take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings {
    pub compose: String,
    /// `None`: the library rejects the line.
    pub library: Option<String>,
}

impl Readings {
    pub fn differ(&self) -> bool {
        self.library.as_ref() != Some(&self.compose)
    }
}

/// Around the name of a variable in a reading: characters that no file has a use for.
const OPEN: char = '\u{f8f0}';
const CLOSE: char = '\u{f8f1}';

/// Longer values are not compared.
const LONGEST: usize = 16 * 1024;

fn mark(name: &str) -> String {
    format!("{OPEN}{name}{CLOSE}")
}

/// A reading with its references written out.
pub fn plain(reading: &str) -> String {
    reading.replace(OPEN, "${").replace(CLOSE, "}")
}

/// Whether references take part in a reading.
pub fn has_references(reading: &str) -> bool {
    reading.contains(OPEN)
}

/// Both readings of one line of a file; `None` for a bare name, and where it depends on the variables whether they differ.
pub fn readings(text: &str, line: &EnvLine) -> Option<Readings> {
    let value = line.value.as_ref()?;
    let start = text[..line.key_range.start].rfind('\n').map_or(0, |end| end + 1);
    let behind = value.whole().end;
    let mut end = text[behind..].find('\n').map_or(text.len(), |end| behind + end);
    // A comment is no part of the value, and a quote in it no reason to call one value two.
    let rest = &text[behind..end];
    if rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#') {
        end = behind;
    }
    let statement = text[start..end].trim_start_matches('\u{feff}');
    // What stands before the name: nothing, or `export`. Else the line begins with another statement.
    let lead = text[start..line.key_range.start].trim_start_matches('\u{feff}').trim();
    if statement.len() > LONGEST || statement.contains([OPEN, CLOSE]) || !matches!(lead, "" | "export") {
        return None;
    }
    let separator = text[line.key_range.end..end].find(['=', ':']).map(|at| line.key_range.end + at + 1)?;
    let head = separator - (end - statement.len());
    Some(Readings { compose: compose(value)?, library: library(&line.key, &statement[..head], &statement[head..]) })
}

/// Compose's reading; `None` where the value of a variable decides what the library would have to read.
fn compose(value: &EnvValue) -> Option<String> {
    if value.is_literal() {
        return Some(value.template.clone());
    }
    let mut out = String::new();
    for piece in interpolate::parse(&value.template).ok()? {
        match piece {
            Piece::Literal(range) => out.push_str(&value.template[range]),
            Piece::Dollar(_) => out.push('$'),
            Piece::Variable(variable) => match variable.op {
                None => out.push_str(&mark(&variable.name)),
                // The library takes all that stands in the braces for a name, and finds no such variable; Compose comes to something.
                Some((Op::DefaultIfEmpty, ref word)) if !word.is_empty() => out.push_str(&mark(written(value, &variable.range))),
                Some((Op::RequiredNonEmpty, _)) => out.push_str(&mark(written(value, &variable.range))),
                Some(_) => return None,
            },
        }
    }
    Some(out)
}

/// What stands in the braces of a reference.
fn written<'v>(value: &'v EnvValue, range: &std::ops::Range<usize>) -> &'v str {
    value.template[range.clone()].trim_start_matches("${").trim_end_matches('}')
}

/// The library's reading of a line that is `head` up to the sign, and then the value.
fn library(key: &str, head: &str, value: &str) -> Option<String> {
    let (value, names) = with_own_names(value);
    let is_name = |name: &str| {
        let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        first && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let known = names.iter().enumerate().filter(|(_, name)| is_name(name));
    let lines: Vec<String> = known.map(|(at, name)| format!("{}='{}'\n", own_name(at), mark(name))).collect();
    let text = format!("{}{head}{value}\n", lines.concat());
    let mut read = dotenvy::from_read_iter(text.as_bytes()).skip(lines.len());
    let (name, found) = read.next()?.ok()?;
    (name == key && read.all(|more| more.is_ok())).then_some(found)
}

/// The name that a variable gets in what the library reads.
fn own_name(at: usize) -> String {
    format!("CACHELINTREFERENCE{at}")
}

/// A value with the names of the variables that the library would look up in it replaced, and those names. Follows the library's own
/// `parse_value`: where quotes and escapes hide a dollar, and where a name ends.
fn with_own_names(value: &str) -> (String, Vec<String>) {
    let mut out = String::with_capacity(value.len());
    let mut names: Vec<String> = Vec::new();
    let (mut single, mut double, mut escaped) = (false, false, false);
    let start = value.len() - value.trim_start().len();
    out.push_str(&value[..start]);
    let mut rest = &value[start..];
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        out.push(next);
        match next {
            _ if escaped => escaped = false,
            '\'' if single => single = false,
            _ if single => {}
            '$' => rest = reference(rest, &mut out, &mut names),
            '"' => double = !double,
            '\\' => escaped = true,
            '\'' if !double => single = true,
            ' ' | '\t' if !double => break,
            _ => {}
        }
    }
    out.push_str(rest);
    (out, names)
}

/// Copies what stands behind a dollar with a name of our own; gives what is left.
fn reference<'a>(rest: &'a str, out: &mut String, names: &mut Vec<String>) -> &'a str {
    let mut own = |name: &str, out: &mut String| {
        if !name.is_empty() {
            out.push_str(&own_name(names.len()));
            names.push(name.to_owned());
        }
    };
    if let Some(inside) = rest.strip_prefix('{') {
        let Some(end) = inside.find('}') else { return rest };
        out.push('{');
        own(&inside[..end], out);
        out.push('}');
        return &inside[end + 1..];
    }
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    own(&rest[..end], out);
    // The library takes the character that ends a name as it is, be it a quote or a backslash.
    match rest[end..].chars().next() {
        Some(next) if next != '$' => {
            out.push(next);
            &rest[end + next.len_utf8()..]
        }
        _ => &rest[end..],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::dotenv::parse;

    /// Both readings of the first line of a text, the library's as `!` where it rejects the line.
    fn both(text: &str) -> Option<(String, String)> {
        let readings = readings(text, &parse(text).entries[0])?;
        Some((plain(&readings.compose), readings.library.map_or_else(|| "!".to_owned(), |read| plain(&read))))
    }

    #[test]
    fn lines_that_are_read_in_two_ways() {
        for (line, compose, library) in [
            ("A=pa$$word", "pa$word", "pa${word}"),
            ("A=${B:-def}", "${B:-def}", ""),
            ("A=${B:?need}", "${B:?need}", ""),
            ("A=redis://:p w@h", "redis://:p w@h", "!"),
            ("A=p\\w", "p\\w", "!"),
            ("A=pa\\$word", "pa\\${word}", "pa$word"),
            ("A=a\\nb", "a\\nb", "a\nb"),
            ("A='it\\'s'", "it's", "!"),
            ("A=p'w", "p'w", "!"),
            ("A=\"x\"y", "x", "xy"),
            ("A=x# c", "x# c", "!"),
            ("A=x\t# c", "x\t# c", "x"),
            ("A= # c", "# c", ""),
            ("A=#c", "#c", ""),
            ("KEY: v", "v", "!"),
            ("A=$B_C", "${B_C}", "${B}_C"),
            ("A=a$", "a$", "a"),
            ("A=a$5", "a$5", "a"),
            ("A=\"$B\"", "${B}", "!"),
        ] {
            assert_eq!(both(line), Some((compose.to_owned(), library.to_owned())), "{line:?}");
        }
    }

    #[test]
    fn lines_that_are_read_alike() {
        for line in [
            "A=redis://:s3cret@h:6379/0",
            "export A = 'p$w'  # it's",
            "A=\"a\nb\"\r\n",
            "A=x # c\r\nB=\"",
            "\u{feff}A=p#ss",
            "A=${B}x$C/0",
            "A=\"${B}\\$x\\\\\"",
            "A=$B",
            "A=",
            "A=x \t",
            "A='x' # \"",
        ] {
            let readings = readings(line, &parse(line).entries[0]).expect("both can be told");
            assert!(!readings.differ(), "{line:?}: {readings:?}");
        }
    }

    #[test]
    fn the_environment_has_no_say() {
        assert_eq!(both("A=x${PATH}$HOME"), Some(("x${PATH}${HOME}".to_owned(), "x${PATH}${HOME}".to_owned())));
        assert_eq!(both("A=${PATH:-}"), None);
        assert_eq!(both("A=${PATH:+x}"), None);
        assert_eq!(both("A\n"), None);
    }
}
