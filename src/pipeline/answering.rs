//! Writes receipts in batches, so that many share one sync, and notes that they are written.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::domain::Timestamp;
use crate::domain::account::{AccountCode, AccountId};
use crate::domain::submission::{SubmissionId, SubmissionNumber};
use crate::intake::Intake;
use crate::pipeline::Parts;
use crate::pipeline::outage::Outage;
use crate::pipeline::pace::Pace;
use crate::receipts::{self, Placed, Unwritten};
use crate::runtime::Tasks;
use crate::store::{Answer, LeftOver, StoreFault};

/// The most receipts written with one sync.
const BATCH_MAX: usize = 256;
/// Batches are at least so long apart, because each costs a sync of the disk and a commit.
const ANSWER_BEAT: Duration = Duration::from_millis(100);
/// The most left-over receipts in memory at a time.
const LEFT_MAX: u32 = 1000;
/// A receipt that is not written so long after its decision was left over: by a crash, by a folder
/// that could not be written, or by an operator's command. Younger ones are in somebody's hands.
const LEFT_AFTER: Duration = Duration::from_secs(10);

/// Whose each answer of a batch is.
type Owners = HashMap<SubmissionNumber, (Option<AccountId>, SubmissionId)>;

/// A receipt to be written.
#[derive(Debug)]
pub(super) struct Queued {
    /// The receipt.
    pub(super) answer: Answer,
    /// Whose; `None` if the account is not known any more.
    pub(super) account: Option<AccountId>,
}

/// Writes receipts.
#[derive(Debug)]
pub(super) struct Answering {
    parts: Parts,
    outage: Arc<Outage>,
    /// Accounts whose receipts could not be written the last time; each is logged once.
    troubled: Mutex<HashSet<AccountCode>>,
}

impl Answering {
    pub(super) fn new(parts: &Parts, outage: Arc<Outage>) -> Self {
        Self {
            parts: parts.clone(),
            outage,
            troubled: Mutex::default(),
        }
    }

    /// Writes what comes through `queue` until its last sender is gone, and what is left over.
    pub(super) async fn run(&self, mut queue: mpsc::Receiver<Queued>, tasks: &Tasks) {
        let mut look = tokio::time::interval(self.parts.config.look_every.max(LEFT_AFTER / 10));
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut pace = Pace::new(ANSWER_BEAT);
        loop {
            let first = tokio::select! {
                first = queue.recv() => first,
                _ = look.tick(), if !tasks.is_stopping() => {
                    self.look(tasks).await;
                    continue;
                }
            };
            let Some(first) = first else {
                return;
            };
            pace.beat().await;
            let mut batch = vec![first];
            while batch.len() < BATCH_MAX
                && let Ok(next) = queue.try_recv()
            {
                batch.push(next);
            }
            self.answer(batch, tasks).await;
        }
    }

    /// Writes all that is not written, whatever its age.
    pub(super) async fn recover(&self, tasks: &Tasks) -> Result<(), StoreFault> {
        let written = self.write_left(None, tasks).await?;
        if written > 0 {
            tracing::info!(written, "wrote receipts that the last run had left over");
        }
        Ok(())
    }

    /// Writes what was left over a while ago.
    async fn look(&self, tasks: &Tasks) {
        let now = self.parts.clock.now();
        let in_hand = (now.checked_sub(LEFT_AFTER).ok()).zip(now.checked_add(LEFT_AFTER).ok());
        match self.write_left(in_hand, tasks).await {
            Ok(_written) => self.outage.works(),
            Err(fault) => self.outage.fails(&fault),
        }
    }

    /// Writes what is left over but for what is `in_hand`, page by page; says how many that are. An
    /// account whose folder cannot be written keeps none of the others waiting.
    async fn write_left(
        &self,
        in_hand: Option<(Timestamp, Timestamp)>,
        tasks: &Tasks,
    ) -> Result<usize, StoreFault> {
        let mut wanted = LeftOver {
            in_hand,
            ..LeftOver::first(LEFT_MAX)
        };
        let mut sum = 0_usize;
        loop {
            let left = self.left(wanted.clone()).await?;
            let is_last = left.len() < usize::try_from(LEFT_MAX).unwrap_or(usize::MAX);
            if let Some(last) = left.last() {
                wanted.after = Some(last.answer.submission);
                let (written, troubled) = self.answer(left, tasks).await;
                sum = sum.saturating_add(written);
                wanted.except.extend(troubled);
            }
            if is_last || tasks.is_stopping() {
                return Ok(sum);
            }
        }
    }

