//! Leads a connection to the project's own Redis: which server, with which password and index, and the edits that say so.

use super::choice::{Chosen, choose};
use super::indexes;
use super::password::{is_own_password, password_at, userinfo};
use crate::compose::value::{Site, Text};
use crate::diagnostic::{Applicability, Change, Fix, Remedy};
use crate::redis::endpoints::Endpoint;
use crate::redis::servers::{RedisServer, Setting};
use crate::redis::uses::{Form, LooseUrl, RedisUse};
use crate::redis::variables::Role;
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::url;
use std::ops::Range;

/// The fix that leads the connections of one place to the local server.
pub fn remedy(cx: &Context<'_>, usage: &RedisUse) -> Remedy {
    let Some(endpoint) = &usage.endpoint else { return Remedy::Manual };
    if usage.several {
        return Remedy::Refused(
            "it names several hosts (a cluster or sentinels), and one server cannot stand for them".to_owned(),
        );
    }
    let chosen = match choose(cx, usage.variable.as_deref(), Some(&usage.service)) {
        Ok(chosen) => chosen,
        Err(reason) => return Remedy::Refused(reason),
    };
    let change = match usage.form {
        Form::Url | Form::Command => url_change(cx, &usage.text, endpoint, &chosen),
        Form::Address => address_change(cx, endpoint, &chosen),
        Form::Split => split_change(cx, usage, endpoint, &chosen),
    };
    fix(&super::what(usage), change, &chosen)
}

/// The same for a URL that no service is given.
pub fn loose_remedy(cx: &Context<'_>, loose: &LooseUrl) -> Remedy {
    match choose(cx, loose.variable.as_deref(), None) {
        Ok(chosen) => {
            let change = url_change(cx, &loose.text, &loose.endpoint, &chosen);
            fix(loose.variable.as_deref().unwrap_or("the URL"), change, &chosen)
        }
        Err(reason) => Remedy::Refused(reason),
    }
}

fn fix(what: &str, change: Edited, chosen: &Chosen<'_>) -> Remedy {
    let mut caveat = "data on the old server stay there".to_owned();
    if let Chosen::Existing(RedisServer { password: Setting::Hidden, .. }) = chosen {
        caveat.push_str("; a password that the server reads from a file has to be added by hand");
    }
    match change {
        Ok(change) => Remedy::Fix(Fix {
            title: format!("Point {what} at the service {}", chosen.name()),
            applicability: Applicability::Unsafe,
            caveat: Some(caveat),
            change,
        }),
        Err(reason) => Remedy::Refused(reason),
    }
}

/// A range of a text and what is to stand there.
struct Piece {
    range: Range<usize>,
    new: String,
}

fn url_change(cx: &Context<'_>, text: &Text, endpoint: &Endpoint, chosen: &Chosen<'_>) -> Edited {
    let value = text.value.as_str();
    let parts = url::parse(value).ok_or("the value is no Redis URL")?;
    let host = parts.hosts.first().ok_or("the URL has no host")?;
    let bracket = usize::from(value[host.host.end..].starts_with(']'));
    let head = 0..host.port.as_ref().map_or(host.host.end + bracket, |port| port.end);
    let auth = userinfo(cx, chosen, &text.site_of(head.clone()))?;
    let scheme = local_scheme(&value[parts.scheme.clone()], chosen);
    let mut new_head = format!("{scheme}://{auth}{}:{}", chosen.name(), chosen.port());
    let mut pieces = Vec::new();
    let (old, new) = (indexes::index(endpoint), indexes::plan(cx, chosen).index(endpoint));
    match (&endpoint.db, &parts.path) {
        (Some(db), _) if old != new => {
            let at = range_of(value, &db.value, parts.path.as_ref(), parts.query.as_ref());
            pieces.push(Piece { range: at.ok_or("the index stands in no place of its own")?, new: new.to_string() });
        }
        (None, Some(path)) if old != new => pieces.push(Piece { range: path.clone(), new: new.to_string() }),
        (None, None) if old != new => new_head = format!("{new_head}/{new}"),
        _ => {}
    }
    if let Some(query) = parts.query.filter(|_| endpoint.tls && !chosen.speaks_tls())
        && (value[query.clone()].starts_with("ssl") || value[query.clone()].starts_with("tls"))
    {
        pieces.push(Piece { range: query.start - 1..query.end, new: String::new() });
    }
    pieces.insert(0, Piece { range: head, new: new_head });
    set_pieces(cx, text, pieces)
}

