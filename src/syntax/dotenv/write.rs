//! From values to text: edits that change one value, in quotes from which Compose reads it back.

use super::read::bom;
use super::{EnvLine, EnvValue, NewValue, Quote, parse};
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

/// Whether `replaced` differs from `text` in nothing but the meaning of `line`, and that is `new`.
fn reads_back(replaced: &str, text: &str, line: &EnvLine, new: NewValue) -> bool {
    let (before, after) = (parse(text), parse(replaced));
    let same = before.entries.len() == after.entries.len() && before.error.is_some() == after.error.is_some();
    same && before.entries.iter().zip(&after.entries).all(|(old, now)| {
        let value = now.value.as_ref();
        let kept = old.key == now.key;
        if old.key_range != line.key_range {
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
