//! Which files make a project, as Docker Compose decides it (compose-go `cli/options.go`): the base file, its override and the env file
//! of a directory, in its order of preference; files named on the command line or by `COMPOSE_FILE`; and what `.env` says beside.

use super::model::{Documents, Role};
use super::resolve::environment::{self, Environment};
use crate::text::source::{Sources, relative};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Names of the base file; the first that exists is taken.
pub const BASE_NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Names of the override file; the first that exists is taken, whatever the spelling of the base.
pub const OVERRIDE_NAMES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];
/// The env file that feeds `${…}`.
pub const ENV_NAME: &str = ".env";

/// The files of one project, before any of them is read. Paths are relative to `root`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProjectFiles {
    /// The project directory.
    pub root: PathBuf,
    /// The compose files in merge order.
    pub compose: Vec<PathBuf>,
    /// The files that feed `${…}`, in order: of several, the later wins. One that is not there is simply absent.
    pub env: Vec<PathBuf>,
    /// What the command line says beside files.
    pub options: Options,
}

/// How Compose is told to read a project, beside the names of its files.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Options {
    /// `--profile`, in addition to `COMPOSE_PROFILES`.
    pub profiles: Vec<String>,
    /// The caller's environment, where it takes part, and settings that stand above every env file.
    pub shell: BTreeMap<String, String>,
    /// `--project-name`.
    pub name: Option<String>,
    /// The folder where Compose is called: `PWD`. The project's own, if none is said.
    pub here: Option<PathBuf>,
    pub role: Role,
    /// Why there is nothing to be read, though the folder says that there is: a sentence.
    pub lacking: Option<String>,
}

/// What somebody asks Compose for on the command line. Paths count from the folder where they do so.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub files: Vec<PathBuf>,
    pub env_files: Vec<PathBuf>,
    pub project_directory: Option<PathBuf>,
    pub options: Options,
}

/// Why a request leads to no project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Neither in the folder nor above it is there a compose file.
    NoComposeFile,
    /// A file that was named is not there.
    File(PathBuf),
    EnvFile(PathBuf),
    /// `COMPOSE_FILE` is set, and names nothing.
    EmptySetting,
}

