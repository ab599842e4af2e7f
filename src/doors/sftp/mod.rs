//! The SFTP door: listens, lets users in, serves their drop folders, hands complete files to intake.
//!
//! ```text
//! mod (listen) → connection (deadlines) → session (SSH) → pump (octets) → requests, handles
//!                                                                           └─► arrive → intake
//! ```
//!
//! *Trust*: everything that comes over the network is hostile until access has let its sender in,
//! and bounded after that.

mod admission;
mod allowance;
mod arrive;
mod certificates;
mod channels;
mod connection;
mod crowd;
mod descriptors;
mod digests;
mod entrance;
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
mod outlet;
mod paths;
mod places;
mod placing;
mod pump;
mod quota;
mod readme;
mod refusal;
mod requests;
mod rotation;
mod session;
mod sources;
mod spilling;
mod spool;
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
mod written;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::civil::Date;
use russh::keys::PrivateKey;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use host_keys::make_key_pair;
pub use rotation::{
    list as list_host_keys, make_next as make_next_host_key, schedule as schedule_host_key,
};
pub use stdio::speak;

use crate::access::Access;
use crate::config;
use crate::domain::host_key::HostKey;
use crate::doors::busy::Busy;
use crate::doors::sftp::certificates::Authorities;
use crate::doors::sftp::connection::Gate;
use crate::doors::sftp::crowd::Crowd;
use crate::doors::sftp::entrance::Rules;
use crate::doors::sftp::visit::House;
use crate::drop_folder::DropFolders;
use crate::intake::Intake;
use crate::metrics::METRICS;
use crate::runtime::{Clock, Tasks};

/// The pause after the machine could not give us a connection, mostly for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Faults of accepting are logged so often at most.
const ACCEPT_LOG_EVERY: Duration = Duration::from_secs(10);

/// How often it is looked whether the day of a new host key has come.
const KEYS_LOOKED_AT_EVERY: Duration = Duration::from_secs(10);

/// How often it is looked whether the legacy port's last day is over.
const DAY_LOOKED_AT_EVERY: Duration = Duration::from_secs(1);

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
    /// The authorities whose certificates let users in cannot be read.
    #[error("the authorities in {}: {why}; see `sftp.user-authorities`", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
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

/// One address that the door listens on, and whom it lets in.
struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    gate: Arc<Gate>,
}

/// The SFTP door, listening.
pub struct SftpDoor {
    main: Listening,
    legacy: Option<Listening>,
    host_keys: Vec<String>,
    host_key_folder: PathBuf,
    shown_keys: watch::Sender<Vec<HostKey>>,
}

impl std::fmt::Debug for SftpDoor {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.debug_struct("SftpDoor")
            .field("address", &self.main.address)
            .finish_non_exhaustive()
    }
}

/// Opens the door: reads or makes the host keys in `host_key_folder`, and binds the addresses.
/// Nobody is served before [`SftpDoor::run`].
pub async fn open(
    settings: &config::Config,
    host_key_folder: &Path,
    parts: Parts,
) -> Result<SftpDoor, SftpFault> {
    descriptors::prepare(&settings.sftp);
    rotation::switch_due(host_key_folder, parts.clock.now())?;
    let keys = host_keys::load_or_make(host_key_folder)?;
    host_keys::tell(&keys, "");
    let host_keys = host_keys::public_lines(&keys);
    let shown_keys = watch::Sender::new(rotation::list(host_key_folder)?);
    let rules = Rules {
        passwords: settings.sftp.passwords,
        authorities: Authorities::read(&settings.sftp.user_authorities)?,
        accounts: None,
    };
    let access = parts.access.clone();
    let house = Arc::new(House::new(settings, parts));
    let crowd = Crowd::new(&settings.sftp);
    match access.known_addresses().await {
        Ok(known) => crowd.remember(known),
        Err(fault) => tracing::warn!(
            %fault,
            "the addresses from which keys logged in lately are not known: they are held to the limits of all"
        ),
    }
    let gate = |rules, ssh, last_day| {
        Arc::new(Gate {
            last_day,
            house: Arc::clone(&house),
            access: access.clone(),
            crowd: crowd.clone(),
            rules: Arc::new(rules),
            ssh: RwLock::new(Arc::new(ssh)),
        })
    };
    let legacy = match legacy_day(&settings.sftp, &house.clock) {
        Some((address, last_day)) => {
            let key = host_keys::load_or_make_legacy(host_key_folder)?;
            host_keys::tell(std::slice::from_ref(&key), " of the legacy port");
            let mut keys = keys.clone();
            keys.push(key);
            let rules = Rules {
                accounts: Some(settings.sftp.legacy_codes().unwrap_or_default()),
                ..rules.clone()
            };
            let gate = gate(
                rules,
                ssh::config(&settings.sftp, keys, true),
                Some(last_day),
            );
            Some(listen(address, gate).await?)
        }
        None => None,
    };
    let gate = gate(rules, ssh::config(&settings.sftp, keys, false), None);
    Ok(SftpDoor {
        main: listen(settings.sftp.listen, gate).await?,
        legacy,
        host_keys,
        host_key_folder: host_key_folder.to_owned(),
        shown_keys,
    })
}

