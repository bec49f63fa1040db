//! The health check that a Redis service ought to have, and the password that it needs to be let in.

use crate::compose::model::Service;
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
        let number = port.to_string();
        let exits = images::cli_exits_on_error(image, family);
        if key != "test" || (exits && port == DEFAULT_PORT) {
            continue;
        }
        let at = if port == DEFAULT_PORT { String::new() } else { format!(" -p {number}") };
        *value = New::Raw(if exits {
            flow_list(&["CMD", family.cli(), "-p", &number, "-e", "ping"])
        } else {
            flow_list(&["CMD-SHELL", &format!("{}{at} ping | grep -q PONG", family.cli())])
        });
    }
    New::Map(entries)
}

/// Gives the client in the container the server's password, where it has one that the files show.
pub fn password(cx: &Context<'_>, server: &RedisServer) -> Edited {
    let service = cx.service(&server.service);
    match &server.password {
        Setting::Absent => Ok(Change::default()),
        _ if health::knows_password(service) => Ok(Change::default()),
        Setting::Sealed => Err(format!("the password of {} stands in a secret that is not read", server.service)),
        Setting::Hidden => Err(format!("whether {} has a password stands in a place that is not read", server.service)),
        Setting::Set(text) => {
            // `$$VAR` is read while the server runs; the check would need the same detour.
            let expression = cx.project.docs.template(text).filter(|written| !written.contains("$$") && !written.is_empty());
            let expression =
                expression.ok_or_else(|| format!("the password of {} is put together while it runs", server.service))?;
            add_variable(cx, service, CLI_PASSWORD, expression)
        }
    }
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
