//! What holds for all inputs: readers never panic and their places fit the text, fixes settle, comments survive, nothing else changes.
//!
//! The seed is fixed, so that a run can be repeated; `PROPTEST_CASES=10000 PROPTEST_RNG_SEED=7 cargo test --test properties` digs deeper.

mod support;

use cachelint::compose::discover::ProjectFiles;
use cachelint::compose::load::load;
use cachelint::diagnostic::{Applicability, Remedy, Severity};
use cachelint::engine::check::{Selection, check};
use cachelint::engine::fix::{self, Outcome, Policy};
use cachelint::layout::Layout;
use cachelint::report::{ProjectReport, Style, concise, full, json, resolve};
use cachelint::syntax::yaml::{Kind, Tree};
use cachelint::syntax::{dotenv, interpolate, url};
use cachelint::text::edit::Patch;
use cachelint::text::source::{Sources, display};
use cachelint::text::span::{FileId, Span};
use cachelint::{rules, secret};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use support::{files_below, names_in, repository};

fn cases(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    // `default` has read the environment, which wins over what is written here.
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases };
    let rng_seed = if std::env::var_os("PROPTEST_RNG_SEED").is_some() { default.rng_seed } else { RngSeed::Fixed(6379) };
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..default }
}

const FILE: FileId = FileId(0);

// ── texts ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Pieces of which YAML, env files, URLs and references are made, so that random texts get past the first character.
const PIECES: [&str; 64] = [
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "\n- ",
    "\r\n",
    "\t",
    " ",
    ": ",
    ":",
    "- ",
    "#",
    " # c",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ",",
    "&a ",
    "*a",
    "<<: ",
    "!reset ",
    "!!str ",
    "|\n  ",
    ">-\n  ",
    "\"",
    "'",
    "\\",
    "\\n",
    "$",
    "${",
    "}",
    "${A:-",
    "$$",
    ":?",
    "@",
    "/",
    "://",
    "redis",
    "redis://",
    "services:",
    "image: redis:7",
    "environment:",
    "REDIS_URL",
    "=",
    "A=",
    "export ",
    "127.0.0.1",
    ":6379",
    "%40",
    "?",
    "null",
    "é",
    "🔑",
    "\u{feff}",
    "\u{0}",
    "\u{85}",
    "\u{2028}",
    "---\n",
    "...\n",
    "x",
    "1",
    "key: value\n",
];

fn text() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40).prop_map(|pieces| pieces.concat());
    let bytes = prop::collection::vec(any::<u8>(), 0..80).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    prop_oneof![6 => pieces, 1 => bytes, 1 => ".{0,60}"]
}

/// Lines as env files have them, and what may stand between them.
fn env_text() -> impl Strategy<Value = String> {
    let line = ("(export )?[A-Z_]{1,6}( ?= ?|: )", "[a-z0-9 :/@#$}{.=é-]{0,12}", 0..5_u8, "( |)( # [a-z\"' ]{0,6})?").prop_map(
        |(head, value, quote, tail)| {
            let value = match quote {
                0 => format!("\"{}\"", value.replace('$', "\\$")),
                1 => format!("'{value}'"),
                2 => format!("\"{}\nsecond\"", value.replace('$', "")),
                _ => value.trim().trim_start_matches('#').replace('$', ""),
            };
            format!("{head}{value}{tail}")
        },
    );
    let other = prop::sample::select(&["", "# c \"", "BARE", "\t# \u{e9}", "EMPTY=", "X="][..]).prop_map(str::to_owned);
    let lines = prop::collection::vec(prop_oneof![4 => line, 1 => other], 1..6);
    (lines, any::<bool>(), any::<bool>()).prop_map(|(lines, crlf, end)| {
        let newline = if crlf { "\r\n" } else { "\n" };
        lines.join(newline) + if end { newline } else { "" }
    })
}

