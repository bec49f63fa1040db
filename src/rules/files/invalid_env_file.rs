//! The rule `invalid-env-file`.

use crate::compose::model::ProblemKind;
use crate::diagnostic::{Finding, Label, Remedy, Severity, Subject};
use crate::rules::context::Context;

crate::declare_rule! {
    /// Flags a line of an env file that Compose's reader rejects.
    ///
    /// ## Why
    ///
    /// One such line makes Compose refuse the whole project, though a shell or a dotenv library may read the file without complaint.
    ///
    /// ## Bad
    ///
    /// ```dotenv
    /// MAIL FROM=hello@example.com
    /// REDIS_URL=redis://redis:6379/0
    /// ```
    ///
    /// ## Good
    ///
    /// ```dotenv
    /// MAIL_FROM=hello@example.com
    /// REDIS_URL=redis://redis:6379/0
    /// ```
    ///
    /// ## Fix
    ///
    /// None: what was meant cannot be known. While a project has such a fault, nothing in it is rewritten.
    "invalid-env-file", "files", Error, None
}

pub fn check(cx: &Context<'_>, out: &mut Vec<Finding>) {
    for problem in cx.project.problems.iter().filter(|problem| problem.kind == ProblemKind::Env) {
        out.push(Finding {
            rule: META.name,
            severity: Severity::Error,
            subject: Subject::default(),
            message: problem.message.clone(),
            why: "Compose refuses the whole project because of it".to_owned(),
            help: problem.help.clone(),
            primary: Label::new(problem.span, ""),
            related: Vec::new(),
            remedy: Remedy::Manual,
        });
    }
}
