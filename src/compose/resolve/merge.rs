//! One layer over another, by Compose's table (compose-go `override/`): mappings by key, `command`, `entrypoint` and the test of a health
//! check replaced whole, lists joined without doubles. `!reset` drops what was there, `!override` replaces it unmerged.

use crate::compose::model::{Layer, Service};
use indexmap::IndexMap;

/// Puts `over`, which was read from a later file, on `base`.
pub fn service(base: &mut Service, over: Service) {
    let Some(layer) = over.layers.first().cloned() else { return };
    clear(base, &layer);
    base.layers.extend(over.layers);
    replace(&mut base.image, over.image);
    replace(&mut base.build, over.build);
    replace(&mut base.command, over.command);
    replace(&mut base.entrypoint, over.entrypoint);
    base.environment.extend(over.environment);
    base.depends_on.extend(over.depends_on);
    match (&mut base.networks, over.networks) {
        (Some(there), Some(more)) => there.extend(more),
        (there, more) => replace(there, more),
    }
    replace(&mut base.network_mode, over.network_mode);
    base.links.extend(over.links);
    base.external_links.extend(over.external_links);
    base.extra_hosts.extend(over.extra_hosts);
    replace(&mut base.container_name, over.container_name);
    replace(&mut base.hostname, over.hostname);
    match (&mut base.healthcheck, over.healthcheck) {
        (Some(there), Some(more)) => {
            replace(&mut there.test, more.test);
            there.disabled = more.disabled.or(there.disabled);
            there.span = more.span;
        }
        (there, more) => replace(there, more),
    }
    for port in over.ports {
        let same = |p: &crate::compose::model::Port| {
            (&p.host_ip, p.published, p.target, &p.protocol) == (&port.host_ip, port.published, port.target, &port.protocol)
        };
        if !base.ports.iter().any(same) {
            base.ports.push(port);
        }
    }
    for mount in over.volumes {
        base.volumes.retain(|there| there.target != mount.target);
        base.volumes.push(mount);
    }
    base.tmpfs.extend(over.tmpfs);
    replace(&mut base.mem_limit, over.mem_limit);
    replace(&mut base.deploy_limits, over.deploy_limits);
    base.profiles.extend(over.profiles);
    replace(&mut base.restart, over.restart);
}

fn replace<T>(there: &mut Option<T>, new: Option<T>) {
    if new.is_some() {
        *there = new;
    }
}

/// Drops what the later layer marks with `!reset` or `!override` before it is merged.
fn clear(base: &mut Service, layer: &Layer) {
    for entry in layer.value.entries() {
        let tag = entry.value.tag.as_deref();
        if matches!(tag, Some("!reset" | "!override")) {
            clear_key(base, &entry.key);
        }
        // A single entry may be reset too: `environment: {URL: !reset null}`.
        for inner in entry.value.entries() {
            if inner.value.is_reset() {
                match entry.key.as_str() {
                    "environment" => drop(base.environment.shift_remove(&inner.key)),
                    "depends_on" => drop(base.depends_on.shift_remove(&inner.key)),
                    "networks" => drop(base.networks.as_mut().and_then(|networks| networks.shift_remove(&inner.key))),
                    _ => {}
                }
            }
        }
    }
}

fn clear_key(base: &mut Service, key: &str) {
    match key {
        "image" => base.image = None,
        "build" => base.build = None,
        "command" => base.command = None,
        "entrypoint" => base.entrypoint = None,
        "environment" | "env_file" => base.environment = IndexMap::new(),
        "depends_on" => base.depends_on = IndexMap::new(),
        "networks" => base.networks = None,
        "network_mode" => base.network_mode = None,
        "links" => base.links.clear(),
        "extra_hosts" => base.extra_hosts.clear(),
        "container_name" => base.container_name = None,
        "hostname" => base.hostname = None,
        "healthcheck" => base.healthcheck = None,
        "ports" => base.ports.clear(),
        "volumes" => base.volumes.clear(),
        "tmpfs" => base.tmpfs.clear(),
        "mem_limit" => base.mem_limit = None,
        "deploy" => base.deploy_limits = None,
        "profiles" => base.profiles.clear(),
        "restart" => base.restart = None,
        _ => {}
    }
}
