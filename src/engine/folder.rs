//! Checks a folder: the project that Compose would take there, and the compose files beside it, which Compose reads only when they are
//! named. What several of them share is told once.

use super::check;
use super::check::Selection;
use crate::compose::discover::ProjectFiles;
use crate::compose::fragments;
use crate::compose::load::load;
use crate::compose::model::Project;
use crate::compose::search::Folder;
use crate::diagnostic::{Finding, Remedy, Report, Unknown};
use crate::layout::Layout;
use crate::rules::files::unused_ignore;
use crate::text::source::{Sources, display, normal};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// One project with what was found in it.
pub struct Checked {
    pub root: PathBuf,
    pub project: Project,
    pub report: Report,
}

/// Checks one project.
pub fn one(files: ProjectFiles, sources: Sources, layout: &Layout, selection: &Selection) -> Checked {
    let project = load(sources, &files);
    let report = check::check(&project, layout, selection);
    Checked { root: files.root, project, report }
}

/// The project of a folder, and the other compose files in it: what they share is told once.
pub fn check(folder: &Folder, layout: &Layout, selection: &Selection) -> Vec<Checked> {
    let check_one = |files: ProjectFiles| {
        let sources = Sources::new(&files.root);
        one(files, sources, layout, selection)
    };
    let mut checked: Vec<Checked> = folder.project.clone().into_iter().map(check_one).collect();
    let mut told = Told::default();
    let mut idle = IdleIgnores::default();
    for one in &checked {
        told.note(one);
        idle.note(one);
    }
    for name in &folder.others {
        let base = folder.project.as_ref().zip(checked.first());
        let Some(project) = fragments::project_of(name, &folder.root, base.map(|(files, base)| (files, &base.project))) else {
            continue;
        };
        let report = check::check(&project, layout, selection);
        let mut other = Checked { root: folder.root.clone(), project, report };
        idle.note(&other);
        told.leave_out(&mut other);
        told.note(&other);
        refuse_fixes(&mut other);
        checked.push(other);
    }
    for one in &mut checked {
        idle.leave_out(one);
    }
    checked
}

/// A comment that silences something in one project of the folder is not in vain, whatever the others say.
#[derive(Default)]
struct IdleIgnores {
    /// By file: how many projects read it.
    readers: HashMap<PathBuf, usize>,
    /// By place: how many projects have no use for the comment.
    idle: HashMap<(PathBuf, u32), usize>,
}

impl IdleIgnores {
    fn place(one: &Project, finding: &Finding) -> (PathBuf, u32) {
        let span = finding.primary.span;
        (one.docs.sources.file(span.file).path.clone(), span.start)
    }

    fn note(&mut self, one: &Checked) {
        for (_, file) in one.project.docs.sources.files() {
            *self.readers.entry(file.path.clone()).or_default() += 1;
        }
        for finding in one.report.findings.iter().filter(|finding| finding.rule == unused_ignore::META.name) {
            *self.idle.entry(Self::place(&one.project, finding)).or_default() += 1;
        }
    }

    fn leave_out(&self, one: &mut Checked) {
        let project = &one.project;
        one.report.findings.retain(|finding| {
            let place = Self::place(project, finding);
            finding.rule != unused_ignore::META.name || self.idle.get(&place) == self.readers.get(&place.0)
        });
    }
}

/// What has been said of a folder's files.
#[derive(Default)]
struct Told {
    findings: HashSet<(&'static str, PathBuf, u32, u32, Option<String>)>,
    unknown: HashSet<(String, Option<(PathBuf, u32)>)>,
}

impl Told {
    fn finding(one: &Project, finding: &Finding) -> (&'static str, PathBuf, u32, u32, Option<String>) {
        let span = finding.primary.span;
        let file = one.docs.sources.file(span.file).path.clone();
        (finding.rule, file, span.start, span.end, finding.subject.variable.clone())
    }

    fn unknown(one: &Project, unknown: &Unknown) -> (String, Option<(PathBuf, u32)>) {
        let place = unknown.span.map(|span| (one.docs.sources.file(span.file).path.clone(), span.start));
        (unknown.reason.clone(), place)
    }

    fn note(&mut self, one: &Checked) {
        self.findings.extend(one.report.findings.iter().map(|finding| Self::finding(&one.project, finding)));
        self.unknown.extend(one.report.unknown.iter().map(|unknown| Self::unknown(&one.project, unknown)));
    }

    fn leave_out(&self, other: &mut Checked) {
        let project = &other.project;
        other.report.findings.retain(|finding| !self.findings.contains(&Self::finding(project, finding)));
        other.report.unknown.retain(|unknown| !self.unknown.contains(&Self::unknown(project, unknown)));
    }
}

/// What Compose reads only when it is named is rewritten only when it is named.
fn refuse_fixes(other: &mut Checked) {
    let sources = &other.project.docs.sources;
    let own = other.project.files.iter().filter(|file| !other.project.included.contains(file));
    let named: Vec<String> = own.map(|&file| display(&normal(&other.root.join(&sources.file(file).path)))).collect();
    for finding in other.report.findings.iter_mut().filter(|finding| finding.remedy.fix().is_some()) {
        finding.remedy =
            Remedy::Refused(format!("Compose reads these files only when they are named: -f {}", named.join(" -f ")));
    }
}
