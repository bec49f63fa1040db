//! The report for people: to be written; the signature stands.

use super::{ProjectReport, Style};

/// All findings, and at the end a summary and `next`, the line that says what to run next.
pub fn render(projects: &[ProjectReport], style: &Style, next: Option<&str>) -> String {
    let _ = next;
    super::concise::render(projects, style)
}
