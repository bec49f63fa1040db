//! `--format junit`: XML as test runners write it, for CI servers that show nothing else. A project is a suite, a finding a test
//! that failed, and a project without findings one test that passed.
//!
//! Knows which characters XML 1.0 can hold at all; names in a file may hold others.

use super::annotation::sentences;
use super::{ProjectReport, one_line};
use crate::diagnostic::{Finding, Subject};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The whole document, with a newline at its end.
pub fn render(projects: &[ProjectReport]) -> String {
    let (tests, failures) = projects.iter().fold((0, 0), |(tests, failures), project| {
        let found = project.report.findings.len();
        (tests + found.max(1), failures + found)
    });
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(&mut out, 0, "testsuites", &[("name", "cachelint"), ("tests", &number(tests)), ("failures", &number(failures))]);
    out.push_str(">\n");
    for project in projects {
        suite(&mut out, project);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, project: &ProjectReport) {
    let findings = project.findings();
    let (tests, failures) = (number(findings.len().max(1)), number(findings.len()));
    let counts = [("name", project.root.as_str()), ("tests", &tests), ("failures", &failures), ("errors", "0"), ("skipped", "0")];
    element(out, 1, "testsuite", &counts);
    out.push_str(">\n");
    if findings.is_empty() {
        element(out, 2, "testcase", &[("classname", &project.root), ("name", "cachelint")]);
        out.push_str("/>\n");
    }
    // Readers take two tests of one name for one test.
    let mut names = BTreeMap::new();
    for finding in findings {
        case(out, project, finding, &mut names);
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, project: &ProjectReport, finding: &Finding, names: &mut BTreeMap<(String, String), usize>) {
    let place = project.place(finding.primary.span);
    let path = project.path(&place.file);
    let mut name = name(finding);
    let times = names.entry((path.clone(), name.clone())).or_default();
    *times += 1;
    if *times > 1 {
        write!(name, " ({times})").expect("a string takes whatever is written");
    }
    let line = number(place.start.line);
    element(out, 2, "testcase", &[("classname", &path), ("name", &name), ("file", &path), ("line", &line)]);
    out.push_str(">\n");
    element(out, 3, "failure", &[("type", finding.severity.name()), ("message", &one_line(&finding.message))]);
    let text = format!("{path}:{line}:{}: {}", place.start.column, sentences(finding));
    writeln!(out, ">{}</failure>\n    </testcase>", escaped(&text)).expect("a string takes whatever is written");
}

/// What a test is called from run to run: the rule, and what it is about.
fn name(finding: &Finding) -> String {
    let Subject { service, variable, network, volume } = &finding.subject;
    let about: Vec<&str> = [service, variable, network, volume].into_iter().flatten().map(String::as_str).collect();
    if about.is_empty() { finding.rule.to_owned() } else { format!("{}: {}", finding.rule, about.join(" ")) }
}

/// The start of a tag, without its end.
fn element(out: &mut String, depth: usize, tag: &str, attributes: &[(&str, &str)]) {
    out.push_str(&"  ".repeat(depth));
    out.push('<');
    out.push_str(tag);
    for (name, value) in attributes {
        write!(out, " {name}=\"{}\"", escaped(value)).expect("a string takes whatever is written");
    }
}

fn number(number: usize) -> String {
    number.to_string()
}

/// Text for content and for attributes. What XML 1.0 has no way to write becomes the replacement character.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Readers turn these into blanks in attributes, and treat some as the end of a line.
            '\t' | '\n' | '\r' | '\u{7f}'..='\u{9f}' => {
                write!(out, "&#{};", u32::from(c)).expect("a string takes whatever is written");
            }
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_finding_is_a_test_that_failed() {
        let (sources, mut report) = sample::project();
        report.findings[0].message = "a <b> & \"c\"\u{1}".to_owned();
        let text = render(&[sample::project_report(&sources, &report)]);
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"cachelint\" tests=\"2\" failures=\"2\">
  <testsuite name=\"apps/shop\" tests=\"2\" failures=\"2\" errors=\"0\" skipped=\"0\">
    <testcase classname=\"apps/shop/.env\" name=\"external-redis-url: api REDIS_URL\" file=\"apps/shop/.env\" line=\"3\">
      <failure type=\"error\" message=\"REDIS_URL points api at redis://********@203.0.113.10:6380/3, outside this project\">\
apps/shop/.env:3:11: REDIS_URL points api at redis://********@203.0.113.10:6380/3, outside this project. Why: api stops when that \
host does, and the password travels in the clear. Help: use the service redis.</failure>
    </testcase>
    <testcase classname=\"apps/shop/docker-compose.yml\" name=\"unpinned-image: cache\" file=\"apps/shop/docker-compose.yml\" \
line=\"11\">
      <failure type=\"warning\" message=\"a &lt;b&gt; &amp; &quot;c&quot;\u{2401}\">apps/shop/docker-compose.yml:11:12: \
a &lt;b&gt; &amp; &quot;c&quot;\u{2401}.</failure>
    </testcase>
  </testsuite>
</testsuites>
";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_project_without_findings_is_a_test_that_passed() {
        let (sources, _) = sample::project();
        let report = crate::diagnostic::Report::default();
        let text = render(&[sample::project_report(&sources, &report)]);
        assert!(text.contains("<testsuites name=\"cachelint\" tests=\"1\" failures=\"0\">"), "{text}");
        assert!(text.contains("    <testcase classname=\"apps/shop\" name=\"cachelint\"/>\n"), "{text}");
    }

    #[test]
    fn names_differ() {
        let (sources, mut report) = sample::project();
        report.findings.push(report.findings[0].clone());
        let text = render(&[sample::project_report(&sources, &report)]);
        assert!(text.contains("name=\"unpinned-image: cache\"") && text.contains("name=\"unpinned-image: cache (2)\""), "{text}");
    }

    #[test]
    fn only_characters_of_xml_remain() {
        assert_eq!(escaped("a\0b\u{1b}c\u{ffff}\n\u{85}é🔑"), "a\u{fffd}b\u{fffd}c\u{fffd}&#10;&#133;é🔑");
    }
}
