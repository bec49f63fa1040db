//! How long the work on one project takes: `cargo bench`.
//!
//! Each step runs over the example stack and over a generated one of 200 services, beside two things to hold it against: reading
//! the files only, and reading them into `serde_yaml::Value`. The group `linear` runs over growing stacks and counts services:
//! services per second must stay the same from row to row.

use cachelint::compose::discover::{Options, ProjectFiles};
use cachelint::compose::load::load;
use cachelint::diagnostic::Applicability;
use cachelint::engine::check::{Selection, check};
use cachelint::engine::fix::{self, Outcome, Policy};
use cachelint::layout::Layout;
use cachelint::report::resolve;
use cachelint::syntax::dotenv;
use cachelint::syntax::yaml::Tree;
use cachelint::text::source::Sources;
use cachelint::text::span::FileId;
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const COMPOSE: &str = "docker-compose.yml";
const ENV: &str = ".env";

fn main() {
    divan::main();
}

/// A project on disk.
struct Stack {
    files: ProjectFiles,
    compose: String,
    env: String,
    /// Removes a generated stack in the end.
    _folder: Option<tempfile::TempDir>,
}

impl Stack {
    fn example() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects/postiz-stack");
        let read = |name| std::fs::read_to_string(root.join(name)).expect("the example is part of the project");
        Self { compose: read(COMPOSE), env: read(ENV), files: files(root), _folder: None }
    }

    fn generated(services: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (compose, env) = (compose_of(services), env_of(services));
        std::fs::write(folder.path().join(COMPOSE), &compose).expect("a file in the temporary folder");
        std::fs::write(folder.path().join(ENV), &env).expect("a file in the temporary folder");
        Self { compose, env, files: files(folder.path().to_path_buf()), _folder: Some(folder) }
    }

    fn named(name: &str) -> Self {
        if name == EXAMPLE { Self::example() } else { Self::generated(200) }
    }

    fn sources(&self) -> Sources {
        Sources::new(&self.files.root)
    }

    fn size(&self) -> BytesCount {
        BytesCount::new(self.compose.len() + self.env.len())
    }
}

fn files(root: PathBuf) -> ProjectFiles {
    ProjectFiles { root, compose: vec![PathBuf::from(COMPOSE)], env: vec![PathBuf::from(ENV)], options: Options::default() }
}

const EXAMPLE: &str = "postiz-stack";
const STACKS: [&str; 2] = [EXAMPLE, "200 services"];

#[divan::bench(args = STACKS)]
fn a_read_the_files_only(bencher: Bencher<'_, '_>, name: &str) {
    let stack = Stack::named(name);
    bencher.counter(stack.size()).bench_local(|| {
        let read = |name| std::fs::read_to_string(stack.files.root.join(name)).expect("the file is there");
        (read(COMPOSE), read(ENV))
    });
}

#[divan::bench(args = STACKS)]
fn b_serde_yaml_value(bencher: Bencher<'_, '_>, name: &str) {
    let stack = Stack::named(name);
    bencher
        .counter(BytesCount::new(stack.compose.len()))
        .bench_local(|| serde_yaml::from_str::<serde_yaml::Value>(black_box(&stack.compose)).expect("the stack is YAML"));
}

#[divan::bench(args = STACKS)]
fn c_parse(bencher: Bencher<'_, '_>, name: &str) {
    let stack = Stack::named(name);
    bencher
        .counter(stack.size())
        .bench_local(|| (Tree::parse(FileId(0), black_box(&stack.compose)), dotenv::parse(black_box(&stack.env))));
}

#[divan::bench(args = STACKS)]
fn d_load_and_check(bencher: Bencher<'_, '_>, name: &str) {
    let stack = Stack::named(name);
    bencher.counter(stack.size()).bench_local(|| checked(&stack));
}

