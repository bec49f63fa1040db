//! Words of a line for the shell: quotes, variables and substitutions in them.

use super::{Other, Parser, Piece, Word, is_name, parse};

impl Parser<'_> {
    /// A word up to a blank or an operator; up to `end` inside braces.
    pub(super) fn word(&mut self, end: Option<char>) -> Option<Word> {
        let mut word = Vec::new();
        let start = self.at;
        while let Some(next) = self.rest().chars().next() {
            match next {
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '(' | ')' | '<' | '>' => break,
                _ if Some(next) == end => break,
                '\'' => {
                    let length = self.rest()[1..].find('\'')?;
                    word.push(Piece::Text(self.rest()[1..=length].to_owned()));
                    self.at += length + 2;
                }
                '"' => {
                    self.at += 1;
                    word.push(Piece::Text(String::new()));
                    while !self.take("\"") {
                        let piece = self.piece(true)?;
                        word.push(piece);
                    }
                }
                _ => word.push(self.piece(false)?),
            }
        }
        (self.at > start).then_some(word)
    }

    /// One character, variable or substitution.
    fn piece(&mut self, quoted: bool) -> Option<Piece> {
        let next = self.rest().chars().next()?;
        let following = self.rest()[next.len_utf8()..].chars().next();
        match next {
            '\\' => {
                let escaped = following?;
                self.at += 1 + escaped.len_utf8();
                let kept = quoted && !matches!(escaped, '"' | '\\' | '$' | '`');
                Some(Piece::Text(if kept { format!("\\{escaped}") } else { escaped.to_string() }))
            }
            '`' => {
                let length = self.rest()[1..].find('`')?;
                let inner = self.rest()[1..=length].replace("\\$", "$");
                self.at += length + 2;
                Some(Piece::Command { node: parse(&inner)?, quoted })
            }
            '$' if following == Some('(') => {
                if self.rest().starts_with("$((") {
                    return None;
                }
                self.at += 2;
                let node = self.list(&[])?;
                self.take(")").then_some(Piece::Command { node, quoted })
            }
            '$' if following == Some('{') => {
                self.at += 2;
                self.deeper(|parser| parser.braces(quoted))
            }
            '$' if following.is_some_and(|c| c.is_ascii_alphabetic() || c == '_') => {
                self.at += 1;
                Some(Piece::Variable { name: self.name(), quoted, other: None })
            }
            _ => {
                self.at += next.len_utf8();
                Some(Piece::Text(next.to_string()))
            }
        }
    }

    fn name(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        self.at += end;
        name
    }

    /// What follows `${`.
    fn braces(&mut self, quoted: bool) -> Option<Piece> {
        let name = self.name();
        if !is_name(&name) {
            return None;
        }
        let other = match self.rest().trim_start_matches(':').chars().next()? {
            '}' => None,
            '-' | '=' => Some(Other::Default),
            '+' => Some(Other::Instead),
            '?' => Some(Other::Error),
            _ => Some(Other::Obscure),
        };
        let Some(kind) = other else {
            self.at += 1;
            return Some(Piece::Variable { name, quoted, other: None });
        };
        self.take(":");
        self.at += 1;
        let mut words = Vec::new();
        while !self.take("}") {
            let before = self.at;
            self.space();
            if !self.rest().starts_with('}') {
                words.push(self.word(Some('}'))?);
            }
            if self.at == before {
                return None;
            }
        }
        Some(Piece::Variable { name, quoted, other: Some((kind, words)) })
    }
}
