//! Texts that stand where Compose wants a number or a truth value (compose-go `loader/interpolate.go`): `retries: "${N}"` is a
//! number once the variable is filled in.

use super::tree;
use crate::compose::forms::scalars;
use crate::compose::value::{Kind, Type, Value};
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cast {
    Int,
    Float,
    Bool,
}

/// Places below one key, with what is wanted there; `*` stands for any key, `[]` for any item.
type Places = &'static [(&'static [&'static str], Cast)];

/// What is wanted below the keys of a service.
fn service(key: &str) -> Places {
    match key {
        "cpu_count" | "cpu_period" | "cpu_quota" | "cpu_rt_period" | "cpu_rt_runtime" | "cpu_shares" | "oom_score_adj"
        | "pids_limit" | "scale" => &[(&[], Cast::Int)],
        "cpu_percent" | "cpus" => &[(&[], Cast::Float)],
        "init" | "oom_kill_disable" | "privileged" | "read_only" | "stdin_open" | "tty" => &[(&[], Cast::Bool)],
        "configs" | "secrets" => &[(&["[]", "mode"], Cast::Int)],
        // `required` beside it is not: Docker Compose 2.40 wants it written as true or false.
        "depends_on" => &[(&["*", "restart"], Cast::Bool)],
        "deploy" => &[
            (&["replicas"], Cast::Int),
            (&["update_config", "parallelism"], Cast::Int),
            (&["update_config", "max_failure_ratio"], Cast::Float),
            (&["rollback_config", "parallelism"], Cast::Int),
            (&["rollback_config", "max_failure_ratio"], Cast::Float),
            (&["restart_policy", "max_attempts"], Cast::Int),
            (&["placement", "max_replicas_per_node"], Cast::Int),
        ],
        "healthcheck" => &[(&["retries"], Cast::Int), (&["disable"], Cast::Bool)],
        "ports" => &[(&["[]", "target"], Cast::Int)],
        "ulimits" => &[(&["*"], Cast::Int), (&["*", "hard"], Cast::Int), (&["*", "soft"], Cast::Int)],
        "volumes" => &[(&["[]", "read_only"], Cast::Bool), (&["[]", "volume", "nocopy"], Cast::Bool)],
        _ => &[],
    }
}

/// What is wanted in an entry of a top-level section.
fn resource(section: &str) -> Places {
    match section {
        "networks" => &[
            (&["external"], Cast::Bool),
            (&["internal"], Cast::Bool),
            (&["attachable"], Cast::Bool),
            (&["enable_ipv4"], Cast::Bool),
            (&["enable_ipv6"], Cast::Bool),
        ],
        "volumes" | "secrets" | "configs" => &[(&["external"], Cast::Bool)],
        _ => &[],
    }
}

/// The document with these texts as what they stand for. What stands for nothing of the kind stays a text, which the schema reports.
pub fn document(model: &Arc<Value>) -> Arc<Value> {
    tree::map(model, |section, entries| {
        tree::map(entries, |_, value| match section {
            "services" => tree::map(value, |key, value| at(value, service(key))),
            _ => at(value, resource(section)),
        })
    })
}

/// Follows the places to the texts below `value`.
fn at(value: &Arc<Value>, places: &[(&[&str], Cast)]) -> Arc<Value> {
    if places.is_empty() {
        return value.clone();
    }
    let Kind::Scalar(text, Type::Str) = &value.kind else {
        return tree::map(value, |key, child| {
            let below = places.iter().filter_map(|(steps, cast)| match steps.split_first() {
                Some((step, rest)) if *step == key || *step == "*" => Some((rest, *cast)),
                _ => None,
            });
            at(child, &below.collect::<Vec<_>>())
        });
    };
    let wanted = places.iter().find(|(steps, _)| steps.is_empty());
    match wanted.and_then(|(_, cast)| read(&text.value, *cast)) {
        Some((written, kind)) => value.with(Kind::Scalar(text.rewritten(written), kind)),
        None => value.clone(),
    }
}

/// A text as the wanted type: how Compose writes it again, and the type.
fn read(text: &str, cast: Cast) -> Option<(String, Type)> {
    match cast {
        // Go's Atoi: decimal digits with a sign, nothing else.
        Cast::Int => text.parse::<i64>().ok().map(|number| (number.to_string(), Type::Int)),
        Cast::Float => text.parse::<f64>().ok().map(|number| (scalars::go_float(number), Type::Float)),
        Cast::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "y" | "yes" | "on" => Some(("true".to_owned(), Type::Bool)),
            "false" | "n" | "no" | "off" => Some(("false".to_owned(), Type::Bool)),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::resolve::testing::{show, value};

    #[test]
    fn texts_become_what_is_wanted_in_their_place() {
        let model = value(
            "services: {a: {scale: '2', tty: yes, healthcheck: {retries: '3'}, ports: [{target: '80'}], hostname: '1', init: maybe}}",
        );
        let shown = "{services: {a: {scale: 2, tty: true, healthcheck: {retries: 3}, ports: [{target: 80}], hostname: '1', init: 'maybe'}}}";
        assert_eq!(show(&document(&model)), shown);
    }
}
