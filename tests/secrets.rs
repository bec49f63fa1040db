//! A password is never printed. One that cannot occur by chance is planted wherever a password can stand; then every command runs in
//! every format, and no five characters of it may show up anywhere but in the files themselves and in the backup.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::{Project, Ran, files_below, names_in, read, repository};

const CANARY: &str = "kX9vWq2jLz8ZbT4";

/// The passwords of the fixtures, to be replaced by the canary.
const KNOWN: [&str; 34] = [
    "an invented sentence that signs the tokens",
    "s3cret-fixture-of-good-length",
    "v3ry-1nv3nted/s3cret$key",
    "s3cret of yesterday #1",
    "n0t-a-r3al-0ne-f1x7ure",
    "p4ss-of-the-database",
    "invented-Pebble-4471",
    "s3cret-of-yesterday",
    "invented-harbour-93",
    "s3cret-of-long-ago",
    "s3cret-fixture-one",
    "s3cret-fixture-two",
    "p4ss-of-yesterday",
    "p4ss of yesterday",
    "s3cret\\\\fixture",
    "s3cret%2Dfixture",
    "s3cret\\$fixture",
    "s3cret\\'fixture",
    "s3cret$$fixture",
    "s3cret\"fixture",
    "s3cret\\fixture",
    "s3cret-fixture",
    "s3cret fixture",
    "s3cret$fixture",
    "s3cret#fixture",
    "s3cret'fixture",
    "other-fixture",
    "p4ss-of-today",
    "s3cret%2Fone",
    "changeme-1a2",
    "old-fixture",
    "s3cret/one",
    "f1x7ure9",
    "p%40ss",
];

/// All formats that `check` knows: the program names them when it is given one that it does not.
fn formats() -> Vec<String> {
    let ran = Project::new().run(&["check", "--format", "?"]).exits(2);
    let listed = ran.stderr.split("[possible values: ").nth(1).and_then(|rest| rest.split(']').next()).expect("a list of values");
    listed.split(", ").map(str::to_owned).collect()
}

/// Every form of the model, without secrets.
const RESOLVE: [&[&str]; 4] = [
    &["resolve", "--profile", "*"],
    &["resolve", "--profile", "*", "--origin"],
    &["resolve", "--profile", "*", "--format", "json"],
    &["resolve", "--profile", "*", "--format", "json", "--origin"],
];

/// Runs everything on the project and looks at all that is printed and at the names of all files.
fn keeps_secret(name: &str, project: &Project, formats: &[String]) -> Result<(), String> {
    let mut runs: Vec<Vec<&str>> = formats.iter().map(|format| vec!["check", "-v", "--format", format.as_str()]).collect();
    runs.push(vec!["check", "--color", "always"]);
    runs.push(vec!["check", "--diff", "--unsafe-fixes"]);
    runs.push(vec!["check", "--diff", "--unsafe-fixes", "--color", "always"]);
    runs.push(vec!["migrate", "--dry-run"]);
    runs.push(vec!["migrate", "--dry-run", "--format", "json"]);
    runs.push(vec!["migrate"]);
    runs.extend(["text", "mermaid", "dot", "json"].map(|format| vec!["graph", "--format", format]));
    runs.push(vec!["graph", "--color", "always"]);
    runs.extend(RESOLVE.map(<[&str]>::to_vec));
    let carriers: BTreeSet<PathBuf> = carriers(project);
    for args in runs {
        quiet(name, &args, &project.run(&args))?;
    }
    let before = project.contents();
    for args in [&["migrate", "--yes"][..], &["rollback"], &["check", "--fix", "--unsafe-fixes", "-v"], &["rollback"]] {
        quiet(name, args, &project.run(args))?;
        names_are_clean(name, project)?;
        let moved = |path: &&PathBuf| !carriers.contains(*path) && path.as_path() != Path::new(".env");
        if let Some(path) = self::carriers(project).iter().find(|path| moved(path)) {
            return Err(format!("{name}, {args:?}: the password is now in {}", path.display()));
        }
    }
    if project.contents() != before {
        return Err(format!("{name}: rollback has not restored everything"));
    }
    Ok(())
}

