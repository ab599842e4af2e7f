//! Waiting for the store: tries again, says so once, and tells a database that is away from a
//! statement that it will never take.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use crate::runtime::Tasks;
use crate::store::StoreFault;

/// The first pause before another try, as a rule; each is twice the one before.
pub(super) const PAUSE_MIN: Duration = Duration::from_millis(50);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// A store that is there and fails so often in a row will not take this.
const BROKEN_TRIES: u32 = 6;

/// Whether the store is there, as the pipeline sees it.
#[derive(Debug)]
pub(super) struct Outage {
    pause_min: Duration,
    is_out: AtomicBool,
    waiting: AtomicU32,
}

/// Why a call was given up.
#[derive(Debug)]
pub(super) enum GaveUp {
    /// The daemon stops; the work is found again at the next start.
    Stopping,
    /// The store is there, and refused this again and again.
    Refused(StoreFault),
}

/// Counts as waiting while it lives.
struct Waiting<'a>(&'a AtomicU32);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Outage {
    /// A store that works; after a fault, the first pause is so long.
    pub(super) fn new(pause_min: Duration) -> Self {
        Self {
            pause_min,
            is_out: AtomicBool::new(false),
            waiting: AtomicU32::new(0),
        }
    }

    /// Does any submission in hand wait for the database to come back?
    pub(super) fn is_waited_for(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
    }

    /// Calls until it works: for ever while the database is away, a few times while it is there.
    pub(super) async fn insist<T, C, F>(&self, tasks: &Tasks, call: C) -> Result<T, GaveUp>
    where
        C: Fn() -> F,
        F: Future<Output = Result<T, StoreFault>>,
    {
        let mut pause = self.pause_min;
        let mut refused = 0_u32;
        let mut waiting = None;
        loop {
            match call().await {
                Ok(value) => {
                    self.works();
                    return Ok(value);
                }
                Err(fault @ StoreFault::Away(_)) => {
                    self.fails(&fault);
                    waiting.get_or_insert_with(|| {
                        self.waiting.fetch_add(1, Ordering::SeqCst);
                        Waiting(&self.waiting)
                    });
                }
                Err(fault) => {
                    self.fails(&fault);
                    refused = refused.saturating_add(1);
                    if refused >= BROKEN_TRIES {
                        return Err(GaveUp::Refused(fault));
                    }
                }
            }
            tokio::select! {
                () = tasks.stopped() => return Err(GaveUp::Stopping),
                () = tokio::time::sleep(pause) => {}
            }
            pause = pause.saturating_mul(2).min(PAUSE_MAX);
        }
    }

    /// Notes that the store failed; logs the first of a row.
    pub(super) fn fails(&self, fault: &StoreFault) {
        if !self.is_out.swap(true, Ordering::SeqCst) {
            tracing::error!(
                %fault,
                "{fault}; submissions wait, nothing is lost, and it is tried again until it works"
            );
        }
    }

    /// Notes that the store works.
    pub(super) fn works(&self) {
        if self.is_out.swap(false, Ordering::SeqCst) {
            tracing::info!("the database works again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> StoreFault {
        StoreFault::Away("gone".to_owned())
    }

    #[tokio::test]
    async fn a_database_that_is_away_is_waited_for_however_long() {
        let (outage, tasks) = (Outage::new(Duration::ZERO), Tasks::new());
        let tries = AtomicU32::new(0);
        let call = || async {
            if tries.fetch_add(1, Ordering::SeqCst) < 100 {
                return Err(away());
            }
            assert!(outage.is_waited_for());
            Ok(7)
        };
        assert_eq!(outage.insist(&tasks, call).await.unwrap(), 7);
        assert!(!outage.is_waited_for());
    }

    #[tokio::test]
    async fn what_the_database_refuses_is_given_up() {
        let (outage, tasks) = (Outage::new(Duration::ZERO), Tasks::new());
        let call = || async { Err::<(), _>(StoreFault::Broken("no".to_owned())) };
        let gave_up = outage.insist(&tasks, call).await.unwrap_err();
        assert!(matches!(gave_up, GaveUp::Refused(_)));
    }

    #[tokio::test]
    async fn stopping_ends_the_wait() {
        let (outage, tasks) = (Outage::new(Duration::ZERO), Tasks::new());
        tasks.stop();
        let call = || async { Err::<(), _>(away()) };
        let gave_up = outage.insist(&tasks, call).await.unwrap_err();
        assert!(matches!(gave_up, GaveUp::Stopping));
        assert!(!outage.is_waited_for());
    }
}
