//! `--format mermaid`: a flowchart as GitHub renders it. Thick arrows wait for health, thin ones for the start, dotted ones for nothing;
//! a cross ends an arrow between services that share no network.

use super::phrases::{self, Tone};
use super::{ProjectGraph, clean};
use crate::compose::model::Condition;
use crate::redis::graph::{Edge, End, Waits};
use crate::redis::networks::Meeting;
use std::collections::BTreeSet;
use std::fmt::Write as _;

pub fn render(projects: &[ProjectGraph]) -> String {
    let mut chart = Chart { out: String::from("flowchart LR\n"), ids: BTreeSet::new(), classes: BTreeSet::new() };
    let several = projects.len() > 1;
    for (at, project) in projects.iter().enumerate() {
        for fault in project.faults() {
            chart.line(1, &format!("%% {} cannot be read: {fault}", clean(&project.root)));
        }
        if project.graph.servers.is_empty() && project.graph.uses.is_empty() {
            continue;
        }
        if several {
            chart.line(1, &format!("subgraph project_{} [\"{}\"]", at + 1, escaped(&clean(&project.root))));
        }
        chart.project(project, if several { 2 } else { 1 });
        if several {
            chart.line(1, "end");
        }
    }
    chart.styles();
    chart.out
}

struct Chart {
    out: String,
    /// All that are taken: names may become equal once their signs are gone.
    ids: BTreeSet<String>,
    classes: BTreeSet<&'static str>,
}

impl Chart {
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(depth));
    }

    fn project(&mut self, project: &ProjectGraph, depth: usize) {
        let graph = &project.graph;
        let mut services: Vec<(&str, String)> = Vec::new();
        for edge in &graph.uses {
            if !services.iter().any(|(name, _)| *name == edge.service) {
                let id = self.id("service", &edge.service);
                self.line(depth, &format!("{id}[\"{}\"]", escaped(&clean(&edge.service))));
                services.push((&edge.service, id));
            }
        }
        let mut ends: Vec<(End, String)> = Vec::new();
        for node in &graph.servers {
            let id = self.id("redis", &node.service);
            let label = phrases::label(node).iter().map(|line| escaped(line)).collect::<Vec<_>>().join("<br/>");
            self.line(depth, &format!("{id}[(\"{label}\")]"));
            ends.push((End::Server(node.service.clone()), id));
        }
        for end in graph.other_ends() {
            let (tone, name, what) = phrases::end(end);
            let id = self.id("end", &name);
            let class = if tone == Tone::Bad { "astray" } else { "elsewhere" };
            self.classes.insert(class);
            let label = format!("{}<br/>{}", escaped(&name), escaped(&what));
            self.line(depth, &format!("{id}[\"{label}\"]:::{class}"));
            ends.push((end.clone(), id));
        }
        for (end, id) in &ends {
            for (service, uses) in graph.users_of(end) {
                let from = services.iter().find(|(name, _)| *name == service);
                let (_, from) = from.expect("every service with a use has a node");
                self.line(depth, &format!("{from} {} {id}", arrow(&uses)));
            }
        }
    }

    fn id(&mut self, kind: &str, name: &str) -> String {
        let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let base = format!("{kind}_{plain}");
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|id| !self.ids.contains(id));
        let id = free.expect("numbers do not end");
        self.ids.insert(id.clone());
        id
    }

    fn styles(&mut self) {
        if self.classes.contains("astray") {
            self.line(1, "classDef astray stroke:#d1242f,stroke-width:2px,stroke-dasharray:5 4");
        }
        if self.classes.contains("elsewhere") {
            self.line(1, "classDef elsewhere stroke-dasharray:5 4");
        }
    }
}

/// The arrow of a service to one end, with the variables that make it.
fn arrow(uses: &[&Edge]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for edge in uses {
        let name = escaped(&phrases::variable(edge));
        if !lines.contains(&name) {
            lines.push(name);
        }
    }
    lines.extend(phrases::doubts(uses).iter().map(|doubt| escaped(doubt)));
    let label = lines.join("<br/>");
    let head = if uses[0].meeting == Some(Meeting::Nowhere) { 'x' } else { '>' };
    match &uses[0].waits {
        Some(Waits::For(Condition::Healthy) | Waits::Through(Condition::Healthy, _)) => format!("== \"{label}\" =={head}"),
        Some(Waits::Not) => format!("-. \"{label}\" .-{head}"),
        _ => format!("-- \"{label}\" --{head}"),
    }
}

/// Text within quotes: what Mermaid or HTML would read becomes an entity.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '#' | '<' | '>' | '&' | '`' | '*' | '\\' | '{' | '}' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn names_are_labels_and_never_ids() {
        let project = sample::project();
        let shown = render(&[sample::graph(&project)]);
        assert!(shown.starts_with("flowchart LR\n  service_my_app_1[\"my.app-1\"]\n  service_end[\"end\"]\n"), "{shown}");
        assert!(
            shown.contains("  service_my_app_1 == \"CACHE_URL<br/>nothing listens on port 6380\" ==> redis_cache\n"),
            "{shown}"
        );
        assert!(
            shown.contains("  service_end -. \"REDIS_HOST<br/>does not wait<br/>no shared network\" .-x redis_cache\n"),
            "{shown}"
        );
        assert!(
            shown.contains("end_a_upstash_io_6379[\"a.upstash.io:6379<br/>outside the project: Upstash\"]:::elsewhere"),
            "{shown}"
        );
    }

    #[test]
    fn equal_ids_are_told_apart_and_signs_escaped() {
        let mut chart = Chart { out: String::new(), ids: BTreeSet::new(), classes: BTreeSet::new() };
        let ids = ["a.b", "a-b", "a_b_2", "é"].map(|name| chart.id("service", name));
        assert_eq!(ids, ["service_a_b", "service_a_b_2", "service_a_b_2_2", "service__"]);
        assert_eq!(escaped("a\"b\"<c>#`"), "a#34;b#34;#60;c#62;#35;#96;");
    }

    #[test]
    fn several_projects_are_frames_and_one_without_redis_is_left_out() {
        let project = sample::project();
        let mut empty = sample::graph(&project);
        empty.graph = crate::redis::graph::Graph::default();
        let shown = render(&[sample::graph(&project), empty, sample::graph(&project)]);
        assert!(shown.contains("  subgraph project_1 [\"apps/shop\"]\n    service_my_app_1["), "{shown}");
        assert!(!shown.contains("project_2"), "{shown}");
        assert!(shown.contains("    service_end_2 -- "), "{shown}");
    }
}
