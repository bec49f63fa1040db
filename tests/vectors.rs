//! Compares what is read of small projects with what Docker Compose made of them. The cases stand in `tests/compose/*.txtar`, the recorded
//! results beside them; `tests/compose/record` asks Compose again.

use cachelint::compose::discover::{Options, Request};
use cachelint::compose::load::load;
use cachelint::report::resolve;
use cachelint::text::source::Sources;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// One small project.
struct Case {
    name: String,
    /// Global options of Compose.
    args: Vec<String>,
    /// The working directory, below the project.
    here: String,
    files: Vec<(String, String)>,
}

/// Cases in which the newest Compose differs from the one that was asked, and is followed.
const NEWER: [(&str, &str); 2] = [
    ("include-conflict", "newer releases merge what both files define"),
    ("include-network-conflict", "newer releases merge what both files define"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose")
}

fn cases(group: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(folder().join(format!("{group}.txtar"))).expect("the cases");
    let mut cases: Vec<Case> = Vec::new();
    let mut escaped = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        if let Some(name) = bare.strip_prefix("=== ") {
            cases.push(Case { name: name.to_owned(), args: Vec::new(), here: String::new(), files: Vec::new() });
            continue;
        }
        let case = cases.last_mut().expect("a case before its content");
        if let Some(path) = bare.strip_prefix("--- ") {
            escaped = path.ends_with(" (escaped)");
            case.files.push((path.trim_end_matches(" (escaped)").to_owned(), String::new()));
        } else if let Some((_, content)) = case.files.last_mut() {
            content.push_str(&if escaped { unescaped(bare) } else { line.to_owned() });
        } else if let Some(args) = bare.strip_prefix("$ ") {
            case.args = words(args);
        } else if let Some(here) = bare.strip_prefix("@ ") {
            here.clone_into(&mut case.here);
        }
    }
    cases
}

fn unescaped(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars();
    while let Some(found) = chars.next() {
        if found != '\\' {
            out.push(found);
            continue;
        }
        match chars.next().expect("something behind a backslash") {
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => {
                let digits: String = chars.by_ref().take(4).collect();
                out.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
            }
            other => out.push(other),
        }
    }
    out
}

fn words(line: &str) -> Vec<String> {
    let text = cachelint::compose::value::Text::literal(line, cachelint::compose::value::Home::Outside);
    cachelint::compose::forms::words::of_shell(&text).into_iter().map(|word| word.value).collect()
}

fn request(args: &[String]) -> Request {
    let mut request = Request { options: Options::default(), ..Request::default() };
    let mut rest = args.iter();
    while let Some(option) = rest.next() {
        let value = rest.next().expect("a value behind each option");
        match option.as_str() {
            "-f" | "--file" => request.files.push(PathBuf::from(value)),
            "--env-file" => request.env_files.push(PathBuf::from(value)),
            "--project-directory" => request.project_directory = Some(PathBuf::from(value)),
            "--profile" => request.options.profiles.push(value.clone()),
            "-p" | "--project-name" => request.options.name = Some(value.clone()),
            other => panic!("the option {other} is not known here"),
        }
    }
    request
}

/// What is made of the case: a model, or why there is none.
fn read(case: &Case) -> Result<Value, String> {
    let temporary = tempfile::tempdir().expect("a temporary directory");
    let top = temporary.path().canonicalize().expect("a path");
    let root = top.join("project");
    for (path, content) in &case.files {
        let file = root.join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("the folder");
        std::fs::write(file, content).expect("the file");
    }
    let here = root.join(&case.here);
    std::fs::create_dir_all(&here).expect("the working directory");
    let files = request(&case.args).project(&here, &Sources::new).map_err(|missing| format!("{missing:?}"))?;
    let project = load(Sources::new(&files.root), &files);
    let reasons: Vec<&str> = project.problems.iter().map(|problem| problem.message.as_str()).collect();
    let unknown: Vec<&str> = project.unknown.iter().map(|unknown| unknown.reason.as_str()).collect();
    if !reasons.is_empty() {
        return Err(reasons.join("; "));
    }
    let options = resolve::Options { origin: false, show_secrets: true };
    let model = resolve::json(&resolve::model(&project, options));
    let model = model.replace("$$", "$");
    let home = std::env::home_dir().map(|home| home.display().to_string()).unwrap_or_default();
    let model = model.replace(&format!("{}/project", top.display()), "/project").replace(&top.display().to_string(), "");
    let model = if home.len() > 1 { model.replace(&home, "/nonexistent") } else { model };
    let model: Value = serde_json::from_str(&model).expect("JSON");
    if unknown.is_empty() { Ok(model) } else { Err(format!("{model}\nunknown: {}", unknown.join("; "))) }
}

