//! Holds the house up: imports go down only, some crates and the file system are known in one place each, and no file grows too long.
//!
//! Reads the sources as text. What is compiled for tests alone is left out: a unit test may reach for anything.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use support::repository;

/// The storey of each module at the top of the crate, the cellar first (design.md, "Storeys").
const STOREYS: [&[&str]; 7] = [
    &["text", "syntax", "secret"],
    &["diagnostic", "compose"],
    &["redis", "layout", "platform"],
    &["rules"],
    &["engine"],
    &["report"],
    &["cli", "lib", "main"],
];

/// From this length on a file holds more than one subject.
const MOST_LINES: usize = 450;

/// One file of `src` as the compiler sees it outside of tests.
struct Module {
    /// `rules::health::completion` for `rules/health/completion.rs`, `report` for `report/mod.rs`.
    name: String,
    file: PathBuf,
    /// The whole file.
    text: String,
    /// The file without comments, strings' contents kept, and without what is compiled for tests alone.
    code: String,
}

fn modules() -> Vec<Module> {
    let src = repository().join("src");
    let files = support::files_below(&src);
    let texts: BTreeMap<PathBuf, String> = files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "rs"))
        .map(|file| (file.clone(), std::fs::read_to_string(src.join(&file)).expect("sources are UTF-8")))
        .collect();
    let for_tests: BTreeSet<String> = texts.iter().flat_map(|(file, text)| test_modules(&module_name(file), text)).collect();
    texts
        .into_iter()
        .map(|(file, text)| Module { name: module_name(&file), code: code_of(&text), file, text })
        .filter(|module| !for_tests.contains(&module.name))
        .collect()
}

fn module_name(file: &Path) -> String {
    let path = file.with_extension("").to_string_lossy().replace('/', "::");
    path.strip_suffix("::mod").map_or(path.clone(), str::to_owned)
}

/// Modules in files of their own that only tests compile: `#[cfg(test)]` above `mod name;`.
fn test_modules(parent: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let named = lines.windows(2).filter(|pair| pair[0].trim() == "#[cfg(test)]").filter_map(|pair| {
        let name = pair[1].trim().strip_prefix("mod ")?.strip_suffix(';')?;
        Some(if parent == "lib" { name.to_owned() } else { format!("{parent}::{name}") })
    });
    named.collect()
}

/// Without comments and without blocks under `#[cfg(test)]`; rustfmt puts the end of such a block at the column of its start.
fn code_of(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let indent = line.len() - line.trim_start().len();
            let end = format!("{}}}", " ".repeat(indent));
            let opens = lines.next().is_some_and(|line| line.trim_end().ends_with('{'));
            while opens && lines.next().is_some_and(|line| line != end) {}
            continue;
        }
        let comment = line.find("//").filter(|&at| !line[..at].ends_with(':') && !line[..at].contains('"'));
        out.push_str(&line[..comment.unwrap_or(line.len())]);
        out.push('\n');
    }
    out
}

/// All paths that a module names from the crate's root: `use` trees and paths in the code, `super` and `self` resolved.
fn imports(module: &Module) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in module.code.match_indices(root) {
            let before = module.code[..at].chars().next_back();
            if before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | '$' | ':')) {
                expand(&module.code[at..], &mut Vec::new(), &mut paths);
            }
        }
    }
    paths.into_iter().filter_map(|path| absolute(module, &path)).collect()
}

/// Expands `a::{b, c::d}` from the start of `text`; returns how many bytes belong to it.
fn expand(text: &str, head: &mut Vec<String>, paths: &mut Vec<Vec<String>>) -> usize {
    let mut at = 0;
    let depth = head.len();
    loop {
        let word: String = text[at..].chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '*')).collect();
        at += word.len();
        head.push(word);
        if !text[at..].starts_with("::") {
            break;
        }
        at += 2;
        if text[at..].starts_with('{') {
            at += 1 + expand_list(&text[at + 1..], head, paths);
            head.truncate(depth);
            return at;
        }
    }
    paths.push(head.clone());
    head.truncate(depth);
    at
}

fn expand_list(text: &str, head: &mut Vec<String>, paths: &mut Vec<Vec<String>>) -> usize {
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        match next {
            '}' => return at + 1,
            c if c.is_alphanumeric() || c == '_' => at += expand(&text[at..], head, paths),
            c => at += c.len_utf8(),
        }
    }
    at
}

