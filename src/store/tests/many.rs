//! Many made-up submissions, by the statements that `benches/portal` fills a database with.

use std::path::Path;

use diesel::prelude::*;

use crate::store::Store;
use crate::store::connection::{Target, Use, each};
use crate::store::schema::submissions;
use crate::store::tests::bench::Bench;

const ROWS: &str = include_str!("../../../benches/portal/rows.sql");

/// Adds `rows` submissions of fifty accounts, and says how many rows there are then.
pub(crate) async fn fill(bench: &Bench, rows: u32) -> i64 {
    fill_into(&bench.store, &bench.settings.url, bench.data.path(), rows).await
}

/// The same for a store whose database has this address, below this folder.
pub(crate) async fn fill_into(store: &Store, url: &str, data: &Path, rows: u32) -> i64 {
    let sql = ROWS.replace("{rows}", &rows.to_string());
    let target = Target::parse(url, data).unwrap();
    // A connection of its own, which may take its time; on a thread of its own, as its library wants it.
    let filled = std::thread::spawn(move || target.connect(Use::Migrate).unwrap().run(&sql));
    filled.join().unwrap().unwrap();
    let number = store.read(|db| each!(db, c => submissions::table.count().get_result(c)));
    number.await.unwrap()
}
