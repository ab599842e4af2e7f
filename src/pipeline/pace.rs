//! Under load, work begins in beats, so that many submissions share a commit and a sync.
//!
//! What comes after a pause is begun at once: a beat costs time only while there is much to do,
//! and then it gains more than it costs, because every commit waits for the same disk.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// A beat, and when the last one was.
#[derive(Debug)]
pub(super) struct Pace {
    length: Duration,
    next: Option<Instant>,
}

impl Pace {
    /// Beats that are at least `length` apart.
    pub(super) const fn new(length: Duration) -> Self {
        Self { length, next: None }
    }

    /// Waits until the last beat is long enough ago.
    pub(super) async fn beat(&mut self) {
        sleep_until(self.due(Instant::now())).await;
    }

    /// When a beat asked for at `now` is due; the next is counted from there.
    fn due(&mut self, now: Instant) -> Instant {
        let due = self.next.map_or(now, |next| next.max(now));
        self.next = due.checked_add(self.length);
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_goes_at_once_and_the_next_waits_for_its_beat() {
        let length = Duration::from_millis(10);
        let mut pace = Pace::new(length);
        let begin = Instant::now();
        assert_eq!(pace.due(begin), begin);
        assert_eq!(pace.due(begin), begin + length);
        assert_eq!(pace.due(begin), begin + 2 * length);
        let later = begin + 100 * length;
        assert_eq!(pace.due(later), later);
    }
}
