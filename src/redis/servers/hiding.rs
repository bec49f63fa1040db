//! What configures a server in a place that is not read.

use super::{Flag, is_config};
use crate::compose::model::{Command, Service};
use crate::redis::images::Family;
use crate::redis::servers::command::has_optional_words;
use crate::text::span::Span;

/// Where settings of a server may stand that the files do not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hiding {
    /// A config file: named on the command line, or mounted where the image looks for one.
    Config(Span),
    /// A script or a program around the server.
    Wrapper(Span),
    /// An image that is built here or is not known.
    Image(Span),
    /// A part of the command that a variable without a value switches on.
    Variable(Span),
}

/// What hides settings of a server; of several things, the one that says most.
pub(super) fn find(service: &Service, family: Family, flags: &[Flag], wrapped: bool) -> Option<Hiding> {
    let command = [&service.entrypoint, &service.command].into_iter().flatten().map(|command| command.value.span).next();
    let around = command.unwrap_or_else(|| service.span());
    let config = config_file(service, flags).map(Hiding::Config);
    let image = (family == Family::Custom).then(|| Hiding::Image(service.build.unwrap_or_else(|| service.span())));
    let script = (wrapped && family != Family::Custom).then_some(Hiding::Wrapper(around));
    config.or(image).or(script).or_else(|| has_optional_words(service).then_some(Hiding::Variable(around)))
}

/// Folders that a configuration is mounted in.
const CONFIG_FOLDERS: [&str; 5] = ["/etc/redis", "/etc/valkey", "/etc/keydb", "/redis/mounted-etc", "/valkey/mounted-etc"];

/// A `redis.conf` on the command line or mounted where the image looks for one.
fn config_file(service: &Service, flags: &[Flag]) -> Option<Span> {
    // What comes first behind the server's name and is no option is a config file, whatever it is called.
    let first = |command: &Command| match command.words.as_slice() {
        [server, next, ..] => server.value.ends_with("-server") && !next.value.starts_with('-'),
        _ => false,
    };
    let on_line = |command: &Command| {
        (first(command) || command.words.iter().any(|word| is_config(&word.value))).then_some(command.value.span)
    };
    let named = [&service.command, &service.entrypoint].into_iter().flatten().find_map(on_line);
    let is_read = |target: &str| is_config(target) || CONFIG_FOLDERS.iter().any(|folder| target.contains(folder));
    let mounted = || service.volumes.iter().find(|mount| is_read(&mount.target)).map(|mount| mount.span);
    let acl = flags.iter().any(|flag| flag.name == "aclfile" || flag.name == "include");
    let by_flag = || service.command.as_ref().filter(|_| acl).map_or_else(|| acl.then(|| service.span()), |c| Some(c.value.span));
    let configs = || service.layers.iter().find_map(|layer| layer.value.get("configs")).map(|configs| configs.span);
    named.or_else(mounted).or_else(by_flag).or_else(configs)
}
