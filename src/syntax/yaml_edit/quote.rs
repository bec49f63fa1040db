//! How a string is written as a YAML scalar, so that every reader of YAML 1.1 and 1.2 takes it as the same string.

/// What a plain scalar would be read as. Words that only YAML 1.1 takes for a boolean count as one: Compose's reader speaks 1.1 there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Text,
    Null,
    Bool,
    Number,
    Date,
    /// `<<` and `=`, which mean something as keys.
    Sign,
}

/// Whether `new` may take the place of the plain scalar `old` without quotes: it is read as itself, and as text unless `old` was of
/// the same other type.
pub(super) fn stays_plain(old: &str, new: &str, flow: bool) -> bool {
    is_plain(new, flow) && (type_of(new) == Type::Text || (type_of(new) == type_of(old) && type_of(new) != Type::Null))
}

/// `text` as a key or a new value: plain where that is read as text, else in double quotes.
pub(super) fn text(text: &str, flow: bool) -> String {
    if stays_plain("", text, flow) { text.to_owned() } else { double(text) }
}

/// Whether `text` means itself when it is written without quotes, whatever its type.
pub(super) fn is_plain(text: &str, flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let flow_sign = |c: char| flow && matches!(c, ',' | '[' | ']' | '{' | '}');
    if text.starts_with("---")
        || text.starts_with("...")
        || text.ends_with([' ', ':'])
        || text.contains(" #")
        || text.contains(": ")
    {
        return false;
    }
    if text.chars().any(|c| !is_printable(c) || flow_sign(c)) {
        return false;
    }
    match first {
        ' ' | ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => false,
        '-' | '?' | ':' => text.chars().nth(1).is_some_and(|next| next != ' ' && !flow),
        _ => true,
    }
}

/// Characters that may stand in a one-line scalar as they are.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// `text` in single quotes, if it can be written so on one line.
pub(super) fn single(text: &str) -> Option<String> {
    text.chars().all(is_printable).then(|| format!("'{}'", text.replace('\'', "''")))
}

pub(super) fn double(text: &str) -> String {
    format!("\"{}\"", double_body(text))
}

/// `text` as it stands between double quotes.
pub(super) fn double_body(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            // Only characters of the basic plane are not printable here, so four digits are enough.
            c => out.extend(['\\', 'u'].into_iter().chain(format!("{:04x}", u32::from(c)).chars())),
        }
    }
    out
}

fn type_of(text: &str) -> Type {
    match text.to_ascii_lowercase().as_str() {
        "" | "~" | "null" => return Type::Null,
        "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" => return Type::Bool,
        "<<" | "=" => return Type::Sign,
        _ => {}
    }
    if is_number(text) {
        Type::Number
    } else if is_date(text) {
        Type::Date
    } else {
        Type::Text
    }
}

fn is_number(text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = body.to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan") {
        return true;
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = lower.strip_prefix(prefix) {
            return !digits.is_empty() && digits.chars().all(|c| c == '_' || c.is_digit(radix));
        }
    }
    // Base 60, as YAML 1.1 reads 1:30.
    if body.contains(':') {
        return body
            .split(':')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.')));
    }
    let (mantissa, exponent) =
        lower.split_once('e').map_or((lower.as_str(), None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    });
    exponent_fits
        && mantissa.bytes().any(|b| b.is_ascii_digit())
        && mantissa.bytes().filter(|&b| b == b'.').count() <= 1
        && mantissa.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.'))
}

/// `2026-11-23`, with or without a time.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let digits = |part: Option<&str>, least: usize, most: usize| {
        part.is_some_and(|part| (least..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
    };
    digits(parts.next(), 4, 4)
        && digits(parts.next(), 1, 2)
        && parts.next().is_some_and(|rest| {
            let day = rest.bytes().take_while(u8::is_ascii_digit).count();
            (1..=2).contains(&day) && rest[day..].chars().next().is_none_or(|c| matches!(c, 'T' | 't' | ' '))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_only_where_every_reader_sees_the_same_string() {
        for text in ["redis://h:6379/0", "a-b", "7.2-alpine", "10.0.0.1", "-x", "a#b", "${A:-x}", "redis:7", "CMD", "a,b"] {
            assert!(stays_plain("old", text, false), "{text}");
        }
        let quoted = [
            "", " a", "a ", "a: b", "a #b", "a:", "-", "- a", "#a", "*a", "&a", "!a", "@a", "%a", "`a", "a\nb", "a\tb", "---",
            "\u{85}",
        ];
        for text in quoted.into_iter().chain([
            "6379",
            "1e3",
            "0x1F",
            "1:30",
            "1_000",
            "yes",
            "Off",
            "NULL",
            "~",
            "2026-01-02",
            ".inf",
            "<<",
        ]) {
            assert!(!stays_plain("old", text, false), "{text:?}");
        }
    }

    #[test]
    fn the_type_of_the_old_value_may_stay() {
        assert!(stays_plain("6379", "6380", false));
        assert!(stays_plain("true", "no", false));
        assert!(!stays_plain("6379", "true", false));
        assert!(!stays_plain("", "null", false));
    }

    #[test]
    fn brackets_and_commas_need_quotes_in_flow_only() {
        assert!(stays_plain("", "${A}", false) && !stays_plain("", "${A}", true));
        assert_eq!(text("a,b", true), "\"a,b\"");
    }

    #[test]
    fn quotes_are_escaped_in_their_own_way() {
        assert_eq!(single("it's").as_deref(), Some("'it''s'"));
        assert_eq!(single("a\nb"), None);
        assert_eq!(double("a\"b\\c\n\u{7}é"), "\"a\\\"b\\\\c\\n\\u0007é\"");
    }
}
