//! A line for the shell of the container, read as far as health checks go: lists, pipes, groups, `if`, quotes, variables, substitutions.
//! Whatever else a shell knows (loops, functions, here-documents) is not read at all.

mod words;

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Simple(Simple),
    Pipe(Vec<Node>),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Seq(Vec<Node>),
    Group(Box<Node>, Vec<Redirect>),
    If(Box<Node>, Box<Node>, Option<Box<Node>>),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Simple {
    pub assigned: Vec<(String, Word)>,
    pub words: Vec<Word>,
    pub redirects: Vec<Redirect>,
}

/// Where output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Redirect {
    /// `>/dev/null`, or any file.
    Out,
    /// `2>/dev/null`
    Err,
    /// `&>/dev/null`
    Both,
    /// `2>&1`
    ErrToOut,
    /// `>&2`
    OutToErr,
}

pub(super) type Word = Vec<Piece>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Variable { name: String, quoted: bool, other: Option<(Other, Vec<Word>)> },
    Command { node: Node, quoted: bool },
}

/// What stands for a variable that is not set, or for one that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    /// `:-`, `-`, `:=` and `=`.
    Default,
    /// `:+` and `+`.
    Instead,
    /// `:?` and `?`.
    Error,
    /// What a shell makes of the value is not worked out.
    Obscure,
}

/// `None`: there is something in it that is not read here, or a shell would reject it.
pub(super) fn parse(script: &str) -> Option<Node> {
    if script.len() > MAX_LENGTH {
        return None;
    }
    let text = script.replace("\\\n", " ");
    let mut parser = Parser { text: &text, at: 0, depth: 0 };
    let node = parser.list(&[])?;
    (parser.at == text.len()).then_some(node)
}

/// How deep groups and substitutions may be nested.
const MAX_DEPTH: usize = 16;
/// How long a line may be to be read.
const MAX_LENGTH: usize = 16 << 10;

/// A redirection that is not read here.
struct Unread;

