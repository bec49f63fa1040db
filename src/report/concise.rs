//! `--format concise`: one line per finding, `path:line:column: severity[rule] message`, for editors, `grep` and quickfix lists.

use super::tint;
use super::{ProjectReport, Style, one_line};
use crate::diagnostic::Finding;
use std::fmt::Write as _;

/// All findings, a line each, and nothing else. Paths are those of the working directory, so that an editor can jump.
pub fn render(projects: &[ProjectReport], style: &Style) -> String {
    let mut out = String::new();
    for project in projects {
        for finding in project.findings() {
            line(&mut out, project, finding, style.color);
        }
    }
    out
}

fn line(out: &mut String, project: &ProjectReport, finding: &Finding, color: bool) {
    let place = project.place(finding.primary.span);
    let (path, at) = (one_line(&project.path(&place.file)), place.start);
    let (on, off) = if color { (tint(finding.severity), "\u{1b}[0m") } else { ("", "") };
    let (severity, rule, message) = (finding.severity.name(), finding.rule, one_line(&finding.message));
    writeln!(out, "{path}:{}:{}: {on}{severity}[{rule}]{off} {message}", at.line, at.column)
        .expect("a string takes whatever is written");
}
#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const PLAIN: Style = Style { color: false, width: 100, verbose: false, quiet: false };

    #[test]
    fn one_line_each_in_order() {
        let (sources, mut report) = sample::project();
        report.findings[0].message = "two\nlines".to_owned();
        let text = render(&[sample::project_report(&sources, &report)], &PLAIN);
        let expected = "apps/shop/.env:3:11: error[external-redis-url] REDIS_URL points api at redis://********@203.0.113.10:6380/3, \
            outside this project\napps/shop/docker-compose.yml:11:12: warning[unpinned-image] two lines\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn colour_only_when_asked() {
        let (sources, report) = sample::project();
        let projects = [sample::project_report(&sources, &report)];
        assert!(!render(&projects, &PLAIN).contains('\u{1b}'));
        assert!(render(&projects, &Style { color: true, ..PLAIN }).contains("\u{1b}[1;31merror[external-redis-url]\u{1b}[0m "));
    }
}
