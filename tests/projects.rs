//! Which files make a project, and what the words of the command line, `.env` and the caller's environment change about it: the same for
//! every command that reads one.

mod support;

use serde_json::Value;
use support::{Project, Ran};

/// Commands that read a project and print what they find in it.
const READERS: [&[&str]; 4] = [
    &["check", "--format", "concise"],
    &["resolve", "--format", "json"],
    &["graph", "--format", "json"],
    &["migrate", "--dry-run", "--format", "json"],
];

/// An app that uses the Redis at an address.
fn app(service: &str, address: &str) -> String {
    format!("services:\n  {service}:\n    image: example/app:1.0\n    environment:\n      REDIS_URL: redis://{address}:6379/0\n")
}

/// The one that prints nothing but what is in effect. The others also speak of values that no service gets.
const EXACT: &str = "resolve";

/// Every reader, given these words, speaks of what is wanted, and takes nothing else for what is in effect.
#[track_caller]
fn all_see(project: &Project, words: &[&str], wanted: &[&str], unwanted: &[&str]) {
    for reader in READERS {
        let args = [reader, words].concat();
        let ran = project.run(&args);
        assert!(matches!(ran.code, Some(0 | 1)), "{args:?}: {:?} {}", ran.code, ran.stderr);
        for text in wanted {
            assert!(ran.stdout.contains(text), "{args:?}: no {text} in\n{}{}", ran.stdout, ran.stderr);
        }
        for text in unwanted.iter().filter(|_| reader[0] == EXACT) {
            assert!(!ran.stdout.contains(text), "{args:?}: {text} in\n{}", ran.stdout);
        }
    }
}

fn resolved(project: &Project, words: &[&str]) -> Value {
    project.run(&[&["resolve", "--format", "json", "-q"], words].concat()).exits(0).quietly().json()
}

fn services(project: &Project, words: &[&str]) -> Vec<String> {
    resolved(project, words)["services"].as_object().expect("a mapping").keys().cloned().collect()
}

// ── -f, --project-directory ─────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn named_files_are_merged_and_others_are_not_read() {
    let project = Project::new()
        .file("compose.yaml", app("unread", "203.0.113.1"))
        .file("compose.override.yaml", app("unread", "203.0.113.2"))
        .file("a.yaml", app("api", "203.0.113.3"))
        .file("b.yaml", "services:\n  api:\n    environment:\n      CACHE_REDIS_URL: redis://203.0.113.4:6379/0\n");
    let words = ["-f", "a.yaml", "--file", "b.yaml"];
    all_see(&project, &words, &["203.0.113.3", "203.0.113.4"], &["203.0.113.1", "203.0.113.2"]);
    let later = Project::new().file("a.yaml", app("api", "203.0.113.3")).file("b.yaml", app("api", "203.0.113.4"));
    all_see(&later, &["-f", "a.yaml", "-f", "b.yaml"], &["203.0.113.4"], &["203.0.113.3"]);
    all_see(&later, &["-f", "b.yaml", "-f", "a.yaml"], &["203.0.113.3"], &["203.0.113.4"]);
}

#[test]
fn paths_in_named_files_count_from_the_folder_of_the_first() {
    let env_file = "services:\n  api:\n    env_file: app.env\n    volumes: ['./data:/data']\n";
    let project = Project::new()
        .file("one/a.yaml", "services:\n  api:\n    image: 'x:${TAG}'\n")
        .file("two/b.yaml", env_file)
        .file("one/app.env", "REDIS_URL=redis://203.0.113.1:6379\n")
        .file("two/app.env", "REDIS_URL=redis://203.0.113.2:6379\n")
        .file("one/.env", "TAG=one\n")
        .file("two/.env", "TAG=two\n")
        .env("TAG=here\n");
    all_see(&project, &["-f", "one/a.yaml", "-f", "two/b.yaml"], &["203.0.113.1"], &["203.0.113.2"]);
    let model = resolved(&project, &["-f", "one/a.yaml", "-f", "two/b.yaml"]);
    assert_eq!((&model["name"], &model["services"]["api"]["image"]), (&Value::from("one"), &Value::from("x:one")));
    let source = model["services"]["api"]["volumes"][0]["source"].as_str().expect("a path");
    assert_eq!(std::path::Path::new(source), project.path("one/data"));

    all_see(
        &project,
        &["-f", "one/a.yaml", "-f", "two/b.yaml", "--project-directory", "two"],
        &["203.0.113.2"],
        &["203.0.113.1"],
    );
    let model = resolved(&project, &["--project-directory", "two", "-f", "one/a.yaml", "-f", "two/b.yaml"]);
    assert_eq!((&model["name"], &model["services"]["api"]["image"]), (&Value::from("two"), &Value::from("x:two")));
}

