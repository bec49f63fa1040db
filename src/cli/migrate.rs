//! `migrate` and `rollback`: the one-time rewrite into the local-Redis layout, and the way back.

use super::args::{Migrate, PlanFormat, ProjectArgs, Rollback};
use super::changes::{add_writes, diff_of};
use super::error::Error;
use super::{Status, output, targets};
use crate::compose::discover::ProjectFiles;
use crate::diagnostic::{Applicability, Finding, Remedy, Severity, Unknown};
use crate::engine::fix::{self, Outcome, Policy};
use crate::engine::write::{self, FileWrite};
use crate::layout::{Choices, Layout};
use crate::redis::memory;
use crate::report::counted;
use crate::text::source::{display, normal};
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::slice;

pub(super) fn run(args: &Migrate) -> Result<Status, Error> {
    let layout = Layout::new(choices(args)?);
    if !args.dry_run {
        targets::refuse_stdin(&args.project, "--dry-run")?;
    }
    let projects = targets::projects(slice::from_ref(&args.path), &args.project)?;
    // One path has one folder for backups.
    let root = projects.first().map_or_else(|| args.path.clone(), |(root, ..)| root.clone());
    let policy = Policy { up_to: Applicability::Unsafe, complete: true, ..Policy::default() };
    let mut outcomes = Vec::new();
    let mut writes: Vec<(PathBuf, Vec<FileWrite>)> = Vec::new();
    if projects.is_empty() {
        output::note(&targets::no_default(&args.path).to_string());
    }
    for (root, files, sources) in projects {
        let outcome = fix::run(&files, &sources, &layout, &policy);
        add_writes(&mut writes, root, &files.root, &outcome);
        outcomes.push((files, outcome));
    }
    let files: Vec<FileWrite> = writes.into_iter().flat_map(|(_, files)| files).collect();
    if !args.allow_dirty && !args.dry_run {
        refuse_dirty(&root, &files)?;
    }
    let style = output::style(args.color, false, false);
    output::print(&match args.format {
        PlanFormat::Text => text_plan(&outcomes, style.color),
        PlanFormat::Json => json_plan(&outcomes),
    })?;
    let unfinished = outcomes.iter().any(|(_, outcome)| is_unfinished(outcome));
    if files.is_empty() {
        return Ok(if unfinished { Status::Findings } else { Status::Clean });
    }
    if args.dry_run {
        return Ok(Status::Findings);
    }
    if !args.yes && !confirmed(files.len())? {
        return Ok(Status::Findings);
    }
    let backup = write::commit(&root, &files)?;
    if args.format == PlanFormat::Text {
        let folder = backup.map(|backup| display(&normal(&root.join(backup.folder)))).unwrap_or_default();
        output::print(&next_steps(args, &files, &folder, &outcomes))?;
    }
    Ok(if unfinished { Status::Findings } else { Status::Clean })
}

fn choices(args: &Migrate) -> Result<Choices, Error> {
    if let Some(amount) = &args.memory
        && memory::bytes(amount).is_none_or(|bytes| bytes < 1 << 20)
    {
        return Err(Error::Usage(format!("--memory {amount} is no amount that Redis reads; write 256mb or 1gb")));
    }
    for (option, value, allowed) in [("--image", &args.image, "._-/:@"), ("--service", &args.service, "._-")] {
        let plain = |value: &String| !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || allowed.contains(c));
        if let Some(value) = value.as_ref().filter(|value| !plain(value)) {
            return Err(Error::Usage(format!("{option} {value} is no name that Compose accepts")));
        }
    }
    Ok(Choices {
        service: args.service.clone(),
        image: args.image.clone(),
        maxmemory: args.memory.clone(),
        eviction: args.eviction,
        db: args.db,
    })
}

/// A tracked file with changes that are not committed is not rewritten: git could not tell the two apart afterwards.
fn refuse_dirty(root: &Path, files: &[FileWrite]) -> Result<(), Error> {
    let paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
    if paths.is_empty() {
        return Ok(());
    }
    let mut git = Command::new("git");
    git.arg("-C").arg(root).args(["status", "--porcelain", "--untracked-files=no", "-z", "--"]).args(&paths);
    // Without git, or outside a work tree, there is nothing to compare with.
    let Ok(output) = git.output() else { return Ok(()) };
    let listed = String::from_utf8_lossy(&output.stdout);
    let dirty: Vec<&str> = listed.split('\0').filter_map(|entry| entry.get(3..)).filter(|path| !path.is_empty()).collect();
    if !output.status.success() || dirty.is_empty() {
        return Ok(());
    }
    let verb = if dirty.len() == 1 { "has" } else { "have" };
    Err(Error::Usage(format!(
        "{} {verb} changes that are not committed; commit them first, or add --allow-dirty",
        dirty.join(", ")
    )))
}

