//! Folders with compose files: the project that `docker compose` would take in each, and the files beside it that it reads only when
//! they are named.

use super::discover::{BASE_NAMES, ENV_NAME, Missing, Options, ProjectFiles, Request};
use super::resolve::paths::absolute;
use crate::text::source::{Sources, display};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Directories that are never searched.
const SKIPPED: [&str; 5] = [".git", "node_modules", "target", "vendor", ".cachelint"];

/// One folder with compose files.
#[derive(Debug, Clone)]
pub struct Folder {
    pub root: PathBuf,
    /// What `docker compose` would read here.
    pub project: Option<ProjectFiles>,
    /// The names of the other compose files, sorted.
    pub others: Vec<PathBuf>,
}

/// All folders with compose files at or below `dir`, sorted by path; what `.gitignore` names is left out, and so is a folder that
/// cannot be read.
pub fn below(dir: &Path, request: &Request) -> Vec<Folder> {
    let found = childless(dir).unwrap_or_else(|| walked(dir));
    found.into_iter().filter_map(|(root, names)| folder(root, names, request)).collect()
}

/// The names of the other compose files in a project's folder, sorted; none where the folder cannot be read.
pub fn beside(files: &ProjectFiles) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(&files.root).into_iter().flatten().flatten();
    let names = entries.map(|entry| PathBuf::from(entry.file_name()));
    let mut others: Vec<PathBuf> = names.filter(|name| is_compose(name.as_os_str()) && !files.compose.contains(name)).collect();
    others.sort();
    others
}

fn folder(root: PathBuf, names: Vec<PathBuf>, request: &Request) -> Option<Folder> {
    let found = ProjectFiles::of_directory(&root, |name| names.iter().any(|there| there == name) || root.join(name).exists());
    // A folder whose `.env` names the files is read as that says.
    let may_be = found.is_some() || root.join(ENV_NAME).exists();
    let project = if may_be { asked(&root, found, request) } else { None };
    let taken = |name: &PathBuf| {
        let project = project.as_ref();
        project.is_some_and(|project| project.compose.iter().any(|file| project.root.join(file) == root.join(name)))
    };
    let mut others: Vec<PathBuf> = names.into_iter().filter(|name| is_compose(name.as_os_str()) && !taken(name)).collect();
    others.sort();
    (project.is_some() || !others.is_empty()).then_some(Folder { root, project, others })
}

/// The project as `.env` has it; `found` is what the names of the files alone give.
fn asked(root: &Path, found: Option<ProjectFiles>, request: &Request) -> Option<ProjectFiles> {
    let here = absolute(root);
    let above = |project: &ProjectFiles| {
        project.root != root && absolute(&project.root) != here && here.starts_with(absolute(&project.root))
    };
    let lacking = match request.project(root, &Sources::new) {
        // A folder without a compose file is not taken for the one above it.
        Ok(project) => return if above(&project) { found } else { Some(project) },
        Err(Missing::File(file)) => format!("COMPOSE_FILE names {}, which is not there", display(&file)),
        Err(Missing::EmptySetting) => "COMPOSE_FILE is set and names nothing".to_owned(),
        Err(Missing::NoComposeFile | Missing::EnvFile(_)) => return found,
    };
    let env = vec![PathBuf::from(ENV_NAME)];
    let options = Options { lacking: Some(lacking), ..request.options.clone() };
    Some(ProjectFiles { root: root.to_path_buf(), compose: Vec::new(), env, options })
}

/// Whether a file goes by the name of a compose file: `compose` or `docker-compose`, anything, and a YAML ending.
fn is_compose(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let Some(stem) = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")) else { return false };
    let rest = stem.strip_prefix("docker-compose").or_else(|| stem.strip_prefix("compose"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
}

/// Whether a file makes its folder worth a look.
fn counts(name: &OsStr) -> bool {
    name == ENV_NAME || is_compose(name)
}

fn walked(dir: &Path) -> Vec<(PathBuf, Vec<PathBuf>)> {
    let walk = ignore::WalkBuilder::new(dir)
        .hidden(false)
        .follow_links(false)
        .git_global(false)
        .require_git(false)
        .filter_entry(|entry| !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped))
        .build();
    let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for entry in walk.filter_map(Result::ok) {
        if entry.file_type().is_some_and(|kind| kind.is_dir()) {
            // The base file counts even where `.gitignore` names it: Compose reads it all the same.
            let has_base = |dir: &Path| BASE_NAMES.iter().any(|name| dir.join(name).exists());
            if has_base(entry.path()) {
                folders.entry(entry.into_path()).or_default();
            }
        } else if counts(entry.file_name())
            && let Some(parent) = entry.path().parent()
        {
            folders.entry(parent.to_path_buf()).or_default().push(PathBuf::from(entry.file_name()));
        }
    }
    folders.into_iter().collect()
}

/// The answer for a folder without folders in it, which needs no walk: the usual case in an editor and in small projects.
fn childless(dir: &Path) -> Option<Vec<(PathBuf, Vec<PathBuf>)>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).ok()? {
        let entry = entry.ok()?;
        let name = entry.file_name();
        if entry.file_type().ok()?.is_dir() && !SKIPPED.iter().any(|skipped| name == *skipped) {
            return None;
        }
        if counts(&name) {
            names.push(PathBuf::from(name));
        }
    }
    Some(vec![(dir.to_path_buf(), names)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_compose_files() {
        for name in
            ["compose.yml", "docker-compose.yaml", "docker-compose.prod.yml", "compose-redis.yaml", "docker-compose_ci.yml"]
        {
            assert!(is_compose(OsStr::new(name)), "{name}");
        }
        for name in ["composer.yml", "my-compose.yml", "compose.json", "docker-compose.yml.j2", "compose"] {
            assert!(!is_compose(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn folders_come_sorted_with_their_other_files_and_without_vendored_ones() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for file in [
            "b/compose.yaml",
            "b/src/.env",
            "b/compose.prod.yaml",
            "a/x/compose.yaml",
            "node_modules/m/compose.yaml",
            "c/docker-compose.ci.yml",
        ] {
            let file = dir.path().join(file);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(file, "services: {}\n").expect("a file");
        }
        let shown: Vec<String> = below(dir.path(), &Request::default())
            .iter()
            .map(|folder| {
                let root = folder.root.strip_prefix(dir.path()).expect("below").display().to_string();
                format!("{root} {} {:?}", folder.project.is_some(), folder.others)
            })
            .collect();
        let wanted = ["a/x true []", "b true [\"compose.prod.yaml\"]", "c false [\"docker-compose.ci.yml\"]"];
        assert_eq!(shown, wanted);
    }
}
