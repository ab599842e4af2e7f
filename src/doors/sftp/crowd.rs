//! How many are at the door and inside, and who may still come.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config;
use crate::domain::account::AccountId;

#[derive(Debug, Default)]
struct Counts {
    unauthenticated: u32,
    sessions: u32,
    accounts: HashMap<AccountId, u32>,
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
    /// `None` before log-in.
    account: Option<AccountId>,
}

impl Crowd {
    pub(super) fn new(settings: &config::Sftp) -> Self {
        Self {
            counts: Arc::default(),
            unauthenticated_max: settings.unauthenticated_max,
            sessions_max: settings.sessions_max,
            per_account_max: settings.sessions_per_account_max,
        }
    }

    /// A place for a connection that has not logged in; `None` if there is none.
    pub(super) fn knock(&self) -> Option<Ticket> {
        let mut counts = self.lock();
        if counts.unauthenticated >= self.unauthenticated_max {
            return None;
        }
        counts.unauthenticated += 1;
        Some(Ticket {
            crowd: self.clone(),
            account: None,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // A panic while it was held leaves a number off by one at worst.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// The connection logged in; a sentence if there is no more room.
    pub(super) fn enter(&mut self, account: AccountId) -> Result<(), String> {
        let crowd = self.crowd.clone();
        let mut counts = crowd.lock();
        if self.account.is_some() {
            return Ok(());
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
        counts.unauthenticated = counts.unauthenticated.saturating_sub(1);
        self.account = Some(account);
        Ok(())
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counts = self.crowd.lock();
        let Some(account) = self.account else {
            counts.unauthenticated = counts.unauthenticated.saturating_sub(1);
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

    #[test]
    fn places_are_counted_and_come_back() {
        let crowd = Crowd::new(&config::Sftp {
            unauthenticated_max: 2,
            sessions_max: 3,
            sessions_per_account_max: 1,
            ..config::Sftp::default()
        });
        let mut one = crowd.knock().unwrap();
        let mut two = crowd.knock().unwrap();
        assert!(crowd.knock().is_none());
        one.enter(AccountId(1)).unwrap();
        let refused = two.enter(AccountId(1)).unwrap_err();
        assert!(refused.contains("1 sessions open"), "{refused}");
        two.enter(AccountId(2)).unwrap();
        let mut three = crowd.knock().unwrap();
        three.enter(AccountId(3)).unwrap();
        let mut four = crowd.knock().unwrap();
        assert!(four.enter(AccountId(4)).is_err());
        drop((one, two, three, four));
        let counts = crowd.lock();
        assert_eq!((counts.unauthenticated, counts.sessions), (0, 0));
        assert!(counts.accounts.is_empty());
    }
}
