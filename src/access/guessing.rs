//! How long a guess must wait: longer after every failure, never for ever.
//!
//! Failures count for the place they come from and for the name they are about, so neither many
//! names from one place nor one name from many places is guessed fast. There is no lock-out: who
//! knows the password waits some seconds at worst.
//!
//! *Limits*: at most [`ENTRIES_MAX`] places and names are remembered; the oldest go first.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::account::LoginName;
use crate::domain::networks::place_of;

/// The wait after the first failures beyond [`FREE`]; doubles with each further one.
const FIRST_DELAY: Duration = Duration::from_millis(250);

/// People mistype; so many failures cost nothing.
const FREE: u32 = 3;

/// The longest wait for a name. Well below the time to be logged in.
const NAME_DELAY_MAX: Duration = Duration::from_secs(4);

/// The longest wait for a place.
const SOURCE_DELAY_MAX: Duration = Duration::from_secs(8);

/// Failures are forgotten after so long without another.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(15);

/// Places, and names, that are remembered.
const ENTRIES_MAX: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

/// The failures of late.
#[derive(Debug, Default)]
pub(super) struct Guessing {
    sources: HashMap<IpAddr, Failures>,
    names: HashMap<LoginName, Failures>,
}

/// The place that an address belongs to: itself, or for IPv6 its network of 56 bits.
pub fn source(address: IpAddr) -> IpAddr {
    place_of(address, 32)
}

impl Guessing {
    /// How long the next guess has to wait.
    pub(super) fn delay(
        &self,
        source: IpAddr,
        name: Option<&LoginName>,
        now: Timestamp,
    ) -> Duration {
        let of_source = wait(self.sources.get(&source), now, SOURCE_DELAY_MAX);
        let of_name = name.and_then(|name| self.names.get(name));
        of_source.max(wait(of_name, now, NAME_DELAY_MAX))
    }

    /// A guess was wrong.
    pub(super) fn failed(&mut self, source: IpAddr, name: Option<&LoginName>, now: Timestamp) {
        count(&mut self.sources, source, now);
        if let Some(name) = name {
            count(&mut self.names, name.clone(), now);
        }
    }

    /// It was right.
    ///
    /// The place keeps its failures: who has one account there must not be able to clear the count
    /// between guesses at others.
    pub(super) fn succeeded(&mut self, name: Option<&LoginName>) {
        if let Some(name) = name {
            self.names.remove(name);
        }
    }
}

fn wait(failures: Option<&Failures>, now: Timestamp, most: Duration) -> Duration {
    let Some(failures) = failures.filter(|failures| !is_forgotten(failures, now)) else {
        return Duration::ZERO;
    };
    match failures.count.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(beyond) => FIRST_DELAY.saturating_mul(1 << beyond.min(16)).min(most),
    }
}

fn is_forgotten(failures: &Failures, now: Timestamp) -> bool {
    now.duration_since(failures.last).unsigned_abs() >= FORGOTTEN_AFTER
}

fn count<K: Hash + Eq + Clone>(table: &mut HashMap<K, Failures>, key: K, now: Timestamp) {
    if table.len() >= ENTRIES_MAX && !table.contains_key(&key) {
        table.retain(|_, failures| !is_forgotten(failures, now));
        if table.len() >= ENTRIES_MAX
            && let Some(oldest) = table.iter().min_by_key(|(_, failures)| failures.last)
        {
            let oldest = oldest.0.clone();
            table.remove(&oldest);
        }
    }
    let failures = table.entry(key).or_insert(Failures {
        count: 0,
        last: now,
    });
    if is_forgotten(failures, now) {
        failures.count = 0;
    }
    failures.count = failures.count.saturating_add(1);
    failures.last = now;
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn name(text: &str) -> LoginName {
        LoginName::new(text).unwrap()
    }

    #[test]
    fn guesses_get_slower_but_never_stop() {
        let mut guessing = Guessing::default();
        let mut waits = Vec::new();
        for _guess in 0..40 {
            waits.push(guessing.delay(HERE, Some(&name("ann")), at(0)));
            guessing.failed(HERE, Some(&name("ann")), at(0));
        }
        assert_eq!(waits[0..3], [Duration::ZERO; 3]);
        assert!(waits.is_sorted());
        assert_eq!(waits[3], FIRST_DELAY);
        assert_eq!(waits[39], SOURCE_DELAY_MAX);
        assert_eq!(guessing.delay(HERE, None, at(15 * 60)), Duration::ZERO);
    }

    #[test]
    fn a_name_guessed_from_many_places_is_slow_from_everywhere() {
        let mut guessing = Guessing::default();
        for last in 0..30 {
            guessing.failed(IpAddr::from([192, 0, 2, last]), Some(&name("ann")), at(0));
        }
        let elsewhere = IpAddr::from([198, 51, 100, 1]);
        let wait = guessing.delay(elsewhere, Some(&name("ann")), at(0));
        assert_eq!(wait, NAME_DELAY_MAX);
        assert_eq!(
            guessing.delay(elsewhere, Some(&name("bob")), at(0)),
            Duration::ZERO
        );
        guessing.succeeded(Some(&name("ann")));
        assert_eq!(
            guessing.delay(elsewhere, Some(&name("ann")), at(0)),
            Duration::ZERO
        );
    }

    #[test]
    fn a_success_does_not_clear_the_place() {
        let mut guessing = Guessing::default();
        for _guess in 0..10 {
            guessing.failed(HERE, Some(&name("ann")), at(0));
        }
        guessing.succeeded(Some(&name("mallory")));
        assert_eq!(
            guessing.delay(HERE, Some(&name("bob")), at(0)),
            SOURCE_DELAY_MAX
        );
    }

    #[test]
    fn one_ipv6_network_is_one_place_and_memory_is_bounded() {
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let other: IpAddr = "2001:db8::ffff:1".parse().unwrap();
        assert_eq!(source(one), source(other));
        assert_eq!(source("::ffff:127.0.0.1".parse().unwrap()), HERE);
        let mut table = HashMap::new();
        for key in 0..=ENTRIES_MAX {
            let now = Timestamp::from_microsecond(i64::try_from(key).unwrap());
            count(&mut table, key, now.unwrap());
        }
        assert_eq!(table.len(), ENTRIES_MAX);
        assert!(!table.contains_key(&0));
    }
}
