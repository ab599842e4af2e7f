//! Records by vehicle: in which order, for whom, and how they are found.

use std::sync::Arc;

use diesel::debug_query;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;

use crate::domain::account::AccountId;
use crate::domain::submission::{Lane, SubmissionNumber};
use crate::store::connection::Db;
use crate::store::schema::records;
use crate::store::tests::bench::{Bench, arrival, facts, filing, on_both_engines};
use crate::store::vehicles::{VERSIONS_MAX, versions};

on_both_engines!(
    versions_come_stage_by_stage_newest_first,
    another_accounts_record_does_not_exist,
    what_was_rejected_or_only_tried_is_no_record,
);

/// Hands in a version of a stage and gives its submission's number.
async fn accepted(
    bench: &Bench,
    account: AccountId,
    (vin, version, stage): (&str, u32, u32),
) -> SubmissionNumber {
    let mut facts = facts(vin);
    facts.ivi_version_number = Some(version);
    facts.manufacturer_stage_number = Some(stage);
    let id = bench.decided(account, facts, true).await;
    let all = crate::store::Filter {
        limit: 500,
        ..crate::store::Filter::default()
    };
    let page = bench.store.submissions(&all).await.unwrap();
    let row = page.rows.into_iter().find(|row| row.submission.id == id);
    row.unwrap().submission.number
}

async fn versions_of(bench: &Bench, vin: &str, account: Option<AccountId>) -> Vec<(u32, u32)> {
    let rows = bench.store.vehicle(vin, account).await.unwrap();
    rows.iter()
        .map(|row| {
            assert_eq!(row.facts.vin.as_deref(), Some(vin));
            (
                row.facts.manufacturer_stage_number.unwrap(),
                row.facts.ivi_version_number.unwrap(),
            )
        })
        .collect()
}

async fn versions_come_stage_by_stage_newest_first(bench: &Bench) {
    let acme = bench.account("acme").await.id;
    for key in [
        ("V", 2, 1),
        ("V", 10, 1),
        ("V", 1, 2),
        ("W", 3, 1),
        ("V", 1, 1),
    ] {
        accepted(bench, acme, key).await;
    }
    let wanted = [(1, 10), (1, 2), (1, 1), (2, 1)];
    assert_eq!(versions_of(bench, "V", None).await, wanted);
    assert_eq!(versions_of(bench, "V", Some(acme)).await, wanted);
    assert_eq!(versions_of(bench, "v", None).await, []);
    assert_eq!(versions_of(bench, "V*", None).await, []);
}

async fn another_accounts_record_does_not_exist(bench: &Bench) {
    let acme = bench.account("acme").await.id;
    let bolt = bench.account("bolt").await.id;
    let first = accepted(bench, acme, ("V", 1, 1)).await;
    let second = accepted(bench, bolt, ("V", 1, 2)).await;
    assert_eq!(versions_of(bench, "V", Some(acme)).await, [(1, 1)]);
    assert_eq!(versions_of(bench, "V", Some(bolt)).await, [(2, 1)]);
    assert_eq!(versions_of(bench, "V", None).await, [(1, 1), (2, 1)]);
    let record = async |vin: &str, number: &SubmissionNumber, account| {
        let found = bench.store.record(vin, number, account).await.unwrap();
        found.map(|row| row.submission.number)
    };
    assert_eq!(record("V", &first, Some(acme)).await, Some(first.clone()));
    assert_eq!(record("V", &first, None).await, Some(first.clone()));
    assert_eq!(record("V", &first, Some(bolt)).await, None);
    assert_eq!(record("W", &first, Some(acme)).await, None);
    assert_eq!(record("V", &second, Some(acme)).await, None);
}

async fn what_was_rejected_or_only_tried_is_no_record(bench: &Bench) {
    let acme = bench.account("acme").await.id;
    bench.decided(acme, facts("V"), false).await;
    let mut tried = arrival(acme, "tried.xml");
    tried.lane = Lane::Test;
    let id = bench.arrive(tried).await;
    let filing = filing(id, acme, facts("V"), true);
    bench.store.file(Arc::new(filing)).await.unwrap();
    assert_eq!(versions_of(bench, "V", None).await, []);
}

#[derive(QueryableByName)]
struct PlanRow {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[tokio::test]
async fn the_records_of_a_vehicle_are_found_by_an_index_on_sqlite() {
    let bench = Bench::sqlite().await;
    for account in [None, Some(7_i64)] {
        let text = match account {
            None => debug_query::<Sqlite, _>(&versions!("V")).to_string(),
            Some(account) => {
                let query = versions!("V").filter(records::account_id.eq(account));
                debug_query::<Sqlite, _>(&query).to_string()
            }
        };
        let plan = bench.store.read(move |db| {
            let Db::Sqlite(c) = db else {
                panic!("not SQLite");
            };
            let (sql, _) = text.split_once(" -- binds").unwrap();
            sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load::<PlanRow>(c)
        });
        let plan: Vec<String> = plan
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.detail)
            .collect();
        assert!(
            plan[0].contains("USING INDEX") && plan[0].contains("(vin=?"),
            "{plan:?}"
        );
    }
    bench.store.close().await;
}
