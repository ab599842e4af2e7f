//! The task that closes windows: notices that wait become mails in the outbox.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::domain::Timestamp;
use crate::domain::account::AccountId;
use crate::domain::notice::{NewMail, NoticeId};
use crate::mail::digest::{Digest, Pace, Step, judge_window, last_daily, summaries};
use crate::mail::message::{House, write};
use crate::runtime::Clock;
use crate::store::{Store, StoreFault, WindowDue};

/// Closes windows, and makes the daily summaries.
pub(crate) struct Gatherer {
    store: Store,
    clock: Clock,
    house: House,
    pace: Pace,
    daily_hour: i8,
    /// Windows that were looked into and found to close later, as uptime: a large one is not read every
    /// second.
    not_before: BTreeMap<AccountId, Duration>,
    /// Until when the daily summaries are made.
    summed_until: Option<Timestamp>,
    /// Rung when mails were put into the outbox.
    bell: Arc<Notify>,
}

impl Gatherer {
    pub(crate) fn new(
        (store, clock): (Store, Clock),
        house: House,
        (pace, daily_hour): (Pace, i8),
        bell: Arc<Notify>,
    ) -> Self {
        Self {
            store,
            clock,
            house,
            pace,
            daily_hour,
            not_before: BTreeMap::new(),
            summed_until: None,
            bell,
        }
    }

    /// Closes what is to be closed now. A fault with one account does not keep the others waiting;
    /// the first fault is given back.
    pub(crate) async fn pass(&mut self) -> Result<(), StoreFault> {
        let now = self.clock.now();
        let waiting = self.store.waiting_windows().await?;
        self.not_before
            .retain(|account, _| waiting.iter().any(|(known, ..)| known == account));
        let mut result = Ok(());
        for (account, oldest, _, last_mail) in waiting {
            // The earliest at which it could close; whether it does depends on who wants what.
            let earliest = self.pace.closes(oldest, last_mail, now);
            let postponed = self.not_before.get(&account).copied();
            let uptime = self.clock.uptime();
            if now >= earliest && postponed.is_none_or(|then| uptime >= then) {
                result = result.and(self.close(account, now).await);
            }
        }
        result.and(self.sum_up(now).await)
    }

    async fn close(&mut self, account: AccountId, now: Timestamp) -> Result<(), StoreFault> {
        let Some(window) = self.store.window(account).await? else {
            return Ok(());
        };
        match judge_window(&window, now, self.pace) {
            Step::Wait(then) => {
                let wait = Duration::try_from(then.duration_since(now)).unwrap_or_default();
                let then = self.clock.uptime().saturating_add(wait);
                self.not_before.insert(account, then);
            }
            Step::Close(digests) => {
                let mails = self.write_all(&digests, now);
                let notices = told(&window);
                self.not_before.remove(&account);
                if self.store.close_window(&notices, &mails, now).await? {
                    self.gathered(&window, mails.len());
                }
            }
        }
        Ok(())
    }

    /// Makes the daily summaries, if their hour has come since the last time.
    async fn sum_up(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        let until = last_daily(now, &self.house.zone, self.daily_hour);
        if self.summed_until == Some(until) {
            return Ok(());
        }
        let mut result = Ok(());
        for account in self.store.waiting_summaries(until).await? {
            result = result.and(self.sum_up_one(account, until, now).await);
        }
        if result.is_ok() {
            self.summed_until = Some(until);
        }
        result
    }

    async fn sum_up_one(
        &self,
        account: AccountId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        // A day can hold more than one look-up gives; each is a mail of its own.
        while let Some(day) = self.store.summary(account, until).await? {
            let notices = told(&day);
            if notices.is_empty() {
                break;
            }
            let mails = self.write_all(&summaries(&day), now);
            if self.store.close_summary(&notices, &mails, now).await? {
                self.gathered(&day, mails.len());
            }
        }
        Ok(())
    }

    fn write_all(&self, digests: &[Digest<'_>], now: Timestamp) -> Vec<NewMail> {
        let written = digests.iter().map(|digest| write(digest, &self.house, now));
        written
            .filter_map(|mail| match mail {
                Ok(mail) => Some(mail),
                Err(error) => {
                    // Our templates cannot fail on any value; if one ever does, the others still go.
                    tracing::error!(%error, "a mail could not be written and is left out");
                    None
                }
            })
            .collect()
    }

    fn gathered(&self, window: &WindowDue, mails: usize) {
        if mails > 0 {
            tracing::debug!(
                account = %window.account.code,
                notices = window.notices.len(),
                mails,
                "a window closed"
            );
            self.bell.notify_one();
        }
    }
}

fn told(window: &WindowDue) -> Vec<NoticeId> {
    window.notices.iter().map(|notice| notice.id).collect()
}
