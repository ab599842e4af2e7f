//! What an account handed in within the last hour, in slots of a minute.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::config;
use crate::domain::Timestamp;
use crate::domain::account::AccountId;
use crate::doors::sftp::refusal::Refusal;

/// The hour, in minutes.
const SLOTS: i64 = 60;

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    minute: i64,
    files: u64,
    octets: u64,
}

/// What all accounts handed in within the last hour.
#[derive(Debug)]
pub(super) struct Quota {
    files_max: u64,
    octets_max: u64,
    accounts: Mutex<HashMap<AccountId, VecDeque<Slot>>>,
}

impl Quota {
    pub(super) fn new(settings: &config::Sftp) -> Self {
        let or_any = |most: u64| if most == 0 { u64::MAX } else { most };
        Self {
            files_max: or_any(settings.files_per_hour_max),
            octets_max: or_any(settings.bytes_per_hour_max),
            accounts: Mutex::default(),
        }
    }

    /// May the account begin another file? What is open already may end.
    pub(super) fn check(&self, account: AccountId, now: Timestamp) -> Result<(), Refusal> {
        let minute = now.as_second().div_euclid(60);
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slots) = accounts.get(&account) else {
            return Ok(());
        };
        let recent = slots.iter().filter(|slot| is_recent(slot, minute));
        let (mut files, mut octets) = (0_u64, 0_u64);
        for slot in recent.clone() {
            files = files.saturating_add(slot.files);
            octets = octets.saturating_add(slot.octets);
        }
        let is_full = |files, octets| files >= self.files_max || octets >= self.octets_max;
        if !is_full(files, octets) {
            return Ok(());
        }
        // It ends as soon as enough of the oldest minutes are an hour old.
        let mut ends = minute + SLOTS;
        for slot in recent {
            files = files.saturating_sub(slot.files);
            octets = octets.saturating_sub(slot.octets);
            if !is_full(files, octets) {
                ends = slot.minute + SLOTS;
                break;
            }
        }
        let ends = Timestamp::from_second(ends * 60).unwrap_or(now);
        Err(Refusal::HourFull(ends))
    }

    /// The account handed in a file of so many octets.
    pub(super) fn count(&self, account: AccountId, octets: u64, now: Timestamp) {
        let minute = now.as_second().div_euclid(60);
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let slots = accounts.entry(account).or_default();
        slots.retain(|slot| is_recent(slot, minute));
        match slots.back_mut() {
            Some(slot) if slot.minute == minute => {
                slot.files += 1;
                slot.octets = slot.octets.saturating_add(octets);
            }
            _ => slots.push_back(Slot {
                minute,
                files: 1,
                octets,
            }),
        }
    }
}

/// Is it within the last hour? A minute that is still to come was noted by a clock that was ahead.
fn is_recent(slot: &Slot, minute: i64) -> bool {
    (minute - SLOTS + 1..=minute).contains(&slot.minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(files: u64, octets: u64) -> Quota {
        Quota::new(&config::Sftp {
            files_per_hour_max: files,
            bytes_per_hour_max: octets,
            ..config::Sftp::default()
        })
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    #[test]
    fn an_hour_is_full_until_its_oldest_minutes_are_over() {
        let (quota, acme) = (quota(3, 0), AccountId(1));
        for minute in [10, 20, 30] {
            assert_eq!(quota.check(acme, at(minute)), Ok(()));
            quota.count(acme, 1, at(minute));
        }
        let full = Err(Refusal::HourFull(at(70)));
        assert_eq!(quota.check(acme, at(31)), full);
        assert_eq!(quota.check(acme, at(69)), full);
        assert_eq!(quota.check(acme, at(70)), Ok(()));
        assert_eq!(quota.check(AccountId(2), at(31)), Ok(()));
    }

    #[test]
    fn minutes_that_a_clock_ahead_noted_fill_no_hour() {
        let (quota, acme) = (quota(2, 0), AccountId(1));
        for _file in 0..2 {
            quota.count(acme, 1, at(1_000_000));
        }
        assert_eq!(quota.check(acme, at(10)), Ok(()));
        quota.count(acme, 1, at(10));
        assert_eq!(quota.check(acme, at(11)), Ok(()));
        quota.count(acme, 1, at(11));
        assert_eq!(quota.check(acme, at(12)), Err(Refusal::HourFull(at(70))));
    }

    #[test]
    fn octets_count_too_and_zero_is_any_number() {
        let (few, any, acme) = (quota(0, 100), quota(0, 0), AccountId(1));
        for _file in 0..3 {
            few.count(acme, 50, at(5));
            any.count(acme, 1 << 60, at(5));
        }
        assert_eq!(few.check(acme, at(6)), Err(Refusal::HourFull(at(65))));
        assert_eq!(any.check(acme, at(6)), Ok(()));
    }
}
