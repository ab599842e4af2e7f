//! The task that sends what is due, several at once, and writes down every attempt.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::domain::notice::{Attempt, Mail};
use crate::mail::letter::Sender;
use crate::mail::schedule::Schedule;
use crate::mail::transport::{Delivery, Transport};
use crate::runtime::{Clock, Tasks, random};
use crate::store::{MailNext, Store, StoreFault};

/// Mails on their way at once: enough that one slow conversation does not hold up the others, few
/// enough for any mail server's limit of connections.
const AT_ONCE: u32 = 4;

/// How much longer than a conversation we keep a mail from other nodes: time to write down what
/// became of it.
const LEASE_MARGIN: Duration = Duration::from_mins(1);

/// How long conversations may go on after the daemon was told to stop.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// How often we try to write down an attempt, a second apart, before the mail is left to its lease.
const NOTE_TRIES: u32 = 10;

/// Sends what is due.
#[derive(Clone)]
pub(crate) struct Outbox {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) tasks: Tasks,
    pub(crate) transport: Arc<Transport>,
    pub(crate) sender: Arc<Sender>,
    pub(crate) schedule: Schedule,
    pub(crate) within: Duration,
    /// Rung when there may be something to send.
    pub(crate) bell: Arc<Notify>,
    slots: Arc<Semaphore>,
}

impl Outbox {
    pub(crate) fn new(
        (store, clock, tasks): (Store, Clock, Tasks),
        (transport, sender): (Transport, Sender),
        (schedule, within): (Schedule, Duration),
        bell: Arc<Notify>,
    ) -> Self {
        Self {
            store,
            clock,
            tasks,
            transport: Arc::new(transport),
            sender: Arc::new(sender),
            schedule,
            within,
            bell,
            slots: Arc::new(Semaphore::new(AT_ONCE as usize)),
        }
    }

    /// Takes what is due, as far as there is room, and sends it in tasks of their own.
    pub(crate) async fn pass(&self) -> Result<(), StoreFault> {
        let mut slots = Vec::new();
        while let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            slots.push(slot);
        }
        if slots.is_empty() {
            return Ok(());
        }
        let lease = self.within.saturating_add(LEASE_MARGIN);
        let room = u32::try_from(slots.len()).unwrap_or(AT_ONCE);
        let due = self.store.due_mails(self.clock.now(), lease, room).await?;
        for (mail, slot) in due.into_iter().zip(slots) {
            let outbox = self.clone();
            self.tasks.spawn(
                "mail delivery",
                async move { outbox.send(mail, slot).await },
            );
        }
        Ok(())
    }

    /// Ends when nothing is on its way.
    #[cfg(test)]
    pub(crate) async fn idle(&self) {
        let all = self.slots.acquire_many(AT_ONCE).await;
        drop(all.expect("the slots are never closed"));
    }

    async fn send(&self, mail: Mail, slot: OwnedSemaphorePermit) {
        let stopped = async {
            self.tasks.stopped().await;
            tokio::time::sleep(STOP_GRACE).await;
        };
        tokio::select! {
            () = self.attempt(&mail) => (),
            () = stopped => tracing::warn!(
                "mail to {} was on its way when the daemon stopped; it is tried again later",
                mail.mail.to.masked()
            ),
        }
        drop(slot);
        self.bell.notify_one();
    }

    /// One attempt: send, decide what follows, write it down, say so.
    pub(crate) async fn attempt(&self, mail: &Mail) {
        let (started, watch) = (self.clock.now(), tokio::time::Instant::now());
        let delivery = self
            .transport
            .deliver(mail, &self.sender, &self.tasks)
            .await;
        let duration_ms = u32::try_from(watch.elapsed().as_millis()).unwrap_or(u32::MAX);
        let [jitter] = random::<1>();
        let next = self
            .schedule
            .next(mail, &delivery, self.clock.now(), jitter);
        let (Delivery::Taken(answer) | Delivery::Later(answer) | Delivery::Never(answer)) =
            delivery;
        let attempt = Attempt {
            started,
            duration_ms,
            is_success: next == MailNext::Sent,
            answer,
        };
        say(mail, &attempt, next);
        self.note(mail, &attempt, next).await;
    }

    async fn note(&self, mail: &Mail, attempt: &Attempt, next: MailNext) {
        for _ in 0..NOTE_TRIES {
            match self.store.mail_attempted(mail.id, attempt, next).await {
                Ok(()) => return,
                Err(StoreFault::Away(_)) => tokio::time::sleep(Duration::from_secs(1)).await,
                Err(fault) => {
                    tracing::error!(
                        mail = %mail.id,
                        "an attempt to send a mail could not be written down: {fault}; \
                         the mail is tried again when its lease has run out"
                    );
                    return;
                }
            }
        }
        tracing::warn!(
            mail = %mail.id,
            "an attempt to send a mail could not be written down, because the database is away; \
             the mail is tried again when its lease has run out"
        );
    }
}

/// One line a mail.
fn say(mail: &Mail, attempt: &Attempt, next: MailNext) {
    let (to, subject) = (mail.mail.to.masked(), &mail.mail.subject);
    let duration_ms = attempt.duration_ms;
    // Servers like to repeat the address in what they say.
    let answer = attempt.answer.replace(mail.mail.to.as_str(), &to);
    let answer = answer.as_str();
    match next {
        MailNext::Sent => {
            tracing::info!(mail = %mail.id, duration_ms, answer, "mail sent to {to}: {subject}");
        }
        MailNext::Again(then) => {
            tracing::warn!(
                mail = %mail.id, duration_ms,
                "mail to {to} was not taken, the next try is at {then:.0}: {answer}"
            );
        }
        MailNext::GiveUp => {
            tracing::warn!(
                mail = %mail.id, duration_ms,
                "mail to {to} is given up: {answer}; once that is mended, `ecocd outbox retry {}` \
                 sends it again", mail.id
            );
        }
    }
}
