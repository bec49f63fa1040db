//! What the formats have in common that other tools read (code scanning, merge requests, review bots): a finding as sentences, a path
//! as a URI, and a fix as edits that may be seen. Knows nothing of any one format.

use super::{ProjectReport, one_line};
use crate::diagnostic::Finding;
use crate::secret;
use crate::text::edit::{Edit, Patch};
use crate::text::source::SourceFile;
use crate::text::span::FileId;
use serde::Serialize;
use std::ops::Range;
use std::path::Path;

/// Where the program is at home; `None` while its package does not say.
pub(super) fn homepage() -> Option<&'static str> {
    Some(env!("CARGO_PKG_REPOSITORY")).filter(|url| !url.is_empty())
}

/// Above this many bytes an edit with the lines around it is not looked at, so that a report costs no more than its files are long.
const MOST_BYTES: usize = 16 * 1024;

/// All that a finding says, on one line, for readers that show nothing but a message.
pub(super) fn sentences(finding: &Finding) -> String {
    let mut out = String::new();
    for (label, text) in [("", &finding.message), ("Why: ", &finding.why), ("Help: ", &finding.help)] {
        let text = one_line(text);
        if text.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(label);
        out.push_str(&text);
        if !text.ends_with(['.', '!', '?']) {
            out.push('.');
        }
    }
    out
}

/// A document as indented JSON, with a newline at its end.
pub(super) fn pretty(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("structs of strings and numbers always serialize");
    text.push('\n');
    text
}

/// A path as a URI reference: relative, or `file://` where the path is absolute.
pub(super) fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 8);
    if Path::new(path).is_absolute() {
        out.push_str(if path.starts_with('/') { "file://" } else { "file:///" });
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(|half| char::from(b"0123456789ABCDEF"[usize::from(half)])));
        }
    }
    out
}

/// The edits of a finding's fix. `None` if there is no fix, if an edit writes a secret (a password that moves to `.env`), or if the
/// fix makes new files, which these formats have no words for: a part of a fix would be no fix.
pub(super) fn edits(project: &ProjectReport, finding: &Finding) -> Option<Patch> {
    let change = &finding.remedy.fix()?.change;
    if change.edits.is_empty() || !change.new_files.is_empty() {
        return None;
    }
    let mut patch = Patch::default();
    patch.join(&change.edits).ok()?;
    let mut known = Vec::new();
    for edit in &change.edits {
        let source = project.sources.file(edit.span.file);
        let lines = lines(source, edit)?;
        known.extend(secret::find(&source.text[lines.clone()]).into_iter().map(|found| &source.text[lines.clone()][found]));
    }
    // The value alone does not show that it is one: it may go where nothing around it says so.
    let safe = |edit: &Edit| harmless(project, edit) && !known.iter().any(|secret| edit.text.contains(secret));
    change.edits.iter().all(safe).then_some(patch)
}

/// Edits of one file as a single one that covers them all; `None` if that would show a secret or a large part of the file.
pub(super) fn as_one(project: &ProjectReport, file: FileId, edits: &[Edit]) -> Option<Edit> {
    let (first, last) = (edits.first()?, edits.last()?);
    let source = project.sources.file(file);
    let mut text = String::new();
    let mut done = first.span.range().start;
    for edit in edits {
        text.push_str(source.text.get(done..edit.span.range().start)?);
        text.push_str(&edit.text);
        done = edit.span.range().end;
    }
    let mut whole = first.clone();
    whole.span.end = last.span.end;
    whole.text = text;
    harmless(project, &whole).then_some(whole)
}

/// Whether the new text shows no secret, alone or between what stays of the lines around it.
fn harmless(project: &ProjectReport, edit: &Edit) -> bool {
    let (source, known) = (project.sources.file(edit.span.file), &project.report.known);
    let Some(lines) = lines(source, edit) else { return false };
    let range = edit.span.range();
    let before = &source.text[lines.start..range.start];
    let context = [before, &edit.text, &source.text[range.end..lines.end]].concat();
    let new = before.len()..before.len() + edit.text.len();
    let shows = |found: Range<usize>| found.start < new.end && new.start < found.end;
    secret::mask(&edit.text) == edit.text && !known.find_all(&context, Vec::new()).into_iter().any(shows)
}

