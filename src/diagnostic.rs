//! What is said about a project: findings, what could not be judged, and what can be done about it. Knows places in files; knows
//! nothing of rules, of Redis, or of how a report is printed.
//!
//! Messages never hold a secret: whoever builds one passes values through [`crate::secret`] first.

use crate::secret::Known;
use crate::text::edit::Edit;
use crate::text::span::Span;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a finding is about: its identity, together with the rule. Never prose.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Subject {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
}

impl Subject {
    pub fn service(name: &str) -> Self {
        Self { service: Some(name.to_owned()), ..Self::default() }
    }

    pub fn variable(mut self, name: &str) -> Self {
        self.variable = Some(name.to_owned());
        self
    }

    pub fn network(mut self, name: &str) -> Self {
        self.network = Some(name.to_owned());
        self
    }

    pub fn volume(mut self, name: &str) -> Self {
        self.volume = Some(name.to_owned());
        self
    }
}

/// A place and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub message: String,
}

impl Label {
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

/// One fault in the user's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub rule: &'static str,
    pub severity: Severity,
    pub subject: Subject,
    /// What is wrong, in one sentence, with the value (masked) and the places that matter: some editors show nothing else.
    pub message: String,
    /// Why it will hurt, in one concrete sentence.
    pub why: String,
    /// What to do, where the remedy does not say it already.
    pub help: String,
    pub primary: Label,
    pub related: Vec<Label>,
    pub remedy: Remedy,
}

/// What can be done about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    Fix(Fix),
    /// There is a fix for such findings, but not here; the reason names the line where it can.
    Refused(String),
    /// Only a person can do it; `Finding::help` says what.
    Manual,
}

impl Remedy {
    /// A fix where the change could be made, a refusal with its reason where not.
    pub fn offer(applicability: Applicability, title: String, caveat: Option<String>, change: Result<Change, String>) -> Self {
        match change {
            Ok(change) => Self::Fix(Fix { title, applicability, caveat, change }),
            Err(reason) => Self::Refused(reason),
        }
    }

    pub fn fix(&self) -> Option<&Fix> {
        match self {
            Self::Fix(fix) => Some(fix),
            Self::Refused(_) | Self::Manual => None,
        }
    }
}

/// Safe fixes keep what the project does while it works; unsafe ones change what runs or where data lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// `check --fix` applies it.
    #[default]
    Safe,
    /// `migrate` applies it, and `check --fix --unsafe-fixes`.
    Unsafe,
    /// Unsafe, and about what an existing Redis is: its image, password, ports, data, limits. `migrate` leaves that to a person
    /// (layout.md); `check --fix --unsafe-fixes` applies it.
    #[serde(rename = "unsafe")]
    OnRequest,
}

/// A change that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// In the imperative: "Point `REDIS_URL` at the service redis".
    pub title: String,
    pub applicability: Applicability,
    /// What somebody should know before they accept it.
    pub caveat: Option<String>,
    pub change: Change,
}

/// Edits that belong together, over any number of files; applied whole or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub edits: Vec<Edit>,
    /// Files that do not exist yet, relative to the project root, with their content.
    pub new_files: Vec<(PathBuf, String)>,
    /// The places in the model that may differ afterwards; anything else that differs makes the change a refusal.
    pub touches: Vec<Touch>,
}

impl Change {
    pub fn join(&mut self, other: Change) {
        self.edits.extend(other.edits);
        self.new_files.extend(other.new_files);
        self.touches.extend(other.touches);
    }
}

/// A place in one file's model: the keys from the top of a YAML document, or the one name of a variable in an env file. What lies
/// below it is touched too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    pub file: crate::text::span::FileId,
    pub path: Vec<String>,
}

/// Something that could not be judged: never a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub subject: Subject,
    /// Why it is not known.
    pub reason: String,
    /// What would settle it, as a noun: "a line in .env".
    pub settled_by: String,
    pub span: Option<Span>,
}

/// All that was found in one project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Finding>,
    pub unknown: Vec<Unknown>,
    /// What must not be shown of the project's files.
    pub known: Known,
}
