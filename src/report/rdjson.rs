//! `--format rdjson`: the Reviewdog Diagnostic Format, from which reviewdog comments on lines of a change. Knows that its columns
//! count UTF-8 bytes and that a suggestion may be accepted alone.
//!
//! <https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto>

use super::ProjectReport;
use super::annotation::{as_one, edits, homepage, pretty, sentences};
use crate::diagnostic::{Finding, Severity};
use crate::text::span::Span;
use serde::Serialize;

#[derive(Serialize)]
struct Document {
    source: Source,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
}

/// Without the related places: reviewdog refuses a report with a field that its release does not know, and these are new.
#[derive(Serialize)]
struct Diagnostic {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

/// The end is behind the last character.
#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

/// Both from 1, the column in bytes.
#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

/// The whole document, with a newline at its end.
pub fn render(projects: &[ProjectReport]) -> String {
    let of = |project| ProjectReport::findings(project).into_iter().map(move |finding| diagnostic(project, finding));
    let source = Source { name: "cachelint", url: homepage() };
    pretty(&Document { source, diagnostics: projects.iter().flat_map(of).collect() })
}

fn diagnostic(project: &ProjectReport, finding: &Finding) -> Diagnostic {
    Diagnostic {
        message: sentences(finding),
        location: location(project, finding.primary.span),
        severity: match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        },
        code: Code { value: finding.rule },
        suggestions: suggestion(project, finding).into_iter().collect(),
    }
}

/// The fix as one suggestion, where it stays in the file of the finding: each suggestion is offered on its own, and half a fix may be
/// worse than none.
fn suggestion(project: &ProjectReport, finding: &Finding) -> Option<Suggestion> {
    let patch = edits(project, finding)?;
    let mut files = patch.files();
    let (file, edits) = files.next().filter(|(file, _)| *file == finding.primary.span.file)?;
    if files.next().is_some() {
        return None;
    }
    let edit = as_one(project, file, edits)?;
    Some(Suggestion { range: range(project, edit.span), text: edit.text })
}

fn location(project: &ProjectReport, span: Span) -> Location {
    Location { path: project.path(&project.file(span)), range: range(project, span) }
}

fn range(project: &ProjectReport, span: Span) -> Range {
    let source = project.sources.file(span.file);
    let range = super::snippet::fit(&source.text, span.range());
    let position = |offset: usize| {
        let line = source.lines.line(offset);
        Position { line: line + 1, column: offset - source.lines.start(line) + 1 }
    };
    Range { start: position(range.start), end: position(range.end) }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::diagnostic::{Applicability, Change, Fix, Remedy};
    use crate::text::edit::Edit;
    use serde_json::{Value, json};

    fn rendered(change: impl Fn(&crate::text::source::Sources) -> Vec<Edit>) -> Value {
        let (sources, mut report) = sample::project();
        let finding = report.findings.iter_mut().find(|finding| finding.rule == "external-redis-url").expect("in the sample");
        let change = Change { edits: change(&sources), ..Change::default() };
        finding.remedy =
            Remedy::Fix(Fix { title: "Mend it".to_owned(), applicability: Applicability::Safe, caveat: None, change });
        finding.primary.span = sample::span(&sources, 1, "NAME=é🔑");
        let text = render(&[sample::project_report(&sources, &report)]);
        assert!(!text.contains("hunter2"));
        serde_json::from_str(&text).expect("valid JSON")
    }

    #[test]
    fn columns_count_bytes() {
        let document = rendered(|sources| vec![Edit::replace(sample::span(sources, 1, "🔑"), "x")]);
        let found = &document["diagnostics"][0];
        assert_eq!(document["source"]["name"], "cachelint");
        assert_eq!((&found["severity"], &found["code"]), (&json!("ERROR"), &json!({"value": "external-redis-url"})));
        let range = json!({"start": {"line": 2, "column": 1}, "end": {"line": 2, "column": 12}});
        assert_eq!(found["location"], json!({"path": "apps/shop/.env", "range": range}));
        let range = json!({"start": {"line": 2, "column": 8}, "end": {"line": 2, "column": 12}});
        assert_eq!(found["suggestions"], json!([{"range": range, "text": "x"}]));
    }

    #[test]
    fn only_a_whole_fix_is_suggested() {
        let both = rendered(|sources| {
            let edit = |file, word| Edit::replace(sample::span(sources, file, word), "x");
            vec![edit(1, "NAME"), edit(0, "api")]
        });
        assert_eq!(both["diagnostics"][0].get("suggestions"), None);
        let one = rendered(|sources| {
            let edit = |word| Edit::replace(sample::span(sources, 1, word), "x");
            vec![edit("é"), edit("# Redis")]
        });
        let range = json!({"start": {"line": 1, "column": 1}, "end": {"line": 2, "column": 8}});
        assert_eq!(one["diagnostics"][0]["suggestions"], json!([{"range": range, "text": "x\r\nNAME=x"}]));
    }
}
