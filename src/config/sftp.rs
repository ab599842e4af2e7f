//! The section `[sftp]`: the SFTP door and its limits.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

/// The SFTP door and its limits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sftp {
    /// Address and port; port 0 takes a free one.
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

impl Default for Sftp {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 2222)),
            host_keys: PathBuf::from("host-keys"),
            passwords: true,
            login_within: Duration::from_secs(30),
            idle_max: Duration::from_secs(30 * 60),
            unauthenticated_max: 100,
            sessions_max: 1000,
            sessions_per_account_max: 64,
            channels_max: 10,
            handles_max: 64,
            uploads_bytes_max: 256 * 1024 * 1024,
        }
    }
}
