//! The section `[web]`: the web view.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

/// The web view.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Web {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// A session without a request for so long is ended.
    #[serde(with = "crate::config::duration")]
    pub idle_max: Duration,
    /// A session ends after so long in any case.
    #[serde(with = "crate::config::duration")]
    pub session_max: Duration,
    /// The time zone in which times are shown.
    pub time_zone: String,
    /// Connections in all.
    pub connections_max: u32,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            idle_max: Duration::from_secs(30 * 60),
            session_max: Duration::from_secs(12 * 3600),
            time_zone: "Europe/London".to_owned(),
            connections_max: 512,
        }
    }
}
