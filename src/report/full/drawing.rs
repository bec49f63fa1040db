//! A finding with its snippet, as miette draws it. The only file that knows miette; knows nothing of what stands under a snippet.

use super::{Secrets, project_path, wrap};
use crate::diagnostic::{Finding, Label, Severity};
use crate::report::snippet::{self, Line};
use crate::report::tint;
use crate::report::{ProjectReport, one_line};
use crate::text::source::SourceFile;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceSpan, SpanContents,
};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// A related place this many lines away or less is shown in the snippet itself, together with the lines between.
const NEAR: usize = 2;
/// No snippet is higher.
const HIGHEST: usize = 8;

/// A finding as miette draws it.
#[derive(Debug)]
pub(super) struct Shot<'a> {
    message: String,
    severity: Severity,
    /// The file, as the working directory sees it.
    pub(super) place: String,
    /// `None` if there is no text to show.
    pub(super) window: Option<Window>,
    labels: Vec<LabeledSpan>,
    /// Related places that are not in the window.
    pub(super) elsewhere: Vec<&'a Label>,
}

/// The lines of a file that are shown.
#[derive(Debug)]
pub(super) struct Window {
    name: String,
    /// The lines as they are shown, each with a newline.
    text: String,
    /// Where each line starts in `text`.
    starts: Vec<usize>,
    /// The number of the first line, from 0.
    first: usize,
    /// The column of the primary label in the file, from 0.
    column: usize,
}

/// A label on one line of the file, by its bytes there.
struct Mark<'a> {
    range: Range<usize>,
    label: &'a Label,
}

impl<'a> Shot<'a> {
    pub(super) fn take(project: &ProjectReport, finding: &'a Finding, secrets: &mut Secrets, width: usize, color: bool) -> Self {
        let place = project.place(finding.primary.span);
        let id = finding.primary.span.file;
        let source = project.sources.file(id);
        let name = project_path(project, &place.file);
        let mut shot = Self {
            message: headline(finding, width, color),
            severity: finding.severity,
            place: name.clone(),
            window: None,
            labels: Vec::new(),
            elsewhere: Vec::new(),
        };
        if source.text.is_empty() {
            shot.elsewhere.extend(&finding.related);
            return shot;
        }
        let lines = shot.sort_out(source, finding);
        let (first, last) = (place.start.line - 1, 0);
        let first = lines.keys().next().copied().unwrap_or(first);
        let last = lines.keys().next_back().copied().unwrap_or(last).max(first);
        let window = Window { name, text: String::new(), starts: Vec::new(), first, column: place.start.column - 1 };
        let window = shot.window.insert(window);
        let columns = width.saturating_sub((last + 1).to_string().len() + 4);
        for number in first..=last {
            let marks = lines.get(&number).map_or(&[][..], Vec::as_slice);
            let ranges: Vec<_> = marks.iter().map(|mark| mark.range.clone()).collect();
            let shown =
                snippet::line(&source.text, &source.lines.range(&source.text, number), secrets.of(project, id), &ranges, columns);
            let start = window.text.len();
            window.starts.push(start);
            window.text.push_str(&shown.text);
            window.text.push('\n');
            place_labels(&shown, start, marks, &finding.primary, columns, &mut shot.labels, &mut shot.elsewhere);
        }
        shot
    }

    /// Which labels are shown on which line; the others are put aside. A label of several lines is shown on its first.
    fn sort_out(&mut self, source: &SourceFile, finding: &'a Finding) -> BTreeMap<usize, Vec<Mark<'a>>> {
        let on_line = |label: &'a Label| {
            let range = snippet::fit(&source.text, label.span.range());
            let number = source.lines.line(range.start);
            let line = source.lines.range(&source.text, number);
            (number, Mark { range: range.start.min(line.end)..range.end.min(line.end), label })
        };
        let (home, mark) = on_line(&finding.primary);
        let mut lines = BTreeMap::from([(home, vec![mark])]);
        let (here, there): (Vec<_>, Vec<_>) =
            finding.related.iter().partition(|label| label.span.file == finding.primary.span.file);
        let mut here: Vec<_> = here.into_iter().map(on_line).collect();
        here.sort_by_key(|(number, mark)| (number.abs_diff(home), *number, mark.range.start));
        let (mut first, mut last) = (home, home);
        for (number, mark) in here {
            let (low, high) = (first.min(number), last.max(number));
            let near = number + NEAR >= first && number <= last + NEAR && high - low < HIGHEST;
            if near {
                (first, last) = (low, high);
                lines.entry(number).or_default().push(mark);
            } else {
                self.elsewhere.push(mark.label);
            }
        }
        self.elsewhere.extend(there);
        lines
    }

