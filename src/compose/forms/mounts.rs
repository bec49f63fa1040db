//! `[SOURCE:]TARGET[:OPTIONS]` (compose-go `format/volume.go`).

/// One mount of a short form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShortMount {
    /// Volume name or host path.
    pub source: Option<String>,
    pub target: String,
    /// The source is a path.
    pub is_bind: bool,
    pub read_only: bool,
    pub nocopy: bool,
    pub propagation: Option<String>,
    pub selinux: Option<String>,
}

/// What one text mounts, or why Compose does not take it (a sentence without any of its text).
pub fn parse(text: &str) -> Result<ShortMount, &'static str> {
    if text.is_empty() {
        return Err("a mount may not be empty");
    }
    let mut mount = ShortMount::default();
    if text.len() <= 2 {
        text.clone_into(&mut mount.target);
        return Ok(mount);
    }
    let fields = fields(text);
    let last = fields.len() - 1;
    for (at, field) in fields.iter().enumerate() {
        if field.is_empty() {
            return Err("there is nothing between two colons, or at an end");
        }
        match (&mount.source, mount.target.is_empty()) {
            (None, _) if at == last => (*field).clone_into(&mut mount.target),
            (None, _) => mount.source = Some((*field).to_owned()),
            (Some(_), true) => (*field).clone_into(&mut mount.target),
            (Some(_), false) if at < last => return Err("there are too many colons"),
            (Some(_), false) => field.split(',').for_each(|option| mount.take(option)),
        }
    }
    mount.is_bind = mount.source.as_deref().is_some_and(is_path);
    Ok(mount)
}

/// Where a short form mounts to, cleaned; `None` if it cannot be read.
pub fn target_of(text: &str) -> Option<String> {
    parse(text).ok().map(|mount| clean(&mount.target))
}

impl ShortMount {
    fn take(&mut self, option: &str) {
        match option {
            "ro" => self.read_only = true,
            "rw" => self.read_only = false,
            "nocopy" => self.nocopy = true,
            "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave" => self.propagation = Some(option.to_owned()),
            "z" | "Z" => self.selinux = Some(option.to_owned()),
            // Compose takes no notice of what it does not know.
            _ => {}
        }
    }
}

/// Splits at colons, but not at that of a drive (`C:/data`), nor within `${…}`.
fn fields(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut braces) = (0, 0_usize);
    for (at, found) in text.char_indices() {
        match found {
            '$' if text[at..].starts_with("${") => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            ':' if braces == 0 => {
                let field = &text[start..at];
                let mut letters = field.chars();
                let is_drive = letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none();
                if !is_drive {
                    out.push(field);
                    start = at + 1;
                }
            }
            _ => {}
        }
    }
    out.push(&text[start..]);
    out
}

/// Whether a source is a path rather than the name of a volume.
pub fn is_path(source: &str) -> bool {
    let mut chars = source.chars();
    source.starts_with(['.', '/', '~'])
        || source.starts_with(r"\\")
        || (chars.next().is_some_and(char::is_alphabetic) && chars.next() == Some(':'))
}

/// Go's `path.Clean`: without doubled slashes, `.` and `x/..`.
pub fn clean(path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, rest) => format!("/{rest}"),
        (false, rest) if rest.is_empty() => ".".to_owned(),
        (false, rest) => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse(text) {
            Err(why) => why.to_owned(),
            Ok(mount) => {
                let kind = if mount.is_bind { "bind" } else { "volume" };
                let flags = [(mount.read_only, " ro"), (mount.nocopy, " nocopy")];
                let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
                format!("{kind} {} -> {}{flags}", mount.source.as_deref().unwrap_or("-"), clean(&mount.target))
            }
        }
    }

    #[test]
    fn every_form() {
        for (text, wanted) in [
            ("/data", "volume - -> /data"),
            ("redis_data:/data", "volume redis_data -> /data"),
            ("redis_data:/data/:ro,nocopy", "volume redis_data -> /data ro nocopy"),
            ("./x:/y/../z", "bind ./x -> /z"),
            ("~/x:/y:z", "bind ~/x -> /y"),
            ("v:/d", "volume - -> v:/d"),
            ("::", "volume - -> ::"),
            ("C:/a:/b:rw", "bind C:/a -> /b"),
            ("ab::/b", "there is nothing between two colons, or at an end"),
            ("ab:/b:ro:x", "there are too many colons"),
            ("", "a mount may not be empty"),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
