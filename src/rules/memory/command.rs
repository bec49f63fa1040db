//! Adds options to the command of a Redis service, in the form that the command has.

use crate::compose::model::Service;
use crate::compose::value::Site;
use crate::diagnostic::Change;
use crate::layout::{flow_list, quoted};
use crate::redis::servers::{RedisServer, runs_shell};
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::yaml_edit::New;

/// Adds `words` (an option and its values, plain words all) to the server's command line.
pub fn add_options(cx: &Context<'_>, server: &RedisServer, words: &[&str]) -> Edited {
    let service = cx.service(&server.service);
    if server.hidden || service.entrypoint.is_some() {
        return Err(format!("{} is configured by a file or a script that is not read", server.service));
    }
    if service.command.as_ref().is_some_and(runs_shell) {
        return Err(format!("the command of {} is a script; put `{}` behind the server in it", server.service, words.join(" ")));
    }
    match &service.command {
        None => new_command(cx, server, service, words),
        Some(command) if command.is_string => append_to_line(cx, service, words),
        Some(command) => {
            let mut change = Change::default();
            for (rank, word) in words.iter().enumerate() {
                change.join(cx.editor().add_item(&command.value, &New::Raw(quoted(word)), rank as u32, &[&server.service])?);
            }
            Ok(change)
        }
    }
}

fn new_command(cx: &Context<'_>, server: &RedisServer, service: &Service, words: &[&str]) -> Edited {
    if !server.family.takes_flags() {
        return Err(format!("the image of {} does not take options on its command line", server.service));
    }
    let program = format!("{}-server", server.family.cli().trim_end_matches("-cli"));
    let all: Vec<&str> = std::iter::once(program.as_str()).chain(words.iter().copied()).collect();
    cx.editor().add_key(service, "command", &New::Raw(flow_list(&all)), cx.layout.rank("command"))
}

/// Behind the last word of a one-line command.
fn append_to_line(cx: &Context<'_>, service: &Service, words: &[&str]) -> Edited {
    let command = service.command.as_ref().ok_or("there is no command")?;
    let text = command.value.text().ok_or("the command is no string")?;
    let Site::Yaml { file, node, cooked } = text.written() else {
        return Err("the command is not written in the compose file".to_owned());
    };
    let scalar = cx.project.docs.tree(file).and_then(|tree| tree.scalar(node)).ok_or("the command is no string")?;
    let end = scalar.value.trim_end().len();
    if scalar.value[..end].contains('\n') || cooked.end < end {
        return Err("the command runs over several lines".to_owned());
    }
    cx.editor().set(&Site::Yaml { file, node, cooked: end..end }, &format!(" {}", words.join(" ")))
}
