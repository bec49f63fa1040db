//! Secrets by their value, for places whose looks do not tell that one stands there: an anchor that a secret key refers to, a value
//! apart from its key.

use super::{MASK, find_and, mask_ranges, tidy};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

/// Shorter secrets are masked only where they are known to stand: as parts of other texts they would be anything.
const SHORTEST: usize = 4;

/// Longer texts are not searched for secrets to note: their looks have to do.
const LONGEST: usize = 16 * 1024;

/// Values that say nothing, however they came under a secret name.
const COMMON: &[&str] =
    &["true", "false", "null", "none", "redis", "default", "localhost", "password", "secret", "token", "auth"];

/// The secrets of a project. What shows it shows nothing of them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// By their first bytes, longest first.
    values: BTreeMap<[u8; SHORTEST], BTreeSet<(std::cmp::Reverse<usize>, String)>>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Known")
    }
}

impl Known {
    /// Notes a secret, each of its lines by itself, unless it is a reference or too short or common to be told from other text.
    pub fn add(&mut self, value: &str) {
        for line in value.lines().map(str::trim) {
            let number = line.len() < 6 && line.bytes().all(|byte| byte.is_ascii_digit());
            let plain = COMMON.iter().any(|word| line.eq_ignore_ascii_case(word)) || line == MASK;
            if number || plain || is_reference(line) {
                continue;
            }
            if let Some(&head) = line.as_bytes().first_chunk() {
                self.values.entry(head).or_default().insert((std::cmp::Reverse(line.len()), line.to_owned()));
            }
        }
    }

    /// Notes what [`super::find`] finds in a text; of a userinfo its password alone too.
    pub fn add_found(&mut self, text: &str) {
        if text.len() > LONGEST {
            return;
        }
        for range in super::find(text) {
            let found = &text[range];
            self.add(found);
            if let Some((_, password)) = found.split_once(':') {
                self.add(password);
            }
        }
    }

    /// Notes the value of a key: all of it if the name says that it is secret, else what its looks tell.
    pub fn add_entry(&mut self, key: &str, value: &str) {
        if super::is_secret_name(key) {
            self.add(value);
            self.add_found(value);
        } else if may_hold_secret(value) {
            self.add_found(&format!("{key}={value}"));
        }
    }

    pub fn join(&mut self, other: &Self) {
        for (head, values) in &other.values {
            self.values.entry(*head).or_default().extend(values.iter().cloned());
        }
    }

    /// Forgets values that are names in the project, such as those of services: they must stay readable.
    pub fn spare<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            let key = name.as_bytes().first_chunk();
            if let Some(values) = key.and_then(|head: &[u8; SHORTEST]| self.values.get_mut(head)) {
                values.remove(&(std::cmp::Reverse(name.len()), name.to_owned()));
            }
        }
    }

    /// Where known secrets stand in a text, in its order. One that looks like a word is found as a whole word only, and not
    /// as the scheme of a URL.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let bytes = text.as_bytes();
        let mut first = [false; 256];
        for head in self.values.keys() {
            first[usize::from(head[0])] = true;
        }
        let mut out = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let hit = if first[usize::from(bytes[at])] { self.at(bytes, at) } else { None };
            if let Some(len) = hit {
                out.push(at..at + len);
            }
            at += hit.unwrap_or(1);
        }
        out
    }

    fn at(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let values = self.values.get(bytes[at..].first_chunk()?)?;
        let inside =
            |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let fits = |value: &str| {
            let word =
                value.bytes().all(|byte| !byte.is_ascii_uppercase()) || value.bytes().all(|byte| !byte.is_ascii_lowercase());
            let rest = &bytes[at..];
            let whole =
                || !inside(at.checked_sub(1)) && !inside(Some(at + value.len())) && !rest[value.len()..].starts_with(b"://");
            rest.starts_with(value.as_bytes()) && (!word || whole())
        };
        values.iter().map(|(_, value)| value).find(|value| fits(value)).map(String::len)
    }

    /// `text` with the known secrets masked.
    pub fn mask(&self, text: &str) -> String {
        mask_ranges(text, &tidy(text, self.find(text)))
    }

    /// All that is not to be shown of `text`: the known secrets, what looks like one, and `hidden`.
    pub fn find_all(&self, text: &str, mut hidden: Vec<Range<usize>>) -> Vec<Range<usize>> {
        hidden.extend(self.find(text));
        find_and(text, hidden)
    }
}

/// Whether there is anything in a value that [`super::find`] goes by.
fn may_hold_secret(value: &str) -> bool {
    let bytes = value.as_bytes();
    let word = |word: &[u8]| bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    bytes.iter().any(|byte| b"@-=:></#{".contains(byte)) || word(b"pass") || word(b"auth")
}

/// Whether a value is a single reference without a default.
pub fn is_reference(text: &str) -> bool {
    text.starts_with('$')
        && text.trim_start_matches('$').chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '{' | '}'))
}
