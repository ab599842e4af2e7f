//! Applying the migrations that are missing, for both engines, whoever else tries at the same time.

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationVersion;
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

/// Applies what is missing, in one transaction, and names it.
pub(super) async fn apply(target: Target) -> Result<Vec<String>, StoreFault> {
    let (send, applied) = oneshot::channel();
    std::thread::Builder::new()
        .name("store-migrate".to_owned())
        .spawn(move || {
            // Nobody waits only if the daemon is told to stop while it starts.
            drop(send.send(apply_here(&target)));
        })
        .map_err(|error| StoreFault::Broken(format!("no thread can be started: {error}")))?;
    applied.await.unwrap_or_else(|_| {
        Err(StoreFault::Broken(
            "applying the migrations panicked; please report this as a fault".to_owned(),
        ))
    })
}

fn apply_here(target: &Target) -> Result<Vec<String>, StoreFault> {
    let applied = match target.connect(Use::Migrate)? {
        Db::Sqlite(mut c) => {
            // Looking first: most starts then need not wait for whoever writes.
            if is_complete(&mut c, SQLITE)? {
                return Ok(Vec::new());
            }
            c.immediate_transaction(|c| run(c, SQLITE))
        }
        Db::Pg(mut c) => {
            if is_complete(&mut *c, POSTGRES)? {
                return Ok(Vec::new());
            }
            c.transaction(|c| {
                c.batch_execute(PG_LOCK)?;
                run(c, POSTGRES)
            })
        }
    };
    applied.map_err(|Failed(error)| unfit(&error))
}

/// An error of a migration; Diesel's transactions want one that its own errors turn into.
struct Failed(Failure);

impl From<diesel::result::Error> for Failed {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.into())
    }
}

fn is_complete<C, B>(connection: &mut C, source: EmbeddedMigrations) -> Result<bool, StoreFault>
where
    B: diesel::backend::Backend,
    C: MigrationHarness<B>,
{
    let is_missing = connection
        .has_pending_migration(source)
        .map_err(|error| unfit(&error))?;
    Ok(!is_missing)
}

fn run<C, B>(connection: &mut C, source: EmbeddedMigrations) -> Result<Vec<String>, Failed>
where
    B: diesel::backend::Backend,
    C: MigrationHarness<B>,
{
    let applied = connection.run_pending_migrations(source).map_err(Failed)?;
    Ok(applied.iter().map(MigrationVersion::to_string).collect())
}

fn unfit(error: &Failure) -> StoreFault {
    StoreFault::Unusable(format!(
        "the database's tables cannot be brought up to date: {error}; nothing was changed"
    ))
}

/// How many migrations are built in, for SQLite and for PostgreSQL.
#[cfg(test)]
pub(super) fn built_in() -> (usize, usize) {
    use diesel::migration::MigrationSource;
    let sqlite = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE);
    let postgres = MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES);
    (sqlite.unwrap().len(), postgres.unwrap().len())
}
