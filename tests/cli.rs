//! The program as a new user meets it: exit codes, what is printed where, what is written and what is not.

mod support;

use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use support::{Project, Ran, program};

/// One error (external), fixable by unsafe fixes only.
const APP: &str = "\
# The shop
services:
  api:
    image: example/api:1.0
    environment:
      REDIS_URL: ${REDIS_URL}   # from .env
";
const ENV: &str = "# Settings\nREDIS_URL=redis://:p4ss-of-yesterday@203.0.113.10:6380/3\n";

/// Redis is there, with a health check; the app does not wait for it: one warning, fixed safely.
const WARNING: &str = "\
services:
  redis:
    image: redis:7-alpine
    healthcheck:
      test: [\"CMD\", \"redis-cli\", \"-e\", \"ping\"]
  api:
    image: example/api:1.0
    environment:
      REDIS_URL: redis://redis:6379/0
";

fn external() -> Project {
    Project::new().compose(APP).env(ENV)
}

fn warning() -> Project {
    Project::new().compose(WARNING)
}

fn rules_in(ran: &Ran) -> Vec<String> {
    let name = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    ran.stdout.lines().filter_map(name).collect()
}

// ── exit codes ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn findings_exit_with_one_and_a_clean_project_with_zero() {
    external().run(&["check"]).exits(1).quietly().says("external-redis-url");
    let clean = Project::new().compose("services:\n  web:\n    image: example/web:1.0\n");
    clean.run(&["check"]).exits(0).quietly();
    clean.run(&["check", "--format", "concise"]).exits(0).quietly();
    // What the format is makes no difference.
    for format in ["full", "concise", "json"] {
        external().run(&["check", "--format", format]).exits(1).quietly();
    }
}

#[test]
fn the_least_severity_that_fails_is_chosen() {
    for (level, error, warn) in [("error", 1, 0), ("warning", 1, 1), ("info", 1, 1), ("never", 0, 0)] {
        external().run(&["check", "--fail-on", level]).exits(error);
        warning().run(&["check", "--fail-on", level]).exits(warn).says("missing-redis-dependency");
    }
    warning().run(&["check"]).exits(1);
}

#[test]
fn wrong_usage_exits_with_two_and_says_what_to_do() {
    let project = external();
    project.run(&[]).exits(2).complains("Usage: cachelint");
    project.run(&["chekc"]).exits(2).complains("check");
    project.run(&["check", "--format", "xml"]).exits(2).complains("concise");
    project.run(&["check", "--fail-on", "sometimes"]).exits(2).complains("warning");
    project.run(&["check", "--no-such-option"]).exits(2);
    project.run(&["check", "not-there"]).exits(2).complains("not-there is not there");
    project.run(&["migrate", "not-there"]).exits(2).complains("not-there is not there");
    project.run(&["migrate", "--yes", "--dry-run"]).exits(2);
    project.run(&["check", "--stdin-filename", ".env", "--fix"]).exits(2);
    assert_eq!(project.contents(), external().contents());
}

#[test]
fn errors_go_to_standard_error_and_nothing_else_is_printed() {
    let ran = external().run(&["check", "not-there"]).exits(2);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("cachelint: "), "{}", ran.stderr);
}

#[test]
fn a_rule_that_is_none_is_refused_with_the_nearest_name() {
    for option in ["--select", "--ignore"] {
        external().run(&["check", option, "external-redis-ur"]).exits(2).complains("did you mean external-redis-url?");
        external().run(&["check", option, "external-redis-url,nonsense"]).exits(2).complains("there is no rule nonsense");
    }
    external().run(&["explain", "missing-maxmemmory"]).exits(2).complains("did you mean missing-maxmemory?");
    external().run(&["explain", "zzz"]).exits(2).complains("cachelint rules");
}

#[test]
fn a_folder_without_a_compose_file_is_no_project() {
    let project = Project::new().file("README.md", "nothing here\n");
    project.run(&["check"]).exits(2).complains("no compose file");
    project.run(&["migrate", "--yes"]).exits(2).complains("no compose file");
    project.run(&["check", "README.md"]).exits(2).complains("README.md");
}

#[test]
fn help_and_version_are_no_errors() {
    let project = Project::new();
    project.run(&["--version"]).exits(0).quietly().says(concat!("cachelint ", env!("CARGO_PKG_VERSION")));
    for args in [
        &["--help"][..],
        &["check", "--help"],
        &["migrate", "--help"],
        &["rollback", "-h"],
        &["graph", "-h"],
        &["explain", "-h"],
        &["rules", "-h"],
    ] {
        project.run(args).exits(0).quietly().says("Usage: cachelint");
    }
}

