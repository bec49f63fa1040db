//! Runs the rules over a project.

use super::{secrets, unknown};
use crate::compose::model::Project;
use crate::diagnostic::{Finding, Remedy, Report, Severity};
use crate::layout::Layout;
use crate::redis::Redis;
use crate::rules::context::{Context, Memo};
use crate::rules::editor::list;
use crate::rules::files::unused_ignore;
use crate::rules::ignores::Ignores;
use crate::rules::{self, RULES, Rule};
use crate::secret::Known;
use crate::text::span::Span;
use indexmap::IndexMap;
use indexmap::map::Entry;

/// Which rules run: all, or those of `select`, without those of `ignore`.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    pub select: Vec<String>,
    pub ignore: Vec<String>,
}

impl Selection {
    fn takes(&self, rule: &Rule) -> bool {
        let named = |names: &[String]| names.iter().any(|name| name == rule.meta.name);
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }
}

/// All that the rules find, most severe first within a file's order kept by the report.
pub fn check(project: &Project, layout: &Layout, selection: &Selection) -> Report {
    let redis = if project.is_unreadable() { Redis::default() } else { Redis::read(project) };
    let (memo, ignores) = (Memo::default(), Ignores::read(project));
    let cx = Context { project, redis: &redis, layout, ignores: &ignores, memo: &memo };
    let (mut findings, mut suppressed) = findings(&cx, selection);
    if !project.problems.is_empty() {
        withhold_fixes(&mut findings);
    }
    findings.sort_by_cached_key(|finding| {
        (std::cmp::Reverse(finding.severity), finding.primary.span, finding.rule, finding.subject.clone())
    });
    findings.dedup();
    let mut unknown = unknown::of(project, &redis);
    // Nothing is said of a project without either, so there is nothing to hide.
    let silent = findings.is_empty() && suppressed.is_empty() && unknown.is_empty();
    let known = if silent { Known::default() } else { secrets::of(project) };
    for finding in findings.iter_mut().chain(&mut suppressed) {
        hide(&known, finding);
    }
    for unknown in &mut unknown {
        unknown.reason = known.mask(&unknown.reason);
    }
    Report { findings, suppressed, unknown, known }
}

/// What the rules of the selection find, and what comments silence of it.
fn findings(cx: &Context<'_>, selection: &Selection) -> (Vec<Finding>, Vec<Finding>) {
    let is_last = |rule: &&Rule| rule.meta.name == unused_ignore::META.name;
    let judges_ignores = RULES.iter().any(|rule| is_last(&rule) && selection.takes(rule));
    // Whether a comment silences anything shows only if its rule runs, selected or not.
    let wanted = |rule: &&Rule| selection.takes(rule) || (judges_ignores && cx.ignores.name(rule.meta.name));
    let readable = |rule: &&Rule| !cx.project.is_unreadable() || rule.meta.group == "files";
    let (last, first): (Vec<&Rule>, Vec<&Rule>) = RULES.iter().filter(wanted).filter(readable).partition(is_last);
    let mut found = Vec::new();
    for rule in first.into_iter().chain(last) {
        (rule.check)(cx, &mut found);
    }
    found.retain(|finding| rules::find(finding.rule).is_some_and(|rule| selection.takes(rule)));
    keep_ignored(cx, &mut found);
    told_once(found).into_iter().partition(|finding| cx.ignores.silencing(finding).is_empty())
}

/// Where a comment silences a finding for one of several places that read one value, the value stays as it is.
fn keep_ignored(cx: &Context<'_>, found: &mut [Finding]) {
    if cx.ignores.all.is_empty() {
        return;
    }
    for finding in found.iter_mut().filter(|finding| finding.remedy.fix().is_some()) {
        let about = cx.ignores.about(finding);
        if let Some(&first) = about.first() {
            let place = cx.place(cx.ignores.all[first].comment);
            finding.remedy = Remedy::Refused(format!("a comment at {place} keeps it as it is"));
        }
    }
}

/// What one place (a block behind an anchor) is to several services is one fault: the first finding names the others.
fn told_once(found: Vec<Finding>) -> Vec<Finding> {
    let mut places: IndexMap<(&str, Span, Severity), (Finding, Vec<String>)> = IndexMap::new();
    let mut out = Vec::new();
    for finding in found {
        let Some(service) = finding.subject.service.clone().filter(|_| !finding.primary.span.is_empty()) else {
            out.push(finding);
            continue;
        };
        match places.entry((finding.rule, finding.primary.span, finding.severity)) {
            Entry::Vacant(place) => {
                place.insert((finding, Vec::new()));
            }
            Entry::Occupied(mut place) => {
                let (first, others) = place.get_mut();
                if first.subject.service.as_ref() == Some(&service) || first.subject.variable != finding.subject.variable {
                    out.push(finding);
                    continue;
                }
                if first.remedy.fix().is_none() && finding.remedy.fix().is_some() {
                    first.remedy = finding.remedy;
                }
                others.push(service);
            }
        }
    }
    out.extend(places.into_values().map(|(mut finding, others)| {
        if !others.is_empty() {
            let names: Vec<&str> = others.iter().map(String::as_str).collect();
            finding.message = format!("{}; the same holds for {}", finding.message, list(&names));
        }
        finding
    }));
    out
}

/// Hides known secrets in what a finding says.
fn hide(known: &Known, finding: &mut Finding) {
    let said = [&mut finding.message, &mut finding.why, &mut finding.help, &mut finding.primary.message];
    let labels = finding.related.iter_mut().map(|label| &mut label.message);
    let remedy = match &mut finding.remedy {
        Remedy::Fix(fix) => [Some(&mut fix.title), fix.caveat.as_mut()],
        Remedy::Refused(reason) => [Some(reason), None],
        Remedy::Manual => [None, None],
    };
    for text in said.into_iter().chain(labels).chain(remedy.into_iter().flatten()) {
        *text = known.mask(text);
    }
}

/// A project that Compose rejects is not rewritten: what it means is not certain.
fn withhold_fixes(findings: &mut [Finding]) {
    for finding in findings {
        if finding.remedy.fix().is_some() {
            finding.remedy = Remedy::Refused("Compose rejects the project as it is; mend that first".to_owned());
        }
    }
}
