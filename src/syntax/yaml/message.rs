//! What the parser found wrong, said to a person. Holds no text from the file.

use super::YamlError;
use crate::text::span::{FileId, Span};
use granit_parser::ErrorKind;
use std::ops::Range;

pub(super) const TEMPLATE: &str = "this looks like a template (`{{ … }}` or `{% … %}`), not YAML: it has to be rendered first; quote the value if it is meant literally";

/// The parser's error at byte `at` as one sentence, at the place where a person would look for it.
pub(super) fn of(file: FileId, text: &str, kind: &ErrorKind, at: usize) -> YamlError {
    let at = (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let error = |message: &str, range: Range<usize>| YamlError { message: message.to_owned(), span: Span::new(file, range) };
    if let Some(tab) = tab_in_indentation(text, kind, at) {
        return error("a tab is used for indentation; YAML allows only spaces", tab);
    }
    if let Some(template) = template(text, at) {
        return error(TEMPLATE, template);
    }
    let width = text[at..].chars().next().filter(|&c| c != '\n' && c != '\r').map_or(0, char::len_utf8);
    error(&sentence(kind), at..at + width)
}

/// The first tab in the indentation of a line from the one with the error on; the parser gives the start of the value above it.
fn tab_in_indentation(text: &str, kind: &ErrorKind, at: usize) -> Option<Range<usize>> {
    let about_tabs = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::InvalidBlockScalarIndent
            | ErrorKind::InvalidQuotedScalarIndent
    );
    let mut start = line_start(text, at);
    // Only the line itself and the one below it, unless the parser says that a tab is the trouble.
    for line in text[start..].split_inclusive('\n').take(if about_tabs { usize::MAX } else { 1 }) {
        let indentation = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        if let Some(tab) = indentation.find('\t')
            && !line.trim().is_empty()
        {
            return Some(start + tab..start + tab + 1);
        }
        start += line.len();
    }
    None
}

/// The opening braces of a template on the line of the error or on the one before it.
fn template(text: &str, at: usize) -> Option<Range<usize>> {
    let this = line_start(text, at);
    let before = line_start(text, this.saturating_sub(1));
    let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length);
    let opening = |start: usize, end: usize| {
        let line = &text[start..end];
        line.find("{%").or_else(|| line.find("{{")).map(|found| start + found..start + found + 2)
    };
    opening(this, end).or_else(|| opening(before, this))
}

fn line_start(text: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |newline| newline + 1)
}

fn sentence(kind: &ErrorKind) -> String {
    use ErrorKind as E;
    let known = match kind {
        E::MappingValueNotAllowed | E::InvalidColonPlacement => {
            "`: ` is not expected here: quote the value if it holds a colon and a space, and check the indentation of this line"
        }
        E::ExpectedBlockMappingKey => "this line does not fit: expected a `key: value` in the column of the keys above",
        E::ExpectedBlockSequenceEntry => "this line does not fit: expected a `- item` in the column of the dashes above",
        E::SimpleKeyExpected | E::InvalidSimpleKey => "expected a `:` behind this key",
        E::BlockSequenceEntryNotAllowed | E::BlockEntryInFlowCollection => {
            "a list item (`- `) is not expected here: it belongs on a line of its own"
        }
        E::UnclosedQuotedScalar => "this quote is never closed: expected the same quote at the end of the value",
        E::InvalidTrailingDoubleQuotedScalar | E::InvalidTrailingSingleQuotedScalar => {
            "something follows the closing quote: expected the end of the line, a comment, or `,`"
        }
        E::UnclosedFlowCollection { open: '[' } | E::UnexpectedEofFlowSequence => "this `[` is never closed: expected a `]`",
        E::UnclosedFlowCollection { .. } | E::UnexpectedEofFlowMapping | E::UnexpectedEofImplicitFlowMapping => {
            "this `{` is never closed: expected a `}`"
        }
        E::ExpectedFlowMappingSeparator => "expected `,` or `}` here: the `{` before it is not closed",
        E::ExpectedFlowSequenceSeparator => "expected `,` or `]` here: the `[` before it is not closed",
        E::MismatchedFlowCollectionEnd { .. } | E::MisplacedFlowCollectionEnd => {
            "this bracket does not close the one that was opened last"
        }
        E::UnexpectedCharacter { character } if character.is_control() => {
            "a control character stands here, usually from a file saved in the wrong encoding: remove it"
        }
        E::UnexpectedCharacter { .. } => "a value cannot start with this character: quote the value",
        E::PlainScalarStartsWithDashFlowIndicator => "a value cannot start with `-` and a bracket: quote the value",
        E::MissingAnchorOrAliasName => "a name is missing behind `&` or `*`: quote the value if it is meant literally",
        E::UndeclaredTagHandle => "this tag uses a prefix that is not declared",
        E::UnknownQuotedScalarEscape => "this backslash starts no escape that YAML knows: write `\\\\`, or use single quotes",
        E::InvalidQuotedScalarHexEscape | E::InvalidUnicodeEscape | E::UnpairedLowSurrogate | E::MissingLowSurrogate => {
            "this escape names no character: expected hexadecimal digits of a Unicode character"
        }
        E::InvalidIndentation | E::InvalidFlowScalarIndent | E::InvalidQuotedScalarIndent => {
            "this line is indented too little to belong to what is open above it"
        }
        E::InvalidBlockScalarIndent => {
            "the lines of this block text are indented unevenly: the first line sets the least indentation"
        }
        E::InvalidBlockScalarHeader => "expected the end of the line behind `|` or `>`: the text starts on the next line",
        E::CommentNotSeparated => "a comment needs a space before its `#`",
        E::CommentInterceptedScalar => "a comment stands in the middle of a value that goes on below it: quote the value",
        E::DocumentIndicatorInQuotedScalar => "the document ends here, but a quote is still open",
        E::RecursionLimitExceeded => "this is nested more deeply than any Compose file needs (255 levels); the rest is not read",
        E::BomInsideDocument => "a byte order mark stands in the middle of the file; remove it",
        E::InvalidDocumentEnd | E::ExpectedDocumentStart => "expected the end of the document, or `---` and a new one",
        E::MappingKeyNotAllowed => "a key is not expected here: check the indentation of this line",
        _ => return format!("not YAML: {kind}"),
    };
    known.to_owned()
}
