//! What a compose file beside the default project is: a fragment that goes over it, a fragment of something that is not here, or a
//! project of its own. Decided by what is written, before anything is merged.

use super::discover::{Options, ProjectFiles};
use super::load::load;
use super::model::{ProblemKind, Project, Role};
use crate::syntax::yaml::{Kind, NodeId, Tree};
use crate::text::source::Sources;
use std::path::{Path, PathBuf};

/// The project that `name`, which lies beside `base`, belongs to. `None` where `base` reads the file anyway.
pub fn project_of(name: &Path, root: &Path, base: Option<(&ProjectFiles, &Project)>) -> Option<Project> {
    if base.is_some_and(|(_, project)| project.files.iter().any(|&file| project.docs.sources.file(file).path == name)) {
        return None;
    }
    let sources = Sources::new(root);
    Some(read(&sources, name, root, base))
}

/// The files of `base` with `name` over them, where that is what `name` is written for.
pub fn overlay(name: &Path, base: (&ProjectFiles, &Project)) -> Option<ProjectFiles> {
    let (files_of_base, project) = base;
    let root = &files_of_base.root;
    let is_read = project.files.iter().any(|&file| project.docs.sources.file(file).path == name);
    let goes_over = !is_read && written(&Sources::new(root), name, Some(project)) == Role::Overlay;
    goes_over.then(|| files(name, root, Role::Overlay, Some(files_of_base)))
}

/// Reads the file as the first of these that fits: over the base, by itself, as a fragment of something else.
fn read(sources: &Sources, name: &Path, root: &Path, base: Option<(&ProjectFiles, &Project)>) -> Project {
    let load_as = |role: Role| load(sources.clone(), &files(name, root, role, base.map(|(files, _)| files)));
    let written = written(sources, name, base.map(|(_, project)| project));
    if written == Role::Overlay {
        return load_as(Role::Overlay);
    }
    let alone = load_as(written);
    let dangles = |project: &Project| project.problems.iter().any(|problem| problem.kind == ProblemKind::Dangling);
    if written == Role::Alone && dangles(&alone) {
        // What it refers to may be the base's.
        let over = base.map(|_| load_as(Role::Overlay)).filter(|over| !over.incomplete);
        return over.unwrap_or_else(|| load_as(Role::Fragment));
    }
    alone
}

fn files(name: &Path, root: &Path, role: Role, base: Option<&ProjectFiles>) -> ProjectFiles {
    let alone = ProjectFiles::of_file(&root.join(name));
    let files = match (role, base) {
        (Role::Overlay, Some(base)) => {
            let compose: Vec<PathBuf> = base.compose.iter().cloned().chain([name.to_path_buf()]).collect();
            ProjectFiles { compose, ..base.clone() }
        }
        (_, Some(base)) => ProjectFiles { env: base.env.clone(), options: base.options.clone(), ..alone },
        (_, None) => alone,
    };
    let options = Options { role, ..files.options };
    ProjectFiles { options, ..files }
}

/// What the text itself shows: marks that act on what came before, services of the base without what they run.
fn written(sources: &Sources, name: &Path, base: Option<&Project>) -> Role {
    let mut sources = sources.clone();
    let Some(file) = sources.load(name) else { return Role::Alone };
    let tree = Tree::parse(file, &sources.file(file).text);
    let partial = partial_services(&tree);
    let known = |name: &str| base.is_some_and(|base| base.services.contains_key(name));
    let marked = tree.ids().any(|id| matches!(tree.node(id).tag.as_deref(), Some("!reset" | "!override")));
    if base.is_some() && (marked || partial.iter().any(|name| known(name))) {
        Role::Overlay
    } else if marked || !partial.is_empty() {
        Role::Fragment
    } else {
        Role::Alone
    }
}

/// The services that say neither what they run nor where that stands.
fn partial_services(tree: &Tree) -> Vec<String> {
    let says = |service: NodeId, key: &str| tree.get(service, key).is_some();
    let is_partial = |service: NodeId| match &tree.node(tree.target(service)).kind {
        Kind::Map { .. } => {
            let service = tree.target(service);
            !["image", "build", "extends", "provider", "<<"].iter().any(|key| says(service, key))
        }
        Kind::Scalar(_) => tree.is_null(service),
        Kind::Seq { .. } | Kind::Alias { .. } => false,
    };
    let mut out = Vec::new();
    for services in tree.documents.iter().filter_map(|&root| tree.get(root, "services")) {
        let entries = tree.entries(tree.target(services.value)).iter().filter(|entry| is_partial(entry.value));
        out.extend(entries.filter_map(|entry| tree.scalar(entry.key).map(|key| key.value.clone())));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn role_of(text: &str, base: Option<&str>) -> Role {
        let (root, name) = (Path::new("/nowhere"), PathBuf::from("compose.x.yaml"));
        let texts = [(name.clone(), Arc::from(text)), (PathBuf::from("compose.yaml"), Arc::from(base.unwrap_or_default()))];
        let sources = Sources::new(root).with_overlay(texts);
        let files = ProjectFiles::of_file(&root.join("compose.yaml"));
        let base = base.map(|_| load(sources.clone(), &files));
        read(&sources, &name, root, base.as_ref().map(|base| (&files, base))).role
    }

    #[test]
    fn fragments_and_projects_are_told_apart() {
        let base = Some("services: {api: {image: x}}\nvolumes: {data: null}\n");
        for (text, wanted, without_base) in [
            ("services: {api: {environment: [A=1]}}", Role::Overlay, Role::Fragment),
            ("services: {api: null, other: {image: y}}", Role::Overlay, Role::Fragment),
            ("services: {api: {image: y, ports: !reset []}}", Role::Overlay, Role::Fragment),
            ("services: {api: {image: y}}", Role::Alone, Role::Alone),
            ("services: {web: {ports: ['1']}}", Role::Fragment, Role::Fragment),
            ("x-a: &a {image: y}\nservices: {web: {<<: *a}}", Role::Alone, Role::Alone),
            ("services: {web: {image: y, depends_on: [api], volumes: ['data:/d']}}", Role::Overlay, Role::Fragment),
            ("services: {web: {image: y, depends_on: [db]}}", Role::Fragment, Role::Fragment),
        ] {
            assert_eq!((role_of(text, base), role_of(text, None)), (wanted, without_base), "{text}");
        }
    }
}
