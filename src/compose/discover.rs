//! Which files make a project: the base file, its override and the env file of a directory, in Compose's order of preference
//! (compose-go `cli/options.go`).

use std::path::{Path, PathBuf};

/// Names of the base file; the first that exists is taken.
pub const BASE_NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Names of the override file; the first that exists is taken, whatever the spelling of the base.
pub const OVERRIDE_NAMES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];
/// The env file that feeds `${…}`.
pub const ENV_NAME: &str = ".env";

/// Directories that are never searched for projects.
const SKIPPED: [&str; 5] = [".git", "node_modules", "target", "vendor", ".cachelint"];

/// The files of one project, before any of them is read. Paths are relative to `root`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProjectFiles {
    /// The project directory.
    pub root: PathBuf,
    /// The compose files in merge order.
    pub compose: Vec<PathBuf>,
    /// The files that feed `${…}`, in order; one that is not there is simply absent.
    pub env: Vec<PathBuf>,
}

impl ProjectFiles {
    /// The project whose base file lies in `dir`, if there is one. `exists` is asked for paths relative to `dir`.
    pub fn of_directory(dir: &Path, exists: impl Fn(&Path) -> bool) -> Option<Self> {
        let first = |names: &[&str]| names.iter().map(PathBuf::from).find(|name| exists(name));
        let mut compose = vec![first(&BASE_NAMES)?];
        compose.extend(first(&OVERRIDE_NAMES));
        Some(Self { root: dir.to_path_buf(), compose, env: vec![PathBuf::from(ENV_NAME)] })
    }

    /// The project that one compose file makes by itself, as with `docker compose -f FILE`.
    pub fn of_file(file: &Path) -> Self {
        let root = match file.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => Path::new("."),
        };
        let name = file.file_name().map_or_else(PathBuf::new, PathBuf::from);
        Self { root: root.to_path_buf(), compose: vec![name], env: vec![PathBuf::from(ENV_NAME)] }
    }
}

/// All projects at or below `dir`, sorted by path; what `.gitignore` names is left out, and so is a folder that cannot be read.
pub fn below(dir: &Path) -> Vec<ProjectFiles> {
    if let Some(alone) = childless(dir) {
        return alone;
    }
    let walk = ignore::WalkBuilder::new(dir)
        .hidden(false)
        .follow_links(false)
        .git_global(false)
        .require_git(false)
        .filter_entry(|entry| !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped))
        .build();
    let mut dirs: Vec<PathBuf> = walk
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_dir()))
        .map(ignore::DirEntry::into_path)
        .collect();
    dirs.sort();
    dirs.iter().filter_map(|dir| ProjectFiles::of_directory(dir, |name| dir.join(name).exists())).collect()
}

/// The answer for a folder without folders in it, which needs no walk: the usual case in an editor and in small projects.
fn childless(dir: &Path) -> Option<Vec<ProjectFiles>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).ok()? {
        let entry = entry.ok()?;
        let name = entry.file_name();
        if entry.file_type().ok()?.is_dir() && !SKIPPED.iter().any(|skipped| name == *skipped) {
            return None;
        }
        names.push(name);
    }
    let found = ProjectFiles::of_directory(dir, |name| names.iter().any(|there| there == name.as_os_str()));
    Some(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_each_list_is_taken() {
        let there = ["docker-compose.yml", "compose.yml", "docker-compose.override.yml", "compose.override.yaml"];
        let found = ProjectFiles::of_directory(Path::new("p"), |name| there.iter().any(|t| Path::new(t) == name));
        let compose = found.expect("a base file").compose;
        assert_eq!(compose, [PathBuf::from("compose.yml"), PathBuf::from("compose.override.yaml")]);
    }

    #[test]
    fn an_override_alone_is_no_project() {
        assert_eq!(ProjectFiles::of_directory(Path::new("p"), |name| name == Path::new("compose.override.yml")), None);
    }

    #[test]
    fn projects_below_a_folder_come_sorted_and_without_vendored_ones() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for project in ["b", "a/x", "node_modules/m"] {
            let folder = dir.path().join(project);
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join("compose.yaml"), "services: {}\n").expect("a file");
        }
        let roots: Vec<PathBuf> = below(dir.path()).into_iter().map(|p| p.root).collect();
        assert_eq!(roots, [dir.path().join("a/x"), dir.path().join("b")]);
    }
}
