//! What Redis answers to a command, in each of its states (run with redis-server 7.0.15).

use super::{Given, Session, password};
use crate::redis::health::Fault;
use crate::redis::health::outcome::{Arg, Notes, Unsure};
use crate::redis::health::world::State;

/// Commands that Redis answers while data are loading (redis 7.0, `src/commands/*.json`, flag LOADING).
const WHILE_LOADING: [&str; 9] = ["auth", "hello", "info", "echo", "time", "role", "lastsave", "select", "config"];
/// Commands whose answer takes the data.
const WITH_DATA: [&str; 10] = ["set", "setex", "get", "incr", "del", "exists", "dbsize", "keys", "randomkey", "scan"];
/// Of these, the ones that write.
const WRITING: [&str; 2] = ["incr", "del"];

const NOAUTH: &str = "NOAUTH Authentication required.";
const LOADING: &str = "LOADING Redis is loading the dataset in memory";

/// What a reply prints, and whether it is an error.
pub(super) struct Reply {
    pub(super) text: String,
    pub(super) is_error: bool,
    pub(super) sure: bool,
}

fn good(text: &str) -> Reply {
    Reply { text: text.to_owned(), is_error: false, sure: true }
}

fn error(text: &str) -> Reply {
    Reply { text: text.to_owned(), is_error: true, sure: true }
}

impl Session<'_, '_> {
    pub(super) fn reply(&mut self, command: &[Arg], notes: &mut Notes) -> Result<Reply, Unsure> {
        let name = command[0].text.to_ascii_lowercase();
        let reply = self.answer(&name, command, notes)?;
        notes.answered |= !reply.is_error;
        notes.refused |= reply.is_error;
        Ok(reply)
    }

    fn answer(&mut self, name: &str, command: &[Arg], notes: &mut Notes) -> Result<Reply, Unsure> {
        let args = &command[1..];
        let operator = args.iter().find(|arg| arg.is_operator);
        let known = name == "ping" || WHILE_LOADING.contains(&name) || WITH_DATA.contains(&name);
        if !known || (command[0].is_open() && args.is_empty()) {
            return Err(Unsure);
        }
        if name == "auth" {
            return Ok(self.auth(args, notes));
        }
        let barred = match self.world.state {
            State::Refused => true,
            _ => self.world.needs_password && self.given != Given::Right,
        };
        if barred && self.world.state != State::Refused && self.given == Given::Doubtful {
            return Err(Unsure);
        }
        if barred {
            notes.barred = true;
            return Ok(error(NOAUTH));
        }
        if WRITING.contains(&name) {
            notes.writes = true;
        }
        if self.world.state == State::Loading {
            if !WHILE_LOADING.contains(&name) {
                return Ok(error(LOADING));
            }
            notes.loads = true;
        }
        Ok(match (name, args) {
            ("ping", []) => good("PONG"),
            ("ping" | "echo", [text]) => Reply { sure: !text.is_open(), ..good(&text.text) },
            ("ping" | "echo", _) | ("incr" | "get", [_, _, ..]) | ("time" | "role" | "dbsize", [_, ..]) => {
                let fault = operator.map_or_else(|| Fault::Command(name.to_owned()), |arg| Fault::Operator(arg.text.clone()));
                notes.fault(fault);
                error("ERR wrong number of arguments for the command")
            }
            ("info", sections) => info(sections, self.world.state),
            ("set", [_, _, ..]) => good("OK"),
            _ => Reply { sure: false, ..good("") },
        })
    }

    /// `auth password`, `auth user password`.
    fn auth(&mut self, args: &[Arg], notes: &mut Notes) -> Reply {
        let (is_ping, given) = match args {
            [secret] => (false, password(secret, notes)),
            [_, second] => (second.text.eq_ignore_ascii_case("ping"), password(second, notes)),
            _ => (true, Given::Wrong),
        };
        if is_ping {
            notes.fault(Fault::Command("auth".to_owned()));
            return error("WRONGPASS invalid username-password pair or user is disabled.");
        }
        if self.world.state == State::Refused || given == Given::Wrong {
            return error("WRONGPASS invalid username-password pair or user is disabled.");
        }
        if self.world.is_open {
            notes.fault(Fault::Command("auth".to_owned()));
            return error("ERR AUTH <password> called without any password configured for the default user.");
        }
        self.given = given;
        notes.loads |= self.world.state == State::Loading;
        good("OK")
    }
}

/// The lines of INFO that checks look for; there are more.
fn info(sections: &[Arg], state: State) -> Reply {
    let section = sections.first().map(|arg| arg.text.to_ascii_lowercase());
    let loading = u8::from(state == State::Loading);
    let lines = [
        ("server", "redis_version:7.0.15\r\nredis_mode:standalone\r\n".to_owned()),
        ("clients", "connected_clients:1\r\n".to_owned()),
        ("persistence", format!("loading:{loading}\r\nasync_loading:0\r\n")),
        ("replication", "role:master\r\nconnected_slaves:0\r\n".to_owned()),
    ];
    let wanted = |name: &str| {
        section.as_deref().is_none_or(|section| section == name || matches!(section, "all" | "default" | "everything"))
    };
    let wanted = lines.into_iter().filter(|(name, _)| wanted(name));
    let text = wanted.map(|(name, lines)| ["# ", name, "\r\n", &lines, "\r\n"].concat()).collect();
    Reply { text, is_error: false, sure: false }
}