    pub(super) fn draw(&self, color: bool) -> String {
        let mut theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let styles = &mut theme.styles;
        let own = match self.severity {
            Severity::Error => styles.error,
            Severity::Warning => styles.warning,
            Severity::Info => styles.advice,
        };
        let mut labels: Vec<_> = self.labels.iter().collect();
        labels.sort_by_key(|label| label.offset());
        let highlights: Vec<_> = labels.iter().map(|label| if label.primary() { own } else { styles.help }).collect();
        if !highlights.is_empty() {
            styles.highlights = highlights;
        }
        let mut out = String::new();
        GraphicalReportHandler::new_themed(theme)
            .with_context_lines(0)
            .with_wrap_lines(false)
            .without_syntax_highlighting()
            .render_report(&mut out, self)
            .expect("a string takes whatever is written, and every label lies in the window");
        out
    }
}

/// The message under its rule's name, wrapped.
fn headline(finding: &Finding, width: usize, color: bool) -> String {
    let name = format!("{}[{}]:", finding.severity.name(), finding.rule);
    let text = wrap(&format!("{name} {}", one_line(&finding.message)), width - 6).join("\n");
    match text.strip_prefix(&name) {
        Some(rest) if color => format!("{}{name}\u{1b}[0m{rest}", tint(finding.severity)),
        _ => text,
    }
}

/// Turns the marks of one line, shown from `start` of the window on, into labels. Where two would cover each other, the mask of one
/// secret for example, the first is shown and the other put aside.
fn place_labels<'a>(
    shown: &Line,
    start: usize,
    marks: &[Mark<'a>],
    primary: &Label,
    columns: usize,
    labels: &mut Vec<LabeledSpan>,
    elsewhere: &mut Vec<&'a Label>,
) {
    let mut taken: Vec<Range<usize>> = Vec::new();
    for (range, mark) in shown.labels.iter().zip(marks) {
        let wide = range.start..range.end.max(range.start + 1);
        if taken.iter().any(|other| wide.start < other.end && other.start < wide.end) {
            elsewhere.push(mark.label);
            continue;
        }
        taken.push(wide);
        let middle = shown.text[..range.start].chars().count() + shown.text[range.clone()].chars().count() / 2;
        let message = wrap(&one_line(&mark.label.message), columns.saturating_sub(middle + 5)).join("\n");
        let (message, span) = (Some(message).filter(|message| !message.is_empty()), start + range.start..start + range.end);
        labels.push(if std::ptr::eq(mark.label, primary) {
            LabeledSpan::new_primary_with_span(message, span)
        } else {
            LabeledSpan::new_with_span(message, span)
        });
    }
}

impl fmt::Display for Shot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shot<'_> {}

impl Diagnostic for Shot<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.window.as_ref().map(|window| window as &dyn miette::SourceCode)
    }
}

