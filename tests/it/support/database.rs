//! A database for each test, of either engine.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::tool;

/// Which engine a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// A file in the test's folder.
    Sqlite,
    /// A database of its own in the PostgreSQL that `tests/run` started.
    Postgresql,
}

static MADE: AtomicU32 = AtomicU32::new(0);

impl Engine {
    /// The address of a new, empty database.
    pub(crate) fn new_database(self) -> String {
        match self {
            Self::Sqlite => "sqlite:ecocd.sqlite".to_owned(),
            Self::Postgresql => new_in(&tool::from_runner("ECOCD_TEST_POSTGRES")),
        }
    }
}

/// Makes a new database in the server at `url`, and gives its address.
fn new_in(url: &str) -> String {
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("it_{}_{made}", std::process::id());
    let mut psql = Command::new("psql");
    psql.args(["-qXd", url, "-c", &format!("create database {name}")]);
    tool::run(&mut psql, "").success();
    let (server, _) = url.rsplit_once('/').expect("an address with a database");
    format!("{server}/{name}")
}

/// A PostgreSQL server of a test's own, which may be stopped and started.
#[derive(Debug)]
pub(crate) struct Server {
    folder: PathBuf,
    url: String,
    is_running: bool,
}

impl Server {
    /// Starts one with its data in `folder`.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut server = Self {
            folder: folder.to_path_buf(),
            url: String::new(),
            is_running: false,
        };
        server.start_again();
        server
    }

    /// The address of a new, empty database in it.
    pub(crate) fn new_database(&self) -> String {
        new_in(&self.url)
    }

    /// Stops it as a crash would: without a farewell to its clients, and without a checkpoint.
    pub(crate) fn stop_dead(&mut self) {
        self.script(&["stop"], &["immediate"]);
        self.is_running = false;
    }

    /// Starts it again, on the same port with the same data.
    pub(crate) fn start_again(&mut self) {
        let url = self.script(&["start"], &[]);
        url.trim().clone_into(&mut self.url);
        self.is_running = true;
    }

    fn script(&self, before: &[&str], after: &[&str]) -> String {
        let mut script = Command::new(tool::of_repository("tests/services/postgres"));
        script.args(before).arg(&self.folder).args(after);
        tool::run(&mut script, "").success().out
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.is_running {
            self.stop_dead();
        }
    }
}
