//! The section `[web]`: the web view.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;
use crate::domain::networks::Networks;

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
    /// The most files of one upload.
    pub upload_files_max: u32,
    /// From the first octet of an upload's request to its last.
    #[serde(with = "crate::config::duration")]
    pub upload_within: Duration,
    /// So long an upload's request may pause.
    #[serde(with = "crate::config::duration")]
    pub upload_pause_max: Duration,
    /// So long files that were added and not sent are kept.
    #[serde(with = "crate::config::duration")]
    pub upload_kept: Duration,
    /// The most octets that wait to be sent, of everybody together.
    pub upload_waiting_bytes_max: u64,
    /// Address and port where programs read how the service does; empty for nowhere.
    #[serde(with = "crate::config::address::maybe")]
    pub metrics_listen: Option<SocketAddr>,
    /// The certificate with those it rests on, as PEM; empty for no TLS. Relative to `service.data`.
    pub certificate: PathBuf,
    /// The certificate's private key, as PEM. Relative to `service.data`.
    pub private_key: PathBuf,
    /// Networks of proxies of ours: what they say of where a request came from is believed.
    pub trusted_proxies: String,
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
        faults.between("upload-files-max", self.upload_files_max.into(), 1, 1000);
        faults.length("upload-within", self.upload_within);
        faults.length("upload-pause-max", self.upload_pause_max);
        faults.length("upload-kept", self.upload_kept);
        faults.between(
            "upload-waiting-bytes-max",
            self.upload_waiting_bytes_max,
            1_048_576,
            1024 * 1_073_741_824,
        );
        let has = |path: &PathBuf| !path.as_os_str().is_empty();
        if has(&self.certificate) && !has(&self.private_key) {
            faults.say("private-key", "must be set too, since web.certificate is");
        }
        if has(&self.private_key) && !has(&self.certificate) {
            faults.say("certificate", "must be set too, since web.private-key is");
        }
        if let Err(unfit) = Networks::new(&self.trusted_proxies) {
            faults.say("trusted-proxies", unfit.0);
        }
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
            upload_files_max: 100,
            upload_within: Duration::from_mins(15),
            upload_pause_max: Duration::from_secs(30),
            upload_kept: Duration::from_hours(1),
            upload_waiting_bytes_max: 1_073_741_824,
            metrics_listen: None,
            certificate: PathBuf::new(),
            private_key: PathBuf::new(),
            trusted_proxies: String::new(),
        }
    }
}
