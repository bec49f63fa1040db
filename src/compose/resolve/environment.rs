//! Env files: the project's (`.env`), which feed `${…}`, and a service's `env_file`, which feeds its container only.

use super::interpolate::{Failure, Variables, fill};
use crate::compose::model::{Documents, Problem, ProblemKind};
use crate::compose::resolve::{merge, paths, tree};
use crate::compose::value::{Home, Kind, Text, Type, Value};
use crate::diagnostic::{Subject, Unknown};
use crate::syntax::dotenv::{self, EnvDoc};
use crate::text::source::{ReadProblem, display};
use crate::text::span::{FileId, Span};
use indexmap::IndexMap;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The variables of a project: those of its env files, then those that Compose supplies.
#[derive(Debug, Default, Clone)]
pub struct Environment {
    pub variables: IndexMap<String, Arc<Text>>,
}

impl Environment {
    /// What stands above every file: the caller's environment, as far as it takes part, and `PWD` and `HOME`, which are set wherever
    /// Compose is called.
    pub fn around(shell: &BTreeMap<String, String>, here: &Path) -> Self {
        let text = |value: String| Arc::new(Text::literal(value, Home::Outside));
        let mut variables: IndexMap<_, _> = shell.iter().map(|(name, value)| (name.clone(), text(value.clone()))).collect();
        variables.entry("PWD".to_owned()).or_insert_with(|| text(display(&paths::absolute(here))));
        if let Some(home) = std::env::home_dir() {
            variables.entry("HOME".to_owned()).or_insert_with(|| text(display(&home)));
        }
        Self { variables }
    }
}

impl Variables for Environment {
    fn lookup(&self, name: &str) -> Option<Arc<Text>> {
        self.variables.get(name).cloned()
    }
}

/// What one env file gives, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Lines {
    pub values: Vec<(String, Option<Text>, Span)>,
    pub problems: Vec<Problem>,
    pub unknown: Vec<Unknown>,
}

/// Where the references of an env file look, nearest last: the project, the service's own `environment`, the lines before.
pub struct Scope<'a> {
    pub project: &'a Environment,
    pub service: Option<&'a IndexMap<String, Arc<Text>>>,
}

struct Chain<'a> {
    scope: &'a Scope<'a>,
    earlier: IndexMap<String, Arc<Text>>,
}

impl Variables for Chain<'_> {
    fn lookup(&self, name: &str) -> Option<Arc<Text>> {
        let service = self.scope.service.and_then(|service| service.get(name)).cloned();
        self.scope.project.lookup(name).or(service).or_else(|| self.earlier.get(name).cloned())
    }
}

/// Parses `file` once and keeps the result in `docs`.
pub fn parse(docs: &mut Documents, file: FileId, raw: bool) {
    if docs.env(file).is_none() {
        let text = docs.text(file);
        let doc = if raw { dotenv::parse_raw(text) } else { dotenv::parse(text) };
        docs.envs.insert(file, doc);
    }
}

/// Reads the lines of `file`, which [`parse`] has parsed.
pub fn lines(docs: &Documents, file: FileId, scope: &Scope<'_>) -> Lines {
    let mut out = Lines::default();
    match docs.sources.file(file).problem {
        None => {}
        // Compose takes such a value as it comes; only what stands before it is read here.
        Some(ReadProblem::NotUtf8) => {
            let reason =
                "the file is not UTF-8 from here on; what follows is not judged, and the file is not rewritten".to_owned();
            let span = Some(Span::point(file, docs.text(file).len()));
            let settled_by = "the file saved as UTF-8".to_owned();
            out.unknown.push(Unknown { subject: Subject::default(), reason, settled_by, span });
        }
        Some(ReadProblem::Unreadable(ref why)) => {
            let reason = format!("the file cannot be read ({why}), so what it sets is not known");
            let settled_by = "a file that can be read".to_owned();
            out.unknown.push(Unknown { subject: Subject::default(), reason, settled_by, span: Some(Span::point(file, 0)) });
            return out;
        }
        Some(_) => {
            out.problems.extend(read_problem(docs, file));
            return out;
        }
    }
    let Some(doc) = docs.env(file) else { return out };
    let mut chain = Chain { scope, earlier: IndexMap::new() };
    for (line, entry) in doc.entries.iter().enumerate() {
        let home = Home::Env { file, line };
        let at = Span::new(file, entry.key_range.clone());
        let value = match &entry.value {
            None => chain.scope.project.lookup(&entry.key).map(|text| (*text).clone()),
            Some(value) if value.is_literal() => Some(Text::literal(value.template.clone(), home)),
            Some(value) => match fill(&value.template, home, &chain) {
                Ok(text) => Some(text),
                Err(failure) => {
                    out.problems.push(failed(file, value, &entry.key, failure));
                    None
                }
            },
        };
        if let Some(text) = &value {
            chain.earlier.insert(entry.key.clone(), Arc::new(text.clone()));
        }
        out.values.push((entry.key.clone(), value, at));
    }
    out.problems.extend(syntax_error(docs, file, doc));
    out
}