/// The legacy port and its last day, if it is to be open and that day is not over.
fn legacy_day(settings: &config::Sftp, clock: &Clock) -> Option<(SocketAddr, Date)> {
    let (address, last_day) = settings.legacy_listen.zip(settings.legacy_last_day())?;
    if connection::is_over(last_day, clock) {
        tracing::warn!(
            "the legacy port {address} stays closed: its last day was {last_day} (`sftp.legacy-until`)"
        );
        return None;
    }
    tracing::warn!("the legacy port {address} is open with older algorithms until {last_day}");
    Some((address, last_day))
}

async fn listen(wanted: SocketAddr, gate: Arc<Gate>) -> Result<Listening, SftpFault> {
    let fault = |source| SftpFault::Listen {
        address: wanted,
        source,
    };
    let listener = TcpListener::bind(wanted).await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    Ok(Listening {
        listener,
        address,
        gate,
    })
}

impl SftpDoor {
    /// Where the door listens; tells the port if any free one was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.main.address
    }

    /// Where the legacy port listens, if there is one.
    #[cfg(test)]
    pub(crate) fn legacy_addr(&self) -> Option<SocketAddr> {
        self.legacy.as_ref().map(|legacy| legacy.address)
    }

    /// The public host keys in OpenSSH's one-line form, without comment.
    pub fn host_keys(&self) -> Vec<String> {
        self.host_keys.clone()
    }

    /// The host keys and those to come, as they are from time to time.
    pub fn shown_keys(&self) -> watch::Receiver<Vec<HostKey>> {
        self.shown_keys.subscribe()
    }

    /// Serves until the door's tasks are stopped. Sessions then still have open uploads to end, up
    /// to half a minute: wait for the tasks' end.
    pub async fn run(self) {
        let gates: Vec<Arc<Gate>> = [Some(&self.main), self.legacy.as_ref()]
            .into_iter()
            .flatten()
            .map(|listening| Arc::clone(&listening.gate))
            .collect();
        let folder = self.host_key_folder;
        let legacy = async {
            if let Some(legacy) = self.legacy {
                legacy.run().await;
            }
        };
        let keys = keep_keys(&folder, &gates, &self.shown_keys);
        tokio::join!(self.main.run(), legacy, keys);
        tracing::info!("the SFTP door is closed");
    }
}

/// Puts the next host keys in the place of the old ones when their day has come, and tells of those
/// that an operator made meanwhile.
async fn keep_keys(folder: &Path, gates: &[Arc<Gate>], shown_keys: &watch::Sender<Vec<HostKey>>) {
    let Some(house) = gates.first().map(|gate| &gate.house) else {
        return;
    };
    let mut said: Option<String> = None;
    loop {
        tokio::select! {
            () = house.tasks.stopped() => return,
            () = tokio::time::sleep(KEYS_LOOKED_AT_EVERY) => (),
        }
        let (place, now) = (folder.to_owned(), house.clock.now());
        let switching = move || {
            let switched = rotation::switch_due(&place, now)?;
            let keys = if switched {
                Some(host_keys::load(&place)?)
            } else {
                None
            };
            Ok::<_, SftpFault>((keys, rotation::list(&place)?))
        };
        match house.tasks.block("sftp: host keys", switching).await {
            Some(Ok((switched, all))) => {
                if let Some(keys) = switched {
                    host_keys::tell(&keys, "");
                    for gate in gates {
                        use_keys(gate, &keys);
                    }
                }
                shown_keys.send_replace(all);
                if said.take().is_some() {
                    tracing::info!("the host keys can be read again");
                }
            }
            // Once, and not at every look.
            Some(Err(fault)) => {
                let fault = fault.to_string();
                if said.as_ref() != Some(&fault) {
                    tracing::error!("{fault}; the host keys that were read before stay in use");
                    said = Some(fault);
                }
            }
            None => (),
        }
    }
}

/// New connections are shown these keys; a legacy port keeps its RSA key besides.
fn use_keys(gate: &Gate, keys: &[PrivateKey]) {
    let mut ssh = gate.ssh.write().unwrap_or_else(PoisonError::into_inner);
    let mut keys = keys.to_vec();
    let is_legacy = gate.rules.accounts.is_some();
    if is_legacy {
        keys.extend(
            ssh.keys
                .iter()
                .filter(|key| key.algorithm().is_rsa())
                .cloned(),
        );
    }
    *ssh = Arc::new(ssh::config(&gate.house.settings, keys, is_legacy));
}

impl Listening {
    async fn run(self) {
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
                () = self.day_over() => {
                    tracing::warn!("the legacy port is closed: its last day is over");
                    break;
                }
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((socket, peer)) => match self.gate.crowd.knock(peer.ip().to_canonical()) {
                    Ok(ticket) => {
                        let gate = Arc::clone(&self.gate);
                        let serving = connection::serve(gate, socket, peer, ticket);
                        tasks.spawn("sftp: a connection", Box::pin(serving));
                    }
                    Err(why) => {
                        METRICS.turned_away(why);
                        complain(&why.sentence());
                    }
                },
                Err(error) => {
                    complain(&error);
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Ends when the last day is over, and never without one.
    async fn day_over(&self) {
        if self.gate.last_day.is_none() {
            return std::future::pending().await;
        }
        while !self.gate.is_over() {
            tokio::time::sleep(DAY_LOOKED_AT_EVERY).await;
        }
    }
}
