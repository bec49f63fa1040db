//! The rule `committed-redis-password`.

use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::redis::passwords::{self, Spelling};
use crate::redis::variables::{self, Role};
use crate::rules::context::Context;
use crate::rules::editor::list;
use crate::syntax::dotenv::{EnvDoc, EnvLine};
use crate::syntax::url;
use crate::text::source::{Tracking, display};
use crate::text::span::{FileId, Span};
use std::path::Path;

crate::declare_rule! {
    /// Flags an env file with a Redis password that git tracks.
    ///
    /// ## Why
    ///
    /// What is committed is in every clone and in the history for good, also after it is deleted: whoever can read the repository now or
    /// later has the password, and so has whoever it is ever pushed to by mistake.
    ///
    /// ## Bad
    ///
    /// ```dotenv
    /// REDIS_PASSWORD=s3cret-of-yesterday
    /// ```
    ///
    /// ```console
    /// $ git add .env
    /// ```
    ///
    /// ## Good
    ///
    /// ```dotenv
    /// REDIS_PASSWORD=s3cret-of-yesterday
    /// ```
    ///
    /// ```console
    /// $ git add docker-compose.yml
    /// ```
    ///
    /// ## Fix
    ///
    /// None: `git rm --cached .env` takes the file out of the next commit and a line in `.gitignore` keeps it out; the password has to be
    /// changed, for the history keeps the old one.
    "committed-redis-password", "exposure", Error, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for (file, doc) in &cx.project.docs.envs {
        let path = &cx.project.docs.sources.file(*file).path;
        let found = if is_example(path) { Vec::new() } else { secrets(doc, *file) };
        let Some(((variable, span), more)) = found.split_first() else { continue };
        if cx.project.docs.sources.tracking(path) == Tracking::Tracked {
            out.push(finding(path, variable, *span, more));
        }
    }
}

/// The variables of a file that hold a Redis password, each with the place of the password.
fn secrets(doc: &EnvDoc, file: FileId) -> Vec<(String, Span)> {
    let of_entry = |entry: &EnvLine| {
        let value = entry.value.as_ref()?;
        let template = value.template.as_str();
        let range = match url::parse(template).and_then(|url| url.password) {
            Some(password) => password,
            None if is_password(&entry.key) => 0..template.len(),
            None => return None,
        };
        let text = passwords::plain(template.get(range.clone())?, Spelling::InUrl);
        let at = value.raw_range(range).unwrap_or_else(|| value.content.clone());
        is_real(&text).then(|| (entry.key.clone(), Span::new(file, at)))
    };
    doc.entries.iter().filter_map(of_entry).collect()
}

fn is_password(key: &str) -> bool {
    variables::read(key).is_some_and(|named| named.role == Role::Password)
}

/// A password that somebody could log in with, as far as it shows.
fn is_real(password: &str) -> bool {
    let says_nothing = matches!(password.to_ascii_lowercase().as_str(), "" | "none" | "false" | "true" | "yes" | "no");
    !says_nothing && !password.contains('$') && !variables::is_null(password) && !passwords::is_placeholder(password)
}

/// Files that are there to be copied have a rule of their own.
fn is_example(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    ["example", "sample", "template", "dist", "default", "tpl", "j2"].iter().any(|word| name.contains(word))
}

fn finding(path: &Path, variable: &str, span: Span, more: &[(String, Span)]) -> Finding {
    let path = display(path);
    let names: Vec<&str> = std::iter::once(variable).chain(more.iter().map(|(name, _)| name.as_str())).collect();
    let holds = if more.is_empty() { "a Redis password" } else { "Redis passwords" };
    Finding {
        rule: META.name,
        severity: Severity::Error,
        subject: Subject::default().variable(variable),
        message: format!("git tracks {path}, which holds {holds} ({})", list(&names)),
        why: "it is in every clone, and in the history also after it is deleted".to_owned(),
        help: format!("run git rm --cached {path}, add it to .gitignore, and change the password"),
        primary: Label::new(span, "a password in the repository"),
        related: more.iter().map(|(name, span)| Label::new(*span, format!("and in {name}"))).collect(),
        remedy: Remedy::Manual,
    }
}
