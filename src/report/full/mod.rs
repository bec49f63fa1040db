//! `--format full`: the report for people. `drawing` makes the snippets; the lines under a snippet and the summary are made here.

mod drawing;

use super::tint;
use super::{Counts, ProjectReport, Style, counted, one_line, snippet};
use crate::compose::model::Role;
use crate::diagnostic::{Applicability, Finding, Label, Remedy, Severity, Subject};
use crate::secret::broken;
use crate::syntax::yaml::Tree;
use crate::text::span::FileId;
use drawing::Shot;
use std::collections::BTreeMap;
use std::ops::Range;

/// So many other places are named under a snippet.
const PLACES: usize = 6;

/// All findings, a summary, and `next`, the line that says what to run next.
pub fn render(projects: &[ProjectReport], style: &Style, next: Option<&str>) -> String {
    let mut page = Page { out: String::new(), style: *style, width: style.width.max(40) };
    for project in projects {
        let findings = project.findings();
        if (projects.len() > 1 || project.role != Role::Default) && !findings.is_empty() {
            page.heading(project);
        }
        let mut secrets = Secrets::default();
        for finding in findings {
            page.finding(project, finding, &mut secrets);
        }
    }
    if !style.quiet {
        page.unknown(projects);
        page.summary(projects);
        if let Some(next) = next {
            page.line(next);
        }
    }
    page.out
}

/// What is not shown of the files that have been shown so far.
#[derive(Default)]
struct Secrets(BTreeMap<FileId, Vec<Range<usize>>>);

impl Secrets {
    fn of(&mut self, project: &ProjectReport, id: FileId) -> &[Range<usize>] {
        self.0.entry(id).or_insert_with(|| project.report.known.find_all(&project.sources.file(id).text, unreadable(project, id)))
    }
}

/// What is hidden of the lines that could not be read: of those nobody knows where a value stands.
fn unreadable(project: &ProjectReport, id: FileId) -> Vec<Range<usize>> {
    let source = project.sources.file(id);
    let all = project.report.findings.iter().chain(&project.report.suppressed);
    let (mut env, mut yaml) = (Vec::new(), false);
    for finding in all.filter(|finding| finding.primary.span.file == id) {
        match finding.rule {
            "invalid-env-file" => env.push(finding.primary.span),
            "invalid-compose-file" => yaml = true,
            _ => {}
        }
    }
    let errors = if yaml { Tree::parse(id, &source.text).errors } else { Vec::new() };
    let errors = errors.into_iter().map(|error| (error.span, broken::yaml_line as fn(&str) -> Range<usize>));
    let faults = env.into_iter().map(|span| (span, broken::env_line as fn(&str) -> Range<usize>)).chain(errors);
    let mut hidden = Vec::new();
    for (span, hide) in faults {
        let range = snippet::fit(&source.text, span.range());
        for number in source.lines.line(range.start)..=source.lines.line(range.end) {
            let line = source.lines.range(&source.text, number);
            let part = hide(&source.text[line.clone()]);
            hidden.push(line.start + part.start..line.start + part.end);
        }
    }
    hidden
}

struct Page {
    out: String,
    style: Style,
    width: usize,
}

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";

impl Page {
    fn heading(&mut self, project: &ProjectReport) {
        let role = match project.role {
            Role::Default => "",
            Role::Overlay => " (the last one over the others; read only when it is named by -f)",
            Role::Alone => " (a project of its own; read only when it is named by -f)",
            Role::Fragment => " (a fragment; the file that it goes over is not here)",
        };
        let (root, files) = (self.paint(BOLD, &one_line(&project.root)), self.paint(DIM, &listed(&project.files)));
        self.line(&format!("{root}  {files}{role}\n"));
    }

