//! Whether files are meant for `docker stack deploy` (Swarm) rather than `docker compose`. It takes `depends_on` as a list only, and ignores
//! it: containers start in any order, again and again (docker/cli#3880; "Compose file version 3 reference", deploy).

use super::model::Project;
use super::value::Value;

/// Keys of `deploy` that only Swarm acts on.
const SWARM_KEYS: [&str; 4] = ["placement", "update_config", "rollback_config", "endpoint_mode"];

/// Whether the project shows that it is deployed to a swarm: by its file's name, an overlay network, or settings of `deploy`.
pub fn is_meant(project: &Project) -> bool {
    let named = project.files.iter().any(|&file| {
        let path = &project.docs.sources.file(file).path;
        let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        name.split(['.', '-', '_']).any(|word| matches!(word, "swarm" | "stack"))
    });
    let text_of = |value: &Value, key: &str| value.get(key).and_then(|value| value.text()).map(|text| text.value.clone());
    let overlay = project.values.iter().filter_map(|value| value.get("networks")).any(|networks| {
        networks.entries().iter().any(|network| text_of(&network.value, "driver").is_some_and(|driver| driver == "overlay"))
    });
    let deployed = project.services.values().flat_map(|service| &service.layers).any(|layer| {
        layer.value.get("deploy").is_some_and(|deploy| {
            SWARM_KEYS.iter().any(|key| deploy.get(key).is_some()) || text_of(deploy, "mode").is_some_and(|mode| mode == "global")
        })
    });
    named || overlay || deployed
}
