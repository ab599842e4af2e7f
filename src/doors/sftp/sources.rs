//! Where connections come from: how many, how fast, and who has to stay out for a while.
//!
//! A *source* is a network: 24 bits of an IPv4 address, 56 of an IPv6 one. Each connection that ends
//! without a log-in costs its source a penalty; they add up, and once they are more than
//! [`PENALTY_FREE`], the source is shut out until they are served. An address from which a key logged
//! in lately is never shut out and never counted here, so that nobody can lock a manufacturer out by
//! misbehaving in its neighbourhood.
//!
//! *Limits*: at most [`SOURCES_MAX`] sources and [`KNOWN_MAX`] known addresses, of which the oldest goes first. A
//! restart forgets the penalties; known addresses are told again by `access`.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use tokio::time::Instant;

use crate::access::{KNOWN_FOR, KNOWN_MAX};
use crate::config;
use crate::domain::networks::{Networks, place_of};
use crate::metrics::TurnedAway;

/// Sources that are remembered; what comes from more shares one entry.
const SOURCES_MAX: usize = 10_000;

/// So much penalty shuts nobody out: people mistype, and scripts try twice.
const PENALTY_FREE: Duration = Duration::from_secs(20);

/// What all sources share that are too many to be remembered.
const OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// How a connection ended that did not become a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misdeed {
    /// It showed something, and that was refused.
    Refused,
    /// It was still not logged in at the deadline, and had held a place all the time.
    TooSlow,
    /// It hung up without trying: a port scan, or a health check of somebody else.
    HungUp,
}

impl Misdeed {
    const fn penalty(self) -> Duration {
        match self {
            Self::Refused => Duration::from_secs(5),
            Self::TooSlow => Duration::from_secs(10),
            Self::HungUp => Duration::from_secs(1),
        }
    }
}

/// Where a connection is counted until it has logged in, or has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// With all of its network.
    Source(IpAddr),
    /// By its own address, from which a key logged in lately.
    Known(IpAddr),
}

#[derive(Debug)]
struct Known {
    /// Till when it is known.
    until: Instant,
    /// Connections that have not logged in.
    waiting: u32,
}

#[derive(Debug)]
struct Source {
    /// Connections that have not logged in.
    waiting: u32,
    /// New connections that may still come; grows by the second, up to two seconds' worth.
    tokens: f64,
    filled: Instant,
    /// When all penalties are served.
    owes_until: Instant,
    is_shut_out: bool,
}

impl Known {
    fn is_of_late(&self, now: Instant) -> bool {
        now < self.until
    }
}

/// Everywhere that connections came from of late.
#[derive(Debug)]
pub(super) struct Sources {
    waiting_max: u32,
    arrivals_max: f64,
    penalty_max: Duration,
    trusted: Networks,
    all: HashMap<IpAddr, Source>,
    known: HashMap<IpAddr, Known>,
    swept: Option<Instant>,
}

/// The network that an address is counted with.
fn source(address: IpAddr) -> IpAddr {
    place_of(address, 24)
}

impl Sources {
    pub(super) fn new(settings: &config::Sftp) -> Self {
        Self {
            waiting_max: settings.unauthenticated_per_source_max,
            arrivals_max: settings.arrivals_per_source_max.into(),
            penalty_max: settings.penalty_max,
            trusted: settings.trusted(),
            all: HashMap::new(),
            known: HashMap::new(),
            swept: None,
        }
    }

    /// A connection came. `Ok(Some(place))` if it is counted there until [`Sources::left`]; of a known address
    /// `known_max` may be at the door.
    pub(super) fn knock(
        &mut self,
        address: IpAddr,
        known_max: u32,
        now: Instant,
    ) -> Result<Option<Place>, TurnedAway> {
        if self.trusted.contain(address) {
            return Ok(None);
        }
        if let Some(known) = self.lately_known(address, now) {
            if known.waiting >= known_max {
                return Err(TurnedAway::SourceCrowded);
            }
            known.waiting += 1;
            return Ok(Some(Place::Known(address)));
        }
        let (waiting_max, arrivals_max) = (self.waiting_max, self.arrivals_max);
        let place = self.place(source(address), now);
        let entry = self.entry(place, now);
        if entry.is_shut_out && now < entry.owes_until {
            return Err(TurnedAway::ShutOut);
        }
        entry.is_shut_out = false;
        let since = now.duration_since(entry.filled).as_secs_f64();
        entry.tokens = (entry.tokens + since * arrivals_max).min(2.0 * arrivals_max);
        entry.filled = now;
        if entry.tokens < 1.0 {
            return Err(TurnedAway::TooFast);
        }
        if entry.waiting >= waiting_max {
            return Err(TurnedAway::SourceCrowded);
        }
        entry.tokens -= 1.0;
        entry.waiting += 1;
        Ok(Some(Place::Source(place)))
    }