impl Request {
    /// The project that is meant when one stands in the folder `here`.
    pub fn project(&self, here: &Path, sources: &dyn Fn(&Path) -> Sources) -> Result<ProjectFiles, Missing> {
        let asked = self.project_directory.as_ref().map(|dir| here.join(dir));
        let first = self.files.first().map(|file| parent(&here.join(file)));
        // Where the first `.env` is looked for, and the search for a compose file begins.
        let start = asked.clone().or(first).unwrap_or_else(|| here.to_path_buf());
        let listed = self.options.shell.get("COMPOSE_ENV_FILES").filter(|_| self.env_files.is_empty());
        let listed = listed.iter().flat_map(|files| files.split(',')).filter(|file| !file.is_empty()).map(|file| here.join(file));
        let mut start_env: Vec<PathBuf> = self.env_files.iter().map(|file| here.join(file)).chain(listed).collect();
        let own_env = start_env.is_empty();
        if own_env {
            start_env.push(start.join(ENV_NAME));
        }
        if let Some(gone) = start_env.iter().find(|file| !own_env && !file.exists()) {
            return Err(Missing::EnvFile(relative(gone, here)));
        }
        let settings = settings(&start, &start_env, &self.options, sources);
        let files = self.compose_files(here, &start, &settings)?;
        let root = asked.unwrap_or_else(|| parent(&files[0]));
        let mut env = start_env;
        if own_env && root.join(ENV_NAME) != env[0] {
            // Both are read; that of the folder where Compose is called wins.
            env.insert(0, root.join(ENV_NAME));
        }
        let mut options = Options { here: Some(here.to_path_buf()), ..self.options.clone() };
        if settings.disabled {
            env.clear();
            options.shell.extend(settings.values.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        let inside = |path: &PathBuf| relative(path, &root);
        Ok(ProjectFiles { compose: files.iter().map(inside).collect(), env: env.iter().map(inside).collect(), root, options })
    }

    fn compose_files(&self, here: &Path, start: &Path, settings: &Settings) -> Result<Vec<PathBuf>, Missing> {
        let named: Vec<PathBuf> = if !self.files.is_empty() {
            self.files.iter().map(|file| here.join(file)).collect()
        } else if let Some(listed) = settings.values.get("COMPOSE_FILE") {
            if listed.is_empty() {
                return Err(Missing::EmptySetting);
            }
            let separator = settings.values.get("COMPOSE_PATH_SEPARATOR").filter(|separator| !separator.is_empty());
            listed.split(separator.map_or(PATH_SEPARATOR, String::as_str)).map(|file| here.join(file)).collect()
        } else {
            let found = upwards(start).ok_or(Missing::NoComposeFile)?;
            return Ok(found.compose.iter().map(|file| found.root.join(file)).collect());
        };
        match named.iter().find(|file| *file != &here.join(STDIN) && !file.exists()) {
            Some(gone) => Err(Missing::File(relative(gone, here))),
            None => Ok(named),
        }
    }
}

/// `-f -`: the compose file comes from standard input.
pub const STDIN: &str = "-";

/// Between the files of `COMPOSE_FILE`.
const PATH_SEPARATOR: &str = if cfg!(windows) { ";" } else { ":" };

/// What env files and the caller's environment say to Compose itself.
struct Settings {
    values: BTreeMap<String, String>,
    /// `COMPOSE_DISABLE_ENV_FILE`: the files set nothing else.
    disabled: bool,
}

fn settings(root: &Path, env: &[PathBuf], options: &Options, sources: &dyn Fn(&Path) -> Sources) -> Settings {
    let mut docs = Documents { sources: sources(root), ..Documents::default() };
    let ids: Vec<_> = env.iter().filter_map(|path| docs.sources.load(path)).collect();
    // The quick answer for nearly every project.
    let speaks = |text: &str| text.contains("COMPOSE_");
    let outer = Environment::around(&options.shell, root);
    let read = if ids.iter().any(|&id| speaks(docs.text(id))) {
        environment::project(&mut docs, &ids, outer, &mut Vec::new(), &mut Vec::new())
    } else {
        outer
    };
    let values = read.variables.iter().filter(|(name, _)| name.starts_with("COMPOSE_"));
    let values: BTreeMap<String, String> = values.map(|(name, text)| (name.clone(), text.value.clone())).collect();
    let disabled = values
        .get("COMPOSE_DISABLE_ENV_FILE")
        .is_some_and(|value| matches!(value.as_str(), "1" | "true" | "TRUE" | "True" | "t" | "T"));
    Settings { values, disabled }
}

/// A project's name as Compose writes it: lower case, without what is no letter, digit, `_` or `-`.
pub fn normal_name(name: &str) -> String {
    let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let kept: String = name.to_lowercase().chars().filter(allowed).collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}

/// The first folder with a compose file, from `start` upwards.
fn upwards(start: &Path) -> Option<ProjectFiles> {
    let own = ProjectFiles::of_directory(start, |name| start.join(name).exists());
    own.or_else(|| {
        let absolute = std::path::absolute(start).ok()?;
        let mut above = absolute.ancestors().skip(1);
        above.find_map(|dir| ProjectFiles::of_directory(dir, |name| dir.join(name).exists()))
    })
}

fn parent(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

impl ProjectFiles {
    /// The project whose base file lies in `dir`, if there is one. `exists` is asked for paths relative to `dir`.
    pub fn of_directory(dir: &Path, exists: impl Fn(&Path) -> bool) -> Option<Self> {
        let first = |names: &[&str]| names.iter().map(PathBuf::from).find(|name| exists(name));
        let mut compose = vec![first(&BASE_NAMES)?];
        compose.extend(first(&OVERRIDE_NAMES));
        Some(Self { root: dir.to_path_buf(), compose, env: vec![PathBuf::from(ENV_NAME)], options: Options::default() })
    }

    /// The project that one compose file makes by itself, as with `docker compose -f FILE`.
    pub fn of_file(file: &Path) -> Self {
        let root = parent(file);
        let name = file.file_name().map_or_else(PathBuf::new, PathBuf::from);
        Self { root, compose: vec![name], env: vec![PathBuf::from(ENV_NAME)], options: Options::default() }
    }
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
}
