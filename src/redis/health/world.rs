//! What a check meets: the state of its Redis, and the variables of its container.

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

/// A state, and what the files say of the container.
pub(super) struct World<'a> {
    pub state: State,
    pub around: &'a Surroundings,
    /// Redis turns away who gives no password.
    pub needs_password: bool,
    /// Redis has none, and says so to who gives one.
    pub is_open: bool,
    /// What the line itself sets.
    pub own: BTreeMap<String, Option<String>>,
    /// How many programs have called each other.
    pub depth: usize,
}

impl<'a> World<'a> {
    pub(super) fn new(state: State, around: &'a Surroundings, needs_password: bool, is_open: bool) -> Self {
        Self { state, around, needs_password, is_open, own: BTreeMap::new(), depth: 0 }
    }

    /// A variable's value; `None` where it is not known.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        match self.own.get(name).or_else(|| self.around.variables.get(name)) {
            Some(value) => value.clone(),
            None => self.around.is_closed(name).then(String::new),
        }
    }

    pub(super) fn is_unset(&self, name: &str) -> bool {
        !self.own.contains_key(name) && !self.around.variables.contains_key(name) && self.around.is_closed(name)
    }
}
