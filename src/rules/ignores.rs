//! Comments that silence rules: `# cachelint: ignore[rule-name] reason`, in YAML on a line of its own or behind what it is about, in an
//! env file on a line of its own. Knows where such comments stand and what they cover; knows rules by name only.
//!
//! On a line of its own, a comment covers the entry or the list item below it with all that belongs to it: above `redis:` the whole
//! service, above a variable of an env file that variable. Behind something it covers its line.

use crate::compose::model::{Documents, Project};
use crate::diagnostic::Finding;
use crate::syntax::dotenv::EnvDoc;
use crate::syntax::yaml::Tree;
use crate::text::nearest::nearest;
use crate::text::span::{FileId, Span};
use std::collections::BTreeMap;
use std::ops::Range;

const MARK: &str = "cachelint:";
const WORD: &str = "ignore";

/// One comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// From `#` to the end of its line.
    pub comment: Span,
    /// The rules that it names, each with its place.
    pub names: Vec<(String, Span)>,
    /// Whether nothing else stands on its line.
    pub own_line: bool,
    /// What it covers; `None` where nothing follows, or where such a comment has no effect.
    pub covers: Option<Span>,
}

/// All such comments of a project's files.
#[derive(Debug, Clone, Default)]
pub struct Ignores {
    pub all: Vec<Ignore>,
    /// By rule and file.
    covered: BTreeMap<(String, FileId), Vec<Cover>>,
}

/// Bytes of a file, and which of the comments covers them.
#[derive(Debug, Clone)]
struct Cover {
    bytes: Range<u32>,
    ignore: usize,
}

impl Ignores {
    /// The comments of the files that were read; where a file is neither YAML nor an env file, it has none.
    pub fn read(project: &Project) -> Self {
        let docs = &project.docs;
        let mut all = Vec::new();
        for (file, tree) in &docs.trees {
            yaml(docs.text(*file), tree, &mut all);
        }
        for (file, doc) in &docs.envs {
            env(docs, *file, doc, &mut all);
        }
        for example in &project.examples {
            env(docs, example.file, &example.doc, &mut all);
        }
        let mut covered: BTreeMap<_, Vec<Cover>> = BTreeMap::new();
        for (at, ignore) in all.iter().enumerate() {
            let Some(span) = ignore.covers else { continue };
            for (name, _) in &ignore.names {
                let cover = Cover { bytes: span.start..span.end, ignore: at };
                covered.entry((name.clone(), span.file)).or_default().push(cover);
            }
        }
        Self { all, covered }
    }

    /// Whether any comment names the rule.
    pub fn name(&self, rule: &str) -> bool {
        self.all.iter().any(|ignore| ignore.names.iter().any(|(name, _)| name == rule))
    }

    /// The comments (by their place in `all`) that silence a finding: those that cover its primary place, or, where the cause is written
    /// elsewhere, those that together cover every other place that it names.
    pub fn silencing(&self, finding: &Finding) -> Vec<usize> {
        let own = self.covering(finding.rule, finding.primary.span);
        if !own.is_empty() || finding.related.is_empty() || self.covered.is_empty() {
            return own;
        }
        let others: Vec<Vec<usize>> = finding.related.iter().map(|label| self.covering(finding.rule, label.span)).collect();
        if others.iter().any(Vec::is_empty) { Vec::new() } else { others.concat() }
    }

    /// The comments that speak of a finding at any of its places, whether or not that silences it.
    pub fn about(&self, finding: &Finding) -> Vec<usize> {
        let places = std::iter::once(&finding.primary).chain(&finding.related);
        places.flat_map(|label| self.covering(finding.rule, label.span)).collect()
    }

    fn covering(&self, rule: &str, at: Span) -> Vec<usize> {
        // Most projects have none, and then no name is copied.
        if self.covered.is_empty() {
            return Vec::new();
        }
        let covers = self.covered.get(&(rule.to_owned(), at.file)).map(Vec::as_slice).unwrap_or_default();
        let around = covers.iter().filter(|cover| cover.bytes.start <= at.start && at.start <= cover.bytes.end);
        around.map(|cover| cover.ignore).collect()
    }