    fn finding(&mut self, project: &ProjectReport, finding: &Finding, secrets: &mut Secrets) {
        let shot = Shot::take(project, finding, secrets, self.width, self.style.color);
        let drawn = shot.draw(self.style.color);
        let notes = notes(project, finding, &shot.elsewhere);
        // The last line that miette draws closes the frame; the notes go on in it instead.
        let frame =
            drawn.trim_end().rsplit_once('\n').filter(|(_, last)| !notes.is_empty() && last.trim_start().starts_with('╰'));
        let indent = if let Some((rest, last)) = frame {
            self.line(rest);
            last.len() - last.trim_start().len()
        } else {
            self.line(drawn.trim_end());
            if shot.window.is_none() {
                self.line(&format!("   ╭─[{}]", shot.place));
            }
            3
        };
        for (at, (key, text)) in notes.iter().enumerate() {
            self.note(indent, at + 1 == notes.len(), key, text);
        }
        self.line("");
    }

    fn note(&mut self, indent: usize, last: bool, key: &str, text: &str) {
        let (corner, side) = if last { ('╰', ' ') } else { ('├', '│') };
        let lead = indent + 3 + key.chars().count() + 2;
        let mut lines = wrap(text, self.width.saturating_sub(lead)).into_iter();
        let (first, key) = (lines.next().unwrap_or_default(), self.paint(BOLD, &format!("{key}:")));
        self.line(&format!("{:indent$}{corner}─ {key} {first}", ""));
        for line in lines {
            self.line(&format!("{:indent$}{side}{:width$}{line}", "", "", width = lead - indent - 1));
        }
    }

    fn unknown(&mut self, projects: &[ProjectReport]) {
        let count = Counts::of(projects).unknown;
        if count == 0 {
            return;
        }
        let head = format!("{} could not be judged", counted(count, "value"));
        if !self.style.verbose {
            self.line(&self.paint(DIM, &format!("{head}; -v lists {}", if count == 1 { "it" } else { "them" })));
            return;
        }
        self.line(&format!("{head}:"));
        for project in projects {
            for unknown in project.unknown() {
                let place = unknown.span.map(|span| project.place(span));
                let place =
                    place.map(|at| format!("{}:{}: ", project_path(project, &at.file), at.start.line)).unwrap_or_default();
                let (reason, settled_by) = (one_line(&unknown.reason), one_line(&unknown.settled_by));
                let text = format!("{place}{}{reason}; {settled_by} settles it", about(&unknown.subject));
                for (at, line) in wrap(&text, self.width - 4).into_iter().enumerate() {
                    self.line(&format!("{}{line}", if at == 0 { "  " } else { "    " }));
                }
            }
        }
        self.line("");
    }

    fn summary(&mut self, projects: &[ProjectReport]) {
        let counts = Counts::of(projects);
        let within = counted(counts.projects, "project");
        let suppressed = if counts.suppressed > 0 { format!("{} suppressed", counts.suppressed) } else { String::new() };
        if counts.findings() == 0 {
            let names = match projects {
                [] => String::new(),
                [one] => format!(" {}", listed(&one.files.iter().map(|file| project_path(one, file)).collect::<Vec<_>>())),
                more => format!(" {}", listed(&more.iter().map(|project| one_line(&project.root)).collect::<Vec<_>>())),
            };
            let suppressed = if suppressed.is_empty() { suppressed } else { format!(" {suppressed}.") };
            self.line(&format!("No Redis problems found in {within}{names}.{suppressed}"));
            return;
        }
        let numbers = [(counts.errors, Severity::Error), (counts.warnings, Severity::Warning), (counts.infos, Severity::Info)];
        let shown: Vec<_> = numbers
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, severity)| self.paint(tint(severity), &counted(number, severity.name())))
            .collect();
        let fixable = if counts.fixable > 0 { format!("{} can be fixed", counts.fixable) } else { String::new() };
        let on_request = match (counts.fixable, counts.on_request) {
            (_, 0) => String::new(),
            (0, number) => format!("{number} can be fixed with --fix --unsafe-fixes"),
            (_, number) => format!("{number} more with --fix --unsafe-fixes"),
        };
        let rest: Vec<_> = [fixable, on_request, suppressed].into_iter().filter(|part| !part.is_empty()).collect();
        let rest = if rest.is_empty() { String::new() } else { format!("; {}", rest.join(", ")) };
        self.line(&format!("{} in {within}{rest}", shown.join(", ")));
    }

    fn paint(&self, tint: &str, text: &str) -> String {
        if self.style.color { format!("{tint}{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }
}

fn project_path(project: &ProjectReport, file: &str) -> String {
    one_line(&project.path(file))
}

/// `(a, b, c and 4 more)`, or nothing.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 6;
    if names.is_empty() {
        return String::new();
    }
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| one_line(name)).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    format!("({}{more})", shown.join(", "))
}

