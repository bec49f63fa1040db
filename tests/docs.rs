//! Holds documentation and program together: the examples of each rule, README's table and its commands, and the templates.
//!
//! `UPDATE=1 cargo test --test docs` rewrites README's table and what its commands print.

mod support;

use cachelint::rules::{Meta, RULES};
use std::fmt::Write as _;
use support::{Project, Ran, is_update, repository};

/// A fenced block of Markdown.
struct Block {
    /// The word behind the fence.
    language: String,
    text: String,
    /// The heading it stands under.
    heading: String,
    /// The line of its first line of text, from 0.
    line: usize,
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut heading = String::new();
    let mut open: Option<Block> = None;
    for (number, line) in markdown.lines().enumerate() {
        let fence = line.trim_start().strip_prefix("```");
        match (&mut open, fence) {
            (None, Some(language)) => {
                let language = language.trim().to_owned();
                open = Some(Block { language, text: String::new(), heading: heading.clone(), line: number + 1 });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix('#') {
                    title.trim_start_matches('#').trim().clone_into(&mut heading);
                }
            }
        }
    }
    blocks
}

/// The project that the examples under a heading make up.
///
/// What git tracks is said in a block of commands: `git add <file>`.
fn example(meta: &Meta, heading: &str) -> Project {
    let project = Project::new();
    let blocks = blocks(&meta.text());
    let own: Vec<&Block> = blocks.iter().filter(|block| block.heading == heading).collect();
    assert!(!own.is_empty(), "{} has no example under `## {heading}`", meta.name);
    for block in own.iter().filter(|block| block.language != "console") {
        let name = match block.language.as_str() {
            "yaml" => "docker-compose.yml",
            "dotenv" => ".env",
            other if other.starts_with("dotenv ") => &other["dotenv ".len()..],
            other => panic!("{}: a block of {other:?}; only yaml, dotenv, `dotenv NAME` and console can be run", meta.name),
        };
        assert!(!project.path(name).exists(), "{}: two files {name} under `## {heading}`", meta.name);
        project.write(name, &block.text);
    }
    if !project.path("docker-compose.yml").exists() {
        project.write("docker-compose.yml", "services:\n  api:\n    image: example/api:1.0\n    env_file: .env\n");
    }
    let commands = own.iter().filter(|block| block.language == "console").flat_map(|block| block.text.lines());
    let tracked: Vec<&str> = commands.filter_map(|line| line.trim().strip_prefix("$ git add ")).collect();
    if !tracked.is_empty() {
        project.tracks(&tracked);
    }
    project
}

fn findings_of(project: &Project, rule: &str) -> String {
    let ran = project.run(&["check", "--format", "concise", "--fail-on", "info", "--select", rule]);
    assert!(matches!(ran.code, Some(0 | 1)), "{}{}", ran.stdout, ran.stderr);
    ran.stdout
}

