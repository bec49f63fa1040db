//! A project as Compose would run it: services, networks and volumes after anchors, interpolation and overrides, each value with its
//! provenance. Only what decides environment, names, networks, health, order, ports and memory is modelled.

use super::value::{Site, Text, Value};
use crate::diagnostic::Unknown;
use crate::syntax::dotenv::EnvDoc;
use crate::syntax::yaml::Tree;
use crate::text::source::{Sources, display};
use crate::text::span::{FileId, Span};
use indexmap::IndexMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// The files of a project with what was parsed of them.
#[derive(Debug, Default)]
pub struct Documents {
    pub sources: Sources,
    pub trees: IndexMap<FileId, Tree>,
    pub envs: IndexMap<FileId, EnvDoc>,
}

impl Documents {
    pub fn tree(&self, file: FileId) -> Option<&Tree> {
        self.trees.get(&file)
    }

    pub fn env(&self, file: FileId) -> Option<&EnvDoc> {
        self.envs.get(&file)
    }

    pub fn text(&self, file: FileId) -> &str {
        &self.sources.file(file).text
    }

    /// Where a site stands. `None` for what no file holds.
    pub fn span(&self, site: &Site) -> Option<Span> {
        match site {
            Site::Yaml { file, node, cooked } => {
                let tree = self.tree(*file)?;
                let exact = tree.raw_range(self.text(*file), *node, cooked.clone());
                Some(exact.unwrap_or_else(|| tree.node(*node).span))
            }
            Site::Env { file, line, template } => {
                let value = self.env(*file)?.entries.get(*line)?.value.as_ref()?;
                let raw = value.raw_range(template.clone()).unwrap_or_else(|| value.content.clone());
                Some(Span::new(*file, raw))
            }
            Site::Outside => None,
        }
    }

    /// Where a text itself is written, before any reference is followed.
    pub fn written(&self, text: &Text) -> Option<Span> {
        self.span(&text.written())
    }

    /// Where the bytes `range` of a text come from.
    pub fn locate(&self, text: &Text, range: Range<usize>) -> Option<Span> {
        self.span(&text.site_of(range)).or_else(|| self.written(text))
    }

    /// A text as it is written in a YAML file, references and all.
    pub fn template(&self, text: &Text) -> Option<&str> {
        let Site::Yaml { file, node, cooked } = text.written() else { return None };
        self.tree(file)?.scalar(node)?.value.get(cooked)
    }
}

/// A fault that Compose itself would stop at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    pub span: Span,
    pub message: String,
    pub help: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The compose file cannot be understood at all: nothing else is said about the project.
    Unreadable,
    /// The compose file can be read, but Compose rejects it.
    Compose,
    /// The same, by a dependency on a service whose profile is not active.
    Inactive,
    /// It refers to something that these files do not define, or defines half of something: another file may do the rest.
    Dangling,
    /// A line of an env file that Compose rejects.
    Env,
}

/// What the files are to `docker compose` called in their folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// What it reads without being told, or what it is told on the command line.
    #[default]
    Default,
    /// The last file is a fragment that goes over the others, once it is named.
    Overlay,
    /// A project of its own beside the default one.
    Alone,
    /// A fragment whose base is not here.
    Fragment,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Overlay => "overlay",
            Self::Alone => "alone",
            Self::Fragment => "fragment",
        }
    }
}

