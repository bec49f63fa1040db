//! Which services run: those without a profile, and those with one that is active (compose-go `types/project.go`, `WithProfiles`).

use super::environment::Environment;
use crate::compose::model::{Project, Service};
use crate::compose::value::Entry;

/// The profiles of the command line, else those of `COMPOSE_PROFILES`.
pub fn active(given: &[String], env: &Environment) -> Vec<String> {
    if !given.is_empty() {
        return given.to_vec();
    }
    let listed = env.variables.get("COMPOSE_PROFILES").map(|text| text.value.clone()).unwrap_or_default();
    listed.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Marks the services that run.
pub fn apply(project: &mut Project) {
    let Project { profiles, services, .. } = project;
    let everything = profiles.iter().any(|name| name == "*");
    for service in services.values_mut() {
        let chosen = service.profiles.iter().any(|profile| profiles.contains(&profile.value));
        service.enabled = everything || service.profiles.is_empty() || chosen;
    }
}

/// What a service depends on; what links and shared namespaces imply is among it.
pub fn needed(service: &Service) -> &[Entry] {
    service.value.as_ref().and_then(|value| value.get("depends_on")).map(|all| all.entries()).unwrap_or_default()
}

/// What a service cannot do without and what does not run, because its profile is not active.
pub fn inactive<'a>(project: &'a Project, service: &'a Service) -> Vec<(&'a Entry, &'a Service)> {
    let required = |entry: &&Entry| entry.value.get("required").is_none_or(|required| required.is_true());
    let off = |entry: &'a Entry| Some((entry, project.services.get(&entry.key).filter(|there| !there.enabled)?));
    needed(service).iter().filter(required).filter_map(off).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::path::Path;

    #[test]
    fn the_command_line_replaces_the_variable() {
        let shell = BTreeMap::from([("COMPOSE_PROFILES".to_owned(), " a, b,".to_owned())]);
        let env = Environment::around(&shell, Path::new("."));
        assert_eq!(active(&[], &env), ["a", "b"]);
        assert_eq!(active(&["c".to_owned()], &env), ["c"]);
    }
}
