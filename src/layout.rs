//! What ought to be: the fixed local-Redis layout, read from `templates/`. Rules compare with it and fixes insert it, so what is demanded
//! and what is written cannot differ.

use crate::redis::memory;
use crate::syntax::dotenv;
use crate::syntax::yaml::{Kind, NodeId, Tree};
use crate::syntax::yaml_edit::New;
use crate::text::span::FileId;
use std::ops::Range;

/// The layout as a compose file.
pub const COMPOSE_TEMPLATE: &str = include_str!("../templates/docker-compose.yml");
/// The layout's line for the env file.
pub const ENV_TEMPLATE: &str = include_str!("../templates/.env");

/// Part of the container's memory limit that `maxmemory` may take, in percent: with persistence a rewrite copies pages (layout.md).
pub const PERSISTENT_SHARE: u64 = 50;
/// The same for a server that only caches.
pub const CACHE_SHARE: u64 = 75;
/// From this share on the container is killed before Redis evicts anything.
pub const FATAL_SHARE: u64 = 90;

/// The smallest memory limit that Docker accepts, in bytes.
pub const LEAST_LIMIT: u64 = 6 << 20;

/// How a new server treats data when its memory is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Eviction {
    /// `allkeys-lru`, except where the files show a queue.
    #[default]
    Auto,
    Lru,
    NoEviction,
}

/// What the user may choose about the layout.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    pub service: Option<String>,
    pub image: Option<String>,
    /// `maxmemory` of a new server, as Redis writes it.
    pub maxmemory: Option<String>,
    pub eviction: Eviction,
    pub db: DbPolicy,
}

/// Which database index a rewritten connection gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DbPolicy {
    /// One index in use: 0. Several: each as it is.
    #[default]
    Auto,
    Keep,
    Zero,
}

/// The layout with the user's choices filled in.
#[derive(Debug)]
pub struct Layout {
    pub choices: Choices,
    tree: Tree,
    service: NodeId,
}

impl Default for Layout {
    fn default() -> Self {
        Self::new(Choices::default())
    }
}

const TEMPLATE: FileId = FileId(0);

impl Layout {
    pub fn new(choices: Choices) -> Self {
        let tree = Tree::parse(TEMPLATE, COMPOSE_TEMPLATE);
        let service = Self::find(&tree, &["services", "redis"]);
        Self { choices, tree, service }
    }

    fn find(tree: &Tree, path: &[&str]) -> NodeId {
        let root = tree.root().expect("the template is a document");
        path.iter().fold(root, |node, key| tree.get(node, key).expect("the template has this key").value)
    }

    /// The name of a new service.
    pub fn service_name(&self) -> &str {
        self.choices.service.as_deref().unwrap_or("redis")
    }

    /// What the template says under `path`, ready to be written.
    pub fn block(&self, path: &[&str]) -> New {
        self.new_of(Self::find(&self.tree, path))
    }

    /// A key of the template's redis service.
    pub fn key(&self, key: &str) -> New {
        self.new_of(self.tree.get(self.service, key).expect("the template's service has this key").value)
    }

    /// Order of a key among those that are inserted at one point: that of the template.
    pub fn rank(&self, key: &str) -> u32 {
        let at = self.tree.entries(self.service).iter().position(|entry| self.text(entry.key) == key);
        at.map_or(u32::MAX, |at| at as u32)
    }

    /// A scalar of the template's redis service.
    pub fn value(&self, key: &str) -> &str {
        self.text(self.tree.get(self.service, key).expect("the template's service has this key").value)
    }

    fn text(&self, node: NodeId) -> &str {
        self.tree.scalar(node).map(|scalar| &*scalar.value).unwrap_or_default()
    }

    fn new_of(&self, node: NodeId) -> New {
        match &self.tree.node(node).kind {
            Kind::Map { entries, flow: false } => {
                New::Map(entries.iter().map(|entry| (self.text(entry.key).to_owned(), self.new_of(entry.value))).collect())
            }
            Kind::Seq { items, flow: false } => New::Seq(items.iter().map(|item| self.new_of(*item)).collect()),
            _ => New::Raw(COMPOSE_TEMPLATE[self.tree.node(node).span.range()].to_owned()),
        }
    }

