//! The forms that a text may have to have, each as Compose reads it. Knows nothing of where they are asked for.

use crate::compose::forms::units;

/// A form of a text.
pub(super) struct Form {
    /// What a text of this form is, for a sentence.
    pub(super) what: &'static str,
    /// What to write.
    pub(super) help: &'static str,
    pub(super) fits: fn(&str) -> bool,
}

pub(super) static SWITCH: Form = Form { what: "true or false", help: "Write true or false, without quotes.", fits: is_switch };

pub(super) static DURATION: Form = Form {
    what: "a duration",
    help: "Write a number with a unit, such as 10s or 1m30s.",
    fits: |text| units::duration(text).is_some(),
};

pub(super) static SIZE: Form =
    Form { what: "an amount of memory", help: "Write a number with a unit, such as 512m or 2g.", fits: is_size };

/// Compose reads it as an amount of memory.
pub(super) static PERCENTAGE: Form = Form { what: "a percentage", help: "Write a whole number from 0 to 100.", fits: is_size };

pub(super) static COUNT: Form = Form { what: "a whole number", help: "Write a whole number.", fits: is_integer };

pub(super) static NUMBER: Form = Form { what: "a number", help: "Write a number, such as 0.5.", fits: is_number };

pub(super) static MODE: Form =
    Form { what: "a file mode", help: "Write the mode as an octal number, such as 0444.", fits: is_mode };

pub(super) static DEVICES: Form =
    Form { what: "a number of devices", help: "Write a whole number or all.", fits: |text| is_all(text) || is_integer(text) };

pub(super) static NATURAL: Form = Form {
    what: "a whole number of 0 or more",
    help: "Write a whole number of 0 or more.",
    fits: |text| text.parse::<i64>().is_ok_and(|count| count >= 0),
};

pub(super) static PERCENT: Form = Form {
    what: "a whole number from 0 to 100",
    help: "Write a whole number from 0 to 100.",
    fits: |text| text.parse::<f64>().is_ok_and(|part| (0.0..=100.0).contains(&part) && part.fract() == 0.0),
};

pub(super) static OOM_SCORE: Form = Form {
    what: "a whole number from -1000 to 1000",
    help: "Write a whole number from -1000 to 1000.",
    fits: |text| text.parse::<i64>().is_ok_and(|score| (-1000..=1000).contains(&score)),
};

pub(super) static CONTAINER_NAME: Form = Form {
    what: "a name for a container",
    help: "Write at least two letters or digits; `_`, `.` and `-` may follow the first.",
    fits: is_container_name,
};

pub(super) static PULL_POLICY: Form = Form {
    what: "a pull policy",
    help: "Write always, never, missing, if_not_present, build, daily, weekly or every_<duration>, such as every_12h.",
    fits: is_pull_policy,
};

fn is_switch(text: &str) -> bool {
    ["y", "yes", "true", "on", "n", "no", "false", "off"].iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn is_all(text: &str) -> bool {
    text.eq_ignore_ascii_case("all")
}

fn is_integer(text: &str) -> bool {
    text.parse::<i64>().is_ok()
}

/// A decimal number; hexadecimal ones, which nobody writes, are let pass.
fn is_number(text: &str) -> bool {
    let bare = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    bare.starts_with("0x") || text.replace('_', "").parse::<f64>().is_ok()
}

/// A number and, with or without a space before it, one of `b`, `k`, `kb`, `kib` and so on up to `p`.
fn is_size(text: &str) -> bool {
    let Some(last) = text.rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ')) else { return false };
    let (number, unit) = (text[..=last].strip_suffix(' ').unwrap_or(&text[..=last]), text[last + 1..].to_ascii_lowercase());
    let multiple = unit.strip_prefix(['k', 'm', 'g', 't', 'p']);
    let unit_fits = matches!(unit.as_str(), "" | "b") || multiple.is_some_and(|rest| matches!(rest, "" | "b" | "ib"));
    unit_fits && is_number(number) && !number.starts_with('-')
}

fn is_mode(text: &str) -> bool {
    i64::from_str_radix(text, 8).is_ok()
}

/// Somewhere a letter or digit with another of the characters of a name behind it.
fn is_container_name(text: &str) -> bool {
    let follows = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    text.as_bytes().windows(2).any(|pair| pair[0].is_ascii_alphanumeric() && follows(pair[1]))
}

/// Somewhere one of the words, or `every_` with a number and its unit behind it.
fn is_pull_policy(text: &str) -> bool {
    let words = ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];
    let every = |rest: &str| {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        unit.len() < rest.len() && unit.starts_with(['w', 'd', 'h', 'm', 's'])
    };
    words.iter().any(|word| text.contains(word)) || text.match_indices("every_").any(|(at, word)| every(&text[at + word.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agree(form: &Form, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!((form.fits)(text), "{text} is {}", form.what);
        }
        for text in bad {
            assert!(!(form.fits)(text), "{text} is not {}", form.what);
        }
    }

    #[test]
    fn texts_have_the_form_that_compose_reads() {
        agree(&SWITCH, &["true", "FALSE", "off", "oN", "y", "N"], &["", "1", "0", "t", " true", "maybe"]);
        agree(
            &SIZE,
            &["1", "1gb", "1GiB", "1 g", "1e3", ".5g", "5.g", "1B"],
            &["", "-1", " 1g", "1x", "1.5.5g", "1ib", "1gi", "abc", "1e"],
        );
        agree(&COUNT, &["2", "010", "-1", "+2"], &["", "0x2", "1.5", "1_000", " 2", "abc", "99999999999999999999"]);
        agree(&NUMBER, &["0.5", "1e1", "inf", "1_0.5", "0x1p-2", "-1"], &["", "abc", "1m"]);
        agree(&PERCENT, &["50", "5e1"], &["101", "50.5", "-1", "abc"]);
        agree(&MODE, &["0444", "755", "-1"], &["", "9", "abc", "0o444"]);
        agree(&NATURAL, &["0", "+1"], &["-1", "1.0", "abc"]);
        agree(&OOM_SCORE, &["-1000", "5"], &["", "1001", "abc"]);
        agree(&DEVICES, &["all", "ALL", "2"], &["", "some"]);
        agree(&CONTAINER_NAME, &["ab", "  ab", "a-"], &["", "a", "_a", "ä", "a ä"]);
        agree(&PULL_POLICY, &["always", "xalways", "every_12h", "every_1w2d"], &["", "foo", "every_", "every_h", "every_1"]);
    }
}
