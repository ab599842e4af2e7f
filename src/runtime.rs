//! What a test wants to own: named tasks, the stop signal, the clock and randomness.
//!
//! *Invariant*: no task without a name and an end, and no panic unseen. This is the only file that
//! calls `tokio::spawn`, `spawn_blocking` or the system's clock.

use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the system's uptime is counted from.
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Where the time comes from: the moment, which somebody may set, and the uptime, which nobody can.
#[derive(Debug, Clone)]
pub struct Clock(Option<Arc<Standing>>);

/// In microseconds.
#[derive(Debug)]
struct Standing {
    moment: AtomicI64,
    uptime: AtomicI64,
}

impl Clock {
    /// The system's clock.
    pub const fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    pub fn standing_at(start: Timestamp) -> Self {
        Self(Some(Arc::new(Standing {
            moment: AtomicI64::new(start.as_microsecond()),
            uptime: AtomicI64::new(0),
        })))
    }

    /// The moment, cut to whole microseconds (as the database keeps it).
    pub fn now(&self) -> Timestamp {
        let microseconds = match &self.0 {
            Some(standing) => standing.moment.load(Ordering::SeqCst),
            None => Timestamp::now().as_microsecond(),
        };
        Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// How long this has been running: what a wait is measured by, because it goes on evenly when
    /// somebody sets the clock.
    pub fn uptime(&self) -> Duration {
        match &self.0 {
            Some(standing) => {
                let microseconds = standing.uptime.load(Ordering::SeqCst);
                Duration::from_micros(microseconds.try_into().unwrap_or_default())
            }
            None => BEGAN.elapsed(),
        }
    }

    /// Lets so much time pass for a standing clock. Does nothing to the system's clock.
    pub fn advance(&self, by: Duration) {
        if let Some(standing) = &self.0 {
            let microseconds = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            standing.moment.fetch_add(microseconds, Ordering::SeqCst);
            standing.uptime.fetch_add(microseconds, Ordering::SeqCst);
        }
    }

    /// Sets a standing clock, as somebody sets a machine's: no time passes. Does nothing to the
    /// system's clock.
    pub fn set(&self, moment: Timestamp) {
        if let Some(standing) = &self.0 {
            let microseconds = moment.as_microsecond();
            standing.moment.store(microseconds, Ordering::SeqCst);
        }
    }
}

/// Fills an array with random octets from the operating system.
///
/// # Panics
///
/// If the operating system has none, which it cannot say once it has booted.
pub fn random<const N: usize>() -> [u8; N] {
    let mut octets = [0; N];
    // The kernel's generator cannot fail once the machine has booted; if it ever does, going on
    // with predictable numbers would be worse than stopping.
    #[expect(
        clippy::expect_used,
        reason = "no safe way to go on without randomness"
    )]
    getrandom::fill(&mut octets).expect("the operating system gives random octets");
    octets
}

/// A new UUID 7 as text: unique, and in the order of time.
pub fn unique_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The daemon's tasks: each has a name and ends when [`Tasks::stop`] is called.
#[derive(Debug, Clone)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    broken: CancellationToken,
}

impl Default for Tasks {
    fn default() -> Self {
        Self::new()
    }
}

impl Tasks {
    /// No tasks yet.
    pub fn new() -> Self {
        Self {
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            broken: CancellationToken::new(),
        }
    }

    /// A group of tasks that is stopped and awaited by itself. A lasting task that panics in any of
    /// the siblings makes all of them [`Tasks::is_broken`], and is what [`Tasks::broke`] waits for.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self {
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            broken: self.broken.clone(),
        }
    }

    /// Starts a task that lives as long as the daemon. If it panics, the daemon stops with status 70
    /// (see [`Tasks::broke`]).
    pub fn spawn_lasting<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let broken = self.broken.clone();
        self.watch(name, task, move || broken.cancel());
    }

    /// Starts a task that serves one session or submission. If it panics, that is logged, and
    /// nothing else ends.
    pub fn spawn<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.watch(name, task, || ());
    }

    fn watch<F>(&self, name: &'static str, task: F, on_panic: impl FnOnce() + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let inner = self.tracker.spawn(task);
        self.tracker.spawn(async move {
            if let Err(error) = inner.await
                && error.is_panic()
            {
                tracing::error!(
                    task = name,
                    "a task panicked; please report this as a fault"
                );
                on_panic();
            }
        });
    }

    /// Runs `work` on a thread that may block. `None` if it panicked (which is logged).
    pub async fn block<T, W>(&self, name: &'static str, work: W) -> Option<T>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let ended = self.tracker.spawn_blocking(work).await;
        if ended.is_err() {
            tracing::error!(
                task = name,
                "a task panicked; please report this as a fault"
            );
        }
        ended.ok()
    }

    /// Ends when the daemon is to stop.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Is the daemon to stop?
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Tells every task of this group to end.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Ends when a lasting task has panicked.
    pub async fn broke(&self) {
        self.broken.cancelled().await;
    }

    /// Did a lasting task panic?
    pub fn is_broken(&self) -> bool {
        self.broken.is_cancelled()
    }

    /// Waits until every task of this group has ended. Call [`Tasks::stop`] first.
    pub async fn ended(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_a_lasting_task_stops_the_daemon() {
        let tasks = Tasks::new();
        tasks.spawn("session", async { panic!("one session") });
        tasks.spawn_lasting("door", async { panic!("the door") });
        tasks.broke().await;
        assert!(tasks.sibling().is_broken());
        tasks.ended().await;
    }

    #[test]
    fn a_standing_clock_moves_only_when_told() {
        let clock = Clock::standing_at(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::from_secs(5));
        assert_eq!(clock.now(), Timestamp::from_second(5).unwrap());
        assert_eq!(clock.uptime(), Duration::from_secs(5));
    }

    #[test]
    fn a_clock_that_is_set_lets_no_time_pass() {
        let clock = Clock::standing_at(Timestamp::from_second(5000).unwrap());
        for second in [9000, 100] {
            clock.set(Timestamp::from_second(second).unwrap());
            assert_eq!(clock.now().as_second(), second);
            assert_eq!(clock.uptime(), Duration::ZERO);
        }
    }
}
