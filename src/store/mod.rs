//! The only door to the database: one public function, one use, one transaction.
//!
//! *Invariant*: no row, connection or Diesel type leaves this room.

mod accounts;
mod arrivals;
mod judging;
mod mails;
mod submissions;
mod users;
mod web_sessions;

pub use accounts::Added;
pub use arrivals::{Arrived, Drop, NewArrival};
pub use judging::{Answer, Claimed, Filed, Filing, Work};
pub use mails::{MailNext, Recipient, WindowDue};
pub use submissions::{Detail, Filter, Page, Row, Sort, Summary};
pub use users::{NewCredential, NewUser, Roster};
pub use web_sessions::WebSession;

use crate::config;
use crate::runtime::Tasks;

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
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
}

/// A handle to the database; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {}

impl Store {
    /// Opens the database, makes it if it is a SQLite file that does not exist, and applies the
    /// migrations that are missing. A relative SQLite path lies in `data`.
    ///
    /// With `is_daemon`, takes the lock that keeps a second daemon from the same SQLite file.
    pub async fn open(
        settings: &config::Database,
        data: &std::path::Path,
        is_daemon: bool,
        tasks: &Tasks,
    ) -> Result<Self, StoreFault> {
        let _ = (settings, data, is_daemon, tasks);
        todo!()
    }

    /// Applies the migrations that are missing, and names those it applied.
    pub async fn migrate(
        settings: &config::Database,
        data: &std::path::Path,
    ) -> Result<Vec<String>, StoreFault> {
        let _ = (settings, data);
        todo!()
    }

    /// Ends the threads and closes the connections, after what is queued is committed.
    pub async fn close(&self) {
        todo!()
    }
}
