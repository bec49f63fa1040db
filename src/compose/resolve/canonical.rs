//! The short and the long form of each modelled key become one. Reads one layer (one file's own definition) of one service; what does
//! not have the expected type is left out here and reported by [`super::validate`].

use crate::compose::model::{
    Attachment, Command, Condition, Dependency, DeployLimits, EnvEntry, Healthcheck, Layer, Mount, Port, Service, Test, TestForm,
};
use crate::compose::value::{Entry, Text, Value};
use indexmap::IndexMap;
use std::sync::Arc;

/// The part of a service that this layer says; env files are not read here.
pub fn service(name: &str, layer: &Layer) -> Service {
    let value = &layer.value;
    let text = |key: &str| value.get(key).and_then(|v| v.text()).cloned();
    Service {
        name: name.to_owned(),
        layers: vec![layer.clone()],
        image: text("image").filter(|image| !image.value.is_empty()),
        build: value.get("build").filter(|build| !build.is_null()).map(|build| build.span),
        command: value.get("command").and_then(command),
        entrypoint: value.get("entrypoint").and_then(command),
        environment: value.get("environment").map(environment).unwrap_or_default(),
        depends_on: value.get("depends_on").map(dependencies).unwrap_or_default(),
        networks: value.get("networks").map(attachments),
        network_mode: text("network_mode").filter(|mode| !mode.value.is_empty()),
        links: texts(value.get("links")),
        external_links: texts(value.get("external_links")),
        extra_hosts: value.get("extra_hosts").map(extra_hosts).unwrap_or_default(),
        container_name: text("container_name"),
        hostname: text("hostname"),
        healthcheck: value.get("healthcheck").and_then(healthcheck),
        ports: value.get("ports").map(|ports| ports.items().iter().filter_map(port).collect()).unwrap_or_default(),
        volumes: value.get("volumes").map(|mounts| mounts.items().iter().filter_map(mount).collect()).unwrap_or_default(),
        tmpfs: texts(value.get("tmpfs")),
        mem_limit: text("mem_limit"),
        deploy_limits: deploy_limits(value),
        profiles: texts(value.get("profiles")),
        restart: text("restart"),
    }
}

/// The entries of a mapping but those that are marked `!reset`.
fn kept(value: &Value) -> impl Iterator<Item = &Entry> {
    value.entries().iter().filter(|entry| !entry.value.is_reset())
}

/// A string or a list of strings.
fn texts(value: Option<&Arc<Value>>) -> Vec<Text> {
    let Some(value) = value else { return Vec::new() };
    let one = value.text().cloned();
    one.into_iter().chain(value.items().iter().filter_map(|item| item.text().cloned())).collect()
}

/// `KEY=value` items or a mapping, by name.
pub fn environment(value: &Arc<Value>) -> IndexMap<String, EnvEntry> {
    let mut out = IndexMap::new();
    for entry in kept(value) {
        let text = entry.value.text().cloned();
        out.insert(entry.key.clone(), EnvEntry { key_span: entry.key_span, value: text, through: None });
    }
    for item in value.items() {
        let Some(text) = item.text() else { continue };
        let (key, value) = match text.value.find('=') {
            Some(at) => (text.value[..at].to_owned(), Some(text.slice(at + 1..text.value.len()))),
            None => (text.value.clone(), None),
        };
        out.insert(key, EnvEntry { key_span: item.span, value, through: None });
    }
    out
}

pub fn command(value: &Arc<Value>) -> Option<Command> {
    if let Some(text) = value.text() {
        return Some(Command { words: split_words(text), is_string: true, value: value.clone() });
    }
    value.is_seq().then(|| {
        let words = value.items().iter().filter_map(|item| item.text().cloned()).collect();
        Command { words, is_string: false, value: value.clone() }
    })
}

