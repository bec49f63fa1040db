//! The password that a client of the project's own Redis needs, as an expression for the place where it is written.

use super::choice::Chosen;
use crate::compose::value::{Site, Text};
use crate::redis::servers::{RedisServer, Setting};
use crate::rules::context::Context;
use std::fmt::Write as _;

/// Whether a client's password is the server's own already.
pub fn is_own_password(chosen: &Chosen<'_>, text: &Text) -> bool {
    matches!(chosen, Chosen::Existing(RedisServer { password: Setting::Set(own), .. }) if own.value == text.value)
}

/// `:password@` for a URL, or nothing where the server has no password.
pub fn userinfo(cx: &Context<'_>, chosen: &Chosen<'_>, site: &Site) -> Result<String, String> {
    let password = password_at(cx, chosen, site)?;
    if password.is_empty() {
        return Ok(String::new());
    }
    if let Chosen::Existing(RedisServer { password: Setting::Set(own), service, .. }) = chosen
        && password.contains('$')
        && encoded(&own.value) != own.value
    {
        return Err(format!("the password of {service} has characters that a URL needs encoded; write the URL by hand"));
    }
    let shown = if password.contains('$') { password } else { encoded(&password) };
    Ok(format!(":{shown}@"))
}

/// The server's password as an expression that holds at `site`; it is not written out where git would keep it.
pub fn password_at(cx: &Context<'_>, chosen: &Chosen<'_>, site: &Site) -> Result<String, String> {
    let Chosen::Existing(server) = chosen else { return Ok(String::new()) };
    let text = match &server.password {
        Setting::Absent | Setting::Hidden => return Ok(String::new()),
        Setting::Sealed => return Err(format!("the password of {} stands in a secret that is not read", server.service)),
        Setting::Set(text) => text,
    };
    match (site, text.written()) {
        (Site::Yaml { .. }, Site::Yaml { .. }) => {
            let written = cx.project.docs.template(text).unwrap_or_default();
            // What a shell in the container of the server fills in means nothing to its clients.
            let here = !written.contains("$$");
            here.then(|| written.to_owned()).ok_or_else(|| format!("the password of {} is set while it runs", server.service))
        }
        (Site::Env { file, line, .. }, _) => match text.site() {
            Site::Env { file: f, line: l, template } if f == *file && l < *line && template.start == 0 => {
                let doc = cx.project.docs.env(f).ok_or("the env file is gone")?;
                Ok(format!("${{{}}}", doc.entries[l].key))
            }
            _ if text.missing().is_empty() => cx.editor().may_hold_secret(*file).map(|()| text.value.clone()),
            _ => Err(format!("the password of {} has no value in any file", server.service)),
        },
        (_, Site::Env { file, line, .. }) => {
            // A compose file can refer to what the project's own env file sets, and to nothing else.
            let key = cx.project.docs.env(file).and_then(|doc| doc.entries.get(line)).map(|entry| entry.key.clone());
            let key = key.filter(|_| cx.project.env_files.contains(&file));
            let other = || {
                format!(
                    "the password of {} comes from an env file of its own; give it to the client the same way",
                    server.service
                )
            };
            key.map(|key| format!("${{{key}}}")).ok_or_else(other)
        }
        _ => Err(format!("the password of {} comes from outside the project's files", server.service)),
    }
}

/// Percent-encoded for the userinfo of a URL.
pub fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'!' | b'*') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
