//! The rules: the first place where what is meets what ought to be.
//!
//! # How to add a rule
//!
//! 1. Write `src/rules/<group>/<name>.rs`: [`declare_rule!`](crate::declare_rule) with the documentation (one line that says what it
//!    flags, then `## Why`, `## Bad`, `## Good` and `## Fix`; the examples run as tests) and a `check` function.
//! 2. Name it in [`RULES`].
//! 3. Add a folder `tests/rules/<name>/<case>/` with `before/`, `findings` and, if there is a fix, `after/` (see `tests/rules.rs`): at least
//!    one case that fires, one that stays quiet, and one called `trap-…` that looks like the one and is the other.
//!
//! The table in README, `cachelint rules` and `cachelint explain` come from the declaration; `UPDATE=1 cargo test` rewrites README.

pub mod connection;
pub mod context;
pub mod editor;
pub mod env_files;
pub mod exposure;
pub mod files;
pub mod health;
pub mod ignores;
pub mod indexes;
pub mod memory;
pub mod network;
pub mod platform;
pub mod service;
pub mod startup;

use crate::diagnostic::{Finding, Severity};
use context::Context;
use serde::Serialize;

/// What kind of fix a rule offers, at best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FixKind {
    Safe,
    Unsafe,
    None,
}

impl FixKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::None => "none",
        }
    }
}

/// What is known of a rule without running it.
#[derive(Debug)]
pub struct Meta {
    pub name: &'static str,
    pub group: &'static str,
    /// The gravest severity that it reports.
    pub severity: Severity,
    pub fix: FixKind,
    /// The documentation in Markdown; its first line says what the rule flags.
    pub docs: &'static str,
}

impl Meta {
    /// The first paragraph of the documentation, on one line.
    pub fn summary(&self) -> String {
        let first = self.docs.trim_start().split("\n\n").next().unwrap_or_default();
        first.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The documentation as it is shown: the blank that Rust's doc comments start with is gone.
    pub fn text(&self) -> String {
        self.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }
}

/// A rule: what is known of it, and how it looks at a project.
pub struct Rule {
    pub meta: &'static Meta,
    pub check: fn(&Context<'_>, &mut Vec<Finding>),
}

/// Declares a rule's [`Meta`](crate::rules::Meta) from its documentation.
#[macro_export]
macro_rules! declare_rule {
    ($(#[doc = $doc:literal])+ $name:literal, $group:literal, $severity:ident, $fix:ident) => {
        $(#[doc = $doc])+
        pub const META: $crate::rules::Meta = $crate::rules::Meta {
            name: $name,
            group: $group,
            severity: $crate::diagnostic::Severity::$severity,
            fix: $crate::rules::FixKind::$fix,
            docs: concat!($($doc, "\n"),+),
        };
    };
}

macro_rules! rules {
    ($($group:ident :: $rule:ident),+ $(,)?) => {
        /// All rules, in the order of the documentation.
        pub const RULES: &[Rule] = &[$(Rule { meta: &$group::$rule::META, check: $group::$rule::check }),+];
    };
}

rules![
    files::invalid_compose_file,
    files::invalid_env_file,
    files::missing_env_file,
    files::unused_ignore,
    connection::external_redis_url,
    connection::localhost_redis_url,
    connection::unknown_redis_host,
    connection::wrong_redis_port,
    connection::tls_mismatch,
    connection::unencoded_password,
    connection::password_as_username,
    connection::invalid_db_index,
    connection::unsupported_url_scheme,
    connection::shared_db_index,
    connection::conflicting_redis_settings,
    service::missing_redis_service,
    service::unpinned_redis_image,
    service::unsupported_redis_image,
    service::unavailable_redis_image,
    service::ignored_redis_password,
    service::redis_auth_mismatch,
    service::redis_command_without_server,
    health::missing_redis_healthcheck,
    health::misleading_healthcheck,
    health::broken_healthcheck,
    health::healthcheck_without_password,
    health::password_in_healthcheck,
    health::slow_healthcheck,
    startup::missing_redis_dependency,
    startup::dependency_without_health,
    startup::dependency_on_inactive_redis,
    network::no_shared_network,
    network::host_network_mismatch,
    network::ambiguous_redis_hostname,
    exposure::published_redis_port,
    exposure::conflicting_host_port,
    exposure::open_redis_on_shared_network,
    exposure::hardcoded_redis_password,
    exposure::committed_redis_password,
    exposure::weak_redis_password,
    memory::missing_maxmemory,
    memory::maxmemory_near_limit,
    memory::eviction_drops_jobs,
    memory::ephemeral_redis_data,
    memory::wrong_data_directory,
    env_files::shadowed_redis_variable,
    env_files::duplicate_redis_variable,
    env_files::loader_dependent_value,
    env_files::env_example_drift,
    platform::coolify_stored_default,
    platform::dokploy_env_not_passed,
];

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.meta.name == name)
}

/// The rule names nearest to a word that is none, best first.
pub fn nearest(word: &str) -> Option<&'static str> {
    crate::text::nearest::nearest(word, RULES.iter().map(|rule| rule.meta.name))
}
