//! From the paths of the command line to projects.

use super::args::ProjectArgs;
use super::error::Error;
use crate::compose::discover::{self, Missing, Options, ProjectFiles, Request};
use crate::compose::search::{self, Folder};
use crate::text::source::{Sources, decode, display, normal};
use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What one path of the command line stands for.
pub(super) struct Targets {
    /// Where backups go: the directory of the path.
    pub(super) root: PathBuf,
    folders: Vec<Folder>,
}

impl Targets {
    fn of(project: ProjectFiles) -> Self {
        let root = project.root.clone();
        let folder = Folder { root: root.clone(), project: Some(project), others: Vec::new() };
        Self { root, folders: vec![folder] }
    }
}

/// What the words of the command line ask Compose for. Files that are named there lie where it is called, whatever PATH says.
fn request(args: &ProjectArgs) -> Result<Request, Error> {
    if let Some(gone) = args.env_files.iter().find(|file| !file.exists()) {
        return Err(Error::Usage(format!("the env file {} is not there", display(gone))));
    }
    if let Some(name) = args.project_name.as_ref().filter(|name| discover::normal_name(name) != **name) {
        return Err(Error::Usage(format!("{name} is no name for a project: lower-case letters, digits, - and _ only")));
    }
    let absolute = |file: &PathBuf| std::path::absolute(file).unwrap_or_else(|_| file.clone());
    let env_files = if args.is_explicit() { args.env_files.clone() } else { args.env_files.iter().map(absolute).collect() };
    let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    let shell = if args.shell_env { std::env::vars_os().filter_map(text).collect() } else { BTreeMap::new() };
    Ok(Request {
        files: args.files.clone(),
        env_files,
        project_directory: args.project_directory.clone(),
        options: Options {
            profiles: args.profiles.clone(),
            shell,
            name: args.project_name.clone().filter(|name| !name.is_empty()),
            ..Options::default()
        },
    })
}

/// The one project that `path` or the words of the command line mean, ready to be read.
pub(super) fn one(path: &Path, args: &ProjectArgs) -> Result<(ProjectFiles, Sources), Error> {
    if args.is_explicit() && path != Path::new(".") {
        let named = display(path);
        return Err(Error::Usage(format!("-f and --project-directory name the project already; leave {named} out")));
    }
    let request = request(args)?;
    let overlay = if is_stdin(args) { vec![(PathBuf::from(discover::STDIN), stdin()?)] } else { Vec::new() };
    let files = if args.is_explicit() {
        request.project(Path::new(""), &Sources::new).map_err(|missing| none(&missing, path))?
    } else if path.is_dir() {
        request.project(path, &Sources::new).map_err(|missing| none(&missing, path))?
    } else {
        beside(path, &request)?
    };
    let sources = Sources::new(&files.root).with_overlay(overlay);
    Ok((files, sources))
}

/// A project to be read, with the folder that its backups go to.
pub(super) type Work = (PathBuf, ProjectFiles, Sources);

/// The projects of the paths that `docker compose` would take by itself, each once; or the one that is named.
pub(super) fn projects(paths: &[PathBuf], args: &ProjectArgs) -> Result<Vec<Work>, Error> {
    if args.is_explicit() {
        let (files, sources) = one(first(paths), args)?;
        return Ok(vec![(files.root.clone(), files, sources)]);
    }
    let work = |(root, folder): (PathBuf, Folder)| {
        let files = folder.project?;
        let sources = Sources::new(&files.root);
        Some((root, files, sources))
    };
    Ok(folders(paths, args)?.into_iter().filter_map(work).collect())
}

/// The folders of the paths, each once, with the folder that backups go to.
pub(super) fn folders(paths: &[PathBuf], args: &ProjectArgs) -> Result<Vec<(PathBuf, Folder)>, Error> {
    let mut folders = Vec::new();
    for path in paths {
        let targets = of_path(path, args)?;
        folders.extend(targets.folders.into_iter().map(|folder| (targets.root.clone(), folder)));
    }
    let mut seen = HashSet::new();
    folders.retain(|(_, folder)| seen.insert(identity(folder)));
    Ok(folders)
}

pub(super) fn first(paths: &[PathBuf]) -> &Path {
    paths.first().map_or(Path::new("."), PathBuf::as_path)
}

fn is_stdin(args: &ProjectArgs) -> bool {
    args.files.iter().any(|file| file == Path::new(discover::STDIN))
}

