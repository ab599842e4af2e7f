//! Connections to either engine: which one an address means, how it is opened, what it is told first.
//!
//! *Trust*: the address comes from the configuration; a password in it is never put into a fault.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection;

use diesel::{Connection, SqliteConnection};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};
use rustix::fs::{Access, FlockOperation, flock};

use crate::store::StoreFault;
use crate::store::jobs::fault;

/// PostgreSQL spoken in pure Rust, used without `async` from threads of our own.
pub(super) type PgConnection = AsyncConnectionWrapper<AsyncPgConnection, OwnRuntime>;

/// A connection to either engine.
pub(super) enum Db {
    /// The built-in one.
    Sqlite(SqliteConnection),
    /// The server. Boxed, because it is several times as large.
    Pg(Box<PgConnection>),
}

/// The same text, checked by the compiler against each engine: `each!(db, c => query.execute(c))`.
macro_rules! each {
    ($db:expr, $c:ident => $body:expr) => {
        match $db {
            $crate::store::connection::Db::Sqlite($c) => $body,
            $crate::store::connection::Db::Pg(boxed) => {
                let $c = &mut **boxed;
                $body
            }
        }
    };
}
pub(super) use each;

/// How long PostgreSQL may take to accept a connection.
const CONNECT_WITHIN_S: u32 = 3;

/// What every PostgreSQL connection is told first.
///
/// A server that answers nothing on commit would make "done" a lie, so `synchronous_commit` is never
/// `off` here (anything stricter stays). A statement that waits longer than a caller of ours does is
/// given up, so that the thread is free again; a transaction of a node that froze lets its locks go.
const PG_FIRST: &str = "\
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off';
    SET idle_in_transaction_session_timeout = '20s';";

/// What every SQLite connection is told first. The time-out is first, for the others may have to wait.
///
/// `FULL` syncs the log at every commit: without it "done" would not outlive a power cut.
const SQLITE_FIRST: &str = "\
    PRAGMA busy_timeout = 10000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8192;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;";

/// Where the database is.
#[derive(Clone)]
pub(super) enum Target {
    /// A file.
    Sqlite(PathBuf),
    /// A server, as a URL with our parameters added.
    Pg(String),
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Anything.
    Write,
    /// Looking only.
    Read,
    /// Changing the tables: no limit on how long a statement takes.
    Migrate,
}

impl Target {
    /// Reads `database.url`.
    pub(super) fn parse(url: &str, data: &Path) -> Result<Self, StoreFault> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            if path.is_empty() || path.contains('\0') {
                return Err(StoreFault::Unusable(
                    "database.url: `sqlite:` wants the path of a file after it, such as \
                     `sqlite:ecocd.sqlite`"
                        .to_owned(),
                ));
            }
            let path = std::path::absolute(data.join(path)).map_err(|error| {
                StoreFault::Unusable(format!("database.url: '{path}' is no path: {error}"))
            })?;
            return Ok(Self::Sqlite(path));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Self::parse_pg(url);
        }
        let scheme = url.split(':').next().unwrap_or_default();
        Err(StoreFault::Unusable(format!(
            "database.url: '{}:' is no database that we know; write `sqlite:PATH` or \
             `postgres://USER@HOST:PORT/NAME`",
            scheme.escape_debug()
        )))
    }

    fn parse_pg(url: &str) -> Result<Self, StoreFault> {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let has = |key: &str| {
            query
                .split('&')
                .any(|pair| pair.split('=').next() == Some(key))
        };
        let wants_tls = query.split('&').any(|pair| {
            pair.starts_with("sslmode=")
                && !pair.ends_with("=disable")
                && !pair.ends_with("=prefer")
        });
        if wants_tls {
            return Err(StoreFault::Unusable(
                "database.url: TLS to PostgreSQL is not built in; use a socket on this machine \
                 (`?host=/run/postgresql`) or a protected network, and leave `sslmode` out"
                    .to_owned(),
            ));
        }
        let mut full = url.to_owned();
        let ours = [
            ("connect_timeout", CONNECT_WITHIN_S.to_string()),
            // A server that vanished without a word is noticed, in milliseconds.
            ("tcp_user_timeout", "5000".to_owned()),
            ("keepalives_idle", "30".to_owned()),
            ("keepalives_interval", "5".to_owned()),
            ("keepalives_retries", "3".to_owned()),
            ("application_name", "ecocd".to_owned()),
        ];
        for (key, value) in ours.iter().filter(|(key, _)| !has(key)) {
            full.push(if full.contains('?') { '&' } else { '?' });
            full.push_str(key);
            full.push('=');
            full.push_str(value);
        }
        Ok(Self::Pg(full))
    }

    /// Makes the file and its folder, which nobody else may read, if they are not there.
    pub(super) fn prepare(&self) -> Result<(), StoreFault> {
        let Self::Sqlite(path) = self else {
            return Ok(());
        };
        let made = path
            .parent()
            .map_or(Ok(()), |folder| {
                fs::DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(folder)
            })
            .and_then(|()| make_private(path))
            .and_then(|()| sync_names(path));
        made.map_err(|error| unopened(path, &error))
    }

    /// Takes the lock that keeps a second daemon from the same file; held as long as the value lives.
    pub(super) fn lock(&self) -> Result<Option<fs::File>, StoreFault> {
        let Self::Sqlite(path) = self else {
            return Ok(None);
        };
        let mut name = path.clone().into_os_string();
        name.push(".lock");
        let name = PathBuf::from(name);
        let file = open_private(&name).map_err(|error| unopened(&name, &error))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(file)),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(StoreFault::Unusable(format!(
                "another ecocd is running on {}; stop it first, or use PostgreSQL for several nodes",
                path.display()
            ))),
            Err(error) => Err(StoreFault::Broken(format!(
                "{} cannot be locked: {error}",
                name.display()
            ))),
        }
    }

    /// Opens a connection.
    pub(super) fn connect(&self, purpose: Use) -> Result<Db, StoreFault> {
        match self {
            Self::Sqlite(path) => connect_sqlite(path, purpose),
            Self::Pg(url) => connect_pg(url, purpose),
        }
    }

    /// Is this the built-in engine?
    pub(super) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

