//! Amounts as Compose reads them.

/// Bytes of a memory amount: a whole or decimal number with `b`, `k`, `kb`, `m`, `mb`, `g`, `gb`, `t`, `tb` (or `KiB` and the like), all
/// 1024-based and in any case (docker/go-units `RAMInBytes`). `None` if it is no such amount.
pub fn memory(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let power = match unit.trim().to_ascii_lowercase().trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let scale = 1024u64.pow(power);
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(scale);
    }
    let number: f64 = number.parse().ok()?;
    #[allow(clippy::cast_precision_loss, clippy::cast_sign_loss)] // a limit in bytes has no use for more digits than an f64 holds
    (number.is_finite() && number >= 0.0).then_some((number * scale as f64) as u64)
}

/// Nanoseconds of a duration as Compose reads it: Go's `10s`, `1m30s`, `500ms`, `1.5h`, days and weeks too, or a plain `0`. `None` if it
/// is none.
pub fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        // Longer units first, so that `ms` is not read as minutes.
        let (unit, nanos) = DURATIONS.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
        total += number * nanos;
        rest = &rest[unit.len()..];
    }
    #[allow(clippy::cast_possible_truncation)] // saturates, which is as long as Go counts too
    Some((sign * total).round() as i64)
}

/// Units of time in nanoseconds.
const DURATIONS: [(&str, f64); 10] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("μs", 1e3),
    ("ms", 1e6),
    ("h", 3.6e12),
    ("m", 6e10),
    ("s", 1e9),
    ("d", 8.64e13),
    ("w", 6.048e14),
];

/// A duration as Go writes it: `1h30m0s`, `1.5ms`.
pub fn go_duration(nanos: i64) -> String {
    let size = nanos.unsigned_abs();
    let sign = if nanos < 0 { "-" } else { "" };
    let decimal = |whole: u64, unit: u64| {
        let fraction = format!("{:0width$}", whole % unit, width = unit.ilog10() as usize);
        let fraction = fraction.trim_end_matches('0');
        if unit == 1 || fraction.is_empty() { (whole / unit).to_string() } else { format!("{}.{fraction}", whole / unit) }
    };
    let text = match size {
        0 => return "0s".to_owned(),
        1..1_000 => format!("{size}ns"),
        1_000..1_000_000 => format!("{}µs", decimal(size, 1_000)),
        1_000_000..1_000_000_000 => format!("{}ms", decimal(size, 1_000_000)),
        _ => {
            let seconds = format!("{}s", decimal(size % 60_000_000_000, 1_000_000_000));
            let minutes = size / 60_000_000_000;
            match (minutes / 60, minutes % 60) {
                (0, 0) => seconds,
                (0, minutes) => format!("{minutes}m{seconds}"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
            }
        }
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_counted_in_1024s() {
        let cases = [
            ("640m", Some(640 << 20)),
            ("512M", Some(512 << 20)),
            ("1gb", Some(1 << 30)),
            ("0.5g", Some(512 << 20)),
            ("256MiB", Some(256 << 20)),
            ("1048576", Some(1 << 20)),
            ("2kb", Some(2048)),
            ("50%", None),
            ("many", None),
            ("", None),
        ];
        for (text, bytes) in cases {
            assert_eq!(memory(text), bytes, "{text}");
        }
    }

    #[test]
    fn durations_are_read_and_written_as_go_does() {
        for (text, written) in [
            ("10s", Some("10s")),
            ("1m30s", Some("1m30s")),
            ("90s", Some("1m30s")),
            ("500ms", Some("500ms")),
            ("1.5h", Some("1h30m0s")),
            ("1w2d", Some("216h0m0s")),
            ("1ms500us", Some("1.5ms")),
            ("1.25s", Some("1.25s")),
            ("0", Some("0s")),
            ("10", None),
            ("", None),
            ("s", None),
            ("10 s", None),
            ("1x", None),
            ("1.2.3s", None),
        ] {
            assert_eq!(duration(text).map(go_duration).as_deref(), written, "{text}");
        }
    }
}
