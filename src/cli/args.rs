//! The words of the command line.

use crate::diagnostic::Severity;
use crate::layout::{DbPolicy, Eviction};
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Finds and mends what breaks Redis connections in Docker Compose projects.
#[derive(Debug, Parser)]
#[command(name = "cachelint", version, about, disable_help_subcommand = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look for faults; exit 1 if there are any
    Check(Check),
    /// Rewrite the project into the local-Redis layout, once: plan, diff, confirm, write
    Migrate(Migrate),
    /// Show the project as Docker Compose would run it, without Docker
    Resolve(Resolve),
    /// Put back what the last `migrate` or `check --fix` replaced
    Rollback(Rollback),
    /// Show who uses which Redis, by which variable, from which line
    Graph(Graph),
    /// Explain a rule
    Explain(Explain),
    /// List all rules
    Rules(Rules),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: each finding with the lines it is about
    Full,
    /// One line a finding
    Concise,
    /// For programs
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For GitHub Actions: notes at the lines of a pull request
    Github,
    /// For GitLab: a Code Quality report
    Gitlab,
    /// For CI servers that show tests, as XML
    Junit,
    /// For reviewdog
    Rdjson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

impl FailOn {
    /// The least severity that makes the exit code 1.
    pub fn threshold(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// Which files make the project: the same words as those of `docker compose`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Project, as for docker compose")]
pub struct ProjectArgs {
    /// A compose file; several are merged in order (- is standard input)
    #[arg(short, long = "file", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Instead of `.env`, the file with the variables; of several, the later wins
    #[arg(long = "env-file", value_name = "FILE")]
    pub env_files: Vec<PathBuf>,
    /// The folder that relative paths count from
    #[arg(long, value_name = "DIR")]
    pub project_directory: Option<PathBuf>,
    /// The project's name
    #[arg(short, long, value_name = "NAME")]
    pub project_name: Option<String>,
    /// A profile to activate, besides none; `*` for all
    #[arg(long = "profile", value_name = "NAME")]
    pub profiles: Vec<String>,
    /// Let the variables of the calling shell take part
    #[arg(long)]
    pub shell_env: bool,
}

impl ProjectArgs {
    /// Whether the words name one project, rather than folders to be searched.
    pub fn is_explicit(&self) -> bool {
        !self.files.is_empty() || self.project_directory.is_some()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ModelFormat {
    Yaml,
    Json,
}

#[derive(Debug, clap::Args)]
pub struct Resolve {
    /// The project's directory, or a file of it
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,
    /// How the model is shown
    #[arg(long, value_enum, default_value_t = ModelFormat::Yaml)]
    pub format: ModelFormat,
    /// Behind each value, the file and line it came from and the way it took
    #[arg(long)]
    pub origin: bool,
    /// Print passwords instead of ********
    #[arg(long)]
    pub show_secrets: bool,
    /// Do not say what could not be judged
    #[arg(short, long)]
    pub quiet: bool,
    #[command(flatten)]
    pub project: ProjectArgs,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Check {
    /// Directories, compose files or env files; a directory is searched for projects
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Full)]
    pub format: Format,
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Warning, value_name = "SEVERITY")]
    pub fail_on: FailOn,
    /// Run these rules only
    #[arg(long, value_delimiter = ',', value_name = "RULE,..")]
    pub select: Vec<String>,
    /// Leave these rules out
    #[arg(long, value_delimiter = ',', value_name = "RULE,..")]
    pub ignore: Vec<String>,
    /// Apply safe fixes
    #[arg(long)]
    pub fix: bool,
    /// With --fix or --diff: unsafe fixes too
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Print the edits that --fix would make, and write nothing
    #[arg(long)]
    pub diff: bool,
    /// Read this one file from standard input, its neighbours from disk
    #[arg(long, value_name = "FILE", conflicts_with = "fix")]
    pub stdin_filename: Option<PathBuf>,
    /// Colour the output
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// Print findings only
    #[arg(short, long)]
    pub quiet: bool,
    /// List what could not be judged, and why
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    #[command(flatten)]
    pub project: ProjectArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    Text,
    Json,
}

impl ValueEnum for Eviction {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Auto, Self::Lru, Self::NoEviction]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        use clap::builder::PossibleValue as Value;
        Some(match self {
            Self::Auto => Value::new("auto").help("allkeys-lru, or noeviction where the files show a queue"),
            Self::Lru => Value::new("lru").help("allkeys-lru: drop what was not used for long"),
            Self::NoEviction => Value::new("noeviction").help("refuse writes when memory is full"),
        })
    }
}

impl ValueEnum for DbPolicy {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Auto, Self::Keep, Self::Zero]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        use clap::builder::PossibleValue as Value;
        Some(match self {
            Self::Auto => Value::new("auto").help("0 if one index is in use; several stay as they are"),
            Self::Keep => Value::new("keep").help("each index stays as it is"),
            Self::Zero => Value::new("zero").help("0 everywhere"),
        })
    }
}

#[derive(Debug, clap::Args)]
pub struct Migrate {
    /// The project's directory, or a file of it
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,
    /// Do not ask
    #[arg(short, long, conflicts_with = "dry_run")]
    pub yes: bool,
    /// Show the plan and the diff, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How the plan is shown
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub format: PlanFormat,
    /// What a Redis without limits may hold, as Redis writes it: 256mb, 1gb
    #[arg(long, value_name = "AMOUNT")]
    pub memory: Option<String>,
    /// What a new Redis does when its memory is full
    #[arg(long, value_enum, default_value_t = Eviction::Auto)]
    pub eviction: Eviction,
    /// The image of a new Redis
    #[arg(long)]
    pub image: Option<String>,
    /// Which database index rewritten connections get
    #[arg(long, value_enum, default_value_t = DbPolicy::Auto)]
    pub db: DbPolicy,
    /// The name of a new Redis service, or which of several servers is meant
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// Rewrite files that git shows as changed and not committed
    #[arg(long)]
    pub allow_dirty: bool,
    /// Colour the output
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    #[command(flatten)]
    pub project: ProjectArgs,
}

#[derive(Debug, clap::Args)]
pub struct Rollback {
    /// The directory that `migrate` or `check --fix` was run on
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// For people: a tree
    Text,
    /// For GitHub and wikis: a flowchart
    Mermaid,
    /// For Graphviz
    Dot,
    /// For programs
    Json,
}

#[derive(Debug, clap::Args)]
pub struct Graph {
    /// Directories, compose files or env files; a directory is searched for projects
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// How the graph is shown
    #[arg(long, value_enum, default_value_t = GraphFormat::Text)]
    pub format: GraphFormat,
    /// Colour the output
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    #[command(flatten)]
    pub project: ProjectArgs,
}

#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The rule's name
    pub rule: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    Text,
    Json,
}

#[derive(Debug, clap::Args)]
pub struct Rules {
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}