fn failed(file: FileId, value: &dotenv::EnvValue, key: &str, failure: Failure) -> Problem {
    let (range, message, help) = match failure {
        Failure::Invalid(invalid) => {
            let help = "Put a value that holds a literal $ in single quotes, or double the $.".to_owned();
            (invalid.range, format!("the value of {key} cannot be interpolated: {}", invalid.message), help)
        }
        Failure::Required { name, range, .. } => {
            let help = format!("Set {name} on a line above, or give it a default: ${{{name}:-value}}.");
            (range, format!("{key} needs {name}, which has no value"), help)
        }
    };
    let raw = value.raw_range(range).unwrap_or_else(|| value.content.clone());
    Problem { kind: ProblemKind::Env, span: Span::new(file, raw), message, help }
}

fn syntax_error(docs: &Documents, file: FileId, doc: &EnvDoc) -> Option<Problem> {
    let error = doc.error.as_ref()?;
    let range = error.range.start.min(docs.text(file).len())..error.range.end.min(docs.text(file).len());
    Some(Problem {
        kind: ProblemKind::Env,
        span: Span::new(file, range),
        message: error.message.clone(),
        help: "Compose stops here; nothing of this file is read. Mend the line.".to_owned(),
    })
}

fn read_problem(docs: &Documents, file: FileId) -> Option<Problem> {
    let problem = docs.sources.file(file).problem.as_ref()?;
    let (message, help) = describe(problem);
    let at = if *problem == ReadProblem::NotUtf8 { docs.text(file).len() } else { 0 };
    Some(Problem { kind: ProblemKind::Env, span: Span::point(file, at), message, help })
}

/// What is wrong with a file that could not be read as text, and what to do.
pub fn describe(problem: &ReadProblem) -> (String, String) {
    let (message, help) = match problem {
        ReadProblem::NotUtf8 => ("the file is not UTF-8 from here on", "Save it as UTF-8."),
        ReadProblem::Utf16 => ("the file is UTF-16, which Compose does not read", "Save it as UTF-8 without a byte order mark."),
        ReadProblem::TooLarge { bytes } => {
            let message = format!("the file has {bytes} bytes; cachelint reads at most 8 MB");
            return (message, "Name the right file, or move what is not configuration elsewhere.".to_owned());
        }
        ReadProblem::IsDirectory => {
            ("this is a directory, and a file is expected here", "Remove the directory or name the right file.")
        }
        ReadProblem::Unreadable(reason) => {
            return (format!("the file cannot be read: {reason}"), "Check where it leads, and its owner and mode.".to_owned());
        }
    };
    (message.to_owned(), help.to_owned())
}

/// The variables of `outer`, and below them those of env files: of several files, the later wins.
pub fn project(
    docs: &mut Documents,
    files: &[FileId],
    outer: Environment,
    problems: &mut Vec<Problem>,
    unknown: &mut Vec<Unknown>,
) -> Environment {
    let mut own: IndexMap<String, Arc<Text>> = IndexMap::new();
    for &file in files {
        parse(docs, file, false);
        // References look into the caller's environment first, then into earlier files, then at earlier lines.
        let mut seen = outer.clone();
        for (name, text) in &own {
            seen.variables.entry(name.clone()).or_insert_with(|| text.clone());
        }
        let read = lines(docs, file, &Scope { project: &seen, service: None });
        problems.extend(read.problems);
        unknown.extend(read.unknown);
        own.extend(read.values.into_iter().filter_map(|(key, value, _)| Some((key, Arc::new(value?)))));
    }
    let mut all = outer;
    for (name, text) in own {
        all.variables.entry(name).or_insert(text);
    }
    all
}

/// The document with `environment` as mappings, and bare names in it given the project's value, where it has one.
pub fn bare(model: &Arc<Value>, env: &Environment) -> Arc<Value> {
    tree::section(model, "services", |_, service| {
        tree::map(service, |key, value| {
            let Some(variables) = merge::key_values(value).filter(|_| key == "environment") else { return value.clone() };
            tree::map(&variables, |name, inner| match env.lookup(name) {
                Some(found) if inner.is_null() => inner.with(Kind::Scalar((*found).clone(), Type::Str)),
                _ => inner.clone(),
            })
        })
    })
}
