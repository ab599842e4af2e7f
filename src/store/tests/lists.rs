//! Lists and details: what a filter lets through, in which order, and for whom.

use crate::domain::account::AccountId;
use crate::domain::outcome::Outcome;
use crate::domain::record::Facts;
use crate::domain::submission::{Door, SubmissionNumber};
use crate::store::tests::bench::{Bench, arrival, at, facts, filing, new_arrival, on_both_engines};
use crate::store::{Filter, Sort, Store};

on_both_engines!(
    the_star_stands_for_any_run_of_characters,
    what_like_would_treat_as_a_wildcard_is_meant_literally,
    failed_ones_are_listed_with_the_held,
    the_list_is_sorted_and_paged,
    another_accounts_submission_does_not_exist,
    every_filter_lets_through_what_it_says,
);

pub(super) const ALL: Filter = Filter {
    account: None,
    vin: None,
    failed_only: false,
    held_only: false,
    outcome: None,
    door: None,
    stage: None,
    approval: None,
    file_name: None,
    user: None,
    from: None,
    before: None,
    sort: Sort::Created,
    is_descending: false,
    offset: 0,
    limit: 50,
};

async fn vins(store: &Store, filter: &Filter) -> Vec<String> {
    let page = store.submissions(filter).await.unwrap();
    let vins: Vec<String> = page
        .rows
        .into_iter()
        .map(|row| row.facts.vin.unwrap_or_default())
        .collect();
    if filter.offset == 0 && filter.limit >= 50 {
        assert_eq!(page.total, vins.len() as u64);
    }
    vins
}

fn searching(vin: &str) -> Filter {
    Filter {
        vin: Some(vin.to_owned()),
        sort: Sort::Vin,
        ..ALL
    }
}

async fn the_star_stands_for_any_run_of_characters(bench: &Bench) {
    let account = bench.account("acme").await;
    for vin in ["STZ11P782332", "STZ22P782332", "STY33P782331", "XTZ"] {
        bench.decided(account.id, facts(vin), true).await;
    }
    bench.arrive(arrival(account.id, "undecided.xml")).await;
    let found = async |typed: &str| vins(&bench.store, &searching(typed)).await;
    assert_eq!(found("*P782332").await, ["STZ11P782332", "STZ22P782332"]);
    assert_eq!(found("stz*").await, ["STZ11P782332", "STZ22P782332"]);
    assert_eq!(found("ST*2331").await, ["STY33P782331"]);
    assert_eq!(found("*33P*").await, ["STY33P782331"]);
    assert_eq!(found(" xtz ").await, ["XTZ"]);
    assert_eq!(found("STZ").await, Vec::<String>::new());
    assert_eq!(found("*").await.len(), 5);
    assert_eq!(found("").await.len(), 5);
}

async fn what_like_would_treat_as_a_wildcard_is_meant_literally(bench: &Bench) {
    let account = bench.account("acme").await;
    for vin in ["A%C", "A_C", "A\\C", "ABC", "a*c"] {
        bench.decided(account.id, facts(vin), false).await;
    }
    let found = async |typed: &str| vins(&bench.store, &searching(typed)).await;
    assert_eq!(found("*a%*").await, ["A%C"]);
    assert_eq!(found("*_*").await, ["A_C"]);
    assert_eq!(found("*\\*").await, ["A\\C"]);
    assert_eq!(found("A%C").await, ["A%C"]);
    assert_eq!(found("a_*").await, ["A_C"]);
    assert_eq!(found("'; DROP TABLE submissions; --").await.len(), 0);
    assert_eq!(found("*").await.len(), 5);
}

async fn failed_ones_are_listed_with_the_held(bench: &Bench) {
    let account = bench.account("acme").await;
    bench.decided(account.id, facts("GOOD"), true).await;
    bench.decided(account.id, facts("BAD"), false).await;
    bench.arrive(arrival(account.id, "waits.xml")).await;
    let held = bench.arrive(arrival(account.id, "held.xml")).await;
    bench.store.hold(held, "why").await.unwrap();
    let failed = Filter {
        failed_only: true,
        ..ALL
    };
    assert_eq!(vins(&bench.store, &failed).await, ["BAD", ""]);
    let only_held = Filter {
        held_only: true,
        ..ALL
    };
    let page = bench.store.submissions(&only_held).await.unwrap();
    assert_eq!((page.total, page.rows[0].submission.id), (1, held));
}

