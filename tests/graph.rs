//! `graph` on the example and on the projects without a fault, in every format: `tests/graph/<case>.{txt,mmd,dot,json}`.
//!
//! `UPDATE=1 cargo test --test graph` rewrites them: read what changed before you commit it.

mod support;

use std::path::PathBuf;
use support::{Project, is_update, names_in, repository};

/// The formats with the endings of their files.
const FORMATS: [(&str, &str); 4] = [("text", "txt"), ("mermaid", "mmd"), ("dot", "dot"), ("json", "json")];

/// The cases by name, with the folder of the project.
fn cases() -> Vec<(String, PathBuf)> {
    let projects = repository().join("tests/projects");
    let clean = names_in(&projects.join("clean")).into_iter().map(|name| (name.clone(), projects.join("clean").join(name)));
    std::iter::once(("postiz-stack".to_owned(), projects.join("postiz-stack"))).chain(clean).collect()
}

#[test]
fn every_format_shows_what_is_expected() {
    let folder = repository().join("tests/graph");
    let mut wrong = Vec::new();
    let mut known = Vec::new();
    for (name, project) in cases() {
        let project = Project::copy_of(project);
        for (format, ending) in FORMATS {
            let ran = project.run(&["graph", "--format", format]).exits(0).quietly();
            let file = format!("{name}.{ending}");
            let path = folder.join(&file);
            if is_update() {
                std::fs::create_dir_all(&folder).expect("a new folder");
                std::fs::write(&path, &ran.stdout).expect("a writable file");
            } else if std::fs::read_to_string(&path).unwrap_or_default() != ran.stdout {
                wrong.push(format!("── {file}\n{}", ran.stdout));
            }
            known.push(file);
        }
    }
    let stray: Vec<String> = names_in(&folder).into_iter().filter(|file| !known.contains(file)).collect();
    assert!(stray.is_empty(), "of no case: {stray:?}");
    assert!(wrong.is_empty(), "run UPDATE=1 cargo test --test graph:\n{}", wrong.join("\n"));
}

#[test]
fn what_cannot_be_read_is_said_and_exits_with_one() {
    let project =
        Project::new().compose("services:\n  api: {image: x\n").file("b/compose.yml", "services: {redis: {image: redis}}\n");
    let text = project.run(&["graph"]).exits(1).quietly().stdout;
    assert!(text.contains("✗ cannot be read: docker-compose.yml:") && text.contains("error[invalid-compose-file]"), "{text}");
    assert!(text.contains("● redis  redis\n"), "the other project is drawn all the same:\n{text}");
    let json = project.run(&["graph", "--format", "json"]).exits(1).json();
    assert_eq!(json["projects"][0]["unreadable"], true);
    assert_eq!(json["projects"][0]["problems"][0]["rule"], "invalid-compose-file");
    assert_eq!(json["projects"][1]["unreadable"], false);
    for format in ["mermaid", "dot"] {
        project.run(&["graph", "--format", format]).exits(1).says("cannot be read: docker-compose.yml:");
    }
}

#[test]
fn bad_files_are_drawn_or_refused_and_never_crash() {
    let bad = repository().join("tests/projects/bad");
    for name in names_in(&bad) {
        let project = Project::copy_of(bad.join(&name));
        for (format, _) in FORMATS {
            let ran = project.run(&["graph", "--format", format]);
            assert!(matches!(ran.code, Some(0 | 1)) && ran.stderr.is_empty(), "{name}: {:?} {}", ran.code, ran.stderr);
        }
    }
}

#[test]
fn paths_are_those_of_check() {
    let project =
        Project::new().file("a/compose.yml", "services: {redis: {image: redis}}\n").file("b/compose.yml", "services: {}\n");
    project.run(&["graph", "a", "a/compose.yml"]).exits(0).says("a  compose.yml\n\n● redis");
    project.run(&["graph", "not-there"]).exits(2).complains("not-there is not there");
    project.run(&["graph", "--format", "svg"]).exits(2).complains("mermaid");
    Project::new().run(&["graph"]).exits(2).complains("no compose file");
    let both = project.run(&["graph", "a", "a/compose.yml"]).stdout;
    assert_eq!(both.matches('●').count(), 1, "a project is drawn once:\n{both}");
}

#[test]
fn a_value_over_several_hosts_is_one_edge_for_each() {
    let compose =
        "services:\n  api:\n    image: x\n    environment:\n      REDIS_NODES: a:6379,b.example.com:1\n  a:\n    image: redis\n";
    let json = Project::new().compose(compose).run(&["graph", "--format", "json"]).exits(0).json();
    let uses = json["projects"][0]["uses"].as_array().expect("a list");
    let kinds: Vec<_> = uses.iter().map(|edge| edge["target"]["kind"].as_str().expect("a word")).collect();
    assert_eq!(kinds, ["server", "external-name"]);
    assert!(uses.iter().all(|edge| edge["one_of_several"] == true));
}

#[test]
fn what_a_server_is_worth_is_said() {
    let compose = "\
services:
  a:
    image: redis:7
    command: redis-server --requirepass x --save ''
    healthcheck: {test: [CMD, redis-cli, -e, ping]}
  b:
    image: redis:7
    command: redis-server --port 6380
    healthcheck: {test: [CMD, redis-cli, -p, '6379', -e, ping]}
    volumes: [./data:/data]
  c:
    image: redis:7
    tmpfs: /data
    healthcheck: {test: redis-cli ping}
    ports: ['6379:6379']
";
    let json = Project::new().compose(compose).run(&["graph", "--format", "json"]).exits(0).json();
    let of = |at: usize| {
        let server = &json["projects"][0]["servers"][at];
        let word = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
        let persistence = &server["persistence"];
        [&server["health_check"]["verdict"], &persistence["kind"], &persistence["storage"], &server["password"]].map(word)
    };
    assert_eq!(of(0), ["broken", "none", "container", "yes"]);
    assert_eq!(of(1), ["broken", "default-snapshots", "bind", "no"]);
    assert_eq!(of(2), ["misleading", "default-snapshots", "tmpfs", "no"]);
}
