//! Env files that go over others on purpose, as far as their names tell.

use crate::compose::model::{Project, Service};
use crate::text::span::{FileId, Span};

/// Words in the name of a file that goes over another one, or that is for one place.
const OVER: [&str; 17] = [
    "local",
    "override",
    "overrides",
    "secret",
    "secrets",
    "private",
    "prod",
    "production",
    "stage",
    "staging",
    "dev",
    "development",
    "test",
    "testing",
    "docker",
    "compose",
    "custom",
];

/// Words in the name of a file that others go over.
const UNDER: [&str; 11] =
    ["common", "base", "default", "defaults", "shared", "global", "example", "sample", "template", "dist", "all"];

/// Whether the later file of a service is meant to override the earlier one: it may be absent, or one of the names says so.
pub(super) fn goes_over(project: &Project, service: &Service, earlier: FileId, through: Span, later: FileId) -> bool {
    let name = |file: FileId| {
        let path = &project.docs.sources.file(file).path;
        path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
    };
    let (earlier, later) = (name(earlier), name(later));
    let has = |name: &str, table: &[&str]| name.split(['.', '-', '_']).any(|word| table.contains(&word));
    let optional = service.env_files.iter().any(|file| file.span == through && !file.required);
    let longer = later.strip_prefix(earlier.as_str()).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
    // `app.env` over `.env`: the project's file is what all have in common.
    let over_common = earlier == ".env" || has(&earlier, &UNDER);
    optional || longer || over_common || has(&later, &OVER) || later == service.name || later.contains(&service.name)
}
