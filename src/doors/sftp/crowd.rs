//! How many are at the door and inside, and who may still come.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::config;
use crate::domain::account::AccountId;
use crate::doors::sftp::sources::{Misdeed, Place, Sources};
use crate::metrics::TurnedAway;

/// One in so many places at the door is kept for addresses from which a key logged in lately.
const KEPT_FOR_KNOWN: u32 = 4;

/// One known address may hold so many-th part of the places at the door. Reason: a manufacturer's machine may
/// be the one that misbehaves, and must not keep the others out.
const PART_OF_KNOWN: u32 = 2;

#[derive(Debug)]
struct Counts {
    unauthenticated: u32,
    sessions: u32,
    accounts: HashMap<AccountId, u32>,
    sources: Sources,
}

/// Everybody connected; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Crowd {
    counts: Arc<Mutex<Counts>>,
    unauthenticated_max: u32,
    sessions_max: u32,
    per_account_max: u32,
}

/// One connection's place; given up when dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    crowd: Crowd,
    address: IpAddr,
    /// Where it is counted until it logs in.
    place: Option<Place>,
    /// `None` before log-in.
    account: Option<AccountId>,
}

impl Crowd {
    pub(super) fn new(settings: &config::Sftp) -> Self {
        let counts = Counts {
            unauthenticated: 0,
            sessions: 0,
            accounts: HashMap::new(),
            sources: Sources::new(settings),
        };
        Self {
            counts: Arc::new(Mutex::new(counts)),
            unauthenticated_max: settings.unauthenticated_max,
            sessions_max: settings.sessions_max,
            per_account_max: settings.sessions_per_account_max,
        }
    }

    /// A place for a connection that has not logged in.
    pub(super) fn knock(&self, address: IpAddr) -> Result<Ticket, TurnedAway> {
        let now = Instant::now();
        let mut counts = self.lock();
        let most = if counts.sources.is_known(address, now) {
            let kept = self.unauthenticated_max.div_ceil(KEPT_FOR_KNOWN);
            self.unauthenticated_max.saturating_add(kept)
        } else {
            self.unauthenticated_max
        };
        if counts.unauthenticated >= most {
            return Err(TurnedAway::Crowded);
        }
        let known_max = self.unauthenticated_max.div_ceil(PART_OF_KNOWN);
        let place = counts.sources.knock(address, known_max, now)?;
        counts.unauthenticated += 1;
        Ok(Ticket {
            crowd: self.clone(),
            address,
            place,
            account: None,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // A panic while it was held leaves a number off by one at worst.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// One connection less that has not logged in.
    fn one_less(&mut self, place: &mut Option<Place>) {
        self.unauthenticated = self.unauthenticated.saturating_sub(1);
        if let Some(place) = place.take() {
            self.sources.left(place);
        }
    }
}

impl Crowd {
    /// Keys logged in from these addresses so long ago, before the service was started.
    pub(super) fn remember(&self, known: Vec<(IpAddr, Duration)>) {
        let (mut counts, now) = (self.lock(), Instant::now());
        for (address, ago) in known {
            counts.sources.remember(address, ago, now);
        }
    }

    /// A connection ended without a log-in. Says whether that shuts its source out from now on.
    pub(super) fn misbehaved(&self, address: IpAddr, misdeed: Misdeed) -> bool {
        let mut counts = self.lock();
        counts.sources.misbehaved(address, misdeed, Instant::now())
    }
}

impl Ticket {
    /// The connection logged in, `with_key` or otherwise; a sentence if there is no more room.
    pub(super) fn enter(&mut self, account: AccountId, with_key: bool) -> Result<(), String> {
        let crowd = self.crowd.clone();
        let mut counts = crowd.lock();
        if self.account.is_some() {
            return Ok(());
        }
        if with_key {
            let now = Instant::now();
            counts.sources.remember(self.address, Duration::ZERO, now);
        }
        if counts.sessions >= crowd.sessions_max {
            return Err("too many sessions are open: try again in some minutes".to_owned());
        }
        let of_account = counts.accounts.entry(account).or_default();
        if *of_account >= crowd.per_account_max {
            return Err(format!(
                "your account has {of_account} sessions open, and may have {}: close some first",
                crowd.per_account_max
            ));
        }
        *of_account += 1;
        counts.sessions += 1;
        counts.one_less(&mut self.place);
        self.account = Some(account);
        Ok(())
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counts = self.crowd.lock();
        let Some(account) = self.account else {
            counts.one_less(&mut self.place);
            return;
        };
        counts.sessions = counts.sessions.saturating_sub(1);
        if let Some(of_account) = counts.accounts.get_mut(&account) {
            *of_account = of_account.saturating_sub(1);
            if *of_account == 0 {
                counts.accounts.remove(&account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn crowd(unauthenticated_max: u32) -> Crowd {
        Crowd::new(&config::Sftp {
            unauthenticated_max,
            unauthenticated_per_source_max: 2,
            sessions_max: 3,
            sessions_per_account_max: 1,
            ..config::Sftp::default()
        })
    }

    #[test]
    fn places_are_counted_and_come_back() {
        let crowd = crowd(2);
        let mut one = crowd.knock(HERE).unwrap();
        let mut two = crowd.knock(HERE).unwrap();
        assert_eq!(crowd.knock(HERE).unwrap_err(), TurnedAway::Crowded);
        one.enter(AccountId(1), false).unwrap();
        let refused = two.enter(AccountId(1), false).unwrap_err();
        assert!(refused.contains("1 sessions open"), "{refused}");
        two.enter(AccountId(2), false).unwrap();
        let mut three = crowd.knock(HERE).unwrap();
        three.enter(AccountId(3), false).unwrap();
        let mut four = crowd.knock(HERE).unwrap();
        assert!(four.enter(AccountId(4), false).is_err());
        drop((one, two, three, four));
        let counts = crowd.lock();
        assert_eq!((counts.unauthenticated, counts.sessions), (0, 0));
        assert!(counts.accounts.is_empty());
    }

    #[test]
    fn a_full_house_has_a_place_for_who_came_with_a_key_lately() {
        let crowd = crowd(4);
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let good = ip("192.0.2.7");
        let mut first = crowd.knock(good).unwrap();
        first.enter(AccountId(1), true).unwrap();
        let strangers: Vec<Ticket> = ["198.51.100.1", "198.51.100.2", "203.0.113.1", "203.0.113.2"]
            .into_iter()
            .map(|address| crowd.knock(ip(address)).unwrap())
            .collect();
        let other = crowd.knock(ip("192.0.2.8")).unwrap_err();
        assert_eq!(other, TurnedAway::Crowded);
        let kept = crowd.knock(good).unwrap();
        assert!(crowd.knock(good).is_err(), "that place has an end too");
        drop((strangers, kept));
        let source_full = [crowd.knock(ip("192.0.2.8")), crowd.knock(ip("192.0.2.9"))];
        let third = crowd.knock(ip("192.0.2.10")).unwrap_err();
        assert_eq!(third, TurnedAway::SourceCrowded);
        drop(source_full);
        assert!(crowd.knock(ip("192.0.2.10")).is_ok(), "places come back");
    }
}
