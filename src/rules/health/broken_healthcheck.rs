//! The rule `broken-healthcheck`.

use super::repair;
use crate::compose::model::{Test, TestForm};
use crate::compose::value::Text;
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::layout::quoted;
use crate::redis::health::{self, Fault, Verdict};
use crate::redis::servers::RedisServer;
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::yaml_edit::New;

crate::declare_rule! {
    /// Flags a health check that Redis can never give a good answer to.
    ///
    /// ## Why
    ///
    /// A list that begins with `CMD` is run without a shell: a pipe, `||` or `$$VAR` in it reaches redis-cli as a word, and a whole line in
    /// one string is taken for the name of a program. The same goes for options that redis-cli does not have, for `auth … ping`, for `$VAR`
    /// where the container's variable is meant (`$$VAR`), and for a port where the server does not listen. Such a check is red for ever, and
    /// what waits for it never starts; or it is green by chance, because redis-cli exits 0 when Redis rejects its command.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli ping | grep PONG"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "-e", "ping"]
    /// ```
    ///
    /// ## Fix
    ///
    /// Safe: it puts the check of the fixed layout in the place of one that asks Redis whether it is well, with `REDISCLI_AUTH` where the
    /// server has a password; nothing that worked is lost. Where the password cannot be handed over, `CMD` becomes `CMD-SHELL` or `$VAR`
    /// becomes `$$VAR`, if that is all that is wrong. A check that does more is left to a person.
    "broken-healthcheck", "health", Error, Safe
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for server in cx.redis.servers.iter().filter(|server| !server.is_fragment) {
        let service = cx.service(&server.service);
        let (Some(test), Some(Verdict::Broken(fault))) = (health::active_test(service), cx.verdict(server)) else {
            continue;
        };
        out.push(Finding {
            rule: META.name,
            severity: Severity::Error,
            subject: Subject::service(&server.service),
            message: format!("the health check of {} cannot work: {}", server.service, fault.describe(&server.service)),
            why: consequence(&fault).to_owned(),
            help: repair::example(server),
            primary: Label::new(test.value.span, "never gets a good answer"),
            related: Vec::new(),
            remedy: Remedy::offer(
                Applicability::Safe,
                format!("Put the health check of {} right", server.service),
                None,
                change(cx, server, test, &fault),
            ),
        });
    }
}

fn consequence(fault: &Fault) -> &'static str {
    match fault {
        Fault::Operator(_) | Fault::Command(_) => {
            "Redis rejects the command on every run: the container is unhealthy for ever, or healthy whatever happens where the client exits 0 on errors"
        }
        Fault::Unexpanded(_) | Fault::Emptied(_) | Fault::Variable(_) | Fault::Address => {
            "Redis never lets it in: the container is unhealthy for ever, or healthy whatever happens where the client exits 0 on errors"
        }
        Fault::Line | Fault::Option(_) | Fault::Port(_) | Fault::Answer => {
            "the container is unhealthy for ever, and services that wait for it never start"
        }
    }
}

fn change(cx: &Context<'_>, server: &RedisServer, test: &Test, fault: &Fault) -> Edited {
    repair::replace(cx, server, test).or_else(|reason| {
        let less = match fault {
            Fault::Line => in_shell(cx, server, test),
            Fault::Emptied(name) => doubled(cx, server, test, name),
            _ => None,
        };
        less.unwrap_or(Err(reason))
    })
}

/// `CMD` becomes `CMD-SHELL`, where nothing else is wrong.
fn in_shell(cx: &Context<'_>, server: &RedisServer, test: &Test) -> Option<Edited> {
    let shell = Test { form: TestForm::Shell, ..test.clone() };
    if test.words.len() != 1 || repair::verdict_on(cx, server, shell) != Some(Verdict::Sound) {
        return None;
    }
    let form = test.value.items().first()?;
    Some(cx.editor().replace(form, &New::Raw(quoted("CMD-SHELL")), &[&server.service]))
}

/// `$NAME` becomes `$$NAME`, where nothing else is wrong.
fn doubled(cx: &Context<'_>, server: &RedisServer, test: &Test, name: &str) -> Option<Edited> {
    let [script] = test.words.as_slice() else { return None };
    let template = cx.project.docs.template(script)?;
    if test.form != TestForm::Shell || !script.references().is_empty() || script.missing().iter().any(|other| *other != name) {
        return None;
    }
    let mut new = template.replace(&format!("${{{name}}}"), &format!("$${{{name}}}"));
    let bare = format!("${name}");
    let places: Vec<usize> = new.match_indices(&bare).map(|(at, _)| at).collect();
    for at in places.into_iter().rev() {
        let ends = new[at + bare.len()..].chars().next().is_none_or(|next| !(next.is_ascii_alphanumeric() || next == '_'));
        if ends && !new[..at].ends_with('$') {
            new.insert(at, '$');
        }
    }
    let meant = Text::literal(new.replace("$$", "$"), script.home());
    let verdict = repair::verdict_on(cx, server, Test { words: vec![meant], ..test.clone() });
    (verdict == Some(Verdict::Sound)).then(|| cx.editor().set(&script.written(), &new))
}
