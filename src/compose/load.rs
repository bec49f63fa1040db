//! Reads a project: from file names to the resolved model. What is wrong with a file becomes a problem of the project, never an abort.

use super::discover::ProjectFiles;
use super::model::{Documents, Layer, Problem, ProblemKind, Project, Resource, Service};
use super::resolve::anchors::Expander;
use super::resolve::environment::{self, Environment, Scope};
use super::resolve::{canonical, merge, validate};
use super::value::{Home, Text, Value};
use crate::diagnostic::{Subject, Unknown};
use crate::syntax::yaml::Tree;
use crate::text::source::{ReadProblem, Sources, display, normal};
use crate::text::span::{FileId, Span};
use indexmap::IndexMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How long a chain of `extends` may be.
const MAX_EXTENDS: usize = 20;

/// Loads the project that `files` make. `sources` must have the project directory as its root.
pub fn load(sources: Sources, files: &ProjectFiles) -> Project {
    let mut project = Project { docs: Documents { sources, ..Documents::default() }, ..Project::default() };
    let mut env = read_environment(&mut project, files);
    let mut queue: Vec<PathBuf> = files.compose.clone();
    let mut at = 0;
    while at < queue.len() {
        let path = queue[at].clone();
        at += 1;
        if let Some(value) = read_compose(&mut project, &path, &env) {
            if at > files.compose.len() {
                project.included.push(value.file());
            }
            let includes = included(&mut project, &value, path.parent().unwrap_or(Path::new("")));
            queue.extend(includes.into_iter().filter(|include| !queue.contains(include)).collect::<Vec<_>>());
            project.values.push(value);
        }
    }
    name(&mut project, files, &mut env);
    project.environment.clone_from(&env.variables);
    if !project.is_unreadable() {
        collect(&mut project);
        read_env_files(&mut project, &env);
        pass_through(&mut project, &env);
        give_names(&mut project);
        validate::project(&mut project);
    }
    project.problems.sort_by_key(|problem| problem.span);
    project.problems.dedup();
    project
}

fn read_environment(project: &mut Project, files: &ProjectFiles) -> Environment {
    project.env_files = files.env.iter().filter_map(|path| project.docs.sources.load(path)).collect();
    let ids = project.env_files.clone();
    environment::project(&mut project.docs, &ids, &mut project.problems, &mut project.unknown)
}

/// Reads one compose file; `None` where nothing can be made of it.
fn read_compose(project: &mut Project, path: &Path, env: &Environment) -> Option<Arc<Value>> {
    let file = project.docs.sources.load(path)?;
    if project.files.contains(&file) {
        return None;
    }
    project.files.push(file);
    expand_file(project, file, env)
}

fn expand_file(project: &mut Project, file: FileId, env: &Environment) -> Option<Arc<Value>> {
    if let Some(problem) = project.docs.sources.file(file).problem.as_ref().filter(|problem| **problem != ReadProblem::Utf16) {
        let (message, help) = environment::describe(problem);
        let span = Span::point(file, project.docs.text(file).len());
        project.problems.push(Problem { kind: ProblemKind::Unreadable, span, message, help });
        return None;
    }
    let text = project.docs.text(file).to_owned();
    let tree = Tree::parse(file, &text);
    for error in &tree.errors {
        let help = "Compose cannot read the file before this is mended.".to_owned();
        let message = error.message.clone();
        project.problems.push(Problem { kind: ProblemKind::Unreadable, span: error.span, message, help });
    }
    let value = match tree.root() {
        Some(root) if tree.errors.is_empty() => {
            let mut expander = Expander::new(&tree, &text, env);
            let value = expander.expand(root);
            project.problems.append(&mut expander.problems);
            for (name, span) in expander.required {
                let reason = format!("{name} must be set (`${{{name}:?}}`), and no file of the project sets it");
                let subject = Subject { variable: Some(name), ..Subject::default() };
                project.unknown.push(Unknown { subject, reason, span: Some(span) });
            }
            Some(value)
        }
        _ => None,
    };
    if value.as_ref().is_none_or(|value| value.is_null()) && tree.errors.is_empty() {
        project.problems.push(Problem {
            kind: ProblemKind::Unreadable,
            span: Span::point(file, 0),
            message: "the compose file is empty".to_owned(),
            help: "Add a `services:` section, or remove the file.".to_owned(),
        });
    }
    project.docs.trees.push((file, tree));
    value.filter(|value| !value.is_null())
}

