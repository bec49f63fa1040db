//! Holds the other uses of a project's files against a rewrite: an overlay that is not named is not rewritten, and must run afterwards as it
//! ran before.

use super::check::{Selection, check};
use crate::compose::discover::ProjectFiles;
use crate::compose::fragments;
use crate::compose::load::load;
use crate::compose::model::Project;
use crate::compose::search;
use crate::diagnostic::Finding;
use crate::layout::Layout;
use crate::text::source::display;
use std::collections::BTreeSet;

/// Rules that tell of a Redis which a change of the base alone would make unhealthy, kill or stop in an overlay.
const RULES: [&str; 5] =
    ["invalid-compose-file", "healthcheck-without-password", "broken-healthcheck", "missing-maxmemory", "maxmemory-near-limit"];

/// The overlays that lie beside a project.
pub(super) fn of(files: &ProjectFiles, project: &Project) -> Vec<ProjectFiles> {
    search::beside(files).iter().filter_map(|name| fragments::overlay(name, (files, project))).collect()
}

/// The first overlay that would be worse off, as the reason why a change is refused.
pub(super) fn stand(before: &Project, after: &Project, overlays: &[ProjectFiles], layout: &Layout) -> Result<(), String> {
    for overlay in overlays {
        let faults = |project: &Project| faults(&load(project.docs.sources.with_overlay([]), overlay), layout);
        let old: BTreeSet<_> = faults(before).iter().map(identity).collect();
        if let Some(new) = faults(after).iter().find(|finding| !old.contains(&identity(finding))) {
            let name = overlay.compose.last().map(|name| display(name)).unwrap_or_default();
            return Err(format!("with {name} on top: {}", new.message));
        }
    }
    Ok(())
}

fn faults(project: &Project, layout: &Layout) -> Vec<Finding> {
    let selection = Selection { select: RULES.map(str::to_owned).to_vec(), ignore: Vec::new() };
    check(project, layout, &selection).findings
}

fn identity(finding: &Finding) -> (&'static str, Option<String>) {
    (finding.rule, finding.subject.service.clone())
}