#[test]
fn nobody_reading_the_output_is_no_error() {
    let project = external();
    for args in [
        &["check"][..],
        &["check", "--format", "json"],
        &["rules"],
        &["graph"],
        &["explain", "missing-maxmemory"],
        &["migrate", "--dry-run"],
    ] {
        let mut child = project.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the program ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{args:?}: {:?} {stderr}", output.status);
        assert_eq!(stderr, "", "{args:?}");
    }
}

// ── which projects ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_path_may_be_a_folder_a_compose_file_or_an_env_file() {
    let project = external();
    let expected = project.run(&["check", "--format", "concise"]).exits(1).stdout;
    for path in [".", "docker-compose.yml", ".env", "./docker-compose.yml"] {
        assert_eq!(project.run(&["check", "--format", "concise", path]).exits(1).stdout, expected, "{path}");
    }
    let absolute = project.root();
    let ran = project.run(&["check", "--format", "concise", &absolute.to_string_lossy()]).exits(1);
    assert_eq!(ran.stdout.lines().count(), expected.lines().count());
}

#[test]
fn folders_are_searched_and_what_others_brought_is_not() {
    let project = Project::new();
    for folder in ["apps/shop", "apps/blog", "node_modules/pkg", "vendor/x", "target/y", ".git/z", "ignored/w"] {
        project.write(format!("{folder}/docker-compose.yml"), APP);
        project.write(format!("{folder}/.env"), ENV);
    }
    project.write(".gitignore", "ignored/\n");
    std::fs::write(project.path(".git/HEAD"), "ref: refs/heads/main\n").expect("a writable file");
    let report = project.run(&["check", "--format", "json"]).exits(1).json();
    assert_eq!(roots(&report), ["apps/blog", "apps/shop"]);
    let twice = project.run(&["check", "--format", "json", ".", "apps/shop", "apps"]).exits(1).json();
    assert_eq!(roots(&twice), ["apps/blog", "apps/shop"], "a project that several paths lead to is checked once");
    let twice = project.run(&["check", "--format", "json", "apps/shop/docker-compose.yml", "apps/shop/.env"]).exits(1).json();
    assert_eq!(roots(&twice), ["apps/shop"]);
}

fn roots(report: &Value) -> Vec<&str> {
    report["projects"].as_array().expect("a list").iter().filter_map(|project| project["root"].as_str()).collect()
}

#[test]
fn rules_are_selected_and_left_out() {
    let project = external();
    let all = rules_in(&project.run(&["check", "--format", "concise"]));
    assert_eq!(all, ["external-redis-url", "missing-redis-service", "tls-mismatch"]);
    let args = ["check", "--format", "concise", "--select", "missing-redis-service"];
    assert_eq!(rules_in(&project.run(&args)), ["missing-redis-service"]);
    let args = ["check", "--format", "concise", "--ignore", "missing-redis-service"];
    assert_eq!(rules_in(&project.run(&args)), ["external-redis-url", "tls-mismatch"]);
    project.run(&["check", "--ignore", "missing-redis-service,external-redis-url,tls-mismatch"]).exits(0);
    project.run(&["check", "--select", "missing-redis-service", "--ignore", "missing-redis-service"]).exits(0);
}

