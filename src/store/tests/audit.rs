//! The audit log: that it is whole, and who finds what in it.

use diesel::debug_query;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;

use crate::domain::audit::{Action, Deed};
use crate::store::audit_found::{found_pg, found_sqlite};
use crate::store::connection::{Db, each};
use crate::store::tests::bench::{Bench, at, deed, on_both_engines};
use crate::store::tests::plans::{Explained, PlanRow};
use crate::store::{AuditCheck, AuditSearch};

on_both_engines!(
    a_changed_audit_log_is_found_out,
    what_is_noted_while_the_log_is_verified_breaks_nothing,
    entries_are_found_by_subject_actor_action_and_time,
    clocks_that_differ_put_no_entry_on_two_pages,
    each_search_of_the_log_has_its_index,
);

async fn a_changed_audit_log_is_found_out(bench: &Bench) {
    let store = &bench.store;
    let whole = store.verify_audit().await.unwrap();
    assert_eq!(
        whole,
        AuditCheck::Whole {
            entries: 0,
            digest: String::new()
        }
    );
    let deeds: Vec<Deed> = (0..5)
        .map(|number| deed(Action::RoleChanged, &format!("user-{number}")))
        .collect();
    for deed in &deeds {
        store.audit(deed).await.unwrap();
        store.audit(deed).await.unwrap();
    }
    let AuditCheck::Whole { entries: 5, digest } = store.verify_audit().await.unwrap() else {
        panic!("not whole");
    };
    let newest = store.audit_entries(None, None, 2).await.unwrap();
    assert_eq!((newest[0].number, &newest[0].digest), (5, &digest));
    assert_eq!(newest[1].deed, deeds[3]);
    let older = store.audit_entries(None, Some(4), 9).await.unwrap();
    assert_eq!(older.len(), 3);
    // Whoever owns the database can take the guards away; then the digests tell.
    crate::store::tests::office::unguard_audit(bench).await;
    let tamper = async |sql: &'static str| {
        store
            .write(move |db| each!(db, c => RunQueryDsl::execute(diesel::sql_query(sql), c)))
            .await
            .unwrap();
        store.verify_audit().await.unwrap()
    };
    let broken_at = |check: AuditCheck| match check {
        AuditCheck::Broken { number, .. } => number,
        AuditCheck::Whole { .. } => 0,
    };
    let changed = tamper("UPDATE audit SET subject = 'user-9' WHERE id = 3").await;
    assert_eq!(broken_at(changed), 3);
    tamper("UPDATE audit SET subject = 'user-2' WHERE id = 3").await;
    assert_eq!(broken_at(tamper("DELETE FROM audit WHERE id = 5").await), 5);
    assert_eq!(broken_at(tamper("DELETE FROM audit WHERE id = 2").await), 2);
}

async fn what_is_noted_while_the_log_is_verified_breaks_nothing(bench: &Bench) {
    let store = &bench.store;
    let note = async |number: u32| {
        let deed = deed(Action::RoleChanged, &format!("user-{number}"));
        store.audit(&deed).await.unwrap();
    };
    note(1).await;
    let counted = store.audit_counted().await.unwrap();
    note(2).await;
    let check = store.verify_audit_of(counted).await.unwrap();
    assert!(matches!(check, AuditCheck::Whole { entries: 2, .. }));
    let check = store.verify_audit_of(counted + 2).await.unwrap();
    assert!(matches!(check, AuditCheck::Broken { number: 3, .. }));
}

/// A log of three people who do four things to two accounts, one a second.
async fn fill(bench: &Bench) {
    let actors = ["ann", "bob", "command line"];
    let actions = [
        Action::KeyAdded,
        Action::KeyRemoved,
        Action::RoleChanged,
        Action::UserInvited,
    ];
    for number in 0..24_usize {
        let deed = Deed {
            id: format!("deed-{number}"),
            at: at(i64::try_from(number).unwrap()),
            actor: actors[number % 3].to_owned(),
            subject: format!("account-{}", number % 2),
            ..deed(actions[number % 4], "")
        };
        bench.store.audit(&deed).await.unwrap();
    }
}

