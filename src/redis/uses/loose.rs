//! Redis URLs in a project's files that no use covers.

use super::{LooseUrl, RedisUse};
use crate::compose::model::Project;
use crate::compose::value::{Home, Text};
use crate::redis::endpoints::{self, Reading};
use crate::redis::hosts::Names;
use crate::syntax::url;
use crate::syntax::yaml::Kind;
use crate::text::span::{FileId, Span};
use std::collections::BTreeMap;

/// The literal Redis URLs of the project's files that none of `uses` covers.
pub(in crate::redis) fn find(project: &Project, names: &Names<'_>, uses: &[RedisUse]) -> Vec<LooseUrl> {
    let mut covered = Covered::default();
    for usage in uses {
        covered.add(project.docs.span(&usage.text.site()));
        for reference in usage.text.references() {
            covered.add(project.docs.span(&reference.at));
        }
    }
    let mut out = Vec::new();
    for (&file, tree) in &project.docs.trees {
        for node in tree.ids() {
            if let Kind::Scalar(scalar) = &tree.node(node).kind {
                let text = Text::literal(scalar.value.as_str(), Home::Yaml { file, node });
                collect(project, names, &text, None, &covered, &mut out);
            }
        }
    }
    for &file in &project.env_files {
        env_urls(project, names, file, &covered, &mut out);
    }
    out
}

/// Places that uses account for. Two places of values either are apart or hold one another.
#[derive(Default)]
struct Covered {
    /// By file and start; of several at one start, the longest.
    places: BTreeMap<(FileId, u32), u32>,
}

impl Covered {
    fn add(&mut self, span: Option<Span>) {
        if let Some(span) = span.filter(|span| !span.is_empty()) {
            let end = self.places.entry((span.file, span.start)).or_insert(span.end);
            *end = span.end.max(*end);
        }
    }

    /// Whether a place lies in one of these, or holds one.
    fn touches(&self, span: Span) -> bool {
        let before = self.places.range(..=(span.file, span.start)).next_back();
        let holds = before.is_some_and(|((file, _), end)| *file == span.file && *end >= span.end);
        holds || self.places.range((span.file, span.start)..(span.file, span.end)).next().is_some()
    }
}

fn env_urls(project: &Project, names: &Names<'_>, file: FileId, covered: &Covered, out: &mut Vec<LooseUrl>) {
    let Some(doc) = project.docs.env(file) else { return };
    for (line, entry) in doc.entries.iter().enumerate() {
        if let Some(value) = &entry.value {
            let text = Text::literal(value.template.as_str(), Home::Env { file, line });
            collect(project, names, &text, Some(&entry.key), covered, out);
        }
    }
}

fn collect(project: &Project, names: &Names<'_>, text: &Text, key: Option<&str>, covered: &Covered, out: &mut Vec<LooseUrl>) {
    if !text.value.contains("://") {
        return;
    }
    for range in url::find(&text.value) {
        let url = text.slice(range.clone());
        let Some(span) = project.docs.locate(&url, 0..url.value.len()) else { continue };
        let is_covered = covered.touches(span);
        let Reading::One(endpoint) = endpoints::from_url(&url) else { continue };
        if is_covered || endpoint.host.value.contains('$') {
            continue;
        }
        let target = names.resolve_loose(&endpoint.host.value);
        let variable =
            key.or_else(|| text.value[..range.start].strip_suffix('=')).filter(|name| !name.contains(char::is_whitespace));
        out.push(LooseUrl { variable: variable.map(str::to_owned), text: url, endpoint: *endpoint, target, span });
    }
}
