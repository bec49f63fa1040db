//! Paths of the host made absolute (compose-go `paths/`): they count from the project directory, or from that of the included or
//! extended file which holds them.

use super::tree;
use crate::compose::value::{Kind, Type, Value};
use crate::text::source::{display, normal};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The document with the paths of its mounts and env files counted from `dir`. Those of mounts become absolute; those of env files
/// stay relative to `root` where they lie below it.
pub fn document(model: &Arc<Value>, root: &Path, dir: &Path) -> Arc<Value> {
    tree::map(model, |section, value| match section {
        "services" => tree::map(value, |_, service| self::service(service, root, dir)),
        "volumes" => tree::map(value, |_, volume| bound(volume, root, dir)),
        _ => value.clone(),
    })
}

/// A service with its paths counted from `dir`.
pub fn service(service: &Arc<Value>, root: &Path, dir: &Path) -> Arc<Value> {
    tree::map(service, |key, value| match key {
        "volumes" => tree::map(value, |_, mount| {
            let is_bind = mount.get("type").and_then(|kind| kind.text()).is_some_and(|kind| kind.value == "bind");
            if !is_bind {
                return mount.clone();
            }
            tree::map(
                mount,
                |key, value| if key == "source" { rewritten(value, |path| on_host(path, root, dir)) } else { value.clone() },
            )
        }),
        "env_file" => tree::map(value, |_, file| {
            tree::map(
                file,
                |key, value| if key == "path" { rewritten(value, |path| in_project(path, dir)) } else { value.clone() },
            )
        }),
        "extends" => tree::map(
            value,
            |key, value| {
                if key == "file" { rewritten(value, |path| in_project(path, dir)) } else { value.clone() }
            },
        ),
        _ => value.clone(),
    })
}

/// A local volume that is a bind mount by its options.
fn bound(volume: &Arc<Value>, root: &Path, dir: &Path) -> Arc<Value> {
    let option = |options: &Value, key: &str| options.get(key).and_then(|value| value.text()).map(|text| text.value.clone());
    let is_local = option(volume, "driver").is_none_or(|driver| driver == "local");
    tree::map(volume, |key, options| {
        let binds = option(options, "o").is_some_and(|o| o == "bind");
        if key != "driver_opts" || !is_local || !binds {
            return options.clone();
        }
        tree::map(
            options,
            |key, value| if key == "device" { rewritten(value, |path| on_host(path, root, dir)) } else { value.clone() },
        )
    })
}

fn rewritten(value: &Arc<Value>, change: impl Fn(&str) -> String) -> Arc<Value> {
    match &value.kind {
        Kind::Scalar(text, Type::Str) => {
            let changed = change(&text.value);
            if changed == text.value { value.clone() } else { value.with(Kind::Scalar(text.rewritten(changed), Type::Str)) }
        }
        _ => value.clone(),
    }
}

/// An absolute path; one that is so already stays as it is written.
fn on_host(path: &str, root: &Path, dir: &Path) -> String {
    let expanded = expand_home(path);
    let mut chars = expanded.chars();
    let is_windows = chars.next().is_some_and(char::is_alphabetic) && chars.next() == Some(':') || expanded.starts_with(r"\\");
    if expanded.starts_with('/') || is_windows {
        return expanded;
    }
    display(&absolute(&root.join(dir).join(expanded)))
}

/// A path relative to the root of the project, or absolute where it leads out of it.
fn in_project(path: &str, dir: &Path) -> String {
    if path.contains("://") {
        return path.to_owned();
    }
    display(&normal(&dir.join(expand_home(path))))
}

fn expand_home(path: &str) -> String {
    let Some(rest) = path.strip_prefix('~') else { return path.to_owned() };
    // The one thing that is taken from whoever runs this, as a shell would; Compose does so too.
    let home = std::env::home_dir().unwrap_or_default();
    display(&home.join(rest.trim_start_matches('/'))).trim_end_matches('/').to_owned()
}

/// Absolute and without `.` and `..`, by the words of the path alone.
pub fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    normal(&std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::resolve::testing::{show, value};

    #[test]
    fn paths_count_from_their_own_folder() {
        let model = value(
            "services: {a: {volumes: [{type: bind, source: ./x}, {type: volume, source: v}, {type: bind, source: /y}], env_file: [{path: ../a.env}]}}",
        );
        let shown = show(&document(&model, Path::new("/p"), Path::new("sub")));
        assert!(
            shown.contains("source: '/p/sub/x'") && shown.contains("source: 'v'") && shown.contains("source: '/y'"),
            "{shown}"
        );
        assert!(shown.contains("path: 'a.env'"), "{shown}");
    }
}
