//! One submission in hand: read, judge, decide, file, or hold.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::check::{self, Input, Reading};
use crate::domain::receipt::Receipt;
use crate::domain::record::{Background, Holder};
use crate::domain::submission::{Door, Lane, Submission};
use crate::pipeline::Inner;
use crate::pipeline::answering::Queued;
use crate::pipeline::order::Turn;
use crate::pipeline::outage::GaveUp;
use crate::pipeline::verdict::{Judge, Matter};
use crate::receipts;
use crate::runtime::{self, Tasks};
use crate::store::{Answer, Filed, Filing};

/// A verdict may find its key taken once; and the one after that makes no record.
const DECISIONS_MAX: u32 = 3;

/// One submission in hand; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct One {
    pub(super) inner: Arc<Inner>,
    pub(super) tasks: Tasks,
    pub(super) submission: Arc<Submission>,
}

/// What was read of a document, and what the rules must know of others.
#[derive(Debug)]
struct Known {
    reading: Reading,
    background: Background,
}

/// How a submission left the hands of this node.
enum End {
    /// Filed; to be answered.
    Filed(Box<Receipt>, Answer),
    /// Another node filed it, or the next start will.
    Elsewhere,
    /// To be set aside, and why.
    Hold(String),
}

impl One {
    /// Reads the document, on a core of its own. `None` if that panicked as often as it may.
    pub(super) async fn read(&self, octets: Vec<u8>) -> Option<Reading> {
        let octets = Arc::new(octets);
        self.on_a_core("read", || {
            let (octets, submission) = (Arc::clone(&octets), Arc::clone(&self.submission));
            let inner = Arc::clone(&self.inner);
            move || {
                let input = Input {
                    name: &submission.file_name,
                    octets: &octets,
                    given_up: submission.given_up,
                };
                check::read(&inner.parts.schema, &inner.parts.settings, input)
            }
        })
        .await
    }

    /// Takes the submission to its end.
    pub(super) async fn finish(
        &self,
        reading: Option<Reading>,
        mut turn: Turn,
        answers: &mpsc::Sender<Queued>,
    ) {
        turn.comes().await;
        let end = match reading {
            Some(reading) => self.settle(reading).await,
            None => End::Hold("reading it panicked; the log says where".to_owned()),
        };
        // It is filed: the next of this VIN may go on while this one's receipt is written.
        drop(turn);
        self.leave(end, answers).await;
    }

    /// Ends the submission, unread, with the sentence of an operator.
    pub(super) async fn end(&self, sentence: &str, answers: &mpsc::Sender<Queued>) {
        let parts = &self.inner.parts;
        let judge = Judge {
            schema: &parts.schema,
            settings: &parts.settings,
            node: &parts.node,
        };
        let now = parts.clock.now();
        let receipt = judge.ended(&self.submission, sentence, runtime::unique_id(), now);
        let json = receipts::render(&receipt);
        let filing = Arc::new(filing(&receipt, &json));
        let outage = &self.inner.outage;
        let filed = outage.insist(&self.tasks, || parts.store.file(Arc::clone(&filing)));
        let end = match filed.await {
            Ok(Filed::Done) => {
                let answer = answer(&receipt, json);
                End::Filed(Box::new(receipt), answer)
            }
            Ok(Filed::Already) => End::Elsewhere,
            // Only what is recorded can be a duplicate.
            Ok(Filed::DuplicateOf(_)) => {
                End::Hold("it was ended, and yet a duplicate; please report this".to_owned())
            }
            Err(gave_up) => gave_up.into(),
        };
        self.leave(end, answers).await;
    }

    /// Sends the submission where it goes from here.
    async fn leave(&self, end: End, answers: &mpsc::Sender<Queued>) {
        match end {
            End::Filed(receipt, answer) => {
                self.log_outcome(&receipt);
                let account = Some(self.submission.account);
                // If the queue is gone, the next start answers.
                drop(answers.send(Queued { answer, account }).await);
            }
            End::Elsewhere => {}
            End::Hold(why) => self.hold(&why).await,
        }
    }

