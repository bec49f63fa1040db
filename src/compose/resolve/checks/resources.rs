//! Rules for volumes, secrets and configs that no schema says (compose-go `validation/`).

use crate::compose::faults::Faults;
use crate::compose::value::{Entry, Value};

/// Checks the top-level sections of a merged document.
pub fn check(model: &Value, faults: &mut Faults) {
    let entries = |section: &str| model.get(section).map(|section| section.entries()).unwrap_or_default();
    for volume in entries("volumes") {
        external("volume", volume, faults);
    }
    for config in entries("configs") {
        one_source("config", config, &["file", "environment", "content"], faults);
    }
    for secret in entries("secrets") {
        one_source("secret", secret, &["file", "environment"], faults);
    }
}

/// What exists already is not described again.
fn external(kind: &str, resource: &Entry, faults: &mut Faults) {
    if !resource.value.get("external").is_some_and(|external| external.is_true()) {
        return;
    }
    let allowed = |key: &str| matches!(key, "name" | "external") || key.starts_with("x-");
    if let Some(entry) = resource.value.entries().iter().find(|entry| !allowed(&entry.key)) {
        let message = format!("the {kind} {} is external, so `{}` cannot be set here", resource.key, entry.key);
        faults.certain(entry.key_span, message, "Keep `name` and `external` only.");
    }
}

fn one_source(kind: &str, resource: &Entry, sources: &[&str], faults: &mut Faults) {
    if !resource.value.is_map() {
        return;
    }
    let named: Vec<&str> = sources.iter().copied().filter(|source| resource.value.entry(source).is_some()).collect();
    let list = sources.iter().map(|source| format!("`{source}`")).collect::<Vec<_>>().join(", ");
    if named.len() > 1 {
        let message = format!("the {kind} {} has more than one of {list}", resource.key);
        faults.certain(resource.key_span, message, "Keep one of them.");
    } else if named.is_empty() && resource.value.entry("driver").is_none() && resource.value.entry("external").is_none() {
        let message = format!("the {kind} {} says none of {list}", resource.key);
        faults.certain(resource.key_span, message, format!("Say where it comes from: {list}, or `external: true`."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::resolve::testing::value;

    #[test]
    fn what_comes_from_outside_or_from_nowhere() {
        for (text, wanted) in [
            ("volumes: {v: {external: true, name: w}}", ""),
            ("volumes: {v: {external: true, driver: local}}", "the volume v is external, so `driver` cannot be set here"),
            ("secrets: {s: {file: ./s}}", ""),
            ("secrets: {s: {file: ./s, environment: S}}", "the secret s has more than one of `file`, `environment`"),
            ("secrets: {s: {name: t}}", "the secret s says none of `file`, `environment`"),
            ("configs: {c: {content: x}}", ""),
            ("configs: {c: {name: d}}", "the config c says none of `file`, `environment`, `content`"),
        ] {
            let mut faults = Faults::default();
            check(&value(text), &mut faults);
            let said: Vec<&str> = faults.problems.iter().map(|problem| problem.message.as_str()).collect();
            assert_eq!(said.join("; "), wanted, "{text}");
        }
    }
}
