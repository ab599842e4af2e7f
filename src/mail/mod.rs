//! People are told: outcomes are gathered into digests, and the outbox is sent at its own pace.
//!
//! *Invariant*: a notice that somebody wants is sent at least once, and the history of attempts says
//! how often. Two lasting tasks: one closes windows (`gather`), one sends (`outbox`). Neither
//! holds anything in memory that a crash could lose.

mod csv;
mod digest;
mod gather;
mod letter;
mod message;
mod outbox;
#[cfg(test)]
mod samples;
mod schedule;
mod settings;
mod transport;
#[cfg(test)]
mod whole;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

use crate::mail::digest::Pace;
use crate::mail::gather::Gatherer;
use crate::mail::letter::Sender;
use crate::mail::message::House;
use crate::mail::outbox::Outbox;
use crate::mail::schedule::Schedule;
use crate::mail::transport::Transport;
use crate::runtime::{Clock, Tasks};
use crate::store::{Store, StoreFault};

pub use settings::{MailFault, open};

/// How often we look for windows to close and mails to send.
const TICK: Duration = Duration::from_secs(1);

/// All that is needed to tell people, checked and ready.
#[derive(Debug)]
pub struct Mailer {
    transport: Transport,
    sender: Sender,
    house: House,
    pace: Pace,
    daily_hour: i8,
    schedule: Schedule,
    within: Duration,
}

impl Mailer {
    /// Starts the two lasting tasks. They end with `tasks`; what is on its way then gets a few
    /// seconds.
    pub fn run(self, store: Store, clock: Clock, tasks: &Tasks) {
        let (mut gatherer, outbox) = self.parts(store, clock, tasks);
        let stop = tasks.clone();
        tasks.spawn_lasting("mail gathering", async move {
            let mut ticks = ticks();
            let mut lookout = Lookout::new("gathering outcomes into mails");
            loop {
                tokio::select! {
                    () = stop.stopped() => return,
                    _ = ticks.tick() => lookout.note(gatherer.pass().await),
                }
            }
        });
        let stop = tasks.clone();
        tasks.spawn_lasting("mail outbox", async move {
            let mut ticks = ticks();
            let mut lookout = Lookout::new("looking for mails to send");
            let bell = Arc::clone(&outbox.bell);
            loop {
                tokio::select! {
                    () = stop.stopped() => return,
                    _ = ticks.tick() => (),
                    () = bell.notified() => (),
                }
                lookout.note(outbox.pass().await);
            }
        });
    }

    fn parts(self, store: Store, clock: Clock, tasks: &Tasks) -> (Gatherer, Outbox) {
        let bell = Arc::new(Notify::new());
        let gatherer = Gatherer::new(
            (store.clone(), clock.clone()),
            self.house,
            (self.pace, self.daily_hour),
            Arc::clone(&bell),
        );
        let outbox = Outbox::new(
            (store, clock, tasks.clone()),
            (self.transport, self.sender),
            (self.schedule, self.within),
            bell,
        );
        (gatherer, outbox)
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Says once that something fails, and once that it works again, however often it is tried.
struct Lookout {
    what: &'static str,
    is_failing: bool,
}

impl Lookout {
    const fn new(what: &'static str) -> Self {
        Self {
            what,
            is_failing: false,
        }
    }

    fn note(&mut self, result: Result<(), StoreFault>) {
        let what = self.what;
        match result {
            Ok(()) if self.is_failing => tracing::info!("{what} works again"),
            Ok(()) => (),
            Err(fault) if !self.is_failing => {
                tracing::warn!("{what} does not work at present: {fault}; trying on every second");
                self.is_failing = true;
                return;
            }
            Err(_still) => return,
        }
        self.is_failing = false;
    }
}