#[test]
fn the_callers_environment_changes_nothing() {
    let project = external();
    let expected = project.run(&["check", "--format", "json"]);
    for (name, value) in [
        ("REDIS_URL", "redis://redis:6379/0"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("LANG", "C"),
        ("TZ", "Pacific/Kiritimati"),
        ("COMPOSE_FILE", "other.yml"),
        ("COMPOSE_PROJECT_NAME", "other"),
        ("RUST_LOG", "trace"),
        ("CLICOLOR_FORCE", "1"),
        ("COLUMNS", "40"),
        ("RAYON_NUM_THREADS", "1"),
    ] {
        let mut command = project.command(&["check", "--format", "json"]);
        command.env(name, value);
        assert_eq!(Ran::of(command), expected, "{name}={value}");
    }
}

#[test]
fn twenty_runs_print_the_same_bytes() {
    let project = Project::new();
    for at in 0..12 {
        project.write(format!("apps/a{at}/docker-compose.yml"), APP);
        project.write(format!("apps/a{at}/.env"), ENV);
    }
    for format in ["full", "concise", "json"] {
        let first = project.run(&["check", "--format", format]);
        for _ in 0..19 {
            assert_eq!(project.run(&["check", "--format", format]), first, "{format}");
        }
        let mut alone = project.command(&["check", "--format", format]);
        alone.env("RAYON_NUM_THREADS", "1");
        assert_eq!(Ran::of(alone), first, "{format}, one thread");
    }
    let plan = project.run(&["migrate", "--dry-run"]);
    assert_eq!(project.run(&["migrate", "--dry-run"]), plan);
}

// ── json ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/// The keys that interface.md names, with their types.
fn has_shape(value: &Value, shape: &[(&str, &str)]) {
    for (key, kind) in shape {
        let field = value.get(key).unwrap_or_else(|| panic!("no key {key} in {value}"));
        let fits = kind.split('|').any(|kind| match kind {
            "string" => field.is_string(),
            "number" => field.as_u64().is_some(),
            "list" => field.is_array(),
            "object" => field.is_object(),
            "null" => field.is_null(),
            other => panic!("{other} is no type"),
        });
        assert!(fits, "{key} is no {kind}: {field}");
    }
}

const FINDING: [(&str, &str); 12] = [
    ("rule", "string"),
    ("severity", "string"),
    ("subject", "object"),
    ("message", "string"),
    ("file", "string"),
    ("line", "number"),
    ("column", "number"),
    ("end_line", "number"),
    ("end_column", "number"),
    ("related", "list"),
    ("fix", "object|null"),
    ("fingerprint", "string"),
];

#[test]
fn the_json_report_has_the_shape_that_programs_rely_on() {
    let project = external();
    project.write("apps/web/compose.yaml", WARNING);
    let report = project.run(&["check", "--format", "json"]).exits(1).quietly().json();
    has_shape(&report, &[("schema", "number"), ("tool", "object"), ("projects", "list"), ("summary", "object")]);
    assert_eq!(report["schema"], 1);
    assert_eq!(report["tool"]["name"], "cachelint");
    assert_eq!(report["tool"]["version"], env!("CARGO_PKG_VERSION"));
    let (mut counts, mut fixable) = (std::collections::BTreeMap::new(), 0);
    for project in report["projects"].as_array().expect("a list") {
        let lists = [("root", "string"), ("files", "list"), ("findings", "list"), ("suppressed", "list"), ("unknown", "list")];
        has_shape(project, &lists);
        for finding in project["findings"].as_array().expect("a list") {
            has_shape(finding, &FINDING);
            let file = finding["file"].as_str().expect("a string");
            assert!(project["files"].as_array().expect("a list").iter().any(|name| name == file), "{file} is one of the files");
            assert!(Path::new(file).is_relative() && !file.contains('\\'), "{file}");
            for related in finding["related"].as_array().expect("a list") {
                has_shape(related, &[("file", "string"), ("line", "number"), ("column", "number"), ("message", "string")]);
            }
            if finding["fix"].is_object() {
                has_shape(&finding["fix"], &[("applicability", "string"), ("title", "string")]);
                assert!(matches!(finding["fix"]["applicability"].as_str(), Some("safe" | "unsafe")));
                fixable += 1;
            }
            *counts.entry(finding["severity"].as_str().expect("a string").to_owned()).or_insert(0) += 1;
        }
    }
    let summary = &report["summary"];
    let count = |severity: &str| counts.get(severity).copied().unwrap_or(0);
    assert_eq!(summary["projects"], 2);
    assert_eq!((&summary["errors"], &summary["warnings"]), (&Value::from(count("error")), &Value::from(count("warning"))));
    assert_eq!((&summary["infos"], &summary["fixable"]), (&Value::from(count("info")), &Value::from(fixable)));
    // Keys come in the order of the contract, so that a reader finds his way.
    let keys: Vec<&String> = report.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["schema", "tool", "projects", "summary"]);
}

#[test]
fn the_subject_names_what_applies_and_paths_are_relative_to_the_project() {
    let project = Project::new().file("apps/shop/docker-compose.yml", APP).file("apps/shop/.env", ENV);
    let report = project.run(&["check", "--format", "json"]).exits(1).json();
    let shop = &report["projects"][0];
    assert_eq!(shop["root"], "apps/shop");
    assert_eq!(shop["files"], serde_json::json!([".env", "docker-compose.yml"]).sorted_like(&shop["files"]));
    let finding = &shop["findings"][0];
    assert_eq!(finding["rule"], "external-redis-url");
    assert_eq!(finding["subject"], serde_json::json!({"service": "api", "variable": "REDIS_URL"}));
    assert_eq!((&finding["file"], &finding["line"]), (&Value::from(".env"), &Value::from(2)));
    assert_eq!(finding["related"][0]["file"], "docker-compose.yml");
    assert_eq!(finding["fix"]["applicability"], "unsafe");
}

trait SortedLike {
    fn sorted_like(self, other: &Value) -> Value;
}

impl SortedLike for Value {
    /// The same set in the other's order, where the order is not promised.
    fn sorted_like(self, other: &Value) -> Value {
        let own = self.as_array().cloned().unwrap_or_default();
        let same = other.as_array().is_some_and(|other| other.len() == own.len() && own.iter().all(|item| other.contains(item)));
        if same { other.clone() } else { self }
    }
}