    /// A connection that was counted in `place` logged in, or ended.
    pub(super) fn left(&mut self, place: Place) {
        let waiting = match place {
            Place::Source(source) => self.all.get_mut(&source).map(|entry| &mut entry.waiting),
            Place::Known(address) => self.known.get_mut(&address).map(|known| &mut known.waiting),
        };
        if let Some(waiting) = waiting {
            *waiting = waiting.saturating_sub(1);
        }
    }

    /// A connection from `address` ended without a log-in. Says whether that shuts its source out.
    pub(super) fn misbehaved(&mut self, address: IpAddr, misdeed: Misdeed, now: Instant) -> bool {
        let is_free = self.penalty_max.is_zero()
            || self.trusted.contain(address)
            || self.is_known(address, now);
        if is_free {
            return false;
        }
        let most = now + self.penalty_max;
        let place = self.place(source(address), now);
        let entry = self.entry(place, now);
        let owes_until = (entry.owes_until.max(now) + misdeed.penalty()).min(most);
        entry.owes_until = owes_until;
        let was_shut_out = entry.is_shut_out;
        if owes_until.duration_since(now) > PENALTY_FREE {
            entry.is_shut_out = true;
        }
        entry.is_shut_out && !was_shut_out
    }

    /// A key logged in from here, so long before `now`.
    pub(super) fn remember(&mut self, address: IpAddr, ago: Duration, now: Instant) {
        let until = now + KNOWN_FOR.saturating_sub(ago);
        if self.known.len() >= KNOWN_MAX
            && !self.known.contains_key(&address)
            && let Some(oldest) = self.known.iter().min_by_key(|(_, known)| known.until)
        {
            let oldest = *oldest.0;
            self.known.remove(&oldest);
        }
        let known = self
            .known
            .entry(address)
            .or_insert(Known { until, waiting: 0 });
        known.until = known.until.max(until);
    }

    /// Did a key log in from here lately?
    pub(super) fn is_known(&self, address: IpAddr, now: Instant) -> bool {
        let known = self.known.get(&address);
        known.is_some_and(|known| known.is_of_late(now))
    }

    fn lately_known(&mut self, address: IpAddr, now: Instant) -> Option<&mut Known> {
        let known = self.known.get_mut(&address);
        known.filter(|known| known.is_of_late(now))
    }

    /// Where a source is counted: by itself, as long as there is room.
    fn place(&mut self, source: IpAddr, now: Instant) -> IpAddr {
        if self.all.len() < SOURCES_MAX || self.all.contains_key(&source) {
            return source;
        }
        let is_due = self
            .swept
            .is_none_or(|swept| now.duration_since(swept) >= Duration::from_secs(1));
        if is_due {
            self.swept = Some(now);
            let idle = Duration::from_secs(2);
            self.all.retain(|_, entry| {
                let is_quiet = now.duration_since(entry.filled) > idle;
                entry.waiting > 0 || entry.owes_until > now || !is_quiet
            });
        }
        if self.all.len() < SOURCES_MAX {
            source
        } else {
            OTHERS
        }
    }

