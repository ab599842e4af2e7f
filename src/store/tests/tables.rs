//! Both engines have the same tables, and the migrations of both have the same names.

use std::collections::BTreeSet;
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use crate::store::connection::each;
use crate::store::tests::bench::Bench;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// A line for every column: table, column, type, nullability.
const SQLITE_COLUMNS: &str = "\
    SELECT m.name || '.' || c.name || ' ' ||
           CASE WHEN c.pk > 0 AND c.type = 'INTEGER' AND c.name = 'id' THEN 'BIGINT' ELSE c.type END ||
           CASE WHEN c.\"notnull\" THEN ' NOT NULL' ELSE '' END AS line
    FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'";

const PG_COLUMNS: &str = "\
    SELECT table_name || '.' || column_name || ' ' ||
           CASE data_type WHEN 'bytea' THEN 'BLOB' ELSE upper(data_type) END ||
           CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END AS line
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";

const SQLITE_INDEXES: &str = "\
    SELECT name AS line FROM sqlite_master
    WHERE type = 'index' AND name NOT LIKE 'sqlite_autoindex%'";

const PG_INDEXES: &str = "\
    SELECT indexname::text AS line FROM pg_indexes
    WHERE schemaname = 'public' AND indexname !~ '_(pkey|key)$'";

async fn lines(bench: &Bench, sql: &'static str) -> BTreeSet<String> {
    let lines = bench
        .store
        .read(move |db| each!(db, c => sql_query(sql).load::<Line>(c)));
    lines
        .await
        .unwrap()
        .into_iter()
        .map(|line| line.line)
        .collect()
}

#[tokio::test]
async fn both_engines_have_the_same_tables_columns_and_indexes() {
    let Some(pg) = Bench::postgres().await else {
        return;
    };
    let sqlite = Bench::sqlite().await;
    let columns = lines(&sqlite, SQLITE_COLUMNS).await;
    assert!(
        columns.contains("accounts.id BIGINT NOT NULL"),
        "{columns:?}"
    );
    assert_eq!(columns, lines(&pg, PG_COLUMNS).await);
    assert_eq!(
        lines(&sqlite, SQLITE_INDEXES).await,
        lines(&pg, PG_INDEXES).await
    );
    sqlite.store.close().await;
    pg.store.close().await;
}

#[test]
fn the_migrations_of_both_engines_have_the_same_names() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        std::fs::read_dir(folder.join(engine))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn the_migrations_built_in_are_those_of_the_folder() {
    // `embed_migrations!` does not see a new file by itself: touch src/store/migrations.rs.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let files = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(crate::store::migrations::built_in(), (files, files));
}

#[tokio::test]
async fn the_built_in_engine_plans_by_the_text_of_a_statement() {
    let bench = Bench::sqlite().await;
    let options = lines(
        &bench,
        "SELECT compile_options AS line FROM pragma_compile_options",
    )
    .await;
    assert!(
        options.contains("ENABLE_QPSG"),
        "see .cargo/config.toml: {options:?}"
    );
}
