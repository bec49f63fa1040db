//! What to hide of a line that cannot be read: without its structure nobody knows which part is a value, so that only what is known
//! to be none stays.

use std::ops::Range;

/// Keys of compose files whose values are no secrets.
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    "version", "name", "services", "networks", "volumes", "include", "image", "build", "context", "dockerfile", "target",
    "ports", "expose", "restart", "depends_on", "condition", "required", "network_mode", "container_name", "hostname", "profiles",
    "driver", "external", "interval", "timeout", "retries", "start_period", "user", "working_dir", "env_file", "extends", "file",
    "service", "platform", "mem_limit", "cpus", "init", "privileged", "tty", "stdin_open", "pull_policy", "replicas", "links",
];

/// Keys of compose files whose values may hold anything.
#[rustfmt::skip]
const STRUCTURE: &[&str] = &[
    "environment", "command", "entrypoint", "healthcheck", "test", "labels", "args", "deploy", "logging", "options", "secrets",
    "configs", "driver_opts", "sysctls", "extra_hosts", "resources", "limits", "reservations",
];

/// The part to hide of a line of an env file that cannot be read: all behind its first word if that looks like a name, else all of it.
pub fn env_line(line: &str) -> Range<usize> {
    let from = indentation(line);
    let from = from + line[from..].strip_prefix("export ").map_or(0, |rest| "export ".len() + indentation(rest));
    let word = word_len(&line[from..]);
    let behind = &line[from + word..];
    if !is_name(&line[from..from + word]) || !behind.chars().next().is_none_or(|sign| matches!(sign, ' ' | '\t' | '=' | ':')) {
        return hidden(line, from);
    }
    hidden(line, from + word + behind.find(|sign| !matches!(sign, ' ' | '\t' | '=' | ':')).unwrap_or(behind.len()))
}

/// The part to hide of a line of YAML that cannot be read. Punctuation in front of it stays, for it is what the error is about.
pub fn yaml_line(line: &str) -> Range<usize> {
    let from = indentation(line);
    let from = from + line[from..].find(|sign| !matches!(sign, '-' | ' ')).unwrap_or(0);
    let word = word_len(&line[from..]);
    let (key, behind) = line[from..].split_at(word);
    let Some(value) = behind.strip_prefix(':').filter(|value| value.is_empty() || value.starts_with([' ', '\t'])) else {
        return behind_punctuation(line, from);
    };
    let plain = !value.contains('{') || value.matches('{').count() == value.matches("${").count();
    let section = key.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_')) && value.trim().is_empty();
    if (HARMLESS.contains(&key) && plain) || section {
        return line.len()..line.len();
    }
    let shown = HARMLESS.contains(&key) || STRUCTURE.contains(&key) || is_name(key);
    if shown { behind_punctuation(line, from + word + 1) } else { hidden(line, from) }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn word_len(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count()
}

/// Whether a word is written like the name of a variable. Capitals and digits alone may as well be a password.
fn is_name(word: &str) -> bool {
    let capitals = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let small = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let joined = word.trim_matches('_').contains('_');
    let letters = word.bytes().all(|byte| byte.is_ascii_uppercase());
    !word.is_empty() && ((capitals && (joined || letters)) || (small && joined))
}

fn behind_punctuation(line: &str, from: usize) -> Range<usize> {
    const SIGNS: &[char] =
        &[' ', '\t', '[', ']', '{', '}', '"', '\'', ',', ':', '-', '&', '*', '|', '>', '%', '@', '`', '?', '<', '=', '!'];
    hidden(line, from + line[from..].find(|sign| !SIGNS.contains(&sign)).unwrap_or(line.len() - from))
}

fn hidden(line: &str, from: usize) -> Range<usize> {
    from..line.trim_end().len().max(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, hidden: Range<usize>) -> String {
        format!("{}{}{}", &line[..hidden.start], if hidden.is_empty() { "" } else { "…" }, &line[hidden.end..])
    }

    #[test]
    fn of_a_broken_env_line_its_name_is_left() {
        for (line, expected) in [
            ("REDIS_PASSWORD S3cr3t", "REDIS_PASSWORD …"),
            ("  export REDIS_PASSWORD S3cr3t \r", "  export REDIS_PASSWORD … \r"),
            ("MAIL FROM=me", "MAIL …"),
            ("MOTD=\"hello", "MOTD=…"),
            ("A", "A"),
            (" S3cr3t!x=", " …"),
            ("S3cr3t%x=1", "…"),
            ("S3CR3T x", "…"),
            ("secret x", "…"),
            ("export S3cr3t", "export …"),
            ("é", "…"),
            ("", ""),
        ] {
            assert_eq!(shown(line, env_line(line)), expected);
        }
    }

    #[test]
    fn of_a_broken_yaml_line_its_structure_is_left() {
        for (line, expected) in [
            ("    image: redis:7 : x", "    image: redis:7 : x"),
            ("  - ports: [\"1:2\"", "  - ports: [\"1:2\""),
            ("  my-api:", "  my-api:"),
            ("    S3cr3t:", "    …"),
            ("\tS3cr3t: y", "\t…"),
            ("  secret: y", "  …"),
            ("      BAD: [S3cr3t", "      BAD: […"),
            ("      OLD_URL: \"redis S3cr3t", "      OLD_URL: \"…"),
            ("    environment: {A: S3cr3t", "    environment: {…"),
            ("    build: {args: {A: S3cr3t}", "    build: {…"),
            ("    image: ${TAG", "    image: ${TAG"),
            ("    - @S3cr3t]", "    - @…"),
            ("<<<<<<< HEAD", "<<<<<<< …"),
            ("é: [", "…"),
            ("  - ", "  - "),
            ("", ""),
        ] {
            assert_eq!(shown(line, yaml_line(line)), expected);
        }
    }
}
