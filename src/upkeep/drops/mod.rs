//! The drop folders' daily work: removes files that were answered long ago, and tells of folders that
//! are nearly full.
//!
//! *Invariant*: what waits, is incomplete or unknown stays. A file goes only if it was taken in as it
//! lies there, and its receipt was written.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use crate::config;
use crate::domain::Timestamp;
use crate::domain::account::{Account, AccountCode};
use crate::domain::receipt::RECEIPT_SUFFIX;
use crate::drop_folder::{AccountFolder, DropFolders, DropPath, FileFacts, Folder, Held};
use crate::intake::Intake;
use crate::metrics::METRICS;
use crate::runtime::{Clock, Tasks};
use crate::store::{Drop, Store, StoreFault};
use crate::upkeep::{limit, rounds, unless_stopped};

/// So many files are looked at between two looks at the database.
const STEP: u32 = 500;

/// A folder that holds more of what it may, in hundredths, is told of.
const NEARLY_FULL: u64 = 80;

/// So often it is told of.
const TOLD_EVERY: Duration = Duration::from_hours(24);

/// What the upkeep of drop folders works with.
#[derive(Debug)]
pub struct DropUpkeep {
    /// The database: it knows which files were answered.
    pub store: Store,
    /// It is told what is gone.
    pub intake: Intake,
    /// What is tidied.
    pub folders: DropFolders,
    /// How long is kept what, and how much a folder may hold.
    pub config: config::DropFolders,
    /// How often to look.
    pub every: Duration,
    /// The time.
    pub clock: Clock,
    /// Accounts whose folder is nearly full, and when that was said last, as uptime.
    pub warned: HashMap<AccountCode, Duration>,
}

/// How many files were removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Files that were answered, with the receipts beside them.
    pub answered: u64,
    /// Receipts below `/receipts`.
    pub receipts: u64,
}

impl DropUpkeep {
    /// Looks at once, and then every so often, until `tasks` is stopped.
    pub async fn run(mut self, tasks: Tasks) {
        let mut ticks = rounds(self.every);
        while unless_stopped(&tasks, ticks.tick()).await.is_some() {
            match unless_stopped(&tasks, self.round(&tasks)).await {
                None => return,
                Some(Ok(cleared)) if cleared == Cleared::default() => {}
                Some(Ok(Cleared { answered, receipts })) => tracing::info!(
                    "upkeep removed {answered} answered files from drop folders, and {receipts} \
                     receipts of old days"
                ),
                Some(Err(fault)) => {
                    tracing::warn!(%fault, "upkeep of drop folders has to wait: {fault}");
                }
            }
        }
    }

    /// Looks through every account's folder once.
    pub async fn round(&mut self, tasks: &Tasks) -> Result<Cleared, StoreFault> {
        let mut cleared = Cleared::default();
        let mut nearly_full = 0;
        for account in self.store.accounts().await? {
            let done = self.tidy(tasks, &account).await?;
            cleared.answered = cleared.answered.saturating_add(done.answered);
            cleared.receipts = cleared.receipts.saturating_add(done.receipts);
            nearly_full += u64::from(self.is_nearly_full(tasks, &account).await);
        }
        METRICS.nearly_full.set(nearly_full);
        Ok(cleared)
    }

    /// Removes what can go from one account's folder.
    async fn tidy(&self, tasks: &Tasks, account: &Account) -> Result<Cleared, StoreFault> {
        let (now, mut cleared) = (self.clock.now(), Cleared::default());
        if let Some(before) = limit(now, self.config.answered_keep) {
            cleared.answered = self.clear_answered(tasks, account, before).await?;
            let orphans = self.at_folder(tasks, account, move |folder| orphans(folder, before));
            cleared.answered = cleared
                .answered
                .saturating_add(orphans.await.unwrap_or_default());
        }
        if let Some(before) = limit(now, self.config.receipts_keep) {
            let first_kept = before.strftime("%Y-%m-%d").to_string();
            let days = self.at_folder(tasks, account, move |folder| old_days(folder, &first_kept));
            cleared.receipts = days.await.unwrap_or_default();
        }
        Ok(cleared)
    }

    /// Removes the files that were answered before `before`, and says how many.
    async fn clear_answered(
        &self,
        tasks: &Tasks,
        account: &Account,
        before: Timestamp,
    ) -> Result<u64, StoreFault> {
        let (mut after, mut sum) = (String::new(), 0_u64);
        loop {
            let listing = self.store.answered_drops(account.id, before, &after, STEP);
            let mut old = listing.await?;
            let is_last = old.len() < usize::try_from(STEP).unwrap_or(usize::MAX);
            if let Some(last) = old.last() {
                after.clone_from(&last.path);
            }
            // A later arrival of the path may be known here already.
            old.retain(|drop| self.is_known(drop));
            let gone = self.at_folder(tasks, account, move |folder| remove(folder, old));
            let gone = gone.await.unwrap_or_default();
            sum = sum.saturating_add(u64::try_from(gone.len()).unwrap_or(u64::MAX));
            for drop in gone {
                if self.is_known(&drop) {
                    self.intake.forget(account.id, &drop.path).await;
                }
            }
            if is_last {
                return Ok(sum);
            }
        }
    }

