//! Leads a connection to the project's own Redis: which server, with which password and index, and the edits that say so.

use super::choice::{Chosen, choose};
use super::indexes;
use super::password::{is_own_password, password_at, userinfo};
use crate::compose::value::{Home, Site, Text};
use crate::diagnostic::{Applicability, Change, Remedy};
use crate::redis::endpoints::Endpoint;
use crate::redis::hosts::Target;
use crate::redis::servers::{DEFAULT_PORT, RedisServer, Setting};
use crate::redis::uses::{Form, LooseUrl, RedisUse};
use crate::redis::variables::{self, Role};
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::url;
use std::ops::Range;

/// The fix that leads the connections of one place to the local server.
pub fn remedy(cx: &Context<'_>, uses: &[&RedisUse]) -> Remedy {
    let Some(usage) = uses.first() else { return Remedy::Manual };
    let Some(endpoint) = &usage.endpoint else { return Remedy::Manual };
    if usage.several {
        return Remedy::Refused(
            "it names several hosts (a cluster or sentinels), and one server cannot stand for them".to_owned(),
        );
    }
    if let Some(kept) = uses.iter().find(|usage| cx.is_kept(usage)) {
        return Remedy::Refused(format!("a comment at {} keeps it as it is, and both read one value", kept.service));
    }
    let chosen = match choose(cx, usage.variable.as_deref(), Some(&usage.service)) {
        Ok(chosen) => chosen,
        Err(reason) => return Remedy::Refused(reason),
    };
    if let Chosen::Existing(server) = &chosen
        && !server.plain
    {
        return Remedy::Refused(format!("{} has no port without TLS", server.service));
    }
    if let Some(reason) = uses.iter().find_map(|usage| unresolving(cx, &usage.service, chosen.name())) {
        return Remedy::Refused(reason);
    }
    let change = match usage.form {
        _ if is_filled_in(usage, endpoint) => Err("a shell in the container puts the host together".to_owned()),
        Form::Command if url::parse(&usage.text.value).is_none() => split_change(cx, usage, endpoint, &chosen),
        Form::Url | Form::Command => {
            url_change(cx, &usage.text, endpoint, &chosen, has_own_password(usage)).and_then(|mut change| {
                change.join(parts_change(cx, usage, &chosen, 0)?);
                Ok(change)
            })
        }
        Form::Address => address_change(cx, endpoint, &chosen),
        Form::Split => split_change(cx, usage, endpoint, &chosen),
    };
    // The same host may be given to several services with variables of their own beside it.
    let change = change.and_then(|mut change| {
        for other in uses.iter().skip(1).filter(|other| !other.parts.is_empty()) {
            let Some(endpoint) = &other.endpoint else { continue };
            change.join(match other.form {
                Form::Split => split_change(cx, other, endpoint, &chosen)?,
                _ => parts_change(cx, other, &chosen, 0)?,
            });
        }
        Ok(change)
    });
    fix(&super::what(usage), change, &chosen, &moved(cx, endpoint, &chosen), &usage.target)
}

/// Whether the URL takes its host from a variable of the container.
pub(super) fn is_filled_in(usage: &RedisUse, endpoint: &Endpoint) -> bool {
    usage.form == Form::Command && usage.text.value.contains('$') && !usage.text.value.contains(&endpoint.host.value)
}

/// Why the name of a server means nothing in the containers of a service.
fn unresolving(cx: &Context<'_>, service: &str, server: &str) -> Option<String> {
    let hosts = &cx.service(service).extra_hosts;
    if let Some((_, address)) = hosts.iter().find(|(name, _)| name.eq_ignore_ascii_case(server)) {
        return Some(format!("extra_hosts of {service} gives {server} the address {address}; remove that entry"));
    }
    let own = cx.project.services.get(server).and_then(|server| server.network_mode.as_ref());
    if let Some(mode) = own {
        return Some(format!("{server} has `network_mode: {}`, so nothing answers to its name", mode.value));
    }
    let mode = cx.service(service).network_mode.as_ref()?;
    Some(format!("{service} has `network_mode: {}`, where the name of a Redis service does not resolve for certain", mode.value))
}

