//! Amounts of memory as Redis reads them (redis.conf, "memory units"): `m` counts in thousands, `mb` in 1024s, in any case.

/// Bytes of a `maxmemory` value. `None` for a percentage or what is no amount.
pub fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..split].parse().ok()?;
    let scale: u64 = match text[split..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1_000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(scale)
}

/// An amount as Redis reads it back, in whole megabytes where it is one.
pub fn shown(bytes: u64) -> String {
    if bytes >= 1 << 20 { format!("{}mb", bytes >> 20) } else { format!("{}kb", (bytes >> 10).max(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_unit_systems() {
        assert_eq!(bytes("256mb"), Some(256 << 20));
        assert_eq!(bytes("256M"), Some(256_000_000));
        assert_eq!(bytes("1GB"), Some(1 << 30));
        assert_eq!(bytes("1g"), Some(1_000_000_000));
        assert_eq!(bytes("100"), Some(100));
        assert_eq!(bytes("50%"), None);
        assert_eq!(shown(256 << 20), "256mb");
    }
}