#[divan::bench(args = STACKS)]
fn e_migrate(bencher: Bencher<'_, '_>, name: &str) {
    let stack = Stack::named(name);
    bencher.counter(stack.size()).bench_local(|| migrated(&stack));
}

#[divan::bench(args = STACKS)]
fn f_resolve(bencher: Bencher<'_, '_>, name: &str) {
    let stack = Stack::named(name);
    bencher.counter(stack.size()).bench_local(|| resolved(&stack));
}

/// The same steps over stacks that double in size.
#[divan::bench_group]
mod linear {
    use super::{Bencher, FileId, ItemsCount, Stack, Tree, checked, migrated, resolved};

    const SERVICES: [usize; 5] = [50, 100, 200, 400, 800];

    #[divan::bench(args = SERVICES)]
    fn a_parse(bencher: Bencher<'_, '_>, services: usize) {
        let stack = Stack::generated(services);
        bencher.counter(ItemsCount::new(services)).bench_local(|| Tree::parse(FileId(0), &stack.compose));
    }

    #[divan::bench(args = SERVICES)]
    fn b_load_and_check(bencher: Bencher<'_, '_>, services: usize) {
        let stack = Stack::generated(services);
        bencher.counter(ItemsCount::new(services)).bench_local(|| checked(&stack));
    }

    #[divan::bench(args = SERVICES, sample_count = 10)]
    fn c_migrate(bencher: Bencher<'_, '_>, services: usize) {
        let stack = Stack::generated(services);
        bencher.counter(ItemsCount::new(services)).bench_local(|| migrated(&stack));
    }

    #[divan::bench(args = SERVICES)]
    fn d_resolve(bencher: Bencher<'_, '_>, services: usize) {
        let stack = Stack::generated(services);
        bencher.counter(ItemsCount::new(services)).bench_local(|| resolved(&stack));
    }
}

/// What `resolve` prints, without printing it.
fn resolved(stack: &Stack) -> String {
    let project = load(stack.sources(), &stack.files);
    resolve::json(&resolve::model(&project, resolve::Options::default()))
}

/// Reads the stack and runs all rules; the number of findings.
fn checked(stack: &Stack) -> usize {
    let project = load(stack.sources(), &stack.files);
    let findings = check(&project, &Layout::default(), &Selection::default()).findings.len();
    assert!(project.problems.is_empty() && findings > 0, "the stack is valid and has faults");
    findings
}

/// All rounds of `migrate`, with both parsers' word on each; nothing is written.
fn migrated(stack: &Stack) -> Outcome {
    let policy = Policy { up_to: Applicability::Unsafe, complete: true, ..Policy::default() };
    let outcome = fix::run(&stack.files, &stack.sources(), &Layout::default(), &policy);
    assert!(outcome.refused.is_empty() && !outcome.files.is_empty(), "the stack is brought home");
    outcome
}

/// A stack of that many services: anchors and merge keys, environments as maps and as lists, both forms of `depends_on`, several
/// networks, ports, and comments. A third of the services use an external Redis: by `${REDIS_URL}`, by split variables, or by a literal.
fn compose_of(services: usize) -> String {
    let mut out = String::from(HEAD);
    for number in 0..services {
        service(&mut out, number).expect("a String takes all that is written to it");
    }
    out.push_str(TAIL);
    out
}

