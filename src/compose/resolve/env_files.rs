//! What `env_file` gives to each service that runs (compose-go `types/project.go`, `WithServicesEnvironmentResolved`): `environment`
//! wins over it, even with no value.

use super::environment::{self, Environment, Scope};
use crate::compose::faults::{self, Faults};
use crate::compose::model::{EnvEntry, EnvFile, Project};
use crate::compose::value::Text;
use crate::diagnostic::{Subject, Unknown};
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
        let mut lines: Vec<(String, EnvEntry)> = Vec::new();
        for file in &files {
            // References look at the service's own variables, then at what earlier files set.
            let mut seen = own.clone();
            for (key, entry) in &merged {
                if let Some(text) = &entry.value {
                    seen.entry(key.clone()).or_insert_with(|| Arc::new(text.clone()));
                }
            }
            let read = one(project, &name, file, env, &seen, faults);
            merged.extend(read.iter().cloned());
            lines.extend(read);
        }
        let service = &mut project.services[&name];
        service.env_file_lines = lines;
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
    faults: &mut Faults,
) -> Vec<(String, EnvEntry)> {
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
            return Vec::new();
        }
    };
    let Some(id) = project.docs.sources.load(Path::new(&file.path.value)) else {
        if file.required {
            let path = crate::secret::mask(&display(Path::new(&file.path.value)));
            let reason = format!("the env file {path} is not here, so what it sets is not known");
            let (subject, settled_by) = (Subject::service(service), faults::FILE.to_owned());
            faults.unknown.push(Unknown { subject, reason, settled_by, span: Some(file.span) });
        }
        return Vec::new();
    };
    environment::parse(&mut project.docs, id, raw);
    let read = environment::lines(&project.docs, id, &Scope { project: env, service: Some(own) });
    if enabled {
        project.problems.extend(read.problems);
        project.unknown.extend(read.unknown);
    }
    // A bare name that nothing gives a value is not there; it leaves what an earlier file said.
    let given = read.values.into_iter().filter(|(_, value, _)| value.is_some());
    given.map(|(key, value, key_span)| (key, EnvEntry { key_span, value, through: Some(file.span) })).collect()
}

#[cfg(test)]
mod tests {
    use crate::compose::discover::ProjectFiles;
    use crate::compose::load::load;
    use crate::text::source::Sources;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    /// The variables of the service `a`, which `service` describes.
    fn variables(service: &str, files: &[(&str, &str)]) -> String {
        let compose = format!("services: {{a: {{image: x, {service}}}}}\n");
        let texts = files.iter().copied().chain([("compose.yaml", compose.as_str())]);
        let sources =
            Sources::new(Path::new("/nowhere")).with_overlay(texts.map(|(path, text)| (PathBuf::from(path), Arc::from(text))));
        let project = load(sources, &ProjectFiles::of_file(Path::new("/nowhere/compose.yaml")));
        let one =
            |(key, entry): (&String, &super::EnvEntry)| format!("{key}={}", entry.value.as_ref().map_or("-", |text| &text.value));
        project.services["a"].environment.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn later_files_win_and_environment_over_them() {
        let files = [("a.env", "A=1\nB=1\nC=1\n"), ("b.env", "B=2\nC=2\n")];
        assert_eq!(variables("env_file: [a.env, b.env], environment: {C: '3', A: null}", &files), "A=- B=2 C=3");
    }

    #[test]
    fn references_see_the_project_the_service_and_earlier_files() {
        let files = [(".env", "P=p\n"), ("a.env", "A=a\n"), ("b.env", "B=${P}${S}${A}\n")];
        assert_eq!(variables("env_file: [a.env, b.env], environment: {S: s}", &files), "A=a B=psa S=s");
    }

    #[test]
    fn the_raw_format_takes_values_as_they_are() {
        let files = [("a.env", "A='$x' # y\n")];
        assert_eq!(variables("env_file: [{path: a.env, format: raw}]", &files), "A='$x' # y");
    }
}
