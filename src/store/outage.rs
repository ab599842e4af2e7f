//! What the threads of a store know in common of a database that is away.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So long a database that went away is tried again before those who wait are told; a restart of
/// PostgreSQL mostly passes unnoticed.
pub(super) const GRACE: Duration = Duration::from_secs(3);

/// The shortest and the longest pause between two tries to connect.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Whether the database is away, and since when.
#[derive(Debug, Default)]
pub(super) struct Outage(Mutex<Option<Away>>);

#[derive(Debug)]
struct Away {
    since: Instant,
    next_try: Instant,
    why: String,
}

/// What a thread without a connection should do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Advice {
    /// Try to connect, after this pause.
    Try(Duration),
    /// Tell those who wait why the database is away.
    Tell(String),
}

impl Outage {
    /// What to do at `now`.
    pub(super) fn advice(&self, now: Instant) -> Advice {
        match &*self.state() {
            Some(away) if now >= away.next_try => Advice::Try(Duration::ZERO),
            Some(away) if now.duration_since(away.since) > GRACE => Advice::Tell(away.why.clone()),
            Some(away) => Advice::Try(away.next_try.saturating_duration_since(now)),
            None => Advice::Try(Duration::ZERO),
        }
    }

    /// Connecting failed at `now`. `true` if those who wait should be told.
    pub(super) fn failed(&self, now: Instant, why: &str) -> bool {
        let mut state = self.state();
        if state.is_none() {
            tracing::error!("the database went away, trying to reach it again: {why}");
        }
        let since = state.as_ref().map_or(now, |away| away.since);
        let length = now.duration_since(since);
        let pause = (length / 4).clamp(PAUSE_MIN, PAUSE_MAX);
        *state = Some(Away {
            since,
            next_try: now + pause,
            why: why.to_owned(),
        });
        length > GRACE
    }

    /// Connecting went well at `now`.
    pub(super) fn over(&self, now: Instant) {
        if let Some(away) = self.state().take() {
            let away_ms = now.duration_since(away.since).as_millis();
            tracing::info!(away_ms, "the database is back");
        }
    }

    fn state(&self) -> MutexGuard<'_, Option<Away>> {
        // A panic while it was held cannot leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_outage_is_waited_out_and_a_long_one_is_told_at_once() {
        let (outage, start) = (Outage::default(), Instant::now());
        assert_eq!(outage.advice(start), Advice::Try(Duration::ZERO));
        assert!(!outage.failed(start, "refused"));
        assert_eq!(outage.advice(start), Advice::Try(PAUSE_MIN));
        let late = start + GRACE + Duration::from_millis(1);
        assert!(outage.failed(late, "refused"));
        assert_eq!(outage.advice(late), Advice::Tell("refused".to_owned()));
        assert_eq!(outage.advice(late + PAUSE_MAX), Advice::Try(Duration::ZERO));
        outage.over(late + PAUSE_MAX);
        assert_eq!(outage.advice(late), Advice::Try(Duration::ZERO));
    }
}