fn searches() -> [(AuditSearch, &'static str); 6] {
    let text = |text: &str| Some(text.to_owned());
    let (from, before) = (Some(at(6)), Some(at(20)));
    let none = AuditSearch::default;
    let by_time = || AuditSearch {
        from,
        before,
        ..none()
    };
    let by_action = || AuditSearch {
        action: Some(Action::KeyRemoved),
        ..by_time()
    };
    let by_actor = || AuditSearch {
        actor: text("bob"),
        ..by_action()
    };
    let by_all = AuditSearch {
        subject: text("account-1"),
        ..by_actor()
    };
    [
        (none(), "audit_by_time"),
        (by_time(), "audit_by_time"),
        (by_action(), "audit_by_action"),
        (by_actor(), "audit_by_actor"),
        (by_all, "audit_by_subject"),
        (
            AuditSearch {
                actor: text("ann"),
                ..none()
            },
            "audit_by_actor",
        ),
    ]
}

async fn entries_are_found_by_subject_actor_action_and_time(bench: &Bench) {
    fill(bench).await;
    for (search, _) in searches() {
        let expected: Vec<u64> = (0..24_u64)
            .rev()
            .filter(|number| {
                let is = |asked: Option<bool>| asked.unwrap_or(true);
                is(search.subject.as_ref().map(|_| number % 2 == 1))
                    && is(search.actor.as_deref().map(|actor| match actor {
                        "ann" => number % 3 == 0,
                        _ => number % 3 == 1,
                    }))
                    && is(search.action.map(|_| number % 4 == 1))
                    && is(search.from.map(|_| *number >= 6))
                    && is(search.before.map(|_| *number < 20))
            })
            .map(|number| number + 1)
            .collect();
        // Page after page of two, each from below the last.
        let (mut found, mut below) = (Vec::new(), None);
        loop {
            let page = bench.store.audit_found(&search, below, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            below = Some(last.number);
            found.extend(page.iter().map(|entry| entry.number));
        }
        assert_eq!(found, expected, "{search:?}");
    }
}

async fn clocks_that_differ_put_no_entry_on_two_pages(bench: &Bench) {
    for (number, second) in [5, 9, 5, 1, 9].into_iter().enumerate() {
        let deed = Deed {
            id: format!("deed-{number}"),
            at: at(second),
            ..deed(Action::KeyAdded, "acme")
        };
        bench.store.audit(&deed).await.unwrap();
    }
    let all = AuditSearch::default();
    let (mut found, mut below) = (Vec::new(), None);
    while let Some(entry) = bench.store.audit_found(&all, below, 1).await.unwrap().pop() {
        found.push(entry.number);
        below = Some(entry.number);
    }
    assert_eq!(found, [5, 2, 3, 1, 4], "by time, then by number");
}

async fn each_search_of_the_log_has_its_index(bench: &Bench) {
    fill(bench).await;
    for (search, index) in searches() {
        for below in [None, Some((at(9).as_microsecond(), 9))] {
            let asked = search.clone();
            let plan = bench.store.read(move |db| match db {
                Db::Sqlite(c) => {
                    let query = found_sqlite(&asked, below, 26);
                    let text = debug_query::<Sqlite, _>(&query).to_string();
                    let (sql, _) = text.split_once(" -- binds").unwrap();
                    let explain = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"));
                    let rows = explain.load::<PlanRow>(c)?;
                    Ok(rows.into_iter().map(|row| row.detail).collect())
                }
                Db::Pg(c) => {
                    let sql = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off";
                    diesel::connection::SimpleConnection::batch_execute(&mut **c, sql)?;
                    Explained(found_pg(&asked, below, 26)).load::<String>(&mut **c)
                }
            });
            let rows: Vec<String> = plan.await.unwrap();
            let plan = rows.join("; ");
            assert!(plan.contains(index), "{search:?}: {plan}");
            assert!(!plan.contains("Sort"), "{search:?}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{search:?}: {plan}");
        }
    }
}
