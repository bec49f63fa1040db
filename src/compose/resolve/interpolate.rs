//! Fills in `${…}`: a template and the variables of the project become a [`Text`] that knows which part came from where.

use crate::compose::value::{Home, Text};
use crate::syntax::interpolate::{self, Invalid, Op, Piece, Variable};
use std::ops::Range;
use std::sync::Arc;

/// How deep defaults may be nested in defaults.
const MAX_DEPTH: usize = 32;

/// How long a value may become. Nobody means a longer one; a few lines that name each other twice make it.
const MAX_LENGTH: usize = 1 << 20;

/// Why a template has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    Invalid(Invalid),
    /// `${NAME:?message}` without a value. The message is the author's and may be shown.
    Required {
        name: String,
        message: String,
        range: Range<usize>,
    },
}

/// Where variables come from.
pub trait Variables {
    fn lookup(&self, name: &str) -> Option<Arc<Text>>;

    /// What becomes of `${NAME:?message}` without a value: an error, unless whoever asks can go on without.
    fn require(&self, name: &str, message: &str, range: Range<usize>) -> Result<(), Failure> {
        Err(Failure::Required { name: name.to_owned(), message: message.to_owned(), range })
    }
}

/// Reads `template`, which stands in `home`, with the variables of `env`.
pub fn fill(template: &str, home: Home, env: &dyn Variables) -> Result<Text, Failure> {
    if !template.contains('$') {
        return Ok(Text::literal(template, home));
    }
    fill_part(template, 0, home, env, MAX_DEPTH)
}

/// `offset` is where `template` starts in the whole template of `home`.
fn fill_part(template: &str, offset: usize, home: Home, env: &dyn Variables, depth: usize) -> Result<Text, Failure> {
    let moved = |range: &Range<usize>| range.start + offset..range.end + offset;
    let pieces =
        interpolate::parse(template).map_err(|e| Failure::Invalid(Invalid { range: moved(&e.range), message: e.message }))?;
    let mut text = Text::empty(home);
    for piece in pieces {
        match piece {
            Piece::Literal(range) => text.push_literal(&template[range.clone()], moved(&range)),
            Piece::Dollar(range) => text.push_literal("$", moved(&range)),
            Piece::Variable(variable) => fill_variable(&mut text, template, offset, &variable, env, depth)?,
        }
        if text.value.len() > MAX_LENGTH.max(template.len()) {
            let message = "the value becomes longer than 1 MB: variables that name others multiply it".to_owned();
            return Err(Failure::Invalid(Invalid { range: moved(&(0..template.len())), message }));
        }
    }
    Ok(text)
}

fn fill_variable(
    out: &mut Text,
    template: &str,
    offset: usize,
    variable: &Variable,
    env: &dyn Variables,
    depth: usize,
) -> Result<(), Failure> {
    let at = variable.range.start + offset..variable.range.end + offset;
    let name = &variable.name;
    let set = env.lookup(name);
    let Some((op, word)) = &variable.op else {
        match set {
            Some(text) => out.push_variable(name, text, at),
            None => out.push_missing(name, at),
        }
        return Ok(());
    };
    let non_empty = set.clone().filter(|text| !text.value.is_empty());
    let taken = match op {
        Op::DefaultIfEmpty | Op::RequiredNonEmpty | Op::AlternateIfNonEmpty => non_empty,
        Op::DefaultIfUnset | Op::RequiredSet | Op::AlternateIfSet => set,
    };
    match (op, taken) {
        (Op::DefaultIfEmpty | Op::DefaultIfUnset | Op::RequiredNonEmpty | Op::RequiredSet, Some(text)) => {
            out.push_variable(name, text, at);
        }
        (Op::RequiredNonEmpty | Op::RequiredSet, None) => {
            env.require(name, &template[word.clone()], at.clone())?;
            out.push_missing(name, at);
        }
        (Op::DefaultIfEmpty | Op::DefaultIfUnset, None) | (Op::AlternateIfNonEmpty | Op::AlternateIfSet, Some(_)) => {
            if depth == 0 {
                let message = "defaults are nested too deeply".to_owned();
                return Err(Failure::Invalid(Invalid { range: at, message }));
            }
            let inner = fill_part(&template[word.clone()], word.start + offset, out.home(), env, depth - 1)?;
            out.push_word(name, Arc::new(inner), at);
        }
        (Op::AlternateIfNonEmpty | Op::AlternateIfSet, None) => out.push_option(at),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::value::Site;
    use crate::syntax::yaml::NodeId;
    use crate::text::span::FileId;
    use std::collections::BTreeMap;

    impl Variables for BTreeMap<&str, &str> {
        fn lookup(&self, name: &str) -> Option<Arc<Text>> {
            self.get(name).map(|value| Arc::new(Text::literal(*value, Home::Env { file: FileId(1), line: 0 })))
        }
    }

    const HOME: Home = Home::Yaml { file: FileId(0), node: NodeId(1) };

    fn value(template: &str) -> String {
        let env = BTreeMap::from([("A", "1"), ("EMPTY", "")]);
        match fill(template, HOME, &env) {
            Ok(text) => text.value,
            Err(failure) => format!("{failure:?}"),
        }
    }

    #[test]
    fn every_operator() {
        let cases = [
            ("$A-${A}", "1-1"),
            ("${B:-x}${B-y}", "xy"),
            ("[${EMPTY:-x}|${EMPTY-y}]", "[x|]"),
            ("${A:+set}${EMPTY:+no}${EMPTY+yes}", "setyes"),
            ("${B:-${C:-deep}}", "deep"),
            ("$$A ${B}", "$A "),
        ];
        for (template, expected) in cases {
            assert_eq!(value(template), expected, "{template}");
        }
        assert!(value("${B:?say why}").contains("say why"));
    }

    #[test]
    fn a_default_is_located_inside_its_braces() {
        let env: BTreeMap<&str, &str> = BTreeMap::new();
        let text = fill("${URL:-redis://h:1}", HOME, &env).expect("valid");
        assert_eq!(text.site(), Site::Yaml { file: FileId(0), node: NodeId(1), cooked: 7..18 });
    }
}
