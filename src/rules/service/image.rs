//! What the rules about images ask: which images are pulled as they are written, and where a tag stands.

use crate::compose::model::Service;
use crate::compose::value::Text;
use crate::redis::images;
use crate::rules::context::Context;
use crate::text::span::Span;
use std::ops::Range;

/// The image that a service pulls; `None` where it is built here, never pulled, or not known.
pub fn pulled(service: &Service) -> Option<&Text> {
    let image = service.image.as_ref()?;
    let own = service.layers.iter().rev().find_map(|layer| layer.value.get("pull_policy")?.text());
    let stays = own.is_some_and(|policy| matches!(policy.value.as_str(), "never" | "build"));
    let is_known = image.missing().is_empty() && !image.has_option() && !image.value.contains('$');
    let local = images::registry(&image.value).is_some_and(|registry| registry.split(':').next() == Some("localhost"));
    (service.build.is_none() && !stays && is_known && !local).then_some(image)
}

/// Whether a digest says which image it is, whatever the tag says.
pub fn has_digest(image: &str) -> bool {
    image.contains('@')
}

/// An image without its digest, as it is shown.
pub fn shown(image: &str) -> &str {
    image.split('@').next().unwrap_or(image)
}

/// The bytes of the tag; empty, at the end, where there is none.
pub fn tag_range(image: &str) -> Range<usize> {
    let end = shown(image).len();
    end - images::tag(image).map_or(0, str::len)..end
}

/// Where the image is written, as near as can be told.
pub fn place(cx: &Context<'_>, service: &Service, image: &Text) -> Span {
    let range = tag_range(&image.value);
    let tag = (!range.is_empty()).then(|| cx.project.docs.locate(image, range)).flatten();
    tag.or_else(|| cx.project.docs.written(image)).unwrap_or_else(|| service.span())
}