/// The files that hold the password.
fn carriers(project: &Project) -> BTreeSet<PathBuf> {
    let holds = |bytes: &[u8]| leak(&String::from_utf8_lossy(bytes)).is_some();
    project.contents().into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
}

fn quiet(name: &str, args: &[&str], ran: &Ran) -> Result<(), String> {
    if !matches!(ran.code, Some(0..=2)) || ran.stderr.contains("panicked") {
        return Err(format!("{name}, {args:?}: {:?} {}", ran.code, ran.stderr));
    }
    for text in [&ran.stdout, &ran.stderr] {
        if let Some(line) = text.lines().find(|line| leak(line).is_some()) {
            let shown: String = line.chars().take(300).collect();
            return Err(format!("{name}, {}:\n    {shown}", args.join(" ")));
        }
    }
    // Line by line would miss what a report breaks into several lines.
    match leak(&ran.stdout.split_whitespace().collect::<String>()) {
        Some(part) => Err(format!("{name}, {}: {part} is shown over a line's end", args.join(" "))),
        None => Ok(()),
    }
}

/// Five characters of the canary that stand in a text.
fn leak(text: &str) -> Option<&'static str> {
    (0..=CANARY.len() - 5).map(|at| &CANARY[at..at + 5]).find(|part| text.contains(part))
}

fn names_are_clean(name: &str, project: &Project) -> Result<(), String> {
    let files = files_below(&project.root());
    let leaking = files.iter().find(|path| leak(&path.to_string_lossy()).is_some());
    leaking.map_or(Ok(()), |path| Err(format!("{name}: the name of {}", path.display())))
}

