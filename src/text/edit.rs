//! Changes to text: byte ranges and what takes their place. The only currency of change, for fixes, diffs, writes and editors.

use super::span::{FileId, Span};
use std::collections::BTreeMap;

/// Replaces the bytes under `span` by `text`; an empty span inserts before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
    /// Order among insertions at one point: the more deeply indented text comes first, because it continues the block that ends
    /// there; then the smaller `rank`, which follows the order of keys in the templates.
    pub indent: u32,
    pub rank: u32,
}

impl Edit {
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into(), indent: 0, rank: 0 }
    }

    pub fn insert(at: Span, text: impl Into<String>, indent: u32, rank: u32) -> Self {
        Self { span: at, text: text.into(), indent, rank }
    }

    pub fn delete(span: Span) -> Self {
        Self::replace(span, "")
    }

    /// How edits are sorted: by place, then as `indent` and `rank` say.
    fn order(&self) -> (u32, u32, std::cmp::Reverse<u32>, u32) {
        (self.span.start, self.span.end, std::cmp::Reverse(self.indent), self.rank)
    }
}

/// Why an edit is not added.
enum Obstacle {
    Double,
    Overlap(Overlap),
}

/// Edits of several files that do not touch each other, sorted, and without duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch {
    files: BTreeMap<FileId, Vec<Edit>>,
}

/// Two changes want the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    pub span: Span,
}

impl Patch {
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub fn files(&self) -> impl Iterator<Item = (FileId, &[Edit])> {
        self.files.iter().map(|(file, edits)| (*file, edits.as_slice()))
    }

    /// Takes all of `edits` or none: an edit that is there already is not doubled, one that overlaps another is refused.
    pub fn join(&mut self, edits: &[Edit]) -> Result<(), Overlap> {
        let mut taken: Vec<&Edit> = Vec::new();
        for edit in edits {
            match self.place(edit) {
                Ok(at) => {
                    self.files.entry(edit.span.file).or_default().insert(at, edit.clone());
                    taken.push(edit);
                }
                Err(Obstacle::Double) => {}
                Err(Obstacle::Overlap(overlap)) => {
                    for edit in taken {
                        self.drop(edit);
                    }
                    return Err(overlap);
                }
            }
        }
        Ok(())
    }

    /// Where in its file's list an edit belongs. As the list is sorted and disjoint, only its neighbours can be in the way.
    fn place(&self, edit: &Edit) -> Result<usize, Obstacle> {
        let there = self.files.get(&edit.span.file).map(Vec::as_slice).unwrap_or_default();
        let at = there.partition_point(|other| other.order() <= edit.order());
        let before = there[..at].iter().rev().take_while(|other| other.span.start == edit.span.start);
        if before.clone().any(|other| other == edit) {
            return Err(Obstacle::Double);
        }
        let last_replaced = there[..at].iter().rev().find(|other| !other.span.is_empty());
        let behind = there[at..].iter().take_while(|other| other.span.start <= edit.span.end);
        match last_replaced.into_iter().chain(before).chain(behind).find(|other| overlap(other, edit)) {
            Some(other) => Err(Obstacle::Overlap(Overlap { span: other.span })),
            None => Ok(at),
        }
    }

    fn drop(&mut self, edit: &Edit) {
        if let Some(there) = self.files.get_mut(&edit.span.file) {
            there.retain(|other| other != edit);
            if there.is_empty() {
                self.files.remove(&edit.span.file);
            }
        }
    }

    /// The text of one file with its edits applied.
    pub fn apply(&self, file: FileId, text: &str) -> String {
        let Some(edits) = self.files.get(&file) else { return text.to_owned() };
        let mut out = String::with_capacity(text.len() + edits.iter().map(|e| e.text.len()).sum::<usize>());
        let mut done = 0;
        for edit in edits {
            let range = edit.span.range();
            out.push_str(&text[done..range.start]);
            out.push_str(&edit.text);
            done = range.end;
        }
        out.push_str(&text[done..]);
        out
    }
}

/// Insertions never overlap one another; an insertion at the border of a replaced range is fine, one inside it is not.
fn overlap(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.span, b.span);
    match (a.is_empty(), b.is_empty()) {
        (true, true) => false,
        (true, false) => b.start < a.start && a.start < b.end,
        (false, true) => a.start < b.start && b.start < a.end,
        (false, false) => a.start < b.end && b.start < a.end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: usize, end: usize) -> Span {
        Span::new(FileId(0), start..end)
    }

    #[test]
    fn edits_are_applied_in_order_of_place() {
        let mut patch = Patch::default();
        patch.join(&[Edit::replace(at(4, 5), "Z"), Edit::delete(at(0, 1))]).expect("disjoint");
        assert_eq!(patch.apply(FileId(0), "abcdefg"), "bcdZfg");
    }

    #[test]
    fn deeper_insertions_come_first_then_the_rank_decides() {
        let mut patch = Patch::default();
        let edits = [Edit::insert(at(1, 1), "top", 0, 0), Edit::insert(at(1, 1), "b", 4, 2), Edit::insert(at(1, 1), "a", 4, 1)];
        patch.join(&edits).expect("insertions never overlap");
        assert_eq!(patch.apply(FileId(0), "<>"), "<abtop>");
    }

    #[test]
    fn an_overlap_is_refused_whole_and_a_double_taken_once() {
        let mut patch = Patch::default();
        patch.join(&[Edit::replace(at(2, 4), "x")]).expect("first");
        patch.join(&[Edit::replace(at(2, 4), "x")]).expect("the same again");
        assert!(patch.join(&[Edit::delete(at(7, 8)), Edit::replace(at(3, 5), "y")]).is_err());
        assert_eq!(patch.apply(FileId(0), "0123456789"), "01x456789");
    }
}
