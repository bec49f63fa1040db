//! `--format sarif`: SARIF 2.1.0, for code scanning on GitHub and for viewers. Knows what GitHub reads of it: relative paths, the
//! whole catalogue of rules (so that a rule without a result is no rule that went away), and only the first location, which is why
//! messages link to the others.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>,
//! <https://docs.github.com/en/code-security/reference/code-scanning/sarif-support-for-code-scanning>

use super::annotation::{edits, homepage, pretty, sentences, uri};
use super::{Fingerprints, Place, ProjectReport, one_line};
use crate::diagnostic::{Applicability, Finding, Fix, Severity};
use crate::rules::{Meta, RULES};
use crate::text::edit::Edit;
use crate::text::source::display;
use crate::text::span::Span;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'static str,
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'a str,
    semantic_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'static str>,
    rules: Vec<Described>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Help,
    default_configuration: Configuration,
    properties: Sorting,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Sorting {
    tags: [&'static str; 2],
    #[serde(rename = "problem.severity")]
    severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: Fingerprint,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Mend>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
struct Fingerprint {
    #[serde(rename = "cachelint/v1")]
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are SARIF's")]
struct Location {
    /// What the link in a message names.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

/// From 1; the end is behind the last character.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mend {
    description: Message,
    artifact_changes: Vec<ArtifactChange>,
    properties: Safety,
}

#[derive(Serialize)]
struct Safety {
    applicability: Applicability,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<Message>,
}

/// The whole document, with a newline at its end.
pub fn render(projects: &[ProjectReport], version: &str) -> String {
    let mut results = Vec::new();
    for project in projects {
        let mut prints = Fingerprints::default();
        for finding in project.findings() {
            results.push(result(project, finding, prints.next(project, finding)));
        }
    }
    let driver = Driver {
        name: "cachelint",
        version,
        semantic_version: version,
        information_uri: homepage(),
        rules: RULES.iter().map(|rule| described(rule.meta)).collect(),
    };
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results };
    pretty(&Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] })
}

fn described(meta: &Meta) -> Described {
    let text = meta.text().trim().to_owned();
    let summary = meta.summary();
    let why = text.split("\n## Why\n").nth(1).and_then(|rest| rest.trim_start().split("\n\n").next()).unwrap_or_default();
    Described {
        id: meta.name,
        full_description: message(format!("{summary} {}", one_line(why)).trim_end().to_owned()),
        short_description: message(summary),
        help: Help { text: text.clone(), markdown: text },
        default_configuration: Configuration { level: level(meta.severity) },
        properties: Sorting {
            tags: ["redis", meta.group],
            severity: match meta.severity {
                Severity::Info => "recommendation",
                Severity::Warning | Severity::Error => meta.severity.name(),
            },
        },
    }
}

fn result<'a>(project: &ProjectReport, finding: &'a Finding, fingerprint: String) -> Outcome<'a> {
    let related = finding.related.iter().enumerate();
    Outcome {
        rule_id: finding.rule,
        rule_index: RULES.iter().position(|rule| rule.meta.name == finding.rule),
        level: level(finding.severity),
        message: message(with_links(project, finding)),
        locations: [Location { id: None, physical_location: physical(project, finding.primary.span), message: None }],
        related_locations: related
            .map(|(at, label)| Location {
                id: Some(at + 1),
                physical_location: physical(project, label.span),
                message: Some(message(plain(&one_line(&label.message)))).filter(|message| !message.text.is_empty()),
            })
            .collect(),
        partial_fingerprints: Fingerprint { value: fingerprint },
        fixes: finding.remedy.fix().and_then(|fix| mend(project, finding, fix)).into_iter().collect(),
    }
}

/// The message, with a link to the first of the related places in each other file.
fn with_links(project: &ProjectReport, finding: &Finding) -> String {
    let mut text = plain(&sentences(finding));
    let mut files = vec![finding.primary.span.file];
    for (at, label) in finding.related.iter().enumerate() {
        if files.contains(&label.span.file) {
            continue;
        }
        files.push(label.span.file);
        let Place { file, start, .. } = project.place(label.span);
        let name = one_line(&file).replace(['[', ']', '\\'], "_");
        write!(text, " See [{name}:{}]({}).", start.line, at + 1).expect("a string takes whatever is written");
    }
    text
}

/// Text in which nothing is a link: `[a](b)` would be one.
fn plain(text: &str) -> String {
    if text.contains("](") { text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]") } else { text.to_owned() }
}

fn mend(project: &ProjectReport, finding: &Finding, fix: &Fix) -> Option<Mend> {
    let patch = edits(project, finding)?;
    let description = match &fix.caveat {
        Some(caveat) => format!("{} ({caveat})", fix.title),
        None => fix.title.clone(),
    };
    let changes = patch.files().map(|(file, edits)| ArtifactChange {
        artifact_location: artifact(project, &display(&project.sources.file(file).path)),
        replacements: edits.iter().map(|edit| replacement(project, edit)).collect(),
    });
    Some(Mend {
        description: message(plain(&one_line(&description))),
        artifact_changes: changes.collect(),
        properties: Safety { applicability: fix.applicability },
    })
}

fn replacement(project: &ProjectReport, edit: &Edit) -> Replacement {
    let inserted_content = Some(message(edit.text.clone())).filter(|message| !message.text.is_empty());
    Replacement { deleted_region: region(&project.place(edit.span)), inserted_content }
}

fn physical(project: &ProjectReport, span: Span) -> Physical {
    let place = project.place(span);
    Physical { artifact_location: artifact(project, &place.file), region: region(&place) }
}