impl miette::SourceCode for Window {
    /// Whole lines always, and as many of them as the window has: all labels are meant to be in one snippet.
    fn read_span<'a>(&'a self, span: &SourceSpan, _: usize, _: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let line = |offset: usize| self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let (first, last) = (line(span.offset()), line(span.offset() + span.len().saturating_sub(1)));
        let end = self.starts.get(last + 1).copied().unwrap_or(self.text.len());
        let range = self.starts.get(first).copied().unwrap_or(0)..end;
        let data = self.text.as_bytes().get(range.clone()).ok_or(MietteError::OutOfBounds)?;
        let span = SourceSpan::from((range.start, range.len()));
        let (name, number) = (self.name.clone(), self.first + first);
        Ok(Box::new(MietteSpanContents::new_named(name, data, span, number, self.column, self.starts.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Report;
    use crate::report::{Style, full, sample};
    use crate::text::source::Sources;
    use crate::text::span::{FileId, Span};

    /// One finding, as it is shown without the summary.
    fn one(sources: &Sources, primary: Label, related: Vec<Label>) -> String {
        let finding = Finding { related, ..sample::finding("a-rule", Severity::Error, primary) };
        let report = Report { findings: vec![finding], ..Report::default() };
        full::render(
            &[sample::project_report(sources, &report)],
            &Style { color: false, width: 80, verbose: false, quiet: true },
            None,
        )
    }

    #[test]
    fn a_label_in_a_secret_shows_the_whole_mask_and_later_ones_move() {
        let (sources, _) = sample::project();
        let span = |word: &str| sample::span(&sources, 1, word);
        let text = one(&sources, Label::new(span("ter2"), "password"), vec![Label::new(span("6380"), "port")]);
        let expected = "
 3 │ REDIS_URL=redis://********@203.0.113.10:6380/3
   ·                   ────┬───              ──┬─
   ·                       │                   ╰── port
   ·                       ╰── password
";
        assert!(text.contains(expected), "{text}");
        let twice = one(&sources, Label::new(span("hunt"), "a"), vec![Label::new(span("ter2"), "b")]);
        assert!(twice.contains("╰── a") && twice.contains("also: apps/shop/.env:3: b"), "{twice}");
    }

    #[test]
    fn near_places_share_the_snippet_and_far_ones_are_named() {
        let (sources, _) = sample::project();
        let at = |word: &str| Label::new(sample::span(&sources, 0, word), word.trim());
        let text = one(&sources, at("environment:"), vec![at("api:"), at("cache:"), at("worker:")]);
        assert!(
            text.contains(" 2 │   api:\n") && text.contains(" 3 │     image: api\n") && text.contains(" 6 │   worker:\n"),
            "{text}"
        );
        assert!(text.contains("╰─ also: apps/shop/docker-compose.yml:10: cache:") && !text.contains(" 10 │"), "{text}");
    }

    #[test]
    fn odd_places_do_not_trip_it() {
        let tabs = "a:\tb\n\u{1b}[31mé日本🔑: x\r\n\r\nlast";
        let sources = sample::sources(&[("t.yml", tabs), ("empty.env", ""), ("bom.env", "\u{feff}A=1")]);
        for file in 0..3 {
            let length = sources.file(FileId(file)).text.len();
            for start in 0..=length + 2 {
                for end in start..=length + 2 {
                    let span = Span::new(FileId(file), start..end);
                    let text = one(&sources, Label::new(span, "here"), vec![Label::new(Span::point(FileId(file), end), "")]);
                    assert!(!text.contains('\u{1b}') && text.contains("a-rule"), "{text}");
                    assert_eq!(text.contains("╰── here"), length > 0, "{text}");
                }
            }
        }
    }

    #[test]
    fn a_file_without_text_is_named_without_a_snippet() {
        let sources = sample::sources(&[(".env", ""), ("b.yml", "b: 1\n")]);
        let text = one(
            &sources,
            Label::new(Span::new(FileId(0), 3..9), "bad"),
            vec![Label::new(Span::point(FileId(1), 0), "taken here")],
        );
        assert!(text.ends_with("   ╭─[apps/shop/.env]\n   ╰─ also: apps/shop/b.yml:1: taken here\n\n"), "{text}");
    }

    #[test]
    fn a_label_of_many_lines_is_shown_on_its_first() {
        let (sources, _) = sample::project();
        let text = one(&sources, Label::new(sample::span(&sources, 0, sample::COMPOSE), "all"), Vec::new());
        assert!(text.contains(" 1 │ services:\n   · ────┬────\n   ·     ╰── all\n   ╰────\n"), "{text}");
    }
}