fn fits(text: &str, range: std::ops::Range<usize>) -> bool {
    range.start <= range.end && text.get(range).is_some()
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn yaml_is_read_without_panic_and_its_places_fit(text in text()) {
        let tree = Tree::parse(FILE, &text);
        let spans = tree.ids().flat_map(|id| {
            let node = tree.node(id);
            let content = match &node.kind { Kind::Scalar(scalar) => scalar.content, _ => node.span };
            [node.span, node.outer, content]
        });
        let spans = spans.chain(tree.errors.iter().map(|error| error.span)).chain(tree.comments.iter().copied());
        for span in spans.collect::<Vec<Span>>() {
            prop_assert!(fits(&text, span.range()), "{:?} in {:?}", span, text);
        }
        for id in tree.ids() {
            let raw = tree.scalar(id).and_then(|scalar| tree.raw_range(&text, id, 0..scalar.value.len()));
            if let Some(raw) = raw {
                prop_assert!(fits(&text, raw.range()), "{:?} in {:?}", raw, text);
            }
        }
    }

    #[test]
    fn env_files_are_read_without_panic_and_their_places_fit(text in text()) {
        let doc = dotenv::parse(&text);
        for entry in &doc.entries {
            prop_assert!(fits(&text, entry.key_range.clone()), "{:?}", entry);
            if let Some(value) = &entry.value {
                prop_assert!(fits(&text, value.content.clone()) && fits(&text, value.whole()), "{:?}", entry);
                if let Some(raw) = value.raw_range(0..value.template.len()) {
                    prop_assert!(fits(&text, raw), "{:?}", entry);
                }
            }
        }
        if let Some(error) = &doc.error {
            prop_assert!(fits(&text, error.range.clone()));
        }
    }

    #[test]
    fn a_value_that_is_replaced_is_read_back_and_the_others_stay(text in env_text(), new in "[ -~é\n]{0,20}", at in any::<prop::sample::Index>()) {
        let doc = dotenv::parse(&text);
        let with_value: Vec<usize> = (0..doc.entries.len()).filter(|at| doc.entries[*at].value.is_some()).collect();
        if doc.error.is_some() || with_value.is_empty() {
            return Ok(());
        }
        let at = with_value[at.index(with_value.len())];
        let Ok(edit) = dotenv::replace_value(FILE, &text, &doc.entries[at], dotenv::NewValue::Literal(&new)) else { return Ok(()) };
        let mut patch = Patch::default();
        patch.join(&[edit]).expect("one edit never overlaps");
        let after = dotenv::parse(&patch.apply(FILE, &text));
        prop_assert!(after.error.is_none(), "{:?} -> {:?}", text, patch.apply(FILE, &text));
        prop_assert_eq!(after.entries.len(), doc.entries.len());
        for (number, (old, own)) in doc.entries.iter().zip(&after.entries).enumerate() {
            prop_assert_eq!(&old.key, &own.key);
            if number != at {
                prop_assert_eq!(old.value.as_ref().map(|value| &value.template), own.value.as_ref().map(|value| &value.template));
            }
        }
        let value = after.entries[at].value.as_ref().expect("it has a value");
        let literal = if value.is_literal() { Some(value.template.clone()) } else { interpolate::literal(&value.template) };
        prop_assert_eq!(literal.as_deref(), Some(new.as_str()), "{:?}", patch.apply(FILE, &text));
    }

    #[test]
    fn references_cover_their_text(text in text()) {
        if let Ok(pieces) = interpolate::parse(&text) {
            let mut end = 0;
            for piece in &pieces {
                prop_assert_eq!(piece.range().start, end);
                end = piece.range().end;
                prop_assert!(fits(&text, piece.range()));
            }
            prop_assert_eq!(end, text.len());
        }
        prop_assert_eq!(interpolate::literal(&interpolate::escape(&text)), Some(text));
    }

    #[test]
    fn urls_are_read_without_panic_and_their_places_fit(text in text()) {
        for range in url::find(&text) {
            prop_assert!(fits(&text, range.clone()));
            if let Some(parts) = url::parse(&text[range.clone()]) {
                let own = &text[range];
                let hosts = parts.hosts.iter().flat_map(|host| [Some(host.host.clone()), host.port.clone()]);
                for part in hosts.chain([parts.username.clone(), parts.password.clone(), parts.path.clone(), parts.query.clone()]).flatten() {
                    prop_assert!(fits(own, part));
                }
            }
        }
    }

    #[test]
    fn masking_settles_and_keeps_lines(text in text()) {
        let ranges = secret::find(&text);
        for pair in ranges.windows(2) {
            prop_assert!(pair[0].end <= pair[1].start, "sorted and disjoint: {:?}", ranges);
        }
        for range in &ranges {
            prop_assert!(fits(&text, range.clone()));
        }
        let once = secret::mask(&text);
        prop_assert_eq!(secret::mask(&once), once.clone(), "masked twice: {:?}", text);
    }
}

