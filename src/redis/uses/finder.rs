//! One service's variables read as connections.

use super::{Form, GroupPart, MAY_BE_INSIDE, RedisUse};
use crate::compose::model::{EnvEntry, Project, Service};
use crate::compose::value::{Home, Site, Text};
use crate::redis::endpoints::{self, Endpoint, Reading};
use crate::redis::hosts::{Names, Route, Target};
use crate::redis::images;
use crate::redis::variables::{self, Role};
use crate::syntax::url;
use indexmap::IndexMap;

pub(super) struct Finder<'a> {
    pub project: &'a Project,
    pub names: &'a Names<'a>,
    pub service: &'a Service,
}

/// A variable of a split connection, or an option of a command.
pub(super) type Part<'a> = (Role, &'a str, &'a EnvEntry);

impl Finder<'_> {
    pub(super) fn read_environment(&self, uses: &mut Vec<RedisUse>) {
        let mut groups: IndexMap<String, Vec<Part<'_>>> = IndexMap::new();
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

    pub(super) fn url(&self, key: Option<&str>, entry: &EnvEntry, text: &Text, form: Form) -> Option<RedisUse> {
        match endpoints::from_url(text) {
            Reading::One(endpoint) => Some(self.one(key, entry, text, form, *endpoint)),
            several @ Reading::Several(_) => Some(self.several(key, entry, text, several)),
            Reading::Open(names) => {
                Some(self.usage(key, entry, text, form, None, Route::to(Target::Undetermined(no_value(&names)))))
            }
            Reading::Socket | Reading::Nothing => None,
        }
    }

    /// `host:port` where a URL is expected; a bare word is too little to tell.
    pub(super) fn address(&self, key: &str, entry: &EnvEntry, text: &Text) -> Option<RedisUse> {
        match endpoints::from_address(text) {
            Reading::One(endpoint) if endpoint.port.is_some() => Some(self.one(Some(key), entry, text, Form::Address, *endpoint)),
            several @ Reading::Several(_) => Some(self.several(Some(key), entry, text, several)),
            Reading::Open(names) => Some(self.undetermined(key, entry, no_value(&names))),
            _ => None,
        }
    }

    pub(super) fn split(&self, parts: &[Part<'_>]) -> Option<RedisUse> {
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
        let endpoint = Endpoint {
            tls,
            host: address.host,
            port: address.port.or_else(|| of(Role::Port)),
            username: of(Role::Username),
            password: of(Role::Password).filter(|text| !variables::is_null(&text.value)),
            db: of(Role::Db),
            query: None,
            tls_option: None,
        };
        let unsaid = |(role, _, entry): &Part<'_>| {
            *role == Role::Port && entry.value.as_ref().is_none_or(|text| !text.missing().is_empty())
        };
        let port = endpoint.dials().filter(|_| endpoint.port.is_some() || !parts.iter().any(unsaid));
        let route = self.route(&endpoint.host, port);
        let mut usage = self.usage(Some(key), entry, text, Form::Split, Some(endpoint), route);
        usage.parts =
            parts.iter().filter(|(role, ..)| !matches!(role, Role::Host | Role::Address)).filter_map(group_part).collect();
        Some(usage)
    }

    /// A cluster or sentinels: not judged, unless one of the hosts leads outside.
    fn several(&self, key: Option<&str>, entry: &EnvEntry, text: &Text, reading: Reading) -> RedisUse {
        let ends = if let Reading::Several(ends) = reading { ends } else { Vec::new() };
        let route = |end: Endpoint| {
            // Where no port is said, sentinels and servers have ports of their own.
            let port = end.dials().filter(|_| end.port.is_some());
            let route = self.route(&end.host, port);
            (end, route)
        };
        let ends: Vec<(Endpoint, Route)> = ends.into_iter().map(route).collect();
        let outside = ends.iter().find(|(_, route)| matches!(route.target, Target::External(_)));
        let (end, route) = match outside {
            Some((end, route)) => (Some(end.clone()), route.clone()),
            None => (None, Route::to(Target::Several)),
        };
        let usage = self.usage(key, entry, text, Form::Address, end, route);
        RedisUse { several: true, ends, ..usage }
    }

    /// A use with one host.
    pub(super) fn one(&self, key: Option<&str>, entry: &EnvEntry, text: &Text, form: Form, endpoint: Endpoint) -> RedisUse {
        let route = self.route(&endpoint.host, endpoint.dials());
        self.usage(key, entry, text, form, Some(endpoint), route)
    }

    fn route(&self, host: &Text, port: Option<u16>) -> Route {
        match self.names.resolve(self.service, &host.value, port) {
            Route { target: Target::Localhost, .. } if self.may_be_inside(host) => {
                Route::to(Target::Undetermined(MAY_BE_INSIDE.to_owned()))
            }
            route => route,
        }
    }

    /// An all-in-one image: the compose file itself says localhost, and the image is somebody else's.
    fn may_be_inside(&self, host: &Text) -> bool {
        let written_here = matches!(host.home(), Home::Yaml { .. }) && matches!(host.site(), Site::Yaml { .. });
        let plain = self.service.image.as_ref().is_some_and(|image| images::is_plain_system(&image.value));
        self.service.build.is_none() && !plain && written_here
    }

    pub(super) fn usage(
        &self,
        key: Option<&str>,
        entry: &EnvEntry,
        text: &Text,
        form: Form,
        endpoint: Option<Endpoint>,
        route: Route,
    ) -> RedisUse {
        RedisUse {
            service: self.service.name.clone(),
            variable: key.map(str::to_owned),
            form,
            text: text.clone(),
            endpoint,
            target: route.target,
            way: route.way,
            port: route.port,
            address: route.address,
            key_span: entry.key_span,
            through: entry.through,
            several: false,
            ends: Vec::new(),
            parts: Vec::new(),
        }
    }

    pub(super) fn undetermined(&self, key: &str, entry: &EnvEntry, reason: String) -> RedisUse {
        let text = entry.value.clone().unwrap_or_else(|| Text::literal("", Home::Outside));
        self.usage(Some(key), entry, &text, Form::Url, None, Route::to(Target::Undetermined(reason)))
    }
}

/// The parts of a group that a URL leaves to variables of their own.
fn credentials(parts: &[Part<'_>]) -> Vec<GroupPart> {
    let is_credential = |role: &Role| matches!(role, Role::Password | Role::PasswordFile | Role::Username);
    parts.iter().filter(|(role, ..)| is_credential(role)).filter_map(group_part).collect()
}

fn group_part((role, key, entry): &Part<'_>) -> Option<GroupPart> {
    Some(GroupPart { role: *role, variable: (*key).to_owned(), text: entry.value.clone()? })
}

pub(super) fn no_value(names: &[String]) -> String {
    match names {
        [] => "the host is filled in while the container runs".to_owned(),
        [name] => format!("{name} has no value in any file of the project"),
        names => format!("{} have no value in any file of the project", names.join(" and ")),
    }
}