/// The same for a URL that no service is given.
pub fn loose_remedy(cx: &Context<'_>, loose: &LooseUrl) -> Remedy {
    match choose(cx, loose.variable.as_deref(), None) {
        Ok(chosen) => {
            let change = url_change(cx, &loose.text, &loose.endpoint, &chosen, false);
            fix(
                loose.variable.as_deref().unwrap_or("the URL"),
                change,
                &chosen,
                &moved(cx, &loose.endpoint, &chosen),
                &loose.target,
            )
        }
        Err(reason) => Remedy::Refused(reason),
    }
}

/// Where a connection led and where it leads, with the index: `203.0.113.10:6380/3 → redis:6379/0`.
fn moved(cx: &Context<'_>, endpoint: &Endpoint, chosen: &Chosen<'_>) -> String {
    let (old, new) = (indexes::index(endpoint), indexes::plan(cx, chosen).index(cx, endpoint));
    format!("{}/{old} → {}:{}/{new}", endpoint.address(), chosen.name(), chosen.port())
}

fn fix(what: &str, change: Edited, chosen: &Chosen<'_>, moved: &str, from: &Target) -> Remedy {
    // Where no server answered, there are no data.
    let old = if matches!(from, Target::External(_)) {
        "data on the old server stay there"
    } else {
        "the services then use that Redis, whatever they found before"
    };
    let mut caveat = old.to_owned();
    if matches!(chosen, Chosen::Existing(server) if matches!(server.password, Setting::Hidden)) {
        caveat.push_str("; if the server's configuration asks for a password, add it by hand");
    }
    Remedy::offer(Applicability::Unsafe, format!("Point {what} at the service {}: {moved}", chosen.name()), Some(caveat), change)
}

/// A range of a text and what is to stand there.
pub(super) struct Piece {
    pub(super) range: Range<usize>,
    pub(super) new: String,
}

/// A URL whose password is a variable of its own.
pub(super) fn has_own_password(usage: &RedisUse) -> bool {
    usage.parts.iter().any(|part| part.role == Role::Password)
}

fn url_change(cx: &Context<'_>, text: &Text, endpoint: &Endpoint, chosen: &Chosen<'_>, password_apart: bool) -> Edited {
    let value = text.value.as_str();
    let parts = url::parse(value).ok_or("the value is no Redis URL")?;
    let host = parts.hosts.first().ok_or("the URL has no host")?;
    let head = 0..host.host.start;
    let auth = if password_apart { String::new() } else { userinfo(cx, chosen, &text.site_of(head.clone()))? };
    let new_head = format!("{}://{auth}", local_scheme(&value[parts.scheme.clone()], chosen));
    let bracket = usize::from(value[host.host.end..].starts_with(']'));
    let (old, new) = (indexes::index(endpoint), indexes::plan(cx, chosen).index(cx, endpoint));
    let mut pieces =
        vec![Piece { range: head, new: new_head }, Piece { range: host.host.clone(), new: chosen.name().to_owned() }];
    // What the URL leaves out, a port or a path for the index, comes behind the address.
    let mut tail = String::new();
    match &host.port {
        Some(port) => pieces.push(Piece { range: port.clone(), new: chosen.port().to_string() }),
        None => tail = format!(":{}", chosen.port()),
    }
    if endpoint.db.is_none() && parts.path.is_none() && old != new {
        tail = format!("{tail}/{new}");
    }
    let end = host.port.as_ref().map_or(host.host.end + bracket, |port| port.end);
    pieces.push(Piece { range: end..end, new: tail });
    match (&endpoint.db, &parts.path) {
        (Some(db), Some(path)) if old != new && value[path.clone()].starts_with(db.value.as_str()) => {
            pieces.push(Piece { range: path.start..path.start + db.value.len(), new: new.to_string() });
        }
        (None, Some(path)) if old != new => pieces.push(Piece { range: path.clone(), new: new.to_string() }),
        _ => {}
    }
    if let Some(query) = &parts.query {
        let kept = local_query(&value[query.clone()], (old != new).then_some(new), chosen);
        let range = if kept.is_empty() { query.start - 1..query.end } else { query.clone() };
        pieces.push(Piece { range, new: kept });
    }
    // A bracketed address loses its brackets with it.
    if bracket == 1 {
        pieces[0].range.end -= 1;
        pieces[1].range = host.host.start - 1..host.host.end + 1;
    }
    pieces.retain(|piece| value.get(piece.range.clone()) != Some(piece.new.as_str()));
    if !is_url(value, &pieces) {
        return Err("the result would be no valid URL; write it by hand".to_owned());
    }
    let mut change = set_pieces(cx, text, pieces)?;
    if let Some(password) = endpoint.password.as_ref().filter(|_| auth.is_empty()) {
        change.join(clear_spent(cx, password, text)?);
    }
    Ok(change)
}

