//! Reads a project: from file names to the resolved model, phase by phase in Compose's order. What is wrong with a file becomes a
//! problem of the project, never an abort.
//!
//! ```text
//! every document   anchors, interpolate → cast → extends → include → merge → unique → schema → canonical → unique
//! every project    defaults → resources → paths → bare variables
//! at the end       normalize → bind → profiles → consistency → env files
//! ```

use super::bind;
use super::discover::ProjectFiles;
use super::faults::Faults;
use super::model::{Documents, Layer, Problem, ProblemKind, Project, Role};
use super::resolve::anchors::Expander;
use super::resolve::environment::{self, Environment};
use super::resolve::extends::{Extender, Services};
use super::resolve::interpolate::fill;
use super::resolve::{
    canonical, cast, consistency, env_files, include, merge, normalize, paths, profiles, reset, resources, schema, tree, unique,
};
use super::value::{Home, Text, Value};
use crate::syntax::yaml::Tree;
use crate::text::source::{ReadProblem, Sources, display, normal};
use crate::text::span::{FileId, Span};
use indexmap::IndexMap;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
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
    let merged = loader.model(&files.compose, &place, &[]);
    loader.project.role = files.options.role;
    loader.project.incomplete |= files.options.role == Role::Fragment;
    loader.finish(merged, &env, files)
}

fn read_environment(project: &mut Project, files: &ProjectFiles) -> Environment {
    project.env_files = files.env.iter().filter_map(|path| project.docs.sources.load(path)).collect();
    let ids = project.env_files.clone();
    let outer = Environment::around(&files.options.shell, files.options.here.as_deref().unwrap_or(&files.root));
    environment::project(&mut project.docs, &ids, outer, &mut project.problems, &mut project.unknown)
}

/// Where documents are read: the folder that paths count from, relative to the root, and the variables.
#[derive(Clone)]
struct Place {
    dir: PathBuf,
    env: Rc<Environment>,
}

struct Loader {
    project: Project,
    faults: Faults,
    root: PathBuf,
    /// What each file says of a service, in merge order.
    layers: IndexMap<String, Vec<Layer>>,
    /// The top-level compose files, all others being included.
    own: usize,
}

/// One document of a file.
struct Document {
    file: FileId,
    value: Arc<Value>,
}

