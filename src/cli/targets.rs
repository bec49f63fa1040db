//! From the paths of the command line to projects.

use super::error::Error;
use crate::compose::discover::{self, ProjectFiles};
use crate::text::source::{Sources, decode, display, normal};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Projects that one path of the command line stands for.
pub(super) struct Targets {
    /// Where backups go: the directory of the path.
    pub(super) root: PathBuf,
    pub(super) projects: Vec<ProjectFiles>,
}

/// The projects of a directory and below it, of a compose file, or beside an env file.
pub(super) fn of_path(path: &Path) -> Result<Targets, Error> {
    let usage = |sentence: String| Err(Error::Usage(sentence));
    let Ok(meta) = std::fs::metadata(path) else {
        return usage(format!("{} is not there", display(path)));
    };
    if meta.is_dir() {
        let projects = discover::below(path);
        if projects.is_empty() {
            return usage(format!("no compose file in {} or below; name one, or run this where it lies", display(path)));
        }
        return Ok(Targets { root: path.to_path_buf(), projects });
    }
    let project = of_file(path, |name| path.with_file_name(name).exists())?;
    Ok(Targets { root: project.root.clone(), projects: vec![project] })
}

/// The project of one file: the folder's, if the file belongs to that by its name; otherwise the file's own.
fn of_file(path: &Path, exists: impl Fn(&Path) -> bool) -> Result<ProjectFiles, Error> {
    let alone = ProjectFiles::of_file(path);
    let name = alone.compose[0].clone();
    let folder = ProjectFiles::of_directory(&alone.root, exists);
    let is_yaml = path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
    match folder {
        Some(folder) if !is_yaml || folder.compose.contains(&name) => Ok(folder),
        None if !is_yaml => Err(Error::Usage(format!("{} is no compose file, and there is none beside it", display(path)))),
        _ => Ok(alone),
    }
}

/// The project of the file that comes from standard input, with that text in front of the disk.
pub(super) fn of_stdin(filename: &Path) -> Result<(ProjectFiles, Sources), Error> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| Error::Usage(format!("standard input cannot be read: {}", error.kind())))?;
    let (text, problem) = decode(bytes);
    if problem.is_some() {
        return Err(Error::Usage("standard input is not UTF-8".to_owned()));
    }
    let name = filename.file_name().map(PathBuf::from).unwrap_or_default();
    let project = of_file(filename, |other| other == name || filename.with_file_name(other).exists())?;
    let sources = Sources::new(&project.root).with_overlay([(name, text)]);
    Ok((project, sources))
}

/// A folder as it is shown.
pub(super) fn shown(root: &Path) -> String {
    let root = display(&normal(root));
    if root.is_empty() { ".".to_owned() } else { root }
}

/// What makes two projects of the command line the same: the real folder and the files in it.
pub(super) fn identity(files: &ProjectFiles) -> (PathBuf, Vec<PathBuf>) {
    let root = std::fs::canonicalize(&files.root).unwrap_or_else(|_| files.root.clone());
    (root, files.compose.clone())
}