#[derive(Debug, Default)]
pub struct Project {
    pub name: String,
    pub docs: Documents,
    /// Compose files in merge order.
    pub files: Vec<FileId>,
    /// The files that feed `${…}`.
    pub env_files: Vec<FileId>,
    /// The variables that feed `${…}`.
    pub environment: IndexMap<String, Arc<Text>>,
    pub services: IndexMap<String, Service>,
    pub networks: IndexMap<String, Resource>,
    pub volumes: IndexMap<String, Resource>,
    pub problems: Vec<Problem>,
    pub unknown: Vec<Unknown>,
    /// Services that a later file takes out by `!reset`.
    pub removed: Vec<Service>,
    /// Files that `include` brings; they stand beside the others, not over them.
    pub included: Vec<FileId>,
    /// A compose file that the project includes or extends is not here: what it defines is not known.
    pub incomplete: bool,
    /// Whether a service extends another.
    pub extends: bool,
    /// Files that show what an env file is to hold; Compose reads none of them.
    pub examples: Vec<Example>,
    /// The value of each compose file's document as it is written, for what is not modelled.
    pub values: Vec<Arc<Value>>,
    /// All documents merged, every key in its long form, with what Compose supplies. `None` where nothing could be read.
    pub merged: Option<Arc<Value>>,
    /// The profiles that are active.
    pub profiles: Vec<String>,
    pub role: Role,
}

impl Project {
    /// Whether a compose file could not be read, so that nothing can be said about what the project runs.
    pub fn is_unreadable(&self) -> bool {
        self.problems.iter().any(|problem| problem.kind == ProblemKind::Unreadable)
    }

    /// The files that Compose reads for it, relative to its root.
    pub fn paths(&self) -> Vec<String> {
        let is_example = |id: FileId| self.examples.iter().any(|example| example.file == id);
        self.docs.sources.files().filter(|(id, _)| !is_example(*id)).map(|(_, file)| display(&file.path)).collect()
    }
}

/// `.env.example` and the like.
#[derive(Debug)]
pub struct Example {
    pub file: FileId,
    /// The env file that it is an example of, whether that is there or not.
    pub of: PathBuf,
    pub doc: EnvDoc,
}

/// A top-level network or volume.
#[derive(Debug, Clone)]
pub struct Resource {
    pub span: Span,
    /// `name:`, where it is given.
    pub name: Option<String>,
    pub external: bool,
}

/// One file's own definition of a service.
#[derive(Debug, Clone)]
pub struct Layer {
    pub key_span: Span,
    pub value: Arc<Value>,
    /// It belongs to another service, which this one `extends`: an edit there would change both.
    pub inherited: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Service {
    pub name: String,
    /// What each file says of it, in merge order; never empty.
    pub layers: Vec<Layer>,
    pub image: Option<Text>,
    pub build: Option<Span>,
    pub command: Option<Command>,
    pub entrypoint: Option<Command>,
    pub environment: IndexMap<String, EnvEntry>,
    /// In order: of several, the later wins.
    pub env_files: Vec<EnvFile>,
    /// All that its env files give it, in order, whether a later file or `environment` says otherwise or not.
    pub env_file_lines: Vec<(String, EnvEntry)>,
    pub depends_on: IndexMap<String, Dependency>,
    /// `None`: the service has no `networks` and is on `default`.
    pub networks: Option<IndexMap<String, Attachment>>,
    pub network_mode: Option<Text>,
    pub links: Vec<Text>,
    /// Containers outside the project, as `container` or `container:alias`.
    pub external_links: Vec<Text>,
    /// Name and address.
    pub extra_hosts: Vec<(String, String)>,
    pub container_name: Option<Text>,
    pub hostname: Option<Text>,
    pub healthcheck: Option<Healthcheck>,
    pub ports: Vec<Port>,
    pub volumes: Vec<Mount>,
    pub tmpfs: Vec<Text>,
    pub mem_limit: Option<Text>,
    pub deploy_limits: Option<DeployLimits>,
    pub profiles: Vec<Text>,
    pub restart: Option<Text>,
    /// Runs with the profiles that are active.
    pub enabled: bool,
    /// The service in the merged document, every key in its long form, with what Compose supplies; env files are not read there.
    pub value: Option<Arc<Value>>,
}

impl Service {
    /// The name where the service itself is first defined.
    pub fn span(&self) -> Span {
        self.own_layers().next().unwrap_or(&self.layers[0]).key_span
    }

    fn own_layers(&self) -> impl DoubleEndedIterator<Item = &Layer> {
        self.layers.iter().filter(|layer| !layer.inherited)
    }