fn text_plan(outcomes: &[(ProjectFiles, Outcome)], color: bool) -> String {
    let mut out = String::new();
    for (files, outcome) in outcomes {
        if outcome.files.is_empty() && outcomes.len() > 1 && outcome.report.findings.is_empty() {
            continue;
        }
        project_plan(&mut out, files, outcome, color);
    }
    if outcomes.iter().all(|(_, outcome)| outcome.files.is_empty()) {
        out.push_str("Nothing to change.\n");
    }
    out
}

fn project_plan(out: &mut String, files: &ProjectFiles, outcome: &Outcome, color: bool) {
    let bold = |text: &str| if color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() };
    let root = targets::shown(&files.root);
    if !outcome.applied.is_empty() {
        let _ = writeln!(out, "{}", bold(&format!("Plan for {root}")));
        for file in &outcome.files {
            let new = if file.before.is_none() { " (new)" } else { "" };
            let _ = writeln!(out, "\n  {}{new}", display(&file.path));
            for applied in outcome.applied.iter().filter(|applied| applied.files.contains(&file.path)) {
                let _ = writeln!(out, "    • {}", applied.title);
                if let Some(caveat) = applied.caveat.as_ref().filter(|_| applied.files.first() == Some(&file.path)) {
                    let _ = writeln!(out, "      note: {caveat}");
                }
            }
        }
        out.push('\n');
        for file in &outcome.files {
            out.push_str(&diff_of(&files.root, file, &outcome.report.known, color));
        }
        out.push('\n');
    }
    for (title, lines) in [("Left for you in", left_over(outcome)), ("Not judged, and not changed, in", not_judged(outcome))] {
        if lines.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}", bold(&format!("{title} {root}")));
        for line in lines {
            let _ = writeln!(out, "    • {line}");
        }
        out.push('\n');
    }
}

/// What stays to be done by hand, with the reason.
fn left_over(outcome: &Outcome) -> Vec<String> {
    let mut out = Vec::new();
    for finding in outcome.report.findings.iter().filter(|finding| finding.severity > Severity::Info) {
        let place = outcome.project.docs.sources.place(finding.primary.span);
        let reason = match &finding.remedy {
            Remedy::Refused(reason) => format!(" (not changed: {reason})"),
            Remedy::Fix(fix) => {
                let turned_down = outcome.refused.iter().find(|(title, _)| *title == fix.title).map(|(_, reason)| reason);
                match turned_down.or_else(|| outcome.kept.get(&finding.subject)) {
                    Some(reason) => format!(" (not changed: {reason})"),
                    None if fix.applicability == Applicability::OnRequest => format!(" (stays as it is; {})", finding.help),
                    None => " (not changed: nothing could be led to it)".to_owned(),
                }
            }
            Remedy::Manual => format!(" ({})", finding.help.trim_end_matches('.')),
        };
        out.push(format!("{place}: {}{reason}", finding.message));
    }
    out
}

/// Whether errors remain that the rewrite is there to mend.
fn is_unfinished(outcome: &Outcome) -> bool {
    let is_left = |finding: &Finding| finding.remedy.fix().is_some_and(|fix| fix.applicability == Applicability::OnRequest);
    let open = |finding: &Finding| finding.severity == Severity::Error && !is_left(finding);
    outcome.report.findings.iter().any(open)
}

/// Connections that could not be judged, with the reason.
fn not_judged(outcome: &Outcome) -> Vec<String> {
    let about_variables = outcome.report.unknown.iter().filter(|unknown| unknown.subject.variable.is_some());
    let line = |unknown: &Unknown| {
        let place = unknown.span.map(|span| outcome.project.docs.sources.place(span) + ": ").unwrap_or_default();
        let variable = unknown.subject.variable.as_deref().unwrap_or_default();
        let of = unknown.subject.service.as_ref().map(|service| format!(" of {service}")).unwrap_or_default();
        format!("{place}{variable}{of}: {}", unknown.reason)
    };
    about_variables.map(line).collect()
}

