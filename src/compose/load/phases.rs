//! The phases in Compose's order: every document of every file, over what came before it.

use super::Loader;
use super::read::Document;
use crate::compose::bind;
use crate::compose::discover::ENV_NAME;
use crate::compose::faults::{self, Faults};
use crate::compose::model::Layer;
use crate::compose::resolve::checks::{resources, schema};
use crate::compose::resolve::environment::{self, Environment};
use crate::compose::resolve::extends::{Extender, Services};
use crate::compose::resolve::tree::{self, Keys};
use crate::compose::resolve::{canonical, cast, include, merge, paths, reset, unique};
use crate::compose::value::{Text, Value};
use crate::text::source::{display, normal};
use crate::text::span::{FileId, Span};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// How deep `include` may go, and how many documents all of it may bring: two files that include the next two, and so on, are soon more
/// than any memory holds.
const MAX_INCLUDES: usize = 100;
const MAX_DOCUMENTS: usize = 20_000;

/// What settles what a file on another machine says.
const COPY: &str = "a copy of the file in the project";

/// Where documents are read: the folder that paths count from, relative to the root, and the variables.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) dir: PathBuf,
    pub(super) env: Rc<Environment>,
}

impl Loader {
    /// The files of one project merged into one document.
    pub(super) fn model(&mut self, files: &[PathBuf], place: &Place, including: &[FileId]) -> Option<Arc<Value>> {
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
        let read = reset::strip(&cast::document(raw));
        let read = self.extended(&read, raw, document.file, place);
        if let Some(before) = &before {
            self.take_out(before, raw);
            // Merged, it would leave what was there, and the schema would find nothing.
            if let Some(entry) = read.entry("services").filter(|entry| entry.value.is_null()) {
                self.faults.certain(entry.key_span, "`services:` is empty", "Add a service below it, or remove the line.");
            }
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
            let layers = self.layers.remove(&entry.key).unwrap_or_default();
            self.project.removed.push(bind::service(&entry.key, &gone.value, layers, &mut Faults::default()));
        }
    }

    /// The document with `extends` followed; notes the layers of its services.
    fn extended(&mut self, read: &Arc<Value>, raw: &Arc<Value>, file: FileId, place: &Place) -> Arc<Value> {
        let (Some(written), Some(services)) = (raw.get("services").cloned(), read.get("services").cloned()) else {
            return read.clone();
        };
        let mut layers: HashMap<String, Vec<Layer>> = HashMap::new();
        let extends = services.entries().iter().any(|service| service.value.entry("extends").is_some());
        self.project.extends |= extends;
        let new = if extends { self.follow(&services, &written, file, place, &mut layers) } else { services.clone() };
        let known = Keys::of(written.entries());
        for service in services.entries() {
            let below = self.layers.entry(service.key.clone()).or_default();
            below.extend(layers.remove(&service.key).unwrap_or_default());
            below.extend(known.find(&service.key).map(|at| {
                let entry = &written.entries()[at];
                Layer { key_span: entry.key_span, value: entry.value.clone(), inherited: false }
            }));
        }
        tree::set(read, "services", new)
    }

    /// The services with `extends` followed, and the layers that each gets by that.
    fn follow(
        &mut self,
        services: &Arc<Value>,
        written: &Value,
        file: FileId,
        place: &Place,
        layers: &mut HashMap<String, Vec<Layer>>,
    ) -> Arc<Value> {
        let from = Rc::new(Services::new(file, written, services));
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
        let new = tree::map(services, |name, service| match extender.extend(&from, name) {
            Some((value, below)) => {
                layers.insert(name.to_owned(), below);
                value
            }
            None => service.clone(),
        });
        self.faults = faults;
        new
    }

    /// The services of the file that `extends.file` names: ready to be merged, but their own `extends` not followed.
    fn services_of(&mut self, at: &Path, path: &Text, span: Span, place: &Place, faults: &mut Faults) -> Option<Rc<Services>> {
        let documents = if include::is_remote(&path.value) { Vec::new() } else { self.documents(at, &place.env) };
        let mut merged: Option<(Arc<Value>, Arc<Value>)> = None;
        let dir = at.parent().unwrap_or(Path::new("")).to_path_buf();
        let mut file = None;
        for document in documents {
            let Some(raw) = document.value.get("services") else { continue };
            let read = reset::strip(&cast::document(&document.value));
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
            let shown = crate::secret::mask(&path.value);
            let (why, settled_by) = if include::is_remote(&path.value) {
                ("stands on another machine and is not fetched", COPY)
            } else {
                ("is not here", faults::FILE)
            };
            let reason = format!("the file that is extended ({shown}) {why}, so what comes from it is not known");
            faults.unknown(span, reason, settled_by);
            return None;
        };
        Some(Rc::new(Services::new(file, &raw, &read)))
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
                let (reason, settled_by) = not_read(&include, &files, |file| self.project.docs.sources.exists(file));
                self.faults.unknown(include.span, reason, settled_by);
                continue;
            }
            let chain: Vec<FileId> = including.iter().copied().chain([file]).collect();
            // Any of the files: one that only lies over another may lead back as well.
            let ids: Vec<FileId> = files.iter().filter_map(|path| self.project.docs.sources.load(path)).collect();
            if ids.iter().any(|id| chain.contains(id)) {
                self.faults.certain(include.span, "`include` goes round in a circle", "Remove one `include` of the circle.");
                continue;
            }
            if chain.len() > MAX_INCLUDES || self.project.values.len() > MAX_DOCUMENTS {
                self.faults.certain(include.span, "`include` leads to more files than can be read", "Include less.");
                return out;
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
            None => files.extend(self.project.docs.sources.load(&dir.join(ENV_NAME))),
            Some(paths) => {
                for path in paths.iter().filter(|path| path.value != "/dev/null") {
                    let Some(file) = self.project.docs.sources.load(&place.dir.join(&path.value)) else {
                        let named = display(Path::new(&path.value));
                        let reason = format!("the env file {named} of the included project is not here");
                        self.faults.unknown(include.span, reason, faults::FILE);
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
}

/// Why an included file is not read, and what would settle what it says.
fn not_read(include: &include::Include, files: &[PathBuf], exists: impl Fn(&Path) -> bool) -> (String, &'static str) {
    let open: Vec<&str> = include.paths.iter().flat_map(Text::missing).collect();
    if let [name, ..] = open.as_slice() {
        let reason = format!("{name}, which names the included file, has no value, so its services are not known");
        return (reason, faults::VALUE);
    }
    if include.paths.iter().any(|path| include::is_remote(&path.value)) {
        let reason = "the included file stands on another machine and is not fetched, so its services are not known";
        return (reason.to_owned(), COPY);
    }
    let gone = files.iter().find(|file| !exists(file)).map(|file| display(file)).unwrap_or_default();
    let reason = format!("the included file {} is not here, so its services are not known", crate::secret::mask(&gone));
    (reason, faults::FILE)
}
