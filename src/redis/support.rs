//! Which versions of Redis and Valkey get security fixes, and the first of each branch that has the last ones. One table with one date:
//! what it says is true of that day, whatever the clock says, so that the same files always give the same findings.
//!
//! Sources: endoflife.date (redis, valkey; taken from redis.io and valkey.io), redis/redis#15670 (8.0), the security releases of July 2026
//! in docker-library/official-images#21922 (Redis) and in the release notes of valkey-io/valkey of 21 July 2026.

use super::images::{self, Official};
use super::tags::Version;

/// The day of the table, as it is shown.
pub const AS_OF: &str = "August 2026";

/// When the fixes came out that [`Branch::fixed`] counts from.
pub const FIXES_OF: &str = "July 2026";

/// One `major.minor` of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    pub server: Official,
    pub version: (u16, u16),
    pub state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It gets fixes; patch levels below this one lack the last security fixes.
    Supported { fixed: u16 },
    /// It gets none any more, since the day, where one is known.
    Ended(Option<&'static str>),
}

const fn supported(server: Official, version: (u16, u16), fixed: u16) -> Branch {
    Branch { server, version, state: State::Supported { fixed } }
}

const fn ended(version: (u16, u16), day: Option<&'static str>) -> Branch {
    Branch { server: Official::Redis, version, state: State::Ended(day) }
}

/// Newest first: the first of a major version is what its floating tag stands for.
const BRANCHES: [Branch; 20] = [
    supported(Official::Redis, (8, 10), 0),
    supported(Official::Redis, (8, 8), 1),
    supported(Official::Redis, (8, 6), 5),
    supported(Official::Redis, (8, 4), 5),
    supported(Official::Redis, (8, 2), 8),
    ended((8, 0), None),
    supported(Official::Redis, (7, 4), 10),
    supported(Official::Redis, (7, 2), 15),
    ended((7, 0), Some("29 July 2024")),
    supported(Official::Redis, (6, 2), 23),
    ended((6, 0), None),
    ended((5, 0), None),
    ended((4, 0), None),
    ended((3, 2), None),
    ended((2, 8), None),
    supported(Official::Valkey, (9, 1), 1),
    supported(Official::Valkey, (9, 0), 5),
    supported(Official::Valkey, (8, 1), 9),
    supported(Official::Valkey, (8, 0), 10),
    supported(Official::Valkey, (7, 2), 14),
];

/// What an image runs, as far as its tag tells and the table knows.
pub fn branch(server: Official, version: Version) -> Option<&'static Branch> {
    let Version { major, minor, .. } = version;
    let mut own = BRANCHES.iter().filter(|branch| branch.server == server && branch.version.0 == major);
    let Some(minor) = minor else { return own.next() };
    own.find(|branch| branch.version.1 == minor || is_old(branch))
}

/// A major version of which nothing is supported: its other branches are not either.
fn is_old(branch: &Branch) -> bool {
    branch.server == Official::Redis && branch.version.0 < 6
}

/// The tag that pins what a floating one stands for on the day of the table: the major version, with the system it names. `None` where
/// that is not known: `bookworm` may be as old as the release of Debian it names.
pub fn pinned(image: &str, floating: Option<&str>) -> Option<String> {
    let server = images::official(image)?;
    let (major, _) = BRANCHES.iter().find(|branch| branch.server == server)?.version;
    match floating {
        None | Some("latest") => Some(major.to_string()),
        Some("alpine") => Some(format!("{major}-alpine")),
        Some(_) => None,
    }
}

/// The branches that get fixes, newest first: `8.10, 8.8, …`.
pub fn supported_branches(server: Official) -> Vec<String> {
    let own = BRANCHES.iter().filter(|branch| branch.server == server && matches!(branch.state, State::Supported { .. }));
    own.map(|branch| format!("{}.{}", branch.version.0, branch.version.1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(server: Official, major: u16, minor: Option<u16>) -> Option<(u16, u16)> {
        branch(server, Version { major, minor, patch: None }).map(|branch| branch.version)
    }

    #[test]
    fn a_major_version_stands_for_its_newest_branch() {
        assert_eq!(of(Official::Redis, 8, None), Some((8, 10)));
        assert_eq!(of(Official::Redis, 7, None), Some((7, 4)));
        assert_eq!(of(Official::Redis, 6, None), Some((6, 2)));
        assert_eq!(of(Official::Valkey, 8, None), Some((8, 1)));
        assert_eq!(of(Official::Redis, 3, Some(0)), Some((3, 2)));
    }

    #[test]
    fn what_the_table_lacks_is_not_known() {
        assert_eq!(of(Official::Redis, 9, None), None);
        assert_eq!(of(Official::Redis, 8, Some(12)), None);
        assert_eq!(of(Official::Valkey, 6, None), None);
    }

    #[test]
    fn floating_tags_are_pinned_to_the_newest_major_version() {
        assert_eq!(pinned("redis", None).as_deref(), Some("8"));
        assert_eq!(pinned("docker.io/valkey/valkey:alpine", Some("alpine")).as_deref(), Some("9-alpine"));
        assert_eq!(pinned("redis:bookworm", Some("bookworm")), None);
        assert_eq!(pinned("eqalpha/keydb", None), None);
    }
}
