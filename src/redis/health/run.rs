//! What a check does in each state of its Redis: its line is run on paper, with the client of [`super::client`] and the few programs that
//! checks are made of. Whatever else is called makes it unsure.

use super::Fault;
use super::client;
use super::programs;
use super::shell::{Node, Other, Piece, Redirect, Simple, Word};
use super::surroundings::Surroundings;
use std::collections::BTreeMap;

/// What the check meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Well,
    /// The password is missing or wrong.
    Refused,
    Loading,
    Down,
}

/// It calls something that is not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsure;

/// What a program wrote; not `sure`: there may be other lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Out {
    pub text: String,
    pub sure: bool,
}

impl Out {
    pub(super) fn sure(text: &str) -> Self {
        Self { text: text.to_owned(), sure: true }
    }

    fn add(&mut self, other: &Self) {
        self.text += &other.text;
        self.sure &= other.sure;
    }
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub passes: bool,
    pub out: Out,
    pub err: Out,
    /// `exit` was called: nothing comes after.
    pub exits: bool,
}

impl Outcome {
    pub(super) fn of(passes: bool) -> Self {
        Self { passes, out: Out::sure(""), err: Out::sure(""), exits: false }
    }

    pub(super) fn printing(out: Out) -> Self {
        Self { out, ..Self::of(true) }
    }

    /// What came before, and then this.
    fn after(mut self, before: Self) -> Self {
        let (mut out, mut err) = (before.out, before.err);
        out.add(&self.out);
        err.add(&self.err);
        (self.out, self.err) = (out, err);
        self
    }
}

/// Stands in a text for what is not known.
pub(super) const UNKNOWN: &str = "\u{1}";

/// A word as a program gets it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Arg {
    pub text: String,
    /// The variable or substitution that nothing expands, for want of a shell.
    pub literal: Option<String>,
    /// `|` and the like, where no shell reads it.
    pub is_operator: bool,
}

impl Arg {
    pub(super) fn of(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// Whether a part of it is not known.
    pub(super) fn is_open(&self) -> bool {
        self.text.contains(UNKNOWN)
    }
}

/// What was noticed on the way.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an observation of its own")]
pub(super) struct Notes {
    pub faults: Vec<Fault>,
    /// A good reply came, a reply was an error, the error was NOAUTH.
    pub answered: bool,
    pub refused: bool,
    pub barred: bool,
    /// The client exited 0 on an error; it was given no command; it was not asked for anything.
    pub exits_zero: bool,
    pub alone: bool,
    pub unasked: bool,
    pub writes: bool,
    pub loads: bool,
    pub tcp: bool,
    pub filtered: bool,
    pub asynchronous: bool,
}

impl Notes {
    pub(super) fn fault(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    pub(super) fn unexpanded(&mut self, arg: &Arg) {
        if let Some(name) = &arg.literal {
            self.fault(Fault::Unexpanded(name.clone()));
        }
    }
}

/// A state, and what the files say of the container.
pub(super) struct World<'a> {
    pub state: State,
    pub around: &'a Surroundings,
    /// Redis turns away who gives no password.
    pub needs_password: bool,
    /// Redis has none, and says so to who gives one.
    pub is_open: bool,
    own: BTreeMap<String, Option<String>>,
}

impl<'a> World<'a> {
    pub(super) fn new(state: State, around: &'a Surroundings, needs_password: bool, is_open: bool) -> Self {
        Self { state, around, needs_password, is_open, own: BTreeMap::new() }
    }

