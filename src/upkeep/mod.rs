//! Daily work: removes what its keeping time has run out for, and says what.
//!
//! *Invariant*: documents, receipts, records, submissions and the audit log are never removed from the
//! database; of mails, requests and links only what is over and done with. Of drop folders only what was
//! taken in and answered goes, and only if the configuration says when.

mod drops;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior};

use crate::config;
use crate::domain::Timestamp;
use crate::runtime::{Clock, Tasks};
use crate::store::{SessionLimits, Store, StoreFault};

pub use drops::DropUpkeep;

/// A verification code is answered within ten minutes, or never.
const CHALLENGES: Duration = Duration::from_hours(1);

/// A node notes its sessions when they change, every 15 s at most; one that says nothing for so long is dead.
const VISITS: Duration = Duration::from_hours(24);

/// The store removes at most so many at a time of what may be many.
const STEP: u64 = 500;

/// What upkeep works with.
#[derive(Debug, Clone)]
pub struct Upkeep {
    /// The database.
    pub store: Store,
    /// How long is kept what.
    pub config: config::Upkeep,
    /// How long browsers stay signed in.
    pub sessions: SessionLimits,
    /// Where mails are written to while no mail server is set; they hold links and passwords.
    pub mail_folder: PathBuf,
    /// The time.
    pub clock: Clock,
}

/// When to look: at once, and then every so often.
fn rounds(every: Duration) -> Interval {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// What comes of `work`; `None` if `tasks` is stopped before.
async fn unless_stopped<T>(tasks: &Tasks, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        () = tasks.stopped() => None,
        done = work => Some(done),
    }
}

/// How many were removed, of what.
pub type Removed = Vec<(&'static str, u64)>;

impl Upkeep {
    /// Looks at once, and then every so often, until `tasks` is stopped.
    pub async fn run(self, tasks: Tasks) {
        let mut ticks = rounds(self.config.every);
        while unless_stopped(&tasks, ticks.tick()).await.is_some() {
            match unless_stopped(&tasks, self.round(&tasks)).await {
                None => return,
                Some(Ok(removed)) => say(&removed),
                // Nothing that is over does harm by staying; the next round removes it.
                Some(Err(fault)) => tracing::warn!(%fault, "upkeep has to wait: {fault}"),
            }
        }
    }

    /// Removes what can go, once.
    pub async fn round(&self, tasks: &Tasks) -> Result<Removed, StoreFault> {
        let (store, config, now) = (&self.store, &self.config, self.clock.now());
        let mut removed = vec![
            (
                "browsers' sessions that ran out",
                store.sweep_web_sessions(now, self.sessions).await?,
            ),
            (
                "verification codes that nobody answered",
                store.sweep_challenges(before(now, CHALLENGES)).await?,
            ),
            (
                "SFTP sessions of nodes that are gone",
                store.sweep_visits(before(now, VISITS)).await?,
            ),
        ];
        if let Some(before) = limit(now, config.links) {
            removed.push(("mailed links that ended", store.sweep_links(before).await?));
        }
        if let Some(before) = limit(now, config.refusals) {
            removed.push(("refused log-ins", store.sweep_refusals(before).await?));
        }
        if let Some(before) = limit(now, config.unconfirmed_requests) {
            let swept = all(|| store.sweep_requests(before)).await?;
            removed.push(("requests that nobody confirmed", swept));
        }
        if let Some(before) = limit(now, config.mails) {
            let swept = all(|| store.sweep_mails(before)).await?;
            removed.push(("mails that were sent or given up", swept));
            let folder = self.mail_folder.clone();
            let sweeping = move || sweep_folder(&folder, before);
            match tasks.block("sweep the mail folder", sweeping).await {
                Some(Ok(swept)) => removed.push(("files in the mail folder", swept)),
                Some(Err(fault)) => tracing::warn!("the mail folder cannot be swept: {fault}"),
                None => (),
            }
        }
        removed.retain(|(_, number)| *number > 0);
        Ok(removed)
    }
}

/// Step by step, until less than a whole step was left.
async fn all<F>(mut step: impl FnMut() -> F) -> Result<u64, StoreFault>
where
    F: Future<Output = Result<u64, StoreFault>>,
{
    let mut sum = 0_u64;
    loop {
        let removed = step().await?;
        sum = sum.saturating_add(removed);
        if removed < STEP {
            return Ok(sum);
        }
    }
}

/// Removes the mails of a folder that were written before; says how many. Other files are left alone.
fn sweep_folder(folder: &Path, before: Timestamp) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut swept = 0;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let is_mail = Path::new(&name)
            .extension()
            .is_some_and(|ending| ending == "eml");
        let written = entry.metadata()?.modified()?;
        let is_old = Timestamp::try_from(written).is_ok_and(|written| written < before);
        if is_mail && is_old {
            fs::remove_file(entry.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}

fn before(now: Timestamp, kept: Duration) -> Timestamp {
    now.checked_sub(kept).unwrap_or(Timestamp::MIN)
}

/// What is older goes; `None` if nothing ever does.
fn limit(now: Timestamp, kept: Duration) -> Option<Timestamp> {
    (!kept.is_zero()).then(|| before(now, kept))
}

fn say(removed: &Removed) {
    if removed.is_empty() {
        tracing::debug!("upkeep found nothing to remove");
        return;
    }
    let parts: Vec<String> = removed
        .iter()
        .map(|(what, number)| format!("{number} {what}"))
        .collect();
    tracing::info!("upkeep removed {}", parts.join(", "));
}

#[cfg(test)]
mod tests;
