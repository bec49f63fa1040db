//! What a shell in the container puts in the place of `$NAME`: the value that the service's own `environment` gives it.

use crate::compose::model::Service;
use crate::compose::value::Text;

/// Whether a program is a shell, by its name without the way to it.
pub(super) fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "ash" | "dash")
}

/// What became of a word.
#[derive(Debug, Clone)]
pub(super) enum Filled {
    Value(Text),
    /// The word behind `:-`, which is used as long as nobody sets the variable.
    Default(String, Text),
    /// The value hangs on variables that have none in any file.
    Missing(Vec<String>),
    /// The service is given no variable of this name.
    Unset(String),
    /// More than one variable alone, a command, or no variable at all.
    Unread,
}

/// What `$NAME`, `${NAME}`, `${NAME:-word}` or `${NAME:?complaint}` is to a shell in the container.
pub(super) fn fill(service: &Service, text: &Text) -> Filled {
    let value = text.value.as_str();
    let name_at = if value.starts_with("${") { 2 } else { 1 };
    let Some(name) = value.get(name_at..).filter(|_| value.starts_with('$')) else { return Filled::Unread };
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    let (name, rest) = name.split_at(end);
    let operand = |operator: &str| rest.strip_prefix(operator)?.strip_suffix('}');
    let default = operand(":-").or_else(|| operand("-"));
    let plain = if name_at == 2 { rest == "}" } else { rest.is_empty() };
    if name.is_empty() || !(plain || default.is_some() || operand(":?").or_else(|| operand("?")).is_some()) {
        return Filled::Unread;
    }
    let given = service.environment.get(name).and_then(|entry| entry.value.as_ref());
    match (given.filter(|text| !text.value.is_empty()), given.map(Text::missing), default) {
        (Some(text), ..) => Filled::Value(text.clone()),
        (None, Some(missing), _) if !missing.is_empty() => Filled::Missing(missing.into_iter().map(str::to_owned).collect()),
        (None, _, Some(word)) if !word.is_empty() => {
            let end = value.len() - 1;
            Filled::Default(name.to_owned(), text.slice(end - word.len()..end))
        }
        _ => Filled::Unset(name.to_owned()),
    }
}