#[test]
fn columns_count_characters_from_one() {
    let compose = "services:\n  redis:\n    image: redis:7-alpine\n  api:\n    image: example/api:1.0\n    environment: {NAME: \"Zoë 🔑\", REDIS_URL: \"redis://203.0.113.10:6379/0\"}\n";
    let project = Project::new().compose(compose);
    let report = project.run(&["check", "--format", "json", "--select", "external-redis-url"]).exits(1).json();
    let finding = &report["projects"][0]["findings"][0];
    let line = compose.lines().nth(5).expect("the line");
    let column = line[..line.find("203").expect("the host")].chars().count() + 1;
    assert_eq!((&finding["line"], &finding["column"]), (&Value::from(6), &Value::from(column)));
    let end = column + "203.0.113.10".len();
    assert_eq!((&finding["end_line"], &finding["end_column"]), (&Value::from(6), &Value::from(end)));
    let concise = project.run(&["check", "--format", "concise", "--select", "external-redis-url"]).exits(1);
    assert!(concise.stdout.starts_with(&format!("docker-compose.yml:6:{column}: error[")), "{}", concise.stdout);
}

#[test]
fn what_cannot_be_known_is_listed_and_is_no_finding() {
    let project = Project::new().compose(APP);
    let report = project.run(&["check", "--format", "json"]).exits(0).json();
    let unknown = &report["projects"][0]["unknown"][0];
    assert_eq!(unknown["subject"], serde_json::json!({"service": "api", "variable": "REDIS_URL"}));
    has_shape(unknown, &[("subject", "object"), ("reason", "string"), ("file", "string"), ("line", "number")]);
    assert_eq!(unknown["line"], 6);
    project.run(&["check", "-v"]).exits(0).says("REDIS_URL");
}

#[test]
fn fingerprints_outlive_lines_that_move() {
    let print = |project: &Project| {
        let report = project.run(&["check", "--format", "json", "--select", "external-redis-url"]).exits(1).json();
        report["projects"][0]["findings"][0]["fingerprint"].as_str().expect("a string").to_owned()
    };
    let moved = Project::new().compose(&format!("# one more line\n{APP}")).env(&format!("A=1\nB=2\n{ENV}"));
    assert_eq!(print(&external()), print(&moved));
}

// ── standard input ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn one_file_comes_from_standard_input_and_its_neighbours_from_disk() {
    let project = external();
    let args = ["check", "--format", "concise", "--stdin-filename", ".env"];
    project
        .run_with(&args, b"REDIS_URL=redis://198.51.100.9:6379\n")
        .exits(1)
        .says(".env:1:19: error[external-redis-url] REDIS_URL leads to 198.51.100.9");
    let ran = project.run_with(&args, b"REDIS_URL=redis://redis:6379\n").exits(1);
    assert_eq!(rules_in(&ran), ["missing-redis-service"]);

    let args = ["check", "--format", "concise", "--stdin-filename", "docker-compose.yml"];
    project.run_with(&args, b"services:\n  web:\n    image: example/web:1.0\n").exits(1).says(".env:2:");
    project
        .run_with(&args, b"services:\n  web:\n\timage: x\n")
        .exits(1)
        .says("docker-compose.yml:3:1: error[invalid-compose-file]");
    assert_eq!(project.contents(), external().contents(), "nothing is written");
}

#[test]
fn a_file_from_standard_input_need_not_be_on_disk() {
    let project = Project::new().file("notes.txt", "x\n");
    let args = ["check", "--format", "concise", "--stdin-filename", "compose.yaml"];
    project.run_with(&args, WARNING.as_bytes()).exits(1).says("compose.yaml:6:3: warning[missing-redis-dependency]");
    project
        .run_with(&["check", "--diff", "--stdin-filename", "compose.yaml"], WARNING.as_bytes())
        .exits(1)
        .says("+    depends_on:");
    assert!(!project.path("compose.yaml").exists());
}

#[test]
fn standard_input_that_is_no_text_is_answered() {
    let project = external();
    for input in [&b"\xff\xfe\x00"[..], b"", b"\0\0\0", b"{{{{"] {
        let ran = project.run_with(&["check", "--format", "concise", "--stdin-filename", "docker-compose.yml"], input);
        assert!(matches!(ran.code, Some(1 | 2)), "{:?} {}", ran.code, ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    }
}

// ── fixes ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_diff_shows_the_edits_and_writes_nothing() {
    let project = warning();
    project.run(&["check", "--diff"]).exits(1).says("--- a/docker-compose.yml").says("+        condition: service_healthy");
    assert_eq!(project.contents(), warning().contents());
    assert!(!project.path(support::BACKUPS).exists());
    // No safe fix: no edits, so nothing would change.
    let ran = external().run(&["check", "--diff"]).exits(0);
    assert_eq!(ran.stdout, "");
    external().run(&["check", "--diff", "--unsafe-fixes"]).exits(1).says("--- a/.env");
}