    fn is_known(&self, drop: &Drop) -> bool {
        let taken = self.intake.taken(drop.account, &drop.path);
        taken.is_some_and(|taken| taken.submission == drop.submission && taken.mark == drop.mark)
    }

    /// Does the account's folder hold nearly all that it may? Says so, once a day.
    async fn is_nearly_full(&mut self, tasks: &Tasks, account: &Account) -> bool {
        let Some(held) = self.at_folder(tasks, account, AccountFolder::held).await else {
            return false;
        };
        let hundredths = hundredths(held, &self.config);
        let code = &account.code;
        if hundredths <= NEARLY_FULL {
            self.warned.remove(code);
            return false;
        }
        let now = self.clock.uptime();
        let told = self.warned.get(code);
        if told.is_none_or(|told| now.saturating_sub(*told) >= TOLD_EVERY) {
            self.warned.insert(code.clone(), now);
            tracing::warn!(
                account = %code,
                files = held.files,
                size_bytes = held.bytes,
                "the drop folder of {code} is full to {hundredths} %; past 100 % nothing more is \
                 taken by SFTP. Let drop-folders.answered-keep remove what was answered long ago, \
                 or raise drop-folders.account-files-max and account-bytes-max"
            );
        }
        true
    }

    /// Does `work` on an account's folder, on a thread that may block. `None` if that failed.
    async fn at_folder<T: Send + 'static>(
        &self,
        tasks: &Tasks,
        account: &Account,
        work: impl FnOnce(&AccountFolder) -> io::Result<T> + Send + 'static,
    ) -> Option<T> {
        let (folders, code) = (self.folders.clone(), account.code.clone());
        let work = move || folders.account(&code).and_then(|folder| work(&folder));
        match tasks.block("upkeep of drop folders", work).await? {
            Ok(done) => Some(done),
            Err(fault) => {
                let code = &account.code;
                tracing::warn!(account = %code, %fault, "the drop folder of {code} is not tidied: {fault}");
                None
            }
        }
    }
}

/// How much of what it may a folder holds, in hundredths.
fn hundredths(held: Held, config: &config::DropFolders) -> u64 {
    let part = |held: u64, most: u64| held.saturating_mul(100).checked_div(most).unwrap_or(100);
    let files = part(held.files, config.account_files_max);
    files.max(part(held.bytes, config.account_bytes_max))
}

/// Removes the files that are still as they were taken in, with the receipts beside them; gives back which.
fn remove(folder: &AccountFolder, old: Vec<Drop>) -> io::Result<Vec<Drop>> {
    let mut gone = Vec::with_capacity(old.len());
    for drop in old {
        let path = DropPath::from_client(&drop.path);
        let Some(path) = path.filter(|path| is_lane(&path.folder)) else {
            continue;
        };
        if !folder.remove_if(&path, drop.mark)? {
            continue;
        }
        let beside = path.receipt();
        if let Some(receipt) = beside.filter(|receipt| folder.facts(receipt).is_ok()) {
            folder.remove(&receipt)?;
        }
        gone.push(drop);
    }
    Ok(gone)
}

/// Removes receipts of before `before` whose files their senders removed; says how many.
fn orphans(folder: &AccountFolder, before: Timestamp) -> io::Result<u64> {
    let mut removed = 0_u64;
    for lane in [Folder::Inbox, Folder::Test] {
        for (name, facts) in folder.list(&lane)? {
            let file = name.strip_suffix(RECEIPT_SUFFIX);
            let file = file.and_then(|file| DropPath::new(lane.clone(), file));
            let (Some(file), Some(receipt)) = (file, DropPath::new(lane.clone(), &name)) else {
                continue;
            };
            let is_alone = folder
                .facts(&file)
                .is_err_and(|fault| fault.kind() == io::ErrorKind::NotFound);
            if is_alone && is_older(facts, before) && folder.remove_if(&receipt, facts.mark)? {
                removed = removed.saturating_add(1);
            }
        }
    }
    Ok(removed)
}

/// Removes the receipts of the days before `first_kept`; says how many they were.
fn old_days(folder: &AccountFolder, first_kept: &str) -> io::Result<u64> {
    let mut removed = 0_u64;
    for day in folder.days()? {
        // Their form is such that their order is that of time.
        if day.as_str() < first_kept {
            removed = removed.saturating_add(folder.remove_day(&day)?);
        }
    }
    Ok(removed)
}

fn is_lane(folder: &Folder) -> bool {
    matches!(folder, Folder::Inbox | Folder::Test)
}

/// A receipt's time of change is that of its decision.
fn is_older(facts: FileFacts, before: Timestamp) -> bool {
    facts.is_plain && i128::from(facts.mark.modified_ns) < before.as_nanosecond()
}

#[cfg(test)]
mod tests;
