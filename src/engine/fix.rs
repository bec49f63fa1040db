//! Applies fixes in rounds: choose, join, verify, apply in memory, look again; until nothing is left to do. `check --fix` and `migrate`
//! are the same rounds with different policies. Nothing here is written to disk.

use super::check::{Selection, check};
use super::overlays;
use super::{complete, verify};
use crate::compose::discover::ProjectFiles;
use crate::compose::load::load;
use crate::compose::model::Project;
use crate::diagnostic::{Applicability, Change, Fix, Remedy, Report, Subject, Touch};
use crate::layout::Layout;
use crate::redis::Redis;
use crate::redis::uses::RedisUse;
use crate::rules::connection::{self, external_redis_url, localhost_redis_url, unknown_redis_host};
use crate::rules::context::{Context, Memo};
use crate::rules::ignores::Ignores;
use crate::rules::service::missing_redis_service;
use crate::text::edit::{Edit, Patch};
use crate::text::source::Sources;
use crate::text::span::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// More rounds than this would mean that two fixes undo each other.
const MAX_ROUNDS: usize = 32;

/// Which fixes are applied.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub selection: Selection,
    /// Fixes up to this one.
    pub up_to: Applicability,
    /// Completes an existing Redis service by the layout.
    pub complete: bool,
}

/// One fix that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub rule: Option<&'static str>,
    pub title: String,
    pub caveat: Option<String>,
    pub applicability: Applicability,
    /// The files that it changes, relative to the project root.
    pub files: Vec<PathBuf>,
}

/// What one file was and what it has become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    pub path: PathBuf,
    /// `None` for a new file.
    pub before: Option<Arc<str>>,
    pub after: Arc<str>,
}

/// The result of the rounds.
#[derive(Debug)]
pub struct Outcome {
    pub files: Vec<Rewritten>,
    pub applied: Vec<Applied>,
    /// Fixes that verification turned down: title and reason.
    pub refused: Vec<(String, String)>,
    /// Connections that could not be decided before the first round, and why.
    pub kept: BTreeMap<Subject, String>,
    /// The project as it would be, and what would still be found in it.
    pub project: Project,
    pub report: Report,
}

/// The files that are rewritten, and those beside them that must not suffer by it.
struct Ground<'a> {
    files: &'a ProjectFiles,
    overlays: &'a [ProjectFiles],
    layout: &'a Layout,
}

/// The rule whose fix adds a Redis.
const NEW_SERVICE: &str = missing_redis_service::META.name;

/// Whether the fix of a rule leads connections to a Redis, or adds the one that they are led to.
fn leads(rule: &str) -> bool {
    let leading = [external_redis_url::META, localhost_redis_url::META, unknown_redis_host::META];
    rule == NEW_SERVICE || leading.iter().any(|meta| meta.name == rule)
}

struct Candidate {
    rule: Option<&'static str>,
    subject: Subject,
    fix: Fix,
}

/// Runs the rounds over the project that `files` make. A service that would be led to a Redis it cannot reach keeps its connection: then
/// the rounds are run again without it.
pub fn run(files: &ProjectFiles, sources: &Sources, layout: &Layout, policy: &Policy) -> Outcome {
    let project = load(sources.clone(), files);
    let report = check(&project, layout, &policy.selection);
    let overlays = overlays::of(files, &project);
    let files = &Ground { files, overlays: &overlays, layout };
    let mut frozen = undecided(&report);
    let unreachable = |report: &Report| -> BTreeSet<String> {
        let findings = report.findings.iter().filter(|finding| finding.rule == "no-shared-network");
        findings.filter_map(|finding| finding.subject.service.clone()).collect()
    };
    let known = unreachable(&report);
    let again = |frozen: &BTreeSet<Subject>| {
        let project = load(sources.clone(), files.files);
        let report = check(&project, layout, &policy.selection);
        rounds(project, report, files, layout, policy, frozen)
    };
    let mut outcome = rounds(project, report.clone(), files, layout, policy, &frozen);
    // With some rules only, the others may lead services to it later.
    let all_rules = policy.selection.select.is_empty() && policy.selection.ignore.is_empty();
    let added = outcome.applied.iter().any(|applied| applied.rule == Some(NEW_SERVICE));
    if all_rules && added && is_unused(&outcome.project, layout) {
        // Every connection was turned down after all.
        frozen.insert(Subject::default());
        outcome = again(&frozen);
    }
    for _ in 0..MAX_ROUNDS {
        let stranded: BTreeSet<String> = unreachable(&outcome.report).difference(&known).cloned().collect();
        if stranded.is_empty() {
            break;
        }
        let more = connections_of(&load(sources.clone(), files.files), layout, &stranded);
        if more.is_subset(&frozen) {
            break;
        }
        frozen.extend(more);
        outcome = again(&frozen);
    }
    outcome.kept = kept(&report, &frozen);
    outcome
}

