//! What keeps a check from ever getting a good answer.

/// Why Redis never gives a check a good answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A whole line stands as the name of a program.
    Line,
    /// `|` and the like go to the program as words: there is no shell.
    Operator(String),
    /// A variable or a substitution stays as it is written: there is no shell.
    Unexpanded(String),
    /// The client does not know the option.
    Option(String),
    /// Redis rejects the command in this form.
    Command(String),
    /// Compose puts nothing in the place of `$NAME`, which the container has.
    Emptied(String),
    /// Nothing puts the variable into the container.
    Variable(String),
    /// The password comes in a URL without a user name, which the client sends as an empty one.
    Address,
    /// The server does not listen on this port.
    Port(u16),
    /// What the answer is compared with is never in it.
    Answer,
}

impl Fault {
    /// The fault as the rest of a sentence about the check.
    pub fn describe(&self, server: &str) -> String {
        match self {
            Self::Line => "it names a whole line as its program, and a CMD list has no shell that would split it".to_owned(),
            Self::Operator(word) => format!("it hands `{word}` on as a word, because a CMD list has no shell"),
            Self::Unexpanded(name) => format!("it hands {name} on as it is written, because a CMD list has no shell"),
            // What follows a single dash may be a password that sticks to `-a`.
            Self::Option(name) if name.len() > 2 && !name.starts_with("--") => {
                "its client has no option that looks like this: a value needs a word of its own".to_owned()
            }
            Self::Option(name) => format!("its client has no option {name}"),
            Self::Command(name) if name == "auth" => {
                "it logs in and asks in one call, which Redis takes for a user and a password".to_owned()
            }
            Self::Command(name) => format!("it calls {name} in a form that Redis rejects"),
            Self::Emptied(name) => {
                format!(
                    "it writes ${name} with one dollar, so Compose puts an empty word there instead of the container's variable"
                )
            }
            Self::Variable(name) => format!("it takes {name} from the container, where nothing sets it"),
            Self::Address => "it gives the password in a URL without a user name, and its client sends an empty one".to_owned(),
            Self::Port(0) => "it asks a port that is no number".to_owned(),
            Self::Port(port) => format!("it asks port {port}, where {server} does not listen"),
            Self::Answer => "it looks for something that the answer never holds".to_owned(),
        }
    }
}
