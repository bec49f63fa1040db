//! The rule `ignored-redis-password`.

use crate::compose::model::{Command, EnvEntry, Service};
use crate::compose::value::Text;
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::redis::images;
use crate::redis::logins::{self, Login};
use crate::redis::passwords::{self, Likeness};
use crate::redis::published;
use crate::redis::servers::RedisServer;
use crate::redis::variables::{self, Role};
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::rules::health::completion;
use crate::rules::memory::command;
use crate::syntax::reach;

crate::declare_rule! {
    /// Flags a password in the environment of an image that does not read it from there.
    ///
    /// ## Why
    ///
    /// The official images of Redis and its forks take their settings from the command line and from a config file. `REDIS_PASSWORD`
    /// is one more variable to them: the server starts without a password, and everybody who reaches it reads and writes everything,
    /// while the file looks as if it were protected.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     environment:
    ///       REDIS_PASSWORD: ${REDIS_PASSWORD:?}
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     command: ["redis-server", "--requirepass", "${REDIS_PASSWORD:?}"]
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: it adds `--requirepass` with the variable's value as it is written, and gives it to the health check. Clients without
    /// the password are turned away from then on. `migrate` leaves the password of a server alone.
    "ignored-redis-password", "service", Error, Unsafe
}

/// Variables for options of the server that some images read, and these do not.
const OPTIONS: [&str; 3] = ["REDIS_ARGS", "REDIS_EXTRA_FLAGS", "VALKEY_EXTRA_FLAGS"];

/// A variable that somebody took for the server's password.
pub struct Ignored<'a> {
    pub key: &'a str,
    pub entry: &'a EnvEntry,
    pub text: &'a Text,
}

impl Ignored<'_> {
    /// Whether it holds options of the server, the password among them.
    pub fn is_options(&self) -> bool {
        OPTIONS.contains(&self.key)
    }
}

/// The first variable of a server that was meant to be its password, and that nothing reads.
pub fn ignored<'a>(cx: &Context<'a>, server: &RedisServer) -> Option<Ignored<'a>> {
    let service = cx.service(&server.service);
    let image = service.image.as_ref().filter(|image| image.missing().is_empty())?;
    let own = images::ignores_password_variables(&image.value) && service.build.is_none();
    let scripted = service.volumes.iter().any(|mount| mount.target.contains("entrypoint"));
    if !own || scripted || !server.password.is_absent() || server.flag("requirepass").is_some() {
        return None;
    }
    service.environment.iter().find_map(|(key, entry)| {
        let text = entry.value.as_ref()?;
        let is_password = variables::read(key).is_some_and(|named| named.role == Role::Password) && says_something(text);
        let is_option = OPTIONS.contains(&key.as_str()) && text.value.contains("--requirepass");
        let wanted = (is_password || is_option) && is_own(cx, service, entry) && !is_mentioned(service, key);
        wanted.then_some(Ignored { key, entry, text })
    })
}

fn says_something(text: &Text) -> bool {
    (!text.value.is_empty() || !text.missing().is_empty()) && !variables::is_null(&text.value)
}

/// Whether the service's own `environment` says it, and no other service shares the block: what an env file or an anchor hands to all is
/// meant for the clients.
fn is_own(cx: &Context<'_>, service: &Service, entry: &EnvEntry) -> bool {
    let holds = |layer: &&crate::compose::model::Layer| {
        let span = layer.value.span;
        !layer.inherited && span.file == entry.key_span.file && span.range().contains(&(entry.key_span.start as usize))
    };
    let Some(layer) = service.layers.iter().find(holds).filter(|_| entry.through.is_none()) else { return false };
    let Some(environment) = layer.value.entry("environment").filter(|entry| entry.merged.is_none()) else { return false };
    let Some(tree) = cx.project.docs.tree(layer.value.file()) else { return false };
    let merged = environment.value.entries().iter().any(|own| own.key_span == entry.key_span && own.merged.is_some());
    !merged && reach::places(tree, environment.value.node, None).len() == 1
}

/// Whether the command or the health check takes the variable from the container.
fn is_mentioned(service: &Service, key: &str) -> bool {
    let commands = [&service.command, &service.entrypoint].into_iter().flatten().map(Command::line);
    let test = service.healthcheck.iter().filter_map(|check| check.test.as_ref()).flat_map(|test| &test.words);
    let mut lines = commands.chain(test.map(|word| word.value.clone()));
    lines.any(|line| line.contains(&format!("${key}")) || line.contains(&format!("${{{key}")))
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.redis.servers.iter().filter(|server| !server.is_fragment) {
        let Some(ignored) = ignored(cx, server) else { continue };
        let (name, key) = (&server.service, ignored.key);
        out.push(Finding {
            rule: META.name,
            severity: Severity::Error,
            subject: Subject::service(name).variable(key),
            message: format!("{key} is set for {name}, and its image does not read it: {name} asks for no password"),
            why: "whoever reaches it reads and writes everything, though the file looks as if a password stood before it"
                .to_owned(),
            help: format!("give {name} the password on its command line, with --requirepass"),
            primary: Label::new(ignored.entry.key_span, "nothing reads this"),
            related: server.image.iter().map(|image| Label::new(server.span, format!("{name} runs {image}"))).collect(),
            remedy: Remedy::offer(
                Applicability::OnRequest,
                format!("Give {name} --requirepass"),
                Some("clients that do not send this password are turned away from then on".to_owned()),
                change(cx, server, &ignored),
            ),
        });
    }
}

fn change(cx: &Context<'_>, server: &RedisServer, ignored: &Ignored<'_>) -> Edited {
    if ignored.is_options() {
        return Err(format!("{} holds options; move them to the command of {}", ignored.key, server.service));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '=' | '@' | '%' | '/' | ':' | ',');
    if !ignored.text.value.chars().all(plain) {
        return Err("the password has characters that mean something on a command line; write it there by hand".to_owned());
    }
    let is_open = published::open_ports(server, cx.service(&server.service)).next().is_some();
    if ignored.text.missing().is_empty() && passwords::weakness(&ignored.text.value, is_open).is_some() {
        return Err("the password is a weak one; choose another first".to_owned());
    }
    let uses = cx.redis.uses_to(&server.service);
    let lacks = |login: &Login<'_>| match login {
        Login::Bare => true,
        Login::Passwords(_) => login.likeness(ignored.text) == Likeness::Different,
        Login::Unknown => false,
    };
    if let Some(usage) = uses.into_iter().find(|usage| lacks(&logins::of(cx.redis, usage))) {
        return Err(format!("{} does not send this password; give it to the clients first", usage.service));
    }
    let expression = cx.project.docs.template(ignored.text).filter(|written| !written.is_empty() && !written.contains(' '));
    let expression = expression.ok_or("the value is not written in the compose file, or has blanks")?;
    let mut change = command::add_options(cx, server, &["--requirepass", expression])?;
    let service = cx.service(&server.service);
    let has_check = service.healthcheck.as_ref().is_some_and(|check| check.test.is_some());
    if has_check && !crate::redis::health::knows_password(service) {
        change.join(completion::add_variable(cx, service, crate::redis::health::CLI_PASSWORD, expression)?);
    }
    Ok(change)
}
