//! Lines of a YAML file, as far as block scalars and broken line endings need them. Knows bytes only.

use std::ops::Range;

/// The start of the line below the one of `at`, or the end of the text.
pub(super) fn next(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let Some(end) = memchr::memchr2(b'\n', b'\r', &bytes[at..]).map(|length| at + length) else { return text.len() };
    if bytes[end..].starts_with(b"\r\n") { end + 2 } else { end + 1 }
}

/// The lines of a block scalar, without the indentation of the line that follows them.
pub(super) fn whole(text: &str, range: Range<usize>) -> Range<usize> {
    let last = memchr::memrchr(b'\n', &text.as_bytes()[range.clone()]).map_or(range.start, |at| range.start + at + 1);
    let partial = range.end < text.len() && text[last..range.end].trim().is_empty();
    range.start..if partial { last } else { range.end }
}

/// The end of the last line that is not blank, line ending excluded.
pub(super) fn without_blank(text: &str, range: Range<usize>) -> usize {
    let end = range.start + text[range.clone()].trim_end().len();
    if end == range.start {
        return end;
    }
    let rest = &text[end..range.end];
    end + rest.find(['\r', '\n']).unwrap_or(rest.len())
}

/// A carriage return alone, or one of the Unicode line breaks: readers of YAML do not agree on what these are.
pub(super) fn foreign_break(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let alone = memchr::memchr_iter(b'\r', bytes).find(|&at| bytes.get(at + 1) != Some(&b'\n'));
    let unicode = ["\u{85}", "\u{2028}", "\u{2029}"].into_iter().filter_map(|mark| memchr::memmem::find(bytes, mark.as_bytes()));
    alone.into_iter().chain(unicode).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_texts_lose_what_is_not_theirs() {
        let text = "  a\n  b \r\n\n  c: 1\n";
        assert_eq!(whole(text, 0..13), 0..11);
        assert_eq!(&text[..without_blank(text, 0..11)], "  a\n  b ");
        assert_eq!((next(text, 1), next(text, 5), next(text, 15)), (4, 10, text.len()));
    }

    #[test]
    fn only_lf_and_crlf_are_line_breaks() {
        assert_eq!(foreign_break("a\r\nb\n"), None);
        assert_eq!(foreign_break("a\nb\rc"), Some(3));
        assert_eq!(foreign_break("a\u{2028}b\r"), Some(1));
    }
}
