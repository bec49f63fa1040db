//! The small programs that checks are made of beside the client: filters, comparisons, and what ends a line.

use super::outcome::{Arg, Notes, Out, Outcome, Unsure};
use super::pattern::{self, Options};

/// What stands behind `timeout [options] 5`.
pub(super) fn behind_timeout(args: &[Arg]) -> Option<&[Arg]> {
    let mut at = 0;
    while args.get(at)?.text.starts_with('-') {
        at += 1 + usize::from(matches!(args[at].text.as_str(), "-s" | "-k"));
    }
    // An old BusyBox has `timeout -t 5 command`.
    args.get(at + 1..).filter(|rest| !rest.is_empty())
}

pub(super) fn run(name: &str, args: &[Arg], stdin: Option<&Out>, notes: &mut Notes) -> Result<Outcome, Unsure> {
    match name {
        "true" | ":" | "sleep" => Ok(Outcome::of(true)),
        "false" => Ok(Outcome::of(false)),
        "exit" => {
            let code = args.first().map_or("0", |arg| &arg.text);
            let passes = code.parse::<i64>().map_err(|_| Unsure)? % 256 == 0;
            // `exit` alone passes the last exit code on.
            if args.is_empty() { Err(Unsure) } else { Ok(Outcome { exits: true, ..Outcome::of(passes) }) }
        }
        "echo" => Ok(Outcome::printing(echo(args))),
        "printf" => Ok(Outcome::printing(printf(args))),
        "[" => match args.split_last() {
            Some((last, rest)) if last.text == "]" => compare(rest),
            _ => Ok(Outcome::of(false)),
        },
        "test" => compare(args),
        "grep" | "egrep" | "fgrep" => grep(name, args, stdin.ok_or(Unsure)?, notes),
        "head" | "tail" | "cat" | "wc" | "tr" | "sort" | "uniq" | "cut" | "tee" | "xargs" => {
            filter(name, args, stdin.ok_or(Unsure)?, notes)
        }
        _ => Err(Unsure),
    }
}

fn echo(args: &[Arg]) -> Out {
    let args = &args[usize::from(args.first().is_some_and(|arg| matches!(arg.text.as_str(), "-e" | "-n")))..];
    let line = args.iter().map(|arg| arg.text.as_str()).collect::<Vec<_>>().join(" ");
    Out { text: line + "\n", sure: args.iter().all(|arg| !arg.is_open() && !arg.text.contains('\\')) }
}

fn printf(args: &[Arg]) -> Out {
    let format = args.first().map(|arg| arg.text.replace("\\r", "\r").replace("\\n", "\n")).unwrap_or_default();
    let sure = args.len() == 1 && !args[0].is_open() && !format.contains(['%', '\\']);
    Out { text: format, sure }
}

/// The words of `[ … ]`.
fn compare(args: &[Arg]) -> Result<Outcome, Unsure> {
    let known = |arg: &Arg| if arg.is_open() { Err(Unsure) } else { Ok(arg.text.clone()) };
    let texts: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
    let passes = match texts.as_slice() {
        ["!", ..] if texts.len() > 1 => !compare(&args[1..])?.passes,
        [_, "=" | "==" | "-eq", _] => known(&args[0])? == known(&args[2])?,
        [_, "!=", _] => known(&args[0])? != known(&args[2])?,
        // A variable without a known value is taken to have one.
        ["-n", text] | [text] => !text.is_empty(),
        ["-z", text] => text.is_empty(),
        // More words than one on a side, or none: an error.
        words if words.iter().any(|word| matches!(*word, "=" | "==")) && !words.contains(&"-a") && !words.contains(&"-o") => {
            false
        }
        _ => return Err(Unsure),
    };
    Ok(Outcome::of(passes))
}

