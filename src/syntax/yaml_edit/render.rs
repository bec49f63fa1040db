//! New values as text, in block or in flow style.

use super::quote;

/// What to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum New {
    /// A scalar or a flow value on one line, written as it is; empty for an absent value.
    Raw(String),
    Map(Vec<(String, New)>),
    Seq(Vec<New>),
}

impl New {
    /// A string, in quotes where it has to be.
    pub fn text(value: &str) -> Self {
        Self::Raw(quote::text(value, false))
    }

    /// Whether all raw parts stand on one line.
    pub(super) fn is_one_line(&self) -> bool {
        match self {
            Self::Raw(raw) => !raw.contains(['\n', '\r']),
            Self::Map(entries) => entries.iter().all(|(_, value)| value.is_one_line()),
            Self::Seq(items) => items.iter().all(Self::is_one_line),
        }
    }
}

/// Where block text stands: its column, the columns to go in by, and whether dashes stand in the column of their key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub column: usize,
    pub step: usize,
    pub flush: bool,
}

impl Block {
    fn inner(self) -> Self {
        Self { column: self.column + self.step, ..self }
    }

    fn pad(self) -> String {
        " ".repeat(self.column)
    }
}

/// An entry as lines without line endings. `key` is written as it is.
pub(super) fn entry(key: &str, value: &New, at: Block) -> Vec<String> {
    let pad = at.pad();
    match value {
        New::Raw(raw) if raw.is_empty() => vec![format!("{pad}{key}:")],
        New::Map(entries) if !entries.is_empty() => {
            let nested = entries.iter().flat_map(|(key, value)| entry(&quote::text(key, false), value, at.inner()));
            std::iter::once(format!("{pad}{key}:")).chain(nested).collect()
        }
        New::Seq(items) if !items.is_empty() => {
            let place = if at.flush { at } else { at.inner() };
            std::iter::once(format!("{pad}{key}:")).chain(items.iter().flat_map(|value| item(value, place))).collect()
        }
        New::Raw(raw) => vec![format!("{pad}{key}: {raw}")],
        New::Map(_) | New::Seq(_) => vec![format!("{pad}{key}: {}", flow(value))],
    }
}

/// A list item as lines without line endings.
pub(super) fn item(value: &New, at: Block) -> Vec<String> {
    let pad = at.pad();
    match value {
        New::Raw(raw) if raw.is_empty() => vec![format!("{pad}-")],
        New::Map(entries) if !entries.is_empty() => {
            // Keys stand behind the dash and its space.
            let inner = Block { column: at.column + 2, ..at };
            let mut lines: Vec<String> =
                entries.iter().flat_map(|(key, value)| entry(&quote::text(key, false), value, inner)).collect();
            if let Some(first) = lines.first_mut() {
                first.replace_range(at.column..=at.column, "-");
            }
            lines
        }
        other => vec![format!("{pad}- {}", if let New::Raw(raw) = other { raw.clone() } else { flow(other) })],
    }
}

/// A value on one line, fit to stand inside brackets.
pub(super) fn flow(value: &New) -> String {
    match value {
        New::Raw(raw) if raw.is_empty() => "null".to_owned(),
        New::Raw(raw) if raw.starts_with(['"', '\'', '[', '{', '*', '&', '!']) || !raw.contains([',', '[', ']', '{', '}']) => {
            raw.clone()
        }
        New::Raw(raw) => quote::double(raw),
        New::Map(entries) => {
            let inside: Vec<String> = entries.iter().map(|(key, value)| flow_entry(&quote::text(key, true), value)).collect();
            format!("{{{}}}", inside.join(", "))
        }
        New::Seq(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
    }
}

/// An entry inside braces. `key` is written as it is.
pub(super) fn flow_entry(key: &str, value: &New) -> String {
    format!("{key}: {}", flow(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> New {
        New::Raw(text.to_owned())
    }

    fn sample() -> New {
        let list = New::Seq(vec![raw("a"), New::Map(vec![("k".to_owned(), raw("1")), ("l".to_owned(), raw("2"))])]);
        New::Map(vec![("list".to_owned(), list), ("on".to_owned(), raw("")), ("none".to_owned(), New::Map(Vec::new()))])
    }

    #[test]
    fn block_style_follows_step_and_list_style() {
        let at = Block { column: 2, step: 4, flush: false };
        let lines = entry("x", &sample(), at);
        assert_eq!(
            lines,
            ["  x:", "      list:", "          - a", "          - k: 1", "            l: 2", "      \"on\":", "      none: {}"]
        );
        let lines = entry("x", &New::Seq(vec![raw("a"), raw("")]), Block { flush: true, ..at });
        assert_eq!(lines, ["  x:", "  - a", "  -"]);
    }

    #[test]
    fn flow_style_quotes_what_brackets_would_end() {
        assert_eq!(flow(&sample()), "{list: [a, {k: 1, l: 2}], \"on\": null, none: {}}");
        assert_eq!(flow(&raw("${A}")), "\"${A}\"");
    }
}
