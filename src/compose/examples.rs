//! Files that show what an env file is to hold: `.env.example` and the like. Compose reads none of them, so they are no part of what a
//! project runs; a person who sets the project up copies one of them.

use super::discover::ENV_NAME;
use super::model::{Example, Project};
use crate::syntax::dotenv;
use crate::text::source::normal;
use indexmap::IndexSet;
use std::path::{Path, PathBuf};

/// What such a file's name says, in the order in which people use the words (corpus: `.env.example` 136, `.env.sample` 16,
/// `.example.env` 10, `env.example` 8, `.env.template` 4).
const WORDS: [&str; 6] = ["example", "sample", "template", "dist", "tmpl", "tpl"];

/// The names under which an example of an env file called `name` is looked for.
pub fn names(name: &str) -> impl Iterator<Item = String> {
    let behind = WORDS.map(|word| format!("{name}.{word}"));
    let stem = name.strip_suffix(ENV_NAME);
    let inside = stem.into_iter().flat_map(|stem| WORDS.map(|word| format!("{stem}.{word}{ENV_NAME}")));
    let bare = stem.filter(|stem| stem.is_empty()).into_iter();
    let plain = bare.flat_map(|_| WORDS.into_iter().flat_map(|word| [format!("env.{word}"), format!("{word}{ENV_NAME}")]));
    behind.into_iter().chain(inside).chain(plain)
}

/// Reads the examples that stand beside the project's env files, and beside where one would be. Those that Compose is told to read are
/// env files like others.
pub(super) fn read(project: &mut Project) {
    let mut paths: IndexSet<PathBuf> =
        project.env_files.iter().map(|&file| project.docs.sources.file(file).path.clone()).collect();
    if paths.is_empty() {
        paths.insert(PathBuf::from(ENV_NAME));
    }
    let given = project.services.values().flat_map(|service| &service.env_files);
    let named = given.filter(|file| file.path.missing().is_empty());
    paths.extend(named.map(|file| normal(Path::new(&file.path.value))));
    for of in paths {
        let Some(name) = of.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
        for name in names(&name) {
            let Some(file) = project.docs.sources.load(&of.with_file_name(name)) else { continue };
            let is_read = project.docs.env(file).is_some() || project.docs.tree(file).is_some();
            if is_read || project.docs.sources.file(file).problem.is_some() {
                continue;
            }
            let doc = dotenv::parse(project.docs.text(file));
            project.examples.push(Example { file, of: of.clone(), doc });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::discover::ProjectFiles;
    use crate::compose::load::load;
    use crate::text::source::Sources;
    use std::sync::Arc;

    #[test]
    fn names_of_real_files() {
        let all: Vec<String> = names(".env").collect();
        for name in [".env.example", ".env.sample", ".example.env", "env.example", "example.env", ".env.template", "template.env"]
        {
            assert!(all.iter().any(|other| other == name), "{name}");
        }
        let all: Vec<String> = names("sentry.env").collect();
        assert!(all.contains(&"sentry.example.env".to_owned()) && all.contains(&"sentry.env.example".to_owned()));
        assert!(!all.contains(&"example.env".to_owned()));
        assert!(names(".env.production").any(|name| name == ".env.production.example"));
    }

    #[test]
    fn an_example_that_compose_reads_is_an_env_file() {
        let compose = "services: {a: {image: x, env_file: [.env.sample, b.env]}}\n";
        let files = [
            ("compose.yaml", compose),
            (".env.sample", "A=1\n"),
            (".env.example", "A=2\n"),
            ("b.env.dist", "B=1\n"),
            ("b.env", ""),
        ];
        let texts = files.map(|(path, text)| (PathBuf::from(path), Arc::from(text)));
        let sources = Sources::new(Path::new("/nowhere")).with_overlay(texts);
        let project = load(sources, &ProjectFiles::of_file(Path::new("/nowhere/compose.yaml")));
        let shown =
            |example: &Example| format!("{} of {}", project.docs.sources.file(example.file).path.display(), example.of.display());
        let all: Vec<String> = project.examples.iter().map(shown).collect();
        assert_eq!(all, [".env.example of .env", "b.env.dist of b.env"]);
    }
}
