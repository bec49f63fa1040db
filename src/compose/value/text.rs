//! Texts that know where each part of them came from.

use crate::syntax::yaml::NodeId;
use crate::text::span::FileId;
use std::ops::Range;
use std::sync::Arc;

/// Where the template of a [`Text`] is written: its parts count bytes of that template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// A YAML scalar; positions are those of its cooked value.
    Yaml { file: FileId, node: NodeId },
    /// The value of one line of an env file.
    Env { file: FileId, line: usize },
    /// No file: Compose supplies it, or the caller's environment does.
    Outside,
}

/// A string and how it came about.
#[derive(Debug, Clone)]
pub struct Text {
    pub value: String,
    home: Home,
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    /// Which bytes of the value it makes.
    out: Range<usize>,
    /// Which bytes of the template it is written as.
    template: Range<usize>,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    Literal,
    /// `${NAME}`: the variable's own text.
    Variable {
        name: String,
        text: Arc<Text>,
    },
    /// `${NAME:-word}` where the word is used; `${NAME:+word}` likewise.
    Word {
        name: String,
        text: Arc<Text>,
    },
    /// `${NAME:+word}` where NAME has no value in any file: nothing, unless somebody sets it.
    Option,
    /// A variable with no value anywhere, or one whose value is out of reach.
    Missing {
        name: String,
    },
    /// What Compose makes of a text: a path made absolute, a number written again.
    Derived {
        text: Arc<Text>,
    },
}

/// The deepest place that holds a whole range of a text: what an edit of that range has to rewrite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Site {
    Yaml { file: FileId, node: NodeId, cooked: Range<usize> },
    Env { file: FileId, line: usize, template: Range<usize> },
    Outside,
}

/// One `${NAME}` on the way of a value.
#[derive(Debug, Clone)]
pub struct Reference<'a> {
    pub name: &'a str,
    pub at: Site,
}

impl Text {
    /// A text that stands in `home` as it is.
    pub fn literal(value: impl Into<String>, home: Home) -> Self {
        let value = value.into();
        let whole = 0..value.len();
        let parts = vec![Part { out: whole.clone(), template: whole, source: Source::Literal }];
        Self { value, home, parts }
    }

    /// An empty text to which parts are added.
    pub fn empty(home: Home) -> Self {
        Self { value: String::new(), home, parts: Vec::new() }
    }

    pub fn home(&self) -> Home {
        self.home
    }

    fn push(&mut self, value: &str, template: Range<usize>, source: Source) {
        let start = self.value.len();
        self.value.push_str(value);
        self.parts.push(Part { out: start..self.value.len(), template, source });
    }

    pub fn push_literal(&mut self, value: &str, template: Range<usize>) {
        self.push(value, template, Source::Literal);
    }

    pub fn push_variable(&mut self, name: &str, text: Arc<Text>, template: Range<usize>) {
        self.push(&text.value.clone(), template, Source::Variable { name: name.to_owned(), text });
    }

    pub fn push_word(&mut self, name: &str, text: Arc<Text>, template: Range<usize>) {
        self.push(&text.value.clone(), template, Source::Word { name: name.to_owned(), text });
    }

    pub fn push_option(&mut self, template: Range<usize>) {
        self.push("", template, Source::Option);
    }

    pub fn push_missing(&mut self, name: &str, template: Range<usize>) {
        self.push("", template, Source::Missing { name: name.to_owned() });
    }

    /// Another spelling of this text, of Compose's making: it stands where this one does.
    pub fn rewritten(&self, value: impl Into<String>) -> Self {
        let value = value.into();
        if value == self.value {
            return self.clone();
        }
        let template = self.parts.iter().map(|part| part.template.start).min().unwrap_or(0)
            ..self.parts.iter().map(|part| part.template.end).max().unwrap_or(0);
        let part = Part { out: 0..value.len(), template, source: Source::Derived { text: Arc::new(self.clone()) } };
        Self { value, home: self.home, parts: vec![part] }
    }

    /// The bytes `range` of the value as a text of their own, with the same provenance.
    pub fn slice(&self, range: Range<usize>) -> Self {
        let mut parts = Vec::new();
        for part in &self.parts {
            let out = part.out.start.max(range.start)..part.out.end.min(range.end);
            let inside =
                out.start < out.end || (part.out.is_empty() && range.start <= part.out.start && part.out.end <= range.end);
            if !inside {
                continue;
            }
            let cut = out.start - part.out.start..out.end - part.out.start;
            let (template, source) = match &part.source {
                Source::Literal => (part.template.start + cut.start..part.template.start + cut.end, Source::Literal),
                Source::Option => (part.template.clone(), Source::Option),
                Source::Variable { name, text } => {
                    (part.template.clone(), Source::Variable { name: name.clone(), text: Arc::new(text.slice(cut)) })
                }
                Source::Word { name, text } => {
                    (part.template.clone(), Source::Word { name: name.clone(), text: Arc::new(text.slice(cut)) })
                }
                Source::Missing { name } => (part.template.clone(), Source::Missing { name: name.clone() }),
                Source::Derived { text } => (part.template.clone(), Source::Derived { text: text.clone() }),
            };
            parts.push(Part { out: out.start - range.start..out.end - range.start, template, source });
        }
        if parts.is_empty() {
            let at = self.template_offset(range.start);
            parts.push(Part { out: 0..0, template: at..at, source: Source::Literal });
        }
        Self { value: self.value[range].to_owned(), home: self.home, parts }
    }

