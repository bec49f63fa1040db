//! `$X` and `${X…}` as Compose reads them. Knows where references stand in a text; knows no values and no files.
//!
//! The grammar is that of compose-go's `template` package, which is one regular expression and a brace counter. Its corners are
//! kept because Compose runs on them: a default ends where the braces balance, but never after the line's last `}`; the character
//! behind a `{` is not looked at by the counter; a `$` before anything but a name, `{` or `$` is an ordinary character.

use std::ops::Range;

/// How deep references may nest in [`validate`]; whoever follows the words itself should stop there too.
pub const MAX_DEPTH: usize = 32;

/// One stretch of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Literal(Range<usize>),
    /// `$$`, which stands for one dollar.
    Dollar(Range<usize>),
    Variable(Variable),
}

/// One reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// From the `$` to the last character of the name or the closing brace.
    pub range: Range<usize>,
    pub name: String,
    pub name_range: Range<usize>,
    /// The operator and its word, which is a template of its own: ranges found in it count from the word's start.
    pub op: Option<(Op, Range<usize>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `:-`
    DefaultIfEmpty,
    /// `-`
    DefaultIfUnset,
    /// `:?`
    RequiredNonEmpty,
    /// `?`
    RequiredSet,
    /// `:+`
    AlternateIfNonEmpty,
    /// `+`
    AlternateIfSet,
}

/// A text that Compose rejects as "invalid interpolation format". The message holds nothing of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    pub range: Range<usize>,
    pub message: String,
}

/// The pieces of `text` in order, without a gap; words are left as they are.
pub fn parse(text: &str) -> Result<Vec<Piece>, Invalid> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let mut line = Line::default();
    let (mut at, mut literal) = (0, 0);
    while let Some(found) = memchr::memchr(b'$', &bytes[at..]) {
        let start = at + found;
        let piece = match bytes.get(start + 1) {
            Some(b'$') => Piece::Dollar(start..start + 2),
            Some(b'{') => Piece::Variable(braced(text, start, &mut line)?),
            Some(&next) if starts_name(next) => Piece::Variable(named(text, start)),
            _ => {
                at = start + 1;
                continue;
            }
        };
        if literal < start {
            pieces.push(Piece::Literal(literal..start));
        }
        at = piece.range().end;
        literal = at;
        pieces.push(piece);
    }
    if literal < text.len() {
        pieces.push(Piece::Literal(literal..text.len()));
    }
    Ok(pieces)
}

/// Whether Compose can read `text` and all words in it.
pub fn validate(text: &str) -> Result<(), Invalid> {
    let mut open = vec![(0..text.len(), 0)];
    while let Some((range, depth)) = open.pop() {
        let shift = range.start;
        let shifted = |inner: Range<usize>| inner.start + shift..inner.end + shift;
        if depth > MAX_DEPTH {
            return Err(Invalid { range, message: format!("references are nested more than {MAX_DEPTH} deep") });
        }
        let pieces = parse(&text[range]).map_err(|bad| Invalid { range: shifted(bad.range), message: bad.message })?;
        let words = pieces.into_iter().filter_map(|piece| match piece {
            Piece::Variable(Variable { op: Some((_, word)), .. }) => Some((shifted(word), depth + 1)),
            _ => None,
        });
        open.extend(words);
    }
    Ok(())
}

/// The value of a text without references, or `None` where a variable has its say.
pub fn literal(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for piece in parse(text).ok()? {
        match piece {
            Piece::Literal(range) => out.push_str(&text[range]),
            Piece::Dollar(_) => out.push('$'),
            Piece::Variable(_) => return None,
        }
    }
    Some(out)
}

/// `text` written so that it stands for itself.
pub fn escape(text: &str) -> String {
    text.replace('$', "$$")
}

impl Piece {
    pub fn range(&self) -> Range<usize> {
        match self {
            Self::Literal(range) | Self::Dollar(range) => range.clone(),
            Self::Variable(variable) => variable.range.clone(),
        }
    }
}

impl Op {
    /// As it is written, in front of the word.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::DefaultIfEmpty => ":-",
            Self::DefaultIfUnset => "-",
            Self::RequiredNonEmpty => ":?",
            Self::RequiredSet => "?",
            Self::AlternateIfNonEmpty => ":+",
            Self::AlternateIfSet => "+",
        }
    }

    fn at(rest: &[u8]) -> Option<Self> {
        Some(match rest {
            [b':', b'-', ..] => Self::DefaultIfEmpty,
            [b'-', ..] => Self::DefaultIfUnset,
            [b':', b'?', ..] => Self::RequiredNonEmpty,
            [b'?', ..] => Self::RequiredSet,
            [b':', b'+', ..] => Self::AlternateIfNonEmpty,
            [b'+', ..] => Self::AlternateIfSet,
            _ => return None,
        })
    }
}