/// What comes from standard input has no place to be written to; `option` shows the edits instead.
pub(super) fn refuse_stdin(args: &ProjectArgs, option: &str) -> Result<(), Error> {
    if is_stdin(args) {
        return Err(Error::Usage(format!("what comes from standard input cannot be rewritten; {option} shows the edits")));
    }
    Ok(())
}

/// Why there is no project, and what to do.
fn none(missing: &Missing, path: &Path) -> Error {
    Error::Usage(match missing {
        Missing::NoComposeFile => {
            format!(
                "no compose file in {}, below or above it, that docker compose reads by itself; name one: -f FILE",
                display(path)
            )
        }
        Missing::File(file) | Missing::EnvFile(file) => format!("{} is not there", display(file)),
        Missing::EmptySetting => "COMPOSE_FILE is set and empty: remove the line, or name a compose file".to_owned(),
    })
}

/// Only files that Compose reads when they are named.
pub(super) fn no_default(path: &Path) -> Error {
    Error::Usage(format!("no compose file in {} that docker compose reads by itself; name the files: -f FILE", display(path)))
}

fn stdin() -> Result<Arc<str>, Error> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| Error::Usage(format!("standard input cannot be read: {}", error.kind())))?;
    let (text, problem) = decode(bytes);
    if problem.is_some() {
        return Err(Error::Usage("standard input is not UTF-8".to_owned()));
    }
    Ok(text)
}

/// The folders with compose files at and below a directory, or the project of a compose file or beside an env file. Not for words that
/// name one project: see [`one`].
pub(super) fn of_path(path: &Path, args: &ProjectArgs) -> Result<Targets, Error> {
    let request = request(args)?;
    if path.is_dir() {
        let folders = search::below(path, &request);
        if folders.is_empty() {
            return Ok(Targets::of(request.project(path, &Sources::new).map_err(|missing| none(&missing, path))?));
        }
        return Ok(Targets { root: path.to_path_buf(), folders });
    }
    Ok(Targets::of(beside(path, &request)?))
}

/// The project of a file on disk: see [`of_file`].
fn beside(path: &Path, request: &Request) -> Result<ProjectFiles, Error> {
    if !path.exists() {
        return Err(Error::Usage(format!("{} is not there", display(path))));
    }
    of_file(path, request, |name| path.with_file_name(name).exists())
}

/// The project of one file: the folder's, if the file belongs to that by its name; otherwise the file's own.
fn of_file(path: &Path, request: &Request, exists: impl Fn(&Path) -> bool) -> Result<ProjectFiles, Error> {
    let alone = ProjectFiles::of_file(path);
    let name = alone.compose[0].clone();
    let folder = ProjectFiles::of_directory(&alone.root, exists);
    let is_yaml = path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
    let project = match folder {
        Some(folder) if !is_yaml || folder.compose.contains(&name) => {
            let plain = ProjectFiles { options: request.options.clone(), ..folder };
            request.project(&plain.root, &Sources::new).unwrap_or(plain)
        }
        None if !is_yaml => {
            return Err(Error::Usage(format!("{} is no compose file, and there is none beside it", display(path))));
        }
        _ => {
            let named = Request { files: vec![path.to_path_buf()], ..request.clone() };
            // What comes from standard input need not be on disk.
            let alone = ProjectFiles { options: request.options.clone(), ..alone };
            named.project(Path::new(""), &Sources::new).unwrap_or(alone)
        }
    };
    Ok(project)
}

/// The project of the file that comes from standard input, with that text in front of the disk.
pub(super) fn of_stdin(filename: &Path, args: &ProjectArgs) -> Result<(ProjectFiles, Sources), Error> {
    let text = stdin()?;
    let name = filename.file_name().map(PathBuf::from).unwrap_or_default();
    let exists = |other: &Path| other == name || filename.with_file_name(other).exists();
    let project = of_file(filename, &request(args)?, exists)?;
    let sources = Sources::new(&project.root).with_overlay([(name, text)]);
    Ok((project, sources))
}

/// A folder as it is shown.
pub(super) fn shown(root: &Path) -> String {
    let root = display(&normal(root));
    if root.is_empty() { ".".to_owned() } else { root }
}

/// What makes two folders of the command line the same: the real folder and the files in it.
fn identity(folder: &Folder) -> (PathBuf, Vec<PathBuf>) {
    let root = std::fs::canonicalize(&folder.root).unwrap_or_else(|_| folder.root.clone());
    let project = folder.project.iter().flat_map(|project| project.compose.iter().cloned());
    (root, project.chain(folder.others.iter().cloned()).collect())
}
