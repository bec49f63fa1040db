//! What `check --fix` and `migrate` share: the edits as a diff, and as files to write.

use crate::engine::fix::{self, Outcome};
use crate::engine::write::FileWrite;
use crate::report::diff;
use crate::secret::Known;
use crate::text::source::display;
use std::path::{Path, PathBuf};

/// One file's edits as a diff, with its path as the working directory sees it.
pub(super) fn diff_of(root: &Path, file: &fix::Rewritten, known: &Known, color: bool) -> String {
    // Behind `a/` and `b/` even an absolute path is a relative one.
    let path = display(&crate::text::source::normal(&root.join(&file.path)));
    let path = path.trim_start_matches('/');
    match &file.before {
        Some(before) => diff::unified(path, before, &file.after, known, color),
        None => diff::new_file(path, &file.after, known, color),
    }
}

/// Collects what is to be written below each root, so that all files of one path are written or none.
pub(super) fn add_writes(writes: &mut Vec<(PathBuf, Vec<FileWrite>)>, root: PathBuf, project: &Path, outcome: &Outcome) {
    let below = project.strip_prefix(&root).unwrap_or(Path::new("")).to_path_buf();
    let files = outcome.files.iter().map(|file| FileWrite {
        path: below.join(&file.path),
        before: file.before.as_ref().map(|text| text.as_bytes().to_vec()),
        after: file.after.as_bytes().to_vec(),
    });
    match writes.iter_mut().find(|(there, _)| *there == root) {
        Some((_, all)) => all.extend(files),
        None => writes.push((root, files.collect())),
    }
}
