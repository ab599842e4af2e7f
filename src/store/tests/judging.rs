//! Claims: counted before the octets are handed out, leased, given back, held.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use diesel::prelude::*;

use crate::domain::audit::Action;
use crate::domain::submission::{Lane, Status, SubmissionNumber};
use crate::store::connection::each;
use crate::store::schema::documents;
use crate::store::tests::bench::{
    Bench, LEASE, arrival, at, deed, digest, facts, filing, new_arrival, on_both_engines,
};
use crate::store::{Filed, Work};

on_both_engines!(
    a_claim_counts_the_attempt_and_keeps_others_away,
    a_lease_that_ran_out_is_claimed_again,
    what_was_begun_too_often_is_held_once_and_never_claimed_again,
    a_held_submission_can_be_sent_through_again,
    a_damaged_document_is_held_and_the_others_go_on,
    claimers_side_by_side_never_get_the_same_submission,
    the_unfinished_are_counted_without_the_held,
);

async fn claim(bench: &Bench, seconds: i64) -> Work {
    let work = bench
        .store
        .claim(10, "node", at(seconds), at(seconds) + LEASE, 3);
    work.await.unwrap()
}

async fn a_claim_counts_the_attempt_and_keeps_others_away(bench: &Bench) {
    let account = bench.account("acme").await;
    let (one, two) = (arrival(account.id, "1.xml"), arrival(account.id, "2.xml"));
    let first = bench.arrive(one.clone()).await;
    bench.arrive(two.clone()).await;
    let work = claim(bench, 10).await;
    assert_eq!(work.claimed.len(), 2);
    assert_eq!(work.claimed[0].submission.id, first, "oldest first");
    assert_eq!(work.claimed[0].octets, one.octets);
    assert_eq!(work.claimed[1].octets, two.octets);
    let submission = &work.claimed[0].submission;
    assert_eq!(
        (submission.attempts, submission.status),
        (1, Status::Processing)
    );
    assert!(claim(bench, 11).await.claimed.is_empty());
}

async fn a_lease_that_ran_out_is_claimed_again(bench: &Bench) {
    let account = bench.account("acme").await;
    bench.arrive(arrival(account.id, "a.xml")).await;
    assert_eq!(claim(bench, 0).await.claimed.len(), 1);
    assert_eq!(claim(bench, 59).await.claimed.len(), 0);
    let again = claim(bench, 61).await;
    assert_eq!(again.claimed[0].submission.attempts, 2);
}

async fn what_was_begun_too_often_is_held_once_and_never_claimed_again(bench: &Bench) {
    let account = bench.account("acme").await;
    let new = new_arrival(arrival(account.id, "a.xml"));
    bench.store.arrive(new.clone()).await.unwrap();
    for attempt in 1..=3 {
        let work = claim(bench, i64::from(attempt) * 100).await;
        assert_eq!(work.claimed[0].submission.attempts, attempt);
        assert!(work.held.is_empty());
    }
    let work = claim(bench, 400).await;
    assert!(work.claimed.is_empty());
    assert_eq!(work.held.len(), 1);
    assert!(work.held[0].is_held);
    let work = claim(bench, 500).await;
    assert!(work.claimed.is_empty() && work.held.is_empty());
    let detail = bench.store.submission(&new.number, None).await.unwrap();
    let detail = detail.unwrap();
    assert_eq!(detail.row.submission.status, Status::Failed);
    assert!(detail.held_why.unwrap().contains("begun 3 times"));
}

async fn retried(bench: &Bench, number: &SubmissionNumber) -> bool {
    let deed = deed(Action::SubmissionRetried, number.as_str());
    bench.store.retry_submission(number, &deed).await.unwrap()
}

async fn a_held_submission_can_be_sent_through_again(bench: &Bench) {
    let account = bench.account("acme").await;
    let new = new_arrival(arrival(account.id, "a.xml"));
    bench.store.arrive(new.clone()).await.unwrap();
    assert!(!retried(bench, &new.number).await);
    let id = claim(bench, 0).await.claimed[0].submission.id;
    bench.store.hold(id, "disk on fire").await.unwrap();
    assert!(claim(bench, 100).await.claimed.is_empty());
    assert!(retried(bench, &new.number).await);
    let work = claim(bench, 101).await;
    assert_eq!(work.claimed[0].submission.attempts, 1);
    bench.store.hold(id, "again").await.unwrap();
    let filing = filing(id, account.id, facts("VIN1"), true);
    let filed = bench.store.file(Arc::new(filing)).await.unwrap();
    assert_eq!(filed, Filed::Done, "an operator may end a held one");
    assert!(!retried(bench, &new.number).await);
}

async fn a_damaged_document_is_held_and_the_others_go_on(bench: &Bench) {
    let account = bench.account("acme").await;
    let (good, bad) = (arrival(account.id, "1.xml"), arrival(account.id, "2.xml"));
    bench.arrive(bad.clone()).await;
    let good = bench.arrive(good).await;
    let damaged = digest(&bad.octets).to_string();
    let flipped = bench.store.write(move |db| {
        each!(db, c => diesel::update(documents::table.find(&damaged))
            .set(documents::octets.eq(vec![1_u8, 2, 3]))
            .execute(c))
    });
    assert_eq!(flipped.await.unwrap(), 1);
    let work = claim(bench, 0).await;
    assert_eq!(work.claimed.len(), 1);
    assert_eq!(work.claimed[0].submission.id, good);
    assert!(work.held[0].is_held);
    assert!(bench.store.document(&digest(&bad.octets)).await.is_err());
}

async fn claimers_side_by_side_never_get_the_same_submission(bench: &Bench) {
    let account = bench.account("acme").await;
    for number in 0..40 {
        bench
            .arrive(arrival(account.id, &format!("{number}.xml")))
            .await;
    }
    let other = bench.another().await;
    let claimed = Arc::new(Mutex::new(Vec::new()));
    let claimers = bench.tasks.sibling();
    for number in 0..16 {
        let store = [&bench.store, &other][number % 2].clone();
        let claimed = Arc::clone(&claimed);
        claimers.spawn("claimer", async move {
            loop {
                let work = store.claim(3, "node", at(0), at(0) + LEASE, 3).await;
                let claims = work.unwrap().claimed;
                if claims.is_empty() {
                    return;
                }
                let ids = claims.iter().map(|claim| claim.submission.id);
                claimed.lock().unwrap().extend(ids);
            }
        });
    }
    claimers.ended().await;
    let claimed = claimed.lock().unwrap();
    let different: HashSet<_> = claimed.iter().collect();
    assert_eq!((claimed.len(), different.len()), (40, 40));
}

async fn the_unfinished_are_counted_without_the_held(bench: &Bench) {
    let account = bench.account("acme").await;
    assert_eq!(bench.store.unfinished().await.unwrap(), (0, None));
    let mut held = arrival(account.id, "1.xml");
    held.complete = at(-100);
    let held = bench.arrive(held).await;
    bench.store.hold(held, "why").await.unwrap();
    let mut test_lane = arrival(account.id, "2.xml");
    (test_lane.lane, test_lane.complete) = (Lane::Test, at(5));
    bench.arrive(test_lane).await;
    bench.decided(account.id, facts("VIN1"), true).await;
    assert_eq!(bench.store.unfinished().await.unwrap(), (1, Some(at(5))));
}
