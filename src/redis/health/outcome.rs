//! How a command on paper ends: its exit, what it wrote, and what was noticed on the way.

use super::Fault;
use super::shell::Redirect;

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

    pub(super) fn add(&mut self, other: &Self) {
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
    pub(super) fn after(mut self, before: Self) -> Self {
        let (mut out, mut err) = (before.out, before.err);
        out.add(&self.out);
        err.add(&self.err);
        (self.out, self.err) = (out, err);
        self
    }

    /// Sends the output where the redirections say, from left to right.
    pub(super) fn redirected(&self, redirects: &[Redirect]) -> Self {
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
        let mut result = Self { out: Out::sure(""), err: Out::sure(""), ..self.clone() };
        for (text, to) in [(&self.err, err), (&self.out, out)] {
            match to {
                To::Out => result.out.add(text),
                To::Err => result.err.add(text),
                To::Nowhere => {}
            }
        }
        result
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
