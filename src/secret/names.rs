//! Which names say that their value is a secret.

/// Whether the value of a variable, key or option of this name is a secret. `*_FILE` names hold paths and are none.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else { return false };
    if matches!(last, "FILE" | "FILES") {
        return false;
    }
    let whole = words.concat();
    if whole == "SECRETS" || whole == "PWD" || whole == "OLDPWD" {
        return false;
    }
    if STRONG.iter().any(|sign| whole.contains(sign)) {
        return true;
    }
    if HARMLESS_ENDS.contains(&last) {
        return false;
    }
    words.iter().any(|word| WEAK.contains(&word.as_str())) || last_word_tells(&words)
}

/// Whether [`is_secret_name`] holds for a sign that leaves no doubt, so that even an unusual notation is read as a value.
pub(super) fn is_surely_secret(name: &str) -> bool {
    let whole = words(name).concat();
    let sure = STRONG.iter().any(|sign| whole.contains(sign)) || ["PASS", "PW", "PWD"].iter().any(|end| whole.ends_with(end));
    sure && is_secret_name(name)
}

/// Whether the default of a reference to this name is a secret. Broader than [`is_secret_name`]: what looks like the password of a
/// Redis is one under any name.
pub(super) fn is_secret_reference(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let redis = ["REDIS", "VALKEY", "CELERY", "BROKER"].iter().filter_map(|sign| upper.find(sign)).min();
    is_secret_name(name) || redis.is_some_and(|at| ["PASS", "AUTH", "PW", "SECRET"].iter().any(|sign| upper[at..].contains(sign)))
}

/// Whether an option of this name takes a secret as its next word: the last word of the name tells, `--no-auth-warning` takes none.
pub(super) fn is_secret_option(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    let negated = matches!(words[0].as_str(), "NO" | "SKIP" | "DISABLE" | "ASKPASS" | "ASK");
    let tells = WEAK.contains(&last.as_str()) || STRONG.iter().any(|sign| last.contains(sign)) || last_word_tells(&words);
    !negated && tells && is_secret_name(name)
}

/// Whether a value under this name may be an address, perhaps with a password in it but without a scheme.
pub(super) fn is_address_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    ADDRESS.iter().any(|sign| upper.contains(sign))
}

/// Whether a value under this name is the address of a Redis or the like, so that all before an `@` in it is a secret.
pub(super) fn names_server(name: &str) -> bool {
    let words = words(name);
    let upper = words.concat();
    let server = ["REDIS", "VALKEY", "KEYDB", "BROKER", "CELERY"].iter().any(|sign| upper.contains(sign));
    server
        && words.last().is_some_and(|last| SERVER_ENDS.iter().any(|end| last.trim_end_matches('S') == end.trim_end_matches('S')))
}

/// Parts of a name without its separators that always mean a secret.
#[rustfmt::skip]
const STRONG: &[&str] = &[
    "PASSWORD", "PASSWD", "PASSPHRASE", "PASSCODE", "SECRET", "CREDENTIAL", "APIKEY", "PRIVATEKEY", "ACCESSKEY",
    "ENCRYPTIONKEY", "SIGNINGKEY", "PASSWORT", "KENNWORT", "MOTDEPASSE", "CONTRASENA", "CONTRASEÑA", "REQUIREPASS", "MASTERAUTH", "PRIMARYAUTH", "AUTHPASS",
];

/// Words that mean a secret unless the name ends in one of [`HARMLESS_ENDS`].
#[rustfmt::skip]
const WEAK: &[&str] = &[
    "PASS", "PW", "PWD", "AUTH", "AUTHORIZATION", "TOKEN", "TOKENS", "SALT", "CRED", "CREDS", "BEARER", "JWT", "SENHA",
    "OTP", "PIN",
];

/// Last words of names such as `AUTH_REDIS_URL` or `TOKEN_TTL`: the value is an address or a setting. A URL's userinfo is found anyway.
#[rustfmt::skip]
const HARMLESS_ENDS: &[&str] = &[
    "URL", "URI", "HOST", "HOSTNAME", "ADDRESS", "ADDR", "IP", "PORT", "DB", "DATABASE", "USER", "USERNAME", "ENABLED", "ENABLE", "DISABLED", "TTL",
    "TIMEOUT", "IMAGE", "NETWORK", "TYPE", "MODE", "METHOD", "ALGORITHM", "EXPIRY", "EXPIRES", "LENGTH", "SIZE", "ISSUER",
    "DOMAIN", "PROVIDER", "REALM", "SERVICE",
];

#[rustfmt::skip]
const ADDRESS: &[&str] = &[
    "REDIS", "VALKEY", "BROKER", "CELERY", "CACHE", "URL", "URI", "DSN", "HOST", "ADDR", "ENDPOINT", "SERVER", "CONN",
    "DATABASE",
];

/// Last words of the names of addresses, alone or with an S.
const SERVER_ENDS: &[&str] = &["HOST", "ADDR", "ADDRESS", "ENDPOINT", "URL", "URI", "SERVER", "NODE", "DSN", "BROKER"];

fn last_word_tells(words: &[String]) -> bool {
    let [rest @ .., last] = words else { return false };
    let key = last == "KEY" && rest.last().is_some_and(|word| word != "PUBLIC");
    let end = ["PASS", "PW", "PWD", "TOKEN"].iter().any(|end| last.ends_with(end));
    key || end || (last.ends_with("AUTH") && last != "OAUTH")
}

/// The words of a name in capitals: `redisPassword`, `redis-password`, `REDIS.PASSWORD` are all REDIS and PASSWORD.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut lower = false;
    for found in name.chars() {
        let boundary = !found.is_alphanumeric() || (lower && found.is_uppercase());
        if boundary && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if found.is_alphanumeric() {
            word.extend(found.to_uppercase());
        }
        lower = found.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
