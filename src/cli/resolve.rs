//! `resolve`: the project as Compose would run it.

use super::args::{ModelFormat, Resolve};
use super::error::Error;
use super::{Status, output, targets};
use crate::compose::load::load;
use crate::compose::model::Project;
use crate::report::resolve::{self, Options};
use std::collections::HashSet;

pub(super) fn run(args: &Resolve) -> Result<Status, Error> {
    let (files, sources) = targets::one(&args.path, &args.project)?;
    let project = load(sources, &files);
    if !project.problems.is_empty() {
        return Ok(rejected(&project));
    }
    if !args.quiet {
        let mut said = HashSet::new();
        for unknown in &project.unknown {
            let place = unknown.span.map(|span| format!("{}: ", project.docs.sources.place(span))).unwrap_or_default();
            let line = format!("{place}unknown: {}", unknown.reason);
            // A file may be read twice, for `${…}` and for a service.
            if said.insert(line.clone()) {
                output::note(&line);
            }
        }
    }
    let model = resolve::model(&project, Options { origin: args.origin, show_secrets: args.show_secrets });
    output::print(&match args.format {
        ModelFormat::Yaml => resolve::yaml(&model),
        ModelFormat::Json => resolve::json(&model),
    })?;
    Ok(Status::Clean)
}

/// What Compose rejects has no model: the faults are said instead, each with its place.
fn rejected(project: &Project) -> Status {
    for problem in &project.problems {
        let position = project.docs.sources.file(problem.span.file).position(problem.span.start as usize);
        let place = format!("{}:{}", project.docs.sources.place(problem.span), position.column);
        output::note(&format!("{place}: {}. {}", problem.message, problem.help));
    }
    output::complain("Docker Compose rejects this project, so there is no model to show");
    Status::Findings
}
