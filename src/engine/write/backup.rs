//! What is in one backup: the old contents, under numbers for names, and a manifest that says whose they are.

use super::error::WriteError;
use super::store::{MANIFEST, write_private};
use super::swap::Swap;
use serde::{Deserialize, Serialize};
use std::fs;
use std::hash::Hasher as _;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    schema: u32,
    pub(super) files: Vec<Entry>,
    /// Folders that were made for new files, relative to the root, the outer ones first.
    pub(super) folders: Vec<PathBuf>,
}

/// One file that was written.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Relative to the root.
    pub(super) path: PathBuf,
    pub(super) existed: bool,
    /// The permission bits it had, where the platform has such.
    pub(super) mode: Option<u32>,
    /// The file of the backup that holds what it held. A number, so that nothing takes it for a compose file.
    old: String,
    new_bytes: u64,
    new_hash: String,
}

impl Entry {
    /// What the file held before.
    pub(super) fn old(&self, folder: &Path) -> Result<Option<Vec<u8>>, WriteError> {
        if !self.existed {
            return Ok(None);
        }
        // A manifest that names a place outside of its own folder was not written here.
        if self.old.is_empty() || !self.old.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(broken(folder, "manifest.json names a file that is none of its own"));
        }
        fs::read(folder.join(&self.old)).map(Some).map_err(|error| broken(folder, &error.kind().to_string()))
    }

    /// Whether `bytes` are what was written.
    pub(super) fn is_new(&self, bytes: &[u8]) -> bool {
        self.new_bytes == bytes.len() as u64 && self.new_hash == hash(bytes)
    }
}

impl Manifest {
    /// Brings the old contents of `swaps` and then the manifest to disk.
    pub(super) fn save(folder: &Path, swaps: &[Swap], folders: &[PathBuf]) -> Result<(), WriteError> {
        let mut files = Vec::with_capacity(swaps.len());
        for (number, swap) in swaps.iter().enumerate() {
            let old = format!("{number:04}");
            let refused = WriteError::refused(&swap.path, "write the backup of");
            if let Some(bytes) = &swap.now {
                write_private(&folder.join(&old), bytes).map_err(refused)?;
            }
            let new = swap.then.as_deref().unwrap_or_default();
            let (existed, new_bytes) = (swap.now.is_some(), new.len() as u64);
            files.push(Entry { path: swap.path.clone(), existed, mode: swap.mode, old, new_bytes, new_hash: hash(new) });
        }
        let manifest = Self { schema: 1, files, folders: folders.to_vec() };
        let write = || -> io::Result<()> {
            // Only a complete manifest ever has its name.
            let draft = folder.join("draft");
            write_private(&draft, &serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?)?;
            fs::rename(draft, folder.join(MANIFEST))
        };
        write().map_err(WriteError::refused(Path::new(MANIFEST), "write the backup's"))
    }

    pub(super) fn load(folder: &Path) -> Result<Self, WriteError> {
        let bytes = fs::read(folder.join(MANIFEST)).map_err(|error| broken(folder, &error.kind().to_string()))?;
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|_| broken(folder, "manifest.json is damaged"))?;
        if manifest.schema == 1 { Ok(manifest) } else { Err(broken(folder, "it is from a newer cachelint")) }
    }
}

fn broken(folder: &Path, reason: &str) -> WriteError {
    let folder = Path::new(".cachelint/backup").join(folder.file_name().unwrap_or_default());
    WriteError::BrokenBackup { folder, reason: reason.to_owned() }
}

/// Tells contents apart; no defence against somebody who wants two to look alike, because such a one can write the file as well.
fn hash(bytes: &[u8]) -> String {
    let mut hasher = fnv::FnvHasher::default();
    hasher.write(bytes);
    format!("{:016x}", hasher.finish())
}