#[test]
fn a_project_directory_is_searched_where_no_file_is_named() {
    let project =
        Project::new().file("apps/shop/compose.yaml", app("api", "203.0.113.1")).file("compose.yaml", app("web", "203.0.113.2"));
    all_see(&project, &["--project-directory", "apps/shop"], &["203.0.113.1"], &["203.0.113.2"]);
}

#[test]
fn a_named_file_that_is_not_there_is_said() {
    let project = Project::new().compose(&app("api", "203.0.113.1"));
    for reader in READERS {
        let ran = project.run(&[reader, &["-f", "docker-compose.yml", "-f", "gone.yml"]].concat()).exits(2);
        assert_eq!(ran.stderr, "cachelint: gone.yml is not there\n");
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn what_comes_from_standard_input_is_read_by_all_and_rewritten_by_none() {
    let project = Project::new().file("keep", "");
    let text = app("api", "203.0.113.1");
    for reader in READERS {
        let args = [reader, &["-f", "-"]].concat();
        let ran = project.run_with(&args, text.as_bytes());
        assert!(ran.stdout.contains("203.0.113.1"), "{args:?}:\n{}{}", ran.stdout, ran.stderr);
    }
    project.run_with(&["check", "--diff", "--unsafe-fixes", "-f", "-"], text.as_bytes()).exits(1).says("redis://redis:6379/0");
    for args in [&["check", "--fix", "--unsafe-fixes", "-f", "-"][..], &["migrate", "--yes", "-f", "-"]] {
        project.run_with(args, text.as_bytes()).exits(2).complains("standard input cannot be rewritten");
    }
    assert_eq!(support::names_in(&project.root()), ["keep"]);
}

// ── --env-file ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

const FROM_ENV: &str = "services:\n  api:\n    image: example/app:1.0\n    environment:\n      REDIS_URL: ${REDIS_URL:-redis://203.0.113.9:6379/0}\n      CACHE_REDIS_URL: ${CACHE:-redis://203.0.113.8:6379/0}\n";

fn with_env_files() -> Project {
    Project::new()
        .compose(FROM_ENV)
        .env("REDIS_URL=redis://203.0.113.1:6379/0\nCACHE=redis://203.0.113.2:6379/0\n")
        .file("envs/one.env", "REDIS_URL=redis://203.0.113.3:6379/0\n")
        .file("envs/two.env", "REDIS_URL=redis://203.0.113.4:6379/0\n")
}

#[test]
fn an_env_file_takes_the_place_of_the_default_one() {
    let project = with_env_files();
    all_see(&project, &[], &["203.0.113.1", "203.0.113.2"], &["203.0.113.9"]);
    let unwanted = ["203.0.113.1:", "203.0.113.2:", "203.0.113.9:"];
    all_see(&project, &["--env-file", "envs/one.env"], &["203.0.113.3:", "203.0.113.8:"], &unwanted);
    all_see(&project, &["--env-file", "envs/one.env", "--env-file", "envs/two.env"], &["203.0.113.4:"], &["203.0.113.3:"]);
    // With a named file too.
    all_see(&project, &["docker-compose.yml", "--env-file", "envs/one.env"], &["203.0.113.3:", "203.0.113.8:"], &unwanted);
    all_see(&project, &["-f", "docker-compose.yml", "--env-file", "envs/one.env"], &["203.0.113.3:"], &unwanted);
}

#[test]
fn an_env_file_also_serves_a_file_that_compose_reads_only_when_it_is_named() {
    let project = with_env_files().file("docker-compose.prod.yml", FROM_ENV.replace("api", "prod"));
    all_see(&project, &["docker-compose.prod.yml", "--env-file", "envs/one.env"], &["prod", "203.0.113.3:"], &["203.0.113.1:"]);
}

#[test]
fn an_env_file_is_looked_for_where_the_program_is_called() {
    let project = Project::new()
        .file("apps/shop/compose.yaml", FROM_ENV)
        .file("shop.env", "REDIS_URL=redis://203.0.113.3:6379/0\n")
        .file("apps/shop/shop.env", "REDIS_URL=redis://203.0.113.4:6379/0\n");
    for path in ["apps/shop", "apps/shop/compose.yaml"] {
        all_see(&project, &[path, "--env-file", "shop.env"], &["203.0.113.3:"], &["203.0.113.4:"]);
        all_see(&project, &[path, "--env-file", "apps/shop/shop.env"], &["203.0.113.4:"], &["203.0.113.3:"]);
    }
}

#[test]
fn an_env_file_that_is_not_there_stops_every_command() {
    let project = with_env_files();
    for words in [&[][..], &["docker-compose.yml"], &["-f", "docker-compose.yml"], &["--project-directory", "."]] {
        for reader in READERS {
            let args = [reader, words, &["--env-file", "envs/gone.env"]].concat();
            let ran = project.run(&args).exits(2);
            assert_eq!(ran.stderr, "cachelint: the env file envs/gone.env is not there\n", "{args:?}");
            assert_eq!(ran.stdout, "", "{args:?}");
        }
    }
}

// ── --profile, -p ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_service_with_a_profile_appears_when_that_is_active() {
    let text = "services:\n  api:\n    image: x\n  tool:\n    image: y\n    profiles: [debug, other]\n  test:\n    image: z\n    profiles: [test]\n";
    let project = Project::new().compose(text);
    assert_eq!(services(&project, &[]), ["api"]);
    assert_eq!(services(&project, &["--profile", "debug"]), ["api", "tool"]);
    assert_eq!(services(&project, &["--profile", "other", "--profile", "test"]), ["api", "test", "tool"]);
    assert_eq!(services(&project, &["--profile", "*"]), ["api", "test", "tool"]);
    assert_eq!(services(&project, &["--profile", "none-such"]), ["api"]);

    // A dependency on a service that does not run is a fault.
    let needs = Project::new().compose(&text.replace("    image: x\n", "    image: x\n    depends_on: [tool]\n"));
    let active = ["--profile", "debug"];
    for reader in [READERS[0], READERS[1], READERS[3]] {
        needs.run(reader).exits(1);
        needs.run(&[reader, &active].concat()).exits(0).quietly();
    }
    let rejected = |words: &[&str]| needs.run(&[READERS[2], words].concat()).exits(0).json()["projects"][0]["rejected"].clone();
    assert_eq!((rejected(&[]), rejected(&active)), (Value::from(true), Value::from(false)));
}

#[test]
fn the_name_of_the_project() {
    let named = "name: from-file\nservices:\n  api:\n    image: 'x:${COMPOSE_PROJECT_NAME}'\n";
    let name = |project: &Project, words: &[&str]| {
        let model = resolved(project, words);
        let name = model["name"].as_str().expect("a name").to_owned();
        assert_eq!(model["services"]["api"]["image"], format!("x:{name}"));
        assert_eq!(model["networks"]["default"]["name"], format!("{name}_default"));
        name
    };
    let project = Project::new().compose(named);
    assert_eq!(name(&project, &[]), "from-file");
    assert_eq!(name(&project, &["-p", "given"]), "given");
    assert_eq!(name(&project, &["--project-name", "given"]), "given");
    let project = project.env("COMPOSE_PROJECT_NAME=from-env\n");
    assert_eq!(name(&project, &[]), "from-env");
    assert_eq!(name(&project, &["-p", "given"]), "given");
    let folder = Project::new().compose(&named.replace("name: from-file\n", ""));
    assert_eq!(name(&folder, &[]), "shop");
}

// ── the caller's environment ────────────────────────────────────────────────────────────────────────────────────────────────────────

const SHELL: [(&str, &str); 8] = [
    ("REDIS_URL", "redis://203.0.113.77:6379/0"),
    ("CACHE", "redis://203.0.113.78:6379/0"),
    ("COMPOSE_FILE", "other.yml"),
    ("COMPOSE_PROFILES", "debug"),
    ("COMPOSE_PROJECT_NAME", "by-shell"),
    ("COMPOSE_ENV_FILES", "envs/one.env"),
    ("COMPOSE_DISABLE_ENV_FILE", "1"),
    ("COMPOSE_PATH_SEPARATOR", ","),
];

fn in_shell(project: &Project, args: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = project.command(args);
    command.envs(variables.iter().copied());
    Ran::of(command)
}

fn with_shell() -> Project {
    let debug = "  tool:\n    image: y\n    profiles: [debug]\n";
    with_env_files().compose(&(FROM_ENV.to_owned() + debug)).file("other.yml", app("other", "203.0.113.5"))
}

#[test]
fn the_callers_variables_have_no_influence() {
    let project = with_shell();
    for reader in READERS {
        let expected = project.run(reader);
        assert_eq!(in_shell(&project, reader, &SHELL), expected, "{reader:?}");
        for variable in SHELL {
            assert_eq!(in_shell(&project, reader, &[variable]), expected, "{reader:?} {variable:?}");
        }
    }
}

#[test]
fn with_shell_env_the_callers_variables_stand_above_env_files() {
    let project = with_shell();
    let shell_env = ["--shell-env"];
    for reader in READERS {
        let ran = in_shell(&project, &[reader, &shell_env].concat(), &SHELL[..1]);
        assert!(ran.stdout.contains("203.0.113.2:"), "{reader:?} {}", ran.stdout);
        if reader[0] == EXACT {
            assert!(ran.stdout.contains("203.0.113.77:") && !ran.stdout.contains("203.0.113.1:"), "{reader:?} {}", ran.stdout);
        }
        let ran = in_shell(&project, &[reader, &shell_env].concat(), &SHELL[2..3]);
        assert!(ran.stdout.contains("203.0.113.5:"), "{reader:?} {}", ran.stdout);
    }
    let model = |variables: &[(&str, &str)]| {
        in_shell(&project, &["resolve", "--format", "json", "--shell-env"], variables).exits(0).quietly().json()
    };
    assert_eq!(model(&SHELL[3..4])["services"].as_object().expect("a mapping").len(), 2);
    assert_eq!(model(&SHELL[4..5])["name"], "by-shell");
    // Set and empty is set.
    assert_eq!(model(&[("REDIS_URL", "")])["services"]["api"]["environment"]["REDIS_URL"], "redis://203.0.113.9:6379/0");
    assert_eq!(
        model(&[("COMPOSE_DISABLE_ENV_FILE", "1")])["services"]["api"]["environment"]["REDIS_URL"],
        "redis://203.0.113.9:6379/0"
    );
}

// ── what `.env` says to Compose ─────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn the_env_file_names_the_compose_files() {
    let project = Project::new()
        .compose(&app("unread", "203.0.113.1"))
        .file("a.yaml", app("api", "203.0.113.2"))
        .file("b/b.yaml", "services:\n  api:\n    environment:\n      CACHE_REDIS_URL: redis://203.0.113.3:6379/0\n")
        .env("COMPOSE_FILE=a.yaml:b/b.yaml\n");
    // The file that is not named is one of the others: it is looked at, and no part of the project.
    let all = ["203.0.113.2:", "203.0.113.3:"];
    for reader in &READERS[1..] {
        let ran = project.run(reader);
        assert!(all.iter().all(|text| ran.stdout.contains(text)) && !ran.stdout.contains("203.0.113.1:"), "{}", ran.stdout);
    }
    let report = project.run(&["check", "--format", "json"]).exits(1).json();
    assert_eq!(report["projects"][0]["files"], serde_json::json!([".env", "a.yaml", "b/b.yaml"]));
    assert_eq!(report["projects"][1]["files"], serde_json::json!([".env", "docker-compose.yml"]));

    // The command line stands above it.
    all_see(&project, &["-f", "docker-compose.yml"], &["203.0.113.1:"], &all);
    let project = project.env("COMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=a.yaml,b/b.yaml\n");
    let ran = project.run(READERS[1]).exits(0);
    assert!(all.iter().all(|text| ran.stdout.contains(text)), "{}", ran.stdout);
    let project = project.env("COMPOSE_FILE=gone.yaml\n");
    project.run(READERS[1]).exits(2).complains("gone.yaml is not there");
    let project = project.env("COMPOSE_FILE=\n");
    project.run(READERS[1]).exits(2).complains("COMPOSE_FILE is set and empty");
}

