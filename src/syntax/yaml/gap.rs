//! What may stand between two YAML nodes: indicators, anchors, tags, comments, document markers. Knows bytes only; a range given to it
//! must not reach into a scalar.

/// One piece of a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// From `#` to the end of the line, line ending excluded.
    Comment,
    Dash,
    Colon,
    Question,
    Comma,
    /// An anchor, a tag or an alias.
    Property,
    /// The `|` or `>` of a block scalar with its indentation and chomping indicators.
    BlockHeader,
    /// Brackets, document markers, directives, and whatever a broken file holds.
    Other,
}

/// A mark and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub mark: Mark,
    pub start: usize,
    pub end: usize,
}

/// The pieces of `text[from..to]`, in order.
pub(crate) fn pieces(text: &str, from: usize, to: usize) -> Pieces<'_> {
    Pieces { text, at: from, to: to.min(text.len()) }
}

pub(crate) struct Pieces<'a> {
    text: &'a str,
    at: usize,
    to: usize,
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let rest = self.text.get(self.at..self.to)?;
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}']).len();
        let start = self.at + blank;
        let rest = &rest[blank..];
        let first = rest.chars().next()?;
        let line_start = start == 0 || matches!(self.text.as_bytes()[start - 1], b'\n' | b'\r');
        let apart =
            line_start || matches!(self.text.as_bytes()[start - 1], b' ' | b'\t') || self.text[..start].ends_with('\u{feff}');
        let (mark, length) = match first {
            '#' if apart => (Mark::Comment, line_length(rest)),
            '%' if line_start => (Mark::Other, line_length(rest)),
            '-' if line_start && rest.starts_with("---") => (Mark::Other, 3),
            '-' => (Mark::Dash, 1),
            ':' => (Mark::Colon, 1),
            '?' => (Mark::Question, 1),
            ',' => (Mark::Comma, 1),
            '&' | '!' | '*' => {
                (Mark::Property, rest.find([' ', '\t', '\r', '\n', ',', '[', ']', '{', '}']).unwrap_or(rest.len()))
            }
            '|' | '>' => {
                (Mark::BlockHeader, 1 + rest[1..].bytes().take_while(|b| matches!(b, b'+' | b'-' | b'0'..=b'9')).count())
            }
            other => (Mark::Other, other.len_utf8()),
        };
        self.at = start + length;
        Some(Piece { mark, start, end: start + length })
    }
}

fn line_length(rest: &str) -> usize {
    let line = &rest[..memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())];
    line.trim_end_matches('\r').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(text: &str) -> Vec<(Mark, &str)> {
        pieces(text, 0, text.len()).map(|piece| (piece.mark, &text[piece.start..piece.end])).collect()
    }

    #[test]
    fn comments_need_a_blank_before_them() {
        assert_eq!(
            marks(": &a#b # c\r\n#d"),
            [(Mark::Colon, ":"), (Mark::Property, "&a#b"), (Mark::Comment, "# c"), (Mark::Comment, "#d")]
        );
    }

    #[test]
    fn a_block_header_keeps_its_indicators() {
        assert_eq!(marks(": |-2 # h"), [(Mark::Colon, ":"), (Mark::BlockHeader, "|-2"), (Mark::Comment, "# h")]);
        assert_eq!(marks("---\n- !t"), [(Mark::Other, "---"), (Mark::Dash, "-"), (Mark::Property, "!t")]);
    }
}
