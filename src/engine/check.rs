//! Runs the rules over a project.

use super::{secrets, unknown};
use crate::compose::model::Project;
use crate::diagnostic::{Finding, Remedy, Report};
use crate::layout::Layout;
use crate::redis::Redis;
use crate::rules::context::{Context, Memo};
use crate::rules::{RULES, Rule};
use crate::secret::Known;

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
    let memo = Memo::default();
    let cx = Context { project, redis: &redis, layout, memo: &memo };
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| selection.takes(rule)) {
        if !project.is_unreadable() || rule.meta.group == "files" {
            (rule.check)(&cx, &mut findings);
        }
    }
    if !project.problems.is_empty() {
        withhold_fixes(&mut findings);
    }
    let order = |finding: &Finding| (finding.primary.span, finding.rule, finding.subject.clone());
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), order(finding)));
    findings.dedup();
    let mut unknown = unknown::of(project, &redis);
    // Nothing is said of a project without either, so there is nothing to hide.
    let silent = findings.is_empty() && unknown.is_empty();
    let known = if silent { Known::default() } else { secrets::of(project) };
    for finding in &mut findings {
        hide(&known, finding);
    }
    for unknown in &mut unknown {
        unknown.reason = known.mask(&unknown.reason);
    }
    Report { findings, suppressed: Vec::new(), unknown, known }
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
