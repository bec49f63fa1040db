//! `--format github`: workflow commands, which GitHub Actions shows at the lines of a pull request. Knows their escapes and the
//! order in which GitHub runs out of room.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use super::annotation::sentences;
use super::{ProjectReport, one_line};
use crate::diagnostic::{Finding, Severity};
use std::cmp::Reverse;
use std::fmt::Write as _;

/// A command per finding, errors of all projects first: GitHub shows ten of each kind in a step and drops the rest.
pub fn render(projects: &[ProjectReport]) -> String {
    let of = |project| ProjectReport::findings(project).into_iter().map(move |finding| (project, finding));
    let mut all: Vec<(&ProjectReport, &Finding)> = projects.iter().flat_map(of).collect();
    all.sort_by_key(|(_, finding)| Reverse(finding.severity));
    let mut out = String::new();
    for (project, finding) in all {
        command(&mut out, project, finding);
    }
    out
}

fn command(out: &mut String, project: &ProjectReport, finding: &Finding) {
    let place = project.place(finding.primary.span);
    let (start, end) = (place.start, place.end);
    let mut properties = format!("file={},line={},endLine={}", property(&project.path(&place.file)), start.line, end.line);
    // The runner takes columns only within one line, and complains otherwise.
    if start.line == end.line {
        write!(properties, ",col={},endColumn={}", start.column, end.column).expect("a string takes whatever is written");
    }
    let (kind, title, message) = (kind(finding.severity), property(finding.rule), data(&sentences(finding)));
    writeln!(out, "::{kind} {properties},title={title}::{message}").expect("a string takes whatever is written");
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_command_per_finding_and_errors_first() {
        let (sources, mut report) = sample::project();
        report.findings[0].message = "100 %\nof it".to_owned();
        report.findings[0].severity = Severity::Info;
        let mut first = sample::project_report(&sources, &report);
        first.root = "a:1,b".to_owned();
        let text = render(&[first, sample::project_report(&sources, &report)]);
        let lines: Vec<&str> = text.lines().collect();
        let error = "::error file=a%3A1%2Cb/.env,line=3,endLine=3,col=11,endColumn=47,title=external-redis-url::REDIS_URL points \
            api at redis://********@203.0.113.10:6380/3, outside this project. Why: api stops when that host does, and the \
            password travels in the clear. Help: use the service redis.";
        assert_eq!(lines[0], error);
        assert!(lines[1].starts_with("::error file=apps/shop/.env,"), "{text}");
        let notice = "::notice file=a%3A1%2Cb/docker-compose.yml,line=11,endLine=11,col=12,endColumn=17,title=unpinned-image::\
            100 %25 of it.";
        assert_eq!(lines[2], notice);
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn columns_are_left_out_over_several_lines() {
        let (sources, mut report) = sample::project();
        report.findings[0].primary.span = sample::span(&sources, 0, "api:\n    image");
        let text = render(&[sample::project_report(&sources, &report)]);
        assert!(text.contains("line=2,endLine=3,title=unpinned-image::"), "{text}");
    }
}
