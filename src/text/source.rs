//! The only reader of files. A file may come from disk or from an overlay (standard input, an editor buffer, the result of a fix that
//! is not written yet); nobody above can tell the difference.

mod git;
mod index;

use super::span::{FileId, LineIndex, Position, Span};
pub use git::Tracking;
use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Files above this size are not read: no real compose or env file comes near it, and every later step may count on it.
pub const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// Why a file that is there could not be taken as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadProblem {
    /// Not UTF-8; the text of the file is what came before the first bad byte.
    NotUtf8,
    /// UTF-16 with a byte order mark, as PowerShell's redirection writes it. Compose reads such a compose file (though no such env
    /// file), so the text is there; it is not rewritten.
    Utf16,
    TooLarge {
        bytes: u64,
    },
    IsDirectory,
    /// The operating system's reason, without the path.
    Unreadable(String),
}

/// One file as it was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Relative to the root of the [`Sources`], where it lies below it.
    pub path: PathBuf,
    pub text: Arc<str>,
    pub lines: LineIndex,
    pub problem: Option<ReadProblem>,
}

impl SourceFile {
    pub fn position(&self, offset: usize) -> Position {
        self.lines.position(&self.text, offset)
    }

    /// The line ending that an inserted line takes: that of the first line, or a bare newline.
    pub fn newline(&self) -> &'static str {
        match memchr::memchr(b'\n', self.text.as_bytes()) {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }
}

/// The files of one project, each read at most once.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    root: PathBuf,
    files: Vec<SourceFile>,
    /// By path as it is shown.
    known: HashMap<PathBuf, FileId>,
    overlay: BTreeMap<PathBuf, Arc<str>>,
}

impl Sources {
    /// `root` is the folder that paths are shown relative to: the project directory.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf(), ..Self::default() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The same folder with nothing read yet and these texts in front of the disk. Paths are relative to the root.
    pub fn with_overlay(&self, texts: impl IntoIterator<Item = (PathBuf, Arc<str>)>) -> Self {
        let mut overlay = self.overlay.clone();
        overlay.extend(texts.into_iter().map(|(path, text)| (normal(&path), text)));
        Self { root: self.root.clone(), overlay, ..Self::default() }
    }

    /// The texts in front of the disk, by path relative to the root.
    pub fn overlay(&self) -> &BTreeMap<PathBuf, Arc<str>> {
        &self.overlay
    }

    /// Whether there is anything at `path`, a directory included.
    pub fn exists(&self, path: &Path) -> bool {
        self.overlay.contains_key(&normal(path)) || normal(&self.root.join(path)).exists()
    }

    /// Whether git tracks the file on disk at this path; an overlay stands for the file that it will be.
    pub fn tracking(&self, path: &Path) -> Tracking {
        git::tracking(&normal(&self.root.join(path)))
    }

    /// Reads `path` (relative to the root, or absolute). `None` if nothing is there; a file that cannot be taken as text comes
    /// back with its `problem`, so that a finding can point at it.
    pub fn load(&mut self, path: &Path) -> Option<FileId> {
        let path = self.shown(path);
        if let Some(&known) = self.known.get(&path) {
            return Some(known);
        }
        let (text, problem) = match self.overlay.get(&path) {
            Some(text) => (text.clone(), None),
            None => from_disk(&normal(&self.root.join(&path)))?,
        };
        let lines = LineIndex::new(&text);
        let id = FileId(self.files.len() as u32);
        self.known.insert(path.clone(), id);
        self.files.push(SourceFile { path, text, lines, problem });
        Some(id)
    }

    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(at as u32), file))
    }

    pub fn find(&self, path: &Path) -> Option<FileId> {
        let path = self.shown(path);
        self.known.get(&path).copied()
    }

    /// The text under `span`.
    pub fn text(&self, span: Span) -> &str {
        &self.file(span.file).text[span.range()]
    }

    /// `path:line` of the start of `span`, for messages.
    pub fn place(&self, span: Span) -> String {
        let file = self.file(span.file);
        format!("{}:{}", display(&file.path), file.position(span.start as usize).line)
    }

    fn shown(&self, path: &Path) -> PathBuf {
        let path = normal(path);
        path.strip_prefix(normal(&self.root)).map(Path::to_path_buf).unwrap_or(path)
    }
}

