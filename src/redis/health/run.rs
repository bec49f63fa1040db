//! What a check does in each state of its Redis: its line is run on paper, with the client of [`super::client`] and the few programs that
//! checks are made of. Whatever else is called makes it unsure.

use super::CLI_PASSWORD;
use super::client;
use super::outcome::{Arg, Notes, Out, Outcome, Unsure};
use super::programs;
use super::shell::{Node, Simple};
use super::world::{State, World};
use crate::redis::shell::is_shell;

/// How deep programs may call each other.
const MAX_DEPTH: usize = 16;

impl World<'_> {
    pub(super) fn run(&mut self, node: &Node, stdin: Option<&Out>, notes: &mut Notes) -> Result<Outcome, Unsure> {
        match node {
            Node::Simple(simple) => self.simple(simple, stdin, notes),
            Node::Not(inner) => {
                let outcome = self.run(inner, stdin, notes)?;
                Ok(Outcome { passes: if outcome.exits { outcome.passes } else { !outcome.passes }, ..outcome })
            }
            Node::And(left, right) => self.chain(left, right, true, stdin, notes),
            Node::Or(left, right) => self.chain(left, right, false, stdin, notes),
            Node::Seq(steps) => {
                let mut last = Outcome::of(true);
                for step in steps {
                    last = self.run(step, stdin, notes)?.after(last);
                    if last.exits {
                        break;
                    }
                }
                Ok(last)
            }
            Node::Pipe(stages) => {
                let mut fed: Option<Out> = stdin.cloned();
                let (mut last, mut errors) = (Outcome::of(true), Out::sure(""));
                for stage in stages {
                    last = self.run(stage, fed.as_ref(), notes)?;
                    errors.add(&last.err);
                    fed = Some(last.out.clone());
                }
                Ok(Outcome { err: errors, exits: false, ..last })
            }
            Node::Group(inner, redirects) => Ok(self.run(inner, stdin, notes)?.redirected(redirects)),
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
            // What is not exported stays in the shell.
            if !self.around.variables.contains_key(CLI_PASSWORD) && simple.assigned.iter().any(|(name, _)| name == CLI_PASSWORD) {
                self.own.remove(CLI_PASSWORD);
            }
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
        Ok(outcome?.redirected(&simple.redirects))
    }

    /// Runs a program with its words, unless programs call each other without end.
    pub(super) fn program(&mut self, args: &[Arg], stdin: Option<&Out>, notes: &mut Notes) -> Result<Outcome, Unsure> {
        self.depth += 1;
        let outcome = if self.depth > MAX_DEPTH { Err(Unsure) } else { self.call(args, stdin, notes) };
        self.depth -= 1;
        outcome
    }

    fn call(&mut self, args: &[Arg], stdin: Option<&Out>, notes: &mut Notes) -> Result<Outcome, Unsure> {
        let Some((first, rest)) = args.split_first() else { return Ok(Outcome::of(true)) };
        if first.is_open() {
            return Err(Unsure);
        }
        let name = first.text.rsplit('/').next().unwrap_or(&first.text);
        match name {
            _ if client::is_cli(name) => client::run(self, rest, stdin, notes),
            "timeout" => self.program(programs::behind_timeout(rest).ok_or(Unsure)?, stdin, notes),
            "exec" | "command" => self.program(rest, stdin, notes),
            _ if is_shell(name) => {
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
}