/// Empties the variable of an env file that held the password of the old server for this URL, if nothing else can mean it.
fn clear_spent(cx: &Context<'_>, password: &Text, url: &Text) -> Edited {
    let Site::Env { file, line, .. } = password.site() else { return Ok(Change::default()) };
    let home = Home::Env { file, line };
    let key = cx.project.docs.env(file).and_then(|doc| doc.entries.get(line)).map(|entry| entry.key.as_str());
    let is_password = key.and_then(variables::read).is_some_and(|named| named.role == Role::Password);
    let of_server = cx.redis.servers.iter().filter_map(|server| server.password.text()).any(|own| own.homes().contains(&home));
    if !is_password || of_server || url.home() == home || password.value.is_empty() || cx.is_foreign(file, line) {
        return Ok(Change::default());
    }
    cx.editor().set(&password.site(), "")
}

/// Whether a URL is valid once its pieces are replaced, as far as that can be told: an expression is not known here.
fn is_url(value: &str, pieces: &[Piece]) -> bool {
    let mut out = String::new();
    let mut done = 0;
    for piece in pieces {
        out.push_str(&value[done..piece.range.start]);
        out.push_str(&piece.new);
        done = piece.range.end;
    }
    out.push_str(&value[done..]);
    out.contains('$') || ::url::Url::parse(&out).is_ok_and(|url| url.has_host())
}

/// The options of a query without those that only made sense on the old server: TLS, and credentials of its own.
fn local_query(query: &str, db: Option<u32>, chosen: &Chosen<'_>) -> String {
    let keep = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        let tls = (name.starts_with("ssl") || name.starts_with("tls")) && !chosen.speaks_tls();
        !tls && !matches!(name, "password" | "username")
    };
    let renamed = |pair: &str| match (pair.split_once('='), db) {
        (Some(("db", _)), Some(db)) => format!("db={db}"),
        _ => pair.to_owned(),
    };
    query.split('&').filter(keep).map(renamed).collect::<Vec<_>>().join("&")
}

/// The scheme without TLS, where the server has none; others stay.
fn local_scheme(scheme: &str, chosen: &Chosen<'_>) -> String {
    match scheme.to_ascii_lowercase().as_str() {
        "rediss" | "valkeys" if !chosen.speaks_tls() => scheme[..scheme.len() - 1].to_owned(),
        _ => scheme.to_owned(),
    }
}

