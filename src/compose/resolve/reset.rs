//! `!reset` and `!override` (compose-go `loader/reset.go`): what a later file marks is taken out of what came before, prior to any merge.

use super::tree;
use crate::compose::value::{Kind, Value};
use std::sync::Arc;

/// Whether anything below is marked.
fn is_marked(value: &Value) -> bool {
    matches!(value.tag.as_deref(), Some("!reset" | "!override"))
}

/// `base` without what `over` marks. `over` still has its marks.
pub fn clear(base: &Arc<Value>, over: &Value) -> Arc<Value> {
    if !base.is_map() || !over.is_map() {
        return base.clone();
    }
    let cleared = tree::without(base, |entry| over.entry(&entry.key).is_some_and(|marked| is_marked(&marked.value)));
    let keys = tree::Keys::of(over.entries());
    tree::map(&cleared, |key, value| match keys.find(key) {
        Some(at) if over.entries()[at].value.is_map() => clear(value, &over.entries()[at].value),
        _ => value.clone(),
    })
}

/// `value` without what it marks with `!reset`; of `!override` the content stays.
pub fn strip(value: &Arc<Value>) -> Arc<Value> {
    let kept = match &value.kind {
        Kind::Map(_) => tree::without(value, |entry| entry.value.is_reset()),
        Kind::Seq(items) if items.iter().any(|item| item.is_reset()) => {
            value.with(Kind::Seq(items.iter().filter(|item| !item.is_reset()).cloned().collect()))
        }
        _ => return value.clone(),
    };
    tree::map(&kept, |_, inner| strip(inner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::resolve::testing::{show, value};

    #[test]
    fn marks_clear_what_came_before() {
        let base = value("services: {a: {ports: ['1'], environment: {A: '1', B: '2'}}, b: {image: x}}");
        let over = value("services: {a: {ports: !override ['2'], environment: {A: !reset null}}, b: !reset null}");
        assert_eq!(show(&clear(&base, &over)), "{services: {a: {environment: {B: '2'}}}}");
        assert_eq!(show(&strip(&over)), "{services: {a: {ports: ['2'], environment: {}}}}");
    }
}