#[test]
fn the_env_file_activates_profiles() {
    let text = "services:\n  api:\n    image: x\n  tool:\n    image: y\n    profiles: [debug]\n  test:\n    image: z\n    profiles: [test]\n";
    let project = Project::new().compose(text).env("COMPOSE_PROFILES=debug\n");
    assert_eq!(services(&project, &[]), ["api", "tool"]);
    assert_eq!(services(&project, &["--profile", "test"]), ["api", "test"], "the command line stands above it");
    let project = project.env("COMPOSE_PROFILES=debug,test\n");
    assert_eq!(services(&project, &[]), ["api", "test", "tool"]);
}

#[test]
fn the_env_file_switches_itself_off() {
    let project = with_env_files();
    let lines = project.read(".env");
    let project = project.env(&(lines + "COMPOSE_DISABLE_ENV_FILE=1\n"));
    all_see(&project, &[], &["203.0.113.9:", "203.0.113.8:"], &["203.0.113.1:", "203.0.113.2:"]);
    all_see(&project, &["docker-compose.yml"], &["203.0.113.9:", "203.0.113.8:"], &["203.0.113.1:", "203.0.113.2:"]);
}

// ── where Compose looks ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn of_several_base_files_the_first_in_composes_order_is_read() {
    let project = Project::new();
    let order = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    for name in order.iter().rev() {
        project.write(name, format!("services: {{a: {{image: '{name}'}}}}\n"));
        assert_eq!(resolved(&project, &[])["services"]["a"]["image"], *name);
    }
}

