//! What the tests share: the repository's files, projects in temporary folders, and the program run in a bare environment.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder of the program's own backups, which are no part of a project.
pub(crate) const BACKUPS: &str = ".cachelint";

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether expectations are to be rewritten rather than compared.
pub(crate) fn is_update() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1") && std::env::var_os("CI").is_none()
}

/// All files below a folder, relative to it, in order.
pub(crate) fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        for name in names_in(&root.join(&folder)) {
            let path = folder.join(&name);
            let is_dir = std::fs::symlink_metadata(root.join(&path)).expect("a file that was listed is there").is_dir();
            if is_dir { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// The names in a folder, in order.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("a readable entry").file_name().into_string().expect("a UTF-8 name")).collect();
    names.sort();
    names
}

/// The bytes of all files of a folder, without the program's own backups.
pub(crate) fn contents(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let own = |path: &PathBuf| !path.starts_with(BACKUPS);
    let read = |path: PathBuf| {
        let bytes = std::fs::read(root.join(&path)).unwrap_or_default();
        (path, bytes)
    };
    files_below(root).into_iter().filter(own).map(read).collect()
}

/// The text of a file that the tests have a right to expect.
pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A project in a temporary folder, which goes away with it.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        std::fs::create_dir(project.root()).expect("a new folder");
        project
    }

    /// A copy of a folder of the repository.
    pub(crate) fn copy_of(folder: impl AsRef<Path>) -> Self {
        let from = repository().join(folder);
        let project = Self::new();
        for file in files_below(&from) {
            let bytes = std::fs::read(from.join(&file)).expect("a readable file");
            project.write(file, bytes);
        }
        project
    }

    /// Adds a file.
    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(path, text);
        self
    }

    pub(crate) fn compose(self, text: &str) -> Self {
        self.file("docker-compose.yml", text)
    }

    pub(crate) fn env(self, text: &str) -> Self {
        self.file(".env", text)
    }

    /// The folder is called `shop` wherever it lies, so that names taken from it are the same on every run.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root().join(name)
    }

    pub(crate) fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        let folder = path.parent().expect("a file lies in a folder");
        std::fs::create_dir_all(folder).expect("a new folder");
        std::fs::write(&path, text).expect("a writable file");
    }

    pub(crate) fn read(&self, name: impl AsRef<Path>) -> String {
        read(&self.path(name))
    }

    /// Makes the folder a git repository that tracks these files.
    pub(crate) fn tracks(&self, files: &[&str]) {
        let git = |args: &[&str]| {
            let mut command = Command::new("git");
            command.args(args).current_dir(self.root()).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
            for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
                command.env_remove(variable);
            }
            let out = command.output().expect("git is there");
            assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
        };
        git(&["init", "-q"]);
        git(&[&["add", "-f", "--"], files].concat());
    }

    /// The bytes of all files, without backups.
    pub(crate) fn contents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        contents(&self.root())
    }

    /// Runs the program in the project's folder with nothing of the caller's environment but `PATH`.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args))
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command.args(args).current_dir(self.root());
        command
    }

    /// Runs the program with a text on standard input.
    pub(crate) fn run_with(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A program that stops before it has read everything closes the pipe.
        drop(child.stdin.take().expect("a pipe").write_all(input));
        Ran::from(child.wait_with_output().expect("the program ends"))
    }
}

/// The program in a bare environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cachelint"));
    command.env_clear().stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// What a run left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ran {
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<std::process::Output> for Ran {
    fn from(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("output is UTF-8"),
        }
    }
}

impl Ran {
    pub(crate) fn of(mut command: Command) -> Self {
        command.output().expect("the program starts").into()
    }

    /// The exit code is as expected, and nothing crashed.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "exit code; stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked at"), "{}", self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "no {text:?} in stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn complains(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no {text:?} in stderr:\n{}\nstdout:\n{}", self.stderr, self.stdout);
        self
    }

    /// Nothing on standard error.
    #[track_caller]
    pub(crate) fn quietly(self) -> Self {
        assert_eq!(self.stderr, "", "standard error");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in:\n{}", self.stdout))
    }
}
