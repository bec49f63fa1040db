//! Frameworks that say by variables of their own what they use Redis for. Where none of these says Redis, the connection that stands
//! beside them may be a default that nobody dials.

use crate::compose::model::Service;

/// Variables that choose what the cache, the sessions, the queue and the like live in (Laravel's `config/*.php`, releases 5 to 12).
const DRIVERS: [&str; 6] =
    ["CACHE_DRIVER", "CACHE_STORE", "SESSION_DRIVER", "QUEUE_CONNECTION", "QUEUE_DRIVER", "BROADCAST_DRIVER"];

/// Why a service may not use Redis at all: all its drivers are something else. `None` where it has none, or one is Redis or not known.
pub(super) fn name_no_redis(service: &Service) -> Option<String> {
    let mut first = None;
    for name in DRIVERS {
        let Some(value) = service.environment.get(name).and_then(|entry| entry.value.as_ref()) else { continue };
        if value.value.is_empty() || value.value.to_ascii_lowercase().contains("redis") {
            return None;
        }
        first.get_or_insert(name);
    }
    first.map(|name| format!("{name} and the other drivers of {} name no Redis, so it may not be used", service.name))
}
