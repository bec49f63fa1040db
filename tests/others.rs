//! The compose files of a folder that Compose reads only when they are named: `check` looks at each as what it is, tells nothing twice,
//! and no command rewrites them unasked.

mod support;

use serde_json::{Value, json};
use support::{Project, Ran};

const BASE: &str = "\
services:
  api:
    image: example/api:1.0
    environment:
      REDIS_URL: ${REDIS_URL}
";
const ENV: &str = "REDIS_URL=redis://203.0.113.10:6379/0\n";
/// A service of the base, with one connection more.
const OVERLAY: &str = "\
services:
  api:
    environment:
      CACHE_REDIS_URL: redis://203.0.113.11:6379/0
";
/// Complete in itself.
const ALONE: &str = "\
services:
  tool:
    image: example/tool:1.0
    environment:
      REDIS_URL: ${REDIS_URL}
      TOOL_REDIS_URL: redis://203.0.113.12:6379/0
";
/// Of a service that no file here says what it runs.
const FRAGMENT: &str = "\
services:
  absent:
    depends_on: [elsewhere]
    networks: [outer]
    environment:
      DEV_REDIS_URL: redis://203.0.113.13:6379/0
";

fn folder() -> Project {
    Project::new()
        .file("compose.yaml", BASE)
        .file("compose.prod.yaml", OVERLAY)
        .file("compose.tools.yaml", ALONE)
        .file("compose.dev.yaml", FRAGMENT)
        .env(ENV)
}

fn report(project: &Project) -> Value {
    project.run(&["check", "--format", "json"]).json()
}

/// The part of the report with this file at its end.
fn part<'a>(report: &'a Value, file: &str) -> &'a Value {
    let projects = report["projects"].as_array().expect("a list");
    let ends_so = |project: &&Value| project["files"].as_array().expect("a list").last() == Some(&Value::from(file));
    projects.iter().find(ends_so).unwrap_or_else(|| panic!("no {file} in {report:#}"))
}

/// `rule file:line` of each finding.
fn findings(part: &Value) -> Vec<String> {
    let all = part["findings"].as_array().expect("a list");
    let one = |finding: &Value| {
        let word = |key: &str| finding[key].as_str().expect("a string").to_owned();
        format!("{} {}:{}", word("rule"), word("file"), finding["line"])
    };
    all.iter().map(one).collect()
}

fn places(ran: &Ran) -> Vec<&str> {
    ran.stdout.lines().filter_map(|line| line.split(": ").next()).collect()
}

#[test]
fn each_is_looked_at_as_what_it_is() {
    let report = report(&folder());
    assert_eq!(report["summary"]["projects"], 4);
    let roles: Vec<&Value> = report["projects"].as_array().expect("a list").iter().map(|part| &part["role"]).collect();
    assert_eq!(roles, ["default", "fragment", "overlay", "alone"]);
    assert_eq!(part(&report, "compose.prod.yaml")["files"], json!([".env", "compose.yaml", "compose.prod.yaml"]));
    assert_eq!(part(&report, "compose.tools.yaml")["files"], json!([".env", "compose.tools.yaml"]));
    assert_eq!(findings(part(&report, "compose.yaml")), ["external-redis-url .env:1", "missing-redis-service compose.yaml:2"]);
    assert_eq!(findings(part(&report, "compose.prod.yaml")), ["external-redis-url compose.prod.yaml:4"]);
    assert_eq!(
        findings(part(&report, "compose.tools.yaml")),
        ["missing-redis-service compose.tools.yaml:2", "external-redis-url compose.tools.yaml:6"]
    );
}

#[test]
fn the_headings_say_what_each_is() {
    let shown = folder().run(&["check"]).exits(1).quietly();
    for heading in [
        ".  (.env, compose.yaml)\n",
        ".  (.env, compose.yaml, compose.prod.yaml) (the last one over the others; read only when it is named by -f)\n",
        ".  (.env, compose.tools.yaml) (a project of its own; read only when it is named by -f)\n",
        ".  (.env, compose.dev.yaml) (a fragment; the file that it goes over is not here)\n",
    ] {
        assert_eq!(shown.stdout.matches(heading).count(), 1, "{heading} in\n{}", shown.stdout);
    }
    shown.says("-f compose.yaml -f compose.prod.yaml");
}

