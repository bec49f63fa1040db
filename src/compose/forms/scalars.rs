//! What a plain scalar is taken for, and how Compose writes a number again: go-yaml's core schema (yaml.v3 `resolve.go`) and Go's `%v`.

use crate::compose::value::Type;
use crate::syntax::yaml::{Scalar, Style};

/// The type of a scalar that is not null.
pub fn type_of(scalar: &Scalar, tag: Option<&str>) -> Type {
    match tag {
        Some("!!int") => Type::Int,
        Some("!!float") => Type::Float,
        Some("!!bool") => Type::Bool,
        Some("!!timestamp") => Type::Time,
        // Compose's own tags say nothing about the type.
        None | Some("!reset" | "!override") if scalar.style == Style::Plain => plain(&scalar.value),
        _ => Type::Str,
    }
}

/// The type of a plain scalar. `yes`, `no`, `on` and `off` are strings.
fn plain(text: &str) -> Type {
    let Some(first) = text.bytes().next() else { return Type::Str };
    match first {
        b't' | b'T' | b'f' | b'F' if matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE") => Type::Bool,
        b'.' | b'+' | b'-' if is_named_float(text) => Type::Float,
        b'.' | b'+' | b'-' | b'0'..=b'9' => number(text),
        _ => Type::Str,
    }
}

fn is_named_float(text: &str) -> bool {
    let bare = text.trim_start_matches(['+', '-']);
    matches!(bare, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

fn number(text: &str) -> Type {
    if is_time(text) {
        return Type::Time;
    }
    let digits = text.replace('_', "");
    if integer(&digits).is_some() {
        Type::Int
    } else if is_float(&digits) {
        Type::Float
    } else {
        Type::Str
    }
}

/// A whole number in any of Go's notations: `0x1f`, `0b1`, `0o17` and `017` beside decimal.
fn integer(text: &str) -> Option<i128> {
    let (negative, bare) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = bare.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_alphanumeric()) {
        return None;
    }
    let number = i128::from_str_radix(digits, radix).ok().filter(|number| *number <= i128::from(u64::MAX))?;
    Some(if negative { -number } else { number })
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match bare.find(['e', 'E']) {
        Some(at) => (&bare[..at], Some(&bare[at + 1..])),
        None => (bare, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits =
        exponent.map(|exponent| exponent.strip_prefix(['-', '+']).unwrap_or(exponent)).is_none_or(|e| !e.is_empty() && digits(e));
    digits(whole) && digits(fraction) && (!whole.is_empty() || !fraction.is_empty()) && exponent_fits
}

/// `2024-01-31`, with or without a time of day behind it.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let date = &text[5..];
    let end = date.find(['T', 't', ' ']).unwrap_or(date.len());
    let Some((month, day)) = date[..end].split_once('-') else { return false };
    let within = |part: &str, most: u8| {
        (1..=2).contains(&part.len()) && part.parse::<u8>().is_ok_and(|number| (1..=most).contains(&number))
    };
    // Behind a `T` a zone has to follow, behind a blank none may (yaml.v3 `parseTimestamp`).
    let is_clock = |clock: &str, zoned: bool| {
        let zone = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
        let parts: Vec<&str> = clock[..zone].split(':').collect();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        parts.len() == 3 && parts.iter().all(|part| digits(part)) && zoned == (zone < clock.len())
    };
    let zoned = !date[end..].starts_with(' ');
    within(month, 12) && within(day, 31) && date.get(end + 1..).is_none_or(|clock| is_clock(clock, zoned))
}

/// A scalar as Compose writes it where a text is wanted: `0777` becomes `511`, `1.50` becomes `1.5`.
pub fn rendered(text: &str, kind: Type) -> String {
    let digits = || text.replace('_', "");
    match kind {
        Type::Int => integer(&digits()).map_or_else(|| text.to_owned(), |number| number.to_string()),
        Type::Float => float(&digits()).map_or_else(|| text.to_owned(), go_float),
        Type::Bool => text.to_ascii_lowercase(),
        Type::Str | Type::Time => text.to_owned(),
    }
}

/// The whole number that a scalar of the type [`Type::Int`] is.
pub fn int(text: &str) -> Option<i128> {
    integer(&text.replace('_', ""))
}

fn float(text: &str) -> Option<f64> {
    match text.trim_start_matches('+') {
        ".inf" | ".Inf" | ".INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        plain => plain.parse().ok(),
    }
}

/// Go's `%v` of a float: the shortest digits that read back, with an exponent below 1e-4 and from 1e6.
pub fn go_float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e6).contains(&size) {
        let scientific = format!("{number:e}");
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    format!("{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_have_the_type_that_go_yaml_gives_them() {
        for (text, kind, shown) in [
            ("a", Type::Str, "a"),
            ("yes", Type::Str, "yes"),
            ("True", Type::Bool, "true"),
            ("0777", Type::Int, "511"),
            ("0x1f", Type::Int, "31"),
            ("1_000", Type::Int, "1000"),
            ("08", Type::Float, "8"),
            ("1.50", Type::Float, "1.5"),
            ("1e3", Type::Float, "1000"),
            ("1e21", Type::Float, "1e+21"),
            ("1234567.5", Type::Float, "1.2345675e+06"),
            ("0.00001", Type::Float, "1e-05"),
            ("22:22", Type::Str, "22:22"),
            ("1.2.3", Type::Str, "1.2.3"),
            ("2024-01-01", Type::Time, "2024-01-01"),
            ("2024-13-01", Type::Str, "2024-13-01"),
            ("2001-12-14 21:59:43.10", Type::Time, "2001-12-14 21:59:43.10"),
            ("2001-12-14T21:59:43Z", Type::Time, "2001-12-14T21:59:43Z"),
            ("2001-12-14 21:59:43.10 -5", Type::Str, "2001-12-14 21:59:43.10 -5"),
            ("2001-12-14T21:59:43", Type::Str, "2001-12-14T21:59:43"),
            ("-", Type::Str, "-"),
            ("10s", Type::Str, "10s"),
        ] {
            assert_eq!((plain(text), &*rendered(text, plain(text))), (kind, shown), "{text}");
        }
    }
}