#[test]
fn a_diff_can_be_applied_by_patch() {
    let project = warning();
    let diff = project.run(&["check", "--diff"]).exits(1).stdout;
    project.write("edits.diff", &diff);
    let patched =
        std::process::Command::new("patch").args(["-p1", "-s", "-i", "edits.diff"]).current_dir(project.root()).status();
    let Ok(status) = patched else { return };
    assert!(status.success(), "{diff}");
    project.run(&["check", "--fail-on", "info"]).exits(0);
}

#[test]
fn safe_fixes_are_applied_and_unsafe_ones_only_when_asked_for() {
    let project = warning();
    project.run(&["check", "--fix"]).exits(0);
    assert!(project.read("docker-compose.yml").contains("condition: service_healthy"));
    let project = external();
    project.run(&["check", "--fix"]).exits(1);
    assert_eq!(project.contents(), external().contents());
    project.run(&["check", "--fix", "--unsafe-fixes"]).exits(0);
    assert!(project.read(".env").contains("REDIS_URL=redis://redis:6379/0\n"));
    project.run(&["check", "--fail-on", "info"]).exits(0);
}

#[test]
fn fixes_of_selected_rules_only() {
    let project = Project::new().compose(&WARNING.replace("\"-e\", ", ""));
    project.run(&["check", "--fix", "--select", "misleading-healthcheck"]).exits(0);
    let text = project.read("docker-compose.yml");
    assert!(text.contains("-e") && !text.contains("depends_on"), "{text}");
}

#[test]
fn fixed_files_keep_everything_else() {
    let before = WARNING.replace('\n', "\r\n");
    let project = Project::new().compose(&before);
    project.run(&["check", "--fix"]).exits(0);
    let after = project.read("docker-compose.yml");
    assert!(after.starts_with(&before), "{after:?}");
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count(), "{after:?}");
}

// ── migrate ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_dry_run_shows_plan_and_diff_and_writes_nothing() {
    let project = external();
    let ran = project.run(&["migrate", "--dry-run"]).exits(1).quietly();
    ran.says("Point REDIS_URL at the service redis").says("+++ b/docker-compose.yml").says("+  redis:");
    assert_eq!(project.contents(), external().contents());
    assert!(!project.path(support::BACKUPS).exists());
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_written() {
    let project = external();
    project.run(&["migrate"]).exits(1).complains("--yes");
    project.run_with(&["migrate"], b"y\n").exits(1).complains("--yes");
    assert_eq!(project.contents(), external().contents());
}

#[test]
fn a_second_migration_changes_nothing() {
    for project in [external(), warning(), Project::copy_of("tests/projects/postiz-stack")] {
        project.run(&["migrate", "--yes"]).exits(0).quietly();
        let once = project.contents();
        project.run(&["check", "--fail-on", "info"]).exits(0);
        let ran = project.run(&["migrate", "--yes"]).exits(0).quietly();
        assert_eq!(ran.stdout, "Nothing to change.\n");
        let ran = project.run(&["migrate", "--dry-run"]).exits(0);
        assert_eq!(ran.stdout, "Nothing to change.\n");
        assert!(project.contents() == once, "the second migration changed something");
    }
}

#[test]
fn what_was_written_can_be_put_back() {
    let project = Project::copy_of("tests/projects/postiz-stack");
    let before = project.contents();
    let wrote = project.run(&["migrate", "--yes"]).exits(0);
    wrote.says("cachelint rollback").says(".cachelint/backup/");
    assert!(project.contents() != before);
    project.run(&["rollback"]).exits(0).says("restored .env").says("restored docker-compose.yml");
    assert!(project.contents() == before, "rollback restores the bytes");
    project.run(&["rollback"]).exits(2).complains("nothing to roll back");
}

#[test]
fn two_writes_are_put_back_one_by_one() {
    let project = external();
    let first = project.contents();
    project.run(&["check", "--fix", "--unsafe-fixes", "--select", "external-redis-url", "--fail-on", "never"]).exits(0);
    let second = project.contents();
    project.run(&["migrate", "--yes"]).exits(0);
    project.run(&["rollback"]).exits(0);
    assert!(project.contents() == second);
    project.run(&["rollback"]).exits(0);
    assert!(project.contents() == first);
}