/// Pieces that stand in one scalar become one edit, with what lies between them kept.
pub(super) fn set_pieces(cx: &Context<'_>, text: &Text, pieces: Vec<Piece>) -> Edited {
    let mut joined: Vec<(Site, String)> = Vec::new();
    for piece in pieces {
        let site = own_place(cx, text, text.site_of(piece.range.clone()), || text.here_of(piece.range))?;
        let together = joined.last().and_then(|(last, new)| {
            let (site, between) = span_both(cx, last, &site)?;
            Some((site, format!("{new}{between}{}", piece.new)))
        });
        match together {
            Some(both) => *joined.last_mut().expect("there is one") = both,
            None => joined.push((site, piece.new)),
        }
    }
    let mut change = Change::default();
    for (site, new) in joined {
        change.join(cx.editor().set(&site, &new)?);
    }
    Ok(change)
}

/// The place of a value, unless other settings take it from there too: then the place in the compose file that refers to it.
fn own_place(cx: &Context<'_>, text: &Text, site: Site, here: impl FnOnce() -> Site) -> Result<Site, String> {
    let Site::Env { file, line, .. } = &site else { return Ok(site) };
    if !cx.is_foreign(*file, *line) {
        return Ok(site);
    }
    match text.home() {
        Home::Yaml { .. } => Ok(here()),
        _ => Err("its value in the env file also feeds settings that have nothing to do with Redis".to_owned()),
    }
}

/// Writes a whole value at its place.
pub(super) fn set_whole(cx: &Context<'_>, text: &Text, new: &str) -> Edited {
    let site = own_place(cx, text, text.site(), || text.written())?;
    cx.editor().set(&site, new)
}

/// Two places in one template as one, and what stands between them.
fn span_both(cx: &Context<'_>, first: &Site, second: &Site) -> Option<(Site, String)> {
    match (first, second) {
        (Site::Yaml { file, node, cooked: a }, Site::Yaml { file: f, node: n, cooked: b })
            if (file, node) == (f, n) && a.end <= b.start =>
        {
            let between = cx.project.docs.tree(*file)?.scalar(*node)?.value.get(a.end..b.start)?.to_owned();
            Some((Site::Yaml { file: *file, node: *node, cooked: a.start..b.end }, between))
        }
        (Site::Env { file, line, template: a }, Site::Env { file: f, line: l, template: b })
            if (file, line) == (f, l) && a.end <= b.start =>
        {
            let entry = cx.project.docs.env(*file)?.entries.get(*line)?;
            let between = entry.value.as_ref()?.template.get(a.end..b.start)?.to_owned();
            Some((Site::Env { file: *file, line: *line, template: a.start..b.end }, between))
        }
        _ => None,
    }
}

fn address_change(cx: &Context<'_>, endpoint: &Endpoint, chosen: &Chosen<'_>) -> Edited {
    let mut change = set_whole(cx, &endpoint.host, chosen.name())?;
    let mut set = |text: Option<&Text>, new: String| -> Result<(), String> {
        if let Some(text) = text.filter(|text| text.value != new) {
            change.join(set_whole(cx, text, &new)?);
        }
        Ok(())
    };
    set(endpoint.port.as_ref(), chosen.port().to_string())?;
    if let Some(password) = &endpoint.password {
        set(Some(password), password_at(cx, chosen, &password.site())?)?;
    }
    if !chosen.speaks_tls() {
        set(
            endpoint.tls_option.as_ref(),
            endpoint.tls_option.as_ref().map(|word| switched_off(&word.value)).unwrap_or_default(),
        )?;
    }
    let (old, new) = (indexes::index(endpoint), indexes::plan(cx, chosen).index(cx, endpoint));
    match &endpoint.db {
        Some(db) if old != new => set(Some(db), new.to_string())?,
        None if old != new => return Err(no_index(old)),
        _ => {}
    }
    Ok(change)
}

fn no_index(index: u32) -> String {
    format!(
        "its data would mix with those of another connection on index {index}, and it has no variable that sets the index; add one"
    )
}