fn absolute(module: &Module, path: &[String]) -> Option<Vec<String>> {
    let mut out: Vec<String> = match path.first()?.as_str() {
        "crate" => Vec::new(),
        _ if matches!(module.name.as_str(), "lib" | "main") => Vec::new(),
        _ => module.name.split("::").map(str::to_owned).collect(),
    };
    for word in path {
        match word.as_str() {
            "crate" | "self" => {}
            "super" => drop(out.pop()?),
            word => out.push(word.to_owned()),
        }
    }
    Some(out)
}

fn storey(module: &str) -> usize {
    let top = module.split("::").next().unwrap_or(module);
    let found = STOREYS.iter().position(|names| names.contains(&top));
    found.unwrap_or_else(|| panic!("the module {top} has no storey: add it to STOREYS and to the map in lib.rs"))
}

/// What each module imports, as names of modules.
fn edges(modules: &[Module]) -> Vec<(&Module, String)> {
    let names: BTreeSet<&str> = modules.iter().map(|module| module.name.as_str()).collect();
    let mut out = Vec::new();
    for module in modules {
        let mut targets = BTreeSet::new();
        for path in imports(module) {
            let deepest = (1..=path.len()).rev().map(|len| path[..len].join("::")).find(|name| names.contains(name.as_str()));
            targets.extend(deepest.filter(|name| *name != module.name));
        }
        out.extend(targets.into_iter().map(|target| (module, target)));
    }
    out
}

#[test]
fn imports_never_rise() {
    let modules = modules();
    assert!(modules.len() > 50, "the sources were not found");
    let mut rising = Vec::new();
    for (module, target) in edges(&modules) {
        let from = storey(&module.name);
        if storey(&target) > from && module.name != "lib" {
            rising.push(format!("{} imports {target}", module.file.display()));
        }
    }
    assert!(rising.is_empty(), "imports that rise:\n{}", rising.join("\n"));
}

/// `main` and `lib` stand on the uppermost storey and open its door; nobody else may look up or sideways to them.
#[test]
fn nobody_knows_the_command_line() {
    let modules = modules();
    let edges = edges(&modules);
    let outside = |name: &str| !name.starts_with("cli") && name != "lib" && name != "main";
    let knows: Vec<String> = edges
        .iter()
        .filter(|(module, target)| outside(&module.name) && target.starts_with("cli"))
        .map(|(module, target)| format!("{} imports {target}", module.file.display()))
        .collect();
    assert!(knows.is_empty(), "{}", knows.join("\n"));
}

/// Neighbours are the files and folders of one folder; a cycle among them means that two of them are one.
#[test]
fn neighbours_do_not_import_each_other_in_a_circle() {
    let modules = modules();
    let mut neighbours: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for (module, target) in edges(&modules) {
        let (from, to): (Vec<&str>, Vec<&str>) = (module.name.split("::").collect(), target.split("::").collect());
        let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        if shared < from.len() && shared < to.len() && !matches!(module.name.as_str(), "lib" | "main") {
            let folder = from[..shared].join("::");
            neighbours.entry(folder).or_default().insert((from[shared].to_owned(), to[shared].to_owned()));
        }
    }
    let circles: Vec<String> = neighbours
        .iter()
        .filter_map(|(folder, edges)| circle(edges).map(|names| format!("in {folder}: {}", names.join(" → "))))
        .collect();
    assert!(circles.is_empty(), "circles:\n{}", circles.join("\n"));
}

/// One circle of a graph, if there is any.
fn circle(edges: &BTreeSet<(String, String)>) -> Option<Vec<String>> {
    for (start, _) in edges {
        let mut open = vec![vec![start.clone()]];
        let mut seen = BTreeSet::new();
        while let Some(path) = open.pop() {
            let last = path.last().expect("a path has a start");
            for (_, next) in edges.iter().filter(|(from, _)| from == last) {
                let mut longer = path.clone();
                longer.push(next.clone());
                if next == start {
                    return Some(longer);
                }
                if seen.insert(next.clone()) {
                    open.push(longer);
                }
            }
        }
    }
    None
}

#[test]
fn redis_does_not_know_the_layout_and_the_layout_only_its_amounts() {
    let modules = modules();
    for (module, target) in edges(&modules) {
        let name = module.name.as_str();
        assert!(!(name.starts_with("redis") && target == "layout"), "{name} imports the layout");
        let sideways = name == "layout" && target.starts_with("redis");
        assert!(!sideways || target == "redis::memory", "the layout imports {target}");
    }
}

