//! The SFTP door: listens, lets users in, serves their drop folders, hands complete files to intake.
//!
//! ```text
//! mod (listen) → connection (deadlines) → session (SSH) → pump (octets) → requests, handles
//!                                                                           └─► arrive → intake
//! ```
//!
//! *Trust*: everything that comes over the network is hostile until access has let its sender in,
//! and bounded after that.

mod arrive;
mod connection;
mod crowd;
mod digests;
mod exec;
mod frames;
#[doc(hidden)]
pub mod fuzzing;
mod handles;
mod holdings;
mod host_keys;
mod life;
mod listing;
mod offer;
mod opening;
mod paths;
mod placing;
mod pump;
mod readme;
mod refusal;
mod requests;
mod session;
mod ssh;
mod stdio;
mod stream;
#[cfg(test)]
mod tests;
mod tree;
mod turns;
mod uploads;
mod visit;
mod wire;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

pub use host_keys::make_key_pair;
pub use stdio::speak;

use crate::access::Access;
use crate::config;
use crate::doors::busy::Busy;
use crate::doors::sftp::connection::Gate;
use crate::doors::sftp::crowd::Crowd;
use crate::doors::sftp::visit::House;
use crate::drop_folder::DropFolders;
use crate::intake::Intake;
use crate::runtime::{Clock, Tasks};

/// The pause after the machine could not give us a connection, mostly for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Faults of accepting are logged so often at most.
const ACCEPT_LOG_EVERY: Duration = Duration::from_secs(10);

/// Why the door cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SftpFault {
    /// The address is taken, or not ours.
    #[error("the SFTP door cannot listen on {address}: {source}; see `sftp.listen`")]
    Listen {
        /// What was to be listened on.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A host key cannot be read or made.
    #[error("the host key {}: {why}", path.display())]
    HostKey {
        /// The file, or the folder.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// What the door works with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Who may come in.
    pub access: Access,
    /// Where complete files go.
    pub intake: Intake,
    /// Where files lie.
    pub folders: DropFolders,
    /// Shared with the folder door, so that neither takes what the other is at.
    pub busy: Busy,
    /// The time.
    pub clock: Clock,
    /// The group that all tasks of the door belong to; stopping it closes the door.
    pub tasks: Tasks,
}

/// The SFTP door, listening.
pub struct SftpDoor {
    listener: TcpListener,
    address: SocketAddr,
    host_keys: Vec<String>,
    gate: Arc<Gate>,
}

impl std::fmt::Debug for SftpDoor {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.debug_struct("SftpDoor")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Opens the door: reads or makes the host keys in `host_key_folder`, and binds the address.
/// Nobody is served before [`SftpDoor::run`].
pub async fn open(
    settings: &config::Config,
    host_key_folder: &Path,
    parts: Parts,
) -> Result<SftpDoor, SftpFault> {
    let keys = host_keys::load_or_make(host_key_folder)?;
    let host_keys = host_keys::public_lines(&keys);
    let wanted = settings.sftp.listen;
    let fault = |source| SftpFault::Listen {
        address: wanted,
        source,
    };
    let listener = TcpListener::bind(wanted).await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    let access = parts.access.clone();
    let house = House::new(settings, parts);
    let gate = Gate {
        house: Arc::new(house),
        access,
        crowd: Crowd::new(&settings.sftp),
        ssh: Arc::new(ssh::config(&settings.sftp, keys)),
    };
    Ok(SftpDoor {
        listener,
        address,
        host_keys,
        gate: Arc::new(gate),
    })
}

impl SftpDoor {
    /// Where the door listens; tells the port if any free one was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The public host keys in OpenSSH's one-line form, without comment.
    pub fn host_keys(&self) -> Vec<String> {
        self.host_keys.clone()
    }

    /// Serves until the door's tasks are stopped. Sessions then still have open uploads to end, up
    /// to half a minute: wait for the tasks' end.
    pub async fn run(self) {
        let tasks = self.gate.house.tasks.clone();
        let mut logged: Option<tokio::time::Instant> = None;
        let mut complain = |what: &dyn std::fmt::Display| {
            if logged.is_none_or(|logged| logged.elapsed() >= ACCEPT_LOG_EVERY) {
                logged = Some(tokio::time::Instant::now());
                tracing::warn!("a connection to the SFTP door was not taken: {what}");
            }
        };
        tracing::info!("the SFTP door listens on {}", self.address);
        loop {
            let accepted = tokio::select! {
                () = tasks.stopped() => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((socket, peer)) => match self.gate.crowd.knock() {
                    Some(ticket) => {
                        let gate = Arc::clone(&self.gate);
                        let serving = connection::serve(gate, socket, peer, ticket);
                        tasks.spawn("sftp: a connection", Box::pin(serving));
                    }
                    None => complain(&"too many connections have not logged in"),
                },
                Err(error) => {
                    complain(&error);
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        tracing::info!("the SFTP door is closed");
    }
}
