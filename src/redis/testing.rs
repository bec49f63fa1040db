//! For the unit tests: a project from the texts of its files.

use super::Redis;
use crate::compose::discover::ProjectFiles;
use crate::compose::load::load;
use crate::compose::model::Project;
use crate::text::source::Sources;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A project of files that stand in one folder.
pub(crate) fn project_of(files: &[(&str, &str)]) -> Project {
    let texts = files.iter().map(|(path, text)| (PathBuf::from(path), Arc::from(*text)));
    let sources = Sources::new(Path::new("/nowhere")).with_overlay(texts);
    let exists = |path: &Path| files.iter().any(|(name, _)| path.ends_with(name));
    let found = ProjectFiles::of_directory(Path::new("/nowhere"), exists).expect("a compose file");
    load(sources, &found)
}

/// The same of one compose file that Compose takes, with what concerns Redis in it.
pub(crate) fn redis_of(yaml: &str) -> (Project, Redis) {
    let project = project_of(&[("docker-compose.yml", yaml)]);
    assert_eq!(project.problems, [], "{yaml}");
    let redis = Redis::read(&project);
    (project, redis)
}
