//! Writes a set of files all or none, and puts back what it wrote. Knows bytes, folders and what a crash can do; knows nothing of
//! what the files mean.
//!
//! A write goes through these states, and a crash between any two of them leaves each file old or new, never half:
//!
//! 1. the new contents lie beside their targets, under other names, on disk;
//! 2. the old contents and the manifest lie in `.cachelint/backup/<time>/`, on disk: from here on [`rollback`] can restore the set;
//! 3. one file after the other is renamed over its target.
//!
//! Errors name paths and reasons, never a file's content.

mod backup;
mod error;
mod store;
mod swap;

pub use error::{Undone, WriteError};

use backup::{Entry, Manifest};
use std::path::{Path, PathBuf};
use store::Store;
use swap::{Folders, Staged, Swap};

/// One file that shall hold other bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileWrite {
    /// Relative to the root; may be `../x`. A symbolic link is followed, what it points at is replaced.
    pub path: PathBuf,
    /// What was read before the change was made up, and must still be there; `None`: the file must not exist.
    pub before: Option<Vec<u8>>,
    pub after: Vec<u8>,
}

/// Where the old versions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Relative to the root: `.cachelint/backup/20261123T101500Z`.
    pub folder: PathBuf,
    /// The files that were written, relative to the root, in the order in which they were given.
    pub files: Vec<PathBuf>,
}

/// What a rollback did; paths are relative to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Files that hold their old bytes again.
    pub files: Vec<PathBuf>,
    /// Files that did not exist before, and are gone again.
    pub removed: Vec<PathBuf>,
}

/// Writes all of `writes` or none of them, and keeps the old versions below `root`. `None` if every file holds its new bytes already.
pub fn commit(root: &Path, writes: &[FileWrite]) -> Result<Option<Backup>, WriteError> {
    Pending::new(root, writes)?.map(Pending::finish).transpose()
}

/// Puts back what the newest commit below `root` replaced, and forgets that commit: the next rollback goes one further back.
/// Nothing is touched if a file holds other bytes than those from before or after that commit.
pub fn rollback(root: &Path) -> Result<Restored, WriteError> {
    if !store::has_backups(root) {
        return Err(WriteError::NothingToRollBack);
    }
    let store = Store::open(root)?;
    let folder = store.newest()?.ok_or(WriteError::NothingToRollBack)?;
    let manifest = Manifest::load(&folder)?;
    let (mut swaps, mut changed) = (Vec::new(), Vec::new());
    for entry in &manifest.files {
        let (target, now) = swap::read(root, &entry.path)?;
        let old = entry.old(&folder)?;
        let known = now == old || now.as_ref().is_some_and(|now| entry.is_new(now));
        if known {
            swaps.push(Swap { path: entry.path.clone(), target, now, then: old, mode: entry.mode });
        } else {
            changed.push(entry.path.clone());
        }
    }
    if !changed.is_empty() {
        return Err(WriteError::ChangedSince {
            files: changed,
            backup: folder.strip_prefix(root).unwrap_or(&folder).to_path_buf(),
        });
    }
    let (same, different): (Vec<_>, Vec<_>) = swaps.into_iter().partition(|swap| swap.now == swap.then);
    same.iter().for_each(Swap::sweep);
    Staged::new(different)?.finish()?;
    swap::remove_empty(root, &manifest.folders);
    store.forget(&folder)?;
    let (files, removed): (Vec<_>, Vec<_>) = manifest.files.into_iter().partition(|entry| entry.existed);
    let paths = |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.path).collect();
    Ok(Restored { files: paths(files), removed: paths(removed) })
}

/// A commit of which everything is on disk but the last step.
struct Pending {
    staged: Staged,
    folders: Folders,
    backup: Backup,
    store: Store,
}

impl Pending {
    fn new(root: &Path, writes: &[FileWrite]) -> Result<Option<Self>, WriteError> {
        let writes: Vec<_> = writes.iter().filter(|write| write.before.as_ref() != Some(&write.after)).collect();
        if writes.is_empty() {
            return Ok(None);
        }
        let store = Store::open(root)?;
        let mut folders = Folders::default();
        let mut swaps: Vec<Swap> = Vec::with_capacity(writes.len());
        for write in writes {
            folders.make_for(root, &write.path)?;
            let swap = checked(root, write)?;
            match swaps.iter().find(|other| other.target == swap.target) {
                Some(other) if other.then == swap.then => {}
                Some(other) => return Err(WriteError::SameFile { path: swap.path, other: other.path.clone() }),
                None => swaps.push(swap),
            }
        }
        let staged = Staged::new(swaps)?;
        let folder = store.add(|folder| Manifest::save(folder, staged.swaps(), folders.made()))?;
        let files = staged.swaps().iter().map(|swap| swap.path.clone()).collect();
        Ok(Some(Self { staged, folders, backup: Backup { folder, files }, store }))
    }

