//! The rule `invalid-compose-file`.

use crate::compose::model::{Problem, ProblemKind};
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::platform;
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags what `docker compose config` would reject: YAML that does not parse, and values and names that Compose does not accept.
    ///
    /// ## Why
    ///
    /// Compose stops at the first such fault and starts nothing; it often names neither file nor line.
    ///
    /// ## Bad
    ///
    /// ```yaml
    /// services:
    ///   api:
    ///     image: example/api:1.0
    ///     depends_on: [redis]
    /// ```
    ///
    /// ## Good
    ///
    /// ```yaml
    /// services:
    ///   redis:
    ///     image: redis:7-alpine
    ///   api:
    ///     image: example/api:1.0
    ///     depends_on: [redis]
    /// ```
    ///
    /// ## Fix
    ///
    /// None: what was meant cannot be known. While a project has such a fault, nothing in it is rewritten.
    "invalid-compose-file", "files", Error, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    let wanted = |problem: &&Problem| problem.kind != ProblemKind::Env && !platform::takes(cx.project, problem);
    for problem in cx.project.problems.iter().filter(wanted) {
        out.push(Finding {
            rule: META.name,
            severity: Severity::Error,
            subject: Subject::default(),
            message: problem.message.clone(),
            why: "Compose rejects the file, so nothing of the project starts".to_owned(),
            help: problem.help.clone(),
            primary: Label::new(problem.span, ""),
            related: Vec::new(),
            remedy: Remedy::Manual,
        });
    }
}