    /// The words of the template's command with `maxmemory` and the eviction policy of the choices.
    pub fn command(&self, noeviction: bool) -> Vec<String> {
        let command = self.tree.get(self.service, "command").expect("the template has a command").value;
        let mut words: Vec<String> = self.tree.items(command).iter().map(|word| self.text(*word).to_owned()).collect();
        if let Some(maxmemory) = &self.choices.maxmemory {
            set_flag(&mut words, "--maxmemory", maxmemory);
        }
        if noeviction {
            set_flag(&mut words, "--maxmemory-policy", "noeviction");
        }
        words
    }

    /// `maxmemory` of a new server.
    pub fn maxmemory(&self) -> String {
        flag(&self.command(false), "--maxmemory").to_owned()
    }

    /// The eviction policy of a new server.
    pub fn policy(&self, noeviction: bool) -> String {
        flag(&self.command(noeviction), "--maxmemory-policy").to_owned()
    }

    /// The container's limit that goes with a `maxmemory`, in the template's proportion.
    pub fn mem_limit(&self, maxmemory: u64) -> String {
        let template = flag(&Self::default().command(false), "--maxmemory").to_owned();
        let own = memory::bytes(&template).expect("the template's maxmemory is an amount");
        let limit = crate::compose::forms::units::memory(self.value("mem_limit")).expect("the template's limit is an amount");
        let bytes = u128::from(maxmemory) * u128::from(limit) / u128::from(own);
        format!("{}m", (bytes >> 20).max(6))
    }

    /// The named volume of the template and the directory it is mounted at.
    pub fn volume(&self) -> (String, String) {
        let volumes = self.tree.get(self.service, "volumes").expect("the template has volumes").value;
        let item = self.tree.items(volumes).first().map(|item| self.text(*item)).expect("one volume");
        let (name, target) = item.split_once(':').expect("the template's volume is named");
        (name.to_owned(), target.to_owned())
    }

    pub fn network(&self) -> String {
        let networks = self.tree.get(self.service, "networks").expect("the template has networks").value;
        self.tree.items(networks).first().map(|item| self.text(*item).to_owned()).expect("one network")
    }

    /// The index in the template's URL.
    pub fn db(&self) -> &'static str {
        let line = &dotenv::parse(ENV_TEMPLATE).entries[0];
        let content: Range<usize> = line.value.as_ref().expect("the template sets the URL").content.clone();
        ENV_TEMPLATE[content].rsplit('/').next().expect("a URL has slashes")
    }
}

fn flag<'a>(words: &'a [String], name: &str) -> &'a str {
    let at = words.iter().position(|word| word == name).expect("the template's command has this option");
    &words[at + 1]
}

fn set_flag(words: &mut [String], name: &str, value: &str) {
    let at = words.iter().position(|word| word == name).expect("the template's command has this option");
    value.clone_into(&mut words[at + 1]);
}

/// A word list as a YAML flow sequence of double-quoted strings.
pub fn flow_list<S: AsRef<str>>(words: &[S]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word.as_ref())).collect();
    format!("[{}]", quoted.join(", "))
}

/// A YAML double-quoted scalar.
pub fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_keeps_the_template_proportion() {
        let layout = Layout::default();
        assert_eq!(layout.maxmemory(), "256mb");
        assert_eq!(layout.mem_limit(256 << 20), layout.value("mem_limit"));
        assert_eq!(layout.mem_limit(512 << 20), "1280m");
    }

    #[test]
    fn choices_change_the_command() {
        let choices = Choices { maxmemory: Some("1gb".to_owned()), ..Choices::default() };
        let words = Layout::new(choices).command(true).join(" ");
        assert_eq!(words, "redis-server --appendonly yes --maxmemory 1gb --maxmemory-policy noeviction");
    }

    #[test]
    fn the_template_names_its_parts() {
        let layout = Layout::default();
        assert_eq!(layout.volume(), ("redis_data".to_owned(), "/data".to_owned()));
        assert_eq!((layout.network().as_str(), layout.db()), ("redis_network", "0"));
        assert!(layout.rank("healthcheck") < layout.rank("networks"));
    }
}
