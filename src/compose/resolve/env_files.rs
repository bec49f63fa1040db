//! What `env_file` gives to each service that runs (compose-go `types/project.go`, `WithServicesEnvironmentResolved`): `environment`
//! wins over it, even with no value.

use super::environment::{self, Environment, Scope};
use crate::compose::faults::Faults;
use crate::compose::model::{EnvEntry, EnvFile, Project};
use crate::compose::value::Text;
use crate::diagnostic::Subject;
use crate::text::source::display;
use indexmap::IndexMap;
use std::path::Path;
use std::sync::Arc;

/// Adds the variables of the env files to the services.
pub fn read(project: &mut Project, env: &Environment, faults: &mut Faults) {
    let names: Vec<String> =
        project.services.values().filter(|service| !service.env_files.is_empty()).map(|s| s.name.clone()).collect();
    for name in names {
        let service = &project.services[&name];
        let files = service.env_files.clone();
        let own: IndexMap<String, Arc<Text>> =
            service.environment.iter().filter_map(|(key, entry)| Some((key.clone(), Arc::new(entry.value.clone()?)))).collect();
        let mut merged: IndexMap<String, EnvEntry> = IndexMap::new();
        for file in &files {
            // References look at the service's own variables, then at what earlier files set.
            let mut seen = own.clone();
            for (key, entry) in &merged {
                if let Some(text) = &entry.value {
                    seen.entry(key.clone()).or_insert_with(|| Arc::new(text.clone()));
                }
            }
            one(project, &name, file, env, &seen, &mut merged, faults);
        }
        let service = &mut project.services[&name];
        merged.extend(std::mem::take(&mut service.environment));
        service.environment = merged;
    }
}

/// Reads one env file of a service; what one that is not there sets is unknown.
fn one(
    project: &mut Project,
    service: &str,
    file: &EnvFile,
    env: &Environment,
    own: &IndexMap<String, Arc<Text>>,
    into: &mut IndexMap<String, EnvEntry>,
    faults: &mut Faults,
) {
    let enabled = project.services[service].enabled;
    let raw = match file.format.as_ref().map(|format| format.value.as_str()) {
        None | Some("") => false,
        Some("raw") => true,
        Some(_) => {
            if enabled && let Some(format) = &file.format {
                let message = format!("an env file of {service} has a format that Compose does not know");
                faults.of_text(
                    format,
                    file.span,
                    message,
                    "The one format that can be named is `raw`; without it Compose's own is read.",
                );
            }
            return;
        }
    };
    let Some(id) = project.docs.sources.load(Path::new(&file.path.value)) else {
        if file.required {
            let path = crate::secret::mask(&display(Path::new(&file.path.value)));
            let reason = format!("the env file {path} is not here, so what it sets is not known");
            faults.unknown.push(crate::diagnostic::Unknown { subject: Subject::service(service), reason, span: Some(file.span) });
        }
        return;
    };
    environment::parse(&mut project.docs, id, raw);
    let read = environment::lines(&project.docs, id, &Scope { project: env, service: Some(own) });
    if enabled {
        project.problems.extend(read.problems);
        project.unknown.extend(read.unknown);
    }
    for (key, value, key_span) in read.values {
        let bare = value.is_none();
        // A bare name that nothing gives a value leaves what was there.
        if !bare || !into.contains_key(&key) {
            into.insert(key, EnvEntry { key_span, value, through: Some(file.span) });
        }
    }
}
