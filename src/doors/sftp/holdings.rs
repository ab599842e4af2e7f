//! How much each account's drop folder holds, so that none can fill the disk for the others.
//!
//! Counting looks at every file, so what was counted is kept for a while, and what is put in place
//! meanwhile is added. Nobody is refused on such a sum: it is counted anew before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::config;
use crate::domain::account::AccountId;
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::visit::Visit;
use crate::drop_folder::Held;

/// What was counted is believed for so long.
const BELIEVED_FOR: Duration = Duration::from_mins(1);

/// A full folder is counted no more often, however often its client tries.
const COUNTED_EVERY: Duration = Duration::from_secs(1);

/// How much each account's drop folder holds.
#[derive(Debug)]
pub(super) struct Holdings {
    /// What a folder may hold.
    pub(super) most: Held,
    known: Mutex<HashMap<AccountId, Known>>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    held: Held,
    counted: Instant,
}

impl Holdings {
    pub(super) fn new(settings: &config::DropFolders) -> Self {
        Self {
            most: Held {
                bytes: settings.account_bytes_max,
                files: settings.account_files_max,
            },
            known: Mutex::new(HashMap::new()),
        }
    }

    /// A file of so many octets was put in place.
    pub(super) fn added(&self, account: AccountId, bytes: u64) {
        self.change(account, |held| Held {
            bytes: held.bytes.saturating_add(bytes),
            files: held.files.saturating_add(1),
        });
    }

    /// A file of so many octets was removed, or another took its place.
    pub(super) fn removed(&self, account: AccountId, bytes: u64) {
        self.change(account, |held| Held {
            bytes: held.bytes.saturating_sub(bytes),
            files: held.files.saturating_sub(1),
        });
    }

    fn change(&self, account: AccountId, change: impl FnOnce(Held) -> Held) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get_mut(&account) {
            known.held = change(known.held);
        }
    }

    fn known(&self, account: AccountId) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&account).copied()
    }

    fn set(&self, account: AccountId, held: Held) {
        let counted = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(account, Known { held, counted });
    }

    fn left(&self, held: Held) -> Held {
        Held {
            bytes: self.most.bytes.saturating_sub(held.bytes),
            files: self.most.files.saturating_sub(held.files),
        }
    }
}

/// What may still be put into the visitor's drop folder.
pub(super) async fn left(visit: &Arc<Visit>) -> Result<Held, Refusal> {
    let holdings = &visit.house.holdings;
    if let Some(known) = holdings.known(visit.account.id) {
        let age = known.counted.elapsed();
        let left = holdings.left(known.held);
        let is_full = left.bytes == 0 || left.files == 0;
        if age < if is_full { COUNTED_EVERY } else { BELIEVED_FOR } {
            return Ok(left);
        }
        if !is_full {
            // Noted now, so that one session counts and not all of them.
            holdings.set(visit.account.id, known.held);
            let counting = Arc::clone(visit);
            let tasks = &visit.house.tasks;
            tasks.spawn("sftp: count what a folder holds", async move {
                // A fault was logged, and it is tried again in a minute.
                let _ = count(&counting).await;
            });
            return Ok(left);
        }
    }
    count(visit).await.map(|held| holdings.left(held))
}

async fn count(visit: &Arc<Visit>) -> Result<Held, Refusal> {
    let folder = visit.folder.clone();
    let tasks = &visit.house.tasks;
    let counted = tasks.block("sftp: count what a folder holds", move || folder.held());
    let held = counted
        .await
        .ok_or(Refusal::Fault)?
        .map_err(|error| Refusal::of(&error, "counting what a folder holds"))?;
    visit.house.holdings.set(visit.account.id, held);
    Ok(held)
}

/// The eleven numbers of statvfs(3): what the account may hold, and what is left of it.
pub(super) async fn room(visit: &Arc<Visit>) -> Result<[u64; 11], Refusal> {
    const BLOCK_BYTES: u64 = 4096;
    const NO_SET_UID: u64 = 2;
    let disk = visit
        .folder
        .disk()
        .map_err(|error| Refusal::of(&error, "looking at the disk"))?;
    let left = left(visit).await?;
    let blocks_left = left.bytes.min(disk.free_bytes) / BLOCK_BYTES;
    let files_left = left.files.min(disk.files_free);
    let most = visit.house.holdings.most;
    Ok([
        BLOCK_BYTES,
        BLOCK_BYTES,
        most.bytes / BLOCK_BYTES,
        blocks_left,
        blocks_left,
        most.files,
        files_left,
        files_left,
        0,
        NO_SET_UID,
        crate::domain::receipt::FILE_NAME_BYTES_MAX as u64,
    ])
}
