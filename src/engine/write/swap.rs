//! Replaces the contents of several files, one rename after the other, and undoes that if one of them fails. Knows nothing of backups.

use super::error::{Undone, WriteError};
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// One file, what it holds now and what it shall hold then; `None` is no file.
#[derive(Debug)]
pub(super) struct Swap {
    /// As it is named, relative to the root.
    pub(super) path: PathBuf,
    /// Where it is, with links followed.
    pub(super) target: PathBuf,
    pub(super) now: Option<Vec<u8>>,
    pub(super) then: Option<Vec<u8>>,
    /// The permissions it shall have; `None`: those that new files get here.
    pub(super) mode: Option<u32>,
}

/// Where `path` leads, and what is there. Links are followed, also those among its folders.
pub(super) fn read(root: &Path, path: &Path) -> Result<(PathBuf, Option<Vec<u8>>), WriteError> {
    let full = root.join(path);
    match fs::symlink_metadata(&full) {
        Ok(_) => {
            let target = fs::canonicalize(&full).map_err(WriteError::refused(path, "follow"))?;
            if !target.is_file() {
                let reason = io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
                return Err(WriteError::refused(path, "replace")(reason));
            }
            let bytes = fs::read(&target).map_err(WriteError::refused(path, "read"))?;
            Ok((target, Some(bytes)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((through_folders(&full), None)),
        Err(error) => Err(WriteError::refused(path, "read")(error)),
    }
}

/// `path` (nothing is there) with the links among its folders followed, so that two names of one place are seen to be one.
fn through_folders(path: &Path) -> PathBuf {
    match (path.parent().map(fs::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}

/// Swaps whose new contents lie on disk beside their targets. Dropping it removes those.
#[derive(Debug)]
pub(super) struct Staged {
    swaps: Vec<Swap>,
    /// How many are done.
    done: usize,
}

impl Staged {
    pub(super) fn new(swaps: Vec<Swap>) -> Result<Self, WriteError> {
        let staged = Self { swaps, done: 0 };
        for swap in &staged.swaps {
            if let Some(bytes) = &swap.then {
                stage(swap, bytes).map_err(WriteError::refused(&swap.path, "write beside"))?;
            }
        }
        Ok(staged)
    }

    pub(super) fn swaps(&self) -> &[Swap] {
        &self.swaps
    }

    /// Does all that is left. If one file cannot be swapped, those before it get back what they held.
    pub(super) fn finish(mut self) -> Result<(), WriteError> {
        while self.done < self.swaps.len() {
            if let Err(error) = self.step() {
                let undone = if self.undo().is_ok() { Undone::PutBack } else { Undone::Partly };
                return Err(error.with_undone(undone));
            }
        }
        sync_folders(&self.swaps);
        Ok(())
    }

    /// Swaps the next file.
    pub(super) fn step(&mut self) -> Result<(), WriteError> {
        let swap = &self.swaps[self.done];
        match swap.then {
            Some(_) => fs::rename(beside(&swap.target), &swap.target).map_err(WriteError::refused(&swap.path, "replace"))?,
            None => fs::remove_file(&swap.target).map_err(WriteError::refused(&swap.path, "remove"))?,
        }
        self.done += 1;
        Ok(())
    }

    fn undo(&mut self) -> io::Result<()> {
        while let Some(last) = self.done.checked_sub(1) {
            let swap = &self.swaps[last];
            match &swap.now {
                Some(bytes) => {
                    stage(swap, bytes)?;
                    fs::rename(beside(&swap.target), &swap.target)?;
                }
                None => fs::remove_file(&swap.target)?,
            }
            self.done = last;
        }
        sync_folders(&self.swaps);
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        self.swaps.iter().for_each(Swap::sweep);
    }
}

impl Swap {
    /// Removes what waits beside the target, be it from this run or from one that was killed.
    pub(super) fn sweep(&self) {
        let _ = fs::remove_file(beside(&self.target));
    }
}

/// Writes `bytes` to disk beside the target, with the owner and the permissions that the target shall have.
fn stage(swap: &Swap, bytes: &[u8]) -> io::Result<()> {
    let path = beside(&swap.target);
    // Whatever is there is not written through.
    swap.sweep();
    let mut file = create(&path, swap.mode.is_some())?;
    file.write_all(bytes)?;
    keep_owner(&swap.target, &file);
    set_mode(&file, swap.mode)?;
    file.sync_all()
}

/// The name under which the new content waits: in the same folder, because only there a rename is one step.
fn beside(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".cachelint-new");
    target.with_file_name(name)
}

#[cfg(unix)]
fn create(path: &Path, private: bool) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // What will be private must be so from the first byte.
    fs::OpenOptions::new().write(true).create_new(true).mode(if private { 0o600 } else { 0o666 }).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _private: bool) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)
}

/// The permission bits of what is at `target`, where the platform has such.
#[cfg(unix)]
pub(super) fn mode_of(target: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(target).ok().map(|meta| meta.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
pub(super) fn mode_of(_target: &Path) -> Option<u32> {
    None
}

#[cfg(unix)]
fn set_mode(file: &fs::File, mode: Option<u32>) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    mode.map_or(Ok(()), |mode| file.set_permissions(fs::Permissions::from_mode(mode)))
}

#[cfg(not(unix))]
fn set_mode(_file: &fs::File, _mode: Option<u32>) -> io::Result<()> {
    Ok(())
}

/// Gives `file` to the owner of `target`. Only the superuser may; for anyone else the file is theirs already, or becomes theirs, as
/// with any editor that saves by renaming.
#[cfg(unix)]
fn keep_owner(target: &Path, file: &fs::File) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let (Ok(old), Ok(new)) = (fs::metadata(target), file.metadata()) else { return };
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) && fchown(file, Some(old.uid()), Some(old.gid())).is_err() {
        let _ = fchown(file, None, Some(old.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_target: &Path, _file: &fs::File) {}

fn sync_folders(swaps: &[Swap]) {
    let mut folders: Vec<_> = swaps.iter().filter_map(|swap| swap.target.parent()).collect();
    folders.sort_unstable();
    folders.dedup();
    folders.into_iter().for_each(sync_folder);
}

/// Brings the names in `folder` to disk. Some file systems cannot; the files themselves are there all the same.
pub(super) fn sync_folder(folder: &Path) {
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Folders that were made for new files. Dropping it removes them again, unless they were kept.
#[derive(Debug, Default)]
pub(super) struct Folders {
    root: PathBuf,
    /// Relative to the root, the outer ones first.
    made: Vec<PathBuf>,
}

impl Folders {
    /// Makes the folders that `path` lies in.
    pub(super) fn make_for(&mut self, root: &Path, path: &Path) -> Result<(), WriteError> {
        self.root = root.to_path_buf();
        let missing: Vec<_> =
            path.ancestors().skip(1).take_while(|folder| !folder.as_os_str().is_empty() && !root.join(folder).exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(root.join(folder)).map_err(WriteError::refused(folder, "make the folder"))?;
            self.made.push(folder.to_path_buf());
        }
        Ok(())
    }

    pub(super) fn made(&self) -> &[PathBuf] {
        &self.made
    }

    pub(super) fn keep(mut self) {
        self.made.clear();
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        remove_empty(&self.root, &self.made);
    }
}

/// Removes those of `folders` (the outer ones first) that hold nothing.
pub(super) fn remove_empty(root: &Path, folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        let _ = fs::remove_dir(root.join(folder));
    }
}
