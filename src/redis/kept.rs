//! What services keep on the project's servers and under which index, as far as names of variables tell: a cache, which a program empties
//! as a whole, or data that must stay.
//! Sources: redis.md §1.2 (names) and §5 (what empties what), August 2026.

use super::purposes::{self, Purpose};
use super::uses::{Form, RedisUse};
use super::variables::{self, Role};
use super::{Redis, databases};
use crate::compose::model::{Project, Service};
use crate::compose::value::Text;
use databases::Index;
use std::collections::HashMap;

/// What a variable's connection keeps; `None` where the name says nothing, or two things.
pub fn of_name(name: &str) -> Option<Purpose> {
    let found: Vec<Purpose> = purposes::all(name).into_iter().filter(|purpose| *purpose != Purpose::Passing).collect();
    let jobs = |purpose: &Purpose| matches!(purpose, Purpose::Jobs | Purpose::Results);
    let first = *found.first()?;
    (found.iter().all(|purpose| *purpose == first) || found.iter().all(jobs)).then_some(first)
}

/// One kind of data and where it lies.
#[derive(Debug, Clone)]
pub struct Data {
    pub service: String,
    pub variable: String,
    pub purpose: Purpose,
    pub server: String,
    pub index: u32,
    /// The index as it is written, or the value that leaves it out.
    pub text: Text,
}

/// What the services keep on the project's servers, where server and index are known.
pub fn data(project: &Project, redis: &Redis) -> Vec<Data> {
    let mut all = Vec::new();
    let mut told: HashMap<&str, Indexes> = HashMap::new();
    for usage in &redis.uses {
        let service = &project.services[&usage.service];
        let (Some(variable), Some(server)) = (&usage.variable, usage.target.server()) else { continue };
        if let Some(purpose) = of_name(variable)
            && let Some((index, text)) = index(told.entry(&usage.service).or_insert_with(|| indexes(service)), usage)
        {
            all.push(Data {
                service: usage.service.clone(),
                variable: variable.clone(),
                purpose,
                server: server.to_owned(),
                index,
                text,
            });
        }
        if usage.form == Form::Split && variable == "REDIS_HOST" {
            all.extend(laravel(service).into_iter().flatten().map(|(variable, purpose, index, text)| Data {
                service: usage.service.clone(),
                variable,
                purpose,
                server: server.to_owned(),
                index,
                text,
            }));
        }
    }
    all
}

/// The indexes that a service is given in variables of their own, by the group of the variable.
type Indexes = HashMap<String, Option<Text>>;

fn indexes(service: &Service) -> Indexes {
    let named = service.environment.iter().filter_map(|(name, entry)| Some((variables::read(name)?, entry)));
    named.filter(|(named, _)| named.role == Role::Db).map(|(named, entry)| (named.group, entry.value.clone())).collect()
}

/// The index that a connection uses. A URL without one uses 0, unless a variable of the same group says another; where host and index
/// are variables of their own, one that is not there may be the program's own.
fn index(told: &Indexes, usage: &RedisUse) -> Option<(u32, Text)> {
    let endpoint = usage.endpoint.as_ref()?;
    let number = |text: &Text| match databases::read(text) {
        Index::Number(index) => Some((index, text.clone())),
        Index::NotANumber | Index::Unclear => None,
    };
    if let Some(db) = &endpoint.db {
        return number(db);
    }
    if usage.form != Form::Url || !usage.text.missing().is_empty() {
        return None;
    }
    let group = variables::read(usage.variable.as_deref()?).map(|named| named.group);
    match group.and_then(|group| told.get(&group)) {
        Some(text) => number(text.as_ref()?),
        None => Some((0, usage.text.clone())),
    }
}

type Kept = (String, Purpose, u32, Text);

/// Laravel's two connections: `default` for jobs and sessions with `REDIS_DB` (0), `cache` with `REDIS_CACHE_DB` (1). A `REDIS_URL` or
/// a variable that names a connection changes that.
fn laravel(service: &Service) -> Option<[Kept; 2]> {
    let env = |name: &str| service.environment.get(name).and_then(|entry| entry.value.as_ref());
    let is_redis = |name: &str| env(name).is_some_and(|text| text.value == "redis");
    let renamed = ["REDIS_URL", "SESSION_CONNECTION", "REDIS_QUEUE_CONNECTION", "REDIS_CACHE_CONNECTION"];
    let keeps = match () {
        () if is_redis("QUEUE_CONNECTION") || is_redis("QUEUE_DRIVER") => Purpose::Jobs,
        () if is_redis("SESSION_DRIVER") => Purpose::Sessions,
        () => return None,
    };
    let caches = is_redis("CACHE_STORE") || is_redis("CACHE_DRIVER");
    if !caches || renamed.iter().any(|name| service.environment.contains_key(*name)) {
        return None;
    }
    let index = |name: &str, usual: u32| match env(name).map(|text| (databases::read(text), text)) {
        Some((Index::Number(index), text)) => Some((index, Some(text.clone()))),
        Some(_) => None,
        None => Some((usual, None)),
    };
    let (main, cache) = (index("REDIS_DB", 0)?, index("REDIS_CACHE_DB", 1)?);
    let told = main.1.clone().or_else(|| cache.1.clone())?;
    let one = |name: &str, purpose, (index, text): (u32, Option<Text>)| {
        (name.to_owned(), purpose, index, text.unwrap_or_else(|| told.clone()))
    };
    Some([one("REDIS_CACHE_DB", Purpose::Cache, cache), one("REDIS_DB", keeps, main)])
}

/// Whether a service keeps its data apart by a prefix of their keys.
pub fn has_prefix(service: &Service) -> bool {
    service.environment.iter().any(|(name, entry)| {
        let upper = name.to_ascii_uppercase();
        let words: Vec<&str> = upper.split(['_', '.', ':', '-']).collect();
        let prefix = words.iter().any(|word| matches!(*word, "PREFIX" | "KEYPREFIX" | "NAMESPACE"));
        let of_keys = words
            .iter()
            .any(|word| matches!(*word, "REDIS" | "VALKEY" | "KEY" | "KEYS" | "KEYPREFIX") || !purposes::all(word).is_empty());
        prefix && of_keys && entry.value.as_ref().is_some_and(|text| !text.value.is_empty() || !text.missing().is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_is_kept() {
        let cases = [
            ("CACHE_URL", Some(Purpose::Cache)),
            ("LAGO_REDIS_CACHE_URL", Some(Purpose::Cache)),
            ("CELERY_BROKER_URL", Some(Purpose::Jobs)),
            ("CELERY_RESULT_BACKEND", Some(Purpose::Results)),
            ("SESSION_REDIS_URL", Some(Purpose::Sessions)),
            ("QUEUE_BULL_REDIS_HOST", Some(Purpose::Jobs)),
            ("REDIS_URL", None),
            ("CELERY_CACHE_BACKEND", None),
            ("SESSION_CACHE_URL", None),
        ];
        for (name, purpose) in cases {
            assert_eq!(of_name(name), purpose, "{name}");
        }
    }
}