/// The files that `include` names; what lies outside this machine is unknown.
fn included(project: &mut Project, value: &Value, dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let Some(include) = value.get("include") else { return out };
    for item in include.items() {
        let paths: Vec<Text> = match (item.text(), item.get("path")) {
            (Some(text), _) => vec![text.clone()],
            (None, Some(path)) => {
                let listed = path.items().iter().filter_map(|path| path.text().cloned());
                path.text().cloned().into_iter().chain(listed).collect()
            }
            (None, None) => Vec::new(),
        };
        for path in paths {
            let file = normal(&dir.join(&path.value));
            if path.value.contains("://")
                || path.value.starts_with("oci:")
                || !path.missing().is_empty()
                || !project.docs.sources.exists(&file)
            {
                let reason = "the included file is not here, so its services are not known".to_owned();
                project.incomplete = true;
                project.unknown.push(Unknown { subject: Subject::default(), reason, span: Some(item.span) });
            } else {
                out.push(file);
            }
        }
    }
    out
}

/// The project's name: `COMPOSE_PROJECT_NAME`, `name:`, or the folder's.
fn name(project: &mut Project, files: &ProjectFiles, env: &mut Environment) {
    let said = project.values.iter().rev().find_map(|value| value.get("name")?.text().map(|text| text.value.clone()));
    let from_env = env.variables.get("COMPOSE_PROJECT_NAME").map(|text| text.value.clone());
    let folder = || {
        let root = std::path::absolute(&files.root).unwrap_or_else(|_| files.root.clone());
        normal(&root).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let raw = from_env.or(said).unwrap_or_else(folder).to_lowercase();
    let kept: String = raw.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-')).collect();
    kept.trim_start_matches(['_', '-']).clone_into(&mut project.name);
    let supplied = Arc::new(Text::literal(project.name.clone(), Home::Outside));
    env.variables.entry("COMPOSE_PROJECT_NAME".to_owned()).or_insert(supplied);
}

/// Services, networks and volumes of all files, merged in order.
fn collect(project: &mut Project) {
    for value in project.values.clone() {
        for (key, into) in [("networks", &mut project.networks), ("volumes", &mut project.volumes)] {
            for entry in value.get(key).map(|v| v.entries().to_vec()).unwrap_or_default() {
                into.insert(entry.key.clone(), resource(&entry.value, entry.key_span));
            }
        }
        let Some(services) = value.get("services") else { continue };
        for entry in services.entries() {
            if entry.value.is_reset() {
                let removed = project.services.shift_remove(&entry.key);
                project.removed.extend(removed);
                continue;
            }
            let own = Layer { key_span: entry.key_span, value: entry.value.clone(), inherited: false };
            for layer in extended(project, own, services, 0) {
                let read = canonical::service(&entry.key, &layer);
                match project.services.get_mut(&entry.key) {
                    Some(there) => merge::service(there, read),
                    None => drop(project.services.insert(entry.key.clone(), read)),
                }
            }
        }
    }
}

/// The layers that a service is made of once `extends` is followed, the deepest base first.
fn extended(project: &mut Project, layer: Layer, services: &Arc<Value>, depth: usize) -> Vec<Layer> {
    let Some(extends) = layer.value.get("extends").cloned() else { return vec![layer] };
    let service = extends.text().or_else(|| extends.get("service").and_then(|s| s.text())).cloned();
    let file = extends.get("file").and_then(|file| file.text()).cloned();
    let Some(service) = service else { return vec![layer] };
    if depth >= MAX_EXTENDS {
        let message = "`extends` goes round in a circle".to_owned();
        let help = "Remove one `extends` of the circle.".to_owned();
        project.problems.push(Problem { kind: ProblemKind::Compose, span: extends.span, message, help });
        return vec![layer];
    }
    let all = match file {
        None => Some(services.clone()),
        Some(path) => other_services(project, &layer, &path),
    };
    let Some(all) = all else {
        let reason = format!("what it extends ({}) is not here", service.value);
        project.incomplete = true;
        project.unknown.push(Unknown { subject: Subject::default(), reason, span: Some(extends.span) });
        return vec![layer];
    };
    let Some(base) = all.entry(&service.value).cloned() else {
        let message = format!("`extends` names the service {}, which the file does not have", service.value);
        let help = "Name a service that exists, or remove `extends`.".to_owned();
        project.problems.push(Problem { kind: ProblemKind::Compose, span: extends.span, message, help });
        return vec![layer];
    };
    project.extends = true;
    let base = Layer { key_span: base.key_span, value: base.value, inherited: true };
    let mut layers = extended(project, base, &all, depth + 1);
    layers.push(layer);
    layers
}

/// The services of the file that `extends.file` names, relative to the file that says so.
fn other_services(project: &mut Project, layer: &Layer, path: &Text) -> Option<Arc<Value>> {
    let dir = project.docs.sources.file(layer.value.file()).path.parent().map(Path::to_path_buf).unwrap_or_default();
    let file = project.docs.sources.load(&normal(&dir.join(&path.value)))?;
    let known = project.values.iter().find(|value| value.file() == file).cloned();
    let env = Environment { variables: project.environment.clone() };
    let value = known.or_else(|| expand_file(project, file, &env))?;
    value.get("services").cloned()
}

fn resource(value: &Value, span: Span) -> Resource {
    let said = |key: &str| value.get(key).and_then(|v| v.text()).map(|text| text.value.clone());
    let external = value.get("external").is_some_and(|external| external.is_map() || said("external").as_deref() == Some("true"));
    let nested = value.get("external").and_then(|external| external.get("name")).and_then(|name| name.text());
    Resource { span, name: said("name").or_else(|| nested.map(|name| name.value.clone())), external }
}

/// One entry of `env_file`.
struct EnvFileRef {
    path: Text,
    span: Span,
    required: bool,
    raw: bool,
    dir: PathBuf,
}

/// Adds what `env_file` gives to each service; `environment` wins over it.
fn read_env_files(project: &mut Project, env: &Environment) {
    let names: Vec<String> = project.services.keys().cloned().collect();
    for name in names {
        let service = &project.services[&name];
        let refs = env_file_refs(project, service);
        if refs.is_empty() {
            continue;
        }
        let own: IndexMap<String, Arc<Text>> =
            service.environment.iter().filter_map(|(key, entry)| Some((key.clone(), Arc::new(entry.value.clone()?)))).collect();
        let mut merged = IndexMap::new();
        for reference in refs {
            read_env_file(project, &name, &reference, env, &own, &mut merged);
        }
        let service = &mut project.services[&name];
        merged.extend(std::mem::take(&mut service.environment));
        service.environment = merged;
    }
}

fn env_file_refs(project: &Project, service: &Service) -> Vec<EnvFileRef> {
    let mut out = Vec::new();
    for layer in &service.layers {
        let Some(value) = layer.value.get("env_file") else { continue };
        let dir = project.docs.sources.file(layer.value.file()).path.parent().map(Path::to_path_buf).unwrap_or_default();
        let one = |item: &Arc<Value>| {
            let said = |key: &str| item.get(key).and_then(|v| v.text()).map(|text| text.value.clone());
            let path = item.text().or_else(|| item.get("path").and_then(|path| path.text()))?.clone();
            let (required, raw) = (said("required").as_deref() != Some("false"), said("format").as_deref() == Some("raw"));
            Some(EnvFileRef { path, span: item.span, required, raw, dir: dir.clone() })
        };
        if value.is_seq() {
            out.extend(value.items().iter().filter_map(one));
        } else {
            out.extend(one(value));
        }
    }
    out
}

/// Reads one env file of a service; what one that is not there sets is unknown.
fn read_env_file(
    project: &mut Project,
    service: &str,
    reference: &EnvFileRef,
    env: &Environment,
    own: &IndexMap<String, Arc<Text>>,
    into: &mut IndexMap<String, super::model::EnvEntry>,
) {
    let path = reference.dir.join(&reference.path.value);
    let Some(file) = project.docs.sources.load(&path) else {
        if reference.required {
            let reason = format!("the env file {} is not here, so what it sets is not known", display(&normal(&path)));
            project.unknown.push(Unknown { subject: Subject::service(service), reason, span: Some(reference.span) });
        }
        return;
    };
    environment::parse(&mut project.docs, file, reference.raw);
    let read = environment::lines(&project.docs, file, &Scope { project: env, service: Some(own) });
    project.problems.extend(read.problems);
    project.unknown.extend(read.unknown);
    for (key, value, key_span) in read.values {
        let entry = super::model::EnvEntry { key_span, value, through: Some(reference.span) };
        into.insert(key, entry);
    }
}

/// A bare name in `environment` takes the project's value.
fn pass_through(project: &mut Project, env: &Environment) {
    for service in project.services.values_mut() {
        for (key, entry) in &mut service.environment {
            if entry.value.is_none() && entry.through.is_none() {
                entry.value = env.variables.get(key).map(|text| (**text).clone());
            }
        }
    }
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
