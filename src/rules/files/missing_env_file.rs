//! The rule `missing-env-file`.

use crate::compose::model::{EnvFile, Role};
use crate::compose::value::Text;
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::rules::context::Context;
use crate::rules::editor::list;
use crate::secret;
use crate::text::source::display;
use crate::text::span::Span;
use indexmap::{IndexMap, IndexSet};
use std::path::Path;

crate::declare_rule! {
    /// Flags a required `env_file` that is not there.
    ///
    /// ## Why
    ///
    /// Compose stops at the first env file that it does not find, and starts nothing. On a build server that is usual, since the file is
    /// kept out of git; on the machine that runs the project it is fatal. What the file sets is not known, so nothing is said about the
    /// Redis variables that may stand in it: they are listed as not judged.
    ///
    /// It is quiet where the file may be missing (`required: false`), for services whose profile is not active, and where the path holds
    /// a variable without a value.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   api:
    ///     image: example/api:1.0
    ///     env_file: .env.production
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   api:
    ///     image: example/api:1.0
    ///     env_file:
    ///       - path: .env.production
    ///         required: false
    /// ```
    ///
    /// ## Fix
    ///
    /// None: what belongs in the file is not known, and an empty one would only hide that it is missing.
    "missing-env-file", "files", Info, None
}

/// The places where services name one file.
#[derive(Default)]
struct Missing<'a> {
    services: IndexSet<&'a str>,
    entries: IndexMap<Span, &'a EnvFile>,
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    // The folder that the paths of a fragment count from is that of a file which is not here.
    if cx.project.role == Role::Fragment {
        return;
    }
    let mut files: IndexMap<&str, Missing<'_>> = IndexMap::new();
    for service in cx.project.services.values().filter(|service| service.enabled) {
        for file in service.env_files.iter().filter(|file| is_missing(cx, file)) {
            let missing = files.entry(&file.path.value).or_default();
            missing.services.insert(&service.name);
            missing.entries.entry(file.span).or_insert(file);
        }
    }
    out.extend(files.values().map(|missing| finding(cx, missing)));
}

fn is_missing(cx: &Context<'_>, file: &EnvFile) -> bool {
    let is_known = file.path.missing().is_empty() && !file.path.has_option() && !file.path.value.is_empty();
    let (sources, path) = (&cx.project.docs.sources, Path::new(&file.path.value));
    // Something may be there that cannot be read, such as a link to nothing.
    file.required && is_known && !sources.exists(path) && sources.find(path).is_none()
}

fn finding(cx: &Context<'_>, missing: &Missing<'_>) -> Finding {
    let first = missing.entries[0];
    let services: Vec<&str> = missing.services.iter().copied().collect();
    let name = shown(cx, &first.path);
    let needs = if services.len() == 1 { "needs" } else { "need" };
    let help = match example(cx, Path::new(&first.path.value)) {
        Some(example) => format!("make it from {example}, or mark it `required: false` where the service can do without"),
        None => "create it, or mark it `required: false` where the service can do without".to_owned(),
    };
    Finding {
        rule: META.name,
        severity: Severity::Info,
        subject: Subject::service(services[0]),
        message: format!("the env file {name}, which {} {needs}, is not here", list(&services)),
        why: "Compose stops at it and starts nothing; what it sets is not known, so it is not judged".to_owned(),
        help,
        primary: Label::new(first.span, "this file is not there"),
        related: missing.entries.keys().skip(1).map(|&span| Label::new(span, "and here")).collect(),
        remedy: Remedy::Manual,
    }
}

/// The path as seen from the project; one that leads elsewhere as it is written, for its absolute form differs between machines.
fn shown(cx: &Context<'_>, path: &Text) -> String {
    let elsewhere = Path::new(&path.value).is_absolute();
    let written = cx.project.docs.template(path).filter(|_| elsewhere);
    secret::mask(&written.map_or_else(|| display(Path::new(&path.value)), str::to_owned))
}

/// The name of a file beside the missing one that shows what belongs in it.
fn example(cx: &Context<'_>, path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy();
    let beside = crate::compose::examples::names(&name).map(|name| path.with_file_name(name));
    let found = beside.into_iter().find(|path| cx.project.docs.sources.exists(path))?;
    Some(display(&found))
}
