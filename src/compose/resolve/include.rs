//! `include` (compose-go `loader/include.go`): projects of their own, read in their own folder with their own variables, whose
//! services, networks and volumes are taken over.

use super::merge;
use super::tree::{self, Keys};
use crate::compose::faults::Faults;
use crate::compose::value::{Kind, Text, Value};
use crate::text::span::Span;
use std::sync::Arc;

/// What one entry of `include` asks for. Paths count from the folder of the project that includes.
#[derive(Debug)]
pub struct Include {
    /// The first is the project's base, the others go over it.
    pub paths: Vec<Text>,
    pub project_directory: Option<Text>,
    /// `None`: the `.env` of the project directory.
    pub env_files: Option<Vec<Text>>,
    pub span: Span,
}

/// The sections that are taken over.
const SECTIONS: [&str; 6] = ["services", "volumes", "networks", "secrets", "configs", "models"];

/// The entries of `include`; of a form that is none, the schema speaks.
pub fn read(model: &Value) -> Vec<Include> {
    let texts = |value: &Arc<Value>| {
        let listed = value.items().iter().filter_map(|item| item.text().cloned());
        value.text().cloned().into_iter().chain(listed).collect::<Vec<_>>()
    };
    let one = |item: &Arc<Value>| {
        let paths = item.text().map(|text| vec![text.clone()]).or_else(|| item.get("path").map(texts))?;
        let project_directory = item.get("project_directory").and_then(|dir| dir.text()).filter(|dir| !dir.value.is_empty());
        let env_files = item.get("env_file").filter(|files| !files.is_null()).map(texts).filter(|files| !files.is_empty());
        let include = Include { project_directory: project_directory.cloned(), paths, env_files, span: item.span };
        (!include.paths.is_empty()).then_some(include)
    };
    model.get("include").map(|include| include.items().iter().filter_map(one).collect()).unwrap_or_default()
}

/// Whether a path leads to a file that is somewhere else: a git repository or an OCI artifact.
pub fn is_remote(path: &str) -> bool {
    let git = [".git", ".git#"].iter().any(|end| path.ends_with(end) || path.contains(".git#") || path.contains(".git:"));
    path.contains("://") || path.starts_with("oci:") || path.starts_with("git@") || path.starts_with("github.com/") || git
}

/// `model` with what `imported` defines. Where both define a name, `model` goes over it (the newest Compose; up to Docker Compose
/// 2.40 that is an error unless both are the same).
pub fn import(model: &Arc<Value>, imported: &Arc<Value>, faults: &mut Faults) -> Arc<Value> {
    let mut out = model.clone();
    for section in SECTIONS {
        let Some(from) = imported.get(section).filter(|from| from.is_map()) else { continue };
        let to = out.get(section).filter(|to| to.is_map()).cloned();
        let own = to.as_ref().map(|to| to.entries()).unwrap_or_default();
        let (mut entries, known) = (own.to_vec(), Keys::of(own));
        for entry in from.entries() {
            match known.find(&entry.key) {
                Some(at) => {
                    entries[at].value = merge::entries(section, &entry.key, &entry.value, &own[at].value, faults);
                }
                None => entries.push(entry.clone()),
            }
        }
        let merged = to.as_ref().unwrap_or(from).with(Kind::Map(entries));
        out = tree::set(&out, section, merged);
    }
    tree::without(&out, |entry| entry.key == "include")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::resolve::testing::{show, value};

    #[test]
    fn every_form_of_an_entry() {
        let model = value("include: [a.yaml, {path: [b.yaml, c.yaml], project_directory: d, env_file: e.env}, {path: f.yaml}]");
        let shown: Vec<_> = read(&model)
            .iter()
            .map(|include| {
                let words = |texts: &[Text]| texts.iter().map(|text| text.value.clone()).collect::<Vec<_>>().join("+");
                let dir = include.project_directory.as_ref().map_or("-", |dir| dir.value.as_str()).to_owned();
                format!("{} {dir} {}", words(&include.paths), include.env_files.as_deref().map_or("-".to_owned(), words))
            })
            .collect();
        assert_eq!(shown, ["a.yaml - -", "b.yaml+c.yaml d e.env", "f.yaml - -"]);
    }

    #[test]
    fn what_both_define_is_merged_with_the_including_file_on_top() {
        let model = value("{include: [x], services: {a: {image: new}}}");
        let imported = value("{services: {a: {image: old, restart: always}, b: {image: y}}, volumes: {v: null}}");
        let wanted = "{services: {a: {image: 'new', restart: 'always'}, b: {image: 'y'}}, volumes: {v: null}}";
        assert_eq!(show(&import(&model, &imported, &mut Faults::default())), wanted);
    }
}