    fn entry(&mut self, place: IpAddr, now: Instant) -> &mut Source {
        let tokens = 2.0 * self.arrivals_max;
        self.all.entry(place).or_insert(Source {
            waiting: 0,
            tokens,
            filled: now,
            owes_until: now,
            is_shut_out: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        Sources::new(&config::Sftp {
            unauthenticated_per_source_max: 3,
            arrivals_per_source_max: 5,
            penalty_max: Duration::from_mins(1),
            ..config::Sftp::default()
        })
    }

    const MANY: u32 = 1000;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_network_waits_with_so_many_and_arrives_so_fast_and_others_are_not_concerned() {
        let (mut sources, now) = (sources(), Instant::now());
        let mut places = Vec::new();
        for last in 1..=3 {
            places.push(
                sources
                    .knock(ip(&format!("192.0.2.{last}")), MANY, now)
                    .unwrap(),
            );
        }
        let crowded = sources.knock(ip("192.0.2.200"), MANY, now);
        assert_eq!(crowded, Err(TurnedAway::SourceCrowded));
        assert!(sources.knock(ip("192.0.3.1"), MANY, now).is_ok());
        for place in places {
            sources.left(place.unwrap());
        }
        for _more in 0..7 {
            let place = sources.knock(ip("192.0.2.1"), MANY, now).unwrap();
            sources.left(place.unwrap());
        }
        let fast = sources.knock(ip("192.0.2.1"), MANY, now);
        assert_eq!(fast, Err(TurnedAway::TooFast));
        let later = now + Duration::from_millis(250);
        assert!(sources.knock(ip("192.0.2.1"), MANY, later).is_ok());
        let six = sources.knock(ip("2001:db8::1"), MANY, now).unwrap();
        assert_eq!(
            six,
            sources.knock(ip("2001:db8:0:ff::1"), MANY, now).unwrap()
        );
        let other = sources.knock(ip("2001:db8:0:100::1"), MANY, now);
        assert_ne!(six, other.unwrap(), "56 bits are one customer's");
    }

    #[test]
    fn penalties_add_up_shut_out_end_and_have_a_top() {
        let (mut sources, now) = (sources(), Instant::now());
        let bad = ip("192.0.2.1");
        for _attempt in 0..4 {
            assert!(!sources.misbehaved(bad, Misdeed::Refused, now));
        }
        assert!(
            sources.knock(bad, MANY, now).is_ok(),
            "20 s shut nobody out"
        );
        assert!(sources.misbehaved(bad, Misdeed::Refused, now));
        assert_eq!(sources.knock(bad, MANY, now), Err(TurnedAway::ShutOut));
        let served = now + Duration::from_secs(26);
        assert!(sources.knock(bad, MANY, served).is_ok());
        for _attempt in 0..100 {
            sources.misbehaved(bad, Misdeed::TooSlow, now);
        }
        let almost = now + Duration::from_secs(59);
        assert_eq!(sources.knock(bad, MANY, almost), Err(TurnedAway::ShutOut));
        assert!(
            sources
                .knock(bad, MANY, now + Duration::from_mins(1))
                .is_ok()
        );
    }

    #[test]
    fn an_address_with_a_known_key_is_never_shut_out_by_its_neighbours() {
        let (mut sources, now) = (sources(), Instant::now());
        let (good, bad) = (ip("192.0.2.7"), ip("192.0.2.66"));
        sources.remember(good, Duration::ZERO, now);
        for _attempt in 0..100 {
            sources.misbehaved(bad, Misdeed::Refused, now);
            sources.misbehaved(good, Misdeed::Refused, now);
        }
        assert_eq!(sources.knock(bad, MANY, now), Err(TurnedAway::ShutOut));
        for _many in 0..50 {
            let place = sources.knock(good, 1, now).unwrap();
            assert_eq!(place, Some(Place::Known(good)));
            // It has its own end all the same.
            let more = sources.knock(good, 1, now);
            assert_eq!(more, Err(TurnedAway::SourceCrowded));
            sources.left(place.unwrap());
        }
        let month_later = now + KNOWN_FOR;
        assert!(!sources.is_known(good, month_later));
        // As after a restart: it came a day before.
        let day = Duration::from_hours(24);
        sources.remember(bad, day, now);
        assert!(sources.is_known(bad, now));
        assert!(!sources.is_known(bad, month_later - day));
        // This machine is not counted.
        assert_eq!(sources.knock(ip("127.0.0.1"), MANY, now), Ok(None));
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let (mut sources, now) = (sources(), Instant::now());
        for number in 0..u32::try_from(SOURCES_MAX + 500).unwrap() {
            let address = IpAddr::from((0x0100_0000 + (number << 8)).to_be_bytes());
            let _ = sources.knock(address, MANY, now);
            sources.remember(address, Duration::ZERO, now);
        }
        assert_eq!(sources.all.len(), SOURCES_MAX + 1);
        assert_eq!(sources.known.len(), KNOWN_MAX);
        let fresh = ip("203.0.113.1");
        let crowded = sources.knock(fresh, MANY, now);
        assert!(crowded.is_err(), "the many share one entry");
    }
}
