//! Gives a client the password of the server that it uses already, or takes one away that the server does not ask for. Nothing else of
//! the connection changes.

use super::choice::Chosen;
use super::password::{password_at, userinfo};
use super::rewrite::{Piece, has_own_password, is_filled_in, set_pieces, set_whole};
use crate::compose::value::Text;
use crate::diagnostic::Change;
use crate::redis::endpoints::Endpoint;
use crate::redis::servers::RedisServer;
use crate::redis::uses::{Form, RedisUse};
use crate::redis::variables::Role;
use crate::rules::context::Context;
use crate::rules::editor::Edited;
use crate::syntax::url;

/// The edits that make the password of uses of one place that of `server`.
pub fn change(cx: &Context<'_>, server: &RedisServer, uses: &[&RedisUse]) -> Edited {
    let chosen = Chosen::Existing(server);
    let mut change = Change::default();
    for (at, usage) in uses.iter().enumerate() {
        let endpoint = usage.endpoint.as_ref().ok_or("the host is not known")?;
        if is_filled_in(usage, endpoint) {
            return Err("a shell in the container puts the URL together".to_owned());
        }
        let is_url = matches!(usage.form, Form::Url | Form::Command) && url::parse(&usage.text.value).is_some();
        if has_own_password(usage) {
            change.join(in_variables(cx, &chosen, usage)?);
            if is_url && endpoint.password.is_some() {
                return Err("both the URL and a variable of its own hold a password; decide which of them counts".to_owned());
            }
        } else if is_url && at == 0 {
            change.join(in_url(cx, &chosen, &usage.text, endpoint)?);
        } else if let (false, Some(password)) = (is_url, &endpoint.password) {
            change.join(set_whole(cx, password, &password_at(cx, &chosen, &password.site())?)?);
        } else if !is_url {
            return Err(format!("no variable of {} holds a password; add the one that its program reads", usage.service));
        }
    }
    Ok(change)
}

fn in_variables(cx: &Context<'_>, chosen: &Chosen<'_>, usage: &RedisUse) -> Edited {
    let mut change = Change::default();
    for part in usage.parts.iter().filter(|part| part.role == Role::Password) {
        let wanted = password_at(cx, chosen, &part.text.site())?;
        change.join(set_whole(cx, &part.text, &wanted)?);
    }
    Ok(change)
}

/// What stands in front of the host: scheme, user and password.
fn in_url(cx: &Context<'_>, chosen: &Chosen<'_>, text: &Text, endpoint: &Endpoint) -> Edited {
    let value = text.value.as_str();
    let parts = url::parse(value).ok_or("the value is no Redis URL")?;
    let host = parts.hosts.first().ok_or("the URL has no host")?;
    let bracket = usize::from(value[host.host.end..].starts_with(']'));
    let head = 0..host.host.start - bracket;
    password_at(cx, chosen, &text.site_of(head.clone()))?;
    let auth = userinfo(cx, chosen, &text.site_of(head.clone()))?;
    let user = endpoint.username.as_ref().filter(|_| !auth.is_empty()).map_or("", |user| user.value.as_str());
    let new = format!("{}://{user}{auth}", &value[parts.scheme.clone()]);
    set_pieces(cx, text, vec![Piece { range: head, new }])
}