    /// Whether a comment silences a rule at a place.
    pub fn silence(&self, rule: &str, at: Span) -> bool {
        !self.covering(rule, at).is_empty()
    }
}

/// The names in a comment's text (from `#`), with their ranges in it; `None` if it is no such comment.
fn names(comment: &str) -> Option<Vec<(String, Range<usize>)>> {
    let body = comment.trim_start_matches('#').trim_start();
    let rest = body.strip_prefix(MARK)?.trim_start();
    let word = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default();
    nearest(&word.to_ascii_lowercase(), [WORD].into_iter())?;
    let Some(list) = rest.strip_prefix(WORD).and_then(|rest| rest.trim_start().strip_prefix('[')) else {
        return Some(Vec::new());
    };
    let list = &list[..list.find(']').unwrap_or(0)];
    let start = list.as_ptr() as usize - comment.as_ptr() as usize;
    let mut out = Vec::new();
    let mut at = start;
    for piece in list.split(',') {
        let name = piece.trim();
        let from = at + (piece.len() - piece.trim_start().len());
        if !name.is_empty() {
            out.push((name.to_owned(), from..from + name.len()));
        }
        at += piece.len() + 1;
    }
    Some(out)
}

fn ignore(file: FileId, text: &str, comment: Range<usize>, own_line: bool, covers: Option<Range<usize>>) -> Option<Ignore> {
    let span = |range: Range<usize>| Span::new(file, comment.start + range.start..comment.start + range.end);
    let names = names(&text[comment.clone()])?.into_iter().map(|(name, range)| (name, span(range))).collect();
    Some(Ignore { comment: Span::new(file, comment), names, own_line, covers: covers.map(|range| Span::new(file, range)) })
}

fn yaml(text: &str, tree: &Tree, out: &mut Vec<Ignore>) {
    let marked = tree.comments.iter().filter(|comment| text[comment.range()].contains(MARK));
    let marked: Vec<Range<usize>> = marked.map(|comment| trimmed(text, comment.range())).collect();
    if marked.is_empty() {
        return;
    }
    let own_line = |comment: &Range<usize>| {
        let before = line_of(text, comment.start).start..comment.start;
        text[before].trim_start_matches('\u{feff}').trim().is_empty()
    };
    let below = |comment: &Range<usize>| next_content(text, line_of(text, comment.start).end);
    let blocks = blocks(text, tree, marked.iter().filter(|comment| own_line(comment)).filter_map(below));
    for comment in marked {
        let own_line = own_line(&comment);
        let covers = if own_line {
            below(&comment).and_then(|at| Some(at..*blocks.get(&at)?))
        } else {
            Some(line_of(text, comment.start))
        };
        out.extend(ignore(tree.file, text, comment, own_line, covers));
    }
}

/// The ends of the largest entries or items that begin at `starts`, where the first character of a line is.
fn blocks(text: &str, tree: &Tree, starts: impl Iterator<Item = usize>) -> BTreeMap<usize, usize> {
    // Between the first character and the entry only the dashes of a list may stand.
    let dashes = |at: usize| text[at..].bytes().take_while(|byte| matches!(byte, b'-' | b' ' | b'\t' | b'?')).count();
    let begins: BTreeMap<usize, usize> = starts.map(|at| (at, at + dashes(at))).collect();
    let mut ends = BTreeMap::new();
    let mut add = |start: u32, end: u32| {
        let (start, end) = (start as usize, end as usize);
        if let Some((&first, _)) = begins.range(..=start).next_back().filter(|(_, deepest)| start <= **deepest) {
            let known = ends.entry(first).or_insert(end);
            *known = end.max(*known);
        }
    };
    for id in tree.ids() {
        for entry in tree.entries(id) {
            let (key, value) = (tree.node(entry.key).outer, tree.node(entry.value).outer);
            add(key.start, value.end.max(key.end));
        }
        for item in tree.items(id) {
            let span = tree.node(*item).outer;
            add(span.start, span.end);
        }
    }
    ends
}

