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
        if let Some(next) = self.next {
            sleep_until(next).await;
        }
        self.next = Instant::now().checked_add(self.length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_first_goes_at_once_and_the_next_waits_for_its_beat() {
        let begin = Instant::now();
        let mut pace = Pace::new(Duration::from_millis(10));
        pace.beat().await;
        assert_eq!(begin.elapsed(), Duration::ZERO);
        pace.beat().await;
        assert!(begin.elapsed() >= Duration::from_millis(10));
        tokio::time::advance(Duration::from_secs(1)).await;
        let later = Instant::now();
        pace.beat().await;
        assert_eq!(later.elapsed(), Duration::ZERO);
    }
}
