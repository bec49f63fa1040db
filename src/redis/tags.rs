//! What the tag of an image of Redis or Valkey says: a version, as much of it as is written, and the system it is built on. The words
//! are those of the official images (docker-library/official-images, valkey-io/valkey-container; August 2026).

use super::images;

/// Releases of Debian, and the words for variants of it.
const SYSTEMS: [&str; 11] =
    ["debian", "slim", "wheezy", "jessie", "stretch", "buster", "bullseye", "bookworm", "trixie", "32bit", "alpine"];

/// Words that stand for whatever was built last.
const MOVING: [&str; 8] = ["latest", "stable", "unstable", "edge", "nightly", "main", "master", "develop"];

/// `major[.minor[.patch]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u16,
    pub minor: Option<u16>,
    pub patch: Option<u16>,
}

/// What a tag says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag<'a> {
    /// No version at all; the word that is written, or `None` where there is no tag.
    Floating(Option<&'a str>),
    Version(Version),
    /// A candidate, a build of somebody's own: nothing that can be told.
    Other,
}

/// The tag of an image reference.
pub fn read(image: &str) -> Tag<'_> {
    let Some(tag) = images::tag(image) else { return Tag::Floating(None) };
    let mut words = tag.split('-');
    let first = words.next().unwrap_or_default();
    let rest_is_system = words.all(is_system);
    if rest_is_system && (MOVING.contains(&first) || is_system(first)) {
        return Tag::Floating(Some(tag));
    }
    match version(first).filter(|_| rest_is_system) {
        Some(version) => Tag::Version(version),
        None => Tag::Other,
    }
}

/// `bookworm`, `alpine`, `alpine3.20`.
fn is_system(word: &str) -> bool {
    let bare = word.strip_prefix("alpine").filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
    bare.is_some() || SYSTEMS.contains(&word)
}

fn version(word: &str) -> Option<Version> {
    let mut numbers = word.split('.').map(|number| number.parse::<u16>().ok());
    let major = numbers.next()??;
    let minor = numbers.next().map_or(Some(None), |number| number.map(Some))?;
    let patch = numbers.next().map_or(Some(None), |number| number.map(Some))?;
    numbers.next().is_none().then_some(Version { major, minor, patch })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_through_the_system() {
        let of = |major, minor, patch| Tag::Version(Version { major, minor, patch });
        for (image, wanted) in [
            ("redis:7", of(7, None, None)),
            ("redis:7.4-alpine3.21", of(7, Some(4), None)),
            ("redis:8.2.2-bookworm@sha256:00", of(8, Some(2), Some(2))),
            ("registry.example.com:5000/redis:6.2.7", of(6, Some(2), Some(7))),
            ("redis", Tag::Floating(None)),
            ("registry.example.com:5000/redis", Tag::Floating(None)),
            ("redis:latest", Tag::Floating(Some("latest"))),
            ("redis:alpine3.20", Tag::Floating(Some("alpine3.20"))),
            ("redis:8.8-rc1", Tag::Other),
            ("redis:8.0-M02-alpine", Tag::Other),
            ("redis:7.2.4.1", Tag::Other),
            ("redis:7.x", Tag::Other),
            ("redis:our-build", Tag::Other),
        ] {
            assert_eq!(read(image), wanted, "{image}");
        }
    }
}