/// `CACHE_URL of web: `, or nothing.
fn about(subject: &Subject) -> String {
    let named = |noun: &str, name: &Option<String>| name.as_ref().map(|name| format!("{noun}{name}"));
    let parts = [
        named("", &subject.variable),
        named("", &subject.service),
        named("network ", &subject.network),
        named("volume ", &subject.volume),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { one_line(&parts.join(" of ")) + ": " }
}

/// What stands under a snippet, each with its key.
fn notes(project: &ProjectReport, finding: &Finding, elsewhere: &[&Label]) -> Vec<(&'static str, String)> {
    let mut notes = Vec::new();
    for label in elsewhere.iter().take(PLACES) {
        let place = project.place(label.span);
        let colon = if label.message.is_empty() { "" } else { ": " };
        notes.push(("also", one_line(&format!("{}:{}{colon}{}", project.path(&place.file), place.start.line, label.message))));
    }
    if elsewhere.len() > PLACES {
        notes.push(("also", format!("{} more places", elsewhere.len() - PLACES)));
    }
    notes.push(("why", one_line(&finding.why)));
    notes.push(("help", one_line(&finding.help)));
    match &finding.remedy {
        Remedy::Fix(fix) => {
            let safety = match fix.applicability {
                Applicability::Safe => "safe",
                Applicability::Unsafe => "unsafe",
                Applicability::OnRequest => "unsafe, on request",
            };
            notes.push(("fix", format!("{} ({safety})", one_line(&fix.title))));
            notes.push(("note", one_line(fix.caveat.as_deref().unwrap_or_default())));
        }
        Remedy::Refused(reason) => notes.push(("no fix", one_line(reason))),
        Remedy::Manual => {}
    }
    notes.retain(|(_, text)| !text.is_empty());
    notes
}

/// `text` in lines of at most `width` characters, broken at spaces only: paths and URLs stay whole.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(24);
    let mut lines: Vec<String> = Vec::new();
    let mut room = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if room > length => {
                line.push(' ');
                line.push_str(word);
                room -= length + 1;
            }
            _ => {
                lines.push(word.to_owned());
                room = width.saturating_sub(length);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Change, Fix, Report, Unknown};
    use crate::report::sample;
    use crate::text::source::Sources;

    const PLAIN: Style = Style { color: false, width: 80, verbose: false, quiet: false };

    fn shown(sources: &Sources, report: &Report) -> String {
        render(&[sample::project_report(sources, report)], &PLAIN, None)
    }

    #[test]
    fn a_whole_report() {
        let (sources, mut report) = sample::project();
        report.findings[1].remedy = Remedy::Fix(Fix {
            title: "Point REDIS_URL at the service redis".to_owned(),
            applicability: Applicability::Unsafe,
            caveat: Some("the old data stays where it is".to_owned()),
            change: Change::default(),
        });
        let text = render(&[sample::project_report(&sources, &report)], &PLAIN, Some("Run this."));
        let expected = "\x20 × error[external-redis-url]: REDIS_URL points api at
  │ redis://********@203.0.113.10:6380/3, outside this project
   ╭─[apps/shop/.env:3:11]
 3 │ REDIS_URL=redis://********@203.0.113.10:6380/3
   ·           ──────────────────┬─────────────────
   ·                             ╰── another machine
   ├─ also: apps/shop/docker-compose.yml:5: api takes it here
   ├─ why: api stops when that host does, and the password travels in the clear
   ├─ help: use the service redis
   ├─ fix: Point REDIS_URL at the service redis (unsafe)
   ╰─ note: the old data stays where it is

  ⚠ warning[unpinned-image]: something is wrong (unpinned-image)
    ╭─[apps/shop/docker-compose.yml:11:12]
 11 │     image: redis
    ·            ──┬──
    ·              ╰── any version
    ╰─ fix: Pin redis:7-alpine (unsafe)

2 values could not be judged; -v lists them
1 error, 1 warning in 1 project; 2 can be fixed
Run this.
";
        assert_eq!(text, expected);
    }

    #[test]
    fn nothing_found_and_what_is_unknown() {
        let (sources, mut report) = sample::project();
        report.suppressed.append(&mut report.findings);
        let unknown = std::mem::take(&mut report.unknown);
        let expected = "No Redis problems found in 1 project (apps/shop/docker-compose.yml, apps/shop/.env). 2 suppressed.\n";
        assert_eq!(shown(&sources, &report), expected);
        report.unknown = unknown;
        let text = render(&[sample::project_report(&sources, &report)], &Style { verbose: true, ..PLAIN }, None);
        let expected = "2 values could not be judged:\n  db: its file is not here; the file itself settles it\n  \
            apps/shop/docker-compose.yml:6: CACHE_URL of web: CACHE_URL has no value\n    anywhere; a line in .env settles it\n\nNo Redis";
        assert!(text.starts_with(expected), "{text}");
        assert_eq!(render(&[], &PLAIN, None), "No Redis problems found in 0 projects.\n");
    }

    #[test]
    fn colour_only_when_asked() {
        let (sources, mut report) = sample::project();
        report.unknown.push(Unknown {
            subject: Subject::default(),
            reason: "why".to_owned(),
            settled_by: "a look".to_owned(),
            span: None,
        });
        assert!(!shown(&sources, &report).contains('\u{1b}'));
        let text = render(&[sample::project_report(&sources, &report)], &Style { color: true, ..PLAIN }, None);
        assert!(text.contains("\u{1b}[1;31merror[external-redis-url]:\u{1b}[0m REDIS_URL"), "{text}");
        assert!(!text.contains("hunter2"));
    }

    #[test]
    fn of_what_could_not_be_read_only_its_structure_is_shown() {
        let env = "REDIS_PASSWORD hunter2\n hunter2!x=\n";
        let sources = sample::sources(&[("compose.yml", "services:\n  a:\n    b: 1\n\thunter2: y\n"), (".env", env)]);
        let label = |file, word| Label::new(sample::span(&sources, file, word), "");
        let findings = vec![
            sample::finding("invalid-compose-file", Severity::Error, label(0, "\t")),
            sample::finding("invalid-env-file", Severity::Error, label(1, "REDIS_PASSWORD hunter2")),
            sample::finding("invalid-env-file", Severity::Error, label(1, " hunter2!x=")),
        ];
        let text = shown(&sources, &Report { findings, ..Report::default() });
        assert!(text.contains(" 1 │ REDIS_PASSWORD ********\n") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn several_projects_have_headings() {
        let (sources, report) = sample::project();
        let projects = [sample::project_report(&sources, &report), sample::project_report(&sources, &report)];
        let text = render(&projects, &PLAIN, None);
        assert_eq!(text.matches("apps/shop  (docker-compose.yml, .env)\n\n").count(), 2, "{text}");
        assert!(text.ends_with("2 errors, 2 warnings in 2 projects; 4 can be fixed\n"), "{text}");
    }

    #[test]
    fn words_are_never_broken() {
        assert_eq!(wrap("aa bb  cc", 24), ["aa bb cc"]);
        let long = "x".repeat(30);
        assert_eq!(wrap(&format!("a {long} b"), 10), ["a", &long, "b"]);
        assert!(wrap(" ", 10).is_empty());
    }
}