/// The end of the line that was looked at last and its last `}`, so that a long line is searched once only.
#[derive(Default)]
struct Line {
    end: usize,
    last_brace: Option<usize>,
}

impl Line {
    /// The last `}` at or behind `at` in the line of `at`.
    fn last_brace(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        if at > self.end || self.end == 0 {
            self.end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
            self.last_brace = memchr::memrchr(b'}', &bytes[at..self.end]).map(|found| at + found);
        }
        self.last_brace.filter(|&brace| brace >= at)
    }
}

fn named(text: &str, start: usize) -> Variable {
    let end = name_end(text.as_bytes(), start + 1);
    Variable { range: start..end, name: text[start + 1..end].to_owned(), name_range: start + 1..end, op: None }
}

fn braced(text: &str, start: usize, line: &mut Line) -> Result<Variable, Invalid> {
    let bytes = text.as_bytes();
    let name_range = start + 2..name_end(bytes, start + 2);
    let invalid = |message: &str| Invalid { range: start..name_range.end, message: message.to_owned() };
    if name_range.is_empty() {
        return Err(invalid("`${` is not followed by a variable name; a literal dollar is written `$$`"));
    }
    let after = name_range.end;
    let name = text[name_range.clone()].to_owned();
    if bytes.get(after) == Some(&b'}') {
        return Ok(Variable { range: start..after + 1, name, name_range, op: None });
    }
    let Some(op) = Op::at(&bytes[after..]) else {
        return Err(invalid(
            "the name in `${…}` is followed by neither `}` nor one of `:-` `-` `:?` `?` `:+` `+`; a literal dollar is written `$$`",
        ));
    };
    let word = after + op.symbol().len();
    let Some(last) = line.last_brace(bytes, word) else {
        return Err(invalid("`${` has no closing brace in its line"));
    };
    let close = balanced(&bytes[start..=last]).map_or(last, |found| start + found);
    Ok(Variable { range: start..close + 1, name, name_range, op: Some((op, word..close)) })
}

