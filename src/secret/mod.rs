//! What is secret in a file's text, and how it is masked. Knows how passwords get into compose and env files, by their looks alone:
//! the text need not parse, and comments count. Knows neither YAML's nor Compose's model.
//!
//! Everything that prints goes through here, so a doubtful case is masked. A pure reference (`${VAR}`, `$VAR`, `$$VAR`) is no
//! secret: it stays readable, for it is what people are advised to write.

mod authority;
pub mod broken;
mod clients;
mod flags;
mod keys;
mod known;
mod lines;
mod names;
mod userinfo;
mod values;

pub use known::{Known, is_reference};
pub use names::is_secret_name;
use std::ops::Range;

/// What stands for a secret, whatever its length.
pub const MASK: &str = "********";

/// Where secrets stand in `text`: sorted, disjoint, each within one line, both ends on character boundaries.
pub fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = userinfo::find(text);
    keys::find(text, &mut found);
    flags::find(text, &mut found);
    clients::find(text, &mut found);
    authority::bare(text, &mut found);
    tidy(text, found)
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

/// The secrets of `text` together with further ranges of it that are not to be shown, in any order; sorted and disjoint as those of
/// [`find`].
pub fn find_and(text: &str, hidden: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut all = find(text);
    all.extend(hidden);
    tidy(text, all)
}

/// Sorts, joins what overlaps or touches, and cuts at line ends, so that masking keeps the lines and their indentation.
fn tidy(text: &str, mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    let mut out = Vec::with_capacity(joined.len());
    for range in joined {
        let mut start = floor(text, range.start);
        for line in text[start..ceil(text, range.end)].split_inclusive('\n') {
            let body = line.trim();
            let at = start + (line.len() - line.trim_start().len());
            if !body.is_empty() {
                out.push(at..at + body.len());
            }
            start += line.len();
        }
    }
    out
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests;