    fn template_offset(&self, out: usize) -> usize {
        let part = self.parts.iter().find(|part| part.out.start <= out && out <= part.out.end);
        part.map_or(0, |part| match part.source {
            Source::Literal => part.template.start + (out - part.out.start),
            _ => part.template.end,
        })
    }

    /// The deepest place that holds the whole text.
    pub fn site(&self) -> Site {
        self.site_of(0..self.value.len())
    }

    /// The deepest place that holds all of `range` of the value.
    pub fn site_of(&self, range: Range<usize>) -> Site {
        let touched: Vec<&Part> = self.parts.iter().filter(|part| touches(&part.out, &range)).collect();
        let [first, .., last] = touched.as_slice() else {
            return match touched.first() {
                Some(part) => self.site_in(part, &range),
                None => self.here(self.template_offset(range.start)..self.template_offset(range.start)),
            };
        };
        self.here_of(first.out.start.max(range.start)..last.out.end.min(range.end))
    }

    fn site_in(&self, part: &Part, range: &Range<usize>) -> Site {
        let cut = range.start.max(part.out.start) - part.out.start..range.end.min(part.out.end) - part.out.start;
        match &part.source {
            Source::Literal => self.here(part.template.start + cut.start..part.template.start + cut.end),
            Source::Variable { text, .. } | Source::Word { text, .. } => text.site_of(cut),
            Source::Missing { .. } | Source::Option => self.here(part.template.clone()),
            Source::Derived { text } => text.site(),
        }
    }

    fn here(&self, template: Range<usize>) -> Site {
        match self.home {
            Home::Yaml { file, node } => Site::Yaml { file, node, cooked: template },
            Home::Env { file, line } => Site::Env { file, line, template },
            Home::Outside => Site::Outside,
        }
    }

    /// The bytes of the text's own template that make `range` of the value, before any reference is followed.
    pub fn here_of(&self, range: Range<usize>) -> Site {
        let touched: Vec<&Part> = self.parts.iter().filter(|part| touches(&part.out, &range)).collect();
        let (Some(first), Some(last)) = (touched.first(), touched.last()) else { return self.site_of(range) };
        let inside = |part: &Part, out: usize, whole: usize| match part.source {
            Source::Literal => part.template.start + (out - part.out.start),
            _ => whole,
        };
        let start = inside(first, range.start.max(first.out.start), first.template.start);
        let end = inside(last, range.end.min(last.out.end), last.template.end);
        self.here(start..end)
    }

    /// Where the text itself is written, before any reference is followed.
    pub fn written(&self) -> Site {
        let start = self.parts.iter().map(|part| part.template.start).min().unwrap_or(0);
        let end = self.parts.iter().map(|part| part.template.end).max().unwrap_or(0);
        self.here(start..end)
    }

    /// Whether the text stands in a file letter by letter: no reference and no default takes part.
    pub fn is_literal(&self) -> bool {
        self.parts.iter().all(|part| matches!(part.source, Source::Literal))
    }

    /// Variables without a value that take part, in order.
    pub fn missing(&self) -> Vec<&str> {
        let mut out = Vec::new();
        for part in &self.parts {
            match &part.source {
                Source::Missing { name } => out.push(name.as_str()),
                Source::Variable { text, .. } | Source::Word { text, .. } | Source::Derived { text } => {
                    out.extend(text.missing());
                }
                Source::Literal | Source::Option => {}
            }
        }
        out
    }

    /// Whether a part of the text depends on a variable that nothing sets.
    pub fn has_option(&self) -> bool {
        self.parts.iter().any(|part| match &part.source {
            Source::Option => true,
            Source::Variable { text, .. } | Source::Word { text, .. } | Source::Derived { text } => text.has_option(),
            Source::Literal | Source::Missing { .. } => false,
        })
    }

    /// The value with a word in the place of each variable that has none, so that its form can be read.
    pub fn filled(&self, placeholder: &str) -> String {
        let mut out = String::with_capacity(self.value.len());
        for part in &self.parts {
            match &part.source {
                Source::Missing { .. } => out.push_str(placeholder),
                Source::Literal | Source::Option | Source::Derived { .. } => out.push_str(&self.value[part.out.clone()]),
                Source::Variable { text, .. } | Source::Word { text, .. } => out.push_str(&text.filled(placeholder)),
            }
        }
        out
    }