// ── projects ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Files of a project in memory, by path.
type Files = BTreeMap<PathBuf, String>;

/// Reads and rewrites without touching the disk: every file is one of an open editor.
fn run(files: &Files, policy: &Policy) -> Outcome {
    let root = Path::new("/nonexistent/shop");
    let project = ProjectFiles::of_directory(root, |name| files.contains_key(name)).expect("a compose file");
    let texts = files.iter().map(|(path, text)| (path.clone(), Arc::<str>::from(text.as_str())));
    let sources = Sources::new(root).with_overlay(texts);
    fix::run(&project, &sources, &Layout::default(), policy)
}

fn migrate() -> Policy {
    Policy { up_to: Applicability::Unsafe, complete: true, ..Policy::default() }
}

fn everything() -> Policy {
    Policy { up_to: Applicability::OnRequest, ..Policy::default() }
}

fn rewritten(files: &Files, outcome: &Outcome) -> Files {
    let mut new = files.clone();
    new.extend(outcome.files.iter().map(|file| (file.path.clone(), file.after.to_string())));
    new
}

/// Shows a report in all ways that hold code of their own.
fn show(outcome: &Outcome) -> String {
    let sources = &outcome.project.docs.sources;
    let files = sources.files().map(|(_, file)| display(&file.path)).collect();
    let projects = [ProjectReport {
        root: ".".to_owned(),
        role: cachelint::compose::model::Role::Default,
        files,
        sources,
        report: &outcome.report,
    }];
    let style = Style { color: false, width: 80, verbose: true, quiet: false };
    concise::render(&projects, &style) + &full::render(&projects, &style, None) + &json::render(&projects, "0")
}

/// What must hold for a project and what became of it.
fn holds(before: &Files, policy: &Policy) -> Result<(), TestCaseError> {
    let outcome = run(before, policy);
    show(&outcome);
    let after = rewritten(before, &outcome);
    let shown = || format!("{}\n→\n{}", listing(before), listing(&after));
    if outcome.project.problems.is_empty() {
        let again = run(&after, policy);
        prop_assert!(
            again.files.is_empty(),
            "a second run changes it again:\n{}\n→→\n{}",
            shown(),
            listing(&rewritten(&after, &again))
        );
        prop_assert!(again.project.problems.is_empty(), "the result is not valid:\n{}", shown());
        for finding in &again.report.findings {
            let turned_down = |title: &str| again.refused.iter().any(|(other, _)| other == title);
            let open = match &finding.remedy {
                Remedy::Fix(fix) => fix.applicability <= policy.up_to && !turned_down(&fix.title),
                Remedy::Refused(_) | Remedy::Manual => false,
            };
            prop_assert!(!open, "{}: {} could have been fixed:\n{}", finding.rule, finding.message, shown());
        }
    } else {
        prop_assert!(outcome.files.is_empty(), "a project that Compose rejects was rewritten:\n{}", shown());
    }
    for (path, text) in before {
        // The fix of `unused-ignore` is to remove such a comment.
        let stays = |line: &&str| line.trim_start().starts_with("# ") && !line.contains("cachelint:");
        for comment in text.lines().filter(stays) {
            prop_assert!(after[path].contains(comment.trim()), "{comment:?} is gone:\n{}", shown());
        }
    }
    Ok(())
}

fn listing(files: &Files) -> String {
    files.iter().fold(String::new(), |mut out, (path, text)| {
        let _ = write!(out, "── {}\n{text}", path.display());
        out
    })
}

