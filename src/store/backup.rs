//! A copy of the built-in engine's database, made while others use it.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use tokio::sync::oneshot;

use crate::config;
use crate::store::connection::{Db, Target, Use};
use crate::store::{Store, StoreFault};

impl Store {
    /// Writes the database as of one moment into the new file `to`, which nobody else may read, and syncs it.
    /// Nobody who uses the database waits for that.
    pub async fn backup(
        settings: &config::Database,
        data: &Path,
        to: &Path,
    ) -> Result<(), StoreFault> {
        let target = Target::parse(&settings.url, data)?;
        let to = to.to_owned();
        let (send, saved) = oneshot::channel();
        std::thread::Builder::new()
            .name("store-backup".to_owned())
            .spawn(move || drop(send.send(save(&target, &to))))
            .map_err(|error| StoreFault::Broken(format!("no thread can be started: {error}")))?;
        let ended = "saving the database panicked; please report this as a fault";
        saved
            .await
            .unwrap_or_else(|_| Err(StoreFault::Broken(ended.to_owned())))
    }
}

fn save(target: &Target, to: &Path) -> Result<(), StoreFault> {
    let fault = |why: String| StoreFault::Broken(format!("{}: {why}", to.display()));
    let Target::Sqlite(from) = target else {
        return Err(fault(
            "PostgreSQL is saved by its own program: pg_dump --format=custom".to_owned(),
        ));
    };
    if !from.exists() {
        return Err(fault(format!("there is no database at {}", from.display())));
    }
    let text = to
        .to_str()
        .ok_or_else(|| fault("is not in UTF-8".to_owned()))?;
    // SQLite writes into an empty file, and leaves its rights as they are.
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(|error| fault(format!("cannot be made: {error}")))?;
    let saved = match target.connect(Use::Migrate)? {
        Db::Sqlite(mut c) => sql_query("VACUUM INTO ?")
            .bind::<Text, _>(text)
            .execute(&mut c)
            .map_err(|error| error.to_string()),
        Db::Pg(_) => Err("is no file".to_owned()),
    };
    let synced = saved.and_then(|_| file.sync_all().map_err(|error| error.to_string()));
    synced.map_err(|error| {
        // Half a copy must not be taken for one.
        drop(fs::remove_file(to));
        fault(error)
    })
}
