//! `graph`: who uses which Redis, by which variable, from which line.

use super::args::{Graph, GraphFormat};
use super::check::gather;
use super::error::Error;
use super::{Status, output, targets};
use crate::compose::discover::ProjectFiles;
use crate::compose::load::load;
use crate::compose::model::{ProblemKind, Project};
use crate::engine::secrets;
use crate::redis::{self, Redis};
use crate::report::graph::{ProjectGraph, dot, json, mermaid, text};
use crate::secret::Known;
use crate::text::span::Span;

pub(super) fn run(args: &Graph) -> Result<Status, Error> {
    let loaded: Vec<(ProjectFiles, Project)> = gather(&args.paths, &args.project)?
        .into_iter()
        .map(|(_, files, sources)| {
            let project = load(sources, &files);
            (files, project)
        })
        .collect();
    let graphs: Vec<ProjectGraph<'_>> = loaded.iter().map(|(files, project)| graph(files, project)).collect();
    let shown = match args.format {
        GraphFormat::Text => text::render(&graphs, &output::style(args.color, false, false)),
        GraphFormat::Mermaid => mermaid::render(&graphs),
        GraphFormat::Dot => dot::render(&graphs),
        GraphFormat::Json => json::render(&graphs, env!("CARGO_PKG_VERSION")),
    };
    // A drawing takes its words from anywhere; what is secret in the files is secret there too.
    let mut known = Known::default();
    for (_, project) in &loaded {
        known.join(&secrets::of(project));
    }
    output::print(&known.mask(&shown))?;
    Ok(if graphs.iter().any(|graph| !graph.unreadable.is_empty()) { Status::Findings } else { Status::Clean })
}

fn graph<'a>(files: &ProjectFiles, project: &'a Project) -> ProjectGraph<'a> {
    let unreadable = project.is_unreadable();
    let problems = project.problems.iter().filter(|problem| problem.kind == ProblemKind::Unreadable);
    let faults: Vec<(Span, String)> = problems.map(|problem| (problem.span, problem.message.clone())).collect();
    let redis = if unreadable { Redis::default() } else { Redis::read(project) };
    let sources = &project.docs.sources;
    ProjectGraph {
        root: targets::shown(&files.root),
        files: project.paths(),
        sources,
        graph: if unreadable { redis::graph::Graph::default() } else { redis::graph::Graph::of(project, &redis) },
        unreadable: faults,
        rejected: !unreadable && !project.problems.is_empty(),
    }
}
