//! Collects the secret values of a project, from everything that is read of it.

use crate::compose::model::{Documents, Project};
use crate::compose::value::{Kind, Text, Value};
use crate::secret::{Known, MASK, is_secret_name};
use std::borrow::Cow;

/// The secrets of the project by their value.
pub fn of(project: &Project) -> Known {
    let mut walk = Walk { docs: &project.docs, known: Known::default(), merged: false };
    for value in &project.values {
        walk.value(None, value);
    }
    if let Some(merged) = &project.merged {
        walk.merged = true;
        walk.value(None, merged);
    }
    for service in project.services.values().chain(&project.removed) {
        for (key, entry) in &service.environment {
            if let Some(text) = &entry.value {
                walk.known.add_entry(key, &text.value);
            }
        }
    }
    let envs = project.docs.envs.iter().map(|(file, doc)| (*file, doc));
    for (file, doc) in envs.chain(project.examples.iter().map(|example| (example.file, &example.doc))) {
        let text = project.docs.text(file);
        for entry in &doc.entries {
            let Some(value) = &entry.value else { continue };
            walk.known.add_entry(&entry.key, &value.template);
            if is_secret_name(&entry.key)
                && let Some(raw) = text.get(value.content.clone())
            {
                walk.known.add(raw);
            }
        }
    }
    let mut known = walk.known;
    known.spare(names(project));
    known
}

/// Names that a report has to show: of services, networks and volumes with their parts, of hosts, of variables, the parts of images, and
/// the keys of the files.
fn names(project: &Project) -> impl Iterator<Item = &str> {
    let services = project.services.iter().chain(project.removed.iter().map(|service| (&service.name, service)));
    let of_services = services.flat_map(|(name, service)| {
        let texts = [&service.image, &service.container_name, &service.hostname];
        let parts = texts.into_iter().flatten().flat_map(|text| text.value.split(['/', ':', '@']));
        let variables = service.environment.keys().map(String::as_str);
        pieces(name).chain(parts).chain(variables)
    });
    let resources = project.networks.keys().chain(project.volumes.keys()).flat_map(|name| pieces(name));
    let keys = project.docs.trees.values().flat_map(|tree| {
        let scalars = tree.ids().flat_map(|id| tree.entries(id)).filter_map(|entry| tree.scalar(entry.key));
        scalars.map(|scalar| scalar.value.as_str())
    });
    let examples = project.examples.iter().map(|example| &example.doc);
    let docs = project.docs.envs.iter().map(|(_, doc)| doc).chain(examples);
    let lines = docs.flat_map(|doc| doc.entries.iter().map(|entry| entry.key.as_str()));
    of_services.chain(resources).chain(keys).chain(lines).chain(pieces(&project.name))
}

/// A name and its parts: `paperless-ngx`, `paperless`, `ngx`.
fn pieces(name: &str) -> impl Iterator<Item = &str> {
    std::iter::once(name).chain(name.split(['-', '_', '.']))
}

/// A text with a sign in the place of a value that is empty or not known, so that the word behind it is not taken for the value.
fn said(text: &Text) -> Cow<'_, str> {
    if text.value.is_empty() {
        return Cow::Borrowed(MASK);
    }
    if text.is_literal() || text.missing().is_empty() { Cow::Borrowed(&text.value) } else { Cow::Owned(text.filled(MASK)) }
}

struct Walk<'a> {
    docs: &'a Documents,
    known: Known,
    /// The files have been looked at by themselves: only what references bring is new.
    merged: bool,
}

impl Walk<'_> {
    fn value(&mut self, key: Option<&str>, value: &Value) {
        match &value.kind {
            Kind::Null => {}
            Kind::Scalar(text, _) if self.merged && text.is_literal() => {}
            Kind::Scalar(_, _) if key == Some("image") => {}
            Kind::Scalar(text, _) => match key {
                Some(key) => {
                    self.known.add_entry(key, &text.value);
                    if is_secret_name(key) {
                        self.written(value);
                    }
                }
                None => self.known.add_found(&said(text)),
            },
            Kind::Seq(items) => {
                let line: Vec<Cow<'_, str>> = items.iter().filter_map(|item| item.text()).map(said).collect();
                self.known.add_found(&line.join(" "));
                for item in items {
                    self.value(None, item);
                }
            }
            Kind::Map(entries) => entries.iter().for_each(|entry| self.value(Some(&entry.key), &entry.value)),
        }
    }

    /// The value as it stands in its file, which may differ from what it means: by escapes, doubled quotes and dollars, folded lines.
    fn written(&mut self, value: &Value) {
        let Some(raw) = self.docs.text(value.file()).get(value.span.range()) else { return };
        let bare = raw.trim_matches(['"', '\'']);
        if !bare.replace("$$", "").contains('$') && !bare.starts_with(['*', '&', '|', '>']) {
            self.known.add(bare);
        }
    }
}
