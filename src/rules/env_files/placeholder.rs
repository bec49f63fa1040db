//! Whether a password in an example file is a real one. Only what can hardly be anything else counts: a placeholder that is called a
//! secret would be a false alarm on nearly every repository.

/// Words of placeholders, and of values that people make up for an example. A value that holds one of them is none that anybody guards.
const WORDS: [&str; 59] = [
    "your",
    "change",
    "example",
    "sample",
    "placeholder",
    "replace",
    "insert",
    "enter",
    "todo",
    "fixme",
    "xxx",
    "pass",
    "p4ss",
    "p@ss",
    "pw",
    "secret",
    "s3cret",
    "s3cr3t",
    "secure",
    "strong",
    "random",
    "generate",
    "token",
    "key",
    "redis",
    "valkey",
    "keydb",
    "cache",
    "queue",
    "broker",
    "celery",
    "default",
    "dummy",
    "fake",
    "test",
    "demo",
    "dev",
    "local",
    "staging",
    "prod",
    "admin",
    "root",
    "user",
    "docker",
    "compose",
    "here",
    "none",
    "null",
    "foo",
    "bar",
    "qwerty",
    "letmein",
    "1234",
    "0123",
    "9876",
    "abcd",
    "a1b2",
    "1a2b",
    "deadbeef",
];

/// The length from which a value that looks random is taken for a secret.
const LEAST: usize = 12;

/// The length from which a value that stands in the real env file too is taken for one.
const LEAST_SHARED: usize = 8;

/// How often letters and digits must take turns, and how many different characters there must be, before a value looks random.
const TURNS: usize = 4;
const DIFFERENT: usize = 8;

/// Whether a value can hardly be anything but a generated secret.
pub fn looks_real(value: &str) -> bool {
    value.len() >= LEAST && is_plain(value) && is_mixed(value) && turns(value) >= TURNS && different(value) >= DIFFERENT
}

/// Whether a value that the real env file holds too is a secret: not a word that was copied from the example together with the rest.
pub fn is_shared_secret(value: &str) -> bool {
    value.len() >= LEAST_SHARED && is_plain(value) && is_mixed(value) && turns(value) >= 2
}

/// Neither a placeholder nor a reference: no such word and none of the signs that are put around them.
fn is_plain(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let signs = ['<', '>', '{', '}', '[', ']', '(', ')', '$', '*', '…', ' '];
    value.is_ascii() && !value.contains(signs) && !WORDS.iter().any(|word| lower.contains(word))
}

fn is_mixed(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_alphabetic()) && value.bytes().any(|byte| byte.is_ascii_digit())
}

/// How often a digit follows a letter or the other way round.
fn turns(value: &str) -> usize {
    let kinds: Vec<bool> = value.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.is_ascii_digit()).collect();
    kinds.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

fn different(value: &str) -> usize {
    let mut bytes: Vec<u8> = value.bytes().collect();
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_none() {
        for value in [
            "",
            "changeme",
            "your_redis_password_2024",
            "<password>",
            "${REDIS_PASSWORD}",
            "xxxxxxxxxxxxxxxx",
            "redis",
            "MyStr0ngP4ssw0rd!9x",
            "a1b2c3d4e5f6g7h8",
            "0123456789abcdef",
            "correct-horse-battery-staple",
            "zzz9zzz9zzz9zzz9",
            "hunter2hunter2",
            "letters-only-and-then-12",
            "REDIS-2f9k-77xq-1b",
        ] {
            assert!(!looks_real(value), "{value}");
        }
    }

    #[test]
    fn what_a_generator_makes_looks_real() {
        for value in ["n0t-a-r3al-0ne-f1x7ure", "N0tR3al0n3F1xtur3", "f1x7u2e0f6a9b8e3"] {
            assert!(looks_real(value), "{value}");
        }
    }

    #[test]
    fn what_both_files_hold_may_be_shorter() {
        assert!(is_shared_secret("f1x7ure9"));
        assert!(!is_shared_secret("hunter2"));
        assert!(!is_shared_secret("redis-pw1"));
    }
}
