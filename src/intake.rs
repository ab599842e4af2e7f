//! The one way in: make an arrival durable, number it, wake the pipeline.
//!
//! *Invariant*: "done" is said after the commit. Intake never looks into a document.
//!
//! It also remembers which files of the drop folders were taken in, so that the folder door takes
//! none twice: neither one that came by SFTP, nor one that it saw before.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::Digest;
use tokio::sync::Notify;

use crate::domain::account::AccountId;
use crate::domain::submission::{Arrival, FileMark, Sha256, SubmissionId, SubmissionNumber};
use crate::metrics::METRICS;
use crate::runtime;
use crate::store::{Arrived, NewArrival, Store, StoreFault};

/// How often a number is drawn again before something must be wrong with the randomness.
const DRAWS_MAX: u32 = 8;

/// An arrival that is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its row.
    pub submission: SubmissionId,
    /// Its number.
    pub number: SubmissionNumber,
    /// The SHA-256 of its octets.
    pub sha256: Sha256,
}

/// A file of a drop folder as it was when it was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The submission made of it.
    pub submission: SubmissionId,
    /// Which file.
    pub mark: FileMark,
    /// The SHA-256 of its octets.
    pub sha256: Sha256,
}

/// What is on its way in, and when the last of it was.
#[derive(Debug, Default)]
struct Coming {
    under_way: AtomicUsize,
    last: Mutex<Option<Instant>>,
}

/// An arrival on its way in, until it is dropped.
struct ComingOne<'a>(&'a Coming);

impl Coming {
    fn one(&self) -> ComingOne<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        ComingOne(self)
    }

    fn last(&self) -> MutexGuard<'_, Option<Instant>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ComingOne<'_> {
    fn drop(&mut self) {
        *self.0.last() = Some(Instant::now());
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The one way in; cheap to clone.
#[derive(Debug, Clone)]
pub struct Intake {
    store: Store,
    wake: Arc<Notify>,
    coming: Arc<Coming>,
    taken: Arc<Mutex<HashMap<AccountId, HashMap<String, Taken>>>>,
}

impl Intake {
    /// Loads what was taken from the drop folders before.
    pub async fn open(store: Store) -> Result<Self, StoreFault> {
        let mut taken: HashMap<AccountId, HashMap<String, Taken>> = HashMap::new();
        for drop in store.drops().await? {
            let known = Taken {
                submission: drop.submission,
                mark: drop.mark,
                sha256: drop.sha256,
            };
            taken
                .entry(drop.account)
                .or_default()
                .insert(drop.path, known);
        }
        Ok(Self {
            store,
            wake: Arc::new(Notify::new()),
            coming: Arc::default(),
            taken: Arc::new(Mutex::new(taken)),
        })
    }

    /// Makes `arrival` durable. When this returns `Ok`, a power cut loses nothing of it.
    pub async fn take_in(&self, arrival: Arrival) -> Result<Received, StoreFault> {
        let began = Instant::now();
        let _coming = self.coming.one();
        let sha256 = digest(&arrival.octets);
        let arrival = Arc::new(arrival);
        for _draw in 0..DRAWS_MAX {
            let number = SubmissionNumber::from_random(runtime::random());
            let new = NewArrival {
                number: number.clone(),
                sha256: sha256.clone(),
                arrival: Arc::clone(&arrival),
            };
            let (submission, number) = match self.store.arrive(new).await? {
                Arrived::Taken(submission) => (submission, number),
                Arrived::Before(submission, number) => (submission, number),
                Arrived::NumberTaken => continue,
            };
            if let Some(mark) = arrival.mark {
                let known = Taken {
                    submission,
                    mark,
                    sha256: sha256.clone(),
                };
                self.ledger()
                    .entry(arrival.account)
                    .or_default()
                    .insert(arrival.path.clone(), known);
            }
            METRICS.arrived(arrival.door, arrival.octets.len() as u64, began.elapsed());
            tracing::info!(
                submission = %number,
                account_id = %arrival.account,
                door = %arrival.door,
                size_bytes = arrival.octets.len(),
                "received {} as {number}",
                arrival.path.escape_debug(),
            );
            self.wake.notify_one();
            return Ok(Received {
                submission,
                number,
                sha256,
            });
        }
        Err(StoreFault::Broken(format!(
            "{DRAWS_MAX} submission numbers in a row were taken"
        )))
    }

    /// Is an arrival on its way in, or was one within `lull`?
    pub fn is_busy(&self, lull: Duration) -> bool {
        self.coming.under_way.load(Ordering::Relaxed) > 0
            || self.coming.last().is_some_and(|last| last.elapsed() < lull)
    }

    /// What the pipeline waits on; a hint only, the store has the truth.
    pub fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// The file taken in from this path, if any.
    pub fn taken(&self, account: AccountId, path: &str) -> Option<Taken> {
        self.ledger().get(&account)?.get(path).cloned()
    }

    /// The paths taken in from this account's drop folder.
    pub fn taken_paths(&self, account: AccountId) -> Vec<String> {
        self.ledger()
            .get(&account)
            .map(|paths| paths.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// The file has new times and the same octets. This is known at once; what is returned notes it.
    ///
    /// If the database does not take the note, the folder door compares the octets after the next
    /// start, which costs time and nothing else.
    pub fn touched(
        &self,
        account: AccountId,
        path: &str,
        mark: FileMark,
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut ledger = self.ledger();
        let known = ledger
            .get_mut(&account)
            .and_then(|paths| paths.get_mut(path));
        let is_known = known.is_some();
        if let Some(known) = known {
            known.mark = mark;
        }
        drop(ledger);
        let (store, path) = (self.store.clone(), path.to_owned());
        async move {
            if is_known && let Err(fault) = store.remark_drop(account, &path, mark).await {
                tracing::debug!(%fault, "a touched file was not noted");
            }
        }
    }

    /// The file is gone from the drop folder; the same path is a new arrival when it comes again. This is
    /// known at once; what is returned notes it, and leaves a newer arrival's note alone.
    pub fn forget(
        &self,
        account: AccountId,
        path: &str,
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut ledger = self.ledger();
        let known = ledger
            .get_mut(&account)
            .and_then(|paths| paths.remove(path));
        drop(ledger);
        let (store, path) = (self.store.clone(), path.to_owned());
        async move {
            if let Some(known) = known
                && let Err(fault) = store.forget_drop(account, &path, known.submission).await
            {
                tracing::debug!(%fault, "a removed file was not noted");
            }
        }
    }

    /// The answer to the file that was taken in from this path, and lies there as it was, is gone: it is to be written again.
    pub async fn answer_again(&self, account: AccountId, path: &str, mark: FileMark) {
        let taken = self.taken(account, path).filter(|taken| taken.mark == mark);
        if let Some(taken) = taken
            && let Err(fault) = self.store.answer_again(taken.submission).await
        {
            tracing::warn!(%fault, "a receipt that was removed is not written again");
        }
    }

    fn ledger(&self) -> MutexGuard<'_, HashMap<AccountId, HashMap<String, Taken>>> {
        // A panic while it was held cannot leave a map half changed.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The SHA-256 of `octets`.
pub fn digest(octets: &[u8]) -> Sha256 {
    Sha256::from_octets(&sha2::Sha256::digest(octets).into())
}
