//! Daily summaries: the notices of a day, whether or not a window has told of them.
//!
//! Windows and summaries are two readers of the same notices, each with its own mark (`closed`,
//! `summed`). So nothing is lost to the summary while the daemon is down, and nothing is told in it
//! twice.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::AccountId;
use crate::domain::notice::{NewMail, NoticeId};
use crate::store::connection::each;
use crate::store::mails::{insert_mails, tell_of};
use crate::store::rows::micros;
use crate::store::schema::notices;
use crate::store::windows::{Gather, WindowDue, load_window};
use crate::store::{Store, StoreFault};

impl Store {
    /// The accounts with outcomes decided before `until` that no daily summary has told of yet.
    pub async fn waiting_summaries(&self, until: Timestamp) -> Result<Vec<AccountId>, StoreFault> {
        self.read(move |db| {
            let accounts: Vec<i64> = each!(db, c => notices::table
                .filter(notices::summed.is_null())
                .filter(notices::decided.lt(micros(until)))
                .select(notices::account_id)
                .distinct()
                .order(notices::account_id)
                .load(c))?;
            Ok(accounts.into_iter().map(AccountId).collect())
        })
        .await
    }

    /// The notices of one account decided before `until` that no daily summary has told of yet;
    /// else as [`Store::window`].
    pub async fn summary(
        &self,
        account: AccountId,
        until: Timestamp,
    ) -> Result<Option<WindowDue>, StoreFault> {
        self.read(move |db| load_window(db, account, Gather::Day(until)))
            .await
    }

    /// As [`Store::close_window`], but marks the notices as told of by a daily summary.
    pub async fn close_summary(
        &self,
        notices: &[NoticeId],
        mails: &[NewMail],
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let (notices, mails) = (notices.to_vec(), mails.to_vec());
        self.write(move |db| tell_of!(db, notices::summed, &notices, &mails, now))
            .await
    }
}
