//! Snippets of compose files, each judged as Docker Compose 2.40.3 judges it, and what is particular about the check.

mod accepted;
mod refused;

use super::check;
use crate::compose::faults::Faults;
use crate::compose::resolve::anchors::Expander;
use crate::compose::resolve::environment::Environment;
use crate::syntax::yaml::Tree;
use crate::text::span::FileId;

fn faults(text: &str) -> Faults {
    let tree = Tree::parse(FileId(0), text);
    assert!(tree.errors.is_empty(), "{text}");
    let env = Environment::default();
    let model = Expander::new(&tree, text, &env).expand(tree.root().expect("the snippet is not empty"));
    let mut faults = Faults::default();
    check(&model, &mut faults);
    faults
}

/// The line and the message of each fault.
fn told(text: &str) -> Vec<(usize, String)> {
    let line = |at: u32| text[..at as usize].matches('\n').count() + 1;
    faults(text).problems.into_iter().map(|problem| (line(problem.span.start), problem.message)).collect()
}

fn help(text: &str) -> Vec<String> {
    faults(text).problems.into_iter().map(|problem| problem.help).collect()
}

/// A document whose service `api` has `key` in line 4.
fn service(key: &str) -> String {
    let rest = "  db: {image: y}\nsecrets: {s: {file: e.env}}\nconfigs: {c: {file: e.env}}\nmodels: {m: {model: a}}\n";
    format!("services:\n  api:\n    image: x\n    {key}\n{rest}")
}

#[test]
fn what_compose_takes_is_no_fault() {
    let documents = accepted::SERVICE.iter().map(|key| service(key)).chain(accepted::DOCUMENT.iter().map(ToString::to_string));
    for text in documents {
        assert_eq!(told(&text), [], "{text}");
    }
}

#[test]
fn what_compose_refuses_is_told() {
    for (key, message) in refused::SERVICE {
        assert_eq!(told(&service(key)), [(4, (*message).to_owned())], "{key}");
    }
    for (text, line, message) in refused::DOCUMENT {
        assert_eq!(told(text), [(*line, (*message).to_owned())], "{text}");
    }
}

#[test]
fn a_fault_hides_none_beside_it() {
    let text = "services:\n  api:\n    image: 1\n    ports: [80, true]\n    other: 1\n  db: []\nvolumes: a\nother: 1\n";
    assert_eq!(told(text).iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8]);
}

#[test]
fn what_a_variable_decides_is_unknown() {
    for key in [
        "container_name: ${NAME}",
        "pull_policy: ${POLICY}",
        "tty: ${TTY}",
        "mem_limit: ${LIMIT}",
        "security_opt: ['${A}', '${B}']",
    ] {
        let faults = faults(&service(key));
        assert_eq!((faults.problems.len(), faults.unknown.len()), (0, 1), "{key}");
    }
    // A variable makes a text of it, whatever its value.
    assert_eq!(told(&service("ports: ${PORTS}")).len(), 1);
}

#[test]
fn what_an_alias_repeats_is_told_once() {
    let text = "services:\n  a: &a\n    image: x\n    ports: 80\n  b: *a\n";
    assert_eq!(told(text), [(4, "`a.ports` must be a list, and this is a number".to_owned())]);
}

#[test]
fn help_says_where_a_key_belongs() {
    for (text, expected) in [
        (service("enviroment: [A]"), "Did you mean `environment`?"),
        (service("context: ."), "It belongs below `build:`."),
        (service("replicas: 2"), "It belongs below `deploy:`."),
        (service("version: '3'"), "`version:` belongs at the top level, without indentation."),
        (
            service("healthcheck: {environment: [A]}"),
            "`environment` is a key of a service: write it there, with less indentation.",
        ),
        (service("healthcheck: {command: a}"), "Write `test:`."),
        (service("env_file: [{path: a, x-a: 1}]"), "Remove it. The keys here are `path`, `format` and `required`."),
        (service("exclude_from_hc: true"), "Remove it, or start its name with `x-`."),
        ("image: x\n".to_owned(), "Services stand below `services:`; `image` is a key of one of them."),
    ] {
        assert_eq!(help(&text), [expected], "{text}");
    }
}

#[test]
fn help_says_how_to_write_a_value() {
    for (key, expected) in [
        ("user: 1000", "Put it in quotes."),
        ("restart: false", "Write \"no\" in quotes."),
        ("environment: [A: b]", "Write `NAME=value` as the item, or leave the dashes out."),
        ("command: ['a', b: c]", "Put the item in quotes, so that `: ` in it does not make it a mapping."),
        ("ports: '80'", "Write it as a list: one item to a line, each behind `- `."),
        ("stop_grace_period: 10", "Write a number with a unit, such as 10s or 1m30s."),
        ("use_api_socket: 'true'", "Write true or false, without quotes."),
        ("env_file:", "Write a text or a list there, or remove the line."),
    ] {
        assert_eq!(help(&service(key)), [expected], "{key}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    for text in [
        service("redis://:hunter2@cache:6379: 1"),
        service("environment: {'A=redis://:hunter2@cache:6379': []}"),
        service("cgroup: hunter2"),
        service("mem_limit: hunter2"),
        "services: {'redis://:hunter2@cache:6379': {image: x}}\n".to_owned(),
    ] {
        let shown = told(&text).into_iter().map(|(_, message)| message).chain(help(&text)).collect::<Vec<_>>();
        assert!(!shown.is_empty() && !shown.iter().any(|line| line.contains("hunter2")), "{shown:?}");
    }
}

#[test]
fn every_key_of_a_table_is_there_once() {
    for object in [&super::resources::FILE, &super::service::SERVICE, &super::build::BUILD, &super::deploy::DEPLOY] {
        let mut names: Vec<&str> = object.names().collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "{}", object.what);
    }
}

#[test]
fn a_file_of_aliases_to_aliases_costs_what_it_is_long() {
    let level = |at: usize| format!("x-a{at}: &a{at} {{a: *a{0}, b: *a{0}, c: *a{0}}}\n", at - 1);
    let levels: String = (1..9).map(level).collect();
    let text = format!("x-a0: &a0 {{image: 1}}\n{levels}services: *a8\n");
    assert_eq!(told(&text).len(), 3);
}
