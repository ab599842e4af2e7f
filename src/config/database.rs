//! The section `[database]`: which engine, and how many connections.

use serde::Deserialize;

/// Which engine, and how many connections.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite:ecocd.sqlite".to_owned(),
            connections: 4,
            batch_max: 100,
        }
    }
}
