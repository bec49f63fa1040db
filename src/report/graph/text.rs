//! `--format text`: a tree for each project. Servers first, with the services that use them; then what leads elsewhere.

use super::phrases::{self, Tone};
use super::{ProjectGraph, between, clean};
use crate::redis::graph::node::Node;
use crate::redis::graph::{Edge, End};
use crate::report::Style;

/// All projects, one after the other.
pub fn render(projects: &[ProjectGraph], style: &Style) -> String {
    let mut page = Page { out: String::new(), style: *style };
    for (at, project) in projects.iter().enumerate() {
        if at > 0 {
            page.blank();
        }
        page.project(project);
    }
    page.out
}

/// A piece of text that is not broken.
struct Unit {
    text: String,
    ink: Ink,
    /// What stands before it, unless it comes first in a line.
    glue: &'static str,
    /// What stands before it when a new line has to be begun for it.
    turn: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ink {
    Plain,
    Bold,
    Dim,
    Tone(Tone),
}

impl Unit {
    fn new(text: impl Into<String>, ink: Ink) -> Self {
        Self { text: text.into(), ink, glue: "  ", turn: "" }
    }

    fn after(self, glue: &'static str) -> Self {
        Self { glue, ..self }
    }

    fn turning(self, turn: &'static str) -> Self {
        Self { turn, ..self }
    }
}

struct Page {
    out: String,
    style: Style,
}

impl Page {
    fn blank(&mut self) {
        self.out.push('\n');
    }

    fn project(&mut self, project: &ProjectGraph) {
        let mut title = vec![Unit::new(clean(&project.root), Ink::Bold)];
        title.extend(list(project.files.iter().map(|file| clean(file)), "  "));
        self.lay("", "  ", &title);
        for fault in project.faults() {
            self.sentence(Tone::Bad, &format!("cannot be read: {fault}"));
        }
        if project.rejected {
            self.sentence(Tone::Doubtful, "Compose rejects this project; cachelint check says why");
        }
        let graph = &project.graph;
        for node in &graph.servers {
            self.blank();
            self.server(project, node);
        }
        for end in graph.other_ends() {
            self.blank();
            self.end(end);
            self.users(project, end);
        }
        if !graph.loose.is_empty() {
            self.blank();
            self.loose(project);
        }
        if !graph.unused.is_empty() {
            self.blank();
            let mut units = vec![Unit::new("Without Redis:", Ink::Dim)];
            units.extend(list(graph.unused.iter().map(|name| clean(name)), " "));
            self.lay("", "  ", &units);
        }
    }

    fn server(&mut self, project: &ProjectGraph, node: &Node) {
        let mut title = vec![Unit::new(clean(&node.service), Ink::Bold)];
        title.push(Unit::new(phrases::image(node), if node.image.is_some() { Ink::Plain } else { Ink::Dim }));
        title.extend(phrases::role(node).map(|role| Unit::new(role, Ink::Dim)));
        self.lay("● ", "  ", &title);
        let end = End::Server(node.service.clone());
        self.facts(&phrases::holds(node));
        self.facts(&phrases::serves(node));
        if project.graph.users_of(&end).is_empty() {
            self.lay("└─ ", "   ", &[Unit::new("no service is known to use it", Ink::Dim)]);
        } else {
            self.users(project, &end);
        }
    }

    fn facts(&mut self, facts: &[(Tone, String)]) {
        let unit = |(tone, text): &(Tone, String)| Unit::new(sign(*tone, text), Ink::Tone(*tone)).after(" · ");
        self.lay("│   ", "│   ", &facts.iter().map(unit).collect::<Vec<_>>());
    }

