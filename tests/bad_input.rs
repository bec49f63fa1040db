//! Files that Compose rejects and files that nobody should have: each is answered with a finding or a sentence, never with a crash, and
//! never touched.
//!
//! `tests/projects/bad/<name>/expect` holds the `invalid-*` findings as `rule line`, or `none`; `tests/projects/clean/*` give no finding.

mod support;

use std::path::Path;
use std::time::{Duration, Instant};
use support::{Project, Ran, names_in, read, repository};

const FORMATS: [&str; 3] = ["full", "concise", "json"];

/// Far above what any of these takes, far below what a quadratic reader would take.
const LONG: Duration = Duration::from_secs(20);

/// Checks in every format, tries every way to write, and expects that nothing crashed and nothing changed.
fn is_handled(name: &str, project: &Project, code: i32) {
    let before = project.contents();
    let start = Instant::now();
    for format in FORMATS {
        let ran = project.run(&["check", "--format", format, "--fail-on", "info"]);
        assert_eq!(ran.code, Some(code), "{name}, {format}: {}{}", head(&ran.stdout), ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{name}, {format}: {}", ran.stderr);
        if format == "json" && code != 2 {
            let summary = &ran.json()["summary"];
            assert_eq!(summary["projects"], 1, "{name}: {summary}");
        }
    }
    for args in [&["migrate", "--yes"][..], &["migrate", "--dry-run", "--format", "json"], &["check", "--fix", "--unsafe-fixes"]]
    {
        let ran = project.run(args);
        assert!(matches!(ran.code, Some(0..=2)), "{name}, {args:?}: {:?} {}", ran.code, ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{name}, {args:?}: {}", ran.stderr);
    }
    assert!(project.contents() == before, "{name}: the files have changed");
    assert!(start.elapsed() < LONG, "{name}: took {:?}", start.elapsed());
}

/// A text of many lines.
fn lines(numbers: std::ops::Range<usize>, line: impl Fn(usize) -> String) -> String {
    numbers.map(line).fold(String::new(), |text, line| text + &line + "\n")
}

fn head(text: &str) -> String {
    text.chars().take(2000).collect()
}

/// `rule line` of each `invalid-*` finding.
fn invalid(ran: &Ran) -> String {
    let of_line = |line: &str| {
        let (place, rest) = line.split_once(": ")?;
        let rule = rest.split_once('[')?.1.split_once(']')?.0;
        let number = place.split(':').nth(1)?;
        rule.starts_with("invalid-").then(|| format!("{rule} {number}"))
    };
    let found: Vec<String> = ran.stdout.lines().filter_map(of_line).collect();
    if found.is_empty() { "none".to_owned() } else { found.join("\n") }
}

#[test]
fn what_compose_rejects_is_found_in_its_line() {
    let root = repository().join("tests/projects/bad");
    let mut wrong = Vec::new();
    for name in names_in(&root) {
        let project = Project::copy_of(root.join(&name));
        std::fs::remove_file(project.path("expect")).expect("the expectation is no part of the project");
        let ran = project.run(&["check", "--format", "concise", "--fail-on", "info"]);
        let (found, expected) = (invalid(&ran), read(&root.join(&name).join("expect")));
        if found != expected.trim() {
            wrong.push(format!("{name}: expected {}, found {found}\n{}", expected.trim(), ran.stdout));
        }
        is_handled(&name, &project, ran.code.unwrap_or(-1));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn clean_projects_have_no_finding_and_nothing_to_migrate() {
    let root = repository().join("tests/projects/clean");
    for name in names_in(&root) {
        let project = Project::copy_of(root.join(&name));
        let before = project.contents();
        let ran = project.run(&["check", "--format", "concise", "--fail-on", "info"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{name}");
        for format in FORMATS {
            project.run(&["check", "--format", format]).exits(0).quietly();
        }
        project.run(&["check", "--fix", "--unsafe-fixes"]).exits(0);
        assert!(project.contents() == before, "{name}: check --fix changed it");
    }
}

const APP: &str = "services:\n  api:\n    image: example/api:1.0\n    env_file: .env\n";

#[test]
fn folders_in_the_place_of_files() {
    let project = Project::new().compose(APP);
    std::fs::create_dir(project.path(".env")).expect("a new folder");
    is_handled("env_file is a folder", &project, 1);
    // Docker makes such a folder of a mount; Compose takes no notice of it.
    let project = Project::new().compose("services:\n  api:\n    image: example/api:1.0\n");
    std::fs::create_dir(project.path(".env")).expect("a new folder");
    is_handled(".env is a folder", &project, 0);

    let project = Project::new();
    std::fs::create_dir(project.path("docker-compose.yml")).expect("a new folder");
    is_handled("docker-compose.yml is a folder", &project, 1);
}

#[test]
fn files_that_are_too_large() {
    let project = Project::new().compose(&"# filler\n".repeat(1_000_000));
    is_handled("9 MB of comments", &project, 1);
    let project = Project::new().compose(APP).env(&format!("A={}\n", "x".repeat(9_000_000)));
    is_handled("9 MB in an env file", &project, 1);
}

#[test]
fn depth_without_end() {
    let project = Project::new().compose(&format!("services: {}\n", "[".repeat(100_000)));
    is_handled("open brackets", &project, 1);
    let project = Project::new().compose(&format!("services:\n  a: {}1{}\n", "{a: ".repeat(50_000), "}".repeat(50_000)));
    is_handled("nested mappings", &project, 1);
    let stairs = lines(0..3000, |depth| format!("{}a:", " ".repeat(depth)));
    is_handled("stairs", &Project::new().compose(&stairs), 1);
    let deep = format!("A={}x{}\n", "${A:-".repeat(20_000), "}".repeat(20_000));
    is_handled("nested references", &Project::new().compose(APP).env(&deep), 1);
}

#[test]
fn aliases_that_multiply() {
    let mut text = String::from("x-a: &a {k: v}\n");
    for (from, to) in "abcdefghi".chars().zip("bcdefghij".chars()) {
        let nine = (0..9).map(|i| format!("k{i}: *{from}")).collect::<Vec<_>>().join(", ");
        text.extend(["x-", &to.to_string(), ": &", &to.to_string(), " {", &nine, "}\n"]);
    }
    text.push_str("services: {api: {image: example/api:1.0, labels: *j}}\n");
    is_handled("billion laughs", &Project::new().compose(&text), 1);

    let itself = "a: &a [*a]\nservices: &s {api: *s}\n";
    is_handled("an alias of itself", &Project::new().compose(itself), 1);

    let url = "REDIS_URL: redis://203.0.113.10:6379/0";
    for inner in ["db: *c", "db: {a: *c}", "db: {<<: *c}", "db: {<<: [*c, *c]}", "db: [*c, {<<: *c}]"] {
        let text = format!("x-c: &c\n  {url}\n  {inner}\nservices:\n  api:\n    image: example/api:1.0\n");
        let project = Project::new().compose(&text);
        let code = project.run(&["check"]).code.unwrap_or(-1);
        is_handled(inner, &project, code);
    }

    let chain = lines(1..3000, |i| format!("x-{i}: &a{i} {{<<: *a{}}}", i - 1));
    let text = format!("x-0: &a0 {{restart: always}}\n{chain}services: {{api: {{<<: *a2999, image: example/api:1.0}}}}\n");
    is_handled("a chain of merges", &Project::new().compose(&text), 0);
}

#[test]
fn variables_that_multiply() {
    // 80 MB if it were written out; two lines more would be 320.
    let doubling = lines(1..24, |i| format!("A{i}=${{A{0}}}${{A{0}}}", i - 1));
    let project = Project::new().compose(APP).env(&format!("A0=xxxxxxxxxx\n{doubling}"));
    let start = Instant::now();
    let ran = project.run(&["check", "--format", "concise"]);
    assert!(matches!(ran.code, Some(0 | 1)), "{:?} {}", ran.code, ran.stderr);
    assert!(start.elapsed() < LONG, "took {:?}", start.elapsed());
}

#[test]
fn a_line_of_a_megabyte() {
    let url = format!("services: {{api: {{image: x, environment: {{REDIS_URL: \"redis://h:1/{}\"}}}}}}\n", "0".repeat(1_000_000));
    let start = Instant::now();
    let project = Project::new().compose(&url);
    for format in FORMATS {
        let ran = project.run(&["check", "--format", format]).exits(1);
        assert!(ran.stdout.len() < 100_000, "{format}: {} bytes for one line", ran.stdout.len());
    }
    let project = Project::new().compose(APP).env(&format!("REDIS_URL=redis://:{}203.0.113.5:6379/0\n", "p@".repeat(500_000)));
    for format in FORMATS {
        let ran = project.run(&["check", "--format", format]).exits(1);
        assert!(ran.stdout.len() < 100_000, "{format}: {} bytes for one line", ran.stdout.len());
        assert!(!ran.stdout.contains("p@p@"), "{format}: a password is shown");
    }
    assert!(start.elapsed() < LONG, "took {:?}", start.elapsed());
}

#[test]
fn odd_bytes() {
    for (name, env) in [
        ("nul", &b"A=\0b\n\0=c\n"[..]),
        ("only a mark", b"\xef\xbb\xbf"),
        ("a lone carriage return", b"A=1\rB=2\r"),
        ("half a character", b"REDIS_URL=redis://caf\xc3"),
        ("escape sequences", b"A=\"\x1b[2J\x1b]0;x\x07\"\n"),
    ] {
        let project = Project::new().compose("services:\n  api:\n    image: example/api:1.0\n").file(".env", env);
        let code = project.run(&["check", "--fail-on", "info"]).code.unwrap_or(-1);
        is_handled(name, &project, code);
    }
    for (name, compose) in [
        ("nul", &b"services:\n  api:\n    image: a\0b\n"[..]),
        ("half a character", b"services:\n  api:\n    image: caf\xc3"),
        ("a name with line ends", b"services:\n  \"a\\nb\\u001b[31m\":\n    image: 5\n    environment: {REDIS_URL: 'redis://x:1'}\n    networks: [none]\n"),
    ] {
        let project = Project::new().file("docker-compose.yml", compose);
        let ran = project.run(&["check", "--fail-on", "info", "--format", "concise"]).exits(1);
        assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\0'), "{name}: {:?}", ran.stdout);
        is_handled(name, &project, 1);
    }
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_or_in_a_circle() {
    use std::os::unix::fs::symlink;
    let project = Project::new().compose(APP);
    symlink(".env", project.path(".env")).expect("a new link");
    // What is in it cannot be known.
    is_handled("a link to itself", &project, 0);
    project.run(&["check", "-v"]).exits(0).says(".env");

    let project = Project::new();
    symlink("nowhere.yml", project.path("docker-compose.yml")).expect("a new link");
    let ran = project.run(&["check", "--fail-on", "info"]);
    assert!(matches!(ran.code, Some(1 | 2)), "a project that cannot be read is not clean: {}", ran.stdout);
}

/// A pipe has no end until somebody closes it.
#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let project = Project::new().compose(APP);
    let made = std::process::Command::new("mkfifo").arg(project.path(".env")).status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    project.run(&["check", "-v"]).exits(0).says(".env");
    project.run(&["migrate", "--yes"]).exits(0);
}

#[test]
fn a_project_inside_another_is_read_on_its_own() {
    let inner = "services:\n  api:\n    image: example/api:1.0\n\tbad: 1\n";
    let project = Project::new().compose("services:\n  web:\n    image: example/web:1.0\n").file("apps/shop/compose.yaml", inner);
    let ran = project.run(&["check", "--format", "concise"]).exits(1);
    assert!(ran.stdout.starts_with(&format!("{}:4:1: ", Path::new("apps/shop/compose.yaml").display())), "{}", ran.stdout);
    // One project that is rejected does not keep the others from being read.
    let report = project.run(&["check", "--format", "json"]).exits(1).json();
    assert_eq!(report["summary"]["projects"], 2);
}

// ── more than anybody would write ───────────────────────────────────────────────────────────────────────────────────────────────────

/// What [`is_handled`] looks at, and that `resolve` and `graph` come to an end as well.
fn is_survived(name: &str, project: &Project, code: i32) {
    is_handled(name, project, code);
    let before = project.contents();
    let start = Instant::now();
    for args in [&["resolve"][..], &["resolve", "--origin", "--format", "json"], &["graph", "--format", "json"]] {
        let ran = project.run(args);
        assert!(matches!(ran.code, Some(0 | 1)), "{name}, {args:?}: {:?} {}", ran.code, head(&ran.stderr));
        assert!(!ran.stderr.contains("panicked"), "{name}, {args:?}: {}", head(&ran.stderr));
    }
    assert!(project.contents() == before, "{name}: the files have changed");
    assert!(start.elapsed() < LONG, "{name}: took {:?}", start.elapsed());
}

/// The one finding of a project.
fn only_finding(project: &Project) -> String {
    let ran = project.run(&["check", "--format", "concise"]).exits(1);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", head(&ran.stdout));
    ran.stdout
}

#[test]
fn ten_thousand_levels() {
    const LEVELS: usize = 10_000;
    let flow = format!("services: {{a: {{image: x, labels: {}{}}}}}\n", "[".repeat(LEVELS), "]".repeat(LEVELS));
    let project = Project::new().compose(&flow);
    assert!(only_finding(&project).contains("nested more deeply"));
    is_survived("flow lists", &project, 1);

    let dashes = format!("services: {{}}\nx-a:\n  {}a\n", "- ".repeat(LEVELS));
    is_survived("a list in a list", &Project::new().compose(&dashes), 1);
    // Ten thousand would be 50 MB of blanks.
    let stairs = lines(0..2500, |depth| format!("{}a:", " ".repeat(depth + 1)));
    is_survived("block mappings", &Project::new().compose(&format!("services: {{}}\nx-a:\n{stairs}")), 1);

    let defaults = format!("\"{}x{}\"", "${A:-".repeat(LEVELS), "}".repeat(LEVELS));
    let project = Project::new().compose(&format!("services: {{a: {{image: x, environment: {{A: {defaults}}}}}}}\n"));
    assert!(only_finding(&project).contains("nested too deeply"));
    is_survived("defaults", &project, 1);
}

#[test]
fn a_chain_of_ten_thousand_extends() {
    let link = |i: usize| format!("  s{i}:\n    extends: s{}", i - 1);
    let first = "  s0:\n    image: x\n";
    let upwards = format!("services:\n{first}{}", lines(1..10_000, link));
    let downwards = format!("services:\n{}{first}", lines(1..10_000, |i| link(10_000 - i)));
    for (name, text) in [("upwards", upwards), ("downwards", downwards)] {
        let project = Project::new().compose(&text);
        let start = Instant::now();
        project.run(&["check", "--format", "concise"]).exits(1).says("too long to be followed");
        project.run(&["resolve"]).exits(1).complains("too long to be followed");
        assert!(start.elapsed() < LONG, "{name}: took {:?}", start.elapsed());
    }
    // What somebody might have is followed, in either order.
    let upwards = format!("services:\n{first}{}", lines(1..100, link));
    let downwards = format!("services:\n{}{first}", lines(1..100, |i| link(100 - i)));
    for text in [upwards, downwards] {
        let model = Project::new().compose(&text).run(&["resolve", "--format", "json"]).exits(0).quietly().json();
        assert_eq!(model["services"]["s99"]["image"], "x");
    }
    let circle = format!("services:\n  s0:\n    extends: s9999\n{}", lines(1..10_000, link));
    let start = Instant::now();
    Project::new().compose(&circle).run(&["check", "--format", "concise"]).exits(1).says("`extends`");
    assert!(start.elapsed() < LONG, "took {:?}", start.elapsed());
}

#[test]
fn files_that_include_themselves_or_many_others() {
    let project = Project::new().compose("include: [docker-compose.yml]\nservices: {a: {image: x}}\n");
    assert!(only_finding(&project).contains("`include` goes round in a circle"));
    is_survived("itself", &project, 1);
    let project = Project::new()
        .compose("include: [a.yml]\nservices: {a: {image: x}}\n")
        .file("a.yml", "include: [b.yml]\n")
        .file("b.yml", "include: [./a.yml]\n");
    assert!(only_finding(&project).contains("`include` goes round in a circle"));
    is_survived("through others", &project, 1);
    let project = Project::new()
        .compose("include: [{path: [a.yml, docker-compose.yml]}]\nservices: {a: {image: x}}\n")
        .file("a.yml", "services: {b: {image: y}}\n");
    assert!(only_finding(&project).contains("`include` goes round in a circle"));
    is_survived("as the second of two files", &project, 1);

    for (name, length, times) in [("ten thousand deep", 10_000, 1), ("twice as many each time", 30, 2)] {
        let include =
            |i: usize| format!("include: [{}]\nservices: {{s{i}: {{image: x}}}}\n", vec![format!("i{i}.yml"); times].join(", "));
        let project = Project::new().compose(&include(1));
        for i in 1..length {
            project.write(format!("i{i}.yml"), include(i + 1));
        }
        project.write(format!("i{length}.yml"), "services: {z: {image: x}}\n");
        let start = Instant::now();
        let ran = project.run(&["check", "--format", "concise"]).exits(1);
        assert!(ran.stdout.contains("`include` leads to more files than can be read"), "{name}: {}", head(&ran.stdout));
        assert!(start.elapsed() < LONG, "{name}: took {:?}", start.elapsed());
    }

    let chain = Project::new().compose("include: [i1.yml]\nservices: {a: {image: x}}\n");
    for i in 1..50 {
        chain.write(format!("i{i}.yml"), format!("include: [i{}.yml]\nservices: {{s{i}: {{image: x}}}}\n", i + 1));
    }
    chain.write("i50.yml", "services: {z: {image: x}}\n");
    let model = chain.run(&["resolve", "--format", "json"]).exits(0).quietly().json();
    assert_eq!(model["services"].as_object().expect("a mapping").len(), 51);
    is_survived("a chain", &chain, 0);

    let many = (0..10_000).map(|_| "i.yml").collect::<Vec<_>>().join(", ");
    let project = Project::new()
        .compose(&format!("include: [{many}]\nservices: {{a: {{image: x}}}}\n"))
        .file("i.yml", "services: {b: {image: y}}\n");
    let start = Instant::now();
    project.run(&["check", "--fail-on", "info"]).exits(0).quietly();
    assert!(start.elapsed() < LONG, "took {:?}", start.elapsed());
}

#[test]
fn twenty_thousand_services_that_wait_for_each_other() {
    let service = |i: usize| format!("  s{i}: {{image: x, depends_on: [s{}]}}", i - 1);
    let chain = |last: &str| format!("services:\n  s0: {{image: x{last}}}\n{}", lines(1..20_000, service));
    let project = Project::new().compose(&chain(""));
    let start = Instant::now();
    project.run(&["check", "--fail-on", "info"]).exits(0).quietly();
    let project = Project::new().compose(&chain(", depends_on: [s19999]"));
    assert!(only_finding(&project).contains("waits for itself"));
    assert!(start.elapsed() < LONG, "took {:?}", start.elapsed());
}

#[test]
fn a_few_thousand_users_of_one_server() {
    let service =
        |i: usize| format!("  s{i}: {{image: x, depends_on: [redis], environment: {{REDIS_URL: 'redis://redis:6379/0'}}}}");
    let text = format!("services:\n  redis: {{image: 'redis:7-alpine'}}\n{}", lines(0..2000, service));
    let project = Project::new().compose(&text);
    let start = Instant::now();
    for args in [&["check"][..], &["check", "--format", "json"], &["graph"], &["resolve"]] {
        let ran = project.run(args);
        assert!(matches!(ran.code, Some(0 | 1)), "{args:?}: {:?} {}", ran.code, head(&ran.stderr));
    }
    assert!(start.elapsed() < LONG, "took {:?}", start.elapsed());
}

#[test]
fn billions_of_laughs_everywhere() {
    let mut maps = String::from("x-a: &a {k: v}\n");
    let mut lists = String::from("x-a: &a [v, v, v, v, v, v, v, v, v]\n");
    for (from, to) in "abcdefghi".chars().zip("bcdefghij".chars()) {
        let entries = (0..9).map(|i| format!("k{i}: *{from}")).collect::<Vec<_>>().join(", ");
        maps.extend([format!("x-{to}: &{to} {{{entries}}}\n")]);
        lists.extend([format!("x-{to}: &{to} [{}]\n", vec![format!("*{from}"); 9].join(", "))]);
    }
    for place in [
        "services: *j",
        "services: {a: {image: x, environment: *j}}",
        "services: {a: {image: x, <<: *j}}",
        "services: {a: *j}",
        "services: {a: {image: x}}\nx-z: *j",
        "services: {a: {image: x}}\nvolumes: *j",
        "*j : x\nservices: {}",
    ] {
        for (kind, laughs) in [("mappings", &maps), ("lists", &lists)] {
            let project = Project::new().compose(&format!("{laughs}{place}\n"));
            let ran = project.run(&["check", "--format", "concise"]).exits(1);
            assert!(ran.stdout.len() < 10_000, "{kind} in {place}: {} bytes", ran.stdout.len());
            is_survived(&format!("{kind} in {place}"), &project, 1);
        }
    }
}

#[test]
fn reset_on_everything() {
    let base = "services: {a: {image: x, environment: {A: b}, ports: ['1']}}\nvolumes: {v: {}}\n";
    for over in [
        "services: !reset {}\nname: !reset x\nnetworks: !reset {}\nvolumes: !reset []\nx-a: !reset 1\n",
        "!reset\nservices: {a: {image: y}}\n",
        "services: {a: !reset {image: !reset y, environment: !reset {A: !reset b}}}\n",
        "services: {a: {image: !reset null, environment: !reset null, ports: !reset [!reset '1']}}\n",
        "services: {a: {<<: !reset {image: y}}}\n",
        "include: !reset [gone.yml]\nservices: {a: {extends: !reset gone}}\n",
        "!override\nservices: !override {a: !override {image: !override y}}\n",
    ] {
        let project = Project::new().file("compose.yaml", base).file("compose.override.yaml", over);
        let code = project.run(&["check", "--fail-on", "info"]).code.unwrap_or(-1);
        is_survived(over, &project, code);
        let alone = Project::new().file("compose.yaml", over);
        let code = alone.run(&["check", "--fail-on", "info"]).code.unwrap_or(-1);
        is_survived(over, &alone, code);
    }
}

#[test]
fn seven_megabytes_of_services() {
    let service =
        |i: usize| format!("  service{i}:\n    image: example/service{i}:1.0\n    environment:\n      NAME: service number {i}");
    let text = format!("services:\n{}", lines(0..68_000, service));
    assert!(text.len() > 6_500_000);
    let project = Project::new().compose(&text);
    let start = Instant::now();
    project.run(&["check", "--fail-on", "info"]).exits(0).quietly();
    assert!(start.elapsed() < LONG, "took {:?}", start.elapsed());
}

#[test]
fn an_env_file_that_is_named_five_thousand_times() {
    let compose = |name: &dyn Fn(usize) -> String| {
        format!("services:\n  a:\n    image: x\n    env_file:\n{}", lines(0..5000, |i| format!("      - {}", name(i))))
    };
    let env = "REDIS_URL=redis://203.0.113.9:6379\nA=${A}b\n";
    for (name, text) in [
        ("by one name", compose(&|_| "a.env".to_owned())),
        ("by many names", compose(&|i| format!("{}{}a.env", "./".repeat(i % 7), "x/../".repeat(i % 5)))),
    ] {
        let project = Project::new().compose(&text).file("a.env", env);
        let ran = project.run(&["check", "--format", "concise", "--select", "external-redis-url"]).exits(1);
        assert_eq!(ran.stdout.lines().count(), 1, "{name}: {}", head(&ran.stdout));
        let start = Instant::now();
        let ran = project.run(&["resolve", "--format", "json"]).exits(0).quietly();
        assert_eq!(ran.json()["services"]["a"]["environment"]["REDIS_URL"], "redis://203.0.113.9:6379", "{name}");
        assert!(start.elapsed() < LONG, "{name}: took {:?}", start.elapsed());
    }
}

/// What is read may be many times as large as the files, but not without bounds.
#[cfg(target_os = "linux")]
#[test]
fn memory_is_bounded() {
    let link = |i: usize| format!("  s{i}:\n    extends: s{}", i - 1);
    let chain = format!("services:\n  s0:\n    image: x\n{}", lines(1..10_000, link));
    let wide = lines(0..20_000, |i| format!("  s{i}: {{image: x, depends_on: [s{}]}}", i.saturating_sub(1)));
    let wide = format!("services:\n{wide}");
    for (name, text) in [("extends", chain), ("services", wide)] {
        let project = Project::new().compose(&text);
        for words in ["check", "resolve"] {
            let mut limited = std::process::Command::new("sh");
            limited.args(["-c", "ulimit -v 1000000 && exec \"$0\" \"$1\"", env!("CARGO_BIN_EXE_cachelint"), words]);
            limited.current_dir(project.root()).env_clear();
            let ran = Ran::of(limited);
            assert!(matches!(ran.code, Some(0 | 1)), "{name}, {words}: {:?} {}", ran.code, head(&ran.stderr));
        }
    }
}
