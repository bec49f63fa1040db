//! Runs the fixtures of the rules: `tests/rules/<rule>/<case>/` with
//!
//! - `before/`: the project;
//! - `findings`: what this rule alone says about it, as `--format concise` prints it; empty where it stays quiet;
//! - `tracked`: the files that git tracks there, one a line; without it the project is in no repository;
//! - `after/`: the project once this rule's fixes alone are applied, unsafe ones too; absent where there is no fix or it is refused.
//!
//! A case called `trap-…` looks like the fault and is none, or is one and does not look it.
//!
//! `UPDATE=1 cargo test --test rules` rewrites `findings` and `after/`: read what changed before you commit it.

mod support;

use cachelint::rules::{FixKind, RULES};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::{Project, contents, is_update, names_in, repository};

const INVALID: [&str; 2] = ["invalid-compose-file", "invalid-env-file"];

struct Case {
    rule: String,
    name: String,
    folder: PathBuf,
}

fn cases() -> Vec<Case> {
    let root = repository().join("tests/rules");
    let mut cases = Vec::new();
    for rule in names_in(&root) {
        for name in names_in(&root.join(&rule)) {
            let folder = root.join(&rule).join(&name);
            cases.push(Case { rule: rule.clone(), name, folder });
        }
    }
    cases
}

impl Case {
    fn project(&self) -> Project {
        let project = Project::copy_of(self.folder.join("before"));
        let tracked = self.folder.join("tracked");
        if tracked.exists() {
            project.tracks(&support::read(&tracked).lines().collect::<Vec<_>>());
        }
        project
    }