/// The lines that an edit touches; `None` if that is much, or if the edit does not fit its file.
fn lines(source: &SourceFile, edit: &Edit) -> Option<Range<usize>> {
    let range = edit.span.range();
    source.text.get(range.clone())?;
    let start = source.lines.start(source.lines.line(range.start));
    let end = source.lines.range(&source.text, source.lines.line(range.end)).end.max(range.end);
    (end - start + edit.text.len() <= MOST_BYTES).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::diagnostic::{Applicability, Change, Fix, Label, Remedy, Severity};

    const FILES: &[(&str, &str)] = &[
        ("docker-compose.yml", "command: [redis-server, --requirepass, Xq7ZtR2mKp9L]\n"),
        (".env", "REDIS_PASSWORD=\nREDIS_URL=redis://10.0.0.1:6379/0\n"),
    ];

    fn shown(edit: impl Fn(&crate::text::source::Sources) -> Vec<Edit>) -> Option<Patch> {
        let sources = sample::sources(FILES);
        let change = Change { edits: edit(&sources), ..Change::default() };
        let fix = Fix { title: "Mend it".to_owned(), applicability: Applicability::Unsafe, caveat: None, change };
        let primary = Label::new(sample::span(&sources, 0, "command"), "here");
        let finding = Finding { remedy: Remedy::Fix(fix), ..sample::finding("a-rule", Severity::Error, primary) };
        let report = crate::diagnostic::Report::default();
        edits(&sample::project_report(&sources, &report), &finding)
    }

    #[test]
    fn a_fix_that_writes_a_secret_is_left_out() {
        let host = shown(|sources| vec![Edit::replace(sample::span(sources, 1, "10.0.0.1"), "redis")]);
        assert!(host.is_some());
        let into_env = |sources: &_| {
            let mut at = sample::span(sources, 1, "\nREDIS_URL");
            at.end = at.start;
            vec![Edit::insert(at, "hunter2hunter2", 0, 0)]
        };
        assert!(shown(into_env).is_none(), "the name of the variable stands before it");
        let aside = |sources: &_| {
            let secret = Edit::replace(sample::span(sources, 0, "Xq7ZtR2mKp9L"), "${REDIS_PASSWORD}");
            vec![secret, Edit::insert(sample::span(sources, 1, "REDIS_URL").slice(0..0), "SPARE=Xq7ZtR2mKp9L\n", 0, 0)]
        };
        assert!(shown(aside).is_none(), "it is the password of the other file");
        assert!(shown(|_| Vec::new()).is_none());
    }

    #[test]
    fn edits_of_one_file_become_one_unless_a_secret_stands_between() {
        let text = "a: 1\nb: 2\nREDIS_PASSWORD: Xq7ZtR2mKp9L\nc: 3\n";
        let sources = sample::sources(&[("compose.yml", text)]);
        let report = crate::diagnostic::Report::default();
        let project = sample::project_report(&sources, &report);
        let edit = |old: &str, new: &str| Edit::replace(sample::span(&sources, 0, old), new);
        let one = as_one(&project, FileId(0), &[edit("1", "10"), edit("2", "")]).expect("nothing secret");
        assert_eq!((one.span.range(), one.text.as_str()), (3..9, "10\nb: "));
        assert!(as_one(&project, FileId(0), &[edit("1", "10"), edit("3", "30")]).is_none());
    }

    #[test]
    fn uris_hold_no_character_that_means_something() {
        assert_eq!(uri("apps/a b/é#.env"), "apps/a%20b/%C3%A9%23.env");
        assert_eq!(uri("a:b?%.yml"), "a%3Ab%3F%25.yml");
        assert_eq!(uri("/srv/x.yml"), "file:///srv/x.yml");
    }

    #[test]
    fn sentences_end_once() {
        let sources = sample::sources(FILES);
        let label = Label::new(sample::span(&sources, 0, "command"), "");
        let mut finding = sample::finding("a-rule", Severity::Info, label);
        finding.message = "it is\nwrong".to_owned();
        assert_eq!(sentences(&finding), "it is wrong.");
        finding.why = "it fails".to_owned();
        finding.help = "Mend it.".to_owned();
        assert_eq!(sentences(&finding), "it is wrong. Why: it fails. Help: Mend it.");
    }
}
