//! The health check that a Redis service ought to have, and the password that it needs to be let in.

use crate::compose::model::Service;
use crate::compose::value::Text;
use crate::diagnostic::Change;
use crate::layout::{Layout, flow_list};
use crate::redis::health::{self, CLI_PASSWORD};
use crate::redis::images::{self, Family};
use crate::redis::servers::{DEFAULT_PORT, RedisServer, Setting};
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::yaml_edit::New;

/// The template's health check for an image.
pub fn block(layout: &Layout, image: &str, port: u16) -> New {
    let New::Map(mut entries) = layout.key("healthcheck") else { unreachable!("the template's health check is a mapping") };
    let family = images::family(image).unwrap_or(Family::Redis);
    for (key, value) in &mut entries {
        let exits = images::cli_exits_on_error(image, family);
        if key == "test" && !(exits && port == DEFAULT_PORT) {
            *value = New::Raw(test(family.cli(), exits, port));
        }
    }
    New::Map(entries)
}

/// The test that asks a port with a client, whether or not that is known to have `-e`.
pub fn test(cli: &str, exits: bool, port: u16) -> String {
    let number = port.to_string();
    match (exits, port) {
        (true, DEFAULT_PORT) => flow_list(&["CMD", cli, "-e", "ping"]),
        (true, _) => flow_list(&["CMD", cli, "-p", &number, "-e", "ping"]),
        (false, DEFAULT_PORT) => flow_list(&["CMD-SHELL", &format!("{cli} ping | grep -q PONG")]),
        (false, _) => flow_list(&["CMD-SHELL", &format!("{cli} -p {number} ping | grep -q PONG")]),
    }
}

/// Gives the client in the container the server's password, where it has one that the files show and the check gives none.
pub fn password(cx: &Context<'_>, server: &RedisServer) -> Edited {
    let known = health::knows_password(cx.service(&server.service));
    if known { Ok(Change::default()) } else { hand_over(cx, server) }
}

/// The same, whatever the check gives itself.
pub fn hand_over(cx: &Context<'_>, server: &RedisServer) -> Edited {
    let service = cx.service(&server.service);
    if let Some(entry) = service.environment.get(CLI_PASSWORD) {
        let empty = entry.value.as_ref().is_some_and(|text| text.value.is_empty() && text.missing().is_empty());
        let lacks = empty && !server.password.is_absent();
        return if lacks {
            Err(format!("{CLI_PASSWORD} of {} is empty on purpose", server.service))
        } else {
            Ok(Change::default())
        };
    }
    match &server.password {
        // `--requirepass ${NAME-}`: none today, and one as soon as somebody sets the variable.
        Setting::Absent => {
            match server.flag("requirepass").and_then(|flag| flag.values.first()).filter(|text| !text.is_literal()) {
                Some(text) => {
                    expression(cx, text).map_or_else(|| Ok(Change::default()), |written| add_password(cx, service, written))
                }
                None => Ok(Change::default()),
            }
        }
        Setting::Sealed => Err(format!("the password of {} stands in a secret that is not read", server.service)),
        Setting::Hidden => Err(format!("whether {} has a password stands in a place that is not read", server.service)),
        Setting::Set(text) => {
            let expression = expression(cx, text);
            let expression =
                expression.ok_or_else(|| format!("the password of {} is put together while it runs", server.service))?;
            add_password(cx, service, expression)
        }
    }
}

/// A password as it is written, where that can be written elsewhere too: `$$VAR` is read while the container runs.
pub fn expression<'a>(cx: &Context<'a>, text: &Text) -> Option<&'a str> {
    cx.project.docs.template(text).filter(|written| !written.contains("$$") && !written.is_empty())
}

/// Adds the client's password to a service's `environment`.
pub fn add_password(cx: &Context<'_>, service: &Service, expression: &str) -> Edited {
    add_variable(cx, service, CLI_PASSWORD, expression)
}

/// Adds a variable to a service's `environment`, in the form that it has.
pub fn add_variable(cx: &Context<'_>, service: &Service, name: &str, expression: &str) -> Edited {
    let editor = cx.editor();
    let layer = service.layer_for("environment");
    let own = [service.name.as_str()];
    match layer.value.get("environment") {
        None => editor.add_key(service, "environment", &New::Map(vec![(name.to_owned(), New::Raw(scalar(expression)))]), 0),
        Some(environment) if environment.is_seq() => {
            editor.add_item(environment, &New::Raw(scalar(&format!("{name}={expression}"))), 0, &own)
        }
        Some(environment) => editor.add_entry(environment, name, &New::Raw(scalar(expression)), 0, &own),
    }
}

/// A scalar for YAML: plain where a reference alone stands there, quoted otherwise.
fn scalar(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '$' | '{' | '}' | '_' | '='));
    if plain && !text.starts_with('{') && text.contains('$') { text.to_owned() } else { crate::layout::quoted(text) }
}
