//! The threads that own the connections, and the queues that lead to them.
//!
//! A thread takes whatever is queued when its last commit ends, does it in one transaction with a
//! savepoint a job, commits, and only then sends the answers: many arrivals, one sync (group commit),
//! and no artificial delay for a single one.
//!
//! Jobs that are done again after a power cut go without the sync, if no other job is in their batch.
//!
//! *Invariants*: an answer is sent after the commit. A job may be run again, when others spoilt its
//! transaction or the connection broke, so every job must bear that. *Limits*: the queues are
//! bounded, and nobody waits without an end.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::QueryResult;
use tokio::sync::mpsc;

use crate::store::StoreFault;
use crate::store::connection::{Db, Target, Use};
use crate::store::jobs::{Job, Ran, Work, fault};
use crate::store::outage::{Advice, Outage};

/// How many jobs may wait for the threads of one queue. Past it callers wait to get in, within the
/// same time limit. Each holds one document at most; the doors bound those.
const QUEUE_MAX: usize = 1024;

/// So often a job is run by itself on PostgreSQL, which ends both of two that deadlock if they look at the same
/// moment.
const ALONE_TRIES: u32 = 3;

/// So long closing waits: as long as the slowest statement may take, and some more.
const END_WITHIN: Duration = Duration::from_secs(30);

/// A queue with its threads.
pub(super) struct Crew {
    queue: mpsc::Sender<Message>,
    /// Closes when the last thread has ended.
    ended: tokio::sync::Mutex<mpsc::Receiver<Infallible>>,
    answer_within: Duration,
}

enum Message {
    Job(Box<dyn Job>),
    /// Whoever takes this closes the queue; what came before it is still done.
    End,
}

/// What a crew is for, and how large it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) purpose: Use,
    pub(super) threads: u32,
    /// The most jobs that share a transaction.
    pub(super) batch_max: u32,
    /// So long a caller waits before it is told that the database is away.
    pub(super) answer_within: Duration,
}

impl Crew {
    /// Starts the threads; each connects when it has something to do.
    pub(super) fn start(
        target: &Target,
        order: Order,
        outage: &Arc<Outage>,
    ) -> Result<Self, StoreFault> {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let jobs = Arc::new(Mutex::new(jobs));
        let (living, ended) = mpsc::channel(1);
        for number in 0..order.threads.max(1) {
            let hand = Hand {
                target: target.clone(),
                order,
                jobs: Arc::clone(&jobs),
                outage: Arc::clone(outage),
                db: None,
                living: living.clone(),
            };
            let name = match order.purpose {
                Use::Read => format!("store-read-{number}"),
                Use::Write | Use::Migrate => format!("store-write-{number}"),
            };
            std::thread::Builder::new()
                .name(name)
                .spawn(move || hand.serve())
                .map_err(|error| {
                    StoreFault::Broken(format!("no thread can be started: {error}"))
                })?;
        }
        Ok(Self {
            queue,
            ended: tokio::sync::Mutex::new(ended),
            answer_within: order.answer_within,
        })
    }

    /// Has `work` done and gives its answer. `work` may be run more than once.
    pub(super) async fn ask<T, F>(&self, work: F, is_redone: bool) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Db) -> QueryResult<T> + Send + 'static,
    {
        let (job, answer) = Work::queued(work, is_redone);
        let asked = async {
            self.queue
                .send(Message::Job(job))
                .await
                .map_err(|_| StoreFault::Away("the store is closed".to_owned()))?;
            answer.await.unwrap_or_else(|_| {
                Err(StoreFault::Away(
                    "the store ended before it answered".to_owned(),
                ))
            })
        };
        tokio::time::timeout(self.answer_within, asked)
            .await
            .unwrap_or_else(|_| {
                Err(StoreFault::Away(format!(
                    "no answer within {} s",
                    self.answer_within.as_secs()
                )))
            })
    }

    /// Lets the threads end after what is queued is done, and waits for that, within
    /// [`END_WITHIN`]: a thread that a frozen server keeps ends with the process.
    pub(super) async fn end(&self) {
        let ended = async {
            // An error says that the queue is closed already.
            drop(self.queue.send(Message::End).await);
            self.ended.lock().await.recv().await
        };
        if tokio::time::timeout(END_WITHIN, ended).await.is_err() {
            tracing::error!("the database does not answer; its connections are left behind");
        }
    }
}

