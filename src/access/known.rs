//! From where keys let users in lately. The database keeps it, so that a restart forgets nobody whom a door
//! must let in also when it is crowded.
//!
//! *Limits*: at most [`KNOWN_MAX`] addresses wait to be kept, and so many are remembered as kept.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::domain::Timestamp;

/// "Lately".
pub const KNOWN_FOR: Duration = Duration::from_hours(30 * 24);

/// Known addresses that are remembered.
pub const KNOWN_MAX: usize = 10_000;

/// An address is kept no more often. Reason: it counts for a month, and machines log in for each file.
const KEPT_EVERY: Duration = Duration::from_hours(1);

/// What the database does not know yet, and what it was told.
#[derive(Debug, Default)]
pub(super) struct Known {
    news: HashMap<IpAddr, Timestamp>,
    kept: HashMap<IpAddr, Timestamp>,
}

impl Known {
    /// A key let somebody in from there.
    pub(super) fn came(&mut self, from: IpAddr, now: Timestamp) {
        let kept = self.kept.get(&from);
        if !kept.is_some_and(|before| is_fresh(*before, now)) && self.news.len() < KNOWN_MAX {
            self.news.insert(from, now);
        }
    }

    /// What is to be kept, in order, so that several nodes do not wait for each other.
    pub(super) fn take(&mut self) -> Vec<(IpAddr, Timestamp)> {
        let mut news: Vec<_> = self.news.drain().collect();
        news.sort_unstable();
        news
    }

    /// That is kept.
    pub(super) fn were_kept(&mut self, news: Vec<(IpAddr, Timestamp)>, now: Timestamp) {
        if self.kept.len() + news.len() > KNOWN_MAX {
            self.kept.retain(|_, before| is_fresh(*before, now));
        }
        let room = KNOWN_MAX.saturating_sub(self.kept.len());
        self.kept.extend(news.into_iter().take(room));
    }

    /// It could not be kept; it is news again.
    pub(super) fn were_not_kept(&mut self, news: Vec<(IpAddr, Timestamp)>) {
        for (from, at) in news {
            self.came(from, at);
        }
    }
}

fn is_fresh(before: Timestamp, now: Timestamp) -> bool {
    now.duration_since(before).unsigned_abs() < KEPT_EVERY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_once_an_hour_and_again_when_that_failed() {
        let (mut known, here) = (Known::default(), IpAddr::from([192, 0, 2, 1]));
        let now = Timestamp::UNIX_EPOCH;
        known.came(here, now);
        let news = known.take();
        assert_eq!(news, [(here, now)]);
        known.were_not_kept(news);
        let news = known.take();
        known.were_kept(news, now);
        known.came(here, now + Duration::from_mins(59));
        assert!(known.take().is_empty());
        known.came(here, now + Duration::from_hours(1));
        assert_eq!(known.take().len(), 1);
    }
}
