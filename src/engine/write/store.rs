//! The folder `.cachelint` below a project: its lock, and where the backups lie. Knows their order, nothing of what is in them.

use super::error::WriteError;
use super::swap::sync_folder;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const HOME: &str = ".cachelint";
const BACKUP: &str = ".cachelint/backup";
const LOCK: &str = ".cachelint/lock";
const IGNORE: &str = ".cachelint/.gitignore";
const IGNORE_TEXT: &str = "*\n";
pub(super) const MANIFEST: &str = "manifest.json";

/// The store of one project, held by this process alone. Dropping it lets go, and leaves nothing behind where there is no backup.
#[derive(Debug)]
pub(super) struct Store {
    root: PathBuf,
    /// Held by the kernel until it is closed, so that a crash cannot leave it locked. `None` where files cannot be locked.
    lock: Option<fs::File>,
}

/// Whether [`Store::newest`] can have anything to say; makes nothing.
pub(super) fn has_backups(root: &Path) -> bool {
    fs::read_dir(root.join(BACKUP)).is_ok_and(|mut entries| entries.next().is_some())
}

impl Store {
    pub(super) fn open(root: &Path) -> Result<Self, WriteError> {
        make_private(root, HOME)?;
        let store = Self { root: root.to_path_buf(), lock: lock(&root.join(LOCK))? };
        make_private(root, BACKUP)?;
        let ignore = root.join(IGNORE);
        if fs::metadata(&ignore).is_ok_and(|meta| meta.len() > 0) {
            store.sweep();
        } else {
            fs::write(&ignore, IGNORE_TEXT).map_err(WriteError::refused(Path::new(IGNORE), "write"))?;
        }
        Ok(store)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The newest complete backup.
    pub(super) fn newest(&self) -> Result<Option<PathBuf>, WriteError> {
        let names = self.names().map_err(WriteError::refused(Path::new(BACKUP), "read"))?;
        Ok(names.into_iter().next_back().map(|name| self.root.join(BACKUP).join(name)))
    }

    /// Makes a backup that is filled by `fill`, which writes the manifest last. Returns its folder, relative to the root.
    pub(super) fn add(&self, fill: impl FnOnce(&Path) -> Result<(), WriteError>) -> Result<PathBuf, WriteError> {
        let refused = |error| WriteError::refused(Path::new(BACKUP), "write")(error);
        let folder = Path::new(BACKUP).join(next_name(&self.names().map_err(refused)?, &stamp(SystemTime::now())));
        let place = self.root.join(&folder);
        create_private(&place).map_err(WriteError::refused(&folder, "make the folder"))?;
        if let Err(error) = fill(&place) {
            let _ = fs::remove_dir_all(&place);
            return Err(error);
        }
        sync_folder(&place);
        for folder in [BACKUP, HOME, ""] {
            sync_folder(&self.root.join(folder));
        }
        Ok(folder)
    }

    /// Removes a backup; the manifest first, so that half a backup never looks like one.
    pub(super) fn forget(&self, folder: &Path) -> Result<(), WriteError> {
        let shown = folder.strip_prefix(&self.root).unwrap_or(folder);
        fs::remove_file(folder.join(MANIFEST)).map_err(WriteError::refused(shown, "remove the backup"))?;
        sync_folder(folder);
        let _ = fs::remove_dir_all(folder);
        Ok(())
    }

    /// What the kernel does for a process that is killed.
    #[cfg(test)]
    pub(super) fn crash(&mut self) {
        self.lock = None;
    }

    /// The names of the backups, oldest first.
    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join(BACKUP))? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string()
                && is_stamp(&name)
                && entry.path().join(MANIFEST).is_file()
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Removes what a run that was killed has left of a backup: it holds old secrets and is of no use.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(self.root.join(BACKUP)) else { return };
        for entry in entries.flatten() {
            let ours = entry.file_name().to_str().is_some_and(is_stamp) && entry.file_type().is_ok_and(|kind| kind.is_dir());
            if ours && !entry.path().join(MANIFEST).exists() {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let path = |name| self.root.join(name);
        // Fails, and should, while there is a backup.
        let _ = fs::remove_dir(path(BACKUP));
        let ours = |text: Vec<u8>| IGNORE_TEXT.as_bytes().starts_with(&text);
        if !path(BACKUP).exists() && fs::read(path(IGNORE)).is_ok_and(ours) {
            let _ = fs::remove_file(path(IGNORE));
        }
        let _ = fs::remove_file(path(LOCK));
        self.lock = None;
        let _ = fs::remove_dir(path(HOME));
    }
}

/// Takes the lock file or says that somebody else has it.
fn lock(path: &Path) -> Result<Option<fs::File>, WriteError> {
    let refused = WriteError::refused(Path::new(LOCK), "write");
    let file = match fs::OpenOptions::new().write(true).create(true).truncate(false).open(path) {
        Ok(file) => file,
        Err(error) => return Err(refused(error)),
    };
    match file.try_lock() {
        // The holder before us may have removed the file that we opened.
        Ok(()) if path.exists() => Ok(Some(file)),
        Ok(()) | Err(fs::TryLockError::WouldBlock) => Err(WriteError::Busy),
        // Some network file systems have no locks.
        Err(fs::TryLockError::Error(_)) => Ok(None),
    }
}

/// Makes the folder `name`, for its owner only, or checks that it is a folder and no link to one.
fn make_private(root: &Path, name: &str) -> Result<(), WriteError> {
    let (path, shown) = (root.join(name), Path::new(name));
    match fs::symlink_metadata(&path) {
        Ok(meta) if meta.is_dir() => Ok(()),
        Ok(_) => Err(WriteError::refused(shown, "use")(io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder"))),
        Err(_) => create_private(&path).map_err(WriteError::refused(shown, "make the folder")),
    }
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Writes a file of a backup, for its owner only, to disk.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The name for a backup made at `now`: behind all others, also when the clock was set back or stands.
fn next_name(names: &[String], now: &str) -> String {
    let stem = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
    let Some(last) = names.last().filter(|last| stem(last).as_str() >= now) else { return now.to_owned() };
    let count = last.split('-').nth(1).and_then(|count| count.parse::<u32>().ok()).unwrap_or(1);
    format!("{}-{:04}", stem(last), count.saturating_add(1))
}

/// `20261123T101500Z` or `20261123T101500Z-0002`.
fn is_stamp(name: &str) -> bool {
    let (stem, count) = name.split_once('-').unwrap_or((name, "0"));
    let shape = |at: usize, byte: u8| match at {
        8 => byte == b'T',
        15 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    };
    stem.len() == 16
        && stem.bytes().enumerate().all(|(at, byte)| shape(at, byte))
        && count.bytes().all(|byte| byte.is_ascii_digit())
}

/// A moment in UTC, to the second.
fn stamp(moment: SystemTime) -> String {
    let seconds = moment.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (mut days, time) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year:04}{month:02}{:02}T{:02}{:02}{:02}Z", days + 1, time / 3600, time / 60 % 60, time % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn moments_are_written_in_utc() {
        let at = |seconds| stamp(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "19700101T000000Z");
        assert_eq!(at(951_782_399), "20000228T235959Z");
        assert_eq!(at(951_782_400), "20000229T000000Z");
        assert_eq!(at(1_795_428_900), "20261123T101500Z");
    }

    #[test]
    fn names_grow_whatever_the_clock_does() {
        let now = "20261123T101500Z";
        assert_eq!(next_name(&[], now), now);
        let mut names = vec!["20261122T000000Z".to_owned()];
        assert_eq!(next_name(&names, now), now);
        for expected in ["20261123T101500Z", "20261123T101500Z-0002", "20261123T101500Z-0003"] {
            names.push(next_name(&names, now));
            assert_eq!(names.last().map(String::as_str), Some(expected));
        }
        assert_eq!(next_name(&names, "20200101T000000Z"), "20261123T101500Z-0004");
        assert!(names.is_sorted() && names.iter().all(|name| is_stamp(name)));
        assert!(!is_stamp("notes") && !is_stamp("20261123T101500Z-x"));
    }

    #[test]
    fn only_one_holds_a_store_and_nothing_is_left_of_it() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let store = Store::open(dir.path()).expect("the first");
        assert!(matches!(Store::open(dir.path()), Err(WriteError::Busy)));
        drop(store);
        assert!(!dir.path().join(HOME).exists());
        Store::open(dir.path()).expect("free again");
    }
}
