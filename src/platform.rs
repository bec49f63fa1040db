//! Platforms that run compose projects in ways of their own, and what in a project's files shows that it is meant for one. Knows what the
//! platforms add to Compose; has no opinion on it.
//!
//! Read in coollabsio/coolify@379abb2526 (2026-08-22: `bootstrap/helpers/parsers.php`, `templates/compose`) and Dokploy/dokploy@772b76821
//! (2026-08-21). A sign is something that means nothing to anybody else; a plain `.env` or a Traefik label is none.

use crate::compose::model::{Problem, Project};
use crate::compose::value::{MAX_DEPTH, Text, Value};
use crate::text::span::Span;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    Coolify,
    Dokploy,
}

impl Platform {
    pub fn name(self) -> &'static str {
        match self {
            Self::Coolify => "Coolify",
            Self::Dokploy => "Dokploy",
        }
    }
}

/// What shows that a project is meant for a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    pub platform: Platform,
    pub span: Span,
    /// What stands there, as the end of a sentence that begins with "by".
    pub what: String,
}

/// Networks that the platforms make and that projects join by name.
const NETWORKS: [(&str, Platform); 2] = [("coolify", Platform::Coolify), ("dokploy-network", Platform::Dokploy)];

/// Keys that Coolify alone reads: of a service, and of a mount in the long form.
const COOLIFY_KEYS: [&str; 2] = ["exclude_from_hc", "is_directory"];

/// The text of a file that Coolify mounts: a key of a mount, and too common a word to be a sign.
const COOLIFY_CONTENT: &str = "content";

/// What Coolify generates under `SERVICE_<KIND>_<NAME>`. The kinds in the second list are words that others use too, so it takes two such
/// variables to show Coolify, and none of the project's files may give them a value.
const COOLIFY_KINDS: [&str; 5] = ["PASSWORD", "PASSWORDWITHSYMBOLS", "FQDN", "BASE64", "REALBASE64"];
const COMMON_KINDS: [&str; 3] = ["URL", "USER", "HEX"];

/// The platform that a project is meant for, as far as its files show.
pub fn of(project: &Project) -> Option<Sign> {
    of_networks(project).or_else(|| of_settings(project)).or_else(|| of_variables(project))
}

/// Whether Compose would reject a key that the project's platform reads itself and takes out.
pub fn takes(project: &Project, problem: &Problem) -> bool {
    let key = project.docs.sources.text(problem.span).trim_matches(['"', '\'']);
    let is_key = COOLIFY_KEYS.contains(&key) || key == COOLIFY_CONTENT;
    is_key && of(project).is_some_and(|sign| sign.platform == Platform::Coolify)
}

/// Whether a variable is one that Coolify generates, going by its name alone.
pub fn is_coolify_variable(name: &str) -> bool {
    kind_of(name).is_some() || name.starts_with("SERVICE_NAME_")
}

/// Whether the kind of the variable is Coolify's alone; `None` for a variable of other origin.
fn kind_of(name: &str) -> Option<bool> {
    let (kind, rest) = name.strip_prefix("SERVICE_")?.split_once('_')?;
    let known = |kinds: &[&str]| !rest.is_empty() && kinds.contains(&kind);
    if known(&COOLIFY_KINDS) { Some(true) } else { known(&COMMON_KINDS).then_some(false) }
}

fn of_networks(project: &Project) -> Option<Sign> {
    project.networks.iter().filter(|(_, network)| network.external).find_map(|(key, network)| {
        let name = network.name.as_deref().unwrap_or(key);
        let (name, platform) = NETWORKS.iter().find(|(own, _)| *own == name)?;
        Some(Sign { platform: *platform, span: network.span, what: format!("the external network {name}") })
    })
}

fn of_settings(project: &Project) -> Option<Sign> {
    let services = project.values.iter().filter_map(|document| document.get("services"));
    services.flat_map(|services| services.entries()).find_map(|service| of_service(&service.value))
}

fn of_service(service: &Value) -> Option<Sign> {
    let coolify = |key: &str, span| Sign { platform: Platform::Coolify, span, what: format!("the key {key}") };
    let own_key = |value: &Value| {
        let entry = value.entries().iter().find(|entry| COOLIFY_KEYS.contains(&entry.key.as_str()))?;
        Some(coolify(&entry.key, entry.key_span))
    };
    let mounts = service.get("volumes").map(|volumes| volumes.items()).unwrap_or_default();
    let of_mounts = || mounts.iter().find_map(|mount| own_key(mount));
    own_key(service).or_else(of_mounts).or_else(|| service.get("labels").and_then(|labels| of_labels(labels)))
}

