//! The faces of a [`Report`]: for people, for editors that read lines, for programs. Knows places as people count them, the order
//! of findings, and how they are counted; knows nothing of how findings come about.
//!
//! Whatever is shown of a file's content goes through `snippet`, which masks it. Messages are masked by whoever wrote them.

mod annotation;
pub mod concise;
pub mod diff;
pub mod full;
pub mod github;
pub mod gitlab;
pub mod graph;
pub mod json;
pub mod junit;
pub mod rdjson;
pub mod resolve;
pub mod sarif;
mod snippet;

use crate::compose::model::Role;
use crate::diagnostic::{Applicability, Finding, Report, Severity, Subject, Unknown};
use crate::text::source::{Sources, display, normal};
use crate::text::span::{Position, Span};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::hash::Hasher;
use std::path::Path;

/// The terminal's sequence for bold text in the colour of a severity.
fn tint(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "\u{1b}[1;31m",
        Severity::Warning => "\u{1b}[1;33m",
        Severity::Info => "\u{1b}[1;36m",
    }
}

/// What was found in one project, and what is needed to show it.
pub struct ProjectReport<'a> {
    /// The project's folder as it is shown, relative to the working directory: `.` or `apps/shop`.
    pub root: String,
    /// Whether Compose reads these files by itself.
    pub role: Role,
    /// The files that were read, relative to the project's folder, in the order Compose takes them.
    pub files: Vec<String>,
    pub sources: &'a Sources,
    pub report: &'a Report,
}

/// How a report for people looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Lists what could not be judged, with the reasons.
    pub verbose: bool,
    /// Nothing but the findings.
    pub quiet: bool,
}

/// Where something is, as people count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Relative to the project's folder.
    pub file: String,
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
}

impl<'a> ProjectReport<'a> {
    /// The findings, in the order in which every format shows them.
    pub fn findings(&self) -> Vec<&'a Finding> {
        self.sorted(&self.report.findings)
    }

    /// The findings that a comment or the configuration silenced, in the same order.
    pub fn suppressed(&self) -> Vec<&'a Finding> {
        self.sorted(&self.report.suppressed)
    }

    /// What could not be judged, by place.
    pub fn unknown(&self) -> Vec<&'a Unknown> {
        let mut all: Vec<_> = self.report.unknown.iter().collect();
        all.sort_by_cached_key(|u| (u.span.map(|span| (self.file(span), span.start)), u.subject.clone(), u.reason.clone()));
        all
    }

    /// The file of `span`, relative to the project's folder.
    pub fn file(&self, span: Span) -> String {
        display(&self.sources.file(span.file).path)
    }

    /// `file` (relative to the project's folder) as the working directory sees it: what editors and terminals can open.
    pub fn path(&self, file: &str) -> String {
        display(&normal(&Path::new(&self.root).join(file)))
    }

    /// Where `span` is. A span that does not fit its file (the file could not be read, say) is moved to the nearest place that does.
    pub fn place(&self, span: Span) -> Place {
        place_in(self.sources, span)
    }

    fn sorted(&self, findings: &'a [Finding]) -> Vec<&'a Finding> {
        let mut sorted: Vec<_> = findings.iter().collect();
        sorted.sort_by_cached_key(|f| {
            let (file, at) = (self.file(f.primary.span), (f.primary.span.start, f.primary.span.end));
            (Reverse(f.severity), file, at, f.rule, f.subject.clone(), f.message.clone())
        });
        sorted
    }
}

/// Where `span` is, or the nearest place that its file has.
fn place_in(sources: &Sources, span: Span) -> Place {
    let source = sources.file(span.file);
    let range = snippet::fit(&source.text, span.range());
    Place { file: display(&source.path), start: source.position(range.start), end: source.position(range.end) }
}

/// How many there are of what. Suppressed findings count as `suppressed` only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub projects: usize,
    pub errors: usize,
    pub warnings: usize,
    pub infos: usize,
    /// Findings that `--fix` or `migrate` mends.
    pub fixable: usize,
    /// Findings that only `--fix --unsafe-fixes` mends.
    pub on_request: usize,
    pub suppressed: usize,
    pub unknown: usize,
}

impl Counts {
    pub fn of(projects: &[ProjectReport]) -> Self {
        let mut counts = Self { projects: projects.len(), ..Self::default() };
        for report in projects.iter().map(|project| project.report) {
            for finding in &report.findings {
                match finding.severity {
                    Severity::Error => counts.errors += 1,
                    Severity::Warning => counts.warnings += 1,
                    Severity::Info => counts.infos += 1,
                }
                match finding.remedy.fix().map(|fix| fix.applicability) {
                    Some(Applicability::OnRequest) => counts.on_request += 1,
                    Some(Applicability::Safe | Applicability::Unsafe) => counts.fixable += 1,
                    None => {}
                }
            }
            counts.suppressed += report.suppressed.len();
            counts.unknown += report.unknown.len();
        }
        counts
    }