    /// The receipts that are not written, of those wanted.
    async fn left(&self, wanted: LeftOver) -> Result<Vec<Queued>, StoreFault> {
        let left = self.parts.store.unanswered(wanted).await?;
        if left.is_empty() {
            return Ok(Vec::new());
        }
        let accounts = self.parts.store.accounts().await?;
        let ids: HashMap<_, _> = accounts
            .into_iter()
            .map(|account| (account.code, account.id))
            .collect();
        let queued = left.into_iter().map(|answer| Queued {
            account: ids.get(&answer.account_code).copied(),
            answer,
        });
        Ok(queued.collect())
    }

    /// Writes a batch and notes what is written; says how many that are, and of whom some are not.
    async fn answer(&self, batch: Vec<Queued>, tasks: &Tasks) -> (usize, HashSet<AccountCode>) {
        let mut placed = Vec::with_capacity(batch.len());
        let mut owners = HashMap::with_capacity(batch.len());
        for Queued { answer, account } in batch {
            owners.insert(answer.number.clone(), (account, answer.submission));
            placed.push(place(answer));
        }
        let (folders, intake) = (self.parts.folders.clone(), self.parts.intake.clone());
        let accounts: HashSet<AccountCode> = placed.iter().map(|one| one.account.clone()).collect();
        let overtaken = self.overtaken(&owners).await;
        let known = owners.clone();
        let work = move || {
            receipts::write(&folders, &placed, &|one| {
                is_latest(&intake, &known, &overtaken, one)
            })
        };
        let Some(unwritten) = tasks.block("answer", work).await else {
            return (0, HashSet::new());
        };
        for one in &unwritten {
            owners.remove(&one.number);
        }
        self.log_trouble(accounts, &unwritten);
        let written: Vec<SubmissionId> = owners.into_values().map(|(_, id)| id).collect();
        let now = self.parts.clock.now();
        let store = &self.parts.store;
        if let Err(gave_up) = self
            .outage
            .insist(tasks, || store.answered(&written, now))
            .await
        {
            tracing::debug!(
                ?gave_up,
                "receipts are written, and will be written once more"
            );
        }
        let troubled = unwritten.into_iter().map(|one| one.account).collect();
        (written.len(), troubled)
    }

    /// Which of them were overtaken by arrivals that another node took in.
    async fn overtaken(&self, owners: &Owners) -> HashSet<SubmissionId> {
        let ids: Vec<SubmissionId> = owners.values().map(|(_, id)| *id).collect();
        match self.parts.store.overtaken(&ids).await {
            Ok(overtaken) => overtaken.into_iter().collect(),
            // What this node knows is enough for one node; among several the later receipt is
            // written later.
            Err(fault) => {
                tracing::debug!(%fault, "receipts are written without a look at other nodes");
                HashSet::new()
            }
        }
    }

    /// One line when an account's receipts cannot be written, one when they can again.
    fn log_trouble(&self, mut accounts: HashSet<AccountCode>, unwritten: &[Unwritten]) {
        let mut troubled = self.troubled.lock().unwrap_or_else(PoisonError::into_inner);
        for Unwritten { account, fault, .. } in unwritten {
            accounts.remove(account);
            if troubled.insert(account.clone()) {
                tracing::error!(
                    %account,
                    %fault,
                    "receipts of {account} cannot be written into its drop folder: {fault}. They \
                     are kept, and tried again every few seconds"
                );
            }
        }
        for account in accounts {
            if troubled.remove(&account) {
                tracing::info!(%account, "receipts of {account} are written again");
            }
        }
    }
}

/// Is this the answer to the latest arrival of its path?
///
/// This node's memory knows what it took in itself up to this moment, the database what any node took
/// in before the batch. Only a later arrival, known here or there, makes an answer stale: memory may be
/// behind another node's arrivals, and the latest of all must be answered beside its file.
fn is_latest(
    intake: &Intake,
    owners: &Owners,
    overtaken: &HashSet<SubmissionId>,
    one: &Placed,
) -> bool {
    let Some((account, submission)) = owners.get(&one.number) else {
        return true;
    };
    let here = account.and_then(|account| intake.taken(account, &one.path));
    !overtaken.contains(submission) && here.is_none_or(|taken| taken.submission.0 <= submission.0)
}

fn place(answer: Answer) -> Placed {
    Placed {
        account: answer.account_code,
        number: answer.number,
        path: answer.path,
        has_drop: answer.has_drop,
        json: answer.receipt,
        decided: answer.decided,
    }
}