/// The choices of which a generated project is made; each number is taken modulo the number of ways.
#[derive(Debug, Clone)]
struct Choices {
    app: Vec<App>,
    server: [u8; 8],
    form: [u8; 6],
}

#[derive(Debug, Clone)]
struct App {
    host: u8,
    style: u8,
    depends: u8,
    networks: u8,
    image: u8,
    comment: bool,
}

fn choices() -> impl Strategy<Value = Choices> {
    let app = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<bool>())
        .prop_map(|(host, style, depends, networks, image, comment)| App { host, style, depends, networks, image, comment });
    (prop::collection::vec(app, 1..4), any::<[u8; 8]>(), any::<[u8; 6]>()).prop_map(|(app, server, form)| Choices {
        app,
        server,
        form,
    })
}

fn pick<'a>(ways: &[&'a str], number: u8) -> &'a str {
    ways[usize::from(number) % ways.len()]
}

/// A project that Compose would take.
fn project(choices: &Choices) -> Files {
    let mut compose = String::new();
    let mut env = String::from("# Settings\nTZ=UTC # here\n");
    if choices.form[0].is_multiple_of(3) {
        compose.push_str(
            "# The shop\nx-env: &env\n  # shared by some\n  LOG_LEVEL: info\n  SHARED_REDIS_URL: redis://203.0.113.10:6379/1\n\n",
        );
    }
    compose.push_str("services:\n");
    let shared = choices.form[0].is_multiple_of(3);
    if choices.form[1].is_multiple_of(2) {
        server(&mut compose, &choices.server);
    }
    for (at, app) in choices.app.iter().enumerate() {
        service(&mut compose, &mut env, at, app, shared);
    }
    if !choices.form[1].is_multiple_of(2) && !choices.server[0].is_multiple_of(4) {
        server(&mut compose, &choices.server);
    }
    compose.push_str("  db:\n    image: postgres:16\n");
    compose.push_str(pick(&["", "\nvolumes:\n  # kept\n  db_data:\n", "volumes: {db_data: {}}\n"], choices.form[2]));
    compose.push_str(pick(
        &["\nnetworks:\n  front:\n  back:\n", "networks: {front: {}, back: {internal: true}}\n# the end\n"],
        choices.form[3],
    ));
    let mut files = Files::new();
    let form = |text: String, number: u8| match number % 5 {
        0 => text.replace('\n', "\r\n"),
        1 => text.trim_end().to_owned(),
        2 => format!("\u{feff}{text}"),
        3 => text.replace("\n  ", "\n    "),
        _ => text,
    };
    // Indentation twice as wide is the same project only for block style.
    files.insert(PathBuf::from("docker-compose.yml"), form(compose, choices.form[4]));
    files.insert(PathBuf::from(".env"), form(env, choices.form[5] % 3));
    let overrides = [
        "",
        "",
        "services:\n  app0:\n    # on this machine\n    ports: [\"8000:80\"]\n",
        "services:\n  app0:\n    depends_on:\n      db:\n        condition: service_started\n    environment:\n      MORE_REDIS_URL: redis://198.51.100.4:6379\n",
        "services:\n  app0:\n    environment:\n      REDIS_URL: redis://198.51.100.4:6379/1\n    networks:\n      - back\n",
        "services:\n  more:\n    extends:\n      file: docker-compose.yml\n      service: app0\n    environment:\n      MODE: more\n",
        "services:\n  app0:\n    environment: !reset null\n  more:\n    image: example/more:1.0\n    profiles: [more]\n    environment: [REDIS_HOST=redis]\n",
    ];
    let text = pick(&overrides, choices.form[5] / 3);
    // Compose rejects networks beside a `network_mode`.
    let rejected = text.contains("networks") && choices.app[0].networks % 6 == 4;
    if !text.is_empty() && !rejected {
        files.insert(PathBuf::from("docker-compose.override.yml"), text.to_owned());
    }
    files
}