/// Why a file cannot be opened: because of what the configuration and the rights say, or for now.
fn unopened(path: &Path, error: &std::io::Error) -> StoreFault {
    use std::io::ErrorKind;

    let why = format!("{} cannot be opened: {error}", path.display());
    match error.kind() {
        ErrorKind::PermissionDenied
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::AlreadyExists
        | ErrorKind::InvalidInput
        | ErrorKind::InvalidFilename
        | ErrorKind::ReadOnlyFilesystem => StoreFault::Unusable(why),
        _ => StoreFault::Broken(why),
    }
}

/// Makes the names of a new file and its folder durable; SQLite syncs only what is in the file.
fn sync_names(path: &Path) -> std::io::Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    fs::File::open(folder)?.sync_all()?;
    // The folder's own name matters only if we have just made it, and then we may look above it.
    if let Some(above) = folder.parent()
        && let Ok(above) = fs::File::open(above)
    {
        above.sync_all()?;
    }
    Ok(())
}

/// Makes a file that nobody else may read, unless there is one, which must be ours to use.
///
/// A database that is there is not even opened: when any descriptor of a file is closed, the system
/// forgets every lock of this process on it, also those of the connections that SQLite has open. The
/// next process that leaves the database then takes itself for the last one, and deletes the log that
/// we go on writing to.
fn make_private(path: &Path) -> std::io::Result<()> {
    let made = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Ok(_file) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let ours = Access::READ_OK | Access::WRITE_OK;
            Ok(rustix::fs::access(path, ours)?)
        }
        Err(error) => Err(error),
    }
}

fn open_private(path: &Path) -> std::io::Result<fs::File> {
    fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

fn connect_sqlite(path: &Path, purpose: Use) -> Result<Db, StoreFault> {
    let broken =
        |error: String| StoreFault::Broken(format!("{} cannot be opened: {error}", path.display()));
    let text = path.to_str().ok_or_else(|| {
        StoreFault::Unusable(format!(
            "{} is not in UTF-8; choose another path for the database",
            path.display()
        ))
    })?;
    let mut connection =
        SqliteConnection::establish(text).map_err(|error| broken(error.to_string()))?;
    connection
        .batch_execute(SQLITE_FIRST)
        .map_err(|error| match fault(&error) {
            StoreFault::Broken(why) => broken(why),
            away => away,
        })?;
    if purpose == Use::Read {
        connection
            .batch_execute("PRAGMA query_only = ON;")
            .map_err(|error| broken(error.to_string()))?;
    }
    Ok(Db::Sqlite(connection))
}

fn connect_pg(url: &str, purpose: Use) -> Result<Db, StoreFault> {
    // Faults of the wire library name host and reason, never the password.
    let away = |error: String| StoreFault::Away(format!("no connection to PostgreSQL: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| away(error.to_string()))?;
    NEXT_RUNTIME.set(Some(runtime));
    let mut connection = PgConnection::establish(url).map_err(|error| away(error.to_string()))?;
    let timeout = match purpose {
        Use::Write => Duration::from_secs(5),
        Use::Read => Duration::from_secs(20),
        Use::Migrate => Duration::ZERO,
    };
    connection
        .batch_execute(PG_FIRST)
        .and_then(|()| {
            connection.batch_execute(&format!("SET statement_timeout = {}", timeout.as_millis()))
        })
        .map_err(|error| away(error.to_string()))?;
    Ok(Db::Pg(Box::new(connection)))
}

thread_local! {
    /// The runtime for the connection that is being opened on this thread.
    static NEXT_RUNTIME: Cell<Option<tokio::runtime::Runtime>> = const { Cell::new(None) };
}

/// A runtime for one connection, driven by whoever uses the connection.
pub(super) struct OwnRuntime(Option<tokio::runtime::Runtime>);

impl BlockOn for OwnRuntime {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        #[expect(
            clippy::expect_used,
            reason = "connect_pg, the only caller, has just put it there"
        )]
        let runtime = self.0.as_ref().expect("a connection has its runtime");
        runtime.block_on(future)
    }

    fn get_runtime() -> Self {
        Self(NEXT_RUNTIME.take())
    }
}

impl Db {
    /// Runs statements that have no values and give no rows.
    pub(super) fn run(&mut self, sql: &str) -> diesel::QueryResult<()> {
        each!(self, c => c.batch_execute(sql))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn a_disk_that_is_full_or_fails_is_no_fault_of_the_configuration() {
        let path = Path::new("/data/ecocd.sqlite");
        let unusable = unopened(path, &Error::from(ErrorKind::PermissionDenied));
        assert!(matches!(unusable, StoreFault::Unusable(_)), "{unusable:?}");
        for error in [
            Error::from(ErrorKind::StorageFull),
            // EIO and EMFILE, which have no kind of their own.
            Error::from_raw_os_error(5),
            Error::from_raw_os_error(24),
        ] {
            let passing = unopened(path, &error);
            assert!(matches!(passing, StoreFault::Broken(_)), "{passing:?}");
        }
    }
}
