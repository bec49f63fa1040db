//! Passwords side by side: whether two are the same, and what is known of one by its looks. Nothing here ever shows one.

use crate::compose::value::Text;

/// What two passwords are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    Same,
    Different,
    /// A variable without a value decides.
    Unknown,
}

/// Where a password is written: in a URL it is percent-encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    Plain,
    InUrl,
}

/// Stands around the name of a variable without a value, so that no password can look like it.
const BORDER: char = '\u{0}';

/// Compares the password of a server with that of a client, as expressions first: the same variable on both sides is the same password,
/// whatever its value.
pub fn compare(server: &Text, client: &Text, spelling: Spelling) -> Likeness {
    let expression = |text: &Text| text.expression(&|name| format!("{BORDER}{name}{BORDER}"));
    let (own, other) = (expression(server), expression(client));
    let is_open = |expression: &str| expression.contains(BORDER);
    if own == other || own == plain(&other, spelling) {
        Likeness::Same
    } else if is_open(&own) || is_open(&other) || server.has_option() || client.has_option() {
        Likeness::Unknown
    } else {
        Likeness::Different
    }
}

/// Without percent-encoding; what is none stays as it is.
pub fn plain(text: &str, spelling: Spelling) -> String {
    if spelling == Spelling::Plain {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).filter(|code| bytes[at] == b'%' && code.iter().all(u8::is_ascii_hexdigit));
        let byte = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Words that stand in public templates and `.env.example` files where a password is to be put in (August 2026).
const PLACEHOLDERS: [&str; 8] =
    ["changethis", "change_it", "changeit", "fixme", "placeholder", "todo", "yourpassword", "yourstrongpassword"];

/// Beginnings of such words with something behind them: `change_me_in_production`, `your_strong_password_here`.
const PLACEHOLDER_STARTS: [&str; 13] = [
    "changeme",
    "change_me",
    "change-me",
    "change_this",
    "change-this",
    "replaceme",
    "replace_me",
    "replace-me",
    "replace_with",
    "replace-with",
    "your_",
    "your-",
    "my_secure_",
];

/// Whether a text stands where somebody is to put a password.
pub fn is_placeholder(password: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    let bracketed = (lower.starts_with('<') && lower.ends_with('>')) || (lower.starts_with('[') && lower.ends_with(']'));
    let dots = !lower.is_empty() && lower.chars().all(|c| matches!(c, '*' | 'x' | '.'));
    bracketed
        || dots
        || lower.contains("{{")
        || PLACEHOLDERS.contains(&lower.as_str())
        || PLACEHOLDER_STARTS.iter().any(|start| lower.starts_with(start))
}

/// Passwords that are tried first: what heads every published list of common passwords, what images and tutorials for Redis use, and
/// `foobared`, the example of redis.conf (August 2026).
const WELL_KNOWN: [&str; 58] = [
    "123",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "000000",
    "111111",
    "123123",
    "654321",
    "666666",
    "888888",
    "a123456",
    "123456a",
    "abc123",
    "abcd1234",
    "admin",
    "admin123",
    "administrator",
    "auth",
    "cache",
    "default",
    "dev",
    "development",
    "docker",
    "foobar",
    "foobared",
    "guest",
    "hello",
    "letmein",
    "local",
    "master",
    "mypassword",
    "p@ssw0rd",
    "p@ssword",
    "pass",
    "pass123",
    "passw0rd",
    "password",
    "password1",
    "password123",
    "q1w2e3r4",
    "qwerty",
    "qwerty123",
    "redis",
    "redis123",
    "redispass",
    "redispassword",
    "redis_password",
    "root",
    "root123",
    "secret",
    "secret123",
    "test",
    "test123",
    "valkey",
];

/// Whether a password is among those that are tried first, or a placeholder that nobody replaced.
pub fn is_well_known(password: &str) -> bool {
    WELL_KNOWN.contains(&password.to_ascii_lowercase().as_str()) || is_placeholder(password)
}

/// The least length on a port that is open to the network.
pub const LEAST_LENGTH: usize = 16;

/// Why a password protects little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    WellKnown,
    /// Shorter than [`LEAST_LENGTH`], on a port that is open to the network.
    Short,
}

