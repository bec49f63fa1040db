//! Places in a file. Everything above counts bytes; only this module knows lines and columns.

use std::ops::Range;

/// Which file of a [`Sources`](super::source::Sources) a span lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one file. Both ends lie on character boundaries of that file's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        let fit = |n: usize| u32::try_from(n).expect("files above the size limit are never read");
        Self { file, start: fit(range.start), end: fit(range.end) }
    }

    /// The empty span before byte `at`.
    pub fn point(file: FileId, at: usize) -> Self {
        Self::new(file, at..at)
    }

    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub fn contains(self, other: Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The part of this span that starts at `range.start` bytes into it.
    pub fn slice(self, range: Range<usize>) -> Self {
        Self::new(self.file, self.start as usize + range.start..self.start as usize + range.end)
    }
}

/// A line and a column as people count them: both from 1, the column in Unicode characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// Where each line of a text starts, so that a byte offset becomes a position in logarithmic time.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        Self { starts }
    }

    /// The line that holds `offset`, counted from 0.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start as usize <= offset) - 1
    }

    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// Where line `line` (from 0) starts.
    pub fn start(&self, line: usize) -> usize {
        self.starts[line] as usize
    }

    /// The bytes of line `line` (from 0) without its line ending.
    pub fn range(&self, text: &str, line: usize) -> Range<usize> {
        let start = self.start(line);
        let end = self.starts.get(line + 1).map_or(text.len(), |&next| next as usize);
        let body = text[start..end].trim_end_matches('\n');
        start..start + body.strip_suffix('\r').unwrap_or(body).len()
    }

    pub fn position(&self, text: &str, offset: usize) -> Position {
        let line = self.line(offset);
        // A byte order mark is no character that anyone sees.
        let before = text[self.start(line)..offset].trim_start_matches('\u{feff}');
        Position { line: line + 1, column: before.chars().count() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let text = "a: é🔑x\r\nb: 1\n";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, text.find('x').expect("x")), Position { line: 1, column: 6 });
        assert_eq!(index.position(text, text.find('1').expect("1")), Position { line: 2, column: 4 });
        assert_eq!(&text[index.range(text, 0)], "a: é🔑x");
        assert_eq!(index.position(text, text.len()), Position { line: 3, column: 1 });
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let text = "\u{feff}services:";
        assert_eq!(LineIndex::new(text).position(text, 3), Position { line: 1, column: 1 });
    }
}