const KEYWORDS: [&str; 13] =
    ["if", "then", "else", "elif", "fi", "for", "while", "until", "case", "do", "done", "function", "esac"];

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r']).len();
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Reads something nested, unless that goes too deep.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.depth += 1;
        let found = if self.depth > MAX_DEPTH { None } else { read(self) };
        self.depth -= 1;
        found
    }

    /// The bare word that comes next, without taking it.
    fn peek(&self) -> &str {
        let rest = self.rest();
        &rest[..rest.find([' ', '\t', '\r', '\n', ';', '|', '&', '(', ')', '<', '>']).unwrap_or(rest.len())]
    }

    /// Commands up to one of the keywords in `until`, a closing bracket, or the end.
    fn list(&mut self, until: &[&str]) -> Option<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut nodes = Vec::new();
        loop {
            self.space();
            if self.rest().is_empty() || self.rest().starts_with(')') || until.contains(&self.peek()) {
                break;
            }
            nodes.push(self.and_or()?);
            self.blanks();
            if self.rest().starts_with(";;") || !(self.take(";") || self.take("\n")) {
                break;
            }
        }
        self.depth -= 1;
        match nodes.len() {
            0 => None,
            1 => nodes.pop(),
            _ => Some(Node::Seq(nodes)),
        }
    }

    fn and_or(&mut self) -> Option<Node> {
        let mut left = self.pipe()?;
        loop {
            self.blanks();
            let and = self.take("&&");
            if !and && !self.take("||") {
                return Some(left);
            }
            self.space();
            let right = Box::new(self.pipe()?);
            left = if and { Node::And(Box::new(left), right) } else { Node::Or(Box::new(left), right) };
        }
    }

    fn pipe(&mut self) -> Option<Node> {
        self.blanks();
        if self.peek() == "!" {
            self.at += 1;
            let inner = self.deeper(Self::pipe)?;
            return Some(Node::Not(Box::new(inner)));
        }
        let mut nodes = vec![self.command()?];
        loop {
            self.blanks();
            if self.rest().starts_with("||") || self.rest().starts_with("|&") || !self.take("|") {
                break;
            }
            self.space();
            nodes.push(self.command()?);
        }
        if nodes.len() == 1 { nodes.pop() } else { Some(Node::Pipe(nodes)) }
    }

    fn command(&mut self) -> Option<Node> {
        self.blanks();
        if self.rest().starts_with("((") {
            return None;
        }
        if self.take("(") {
            let node = self.list(&[])?;
            return if self.take(")") { Some(Node::Group(Box::new(node), self.redirects()?)) } else { None };
        }
        if self.peek() == "{" {
            self.at += 1;
            let node = self.list(&["}"])?;
            return if self.take("}") { Some(Node::Group(Box::new(node), self.redirects()?)) } else { None };
        }
        if self.peek() == "if" {
            self.at += 2;
            return self.condition();
        }
        self.simple().map(Node::Simple)
    }

    /// What follows `if` or `elif`, with its `fi`.
    fn condition(&mut self) -> Option<Node> {
        let when = self.list(&["then"])?;
        self.at += "then".len();
        let then = self.list(&["else", "elif", "fi"])?;
        let other = if self.take("elif") {
            return Some(Node::If(Box::new(when), Box::new(then), Some(Box::new(self.deeper(Self::condition)?))));
        } else if self.take("else") {
            Some(Box::new(self.list(&["fi"])?))
        } else {
            None
        };
        self.take("fi").then(|| Node::If(Box::new(when), Box::new(then), other))
    }

    fn redirects(&mut self) -> Option<Vec<Redirect>> {
        let mut out = Vec::new();
        self.blanks();
        while let Some(redirect) = self.redirect().ok()? {
            out.push(redirect);
            self.blanks();
        }
        Some(out)
    }

    fn simple(&mut self) -> Option<Simple> {
        if KEYWORDS.contains(&self.peek()) {
            return None;
        }
        let mut simple = Simple::default();
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect().ok()? {
                simple.redirects.push(redirect);
                continue;
            }
            match self.rest().chars().next() {
                None | Some('\n' | ';' | '|' | '&' | ')' | '#') => break,
                Some('(') => return None,
                Some(_) => {}
            }
            if let Some(name) = self.assignment().filter(|_| simple.words.is_empty()) {
                self.at += name.len() + 1;
                let value = if self.rest().starts_with([' ', '\t', '\n', ';']) { Vec::new() } else { self.word(None)? };
                simple.assigned.push((name, value));
            } else {
                simple.words.push(self.word(None)?);
            }
        }
        if self.rest().starts_with('#') {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
        // A `&` alone starts something in the background.
        let background = self.rest().starts_with('&') && !self.rest().starts_with("&&");
        let is_empty = simple.words.is_empty() && simple.assigned.is_empty();
        (!background && !is_empty).then_some(simple)
    }

    fn assignment(&self) -> Option<String> {
        let name = &self.peek()[..self.peek().find('=')?];
        is_name(name).then(|| name.to_owned())
    }

    /// `Ok(None)` where no redirection stands here, an error where one does that is not read.
    fn redirect(&mut self) -> Result<Option<Redirect>, Unread> {
        let forms = [
            ("2>&1", Redirect::ErrToOut),
            (">&2", Redirect::OutToErr),
            ("1>&2", Redirect::OutToErr),
            ("&>", Redirect::Both),
            ("2>", Redirect::Err),
            ("1>", Redirect::Out),
            (">", Redirect::Out),
        ];
        let Some((token, kind)) = forms.into_iter().find(|(token, _)| self.rest().starts_with(token)) else {
            return if self.rest().starts_with('<') { Err(Unread) } else { Ok(None) };
        };
        self.at += token.len();
        if !token.ends_with(['1', '2']) || token == "2>" {
            self.take(">");
            if self.rest().starts_with('&') {
                return Err(Unread);
            }
            self.blanks();
            self.word(None).ok_or(Unread)?;
        }
        Ok(Some(kind))
    }
}

fn is_name(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