    /// The head of what is no server of the project.
    fn end(&mut self, end: &End) {
        let (tone, name, what) = phrases::end(end);
        let mark = match (end, tone) {
            (End::Unknown(_), _) => "? ",
            (_, Tone::Bad) => "✗ ",
            (_, Tone::Doubtful) => "! ",
            _ => "○ ",
        };
        let mut units = vec![Unit::new(format!("{mark}{name}"), Ink::Tone(tone))];
        units.extend(words(&what, Ink::Plain));
        self.lay("", "  ", &units);
    }

    /// The services that use an end, each with its variables.
    fn users(&mut self, project: &ProjectGraph, end: &End) {
        let users = project.graph.users_of(end);
        let last = users.len().saturating_sub(1);
        for (at, (service, uses)) in users.iter().enumerate() {
            let (branch, stem) = if at == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let mut units = vec![Unit::new(clean(service), Ink::Bold)];
            units.extend(phrases::marks(uses).into_iter().map(|(tone, text)| Unit::new(sign(tone, &text), Ink::Tone(tone))));
            self.lay(branch, &format!("{stem}  "), &units);
            for (at, edge) in uses.iter().enumerate() {
                let (branch, under) = if at + 1 == uses.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
                self.edge(project, edge, &format!("{stem}{branch}"), &format!("{stem}{under}"));
            }
        }
    }

    /// A variable with its value, and below it the trail.
    fn edge(&mut self, project: &ProjectGraph, edge: &Edge, branch: &str, stem: &str) {
        let mut units = vec![Unit::new(phrases::variable(edge), Ink::Plain)];
        units.extend(edge.address.iter().map(|address| Unit::new(clean(&address.shown), Ink::Plain)));
        let parts = phrases::parts(edge);
        if !parts.is_empty() {
            units.push(Unit::new("with", Ink::Dim));
            units.extend(list(parts.into_iter(), " "));
        }
        let unit = |step| {
            let shown = Unit::new(project.step(step), Ink::Dim);
            if between(step) == "+" { shown.after(" + ").turning("+ ") } else { shown.after(" → ").turning("→ ") }
        };
        let trail: Vec<Unit> = edge.trail.iter().map(unit).collect();
        if edge.several {
            units.push(Unit::new("one of several", Ink::Dim));
        }
        self.lay(branch, &format!("{stem}  "), &units);
        self.lay(&format!("{stem}  "), &format!("{stem}    "), &trail);
    }

    fn loose(&mut self, project: &ProjectGraph) {
        self.lay("", "", &[Unit::new("Redis URLs that no service is given", Ink::Dim)]);
        let last = project.graph.loose.len() - 1;
        for (at, loose) in project.graph.loose.iter().enumerate() {
            let (branch, stem) = if at == last { ("└─ ", "     ") } else { ("├─ ", "│    ") };
            let mut units: Vec<Unit> = loose.variable.iter().map(|name| Unit::new(clean(name), Ink::Plain)).collect();
            units.push(Unit::new(clean(&loose.shown), Ink::Plain));
            units.push(Unit::new(project.line(loose.span), Ink::Dim));
            self.lay(branch, stem, &units);
        }
    }

    fn sentence(&mut self, tone: Tone, sentence: &str) {
        self.lay("", "  ", &words(&sign(tone, sentence), Ink::Tone(tone)));
    }

    /// Sets units in lines no wider than the terminal, as far as they can be broken.
    fn lay(&mut self, first: &str, rest: &str, units: &[Unit]) {
        let mut column = 0;
        for (at, unit) in units.iter().enumerate() {
            let width = unit.text.chars().count();
            if at == 0 {
                self.out.push_str(first);
                column = first.chars().count();
            } else if column + unit.glue.chars().count() + width > self.style.width {
                self.out.push('\n');
                self.out.push_str(rest);
                self.out.push_str(unit.turn);
                column = rest.chars().count() + unit.turn.chars().count();
            } else {
                self.out.push_str(unit.glue);
                column += unit.glue.chars().count();
            }
            self.paint(unit);
            column += width;
        }
        if !units.is_empty() {
            self.out.push('\n');
        }
    }

