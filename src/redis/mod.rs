//! The same project read as servers of the Redis protocol, the services that use them, and the ways between. Knows what Redis, its
//! images and its clients do; has no opinion on what ought to be.

pub mod endpoints;
pub mod health;
pub mod hosts;
pub mod images;
pub mod memory;
pub mod providers;
pub mod queues;
pub mod servers;
pub mod uses;
pub mod variables;

use crate::compose::model::Project;
use servers::RedisServer;
use uses::{LooseUrl, RedisUse};

/// All that concerns Redis in a project.
#[derive(Debug, Default)]
pub struct Redis {
    pub servers: Vec<RedisServer>,
    pub uses: Vec<RedisUse>,
    /// Redis URLs in the project's files that no service's own program is given.
    pub loose: Vec<LooseUrl>,
}

impl Redis {
    pub fn read(project: &Project) -> Self {
        let servers = servers::find(project);
        let uses = uses::find(project, &servers);
        let loose = uses::loose(project, &servers, &uses);
        Self { servers, uses, loose }
    }

    pub fn server(&self, service: &str) -> Option<&RedisServer> {
        self.servers.iter().find(|server| server.service == service)
    }

    /// The names of the services whose own program uses `server`, in order and once each.
    pub fn users_of<'a>(&'a self, server: &'a str) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        for usage in self.uses.iter().filter(|usage| usage.target.server() == Some(server)) {
            if !names.contains(&usage.service.as_str()) {
                names.push(&usage.service);
            }
        }
        names
    }
}
