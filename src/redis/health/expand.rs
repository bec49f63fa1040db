//! Words after variables and substitutions.

use super::Fault;
use super::outcome::{Arg, Notes, UNKNOWN, Unsure};
use super::shell::{Other, Piece, Word};
use super::world::World;

/// What a word may grow to.
const MAX_LENGTH: usize = 64 << 10;

impl World<'_> {
    /// A word after variables and substitutions: none, one, or several. `passes` becomes false where a substitution failed.
    pub(super) fn expand(&mut self, word: &Word, notes: &mut Notes, passes: &mut bool) -> Result<Vec<Arg>, Unsure> {
        let mut fields: Vec<Arg> = Vec::new();
        let mut open = false;
        for piece in word {
            let (value, quoted) = match piece {
                Piece::Text(text) => (Some(text.clone()), true),
                Piece::Command { node, quoted } => {
                    let outcome = self.run(node, None, notes)?;
                    *passes = outcome.passes;
                    let text = outcome.out.text.trim_end_matches('\n').to_owned();
                    (outcome.out.sure.then_some(text), *quoted)
                }
                Piece::Variable { name, quoted, other } => match self.variable_piece(name, other.as_ref(), *quoted, notes)? {
                    Filling::Value(value) => (value, *quoted),
                    Filling::Words(words) => {
                        for (at, arg) in words.into_iter().enumerate() {
                            push(&mut fields, open && at == 0, &arg);
                            open = true;
                        }
                        continue;
                    }
                },
            };
            match value {
                None => push(&mut fields, open, &Arg::of(UNKNOWN)),
                Some(text) if quoted => push(&mut fields, open, &Arg::of(&text)),
                Some(text) => {
                    let parts: Vec<&str> = text.split_whitespace().collect();
                    if parts.is_empty() {
                        continue;
                    }
                    for (at, part) in parts.into_iter().enumerate() {
                        push(&mut fields, open && at == 0, &Arg::of(part));
                    }
                }
            }
            open = true;
            if fields.iter().map(|field| field.text.len()).sum::<usize>() > MAX_LENGTH {
                return Err(Unsure);
            }
        }
        Ok(fields)
    }

    fn variable_piece(
        &mut self,
        name: &str,
        other: Option<&(Other, Vec<Word>)>,
        quoted: bool,
        notes: &mut Notes,
    ) -> Result<Filling, Unsure> {
        let value = self.variable(name);
        let is_empty = value.as_ref().is_some_and(String::is_empty);
        let words = match other {
            Some((Other::Default, words)) if is_empty => words,
            Some((Other::Instead, words)) if !is_empty => words,
            Some((Other::Instead, _)) => return Ok(Filling::Value(Some(String::new()))),
            Some((Other::Obscure, _)) => return Ok(Filling::Value(None)),
            Some((Other::Error, _)) if is_empty => return Err(Unsure),
            _ => {
                if self.is_unset(name) {
                    notes.fault(Fault::Variable(name.to_owned()));
                }
                return Ok(Filling::Value(value));
            }
        };
        let mut out = Vec::new();
        for word in words {
            out.extend(self.expand(word, notes, &mut true)?);
        }
        if !quoted {
            return Ok(Filling::Words(out));
        }
        Ok(Filling::Value(Some(out.into_iter().map(|arg| arg.text).collect::<Vec<_>>().join(" "))))
    }
}

/// What a variable puts into a word.
enum Filling {
    /// `None`: something that is not known.
    Value(Option<String>),
    Words(Vec<Arg>),
}

/// Adds to the last field, or begins one.
fn push(fields: &mut Vec<Arg>, joins: bool, arg: &Arg) {
    match fields.last_mut().filter(|_| joins) {
        Some(last) => last.text += &arg.text,
        None => fields.push(arg.clone()),
    }
}