#[test]
fn a_file_that_was_edited_since_is_not_overwritten_by_a_rollback() {
    let project = external();
    project.run(&["migrate", "--yes"]).exits(0);
    project.write(".env", "REDIS_URL=redis://redis:6379/0\nMINE=1\n");
    let edited = project.contents();
    project.run(&["rollback"]).exits(2).complains(".env");
    assert!(project.contents() == edited);
}

#[test]
fn the_plan_as_json() {
    let project = external();
    let plan = project.run(&["migrate", "--dry-run", "--format", "json"]).exits(1).quietly().json();
    assert_eq!(plan["schema"], 1);
    let one = &plan["projects"][0];
    assert_eq!(one["root"], ".");
    assert_eq!(one["files"], serde_json::json!([".env", "docker-compose.yml"]));
    for step in one["steps"].as_array().expect("a list") {
        has_shape(step, &[("title", "string"), ("applicability", "string"), ("files", "list")]);
    }
    assert!(one["diff"].as_str().expect("a string").contains("+  redis:"));
    assert!(!one["steps"].as_array().expect("a list").is_empty());
    let written = external();
    written.run(&["migrate", "--yes", "--format", "json"]).exits(0).json();
}

/// The compose file after `migrate --yes` with more options.
fn migrated(project: &Project, options: &[&str]) -> String {
    project.run(&[&["migrate", "--yes"], options].concat()).exits(0);
    project.run(&["check", "--fail-on", "info"]).exits(0);
    project.read("docker-compose.yml")
}

#[test]
fn each_choice_is_seen_in_the_result() {
    let plain = migrated(&external(), &[]);
    for part in ["image: redis:7-alpine", "\"256mb\"", "mem_limit: 640m", "\"allkeys-lru\"", "\n  redis:\n"] {
        assert!(plain.contains(part), "{part} in\n{plain}");
    }
    let memory = migrated(&external(), &["--memory", "100mb"]);
    assert!(memory.contains("\"100mb\"") && memory.contains("mem_limit: 250m") && !memory.contains("256mb"), "{memory}");
    let memory = migrated(&external(), &["--memory", "1gb"]);
    assert!(memory.contains("\"1gb\"") && memory.contains("mem_limit: 2560m"), "{memory}");
    assert!(migrated(&external(), &["--eviction", "noeviction"]).contains("\"noeviction\""));
    let image = migrated(&external(), &["--image", "valkey/valkey:8-alpine"]);
    assert!(image.contains("image: valkey/valkey:8-alpine") && image.contains("valkey-cli ping | grep -q PONG"), "{image}");
    assert!(migrated(&external(), &["--image", "redis:8-alpine"]).contains("image: redis:8-alpine"));
    let project = external();
    let named = migrated(&project, &["--service", "shop-redis"]);
    assert!(named.contains("\n  shop-redis:\n") && !named.contains("\n  redis:\n"), "{named}");
    assert!(project.read(".env").contains("REDIS_URL=redis://shop-redis:6379/0\n"));
}

#[test]
fn the_eviction_policy_follows_a_queue_and_the_user() {
    let queue = || Project::new().compose(&APP.replace("example/api:1.0", "example/api:1.0\n    command: rq worker")).env(ENV);
    assert!(migrated(&queue(), &[]).contains("\"noeviction\""));
    queue().run(&["migrate", "--dry-run"]).exits(1).says("RQ").says("docker-compose.yml:5");
    // Decided by hand: it is written, and `check` says what it means.
    let by_hand = queue();
    by_hand.run(&["migrate", "--yes", "--eviction", "lru"]).exits(0);
    assert!(by_hand.read("docker-compose.yml").contains("\"allkeys-lru\""));
    by_hand.run(&["check", "--fail-on", "info"]).exits(1).says("eviction-drops-jobs");
    assert!(migrated(&external(), &["--eviction", "auto"]).contains("\"allkeys-lru\""));
}

#[test]
fn the_index_follows_the_policy() {
    let url = |options: &[&str], env: &str| {
        let project = Project::new().compose(&APP.replace("# from .env", "\n      CACHE_URL: ${CACHE_URL:-}")).env(env);
        project.run(&[&["migrate", "--yes"], options].concat()).exits(0);
        project.read(".env")
    };
    let one = "REDIS_URL=redis://203.0.113.10:6379/3\n";
    assert_eq!(url(&[], one), "REDIS_URL=redis://redis:6379/0\n");
    assert_eq!(url(&["--db", "keep"], one), "REDIS_URL=redis://redis:6379/3\n");
    let two = "REDIS_URL=redis://203.0.113.10:6379/3\nCACHE_URL=redis://203.0.113.10:6379/4\n";
    assert_eq!(url(&[], two), two.replace("203.0.113.10", "redis"));
    assert_eq!(url(&["--db", "zero"], two), "REDIS_URL=redis://redis:6379/0\nCACHE_URL=redis://redis:6379/0\n");
}