/// Whether the service that was added has no user.
fn is_unused(project: &Project, layout: &Layout) -> bool {
    Redis::read(project).users_of(layout.service_name()).is_empty()
}

/// Why connections stay as they are, by subject.
fn kept(report: &Report, frozen: &BTreeSet<Subject>) -> BTreeMap<Subject, String> {
    let mut out = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| frozen.contains(&finding.subject)) {
        if let Remedy::Refused(reason) = &finding.remedy {
            out.insert(finding.subject.clone(), reason.clone());
        }
    }
    for unknown in report.unknown.iter().filter(|unknown| frozen.contains(&unknown.subject)) {
        out.entry(unknown.subject.clone()).or_insert_with(|| unknown.reason.clone());
    }
    out
}

/// The subjects of the findings about the connections of these services.
fn connections_of(project: &Project, layout: &Layout, services: &BTreeSet<String>) -> BTreeSet<Subject> {
    in_context(project, layout, |cx| {
        let groups = connection::groups(cx, |_| true);
        let concerned = groups.iter().filter(|group| group.services().iter().any(|service| services.contains(*service)));
        concerned.map(connection::Group::subject).collect()
    })
}

/// Looks at a project as the rules do.
fn in_context<T>(project: &Project, layout: &Layout, look: impl FnOnce(&Context<'_>) -> T) -> T {
    let (redis, ignores, memo) = (Redis::read(project), Ignores::read(project), Memo::default());
    look(&Context { project, redis: &redis, layout, ignores: &ignores, memo: &memo })
}

/// Runs the rounds from a project and what was found in it.
fn rounds(
    mut project: Project,
    mut report: Report,
    files: &Ground<'_>,
    layout: &Layout,
    policy: &Policy,
    frozen: &BTreeSet<Subject>,
) -> Outcome {
    let mut originals: BTreeMap<PathBuf, Option<Arc<str>>> = BTreeMap::new();
    let mut applied = Vec::new();
    let mut turned_down: BTreeMap<String, String> = BTreeMap::new();
    // What a fix takes out of the project is as secret as before.
    let known = report.known.clone();
    for _ in 0..MAX_ROUNDS {
        let idle = is_idle(&project, layout, frozen);
        let candidates: Vec<Candidate> = candidates(&project, &report, layout, policy)
            .into_iter()
            .filter(|candidate| !turned_down.contains_key(&candidate.fix.title))
            .filter(|candidate| !(candidate.rule.is_some_and(leads) && frozen.contains(&candidate.subject)))
            .filter(|candidate| !(idle && candidate.rule == Some(NEW_SERVICE)))
            .collect();
        let Some((next, taken)) = take(&project, files, candidates, &mut turned_down) else { break };
        for (path, before) in touched(&project, &next) {
            originals.entry(path).or_insert(before);
        }
        applied.extend(taken.into_iter().map(|candidate| described(&project, candidate)));
        project = next;
        report = check(&project, layout, &policy.selection);
    }
    report.known.join(&known);
    let files = rewritten(&project, originals);
    let mut seen = BTreeSet::new();
    applied.retain(|one: &Applied| seen.insert((one.title.clone(), one.files.clone())));
    Outcome { files, applied, refused: turned_down.into_iter().collect(), kept: BTreeMap::new(), project, report }
}

/// Whether a new Redis would have nobody to serve: every connection that could be led to it stays as it is.
fn is_idle(project: &Project, layout: &Layout, frozen: &BTreeSet<Subject>) -> bool {
    if frozen.is_empty() || project.is_unreadable() {
        return false;
    }
    let subject = |usage: &RedisUse| Subject {
        service: Some(usage.service.clone()),
        variable: usage.variable.clone(),
        ..Subject::default()
    };
    in_context(project, layout, |cx| {
        let mut astray = cx.redis.uses.iter().filter(|usage| cx.is_astray(usage));
        astray.all(|usage| frozen.contains(&subject(usage)))
    })
}

/// The connections that could not be judged or led anywhere before the first round. They stay as they are: a Redis that a fix adds does
/// not answer the question that they leave open.
fn undecided(report: &Report) -> BTreeSet<Subject> {
    let connections = || report.findings.iter().filter(|finding| leads(finding.rule) && finding.subject.variable.is_some());
    let refused = connections().filter(|finding| finding.remedy.fix().is_none());
    let mut out: BTreeSet<Subject> = refused.map(|finding| finding.subject.clone()).collect();
    let unknown = report.unknown.iter().filter(|unknown| unknown.subject.variable.is_some());
    out.extend(unknown.map(|unknown| unknown.subject.clone()));
    // A name that nobody has yet is decided by the service that is added.
    out.retain(|subject| !connections().any(|finding| finding.subject == *subject && finding.remedy.fix().is_some()));
    out
}

/// The fixes that the policy allows, those of findings first.
fn candidates(project: &Project, report: &Report, layout: &Layout, policy: &Policy) -> Vec<Candidate> {
    let allowed = |fix: &Fix| fix.applicability <= policy.up_to;
    let mut out: Vec<Candidate> = report
        .findings
        .iter()
        .filter_map(|finding| {
            Some(Candidate {
                rule: Some(finding.rule),
                subject: finding.subject.clone(),
                fix: finding.remedy.fix().filter(|fix| allowed(fix))?.clone(),
            })
        })
        .collect();
    if policy.complete && project.problems.is_empty() {
        let fixes = in_context(project, layout, complete::fixes);
        out.extend(fixes.into_iter().map(|fix| Candidate { rule: None, subject: Subject::default(), fix }));
    }
    out
}

/// Applies as many of the candidates at once as go together; `None` when none is left.
fn take(
    project: &Project,
    files: &Ground<'_>,
    candidates: Vec<Candidate>,
    turned_down: &mut BTreeMap<String, String>,
) -> Option<(Project, Vec<Candidate>)> {
    let joined = join(candidates);
    if joined.is_empty() {
        return None;
    }
    if let Ok(next) = apply(project, files, &joined) {
        return Some((next, joined));
    }
    let mut good = sound(project, files, joined, turned_down);
    if good.is_empty() {
        return None;
    }
    if let Ok(next) = apply(project, files, &good) {
        return Some((next, good));
    }
    // They are fine alone and not together: half of them this round, the rest in the next ones.
    while good.len() > 1 {
        good.truncate(good.len().div_ceil(2));
        if let Ok(next) = apply(project, files, &good) {
            return Some((next, good));
        }
    }
    apply(project, files, &good).ok().map(|next| (next, good))
}

/// The candidates that can be applied, found by halves; the others are turned down with the reason.
fn sound(
    project: &Project,
    files: &Ground<'_>,
    mut candidates: Vec<Candidate>,
    turned_down: &mut BTreeMap<String, String>,
) -> Vec<Candidate> {
    match apply(project, files, &candidates) {
        Ok(_) => candidates,
        Err(reason) if candidates.len() == 1 => {
            turned_down.insert(candidates.remove(0).fix.title, reason);
            Vec::new()
        }
        Err(_) => {
            let rest = candidates.split_off(candidates.len() / 2);
            let mut good = sound(project, files, candidates, turned_down);
            good.extend(sound(project, files, rest, turned_down));
            good
        }
    }
}

/// The candidates whose edits do not get in each other's way; the others wait for the next round.
fn join(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut patch = Patch::default();
    let mut names: BTreeSet<PathBuf> = BTreeSet::new();
    // What is opened at one point (`volumes:` at the end of the file) may be opened once.
    let mut opened: BTreeMap<(Span, u32, String), String> = BTreeMap::new();
    let mut out = Vec::new();
    for candidate in candidates {
        let Change { edits, new_files, .. } = &candidate.fix.change;
        let openings: Vec<_> = edits.iter().filter_map(opening).collect();
        let twice = openings.iter().any(|(key, text)| opened.get(key).is_some_and(|other| other != text));
        let is_new = new_files.iter().all(|(path, _)| !names.contains(path));
        if !twice && is_new && patch.join(edits).is_ok() {
            names.extend(new_files.iter().map(|(path, _)| path.clone()));
            opened.extend(openings);
            out.push(candidate);
        }
    }
    out
}

/// The key that an insertion opens: where, how deep, and which.
fn opening(edit: &Edit) -> Option<((Span, u32, String), String)> {
    let key = edit.text.trim_start().lines().next()?.split(':').next()?.trim().to_owned();
    let opens = edit.span.is_empty() && edit.text.contains(':');
    opens.then(|| ((edit.span, edit.indent, key), edit.text.clone()))
}

/// The project with these fixes applied in memory, once both parsers agree on what has changed.
fn apply(project: &Project, files: &Ground<'_>, candidates: &[Candidate]) -> Result<Project, String> {
    let mut patch = Patch::default();
    let mut touches: Vec<Touch> = Vec::new();
    let mut texts: Vec<(PathBuf, Arc<str>)> = Vec::new();
    for Candidate { fix, .. } in candidates {
        let Change { edits, new_files, touches: more } = &fix.change;
        patch.join(edits).map_err(|_| "two edits want the same place".to_owned())?;
        touches.extend(more.iter().cloned());
        for (path, text) in new_files {
            if project.docs.sources.exists(path) {
                return Err(format!("{} is there already", path.display()));
            }
            texts.push((path.clone(), Arc::from(text.as_str())));
        }
    }
    verify::verify(&project.docs, &patch, &touches)?;
    for (file, _) in patch.files() {
        let source = project.docs.sources.file(file);
        texts.push((source.path.clone(), Arc::from(patch.apply(file, &source.text))));
    }
    let next = load(project.docs.sources.with_overlay(texts), files.files);
    match next.problems.first() {
        Some(problem) => Err(format!("Compose would reject the result: {}", problem.message)),
        None => verify::resolved(project, &next)
            .and_then(|()| first_alone(project, &next, files.files))
            .and_then(|()| overlays::stand(project, &next, files.overlays, files.layout))
            .map(|()| next),
    }
}

/// A first file that Compose accepted without the override must still be accepted: that is how many projects are deployed.
fn first_alone(before: &Project, after: &Project, files: &ProjectFiles) -> Result<(), String> {
    let [first, _, ..] = files.compose.as_slice() else { return Ok(()) };
    let alone = ProjectFiles { compose: vec![first.clone()], ..files.clone() };
    let problems = |project: &Project| load(project.docs.sources.with_overlay([]), &alone).problems;
    match problems(after).first() {
        Some(problem) if problems(before).is_empty() => {
            Err(format!("{} would no longer stand without its override: {}", first.display(), problem.message))
        }
        _ => Ok(()),
    }
}

/// The files that differ between two rounds, with what they were.
fn touched(before: &Project, after: &Project) -> Vec<(PathBuf, Option<Arc<str>>)> {
    let overlay = after.docs.sources.overlay();
    let changed = overlay.iter().filter_map(|(path, text)| {
        let old = before.docs.sources.find(path).map(|file| before.docs.sources.file(file).text.clone());
        (old.as_deref() != Some(&**text)).then(|| (path.clone(), old))
    });
    changed.collect()
}

fn rewritten(project: &Project, originals: BTreeMap<PathBuf, Option<Arc<str>>>) -> Vec<Rewritten> {
    let overlay = project.docs.sources.overlay();
    let changed = originals.into_iter().filter_map(|(path, before)| {
        let after = overlay.get(&path)?.clone();
        (before.as_deref() != Some(&*after)).then_some(Rewritten { path, before, after })
    });
    changed.collect()
}

fn described(project: &Project, candidate: Candidate) -> Applied {
    let Fix { title, applicability, caveat, change } = candidate.fix;
    let mut files: Vec<PathBuf> = Vec::new();
    let edited = change.edits.iter().map(|edit| project.docs.sources.file(edit.span.file).path.clone());
    for path in edited.chain(change.new_files.into_iter().map(|(path, _)| path)) {
        if !files.contains(&path) {
            files.push(path);
        }
    }
    Applied { rule: candidate.rule, title, caveat, applicability, files }
}
