//! What the pages tell of the SFTP door: where it is found, and by which keys it is known.

use tokio::sync::watch;

use crate::config;
use crate::domain::host_key::HostKey;

/// What the pages tell of the SFTP door.
#[derive(Debug, Clone)]
pub struct SftpDoor {
    /// The section `[sftp]`.
    pub settings: config::Sftp,
    /// The host that clients connect to.
    pub host: String,
    /// The port that clients connect to.
    pub port: u16,
    /// The host keys and those to come, as they are now.
    pub host_keys: watch::Receiver<Vec<HostKey>>,
}