fn all_are_kept<'a>(projects: impl Iterator<Item = (String, Project)> + 'a) {
    let formats = formats();
    let leaks: Vec<String> = projects.filter_map(|(name, project)| keeps_secret(&name, &project, &formats).err()).collect();
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

#[test]
fn in_every_fixture() {
    let mut folders: Vec<PathBuf> = ["clean", "bad"]
        .iter()
        .flat_map(|kind| {
            let root = repository().join("tests/projects").join(kind);
            names_in(&root).into_iter().map(move |name| root.join(name))
        })
        .collect();
    folders.push(repository().join("tests/projects/postiz-stack"));
    let rules = repository().join("tests/rules");
    for rule in names_in(&rules) {
        folders.extend(names_in(&rules.join(&rule)).iter().map(|case| rules.join(&rule).join(case).join("before")));
    }
    all_are_kept(folders.into_iter().filter_map(|folder| Some((folder.display().to_string(), planted(&folder)?))));
}

/// A copy with the canary in the place of every known password; `None` if there is none.
fn planted(folder: &Path) -> Option<Project> {
    let project = Project::copy_of(folder);
    let mut found = false;
    for file in files_below(folder) {
        let Ok(text) = std::fs::read_to_string(folder.join(&file)) else { continue };
        let new = KNOWN.iter().fold(text.clone(), |text, password| text.replace(password, CANARY));
        found |= new != text;
        project.write(&file, new);
    }
    found.then_some(project)
}

/// Nobody adds a fixture with a password that this test does not know.
#[test]
fn the_passwords_of_all_fixtures_are_known() {
    let root = repository().join("tests");
    for folder in ["rules", "projects"] {
        for file in files_below(&root.join(folder)) {
            let path = root.join(folder).join(&file);
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let rest = KNOWN.iter().fold(text, |text, password| text.replace(password, ""));
            for word in ["p4ss", "s3cret", "invented-"] {
                let rest = rest.replace("p4ss@fine-cat", "");
                assert!(!rest.contains(word), "{}: a password that is not in KNOWN", path.display());
            }
        }
    }
}

/// Values with a password, for a variable that is expected to hold one.
const VALUES: [&str; 26] = [
    "redis://:CANARY@203.0.113.10:6379/0",
    "redis://default:CANARY@203.0.113.10:6380/3",
    "rediss://user:CANARY@redis.example.com:6380/0?ssl_cert_reqs=none",
    "redis://CANARY@203.0.113.10:6379",
    "REDIS://:CANARY@203.0.113.10",
    "redis://:CANARY@localhost:6379/0",
    "redis://:CANARY@redis:6379/0",
    "redis://:CANARY@nowhere:6379/0",
    "redis://:CANARY@[2001:db8::1]:6379/0",
    "redis://:CANARY@host.docker.internal",
    "redis://default:CANARY@fine-cat-1.upstash.io:6379",
    "redis://:CANARY@203.0.113.10:6379,203.0.113.11:6379/0",
    "redis+sentinel://:CANARY@203.0.113.10:26379,203.0.113.11:26379/main",
    "sentinel://:CANARY@203.0.113.10:26379;sentinel://:CANARY@203.0.113.11:26379",
    "redis+socket:///run/redis.sock?password=CANARY&virtual_host=2",
    "203.0.113.10:6379,password=CANARY,ssl=true,defaultDatabase=3",
    "redis://203.0.113.10:6379/0?password=CANARY",
    "valkey://:CANARY@203.0.113.10:6379/0",
    // Not encoded, so that parsers disagree on where the password ends.
    "redis://:ab/CANARY@203.0.113.10:6379/0",
    "redis://:ab?CANARY@203.0.113.10:6379/0",
    "redis://:ab#CANARY@203.0.113.10:6379/0",
    "redis://:ab@CANARY@203.0.113.10:6379/0",
    "redis://:CANARY:ab@203.0.113.10:6379/0",
    "redis://:CANARY%zz@203.0.113.10:6379/0",
    // Not finished.
    "redis://:CANARY@",
    "redis://default:CANARY",
];

/// Where a value can stand; `VALUE` is replaced. The first file is the compose file, the second the env file.
const PLACES: [(&str, &str, &str); 7] = [
    ("env file", "services:\n  api:\n    image: example/api:1.0\n    env_file: .env\n", "A=1\nREDIS_URL=VALUE\nB=2\n"),
    (
        "quoted, exported, with a comment",
        "services:\n  redis:\n    image: redis:7-alpine\n  api:\n    image: example/api:1.0\n    environment: [REDIS_URL]\n",
        "export REDIS_URL=\"VALUE\"   # was VALUE before\n",
    ),
    (
        "environment",
        "services:\n  redis:\n    image: redis:7-alpine\n  api:\n    image: example/api:1.0\n    environment:\n      REDIS_URL: 'VALUE'\n",
        "",
    ),
    (
        "flow style",
        "services: {redis: {image: redis}, api: {image: \"example/api:1.0\", environment: {A: b, REDIS_URL: \"VALUE\", C: d}}}\n",
        "",
    ),
    (
        "default in a list of an anchor",
        "x-env: &env\n  - A=1\n  - \"CACHE_REDIS_URL=${CACHE:-VALUE}\"\nservices:\n  api:\n    image: example/api:1.0\n    environment: *env\n  db:\n    image: postgres:16\n    environment: *env\n",
        "",
    ),
    (
        "folded",
        "services:\n  redis:\n    image: redis:7-alpine\n  api:\n    image: example/api:1.0\n    environment:\n      REDIS_URL: >-\n        VALUE\n",
        "",
    ),
    (
        "command",
        "services:\n  redis:\n    image: redis:7-alpine\n  worker:\n    image: example/worker:1.0\n    command: celery -b 'VALUE' worker\n",
        "",
    ),
];

fn project(compose: &str, env: &str, value: &str) -> Project {
    let fill = |text: &str| text.replace("VALUE", value).replace("CANARY", CANARY);
    let project = Project::new().compose(&fill(compose));
    if env.is_empty() { project } else { project.env(&fill(env)) }
}

#[test]
fn in_every_form_of_a_url() {
    let combined = PLACES.iter().flat_map(|place| VALUES.iter().map(move |value| (place, value)));
    // Every value in two places, every place with many values: all with all would take minutes.
    let some = combined.enumerate().filter(|(number, _)| number % 3 == 0).map(|(_, pair)| pair);
    all_are_kept(some.map(|((name, compose, env), value)| (format!("{name}: {value}"), project(compose, env, value))));
}

/// Whole projects with the password in some other place.
const PROJECTS: [(&str, &str, &str); 17] = [
    (
        "server's command, health check and clients",
        "services:\n  redis:\n    image: redis:7-alpine\n    command: redis-server --requirepass CANARY --masterauth CANARY\n    ports: [\"6379:6379\"]\n    healthcheck:\n      test: [\"CMD\", \"redis-cli\", \"-a\", \"CANARY\", \"ping\"]\n  api:\n    image: example/api:1.0\n    environment:\n      REDIS_HOST: 203.0.113.10\n      REDIS_PASSWORD: CANARY\n",
        "",
    ),
    (
        "list command and shell health check",
        "services:\n  redis:\n    image: redis:7-alpine\n    command:\n      - redis-server\n      - --requirepass\n      - CANARY # the one\n      - --user default on >CANARY\n    mem_limit: 64m\n    healthcheck:\n      test: redis-cli --pass CANARY ping || exit 1\n  api:\n    image: example/api:1.0\n    depends_on: [redis]\n",
        "",
    ),
    (
        "script",
        "services:\n  redis:\n    image: redis:7-alpine\n    command: |\n      sh -c \"\n      redis-server --requirepass 'CANARY'\n      \"\n    environment:\n      - REDISCLI_AUTH=CANARY\n      - REDIS_ARGS=--requirepass CANARY\n  api:\n    image: example/api:1.0\n    environment:\n      REDIS_URL: redis://redis:6379\n",
        "",
    ),
    (
        "image of another maker",
        "services:\n  redis:\n    image: bitnami/redis:latest\n    environment: {REDIS_PASSWORD: CANARY}\n    healthcheck: {test: [CMD, redis-cli, ping]}\n  api:\n    image: example/api:1.0\n    environment: [REDIS_HOST=redis, REDIS_PASSWORD=CANARY]\n",
        "",
    ),
    (
        "secrets of others around",
        "services:\n  api:\n    image: example/api:1.0\n    environment:\n      AWS_SECRET_ACCESS_KEY: CANARY\n      REDIS_HOST: 203.0.113.10\n      API_TOKEN: \"CANARY\"\n      DATABASE_URL: postgres://app:CANARY@db:5432/app\n      JWT_SECRET: 'CANARY'\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: CANARY\n",
        "",
    ),
    (
        "comments",
        "services:\n  api:\n    image: example/api:1.0\n    environment:\n      # REDIS_URL: redis://:CANARY@198.51.100.1:6379\n      REDIS_URL: ${REDIS_URL} # redis://:CANARY@198.51.100.1:6379\n      # password: CANARY\n",
        "# REDIS_PASSWORD=CANARY\nREDIS_URL=redis://203.0.113.10:6379/0 # redis://:CANARY@203.0.113.10\n#export REDIS_PASSWORD='CANARY'\n",
    ),
    (
        "split variables",
        "services:\n  api:\n    image: example/api:1.0\n    env_file: .env\n",
        "REDIS_HOST=203.0.113.10\nREDIS_PASSWORD=CANARY\nREDIS_PASS: CANARY\nexport REDIS_AUTH=\"CANARY\"\nREDIS_PORT=6380\n",
    ),
    (
        "password over several lines",
        "services:\n  api:\n    image: example/api:1.0\n    env_file: .env\n",
        "PRIVATE_KEY=\"-----BEGIN KEY-----\nCANARY\nCANARY\n-----END KEY-----\"\nREDIS_URL=redis://203.0.113.10:6379/0\n",
    ),
    ("yaml that breaks in the line", "services:\n  api:\n    environment:\n      REDIS_PASSWORD: \"CANARY\n", ""),
    (
        "yaml with a tab",
        "services:\n  api:\n    environment:\n      REDIS_URL: redis://:CANARY@203.0.113.10\n\tREDIS_PASSWORD: CANARY\n",
        "",
    ),
    ("yaml with a colon", "services:\n  api:\n    command: redis-cli -a CANARY: ping: x\n", ""),
    (
        "a key twice",
        "services:\n  api:\n    image: x\n    environment:\n      REDIS_PASSWORD: CANARY\n      REDIS_PASSWORD: CANARY\n",
        "",
    ),
    (
        "a quote that stays open",
        "services:\n  api:\n    image: x\n",
        "A=1\nREDIS_PASSWORD=\"CANARY\nREDIS_URL=redis://:CANARY@203.0.113.10\n",
    ),
    ("a name that is none", "services:\n  api:\n    image: x\n", "REDIS PASSWORD=CANARY\n"),
    ("a character that is none", "services:\n  api:\n    image: x\n", "REDIS%PASSWORD=redis://:CANARY@203.0.113.10\n"),
    (
        "a health check without CMD",
        "services:\n  redis:\n    image: redis:7\n    healthcheck:\n      test: [\"redis-cli -a CANARY ping\"]\n",
        "",
    ),
    (
        "a reference that is not closed",
        "services:\n  api:\n    image: x\n    environment:\n      REDIS_URL: redis://:CANARY@${HOST:6379\n",
        "",
    ),
];

#[test]
fn in_every_other_place() {
    all_are_kept(PROJECTS.iter().map(|(name, compose, env)| ((*name).to_owned(), project(compose, env, ""))));
}

/// Whole projects with the password where its looks do not tell that it is one: apart from its key, under another key.
const APART: [(&str, &str, &str); 17] = [
    (
        "an anchor",
        "x-p: &p CANARY\nservices:\n  redis:\n    image: redis:7\n  api:\n    image: x\n    environment:\n      REDIS_HOST: 203.0.113.10\n      REDIS_PASSWORD: *p\n",
        "",
    ),
    (
        "an anchor in a list",
        "x-p: [&p 'CANARY']\nservices:\n  redis:\n    image: redis:7\n  api:\n    image: x\n    environment: {REDIS_HOST: 203.0.113.10, REDIS_PASSWORD: *p}\n",
        "",
    ),
    (
        "an explicit key",
        "services:\n  redis:\n    image: redis:7\n  api:\n    image: x\n    environment:\n      ? REDIS_PASSWORD\n      : CANARY\n      ? REDIS_HOST\n      : redis\n",
        "",
    ),
    (
        "a flow mapping over lines",
        "services:\n  redis:\n    image: redis:7\n  api:\n    image: x\n    environment: {REDIS_HOST: redis, REDIS_PASSWORD:\n      CANARY}\n",
        "",
    ),
    (
        "a variable of another name",
        "services:\n  redis:\n    image: redis:7\n    command: redis-server --requirepass ${P}\n  api:\n    image: x\n    environment: {REDIS_HOST: 203.0.113.10, REDIS_PASSWORD: '${P}', MOTD: 'x CANARY y'}\n",
        "P=CANARY\nREDIS_PORT=x\n",
    ),
    (
        "escapes",
        "services:\n  redis:\n    image: redis:7\n  api:\n    image: x\n    environment:\n      ? REDIS_PASSWORD\n      : \"CANARY\\x41\\\"CANARY\"\n",
        "",
    ),
    (
        "a build argument",
        "x-p: &p CANARY\nservices:\n  redis:\n    image: redis:7\n    build: {context: ., args: {REDIS_PASSWORD: *p}}\n    labels: {x: *p}\n    ports: [CANARY]\n",
        "",
    ),
    (
        "a command",
        "x-p: &p CANARY\nservices:\n  redis:\n    image: redis:7\n    command: [redis-server, --requirepass, *p]\n    ports: ['6379:6379']\n",
        "",
    ),
    (
        "a command of mentioned words",
        "x-p: [--requirepass, &p CANARY]\nservices:\n  redis:\n    image: redis:7\n    ports: ['6379:6379']\n    command:\n      - redis-server\n      - --requirepass\n      - *p\n    healthcheck: {test: [CMD, redis-cli, -a, *p, ping]}\n",
        "",
    ),
    (
        "addresses without a scheme",
        "services:\n  redis:\n    image: redis:7\n  api:\n    image: x\n    env_file: .env\n    environment:\n      REDIS_URL: //u:CANARY@203.0.113.10:6379\n      SESSION: 'tcp://203.0.113.10:6379?auth[]=u&auth[]=CANARY'\n      REDIS_PATH: 'tcp://203.0.113.10:6379?auth%5B%5D=u&auth%5B%5D=CANARY'\n",
        "redis://:CANARY@203.0.113.10\n",
    ),
    (
        "an address in place of a variable",
        "services:\n  redis:\n    image: redis:7\n  api:\n    image: x\n    environment: ['redis://u:CANARY@203.0.113.10', 'redis://u:CANARY@203.0.113.10/?x=1', 'REDIS_HOST=redis']\n",
        "",
    ),
    (
        "other servers around",
        "services:\n  redis:\n    image: redis:7\n    healthcheck: {test: 'curl -u u:CANARY http://redis'}\n  api:\n    image: x\n    environment: {REDIS_HOST: 203.0.113.10, D: 'u:CANARY@tcp(h:3306)/d'}\n  db:\n    image: mysql:8\n    healthcheck: {test: [CMD, mysqladmin, ping, -uroot, -pCANARY]}\n",
        "",
    ),
    (
        "doubled quotes",
        "services:\n  redis:\n    image: redis:7\n    command: 'redis-server --requirepass ''CANARY'''\n    ports: ['redis-cli --user u --pass ''CANARY''']\n",
        "",
    ),
    (
        "a reference that is none",
        "services:\n  redis:\n    image: redis:7\n  api:\n    image: x\n    environment:\n      REDIS_PASSWORD: ${CANARY!}\n",
        "",
    ),
    (
        "a mapping in place of a value",
        "services:\n  redis:\n    image: redis:7\n  api:\n    image: x\n    environment:\n      REDIS_PASSWORD: {CANARY: 1}\n",
        "",
    ),
    (
        "a mapping below a name",
        "services:\n  redis:\n    image: redis:7\n  api:\n    image: x\n    environment:\n      REDIS_PASSWORD:\n        CANARY: 1\n",
        "",
    ),
    (
        "names in other languages",
        "services:\n  redis:\n    image: redis:7\n  api:\n    image: x\n    environment:\n      REDIS_HOST: 203.0.113.10\n      KENNWORT: CANARY\n      MOT_DE_PASSE: CANARY\n      CONTRASENA: CANARY\n      SENHA: CANARY\n      OTP: CANARY\n      PIN: CANARY\n",
        "",
    ),
];

#[test]
fn apart_from_its_key() {
    all_are_kept(APART.iter().map(|(name, compose, env)| ((*name).to_owned(), project(compose, env, ""))));
}

/// Places of the model that a report on Redis has no reason to show, with what stays to be seen there: the mask hides no more than it has
/// to.
const MODEL: [(&str, &str, &str); 15] = [
    ("userinfo", "environment: {CACHE_URL: 'redis://default:CANARY@cache.example.com:6379/1'}", "cache.example.com:6379/1"),
    ("userinfo of another scheme", "environment: {DB: 'postgres://app:CANARY@db:5432/shop'}", "db:5432/shop"),
    ("userinfo in a list", "environment: ['CACHE_URL=redis://:CANARY@cache:6379/1']", "cache:6379/1"),
    ("requirepass as words", "command: [redis-server, --requirepass, CANARY, --port, '6380']", "6380"),
    ("requirepass in a line", "command: redis-server --requirepass CANARY --port 6380", "6380"),
    ("requirepass in a shell", "command: sh -c 'exec redis-server --requirepass \"CANARY\" --port 6380'", "6380"),
    ("requirepass in a shell as words", "command: [sh, -c, 'redis-server --requirepass CANARY --port 6380']", "6380"),
    ("entrypoint", "entrypoint: [redis-cli, -h, cache, -a, CANARY, monitor]", "monitor"),
    ("health check as words", "healthcheck: {test: [CMD, redis-cli, -a, CANARY, ping], interval: 5s}", "ping"),
    ("health check in a line", "healthcheck: {test: 'redis-cli -a CANARY ping || exit 1', interval: 5s}", "ping"),
    ("health check with a variable", "healthcheck: {test: 'REDISCLI_AUTH=CANARY redis-cli ping', interval: 5s}", "REDISCLI_AUTH"),
    (
        "by the name of the key",
        "environment: {SESSION_SECRET: CANARY, API_TOKEN: 'CANARY', APP_PASSWORD: \"CANARY\", PORT: 6380}",
        "6380",
    ),
    ("labels", "labels: {shop.cache.password: CANARY, shop.cache: 'redis://:CANARY@cache:6379/1'}", "example/app"),
    ("build arguments", "build: {context: ., args: {REDIS_PASSWORD: CANARY, NPM_TOKEN: CANARY}}", "example/app"),
    (
        "address by name",
        "extra_hosts: ['cache=203.0.113.7']\n    hostname: 'x'\n    environment: [REDIS_PASSWORD=CANARY]",
        "203.0.113.7",
    ),
];

/// The model shows a secret only when it is asked to, and the same as ever beside it.
#[test]
fn in_the_model() {
    let mut wrong = Vec::new();
    for (name, place, stays) in MODEL {
        let compose = format!("services:\n  app:\n    image: example/app:1.0\n    {place}\n");
        let anchored = format!(
            "x-app: &app\n  image: example/app:1.0\n  {}\nservices:\n  app:\n    <<: *app\n",
            place.replace("\n    ", "\n  ")
        );
        for compose in [compose, anchored] {
            let project = project(&compose, "", "");
            for args in RESOLVE {
                let ran = project.run(args);
                if let Err(leak) = quiet(name, args, &ran) {
                    wrong.push(leak);
                }
                if ran.code != Some(0) || !ran.stdout.contains(stays) {
                    wrong.push(format!("{name}, {args:?}: no {stays} in\n{}{}", ran.stdout, ran.stderr));
                }
                let open = project.run(&[args, &["--show-secrets"]].concat());
                if !["labels", "build arguments"].contains(&name) && leak(&open.stdout).is_none() {
                    wrong.push(format!("{name}, {args:?}: not shown when asked for:\n{}", open.stdout));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn in_an_env_file_that_is_not_utf8() {
    let project = Project::new().compose(
        "services:\n  app:\n    image: example/app:1.0\n    env_file: .env\n    environment: {A: '${REDIS_PASSWORD}'}\n",
    );
    for text in [
        &format!("REDIS_PASSWORD={CANARY}\nNAME=caf\u{e9}\nREDIS_URL=redis://:{CANARY}@203.0.113.10\n"),
        &format!("REDIS_PASSWORD={CANARY}\u{e9}\n"),
        &format!("NAME=caf\u{e9} redis://:{CANARY}@203.0.113.10\n"),
    ] {
        let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
        let project = Project::copy_of(project.root()).file(".env", latin);
        keeps_secret("Latin-1", &project, &formats()).unwrap_or_else(|leak| panic!("{leak}"));
        for args in RESOLVE {
            let ran = project.run(args).exits(0).complains(".env:");
            assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        }
    }
}

/// What Compose rejects is said with its place and its name, never with the value.
#[test]
fn in_what_is_said_of_a_rejected_project() {
    for (name, place) in [
        ("a key that is none", "enviroment: {REDIS_PASSWORD: CANARY}"),
        ("a list with a mapping", "environment: ['A=1', {REDIS_PASSWORD: CANARY}]"),
        ("a type that does not fit", "environment: {REDIS_PASSWORD: [CANARY]}"),
        ("a date", "environment: {REDIS_PASSWORD: 'CANARY', DAY: 2024-01-01}"),
        ("a reference that is not closed", "environment: {REDIS_URL: 'redis://:CANARY@${HOST:6379'}"),
        ("a reference with a message", "environment: {REDIS_URL: '${REDIS_URL:?redis://:CANARY@x}'}"),
        ("a reference to nothing that can be", "environment: {REDIS_PASSWORD: 'CANARY${}'}"),
        ("a volume", "volumes: ['redis://:CANARY@host:/data']"),
        ("a port", "ports: ['redis://:CANARY@host:6379']"),
        ("a duration", "healthcheck: {test: [CMD, redis-cli, -a, CANARY, ping], interval: 'password=CANARY'}"),
        ("a health check without CMD", "healthcheck: {test: ['redis-cli -a CANARY ping']}"),
        ("a memory limit", "mem_limit: 'password=CANARY'"),
        ("a dependency", "depends_on: ['redis://:CANARY@host']"),
        ("a network", "networks: ['redis://:CANARY@host']"),
        ("an extended service", "extends: 'redis://:CANARY@host'"),
        ("an extended file", "extends: {service: x, file: 'redis://:CANARY@host/x.yaml'}"),
        ("an env file", "env_file: 'redis://:CANARY@host/x.env'"),
        ("a command with a quote that stays open", "command: 'redis-server --requirepass \"CANARY'"),
        ("a key twice", "environment: {REDIS_PASSWORD: CANARY, REDIS_PASSWORD: CANARY}"),
        ("an anchor that is none", "environment: {REDIS_PASSWORD: *CANARY }\n    labels: {password: CANARY"),
        ("an image of two lines", "image: \"redis://:CANARY@host\""),
    ] {
        let compose = format!("services:\n  app:\n    image: example/app:1.0\n    {place}\n");
        // The name of an anchor is no secret.
        let project = project(&compose.replace("*CANARY", "*none"), "", "");
        for args in RESOLVE.iter().copied().chain([&["check", "-v"][..], &["check", "-v", "--format", "json"], &["graph"]]) {
            let ran = project.run(args);
            quiet(name, args, &ran).unwrap_or_else(|leak| panic!("{leak}"));
            if args[0] == "resolve" && ran.code == Some(1) {
                assert_eq!(ran.stdout, "", "{name}");
                assert!(ran.stderr.starts_with("docker-compose.yml:"), "{name}: {}", ran.stderr);
            }
        }
    }
}

#[test]
fn from_standard_input() {
    let project = Project::new().compose("services:\n  api:\n    image: x\n").env("A=1\n");
    for (file, text) in [
        (".env", format!("REDIS_URL=redis://:{CANARY}@203.0.113.10\n")),
        (".env", format!("REDIS PASSWORD={CANARY}\n")),
        ("docker-compose.yml", format!("REDIS_PASSWORD: {CANARY}: x\n")),
        ("docker-compose.yml", format!("{{{{ {CANARY} }}}}\n")),
        ("docker-compose.yml", format!("password={CANARY}\n\tx")),
        ("docker-compose.yml", format!("services: !!{CANARY} {CANARY}\n")),
    ] {
        for format in formats() {
            let args = ["check", "-v", "--format", &format, "--stdin-filename", file];
            let ran = project.run_with(&args, text.as_bytes());
            // What is not said to be a password may be shown: a word that stands alone is none.
            if text.contains("PASSWORD") || text.contains("password") || text.contains("://") {
                quiet(file, &args, &ran).unwrap_or_else(|leak| panic!("{leak}"));
            }
        }
        let mut bytes = text.into_bytes();
        bytes.push(0xff);
        quiet(file, &["stdin"], &project.run_with(&["check", "--stdin-filename", file], &bytes))
            .unwrap_or_else(|leak| panic!("{leak}"));
    }
}

#[test]
fn when_writing_fails() {
    let project = project(PLACES[0].1, PLACES[0].2, VALUES[0]);
    project.write(support::BACKUPS, "in the way\n");
    for args in [&["migrate", "--yes"][..], &["check", "--fix", "--unsafe-fixes"], &["rollback"]] {
        quiet("a file in the way", args, &project.run(args).exits(2)).unwrap_or_else(|leak| panic!("{leak}"));
    }
}

/// The mask has one length, whatever it hides.
#[test]
fn the_mask_tells_nothing_of_the_length() {
    let shown = |password: &str| {
        let env = format!("REDIS_URL=redis://:{password}@203.0.113.10:6379/0\n");
        let project = Project::new().compose(PLACES[0].1).env(&env);
        project.run(&["check"]).stdout
    };
    let strip = |text: String| text.lines().filter(|line| line.contains("REDIS_URL=")).collect::<String>();
    assert_eq!(strip(shown("abcdef")), strip(shown("abcdefghijklmnopqrstuvwxyz")));
    assert!(strip(shown("abcdef")).contains("redis://********@203.0.113.10"));
}

/// What this test searches for would be found if it were there.
#[test]
fn the_search_finds_a_leak() {
    assert!(leak(&format!("x{}y", &CANARY[3..8])).is_some());
    assert!(leak(&read(&repository().join("Cargo.toml"))).is_none());
}
