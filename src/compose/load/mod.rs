//! Reads a project: from file names to the resolved model, phase by phase in Compose's order. What is wrong with a file becomes a
//! problem of the project, never an abort.
//!
//! ```text
//! every document   anchors, interpolate → cast → extends → include → merge → unique → schema → canonical → unique
//! every project    defaults → resources → paths → bare variables
//! at the end       normalize → bind → profiles → consistency → env files
//! ```

mod phases;
mod read;

use super::bind;
use super::discover::{ENV_NAME, ProjectFiles, normal_name};
use super::examples;
use super::faults::Faults;
use super::model::{Documents, Layer, Problem, ProblemKind, Project, Role};
use super::resolve::checks::consistency;
use super::resolve::environment::{self, Environment};
use super::resolve::{env_files, normalize, paths, profiles};
use super::value::{Home, Text, Value};
use crate::text::source::Sources;
use crate::text::span::Span;
use phases::Place;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// Loads the project that `files` make. `sources` must have the project directory as its root.
pub fn load(sources: Sources, files: &ProjectFiles) -> Project {
    let docs = Documents { sources, ..Documents::default() };
    let mut project = Project { docs, ..Project::default() };
    let env = read_environment(&mut project, files);
    let mut loader = Loader::new(project, files);
    let env = Rc::new(loader.named(files, env));
    let place = Place { dir: PathBuf::new(), env: env.clone() };
    loader.lacking(files.options.lacking.as_deref());
    let merged = loader.model(&files.compose, &place, &[]);
    loader.nothing(merged.as_ref(), files);
    loader.project.role = files.options.role;
    loader.project.incomplete |= files.options.role == Role::Fragment;
    loader.finish(merged, &env, files)
}

fn read_environment(project: &mut Project, files: &ProjectFiles) -> Environment {
    // Docker makes a folder of what it is to mount and does not find; Compose takes no notice of a folder called `.env`.
    let is_folder = |path: &&PathBuf| path.ends_with(ENV_NAME) && files.root.join(path).is_dir();
    let env = files.env.iter().filter(|path| !is_folder(path));
    project.env_files = env.filter_map(|path| project.docs.sources.load(path)).collect();
    let ids = project.env_files.clone();
    let outer = Environment::around(&files.options.shell, files.options.here.as_deref().unwrap_or(&files.root));
    environment::project(&mut project.docs, &ids, outer, &mut project.problems, &mut project.unknown)
}

struct Loader {
    project: Project,
    faults: Faults,
    root: PathBuf,
    /// What each file says of a service, in merge order.
    layers: HashMap<String, Vec<Layer>>,
    /// The top-level compose files, all others being included.
    own: usize,
}

impl Loader {
    fn new(project: Project, files: &ProjectFiles) -> Self {
        let root = paths::absolute(&files.root);
        Self { project, faults: Faults::default(), root, layers: HashMap::new(), own: files.compose.len() }
    }

    /// The variables with the project's name among them: `--project-name`, `COMPOSE_PROJECT_NAME`, `name:`, or the folder's.
    fn named(&mut self, files: &ProjectFiles, mut env: Environment) -> Environment {
        let top = files.compose.first().and_then(|path| self.project.docs.sources.load(path));
        let span = top.map(|file| Span::point(file, 0));
        let set = env.variables.get("COMPOSE_PROJECT_NAME").filter(|text| !text.value.is_empty()).cloned();
        let given = files.options.name.as_ref().map(|name| Arc::new(Text::literal(name.clone(), Home::Outside))).or(set);
        self.project.name = if let Some(given) = given {
            let span = self.project.docs.span(&given.site()).or(span);
            if let Some(span) = span.filter(|_| normal_name(&given.value) != given.value) {
                let message = "the name of the project may hold lower-case letters, digits, `-` and `_` only, and has to start with a letter or digit";
                self.faults.certain(span, message, format!("Write {}.", normal_name(&given.value)));
            }
            given.value.clone()
        } else {
            let folder = self.root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let said = files.compose.iter().filter_map(|path| self.name_in(path, &env)).last();
            // A name that comes to nothing is none: the folder's does not step in.
            normal_name(&said.unwrap_or(folder))
        };
        if self.project.name.is_empty()
            && let Some(span) = span
        {
            let help = "Give it one: `name:` at the top of the file, or COMPOSE_PROJECT_NAME in `.env`.";
            self.faults.certain(span, "the project has no name: neither its file nor its folder gives one", help);
        }
        let supplied = Arc::new(Text::literal(self.project.name.clone(), Home::Outside));
        if files.options.name.is_some() {
            env.variables.insert("COMPOSE_PROJECT_NAME".to_owned(), supplied);
        } else {
            env.variables.entry("COMPOSE_PROJECT_NAME".to_owned()).or_insert(supplied);
        }
        env
    }