#[test]
fn a_fragment_is_not_blamed_for_what_its_base_may_bring() {
    let report = report(&folder());
    let fragment = part(&report, "compose.dev.yaml");
    assert_eq!(findings(fragment), ["external-redis-url compose.dev.yaml:6"]);
    // Without any base in the folder it is the same.
    let alone = Project::new().file("compose.dev.yaml", FRAGMENT.replace("redis://203.0.113.13:6379/0", "redis://cache:6379/0"));
    let ran = alone.run(&["check", "--format", "json", "--fail-on", "info"]).exits(0);
    let fragment = &ran.json()["projects"][0];
    assert_eq!(fragment["role"], "fragment");
    let unknown = fragment["unknown"].as_array().expect("a list");
    let lines: Vec<&Value> = unknown.iter().map(|unknown| &unknown["line"]).collect();
    assert!(
        unknown.iter().all(|unknown| unknown["file"] == "compose.dev.yaml") && lines.contains(&&Value::from(6)),
        "{unknown:?}"
    );
    alone.run(&["check", "-v"]).exits(0).says("DEV_REDIS_URL");
}

#[test]
fn a_fragment_that_is_broken_in_itself_is_a_finding() {
    for (text, line) in [("services: [\n", 1), (&*FRAGMENT.replace("depends_on", "dependson"), 3)] {
        let project = Project::new().file("compose.yaml", BASE).file("compose.dev.yaml", text);
        let ran = project.run(&["check", "--format", "concise", "--select", "invalid-compose-file"]).exits(1);
        assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
        ran.says(&format!("compose.dev.yaml:{line}:")).says("error[invalid-compose-file]");
    }
}

#[test]
fn what_the_base_reads_anyway_is_no_other_file() {
    let project = Project::new()
        .file(
            "compose.yaml",
            "include: [compose.cache.yaml]\nservices:\n  api:\n    extends: {file: compose.common.yaml, service: base}\n",
        )
        .file(
            "compose.cache.yaml",
            "services:\n  cache:\n    image: x\n    environment: {REDIS_URL: 'redis://203.0.113.10:6379/0'}\n",
        )
        .file(
            "compose.common.yaml",
            "services:\n  base:\n    image: x\n    environment: {REDIS_URL: 'redis://203.0.113.11:6379/0'}\n",
        );
    let report = report(&project);
    assert_eq!(report["summary"]["projects"], 1);
    assert_eq!(
        findings(&report["projects"][0]),
        [
            "external-redis-url compose.cache.yaml:4",
            "external-redis-url compose.common.yaml:4",
            "missing-redis-service compose.yaml:3"
        ]
    );
}

#[test]
fn what_several_files_share_is_told_once() {
    let project = Project::new().file("compose.yaml", BASE).env(ENV);
    for name in ["a", "b", "c"] {
        project.write(format!("compose.{name}.yaml"), BASE.replace("api", name));
    }
    let ran = project.run(&["check", "--format", "concise", "--select", "external-redis-url"]).exits(1);
    assert_eq!(places(&ran), [".env:1:19"]);
    // Where only the others read the line, it is told of the first of them.
    project.write("compose.yaml", "services:\n  web:\n    image: x\n");
    let ran = project.run(&["check", "--format", "concise", "--select", "external-redis-url"]).exits(1);
    assert_eq!(places(&ran).iter().filter(|place| **place == ".env:1:19").count(), 1, "{}", ran.stdout);
}

#[test]
fn no_finding_stands_in_two_parts_of_a_report() {
    for project in [folder(), folder().file("compose.prod2.yaml", OVERLAY.replace(".11", ".21")).file("compose.x.yaml", ALONE)] {
        let ran = project.run(&["check", "--format", "concise"]).exits(1);
        let mut lines: Vec<&str> = ran.stdout.lines().collect();
        let count = lines.len();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), count, "{}", ran.stdout);
        assert!(lines.iter().any(|line| line.starts_with("compose.prod.yaml:4:")), "{}", ran.stdout);
    }
}

/// The files beside the default project that are not as they were.
fn touched(project: &Project, before: &std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>) -> Vec<String> {
    let after = project.contents();
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "no file comes or goes");
    after.iter().filter(|(path, bytes)| before[*path] != **bytes).map(|(path, _)| path.display().to_string()).collect()
}