fn env(docs: &Documents, file: FileId, doc: &EnvDoc, out: &mut Vec<Ignore>) {
    let text = docs.text(file);
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&text.as_bytes()[at..], MARK.as_bytes()) {
        let mark = at + found;
        at = mark + MARK.len();
        let line = line_of(text, mark);
        let hash = text[line.start..mark].rfind('#').map(|hash| line.start + hash);
        let inside = |hash: &usize| {
            let mut values = doc.entries.iter().filter_map(|entry| entry.value.as_ref());
            !values.any(|value| value.whole().contains(hash))
        };
        let Some(hash) = hash.filter(inside) else { continue };
        let own_line = text[line.start..hash].trim().is_empty();
        // What stands behind a value is part of it to some readers: there it has no effect.
        let next = doc.entries.partition_point(|entry| entry.key_range.start < line.end);
        let covers = doc.entries.get(next).filter(|_| own_line).map(|entry| {
            let end = entry.value.as_ref().map_or(entry.key_range.end, |value| value.whole().end);
            entry.key_range.start..end
        });
        out.extend(ignore(file, text, trimmed(text, hash..line.end), own_line, covers));
    }
}

/// The line that holds `at`, without its end.
fn line_of(text: &str, at: usize) -> Range<usize> {
    let start = memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |newline| newline + 1);
    let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |newline| at + newline);
    start..end
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    range.start..range.start + text[range.clone()].trim_end().len()
}

/// The first character behind `at` that is neither blank nor part of a comment.
fn next_content(text: &str, mut at: usize) -> Option<usize> {
    while at < text.len() {
        let line = line_of(text, (at + 1).min(text.len()));
        let body = text[line.clone()].trim_start();
        if !body.is_empty() && !body.starts_with('#') {
            return Some(line.end - body.len());
        }
        at = line.end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::project_of;

    /// What the comments of a compose file and an `.env` cover, as the first line of each place.
    fn covered(compose: &str, env: &str) -> Vec<(String, Option<String>)> {
        let project = project_of(&[("docker-compose.yml", compose), (".env", env)]);
        let first = |span: Span| project.docs.sources.text(span).lines().next().unwrap_or_default().to_owned();
        let names = |ignore: &Ignore| ignore.names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("+");
        Ignores::read(&project).all.iter().map(|ignore| (names(ignore), ignore.covers.map(first))).collect()
    }

    fn one(names: &str, covers: &str) -> (String, Option<String>) {
        (names.to_owned(), (!covers.is_empty()).then(|| covers.to_owned()))
    }

    #[test]
    fn a_comment_of_its_own_covers_what_is_below_it() {
        let compose = "services:\n  # cachelint: ignore[a-rule, b-rule] on purpose\n\n  # of the shop\n  redis:\n    image: redis:7\n    ports:\n      # cachelint: ignore[c-rule]\n      - 6379:6379\n  # cachelint: ignore[d-rule]\n";
        assert_eq!(covered(compose, ""), [one("a-rule+b-rule", "redis:"), one("c-rule", "- 6379:6379"), one("d-rule", "")]);
    }

    #[test]
    fn a_comment_behind_something_covers_its_line() {
        let compose =
            "services:\n  redis:\n    image: redis # cachelint: ignore[a-rule]\n    command: 'no # cachelint: ignore[b-rule]'\n";
        assert_eq!(covered(compose, ""), [one("a-rule", "    image: redis # cachelint: ignore[a-rule]")]);
    }

    #[test]
    fn in_an_env_file_it_has_to_stand_alone() {
        let env =
            "# cachelint: ignore[a-rule]\nREDIS_URL=redis://cache # cachelint: ignore[b-rule]\nX='# cachelint: ignore[c-rule]'\n";
        let expected = [one("a-rule", "REDIS_URL=redis://cache"), one("b-rule", "")];
        assert_eq!(covered("services: {}\n", env), expected);
    }

    #[test]
    fn words_that_are_nearly_right_are_noticed() {
        assert_eq!(names("# cachelint: ignore"), Some(Vec::new()));
        assert_eq!(names("# cachelint: ingore[a]"), Some(Vec::new()));
        assert_eq!(names("# cachelint: checks this in CI"), None);
        assert_eq!(names("#cachelint:ignore[ a ]").map(|names| names.len()), Some(1));
    }
}
