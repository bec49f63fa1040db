//! `resolve`: the model that Compose would run, in both formats, with and without the way that each value took.

mod support;

use serde_json::{Value, json};
use support::{Project, Ran};

const COMPOSE: &str = "\
x-app: &app
  image: example/app:${TAG:-1.0}
  restart: always
x-env: &env
  SHARED: by-anchor
services:
  api:
    <<: *app
    environment:
      <<: *env
      REDIS_URL: ${REDIS_URL}
      MODE: ${MODE:-fast}
      SPEED: normal
      BARE:
    env_file: [api.env]
    ports: [\"8080:80\"]
    volumes: [\"data:/data\", \"./conf:/etc/conf:ro\"]
    depends_on: [redis]
  redis:
    image: redis:7-alpine
    command: redis-server --requirepass p4ss-of-today
    healthcheck: {test: [CMD, redis-cli, -e, ping], interval: 90s}
    mem_limit: 64m
  worker:
    extends: {file: base.yaml, service: base}
volumes:
  data:
";
const OVERRIDE: &str = "\
services:
  api:
    environment: {SPEED: slow}
    ports: [\"9090:90\"]
";
const BASE: &str = "\
services:
  base:
    image: example/worker:1.0
    environment: {QUEUE: jobs}
";

fn shop() -> Project {
    Project::new()
        .file("compose.yaml", COMPOSE)
        .file("compose.override.yaml", OVERRIDE)
        .file("base.yaml", BASE)
        .file("api.env", "LEVEL=info\nSPEED=never\n")
        .env("REDIS_URL=redis://:p4ss-of-yesterday@redis:6379/0\nBARE=from the project\n")
}

/// What was printed, with the folder's place left out.
fn shown(project: &Project, ran: &Ran) -> String {
    ran.stdout.replace(&*project.root().to_string_lossy(), "/shop")
}

const YAML: &str = "\
name: shop
services:
  api:
    depends_on:
      redis:
        condition: service_started
        required: true
    environment:
      BARE: from the project
      LEVEL: info
      MODE: fast
      REDIS_URL: redis://********@redis:6379/0
      SHARED: by-anchor
      SPEED: slow
    image: example/app:1.0
    networks:
      default: null
    ports:
      - target: 80
        protocol: tcp
        mode: ingress
        published: \"8080\"
      - target: 90
        protocol: tcp
        mode: ingress
        published: \"9090\"
    restart: always
    volumes:
      - type: volume
        source: data
        target: /data
      - type: bind
        source: /shop/conf
        target: /etc/conf
        read_only: true
        bind:
          create_host_path: true
  redis:
    command:
      - redis-server
      - --requirepass
      - \"********\"
    healthcheck:
      test:
        - CMD
        - redis-cli
        - -e
        - ping
      interval: 1m30s
    image: redis:7-alpine
    mem_limit: \"67108864\"
    networks:
      default: null
  worker:
    environment:
      QUEUE: jobs
    image: example/worker:1.0
    networks:
      default: null
networks:
  default:
    name: shop_default
volumes:
  data:
    name: shop_data
";

#[test]
fn the_whole_project_as_yaml() {
    let project = shop();
    let before = project.contents();
    let ran = project.run(&["resolve"]).exits(0).quietly();
    assert_eq!(shown(&project, &ran), YAML);
    assert_eq!(project.contents(), before, "nothing is written");
}

#[test]
fn the_whole_project_as_json() {
    let project = shop();
    let ran = project.run(&["resolve", "--format", "json"]).exits(0).quietly();
    let read: Value = serde_json::from_str(&shown(&project, &ran)).expect("JSON");
    let port =
        |target: u16, published: &str| json!({"target": target, "protocol": "tcp", "mode": "ingress", "published": published});
    let wanted = json!({
        "name": "shop",
        "services": {
            "api": {
                "depends_on": {"redis": {"condition": "service_started", "required": true}},
                "environment": {
                    "BARE": "from the project",
                    "LEVEL": "info",
                    "MODE": "fast",
                    "REDIS_URL": "redis://********@redis:6379/0",
                    "SHARED": "by-anchor",
                    "SPEED": "slow",
                },
                "image": "example/app:1.0",
                "networks": {"default": null},
                "ports": [port(80, "8080"), port(90, "9090")],
                "restart": "always",
                "volumes": [
                    {"type": "volume", "source": "data", "target": "/data"},
                    {"type": "bind", "source": "/shop/conf", "target": "/etc/conf", "read_only": true, "bind": {"create_host_path": true}},
                ],
            },
            "redis": {
                "command": ["redis-server", "--requirepass", "********"],
                "healthcheck": {"test": ["CMD", "redis-cli", "-e", "ping"], "interval": "1m30s"},
                "image": "redis:7-alpine",
                "mem_limit": "67108864",
                "networks": {"default": null},
            },
            "worker": {"environment": {"QUEUE": "jobs"}, "image": "example/worker:1.0", "networks": {"default": null}},
        },
        "networks": {"default": {"name": "shop_default"}},
        "volumes": {"data": {"name": "shop_data"}},
    });
    assert_eq!(read, wanted);
}

/// Values that YAML would take for something else, were they not quoted.
const AWKWARD: &str = "\
services:
  api:
    image: x
    command: [\"\", '- a', '#', 'a: b', \"tab\\there\", \"two\\nlines\", '*x', '&x', '!x', '%', '@', '`', '1e3', '0x1f', '~', 'é 🔑']
    environment:
      YES: 'yes'
      NUMBER: '007'
      NOTHING: 'null'
      EMPTY: ''
      BLANKS: '  x  '
      COMMENT: 'a # b'
      QUOTES: \"\\\"'\"
      LINES: \"a\\nb\\n\"
      CONTROL: \"\\u0001\\u0085\\u2028\"
      BARE:
      on: off
      '1': one
";

#[test]
fn yaml_and_json_say_the_same() {
    for project in [shop(), Project::new().compose(AWKWARD)] {
        for more in [&[][..], &["--show-secrets"], &["--profile", "*", "--origin"]] {
            let yaml = project.run(&[&["resolve"], more].concat()).exits(0).stdout;
            // The origins of YAML are comments.
            let plain: Vec<&str> = more.iter().copied().filter(|word| *word != "--origin").collect();
            let json = project.run(&[&["resolve", "--format", "json"], &plain[..]].concat()).exits(0).json();
            let read: Value = serde_yaml::from_str(&yaml).unwrap_or_else(|error| panic!("{error} in:\n{yaml}"));
            assert_eq!(read, json, "{more:?}\n{yaml}");
        }
    }
}

/// Each kind of way: the path in the model, the value, what is said of it.
const WAYS: [(&str, &str, &str); 10] = [
    ("/services/api/environment/SPEED", "slow", "compose.override.yaml:3"),
    ("/services/api/environment/REDIS_URL", "redis://********@redis:6379/0", ".env:1 → compose.yaml:11 ${REDIS_URL}"),
    ("/services/api/environment/MODE", "fast", "compose.yaml:12 ${MODE:-…}"),
    ("/services/api/environment/LEVEL", "info", "api.env:1 → compose.yaml:15 env_file"),
    ("/services/api/environment/SHARED", "by-anchor", "compose.yaml:5 → compose.yaml:10 <<: *env"),
    ("/services/api/environment/BARE", "from the project", ".env:2 → compose.yaml:14 BARE"),
    ("/services/worker/environment/QUEUE", "jobs", "base.yaml:4 → compose.yaml:25 extends"),
    ("/services/redis/image", "redis:7-alpine", "compose.yaml:20"),
    ("/services/redis/command/2", "********", "compose.yaml:21"),
    ("/services/api/ports/1/published", "9090", "compose.override.yaml:4"),
];

#[test]
fn the_way_of_each_value_in_json() {
    let model = shop().run(&["resolve", "--origin", "--format", "json"]).exits(0).quietly().json();
    for (path, value, origin) in WAYS {
        assert_eq!(model.pointer(path), Some(&json!({"value": value, "origin": origin})), "{path}");
    }
    // What Compose supplies comes from nowhere.
    assert_eq!(model.pointer("/networks/default/name"), Some(&json!("shop_default")));
    assert_eq!(model.pointer("/services/api/depends_on/redis/condition"), Some(&json!("service_started")));
}

#[test]
fn the_way_of_each_value_as_a_comment_in_yaml() {
    let yaml = shop().run(&["resolve", "--origin"]).exits(0).quietly().stdout;
    for (path, value, origin) in WAYS {
        let key = path.rsplit('/').next().expect("a last part");
        let plain = format!("{key}: {value}  # {origin}");
        let [quoted, item] = [format!("{key}: \"{value}\"  # {origin}"), format!("- \"{value}\"  # {origin}")];
        assert!(yaml.lines().any(|line| [&plain, &quoted, &item].contains(&&line.trim().to_owned())), "{path} in\n{yaml}");
    }
}

#[test]
fn without_origin_nothing_is_said_of_it() {
    let model = shop().run(&["resolve", "--format", "json"]).exits(0).stdout;
    assert!(!model.contains("origin") && !model.contains("compose.yaml"), "{model}");
}

#[test]
fn secrets_are_shown_only_when_they_are_asked_for() {
    let project = shop();
    for format in ["yaml", "json"] {
        for origin in [&[][..], &["--origin"]] {
            let args = [&["resolve", "--format", format][..], origin].concat();
            let masked = project.run(&args).exits(0).stdout;
            let open = project.run(&[&args[..], &["--show-secrets"]].concat()).exits(0).stdout;
            for secret in ["p4ss-of-yesterday", "p4ss-of-today"] {
                assert!(!masked.contains(secret), "{args:?}\n{masked}");
                assert!(open.contains(secret), "{args:?}\n{open}");
            }
            assert!(!open.contains("********"), "{args:?}\n{open}");
            assert_eq!(masked.lines().count(), open.lines().count(), "{args:?}: the mask is all that differs");
        }
    }
    assert_eq!(project.run(&["check", "--show-secrets"]).code, Some(2), "no other command shows them");
    assert_eq!(project.run(&["graph", "--show-secrets"]).code, Some(2), "no other command shows them");
}

#[test]
fn a_rejected_project_has_no_model_and_each_fault_has_its_place() {
    let compose = "\
services:
  api:
    image: x
    depends_on: [nobody]
    networks: [gone]
  b:
    image: y
    imag: z
";
    let project = Project::new().compose(compose);
    for more in [&[][..], &["--format", "json"], &["-q"], &["--origin"]] {
        let ran = project.run(&[&["resolve"], more].concat()).exits(1);
        assert_eq!(ran.stdout, "", "{more:?}");
        let lines: Vec<&str> = ran.stderr.lines().collect();
        let places = ["docker-compose.yml:4:18: ", "docker-compose.yml:5:16: ", "docker-compose.yml:8:5: "];
        assert_eq!(lines.len(), places.len() + 1, "{}", ran.stderr);
        for (line, place) in lines.iter().zip(places) {
            assert!(line.starts_with(place), "{place} in {line}");
        }
        assert!(lines[3].starts_with("cachelint: ") && lines[3].contains("rejects"), "{}", lines[3]);
    }
    let ran = Project::new().compose("services: [\n").run(&["resolve"]).exits(1).complains("docker-compose.yml:1:11: ");
    assert_eq!(ran.stdout, "");
}

#[test]
fn values_that_are_not_here_are_named_and_the_rest_is_shown() {
    let compose = "\
services:
  api:
    image: x
    environment:
      NEEDED: ${NEEDED:?}
      A: b
    env_file: gone.env
";
    let project = Project::new().compose(compose);
    let ran = project.run(&["resolve", "--format", "json"]).exits(0);
    assert_eq!(ran.json()["services"]["api"]["environment"], json!({"A": "b", "NEEDED": ""}));
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.stderr);
    assert!(lines[0].starts_with("docker-compose.yml:5: ") && lines[0].contains("NEEDED"), "{}", lines[0]);
    assert!(lines[1].starts_with("docker-compose.yml:7: ") && lines[1].contains("gone.env"), "{}", lines[1]);
    for option in ["-q", "--quiet"] {
        let quiet = project.run(&["resolve", "--format", "json", option]).exits(0).quietly();
        assert_eq!(quiet.stdout, ran.stdout);
    }
}

#[test]
fn the_compose_file_may_come_from_standard_input() {
    let project = Project::new().env("TAG=2\n").file("other.yaml", "services: {b: {image: y}}\n").file("sub/keep", "");
    let text = b"services: {a: {image: 'x:${TAG}'}}\n";
    let yaml = "name: shop\nservices:\n  a:\n    image: x:2\n    networks:\n      default: null\nnetworks:\n  default:\n    name: shop_default\n";
    let ran = project.run_with(&["resolve", "-f", "-"], text).exits(0).quietly();
    assert_eq!(ran.stdout, yaml);
    let origin = project.run_with(&["resolve", "--origin", "--format", "json", "-f", "-"], text).exits(0).json();
    assert_eq!(origin["services"]["a"]["image"]["origin"], ".env:1 → -:1 ${TAG}");
    let both = project.run_with(&["resolve", "--format", "json", "-f", "-", "-f", "other.yaml"], text).exits(0).json();
    assert_eq!(both["services"].as_object().expect("a mapping").len(), 2);
    let ran = project.run_with(&["resolve", "-f", "-"], b"services: [\n").exits(1).complains("-:1:11: ");
    assert_eq!(ran.stdout, "");
    project.run_with(&["resolve", "-f", "-"], b"services: {a: {image: caf\xe9}}\n").exits(2).complains("not UTF-8");
    project.run_with(&["resolve", "-f", "-"], b"").exits(1).complains("empty");
}

#[test]
fn a_path_may_be_a_folder_a_compose_file_or_an_env_file() {
    let project = shop();
    let expected = project.run(&["resolve"]).exits(0).stdout;
    for path in [".", "./", "compose.yaml", "compose.override.yaml", ".env", "./compose.yaml"] {
        assert_eq!(project.run(&["resolve", path]).exits(0).quietly().stdout, expected, "{path}");
    }
    // Another file of the folder is a project of its own.
    let alone = project.run(&["resolve", "base.yaml"]).exits(0).quietly();
    assert!(alone.stdout.contains("  base:\n") && !alone.stdout.contains("  api:\n"), "{}", alone.stdout);
    let above = Project::new().file("apps/shop/compose.yaml", "services: {a: {image: x}}\n");
    above.run(&["resolve", "apps/shop"]).exits(0).quietly().says("name: shop\n");
    above.run(&["resolve", "apps/shop/compose.yaml"]).exits(0).quietly().says("name: shop\n");
}

#[test]
fn a_path_that_leads_nowhere_could_not_be_run() {
    let project = Project::new().file("notes/readme.txt", "x\n");
    for args in [&["resolve", "not-there"][..], &["resolve", "-f", "not-there.yaml"]] {
        let ran = project.run(args).exits(2).complains("not-there");
        assert!(ran.stderr.starts_with("cachelint: ") && ran.stderr.lines().count() == 1, "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    project.run(&["resolve", "notes"]).exits(2).complains("no compose file in notes");
    project.run(&["resolve", "notes/readme.txt"]).exits(2).complains("notes/readme.txt is no compose file");
    project.run(&["resolve", "--format", "xml"]).exits(2).complains("yaml");
}
