//! The plain part of grep's patterns: letters, `.`, `*`, `^`, `$` and alternatives.

/// What a pattern is looked for with.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are grep's own options")]
pub(super) struct Options {
    pub extended: bool,
    pub fixed: bool,
    pub ignore_case: bool,
    pub whole_line: bool,
    pub whole_word: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Atom {
    Char(char),
    Any,
    End,
}

struct Item {
    atom: Atom,
    least: usize,
    many: bool,
}

struct Branch {
    anchored: bool,
    items: Vec<Item>,
}

/// A pattern that can be looked for.
pub(super) struct Pattern {
    branches: Vec<Branch>,
    options: Options,
}

/// `None` for a pattern that uses more than is known here.
pub(super) fn compile(pattern: &str, options: Options) -> Option<Pattern> {
    let folded = if options.ignore_case { pattern.to_lowercase() } else { pattern.to_owned() };
    let mut branches = vec![Branch { anchored: options.whole_line, items: Vec::new() }];
    let mut chars = folded.chars().peekable();
    let mut fresh = true;
    while let Some(next) = chars.next() {
        let branch = branches.last_mut()?;
        let plain = |atom| Item { atom, least: 1, many: false };
        let first = std::mem::replace(&mut fresh, false);
        match next {
            _ if options.fixed => branch.items.push(plain(Atom::Char(next))),
            '^' if first => branch.anchored = true,
            '$' if matches!(chars.peek(), None | Some('|' | '\\')) => branch.items.push(plain(Atom::End)),
            '.' => branch.items.push(plain(Atom::Any)),
            '*' | '+' | '?' if next == '*' || options.extended => {
                let last = branch.items.last_mut()?;
                last.least = usize::from(next == '+').min(last.least);
                last.many = next != '?';
            }
            '|' if options.extended => {
                branches.push(Branch { anchored: options.whole_line, items: Vec::new() });
                fresh = true;
            }
            '\\' => match chars.next()? {
                '|' if !options.extended => {
                    branches.push(Branch { anchored: options.whole_line, items: Vec::new() });
                    fresh = true;
                }
                escaped if escaped.is_ascii_punctuation() && !matches!(escaped, '(' | ')' | '{' | '+' | '?' | '<' | '>') => {
                    branch.items.push(plain(Atom::Char(escaped)));
                }
                _ => return None,
            },
            '[' | '(' | '{' => return None,
            _ => branch.items.push(plain(Atom::Char(next))),
        }
    }
    Some(Pattern { branches, options })
}

impl Pattern {
    pub(super) fn finds(&self, line: &str) -> bool {
        let line = if self.options.ignore_case { line.to_lowercase() } else { line.to_owned() };
        let text: Vec<char> = line.chars().collect();
        self.branches.iter().any(|branch| {
            let last = if branch.anchored { 0 } else { text.len() };
            (0..=last).any(|at| self.starts(branch, &text, at))
        })
    }

    fn starts(&self, branch: &Branch, text: &[char], at: usize) -> bool {
        if self.options.whole_word && !is_edge(text, at) {
            return false;
        }
        let mut ends = vec![at];
        for item in &branch.items {
            ends = ends.iter().flat_map(|&from| steps(item, text, from)).collect();
            ends.dedup();
        }
        let fits =
            |end: &usize| (!self.options.whole_line || *end == text.len()) && (!self.options.whole_word || is_edge(text, *end));
        ends.iter().any(fits)
    }
}

/// Where a match of one item that starts at `from` may end.
fn steps(item: &Item, text: &[char], from: usize) -> Vec<usize> {
    let takes = |at: usize| match item.atom {
        Atom::Char(wanted) => text.get(at) == Some(&wanted),
        Atom::Any => at < text.len(),
        Atom::End => false,
    };
    if item.atom == Atom::End {
        return if from == text.len() { vec![from] } else { Vec::new() };
    }
    let most = if item.many { usize::MAX } else { 1 };
    let mut out = Vec::new();
    let mut count = 0;
    loop {
        if count >= item.least {
            out.push(from + count);
        }
        if count == most || !takes(from + count) {
            return out;
        }
        count += 1;
    }
}

fn is_edge(text: &[char], at: usize) -> bool {
    let is_word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|c| c.is_alphanumeric() || *c == '_');
    !(is_word(at.checked_sub(1)) && is_word(Some(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_found_as_grep_finds_them() {
        let plain = Options::default();
        let extended = Options { extended: true, ..plain };
        let cases = [
            ("PONG", plain, "PONG", Some(true)),
            ("pong", plain, "PONG", Some(false)),
            ("pong", Options { ignore_case: true, ..plain }, "PONG", Some(true)),
            ("^PONG$", plain, "PONG", Some(true)),
            ("^loading:0", plain, "async_loading:0", Some(false)),
            ("loading:0$", plain, "loading:0\r", Some(false)),
            (".", plain, "", Some(false)),
            (".*", plain, "", Some(true)),
            ("P.N*G", plain, "PONNG", Some(true)),
            ("PONG|OK", extended, "OK", Some(true)),
            ("PONG|OK", plain, "OK", Some(false)),
            ("PONG\\|OK", plain, "OK", Some(true)),
            ("ON", Options { whole_word: true, ..plain }, "PONG", Some(false)),
            ("PONG", Options { whole_line: true, ..plain }, "PONG!", Some(false)),
            ("[P]ONG", plain, "PONG", None),
        ];
        for (pattern, options, line, found) in cases {
            assert_eq!(compile(pattern, options).map(|pattern| pattern.finds(line)), found, "{pattern} in {line:?}");
        }
    }
}