/// Where the first brace of `bytes` is closed, as compose-go counts: the byte behind an opening brace is skipped.
fn balanced(bytes: &[u8]) -> Option<usize> {
    let (mut open, mut at) = (0_usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                open += 1;
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn starts_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic()
}

/// The end of the name that starts at `at`; `at` itself if none does.
fn name_end(bytes: &[u8], at: usize) -> usize {
    if !bytes.get(at).is_some_and(|&byte| starts_name(byte)) {
        return at;
    }
    at + bytes[at..].iter().take_while(|byte| **byte == b'_' || byte.is_ascii_alphanumeric()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What docker-compose 2.40.3 makes of `text` with `S` set to `1`, `E` set but empty, and `U` not set; checked by running it.
    #[rustfmt::skip]
    const VALUES: &[(&str, &str)] = &[
        ("", ""), ("a", "a"), ("$$x", "$x"), ("$$$S", "$1"), ("$$$$", "$$"), ("a$", "a$"), ("a $ b", "a $ b"), ("$1", "$1"), ("$(x)", "$(x)"), ("$}", "$}"),
        ("$S", "1"), ("${S}", "1"), ("$S-c", "1-c"), ("$S.c", "1.c"), ("$S_C", ""), ("${S}_C", "1_C"), ("$U", ""), ("$S$U${S}", "11"), ("\\$S", "\\1"),
        ("${U:-d}", "d"), ("${E:-d}", "d"), ("${S:-d}", "1"), ("${U-d}", "d"), ("${E-d}", ""), ("${S-d}", "1"), ("${U:-}", ""),
        ("${U:+d}", ""), ("${E:+d}", ""), ("${S:+d}", "d"), ("${U+d}", ""), ("${E+d}", "d"), ("${E?e}", ""), ("${S:?e}", "1"),
        ("${U:-${E:-d}}", "d"), ("${U:-$S}", "1"), ("${U:-$$x}", "$x"), ("${U-:?y}", ":?y"), ("${U:-:?y}", ":?y"), ("${U:--}", "-"), ("${U:-a b}", "a b"),
        ("${U:-{\"a\":1}}", "{\"a\":1}"), ("${U:-{}}", "{}"), ("${U:-{}}x", "{}x"), ("${U:-a}${E:-b}", "ab"), ("${U:-a}}", "a}"), ("${U:-a}}${E:-d}", "a}d"),
        ("${U:-a{b}c", "a{bc"), ("${U:-a{b}c}d", "a{b}cd"), ("${U:-{a}", "{a"), ("${U:-{a}\nb}", "{a\nb}"), ("${U:-a}\n${E:-b}", "a\nb"), ("${U:-é}é", "éé"),
    ];

    #[rustfmt::skip]
    const INVALID: &[&str] = &[
        "${", "${}", "${S", "${ S}", "${S }", "${S!}", "${S/a/b}", "${5}", "${S:}", "${S:x}", "${é}", "a${", "${U:-a #b", "${U:-a\nb}", "${U:-{}}${E:-y}", "${U:-{a}${E:-d}", "${U:-${}}", "${S:-${!}}",
    ];

    fn value(text: &str) -> String {
        let pieces = parse(text).unwrap_or_else(|invalid| panic!("{text:?}: {invalid:?}"));
        let ends: Vec<_> = pieces.iter().map(Piece::range).collect();
        assert!(ends.windows(2).all(|pair| pair[0].end == pair[1].start), "{text:?} has a gap");
        let evaluate = |variable: &Variable| {
            assert_eq!(&text[variable.name_range.clone()], variable.name);
            let set = match &*variable.name {
                "S" => Some("1"),
                "E" => Some(""),
                _ => None,
            };
            let full = set.filter(|value| !value.is_empty());
            let Some((op, word)) = &variable.op else { return set.unwrap_or("").to_owned() };
            let word = value(&text[word.clone()]);
            match op {
                Op::DefaultIfEmpty => full.map_or(word, str::to_owned),
                Op::DefaultIfUnset => set.map_or(word, str::to_owned),
                Op::RequiredNonEmpty => full.expect("required").to_owned(),
                Op::RequiredSet => set.expect("required").to_owned(),
                Op::AlternateIfNonEmpty => full.map_or(String::new(), |_| word),
                Op::AlternateIfSet => set.map_or(String::new(), |_| word),
            }
        };
        let piece = |piece: &Piece| match piece {
            Piece::Literal(range) => text[range.clone()].to_owned(),
            Piece::Dollar(_) => "$".to_owned(),
            Piece::Variable(variable) => evaluate(variable),
        };
        pieces.iter().map(piece).collect()
    }

    #[test]
    fn templates_are_read_as_compose_reads_them() {
        for (text, wanted) in VALUES {
            assert_eq!(validate(text), Ok(()), "{text:?}");
            assert_eq!(value(text), *wanted, "{text:?}");
        }
    }

    #[test]
    fn invalid_templates_are_rejected_without_a_word_of_theirs() {
        for text in INVALID {
            let invalid = validate(text).expect_err(text);
            assert!(text.get(invalid.range.clone()).is_some(), "{text:?}: {invalid:?}");
        }
        assert_eq!(validate("a${U:-${s3cret!}}").expect_err("invalid").range, 6..14);
        assert!(!validate("${s3cret!}").expect_err("invalid").message.contains("s3cret"));
    }

    #[test]
    fn references_say_where_they_stand() {
        let text = "x${A:-b}$$y";
        let pieces = parse(text).expect("valid");
        let [_, Piece::Variable(variable), Piece::Dollar(dollar), _] = &pieces[..] else { panic!("other pieces") };
        assert_eq!((&variable.range, &variable.name_range), (&(1..8), &(3..4)));
        assert_eq!((&variable.op, dollar), (&Some((Op::DefaultIfEmpty, 6..7)), &(8..10)));
    }

    #[test]
    fn what_is_escaped_reads_back() {
        for text in ["", "$", "a$b", "${X}", "$$", "é$"] {
            assert_eq!(literal(&escape(text)).as_deref(), Some(text));
        }
        assert_eq!(literal("a$b"), None);
    }

    #[test]
    fn nesting_has_an_end() {
        let text = format!("{}{}", "${A:-".repeat(MAX_DEPTH + 2), "}".repeat(MAX_DEPTH + 2));
        assert!(validate(&text).is_err());
    }
}
