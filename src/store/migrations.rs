//! Applying the migrations that are missing, for both engines, whoever else tries at the same time.

use std::time::Instant;

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::sync::oneshot;

use crate::store::StoreFault;
use crate::store::connection::{Db, Target, Use};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Nodes that start together apply migrations one after the other; the number means nothing.
const PG_LOCK: &str = "SELECT pg_advisory_xact_lock(7306512874319)";

/// What Diesel gives on failure.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What tells in an error's debug form that the database was away or locked. Diesel does not let the kind of
/// a migration's error be asked for.
const AWAY: [&str; 9] = [
    "UnableToSendCommand",
    "ClosedConnection",
    "SerializationFailure",
    "ReadOnlyTransaction",
    "database is locked",
    "deadlock detected",
    "terminating connection",
    "shutting down",
    "canceling statement",
];

/// The same of rows that do not fit the new tables: no second try mends those.
const UNFIT: &str = "Violation,";

/// Applies what is missing, in one transaction, and names it. Without `may_change`, only to a database
/// without tables.
pub(super) async fn apply(target: Target, may_change: bool) -> Result<Vec<String>, StoreFault> {
    let (send, applied) = oneshot::channel();
    std::thread::Builder::new()
        .name("store-migrate".to_owned())
        .spawn(move || {
            // Nobody waits only if the daemon is told to stop while it starts.
            drop(send.send(apply_here(&target, may_change)));
        })
        .map_err(|error| StoreFault::Broken(format!("no thread can be started: {error}")))?;
    applied.await.unwrap_or_else(|_| {
        Err(StoreFault::Broken(
            "applying the migrations panicked; please report this as a fault".to_owned(),
        ))
    })
}

fn apply_here(target: &Target, may_change: bool) -> Result<Vec<String>, StoreFault> {
    let applied = match target.connect(Use::Migrate)? {
        Db::Sqlite(mut c) => {
            // Looking first: most starts then need not wait for whoever writes.
            if is_complete(&mut c, SQLITE, may_change)? {
                return Ok(Vec::new());
            }
            c.immediate_transaction(|c| run(c, SQLITE))
        }
        Db::Pg(mut c) => {
            if is_complete(&mut *c, POSTGRES, may_change)? {
                return Ok(Vec::new());
            }
            c.transaction(|c| {
                c.batch_execute(PG_LOCK)?;
                run(c, POSTGRES)
            })
        }
    };
    let applied = applied.map_err(|Failed(error)| unmended(&error))?;
    tracing::info!("the database's tables are up to date");
    Ok(applied)
}

/// An error of a migration; Diesel's transactions want one that its own errors turn into.
struct Failed(Failure);

impl From<diesel::result::Error> for Failed {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.into())
    }
}

/// Is nothing missing? Without `may_change`, tables of an older version are refused.
fn is_complete<C, B>(
    connection: &mut C,
    source: EmbeddedMigrations,
    may_change: bool,
) -> Result<bool, StoreFault>
where
    B: diesel::backend::Backend,
    C: MigrationHarness<B>,
{
    let look = || -> Result<(bool, bool), Failure> {
        let is_empty = connection.applied_migrations()?.is_empty();
        Ok((is_empty, connection.has_pending_migration(source)?))
    };
    match look().map_err(|error| unmended(&error))? {
        (_, false) => Ok(true),
        (false, true) if !may_change => Err(StoreFault::Older),
        (_, true) => Ok(false),
    }
}

fn run<C, B>(connection: &mut C, source: EmbeddedMigrations) -> Result<Vec<String>, Failed>
where
    B: diesel::backend::Backend,
    C: MigrationHarness<B>,
{
    // Nobody waits for the tables of a new database, or wonders at them.
    let is_new = connection.applied_migrations().map_err(Failed)?.is_empty();
    // Asked again: another node may have been faster.
    let missing = connection.pending_migrations(source).map_err(Failed)?;
    let mut applied = Vec::with_capacity(missing.len());
    for migration in missing {
        let (name, since) = (migration.name().to_string(), Instant::now());
        if !is_new {
            tracing::info!("the migration {name} begins");
        }
        let version = connection.run_migration(&migration).map_err(Failed)?;
        if !is_new {
            let took_ms = since.elapsed().as_millis();
            tracing::info!(took_ms, "the migration {name} is done");
        }
        applied.push(version.to_string());
    }
    Ok(applied)
}

/// Nothing was changed. What passes by itself (a lost connection, a lock, a full disk) is no fault of the
/// configuration.
fn unmended(error: &Failure) -> StoreFault {
    let told = format!("{error:?}");
    let why =
        format!("the database's tables cannot be brought up to date: {error}; nothing was changed");
    if AWAY.iter().any(|sign| told.contains(sign)) {
        StoreFault::Away(why)
    } else if told.contains(UNFIT) {
        StoreFault::Unusable(why)
    } else {
        StoreFault::Broken(why)
    }
}

/// Undoes the last migration, as if the database were of an older version.
#[cfg(test)]
pub(super) fn step_back(target: &Target) {
    let target = target.clone();
    // On a thread of its own, as each connection to PostgreSQL has a runtime of its own.
    let undoing = std::thread::spawn(move || match target.connect(Use::Migrate).unwrap() {
        Db::Sqlite(mut c) => c.revert_last_migration(SQLITE).map(drop).unwrap(),
        Db::Pg(mut c) => c.revert_last_migration(POSTGRES).map(drop).unwrap(),
    });
    undoing.join().unwrap();
}

/// How many migrations are built in, for SQLite and for PostgreSQL.
#[cfg(test)]
pub(super) fn built_in() -> (usize, usize) {
    use diesel::migration::MigrationSource;
    let sqlite = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE);
    let postgres = MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES);
    (sqlite.unwrap().len(), postgres.unwrap().len())
}

#[cfg(test)]
mod tests {
    use diesel::result::{DatabaseErrorKind, Error};

    use super::*;

    fn unmended_by(kind: DatabaseErrorKind, what: &str) -> StoreFault {
        let error = Error::DatabaseError(kind, Box::new(what.to_owned()));
        unmended(&error.into())
    }

    #[test]
    fn a_fault_that_passes_is_none_of_the_configuration() {
        let lost = unmended_by(DatabaseErrorKind::UnableToSendCommand, "closed");
        assert!(matches!(lost, StoreFault::Away(_)), "{lost:?}");
        let locked = unmended_by(DatabaseErrorKind::Unknown, "database is locked");
        assert!(matches!(locked, StoreFault::Away(_)), "{locked:?}");
        let standby = unmended_by(DatabaseErrorKind::ReadOnlyTransaction, "read-only");
        assert!(matches!(standby, StoreFault::Away(_)), "{standby:?}");
        for what in ["database or disk is full", "disk I/O error"] {
            let full = unmended_by(DatabaseErrorKind::Unknown, what);
            assert!(matches!(full, StoreFault::Broken(_)), "{full:?}");
        }
        let unfit = unmended_by(DatabaseErrorKind::UniqueViolation, "twice the same");
        assert!(matches!(unfit, StoreFault::Unusable(_)), "{unfit:?}");
        assert!(unfit.to_string().contains("twice the same"), "{unfit}");
    }
}