    pub fn findings(&self) -> usize {
        self.errors + self.warnings + self.infos
    }
}

/// Names findings so that the same fault keeps its name from run to run, while lines move and wordings change: rule, file and
/// subject, and a number where one file has several of them. Names differ within one project, and are independent of the
/// folder it lies in.
#[derive(Debug, Default)]
pub struct Fingerprints<'a> {
    seen: BTreeMap<(&'static str, String, &'a Subject), u64>,
}

impl<'a> Fingerprints<'a> {
    /// 16 hexadecimal digits (64-bit FNV-1a). Findings must be asked for in their order ([`ProjectReport::findings`]).
    pub fn next(&mut self, project: &ProjectReport, finding: &'a Finding) -> String {
        let file = project.file(finding.primary.span);
        let mut hasher = fnv::FnvHasher::default();
        let subject = &finding.subject;
        let parts = [&subject.service, &subject.variable, &subject.network, &subject.volume];
        let named = [Some(finding.rule), Some(file.as_str())].into_iter().chain(parts.map(|part| part.as_deref()));
        for part in named {
            // No name holds these bytes, so that `a`, `b` and `ab`, nothing differ.
            hasher.write_u8(if part.is_some() { 0xff } else { 0xfe });
            hasher.write(part.unwrap_or_default().as_bytes());
        }
        let ordinal = self.seen.entry((finding.rule, file, subject)).or_default();
        hasher.write(&ordinal.to_le_bytes());
        *ordinal += 1;
        format!("{:016x}", hasher.finish())
    }
}

/// `text` on one line and harmless to a terminal: control characters, which names in a file may hold, become visible signs.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.trim().lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        if at > 0 {
            out.push(' ');
        }
        out.extend(line.chars().map(|c| if c == '\t' { ' ' } else { snippet::visible(c) }));
    }
    out
}

/// `1 error`, `2 errors`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
pub(crate) mod sample {
    //! A small project with findings of every kind, for the tests of all formats.

    use super::ProjectReport;
    use crate::diagnostic::{Applicability, Change, Finding, Fix, Label, Remedy, Report, Severity, Subject, Unknown};
    use crate::text::source::Sources;
    use crate::text::span::{FileId, Span};
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    pub(crate) const COMPOSE: &str = "services:\n  api:\n    image: api\n    environment:\n      REDIS_URL: ${REDIS_URL}\n  \
        worker:\n    image: api\n    environment:\n      REDIS_URL: ${REDIS_URL}\n  cache:\n    image: redis\n";
    pub(crate) const ENV: &str = "# Redis\r\nNAME=é🔑\r\nREDIS_URL=redis://:hunter2@203.0.113.10:6380/3\r\n";

    /// The files as one project; the first gets `FileId(0)`.
    pub(crate) fn sources(files: &[(&str, &str)]) -> Sources {
        let texts = files.iter().map(|(path, text)| (PathBuf::from(path), Arc::from(*text)));
        let mut sources = Sources::new(Path::new("/project")).with_overlay(texts);
        for (path, _) in files {
            sources.load(Path::new(path)).expect("it is in the overlay");
        }
        sources
    }

    /// The first place of `word` in a file of `sources`.
    pub(crate) fn span(sources: &Sources, file: u32, word: &str) -> Span {
        let start = sources.file(FileId(file)).text.find(word).expect("the word is in the file");
        Span::new(FileId(file), start..start + word.len())
    }

    pub(crate) fn finding(rule: &'static str, severity: Severity, primary: Label) -> Finding {
        Finding {
            rule,
            severity,
            subject: Subject::default(),
            message: format!("something is wrong ({rule})"),
            why: String::new(),
            help: String::new(),
            primary,
            related: Vec::new(),
            remedy: Remedy::Manual,
        }
    }

