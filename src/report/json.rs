//! `--format json`: the shape that interface.md promises to programs. Keys are only ever added.

use super::{Counts, Fingerprints, Place, ProjectReport};
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject, Unknown};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: Tool<'a>,
    projects: Vec<Project<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct Project<'a> {
    root: &'a str,
    /// Whether `docker compose` reads these files by itself: `default`, or `overlay`, `alone`, `fragment`.
    role: &'static str,
    files: &'a [String],
    findings: Vec<Entry<'a>>,
    suppressed: Vec<Entry<'a>>,
    unknown: Vec<Open<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    severity: Severity,
    subject: &'a Subject,
    message: &'a str,
    why: &'a str,
    help: &'a str,
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    related: Vec<Related<'a>>,
    /// What `--fix` or `migrate` does.
    fix: Option<Mend<'a>>,
    /// What only `--fix --unsafe-fixes` does: `migrate` leaves it to a person.
    fix_on_request: Option<Mend<'a>>,
    /// Why there is no fix here although such findings can have one.
    refused: Option<&'a str>,
    fingerprint: String,
}

#[derive(Serialize)]
struct Related<'a> {
    file: String,
    line: usize,
    column: usize,
    message: &'a str,
}

#[derive(Serialize)]
struct Mend<'a> {
    applicability: Applicability,
    title: &'a str,
    caveat: Option<&'a str>,
}

#[derive(Serialize)]
struct Open<'a> {
    subject: &'a Subject,
    reason: &'a str,
    /// What would settle it.
    settled_by: &'a str,
    file: Option<String>,
    line: Option<usize>,
}

#[derive(Serialize)]
struct Summary {
    projects: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    fixable: usize,
}

/// The whole document, with a newline at its end.
pub fn render(projects: &[ProjectReport], version: &str) -> String {
    let counts = Counts::of(projects);
    let document = Document {
        schema: 1,
        tool: Tool { name: "cachelint", version },
        projects: projects.iter().map(project).collect(),
        summary: Summary {
            projects: counts.projects,
            errors: counts.errors,
            warnings: counts.warnings,
            infos: counts.infos,
            fixable: counts.fixable,
        },
    };
    let mut text = serde_json::to_string_pretty(&document).expect("structs of strings and numbers always serialize");
    text.push('\n');
    text
}

fn project<'a>(report: &'a ProjectReport<'a>) -> Project<'a> {
    let mut prints = Fingerprints::default();
    Project {
        root: &report.root,
        role: report.role.name(),
        files: &report.files,
        findings: report.findings().into_iter().map(|finding| entry(report, finding, &mut prints)).collect(),
        suppressed: report.suppressed().into_iter().map(|finding| entry(report, finding, &mut prints)).collect(),
        unknown: report.unknown().into_iter().map(|unknown| open(report, unknown)).collect(),
    }
}

fn entry<'a>(project: &ProjectReport, finding: &'a Finding, prints: &mut Fingerprints<'a>) -> Entry<'a> {
    let Place { file, start, end } = project.place(finding.primary.span);
    Entry {
        rule: finding.rule,
        severity: finding.severity,
        subject: &finding.subject,
        message: &finding.message,
        why: &finding.why,
        help: &finding.help,
        file,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        related: finding.related.iter().map(|label| related(project, label)).collect(),
        fix: mend(finding, |applicability| applicability != Applicability::OnRequest),
        fix_on_request: mend(finding, |applicability| applicability == Applicability::OnRequest),
        refused: match &finding.remedy {
            Remedy::Refused(reason) => Some(reason),
            Remedy::Fix(_) | Remedy::Manual => None,
        },
        fingerprint: prints.next(project, finding),
    }
}

fn mend(finding: &Finding, wanted: impl Fn(Applicability) -> bool) -> Option<Mend<'_>> {
    let fix = finding.remedy.fix().filter(|fix| wanted(fix.applicability))?;
    Some(Mend { applicability: fix.applicability, title: &fix.title, caveat: fix.caveat.as_deref() })
}

fn related<'a>(project: &ProjectReport, label: &'a Label) -> Related<'a> {
    let Place { file, start, .. } = project.place(label.span);
    Related { file, line: start.line, column: start.column, message: &label.message }
}

fn open<'a>(project: &ProjectReport, unknown: &'a Unknown) -> Open<'a> {
    let place = unknown.span.map(|span| project.place(span));
    let line = place.as_ref().map(|place| place.start.line);
    let Unknown { subject, reason, settled_by, .. } = unknown;
    Open { subject, reason, settled_by, file: place.map(|place| place.file), line }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use serde_json::{Value, json};

    fn rendered() -> String {
        let (sources, mut report) = sample::project();
        report.suppressed.push(report.findings[0].clone());
        render(&[sample::project_report(&sources, &report)], "0.1.0")
    }

    #[test]
    fn a_document_has_the_promised_shape() {
        let text = rendered();
        let document: Value = serde_json::from_str(&text).expect("valid JSON");
        let project = &document["projects"][0];
        let finding = &project["findings"][0];
        assert_eq!(document["tool"], json!({"name": "cachelint", "version": "0.1.0"}));
        assert_eq!(finding["subject"], json!({"service": "api", "variable": "REDIS_URL"}));
        assert_eq!((&finding["file"], &finding["line"], &finding["column"]), (&json!(".env"), &json!(3), &json!(11)));
        assert_eq!((&finding["end_line"], &finding["end_column"]), (&json!(3), &json!(47)));
        let related = json!({"file": "docker-compose.yml", "line": 5, "column": 18, "message": "api takes it here"});
        assert_eq!(finding["related"], json!([related]));
        assert_eq!(finding["fix"]["applicability"], "safe");
        assert_eq!(document["summary"], json!({"projects": 1, "errors": 1, "warnings": 1, "infos": 0, "fixable": 2}));
        assert_eq!(project["unknown"][0]["line"], Value::Null);
        assert_eq!(project["unknown"][1]["line"], 6);
        assert_ne!(project["suppressed"][0]["fingerprint"], project["findings"][1]["fingerprint"]);
        assert!(!text.contains("hunter2"));
    }

    #[test]
    fn keys_stand_in_the_promised_order() {
        let text = rendered();
        let at = |key: &str| text.find(&format!("\"{key}\":")).expect("the key is there");
        let order = ["schema", "tool", "projects", "root", "files", "findings", "rule", "severity", "subject", "message", "file"];
        assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{text}");
        let order =
            ["file", "line", "column", "end_line", "end_column", "related", "fix", "fingerprint", "suppressed", "unknown"];
        assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{text}");
    }
}