const HEAD: &str = "\
# A generated stack.
x-service: &service-defaults
  restart: unless-stopped
  logging:
    driver: json-file
    options: {max-size: \"10m\", max-file: \"3\"}

x-environment: &common-environment
  TZ: \"Europe/Berlin\"
  LOG_LEVEL: ${LOG_LEVEL:-info}

services:
  postgres:
    image: postgres:16-alpine
    environment: {POSTGRES_PASSWORD: \"${POSTGRES_PASSWORD}\"}
    networks: [edge, inner, default]
    healthcheck:
      test: [\"CMD-SHELL\", \"pg_isready -U postgres\"]
";

const TAIL: &str = "
networks:
  edge:
    driver: bridge
  inner:

volumes:
  uploads:
";

fn service(out: &mut String, number: usize) -> std::fmt::Result {
    write!(out, "\n  # ---- service {number} ----\n  app-{number:03}:\n    <<: *service-defaults\n")?;
    writeln!(out, "    image: registry.example/app-{number:03}:1.{}   # built elsewhere", number % 7)?;
    environment(out, number)?;
    if number.is_multiple_of(4) {
        writeln!(out, "    ports:\n      - \"127.0.0.1:{}:8000\"", 20_000 + number)?;
    }
    match number % 3 {
        0 => out.push_str("    networks:\n      - edge\n"),
        1 => writeln!(out, "    networks:\n      inner:\n        aliases: [app-{number:03}.internal]")?,
        _ => {}
    }
    match number % 10 {
        0 => out.push_str("    depends_on:\n      - postgres\n"),
        _ => writeln!(
            out,
            "    depends_on:\n      postgres:\n        condition: service_healthy\n      app-{:03}:\n        condition: service_started",
            number - 1
        )?,
    }
    out.push_str("    volumes:\n      - uploads:/srv/uploads\n    healthcheck:\n");
    out.push_str(
        "      test: [\"CMD\", \"wget\", \"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:8000/health\"]\n      interval: 10s\n",
    );
    Ok(())
}

/// The environment of one service: a map for even numbers, a list for odd ones.
fn environment(out: &mut String, number: usize) -> std::fmt::Result {
    let mut variables = vec![("DATABASE_URL", "${DATABASE_URL}".to_owned()), ("WORKERS", format!("{}", number % 5))];
    match number % 9 {
        0 => variables.push(("REDIS_URL", "${REDIS_URL}".to_owned())),
        3 => variables.extend(split_variables(number)),
        6 => variables.push(("REDIS_URL", format!("redis://default:invented-{number}@203.0.113.10:6380/3"))),
        _ => variables.push(("FEATURES", "search,mail,export".to_owned())),
    }
    out.push_str("    environment:\n");
    if number.is_multiple_of(2) {
        out.push_str("      <<: *common-environment\n");
        variables.iter().try_for_each(|(key, value)| writeln!(out, "      {key}: \"{value}\""))
    } else {
        variables.iter().try_for_each(|(key, value)| writeln!(out, "      - {key}={value}"))
    }
}

/// Every second one has its own variables in `.env`, the others write the values themselves.
fn split_variables(number: usize) -> [(&'static str, String); 4] {
    let value = |key: &str, literal: &str| {
        if number.is_multiple_of(2) { format!("${{APP_{number}_{key}}}") } else { literal.to_owned() }
    };
    [
        ("REDIS_HOST", value("REDIS_HOST", "203.0.113.10")),
        ("REDIS_PORT", value("REDIS_PORT", "6380")),
        ("REDIS_PASSWORD", value("REDIS_PASSWORD", "invented-Pebble-4471")),
        ("REDIS_DB", value("REDIS_DB", "3")),
    ]
}

fn env_of(services: usize) -> String {
    let mut out = String::from("# Settings of the generated stack.\nLOG_LEVEL=info\nPOSTGRES_PASSWORD='invented-harbour-93'\n");
    out.push_str("DATABASE_URL=postgresql://postgres:invented-harbour-93@postgres:5432/app\n");
    out.push_str("REDIS_URL=redis://default:invented-Pebble-4471@203.0.113.10:6380/3   # the managed one\n");
    for number in (0..services).filter(|number| number % 9 == 3 && number.is_multiple_of(2)) {
        let _ = writeln!(out, "\nAPP_{number}_REDIS_HOST=203.0.113.10\nAPP_{number}_REDIS_PORT=6380");
        let _ = writeln!(out, "APP_{number}_REDIS_PASSWORD=\"invented-Pebble-4471\"\nAPP_{number}_REDIS_DB=3");
    }
    out
}
