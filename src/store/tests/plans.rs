//! How long lists are found, counted and sorted: by the engines' plans, with some thousand rows.

use diesel::debug_query;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;

use crate::domain::account::AccountId;
use crate::domain::outcome::Outcome;
use crate::domain::submission::Door;
use crate::store::connection::Db;
use crate::store::leads::{Way, page_ids_pg, page_ids_sqlite};
use crate::store::tests::bench::{Bench, at, on_both_engines};
use crate::store::tests::lists::ALL;
use crate::store::{Filter, Sort};

on_both_engines!(
    what_is_rare_is_found_by_its_index_and_no_list_looks_at_all_rows,
    what_is_frequent_is_met_from_the_newest_on,
    rows_are_counted_to_a_limit,
    only_the_newest_are_sorted_by_another_column,
);

/// Every column but the time.
const SORTS: [Sort; 7] = [
    Sort::Vin,
    Sort::IviVersion,
    Sort::TypeApproval,
    Sort::Account,
    Sort::Stage,
    Sort::Category,
    Sort::Status,
];

#[derive(QueryableByName)]
pub(super) struct PlanRow {
    #[diesel(sql_type = Text)]
    pub(super) detail: String,
}

/// The plan for a page of a list that is found to be few, or many.
async fn plan(bench: &Bench, filter: &Filter, is_many: bool) -> String {
    let filter = filter.clone();
    let way = if is_many { Way::many } else { Way::few };
    let plan = bench.store.read(move |db| match db {
        Db::Sqlite(c) => {
            let query = page_ids_sqlite(&filter, way(&filter));
            let text = debug_query::<Sqlite, _>(&query).to_string();
            let (sql, _) = text.split_once(" -- binds").unwrap();
            let rows = sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load::<PlanRow>(c)?;
            Ok(rows.into_iter().map(|row| row.detail).collect())
        }
        Db::Pg(c) => {
            // So few rows are read whole, and sorted, more cheaply than by any index.
            if is_many {
                let sql = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off";
                diesel::connection::SimpleConnection::batch_execute(&mut **c, sql)?;
            }
            let query = page_ids_pg(&filter, way(&filter));
            let rows = Explained(query).load::<String>(&mut **c)?;
            Ok(rows)
        }
    });
    let rows: Vec<String> = plan.await.unwrap();
    rows.join("; ")
}

/// PostgreSQL's plan for a query, with its values.
#[derive(diesel::query_builder::QueryId)]
pub(super) struct Explained<Q>(pub(super) Q);

impl<Q> diesel::query_builder::Query for Explained<Q> {
    type SqlType = Text;
}

impl<Q, C> RunQueryDsl<C> for Explained<Q> {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Explained<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("EXPLAIN (COSTS OFF) ");
        self.0.walk_ast(out.reborrow())
    }
}

/// Some thousand rows, so that engines which know their rows have something to choose from.
async fn fill(bench: &Bench) -> AccountId {
    let acme = bench.account("acme").await.id;
    let made = crate::store::tests::many::fill(bench, 12_000);
    assert_eq!(made.await, 12_000);
    acme
}

/// Filters, each with the index by which its few rows are found.
fn leads(acme: AccountId) -> Vec<(Filter, &'static str)> {
    let base = Filter {
        is_descending: true,
        limit: 25,
        ..ALL
    };
    let vin = |vin: &str, account| Filter {
        vin: Some(vin.to_owned()),
        account,
        ..base.clone()
    };
    let of = Some(acme);
    vec![
        (vin("STZ*", None), "submissions_by_vin"),
        (vin("STZ*", of), "submissions_by_vin"),
        (vin("*P782332", None), "submissions_by_vin_reversed"),
        (vin("*P782332", of), "submissions_by_vin_reversed"),
        (vin("STZ*P782332", of), "submissions_by_vin_reversed"),
        (vin("STZ1", of), "submissions_by_vin"),
        (
            Filter {
                file_name: Some("a-7".to_owned()),
                account: of,
                ..base.clone()
            },
            "submissions_by_file_name",
        ),
        (
            Filter {
                approval: Some("e1*2018/858*00001*00".to_owned()),
                account: of,
                ..base.clone()
            },
            "submissions_by_approval",
        ),
        (
            Filter {
                user: Some(crate::domain::account::UserId(999_999)),
                account: of,
                ..base.clone()
            },
            "submissions_by_user",
        ),
        (
            Filter {
                failed_only: true,
                account: of,
                ..base.clone()
            },
            "submissions_failed_of_account",
        ),
        // Staff look for anybody's, in any account.
        (
            Filter {
                user: Some(crate::domain::account::UserId(999_999)),
                failed_only: true,
                ..base
            },
            "submissions_by_user",
        ),
    ]
}