/// Each way to report is a face of the same report; what two of them need lies beside them.
#[test]
fn formats_do_not_import_each_other() {
    const FORMATS: [&str; 10] = ["resolve", "full", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson", "diff"];
    let modules = modules();
    let of = |name: &str| {
        let module = name.strip_prefix("report::")?.split("::").next()?;
        FORMATS.iter().find(|format| **format == module)
    };
    let sideways: Vec<String> = edges(&modules)
        .iter()
        .filter(|(module, target)| {
            let (from, to) = (of(&module.name), of(target));
            from.is_some() && to.is_some() && from != to
        })
        .map(|(module, target)| format!("{} imports {target}", module.file.display()))
        .collect();
    assert!(sideways.is_empty(), "{}", sideways.join("\n"));
}

#[test]
fn compose_has_never_heard_of_redis() {
    let mut heard = Vec::new();
    for module in modules().iter().filter(|module| module.name.starts_with("compose")) {
        // The whole file but its tests: documentation counts too.
        let tests = module.text.find("#[cfg(test)]").unwrap_or(module.text.len());
        let text = module.text[..tests].replace("never heard of Redis", "");
        for (number, line) in text.lines().enumerate().filter(|(_, line)| line.to_ascii_lowercase().contains("redis")) {
            heard.push(format!("{}:{}: {}", module.file.display(), number + 1, line.trim()));
        }
    }
    assert!(heard.is_empty(), "compose knows of Redis:\n{}", heard.join("\n"));
}

/// Which parts of the crate may name something that is to be known in one place.
fn only_in(needle: &str, places: &[&str]) {
    let elsewhere: Vec<String> = modules()
        .iter()
        .filter(|module| module.code.contains(needle) && !places.iter().any(|place| module.name.starts_with(place)))
        .map(|module| module.file.display().to_string())
        .collect();
    assert!(elsewhere.is_empty(), "{needle} is named in {}", elsewhere.join(", "));
}

#[test]
fn foundations_are_known_in_one_place_each() {
    only_in("granit_parser", &["syntax::yaml"]);
    only_in("miette", &["report::full"]);
    only_in("serde_yaml", &["engine::verify"]);
    only_in("clap", &["cli"]);
    only_in("rayon", &["cli"]);
    only_in("tempfile", &["engine::write"]);
    only_in("similar::", &["report::diff"]);
}

#[test]
fn files_are_read_and_written_in_few_places() {
    only_in("std::fs", &["text::source", "cli::targets", "compose::search", "engine::write"]);
    only_in("std::process::Command", &["cli"]);
    // What the program says depends on the files alone.
    only_in("std::env::var(", &["cli::output"]);
    only_in("std::env::var_os(", &["cli::output"]);
    // Only for `--shell-env`.
    only_in("std::env::vars_os", &["cli::targets"]);
    // `~` and `HOME`, which Compose puts in the place of the same folder.
    only_in("home_dir", &["compose::resolve::paths", "compose::resolve::environment"]);
    only_in("std::net::TcpStream", &[]);
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    let modules = modules();
    let silent: Vec<String> =
        modules.iter().filter(|module| !module.text.starts_with("//!")).map(|module| module.file.display().to_string()).collect();
    assert!(silent.is_empty(), "no `//!` at the top of {}", silent.join(", "));
    let long: Vec<String> = modules
        .iter()
        .filter(|module| module.text.lines().count() > MOST_LINES)
        .map(|module| format!("{} ({} lines)", module.file.display(), module.text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split by subject: {}", long.join(", "));
}

#[test]
fn the_reader_of_imports_reads() {
    let module = Module {
        name: "rules::health".to_owned(),
        file: PathBuf::new(),
        text: String::new(),
        code: code_of(
            "use super::{a::{b, C}, d}; // crate::x\nfn f() { crate::e::f() }\n#[cfg(test)]\nmod tests {\n    use crate::y;\n}\n",
        ),
    };
    let mut paths: Vec<String> = imports(&module).iter().map(|path| path.join("::")).collect();
    paths.sort();
    assert_eq!(paths, ["e::f", "rules::a::C", "rules::a::b", "rules::d"]);
}
