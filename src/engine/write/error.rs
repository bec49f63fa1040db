//! Why files were not written, each time with what to do about it. Never holds a file's content.

use crate::text::source::display;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What is on disk after a write that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// The failure came before the first file was replaced.
    NothingWritten,
    /// What had been replaced holds its old bytes again.
    PutBack,
    /// Some files are old, some are new, each of them whole; the backup has the old ones.
    Partly,
}

/// Why files were not written. Paths are relative to the root.
#[derive(Debug)]
pub enum WriteError {
    /// The file does not hold what was read before; `appeared` if it should not have been there at all.
    Changed {
        path: PathBuf,
        appeared: bool,
    },
    /// Two writes, under two names, want one file to hold different bytes.
    SameFile {
        path: PathBuf,
        other: PathBuf,
    },
    /// Another process writes below this root.
    Busy,
    NothingToRollBack,
    /// These files hold neither the bytes from before the commit nor those from after it.
    ChangedSince {
        files: Vec<PathBuf>,
        backup: PathBuf,
    },
    /// The backup is there but cannot be read as one.
    BrokenBackup {
        folder: PathBuf,
        reason: String,
    },
    /// The operating system refused; `doing` is what, such as "write".
    Refused {
        path: PathBuf,
        doing: &'static str,
        reason: io::Error,
        undone: Undone,
    },
}

impl WriteError {
    pub(super) fn refused(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |reason| Self::Refused { path, doing, reason, undone: Undone::NothingWritten }
    }

    /// What is on disk now, where the operating system refused half-way.
    pub fn undone(&self) -> Option<Undone> {
        match self {
            Self::Refused { undone, .. } => Some(*undone),
            _ => None,
        }
    }

    pub(super) fn with_undone(mut self, now: Undone) -> Self {
        if let Self::Refused { undone, .. } = &mut self {
            *undone = now;
        }
        self
    }
}

impl std::error::Error for WriteError {}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Changed { path, appeared: true } => {
                write!(f, "{} has appeared meanwhile; nothing was written. Look at it, then run the command again", name(path))
            }
            Self::Changed { path, appeared: false } => {
                write!(f, "{} was changed meanwhile by something else; nothing was written. Run the command again", name(path))
            }
            Self::SameFile { path, other } => {
                write!(f, "{} and {} are one file and were to become different; nothing was written", name(path), name(other))
            }
            Self::Busy => f.write_str(
                "another cachelint is writing in this project; nothing was written. Run the command again when it is done",
            ),
            Self::NothingToRollBack => f.write_str("there is nothing to roll back here: .cachelint/backup holds no backup"),
            Self::ChangedSince { files, backup } => {
                let files: Vec<_> = files.iter().map(|file| name(file)).collect();
                let (files, were) = (files.join(", "), if files.len() == 1 { "was" } else { "were" });
                write!(
                    f,
                    "{files} {were} changed after cachelint wrote; nothing was put back. Undo those changes and run rollback "
                )?;
                write!(f, "again, or take the old versions from {} by hand (manifest.json says which is which)", name(backup))
            }
            Self::BrokenBackup { folder, reason } => {
                write!(
                    f,
                    "the backup {} cannot be used ({reason}); nothing was put back. Remove it to reach an older one",
                    name(folder)
                )
            }
            Self::Refused { path, doing, reason, undone } => {
                write!(f, "could not {doing} {}: {}; {}{}", name(path), reason_of(reason), state(*undone), advice(reason))
            }
        }
    }
}

fn state(undone: Undone) -> &'static str {
    match undone {
        Undone::NothingWritten => "nothing was written",
        Undone::PutBack => "what had been written was put back",
        Undone::Partly => {
            "some files are written and could not be put back: `cachelint rollback` does it once the cause is mended"
        }
    }
}

/// What the operating system says, without its error number.
fn reason_of(reason: &io::Error) -> String {
    let text = reason.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text[..end].chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().to_lowercase()
}

fn advice(reason: &io::Error) -> &'static str {
    match reason.kind() {
        io::ErrorKind::PermissionDenied => ". Check who may write to that file and its folder",
        io::ErrorKind::ReadOnlyFilesystem => ". The file system is mounted read-only",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ". Free some space, then run the command again",
        io::ErrorKind::ResourceBusy => ". Is that file mounted into a container by itself? Run cachelint outside of it",
        _ => "",
    }
}

/// A path on one line, whatever its name holds.
fn name(path: &Path) -> String {
    display(path).chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_and_why_and_what_to_do() {
        let error = WriteError::refused(Path::new("a/.env"), "write")(io::Error::from(io::ErrorKind::PermissionDenied));
        let expected =
            "could not write a/.env: permission denied; nothing was written. Check who may write to that file and its folder";
        assert_eq!(error.to_string(), expected);
        let error = error.with_undone(Undone::PutBack);
        assert!(error.to_string().contains("what had been written was put back"));
        let error = WriteError::refused(Path::new("x"), "write")(io::Error::from_raw_os_error(28));
        assert!(!error.to_string().contains("os error"), "{error}");
    }
}