/// A model without nulls and empty mappings where they mean nothing, and with lists in an order of their own where none counts.
fn lean(value: &Value, key: &str) -> Value {
    match value {
        Value::Object(map) => {
            let inner = map.iter().map(|(key, value)| (key.clone(), lean(value, key)));
            let nothing = |value: &Value| value.is_null() || value.as_object().is_some_and(Map::is_empty);
            let keep = key == "environment" || key == "networks";
            let kept: std::collections::BTreeMap<String, Value> = inner.filter(|(_, value)| keep || !nothing(value)).collect();
            kept.into_iter().collect()
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| lean(item, "")).collect();
            if !matches!(key, "command" | "entrypoint" | "test") {
                items.sort_by_key(ToString::to_string);
            }
            Value::Array(items)
        }
        Value::Number(number) => number.as_f64().map_or_else(|| value.clone(), Value::from),
        other => other.clone(),
    }
}

fn first_difference(want: &Value, got: &Value, path: &str) -> Option<String> {
    if let (Value::Object(want), Value::Object(got)) = (want, got) {
        let keys = want.keys().chain(got.keys());
        return keys.into_iter().find_map(|key| {
            let null = Value::Null;
            let (a, b) = (want.get(key).unwrap_or(&null), got.get(key).unwrap_or(&null));
            first_difference(a, b, &format!("{path}.{key}"))
        });
    }
    (want != got).then(|| format!("{path}: Compose has {want}, and this is {got}"))
}

fn compare(group: &str, at_least: usize) {
    let recorded = std::fs::read_to_string(folder().join(format!("{group}.json"))).expect("the recorded results");
    let recorded: Value = serde_json::from_str(&recorded).expect("JSON");
    let cases = cases(group);
    assert!(cases.len() >= at_least, "{group} has {} cases only", cases.len());
    let mut wrong = String::new();
    for case in &cases {
        let want = &recorded["cases"][&case.name];
        let newer = NEWER.iter().any(|(name, _)| *name == case.name);
        let said = match (read(case), want.get("model")) {
            (Ok(got), Some(want)) => first_difference(&lean(want, ""), &lean(&got, ""), ""),
            (Ok(_), None) if newer => None,
            (Ok(_), None) => Some(format!("Compose rejects it: {}", want["error"])),
            // What is not there may leave the model open.
            (Err(why), None) => newer.then(|| format!("it is rejected: {why}")),
            (Err(why), Some(want)) => match why.split_once("\nunknown: ") {
                Some((model, _)) => {
                    let got: Value = serde_json::from_str(model).expect("JSON");
                    first_difference(&lean(want, ""), &lean(&got, ""), "")
                }
                None => Some(format!("it is rejected: {why}")),
            },
        };
        if let Some(said) = said {
            let _ = writeln!(wrong, "{}: {said}", case.name);
        }
    }
    assert!(wrong.is_empty(), "{group}: {} of {} cases differ from Docker Compose:\n{wrong}", wrong.lines().count(), cases.len());
}

#[test]
fn env_files_are_read_as_compose_reads_them() {
    compare("dotenv", 80);
}

#[test]
fn variables_are_filled_in_as_compose_does() {
    compare("interpolation", 60);
}

#[test]
fn files_are_merged_as_compose_merges_them() {
    compare("merge", 60);
}

#[test]
fn projects_are_put_together_as_compose_does() {
    compare("projects", 50);
}

/// Docker Compose 2.40 evaluates defaults that nobody needs; later releases do not, and they are followed.
#[test]
fn defaults_are_evaluated_only_where_they_are_needed() {
    let accepted = cases("eager").iter().filter(|case| read(case).is_ok()).count();
    assert_eq!(accepted, cases("eager").len());
}

#[test]
fn readme_says_how_many_cases_there_are() {
    let groups = ["dotenv", "interpolation", "merge", "projects", "eager"];
    let all: usize = groups.iter().map(|group| cases(group).len()).sum();
    let readme = std::fs::read_to_string(folder().join("../../README.md")).expect("README");
    assert!(readme.contains(&format!("{all} small projects")), "there are {all} cases");
}