#[test]
fn the_bad_example_of_each_rule_fires_and_the_good_one_does_not() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let name = rule.meta.name;
        if findings_of(&example(rule.meta, "Bad"), name).is_empty() {
            wrong.push(format!("{name}: the bad example is quiet"));
        }
        let good = findings_of(&example(rule.meta, "Good"), name);
        if !good.is_empty() {
            wrong.push(format!("{name}: the good example fires:\n{good}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_are_valid_unless_the_rule_is_about_that() {
    for rule in RULES {
        for heading in ["Bad", "Good"] {
            let invalid = findings_of(&example(rule.meta, heading), "invalid-compose-file,invalid-env-file");
            let rejected = rule.meta.name.starts_with("invalid-") || rule.meta.name == "dependency-on-inactive-redis";
            let meant = heading == "Bad" && rejected;
            assert!(meant || invalid.is_empty(), "{}, {heading}:\n{invalid}", rule.meta.name);
        }
    }
}

#[test]
fn each_rule_says_what_it_flags_why_and_what_the_fix_does() {
    for rule in RULES {
        let meta = rule.meta;
        let text = meta.text();
        assert!(meta.summary().starts_with("Flags ") && meta.summary().ends_with('.'), "{}: {}", meta.name, meta.summary());
        for heading in ["\n## Why\n", "\n## Bad\n", "\n## Good\n", "\n## Fix\n"] {
            assert!(text.contains(heading), "{} lacks {heading:?}", meta.name);
        }
        let said = text.split("\n## Fix\n").nth(1).unwrap_or_default().trim();
        let kind = said.split([':', '.', ',']).next().unwrap_or_default().to_ascii_lowercase();
        assert_eq!(kind, meta.fix.name(), "{}: the section on the fix begins with its kind", meta.name);
    }
}

#[test]
fn explain_prints_the_documentation() {
    let project = Project::new();
    for rule in RULES {
        let ran = project.run(&["explain", rule.meta.name]).exits(0).quietly();
        assert!(ran.stdout.contains(rule.meta.text().trim()), "{}", rule.meta.name);
    }
}

// ── README ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

const README: &str = "README.md";
const TABLE_START: &str = "<!-- rules -->";
const TABLE_END: &str = "<!-- /rules -->";

fn readme() -> Option<String> {
    std::fs::read_to_string(repository().join(README)).ok()
}

fn table() -> String {
    let mut out = String::from("| rule | severity | fix | what it flags |\n|---|---|---|---|\n");
    for rule in RULES {
        let meta = rule.meta;
        let flags = meta.summary();
        let flags = flags.strip_prefix("Flags ").unwrap_or(&flags).trim_end_matches('.').replace('|', "\\|");
        writeln!(out, "| `{}` | {} | {} | {flags} |", meta.name, meta.severity.name(), meta.fix.name()).expect("a string");
    }
    out
}

#[test]
fn the_table_of_rules_is_that_of_the_program() {
    let Some(text) = readme() else { return };
    let start = text.find(TABLE_START).unwrap_or_else(|| panic!("README has no {TABLE_START}")) + TABLE_START.len();
    let end = text[start..].find(TABLE_END).map(|at| start + at);
    let end = end.unwrap_or_else(|| panic!("README has no {TABLE_END}"));
    let expected = format!("\n{}", table());
    if text[start..end].trim() != expected.trim() && is_update() {
        let new = format!("{}{expected}{}", &text[..start], &text[end..]);
        std::fs::write(repository().join(README), new).expect("a writable file");
        return;
    }
    assert_eq!(text[start..end].trim(), expected.trim(), "run UPDATE=1 cargo test --test docs");
}

/// The commands of `console` blocks (lines behind `$ `), each with the output that the block shows below it.
fn sessions(block: &Block) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for line in block.text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            out.push((command.to_owned(), String::new()));
        } else if let Some((_, shown)) = out.last_mut() {
            shown.push_str(line);
            shown.push('\n');
        }
    }
    out
}

/// The words of a `cachelint …` line; `None` for other commands.
fn words(command: &str) -> Option<Vec<&str>> {
    let command = command.split("  #").next().unwrap_or(command).split(" # ").next().unwrap_or(command).trim();
    let mut words = command.split_whitespace();
    (words.next() == Some("cachelint")).then(|| words.collect())
}

/// A shell with pipes, redirections or placeholders is more than this test can run.
fn is_plain(words: &[&str]) -> bool {
    !words.iter().any(|word| word.contains(['|', '>', '<', '&', ';', '$', '…', '*', '[', '\\']))
}

/// README's examples are run in a copy of the project that it talks about.
fn example_project() -> Project {
    Project::copy_of("tests/projects/postiz-stack")
}

