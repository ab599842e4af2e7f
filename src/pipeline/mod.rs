//! The flow: read, judge, decide, file, answer.
//!
//! *Invariants*: every submission ends filed and answered, or held. Work is found by looking into
//! the store, so a lost wake-up costs [`config::Pipeline::look_every`] and nothing else. Two
//! submissions of one VIN are judged one after the other, in the order in which they came: the
//! first of two with one key is the one that is recorded.
//!
//! *Limits*: at most [`IN_HAND_PER_WORKER`] submissions a worker are claimed at a time; at most
//! as many as there are workers are read or judged at the same moment.

mod alone;
mod answering;
mod flow;
mod one;
mod order;
mod outage;
mod pace;
mod settings;
mod verdict;

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use crate::check::{Schema, Settings};
use crate::config;
use crate::drop_folder::DropFolders;
use crate::intake::Intake;
use crate::pipeline::answering::{Answering, Queued};
use crate::pipeline::order::Order;
use crate::pipeline::outage::{Outage, PAUSE_MIN};
use crate::runtime::{Clock, Tasks};
use crate::store::{Store, StoreFault};

pub use alone::{Alone, LooseFile};
pub use settings::settings;

/// Submissions claimed at a time for each worker: enough that claiming and filing share their
/// commits and the workers never wait for the disk, few enough that a crash costs few attempts.
const IN_HAND_PER_WORKER: u32 = 16;

/// Receipts that wait to be written. Past it, filing waits.
const ANSWERS_MAX: usize = 512;

/// What the pipeline works with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// What wakes it, and knows which arrival of a path is the latest.
    pub intake: Intake,
    /// Where receipts go.
    pub folders: DropFolders,
    /// The schema.
    pub schema: Arc<Schema>,
    /// The limits and weights.
    pub settings: Arc<Settings>,
    /// How many at once, and how often.
    pub config: config::Pipeline,
    /// This node's name.
    pub node: String,
    /// The time.
    pub clock: Clock,
}

/// The flow; cheap to clone.
#[derive(Debug, Clone)]
pub struct Pipeline(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    /// How many may be claimed at a time.
    in_hand_max: u32,
    /// Room for submissions claimed.
    room: Arc<Semaphore>,
    /// Room for reading and judging, which need a core each.
    cores: Semaphore,
    order: Order,
    outage: Arc<Outage>,
    answering: Answering,
}

impl Pipeline {
    /// A pipeline that does nothing yet.
    pub fn new(parts: Parts) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = match parts.config.workers {
            0 => u32::try_from(cores).unwrap_or(1),
            workers => workers,
        };
        let in_hand_max = workers.saturating_mul(IN_HAND_PER_WORKER);
        let permits = |number: u32| {
            usize::try_from(number)
                .unwrap_or(1)
                .min(Semaphore::MAX_PERMITS)
        };
        let outage = Arc::new(Outage::new(PAUSE_MIN));
        Self(Arc::new(Inner {
            answering: Answering::new(&parts, Arc::clone(&outage)),
            parts,
            in_hand_max,
            room: Arc::new(Semaphore::new(permits(in_hand_max))),
            cores: Semaphore::new(permits(workers)),
            order: Order::default(),
            outage,
        }))
    }

    /// Writes the receipts that were filed and not written when the program ended, and takes back
    /// what was claimed and not finished. To be called before the doors open, and before
    /// [`Pipeline::run`].
    pub async fn recover(&self, tasks: &Tasks) -> Result<(), StoreFault> {
        let parts = &self.0.parts;
        let unfinished = parts.store.take_back(&parts.node).await?;
        if unfinished > 0 {
            tracing::info!(
                unfinished,
                "submissions were not finished when the last run ended; they are judged again"
            );
        }
        self.0.answering.recover(tasks).await
    }

    /// Judges what comes until `tasks` is stopped; returns when all that was claimed is answered.
    ///
    /// Start it as a lasting task, and stop it after the doors.
    pub async fn run(self, tasks: Tasks) {
        let (answers, queue) = mpsc::channel::<Queued>(ANSWERS_MAX);
        // Answering must outlive the signal to stop: it ends when the last sender is gone.
        let inner = Arc::clone(&self.0);
        let (done, ended) = tokio::sync::oneshot::channel::<()>();
        let mine = tasks.clone();
        tasks.spawn_lasting("answering", async move {
            inner.answering.run(queue, &mine).await;
            drop(done);
        });
        flow::run(&self.0, &tasks, answers).await;
        // Nothing is ever sent; the sender goes away when the last receipt is written.
        let _ = ended.await;
    }
}

#[cfg(test)]
mod tests;