    /// An override or a fragment of another file: neither an image nor a build of its own.
    pub fn is_partial(&self) -> bool {
        self.image.is_none() && self.build.is_none()
    }

    /// The networks it is on by name; empty with a `network_mode`.
    pub fn network_names(&self) -> Vec<&str> {
        match (&self.networks, &self.network_mode) {
            (_, Some(_)) => Vec::new(),
            (Some(networks), None) if !networks.is_empty() => networks.keys().map(String::as_str).collect(),
            _ => vec!["default"],
        }
    }

    /// The layer that a key is extended in: the last that has it, else the first that says what the service runs.
    pub fn layer_for(&self, key: &str) -> &Layer {
        let has = |layer: &&Layer, key: &str| layer.value.entry(key).is_some();
        let with_key = self.own_layers().rev().find(|layer| has(layer, key));
        let runs = self.own_layers().find(|layer| has(layer, "image") || has(layer, "build"));
        with_key.or(runs).or_else(|| self.own_layers().next()).unwrap_or(&self.layers[0])
    }
}

#[derive(Debug, Clone)]
pub struct EnvEntry {
    pub key_span: Span,
    /// `None`: a bare name that nothing gives a value.
    pub value: Option<Text>,
    /// The entry of `env_file` it came through.
    pub through: Option<Span>,
}

/// One entry of `env_file`.
#[derive(Debug, Clone)]
pub struct EnvFile {
    /// Relative to the root of the project, or absolute.
    pub path: Text,
    pub required: bool,
    pub format: Option<Text>,
    pub span: Span,
}

/// `command`, `entrypoint` or a health check as a list of words.
#[derive(Debug, Clone)]
pub struct Command {
    pub words: Vec<Text>,
    /// One string in the file (split as a shell would, without a shell) rather than a list.
    pub is_string: bool,
    /// Which of the words stand for a variable without a value alone: to Compose they are not there.
    pub unsaid: Vec<usize>,
    pub value: Arc<Value>,
}

impl Command {
    pub fn line(&self) -> String {
        self.words.iter().map(|word| word.value.as_str()).collect::<Vec<_>>().join(" ")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Started,
    Healthy,
    Completed,
}

#[derive(Debug, Clone)]
pub struct Dependency {
    pub condition: Condition,
    pub required: bool,
    /// The dependency's name where it is written.
    pub span: Span,
    /// The value of the long form; `None` in a short list.
    pub long: Option<Arc<Value>>,
}

#[derive(Debug, Clone)]
pub struct Attachment {
    pub span: Span,
    pub aliases: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Healthcheck {
    pub span: Span,
    /// `None`: inherited from the image.
    pub test: Option<Test>,
    pub disabled: Option<Span>,
    pub timing: Timing,
}

/// When a health check runs, as it is written; what is not said is the engine's default.
#[derive(Debug, Clone, Default)]
pub struct Timing {
    pub interval: Option<Text>,
    pub timeout: Option<Text>,
    pub retries: Option<Text>,
    pub start_period: Option<Text>,
}

#[derive(Debug, Clone)]
pub struct Test {
    pub value: Arc<Value>,
    pub form: TestForm,
    pub words: Vec<Text>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestForm {
    /// `["CMD", …]`: a program and its arguments, no shell.
    Exec,
    /// `["CMD-SHELL", "…"]` or a string: for the shell of the container.
    Shell,
    /// `["NONE"]`.
    None,
}

/// A published port after the short and the long form are made one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    pub host_ip: Option<String>,
    /// Both ends included; `None`: the engine picks one.
    pub published: Option<(u16, u16)>,
    pub target: (u16, u16),
    pub protocol: String,
    pub span: Span,
}

/// A mount of a service.
#[derive(Debug, Clone)]
pub struct Mount {
    /// Volume name or host path; `None` for an anonymous volume.
    pub source: Option<String>,
    pub target: String,
    pub is_bind: bool,
    pub read_only: bool,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct DeployLimits {
    /// `deploy.resources.limits` itself.
    pub value: Arc<Value>,
    pub memory: Option<Text>,
}