fn of_labels(labels: &Value) -> Option<Sign> {
    let listed = labels.items().iter().filter_map(|item| {
        let (key, value) = item.text()?.value.split_once('=')?;
        Some((key, value, item.span))
    });
    let mapped = labels.entries().iter().map(|entry| {
        let value = entry.value.text().map(|text| text.value.as_str()).unwrap_or_default();
        (entry.key.as_str(), value, entry.key_span)
    });
    listed.chain(mapped).find_map(|(key, value, span)| {
        if key.starts_with("coolify.") {
            return Some(Sign { platform: Platform::Coolify, span, what: "a label of Coolify's".to_owned() });
        }
        let (name, platform) = NETWORKS.iter().find(|(own, _)| key == "traefik.docker.network" && *own == value)?;
        Some(Sign { platform: *platform, span, what: format!("the label with the network {name}") })
    })
}

fn of_variables(project: &Project) -> Option<Sign> {
    let mut signs = Signs { own: None, common: BTreeSet::new(), first: None };
    for service in project.services.values() {
        let bare = service.environment.iter().filter(|(_, entry)| entry.value.is_none());
        bare.for_each(|(name, entry)| signs.note(name, true, entry.key_span));
        if let Some(value) = &service.value {
            signs.search(value, MAX_DEPTH);
        }
    }
    let enough = signs.common.len() > 1;
    let (name, span) = signs.own.or(signs.first.filter(|_| enough))?;
    Some(Sign { platform: Platform::Coolify, span, what: format!("the variable {name}, which Coolify generates") })
}

/// The variables of Coolify's that were met.
struct Signs {
    own: Option<(String, Span)>,
    common: BTreeSet<String>,
    first: Option<(String, Span)>,
}

impl Signs {
    fn note(&mut self, name: &str, has_no_value: bool, span: Span) {
        match kind_of(name) {
            Some(true) => drop(self.own.get_or_insert((name.to_owned(), span))),
            Some(false) if has_no_value => {
                self.first.get_or_insert((name.to_owned(), span));
                self.common.insert(name.to_owned());
            }
            _ => {}
        }
    }

    fn search(&mut self, value: &Value, depth: usize) {
        if let Some(text) = value.text() {
            self.text(text, value.span);
        }
        if depth > 0 {
            value.items().iter().for_each(|item| self.search(item, depth - 1));
            value.entries().iter().for_each(|entry| self.search(&entry.value, depth - 1));
        }
    }

    fn text(&mut self, text: &Text, span: Span) {
        text.references().iter().for_each(|reference| self.note(reference.name, false, span));
        text.missing().into_iter().for_each(|name| self.note(name, true, span));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::discover::ProjectFiles;
    use crate::compose::load::load;
    use crate::text::source::Sources;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    fn with_api(lines: &str) -> Option<Platform> {
        let text = format!("services:\n  api:\n    image: example/api:1.0\n{lines}");
        let sources = Sources::new(Path::new("/nowhere")).with_overlay([(PathBuf::from("compose.yaml"), Arc::from(text))]);
        of(&load(sources, &ProjectFiles::of_file(Path::new("/nowhere/compose.yaml")))).map(|sign| sign.platform)
    }

    #[test]
    fn signs_of_coolify() {
        for lines in [
            "    environment: ['REDIS_PASSWORD=${SERVICE_PASSWORD_REDIS}']\n",
            "    environment: [SERVICE_FQDN_API_3000]\n",
            "    environment: {KEY: $SERVICE_PASSWORD_64_KEY}\n",
            "    environment: ['U=${SERVICE_USER_API}', 'A=${SERVICE_URL_API}']\n",
            "    labels: ['coolify.managed=true']\n",
            "    labels: {coolify.type: application}\n",
            "networks: {coolify: {external: true}}\n",
            "networks: {shared: {external: true, name: coolify}}\n",
        ] {
            assert_eq!(with_api(lines), Some(Platform::Coolify), "{lines}");
        }
    }

    #[test]
    fn signs_of_dokploy() {
        for lines in
            ["networks: {dokploy-network: {external: true}}\n", "    labels: ['traefik.docker.network=dokploy-network']\n"]
        {
            assert_eq!(with_api(lines), Some(Platform::Dokploy), "{lines}");
        }
    }

    #[test]
    fn what_others_write_too_is_no_sign() {
        for lines in [
            "    environment: ['A=${SERVICE_URL_API}']\n",
            "    environment: ['A=${SERVICE_NAME_API}', 'B=${SERVICE_PASSWORD}']\n",
            "    environment: ['U=${SERVICE_USER_API:-x}', 'A=${SERVICE_URL_API:-y}']\n",
            "    labels: ['traefik.enable=true', 'traefik.docker.network=web']\n",
            "networks: {coolify: {}, web: {external: true}}\n",
        ] {
            assert_eq!(with_api(lines), None, "{lines}");
        }
    }
}
