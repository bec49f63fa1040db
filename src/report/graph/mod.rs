//! The graph of who uses which Redis, in four shapes: a tree for terminals, Mermaid for GitHub, DOT for Graphviz, JSON for programs.
//! Knows words and places; what leads where is known below.

pub mod dot;
pub mod json;
pub mod mermaid;
mod phrases;
pub mod text;

use super::{Place, one_line, place_in};
use crate::compose::trail::Step;
use crate::redis::graph::Graph;
use crate::secret;
use crate::text::source::Sources;
use crate::text::span::Span;

/// The rule that speaks of what cannot be read.
const RULE: &str = crate::rules::files::invalid_compose_file::META.name;

/// One project as it is drawn.
pub struct ProjectGraph<'a> {
    /// The project's folder as it is shown.
    pub root: String,
    /// The files that were read, relative to the project's folder.
    pub files: Vec<String>,
    pub sources: &'a Sources,
    pub graph: Graph,
    /// Why the project cannot be read, and where; then the graph is empty.
    pub unreadable: Vec<(Span, String)>,
    /// Compose rejects the project, though it can be read.
    pub rejected: bool,
}

impl ProjectGraph<'_> {
    fn place(&self, span: Span) -> Place {
        place_in(self.sources, span)
    }

    /// `path:line`.
    fn line(&self, span: Span) -> String {
        let place = self.place(span);
        format!("{}:{}", one_line(&place.file), place.start.line)
    }

    /// `.env:3` or `docker-compose.yml:12 ${REDIS_URL}`.
    fn step(&self, step: &Step) -> String {
        let place = step.span.map_or_else(|| "outside the files".to_owned(), |span| self.line(span));
        step.by.sign().map_or_else(|| place.clone(), |sign| format!("{place} {}", clean(&sign)))
    }

    /// What cannot be read, in one line each, as `check` says it.
    fn faults(&self) -> Vec<String> {
        let fault = |(span, message): &(Span, String)| format!("{}: error[{RULE}] {}", self.line(*span), clean(message));
        self.unreadable.iter().map(fault).collect()
    }
}

/// A name or a value of a file, fit to be shown.
fn clean(text: &str) -> String {
    secret::mask(&one_line(text))
}

/// What stands between two steps: a source that the one before does not lead to stands beside it.
fn between(step: &Step) -> &'static str {
    if step.by.is_source() { "+" } else { "→" }
}

#[cfg(test)]
pub(crate) mod sample {
    //! One project with a use of every kind.

    use super::ProjectGraph;
    use crate::compose::discover::ProjectFiles;
    use crate::compose::load::load;
    use crate::compose::model::Project;
    use crate::redis::Redis;
    use crate::redis::graph::Graph;
    use crate::report::Style;
    use crate::text::source::Sources;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    pub(crate) const PLAIN: Style = Style { color: false, width: 100, verbose: false, quiet: false };

    const COMPOSE: &str = "\
services:
  my.app-1:
    image: app
    environment:
      REDIS_URL: ${REDIS_URL}
      CACHE_URL: redis://:hunter2@cache:6380/1
    depends_on: {cache: {condition: service_healthy}}
  end:
    image: app
    environment: {REDIS_HOST: cache, REDIS_PORT: '6379', OLD_REDIS_URL: 'redis://gone:6379'}
    networks: [other]
  web:
    image: app
    environment:
      REDIS_URL: ${NOWHERE}
  db:
    image: postgres
  cache:
    image: redis:7-alpine
    command: redis-server --maxmemory 256mb --requirepass hunter2
    ports: ['127.0.0.1:6380:6379']
networks:
  other:
";
    const ENV: &str = "REDIS_URL=rediss://u:hunter2@a.upstash.io:6379/3\n";

    pub(crate) fn project() -> Project {
        let texts = [("docker-compose.yml", COMPOSE), (".env", ENV)];
        let overlay = texts.iter().map(|(path, text)| (PathBuf::from(path), Arc::from(*text)));
        let sources = Sources::new(Path::new("/nowhere")).with_overlay(overlay);
        let exists = |path: &Path| texts.iter().any(|(name, _)| path.ends_with(name));
        load(sources, &ProjectFiles::of_directory(Path::new("/nowhere"), exists).expect("a compose file"))
    }

    pub(crate) fn graph(project: &Project) -> ProjectGraph<'_> {
        ProjectGraph {
            root: "apps/shop".to_owned(),
            files: vec!["docker-compose.yml".to_owned(), ".env".to_owned()],
            sources: &project.docs.sources,
            graph: Graph::of(project, &Redis::read(project)),
            unreadable: Vec::new(),
            rejected: false,
        }
    }
}