async fn what_is_rare_is_found_by_its_index_and_no_list_looks_at_all_rows(bench: &Bench) {
    let acme = fill(bench).await;
    for (filter, index) in leads(acme) {
        let plan = plan(bench, &filter, false).await;
        assert!(plan.contains(index), "{filter:?}: {plan}");
        assert!(!plan.contains("Seq Scan"), "{filter:?}: {plan}");
        assert!(!plan.contains("SCAN submissions"), "{filter:?}: {plan}");
    }
}

async fn what_is_frequent_is_met_from_the_newest_on(bench: &Bench) {
    let acme = fill(bench).await;
    for account in [None, Some(acme)] {
        let base = Filter {
            account,
            is_descending: true,
            limit: 25,
            ..ALL
        };
        let filters = [
            base.clone(),
            Filter {
                vin: Some("STZ*".to_owned()),
                ..base.clone()
            },
            Filter {
                vin: Some("*33P*".to_owned()),
                ..base.clone()
            },
            Filter {
                failed_only: true,
                ..base.clone()
            },
            Filter {
                outcome: Some(Outcome::Duplicate),
                ..base.clone()
            },
            Filter {
                door: Some(Door::Web),
                ..base.clone()
            },
            Filter {
                stage: Some(2),
                ..base.clone()
            },
            Filter {
                from: Some(at(0)),
                before: Some(at(9_000_000)),
                ..base
            },
        ];
        for filter in filters {
            let plan = plan(bench, &filter, true).await;
            assert!(!plan.contains("Sort"), "{filter:?}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
            assert!(!plan.contains("Seq Scan"), "{filter:?}: {plan}");
        }
    }
}

async fn rows_are_counted_to_a_limit(bench: &Bench) {
    fill(bench).await;
    let page = bench.store.submissions(&ALL).await.unwrap();
    assert_eq!((page.total, page.has_more), (10_000, true));
    let one = Filter {
        vin: Some("*7".to_owned()),
        ..ALL
    };
    let page = bench.store.submissions(&one).await.unwrap();
    assert!(page.total < 10_000 && !page.has_more, "{}", page.total);
}

async fn only_the_newest_are_sorted_by_another_column(bench: &Bench) {
    fill(bench).await;
    let newest = Filter {
        is_descending: true,
        offset: 9_999,
        limit: 1,
        ..ALL
    };
    let last = bench.store.submissions(&newest).await.unwrap();
    let from = last.rows[0].submission.complete;
    for sort in SORTS {
        let by = |from, account| Filter {
            sort,
            from,
            account,
            limit: 25,
            ..ALL
        };
        let page = bench.store.submissions(&by(None, None)).await.unwrap();
        assert_eq!(page.sorted_from, Some(from), "{sort:?}");
        assert_eq!((page.total, page.has_more), (10_000, true));
        // They are the rows of the same list since then, which are few enough to be sorted whole.
        let few = bench
            .store
            .submissions(&by(Some(from), None))
            .await
            .unwrap();
        assert_eq!((few.total, few.sorted_from), (10_000, None));
        assert_eq!(page.rows, few.rows, "{sort:?}");
        let all = bench.store.first_submissions(&by(None, None), 10_000).await;
        assert!(
            all.unwrap()
                .iter()
                .all(|row| row.submission.complete >= from)
        );

        let account = Some(page.rows[0].submission.account);
        let own = bench.store.submissions(&by(None, account)).await.unwrap();
        assert_eq!(own.sorted_from, None, "an account's rows are few");

        // Neither engine goes through all rows in an order that does not help.
        for failed_only in [false, true] {
            let filter = Filter {
                failed_only,
                ..by(Some(from), None)
            };
            let plan = plan(bench, &filter, true).await;
            assert!(!plan.contains("SCAN submissions"), "{filter:?}: {plan}");
            assert!(
                !plan.contains("Seq Scan on submissions"),
                "{filter:?}: {plan}"
            );
            assert!(!plan.contains("Incremental Sort"), "{filter:?}: {plan}");
        }
    }
}