/// One thread with its connection.
struct Hand {
    target: Target,
    order: Order,
    jobs: Arc<Mutex<mpsc::Receiver<Message>>>,
    outage: Arc<Outage>,
    db: Option<Db>,
    /// Dropped at the end: the crew is told.
    living: mpsc::Sender<Infallible>,
}

/// A transaction did not come to its end; nothing of it is there, unless the fault came from COMMIT.
enum Spoilt {
    Away(String),
    Begin(StoreFault),
    Middle,
    Commit(StoreFault),
}

type Batch = Vec<Box<dyn Job>>;

impl Hand {
    fn serve(mut self) {
        while let Some(mut batch) = self.take() {
            batch.retain(|job| job.is_wanted());
            if !batch.is_empty() {
                self.work_off(batch);
            }
        }
        self.db = None;
        drop(self.living);
    }

    /// Waits for a job, and takes its share of those that came meanwhile.
    fn take(&self) -> Option<Batch> {
        // A panic while it was held cannot leave a queue half changed.
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batch = Vec::new();
        match jobs.blocking_recv()? {
            Message::Job(job) => batch.push(job),
            Message::End => jobs.close(),
        }
        // Leave something for the other threads of this crew.
        let threads = usize::try_from(self.order.threads.max(1)).unwrap_or(1);
        let most = usize::try_from(self.order.batch_max).unwrap_or(1);
        let queued = jobs.len().saturating_add(batch.len());
        let share = queued.div_ceil(threads).min(most);
        while batch.len() < share {
            match jobs.try_recv() {
                Ok(Message::Job(job)) => batch.push(job),
                Ok(Message::End) => jobs.close(),
                Err(_) => break,
            }
        }
        Some(batch)
    }

    fn work_off(&mut self, mut batch: Batch) {
        let again = match self.transact(&mut batch) {
            Ok(again) => again,
            Err(Spoilt::Away(why)) => return fail_all(&mut batch, &StoreFault::Away(why)),
            // Somebody else holds the SQLite file, or its disk failed. A commit that failed is never
            // tried again there: after a failed sync a second one may say "done" of what is lost.
            Err(Spoilt::Begin(fault) | Spoilt::Commit(fault)) if self.target.is_sqlite() => {
                return fail_all(&mut batch, &fault);
            }
            // The connection broke. If that was during COMMIT nobody knows what became of it, which
            // is why jobs recognise their own work when they are run again.
            Err(_) => batch,
        };
        for job in again {
            self.work_off_alone(job);
        }
    }

    /// Does one job in a transaction of its own, after the shared one was spoilt; again if others spoil that too, as
    /// when two that ended each other's first run meet once more.
    fn work_off_alone(&mut self, mut job: Box<dyn Job>) {
        let tries = if self.target.is_sqlite() {
            1
        } else {
            ALONE_TRIES
        };
        for _ in 0..tries {
            let mut batch = vec![job];
            match self.transact(&mut batch) {
                Ok(mut alone) => match alone.pop() {
                    Some(failed) => job = failed,
                    None => return,
                },
                Err(Spoilt::Away(why)) => return fail_all(&mut batch, &StoreFault::Away(why)),
                Err(Spoilt::Begin(fault) | Spoilt::Commit(fault)) => {
                    return fail_all(&mut batch, &fault);
                }
                Err(Spoilt::Middle) if self.target.is_sqlite() => return answer_all(&mut batch),
                Err(Spoilt::Middle) => {
                    let why = "the connection broke".to_owned();
                    return fail_all(&mut batch, &StoreFault::Away(why));
                }
            }
        }
        // Its own fault is the answer.
        job.answer();
    }

    /// Runs a batch in one transaction; after a fault the connection is given up.
    fn transact(&mut self, batch: &mut Batch) -> Result<Batch, Spoilt> {
        let mut db = match self.db.take() {
            Some(db) => db,
            None => self.connect().map_err(Spoilt::Away)?,
        };
        let again = together(&mut db, self.order.purpose, batch)?;
        self.db = Some(db);
        Ok(again)
    }

