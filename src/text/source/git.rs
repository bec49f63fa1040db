//! Whether a file is tracked by a git repository: its index alone is read, without git and without a network.

use super::index::{self, Hash};
use std::path::{Path, PathBuf};

/// An index above this size is not read: it would be that of a repository with a million files.
const MAX_INDEX: u64 = 128 * 1024 * 1024;

/// Small files of a repository: `HEAD`-like pointers and its configuration.
const MAX_SMALL: u64 = 1024 * 1024;

/// The repository that a file may belong to.
#[derive(Debug)]
struct Repository {
    /// Where the files are checked out.
    work_tree: PathBuf,
    /// Where the index lies: `.git`, or what a file `.git` of a further work tree or a submodule points at.
    folder: PathBuf,
}

/// What is known of a file and git.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracking {
    /// Git tracks it.
    Tracked,
    /// There is no repository, or git does not track it.
    Untracked,
    /// There is a repository, and its index is none that is read here: very large, or of another form.
    Unknown,
}

pub(super) fn tracking(file: &Path) -> Tracking {
    let Some((repository, path)) = place(file) else { return Tracking::Untracked };
    let index = repository.folder.join("index");
    if !index.exists() {
        return Tracking::Untracked;
    }
    let found = read(&index, MAX_INDEX).and_then(|bytes| index::has(&bytes, path.as_bytes(), hash(&repository.folder)));
    match found {
        Some(true) => Tracking::Tracked,
        Some(false) => Tracking::Untracked,
        None => Tracking::Unknown,
    }
}

/// The repository that a file lies in, and its path there.
fn place(file: &Path) -> Option<(Repository, String)> {
    // Links in the way lead to where git sees the file; one in its place is tracked itself.
    let file = std::path::absolute(file).ok()?;
    let folder = std::fs::canonicalize(file.parent()?).ok()?;
    let file = folder.join(file.file_name()?);
    let repository = repository(&folder)?;
    let inside = file.strip_prefix(&repository.work_tree).ok()?;
    let path = inside.components().map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>()?.join("/");
    Some((repository, path))
}

fn repository(folder: &Path) -> Option<Repository> {
    folder.ancestors().find_map(|work_tree| {
        let git = work_tree.join(".git");
        let meta = std::fs::metadata(&git).ok()?;
        let folder = if meta.is_dir() { git } else { work_tree.join(pointer(&git, "gitdir:")?) };
        Some(Repository { work_tree: work_tree.to_path_buf(), folder })
    })
}

/// The path that a small file holds behind a word.
fn pointer(file: &Path, word: &str) -> Option<PathBuf> {
    let text = String::from_utf8(read(file, MAX_SMALL)?).ok()?;
    Some(PathBuf::from(text.trim().strip_prefix(word)?.trim()))
}

/// Which names the repository gives its objects; a further work tree has the configuration of the first.
fn hash(folder: &Path) -> Hash {
    let common = pointer(&folder.join("commondir"), "").map_or_else(|| folder.to_path_buf(), |path| folder.join(path));
    let config = read(&common.join("config"), MAX_SMALL).unwrap_or_default();
    let says = String::from_utf8_lossy(&config)
        .to_ascii_lowercase()
        .lines()
        .any(|line| line.split_once('=').is_some_and(|(key, value)| key.trim() == "objectformat" && value.trim() == "sha256"));
    if says { Hash::Sha256 } else { Hash::Sha1 }
}

fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    let meta = std::fs::metadata(path).ok()?;
    (meta.is_file() && meta.len() <= most).then(|| std::fs::read(path).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_tracked(file: &Path) -> bool {
        tracking(file) == Tracking::Tracked
    }
    use std::process::Command;

    fn git(folder: &Path, args: &[&str]) {
        let own = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        command.args(own).args(args).current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            command.env_remove(variable);
        }
        let out = command.output().expect("git is there");
        assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    }

    fn write(folder: &Path, name: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
        std::fs::write(path, "A=1\n").expect("a writable file");
    }

    #[test]
    fn tracked_files_are_told_from_others_in_real_repositories() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let at = |name: &str| dir.path().join(name);
        assert!(!is_tracked(&at(".env")));
        git(dir.path(), &["init", "-q"]);
        assert!(!is_tracked(&at(".env")), "an empty repository has no index");
        for name in [".env", "app/.env", "app/other.env", "ignored.env"] {
            write(dir.path(), name);
        }
        for version in ["2", "4"] {
            git(dir.path(), &["add", ".env", "app/.env", "app/other.env"]);
            git(dir.path(), &["update-index", "--index-version", version]);
            assert!(is_tracked(&at(".env")) && is_tracked(&at("app/.env")) && is_tracked(&at("app/other.env")), "{version}");
            assert!(!is_tracked(&at("ignored.env")) && !is_tracked(&at("app")), "{version}");
        }
        git(dir.path(), &["rm", "-q", "--cached", "app/.env"]);
        assert!(!is_tracked(&at("app/.env")) && is_tracked(&at("app/other.env")));
    }

    #[test]
    fn a_further_work_tree_has_an_index_of_its_own() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let main = dir.path().join("main");
        std::fs::create_dir(&main).expect("a new folder");
        git(&main, &["init", "-q"]);
        write(&main, ".env");
        git(&main, &["add", ".env"]);
        git(&main, &["commit", "-q", "-m", "start"]);
        git(&main, &["worktree", "add", "-q", "../second"]);
        let second = dir.path().join("second");
        assert!(is_tracked(&second.join(".env")) && !is_tracked(&second.join("other.env")));
        git(&second, &["rm", "-q", "--cached", ".env"]);
        assert!(!is_tracked(&second.join(".env")) && is_tracked(&main.join(".env")));
    }

    #[test]
    fn object_names_of_sha_256_are_known() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        git(dir.path(), &["init", "-q", "--object-format=sha256"]);
        write(dir.path(), ".env");
        git(dir.path(), &["add", ".env"]);
        assert!(is_tracked(&dir.path().join(".env")) && !is_tracked(&dir.path().join("b")));
    }
}
