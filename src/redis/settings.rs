//! One variable as a setting of Redis: whether it is one, and how much of its value may be shown.

use super::endpoints::{self, Reading};
use super::variables::{self, Role};
use crate::compose::value::Text;
use crate::secret;
use crate::syntax::url;

/// Whether a variable tells a program about its Redis, by its name or by its value.
pub fn is_setting(name: &str, text: &Text) -> bool {
    variables::read(name).is_some() || url::find(&text.value).first().is_some_and(|url| url.start == 0)
}

/// The value as it may be shown; `None` for all but addresses and numbers.
pub fn shown(name: &str, text: &Text) -> Option<String> {
    let value = text.value.as_str();
    if !text.missing().is_empty() || value.contains('$') {
        return None;
    }
    if url::parse(value).is_some() {
        return match endpoints::from_url(text) {
            Reading::One(endpoint) => Some(endpoint.shown(true)),
            _ => None,
        };
    }
    if secret::is_secret_name(name) {
        return None;
    }
    match variables::read(name)?.role {
        Role::Port | Role::Db => value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.to_owned()),
        role @ (Role::Host | Role::Address | Role::Url) => match endpoints::from_address(text) {
            Reading::One(endpoint) if endpoint.port.is_some() => Some(endpoint.shown(false)),
            Reading::One(endpoint) if role != Role::Url => Some(endpoint.host.value),
            _ => None,
        },
        Role::Password | Role::PasswordFile | Role::Username | Role::Tls | Role::Nodes => None,
    }
    .filter(|shown| !shown.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::value::Home;

    fn show(name: &str, value: &str) -> Option<String> {
        shown(name, &Text::literal(value, Home::Outside))
    }

    #[test]
    fn addresses_and_numbers_are_shown_and_nothing_else() {
        assert_eq!(show("REDIS_URL", "redis://:s3cret@h:1/2").as_deref(), Some("redis://********@h:1/2"));
        assert_eq!(show("REDIS_HOST", "h").as_deref(), Some("h"));
        assert_eq!(show("REDIS_ADDR", "h:1").as_deref(), Some("h:1"));
        assert_eq!(show("REDIS_DB", "3").as_deref(), Some("3"));
        for (name, value) in [("REDIS_PASSWORD", "3"), ("REDIS_TOKEN", "h:1"), ("REDIS_USER", "app"), ("REDIS_PORT", "s3cret")] {
            assert_eq!(show(name, value), None, "{name}");
        }
    }

    #[test]
    fn a_setting_is_known_by_name_or_value() {
        let is = |name: &str, value: &str| is_setting(name, &Text::literal(value, Home::Outside));
        assert!(is("REDIS_PASSWORD", "x") && is("CACHE_URL", "redis://h") && is("Q", "unix:///run/redis.sock"));
        assert!(!is("DATABASE_URL", "postgres://h/d") && !is("DOCKER_HOST", "unix:///var/run/docker.sock"));
    }
}
