//! What a service keeps in a Redis, by the names of the variables that lead there: jobs, a cache, sessions, results of jobs. Words of names
//! as the clients and frameworks of redis.md §1.2 use them, August 2026.

use super::uses::RedisUse;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    Cache,
    Jobs,
    /// Results of jobs, which somebody fetches.
    Results,
    Sessions,
    /// What may be lost as well: limits of rates, messages that nobody waits for.
    Passing,
    /// The name does not tell.
    Unsaid,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        match self {
            Self::Cache => "a cache",
            Self::Jobs => "jobs",
            Self::Results => "results of jobs",
            Self::Sessions => "sessions of users",
            Self::Passing | Self::Unsaid => "data",
        }
    }
}

/// Words that tell, the stronger ones first: `CELERY_RESULT_BACKEND` holds no jobs.
const WORDS: [(&str, Purpose); 35] = [
    ("RESULT", Purpose::Results),
    ("RESULTS", Purpose::Results),
    ("CACHE", Purpose::Cache),
    ("CACHES", Purpose::Cache),
    ("CACHING", Purpose::Cache),
    ("RATE", Purpose::Passing),
    ("RATELIMIT", Purpose::Passing),
    ("THROTTLE", Purpose::Passing),
    ("LIMITER", Purpose::Passing),
    ("SOCKETIO", Purpose::Passing),
    ("CABLE", Purpose::Passing),
    ("PUBSUB", Purpose::Passing),
    ("CHANNELS", Purpose::Passing),
    ("SESSION", Purpose::Sessions),
    ("SESSIONS", Purpose::Sessions),
    ("BROKER", Purpose::Jobs),
    ("QUEUE", Purpose::Jobs),
    ("QUEUES", Purpose::Jobs),
    ("JOB", Purpose::Jobs),
    ("JOBS", Purpose::Jobs),
    ("TASK", Purpose::Jobs),
    ("TASKS", Purpose::Jobs),
    ("WORKER", Purpose::Jobs),
    ("WORKERS", Purpose::Jobs),
    ("CELERY", Purpose::Jobs),
    ("BULL", Purpose::Jobs),
    ("BULLMQ", Purpose::Jobs),
    ("RQ", Purpose::Jobs),
    ("SIDEKIQ", Purpose::Jobs),
    ("RESQUE", Purpose::Jobs),
    ("DRAMATIQ", Purpose::Jobs),
    ("HUEY", Purpose::Jobs),
    ("ARQ", Purpose::Jobs),
    ("TASKIQ", Purpose::Jobs),
    ("HORIZON", Purpose::Jobs),
];

/// What the Redis is for that a variable leads to.
pub fn purpose(variable: &str) -> Purpose {
    all(variable).first().copied().unwrap_or(Purpose::Unsaid)
}

/// All that the words of a name tell, the stronger ones first.
pub fn all(variable: &str) -> Vec<Purpose> {
    let upper = variable.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(['_', '.', ':', '-']).collect();
    WORDS.iter().filter(|(word, _)| words.contains(word)).map(|(_, purpose)| *purpose).collect()
}

/// Whether a service that keeps `wanted` in Redis keeps it in `server`: where a variable is named after it, that one decides; otherwise
/// the only place that the variables without a telling name lead to.
pub fn is_kept_in(uses: &[&RedisUse], wanted: Purpose, server: &str) -> bool {
    let of = |kind: Purpose| {
        let own = uses.iter().filter(move |usage| usage.variable.as_deref().map_or(Purpose::Unsaid, purpose) == kind);
        own.map(|usage| usage.target.server()).collect::<BTreeSet<Option<&str>>>()
    };
    let named = of(wanted);
    if !named.is_empty() {
        return named.contains(&Some(server));
    }
    let plain = of(Purpose::Unsaid);
    plain.len() == 1 && plain.contains(&Some(server))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_is_kept() {
        for (name, wanted) in [
            ("CELERY_BROKER_URL", Purpose::Jobs),
            ("CELERY_RESULT_BACKEND", Purpose::Results),
            ("AIRFLOW__CELERY__BROKER_URL", Purpose::Jobs),
            ("QUEUE_BULL_REDIS_HOST", Purpose::Jobs),
            ("REDIS_QUEUE", Purpose::Jobs),
            ("CACHE_REDIS_HOST", Purpose::Cache),
            ("REDIS_SESSION_URL", Purpose::Sessions),
            ("REDIS_URL", Purpose::Unsaid),
            ("REDIS_HOST", Purpose::Unsaid),
        ] {
            assert_eq!(purpose(name), wanted, "{name}");
        }
    }
}
