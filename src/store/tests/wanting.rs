//! A database that is there and has no room, no time or no right to write: it is waited for.

use std::sync::Arc;

use diesel::QueryResult;

use crate::store::connection::Db;
use crate::store::tests::bench::{Bench, arrival, facts, filing, on_both_engines};
use crate::store::{Filed, StoreFault};

on_both_engines!(
    a_database_that_may_not_write_is_away,
    a_database_without_room_is_away_until_it_has_some,
    a_statement_that_took_too_long_is_tried_again,
    what_a_database_cannot_do_stays_refused,
);

/// Writes a row, of any kind.
fn write(db: &mut Db) -> QueryResult<()> {
    db.run("INSERT INTO counters (name, value) VALUES ('wanting', 1)")
}

async fn a_database_that_may_not_write_is_away(bench: &Bench) {
    let tried = bench.store.write(|db| match db {
        Db::Sqlite(_) => {
            db.run("PRAGMA query_only = ON")?;
            let tried = write(db);
            db.run("PRAGMA query_only = OFF")?;
            tried
        }
        Db::Pg(_) => {
            db.run("SET TRANSACTION READ ONLY")?;
            write(db)
        }
    });
    let fault = tried.await.unwrap_err();
    assert!(matches!(fault, StoreFault::Away(_)), "{fault:?}");
    bench.store.write(write).await.unwrap();
}

/// The table of the receipts takes no more, as on a full disk: what is claimed and held is still written.
const FULL_SQLITE: &str = "CREATE TRIGGER wanting BEFORE INSERT ON receipts
    BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END";
const FULL_PG: &str = "CREATE FUNCTION wanting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION USING ERRCODE = '53100',
            MESSAGE = 'could not extend file \"base/5/16390\": No space left on device';
    END $$;
    CREATE TRIGGER wanting BEFORE INSERT ON receipts FOR EACH ROW EXECUTE FUNCTION wanting()";

async fn a_database_without_room_is_away_until_it_has_some(bench: &Bench) {
    let account = bench.account("acme").await.id;
    let id = bench.arrive(arrival(account, "a.xml")).await;
    let fill = |db: &mut Db| match db {
        Db::Sqlite(_) => db.run(FULL_SQLITE),
        Db::Pg(_) => db.run(FULL_PG),
    };
    bench.store.write(fill).await.unwrap();
    let filing = Arc::new(filing(id, account, facts("SXZM1P000T1000001"), true));
    let fault = bench.store.file(Arc::clone(&filing)).await.unwrap_err();
    assert!(matches!(fault, StoreFault::Away(_)), "{fault:?}");
    let empty = |db: &mut Db| match db {
        Db::Sqlite(_) => db.run("DROP TRIGGER wanting"),
        Db::Pg(_) => db.run("DROP TRIGGER wanting ON receipts"),
    };
    bench.store.write(empty).await.unwrap();
    assert_eq!(bench.store.file(filing).await.unwrap(), Filed::Done);
}

/// The words themselves, from SQLite: its file may not grow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_may_not_grow_is_full() {
    let bench = Bench::sqlite().await;
    let tried = bench.store.write(|db| {
        db.run("PRAGMA max_page_count = 1")?;
        let tried = db.run("CREATE TABLE wanting AS SELECT randomblob(200000) AS octets");
        db.run("PRAGMA max_page_count = 1000000")?;
        tried
    });
    let fault = tried.await.unwrap_err();
    assert!(matches!(fault, StoreFault::Away(_)), "{fault:?}");
    bench.store.close().await;
}

async fn a_statement_that_took_too_long_is_tried_again(bench: &Bench) {
    let tried = bench.store.write(|db| match db {
        // It has no limit on how long a statement takes.
        Db::Sqlite(_) => Ok(None),
        Db::Pg(_) => {
            db.run("SET LOCAL statement_timeout = 10")?;
            db.run("SELECT pg_sleep(20)").map(Some)
        }
    });
    match tried.await {
        Ok(came) => assert_eq!(came, None),
        Err(fault) => assert!(matches!(fault, StoreFault::Away(_)), "{fault:?}"),
    }
}

async fn what_a_database_cannot_do_stays_refused(bench: &Bench) {
    let tried = bench
        .store
        .write(|db| db.run("INSERT INTO nowhere VALUES (1)"));
    let fault = tried.await.unwrap_err();
    assert!(matches!(fault, StoreFault::Broken(_)), "{fault:?}");
}
