//! A command in one string, split into words as Compose does it: by the go-shellwords package, without a shell. What a shell would
//! take for an operator ends the command there.

use crate::compose::value::{Site, Text};

/// The words of a command.
#[derive(Debug, Default)]
pub struct Words {
    pub words: Vec<Text>,
    /// Which of them stand for a variable without a value alone: what it says is not known, and without it there is no word.
    pub unsaid: Vec<usize>,
}

/// The words of `text`, each with its provenance; a word with quotes or backslashes inside is located as a whole. `None` where a quote
/// or a bracket is not closed, which Compose rejects.
pub fn split(text: &Text) -> Option<Words> {
    run(text, true)
}

/// The words of a line that a shell reads: operators are words or parts of them, and what is not closed ends with the text.
pub fn of_shell(text: &Text) -> Vec<Text> {
    run(text, false).unwrap_or_default().words
}

fn run(text: &Text, strict: bool) -> Option<Words> {
    let mut splitter = Splitter { text, strict, words: Words::default(), word: None, quote: Quote::default() };
    let mut chars = text.value.char_indices().peekable();
    splitter.open_word(0);
    while let Some((at, found)) = chars.next() {
        if found == '\\' && !splitter.quote.single {
            match chars.next() {
                Some((_, escaped)) => splitter.push(at, escaped),
                None if strict => return None,
                None => {}
            }
            continue;
        }
        match splitter.take(at, found)? {
            Taken::Word => {}
            Taken::Blank => splitter.open_word(at + found.len_utf8()),
            Taken::End => return Some(splitter.words),
        }
    }
    if strict && splitter.quote.is_open() {
        return None;
    }
    splitter.close(text.value.len());
    Some(splitter.words)
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "quotes of one kind may be open within those of another")]
struct Quote {
    single: bool,
    double: bool,
    back: bool,
    /// Within `$(…)`.
    dollar: bool,
}

impl Quote {
    fn is_open(&self) -> bool {
        self.single || self.double || self.back || self.dollar
    }
}

/// A word on its way: where it starts, and what it says so far.
struct Word {
    start: usize,
    cooked: String,
}

enum Taken {
    Word,
    Blank,
    End,
}

struct Splitter<'a> {
    text: &'a Text,
    /// As Compose reads it; otherwise only blanks, quotes and backslashes mean anything.
    strict: bool,
    words: Words,
    word: Option<Word>,
    quote: Quote,
}

impl Splitter<'_> {
    fn push(&mut self, at: usize, found: char) {
        self.word.get_or_insert_with(|| Word { start: at, cooked: String::new() }).cooked.push(found);
    }

    /// Begins a word without a character: quotes may hold nothing.
    fn begin(&mut self, at: usize) {
        self.word.get_or_insert_with(|| Word { start: at, cooked: String::new() });
    }

    fn take(&mut self, at: usize, found: char) -> Option<Taken> {
        let Quote { single, double, back, dollar } = self.quote;
        match found {
            ' ' | '\t' | '\r' | '\n' if !self.quote.is_open() => {
                self.close(at);
                return Some(Taken::Blank);
            }
            '"' if !single && !dollar => {
                self.quote.double = !double;
                self.begin(at);
            }
            '\'' if !double && !dollar => {
                self.quote.single = !single;
                self.begin(at);
            }
            '`' if self.strict && !single && !double && !dollar => {
                self.quote.back = !back;
                self.push(at, found);
            }
            ')' if self.strict && !single && !double && !back => {
                self.quote.dollar = !dollar;
                self.push(at, found);
            }
            '(' if self.strict && !single && !double && !back => {
                let opens = !dollar && self.word.as_ref().is_some_and(|word| word.cooked.ends_with('$'));
                if !opens {
                    return None;
                }
                self.quote.dollar = true;
                self.push(at, found);
            }
            ';' | '&' | '|' | '<' | '>' if self.strict && !self.quote.is_open() => {
                // The number of a stream belongs to the operator.
                let stream =
                    found == '>' && self.word.as_ref().is_some_and(|word| word.cooked.starts_with(|c: char| c.is_ascii_digit()));
                if !stream {
                    self.close(at);
                }
                return Some(Taken::End);
            }
            _ => self.push(at, found),
        }
        Some(Taken::Word)
    }

    /// A variable without a value between blanks is a word all the same: only what it says is not known.
    fn open_word(&mut self, at: usize) {
        let rest = &self.text.value[at..];
        let alone = rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']);
        if alone && !self.quote.is_open() && self.text.is_open(&(at..at)) {
            self.words.unsaid.push(self.words.words.len());
            self.words.words.push(self.text.slice(at..at));
        }
    }

    fn close(&mut self, end: usize) {
        if let Some(word) = self.word.take() {
            self.words.words.push(located(self.text, word.start, end, &word.cooked));
        }
    }
}

/// A quoted word is located inside its quotes, so that an edit keeps them.
fn located(text: &Text, start: usize, end: usize, cooked: &str) -> Text {
    let raw = &text.value[start..end];
    if raw == cooked {
        return text.slice(start..end);
    }
    if raw.len() == cooked.len() + 2 && raw.get(1..).is_some_and(|inner| inner.starts_with(cooked)) {
        return text.slice(start + 1..end - 1);
    }
    let mut word = Text::empty(text.home());
    let at = match text.slice(start..end).written() {
        Site::Yaml { cooked, .. } => cooked,
        _ => start..end,
    };
    word.push_literal(cooked, at);
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::value::Home;

    fn words(text: &str) -> Option<Vec<String>> {
        split(&Text::literal(text, Home::Outside)).map(|words| words.words.into_iter().map(|word| word.value).collect())
    }

    #[test]
    fn words_are_split_as_compose_splits_them() {
        for (text, wanted) in [
            (r#"redis-server  --requirepass "a b" 'c'd e\ f"#, &["redis-server", "--requirepass", "a b", "cd", "e f"][..]),
            ("a && b", &["a"]),
            ("a;b", &["a"]),
            ("sh -c 'a | b' > /dev/null", &["sh", "-c", "a | b"]),
            ("a 2>b c", &["a"]),
            ("echo $(date +%s) `x y` a", &["echo", "$(date +%s)", "`x y`", "a"]),
            (r#"a \n "q\"r" ''"#, &["a", "n", "q\"r", ""]),
            ("   ", &[]),
            ("", &[]),
        ] {
            assert_eq!(words(text).as_deref(), Some(&wanted.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>()[..]), "{text}");
        }
    }

    #[test]
    fn what_is_not_closed_cannot_be_split() {
        for text in ["a 'b", "a \"b", "a (b)", "a )", "a \\"] {
            assert_eq!(words(text), None, "{text}");
        }
    }
}