#[test]
fn of_several_overrides_the_first_in_composes_order_is_read() {
    let order = ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];
    for base in ["compose.yaml", "docker-compose.yaml"] {
        let project = Project::new().file(base, "services: {a: {image: base}}\n");
        for name in order.iter().rev() {
            project.write(name, format!("services: {{a: {{image: '{name}', labels: {{'{name}': x}}}}}}\n"));
            let model = resolved(&project, &[]);
            assert_eq!(model["services"]["a"]["image"], *name, "over {base}");
        }
        // A file that is named stands alone.
        assert_eq!(resolved(&project, &["-f", base])["services"]["a"]["image"], "base");
    }
    let alone = Project::new().file(order[0], "services: {a: {image: x}}\n");
    alone.run(READERS[1]).exits(2).complains("no compose file");
}

#[test]
fn a_folder_without_a_project_belongs_to_the_one_above() {
    let project = Project::new()
        .file("compose.yaml", FROM_ENV.replace("image: example/app:1.0", "image: 'x:${TAG:-none}'"))
        .env("REDIS_URL=redis://203.0.113.1:6379/0\nTAG=above\n")
        .file("src/deep/keep", "");
    let run = |args: &[&str], folder: &str| {
        let mut command = project.command(args);
        command.current_dir(project.path(folder));
        Ran::of(command)
    };
    for reader in READERS {
        for folder in ["src", "src/deep"] {
            let ran = run(reader, folder);
            assert!(ran.stdout.contains("203.0.113.1:"), "{reader:?} in {folder}: {}{}", ran.stdout, ran.stderr);
            let ran = project.run(&[reader, &[folder]].concat());
            assert!(ran.stdout.contains("203.0.113.1:"), "{reader:?} of {folder}: {}{}", ran.stdout, ran.stderr);
        }
    }
    // The `.env` of the folder where one stands is read too, and wins.
    project.write("src/.env", "REDIS_URL=redis://203.0.113.5:6379/0\n");
    let model = run(READERS[1], "src").exits(0).json();
    assert_eq!(model["services"]["api"]["environment"]["REDIS_URL"], "redis://203.0.113.5:6379/0");
    assert_eq!(model["services"]["api"]["image"], "x:above");
    assert_eq!(model["name"], "shop");
}

#[test]
fn several_documents_in_a_file_are_merged_in_order() {
    let first = app("api", "203.0.113.1");
    let second = "services:\n  api:\n    environment:\n      REDIS_URL: redis://203.0.113.2:6379/0\n  web:\n    image: y\n";
    let project = Project::new().compose(&format!("---\n{first}---\n{second}"));
    all_see(&project, &[], &["203.0.113.2:"], &["203.0.113.1:"]);
    assert_eq!(services(&project, &[]), ["api", "web"]);
}

#[test]
fn a_folder_with_an_env_file_alone_is_no_project_of_its_own() {
    let project = Project::new().compose(&app("api", "203.0.113.3")).file("src/.env", "A=1\n");
    let read = project.run(&["check", "--format", "json"]).exits(1).json();
    assert_eq!(read["projects"].as_array().map(Vec::len), Some(1), "{read}");
}
