//! Many made-up submissions, by the statements that `benches/portal` fills a database with.

use diesel::connection::SimpleConnection;

use crate::store::Store;
use crate::store::connection::each;

const ROWS: &str = include_str!("../../../benches/portal/rows.sql");

/// Adds `rows` submissions of fifty accounts, and says how many rows there are then.
pub(crate) async fn fill(store: &Store, rows: u32) -> i64 {
    use crate::store::schema::submissions;
    use diesel::prelude::*;
    let sql = ROWS.replace("{rows}", &rows.to_string());
    let filled = store.write(move |db| {
        each!(db, c => c.batch_execute(&sql))?;
        each!(db, c => submissions::table.count().get_result(c))
    });
    filled.await.unwrap()
}
