//! The password that clients need, by what the image and the server's command line read.

use super::{Flag, Setting};
use crate::compose::model::Service;
use crate::compose::value::{Site, Text};
use crate::redis::images::{self, Family};
use crate::redis::shell::{self, Filled};
use std::sync::Arc;

/// Variables from which an image takes the password (bitnami/containers `librediscommon.sh`; dragonfly's `--help`; August 2026).
fn variables(family: Family) -> &'static [&'static str] {
    match family {
        Family::Bitnami => &["REDIS_PASSWORD", "VALKEY_PASSWORD"],
        Family::Dragonfly => &["DFLY_requirepass", "DFLY_PASSWORD"],
        _ => &[],
    }
}

pub(super) fn read(service: &Service, family: Family, flags: &[Flag], hidden: bool) -> Setting {
    if may_read_options(service, family) {
        return Setting::Hidden;
    }
    let flag = flags.iter().rev().find(|flag| flag.name == "requirepass");
    if let Some((flag, text)) = flag.and_then(|flag| Some((flag, flag.values.first()?))) {
        return if flag.conditional { Setting::Hidden } else { of_flag(service, flag, text) };
    }
    let said = |key: &&str| {
        let text = service.environment.get(*key)?.value.as_ref()?;
        (!text.value.is_empty() || !text.missing().is_empty()).then(|| Setting::Set(text.clone()))
    };
    if let Some(set) = variables(family).iter().find_map(said) {
        return set;
    }
    if family == Family::Bitnami && service.environment.keys().any(|key| key.ends_with("PASSWORD_FILE")) {
        return Setting::Sealed;
    }
    let acl = flags.iter().any(|flag| matches!(flag.name.as_str(), "user" | "aclfile"));
    if hidden || acl { Setting::Hidden } else { Setting::Absent }
}

/// `--requirepass x`; what a shell puts in is the service's own variable, unless it is read from a secret.
fn of_flag(service: &Service, flag: &Flag, text: &Text) -> Setting {
    if text.value.is_empty() && text.missing().is_empty() {
        // An empty `requirepass` asks for none.
        return Setting::Absent;
    }
    if !text.value.contains(['$', '`']) {
        let more = flag.in_shell && text.value.contains([';', '|', '&', '<', '>', '(', ')']);
        return if more { Setting::Sealed } else { Setting::Set(text.clone()) };
    }
    if !flag.in_shell {
        // The characters themselves, or what a program in between makes of them.
        return Setting::Sealed;
    }
    match shell::fill(service, text) {
        Filled::Value(value) => Setting::Set(value),
        // A variable of an env file that is not here would come first.
        Filled::Default(..) if !service.env_files.is_empty() => Setting::Sealed,
        Filled::Default(name, word) => {
            let whole = text.here_of(0..text.value.len());
            let range = if let Site::Yaml { cooked, .. } = whole { cooked } else { 0..0 };
            let mut default = Text::empty(text.home());
            default.push_word(&name, Arc::new(word), range);
            Setting::Set(default)
        }
        Filled::Missing(_) | Filled::Unset(_) | Filled::Unread => given(service, text),
    }
}

/// A variable of the container that has no value here.
fn given(service: &Service, text: &Text) -> Setting {
    let name = text.value.trim_start_matches(['$', '{']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    let entry = service.environment.get(&name[..end]).and_then(|entry| entry.value.as_ref());
    match entry.filter(|text| !text.missing().is_empty()) {
        Some(open) if !matches!(shell::fill(service, text), Filled::Unread) => Setting::Set(open.clone()),
        _ => Setting::Sealed,
    }
}

/// Whether a password in `REDIS_ARGS` may reach the server, of an image that is not known to read it.
fn may_read_options(service: &Service, family: Family) -> bool {
    let image = service.image.as_ref().map(|image| image.value.as_str()).unwrap_or_default();
    let args = service.environment.get("REDIS_ARGS").and_then(|entry| entry.value.as_ref());
    let in_doubt = matches!(family, Family::Redis | Family::Custom) && !images::reads_no_options(image);
    in_doubt && args.is_some_and(|args| args.value.contains("requirepass"))
}
