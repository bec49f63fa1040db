//! From values to text: edits that change one value, in quotes from which Compose reads it back.

use super::read::bom;
use super::{EnvDoc, EnvLine, EnvValue, NewValue, Quote, parse};
use crate::text::edit::Edit;
use crate::text::span::{FileId, Span};

/// The edit that gives `line` a new value and leaves everything around it alone, `export`, spacing and comment included. The quotes
/// stay if the new value can be read back from them, else others are taken. An error says why there is no such edit.
pub fn replace_value(file: FileId, text: &str, line: &EnvLine, new: NewValue) -> Result<Edit, String> {
    let Some(old) = &line.value else {
        return Err("the line has no value: the variable comes from the environment".to_owned());
    };
    for quote in candidates(old.quote, new) {
        let Some(written) = write(new, quote) else { continue };
        let replaced = [&text[..old.whole().start], &written, &text[old.whole().end..]].concat();
        if reads_back(&replaced, text, line, new) {
            let edit = if quote == old.quote {
                let quotes = usize::from(quote != Quote::None);
                Edit::replace(Span::new(file, old.content.clone()), &written[quotes..written.len() - quotes])
            } else {
                Edit::replace(Span::new(file, old.whole()), written)
            };
            return Ok(edit);
        }
    }
    Err("no way of quoting makes Compose read the new value back as it is".to_owned())
}

/// The edit that adds a variable at the end of the file, with the file's own line ending. A missing last newline stays missing.
pub fn append_line(file: FileId, text: &str, key: &str, new: NewValue) -> Edit {
    let newline = match memchr::memchr(b'\n', text.as_bytes()) {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    };
    let quoted = || candidates(Quote::None, new).into_iter().filter_map(|quote| write(new, quote));
    let value = quoted().next().expect("double quotes can hold any value");
    let line = format!("{key}={value}");
    let unfinished = text.len() > bom(text) && !text.ends_with('\n');
    let added = if unfinished { format!("{newline}{line}") } else { format!("{line}{newline}") };
    Edit::insert(Span::point(file, text.len()), added, 0, 0)
}

/// The quotes to try, best first: those there are, then those that other readers of such files understand best.
fn candidates(old: Quote, new: NewValue) -> Vec<Quote> {
    match (old, new) {
        (Quote::None, NewValue::Literal(_)) => vec![Quote::None, Quote::Single, Quote::Double],
        (Quote::Double, _) => vec![Quote::Double],
        (Quote::Single, NewValue::Literal(_)) => vec![Quote::Single, Quote::Double],
        (Quote::None | Quote::Single, NewValue::Expression(_)) => vec![Quote::None, Quote::Double],
    }
}

/// `new` as it is written with `quote`, or `None` if these quotes cannot hold it for sure.
fn write(new: NewValue, quote: Quote) -> Option<String> {
    let (NewValue::Literal(value) | NewValue::Expression(value)) = new;
    match (quote, new) {
        (Quote::None, NewValue::Literal(_)) => (plain(value) && !value.contains('$')).then(|| value.to_owned()),
        (Quote::None, NewValue::Expression(_)) => plain(value).then(|| value.to_owned()),
        (Quote::Single, NewValue::Literal(_)) => (!value.contains(['\'', '\\'])).then(|| format!("'{value}'")),
        (Quote::Single, NewValue::Expression(_)) => None,
        (Quote::Double, NewValue::Literal(_)) => Some(format!("\"{}\"", escaped(value).replace('$', "\\$"))),
        (Quote::Double, NewValue::Expression(_)) => Some(format!("\"{}\"", escaped(value))),
    }
}

