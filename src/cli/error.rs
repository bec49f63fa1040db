//! Why a command could not run: exit code 2. Each is a sentence that says what to do; none holds any content of a file.

use crate::engine::write::WriteError;
use std::fmt;

#[derive(Debug)]
pub(super) enum Error {
    /// Wrong usage or a wrong path, in a whole sentence.
    Usage(String),
    Write(WriteError),
    /// Nobody reads the output any more.
    ClosedPipe,
    Output(std::io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(sentence) => f.write_str(sentence),
            Self::Write(error) => error.fmt(f),
            Self::ClosedPipe => f.write_str("the output was closed"),
            Self::Output(error) => write!(f, "the output cannot be written: {}", error.kind()),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe { Self::ClosedPipe } else { Self::Output(error) }
    }
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}
