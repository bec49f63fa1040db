//! Turns "this service must have this" into a change, or into a refusal with its reason. The dangers of editing (a block shared by an
//! anchor, a file that could not be read as it is, a value put together from several places) are looked after here, once.

use crate::compose::model::{Condition, Layer, Project, Service};
use crate::compose::value::{Site, Value};
use crate::diagnostic::{Change, Touch};
use crate::syntax::dotenv::{self, NewValue};
use crate::syntax::reach;
use crate::syntax::yaml::NodeId;
use crate::syntax::yaml_edit::{Doc, New, Refusal};
use crate::text::edit::Edit;
use crate::text::source::{Tracking, display};
use crate::text::span::FileId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A change, or the reason why there is none.
pub type Edited = Result<Change, String>;

/// Edits one project.
#[derive(Debug, Clone, Copy)]
pub struct Editor<'a> {
    pub project: &'a Project,
}

/// A mapping or list that is about to change, and who may share it.
struct Target<'t> {
    file: FileId,
    node: NodeId,
    key: Option<&'t str>,
    sharers: &'t [&'t str],
}

impl<'a> Editor<'a> {
    fn doc(&self, file: FileId) -> Result<Doc<'a>, String> {
        let source = self.project.docs.sources.file(file);
        if source.problem.is_some() {
            return Err(format!("{} is not plain UTF-8 and is not rewritten", display(&source.path)));
        }
        let tree =
            self.project.docs.tree(file).ok_or_else(|| format!("{} is no YAML file of this project", display(&source.path)))?;
        Ok(Doc { tree, text: &source.text })
    }

    fn change(&self, target: &Target<'_>, edits: Result<Vec<Edit>, Refusal>) -> Edited {
        let touches = self.guard(target)?;
        Ok(Change { edits: edits.map_err(|refusal| refusal.0)?, new_files: Vec::new(), touches })
    }

    /// Where an edit takes effect; a refusal if that includes services beside `sharers`.
    fn guard(&self, target: &Target<'_>) -> Result<Vec<Touch>, String> {
        let doc = self.doc(target.file)?;
        let places = reach::places(doc.tree, target.node, target.key);
        if places.len() >= reach::MAX_PLACES {
            let place = self.project.docs.sources.place(doc.tree.node(target.node).span);
            return Err(format!("the block at {place} is shared by more than {} others", reach::MAX_PLACES));
        }
        let mut others: BTreeSet<String> = BTreeSet::new();
        for place in &places {
            if let [section, service, ..] = place.as_slice()
                && section == "services"
                && !target.sharers.contains(&service.as_str())
            {
                others.insert(service.clone());
            }
        }
        others.extend(self.heirs(target));
        let own = places.iter().filter(|place| place.first().is_some_and(|section| section == "services"));
        let tails: BTreeSet<&[String]> = own.map(|place| place.get(2..).unwrap_or_default()).collect();
        if tails.len() > 1 {
            let place = self.project.docs.sources.place(doc.tree.node(target.node).span);
            return Err(format!("the value at {place} is shared by an anchor with other settings, which must not change"));
        }
        if others.is_empty() {
            // Where nothing stands yet, the whole value is new.
            let is_new = doc.tree.is_null(target.node);
            let with_key = |mut path: Vec<String>| {
                path.extend(target.key.filter(|_| !is_new).map(str::to_owned));
                Touch { file: target.file, path }
            };
            return Ok(places.into_iter().map(with_key).collect());
        }
        let span = doc.tree.node(target.node).span;
        let names: Vec<String> = others.into_iter().collect();
        let place = self.project.docs.sources.place(span);
        Err(format!("the block at {place} is shared by an anchor or `extends` with {}, which must not change", list(&names)))
    }

    /// Services that take over the block by `extends`.
    fn heirs(&self, target: &Target<'_>) -> Vec<String> {
        let Some(tree) = self.project.docs.tree(target.file).filter(|_| self.project.extends) else { return Vec::new() };
        let mut above = vec![target.node];
        while let Some(parent) = above.last().and_then(|node| tree.node(*node).parent) {
            above.push(parent);
        }
        let inherits = |service: &&Service| {
            let from_here = |value: &Arc<Value>| value.file() == target.file && above.contains(&value.node);
            service.layers.iter().any(|layer| layer.inherited && from_here(&layer.value))
        };
        let services = self.project.services.values().filter(inherits);
        services.map(|service| service.name.clone()).filter(|name| !target.sharers.contains(&name.as_str())).collect()
    }

    /// Refuses to write a secret into a file that git keeps, or may keep.
    pub fn may_hold_secret(&self, file: FileId) -> Result<(), String> {
        let path = &self.project.docs.sources.file(file).path;
        match self.project.docs.sources.tracking(path) {
            Tracking::Untracked => Ok(()),
            Tracking::Tracked => Err(format!("git tracks {}, so the password would stay in the repository", display(path))),
            Tracking::Unknown => {
                Err(format!("git may track {} (its index is not read), and would keep the password", display(path)))
            }
        }
    }

    /// Writes `new` (a template: references are followed) in the place of what stands at `site`.
    pub fn set(&self, site: &Site, new: &str) -> Edited {
        match site {
            Site::Yaml { file, node, cooked } => self.set_yaml(*file, *node, cooked, new),
            Site::Env { file, line, template } => self.set_env(*file, *line, template, new),
            Site::Outside => Err("the value does not come from a file of the project".to_owned()),
        }
    }

    /// The same for a value that belongs to `sharers` alone.
    pub fn set_for(&self, site: &Site, new: &str, sharers: &[&str]) -> Edited {
        if let Site::Yaml { file, node, .. } = site {
            self.guard(&Target { file: *file, node: *node, key: None, sharers })?;
        }
        self.set(site, new)
    }

    fn set_yaml(&self, file: FileId, node: NodeId, cooked: &std::ops::Range<usize>, new: &str) -> Edited {
        let doc = self.doc(file)?;
        let scalar = doc.tree.scalar(node).ok_or("the value is not a single scalar")?;
        let edits = if *cooked == (0..scalar.value.len()) {
            doc.replace_value(node, new)
        } else {
            doc.replace_range(node, cooked.clone(), new)
        };
        let touches = reach::places(doc.tree, node, None).into_iter().map(|path| Touch { file, path }).collect();
        Ok(Change { edits: edits.map_err(|refusal| refusal.0)?, new_files: Vec::new(), touches })
    }

    fn set_env(&self, file: FileId, line: usize, template: &std::ops::Range<usize>, new: &str) -> Edited {
        let source = self.project.docs.sources.file(file);
        if source.problem.is_some() {
            return Err(format!("{} is not plain UTF-8 and is not rewritten", display(&source.path)));
        }
        let gone = || "the line is no longer there".to_owned();
        let entry = self.project.docs.env(file).and_then(|doc| doc.entries.get(line)).ok_or_else(gone)?;
        let old = &entry.value.as_ref().ok_or_else(gone)?;
        let whole = format!("{}{new}{}", &old.template[..template.start], &old.template[template.end..]);
        let value = if old.is_literal() { NewValue::Literal(&whole) } else { NewValue::Expression(&whole) };
        let edit = dotenv::replace_value(file, &source.text, entry, value)?;
        Ok(Change { edits: vec![edit], new_files: Vec::new(), touches: vec![Touch { file, path: vec![entry.key.clone()] }] })
    }

    /// Adds a key to the service's own mapping.
    pub fn add_key(&self, service: &Service, key: &str, value: &New, rank: u32) -> Edited {
        self.add_shared_key(service, key, value, rank, &[&service.name])
    }

    /// The same where other services may get the key too, by an anchor or `extends`.
    fn add_shared_key(&self, service: &Service, key: &str, value: &New, rank: u32, sharers: &[&str]) -> Edited {
        let layer = service.layer_for(key);
        let target = Target { file: layer.value.file(), node: layer.value.node, key: Some(key), sharers };
        let doc = self.doc(target.file)?;
        self.change(&target, doc.insert_entry(target.node, key, value, rank))
    }

    /// Adds an entry to a mapping that belongs to `sharers` alone; an empty value counts as an empty mapping.
    pub fn add_entry(&self, map: &Value, key: &str, value: &New, rank: u32, sharers: &[&str]) -> Edited {
        let target = Target { file: map.file(), node: map.node, key: Some(key), sharers };
        let doc = self.doc(target.file)?;
        self.change(&target, doc.insert_entry(target.node, key, value, rank))
    }

    /// Adds an item to a list that belongs to `sharers` alone.
    pub fn add_item(&self, seq: &Value, item: &New, rank: u32, sharers: &[&str]) -> Edited {
        let target = Target { file: seq.file(), node: seq.node, key: None, sharers };
        let doc = self.doc(target.file)?;
        self.change(&target, doc.append_item(target.node, item, rank))
    }

    /// Adds an item in front of another one.
    pub fn insert_item(&self, seq: &Value, at: usize, raw: &str, sharers: &[&str]) -> Edited {
        let target = Target { file: seq.file(), node: seq.node, key: None, sharers };
        let doc = self.doc(target.file)?;
        self.change(&target, doc.insert_item(target.node, at, raw))
    }

    /// Replaces the value of a mapping's entry.
    pub fn replace(&self, value: &Value, new: &New, sharers: &[&str]) -> Edited {
        let target = Target { file: value.file(), node: value.node, key: None, sharers };
        let doc = self.doc(target.file)?;
        self.change(&target, doc.replace_node(target.node, new))
    }

    /// Adds a name to a top-level section of the project's first file; the section is made if it is not there.
    pub fn add_top_level(&self, section: &str, name: &str, value: &New, rank: u32) -> Edited {
        let root = self.project.values.first().ok_or("the project has no compose file")?;
        self.add_to_section(root, section, name, value, rank)
    }

    /// The same in the file that defines `service`.
    pub fn add_beside(&self, service: &Service, section: &str, name: &str, value: &New, rank: u32) -> Edited {
        let file = service.span().file;
        let root = self.project.values.iter().find(|value| value.file() == file);
        self.add_to_section(root.ok_or("the service is defined in no file of the project")?, section, name, value, rank)
    }

    fn add_to_section(&self, root: &Value, section: &str, name: &str, value: &New, rank: u32) -> Edited {
        let doc = self.doc(root.file())?;
        let node = doc.tree.get(root.node, section).map(|entry| doc.tree.target(entry.value));
        let is_new = node.is_none_or(|node| doc.tree.is_null(node));
        let path = if is_new { vec![section.to_owned()] } else { vec![section.to_owned(), name.to_owned()] };
        let edits = match node {
            Some(node) => doc.insert_entry(node, name, value, rank),
            None => doc.insert_entry(root.node, section, &New::Map(vec![(name.to_owned(), value.clone())]), rank),
        };
        let touches = vec![Touch { file: root.file(), path }];
        Ok(Change { edits: edits.map_err(|refusal| refusal.0)?, new_files: Vec::new(), touches })
    }

    /// Makes `service` wait until `server` is healthy, as `body` says; what it waits for already stays.
    pub fn wait_for(&self, service: &Service, server: &str, body: &New, sharers: &[&str]) -> Edited {
        const KEY: &str = "depends_on";
        let layer = match self.layer_beside(service, server, KEY) {
            Ok(layer) => layer,
            Err(services) => {
                // A later file brings the server: the dependency belongs there, or the earlier files would not stand alone.
                let dependency = New::Map(vec![(server.to_owned(), body.clone())]);
                let own = New::Map(vec![(KEY.to_owned(), dependency)]);
                return self.add_entry(services, &service.name, &own, 0, sharers);
            }
        };
        let entry = layer.value.entry(KEY).filter(|entry| !entry.value.is_reset());
        let Some(entry) = entry else {
            let dependency = New::Map(vec![(server.to_owned(), body.clone())]);
            let target = Target { file: layer.value.file(), node: layer.value.node, key: Some(KEY), sharers };
            let doc = self.doc(target.file)?;
            return self.change(&target, doc.insert_entry(target.node, KEY, &dependency, 0));
        };
        let value = &entry.value;
        let shared = match (value.is_seq(), value.get(server)) {
            (true, _) => self.list_to_map(value, server, body, sharers),
            (false, None) => self.add_entry(value, server, body, 0, sharers),
            (false, Some(long)) => match long.get("condition") {
                Some(condition) => self.set_condition(condition, body, sharers),
                None => Err(format!("the dependency on {server} has no condition")),
            },
        };
        match (shared, entry.merged) {
            (Err(_), Some(_)) if layer.value.entry(KEY).is_some() => self.own_dependencies(service, server, body),
            (result, _) => result,
        }
    }

    /// The service's layer for `key` in a file that knows `server`; else the services of the first file that does.
    fn layer_beside<'s>(&'s self, service: &'s Service, server: &str, key: &str) -> Result<&'s Layer, &'s Value> {
        let order = |file: FileId| self.project.files.iter().position(|other| *other == file);
        let layer = service.layer_for(key);
        let home = self.project.services[server].span().file;
        if self.project.included.contains(&home) || order(layer.value.file()) >= order(home) {
            return Ok(layer);
        }
        let beside = service.layers.iter().find(|layer| !layer.inherited && order(layer.value.file()) >= order(home));
        let root = self.project.values.iter().find(|value| value.file() == home);
        match (beside, root.and_then(|root| root.get("services"))) {
            (Some(layer), _) => Ok(layer),
            (None, Some(services)) => Err(services),
            (None, None) => Ok(layer),
        }
    }

    /// `service_started` becomes `service_healthy`.
    fn set_condition(&self, condition: &Value, body: &New, sharers: &[&str]) -> Edited {
        let New::Map(entries) = body else { return Err("the layout has no condition".to_owned()) };
        let Some((_, New::Raw(healthy))) = entries.first() else { return Err("the layout has no condition".to_owned()) };
        let target = Target { file: condition.file(), node: condition.node, key: None, sharers };
        let doc = self.doc(target.file)?;
        self.change(&target, doc.replace_value(target.node, healthy))
    }

    fn list_to_map(&self, list: &Value, server: &str, body: &New, sharers: &[&str]) -> Edited {
        let started = New::Map(vec![("condition".to_owned(), New::Raw("service_started".to_owned()))]);
        let there = list.items().iter().any(|item| item.text().is_some_and(|text| text.value == server));
        let extra: Vec<(String, New)> = if there { Vec::new() } else { vec![(server.to_owned(), body.clone())] };
        let of = |name: &str| if name == server { body.clone() } else { started.clone() };
        let target = Target { file: list.file(), node: list.node, key: None, sharers };
        let doc = self.doc(target.file)?;
        self.change(&target, doc.list_to_map(target.node, &of, &extra))
    }

    /// What comes through a merge key cannot be added to; the service gets the whole list of its own instead.
    fn own_dependencies(&self, service: &Service, server: &str, body: &New) -> Edited {
        let mut entries: Vec<(String, New)> = Vec::new();
        for (name, dependency) in &service.depends_on {
            if name == server {
                continue;
            }
            let condition = match dependency.condition {
                Condition::Started => "service_started",
                Condition::Healthy => "service_healthy",
                Condition::Completed => "service_completed_successfully",
            };
            let mut long = vec![("condition".to_owned(), New::Raw(condition.to_owned()))];
            if !dependency.required {
                long.push(("required".to_owned(), New::Raw("false".to_owned())));
            }
            entries.push((name.clone(), New::Map(long)));
        }
        entries.push((server.to_owned(), body.clone()));
        let layer = service.layer_for("depends_on");
        let sharers = [service.name.as_str()];
        let target = Target { file: layer.value.file(), node: layer.value.node, key: Some("depends_on"), sharers: &sharers };
        let doc = self.doc(target.file)?;
        self.change(&target, doc.insert_entry(target.node, "depends_on", &New::Map(entries), 0))
    }

    /// Puts `service` on `network` beside the networks it is on.
    pub fn attach(&self, service: &Service, network: &str, rank: u32, sharers: &[&str]) -> Edited {
        const KEY: &str = "networks";
        if service.network_mode.is_some() {
            return Err(format!("{} has a `network_mode`, which excludes networks", service.name));
        }
        let layer = service.layer_for(KEY);
        let entry = layer.value.entry(KEY).filter(|entry| !entry.value.is_reset() && !is_empty(&entry.value));
        let item = New::Raw(network.to_owned());
        let Some(entry) = entry else {
            let list = New::Seq(vec![New::Raw("default".to_owned()), item]);
            return match layer.value.entry(KEY) {
                None => self.add_shared_key(service, KEY, &list, rank, sharers),
                Some(entry) => self.replace(&entry.value, &New::Raw(format!("[default, {network}]")), sharers),
            };
        };
        let shared = if entry.value.is_seq() {
            self.add_item(&entry.value, &item, rank, sharers)
        } else {
            self.add_entry(&entry.value, network, &New::Raw(String::new()), rank, sharers)
        };
        if shared.is_err() && entry.merged.is_some() {
            let names = service.networks.iter().flatten().map(|(name, _)| New::Raw(name.clone()));
            let list = New::Seq(names.chain([item]).collect());
            let sharers = [service.name.as_str()];
            let target = Target { file: layer.value.file(), node: layer.value.node, key: Some(KEY), sharers: &sharers };
            let doc = self.doc(target.file)?;
            return self.change(&target, doc.insert_entry(target.node, KEY, &list, rank));
        }
        shared
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || (value.items().is_empty() && value.entries().is_empty())
}

/// How many names a sentence takes.
const MAX_NAMES: usize = 6;

/// `a`, `a and b`, `a, b and c`; of many, the first ones and how many more there are.
pub fn list<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        many if many.len() > MAX_NAMES => {
            let first: Vec<&str> = many[..MAX_NAMES - 1].iter().map(AsRef::as_ref).collect();
            format!("{} and {} more", first.join(", "), many.len() - first.len())
        }
        [rest @ .., last] => {
            let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", rest.join(", "), last.as_ref())
        }
    }
}