    /// Opens a connection, with patience in a short outage.
    fn connect(&self) -> Result<Db, String> {
        loop {
            match self.outage.advice(Instant::now()) {
                Advice::Tell(why) => return Err(why),
                Advice::Try(pause) => std::thread::sleep(pause),
            }
            match self.target.connect(self.order.purpose) {
                Ok(db) => {
                    self.outage.over(Instant::now());
                    return Ok(db);
                }
                Err(fault) => {
                    let why = match fault {
                        StoreFault::Away(why)
                        | StoreFault::Broken(why)
                        | StoreFault::Unusable(why) => why,
                        StoreFault::Older => fault.to_string(),
                    };
                    // Waiting does not mend a file that cannot be opened.
                    if self.outage.failed(Instant::now(), &why) || self.target.is_sqlite() {
                        return Err(why);
                    }
                }
            }
        }
    }
}

/// Does the jobs in one transaction. On success those that went well, or failed by their own fault,
/// have their answers; given back are those that may have failed because of others.
fn together(db: &mut Db, purpose: Use, batch: &mut Batch) -> Result<Batch, Spoilt> {
    let begin = match (&*db, purpose) {
        (Db::Sqlite(_), Use::Read) => "BEGIN",
        (Db::Sqlite(_), Use::Write | Use::Migrate) => "BEGIN IMMEDIATE",
        (Db::Pg(_), Use::Read) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        (Db::Pg(_), Use::Write | Use::Migrate) => "BEGIN ISOLATION LEVEL READ COMMITTED",
    };
    let is_shared = batch.len() > 1;
    let is_unsynced = purpose == Use::Write && batch.iter().all(|job| job.is_redone());
    begin_as(db, begin, is_unsynced).map_err(|error| Spoilt::Begin(fault(&error)))?;
    let mut ends = Vec::with_capacity(batch.len());
    for job in batch.iter_mut() {
        if is_shared {
            db.run("SAVEPOINT job").map_err(|_| Spoilt::Middle)?;
        }
        let ran = job.run(db);
        let end = match (ran, is_shared) {
            (Ran::Well, true) => "RELEASE SAVEPOINT job",
            (Ran::Well, false) => "",
            (_, true) => "ROLLBACK TO SAVEPOINT job",
            (_, false) => "ROLLBACK",
        };
        if !end.is_empty() {
            db.run(end).map_err(|_| Spoilt::Middle)?;
        }
        ends.push(ran);
    }
    if is_shared || ends.first() == Some(&Ran::Well) {
        db.run("COMMIT")
            .map_err(|error| Spoilt::Commit(fault(&error)))?;
    }
    if is_unsynced && let Db::Sqlite(_) = db {
        // If this fails the connection is given up, and the next one begins with it.
        db.run("PRAGMA synchronous = FULL")
            .map_err(|error| Spoilt::Commit(fault(&error)))?;
    }
    let mut again = Vec::new();
    for (mut job, ran) in batch.drain(..).zip(ends) {
        if ran == Ran::FailedPerhapsByOthers {
            again.push(job);
        } else {
            job.answer();
        }
    }
    Ok(again)
}

/// Begins a transaction; with `is_unsynced`, its commit does not wait for the disk. It is still whole or
/// not there, survives the end of this process, and is on the disk with the next commit that is synced.
fn begin_as(db: &mut Db, begin: &str, is_unsynced: bool) -> QueryResult<()> {
    match (is_unsynced, &*db) {
        (false, _) => db.run(begin),
        (true, Db::Sqlite(_)) => {
            db.run("PRAGMA synchronous = NORMAL")?;
            db.run(begin)
        }
        (true, Db::Pg(_)) => {
            db.run(begin)?;
            db.run("SET LOCAL synchronous_commit = off")
        }
    }
}

fn answer_all(batch: &mut Batch) {
    for job in batch {
        job.answer();
    }
}

fn fail_all(batch: &mut Batch, fault: &StoreFault) {
    for job in batch {
        job.fail(fault.clone());
    }
}
