//! Secrets of the model: what a key or an option says to be one, the userinfo of URLs, and the same values wherever else they stand.

use super::{Node, Shown};
use crate::secret::{self, Known, MASK, is_reference};

/// The model without secrets.
pub(super) fn mask(mut node: Node) -> Node {
    let mut known = Known::default();
    walk(&mut node, None, &mut known);
    names(&node, &mut known);
    spread(&mut node, &known);
    node
}

/// Lets the names of services, networks and volumes be shown, and the parts of images.
fn names(node: &Node, known: &mut Known) {
    let Shown::Map(sections) = &node.shown else { return };
    for (_, section) in sections {
        let Shown::Map(entries) = &section.shown else { continue };
        for (name, inner) in entries {
            known.spare([name.as_str()].into_iter());
            let Shown::Map(inner) = &inner.shown else { continue };
            for (_, image) in inner.iter().filter(|(key, _)| key == "image") {
                let Shown::Text(image) = &image.shown else { continue };
                known.spare(image.split(['/', ':', '@']));
            }
        }
    }
}

/// Masks by key and form; notes what was hidden.
fn walk(node: &mut Node, key: Option<&str>, known: &mut Known) {
    match &mut node.shown {
        Shown::Null | Shown::Bool(_) | Shown::Number(_) => {}
        Shown::Text(text) => *text = masked(key, text, known),
        Shown::List(items) => words(items, known),
        Shown::Map(entries) => {
            for (key, inner) in entries {
                walk(inner, Some(key), known);
                *key = secret::mask(key);
            }
        }
    }
}

/// A text under a key: `KEY=text` tells more than the text alone.
fn masked(key: Option<&str>, text: &str, known: &mut Known) -> String {
    let head = key.map(|key| format!("{key}=")).unwrap_or_default();
    if key.is_some_and(secret::is_secret_name) && !text.is_empty() && !is_reference(text) {
        known.add(text);
        return MASK.to_owned();
    }
    let line = format!("{head}{text}");
    let found = secret::find(&line);
    known.add_found(&line);
    let shown = secret::mask_ranges(&line, &found);
    shown.strip_prefix(&head).map_or_else(|| MASK.to_owned(), str::to_owned)
}

/// The words of a command: an option's secret may be the word behind it.
fn words(items: &mut [Node], known: &mut Known) {
    let mut line = String::new();
    let mut places = Vec::new();
    for item in items.iter_mut() {
        let Shown::Text(text) = &item.shown else {
            places.push(None);
            walk(item, None, known);
            continue;
        };
        let start = line.len();
        line.push_str(text);
        places.push(Some(start..line.len()));
        line.push(' ');
    }
    let found = secret::find(&line);
    known.add_found(&line);
    for (item, place) in items.iter_mut().zip(places) {
        let (Shown::Text(text), Some(place)) = (&mut item.shown, place) else { continue };
        let inside = found.iter().filter_map(|range| {
            let (start, end) = (range.start.max(place.start), range.end.min(place.end));
            (start < end).then(|| start - place.start..end - place.start)
        });
        let joined = secret::mask_ranges(text, &inside.collect::<Vec<_>>());
        *text = masked(None, &joined, known);
    }
}

/// Masks the known secrets wherever they stand.
fn spread(node: &mut Node, known: &Known) {
    match &mut node.shown {
        Shown::Null | Shown::Bool(_) | Shown::Number(_) => {}
        Shown::Text(text) => *text = known.mask(text),
        Shown::List(items) => items.iter_mut().for_each(|item| spread(item, known)),
        Shown::Map(entries) => entries.iter_mut().for_each(|(_, inner)| spread(inner, known)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Node {
        Node { shown: Shown::Text(text.to_owned()), origin: None }
    }

    #[test]
    fn secrets_are_masked_by_key_option_and_form() {
        let environment =
            [("REDIS_PASSWORD", "canary-1"), ("REDIS_URL", "redis://:canary-2@redis:6379/0"), ("OTHER", "x canary-1 y")];
        let environment = Shown::Map(environment.iter().map(|(key, value)| ((*key).to_owned(), text(value))).collect());
        let command = Shown::List(["redis-server", "--requirepass", "canary-3"].map(text).to_vec());
        let map = |shown| Node { shown, origin: None };
        let whole = map(Shown::Map(vec![("environment".to_owned(), map(environment)), ("command".to_owned(), map(command))]));
        let shown = super::super::json(&mask(whole));
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("redis:6379/0") && shown.contains("--requirepass"), "{shown}");
    }
}
