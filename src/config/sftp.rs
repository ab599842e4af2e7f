//! The section `[sftp]`: the SFTP door and its limits.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;

/// The SFTP door and its limits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sftp {
    /// Address and port; port 0 takes a free one.
    #[serde(with = "crate::config::address")]
    pub listen: SocketAddr,
    /// The folder of the host keys; made at the first start. Relative to `service.data`.
    pub host_keys: PathBuf,
    /// May users log in with a password?
    pub passwords: bool,
    /// From the first octet to a finished log-in.
    #[serde(with = "crate::config::duration")]
    pub login_within: Duration,
    /// A session with no request for so long is ended. Clients keep sessions open between files.
    #[serde(with = "crate::config::duration")]
    pub idle_max: Duration,
    /// Connections that have not logged in yet.
    pub unauthenticated_max: u32,
    /// Sessions in all.
    pub sessions_max: u32,
    /// Sessions of one account.
    pub sessions_per_account_max: u32,
    /// SFTP channels of one session.
    pub channels_max: u32,
    /// Open handles of one session.
    pub handles_max: u32,
    /// Octets of all open uploads together. Past it an OPEN or WRITE is refused with a sentence.
    pub uploads_bytes_max: u64,
}

impl Sftp {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        if self.host_keys.as_os_str().is_empty() {
            faults.say("host-keys", "must name a folder");
        }
        faults.length("login-within", self.login_within);
        faults.length("idle-max", self.idle_max);
        let sessions = u64::from(self.sessions_max);
        faults.between(
            "unauthenticated-max",
            self.unauthenticated_max.into(),
            1,
            65_535,
        );
        faults.between("sessions-max", sessions, 1, 65_535);
        let of_account = u64::from(self.sessions_per_account_max);
        faults.between("sessions-per-account-max", of_account, 1, 65_535);
        if of_account > sessions {
            faults.say(
                "sessions-per-account-max",
                "must not be more than sftp.sessions-max",
            );
        }
        faults.between("channels-max", self.channels_max.into(), 1, 1000);
        faults.between("handles-max", self.handles_max.into(), 1, 10_000);
    }
}

impl Default for Sftp {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 2222)),
            host_keys: PathBuf::from("host-keys"),
            passwords: true,
            login_within: Duration::from_secs(30),
            idle_max: Duration::from_mins(30),
            unauthenticated_max: 100,
            sessions_max: 1000,
            sessions_per_account_max: 64,
            channels_max: 10,
            handles_max: 64,
            uploads_bytes_max: 256 * 1024 * 1024,
        }
    }
}
