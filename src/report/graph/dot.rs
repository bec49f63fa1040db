//! `--format dot`: the graph for Graphviz. Heavy edges wait for health, dashed ones for nothing; red ones share no network.

use super::phrases::{self, Tone};
use super::{ProjectGraph, clean};
use crate::compose::model::Condition;
use crate::redis::graph::{Edge, End, Waits};
use crate::redis::networks::Meeting;
use crate::redis::once;
use std::fmt::Write as _;

pub fn render(projects: &[ProjectGraph]) -> String {
    let mut out = String::from("digraph redis {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    out.push_str("  edge [fontname=\"sans-serif\", fontsize=10];\n");
    for (at, project) in projects.iter().enumerate() {
        for fault in project.faults() {
            let _ = writeln!(out, "  // {} cannot be read: {fault}", clean(&project.root));
        }
        if project.graph.servers.is_empty() && project.graph.uses.is_empty() {
            continue;
        }
        let _ = writeln!(out, "  subgraph \"cluster_{}\" {{\n    label={};", at + 1, quoted(&[&clean(&project.root)]));
        draw(&mut out, project, at + 1);
        out.push_str("  }\n");
    }
    out.push_str("}\n");
    out
}

fn draw(out: &mut String, project: &ProjectGraph, number: usize) {
    let graph = &project.graph;
    let id = |kind: &str, name: &str| quoted(&[&format!("{number} {kind} {}", clean(name))]);
    for service in once(graph.uses.iter().map(|edge| edge.service.as_str())) {
        let _ = writeln!(out, "    {} [label={}];", id("service", service), quoted(&[&clean(service)]));
    }
    let mut ends: Vec<(End, String)> = Vec::new();
    for node in &graph.servers {
        let name = id("redis", &node.service);
        let _ = writeln!(out, "    {name} [shape=cylinder, label={}];", quoted(&borrowed(&phrases::label(node))));
        ends.push((End::Server(node.service.clone()), name));
    }
    for (at, end) in graph.other_ends().into_iter().enumerate() {
        let (tone, title, what) = phrases::end(end);
        let name = id("end", &(at + 1).to_string());
        let color = if tone == Tone::Bad { ", color=\"#d1242f\"" } else { "" };
        let _ = writeln!(out, "    {name} [style=dashed{color}, label={}];", quoted(&[&title, &what]));
        ends.push((end.clone(), name));
    }
    for (end, name) in &ends {
        for (service, uses) in graph.users_of(end) {
            let _ = writeln!(out, "    {} -> {name} [{}];", id("service", service), edge(project, &uses));
        }
    }
}

fn edge(project: &ProjectGraph, uses: &[&Edge]) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut trails: Vec<String> = Vec::new();
    for edge in uses {
        let name = phrases::variable(edge);
        let trail = edge.trail.iter().enumerate().map(|(at, step)| {
            let sign = if at == 0 { String::new() } else { format!(" {} ", super::between(step)) };
            format!("{sign}{}", project.step(step))
        });
        trails.push(format!("{name}: {}", trail.collect::<String>()));
        if !lines.contains(&name) {
            lines.push(name);
        }
    }
    lines.extend(phrases::doubts(uses));
    let mut attributes = format!("label={}, tooltip={}", quoted(&borrowed(&lines)), quoted(&borrowed(&trails)));
    match &uses[0].waits {
        Some(Waits::For(Condition::Healthy) | Waits::Through(Condition::Healthy, _)) => attributes.push_str(", penwidth=2"),
        Some(Waits::Not) => attributes.push_str(", style=dashed"),
        _ => {}
    }
    if uses[0].meeting == Some(Meeting::Nowhere) {
        attributes.push_str(", color=\"#d1242f\"");
    }
    attributes
}

fn borrowed(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

/// Lines as one quoted string.
fn quoted(lines: &[&str]) -> String {
    let escaped = lines.iter().map(|line| line.replace('\\', "\\\\").replace('"', "\\\""));
    format!("\"{}\"", escaped.collect::<Vec<_>>().join("\\n"))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn strings_are_quoted_and_edges_say_how_they_wait() {
        assert_eq!(quoted(&["a\"b", "c\\"]), r#""a\"b\nc\\""#);
        let project = sample::project();
        let shown = render(&[sample::graph(&project)]);
        assert!(
            shown.contains(r#""1 service my.app-1" -> "1 redis cache" [label="CACHE_URL\nnothing listens on port 6380", "#),
            "{shown}"
        );
        assert!(shown.contains("docker-compose.yml:6\", penwidth=2];"), "{shown}");
        assert!(shown.contains(", style=dashed, color=\"#d1242f\"];"), "{shown}");
    }
}