fn server(out: &mut String, choices: &[u8; 8]) {
    let name = pick(&["redis", "broker", "cache-1"], choices[1]);
    let image = pick(&["redis:7-alpine", "valkey/valkey:8-alpine", "redis:6.2", "redis", "bitnami/redis:latest"], choices[2]);
    let _ = write!(out, "  {name}:\n    image: {image}\n");
    let commands = [
        "",
        "    command: redis-server --appendonly yes\n",
        "    command: [\"redis-server\", \"--requirepass\", \"${REDIS_PASSWORD}\"] # secret\n",
        "    command:\n      - redis-server\n      # as ever\n      - --save\n      - \"60 1\"\n",
        "    command: redis-server --maxmemory 100mb --requirepass p4ss-of-today\n",
        "    command: >\n      redis-server --appendonly no\n",
    ];
    out.push_str(pick(&commands, choices[3]));
    let checks = [
        "",
        "    healthcheck:\n      test: [\"CMD\", \"redis-cli\", \"ping\"]\n      interval: 5s\n",
        "    healthcheck:\n      test: redis-cli ping || exit 1\n",
        "    healthcheck: {test: [CMD-SHELL, \"redis-cli ping | grep -q PONG\"]}\n",
        "    healthcheck:\n      interval: 5s # no test\n",
        "    healthcheck:\n      disable: true\n",
    ];
    out.push_str(pick(&checks, choices[4]));
    out.push_str(pick(&["", "    ports: [\"6379:6379\"]\n", "    ports:\n      - 127.0.0.1:6379:6379\n"], choices[5]));
    out.push_str(pick(&["", "    networks: [back]\n", "    networks:\n      back:\n        aliases: [store]\n"], choices[6]));
    let limits = [
        "",
        "    mem_limit: 128m\n",
        "    deploy:\n      resources:\n        limits:\n          memory: 256M\n",
        "    restart: always\n",
    ];
    out.push_str(pick(&limits, choices[7]));
}

fn service(out: &mut String, env: &mut String, at: usize, app: &App, shared: bool) {
    let url = pick(
        &[
            "redis://203.0.113.10:6380/3",
            "redis://redis:6379/0",
            "redis://localhost:6379",
            "rediss://default:p4ss-of-yesterday@redis.example.com:6380/1",
            "redis://broker:6379/2",
            "redis://nowhere:6379/0",
            "redis://host.docker.internal:6379",
            "redis://203.0.113.10:6380/4",
        ],
        app.host,
    );
    let host = url.split_once("://").map_or(url, |(_, rest)| rest).rsplit('@').next().unwrap_or(url);
    let host = host.split([':', '/']).next().unwrap_or(host);
    let image =
        pick(&["image: example/app:1.0", "build: .", "image: example/app:1.0\n    command: celery -A shop worker"], app.image);
    if app.comment {
        let _ = writeln!(out, "  # the {at}th of them");
    }
    let _ = write!(out, "  app{at}:\n    {image}\n");
    match app.style % 7 {
        0 => write!(out, "    environment:\n      REDIS_URL: {url} # where\n"),
        1 => write!(out, "    environment:\n      - NAME=app\n      - 'REDIS_URL={url}'\n"),
        2 => writeln!(out, "    environment: {{A: b, REDIS_URL: \"{url}\"}}"),
        3 => writeln!(env, "APP{at}_REDIS_URL='{url}'   # of app{at}")
            .and_then(|()| write!(out, "    environment:\n      REDIS_URL: ${{APP{at}_REDIS_URL}}\n")),
        4 => write!(env, "export QUEUE{at}_REDIS_HOST={host}\nQUEUE{at}_REDIS_PORT=6379\nQUEUE{at}_REDIS_DB=2\n")
            .and_then(|()| out.write_str("    env_file: .env\n")),
        5 if shared => out.write_str("    environment:\n      <<: *env\n      MODE: app\n"),
        5 => write!(out, "    environment:\n      REDIS_URL: ${{MISSING:-{url}}}\n"),
        _ if shared => out.write_str("    environment: *env\n"),
        _ => out.write_str("    environment:\n      REDIS_URL: ${MISSING}\n"),
    }
    .expect("a string takes whatever is written");
    let depends = [
        "",
        "    depends_on:\n      - db # first\n",
        "    depends_on: [db]\n",
        "    depends_on:\n      db:\n        condition: service_started\n",
        "    depends_on: {db: {condition: service_started, restart: true}}\n",
    ];
    out.push_str(pick(&depends, app.depends));
    let networks = [
        "",
        "    networks: [front]\n",
        "    networks:\n      - front\n      - back\n",
        "    networks:\n      back: {}\n",
        "    network_mode: host\n",
        "    networks:\n      default:\n      front:\n        aliases:\n          - shop\n",
    ];
    out.push_str(pick(&networks, app.networks));
    if app.depends.is_multiple_of(2) {
        out.push('\n');
    }
}