    fn finish(self) -> Result<Backup, WriteError> {
        let Self { staged, folders, backup, store } = self;
        match staged.finish() {
            Ok(()) => {
                folders.keep();
                Ok(backup)
            }
            Err(error) => {
                if error.undone() == Some(Undone::PutBack) {
                    // A backup that stays is no harm: rolling back to it would change nothing.
                    let _ = store.forget(&store.root().join(&backup.folder));
                } else {
                    folders.keep();
                }
                Err(error)
            }
        }
    }
}

/// The swap for `write`, if the file holds what it shall hold before.
fn checked(root: &Path, write: &FileWrite) -> Result<Swap, WriteError> {
    let (target, now) = swap::read(root, &write.path)?;
    if now != write.before {
        return Err(WriteError::Changed { path: write.path.clone(), appeared: write.before.is_none() });
    }
    // A new env file is there to hold what others are not to read.
    let is_env = target.extension().or(target.file_name()).is_some_and(|name| name == "env" || name == ".env");
    let mode = swap::mode_of(&target).or((is_env && now.is_none()).then_some(0o600));
    Ok(Swap { path: write.path.clone(), target, now, then: Some(write.after.clone()), mode })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::display;
    use std::fs;

    fn write(path: &str, before: Option<&str>, after: &str) -> FileWrite {
        FileWrite { path: path.into(), before: before.map(|text| text.as_bytes().to_vec()), after: after.as_bytes().to_vec() }
    }

    /// A folder with these files.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for (path, text) in files {
            fs::write(dir.path().join(path), text).expect("a file");
        }
        dir
    }

    /// All files below `root` with their contents, without the store.
    fn all(root: &Path) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut open = vec![root.to_path_buf()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).expect("a folder").flatten() {
                let path = entry.path();
                let name = display(path.strip_prefix(root).expect("below the root"));
                if path.is_dir() && name != ".cachelint" {
                    found.push((format!("{name}/"), String::new()));
                    open.push(path);
                } else if name != ".cachelint" {
                    found.push((name, fs::read_to_string(&path).expect("text")));
                }
            }
        }
        found.sort();
        found
    }

    /// A crash: nothing that would tidy up gets to run, but the kernel lets go of the lock.
    fn crash(mut pending: Pending) {
        pending.store.crash();
        std::mem::forget(pending);
    }

    #[test]
    fn a_set_is_written_and_put_back() {
        let dir = folder(&[("docker-compose.yml", "old"), (".env", "A=1")]);
        let before = all(dir.path());
        let writes =
            [write("docker-compose.yml", Some("old"), "new"), write(".env", Some("A=1"), ""), write("scripts/x/a.py", None, "a")];
        let backup = commit(dir.path(), &writes).expect("written").expect("something to do");
        assert_eq!(fs::read_to_string(dir.path().join("docker-compose.yml")).expect("it"), "new");
        assert_eq!(fs::read_to_string(dir.path().join("scripts/x/a.py")).expect("it"), "a");
        assert_eq!(backup.files.len(), 3);
        let restored = rollback(dir.path()).expect("put back");
        assert_eq!((restored.files.len(), restored.removed), (2, vec![PathBuf::from("scripts/x/a.py")]));
        assert_eq!(all(dir.path()), before);
        assert!(!dir.path().join(".cachelint").exists());
        assert!(matches!(rollback(dir.path()), Err(WriteError::NothingToRollBack)));
        assert!(!dir.path().join(".cachelint").exists());
    }

    #[test]
    fn nothing_to_do_leaves_nothing() {
        let dir = folder(&[("a", "x")]);
        assert_eq!(commit(dir.path(), &[write("a", Some("x"), "x")]).expect("fine"), None);
        assert!(!dir.path().join(".cachelint").exists());
    }

    #[test]
    fn two_commits_are_rolled_back_one_by_one() {
        let dir = folder(&[("a", "1")]);
        commit(dir.path(), &[write("a", Some("1"), "2")]).expect("first");
        commit(dir.path(), &[write("a", Some("2"), "3"), write("b", None, "new")]).expect("second");
        rollback(dir.path()).expect("second back");
        assert_eq!(all(dir.path()), [("a".to_owned(), "2".to_owned())]);
        rollback(dir.path()).expect("first back");
        assert_eq!(all(dir.path()), [("a".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn a_crash_after_any_step_is_rolled_back_whole() {
        let names: Vec<_> = (0..50).map(|n| format!("f{n}")).collect();
        for crash_after in [0, 1, 25, 49, 50] {
            let dir = folder(&[]);
            names.iter().skip(1).for_each(|name| fs::write(dir.path().join(name), "old").expect("a file"));
            let before = all(dir.path());
            let writes: Vec<_> = names.iter().map(|name| write(name, (name != "f0").then_some("old"), "new")).collect();
            let mut pending = Pending::new(dir.path(), &writes).expect("staged").expect("something to do");
            (0..crash_after).for_each(|_| pending.staged.step().expect("one more"));
            crash(pending);
            let whole = all(dir.path()).into_iter().filter(|(name, _)| !name.ends_with("cachelint-new"));
            assert!(whole.clone().all(|(_, text)| text == "old" || text == "new"));
            assert_eq!(whole.filter(|(_, text)| text == "new").count(), crash_after);
            rollback(dir.path()).expect("put back");
            assert_eq!(all(dir.path()), before, "after {crash_after}");
        }
    }

    #[test]
    fn a_commit_after_a_crash_goes_on_from_there() {
        let dir = folder(&[("a", "1"), ("b", "1")]);
        let writes = [write("a", Some("1"), "2"), write("b", Some("1"), "2")];
        let mut pending = Pending::new(dir.path(), &writes).expect("staged").expect("something to do");
        pending.staged.step().expect("the first");
        crash(pending);
        assert!(matches!(commit(dir.path(), &writes), Err(WriteError::Changed { .. })));
        commit(dir.path(), &[writes[1].clone()]).expect("the rest").expect("something to do");
        rollback(dir.path()).expect("the rest back");
        rollback(dir.path()).expect("all back");
        assert_eq!(all(dir.path()), [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn a_rename_that_fails_puts_back_the_ones_before() {
        let dir = folder(&[("a", "1"), ("c", "1")]);
        let writes = [write("a", Some("1"), "2"), write("b", None, "2"), write("c", Some("1"), "2")];
        let pending = Pending::new(dir.path(), &writes).expect("staged").expect("something to do");
        fs::remove_file(dir.path().join("c")).expect("gone");
        fs::create_dir_all(dir.path().join("c/in the way")).expect("a folder instead");
        let error = pending.finish().expect_err("a folder cannot be replaced");
        assert_eq!(error.undone(), Some(Undone::PutBack), "{error}");
        let left: Vec<_> = all(dir.path()).into_iter().filter(|(name, _)| !name.starts_with("c/")).collect();
        assert_eq!(left, [("a".to_owned(), "1".to_owned())]);
        assert!(!dir.path().join(".cachelint").exists());
    }

    #[test]
    fn what_was_changed_meanwhile_is_left_alone() {
        let dir = folder(&[("a", "1"), ("b", "hunter2")]);
        let before = all(dir.path());
        let error = commit(dir.path(), &[write("a", Some("1"), "2"), write("x/b", None, "2"), write("b", Some("1"), "2")]);
        let error = error.expect_err("b was changed").to_string();
        assert!(error.contains("b was changed") && !error.contains("hunter2"), "{error}");
        assert!(matches!(commit(dir.path(), &[write("a", None, "2")]), Err(WriteError::Changed { appeared: true, .. })));
        assert!(matches!(commit(dir.path(), &[write("gone", Some("1"), "2")]), Err(WriteError::Changed { .. })));
        assert_eq!(all(dir.path()), before);
        assert!(!dir.path().join(".cachelint").exists());
    }

    #[test]
    fn what_was_changed_since_is_not_rolled_back() {
        let dir = folder(&[("a", "1"), ("b", "1")]);
        commit(dir.path(), &[write("a", Some("1"), "2"), write("b", Some("1"), "2")]).expect("written");
        fs::write(dir.path().join("b"), "mine").expect("an edit");
        let error = rollback(dir.path()).expect_err("b was changed");
        assert!(error.to_string().starts_with("b was changed after cachelint wrote; nothing was put back"), "{error}");
        assert_eq!(fs::read_to_string(dir.path().join("a")).expect("a"), "2");
        fs::write(dir.path().join("b"), "2").expect("undone");
        rollback(dir.path()).expect("put back now");
        assert_eq!(all(dir.path()), [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn a_damaged_backup_is_refused() {
        let dir = folder(&[("a", "1")]);
        let backup = commit(dir.path(), &[write("a", Some("1"), "2")]).expect("written").expect("something");
        let manifest = dir.path().join(backup.folder).join("manifest.json");
        let text = fs::read_to_string(&manifest).expect("it is there");
        for bad in [text.replace("\"0000\"", "\"../x\""), "{".to_owned(), text.replace("\"schema\": 1", "\"schema\": 9")] {
            fs::write(&manifest, bad).expect("damaged");
            assert!(matches!(rollback(dir.path()), Err(WriteError::BrokenBackup { .. })));
        }
        assert_eq!(fs::read_to_string(dir.path().join("a")).expect("a"), "2");
    }

    #[cfg(unix)]
    #[test]
    fn a_new_env_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = folder(&[]);
        commit(dir.path(), &[write(".env", None, "REDIS_PASSWORD=s3cret-fixture\n"), write("a.yml", None, "a")])
            .expect("written");
        let mode = |name: &str| fs::metadata(dir.path().join(name)).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode(".env"), 0o600);
        assert_ne!(mode("a.yml") & 0o400, 0);
        rollback(dir.path()).expect("put back");
        assert!(!dir.path().join(".env").exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_modes_kept() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let dir = folder(&[]);
        let root = dir.path().join("project");
        fs::create_dir_all(dir.path().join("shared")).expect("a folder");
        fs::create_dir(&root).expect("a folder");
        let target = dir.path().join("shared/real.env");
        fs::write(&target, "A=1").expect("a file");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).expect("a mode");
        symlink("../shared/real.env", root.join(".env")).expect("a link");
        symlink(".env", root.join("also.env")).expect("a link");
        let mode = |path: &Path| fs::symlink_metadata(path).expect("it is there").permissions().mode() & 0o7777;

        let twice = [write(".env", Some("A=1"), "A=2"), write("also.env", Some("A=1"), "A=3")];
        assert!(matches!(commit(&root, &twice), Err(WriteError::SameFile { .. })));
        let backup = commit(&root, &twice[..1]).expect("written").expect("something to do");
        assert!(root.join(".env").is_symlink());
        assert_eq!((fs::read_to_string(&target).expect("it"), mode(&target)), ("A=2".to_owned(), 0o640));
        assert_eq!(fs::read_dir(dir.path().join("shared")).expect("a folder").count(), 1);

        let kept = root.join(&backup.folder);
        assert_eq!((mode(&root.join(".cachelint")), mode(&root.join(".cachelint/backup")), mode(&kept)), (0o700, 0o700, 0o700));
        assert!(fs::read_dir(&kept).expect("a folder").flatten().all(|entry| mode(&entry.path()) == 0o600));
        assert_eq!(fs::read_to_string(root.join(".cachelint/.gitignore")).expect("it"), "*\n");

        rollback(&root).expect("put back");
        assert_eq!((fs::read_to_string(&target).expect("it"), mode(&target)), ("A=1".to_owned(), 0o640));
        assert!(root.join(".env").is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_or_no_store_is_refused() {
        use std::os::unix::fs::symlink;
        let dir = folder(&[("a", "1")]);
        symlink("nowhere", dir.path().join("dangling")).expect("a link");
        fs::create_dir(dir.path().join("folder")).expect("a folder");
        for path in ["dangling", "folder", "a/b"] {
            let error = commit(dir.path(), &[write(path, None, "2")]).expect_err("no place for a file");
            assert!(error.to_string().contains("nothing was written"), "{error}");
        }
        symlink("folder", dir.path().join(".cachelint")).expect("a link");
        let error = commit(dir.path(), &[write("a", Some("1"), "2")]).expect_err("the store would lie elsewhere");
        assert!(error.to_string().contains("could not use .cachelint: it is not a folder"), "{error}");
        assert_eq!(fs::read_dir(dir.path().join("folder")).expect("a folder").count(), 0);
    }

    #[test]
    fn a_file_outside_of_the_root_is_written_too() {
        let dir = folder(&[("base.yml", "1")]);
        fs::create_dir(dir.path().join("app")).expect("a folder");
        let root = dir.path().join("app");
        commit(&root, &[write("../base.yml", Some("1"), "2")]).expect("written");
        assert_eq!(fs::read_to_string(dir.path().join("base.yml")).expect("it"), "2");
        rollback(&root).expect("put back");
        assert_eq!(fs::read_to_string(dir.path().join("base.yml")).expect("it"), "1");
    }
}
