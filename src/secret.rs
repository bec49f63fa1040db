//! What is secret in a file's text, and how it is masked.

use std::ops::Range;

/// What stands for a secret, whatever its length.
pub const MASK: &str = "********";

/// Where secrets stand in `text`: sorted, disjoint, each within one line.
pub fn find(text: &str) -> Vec<Range<usize>> {
    let _ = text;
    Vec::new()
}

/// Whether the value of a variable or key of this name is a secret.
pub fn is_secret_name(name: &str) -> bool {
    let _ = name;
    false
}

/// `text` with all that [`find`] finds replaced by [`MASK`].
pub fn mask(text: &str) -> String {
    mask_ranges(text, &find(text))
}

/// `text` with `ranges` (sorted and disjoint) replaced by [`MASK`].
pub fn mask_ranges(text: &str, ranges: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for range in ranges {
        out.push_str(&text[done..range.start]);
        out.push_str(MASK);
        done = range.end;
    }
    out.push_str(&text[done..]);
    out
}