    /// Files that say nothing, all of them together. An empty file among others is no fault.
    fn nothing(&mut self, merged: Option<&Arc<Value>>, files: &ProjectFiles) {
        let says = merged.is_some_and(|merged| !merged.entries().is_empty());
        if says || !self.project.problems.is_empty() || !self.faults.problems.is_empty() {
            return;
        }
        let Some(file) = files.compose.first().and_then(|path| self.project.docs.sources.load(path)) else { return };
        let help = "Add a `services:` section, or remove the file.".to_owned();
        let message = "the compose file is empty".to_owned();
        self.project.problems.push(Problem { kind: ProblemKind::Unreadable, span: Span::point(file, 0), message, help });
    }

    /// The setting that leads to no file is a fault of the env file which says it.
    fn lacking(&mut self, why: Option<&str>) {
        let (Some(why), Some(&file)) = (why, self.project.env_files.first()) else { return };
        let line = self.project.docs.env(file).and_then(|doc| doc.entries.iter().rev().find(|line| line.key == "COMPOSE_FILE"));
        let span = line.map_or_else(|| Span::point(file, 0), |line| Span::new(file, line.key_range.clone()));
        let help = "Name a compose file there, or remove the line.".to_owned();
        self.project.problems.push(Problem { kind: ProblemKind::Unreadable, span, message: why.to_owned(), help });
    }

    /// Of files that somebody has to name to have them read, others may be named beside them: what they lack is open.
    fn lacks(&mut self) {
        if self.project.role == Role::Default {
            return;
        }
        let problems = std::mem::take(&mut self.faults.problems);
        let (dangling, certain): (Vec<_>, Vec<_>) =
            problems.into_iter().partition(|problem| problem.kind == ProblemKind::Dangling);
        self.faults.problems = certain;
        if self.project.role == Role::Alone {
            self.faults.problems.extend(dangling);
            return;
        }
        self.project.incomplete |= !dangling.is_empty();
        for problem in dangling {
            let reason = format!("{}; another file may bring it", problem.message);
            self.faults.unknown(problem.span, reason, "the file that it goes over, named before it by -f");
        }
    }

    /// The typed model of the merged document, and what is wrong with it as a whole.
    fn finish(mut self, merged: Option<Arc<Value>>, env: &Rc<Environment>, files: &ProjectFiles) -> Project {
        self.project.environment.clone_from(&env.variables);
        if !self.project.is_unreadable()
            && let Some(merged) = merged
        {
            self.bind(&merged);
            self.supply(&merged);
            self.project.profiles = profiles::active(&files.options.profiles, env);
            profiles::apply(&mut self.project);
            consistency::check(&self.project, &mut self.faults);
            self.lacks();
            env_files::read(&mut self.project, env, &mut self.faults);
            examples::read(&mut self.project);
        }
        let mut project = self.project;
        project.problems.append(&mut self.faults.problems);
        project.unknown.append(&mut self.faults.unknown);
        project.problems.sort_by_key(|problem| problem.span);
        project.problems.dedup();
        project
    }

    /// Completes the document by what nobody wrote; the typed model stays with what is written.
    fn supply(&mut self, merged: &Arc<Value>) {
        let whole = normalize::document(merged, &self.project.name);
        for entry in whole.get("services").map(|services| services.entries()).unwrap_or_default() {
            if let Some(service) = self.project.services.get_mut(&entry.key) {
                service.value = Some(entry.value.clone());
            }
        }
        self.project.merged = Some(whole);
    }

    fn bind(&mut self, merged: &Arc<Value>) {
        let entries = |key: &str| merged.get(key).map(|section| section.entries().to_vec()).unwrap_or_default();
        for (section, into) in [("networks", &mut self.project.networks), ("volumes", &mut self.project.volumes)] {
            for entry in entries(section) {
                into.insert(entry.key.clone(), bind::resource(&entry.value, entry.key_span));
            }
        }
        for entry in entries("services").iter().filter(|entry| entry.value.is_map()) {
            let written = || vec![Layer { key_span: entry.key_span, value: entry.value.clone(), inherited: false }];
            let layers = self.layers.remove(&entry.key).filter(|layers| !layers.is_empty()).unwrap_or_else(written);
            let service = bind::service(&entry.key, &entry.value, layers, &mut self.faults);
            self.project.services.insert(entry.key.clone(), service);
        }
    }
}
