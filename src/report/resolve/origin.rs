//! Where a value came from and the way it took: `.env:3 → docker-compose.yml:12 ${REDIS_URL}`.

use crate::compose::model::Documents;
use crate::compose::value::Text;

/// The steps of a text in reading order: where it is written, then each reference that carried it. `None` for what Compose supplies.
pub(super) fn of_text(docs: &Documents, text: &Text) -> Option<String> {
    let steps = docs.trail(text);
    (!steps.is_empty()).then(|| {
        let shown = steps.iter().map(|step| {
            let place = docs.sources.place(step.span);
            match &step.through {
                None => place,
                Some(name) => format!("{place} {name}"),
            }
        });
        shown.collect::<Vec<_>>().join(" → ")
    })
}