/// Whether all readers of such files take `value` as it is without quotes; Compose alone would take more.
fn plain(value: &str) -> bool {
    !value.contains(|found: char| found.is_whitespace() || found.is_control() || matches!(found, '"' | '\'' | '\\' | '`' | '#'))
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Whether `replaced` differs from `text` in nothing but the meaning of `line`, and that is `new`. Only the lines that hold the statement
/// are read, so that a thousand edits of a file do not read it a thousand times.
fn reads_back(replaced: &str, text: &str, line: &EnvLine, new: NewValue) -> bool {
    let start = text[..line.key_range.start].rfind('\n').map_or(0, |end| end + 1);
    let old_end = line.value.as_ref().map_or(line.key_range.end, |value| value.whole().end);
    let end = text[old_end..].find('\n').map_or(text.len(), |end| old_end + end + 1);
    let new_end = replaced.len() - (text.len() - end);
    let (before, after) = (parse(&text[start..end]), parse(&replaced[start..new_end]));
    // A line that starts inside the quotes of the statement before it cannot be read by itself.
    if !before.entries.iter().any(|old| old.key_range.start + start == line.key_range.start && old.key == line.key) {
        return same_but(&parse(text), &parse(replaced), line.key_range.start, new);
    }
    same_but(&before, &after, line.key_range.start - start, new)
}

/// Whether two readings agree but for the statement whose key starts at `key`, and that means `new` in the second.
fn same_but(before: &EnvDoc, after: &EnvDoc, key: usize, new: NewValue) -> bool {
    let same = before.entries.len() == after.entries.len() && before.error.is_some() == after.error.is_some();
    same && before.entries.iter().zip(&after.entries).all(|(old, now)| {
        let value = now.value.as_ref();
        let kept = old.key == now.key;
        if old.key_range.start != key {
            return kept
                && old.value.as_ref().map(|value| (&value.template, value.literal))
                    == value.map(|value| (&value.template, value.literal));
        }
        kept && match new {
            NewValue::Literal(wanted) => value.and_then(EnvValue::meaning).as_deref() == Some(wanted),
            NewValue::Expression(wanted) => value.is_some_and(|value| !value.literal && value.template == wanted),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use NewValue::{Expression, Literal};

    fn replaced(text: &str, new: NewValue) -> Result<String, String> {
        let doc = parse(text);
        let edit = replace_value(FileId(0), text, doc.entries.last().expect("a variable"), new)?;
        Ok([&text[..edit.span.range().start], &edit.text, &text[edit.span.range().end..]].concat())
    }

    #[test]
    fn only_the_value_changes() {
        for (old, new) in [
            ("export A = old  # c\r\n", "export A = redis://redis:6379/0  # c\r\n"),
            ("A: 'old' # c", "A: 'redis://redis:6379/0' # c"),
            ("A=\"o\\\"ld\"\n", "A=\"redis://redis:6379/0\"\n"),
            ("A=\r\nB", "A=redis://redis:6379/0\r\nB"),
            ("A= \t\n", "A= \tredis://redis:6379/0\n"),
            ("A='a\nb'\n", "A='redis://redis:6379/0'\n"),
            ("A=", "A=redis://redis:6379/0"),
        ] {
            let doc = parse(old);
            let edit = replace_value(FileId(0), old, &doc.entries[0], Literal("redis://redis:6379/0")).expect("an edit");
            let range = edit.span.range();
            assert_eq!([&old[..range.start], &edit.text, &old[range.end..]].concat(), new);
        }
    }

    #[test]
    fn quotes_are_taken_where_the_value_needs_them() {
        for (old, value, new) in [
            ("A=x", "p$w", "A='p$w'"),
            ("A=\"x\"", "p$w\"\\", "A=\"p\\$w\\\"\\\\\""),
            ("A='x'", "it's", "A=\"it's\""),
            ("A=x", "it's $5", "A=\"it's \\$5\""),
            ("A=x # c", "", "A='' # c"),
            ("A=x", "", "A="),
            ("A=x", " a #b ", "A=' a #b '"),
            ("A=x", "a\nb", "A='a\nb'"),
            ("A=x", "'", "A=\"'\""),
            ("A='x'", "a\\", "A=\"a\\\\\""),
        ] {
            assert_eq!(replaced(old, Literal(value)).as_deref(), Ok(new));
        }
    }

    #[test]
    fn expressions_stay_expressions() {
        for (old, value, new) in [
            ("A=x", "redis://${H:-redis}:6379", "A=redis://${H:-redis}:6379"),
            ("A='x'", "$X", "A=$X"),
            ("A=\"x\"", "$X", "A=\"$X\""),
            ("A=x", "${X:-a b}", "A=\"${X:-a b}\""),
        ] {
            assert_eq!(replaced(old, Expression(value)).as_deref(), Ok(new));
        }
        assert!(replaced("A=x", Expression("${X")).is_err());
        assert!(replaced("B=1\nA\n", Literal("x")).is_err());
    }

    #[test]
    fn any_literal_can_be_written_and_read_back() {
        let parts = ["a", "$", "${", "}", "'", "\"", "\\", "\n", "\r\n", " ", " #", "#", "n", "0", "é", "\t"];
        let mut seed = 7_u32;
        for _ in 0..5000 {
            let mut value = String::new();
            for _ in 0..6 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                value.push_str(parts[(seed >> 16) as usize % parts.len()]);
            }
            for old in ["A=x # c\nB=1\n", "A='x'\nB=1\n", "A=\"x\"\r\nB=1\r\n", "Z=1\nA="] {
                let line = parse(old).entries.into_iter().find(|line| line.key == "A").expect("it is there");
                assert!(replace_value(FileId(0), old, &line, Literal(&value)).is_ok(), "{value:?} in {old:?}");
            }
            let edit = append_line(FileId(0), "Z=1", "A", Literal(&value));
            let doc = parse(&["Z=1", &edit.text].concat());
            assert_eq!(doc.entries[1].value.as_ref().and_then(EnvValue::meaning), Some(value));
        }
    }

    #[test]
    fn a_line_is_added_with_the_ending_of_the_file() {
        for (old, added) in [
            ("", "A=1\n"),
            ("\u{feff}", "A=1\n"),
            ("B=2\n", "A=1\n"),
            ("B=2\r\n", "A=1\r\n"),
            ("B=2", "\nA=1"),
            ("B=2\r\nC", "\r\nA=1"),
        ] {
            let edit = append_line(FileId(0), old, "A", Literal("1"));
            assert_eq!((edit.text.as_str(), edit.span), (added, Span::point(FileId(0), old.len())), "{old:?}");
        }
    }
}
