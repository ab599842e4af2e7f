//! The section `[database]`: which engine, and how many connections.

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;

/// Which engine, and how many connections.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Database {
    /// `sqlite:PATH` (relative to `service.data`), or `postgres://user@host:port/name`.
    pub url: String,
    /// Connections that read. SQLite has one more that writes, PostgreSQL as many again.
    pub connections: u32,
    /// The most arrivals and outcomes that share one commit.
    ///
    /// Reason: 100 rows a commit are a hundred times as fast as one; more only adds delay.
    pub batch_max: u32,
}

impl Database {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        let is_sqlite = self
            .url
            .strip_prefix("sqlite:")
            .is_some_and(|path| !path.is_empty() && !path.starts_with(':'));
        let is_postgres = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| self.url.len() > scheme.len() && self.url.starts_with(scheme));
        if !is_sqlite && !is_postgres {
            faults.say(
                "url",
                "names no database that we know: write sqlite:PATH or postgres://user@host:port/name",
            );
        }
        faults.between("connections", self.connections.into(), 1, 1000);
        faults.between("batch-max", self.batch_max.into(), 1, 10_000);
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite:ecocd.sqlite".to_owned(),
            connections: 4,
            batch_max: 100,
        }
    }
}