/// A path as it is shown: with `/`, whatever the platform.
pub fn display(path: &Path) -> String {
    let shown = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { shown.into_owned() } else { shown.replace(std::path::MAIN_SEPARATOR, "/") }
}

/// Without `.` and without `x/..`, by the words of the path alone.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// `path` as seen from the folder `base`, by the words of both alone.
pub fn relative(path: &Path, base: &Path) -> PathBuf {
    let (path, base) = (normal(path), normal(base));
    if let Ok(inside) = path.strip_prefix(&base) {
        return inside.to_path_buf();
    }
    let whole = |path: &Path| normal(&std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
    let (path, base) = (whole(&path), whole(&base));
    let shared = path.components().zip(base.components()).take_while(|(a, b)| a == b).count();
    let up = base.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(path.components().skip(shared)).collect()
}

fn from_disk(path: &Path) -> Option<(Arc<str>, Option<ReadProblem>)> {
    let nothing = |problem| Some((Arc::from(""), Some(problem)));
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let dangling = std::fs::symlink_metadata(path).is_ok();
            return if dangling { nothing(ReadProblem::Unreadable("a link to nothing".to_owned())) } else { None };
        }
        Err(error) => return nothing(ReadProblem::Unreadable(error.kind().to_string())),
    };
    if meta.is_dir() {
        return nothing(ReadProblem::IsDirectory);
    }
    if !meta.is_file() {
        return nothing(ReadProblem::Unreadable("not a regular file".to_owned()));
    }
    if meta.len() > MAX_BYTES {
        return nothing(ReadProblem::TooLarge { bytes: meta.len() });
    }
    match std::fs::read(path) {
        Ok(bytes) => Some(decode(bytes)),
        Err(error) => nothing(ReadProblem::Unreadable(error.kind().to_string())),
    }
}

/// The text of UTF-16 with a byte order mark; what is no character becomes the replacement character.
fn utf16(bytes: &[u8]) -> Option<String> {
    let little = bytes.starts_with(&[0xff, 0xfe]);
    if !little && !bytes.starts_with(&[0xfe, 0xff]) {
        return None;
    }
    let pairs = bytes[2..].chunks_exact(2).map(|pair| [pair[0], pair[1]]);
    let units = pairs.map(|pair| if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) });
    Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// Bytes as text, or the text before the first bad byte and what is wrong with it.
pub fn decode(bytes: Vec<u8>) -> (Arc<str>, Option<ReadProblem>) {
    if let Some(text) = utf16(&bytes) {
        return (Arc::from(text), Some(ReadProblem::Utf16));
    }
    match String::from_utf8(bytes) {
        Ok(text) => (Arc::from(text), None),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
            (Arc::from(text), Some(ReadProblem::NotUtf8))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_text_says_why() {
        assert_eq!(decode(vec![0xff, 0xfe, b'a', 0]), (Arc::from("a"), Some(ReadProblem::Utf16)));
        let (text, problem) = decode(b"a: 1\nb: \xff\n".to_vec());
        assert_eq!((&*text, problem), ("a: 1\nb: ", Some(ReadProblem::NotUtf8)));
    }

    #[test]
    fn a_directory_is_a_problem_and_a_missing_file_is_none() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        std::fs::create_dir(dir.path().join(".env")).expect("a directory");
        let mut sources = Sources::new(dir.path());
        let id = sources.load(Path::new(".env")).expect("something is there");
        assert_eq!(sources.file(id).problem, Some(ReadProblem::IsDirectory));
        assert!(sources.load(Path::new("absent")).is_none());
    }

    #[test]
    fn paths_are_seen_from_a_folder() {
        let seen = |path: &str, base: &str| display(&relative(Path::new(path), Path::new(base)));
        assert_eq!(seen("a/b/c.yml", "a"), "b/c.yml");
        assert_eq!(seen("./c.yml", "."), "c.yml");
        assert_eq!(seen("c.yml", "a/b"), "../../c.yml");
        assert_eq!(seen("/x/c.yml", "/x/y"), "../c.yml");
    }

    #[test]
    fn an_overlay_stands_in_front_of_the_disk() {
        let sources = Sources::new(Path::new("/nowhere"));
        let mut sources = sources.with_overlay([(PathBuf::from("./.env"), Arc::from("A=1\r\n"))]);
        let id = sources.load(Path::new("x/../.env")).expect("the overlay");
        assert_eq!(sources.file(id).newline(), "\r\n");
    }
}