/// Splits as a shell would: blanks separate, quotes and backslashes keep together (Compose uses shlex). Each word keeps its provenance;
/// a word with quotes or backslashes inside is located as a whole.
pub fn split_words(text: &Text) -> Vec<Text> {
    let line = text.value.as_str();
    let mut words = Vec::new();
    let mut chars = line.char_indices().peekable();
    while let Some(&(start, first)) = chars.peek() {
        if first.is_whitespace() {
            chars.next();
            let next = start + first.len_utf8();
            // A variable without a value between blanks is a word all the same: only what it says is not known.
            let alone = chars.peek().is_none_or(|(_, c)| c.is_whitespace());
            if alone && text.is_open(&(next..next)) {
                words.push(text.slice(next..next));
            }
            continue;
        }
        let mut cooked = String::new();
        let mut quote = None;
        let mut end = line.len();
        while let Some(&(at, c)) = chars.peek() {
            if quote.is_none() && c.is_whitespace() {
                end = at;
                break;
            }
            chars.next();
            match (quote, c) {
                (None, '\'' | '"') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (None | Some('"'), '\\') => cooked.extend(chars.next().map(|(_, escaped)| escaped)),
                _ => cooked.push(c),
            }
        }
        words.push(word(text, start, end, &cooked));
    }
    words
}

/// A quoted word is located inside its quotes, so that an edit keeps them.
fn word(text: &Text, start: usize, end: usize, cooked: &str) -> Text {
    let raw = &text.value[start..end];
    if raw == cooked {
        return text.slice(start..end);
    }
    if raw.len() == cooked.len() + 2 && raw[1..].starts_with(cooked) {
        return text.slice(start + 1..end - 1);
    }
    let mut word = Text::empty(text.home());
    let at = match text.slice(start..end).written() {
        crate::compose::value::Site::Yaml { cooked, .. } => cooked,
        _ => start..end,
    };
    word.push_literal(cooked, at);
    word
}

fn dependencies(value: &Arc<Value>) -> IndexMap<String, Dependency> {
    let mut out = IndexMap::new();
    for item in value.items() {
        if let Some(text) = item.text() {
            let short = Dependency { condition: Condition::Started, required: true, span: item.span, long: None };
            out.insert(text.value.clone(), short);
        }
    }
    for entry in kept(value) {
        let said = |key: &str| entry.value.get(key).and_then(|v| v.text()).map(|text| text.value.clone());
        let condition = match said("condition").as_deref() {
            Some("service_healthy") => Condition::Healthy,
            Some("service_completed_successfully") => Condition::Completed,
            _ => Condition::Started,
        };
        let required = said("required").as_deref() != Some("false");
        let long = Some(entry.value.clone());
        out.insert(entry.key.clone(), Dependency { condition, required, span: entry.key_span, long });
    }
    out
}

fn attachments(value: &Arc<Value>) -> IndexMap<String, Attachment> {
    let mut out = IndexMap::new();
    for item in value.items() {
        if let Some(text) = item.text() {
            out.insert(text.value.clone(), Attachment { span: item.span, aliases: Vec::new() });
        }
    }
    for entry in kept(value) {
        let aliases = texts(entry.value.get("aliases")).into_iter().map(|text| text.value).collect();
        out.insert(entry.key.clone(), Attachment { span: entry.key_span, aliases });
    }
    out
}

/// `host:ip` or `host=ip` items, or a mapping.
fn extra_hosts(value: &Arc<Value>) -> Vec<(String, String)> {
    let from_items = value.items().iter().filter_map(|item| {
        let text = &item.text()?.value;
        let end = text.find(['=', ':'])?;
        Some((text[..end].to_owned(), text[end + 1..].to_owned()))
    });
    let from_entries =
        kept(value).map(|entry| (entry.key.clone(), entry.value.text().map(|text| text.value.clone()).unwrap_or_default()));
    from_items.chain(from_entries).collect()
}

fn healthcheck(value: &Arc<Value>) -> Option<Healthcheck> {
    if !value.is_map() {
        return None;
    }
    let off = value.entry("disable").filter(|entry| entry.value.text().is_some_and(|text| is_true(&text.value)));
    let test = value.get("test").and_then(test);
    let none = test.as_ref().filter(|test| test.form == TestForm::None).map(|test| test.value.span);
    Some(Healthcheck { span: value.span, disabled: off.map(|entry| entry.key_span).or(none), test })
}

fn is_true(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "y")
}

fn test(value: &Arc<Value>) -> Option<Test> {
    if let Some(text) = value.text() {
        return Some(Test { value: value.clone(), form: TestForm::Shell, words: vec![text.clone()] });
    }
    let mut words: Vec<Text> = value.items().iter().filter_map(|item| item.text().cloned()).collect();
    if words.is_empty() {
        return None;
    }
    let form = match words.remove(0).value.as_str() {
        "CMD" => TestForm::Exec,
        "CMD-SHELL" => TestForm::Shell,
        "NONE" => TestForm::None,
        _ => return None,
    };
    Some(Test { value: value.clone(), form, words })
}

