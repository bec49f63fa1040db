//! From a compose file to its documents, with anchors followed and variables filled in. Each file is parsed once.

use super::Loader;
use crate::compose::faults;
use crate::compose::model::{Problem, ProblemKind};
use crate::compose::resolve::anchors::Expander;
use crate::compose::resolve::environment::{self, Environment};
use crate::compose::resolve::interpolate::fill;
use crate::compose::value::{Home, Value};
use crate::diagnostic::{Subject, Unknown};
use crate::syntax::yaml::Tree;
use crate::text::source::ReadProblem;
use crate::text::span::{FileId, Span};
use std::path::Path;
use std::sync::Arc;

/// One document of a file.
pub(super) struct Document {
    pub(super) file: FileId,
    pub(super) value: Arc<Value>,
}

impl Loader {
    /// The last `name:` of a file's documents. One that is written and comes to nothing is there.
    pub(super) fn name_in(&mut self, path: &Path, env: &Environment) -> Option<String> {
        let file = self.project.docs.sources.load(path)?;
        self.parse(file);
        let tree = self.project.docs.tree(file)?;
        let mut names = tree.documents.iter().filter_map(|&root| {
            let node = tree.target(tree.get(root, "name")?.value);
            let template = &tree.scalar(node)?.value;
            let written = !template.is_empty() && !tree.is_null(node);
            written.then(|| fill(template, Home::Yaml { file, node }, env).ok().map(|text| text.value)).flatten()
        });
        names.next_back()
    }

    /// The documents of a compose file with anchors followed and variables filled in.
    pub(super) fn documents(&mut self, path: &Path, env: &Environment) -> Vec<Document> {
        let Some(file) = self.project.docs.sources.load(path) else { return Vec::new() };
        self.parse(file);
        if !self.project.files.contains(&file) {
            if self.project.files.len() >= self.own {
                self.project.included.push(file);
            }
            self.project.files.push(file);
        }
        let docs = &self.project.docs;
        let Some(tree) = docs.tree(file).filter(|tree| tree.errors.is_empty()) else { return Vec::new() };
        let mut out = Vec::new();
        let mut expander = Expander::new(tree, docs.text(file), env);
        for &root in &tree.documents {
            let value = expander.expand(root);
            if value.is_map() {
                out.push(Document { file, value });
            } else if !value.is_null() || tree.documents.len() > 1 {
                let message = format!("a compose file must be a mapping, and this is {}", faults::type_name(&value));
                self.faults.certain(value.span, message, "Start the file with `services:`.");
            }
        }
        let (problems, required) = (std::mem::take(&mut expander.problems), std::mem::take(&mut expander.required));
        self.faults.problems.extend(problems);
        for (name, span) in required {
            let reason = format!("it needs a value: `${{{name}:?}}` stands here, and no file of the project gives it one");
            let subject = Subject { variable: Some(name), ..Subject::default() };
            let settled_by = "a line in .env".to_owned();
            self.faults.unknown.push(Unknown { subject, reason, settled_by, span: Some(span) });
        }
        out
    }

    /// Parses a compose file once; what is wrong with it is a problem of the project.
    fn parse(&mut self, file: FileId) {
        if self.project.docs.tree(file).is_some() {
            return;
        }
        let source = self.project.docs.sources.file(file);
        let mut problems = Vec::new();
        let tree = if let Some(problem) = source.problem.as_ref().filter(|problem| **problem != ReadProblem::Utf16) {
            let (message, help) = environment::describe(problem);
            problems.push((Span::point(file, source.text.len()), message, help));
            None
        } else {
            let tree = Tree::parse(file, &source.text);
            for error in &tree.errors {
                let help = "Compose cannot read the file before this is mended.".to_owned();
                problems.push((error.span, error.message.clone(), help));
            }
            Some(tree)
        };
        self.project.docs.trees.extend(tree.map(|tree| (file, tree)));
        let unreadable = |(span, message, help)| Problem { kind: ProblemKind::Unreadable, span, message, help };
        let problems = problems.into_iter().map(unreadable).filter(|problem| !self.project.problems.contains(problem));
        self.project.problems.extend(problems.collect::<Vec<_>>());
    }
}
