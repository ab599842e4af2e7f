//! A piece of work for the database, with somebody who waits for its answer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};
use tokio::sync::oneshot;

use crate::store::StoreFault;
use crate::store::connection::Db;

/// A piece of work that a database thread does, perhaps more than once.
pub(super) trait Job: Send {
    /// Does the work and keeps what came of it until [`Job::answer`].
    fn run(&mut self, db: &mut Db) -> Ran;

    /// May a power cut undo it after its answer, because it will be done again then?
    fn is_redone(&self) -> bool;

    /// Does anybody still wait for the answer?
    fn is_wanted(&self) -> bool;

    /// Gives what came of the last run to whoever waits. Called after the commit only.
    fn answer(&mut self);

    /// Gives a fault to whoever waits.
    fn fail(&mut self, fault: StoreFault);
}

/// What came of one run of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ran {
    /// Well; what it did may be committed.
    Well,
    /// Its statements failed; what it did must be undone.
    Failed,
    /// It failed, and may have failed because of others in the same transaction.
    FailedPerhapsByOthers,
}

/// The only [`Job`]: a closure and the sending end of its answer.
pub(super) struct Work<T, F> {
    run: F,
    is_redone: bool,
    came: Option<QueryResult<T>>,
    waiting: Option<oneshot::Sender<Result<T, StoreFault>>>,
}

impl<T, F> Work<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Db) -> QueryResult<T> + Send + 'static,
{
    /// A job, and where its answer comes out.
    pub(super) fn queued(
        work: F,
        is_redone: bool,
    ) -> (Box<dyn Job>, oneshot::Receiver<Result<T, StoreFault>>) {
        let (waiting, answer) = oneshot::channel();
        let job = Self {
            run: work,
            is_redone,
            came: None,
            waiting: Some(waiting),
        };
        (Box::new(job), answer)
    }
}

impl<T, F> Job for Work<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Db) -> QueryResult<T> + Send + 'static,
{
    fn run(&mut self, db: &mut Db) -> Ran {
        // A panic in a library must not take the thread, and the work of everybody else, with it.
        let came = catch_unwind(AssertUnwindSafe(|| (self.run)(db))).unwrap_or_else(|_| {
            Err(Error::QueryBuilderError(
                "a query panicked; please report this as a fault".into(),
            ))
        });
        let ran = match &came {
            Ok(_) => Ran::Well,
            // A deadlock comes as `Unknown`, as do some ends of a connection.
            Err(Error::DatabaseError(
                DatabaseErrorKind::Unknown
                | DatabaseErrorKind::SerializationFailure
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::ClosedConnection,
                _,
            )) => Ran::FailedPerhapsByOthers,
            Err(_) => Ran::Failed,
        };
        self.came = Some(came);
        ran
    }

    fn is_redone(&self) -> bool {
        self.is_redone
    }

    fn is_wanted(&self) -> bool {
        self.waiting
            .as_ref()
            .is_some_and(|waiting| !waiting.is_closed())
    }

    fn answer(&mut self) {
        let answer = match self.came.take() {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => Err(fault(&error)),
            None => Err(StoreFault::Broken("a query was not run".to_owned())),
        };
        self.give(answer);
    }

    fn fail(&mut self, fault: StoreFault) {
        self.give(Err(fault));
    }
}

impl<T, F> Work<T, F> {
    fn give(&mut self, answer: Result<T, StoreFault>) {
        if let Some(waiting) = self.waiting.take() {
            // Nobody waits any more: whoever asked has been told that the database is away.
            drop(waiting.send(answer));
        }
    }
}

/// A Diesel error as a fault of this room.
pub(super) fn fault(error: &Error) -> StoreFault {
    match error {
        Error::DatabaseError(
            DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection,
            what,
        ) => StoreFault::Away(what.message().to_owned()),
        // Another process writes for longer than our time-out.
        Error::DatabaseError(DatabaseErrorKind::Unknown, what)
            if what.message() == "database is locked" =>
        {
            StoreFault::Away("another process keeps the SQLite file locked".to_owned())
        }
        Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, what) => {
            StoreFault::Away(what.message().to_owned())
        }
        Error::DatabaseError(DatabaseErrorKind::Unknown, what) if is_passing(what.message()) => {
            StoreFault::Away(what.message().to_owned())
        }
        Error::DatabaseError(_, what) => match what.details() {
            Some(details) => StoreFault::Broken(format!("{} ({details})", what.message())),
            None => StoreFault::Broken(what.message().to_owned()),
        },
        other => StoreFault::Broken(other.to_string()),
    }
}

/// What an engine says when its machine fails it and not the statement: the same statement works when
/// there is room, memory or time again.
///
/// Diesel gives no code of such faults, so they are known by their words. A server that speaks another
/// language than English is not understood here; there a person is asked, as after any other fault.
const PASSING: [&str; 10] = [
    // SQLite
    "database or disk is full",
    "disk I/O error",
    "attempt to write a readonly database",
    "unable to open database file",
    "locking protocol",
    // both
    "out of memory",
    // PostgreSQL
    "No space left on device",
    "Disk quota exceeded",
    "Input/output error",
    "canceling statement due to",
];

/// Does what a database says pass by itself, or when an operator gives its machine what it lacks?
fn is_passing(said: &str) -> bool {
    PASSING.iter().any(|words| said.contains(words))
}
