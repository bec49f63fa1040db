//! Unified diffs of what a fix does, with secrets masked. Well-formed for whatever reads diffs, but not meant to be applied: a mask
//! stands where the old secret stood.

use super::snippet::Shown;
use crate::secret::Known;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};
use std::fmt::Write as _;
use std::ops::Range;

const CONTEXT: usize = 3;

/// The change of one file, with three lines of context; empty if there is none.
pub fn unified(path: &str, before: &str, after: &str, known: &Known, color: bool) -> String {
    if before == after { String::new() } else { compare(&format!("a/{path}"), path, before, after, known, color) }
}

/// A file that did not exist.
pub fn new_file(path: &str, after: &str, known: &Known, color: bool) -> String {
    compare("/dev/null", path, "", after, known, color)
}

fn compare(old_name: &str, path: &str, before: &str, after: &str, known: &Known, color: bool) -> String {
    let (old, new) = (Side::new(before, known), Side::new(after, known));
    let mut page = Page { out: String::new(), color };
    page.line(BOLD, format_args!("--- {old_name}"));
    page.line(BOLD, format_args!("+++ b/{path}"));
    // The whole texts are compared, not what is shown of them: two different secrets look the same, and their lines still differ.
    for hunk in group_diff_ops(capture_diff_slices(Algorithm::Myers, &old.lines, &new.lines), CONTEXT) {
        page.hunk(&hunk, &old, &new);
    }
    page.out
}

/// One of the two texts.
struct Side<'a> {
    text: &'a str,
    /// Its lines, each with its line ending.
    lines: Vec<&'a str>,
    starts: Vec<usize>,
    secrets: Vec<Range<usize>>,
}

impl<'a> Side<'a> {
    fn new(text: &'a str, known: &Known) -> Self {
        let lines: Vec<_> = text.split_inclusive('\n').collect();
        let starts = lines.iter().scan(0, |at, line| Some(std::mem::replace(at, *at + line.len()))).collect();
        Self { text, lines, starts, secrets: known.find_all(text, Vec::new()) }
    }

    /// A line as it may be shown, and its line ending (empty at the end of a file without one).
    fn shown(&self, line: usize) -> (String, &'a str) {
        let full = self.lines[line];
        let body = full.strip_suffix('\n').map_or(full, |rest| rest.strip_suffix('\r').unwrap_or(rest));
        let start = self.starts[line];
        (Shown::new(self.text, start..start + body.len(), &self.secrets).text, &full[body.len()..])
    }
}

const BOLD: &str = "\u{1b}[1m";
const CYAN: &str = "\u{1b}[36m";
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";

struct Page {
    out: String,
    color: bool,
}

impl Page {
    fn hunk(&mut self, ops: &[DiffOp], old: &Side, new: &Side) {
        let (Some(first), Some(last)) = (ops.first(), ops.last()) else { return };
        let old_range = first.old_range().start..last.old_range().end;
        let new_range = first.new_range().start..last.new_range().end;
        self.line(CYAN, format_args!("@@ -{} +{} @@", extent(&old_range), extent(&new_range)));
        for op in ops {
            if op.tag() == DiffTag::Equal {
                op.old_range().for_each(|line| self.content("", ' ', old.shown(line)));
            } else {
                op.old_range().for_each(|line| self.content(RED, '-', old.shown(line)));
                op.new_range().for_each(|line| self.content(GREEN, '+', new.shown(line)));
            }
        }
    }

    fn content(&mut self, tint: &str, sign: char, (text, ending): (String, &str)) {
        // In colour a person reads it, and a carriage return would only confuse the terminal.
        let carriage = if ending == "\r\n" && !self.color { "\r" } else { "" };
        self.line(tint, format_args!("{sign}{text}{carriage}"));
        if ending.is_empty() {
            self.line("", format_args!("\\ No newline at end of file"));
        }
    }

    fn line(&mut self, tint: &str, text: std::fmt::Arguments) {
        let (on, off) = if self.color && !tint.is_empty() { (tint, "\u{1b}[0m") } else { ("", "") };
        writeln!(self.out, "{on}{text}{off}").expect("a string takes whatever is written");
    }
}

/// The lines of one side of a hunk, as `@@` wants them: an empty range names the line before it, a single line has no count.
fn extent(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        count => format!("{},{count}", range.start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unified(path: &str, before: &str, after: &str, color: bool) -> String {
        super::unified(path, before, after, &Known::default(), color)
    }

    fn new_file(path: &str, after: &str, color: bool) -> String {
        super::new_file(path, after, &Known::default(), color)
    }

    #[test]
    fn a_change_with_its_context() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let diff = unified("x/.env", before, &before.replace("e\n", "E\nE2\n"), false);
        assert_eq!(diff, "--- a/x/.env\n+++ b/x/.env\n@@ -2,7 +2,8 @@\n b\n c\n d\n-e\n+E\n+E2\n f\n g\n h\n");
    }

    #[test]
    fn nothing_changed_is_nothing_shown() {
        assert_eq!(unified("x", "a\n", "a\n", false), "");
    }

    #[test]
    fn a_new_file_and_one_that_becomes_something() {
        assert_eq!(
            new_file("n", "a\nb", false),
            "--- /dev/null\n+++ b/n\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("n", "", "a\n", false), "--- a/n\n+++ b/n\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(unified("n", "a\n", "", false), "--- a/n\n+++ b/n\n@@ -1 +0,0 @@\n-a\n");
    }

    #[test]
    fn only_the_last_newline_differs() {
        let diff = unified("n", "a", "a\n", false);
        assert_eq!(diff, "--- a/n\n+++ b/n\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
    }

    #[test]
    fn secrets_are_masked_and_their_change_is_still_seen() {
        let diff = unified(".env", "A=redis://:one@h\nDB_PASSWORD=three\n", "A=redis://:two@h\nDB_PASSWORD=three\n", false);
        let expected = "@@ -1,2 +1,2 @@\n-A=redis://********@h\n+A=redis://********@h\n DB_PASSWORD=********\n";
        assert_eq!(diff, format!("--- a/.env\n+++ b/.env\n{expected}"));
    }

    #[test]
    fn carriage_returns_stay_and_other_controls_do_not_break_lines() {
        let diff = unified("e", "a\r\nb\u{b}\rc\r\n", "a\r\nB\u{b}\rc\r\n", false);
        assert_eq!(diff, "--- a/e\n+++ b/e\n@@ -1,2 +1,2 @@\n a\r\n-b␋␍c\r\n+B␋␍c\r\n");
        let colour = unified("e", "a\r\n", "b\r\n", true);
        assert!(colour.contains("\u{1b}[31m-a\u{1b}[0m\n\u{1b}[32m+b\u{1b}[0m\n") && !colour.contains('\r'));
    }

    #[test]
    fn far_changes_make_two_hunks() {
        let before: String = (0..40).fold(String::new(), |text, n| text + &n.to_string() + "\n");
        let after = before.replace("\n5\n", "\nfive\n").replace("\n30\n", "\n");
        let diff = unified("n", &before, &after, false);
        assert!(diff.contains("\n@@ -3,7 +3,7 @@\n") && diff.contains("\n@@ -28,7 +28,6 @@\n"), "{diff}");
    }
}