#[derive(Serialize)]
struct PlanStep<'a> {
    title: &'a str,
    rule: Option<&'a str>,
    applicability: Applicability,
    caveat: Option<&'a str>,
    files: Vec<String>,
}

#[derive(Serialize)]
struct ProjectPlan<'a> {
    root: String,
    steps: Vec<PlanStep<'a>>,
    files: Vec<String>,
    diff: String,
    left: Vec<String>,
}

#[derive(Serialize)]
struct Plan<'a> {
    schema: u32,
    projects: Vec<ProjectPlan<'a>>,
}

fn json_plan(outcomes: &[(ProjectFiles, Outcome)]) -> String {
    let projects = outcomes.iter().map(|(files, outcome)| ProjectPlan {
        root: targets::shown(&files.root),
        steps: outcome.applied.iter().map(step).collect(),
        files: outcome.files.iter().map(|file| display(&file.path)).collect(),
        diff: outcome.files.iter().map(|file| diff_of(&files.root, file, &outcome.report.known, false)).collect(),
        left: left_over(outcome),
    });
    let plan = Plan { schema: 1, projects: projects.collect() };
    serde_json::to_string_pretty(&plan).expect("plain values are always JSON") + "\n"
}

fn step(applied: &fix::Applied) -> PlanStep<'_> {
    PlanStep {
        title: &applied.title,
        rule: applied.rule,
        applicability: applied.applicability,
        caveat: applied.caveat.as_deref(),
        files: applied.files.iter().map(|path| display(path)).collect(),
    }
}

/// Asks, where there is somebody to ask.
fn confirmed(files: usize) -> Result<bool, Error> {
    if !std::io::stdin().is_terminal() {
        output::note("Nothing was written: there is no terminal to ask. Add --yes to write without asking.");
        return Ok(false);
    }
    output::print(&format!("Write these changes to {}? [y/N] ", counted(files, "file")))?;
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    let yes = matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    if !yes {
        output::note("Nothing was written.");
    }
    Ok(yes)
}

fn next_steps(args: &Migrate, files: &[FileWrite], backup: &str, outcomes: &[(ProjectFiles, Outcome)]) -> String {
    let path = if args.path == Path::new(".") { String::new() } else { format!(" {}", display(&args.path)) };
    let mut out = format!("Wrote {}. The old versions are in {backup}.\n\nNext steps\n", counted(files.len(), "file"));
    let mut steps = vec![
        "docker compose config -q && docker compose up -d --wait".to_owned(),
        format!("cachelint check{path}   # in CI, before each deploy"),
    ];
    let secrets = |text: &str| crate::secret::find(text).len();
    let lost_one = |file: &fix::Rewritten| file.before.as_ref().is_some_and(|before| secrets(before) > secrets(&file.after));
    if outcomes.iter().flat_map(|(_, outcome)| &outcome.files).any(lost_one) {
        steps.push(
            "Change the password of the old server: it stood in these files, and stands in the backup and perhaps in git."
                .to_owned(),
        );
    }
    if outcomes.iter().any(|(_, outcome)| outcome.applied.iter().any(|applied| applied.rule == Some("external-redis-url"))) {
        steps.push(
            "On Coolify, Dokploy and the like, set the same variables in the platform too: it writes its own .env over this one."
                .to_owned(),
        );
    }
    steps.push(format!("cachelint rollback{path}   # puts everything back"));
    for (number, step) in steps.iter().enumerate() {
        let _ = writeln!(out, "  {}. {step}", number + 1);
    }
    out
}

pub(super) fn rollback(args: &Rollback) -> Result<Status, Error> {
    let root = if args.path.is_dir() { args.path.clone() } else { targets::of_path(&args.path, &ProjectArgs::default())?.root };
    let restored = write::rollback(&root)?;
    let mut out = String::new();
    for path in &restored.files {
        let _ = writeln!(out, "restored {}", display(&normal(&root.join(path))));
    }
    for path in &restored.removed {
        let _ = writeln!(out, "removed {}", display(&normal(&root.join(path))));
    }
    output::print(&out)?;
    Ok(Status::Clean)
}