proptest! {
    #![proptest_config(cases(250))]

    #[test]
    fn a_migrated_project_is_valid_and_stays_as_it_is(choices in choices()) {
        let files = project(&choices);
        let outcome = run(&files, &migrate());
        prop_assert!(outcome.project.problems.is_empty(), "the generated project is not valid: {:?}\n{}", outcome.project.problems, listing(&files));
        holds(&files, &migrate())?;
    }

    #[test]
    fn fixes_settle_too(choices in choices()) {
        holds(&project(&choices), &everything())?;
    }

    #[test]
    fn each_rule_by_itself(choices in choices(), rule in 0..rules::RULES.len()) {
        let name = rules::RULES[rule].meta.name.to_owned();
        let selection = Selection { select: vec![name], ignore: Vec::new() };
        holds(&project(&choices), &Policy { selection, ..everything() })?;
    }
}

// ── the model ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/// The folder of the projects in memory.
const SHOP: &str = "/nonexistent/shop";

/// What `resolve --format json --show-secrets` prints, or what is wrong with the project.
fn resolved(files: &Files, base: &str) -> Result<String, String> {
    let root = Path::new(SHOP);
    let project = ProjectFiles::of_directory(root, |name| name == Path::new(base)).expect("a compose file");
    let texts = files.iter().map(|(path, text)| (path.clone(), Arc::<str>::from(text.as_str())));
    let project = load(Sources::new(root).with_overlay(texts), &project);
    let faults: Vec<&String> = project.problems.iter().map(|problem| &problem.message).collect();
    let options = resolve::Options { show_secrets: true, origin: false };
    if faults.is_empty() { Ok(resolve::json(&resolve::model(&project, options))) } else { Err(format!("{faults:?}")) }
}

/// More of what a service can say, in its short forms: `%` is a number.
const SETTINGS: [&str; 24] = [
    "command: redis-server --save '' --port %",
    "command: []",
    "entrypoint: [sh, -c, 'echo \"%\"  x']",
    "container_name: shop-%",
    "hostname: 'h%'",
    "restart: on-failure:%",
    "mem_limit: %m",
    "deploy: {resources: {limits: {memory: 1.5gb, cpus: '0.%'}}}",
    "healthcheck: {test: redis-cli ping || exit %, interval: 1m%s, retries: %}",
    "healthcheck: {disable: true}",
    "healthcheck: {test: [NONE]}",
    "ports: [808%, '127.0.0.1:900%:90/udp', '70-72:70-72', {target: 1%, published: '2%', host_ip: 127.0.0.1}]",
    "volumes: [data:/data, './%:/n:ro', /anonymous, {type: tmpfs, target: /t, tmpfs: {size: %m}}, '~/x:/x']",
    "extra_hosts: ['a=203.0.113.%', 'b:203.0.113.9', 'c:[::%]']",
    "networks: [front]",
    "networks: {front: {aliases: [a%, b], priority: %}, back: null}",
    "network_mode: host",
    "environment: {A: %, B: 0%, C: 1e3, D: yes, E: null, F: '', G: 'a: b @ c', H: true, I: 1.50}",
    "environment: [A=%, B, 'C= x ', D=, 'E=\"q\"', F=\u{1f511}]",
    "env_file: [one.env, {path: gone.env, required: false}]",
    "depends_on: [last]",
    "depends_on: {last: {condition: service_healthy, restart: true, required: false}}",
    "links: ['last:alias']",
    "profiles: [debug%]",
];

