//! Where a value came from and the way it took: `.env:3 → docker-compose.yml:12 ${REDIS_URL}`.

use crate::compose::model::{Documents, EnvEntry, Project, Service};
use crate::compose::trail::{self, By, Step};
use crate::compose::value::Text;
use crate::secret;
use crate::text::span::Span;

/// The way of a text. `None` for what Compose supplies.
pub(super) fn of_text(docs: &Documents, text: &Text) -> Option<String> {
    shown(docs, &trail::of_text(docs, text))
}

/// The way of a variable to its service.
pub(super) fn of_variable(project: &Project, service: &Service, name: &str, entry: &EnvEntry) -> Option<String> {
    let docs = &project.docs;
    let mut steps = entry.value.as_ref().map(|text| trail::of_text(docs, text)).unwrap_or_default();
    let last = steps.last().and_then(|step| step.span).map(|span| docs.sources.place(span));
    if last.is_none_or(|place| place != docs.sources.place(entry.key_span)) {
        steps.push(Step { span: Some(entry.key_span), by: By::Name(name.to_owned()) });
    }
    steps.extend(entry.through.map(|span| Step { span: Some(span), by: By::EnvFile }));
    trail::into_service(project, service, entry.through.unwrap_or(entry.key_span), &mut steps);
    shown(docs, &steps)
}

/// The anchors and `extends` by which what stands at `place` becomes the service's own: nothing where it is written there.
pub(super) fn hops(project: &Project, service: &Service, place: Span) -> Option<String> {
    let mut steps = Vec::new();
    trail::into_service(project, service, place, &mut steps);
    shown(&project.docs, &steps)
}

fn shown(docs: &Documents, steps: &[Step]) -> Option<String> {
    let one = |step: &Step| {
        let place = docs.sources.place(step.span?);
        Some(step.by.sign().map_or(place.clone(), |sign| {
            format!("{place} {}", if matches!(step.by, By::Name(_)) { secret::mask(&sign) } else { sign })
        }))
    };
    let shown: Vec<String> = steps.iter().filter_map(one).collect();
    (!shown.is_empty()).then(|| shown.join(" → "))
}