fn grep(name: &str, args: &[Arg], stdin: &Out, notes: &mut Notes) -> Result<Outcome, Unsure> {
    let mut options = Options { extended: name == "egrep", fixed: name == "fgrep", ..Options::default() };
    let (mut quiet, mut counted, mut inverted, mut patterns) = (false, false, false, Vec::new());
    let mut rest = args.iter();
    let mut operands = Vec::new();
    while let Some(arg) = rest.next() {
        let Some(flags) = arg.text.strip_prefix('-').filter(|flags| !flags.is_empty()) else {
            operands.push(arg.text.clone());
            continue;
        };
        match flags {
            "e" | "-regexp" => patterns.push(rest.next().ok_or(Unsure)?.text.clone()),
            "m" => drop(rest.next()),
            "-quiet" | "-silent" => quiet = true,
            "-ignore-case" => options.ignore_case = true,
            "-invert-match" => inverted = true,
            "-fixed-strings" => options.fixed = true,
            "-extended-regexp" => options.extended = true,
            "-line-regexp" => options.whole_line = true,
            "-word-regexp" => options.whole_word = true,
            _ if flags.starts_with("-color") => {}
            _ => {
                for flag in flags.chars() {
                    match flag {
                        'q' => quiet = true,
                        'c' | 'o' => counted = true,
                        's' | 'h' | 'n' | 'a' => {}
                        'i' => options.ignore_case = true,
                        'v' => inverted = true,
                        'x' => options.whole_line = true,
                        'w' => options.whole_word = true,
                        'E' => options.extended = true,
                        'F' => options.fixed = true,
                        _ => return Err(Unsure),
                    }
                }
            }
        }
    }
    if patterns.is_empty() {
        if operands.is_empty() {
            return Err(Unsure);
        }
        patterns.push(operands.remove(0));
    }
    if !operands.is_empty() || args.iter().any(Arg::is_open) {
        return Err(Unsure);
    }
    let patterns: Vec<_> = patterns.iter().map(|text| pattern::compile(text, options)).collect::<Option<_>>().ok_or(Unsure)?;
    let hit = |line: &&str| patterns.iter().any(|pattern| pattern.finds(line)) != inverted;
    let found: Vec<&str> = stdin.text.lines_with_returns().filter(hit).collect();
    // The lines of INFO about loading are all known.
    let sure = stdin.sure || args.iter().any(|arg| arg.text.contains("loading:"));
    if found.is_empty() && !sure {
        return Err(Unsure);
    }
    notes.filtered |= !found.is_empty();
    notes.asynchronous |= found.iter().any(|line| line.starts_with("async_loading:"));
    let text: String = if quiet { String::new() } else { found.iter().flat_map(|line| [line, "\n"]).collect() };
    Ok(Outcome { passes: !found.is_empty(), out: Out { text, sure: stdin.sure && !counted }, ..Outcome::of(true) })
}

/// Programs that pass what they read on, changed or not, and succeed.
fn filter(name: &str, args: &[Arg], stdin: &Out, notes: &mut Notes) -> Result<Outcome, Unsure> {
    let flags: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
    let lines: Vec<&str> = stdin.text.lines_with_returns().collect();
    let count = || {
        let number = flags.iter().find_map(|flag| flag.trim_start_matches(['-', 'n']).parse::<usize>().ok());
        number.unwrap_or(10).min(lines.len())
    };
    let joined = |lines: &[&str]| lines.iter().flat_map(|line| [line, "\n"]).collect::<String>();
    let out = match (name, flags.as_slice()) {
        ("cat", []) | ("tee", [_]) => stdin.clone(),
        ("head", _) if !flags.contains(&"-c") => Out { text: joined(&lines[..count()]), sure: stdin.sure },
        ("tail", _) if !flags.contains(&"-c") => Out { text: joined(&lines[lines.len() - count()..]), sure: stdin.sure },
        ("tr", ["-d", set]) => {
            let set = set.replace("\\r", "\r").replace("\\n", "\n");
            Out { text: stdin.text.replace(|c| set.contains(c), ""), sure: stdin.sure }
        }
        ("xargs", []) => Out { text: stdin.text.split_whitespace().collect::<Vec<_>>().join(" ") + "\n", sure: stdin.sure },
        ("cat" | "tee" | "xargs", _) => return Err(Unsure),
        _ => Out { text: String::new(), sure: false },
    };
    notes.filtered = true;
    Ok(Outcome::printing(out))
}

/// Lines without their newline; a carriage return before it stays, as programs see it.
trait Lines {
    fn lines_with_returns(&self) -> impl Iterator<Item = &str>;
}

impl Lines for String {
    fn lines_with_returns(&self) -> impl Iterator<Item = &str> {
        let whole = self.strip_suffix('\n').unwrap_or(self);
        let count = if self.is_empty() { 0 } else { usize::MAX };
        whole.split('\n').take(count)
    }
}