/// Leads the variables of a split connection to the server and the index that a URL beside them names.
pub fn follow(cx: &Context<'_>, usage: &RedisUse, server: &RedisServer, index: u32) -> Edited {
    let chosen = Chosen::Existing(server);
    let endpoint = usage.endpoint.as_ref().ok_or("its host is not known")?;
    let has = |role: Role| usage.parts.iter().any(|part| part.role == role);
    if let Some(reason) = unresolving(cx, &usage.service, &server.service) {
        return Err(reason);
    }
    if index != indexes::index(endpoint) && !has(Role::Db) {
        return Err(format!("the URL uses database {index}, and no variable beside the host sets the index; add one"));
    }
    match server.password {
        Setting::Absent => {}
        Setting::Set(_) if endpoint.password.is_some() => {}
        Setting::Hidden if endpoint.password.is_none() => {}
        _ => return Err(format!("what password {} asks for beside the URL is not clear; write it by hand", server.service)),
    }
    if !server.plain {
        return Err(format!("{} has no port without TLS", server.service));
    }
    if endpoint.port.is_none() && chosen.port() != DEFAULT_PORT {
        return Err(format!(
            "{} listens on {}, and no variable beside the host sets the port; add one",
            server.service,
            chosen.port()
        ));
    }
    split_to(cx, usage, endpoint, &chosen, index)
}

/// All variables of a split connection at once.
fn split_change(cx: &Context<'_>, usage: &RedisUse, endpoint: &Endpoint, chosen: &Chosen<'_>) -> Edited {
    let (old, new) = (indexes::index(endpoint), indexes::plan(cx, chosen).index(cx, endpoint));
    if old != new && !usage.parts.iter().any(|part| part.role == Role::Db) {
        return Err(no_index(old));
    }
    split_to(cx, usage, endpoint, chosen, new)
}

fn split_to(cx: &Context<'_>, usage: &RedisUse, endpoint: &Endpoint, chosen: &Chosen<'_>, index: u32) -> Edited {
    let host = if usage.text.value.contains("://") { &usage.text } else { &endpoint.host };
    let mut change = set_whole(cx, host, chosen.name())?;
    change.join(parts_change(cx, usage, chosen, index)?);
    if let (Some(port), true) = (&endpoint.port, usage.parts.iter().all(|part| part.role != Role::Port))
        && port.value != chosen.port().to_string()
    {
        change.join(set_whole(cx, port, &chosen.port().to_string())?);
    }
    Ok(change)
}

/// Port, credentials, index and TLS where they are variables of their own.
fn parts_change(cx: &Context<'_>, usage: &RedisUse, chosen: &Chosen<'_>, index: u32) -> Edited {
    let mut change = Change::default();
    for part in &usage.parts {
        let wanted = match part.role {
            Role::Port => chosen.port().to_string(),
            Role::Password => password_at(cx, chosen, &part.text.site())?,
            Role::PasswordFile if !part.text.value.is_empty() && is_open(chosen) => {
                return Err(format!("{} names a file with a password, and {} asks for none", part.variable, chosen.name()));
            }
            Role::Username => String::new(),
            Role::Db => index.to_string(),
            Role::Tls if !chosen.speaks_tls() => switched_off(&part.text.value),
            _ => continue,
        };
        let keeps = part.text.value.is_empty()
            || part.text.value == wanted
            || (part.role == Role::Password && is_own_password(chosen, &part.text));
        let is_null = part.role == Role::Password && wanted.is_empty() && part.text.value == "null";
        if !keeps && !is_null {
            change.join(set_whole(cx, &part.text, &wanted)?);
        }
    }
    Ok(change)
}

/// Whether a server asks for no password.
fn is_open(chosen: &Chosen<'_>) -> bool {
    match chosen {
        Chosen::Existing(server) => server.password.is_absent(),
        Chosen::New(_) => true,
    }
}

/// `true` becomes `false`, in the notation it has.
fn switched_off(value: &str) -> String {
    match value {
        "tls" => "tcp",
        "rediss" => "redis",
        "1" => "0",
        "yes" => "no",
        "on" => "off",
        "True" => "False",
        "TRUE" => "FALSE",
        "true" => "false",
        other => other,
    }
    .to_owned()
}
