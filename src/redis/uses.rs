//! Who uses which Redis, by which variable: each service's environment and commands read as connections.

use super::endpoints::{self, Endpoint, Reading};
use super::hosts::{self, Target};
use super::images;
use super::servers::RedisServer;
use super::variables::{self, Role};
use crate::compose::model::{EnvEntry, Project, Service};
use crate::compose::value::{Home, Site, Text};
use crate::syntax::url;
use crate::syntax::yaml::Kind;
use crate::text::span::{FileId, Span};
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// How a service is told where its Redis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Url,
    /// `host:port` in one variable.
    Address,
    /// Host, port, password and index in variables of their own.
    Split,
    /// A URL on the command line.
    Command,
}

/// One variable of a split connection.
#[derive(Debug, Clone)]
pub struct GroupPart {
    pub role: Role,
    pub variable: String,
    pub text: Text,
}

/// One way from a service to a Redis.
#[derive(Debug, Clone)]
pub struct RedisUse {
    pub service: String,
    /// The variable that names the host; `None` for a command.
    pub variable: Option<String>,
    pub form: Form,
    /// The URL, the `host:port` or the host.
    pub text: Text,
    /// `None` where there are several hosts or the host is not known.
    pub endpoint: Option<Endpoint>,
    pub target: Target,
    /// Where the service is given the variable.
    pub key_span: Span,
    /// The entry of `env_file` it came through.
    pub through: Option<Span>,
    /// The value names several hosts: a cluster, or sentinels.
    pub several: bool,
    /// The other variables of a split connection.
    pub parts: Vec<GroupPart>,
}

/// A literal Redis URL that no service's own program is given: in an env file that nothing passes on, a default that is not used, an
/// anchor that nobody merges, a service that has no use for it.
#[derive(Debug, Clone)]
pub struct LooseUrl {
    pub variable: Option<String>,
    pub text: Text,
    pub endpoint: Endpoint,
    pub target: Target,
    pub span: Span,
}

/// Whether the service's own program may use Redis.
pub fn may_use(service: &Service, servers: &[RedisServer]) -> bool {
    let bystander = service.image.as_ref().is_some_and(|image| images::is_bystander(&image.value));
    !bystander && !servers.iter().any(|server| server.service == service.name)
}

/// All uses of all services, in order.
pub fn find(project: &Project, servers: &[RedisServer]) -> Vec<RedisUse> {
    let mut uses = Vec::new();
    for service in project.services.values().filter(|service| may_use(service, servers)) {
        let finder = Finder { project, servers, service };
        let start = uses.len();
        finder.read_environment(&mut uses);
        finder.read_commands(&mut uses);
        settle(&mut uses[start..]);
    }
    uses
}

/// Why localhost is no fault for certain.
const MAY_BE_INSIDE: &str = "the image may run a Redis of its own: it is not built here, and uses no other";

/// A service that also uses a Redis elsewhere brings none of its own: its localhost is a mistake.
fn settle(uses: &mut [RedisUse]) {
    let elsewhere = |usage: &RedisUse| {
        matches!(usage.target, Target::External(_) | Target::Server(_) | Target::UnknownName | Target::Several)
    };
    if uses.iter().any(elsewhere) {
        for usage in uses.iter_mut().filter(|usage| usage.target == Target::Undetermined(MAY_BE_INSIDE.to_owned())) {
            usage.target = Target::Localhost;
        }
    }
}

struct Finder<'a> {
    project: &'a Project,
    servers: &'a [RedisServer],
    service: &'a Service,
}