async fn the_list_is_sorted_and_paged(bench: &Bench) {
    let accounts = [bench.account("zeta").await, bench.account("alpha").await];
    for (number, vin) in ["C", "A", "B"].into_iter().enumerate() {
        let account = accounts[number % 2].id;
        let mut file = arrival(account, "a.xml");
        file.complete = at(number.try_into().unwrap());
        let id = bench.arrive(file).await;
        let mut facts = facts(vin);
        facts.ivi_version_number = Some(10 - u32::try_from(number).unwrap());
        let filing = filing(id, account, facts, true);
        bench.store.file(std::sync::Arc::new(filing)).await.unwrap();
    }
    let mut unreadable = arrival(accounts[0].id, "a.xml");
    unreadable.complete = at(3);
    let id = bench.arrive(unreadable).await;
    let none = filing(id, accounts[0].id, Facts::default(), false);
    bench.store.file(std::sync::Arc::new(none)).await.unwrap();

    let sorted = async |sort, is_descending| {
        let filter = Filter {
            sort,
            is_descending,
            ..ALL
        };
        vins(&bench.store, &filter).await.join(",")
    };
    assert_eq!(sorted(Sort::Created, false).await, "C,A,B,");
    assert_eq!(sorted(Sort::Created, true).await, ",B,A,C");
    assert_eq!(sorted(Sort::Vin, false).await, ",A,B,C");
    assert_eq!(sorted(Sort::Vin, true).await, "C,B,A,");
    assert_eq!(sorted(Sort::IviVersion, false).await, ",B,A,C");
    assert_eq!(sorted(Sort::IviVersion, true).await, "C,A,B,");
    assert_eq!(sorted(Sort::Account, false).await, "A,,B,C");
    assert_eq!(sorted(Sort::Account, true).await, ",B,C,A");
    assert_eq!(sorted(Sort::Status, false).await, ",B,A,C");
    for sort in [Sort::TypeApproval, Sort::Stage, Sort::Category] {
        assert_eq!(sorted(sort, false).await, ",B,A,C", "{sort:?}");
        assert_eq!(sorted(sort, true).await, "B,A,C,", "{sort:?}");
    }
    let second_page = Filter {
        offset: 2,
        limit: 1,
        ..ALL
    };
    let page = bench.store.submissions(&second_page).await.unwrap();
    assert_eq!((page.total, page.rows.len()), (4, 1));
    assert_eq!(page.rows[0].facts.vin.as_deref(), Some("B"));
}

async fn another_accounts_submission_does_not_exist(bench: &Bench) {
    let (one, two) = (bench.account("one").await, bench.account("two").await);
    let new = new_arrival(arrival(one.id, "a.xml"));
    bench.store.arrive(new.clone()).await.unwrap();
    bench.decided(one.id, facts("STZ1"), false).await;
    let seen_by = async |account: Option<AccountId>| {
        let detail = bench.store.submission(&new.number, account).await.unwrap();
        let mut filter = searching("*");
        filter.account = account;
        let page = bench.store.submissions(&filter).await.unwrap();
        (detail.is_some(), page.total, page.rows.len())
    };
    assert_eq!(seen_by(Some(one.id)).await, (true, 2, 2));
    assert_eq!(seen_by(Some(two.id)).await, (false, 0, 0));
    assert_eq!(seen_by(None).await, (true, 2, 2));
    let nobody = SubmissionNumber::new("SUB-22222222").unwrap();
    assert!(
        bench
            .store
            .submission(&nobody, None)
            .await
            .unwrap()
            .is_none()
    );
}

#[expect(
    clippy::too_many_lines,
    reason = "one filter after the other on one table"
)]
async fn every_filter_lets_through_what_it_says(bench: &Bench) {
    let acme = bench.account("acme").await.id;
    let mut one = arrival(acme, "first b.xml");
    (one.door, one.complete) = (Door::Web, at(100));
    let one = bench.arrive(one).await;
    let mut facts = facts("STZ1");
    facts.manufacturer_stage_number = Some(2);
    let filed = filing(one, acme, facts, false);
    bench.store.file(std::sync::Arc::new(filed)).await.unwrap();
    let mut two = arrival(acme, "second.xml");
    two.complete = at(200);
    bench.arrive(two).await;
    let found = async |filter: Filter| {
        let page = bench.store.submissions(&filter).await.unwrap();
        let rows = page.rows.iter().map(|row| row.submission.file_name.clone());
        rows.collect::<Vec<_>>().join(",")
    };
    let first = "first b.xml";
    for account in [None, Some(acme)] {
        let base = Filter { account, ..ALL };
        let filters = [
            Filter {
                outcome: Some(Outcome::Rejected),
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
                approval: Some("g11*2018/858*00083*17".to_owned()),
                ..base.clone()
            },
            Filter {
                file_name: Some("first ".to_owned()),
                ..base.clone()
            },
            Filter {
                before: Some(at(200)),
                ..base.clone()
            },
            Filter {
                from: Some(at(100)),
                before: Some(at(101)),
                ..base.clone()
            },
            Filter {
                vin: Some("*TZ1".to_owned()),
                door: Some(Door::Web),
                failed_only: true,
                outcome: Some(Outcome::Rejected),
                stage: Some(2),
                from: Some(at(1)),
                file_name: Some("f".to_owned()),
                ..base.clone()
            },
        ];
        for filter in filters {
            assert_eq!(found(filter.clone()).await, first, "{filter:?}");
        }
        let none = [
            Filter {
                outcome: Some(Outcome::Accepted),
                ..base.clone()
            },
            Filter {
                door: Some(Door::Folder),
                ..base.clone()
            },
            Filter {
                file_name: Some("%".to_owned()),
                ..base.clone()
            },
            Filter {
                from: Some(at(201)),
                ..base.clone()
            },
            Filter {
                user: Some(crate::domain::account::UserId(1)),
                ..base.clone()
            },
            Filter {
                vin: Some("*TZ1".to_owned()),
                door: Some(Door::Folder),
                ..base.clone()
            },
        ];
        for filter in none {
            assert_eq!(found(filter.clone()).await, "", "{filter:?}");
        }
    }
    let rows = bench.store.first_submissions(&ALL, 1).await.unwrap();
    assert_eq!(rows.len(), 1);
}