/// A range of ports, both ends included.
fn port_range(text: &str) -> Option<(u16, u16)> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
    (low <= high).then_some((low, high))
}

fn port(value: &Arc<Value>) -> Option<Port> {
    let span = value.span;
    if let Some(text) = value.text() {
        return short_port(&text.value).map(|port| Port { span, ..port });
    }
    let said = |key: &str| value.get(key).and_then(|v| v.text()).map(|text| text.value.clone());
    Some(Port {
        host_ip: said("host_ip").filter(|ip| !ip.is_empty()),
        published: said("published").and_then(|text| port_range(&text)),
        target: port_range(&said("target")?)?,
        protocol: said("protocol").unwrap_or_else(|| "tcp".to_owned()),
        span,
    })
}

/// `[[IP:]HOST:]CONTAINER[/PROTOCOL]`.
pub fn short_port(text: &str) -> Option<Port> {
    let (rest, protocol) = text.rsplit_once('/').unwrap_or((text, "tcp"));
    let (host, target) = match rest.rsplit_once(':') {
        Some((host, target)) => (Some(host), target),
        None => (None, rest),
    };
    let (host_ip, published) = match host {
        None => (None, None),
        Some(host) => match host.rsplit_once(':') {
            Some((ip, published)) => (Some(ip.trim_matches(['[', ']']).to_owned()), Some(published)),
            None => (None, Some(host)),
        },
    };
    let published = match published {
        None | Some("") => None,
        Some(published) => Some(port_range(published)?),
    };
    let span = crate::text::span::Span::point(crate::text::span::FileId(0), 0);
    Some(Port { host_ip, published, target: port_range(target)?, protocol: protocol.to_owned(), span })
}

fn mount(value: &Arc<Value>) -> Option<Mount> {
    let span = value.span;
    let Some(text) = value.text() else {
        let said = |key: &str| value.get(key).and_then(|v| v.text()).map(|text| text.value.clone());
        let is_bind = said("type").is_some_and(|kind| kind != "volume");
        return Some(Mount { source: said("source"), target: said("target")?, is_bind, span });
    };
    let mut parts = text.value.split(':');
    let (first, second) = (parts.next()?, parts.next());
    Some(match second {
        None => Mount { source: None, target: first.to_owned(), is_bind: false, span },
        Some(target) => {
            let is_bind = first.starts_with(['.', '/', '~', '$']);
            Mount { source: Some(first.to_owned()), target: target.to_owned(), is_bind, span }
        }
    })
}

fn deploy_limits(value: &Arc<Value>) -> Option<DeployLimits> {
    let limits = value.get("deploy")?.get("resources")?.get("limits")?;
    let memory = limits.get("memory").and_then(|memory| memory.text()).cloned();
    limits.is_map().then(|| DeployLimits { value: limits.clone(), memory })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::value::Home;

    fn parts(text: &str) -> String {
        let port = short_port(text).expect("a port");
        format!("{:?} {:?} {:?} {}", port.host_ip.as_deref(), port.published, port.target, port.protocol)
    }

    #[test]
    fn short_ports() {
        assert_eq!(parts("6379"), "None None (6379, 6379) tcp");
        assert_eq!(parts("6380:6379"), "None Some((6380, 6380)) (6379, 6379) tcp");
        assert_eq!(parts("127.0.0.1:6380:6379/udp"), "Some(\"127.0.0.1\") Some((6380, 6380)) (6379, 6379) udp");
        assert_eq!(parts("[::1]:6001-6002:6001-6002"), "Some(\"::1\") Some((6001, 6002)) (6001, 6002) tcp");
        assert_eq!(parts("127.0.0.1::6379"), "Some(\"127.0.0.1\") None (6379, 6379) tcp");
        assert_eq!(short_port("a:b"), None);
    }

    #[test]
    fn words_are_split_like_a_shell_does() {
        let text = Text::literal(r#"redis-server  --requirepass "a b" 'c'd e\ f"#, Home::Outside);
        let words: Vec<String> = split_words(&text).into_iter().map(|word| word.value).collect();
        assert_eq!(words, ["redis-server", "--requirepass", "a b", "cd", "e f"]);
    }
}
