//! A stand-in until the rooms are wired together: it has the face of the daemon, and starts nothing.

use std::net::SocketAddr;
use std::path::Path;

use crate::config::Config;
use crate::runtime::Clock;

/// The daemon, running.
#[derive(Debug)]
pub struct Running {
    /// Where the SFTP door listens.
    pub sftp: SocketAddr,
    /// Where the web view listens.
    pub web: SocketAddr,
    /// The host keys in OpenSSH's one-line form, without comment.
    pub host_keys: Vec<String>,
}

/// Why the daemon ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Somebody asked it to.
    Asked,
    /// A lasting task panicked.
    Broken,
}

/// Starts everything.
#[expect(clippy::unused_async, reason = "a stand-in")]
pub async fn start(config: Config, clock: Clock) -> anyhow::Result<Running> {
    drop((config, clock));
    anyhow::bail!("the daemon is not built yet")
}

impl Running {
    /// Waits until it is asked to stop, or breaks.
    #[expect(clippy::unused_async, reason = "a stand-in")]
    pub async fn until_stopped(self) -> Ended {
        Ended::Asked
    }

    /// Stops.
    #[expect(clippy::unused_async, reason = "a stand-in")]
    pub async fn stop(self) -> Ended {
        Ended::Broken
    }
}

/// Makes an Ed25519 key pair: the private half at `path` (0600), the public one beside it as `.pub`.
pub fn make_key_pair(path: &Path, comment: &str) -> anyhow::Result<()> {
    let _ = (path, comment);
    anyhow::bail!("the daemon is not built yet")
}

/// Compiles the schema files of the configured folder, or the built-in ones if none is named.
pub fn schema(section: &crate::config::Check) -> anyhow::Result<crate::check::Schema> {
    let _ = section;
    anyhow::bail!("the daemon is not built yet")
}