#[test]
fn unnamed_files_are_rewritten_by_no_command() {
    for args in [&["migrate", "--yes"][..], &["check", "--fix", "--unsafe-fixes"]] {
        let project = folder();
        let before = project.contents();
        project.run(args);
        assert_eq!(touched(&project, &before), [".env", "compose.yaml"], "{args:?}");
    }
    let project = folder();
    let plan = project.run(&["migrate", "--dry-run", "--format", "json"]).exits(1).json();
    assert_eq!(plan["projects"][0]["files"], json!([".env", "compose.yaml"]));
    assert_eq!(plan["projects"].as_array().map(Vec::len), Some(1));
    let diff = project.run(&["check", "--diff", "--unsafe-fixes"]).exits(1).stdout;
    assert!(diff.contains("+++ b/compose.yaml") && !diff.contains("compose.prod.yaml"), "{diff}");
}

#[test]
fn files_that_are_named_are_rewritten_together() {
    let named = ["-f", "compose.yaml", "-f", "compose.prod.yaml"];
    for args in [&["migrate", "--yes"][..], &["check", "--fix", "--unsafe-fixes"]] {
        let project = folder();
        let before = project.contents();
        project.run(&[args, &named].concat()).exits(0);
        assert_eq!(touched(&project, &before), [".env", "compose.prod.yaml", "compose.yaml"], "{args:?}");
        let after = project.read("compose.prod.yaml");
        assert!(after.contains("CACHE_REDIS_URL: redis://redis:6379/") && !after.contains("203.0.113"), "{after}");
        project.run(&[&["check", "--fail-on", "info"], &named[..]].concat()).exits(0);
        project.run(&["rollback"]).exits(0);
        assert!(project.contents() == before, "{args:?}");
    }
}

#[test]
fn a_path_to_one_of_them_means_that_one_alone() {
    let project = folder();
    let ran = project.run(&["check", "--format", "concise", "compose.tools.yaml"]).exits(1);
    assert!(!ran.stdout.contains("compose.yaml") && ran.stdout.contains("compose.tools.yaml:6:"), "{}", ran.stdout);
    project.run(&["graph", "compose.tools.yaml"]).exits(0).says("TOOL_REDIS_URL");
    let before = project.contents();
    project.run(&["migrate", "--yes", "compose.tools.yaml"]).exits(0);
    assert_eq!(touched(&project, &before), [".env", "compose.tools.yaml"]);
}

#[test]
fn a_folder_where_compose_reads_nothing_by_itself() {
    let project = Project::new().file("docker-compose.prod.yml", BASE).env(ENV);
    let before = project.contents();
    let ran = project.run(&["check", "--format", "concise"]).exits(1);
    let mut found = places(&ran);
    found.sort_unstable();
    assert_eq!(found, [".env:1:19", "docker-compose.prod.yml:2:3"]);
    for args in [&["migrate", "--yes"][..], &["migrate", "--dry-run"], &["migrate"]] {
        let ran = project.run(args).exits(0).complains("that docker compose reads by itself").complains("-f FILE");
        assert_eq!(ran.stdout, "Nothing to change.\n", "{args:?}");
    }
    let plan = project.run(&["migrate", "--dry-run", "--format", "json"]).exits(0).json();
    assert_eq!(plan["projects"], json!([]));
    for args in [&["check", "--fix"][..], &["check", "--diff"], &["graph"]] {
        let ran = project.run(args).exits(2).complains("-f FILE");
        assert_eq!(ran.stdout, "", "{args:?}");
    }
    assert!(project.contents() == before);
    project.run(&["migrate", "--yes", "-f", "docker-compose.prod.yml"]).exits(0);
    assert!(project.contents() != before);
}

#[test]
fn a_file_that_waits_for_what_is_not_here_is_not_told_to_run_a_redis() {
    let part = "services:\n  api:\n    image: example/api:1.0\n    depends_on: [redis]\n    environment:\n      REDIS_URL: redis://redis:6379/0\n";
    let project = Project::new().file("compose.apps.yaml", part);
    let ran = project.run(&["check", "--format", "concise", "-f", "compose.apps.yaml"]).exits(1);
    assert!(ran.stdout.contains("invalid-compose-file") && !ran.stdout.contains("missing-redis-service"), "{}", ran.stdout);
}