    fn paint(&mut self, unit: &Unit) {
        let code = match unit.ink {
            Ink::Plain | Ink::Tone(Tone::Plain) => "",
            Ink::Bold => "\u{1b}[1m",
            Ink::Dim => "\u{1b}[2m",
            Ink::Tone(Tone::Good) => "\u{1b}[32m",
            Ink::Tone(Tone::Doubtful) => "\u{1b}[33m",
            Ink::Tone(Tone::Bad) => "\u{1b}[31m",
        };
        if self.style.color && !code.is_empty() {
            self.out.push_str(code);
            self.out.push_str(&unit.text);
            self.out.push_str("\u{1b}[0m");
        } else {
            self.out.push_str(&unit.text);
        }
    }
}

/// What can be read without colours too.
fn sign(tone: Tone, text: &str) -> String {
    match tone {
        Tone::Plain => text.to_owned(),
        Tone::Good => format!("✓ {text}"),
        Tone::Doubtful => format!("! {text}"),
        Tone::Bad => format!("✗ {text}"),
    }
}

/// Names with commas between them; the first stands behind `glue`.
fn list(names: impl Iterator<Item = String>, glue: &'static str) -> Vec<Unit> {
    let names: Vec<String> = names.collect();
    let last = names.len().saturating_sub(1);
    let unit = |(at, name): (usize, String)| {
        let text = if at == last { name } else { format!("{name},") };
        Unit::new(text, Ink::Dim).after(if at == 0 { glue } else { " " })
    };
    names.into_iter().enumerate().map(unit).collect()
}

/// A sentence that may be broken between its words; it stands apart from what comes before.
fn words(sentence: &str, ink: Ink) -> Vec<Unit> {
    let unit = |(at, word): (usize, &str)| Unit::new(word, ink).after(if at == 0 { "  " } else { " " });
    sentence.split(' ').enumerate().map(unit).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn text(style: Style) -> String {
        let project = sample::project();
        render(&[sample::graph(&project)], &style)
    }

    #[test]
    fn servers_come_first_then_what_leads_elsewhere_then_the_rest() {
        let shown = text(sample::PLAIN);
        let heads: Vec<&str> = shown.lines().filter(|line| line.starts_with(['●', '!', '✗', '?', 'W'])).collect();
        assert_eq!(
            heads,
            [
                "● cache  redis:7-alpine",
                "! a.upstash.io:6379  outside the project: Upstash",
                "✗ gone  no service of the project answers to this name",
                "? not known  NOWHERE has no value in any file of the project",
                "Without Redis: db"
            ]
        );
        assert!(
            shown.contains("├─ my.app-1  ✓ waits for health  ✗ nothing listens on port 6380\n│  └─ CACHE_URL  redis://"),
            "{shown}"
        );
        assert!(shown.contains("└─ end  ! does not wait  ✗ no shared network\n"), "{shown}");
        assert!(shown.contains("        .env:1 → docker-compose.yml:5 ${REDIS_URL}\n"), "{shown}");
    }

    #[test]
    fn lines_are_broken_where_the_terminal_ends() {
        for width in [50, 60, 80] {
            let shown = text(Style { width, ..sample::PLAIN });
            let long: Vec<&str> = shown.lines().filter(|line| line.chars().count() > width).collect();
            assert!(long.is_empty(), "{width}: {long:?}");
        }
    }

    #[test]
    fn colours_change_nothing_but_colour() {
        let colored = text(Style { color: true, ..sample::PLAIN });
        assert!(colored.contains("\u{1b}[31m✗ no shared network\u{1b}[0m"));
        let mut plain = String::new();
        for piece in colored.split('\u{1b}') {
            plain.push_str(piece.strip_prefix('[').and_then(|rest| rest.split_once('m')).map_or(piece, |(_, rest)| rest));
        }
        assert_eq!(plain, text(sample::PLAIN));
    }
}