#[test]
fn choices_that_cannot_be_are_refused() {
    for args in [
        ["--memory", "lots"],
        ["--memory", "0"],
        ["--memory", "12"],
        ["--image", "redis 7"],
        ["--image", ""],
        ["--service", "a b"],
        ["--service", "../x"],
        ["--eviction", "random"],
        ["--db", "7"],
    ] {
        let project = external();
        project.run(&["migrate", "--yes", args[0], args[1]]).exits(2).complains(args[0]);
        assert_eq!(project.contents(), external().contents(), "{args:?}");
    }
}

#[test]
fn several_servers_are_told_apart_by_the_service_option() {
    let compose = "services:\n  redis-a:\n    image: redis:7-alpine\n  redis-b:\n    image: redis:7-alpine\n  api:\n    image: example/api:1.0\n    environment:\n      REDIS_URL: redis://203.0.113.10:6379/0\n";
    let project = Project::new().compose(compose);
    project.run(&["migrate", "--dry-run"]).says("--service").says("Left for you");
    project.run(&["migrate", "--yes", "--service", "redis-b"]).exits(0);
    assert!(project.read("docker-compose.yml").contains("REDIS_URL: redis://redis-b:6379/0"));
}

#[test]
fn comments_and_order_stay_where_they_are() {
    let project = Project::copy_of("tests/projects/postiz-stack");
    let before = project.read("docker-compose.yml");
    project.run(&["migrate", "--yes"]).exits(0);
    let after = project.read("docker-compose.yml");
    let mut lines = after.lines();
    let changed = ["      - postgres", "      - api"];
    for line in before.lines().filter(|line| !changed.contains(line)) {
        assert!(lines.any(|other| other == line), "{line:?} is gone or has moved");
    }
    for comment in before.lines().filter(|line| line.trim_start().starts_with('#')) {
        assert!(after.contains(comment));
    }
}

#[test]
fn a_project_that_compose_rejects_is_not_rewritten() {
    let project = Project::new().compose(&format!("{APP}    depends_on: [nobody]\n")).env(ENV);
    let before = project.contents();
    project.run(&["migrate", "--yes"]).exits(1).says("nobody");
    assert!(project.contents() == before);
}

// ── git ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

fn git(project: &Project, args: &[&str]) -> bool {
    let mut git = std::process::Command::new("git");
    git.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]);
    git.args(args).current_dir(project.root()).stdout(Stdio::null()).stderr(Stdio::null());
    git.status().is_ok_and(|status| status.success())
}

#[test]
fn uncommitted_changes_are_not_mixed_with_the_rewrite() {
    let project = external();
    if !git(&project, &["init", "-q"]) {
        return;
    }
    assert!(git(&project, &["add", "docker-compose.yml"]) && git(&project, &["commit", "-q", "-m", "start"]));
    project.write("docker-compose.yml", APP.replace("# The shop", "# The shop, edited"));
    let before = project.contents();
    project.run(&["migrate", "--yes"]).exits(2).complains("docker-compose.yml has changes").complains("--allow-dirty");
    assert!(project.contents() == before);
    project.run(&["migrate", "--dry-run"]).exits(1);
    project.run(&["migrate", "--yes", "--allow-dirty"]).exits(0);
    assert!(project.read("docker-compose.yml").contains("# The shop, edited"));
    // The backup holds the old password: git does not take it.
    assert!(git(&project, &["add", "-A"]));
    let listed = std::process::Command::new("git").args(["ls-files"]).current_dir(project.root()).output().expect("git");
    assert!(!String::from_utf8_lossy(&listed.stdout).contains(support::BACKUPS));
}

#[test]
fn committed_and_untracked_files_are_rewritten() {
    let project = external();
    if !git(&project, &["init", "-q"]) {
        return;
    }
    assert!(git(&project, &["add", "docker-compose.yml"]) && git(&project, &["commit", "-q", "-m", "start"]));
    project.run(&["migrate", "--yes"]).exits(0);
}

// ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("the file is there").mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("the file is mine");
    }

    #[test]
    fn modes_stay_and_backups_are_private() {
        let project = external();
        set_mode(&project.path(".env"), 0o600);
        set_mode(&project.path("docker-compose.yml"), 0o664);
        project.run(&["migrate", "--yes"]).exits(0);
        assert_eq!((mode(&project.path(".env")), mode(&project.path("docker-compose.yml"))), (0o600, 0o664));
        let backups = project.path(support::BACKUPS);
        let backups = backups.join("backup");
        for file in support::files_below(&backups) {
            assert_eq!(mode(&backups.join(&file)), 0o600, "{}", file.display());
        }
        assert_eq!(mode(&backups), 0o700);
        project.run(&["rollback"]).exits(0);
        assert_eq!((mode(&project.path(".env")), mode(&project.path("docker-compose.yml"))), (0o600, 0o664));
        assert_eq!(project.contents(), external().contents());
    }

    #[test]
    fn a_link_is_followed_and_stays_a_link() {
        let project = Project::new().compose(APP).file("secrets/shop.env", ENV);
        symlink("secrets/shop.env", project.path(".env")).expect("a new link");
        project.run(&["migrate", "--yes"]).exits(0);
        assert_eq!(std::fs::read_link(project.path(".env")).expect("still a link"), Path::new("secrets/shop.env"));
        assert_eq!(project.read("secrets/shop.env"), "# Settings\nREDIS_URL=redis://redis:6379/0\n");
        project.run(&["rollback"]).exits(0);
        assert_eq!(project.read("secrets/shop.env"), ENV);
        assert!(std::fs::symlink_metadata(project.path(".env")).expect("there").file_type().is_symlink());
    }

    #[test]
    fn two_names_of_one_file_are_written_once() {
        let project =
            Project::new().compose(&APP.replace("    environment:", "    env_file: [shop.env]\n    environment:")).env(ENV);
        symlink(".env", project.path("shop.env")).expect("a new link");
        project.run(&["migrate", "--yes"]).exits(0);
        assert_eq!(project.read(".env"), "# Settings\nREDIS_URL=redis://redis:6379/0\n");
    }

    #[test]
    fn a_folder_that_may_not_be_written_stops_everything() {
        let project = external();
        set_mode(&project.root(), 0o500);
        let binds = std::fs::write(project.path("probe"), "x").is_err();
        if binds {
            let ran = project.run(&["migrate", "--yes"]).exits(2);
            assert!(ran.stderr.contains("nothing was written"), "{}", ran.stderr);
        }
        set_mode(&project.root(), 0o700);
        if binds {
            assert_eq!(project.contents(), external().contents());
        }
    }
}

#[test]
fn a_write_that_fails_leaves_everything_as_it_was() {
    let project = external();
    // Where the backups would go stands a file.
    project.write(support::BACKUPS, "in the way\n");
    let before = project.contents();
    let ran = project.run(&["migrate", "--yes"]).exits(2);
    assert!(ran.stderr.contains("nothing was written"), "{}", ran.stderr);
    assert!(project.contents() == before);
    assert_eq!(support::names_in(&project.root()), [".cachelint", ".env", "docker-compose.yml"], "no temporary file is left");
}

#[test]
fn no_temporary_file_is_left_behind() {
    let project = external();
    project.run(&["migrate", "--yes"]).exits(0);
    assert_eq!(support::names_in(&project.root()), [".cachelint", ".env", "docker-compose.yml"]);
}

// ── rules and output ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn the_list_of_rules_for_programs() {
    let rules = Project::new().run(&["rules", "--format", "json"]).exits(0).quietly().json();
    let rules = rules.as_array().expect("a list");
    assert_eq!(rules.len(), cachelint::rules::RULES.len());
    for rule in rules {
        has_shape(
            rule,
            &[("name", "string"), ("group", "string"), ("severity", "string"), ("fix", "string"), ("summary", "string")],
        );
    }
    let text = Project::new().run(&["rules"]).exits(0).quietly().stdout;
    assert!(rules.iter().all(|rule| text.contains(rule["name"].as_str().expect("a string"))));
}

#[test]
fn colour_comes_only_when_asked_for() {
    let project = external();
    for format in ["full", "concise", "json"] {
        let plain = project.run(&["check", "--format", format]);
        assert!(!plain.stdout.contains('\u{1b}'), "{format}: output that is no terminal has no colour");
        let never = project.run(&["check", "--format", format, "--color", "never"]);
        assert_eq!(never, plain);
    }
    assert!(project.run(&["check", "--color", "always"]).stdout.contains('\u{1b}'));
    assert!(!project.run(&["check", "--color", "always", "--format", "json"]).stdout.contains('\u{1b}'));
    assert!(project.run(&["migrate", "--dry-run", "--color", "always"]).stdout.contains('\u{1b}'));
}

#[test]
fn quiet_and_verbose() {
    let clean = Project::new().compose("services:\n  web:\n    image: example/web:1.0\n");
    assert_eq!(clean.run(&["check", "-q"]).exits(0).stdout, "");
    external().run(&["check", "-q"]).exits(1).says("external-redis-url");
    external().run(&["check", "-q", "-v"]).exits(2);
}

#[test]
fn the_program_runs_without_home_and_without_git() {
    let project = external();
    let mut command = program();
    command.args(["migrate", "--yes"]).current_dir(project.root()).env("PATH", "/nonexistent");
    Ran::of(command).exits(0);
}
