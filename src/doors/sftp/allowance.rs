//! What the sessions of one account may hold together, so that none keeps the others out: memory for what
//! its clients send and are shown, channels, handles, and turns to do what takes long.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config;
use crate::domain::account::AccountId;
use crate::doors::sftp::descriptors;
use crate::doors::sftp::refusal::Refusal;

/// Memory is taken from the budget in steps of so many octets: enough for most certificates.
const STEP_BYTES: u64 = 32 * 1024;

/// One account may hold so many-th part of what all may. Reason: one that leaves its files open must not
/// keep the others out.
const ACCOUNT_PART: u64 = 4;

/// Answers that all sessions of an account may wait for at the same time: as many as eight channels may. Reason: each
/// is a task with what its request holds, and all channels of an account could wait for 8,192; who hands in file by
/// file waits for one a channel.
pub(super) const LATER_EACH_MAX: usize = 512;

/// One account may have so many-th part of the handles that the descriptors allow, also if `handles-per-account-max`
/// is more. Reason: the others must still open files.
pub(super) const HANDLES_PART: u64 = 2;

/// What all accounts may hold.
#[derive(Debug)]
pub(super) struct Allowances {
    /// Octets that are left for all.
    octets: Arc<AtomicU64>,
    /// How many octets an account may hold.
    octets_each: u64,
    channels_each: usize,
    handles_each: usize,
    /// Handles that are open, of all.
    handles: Arc<AtomicU64>,
    accounts: Mutex<HashMap<AccountId, Allowance>>,
}

/// What one account may still take; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Allowance {
    pub(super) octets: Budget,
    pub(super) channels: Arc<Semaphore>,
    pub(super) handles: Arc<Semaphore>,
    handles_each: usize,
    /// Handles that are open, of all accounts.
    handles_of_all: Arc<AtomicU64>,
    /// Answers that may still be waited for.
    later: Arc<Semaphore>,
    /// Its turn to do what takes a thread and a core.
    pub(super) turn: Arc<Semaphore>,
}

impl Allowances {
    /// An account has its part of `uploads-bytes-max`, but enough for a file of `file_bytes_max`, whose room
    /// grows by half.
    pub(super) fn new(settings: &config::Sftp, file_bytes_max: u64) -> Self {
        let bytes = settings.uploads_bytes_max;
        let each = (bytes / ACCOUNT_PART).max(file_bytes_max.saturating_mul(2));
        let count = |most: u32| usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            octets: Arc::new(AtomicU64::new(bytes)),
            octets_each: each.min(bytes),
            channels_each: count(settings.channels_per_account_max),
            handles_each: count(settings.handles_per_account_max),
            handles: Arc::default(),
            accounts: Mutex::default(),
        }
    }

    /// What the account may take from.
    pub(super) fn of(&self, account: AccountId) -> Allowance {
        let accounts = self.accounts.lock();
        // A panic while it was held cannot leave a map half changed.
        let mut accounts = accounts.unwrap_or_else(PoisonError::into_inner);
        let own = accounts.entry(account).or_insert_with(|| Allowance {
            octets: Budget {
                all: Arc::clone(&self.octets),
                own: Arc::new(AtomicU64::new(self.octets_each)),
            },
            channels: Arc::new(Semaphore::new(self.channels_each)),
            handles: Arc::new(Semaphore::new(self.handles_each)),
            handles_each: self.handles_each,
            handles_of_all: Arc::clone(&self.handles),
            later: Arc::new(Semaphore::new(LATER_EACH_MAX)),
            turn: Arc::new(Semaphore::new(1)),
        });
        own.clone()
    }
}

impl Allowance {
    /// Room for one channel more, if there is any.
    pub(super) fn channel(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.channels).try_acquire_owned().ok()
    }

    /// Room to wait for one answer more, of a channel that may wait for so many.
    pub(super) fn later(&self, of_channel: &Arc<Semaphore>) -> Option<Waited> {
        let take = |semaphore: &Arc<Semaphore>| Arc::clone(semaphore).try_acquire_owned().ok();
        Some(Waited {
            _of_channel: take(of_channel)?,
            _of_account: take(&self.later)?,
        })
    }

    /// Room for one handle more: of the account's own, and of the descriptors that all may have.
    pub(super) fn handle(&self) -> Result<HandleCount, Refusal> {
        let own = Arc::clone(&self.handles).try_acquire_owned();
        let own = own.map_err(|_| Refusal::TooManyHandles)?;
        let before = self.handles_of_all.fetch_add(1, Ordering::AcqRel);
        let count = HandleCount {
            _own: own,
            of_all: Arc::clone(&self.handles_of_all),
        };
        let free = self.handles.available_permits();
        let of_account = self.handles_each.saturating_sub(free) as u64;
        let most = descriptors::handles_max();
        if before >= most || of_account > most / HANDLES_PART {
            return Err(Refusal::TooManyHandles);
        }
        Ok(count)
    }
}

