//! How often something came of late from one place, or for one mail address or account.
//!
//! *Limits*: at most [`ENTRIES_MAX`] places and addresses are remembered; the longest unheard of go
//! first. Each node counts by itself, and forgets at its end: the figures slow programs down and
//! decide nothing that matters.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::access::place_of;
use crate::domain::Timestamp;

/// Places and addresses that are remembered.
const ENTRIES_MAX: usize = 10_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// Requests for an account.
    Requests,
    /// Links to set a new password.
    PasswordLinks,
    /// Invitations of an account.
    Invitations,
}

type Key = (What, String);

/// The moments of late, by what they were about.
#[derive(Debug, Default)]
pub(crate) struct Lately(Mutex<HashMap<Key, Vec<Timestamp>>>);

impl Lately {
    /// How often it came from this place within `span`.
    fn from(&self, what: What, from: IpAddr, span: Duration, now: Timestamp) -> usize {
        self.count(what, &place_of(from).to_string(), span, now)
    }

    /// How often it came for this address within `span`.
    pub(crate) fn about(&self, what: What, mail: &str, span: Duration, now: Timestamp) -> usize {
        self.count(what, mail, span, now)
    }

    /// Did it come from this place `most` times or more within an hour? Not asked of this machine
    /// itself: that is a proxy, behind which everybody is.
    pub(crate) fn is_flood(&self, what: What, from: IpAddr, most: usize, now: Timestamp) -> bool {
        !from.is_loopback() && self.from(what, from, Duration::from_hours(1), now) >= most
    }

    /// It came once more from this place.
    pub(crate) fn add_from(&self, what: What, from: IpAddr, now: Timestamp) {
        self.add(what, place_of(from).to_string(), now);
    }

    /// It was done once more for this address. What was refused does not count: else whoever keeps asking
    /// would keep the address's owner from it for ever.
    pub(crate) fn add_about(&self, what: What, mail: &str, now: Timestamp) {
        self.add(what, mail.to_owned(), now);
    }

    fn add(&self, what: What, key: String, now: Timestamp) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        add(&mut table, (what, key), now);
    }

    fn count(&self, what: What, key: &str, span: Duration, now: Timestamp) -> usize {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let moments = table.get(&(what, key.to_owned()));
        moments.map_or(0, |moments| {
            let is_late = |at: &&Timestamp| now.duration_since(**at).unsigned_abs() < span;
            moments.iter().filter(is_late).count()
        })
    }
}

/// So many moments of one place are remembered: more than any limit counts to.
const MOMENTS_MAX: usize = 10_000;

fn add(table: &mut HashMap<Key, Vec<Timestamp>>, key: Key, now: Timestamp) {
    if table.len() >= ENTRIES_MAX && !table.contains_key(&key) {
        let oldest = table
            .iter()
            .min_by_key(|(_, moments)| moments.last().copied())
            .map(|(key, _)| key.clone());
        if let Some(oldest) = oldest {
            table.remove(&oldest);
        }
    }
    let moments = table.entry(key).or_default();
    let day = Duration::from_hours(24);
    moments.retain(|at| now.duration_since(*at).unsigned_abs() < day);
    if moments.len() < MOMENTS_MAX {
        moments.push(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_counted_for_its_place_and_its_address() {
        let lately = Lately::default();
        let here = IpAddr::from([192, 0, 2, 1]);
        let there = IpAddr::from([192, 0, 2, 2]);
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let hour = Duration::from_hours(1);
        for minute in [0, 30, 50] {
            lately.add_from(What::Requests, here, at(minute));
            lately.add_about(What::Requests, "ann@example.org", at(minute));
        }
        let from = |place, minute| lately.from(What::Requests, place, hour, at(minute));
        assert_eq!(from(here, 55), 3);
        assert_eq!(from(here, 80), 2);
        assert_eq!(from(there, 55), 0);
        let about = |mail| lately.about(What::Requests, mail, hour, at(55));
        assert_eq!(about("ann@example.org"), 3);
        assert_eq!(about("bob@example.org"), 0);
        let links = lately.from(What::PasswordLinks, here, hour, at(55));
        assert_eq!(links, 0);
    }

    #[test]
    fn memory_is_bounded() {
        let mut table = HashMap::new();
        for key in 0..=ENTRIES_MAX {
            let now = Timestamp::from_microsecond(i64::try_from(key).unwrap());
            add(&mut table, (What::Requests, key.to_string()), now.unwrap());
        }
        assert_eq!(table.len(), ENTRIES_MAX);
        assert!(!table.contains_key(&(What::Requests, "0".to_owned())));
    }
}
