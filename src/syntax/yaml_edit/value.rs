//! Other values in place of scalars.

use super::{Doc, Edits, Refusal, quote, refuse};
use crate::syntax::yaml::{Kind, NodeId, Scalar, Style, Tree};
use crate::text::edit::Edit;
use crate::text::span::FileId;
use std::ops::Range;

impl Doc<'_> {
    /// Another value for a scalar, in the quotes it has. One without quotes gets double quotes only where it would not be read as the
    /// same string. Block texts are refused.
    pub fn replace_value(&self, scalar: NodeId, value: &str) -> Edits {
        let old = self.replaceable(scalar)?;
        let node = self.tree.node(scalar);
        let flow = self.in_flow(scalar);
        let new = match old.style {
            Style::Plain if quote::stays_plain(&old.value, value, flow) => value.to_owned(),
            Style::Single => quote::single(value).unwrap_or_else(|| quote::double(value)),
            Style::Plain | Style::Double => quote::double(value),
            Style::Literal | Style::Folded => {
                return refuse(format!(
                    "the block text in line {} is not replaced as a whole",
                    self.line(node.span.start as usize)
                ));
            }
        };
        if !node.span.is_empty() {
            return Ok(vec![self.replace(node.span.range(), new)]);
        }
        let before_colon = self.key_of(scalar).is_some_and(|key| self.behind_colon(key) == self.tree.node(key).span.end as usize);
        if before_colon || self.is_key(scalar) || node.parent.is_none() {
            return refuse(format!("there is no value in line {} that could be replaced", self.line(node.span.start as usize)));
        }
        Ok(self.fill(node.span.end as usize, &new))
    }

    /// Another text in place of the bytes `cooked` of a scalar's value: a part of a list item, or of a command in a block text. The
    /// scalar as a whole is read again afterwards; if it does not mean what was intended, the whole is written anew, or refused.
    pub fn replace_range(&self, scalar: NodeId, cooked: Range<usize>, value: &str) -> Edits {
        let old = self.replaceable(scalar)?;
        if old.value.get(cooked.clone()).is_none() {
            return refuse("the part to replace is not one of the value");
        }
        let intended = format!("{}{value}{}", &old.value[..cooked.start], &old.value[cooked.end..]);
        if let Some(edit) = self.part(scalar, old, cooked, value, &intended) {
            return Ok(vec![edit]);
        }
        if old.style.is_block() {
            let line = self.line(self.tree.node(scalar).span.start as usize);
            return refuse(format!(
                "the part of the block text in line {line} does not stand there in one piece, or cannot be written there"
            ));
        }
        self.replace_value(scalar, &intended)
    }

    /// The edit of the part alone, if there is one that gives the intended value.
    fn part(&self, id: NodeId, old: &Scalar, cooked: Range<usize>, value: &str, intended: &str) -> Option<Edit> {
        if self.tree.node(id).span.is_empty() {
            return None;
        }
        let raw = self.tree.raw_range(self.text, id, cooked)?.range();
        let one_line = !value.contains(['\n', '\r']);
        let new = match old.style {
            Style::Plain => {
                // Line breaks of the notation are part of the old text and stay.
                let seen = intended.replace('\n', " ");
                (one_line && quote::stays_plain(&old.value, &seen, self.in_flow(id))).then(|| value.to_owned())?
            }
            Style::Single => quote::single(value).map(|quoted| quoted[1..quoted.len() - 1].to_owned())?,
            Style::Double => quote::double_body(value),
            Style::Literal | Style::Folded => one_line.then(|| value.to_owned())?,
        };
        let span = self.tree.node(id).span.range();
        let written = format!("{}{new}{}", &self.text[span.start..raw.start], &self.text[raw.end..span.end]);
        let same = read_alone(&written, old.style, self.in_flow(id))? == intended.trim_end_matches('\n');
        (same || written == self.text[span]).then(|| self.replace(raw, new))
    }

    fn replaceable(&self, id: NodeId) -> Result<&Scalar, Refusal> {
        self.usable()?;
        let node = self.tree.node(id);
        let line = || self.line(node.span.start as usize);
        match &node.kind {
            Kind::Alias { .. } => Err(self.alias_refusal(id)),
            Kind::Seq { .. } | Kind::Map { .. } => refuse(format!("the value in line {} is not a single value", line())),
            Kind::Scalar(_) if node.tag.as_deref().is_some_and(|tag| !matches!(tag, "!" | "!!str")) => {
                refuse(format!("the value in line {} has a tag", line()))
            }
            Kind::Scalar(scalar) => Ok(scalar),
        }
    }

    pub(super) fn is_key(&self, id: NodeId) -> bool {
        let node = self.tree.node(id);
        node.parent.is_some_and(|parent| self.tree.entries(parent).get(node.slot as usize).is_some_and(|entry| entry.key == id))
    }
}

/// What a scalar means that is written as `written`, without the line breaks at its end. `None` if it is no scalar of that style.
fn read_alone(written: &str, style: Style, flow: bool) -> Option<String> {
    let text = if flow { format!("k: [{written}]\n") } else { format!("k: {written}\n") };
    let tree = Tree::parse(FileId(0), &text);
    let value = tree.get(tree.root()?, "k")?.value;
    let value = if flow { *tree.items(value).first().filter(|_| tree.items(value).len() == 1)? } else { value };
    let scalar = tree.scalar(value).filter(|scalar| scalar.style == style && tree.errors.is_empty())?;
    Some(scalar.value.trim_end_matches('\n').to_owned())
}
