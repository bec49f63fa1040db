//! `check`: lint, and on request fix what can be fixed safely.

use super::args::{Check, FailOn, Format, ProjectArgs};
use super::changes::{add_writes, diff_of};
use super::error::Error;
use super::targets::{self, Work};
use super::{Status, output, rules};
use crate::compose::search::Folder;
use crate::diagnostic::Applicability;
use crate::engine::check::Selection;
use crate::engine::fix::{self, Policy};
use crate::engine::folder::{self, Checked};
use crate::engine::write::{self, FileWrite};
use crate::layout::Layout;
use crate::report::{ProjectReport, concise, full, github, gitlab, json, junit, rdjson, sarif};
use crate::text::source::display;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

pub(super) fn run(args: &Check) -> Result<Status, Error> {
    let selection = selection(args)?;
    let layout = Layout::default();
    if args.fix || args.diff {
        return run_fixes(args, &selection, &layout);
    }
    let checked = match &args.stdin_filename {
        Some(filename) => {
            let (files, sources) = targets::of_stdin(filename, &args.project)?;
            vec![folder::one(files, sources, &layout, &selection)]
        }
        None => all(args, &layout, &selection)?,
    };
    report(args, &checked)
}

fn selection(args: &Check) -> Result<Selection, Error> {
    for name in args.select.iter().chain(&args.ignore) {
        if crate::rules::find(name).is_none() {
            return Err(rules::unknown_rule(name));
        }
    }
    Ok(Selection { select: args.select.clone(), ignore: args.ignore.clone() })
}

/// Checks every folder of the paths; several at once, reported in order.
fn all(args: &Check, layout: &Layout, selection: &Selection) -> Result<Vec<Checked>, Error> {
    if args.project.is_explicit() {
        let (files, sources) = targets::one(targets::first(&args.paths), &args.project)?;
        return Ok(vec![folder::one(files, sources, layout, selection)]);
    }
    let folders = targets::folders(&args.paths, &args.project)?;
    let check_one = |(_, folder): (PathBuf, Folder)| folder::check(&folder, layout, selection);
    // Threads cost more than one folder takes.
    Ok(if folders.len() == 1 {
        folders.into_iter().flat_map(check_one).collect()
    } else {
        folders.into_par_iter().flat_map_iter(check_one).collect()
    })
}

/// The projects of the paths; it is an error where there is none.
pub(super) fn gather(paths: &[PathBuf], project: &ProjectArgs) -> Result<Vec<Work>, Error> {
    let projects = targets::projects(paths, project)?;
    if projects.is_empty() {
        return Err(targets::no_default(targets::first(paths)));
    }
    Ok(projects)
}

fn run_fixes(args: &Check, selection: &Selection, layout: &Layout) -> Result<Status, Error> {
    let up_to = if args.unsafe_fixes { Applicability::OnRequest } else { Applicability::Safe };
    let policy = Policy { selection: selection.clone(), up_to, ..Policy::default() };
    let mut checked = Vec::new();
    let (mut edits, mut fixed) = (String::new(), 0);
    let work: Vec<Work> = if let Some(filename) = &args.stdin_filename {
        let (files, sources) = targets::of_stdin(filename, &args.project)?;
        vec![(files.root.clone(), files, sources)]
    } else {
        if !args.diff {
            targets::refuse_stdin(&args.project, "--diff")?;
        }
        gather(&args.paths, &args.project)?
    };
    let style = output::style(args.color, args.verbose, args.quiet);
    let mut writes: Vec<(PathBuf, Vec<FileWrite>)> = Vec::new();
    for (root, files, sources) in work {
        let outcome = fix::run(&files, &sources, layout, &policy);
        for file in &outcome.files {
            edits.push_str(&diff_of(&files.root, file, &outcome.report.known, style.color));
        }
        fixed += outcome.applied.len();
        add_writes(&mut writes, root, &files.root, &outcome);
        checked.push(Checked { root: files.root, project: outcome.project, report: outcome.report });
    }
    if args.diff {
        output::print(&edits)?;
        return Ok(if edits.is_empty() { Status::Clean } else { Status::Findings });
    }
    for (root, files) in &writes {
        write::commit(root, files)?;
    }
    if fixed > 0 && !args.quiet && args.format == Format::Full {
        output::note(&format!(
            "Fixed {} (`cachelint rollback{}` undoes it).",
            crate::report::counted(fixed, "finding"),
            shown_path(args)
        ));
    }
    // What is left is told as `check` tells it, of the files that are not rewritten too.
    if args.stdin_filename.is_none() {
        checked = all(args, layout, selection)?;
    }
    report(args, &checked)
}

fn report(args: &Check, checked: &[Checked]) -> Result<Status, Error> {
    let reports: Vec<ProjectReport<'_>> = checked.iter().map(project_report).collect();
    let style = output::style(args.color, args.verbose, args.quiet);
    let text = match args.format {
        Format::Json => json::render(&reports, env!("CARGO_PKG_VERSION")),
        Format::Sarif => sarif::render(&reports, env!("CARGO_PKG_VERSION")),
        Format::Github => github::render(&reports),
        Format::Gitlab => gitlab::render(&reports),
        Format::Junit => junit::render(&reports),
        Format::Rdjson => rdjson::render(&reports),
        Format::Concise => concise::render(&reports, &style),
        Format::Full => full::render(&reports, &style, next_step(args, checked).as_deref()),
    };
    output::print(&text)?;
    Ok(status(args.fail_on, checked))
}

pub(super) fn project_report(checked: &Checked) -> ProjectReport<'_> {
    let sources = &checked.project.docs.sources;
    let (files, role) = (checked.project.paths(), checked.project.role);
    ProjectReport { root: targets::shown(&checked.root), role, files, sources, report: &checked.report }
}

fn status(fail_on: FailOn, checked: &[Checked]) -> Status {
    let Some(threshold) = fail_on.threshold() else { return Status::Clean };
    let mut findings = checked.iter().flat_map(|one| &one.report.findings);
    if findings.any(|finding| finding.severity >= threshold) { Status::Findings } else { Status::Clean }
}

/// What to run next, in one line.
fn next_step(args: &Check, checked: &[Checked]) -> Option<String> {
    let mut safe = false;
    let mut astray = false;
    let mut other = false;
    let mut invalid = false;
    for finding in checked.iter().flat_map(|one| &one.report.findings) {
        invalid |= finding.rule.starts_with("invalid-");
        if let Some(fix) = finding.remedy.fix() {
            match fix.applicability {
                Applicability::Safe => safe = true,
                Applicability::Unsafe => astray = true,
                Applicability::OnRequest => other = true,
            }
        }
    }
    let path = shown_path(args);
    if invalid {
        Some("Mend what Compose rejects first; nothing is rewritten before.".to_owned())
    } else if astray {
        Some(format!("Next: cachelint migrate{path} shows the plan that mends this, with a diff, and asks before it writes."))
    } else if safe {
        Some(format!("Next: cachelint check --fix{path} applies the safe fixes."))
    } else if other {
        Some(format!("Next: cachelint check --diff --unsafe-fixes{path} shows the edits on offer."))
    } else {
        None
    }
}

/// The path to repeat in a command that is suggested, with a blank before it.
fn shown_path(args: &Check) -> String {
    match args.paths.as_slice() {
        [path] if path != Path::new(".") => format!(" {}", display(path)),
        _ => String::new(),
    }
}