impl Finder<'_> {
    fn read_environment(&self, uses: &mut Vec<RedisUse>) {
        let mut groups: IndexMap<String, Vec<(Role, &String, &EnvEntry)>> = IndexMap::new();
        // URLs with the group that a password of their own would belong to.
        let mut urls: Vec<(usize, String)> = Vec::new();
        for (key, entry) in &self.service.environment {
            let named = variables::read(key);
            let Some(text) = &entry.value else {
                if let Some(named) = named.filter(|named| matches!(named.role, Role::Url | Role::Host | Role::Address)) {
                    let whole = named.group.split('_').count() > 1 && named.role == Role::Url;
                    if !whole || key.to_ascii_uppercase().ends_with("URL") {
                        uses.push(self.undetermined(key, entry, format!("{key} has no value in any file of the project")));
                    }
                }
                continue;
            };
            if url::parse(&text.value).is_some() {
                if let Some(usage) = self.url(Some(key), entry, text, Form::Url) {
                    urls.extend(named.map(|named| (uses.len(), named.group)));
                    uses.push(usage);
                }
            } else if let Some(named) = named {
                match named.role {
                    Role::Url => uses.extend(self.address(key, entry, text)),
                    Role::Nodes if !text.value.is_empty() => {
                        uses.push(self.several(Some(key), entry, text, endpoints::several(text)));
                    }
                    Role::Nodes => {}
                    role => groups.entry(named.group).or_default().push((role, key, entry)),
                }
            }
        }
        for (at, group) in urls {
            uses[at].parts = groups.get(&group).map(|parts| credentials(parts)).unwrap_or_default();
        }
        for parts in groups.values() {
            uses.extend(self.split(parts));
        }
    }

    fn url(&self, key: Option<&str>, entry: &EnvEntry, text: &Text, form: Form) -> Option<RedisUse> {
        let (endpoint, target) = match endpoints::from_url(text) {
            Reading::One(endpoint) => {
                let target = self.target(&endpoint.host);
                (Some(*endpoint), target)
            }
            several @ Reading::Several(_) => return Some(self.several(key, entry, text, several)),
            Reading::Open(names) => (None, Target::Undetermined(no_value(&names))),
            Reading::Socket | Reading::Nothing => return None,
        };
        Some(self.usage(key, entry, text, form, endpoint, target))
    }

    /// `host:port` where a URL is expected; a bare word is too little to tell.
    fn address(&self, key: &str, entry: &EnvEntry, text: &Text) -> Option<RedisUse> {
        match endpoints::from_address(text) {
            Reading::One(endpoint) if endpoint.port.is_some() => {
                let target = self.target(&endpoint.host);
                Some(self.usage(Some(key), entry, text, Form::Address, Some(*endpoint), target))
            }
            several @ Reading::Several(_) => Some(self.several(Some(key), entry, text, several)),
            Reading::Open(names) => Some(self.undetermined(key, entry, no_value(&names))),
            _ => None,
        }
    }

    fn split(&self, parts: &[(Role, &String, &EnvEntry)]) -> Option<RedisUse> {
        let (_, key, entry) = parts.iter().find(|(role, ..)| matches!(role, Role::Host | Role::Address))?;
        let text = entry.value.as_ref()?;
        if text.value.is_empty() {
            return (!text.missing().is_empty()).then(|| {
                let names: Vec<String> = text.missing().into_iter().map(str::to_owned).collect();
                self.undetermined(key, entry, no_value(&names))
            });
        }
        if text.value.contains([',', ';', ' ']) {
            return Some(self.several(Some(key), entry, text, endpoints::several(text)));
        }
        // phpredis takes `tcp://host` and `tls://host`.
        let bare = text.value.find("://").map_or(0, |at| at + 3);
        let Reading::One(address) = endpoints::from_address(&text.slice(bare..text.value.len())) else { return None };
        let of = |wanted: Role| {
            let (_, _, entry) = parts.iter().find(|(role, ..)| *role == wanted)?;
            entry.value.clone().filter(|text| !text.value.is_empty())
        };
        let says_tls =
            |text: Text| matches!(text.value.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on" | "tls" | "rediss");
        let tls = of(Role::Tls).is_some_and(says_tls) || text.value.starts_with("tls://") || text.value.starts_with("ssl://");
        let target = self.target(&address.host);
        let endpoint = Endpoint {
            tls,
            host: address.host,
            port: address.port.or_else(|| of(Role::Port)),
            username: of(Role::Username),
            password: of(Role::Password),
            db: of(Role::Db),
            query: None,
            tls_option: None,
        };
        let mut usage = self.usage(Some(key), entry, text, Form::Split, Some(endpoint), target);
        usage.parts = parts
            .iter()
            .filter(|(role, ..)| !matches!(role, Role::Host | Role::Address))
            .filter_map(|(role, key, entry)| {
                Some(GroupPart { role: *role, variable: (*key).clone(), text: entry.value.clone()? })
            })
            .collect();
        Some(usage)
    }

    fn read_commands(&self, uses: &mut Vec<RedisUse>) {
        for command in [&self.service.entrypoint, &self.service.command].into_iter().flatten() {
            for word in &command.words {
                for range in url::find(&word.value) {
                    let text = word.slice(range);
                    let key_span = self.project.docs.written(&text).unwrap_or(command.value.span);
                    let entry = EnvEntry { key_span, value: None, through: None };
                    uses.extend(self.url(None, &entry, &text, Form::Command));
                }
            }
        }
    }

    /// A cluster or sentinels: not judged, unless one of the hosts leads outside.
    fn several(&self, key: Option<&str>, entry: &EnvEntry, text: &Text, reading: Reading) -> RedisUse {
        let ends = if let Reading::Several(ends) = reading { ends } else { Vec::new() };
        let outside =
            ends.into_iter().map(|end| (self.target(&end.host), end)).find(|(target, _)| matches!(target, Target::External(_)));
        let (target, end) = outside.map_or((Target::Several, None), |(target, end)| (target, Some(end)));
        let usage = self.usage(key, entry, text, Form::Address, end, target);
        RedisUse { several: true, ..usage }
    }

    fn target(&self, host: &Text) -> Target {
        match hosts::resolve(self.project, self.servers, self.service, host.value.trim_matches(['[', ']'])) {
            Target::Localhost if self.may_be_inside(host) => Target::Undetermined(MAY_BE_INSIDE.to_owned()),
            target => target,
        }
    }

    /// An all-in-one image: the compose file itself says localhost, the image is somebody else's, and it waits for no Redis.
    fn may_be_inside(&self, host: &Text) -> bool {
        let written_here = matches!(host.home(), Home::Yaml { .. }) && matches!(host.site(), Site::Yaml { .. });
        let plain = self.service.image.as_ref().is_some_and(|image| images::is_plain_system(&image.value));
        let waits = self.servers.iter().any(|server| self.service.depends_on.contains_key(&server.service));
        self.service.build.is_none() && !plain && written_here && !waits
    }

    fn usage(
        &self,
        key: Option<&str>,
        entry: &EnvEntry,
        text: &Text,
        form: Form,
        endpoint: Option<Endpoint>,
        target: Target,
    ) -> RedisUse {
        RedisUse {
            service: self.service.name.clone(),
            variable: key.map(str::to_owned),
            form,
            text: text.clone(),
            endpoint,
            target,
            key_span: entry.key_span,
            through: entry.through,
            several: false,
            parts: Vec::new(),
        }
    }

    fn undetermined(&self, key: &str, entry: &EnvEntry, reason: String) -> RedisUse {
        let text = entry.value.clone().unwrap_or_else(|| Text::literal("", Home::Outside));
        self.usage(Some(key), entry, &text, Form::Url, None, Target::Undetermined(reason))
    }
}