    /// A variable's value; `None` where it is not known.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        match self.own.get(name).or_else(|| self.around.variables.get(name)) {
            Some(value) => value.clone(),
            None => self.around.is_closed(name).then(String::new),
        }
    }

    fn is_unset(&self, name: &str) -> bool {
        !self.own.contains_key(name) && !self.around.variables.contains_key(name) && self.around.is_closed(name)
    }

    pub(super) fn run(&mut self, node: &Node, stdin: Option<&Out>, notes: &mut Notes) -> Result<Outcome, Unsure> {
        match node {
            Node::Simple(simple) => self.simple(simple, stdin, notes),
            Node::Not(inner) => {
                let outcome = self.run(inner, stdin, notes)?;
                Ok(Outcome { passes: if outcome.exits { outcome.passes } else { !outcome.passes }, ..outcome })
            }
            Node::And(left, right) => self.chain(left, right, true, stdin, notes),
            Node::Or(left, right) => self.chain(left, right, false, stdin, notes),
            Node::Seq(nodes) => {
                let mut last = Outcome::of(true);
                for node in nodes {
                    last = self.run(node, stdin, notes)?.after(last);
                    if last.exits {
                        break;
                    }
                }
                Ok(last)
            }
            Node::Pipe(nodes) => {
                let mut fed: Option<Out> = stdin.cloned();
                let (mut last, mut errors) = (Outcome::of(true), Out::sure(""));
                for node in nodes {
                    last = self.run(node, fed.as_ref(), notes)?;
                    errors.add(&last.err);
                    fed = Some(last.out.clone());
                }
                Ok(Outcome { err: errors, exits: false, ..last })
            }
            Node::Group(inner, redirects) => Ok(redirected(self.run(inner, stdin, notes)?, redirects)),
            Node::If(when, then, other) => {
                let outcome = self.run(when, stdin, notes)?;
                let branch = if outcome.passes { Some(then) } else { other.as_ref() };
                match branch.filter(|_| !outcome.exits) {
                    Some(branch) => Ok(self.run(branch, stdin, notes)?.after(outcome)),
                    None if outcome.exits => Ok(outcome),
                    None => Ok(Outcome { passes: true, ..outcome }),
                }
            }
        }
    }

    fn chain(&mut self, left: &Node, right: &Node, and: bool, stdin: Option<&Out>, notes: &mut Notes) -> Result<Outcome, Unsure> {
        let outcome = self.run(left, stdin, notes)?;
        if outcome.exits || outcome.passes != and {
            return Ok(outcome);
        }
        Ok(self.run(right, stdin, notes)?.after(outcome))
    }

    fn simple(&mut self, simple: &Simple, stdin: Option<&Out>, notes: &mut Notes) -> Result<Outcome, Unsure> {
        let mut before = Vec::new();
        let mut passes = true;
        for (name, word) in &simple.assigned {
            let mut ended = true;
            let arg = self.expand(word, notes, &mut ended)?.pop().unwrap_or_default();
            passes = ended;
            before.push((name.clone(), self.own.insert(name.clone(), (!arg.is_open()).then_some(arg.text))));
        }
        if simple.words.is_empty() {
            return Ok(Outcome::of(passes));
        }
        let mut args = Vec::new();
        for word in &simple.words {
            args.extend(self.expand(word, notes, &mut true)?);
        }
        let outcome = self.program(&args, stdin, notes);
        for (name, old) in before {
            match old {
                Some(old) => self.own.insert(name, old),
                None => self.own.remove(&name),
            };
        }
        Ok(redirected(outcome?, &simple.redirects))
    }

    /// Runs a program with its words.
    pub(super) fn program(&mut self, args: &[Arg], stdin: Option<&Out>, notes: &mut Notes) -> Result<Outcome, Unsure> {
        let Some((first, rest)) = args.split_first() else { return Ok(Outcome::of(true)) };
        if first.is_open() {
            return Err(Unsure);
        }
        let name = first.text.rsplit('/').next().unwrap_or(&first.text);
        match name {
            _ if client::is_cli(name) => client::run(self, rest, stdin, notes),
            "timeout" => self.program(programs::behind_timeout(rest).ok_or(Unsure)?, stdin, notes),
            "exec" | "command" => self.program(rest, stdin, notes),
            "sh" | "bash" | "ash" | "dash" => {
                let [flag, script, ..] = rest else { return Err(Unsure) };
                if !matches!(flag.text.as_str(), "-c" | "-lc" | "-ec" | "-ce" | "-l") {
                    return Err(Unsure);
                }
                let node = super::shell::parse(&script.text).ok_or(Unsure)?;
                let outcome = self.run(&node, stdin, notes)?;
                Ok(Outcome { exits: false, ..outcome })
            }
            "export" => {
                for arg in rest {
                    if let Some((name, value)) = arg.text.split_once('=') {
                        self.own.insert(name.to_owned(), (!arg.is_open()).then(|| value.to_owned()));
                    }
                }
                Ok(Outcome::of(true))
            }
            "nc" | "ncat" | "netcat" => {
                let scans =
                    rest.iter().any(|arg| arg.text.starts_with('-') && !arg.text.starts_with("--") && arg.text.contains('z'));
                notes.tcp |= scans;
                if scans { Ok(Outcome::of(self.state != State::Down)) } else { Err(Unsure) }
            }
            _ => programs::run(name, rest, stdin, notes),
        }
    }

    /// A word after variables and substitutions: none, one, or several. `passes` becomes false where a substitution failed.
    fn expand(&mut self, word: &Word, notes: &mut Notes, passes: &mut bool) -> Result<Vec<Arg>, Unsure> {
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

/// Sends the output where the redirections say, from left to right.
fn redirected(outcome: Outcome, redirects: &[Redirect]) -> Outcome {
    #[derive(Clone, Copy, PartialEq)]
    enum To {
        Out,
        Err,
        Nowhere,
    }
    let (mut out, mut err) = (To::Out, To::Err);
    for redirect in redirects {
        match redirect {
            Redirect::Out => out = To::Nowhere,
            Redirect::Err => err = To::Nowhere,
            Redirect::Both => (out, err) = (To::Nowhere, To::Nowhere),
            Redirect::ErrToOut => err = out,
            Redirect::OutToErr => out = err,
        }
    }
    let mut result = Outcome { out: Out::sure(""), err: Out::sure(""), ..outcome.clone() };
    for (text, to) in [(&outcome.err, err), (&outcome.out, out)] {
        match to {
            To::Out => result.out.add(text),
            To::Err => result.err.add(text),
            To::Nowhere => {}
        }
    }
    result
}