/// `file` is relative to the project; the URI, to where the program runs, which is the top of the repository in CI.
fn artifact(project: &ProjectReport, file: &str) -> Artifact {
    let path = project.path(file);
    Artifact { uri: uri(&path), uri_base_id: (!Path::new(&path).is_absolute()).then_some("%SRCROOT%") }
}

fn region(place: &Place) -> Region {
    let Place { start, end, .. } = place;
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

fn message(text: String) -> Message {
    Message { text }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::diagnostic::{Change, Remedy};
    use serde_json::{Value, json};

    /// The sample with a fix of its own.
    fn rendered(change: impl Fn(&crate::text::source::Sources) -> Change) -> Value {
        let (sources, mut report) = sample::project();
        let finding = report.findings.iter_mut().find(|finding| finding.rule == "external-redis-url").expect("in the sample");
        if let Remedy::Fix(fix) = &mut finding.remedy {
            fix.change = change(&sources);
        }
        let text = render(&[sample::project_report(&sources, &report)], "0.1.0");
        assert!(!text.contains("hunter2"));
        serde_json::from_str(&text).expect("valid JSON")
    }

    fn nothing(_: &crate::text::source::Sources) -> Change {
        Change::default()
    }

    #[test]
    fn a_result_has_what_code_scanning_reads() {
        let log = rendered(nothing);
        let run = &log["runs"][0];
        assert_eq!((&log["version"], &run["columnKind"]), (&json!("2.1.0"), &json!("unicodeCodePoints")));
        let result = &run["results"][0];
        assert_eq!((&result["ruleId"], &result["level"]), (&json!("external-redis-url"), &json!("error")));
        let rules = run["tool"]["driver"]["rules"].as_array().expect("a list of rules");
        let index = result["ruleIndex"].as_u64().and_then(|at| usize::try_from(at).ok()).expect("an index");
        assert_eq!(rules[index]["id"], "external-redis-url");
        assert_eq!(rules.len(), RULES.len());
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"], json!({"uri": "apps/shop/.env", "uriBaseId": "%SRCROOT%"}));
        assert_eq!(location["region"], json!({"startLine": 3, "startColumn": 11, "endLine": 3, "endColumn": 47}));
        let text = result["message"]["text"].as_str().expect("a text");
        assert!(text.ends_with("Help: use the service redis. See [docker-compose.yml:5](1)."), "{text}");
        assert_eq!(result["relatedLocations"][0]["id"], 1);
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "api takes it here");
        assert_eq!(result["partialFingerprints"]["cachelint/v1"].as_str().map(str::len), Some(16));
        assert_eq!(result.get("fixes"), None);
    }

    /// The fields that the schema or GitHub require, for every rule there is.
    #[test]
    fn every_rule_is_described() {
        let log = rendered(nothing);
        for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("a list of rules") {
            for path in ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
                let text = rule.pointer(path).and_then(Value::as_str).unwrap_or_default();
                assert!(!text.is_empty() && !text.starts_with(' '), "{path} of {rule}");
            }
            let (short, full) = (&rule["shortDescription"]["text"], &rule["fullDescription"]["text"]);
            assert_ne!(short, full, "there is a reason");
            let level = rule["defaultConfiguration"]["level"].as_str().expect("a level");
            assert!(["error", "warning", "note"].contains(&level));
        }
    }

    #[test]
    fn a_fix_comes_with_its_edits() {
        let log = rendered(|sources| {
            let value = sample::span(sources, 1, "redis://:hunter2@203.0.113.10:6380/3");
            let edits = vec![
                Edit::replace(value, "redis://redis:6379/0"),
                Edit::insert(sample::span(sources, 0, "  cache:").slice(0..0), "  redis:\n    image: redis:7-alpine\n", 2, 0),
            ];
            Change { edits, ..Change::default() }
        });
        let fix = &log["runs"][0]["results"][0]["fixes"][0];
        assert_eq!(fix["description"]["text"], "Point REDIS_URL at the service redis");
        assert_eq!(fix["properties"], json!({"applicability": "safe"}));
        let changes = fix["artifactChanges"].as_array().expect("a list of changes");
        assert_eq!(changes.len(), 2);
        let replacement = json!({
            "deletedRegion": {"startLine": 3, "startColumn": 11, "endLine": 3, "endColumn": 47},
            "insertedContent": {"text": "redis://redis:6379/0"},
        });
        assert_eq!(changes[1]["replacements"], json!([replacement]));
        let at = json!({"startLine": 10, "startColumn": 1, "endLine": 10, "endColumn": 1});
        assert_eq!(changes[0]["replacements"][0]["deletedRegion"], at);
    }

    #[test]
    fn a_fix_that_writes_a_password_or_a_new_file_is_left_out() {
        let fixes =
            |change: fn(&crate::text::source::Sources) -> Change| rendered(change)["runs"][0]["results"][0].get("fixes").cloned();
        let password = fixes(|sources| {
            let at = sample::span(sources, 1, "NAME").slice(0..0);
            Change { edits: vec![Edit::insert(at, "REDIS_PASSWORD=hunter2\r\n", 0, 0)], ..Change::default() }
        });
        assert_eq!(password, None);
        let new = fixes(|sources| Change {
            edits: vec![Edit::delete(sample::span(sources, 1, "NAME"))],
            new_files: vec![(".env.local".into(), "A=1\n".to_owned())],
            ..Change::default()
        });
        assert_eq!(new, None);
    }

    #[test]
    fn text_is_never_taken_for_a_link() {
        assert_eq!(plain("a [b] c"), "a [b] c");
        assert_eq!(plain("a [b](1)"), "a \\[b\\](1)");
    }
}