/// The ends of the file: what is declared beside services.
const DECLARED: [&str; 4] = [
    "",
    "networks: {front: {internal: true, driver_opts: {a: 1}}, back: {name: other, external: true}}\n",
    "networks:\n  front: {ipam: {config: [{subnet: 10.0.0.0/24}]}, labels: [a=b, c]}\n  back:\n",
    "networks: {front: {enable_ipv6: false, attachable: false, labels: {x: 1}}, back: {}}\n",
];

fn model_project() -> impl Strategy<Value = Files> {
    let service = prop::collection::vec((0..SETTINGS.len(), 1..9_u8), 0..5);
    (prop::collection::vec(service, 1..4), 0..DECLARED.len(), any::<bool>()).prop_map(|(services, declared, named)| {
        let mut compose = if named { "name: named\nservices:\n".to_owned() } else { "services:\n".to_owned() };
        for (at, settings) in services.iter().enumerate() {
            let _ = write!(compose, "  s{at}:\n    image: example/app:{at}\n");
            let mut keys: Vec<&str> = Vec::new();
            for &(setting, number) in settings {
                let text = SETTINGS[setting];
                let key = text.split(':').next().unwrap_or_default();
                let apart = |other: &str| keys.contains(&other);
                if apart(key) || (key == "network_mode" && apart("networks")) || (key == "networks" && apart("network_mode")) {
                    continue;
                }
                if (key == "deploy" && apart("mem_limit")) || (key == "mem_limit" && apart("deploy")) {
                    continue;
                }
                keys.push(key);
                let text = text.replace('%', &number.to_string()).replace("shop-", &format!("shop{at}-"));
                let _ = writeln!(compose, "    {text}");
            }
        }
        compose.push_str("  last:\n    image: example/last:1\n    healthcheck: {test: [CMD, 'true']}\n");
        // Both networks are used by some, so they are always declared.
        let declared = if declared == 0 { "networks: {front: , back: }\n" } else { DECLARED[declared] };
        compose.push_str(declared);
        compose.push_str("volumes: {data: {labels: {n: 1}}}\n");
        let env = "X=1\nY='two words'\nexport Z=\"tab\\t\"\n".to_owned();
        Files::from([(PathBuf::from("compose.yaml"), compose), (PathBuf::from("one.env"), env)])
    })
}

proptest! {
    #![proptest_config(cases(400))]

    /// The model is a compose file that means itself.
    #[test]
    fn a_model_that_is_read_again_is_the_same(files in model_project()) {
        let once = resolved(&files, "compose.yaml");
        let once = once.unwrap_or_else(|faults| panic!("the generated project is not valid: {faults}\n{}", listing(&files)));
        // Alone in the folder: env files are part of it now. The name stands in it.
        let again = Files::from([(PathBuf::from("compose.yaml"), once.clone())]);
        let again = resolved(&again, "compose.yaml");
        prop_assert_eq!(again.as_ref(), Ok(&once), "of\n{}", listing(&files));
    }
}

/// A `$` is doubled in the model, as in that of Compose, and so means itself when it is read again.
#[test]
fn a_dollar_in_a_model_is_doubled() {
    let compose = "services:\n  a:\n    image: x\n    command: echo $${HOME} $$1\n    environment: {A: 'a$$b'}\n";
    let files = |text: &str| Files::from([(PathBuf::from("compose.yaml"), text.to_owned())]);
    let once = resolved(&files(compose), "compose.yaml").expect("a model");
    assert!(once.contains("\"$${HOME}\"") && once.contains("\"a$$b\""), "{once}");
    assert_eq!(resolved(&files(&once), "compose.yaml"), Ok(once));
}

// ── fixtures that something happened to ─────────────────────────────────────────────────────────────────────────────────────────────

