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

/// Whether Compose takes the text as a duration: Go's `10s`, `1m30s`, `500ms`, `1.5h`, or a plain `0`.
pub fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        if digits == 0 || rest[..digits].parse::<f64>().is_err() {
            return false;
        }
        rest = &rest[digits..];
        // Longer units first, so that `ms` is not read as minutes.
        let Some(unit) = ["ns", "us", "µs", "μs", "ms", "h", "m", "s", "d", "w"].into_iter().find(|unit| rest.starts_with(unit))
        else {
            return false;
        };
        rest = &rest[unit.len()..];
    }
    true
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
    fn durations_need_a_unit() {
        for good in ["10s", "1m30s", "500ms", "1.5h", "0"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["10", "", "s", "10 s", "1x", "1.2.3s"] {
            assert!(!is_duration(bad), "{bad}");
        }
    }
}
