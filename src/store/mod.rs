//! The only door to the database: one public function, one use, one transaction.
//!
//! *Invariant*: no row, connection or Diesel type leaves this room.

mod accounts;
mod arrivals;
mod audit;
mod audit_found;
mod background;
mod backup;
mod challenges;
mod claiming;
mod connection;
mod documents;
mod figures;
mod filing;
mod fixed_addresses;
mod held;
mod invitations;
mod jobs;
mod known_addresses;
mod leads;
mod leases;
mod links;
mod lists;
mod machines;
mod mails;
mod migrations;
mod outage;
mod people;
mod refusals;
mod registrations;
mod rows;
mod schema;
mod search;
mod standing;
mod submissions;
mod summaries;
mod terms;
#[cfg(test)]
pub(crate) mod tests;
mod threads;
mod upkeep;
mod upload_rows;
mod uploads;
mod users;
mod users_found;
mod vehicles;
mod visits;
mod vitals;
mod web_sessions;
mod windows;

pub use accounts::Added;
pub use arrivals::{Arrived, Drop, NewArrival};
pub use audit::{AuditCheck, Change};
pub use audit_found::AuditSearch;
pub use claiming::{Claimed, Work};
pub use figures::{AccountFigures, Figures};
pub use filing::{Answer, Filed, Filing, LeftOver};
pub use fixed_addresses::AddressAdded;
pub use held::Held;
pub use invitations::{Pending, Resent};
pub use links::NewLink;
pub use lists::{COUNTED_MAX, Filter, LOOKED_MAX, Page, Row, Sort};
pub use machines::{
    Declaration, Declared, Machine, MachineChange, MachineFacts, MachineKey, NewMachine,
};
pub use mails::{MailNext, MailPage};
pub use people::NewInvitation;
pub use refusals::{RefusalRow, Refused};
pub use registrations::{Again, Decided, NewAccount, RegistrationPage};
pub use standing::Stood;
pub use submissions::{Detail, Summary};
pub use terms::{Agreed, Agreement, Terms};
pub use uploads::{AddedFile, NewUpload, NewUploadFile, Upload, UploadFile, UploadLimits};
pub use users::{NewCredential, NewUser, Roster};
pub use users_found::{FoundUser, UserPage, UserSearch};
pub use vehicles::VERSIONS_MAX;
pub use visits::{VisitRow, Visiting};
pub use vitals::Vitals;
pub use web_sessions::{OpenBrowser, SessionLimits, WebSession};
pub use windows::{Recipient, WindowDue};

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::QueryResult;

use crate::config;
use crate::runtime::Tasks;
use crate::store::connection::{Db, Target, Use};
use crate::store::outage::Outage;
use crate::store::threads::{Crew, Order};

/// So long somebody who hands something in waits for PostgreSQL before the disk is used instead.
const PG_WRITE_WITHIN: Duration = Duration::from_secs(5);

/// SQLite waits 10 s for another process that writes (`busy_timeout`); its answer comes after that.
const SQLITE_WRITE_WITHIN: Duration = Duration::from_secs(15);

/// So long a query waits: a search through millions of rows is slow, not away.
const READ_WITHIN: Duration = Duration::from_secs(20);

/// What can go wrong with the database.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreFault {
    /// It cannot be reached, or went away in between; the same call may work later.
    #[error("the database is away: {0}")]
    Away(String),
    /// It answered, but not as it should: disk full, file damaged, a statement refused.
    #[error("the database failed: {0}")]
    Broken(String),
    /// The address in `database.url` is of no kind that we know, or the migrations do not fit.
    #[error("{0}")]
    Unusable(String),
    /// Its tables are those of an older version, and whoever asked may not change them.
    #[error(
        "the database is of an older version of ecocd: run 'ecocd migrate', or start the service of this \
         version, which does the same"
    )]
    Older,
}

/// A handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    writers: Crew,
    readers: Crew,
    tasks: Tasks,
    /// Keeps a second daemon from the same SQLite file, until it is closed.
    lock: Mutex<Option<fs::File>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.write_str("Store")
    }
}

impl Store {
    /// Opens the database, and makes it if it is a SQLite file that does not exist. A relative SQLite
    /// path lies in `data`.
    ///
    /// With `is_daemon`, takes the lock that keeps a second daemon from the same SQLite file, and applies
    /// the migrations that are missing. Anybody else applies them to an empty database only: under a
    /// service that runs, the tables are not changed by whoever lists something.
    pub async fn open(
        settings: &config::Database,
        data: &Path,
        is_daemon: bool,
        tasks: &Tasks,
    ) -> Result<Self, StoreFault> {
        let target = Target::parse(&settings.url, data)?;
        target.prepare()?;
        let lock = if is_daemon { target.lock()? } else { None };
        migrations::apply(target.clone(), is_daemon).await?;
        let outage = Arc::new(Outage::default());
        let writers = Order {
            purpose: Use::Write,
            threads: if target.is_sqlite() {
                1
            } else {
                settings.connections
            },
            batch_max: settings.batch_max,
            answer_within: if target.is_sqlite() {
                SQLITE_WRITE_WITHIN
            } else {
                PG_WRITE_WITHIN
            },
        };
        let readers = Order {
            purpose: Use::Read,
            threads: settings.connections,
            batch_max: 1,
            answer_within: READ_WITHIN,
        };
        Ok(Self(Arc::new(Inner {
            writers: Crew::start(&target, writers, &outage)?,
            readers: Crew::start(&target, readers, &outage)?,
            tasks: tasks.clone(),
            lock: Mutex::new(lock),
        })))
    }

    /// Applies the migrations that are missing, and names those it applied.
    pub async fn migrate(
        settings: &config::Database,
        data: &Path,
    ) -> Result<Vec<String>, StoreFault> {
        let target = Target::parse(&settings.url, data)?;
        target.prepare()?;
        migrations::apply(target, true).await
    }

    /// Ends the threads and closes the connections, after what is queued is committed.
    pub async fn close(&self) {
        tokio::join!(self.0.writers.end(), self.0.readers.end());
        let lock = self
            .0
            .lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(lock);
    }

    /// Does `work` in a transaction that may be shared, and answers after its commit. `work` may be
    /// run again: after a fault of the connection even when its first run was committed.
    async fn write<T, F>(&self, work: F) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Db) -> QueryResult<T> + Send + 'static,
    {
        self.0.writers.ask(work, false).await
    }

    /// As [`Store::write`], without waiting for the disk: a power cut (never a mere end of the
    /// process) may undo `work` after its answer. For what is done again then, and does no harm twice.
    async fn write_unsynced<T, F>(&self, work: F) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Db) -> QueryResult<T> + Send + 'static,
    {
        self.0.writers.ask(work, true).await
    }

    /// Does `work`, which only looks, as of one moment.
    async fn read<T, F>(&self, work: F) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        F: FnMut(&mut Db) -> QueryResult<T> + Send + 'static,
    {
        self.0.readers.ask(work, false).await
    }
}
