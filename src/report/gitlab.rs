//! `--format gitlab`: the Code Quality report that GitLab shows in merge requests. Knows its fields and that it takes a fingerprint
//! once in a whole report.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use super::annotation::{pretty, sentences};
use super::{Fingerprints, ProjectReport};
use crate::diagnostic::Severity;
use serde::Serialize;
use std::collections::BTreeMap;
use std::hash::Hasher;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// All findings in one array; an empty one says that the check ran and found nothing.
pub fn render(projects: &[ProjectReport]) -> String {
    let mut seen = BTreeMap::new();
    let mut issues = Vec::new();
    for project in projects {
        let mut prints = Fingerprints::default();
        for finding in project.findings() {
            let place = project.place(finding.primary.span);
            issues.push(Issue {
                description: sentences(finding),
                check_name: finding.rule,
                fingerprint: unique(&mut seen, &project.root, &prints.next(project, finding)),
                severity: severity(finding.severity),
                location: Location { path: project.path(&place.file), lines: Lines { begin: place.start.line } },
            });
        }
    }
    pretty(&issues)
}

/// A fingerprint that no other issue of this report has. GitLab shows the first of several with the same one and drops the others;
/// equal projects in two folders, or one folder checked twice by its files, have equal fingerprints.
fn unique(seen: &mut BTreeMap<(String, String), u64>, root: &str, fingerprint: &str) -> String {
    let ordinal = seen.entry((root.to_owned(), fingerprint.to_owned())).or_default();
    let mut hasher = fnv::FnvHasher::default();
    for part in [root, fingerprint] {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.write(&ordinal.to_le_bytes());
    *ordinal += 1;
    format!("{:016x}", hasher.finish())
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    #[test]
    fn an_issue_has_the_fields_that_gitlab_reads() {
        let (sources, report) = sample::project();
        let issues: Value = serde_json::from_str(&render(&[sample::project_report(&sources, &report)])).expect("valid JSON");
        let (error, warning) = (&issues[0], &issues[1]);
        assert_eq!(error["check_name"], "external-redis-url");
        assert_eq!((&error["severity"], &warning["severity"]), (&json!("major"), &json!("minor")));
        assert_eq!(error["location"], json!({"path": "apps/shop/.env", "lines": {"begin": 3}}));
        assert!(error["description"].as_str().is_some_and(|text| text.contains("outside this project. Why: api stops")));
        assert!(!issues.to_string().contains("hunter2"));
    }

    #[test]
    fn no_fingerprint_comes_twice() {
        let (sources, report) = sample::project();
        let mut other = sample::project_report(&sources, &report);
        other.root = "apps/other".to_owned();
        let projects = [sample::project_report(&sources, &report), other, sample::project_report(&sources, &report)];
        let text = render(&projects);
        let issues: Vec<Value> = serde_json::from_str(&text).expect("valid JSON");
        let prints: BTreeSet<&str> = issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
        assert_eq!((issues.len(), prints.len()), (6, 6));
        assert_eq!(text, render(&projects));
    }

    #[test]
    fn nothing_found_is_an_empty_array() {
        assert_eq!(render(&[]), "[]\n");
    }
}
