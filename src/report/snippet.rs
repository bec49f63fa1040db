//! Lines of a file as they may be shown: secrets masked, nothing that a terminal would obey, long lines cut. Knows how places
//! move by that; knows nothing of how a snippet is drawn.

use crate::secret;
use std::ops::Range;

/// A piece of a text with its secrets masked, and where its bytes have gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) text: String,
    /// The offset in the original text that `text` starts at.
    origin: usize,
    swaps: Vec<Swap>,
}

/// Bytes of the original that other bytes stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Swap {
    from: Range<usize>,
    to: Range<usize>,
}

impl Shown {
    /// Shows `range` of `text`; `secrets` are those of the whole text, sorted and disjoint. A secret that reaches out of `range` is
    /// masked in it, whatever part of it lies inside.
    pub(super) fn new(text: &str, range: Range<usize>, secrets: &[Range<usize>]) -> Self {
        let mut shown = Self { text: String::with_capacity(range.len() + 16), origin: range.start, swaps: Vec::new() };
        let first = secrets.partition_point(|secret| secret.end <= range.start);
        let mut done = range.start;
        for secret in secrets[first..].iter().take_while(|secret| secret.start < range.end) {
            let inside = secret.start.max(range.start)..secret.end.min(range.end);
            shown.plain(text, done..inside.start);
            done = inside.end;
            if !inside.is_empty() {
                shown.swap(inside, secret::MASK);
            }
        }
        shown.plain(text, done..range.end);
        shown
    }

    /// Where the range `range` of the original is in `text`. What lies partly under a mask gets the whole mask.
    pub(super) fn map(&self, range: &Range<usize>) -> Range<usize> {
        self.moved(range.start, |swap| swap.to.start)..self.moved(range.end, |swap| swap.to.end)
    }

    fn moved(&self, offset: usize, inside: impl Fn(&Swap) -> usize) -> usize {
        let before = self.swaps.partition_point(|swap| swap.from.end <= offset);
        if let Some(swap) = self.swaps.get(before).filter(|swap| swap.from.start < offset) {
            return inside(swap);
        }
        let (from, to) =
            before.checked_sub(1).map_or((self.origin, 0), |last| (self.swaps[last].from.end, self.swaps[last].to.end));
        (to + offset.saturating_sub(from)).min(self.text.len())
    }

    fn plain(&mut self, text: &str, range: Range<usize>) {
        for (at, c) in text[range.clone()].char_indices() {
            let sign = visible(c);
            if sign == c {
                self.text.push(c);
            } else {
                let from = range.start + at;
                self.swap(from..from + c.len_utf8(), sign.encode_utf8(&mut [0; 4]));
            }
        }
    }

    fn swap(&mut self, from: Range<usize>, by: &str) {
        let start = self.text.len();
        self.text.push_str(by);
        self.swaps.push(Swap { from, to: start..self.text.len() });
    }
}

/// One line of a text for a snippet: masked, and cut to a window where it is long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// Where the asked-for ranges are in `text`, in the same order.
    pub(super) labels: Vec<Range<usize>>,
}

/// Shows the line `line` (byte range, no line ending) of `text` in at most `columns` columns, around the first of `labels`, which
/// are byte ranges that lie in the line.
pub(super) fn line(text: &str, line: &Range<usize>, secrets: &[Range<usize>], labels: &[Range<usize>], columns: usize) -> Line {
    let columns = columns.max(20);
    let focus = labels.first().map_or(line.start, |label| label.start);
    // Far more than a window can show; keeps the work small where a whole file is one line.
    let reach = columns * 16 + 1024;
    let near = floor(text, focus.saturating_sub(reach).max(line.start))..floor(text, focus.saturating_add(reach).min(line.end));
    let shown = Shown::new(text, near.clone(), secrets);
    let labels: Vec<_> =
        labels.iter().map(|label| shown.map(&(label.start.max(near.start)..label.end.min(near.end).max(near.start)))).collect();
    let window = window(&shown.text, labels.first().cloned().unwrap_or(0..0), columns);
    let (cut_left, cut_right) =
        (window.start > 0 || near.start > line.start, window.end < shown.text.len() || near.end < line.end);
    let mut cut = String::with_capacity(window.len() + 8);
    cut.push_str(if cut_left { "…" } else { "" });
    let shift = cut.len();
    cut.push_str(&shown.text[window.clone()]);
    cut.push_str(if cut_right { "…" } else { "" });
    let moved = |at: usize| if at < window.start { 0 } else { at.min(window.end) - window.start + shift };
    let labels = labels.iter().map(|label| moved(label.start)..moved(label.end).max(moved(label.start))).collect();
    Line { text: cut, labels }
}

