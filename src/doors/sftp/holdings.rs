//! How much each account's drop folder holds, so that none can fill the disk for the others.
//!
//! Counting looks at every file, so what was counted is kept for a while, and what is put in place
//! meanwhile is added. Nobody is refused on such a sum: it is counted anew before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::account::AccountId;
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::visit::Visit;

/// What was counted is believed for so long.
const BELIEVED_FOR: Duration = Duration::from_mins(1);

/// A full folder is counted no more often, however often its client tries.
const COUNTED_EVERY: Duration = Duration::from_secs(1);

/// How much each account's drop folder holds.
#[derive(Debug)]
pub(super) struct Holdings {
    pub(super) bytes_max: u64,
    known: Mutex<HashMap<AccountId, Known>>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    bytes: u64,
    counted: Instant,
}

impl Holdings {
    pub(super) fn new(bytes_max: u64) -> Self {
        Self {
            bytes_max,
            known: Mutex::new(HashMap::new()),
        }
    }

    /// So many octets were put in place.
    pub(super) fn added(&self, account: AccountId, bytes: usize) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get_mut(&account) {
            known.bytes = known.bytes.saturating_add(bytes as u64);
        }
    }

    fn known(&self, account: AccountId) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&account).copied()
    }

    fn set(&self, account: AccountId, bytes: u64) {
        let counted = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(account, Known { bytes, counted });
    }
}

/// How many octets may still be put into the visitor's drop folder.
pub(super) async fn left(visit: &Arc<Visit>) -> Result<u64, Refusal> {
    let holdings = &visit.house.holdings;
    let left = |bytes: u64| holdings.bytes_max.saturating_sub(bytes);
    if let Some(known) = holdings.known(visit.account.id) {
        let age = known.counted.elapsed();
        let is_full = left(known.bytes) == 0;
        if age < if is_full { COUNTED_EVERY } else { BELIEVED_FOR } {
            return Ok(left(known.bytes));
        }
        if !is_full {
            // Noted now, so that one session counts and not all of them.
            holdings.set(visit.account.id, known.bytes);
            let counting = Arc::clone(visit);
            let tasks = &visit.house.tasks;
            tasks.spawn("sftp: count what a folder holds", async move {
                // A fault was logged, and it is tried again in a minute.
                let _ = count(&counting).await;
            });
            return Ok(left(known.bytes));
        }
    }
    count(visit).await.map(left)
}

async fn count(visit: &Arc<Visit>) -> Result<u64, Refusal> {
    let folder = visit.folder.clone();
    let tasks = &visit.house.tasks;
    let counted = tasks.block("sftp: count what a folder holds", move || {
        folder.held_bytes()
    });
    let bytes = counted
        .await
        .ok_or(Refusal::Fault)?
        .map_err(|error| Refusal::of(&error, "counting what a folder holds"))?;
    visit.house.holdings.set(visit.account.id, bytes);
    Ok(bytes)
}

/// The eleven numbers of statvfs(3): what the account may hold, and what is left of it.
pub(super) async fn room(visit: &Arc<Visit>) -> Result<[u64; 11], Refusal> {
    const BLOCK_BYTES: u64 = 4096;
    const NO_SET_UID: u64 = 2;
    let disk = visit
        .folder
        .disk()
        .map_err(|error| Refusal::of(&error, "looking at the disk"))?;
    let left = left(visit).await?.min(disk.free_bytes) / BLOCK_BYTES;
    let all = visit.house.holdings.bytes_max / BLOCK_BYTES;
    Ok([
        BLOCK_BYTES,
        BLOCK_BYTES,
        all,
        left,
        left,
        disk.files,
        disk.files_free,
        disk.files_free,
        0,
        NO_SET_UID,
        crate::domain::receipt::FILE_NAME_BYTES_MAX as u64,
    ])
}