    /// The value with what `named` makes of the name in the place of each variable that has no value.
    pub fn expression(&self, named: &dyn Fn(&str) -> String) -> String {
        let mut out = String::with_capacity(self.value.len());
        for part in &self.parts {
            match &part.source {
                Source::Missing { name } => out.push_str(&named(name)),
                Source::Literal | Source::Option => out.push_str(&self.value[part.out.clone()]),
                Source::Derived { text } if text.missing().is_empty() => out.push_str(&self.value[part.out.clone()]),
                Source::Variable { text, .. } | Source::Word { text, .. } | Source::Derived { text } => {
                    out.push_str(&text.expression(named));
                }
            }
        }
        out
    }

    /// The name of the variable whose default the whole text is.
    pub fn whole_default(&self) -> Option<&str> {
        let mut parts = self.parts.iter().filter(|part| !part.template.is_empty());
        match (parts.next().map(|part| &part.source), parts.next()) {
            (Some(Source::Word { name, .. }), None) => Some(name),
            (Some(Source::Variable { text, .. }), None) => text.whole_default(),
            _ => None,
        }
    }

    /// Whether a variable without a value takes part in `range`, or stands at its border.
    pub fn is_open(&self, range: &Range<usize>) -> bool {
        self.parts.iter().any(|part| match &part.source {
            Source::Missing { .. } => range.start <= part.out.start && part.out.end <= range.end,
            Source::Variable { text, .. } | Source::Word { text, .. } | Source::Derived { text } => {
                touches(&part.out, range) && !text.missing().is_empty()
            }
            Source::Literal | Source::Option => false,
        })
    }

    /// The variables that the text is made of, outermost first.
    pub fn references(&self) -> Vec<Reference<'_>> {
        let mut out = Vec::new();
        for part in &self.parts {
            match &part.source {
                Source::Variable { name, text } => {
                    out.push(Reference { name, at: self.here(part.template.clone()) });
                    out.extend(text.references());
                }
                Source::Word { text, .. } | Source::Derived { text } => out.extend(text.references()),
                Source::Missing { .. } | Source::Literal | Source::Option => {}
            }
        }
        out
    }

    /// Where the text and all that it is made of are written.
    pub fn homes(&self) -> Vec<Home> {
        let mut out = vec![self.home];
        for part in &self.parts {
            if let Source::Variable { text, .. } | Source::Word { text, .. } | Source::Derived { text } = &part.source {
                out.extend(text.homes());
            }
        }
        out
    }

    /// The name of the variable, if the whole text is what one `${NAME}` gives.
    pub fn whole_reference(&self) -> Option<&str> {
        let mut parts = self.parts.iter().filter(|part| !part.template.is_empty());
        match (parts.next().map(|part| &part.source), parts.next()) {
            (Some(Source::Variable { name, .. } | Source::Missing { name }), None) => Some(name),
            _ => None,
        }
    }
}

fn touches(part: &Range<usize>, range: &Range<usize>) -> bool {
    if range.is_empty() {
        return part.start <= range.start && range.start <= part.end && !part.is_empty();
    }
    part.start < range.end && range.start < part.end
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: Home = Home::Yaml { file: FileId(0), node: NodeId(7) };
    const ENV: Home = Home::Env { file: FileId(1), line: 2 };

    /// `REDIS_URL=${REDIS_URL}` with the variable from an env file.
    fn item() -> Text {
        let mut text = Text::empty(YAML);
        text.push_literal("REDIS_URL=", 0..10);
        text.push_variable("REDIS_URL", Arc::new(Text::literal("redis://h:1/0", ENV)), 10..22);
        text
    }

    #[test]
    fn a_slice_that_is_one_variable_leads_to_where_the_variable_is_written() {
        let value = item().slice(10..23);
        assert_eq!(value.value, "redis://h:1/0");
        assert_eq!(value.site(), Site::Env { file: FileId(1), line: 2, template: 0..13 });
        assert_eq!(value.site_of(8..9), Site::Env { file: FileId(1), line: 2, template: 8..9 });
        assert_eq!(value.whole_reference(), Some("REDIS_URL"));
    }

    #[test]
    fn a_text_of_several_parts_stays_at_its_own_template() {
        let mut text = Text::empty(YAML);
        text.push_literal("redis://", 0..8);
        text.push_variable("H", Arc::new(Text::literal("cache", ENV)), 8..12);
        text.push_literal(":6379", 12..17);
        assert_eq!(text.value, "redis://cache:6379");
        assert_eq!(text.site(), Site::Yaml { file: FileId(0), node: NodeId(7), cooked: 0..17 });
        assert_eq!(text.site_of(8..13), Site::Env { file: FileId(1), line: 2, template: 0..5 });
        assert_eq!(text.site_of(14..18), Site::Yaml { file: FileId(0), node: NodeId(7), cooked: 13..17 });
    }

    #[test]
    fn missing_variables_are_known_by_name_and_place() {
        let mut text = Text::empty(YAML);
        text.push_literal("redis://", 0..8);
        text.push_missing("HOST", 8..15);
        text.push_literal(":6379", 15..20);
        assert_eq!(text.missing(), ["HOST"]);
        assert!(text.is_open(&(8..8)));
        assert!(!text.is_open(&(9..13)));
    }
}
