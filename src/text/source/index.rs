//! Git's index read as bytes: which paths a repository tracks (gitformat-index(5), versions 2 to 4). Nothing else of git is looked at.

/// The bytes of an entry before its flags: ten numbers of four bytes.
const NUMBERS: usize = 40;

/// The length of an object's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1 = 20,
    Sha256 = 32,
}

/// Whether an index has an entry for `path` (relative to the work tree, with `/`). `None` where the bytes are no index that can be read.
pub(super) fn has(bytes: &[u8], path: &[u8], hash: Hash) -> Option<bool> {
    let mut entries = Entries::of(bytes, hash)?;
    for _ in 0..entries.count {
        if entries.next()? == path {
            return Some(true);
        }
    }
    // With a split index the other entries stand in another file.
    let is_split = entries.rest.get(..4) == Some(b"link");
    (!is_split).then_some(false)
}

/// The entries of an index, one after the other.
struct Entries<'a> {
    rest: &'a [u8],
    version: u32,
    hash: usize,
    count: u32,
    /// The path of the last entry, of which version 4 repeats the beginning.
    path: Vec<u8>,
}

impl<'a> Entries<'a> {
    fn of(bytes: &'a [u8], hash: Hash) -> Option<Self> {
        let rest = bytes.strip_prefix(b"DIRC")?;
        let (version, rest) = number(rest)?;
        let (count, rest) = number(rest)?;
        (2..=4).contains(&version).then(|| Self { rest, version, hash: hash as usize, count, path: Vec::new() })
    }

    fn next(&mut self) -> Option<&[u8]> {
        let flags = self.rest.get(NUMBERS + self.hash..NUMBERS + self.hash + 2)?;
        let extended = self.version >= 3 && flags[0] & 0x40 != 0;
        let head = NUMBERS + self.hash + if extended { 4 } else { 2 };
        let mut rest = self.rest.get(head..)?;
        if self.version == 4 {
            let (drop, after) = offset(rest)?;
            self.path.truncate(self.path.len().checked_sub(drop)?);
            rest = after;
        } else {
            self.path.clear();
        }
        let end = memchr::memchr(0, rest)?;
        self.path.extend_from_slice(&rest[..end]);
        // Up to version 3 an entry is padded with one to eight zeros to a multiple of eight.
        let length = if self.version == 4 { 1 } else { 8 - (head + end) % 8 };
        self.rest = rest.get(end + length..)?;
        Some(&self.path)
    }
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*head), rest))
}

/// A number of variable length, as pack files have it for offsets.
fn offset(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value: usize = 0;
    for (at, byte) in bytes.iter().enumerate() {
        value = value.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
        value = value.checked_add(1)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index as git writes it, by hand.
    fn index(version: u32, paths: &[&str], hash: Hash) -> Vec<u8> {
        let mut out = b"DIRC".to_vec();
        out.extend(version.to_be_bytes());
        out.extend((paths.len() as u32).to_be_bytes());
        let mut last = "";
        for path in paths {
            let start = out.len();
            out.extend(vec![1; NUMBERS + hash as usize]);
            out.extend(if version == 3 { [0x40, 0, 0, 0].as_slice() } else { [0, 0].as_slice() });
            if version == 4 {
                let shared = path.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
                out.push((last.len() - shared) as u8);
                out.extend(path[shared..].bytes());
                out.push(0);
                last = path;
            } else {
                out.extend(path.bytes());
                out.push(0);
                while !(out.len() - start).is_multiple_of(8) {
                    out.push(0);
                }
            }
        }
        out.extend(vec![7; hash as usize]);
        out
    }

    #[test]
    fn every_version_is_read() {
        let paths = [".env", "a/.env", "a/b/compose.yml", "abcdefgh", "z"];
        for version in 2..=4 {
            for hash in [Hash::Sha1, Hash::Sha256] {
                let bytes = index(version, &paths, hash);
                for path in paths {
                    assert_eq!(has(&bytes, path.as_bytes(), hash), Some(true), "{version} {path}");
                }
                assert_eq!(has(&bytes, b"a/b", hash), Some(false), "{version}");
            }
        }
    }

    #[test]
    fn what_is_cut_short_or_no_index_is_not_read() {
        let bytes = index(2, &[".env", "b"], Hash::Sha1);
        for end in 0..bytes.len() - 40 {
            assert_eq!(has(&bytes[..end], b"absent", Hash::Sha1), None, "{end}");
        }
        assert_eq!(has(b"DIRC\0\0\0\x09\0\0\0\0", b"a", Hash::Sha1), None);
        assert_eq!(has(b"DIRC\0\0\0\x04\xff\xff\xff\xff", b"a", Hash::Sha1), None);
        assert_eq!(offset(&[0xff; 64]), None);
    }
}