#[test]
fn the_commands_of_readme_run_and_print_what_it_shows() {
    let Some(text) = readme() else { return };
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for block in blocks(&text).iter().filter(|block| block.language == "console") {
        // One block is one session: later commands see what earlier ones wrote.
        let project = example_project();
        for (command, shown) in sessions(block) {
            let Some(words) = words(&command).filter(|words| is_plain(words)) else { continue };
            let ran = project.run(&words);
            if ran.code == Some(2) {
                wrong.push(format!("line {}: `{command}` does not run: {}", block.line, ran.stderr));
            } else if !shown.is_empty() {
                compared += 1;
                wrong.extend(unlike(&shown, &ran).map(|how| format!("line {}: `{command}` {how}", block.line)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 0, "README shows what the program prints");
}

/// A drawing is what the commands of the comment above it print, the last of them.
#[test]
fn the_drawings_of_readme_are_those_of_the_program() {
    let Some(text) = readme() else { return };
    let lines: Vec<&str> = text.lines().collect();
    let mut compared = 0;
    let mut wrong = Vec::new();
    for block in blocks(&text).iter().filter(|block| block.language == "mermaid") {
        let comment = lines[block.line - 2].strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->"));
        let comment = comment.unwrap_or_else(|| panic!("line {}: no comment above says how this is drawn", block.line));
        let project = example_project();
        let mut shown = String::new();
        for command in comment.split("; ") {
            shown = project.run(&words(command).expect("a command of cachelint")).exits(0).stdout;
        }
        if shown != block.text {
            wrong.push(format!("line {}: `{comment}` prints\n{shown}", block.line));
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 0, "README shows a drawing");
}

/// Compares shown output with real output. A line `…` or `...` in what is shown stands for any number of lines.
fn unlike(shown: &str, ran: &Ran) -> Option<String> {
    let actual = format!("{}{}", ran.stdout, ran.stderr);
    let mut rest: Vec<&str> = actual.lines().map(str::trim_end).collect();
    let mut skips = false;
    for line in shown.lines().map(str::trim_end) {
        if matches!(line.trim(), "…" | "..." | "[…]" | "[...]") {
            skips = true;
            continue;
        }
        let found =
            if skips { rest.iter().position(|other| *other == line) } else { rest.first().filter(|o| **o == line).map(|_| 0) };
        let Some(at) = found else {
            return Some(format!("shows {line:?}, and the program prints\n{actual}"));
        };
        rest.drain(..=at);
        skips = false;
    }
    let over = !skips && rest.iter().any(|line| !line.is_empty());
    over.then(|| format!("prints more than is shown:\n{}", rest.join("\n")))
}

/// Commands outside of sessions, in `sh` blocks and in the text, must at least be ones that the program knows.
#[test]
fn the_commands_that_readme_names_exist() {
    let Some(text) = readme() else { return };
    let mut wrong = Vec::new();
    for block in blocks(&text).iter().filter(|block| matches!(block.language.as_str(), "sh" | "bash" | "shell" | "yaml" | "yml"))
    {
        for line in block.text.lines() {
            let line = line.trim().trim_start_matches("- ").trim_start_matches("run: ").trim_start_matches("$ ");
            if let Some(words) = words(line).filter(|words| is_plain(words)) {
                wrong.extend(refuses(&words).map(|why| format!("line {}: {line}: {why}", block.line)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the command line is wrong usage.
fn refuses(words: &[&str]) -> Option<String> {
    let project = example_project();
    let ran = project.run(words);
    // A path of the reader's own is not there; wrong usage looks different.
    (ran.code == Some(2) && !ran.stderr.contains("is not there")).then_some(ran.stderr)
}

// ── Templates ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

fn template(name: &str) -> String {
    support::read(&repository().join("templates").join(name))
}

#[test]
fn the_templates_are_a_project_without_findings() {
    let project = Project::new().compose(&template("docker-compose.yml")).env(&template(".env"));
    project.run(&["check", "--format", "concise", "--fail-on", "info", "-v"]).exits(0).quietly();
    let ran = project.run(&["migrate", "--yes"]).exits(0);
    assert_eq!(ran.stdout, "Nothing to change.\n");
}

#[test]
fn an_app_alone_becomes_the_template() {
    let app = "services:\n  app:\n    image: example/app:1.0\n    environment:\n      REDIS_URL: ${REDIS_URL}\n";
    let project = Project::new().compose(app).env(&template(".env"));
    project.run(&["migrate", "--yes"]).exits(0);
    project.run(&["check", "--format", "concise", "--fail-on", "info"]).exits(0).quietly();
    let (written, wanted) = (parsed(&project.read("docker-compose.yml")), parsed(&template("docker-compose.yml")));
    assert_eq!(written, wanted, "what migrate writes is what the template says");
    assert_eq!(project.read(".env"), template(".env"));
}

fn parsed(text: &str) -> serde_yaml::Value {
    serde_yaml::from_str(text).expect("the file is YAML")
}