/// The parts of a group that a URL leaves to variables of their own.
fn credentials(parts: &[(Role, &String, &EnvEntry)]) -> Vec<GroupPart> {
    let is_credential = |role: &Role| matches!(role, Role::Password | Role::Username);
    let part = |(role, key, entry): &(Role, &String, &EnvEntry)| {
        Some(GroupPart { role: *role, variable: (*key).clone(), text: entry.value.clone()? })
    };
    parts.iter().filter(|(role, ..)| is_credential(role)).filter_map(part).collect()
}

fn no_value(names: &[String]) -> String {
    match names {
        [] => "the host is filled in while the container runs".to_owned(),
        [name] => format!("{name} has no value in any file of the project"),
        names => format!("{} have no value in any file of the project", names.join(" and ")),
    }
}

/// The literal Redis URLs of the project's files that none of `uses` covers.
pub fn loose(project: &Project, servers: &[RedisServer], uses: &[RedisUse]) -> Vec<LooseUrl> {
    let mut covered = Covered::default();
    for usage in uses {
        covered.add(project.docs.span(&usage.text.site()));
        for reference in usage.text.references() {
            covered.add(project.docs.span(&reference.at));
        }
    }
    let mut out = Vec::new();
    for &(file, ref tree) in &project.docs.trees {
        for node in tree.ids() {
            if let Kind::Scalar(scalar) = &tree.node(node).kind {
                let text = Text::literal(scalar.value.as_str(), Home::Yaml { file, node });
                collect(project, servers, &text, None, &covered, &mut out);
            }
        }
    }
    for &file in &project.env_files {
        env_urls(project, servers, file, &covered, &mut out);
    }
    out
}

/// Places that uses account for. Two places of values either are apart or hold one another.
#[derive(Default)]
struct Covered {
    /// By file and start; of several at one start, the longest.
    places: BTreeMap<(FileId, u32), u32>,
}

impl Covered {
    fn add(&mut self, span: Option<Span>) {
        if let Some(span) = span.filter(|span| !span.is_empty()) {
            let end = self.places.entry((span.file, span.start)).or_insert(span.end);
            *end = span.end.max(*end);
        }
    }

    /// Whether a place lies in one of these, or holds one.
    fn touches(&self, span: Span) -> bool {
        let before = self.places.range(..=(span.file, span.start)).next_back();
        let holds = before.is_some_and(|((file, _), end)| *file == span.file && *end >= span.end);
        holds || self.places.range((span.file, span.start)..(span.file, span.end)).next().is_some()
    }
}

fn env_urls(project: &Project, servers: &[RedisServer], file: FileId, covered: &Covered, out: &mut Vec<LooseUrl>) {
    let Some(doc) = project.docs.env(file) else { return };
    for (line, entry) in doc.entries.iter().enumerate() {
        if let Some(value) = &entry.value {
            let text = Text::literal(value.template.as_str(), Home::Env { file, line });
            collect(project, servers, &text, Some(&entry.key), covered, out);
        }
    }
}

fn collect(
    project: &Project,
    servers: &[RedisServer],
    text: &Text,
    key: Option<&str>,
    covered: &Covered,
    out: &mut Vec<LooseUrl>,
) {
    if !text.value.contains("://") {
        return;
    }
    for range in url::find(&text.value) {
        let url = text.slice(range.clone());
        let Some(span) = project.docs.locate(&url, 0..url.value.len()) else { continue };
        let is_covered = covered.touches(span);
        let Reading::One(endpoint) = endpoints::from_url(&url) else { continue };
        if is_covered || endpoint.host.value.contains('$') {
            continue;
        }
        let target = hosts::resolve_loose(project, servers, &endpoint.host.value);
        let named =
            key.or_else(|| text.value[..range.start].strip_suffix('=')).filter(|name| !name.contains(char::is_whitespace));
        out.push(LooseUrl { variable: named.map(str::to_owned), text: url, endpoint: *endpoint, target, span });
    }
}