    pub(crate) fn project() -> (Sources, Report) {
        let sources = sources(&[("docker-compose.yml", COMPOSE), (".env", ENV)]);
        let fix = |title: &str, applicability| {
            Remedy::Fix(Fix { title: title.to_owned(), applicability, caveat: None, change: Change::default() })
        };
        let external = Finding {
            subject: Subject::service("api").variable("REDIS_URL"),
            message: "REDIS_URL points api at redis://********@203.0.113.10:6380/3, outside this project".to_owned(),
            why: "api stops when that host does, and the password travels in the clear".to_owned(),
            help: "use the service redis".to_owned(),
            related: vec![Label::new(span(&sources, 0, "${REDIS_URL}"), "api takes it here")],
            remedy: fix("Point REDIS_URL at the service redis", Applicability::Safe),
            ..finding(
                "external-redis-url",
                Severity::Error,
                Label::new(span(&sources, 1, "redis://:hunter2@203.0.113.10:6380/3"), "another machine"),
            )
        };
        let unpinned = Finding {
            subject: Subject::service("cache"),
            remedy: fix("Pin redis:7-alpine", Applicability::Unsafe),
            ..finding("unpinned-image", Severity::Warning, Label::new(span(&sources, 0, "redis"), "any version"))
        };
        let unknown = Unknown {
            subject: Subject::service("web").variable("CACHE_URL"),
            reason: "CACHE_URL has no value anywhere".to_owned(),
            settled_by: "a line in .env".to_owned(),
            span: Some(span(&sources, 0, "worker")),
        };
        let nowhere = Unknown {
            subject: Subject::service("db"),
            reason: "its file is not here".to_owned(),
            settled_by: "the file itself".to_owned(),
            span: None,
        };
        let report = Report {
            findings: vec![unpinned, external],
            suppressed: Vec::new(),
            unknown: vec![unknown, nowhere],
            ..Report::default()
        };
        (sources, report)
    }

    pub(crate) fn project_report<'a>(sources: &'a Sources, report: &'a Report) -> ProjectReport<'a> {
        let files = sources.files().map(|(_, file)| file.path.to_string_lossy().into_owned()).collect();
        ProjectReport { root: "apps/shop".to_owned(), role: super::Role::Default, files, sources, report }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Label;
    use crate::text::span::FileId;

    #[test]
    fn the_worst_comes_first_then_the_place_decides() {
        let sources = sample::sources(&[("b.yml", "a: 1\nb: 2\n"), ("a.yml", "a: 1\n")]);
        let label = |file, at| Label::new(Span::point(FileId(file), at), "");
        let findings = vec![
            sample::finding("z", Severity::Info, label(1, 0)),
            sample::finding("y", Severity::Error, label(0, 5)),
            sample::finding("x", Severity::Error, label(0, 0)),
            sample::finding("w", Severity::Error, label(0, 0)),
            sample::finding("v", Severity::Error, label(1, 3)),
        ];
        let report = Report { findings, ..Report::default() };
        let project = sample::project_report(&sources, &report);
        let rules: Vec<_> = project.findings().iter().map(|f| f.rule).collect();
        assert_eq!(rules, ["v", "w", "x", "y", "z"]);
        let counts = Counts::of(&[project]);
        assert_eq!((counts.errors, counts.warnings, counts.infos, counts.fixable), (4, 0, 1, 0));
    }

    #[test]
    fn a_place_that_does_not_fit_is_moved_to_one_that_does() {
        let sources = sample::sources(&[("a.yml", "é\n"), ("empty.yml", "")]);
        let report = Report::default();
        let project = sample::project_report(&sources, &report);
        let place = project.place(Span::new(FileId(0), 1..99));
        assert_eq!((place.start.line, place.start.column, place.end.line, place.end.column), (1, 1, 2, 1));
        let place = project.place(Span::new(FileId(1), 3..9));
        assert_eq!((place.start.line, place.end.column), (1, 1));
    }

    #[test]
    fn fingerprints_outlive_moved_lines_and_tell_equals_apart() {
        let (sources, mut report) = sample::project();
        let names = |report: &Report| {
            let project = sample::project_report(&sources, report);
            let mut prints = Fingerprints::default();
            report.findings.iter().map(|f| prints.next(&project, f)).collect::<Vec<_>>()
        };
        let before = names(&report);
        assert!(before.iter().all(|name| name.len() == 16));
        report.findings[0].message = "other words".to_owned();
        report.findings[0].primary.span.start += 1;
        assert_eq!(names(&report), before);
        let double = report.findings[0].clone();
        report.findings.push(double);
        let after = names(&report);
        assert_eq!(after[..2], before);
        assert_ne!(after[2], after[0]);
    }

    #[test]
    fn paths_are_those_the_working_directory_sees() {
        let (sources, report) = sample::project();
        let mut project = sample::project_report(&sources, &report);
        assert_eq!(project.path(".env"), "apps/shop/.env");
        assert_eq!(project.path("../base.yml"), "apps/base.yml");
        project.root = ".".to_owned();
        assert_eq!(project.path(".env"), ".env");
        project.root = "..".to_owned();
        assert_eq!(project.path("../x"), "../../x");
    }

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(one_line(" a\n  b\r\n\tc\u{1b}[31m\n"), "a b c␛[31m");
        assert_eq!((counted(1, "error"), counted(0, "error")), ("1 error".to_owned(), "0 errors".to_owned()));
    }
}