    /// Judges, decides and files; again, if the key was taken meanwhile.
    async fn settle(&self, reading: Reading) -> End {
        let (outage, store) = (&self.inner.outage, &self.inner.parts.store);
        let asked = outage.insist(&self.tasks, || {
            store.background(self.submission.account, &reading.facts)
        });
        let background = match asked.await {
            Ok(background) => background,
            Err(gave_up) => return gave_up.into(),
        };
        let known = Arc::new(Known {
            reading,
            background,
        });
        let mut holder = None;
        for _decision in 0..DECISIONS_MAX {
            let Some((receipt, json)) = self.judge(&known, holder).await else {
                return End::Hold("judging it panicked; the log says where".to_owned());
            };
            let filing = Arc::new(filing(&receipt, &json));
            let filed = outage.insist(&self.tasks, || store.file(Arc::clone(&filing)));
            match filed.await {
                Ok(Filed::Done) => {
                    let answer = answer(&receipt, json);
                    return End::Filed(Box::new(receipt), answer);
                }
                Ok(Filed::Already) => return End::Elsewhere,
                Ok(Filed::DuplicateOf(first)) => holder = Some(first),
                Err(gave_up) => return gave_up.into(),
            }
        }
        End::Hold("its key was taken and free again in turn; please report this".to_owned())
    }

    /// Judges and decides, on a core of its own. `None` if that panicked as often as it may.
    async fn judge(&self, known: &Arc<Known>, holder: Option<Holder>) -> Option<(Receipt, String)> {
        self.on_a_core("judge", || {
            let (known, holder) = (Arc::clone(known), holder.clone());
            let (inner, submission) = (Arc::clone(&self.inner), Arc::clone(&self.submission));
            move || {
                let judge = Judge {
                    schema: &inner.parts.schema,
                    settings: &inner.parts.settings,
                    node: &inner.parts.node,
                };
                let matter = Matter {
                    submission: &submission,
                    reading: &known.reading,
                    background: &known.background,
                    holder: holder.as_ref(),
                    door: submission.door,
                };
                let now = inner.parts.clock.now();
                let receipt = judge.receipt(&matter, runtime::unique_id(), now);
                let json = receipts::render(&receipt);
                (receipt, json)
            }
        })
        .await
    }

    /// Runs what `prepare` gives on a core of its own; again, if it panics and attempts are left.
    async fn on_a_core<T, W>(&self, name: &'static str, prepare: impl Fn() -> W) -> Option<T>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let _core = self.inner.cores.acquire().await.ok()?;
        let first = self.submission.attempts;
        for _attempt in first..=self.inner.parts.config.attempts_max.max(first) {
            let done = self.tasks.block(name, prepare()).await;
            if done.is_some() {
                return done;
            }
        }
        None
    }

    /// Sets the submission aside for an operator.
    async fn hold(&self, why: &str) {
        let (outage, store) = (&self.inner.outage, &self.inner.parts.store);
        let held = outage.insist(&self.tasks, || store.hold(self.submission.id, why));
        match held.await {
            Ok(()) => log_held(&self.submission, why),
            // Its lease runs out, and it is claimed again.
            Err(gave_up) => {
                tracing::debug!(submission = %self.submission.number, ?gave_up, "not held");
            }
        }
    }

    fn log_outcome(&self, receipt: &Receipt) {
        let submission = &self.submission;
        let now = self.inner.parts.clock.now();
        let duration_ms = now.duration_since(submission.complete).as_millis();
        let outcome = receipt.verdict.outcome;
        tracing::info!(
            submission = %submission.number,
            account = %submission.account_code,
            door = %submission.door,
            %outcome,
            reason = receipt.verdict.reason.as_deref(),
            duration_ms = i64::try_from(duration_ms).unwrap_or(i64::MAX),
            "{} {outcome} in {duration_ms} ms: {}",
            submission.number,
            submission.path.escape_debug(),
        );
    }
}

impl From<GaveUp> for End {
    fn from(gave_up: GaveUp) -> Self {
        match gave_up {
            GaveUp::Stopping => Self::Elsewhere,
            GaveUp::Refused(fault) => Self::Hold(fault.to_string()),
        }
    }
}

/// Tells the operator that a submission waits for them.
pub(super) fn log_held(submission: &Submission, why: &str) {
    let number = &submission.number;
    tracing::error!(
        submission = %number,
        account = %submission.account_code,
        "{number} is held, its sender waits: {why}. Look with 'ecocd submission show {number}', \
         mend what is wrong, then 'ecocd submission retry {number}'"
    );
}

fn filing(receipt: &Receipt, json: &str) -> Filing {
    Filing {
        submission: receipt.submission.id,
        verdict: receipt.verdict.clone(),
        facts: receipt.facts.clone(),
        receipt_id: receipt.id.clone(),
        receipt: json.to_owned(),
        decided: receipt.decided,
        has_notice: receipt.submission.lane == Lane::Live,
    }
}

fn answer(receipt: &Receipt, json: String) -> Answer {
    let submission = &receipt.submission;
    Answer {
        submission: submission.id,
        number: submission.number.clone(),
        account_code: submission.account_code.clone(),
        path: submission.path.clone(),
        has_drop: submission.door != Door::Web,
        receipt: json,
        decided: receipt.decided,
    }
}