/// A handle counts as open, until this is dropped.
#[derive(Debug)]
pub(super) struct HandleCount {
    _own: OwnedSemaphorePermit,
    of_all: Arc<AtomicU64>,
}

impl Drop for HandleCount {
    fn drop(&mut self) {
        self.of_all.fetch_sub(1, Ordering::AcqRel);
    }
}

/// An answer is waited for, until this is dropped.
#[derive(Debug)]
pub(super) struct Waited {
    _of_channel: OwnedSemaphorePermit,
    _of_account: OwnedSemaphorePermit,
}

/// The octets that one account may still hold; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    all: Arc<AtomicU64>,
    own: Arc<AtomicU64>,
}

impl Budget {
    /// For one account alone.
    #[cfg(test)]
    pub(super) fn alone(bytes: u64) -> Self {
        let octets = || Arc::new(AtomicU64::new(bytes));
        Self {
            all: octets(),
            own: octets(),
        }
    }

    /// A part of it, of no octets yet.
    pub(super) fn share(&self) -> Share {
        Share {
            budget: self.clone(),
            bytes: 0,
        }
    }

    fn take(&self, bytes: u64) -> Result<(), Refusal> {
        take(&self.own, bytes)?;
        take(&self.all, bytes).inspect_err(|_| {
            self.own.fetch_add(bytes, Ordering::AcqRel);
        })
    }

    fn give_back(&self, bytes: u64) {
        self.all.fetch_add(bytes, Ordering::AcqRel);
        self.own.fetch_add(bytes, Ordering::AcqRel);
    }
}

fn take(left: &AtomicU64, bytes: u64) -> Result<(), Refusal> {
    let (set, get) = (Ordering::AcqRel, Ordering::Acquire);
    let taken = left.fetch_update(set, get, |left| left.checked_sub(bytes));
    taken.map(|_| ()).map_err(|_| Refusal::Crowded)
}

/// A part of the budget; given back when dropped.
#[derive(Debug)]
pub(super) struct Share {
    budget: Budget,
    bytes: u64,
}

impl Share {
    /// Makes room for `bytes` octets in `octets`, and takes all of the room from the budget.
    pub(super) fn grow(&mut self, octets: &mut Vec<u8>, bytes: usize) -> Result<(), Refusal> {
        if bytes as u64 <= self.bytes {
            return Ok(());
        }
        // Half as much again, so that a long file is not moved at every write.
        let roomy = self.bytes + self.bytes / 2;
        self.hold(roomy.max(bytes as u64))?;
        let room = usize::try_from(self.bytes).map_err(|_| Refusal::Crowded)?;
        octets.reserve_exact(room.saturating_sub(octets.len()));
        Ok(())
    }

    /// Takes as much that the part is of `bytes` octets, or gives back what is more.
    pub(super) fn hold(&mut self, bytes: u64) -> Result<(), Refusal> {
        let wanted = bytes.next_multiple_of(STEP_BYTES);
        if wanted > self.bytes {
            self.budget.take(wanted - self.bytes)?;
        } else {
            self.budget.give_back(self.bytes - wanted);
        }
        self.bytes = wanted;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowances(bytes: u64) -> Allowances {
        let settings = config::Sftp {
            uploads_bytes_max: bytes,
            channels_per_account_max: 1,
            handles_per_account_max: 2,
            ..config::Sftp::default()
        };
        Allowances::new(&settings, 0)
    }

    #[test]
    fn an_account_leaves_room_for_the_others_and_gives_its_own_back() {
        let all = allowances(8 * STEP_BYTES);
        let take = |account, steps| {
            let mut share = all.of(AccountId(account)).octets.share();
            share.hold(steps * STEP_BYTES).map(|()| share)
        };
        let held = take(1, 2).unwrap();
        assert_eq!(take(1, 1).unwrap_err(), Refusal::Crowded);
        let _others = [take(2, 2), take(3, 2), take(4, 1)].map(Result::unwrap);
        assert_eq!(take(5, 2).unwrap_err(), Refusal::Crowded, "all together");
        drop(held);
        let mut again = take(1, 2).unwrap();
        again.hold(1).unwrap();
        assert!(
            take(5, 1).is_ok(),
            "what a part gives back is there at once"
        );
    }

    #[test]
    fn channels_and_handles_are_counted_for_all_sessions_of_an_account() {
        let all = allowances(0);
        let channel = all.of(AccountId(1)).channel();
        assert!(channel.is_some());
        assert!(all.of(AccountId(1)).channel().is_none());
        assert!(all.of(AccountId(2)).channel().is_some());
        drop(channel);
        assert!(all.of(AccountId(1)).channel().is_some());
        let _two =
            [all.of(AccountId(1)).handle(), all.of(AccountId(1)).handle()].map(Result::unwrap);
        let third = all.of(AccountId(1)).handle();
        assert_eq!(third.unwrap_err(), Refusal::TooManyHandles);
    }
}
