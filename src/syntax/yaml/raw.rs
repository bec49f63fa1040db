//! Where the bytes of a scalar's value stand in the file. The content is read again in its own notation, side by side with the value
//! that the parser made of it; where the two do not agree, there is no answer rather than a wrong one.

use super::{Scalar, Style};
use std::ops::Range;

/// The place of `cooked` (bytes of the value) in `text`, if these bytes stand there verbatim and in one piece.
pub(super) fn range(text: &str, scalar: &Scalar, cooked: Range<usize>) -> Option<Range<usize>> {
    scalar.value.get(cooked.clone())?;
    let content = scalar.content.range();
    let runs = match scalar.style {
        _ if text.get(content.clone())? == scalar.value => {
            return Some(content.start + cooked.start..content.start + cooked.end);
        }
        Style::Literal | Style::Folded => block(&text[content.clone()], scalar)?,
        Style::Plain | Style::Single | Style::Double => flow(&text[content.clone()], scalar)?,
    };
    let within = |run: &&Run| run.cooked <= cooked.start && cooked.end <= run.cooked + run.length;
    let run = runs.iter().find(within)?;
    let start = content.start + run.raw + (cooked.start - run.cooked);
    Some(start..start + cooked.len())
}

/// Bytes that are the same in the value and in the content.
struct Run {
    cooked: usize,
    raw: usize,
    length: usize,
}

/// Runs in the making. Everything that is added is compared with the value.
struct Runs<'a> {
    value: &'a str,
    cooked: usize,
    found: Vec<Run>,
}

impl Runs<'_> {
    /// `part` stands in the content at `raw`, as it is.
    fn verbatim(&mut self, raw: usize, part: &str) -> Option<()> {
        self.value.get(self.cooked..)?.starts_with(part).then_some(())?;
        match self.found.last_mut() {
            Some(run) if run.raw + run.length == raw && run.cooked + run.length == self.cooked => run.length += part.len(),
            _ => self.found.push(Run { cooked: self.cooked, raw, length: part.len() }),
        }
        self.cooked += part.len();
        Some(())
    }

    /// `part` of the value is written in another way.
    fn cooked(&mut self, part: &str) -> Option<()> {
        self.value.get(self.cooked..)?.starts_with(part).then_some(())?;
        self.cooked += part.len();
        Some(())
    }
}

/// Plain and quoted scalars.
fn flow(content: &str, scalar: &Scalar) -> Option<Vec<Run>> {
    let mut runs = Runs { value: &scalar.value, cooked: 0, found: Vec::new() };
    let mut at = 0;
    while at < content.len() {
        let rest = &content[at..];
        let plain = rest.find(['\\', '\'', '\r', '\n', ' ', '\t']).unwrap_or(rest.len());
        if plain > 0 {
            runs.verbatim(at, &rest[..plain])?;
            at += plain;
            continue;
        }
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if rest[blanks..].starts_with(['\r', '\n']) {
            at += fold(&rest[blanks..], &mut runs)? + blanks;
        } else if blanks > 0 {
            runs.verbatim(at, &rest[..blanks])?;
            at += blanks;
        } else if scalar.style == Style::Single && rest.starts_with("''") {
            runs.cooked("'")?;
            at += 2;
        } else if scalar.style == Style::Double && rest.starts_with('\\') {
            at += escape(rest, &mut runs)?;
        } else {
            runs.verbatim(at, &rest[..1])?;
            at += 1;
        }
    }
    (runs.cooked == scalar.value.len()).then_some(runs.found)
}

/// A line break in a plain or quoted scalar, with the indentation of the next line: one break is a space, each further one a newline.
/// Returns the length in the content.
fn fold(rest: &str, runs: &mut Runs<'_>) -> Option<usize> {
    let length = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    let breaks = rest[..length].bytes().filter(|&b| b == b'\n').count();
    if breaks <= 1 {
        runs.cooked(" ")?;
    } else {
        runs.cooked(&"\n".repeat(breaks - 1))?;
    }
    Some(length)
}

/// An escape in double quotes. Returns its length in the content.
fn escape(rest: &str, runs: &mut Runs<'_>) -> Option<usize> {
    let code = rest[1..].chars().next()?;
    let digits = match code {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        '\r' | '\n' => {
            // The break is escaped: nothing of it, nor of the next line's indentation, is part of the value.
            let break_length = if rest[1..].starts_with("\r\n") { 2 } else { 1 };
            let next = &rest[1 + break_length..];
            return Some(1 + break_length + next.len() - next.trim_start_matches([' ', '\t']).len());
        }
        _ => 0,
    };
    // The value has exactly one character here, whichever it is; a pair of surrogates is two escapes for one.
    let value = runs.value.get(runs.cooked..)?.chars().next()?;
    runs.cooked += value.len_utf8();
    let length = 1 + code.len_utf8() + digits;
    let pair =
        code == 'u' && rest.get(2..4).is_some_and(|high| matches!(high.to_ascii_lowercase().as_str(), "d8" | "d9" | "da" | "db"));
    let whole = if pair { length * 2 } else { length };
    rest.get(..whole).map(|_| whole)
}

/// Literal and folded scalars, line by line.
fn block(content: &str, scalar: &Scalar) -> Option<Vec<Run>> {
    let first = content.lines().find(|line| !line.trim_end().is_empty())?;
    let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
    // With an indentation indicator the value itself may start with spaces.
    let indentation = spaces(first).checked_sub(spaces(scalar.value.trim_start_matches('\n')))?;
    let mut runs = Runs { value: &scalar.value, cooked: 0, found: Vec::new() };
    let mut at = 0;
    for line in content.split_inclusive('\n') {
        let body = line.trim_end_matches('\n');
        let body = body.strip_suffix('\r').unwrap_or(body);
        if let Some(kept) =
            body.get(indentation..).filter(|kept| !kept.is_empty() && body[..indentation].trim_start_matches(' ').is_empty())
        {
            skip_breaks(&mut runs, scalar.style, kept);
            runs.verbatim(at + indentation, kept)?;
        } else if !body.trim().is_empty() {
            return None;
        }
        at += line.len();
    }
    runs.value.get(runs.cooked..)?.trim_matches('\n').is_empty().then_some(runs.found)
}

/// What stands in the value between two lines: newlines, or the space that a folded break became.
fn skip_breaks(runs: &mut Runs<'_>, style: Style, next: &str) {
    let rest = runs.value.get(runs.cooked..).unwrap_or("");
    let newlines = rest.len() - rest.trim_start_matches('\n').len();
    let folded = style == Style::Folded && newlines == 0 && rest.starts_with(' ') && !next.starts_with([' ', '\t']);
    runs.cooked += if folded { 1 } else { newlines };
}
