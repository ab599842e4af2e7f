//! The section `[web]`: the web view.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;

/// The web view.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Web {
    /// Address and port; port 0 takes a free one.
    #[serde(with = "crate::config::address")]
    pub listen: SocketAddr,
    /// A session without a request for so long is ended.
    #[serde(with = "crate::config::duration")]
    pub idle_max: Duration,
    /// A session ends after so long in any case.
    #[serde(with = "crate::config::duration")]
    pub session_max: Duration,
    /// So long a browser stays signed in whose visitor asked for it.
    #[serde(with = "crate::config::duration")]
    pub kept_max: Duration,
    /// A password must be changed after so long; nothing for never.
    #[serde(with = "crate::config::duration")]
    pub password_age_max: Duration,
    /// The time zone in which times are shown.
    pub time_zone: String,
    /// Connections in all.
    pub connections_max: u32,
    /// Address and port where programs read how the service does; empty for nowhere.
    #[serde(with = "crate::config::address::maybe")]
    pub metrics_listen: Option<SocketAddr>,
}

impl Web {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        faults.length("idle-max", self.idle_max);
        faults.length("session-max", self.session_max);
        if self.session_max < self.idle_max {
            faults.say("session-max", "must not be shorter than web.idle-max");
        }
        faults.length("kept-max", self.kept_max);
        if self.kept_max < self.session_max {
            faults.say("kept-max", "must not be shorter than web.session-max");
        }
        faults.length_or_none("password-age-max", self.password_age_max);
        faults.time_zone("time-zone", &self.time_zone);
        faults.between("connections-max", self.connections_max.into(), 1, 65_535);
    }
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            idle_max: Duration::from_mins(30),
            session_max: Duration::from_hours(12),
            kept_max: Duration::from_hours(30 * 24),
            password_age_max: Duration::ZERO,
            time_zone: "Europe/London".to_owned(),
            connections_max: 512,
            metrics_listen: None,
        }
    }
}