    fn findings(&self) -> String {
        let ran = self.project().run(&["check", "--format", "concise", "--fail-on", "info", "--select", &self.rule]);
        assert_eq!(ran.code, Some(i32::from(!ran.stdout.is_empty())), "exit code; {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// The project with this rule's fixes; `None` if there was nothing to fix.
    fn fixed(&self) -> Option<Project> {
        let project = self.project();
        let before = project.contents();
        project.run(&["check", "--fix", "--unsafe-fixes", "--fail-on", "never", "--select", &self.rule]).exits(0);
        (project.contents() != before).then_some(project)
    }

    /// Whether the fault is one that Compose rejects.
    fn is_invalid(&self) -> bool {
        INVALID.contains(&self.rule.as_str()) || self.rule == "dependency-on-inactive-redis"
    }
}

/// Runs `test` on every case and reports all that fail, not the first alone.
fn for_each(test: impl Fn(&Case) -> Result<(), String> + Sync) {
    let failures: Vec<String> = cases()
        .par_iter()
        .filter_map(|case| test(case).err().map(|reason| format!("── {}/{}\n{reason}", case.rule, case.name)))
        .collect();
    assert!(failures.is_empty(), "{} cases:\n{}", failures.len(), failures.join("\n"));
}

fn difference(expected: &str, actual: &str) -> String {
    format!("expected:\n{expected}\nactual:\n{actual}")
}

#[test]
fn findings_are_as_expected() {
    for_each(|case| {
        let actual = case.findings();
        let path = case.folder.join("findings");
        if is_update() {
            std::fs::write(&path, &actual).expect("a writable file");
        }
        let expected = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        if expected == actual { Ok(()) } else { Err(difference(&expected, &actual)) }
    });
}

#[test]
fn fixes_are_as_expected() {
    for_each(|case| {
        let after = case.folder.join("after");
        let fixed = case.fixed();
        if is_update() {
            update(&after, fixed.as_ref());
        }
        match (fixed, after.is_dir()) {
            (None, false) => Ok(()),
            (None, true) => Err("there is an after/, and nothing was fixed".to_owned()),
            (Some(_), false) => Err("there is no after/, and something was fixed".to_owned()),
            (Some(project), true) => same(&after, &project),
        }
    });
}

fn update(after: &Path, fixed: Option<&Project>) {
    if after.is_dir() {
        std::fs::remove_dir_all(after).expect("a removable folder");
    }
    for (path, bytes) in fixed.map(Project::contents).unwrap_or_default() {
        let path = after.join(path);
        std::fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a new folder");
        std::fs::write(path, bytes).expect("a writable file");
    }
}

fn same(after: &Path, project: &Project) -> Result<(), String> {
    let (expected, actual) = (contents(after), project.contents());
    let names: BTreeSet<&PathBuf> = expected.keys().chain(actual.keys()).collect();
    for name in names {
        let of = |files: &std::collections::BTreeMap<PathBuf, Vec<u8>>| {
            files.get(name).map_or("(no such file)".to_owned(), |bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        if expected.get(name) != actual.get(name) {
            return Err(format!("{}\n{}", name.display(), difference(&of(&expected), &of(&actual))));
        }
    }
    Ok(())
}

#[test]
fn fixes_settle_keep_comments_and_leave_valid_files() {
    for_each(|case| {
        let Some(project) = case.fixed() else { return Ok(()) };
        let once = project.contents();
        project.run(&["check", "--fix", "--unsafe-fixes", "--fail-on", "never", "--select", &case.rule]).exits(0);
        if project.contents() != once {
            return Err("a second run changes it again".to_owned());
        }
        let valid = project.run(&["check", "--format", "concise", "--fail-on", "info", "--select", &INVALID.join(",")]);
        if valid.code != Some(0) {
            return Err(format!("the result is not valid:\n{}", valid.stdout));
        }
        // The fix of one rule is to remove a comment.
        if case.rule == "unused-ignore" { Ok(()) } else { comments_survive(&contents(&case.folder.join("before")), &once) }
    });
}

type Files = std::collections::BTreeMap<PathBuf, Vec<u8>>;

fn comments_survive(before: &Files, after: &Files) -> Result<(), String> {
    for (path, bytes) in before {
        let new = after.get(path).ok_or_else(|| format!("{} is gone", path.display()))?;
        let new = String::from_utf8_lossy(new);
        for comment in comments(&String::from_utf8_lossy(bytes)) {
            if !new.contains(&comment) {
                return Err(format!("{}: the comment {comment:?} is gone", path.display()));
            }
        }
    }
    Ok(())
}

/// What stands behind a `#` at the start of a line or after a blank, outside of quotes.
fn comments(text: &str) -> Vec<String> {
    let of_line = |line: &str| {
        let is_comment = |at: &usize| {
            let before = &line[..*at];
            let quoted = ['"', '\''].iter().any(|quote| before.matches(*quote).count() % 2 == 1);
            !quoted && (before.trim().is_empty() || before.ends_with([' ', '\t']))
        };
        let at = line.match_indices('#').map(|(at, _)| at).find(is_comment)?;
        Some(line[at..].to_owned())
    };
    text.lines().filter_map(of_line).collect()
}

/// A project that Compose takes is the start: a fixture with a mistake of its own would prove nothing.
#[test]
fn projects_are_valid_to_begin_with() {
    for_each(|case| {
        if case.is_invalid() {
            return Ok(());
        }
        let ran = case.project().run(&["check", "--format", "concise", "--fail-on", "info", "--select", &INVALID.join(",")]);
        if ran.code == Some(0) { Ok(()) } else { Err(ran.stdout) }
    });
}

#[test]
fn every_rule_has_a_case_that_fires_one_that_stays_quiet_a_trap_and_one_that_is_fixed() {
    // While they are rewritten they are not all there.
    if is_update() {
        return;
    }
    let cases = cases();
    let mut lacking = Vec::new();
    for rule in RULES {
        let own: Vec<&Case> = cases.iter().filter(|case| case.rule == rule.meta.name).collect();
        let is_quiet = |case: &&Case| support::read(&case.folder.join("findings")).is_empty();
        let (traps, plain): (Vec<&Case>, Vec<&Case>) = own.iter().copied().partition(|case| case.name.starts_with("trap-"));
        let (quiet, loud): (Vec<&Case>, Vec<&Case>) = plain.into_iter().partition(|case| is_quiet(case));
        let fixed = own.iter().filter(|case| case.folder.join("after").is_dir()).count();
        for (count, what) in [(loud.len(), "fires"), (quiet.len(), "stays quiet"), (traps.len(), "is a trap")] {
            if count == 0 {
                lacking.push(format!("{}: no case that {what}", rule.meta.name));
            }
        }
        if fixed == 0 && rule.meta.fix != FixKind::None {
            lacking.push(format!("{}: no case that is fixed", rule.meta.name));
        }
        if fixed > 0 && rule.meta.fix == FixKind::None {
            lacking.push(format!("{}: has a fix, and its documentation says none", rule.meta.name));
        }
    }
    let known: BTreeSet<&str> = RULES.iter().map(|rule| rule.meta.name).collect();
    lacking
        .extend(cases.iter().filter(|case| !known.contains(case.rule.as_str())).map(|case| format!("{} is no rule", case.rule)));
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

/// The ways in which a project is rewritten, from the most careful on.
const REWRITES: [&[&str]; 3] = [
    &["check", "--fix", "--fail-on", "never"],
    &["check", "--fix", "--unsafe-fixes", "--fail-on", "never"],
    &["migrate", "--yes"],
];

/// What all rules say about a project beyond advice, which comes forward once something graver is mended: of each finding the rule, the
/// subject and the severity.
fn said(project: &Project) -> BTreeSet<String> {
    let ran = project.run(&["check", "--format", "json", "--fail-on", "never"]).exits(0);
    let document: Value = serde_json::from_str(&ran.stdout).expect("valid JSON");
    let projects = document["projects"].as_array().expect("a list of projects");
    let findings = projects.iter().flat_map(|project| project["findings"].as_array().expect("a list of findings"));
    let grave = findings.filter(|finding| finding["severity"] != "info");
    grave.map(|finding| format!("{} {} {}", finding["rule"], finding["subject"], finding["severity"])).collect()
}

/// What a rewrite does bring to light in a fixture: the rule that sees it then, and why that is right.
const BROUGHT_TO_LIGHT: [(&str, &str, &str); 2] = [
    (
        "eviction-drops-jobs/trap-queue-in-another-broker",
        "eviction-drops-jobs",
        "the queue moves to a Redis whose policy is left to a person",
    ),
    ("password-as-username/password-of-a-variable", "hardcoded-redis-password", "the word turns out to be the password"),
];

#[test]
fn fixes_bring_no_finding_that_was_not_there() {
    for_each(|case| {
        let name = format!("{}/{}", case.rule, case.name);
        let expected = |finding: &str| {
            BROUGHT_TO_LIGHT.iter().any(|(case, rule, _)| *case == name && finding.starts_with(&format!("\"{rule}\"")))
        };
        let project = case.project();
        let before = said(&project);
        for rewrite in REWRITES {
            let project = case.project();
            project.run(rewrite);
            let after = said(&project);
            let new: Vec<&str> = after.difference(&before).map(String::as_str).filter(|finding| !expected(finding)).collect();
            if !new.is_empty() {
                return Err(format!("{} brings\n{}", rewrite.join(" "), new.join("\n")));
            }
        }
        Ok(())
    });
}