/// The part of `text` that is shown when all of it is too wide: from the start if `focus` ends early enough, else around it.
fn window(text: &str, focus: Range<usize>, columns: usize) -> Range<usize> {
    let width = |range: Range<usize>| text[range].chars().map(columns_of).sum::<usize>();
    if width(0..text.len()) <= columns {
        return 0..text.len();
    }
    let room = columns - 2;
    let start = if width(0..focus.end) <= room {
        0
    } else {
        let lead = room.saturating_sub(width(focus.clone())).min(room / 4);
        let mut left = lead;
        let mut start = focus.start;
        for c in text[..focus.start].chars().rev() {
            let Some(rest) = left.checked_sub(columns_of(c)) else { break };
            left = rest;
            start -= c.len_utf8();
        }
        start
    };
    let mut left = room;
    let mut end = start;
    for c in text[start..].chars() {
        let Some(rest) = left.checked_sub(columns_of(c)) else { break };
        left = rest;
        end += c.len_utf8();
    }
    start..end
}

/// How wide a character is, roughly and rather too much: this only decides where a line is cut.
fn columns_of(c: char) -> usize {
    match c {
        '\t' => 4,
        '\u{1100}'.. => 2,
        _ => 1,
    }
}

/// `c`, or a sign in its place if it would move a terminal's cursor, switch its colours, end the line or turn the order of the text.
pub(super) fn visible(c: char) -> char {
    match c {
        '\t' => c,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '␡',
        '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        _ => c,
    }
}

/// `range` where it fits into `text`, on character boundaries.
pub(super) fn fit(text: &str, range: Range<usize>) -> Range<usize> {
    let start = floor(text, range.start);
    let end = (range.end.min(text.len())..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    start..end.max(start)
}

fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::MASK;
    use std::slice;

    /// The secret is marked by «».
    fn marked(text: &str) -> (String, Vec<Range<usize>>) {
        let (start, rest) = (text.find('«').expect("«"), text.replace('«', ""));
        let end = rest.find('»').expect("»");
        (rest.replace('»', ""), std::iter::once(start..end).collect())
    }

    #[test]
    fn labels_before_in_and_after_a_secret_move_with_it() {
        let (text, secrets) = marked("u: redis://«é:pw»@host/0\r");
        let shown = Shown::new(&text, 0..text.len() - 1, &secrets);
        assert_eq!(shown.text, format!("u: redis://{MASK}@host/0"));
        let at = |word: &str| {
            let start = text.find(word).expect("it is there");
            &shown.text[shown.map(&(start..start + word.len()))]
        };
        assert_eq!(at("redis:"), "redis:");
        assert_eq!(at("pw"), MASK);
        assert_eq!(at("w@ho"), format!("{MASK}@ho"));
        assert_eq!(at("//é"), format!("//{MASK}"));
        assert_eq!(at("host"), "host");
        assert_eq!(at("@"), "@");
    }

    #[test]
    fn every_line_of_a_secret_is_masked() {
        let (text, secrets) = marked("A=\"x«one\ntwo\nthree»\"\n");
        let lines: Vec<_> = [0..7, 8..11, 12..18].map(|range| Shown::new(&text, range, &secrets).text).to_vec();
        assert_eq!(lines, [format!("A=\"x{MASK}"), MASK.to_owned(), format!("{MASK}\"")]);
    }

    #[test]
    fn a_long_line_is_cut_around_the_label() {
        let text = format!("{}needle{}", "a".repeat(5000), "é".repeat(5000));
        let line = line(&text, &(0..text.len()), &[], &[5000..5006, 0..2], 60);
        assert_eq!(line.text.chars().count(), 60);
        assert!(line.text.starts_with("…aa") && line.text.ends_with("é…"));
        assert_eq!(&line.text[line.labels[0].clone()], "needle");
        assert!(line.text.is_char_boundary(line.labels[1].start) && line.text.is_char_boundary(line.labels[1].end));
    }

    #[test]
    fn a_long_line_with_an_early_label_keeps_its_start() {
        let text = format!("KEY={}", "x".repeat(500));
        let line = line(&text, &(0..text.len()), &[], slice::from_ref(&(0..3)), 40);
        assert!(line.text.starts_with("KEY=x") && line.text.ends_with('…'));
        assert_eq!(line.labels[0], 0..3);
    }

    #[test]
    fn a_label_wider_than_the_window_is_cut_with_it() {
        let text = "x".repeat(9000);
        let line = line(&text, &(0..text.len()), &[], slice::from_ref(&(10..8990)), 40);
        assert!(line.labels[0].end <= line.text.len());
        assert_eq!(line.text.chars().count(), 40);
    }

    #[test]
    fn what_a_terminal_would_obey_becomes_a_sign() {
        let shown = Shown::new("a\u{1b}[2Jb\tc", 0..8, &[]);
        assert_eq!(shown.text, "a␛[2Jb\tc");
        assert_eq!(&shown.text[shown.map(&(5..6))], "b");
    }

    #[test]
    fn ranges_are_made_to_fit() {
        assert_eq!(fit("éa", 1..1), 0..2);
        assert_eq!(fit("", 5..9), 0..0);
        assert_eq!(fit("abc", 2..99), 2..3);
    }
}