/// Why a password protects little, if it does.
pub fn weakness(password: &str, is_open: bool) -> Option<Weakness> {
    if is_well_known(password) {
        return Some(Weakness::WellKnown);
    }
    (is_open && password.chars().count() < LEAST_LENGTH).then_some(Weakness::Short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::servers::Setting;
    use crate::redis::testing::redis_of;

    fn of(server: &str, client: &str) -> Likeness {
        let yaml = format!(
            "services: {{redis: {{image: 'redis:7', command: ['redis-server', '--requirepass', '{server}']}}, \
             api: {{image: a, environment: {{REDIS_URL: 'redis://:{client}@redis:6379'}}}}}}"
        );
        let (_, redis) = redis_of(&yaml);
        let Setting::Set(own) = &redis.servers[0].password else { panic!("{server} is no password") };
        let endpoint = redis.uses[0].endpoint.as_ref().expect("an end");
        compare(own, endpoint.password.as_ref().expect("a password"), Spelling::InUrl)
    }

    #[test]
    fn expressions_are_compared_before_values() {
        let cases = [
            ("${P}", "${P}", Likeness::Same),
            ("${P:?set it}", "${P}", Likeness::Same),
            ("a${P}", "a${P}", Likeness::Same),
            ("${P}", "${Q}", Likeness::Unknown),
            ("${P}", "abc", Likeness::Unknown),
            ("${P:-abc}", "abc", Likeness::Same),
            ("${P:-abc}", "${Q:-abd}", Likeness::Different),
            ("a/b", "a%2Fb", Likeness::Same),
            ("a%2Fb", "a%2Fb", Likeness::Same),
            ("abc", "abd", Likeness::Different),
        ];
        for (server, client, expected) in cases {
            assert_eq!(of(server, client), expected, "{server}, {client}");
        }
    }

    #[test]
    fn what_the_shell_of_the_container_fills_in_is_the_services_own_variable() {
        let read = |command: &str, environment: &str| {
            let (_, redis) =
                redis_of(&format!("services: {{redis: {{image: 'redis:7', command: {command}, environment: {environment}}}}}"));
            match &redis.servers[0].password {
                Setting::Set(text) if !text.missing().is_empty() => format!("open {}", text.missing().join(" ")),
                Setting::Set(text) => text.value.clone(),
                other => format!("{other:?}"),
            }
        };
        let line = |word: &str| format!(r#"["sh", "-c", 'exec redis-server --requirepass {word} --appendonly yes']"#);
        let cases = [
            (line("$$P"), "{P: abc}", "abc"),
            (line("\"$${P}\""), "{P: abc}", "abc"),
            (line("\"$${P:-x}\""), "{}", "x"),
            (line("\"$${P:?no}\""), "[P=abc]", "abc"),
            (line("$$P"), "{P: '${NOWHERE}'}", "open NOWHERE"),
            (line("$$P"), "{}", "Sealed"),
            (line("\"$$(cat /run/secrets/p)\""), "{}", "Sealed"),
            (line("$$(cat $$P_FILE)"), "{P_FILE: /run/secrets/p}", "Sealed"),
            (r#"["sh", "-c", 'if a; then redis-server --requirepass x; else redis-server; fi']"#.to_owned(), "{}", "Hidden"),
            ("redis-server --requirepass $$P".to_owned(), "{P: abc}", "Sealed"),
            ("redis-server --requirepass abc".to_owned(), "{}", "abc"),
            ("['redis-server', '--requirepass', '']".to_owned(), "{}", "Absent"),
            ("redis-server".to_owned(), "{REDIS_PASSWORD: abc}", "Absent"),
            ("redis-server".to_owned(), "{REDIS_ARGS: '--requirepass abc'}", "Absent"),
            ("redis-server --user default on >abc".to_owned(), "{}", "Hidden"),
            ("redis-server /etc/redis.conf".to_owned(), "{}", "Hidden"),
        ];
        for (command, environment, expected) in cases {
            assert_eq!(read(&command, environment), expected, "{command} {environment}");
        }
    }

    #[test]
    fn images_read_variables_of_their_own() {
        let read = |image: &str, environment: &str| {
            let (_, redis) = redis_of(&format!("services: {{redis: {{image: '{image}', environment: {environment}}}}}"));
            match &redis.servers[0].password {
                Setting::Set(text) => text.value.clone(),
                other => format!("{other:?}"),
            }
        };
        let cases = [
            ("bitnami/redis:7.2", "{REDIS_PASSWORD: abc}", "abc"),
            ("bitnami/redis:7.2", "{REDIS_PASSWORD_FILE: /run/secrets/p}", "Sealed"),
            ("bitnami/valkey:8", "{VALKEY_PASSWORD: abc}", "abc"),
            ("redis/redis-stack:7.2.0-v9", "{REDIS_ARGS: '--requirepass abc'}", "abc"),
            ("valkey/valkey:8", "{VALKEY_EXTRA_FLAGS: '--requirepass abc'}", "abc"),
            ("docker.dragonflydb.io/dragonflydb/dragonfly", "{DFLY_requirepass: abc}", "abc"),
            ("docker.dragonflydb.io/dragonflydb/dragonfly", "{DFLY_PASSWORD: abc}", "abc"),
            ("redis", "{REDIS_ARGS: '--requirepass abc'}", "Hidden"),
        ];
        for (image, environment, expected) in cases {
            assert_eq!(read(image, environment), expected, "{image} {environment}");
        }
    }

    #[test]
    fn placeholders_are_no_secrets_and_well_known_ones_are_no_protection() {
        for text in ["changeme", "<password>", "your_password_here", "CHANGE_ME", "xxxx", "****"] {
            assert!(is_placeholder(text) && is_well_known(text), "{text}");
        }
        for text in ["redis", "foobared", "Password"] {
            assert!(!is_placeholder(text) && is_well_known(text), "{text}");
        }
        assert!(!is_placeholder("s3cret-fixture") && !is_well_known("s3cret-fixture") && !is_placeholder(""));
    }
}