/// Where the index stands: in the path, or behind `db=` in the query.
fn range_of(value: &str, db: &str, path: Option<&Range<usize>>, query: Option<&Range<usize>>) -> Option<Range<usize>> {
    if let Some(query) = query {
        let text = &value[query.clone()];
        let start = if text.starts_with("db=") { Some(3) } else { text.find("&db=").map(|at| at + 4) };
        if let Some(start) = start {
            return Some(query.start + start..query.start + start + db.len());
        }
    }
    path.filter(|path| value[(*path).clone()].starts_with(db)).map(|path| path.start..path.start + db.len())
}

/// The scheme without TLS, where the server has none; others stay.
fn local_scheme(scheme: &str, chosen: &Chosen<'_>) -> String {
    match scheme.to_ascii_lowercase().as_str() {
        "rediss" | "valkeys" if !chosen.speaks_tls() => scheme[..scheme.len() - 1].to_owned(),
        _ => scheme.to_owned(),
    }
}

/// Pieces that stand in one scalar become one edit, with what lies between them kept.
fn set_pieces(cx: &Context<'_>, text: &Text, pieces: Vec<Piece>) -> Edited {
    let mut joined: Vec<(Site, String)> = Vec::new();
    for piece in pieces {
        let site = text.site_of(piece.range);
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
    let mut change = cx.editor().set(&endpoint.host.site(), chosen.name())?;
    if let Some(port) = endpoint.port.as_ref().filter(|port| port.value != chosen.port().to_string()) {
        change.join(cx.editor().set(&port.site(), &chosen.port().to_string())?);
    }
    if let Some(password) = &endpoint.password {
        change.join(cx.editor().set(&password.site(), &password_at(cx, chosen, &password.site())?)?);
    }
    Ok(change)
}

/// All variables of a split connection at once.
fn split_change(cx: &Context<'_>, usage: &RedisUse, endpoint: &Endpoint, chosen: &Chosen<'_>) -> Edited {
    let mut change = cx.editor().set(&endpoint.host.site(), chosen.name())?;
    let (old, new) = (indexes::index(endpoint), indexes::plan(cx, chosen).index(endpoint));
    if old != new && !usage.parts.iter().any(|part| part.role == Role::Db) {
        return Err(format!("its data would share index {old} with another connection, and no variable sets the index"));
    }
    for part in &usage.parts {
        let wanted = match part.role {
            Role::Port => chosen.port().to_string(),
            Role::Password => password_at(cx, chosen, &part.text.site())?,
            Role::Username => String::new(),
            Role::Db => new.to_string(),
            Role::Tls if !chosen.speaks_tls() => switched_off(&part.text.value),
            _ => continue,
        };
        let keeps = part.text.value.is_empty()
            || part.text.value == wanted
            || (part.role == Role::Password && is_own_password(chosen, &part.text));
        let is_null = part.role == Role::Password && wanted.is_empty() && part.text.value == "null";
        if !keeps && !is_null {
            change.join(cx.editor().set(&part.text.site(), &wanted)?);
        }
    }
    if let (Some(port), true) = (&endpoint.port, usage.parts.iter().all(|part| part.role != Role::Port))
        && port.value != chosen.port().to_string()
    {
        change.join(cx.editor().set(&port.site(), &chosen.port().to_string())?);
    }
    Ok(change)
}

/// `true` becomes `false`, in the notation it has.
fn switched_off(value: &str) -> String {
    match value {
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