impl Loader {
    fn new(project: Project, files: &ProjectFiles) -> Self {
        let root = paths::absolute(&files.root);
        Self { project, faults: Faults::default(), root, layers: IndexMap::new(), own: files.compose.len() }
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
            normal_name(&said.unwrap_or(folder))
        };
        if self.project.name.is_empty()
            && let Some(span) = span
        {
            let help = "Give it one: `name:` at the top of the file, or COMPOSE_PROJECT_NAME in `.env`.";
            self.faults.certain(span, "the project has no name: neither its file nor its folder gives one", help);
        }
        let supplied = Arc::new(Text::literal(self.project.name.clone(), Home::Outside));
        env.variables.entry("COMPOSE_PROJECT_NAME".to_owned()).or_insert(supplied);
        env
    }

    /// The last `name:` of a file's documents.
    fn name_in(&mut self, path: &Path, env: &Environment) -> Option<String> {
        let file = self.project.docs.sources.load(path)?;
        self.parse(file);
        let tree = self.project.docs.tree(file)?;
        let mut names = tree.documents.iter().filter_map(|&root| {
            let node = tree.target(tree.get(root, "name")?.value);
            let template = &tree.scalar(node)?.value;
            fill(template, Home::Yaml { file, node }, env).ok().map(|text| text.value)
        });
        names.rfind(|name| !name.is_empty())
    }

    /// The files of one project merged into one document.
    fn model(&mut self, files: &[PathBuf], place: &Place, including: &[FileId]) -> Option<Arc<Value>> {
        let mut model: Option<Arc<Value>> = None;
        for path in files {
            for document in self.documents(path, &place.env) {
                self.project.values.push(document.value.clone());
                model = Some(self.document(model, &document, place, including));
            }
        }
        let model = canonical::defaults(&model?);
        resources::check(&model, &mut self.faults);
        let model = paths::document(&model, &self.root, &place.dir);
        Some(environment::bare(&model, &place.env))
    }

    /// One document over what came before it.
    fn document(&mut self, before: Option<Arc<Value>>, document: &Document, place: &Place, including: &[FileId]) -> Arc<Value> {
        let raw = &document.value;
        let read = reset::strip(&cast::document(raw, &mut self.faults));
        let read = self.extended(&read, raw, document.file, place);
        if let Some(before) = &before {
            self.take_out(before, raw);
        }
        let base = before.map(|before| reset::clear(&before, raw));
        let read = self.included(&read, document.file, place, including);
        let faults = &mut self.faults;
        let merged = match base {
            Some(base) => merge::documents(&base, &read, faults),
            None => read,
        };
        let merged = unique::document(&merged, faults);
        schema::check(&merged, faults);
        unique::document(&canonical::document(&merged, faults), faults)
    }

    /// Keeps the services that a later file takes out.
    fn take_out(&mut self, before: &Arc<Value>, over: &Value) {
        let services = over.get("services").map(|services| services.entries()).unwrap_or_default();
        for entry in services.iter().filter(|entry| entry.value.is_reset()) {
            let Some(gone) = before.get("services").and_then(|services| services.entry(&entry.key)) else { continue };
            let layers = self.layers.shift_remove(&entry.key).unwrap_or_default();
            self.project.removed.push(bind::service(&entry.key, &gone.value, layers, &mut Faults::default()));
        }
    }

    /// The document with `extends` followed; notes the layers of its services.
    fn extended(&mut self, read: &Arc<Value>, raw: &Arc<Value>, file: FileId, place: &Place) -> Arc<Value> {
        let (Some(raw_services), Some(services)) = (raw.get("services").cloned(), read.get("services").cloned()) else {
            return read.clone();
        };
        let from = Rc::new(Services { file, raw: raw_services.clone(), read: services.clone() });
        let mut known: HashMap<PathBuf, Option<Rc<Services>>> = HashMap::new();
        let mut faults = std::mem::take(&mut self.faults);
        let mut other = |path: &Text, span: Span, faults: &mut Faults| {
            let at = normal(&place.dir.join(&path.value));
            let cached = known.get(&at).cloned();
            cached.unwrap_or_else(|| {
                let services = self.services_of(&at, path, span, place, faults);
                known.insert(at, services.clone());
                services
            })
        };
        let mut extender = Extender::new(&mut other, &mut faults);
        let mut layers = Vec::new();
        let mut extends = false;
        let new = tree::map(&services, |name, service| {
            extends |= service.entry("extends").is_some();
            let (value, mut below) = extender.extend(&from, name);
            if let Some(entry) = raw_services.entry(name) {
                below.push(Layer { key_span: entry.key_span, value: entry.value.clone(), inherited: false });
            }
            layers.push((name.to_owned(), below));
            value
        });
        self.faults = faults;
        self.project.extends |= extends;
        for (name, below) in layers {
            self.layers.entry(name).or_default().extend(below);
        }
        tree::set(read, "services", new)
    }

    /// The services of the file that `extends.file` names: ready to be merged, but their own `extends` not followed.
    fn services_of(&mut self, at: &Path, path: &Text, span: Span, place: &Place, faults: &mut Faults) -> Option<Rc<Services>> {
        let documents = if include::is_remote(&path.value) { Vec::new() } else { self.documents(at, &place.env) };
        let mut merged: Option<(Arc<Value>, Arc<Value>)> = None;
        let dir = at.parent().unwrap_or(Path::new("")).to_path_buf();
        let mut file = None;
        for document in documents {
            let Some(raw) = document.value.get("services") else { continue };
            let read = reset::strip(&cast::document(&document.value, faults));
            let read = paths::document(&canonical::document(&read, faults), &self.root, &dir);
            let Some(read) = read.get("services").cloned() else { continue };
            file = Some(document.file);
            merged = Some(match merged {
                Some((raws, reads)) => {
                    (merge::entries("", "", &raws, raw, faults), merge::entries("", "", &reads, &read, faults))
                }
                None => (raw.clone(), read),
            });
        }
        let (Some((raw, read)), Some(file)) = (merged, file) else {
            self.project.incomplete = true;
            faults.unknown(span, "the file that is extended is not here, so what comes from it is not known");
            return None;
        };
        Some(Rc::new(Services { file, raw, read }))
    }

    /// The document with the projects that it includes taken over.
    fn included(&mut self, read: &Arc<Value>, file: FileId, place: &Place, including: &[FileId]) -> Arc<Value> {
        let includes = include::read(read);
        let mut out = tree::without(read, |entry| entry.key == "include" && entry.value.is_seq() && !includes.is_empty());
        for include in includes {
            let open = include.paths.iter().any(|path| !path.missing().is_empty() || include::is_remote(&path.value));
            let files: Vec<PathBuf> = include.paths.iter().map(|path| normal(&place.dir.join(&path.value))).collect();
            if open || files.iter().any(|file| !self.project.docs.sources.exists(file)) {
                self.project.incomplete = true;
                self.faults.unknown(include.span, "the included file is not here, so its services are not known");
                continue;
            }
            let chain: Vec<FileId> = including.iter().copied().chain([file]).collect();
            let first = files.first().and_then(|path| self.project.docs.sources.load(path));
            if first.is_some_and(|first| chain.contains(&first)) {
                self.faults.certain(include.span, "`include` goes round in a circle", "Remove one `include` of the circle.");
                continue;
            }
            let Some(inner) = self.place_of(&include, &files[0], place) else { continue };
            if let Some(imported) = self.model(&files, &inner, &chain) {
                out = include::import(&out, &imported, &mut self.faults);
            }
        }
        out
    }

    /// The folder and the variables of an included project: its own env files, under those of the project that includes it.
    fn place_of(&mut self, include: &include::Include, first: &Path, place: &Place) -> Option<Place> {
        let dir = match &include.project_directory {
            Some(dir) => normal(&place.dir.join(&dir.value)),
            None => first.parent().unwrap_or(Path::new("")).to_path_buf(),
        };
        let mut files = Vec::new();
        match &include.env_files {
            None => files.extend(self.project.docs.sources.load(&dir.join(super::discover::ENV_NAME))),
            Some(paths) => {
                for path in paths.iter().filter(|path| path.value != "/dev/null") {
                    let Some(file) = self.project.docs.sources.load(&place.dir.join(&path.value)) else {
                        let named = display(Path::new(&path.value));
                        self.faults.unknown(include.span, format!("the env file {named} of the included project is not here"));
                        self.project.incomplete = true;
                        return None;
                    };
                    files.push(file);
                }
            }
        }
        let project = &mut self.project;
        let outer = (*place.env).clone();
        let env = environment::project(&mut project.docs, &files, outer, &mut project.problems, &mut project.unknown);
        project.env_files.extend(files.into_iter().filter(|file| !project.env_files.contains(file)).collect::<Vec<_>>());
        Some(Place { dir, env: Rc::new(env) })
    }

    /// The documents of a compose file with anchors followed and variables filled in.
    fn documents(&mut self, path: &Path, env: &Environment) -> Vec<Document> {
        let Some(file) = self.project.docs.sources.load(path) else { return Vec::new() };
        self.parse(file);
        if !self.project.files.contains(&file) {
            if self.project.files.len() >= self.own {
                self.project.included.push(file);
            }
            self.project.files.push(file);
        }
        let docs = &self.project.docs;
        let Some(tree) = docs.tree(file).filter(|tree| tree.errors.is_empty()) else { return Vec::new() };
        let mut out = Vec::new();
        let mut expander = Expander::new(tree, docs.text(file), env);
        for &root in &tree.documents {
            let value = expander.expand(root);
            if value.is_map() {
                out.push(Document { file, value });
            } else if !value.is_null() || tree.documents.len() > 1 {
                let message = format!("a compose file must be a mapping, and this is {}", super::faults::type_name(&value));
                self.faults.certain(value.span, message, "Start the file with `services:`.");
            }
        }
        let empty = out.is_empty() && self.faults.problems.iter().all(|problem| problem.span.file != file);
        let (problems, required) = (std::mem::take(&mut expander.problems), std::mem::take(&mut expander.required));
        if empty && problems.is_empty() {
            self.project.problems.push(Problem {
                kind: ProblemKind::Unreadable,
                span: Span::point(file, 0),
                message: "the compose file is empty".to_owned(),
                help: "Add a `services:` section, or remove the file.".to_owned(),
            });
        }
        self.faults.problems.extend(problems);
        for (name, span) in required {
            let reason = format!("{name} must be set (`${{{name}:?}}`), and no file of the project sets it");
            let subject = crate::diagnostic::Subject { variable: Some(name), ..Default::default() };
            self.faults.unknown.push(crate::diagnostic::Unknown { subject, reason, span: Some(span) });
        }
        out
    }

    /// Parses a compose file once; what is wrong with it is a problem of the project.
    fn parse(&mut self, file: FileId) {
        if self.project.docs.tree(file).is_some() {
            return;
        }
        let source = self.project.docs.sources.file(file);
        let mut problems = Vec::new();
        let tree = if let Some(problem) = source.problem.as_ref().filter(|problem| **problem != ReadProblem::Utf16) {
            let (message, help) = environment::describe(problem);
            problems.push((Span::point(file, source.text.len()), message, help));
            None
        } else {
            let tree = Tree::parse(file, &source.text);
            for error in &tree.errors {
                let help = "Compose cannot read the file before this is mended.".to_owned();
                problems.push((error.span, error.message.clone(), help));
            }
            Some(tree)
        };
        self.project.docs.trees.extend(tree.map(|tree| (file, tree)));
        let unreadable = |(span, message, help)| Problem { kind: ProblemKind::Unreadable, span, message, help };
        let problems = problems.into_iter().map(unreadable).filter(|problem| !self.project.problems.contains(problem));
        self.project.problems.extend(problems.collect::<Vec<_>>());
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
            self.faults.unknown(problem.span, format!("{}; another file may bring it", problem.message));
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
            give_names(&mut self.project);
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
            let layers = self.layers.shift_remove(&entry.key).filter(|layers| !layers.is_empty()).unwrap_or_else(written);
            let service = bind::service(&entry.key, &entry.value, layers, &mut self.faults);
            self.project.services.insert(entry.key.clone(), service);
        }
    }
}

/// A project's name as Compose writes it: lower case, without what is no letter, digit, `_` or `-`.
fn normal_name(name: &str) -> String {
    let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let kept: String = name.to_lowercase().chars().filter(allowed).collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}

/// The names that containers answer to beside the names of their services (compose.md §1.9).
fn give_names(project: &mut Project) {
    for service in project.services.values() {
        let own = [&service.container_name, &service.hostname].into_iter().flatten().map(|name| name.value.clone());
        let aliases = service.networks.iter().flatten().flat_map(|(_, attachment)| attachment.aliases.iter().cloned());
        for name in own.chain(aliases) {
            project.names.entry(name).or_insert_with(|| service.name.clone());
        }
    }
}
