//! `extends` (compose-go `loader/extends.go`): a service on top of another of the same document or of another file, by the rules of
//! the merge. What it extends may extend another in turn.

use super::tree::{self, Keys};
use super::{merge, reset};
use crate::compose::faults::Faults;
use crate::compose::model::Layer;
use crate::compose::value::{Entry, Text, Value};
use crate::text::span::{FileId, Span};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// How long a chain of `extends` may be.
const MAX_CHAIN: usize = 200;
const TOO_LONG: &str = "the chain of `extends` is too long to be followed";
const CUT: &str = "Remove one `extends` of the chain.";

/// The services of one document.
#[derive(Debug)]
pub struct Services {
    file: FileId,
    by_name: HashMap<String, Definition>,
}

#[derive(Debug)]
struct Definition {
    key_span: Span,
    /// As it is written.
    raw: Arc<Value>,
    /// Ready to be merged.
    read: Arc<Value>,
}

impl Services {
    /// `raw` and `read` are the same services, as they are written and ready to be merged.
    pub fn new(file: FileId, raw: &Value, read: &Value) -> Self {
        let known = Keys::of(read.entries());
        let one = |entry: &Entry| {
            let read = read.entries()[known.find(&entry.key)?].value.clone();
            Some((entry.key.clone(), Definition { key_span: entry.key_span, raw: entry.value.clone(), read }))
        };
        Self { file, by_name: raw.entries().iter().filter_map(one).collect() }
    }
}

/// A service after its `extends`, and the definitions it was put on, the deepest first.
type Extended = (Arc<Value>, Vec<Layer>);

/// How the services of another file are had.
pub type Other<'a> = dyn FnMut(&Text, Span, &mut Faults) -> Option<Rc<Services>> + 'a;

/// Follows `extends` in one document.
pub struct Extender<'a> {
    /// The services of another file, by the path that `extends.file` gives; what is not there is reported by whoever looks.
    pub other: &'a mut Other<'a>,
    pub faults: &'a mut Faults,
    done: HashMap<(FileId, String), Extended>,
    open: Vec<(FileId, String)>,
}

impl<'a> Extender<'a> {
    pub fn new(other: &'a mut Other<'a>, faults: &'a mut Faults) -> Self {
        Self { other, faults, done: HashMap::new(), open: Vec::new() }
    }

    /// The service `name` of `from` without `extends`; `None` where there is no such service.
    pub fn extend(&mut self, from: &Rc<Services>, name: &str) -> Option<Extended> {
        let service = from.by_name.get(name)?;
        let Some(extends) = service.read.entry("extends").map(|extends| &extends.value) else {
            return Some((service.read.clone(), Vec::new()));
        };
        let id = (from.file, name.to_owned());
        if let Some(done) = self.done.get(&id) {
            return Some(done.clone());
        }
        let own = tree::without(&service.read, |entry| entry.key == "extends");
        if self.open.contains(&id) || self.open.len() >= MAX_CHAIN {
            let message = if self.open.contains(&id) { "`extends` goes round in a circle" } else { TOO_LONG };
            self.faults.certain(extends.span, message, CUT);
            return Some((own, Vec::new()));
        }
        self.open.push(id.clone());
        let extended = match self.base(from, extends) {
            // Put together bit by bit, as the services come, a chain of any length would get here.
            Some((_, layers)) if layers.len() > MAX_CHAIN => {
                self.faults.certain(extends.span, TOO_LONG, CUT);
                (own, Vec::new())
            }
            Some((base, layers)) => {
                (merge::entries("services", name, &reset::clear(&base, &service.raw), &own, self.faults), layers)
            }
            None => (own, Vec::new()),
        };
        self.open.pop();
        self.done.insert(id, extended.clone());
        Some(extended)
    }

    /// What a service extends, with the layers it is made of, itself included.
    fn base(&mut self, from: &Rc<Services>, extends: &Arc<Value>) -> Option<Extended> {
        let Some(service) = extends.text().or_else(|| extends.get("service").and_then(|service| service.text())).cloned() else {
            let help = "Write `extends: NAME`, or `service:` and `file:` below it.";
            self.faults.at(extends, "`extends` names no service", help);
            return None;
        };
        let services = match extends.get("file").and_then(|file| file.text()) {
            None => from.clone(),
            Some(path) => (self.other)(path, extends.span, self.faults)?,
        };
        let Some(Definition { key_span, raw, .. }) = services.by_name.get(&service.value) else {
            let message =
                format!("`extends` names the service {}, which the file does not have", crate::secret::mask(&service.value));
            self.faults.of_text(&service, extends.span, message, "Name a service that exists, or remove `extends`.");
            return None;
        };
        let layer = Layer { key_span: *key_span, value: raw.clone(), inherited: true };
        let (base, mut layers) = self.extend(&services, &service.value)?;
        layers.push(layer);
        Some((base, layers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::resolve::testing::{show, value};

    fn extended(services: &str, name: &str) -> (String, usize, Vec<String>) {
        let raw = value(services);
        let from = Rc::new(Services::new(FileId(0), &raw, &raw));
        let mut other = |_: &Text, _: Span, _: &mut Faults| None;
        let mut faults = Faults::default();
        let (value, layers) = Extender::new(&mut other, &mut faults).extend(&from, name).expect("the service");
        (show(&value), layers.len(), faults.problems.into_iter().map(|problem| problem.message).collect())
    }

    #[test]
    fn a_chain_is_put_together_from_its_end() {
        let services = "{c: {image: x, environment: [A=1, B=1]}, b: {extends: c, environment: {B: 2}}, a: {extends: {service: b}, restart: always}}";
        let wanted = "{image: 'x', environment: {A: '1', B: 2}, restart: 'always'}";
        assert_eq!(extended(services, "a"), (wanted.to_owned(), 2, Vec::new()));
    }

    #[test]
    fn circles_and_missing_services_are_faults() {
        let (_, _, faults) = extended("{a: {extends: b}, b: {extends: a}}", "a");
        assert_eq!(faults, ["`extends` goes round in a circle"]);
        let (_, _, faults) = extended("{a: {image: x, extends: nope}}", "a");
        assert_eq!(faults, ["`extends` names the service nope, which the file does not have"]);
    }

    #[test]
    fn marks_clear_what_is_extended() {
        let (shown, ..) = extended("{b: {image: x, ports: ['1']}, a: {extends: b, ports: !override ['2']}}", "a");
        assert_eq!(shown, "{image: 'x', ports: ['2']}");
    }
}