/// All projects of the repository that are text.
static FIXTURES: LazyLock<Vec<Files>> = LazyLock::new(|| {
    let mut folders = vec![repository().join("tests/projects/postiz-stack")];
    for kind in ["clean", "bad"] {
        let root = repository().join("tests/projects").join(kind);
        folders.extend(names_in(&root).iter().map(|name| root.join(name)));
    }
    let rules = repository().join("tests/rules");
    for rule in names_in(&rules) {
        folders.extend(names_in(&rules.join(&rule)).iter().map(|case| rules.join(&rule).join(case).join("before")));
    }
    let read = |folder: &PathBuf| {
        let text = |file: PathBuf| Some((file.clone(), std::fs::read_to_string(folder.join(&file)).ok()?));
        files_below(folder).into_iter().filter_map(text).collect::<Files>()
    };
    let has_compose = |files: &Files| ProjectFiles::of_directory(Path::new("x"), |name| files.contains_key(name)).is_some();
    folders.iter().map(read).filter(has_compose).collect()
});

/// One thing that happens to a text.
#[derive(Debug, Clone)]
enum Mishap {
    Insert(prop::sample::Index, &'static str),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index),
    Indent(prop::sample::Index, bool),
    CutOff(prop::sample::Index),
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        (index(), prop::sample::select(&PIECES[..])).prop_map(|(at, piece)| Mishap::Insert(at, piece)),
        (index(), 1..12_usize).prop_map(|(at, count)| Mishap::Remove(at, count)),
        index().prop_map(Mishap::Repeat),
        (index(), any::<bool>()).prop_map(|(at, deeper)| Mishap::Indent(at, deeper)),
        index().prop_map(Mishap::CutOff),
    ]
}

fn mutated(text: &str, mishap: &Mishap) -> String {
    let chars: Vec<char> = text.chars().collect();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    if chars.is_empty() {
        return text.to_owned();
    }
    let on_line = |at: usize, change: &dyn Fn(&str) -> String| {
        lines.iter().enumerate().map(|(number, line)| if number == at { change(line) } else { (*line).to_owned() }).collect()
    };
    match mishap {
        Mishap::Insert(at, piece) => {
            let at = at.index(chars.len());
            chars[..at].iter().collect::<String>() + piece + &chars[at..].iter().collect::<String>()
        }
        Mishap::Remove(at, count) => {
            let at = at.index(chars.len());
            chars[..at].iter().chain(chars.iter().skip(at + count)).collect()
        }
        Mishap::Repeat(at) => on_line(at.index(lines.len()), &|line| format!("{line}{line}")),
        Mishap::Indent(at, true) => on_line(at.index(lines.len()), &|line| format!("  {line}")),
        Mishap::Indent(at, false) => on_line(at.index(lines.len()), &|line| line.strip_prefix("  ").unwrap_or(line).to_owned()),
        Mishap::CutOff(at) => chars[..at.index(chars.len())].iter().collect(),
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn fixtures_that_something_happened_to(
        fixture in any::<prop::sample::Index>(),
        file in any::<prop::sample::Index>(),
        mishaps in prop::collection::vec(mishap(), 1..4),
    ) {
        let mut files = fixture.get(&FIXTURES).clone();
        let name = file.index(files.len());
        let text = files.values_mut().nth(name).expect("an index below the number of files");
        for mishap in &mishaps {
            *text = mutated(text, mishap);
        }
        holds(&files, &everything())?;
        holds(&files, &migrate())?;
    }
}

/// The same report whatever the order in which the files are read or the rules are run.
#[test]
fn a_check_is_a_function_of_the_files() {
    for files in FIXTURES.iter() {
        let root = Path::new("/nonexistent/shop");
        let project = ProjectFiles::of_directory(root, |name| files.contains_key(name)).expect("a compose file");
        let report = || {
            let texts = files.iter().rev().map(|(path, text)| (path.clone(), Arc::<str>::from(text.as_str())));
            let project = load(Sources::new(root).with_overlay(texts), &project);
            check(&project, &Layout::default(), &Selection::default())
        };
        let first = report();
        assert_eq!(report(), first);
        for severity in [Severity::Error, Severity::Warning, Severity::Info] {
            let of = |name: &str| rules::find(name).map(|rule| rule.meta.severity);
            let graver = first.findings.iter().find(|finding| finding.severity == severity && of(finding.rule) < Some(severity));
            assert!(graver.is_none(), "{graver:?} is graver than its rule says");
        }
    }
}
