//! Arrivals: numbers, octets, drops, and the second run after a commit in doubt.

use std::sync::Arc;

use crate::domain::submission::{Status, SubmissionNumber};
use crate::runtime;
use crate::store::tests::bench::{Bench, arrival, digest, mark, new_arrival, on_both_engines};
use crate::store::{Arrived, NewArrival};

on_both_engines!(
    an_arrival_is_there_with_its_octets_after_the_store_is_opened_again,
    a_number_that_was_drawn_before_is_refused,
    the_second_run_of_an_arrival_finds_its_own_row,
    a_file_taken_before_under_another_number_keeps_that_number,
    a_new_file_under_an_old_path_takes_its_place,
    a_forgotten_drop_is_gone,
    the_same_octets_are_kept_once_and_submitted_twice,
    large_and_empty_files_come_back_as_they_came,
    many_arrivals_at_once_are_all_taken,
);

async fn an_arrival_is_there_with_its_octets_after_the_store_is_opened_again(bench: &Bench) {
    let account = bench.account("acme").await;
    let new = new_arrival(arrival(account.id, "a.xml"));
    bench.store.arrive(new.clone()).await.unwrap();
    bench.store.close().await;
    let store = bench.another().await;
    let detail = store.submission(&new.number, None).await.unwrap().unwrap();
    let submission = detail.row.submission;
    assert_eq!(submission.status, Status::Received);
    assert_eq!(submission.account, account.id);
    assert_eq!(submission.path, "/inbox/a.xml");
    assert_eq!(submission.submitted_by, "drop folder");
    assert_eq!(submission.session, new.arrival.session);
    let octets = store.document(&submission.sha256).await.unwrap().unwrap();
    assert_eq!(octets, new.arrival.octets);
    store.close().await;
}

async fn a_number_that_was_drawn_before_is_refused(bench: &Bench) {
    let account = bench.account("acme").await;
    let first = new_arrival(arrival(account.id, "a.xml"));
    let second = NewArrival {
        number: first.number.clone(),
        ..new_arrival(arrival(account.id, "b.xml"))
    };
    bench.store.arrive(first).await.unwrap();
    assert_eq!(
        bench.store.arrive(second).await.unwrap(),
        Arrived::NumberTaken
    );
}

async fn the_second_run_of_an_arrival_finds_its_own_row(bench: &Bench) {
    let account = bench.account("acme").await;
    for with_mark in [false, true] {
        let mut arrival = arrival(account.id, "a.xml");
        arrival.mark = with_mark.then(|| mark(1));
        let new = new_arrival(arrival);
        let first = bench.store.arrive(new.clone()).await.unwrap();
        assert!(matches!(first, Arrived::Taken(_)));
        assert_eq!(bench.store.arrive(new).await.unwrap(), first);
    }
}

async fn a_file_taken_before_under_another_number_keeps_that_number(bench: &Bench) {
    let account = bench.account("acme").await;
    let mut file = arrival(account.id, "a.xml");
    file.mark = Some(mark(1));
    let first = new_arrival(file.clone());
    let Arrived::Taken(id) = bench.store.arrive(first.clone()).await.unwrap() else {
        panic!("not taken");
    };
    let again = bench.store.arrive(new_arrival(file.clone())).await.unwrap();
    assert_eq!(again, Arrived::Before(id, first.number));
    file.mark = Some(mark(2));
    let touched = bench.store.arrive(new_arrival(file)).await.unwrap();
    assert!(matches!(touched, Arrived::Taken(other) if other != id));
}

async fn a_new_file_under_an_old_path_takes_its_place(bench: &Bench) {
    let account = bench.account("acme").await;
    let mut last = None;
    for inode in [7, u64::MAX] {
        let mut file = arrival(account.id, "a.xml");
        file.mark = Some(mark(inode));
        last = Some((digest(&file.octets), bench.arrive(file).await));
    }
    let drops = bench.store.drops().await.unwrap();
    let (sha256, id) = last.unwrap();
    assert_eq!(drops.len(), 1);
    assert_eq!(drops[0].mark, mark(u64::MAX));
    assert_eq!((&drops[0].sha256, drops[0].submission), (&sha256, id));
    bench
        .store
        .remark_drop(account.id, "/inbox/a.xml", mark(8))
        .await
        .unwrap();
    assert_eq!(bench.store.drops().await.unwrap()[0].mark, mark(8));
}

async fn a_forgotten_drop_is_gone(bench: &Bench) {
    let (one, two) = (bench.account("one").await, bench.account("two").await);
    for account in [&one, &two] {
        let mut file = arrival(account.id, "a.xml");
        file.mark = Some(mark(1));
        bench.arrive(file).await;
    }
    let drops = bench.store.drops().await.unwrap();
    for (submission, left) in [(drops[1].submission, 2), (drops[0].submission, 1)] {
        let forgetting = bench.store.forget_drop(one.id, "/inbox/a.xml", submission);
        forgetting.await.unwrap();
        // Only the note of this very arrival: a newer one may have come meanwhile.
        assert_eq!(bench.store.drops().await.unwrap().len(), left);
    }
    let drops = bench.store.drops().await.unwrap();
    assert_eq!(drops.len(), 1);
    assert_eq!(drops[0].account, two.id);
}

async fn the_same_octets_are_kept_once_and_submitted_twice(bench: &Bench) {
    let account = bench.account("acme").await;
    let file = arrival(account.id, "a.xml");
    let one = bench.arrive(file.clone()).await;
    let two = bench.arrive(file.clone()).await;
    assert_ne!(one, two);
    let octets = bench.store.document(&digest(&file.octets)).await.unwrap();
    assert_eq!(octets, Some(file.octets));
    assert_eq!(bench.store.document(&digest(b"never")).await.unwrap(), None);
}

async fn large_and_empty_files_come_back_as_they_came(bench: &Bench) {
    let account = bench.account("acme").await;
    let random: Vec<u8> = (0..40_000).flat_map(|_| runtime::random::<8>()).collect();
    for octets in [Vec::new(), vec![0; 1 << 20], random] {
        let mut file = arrival(account.id, "a.xml");
        file.octets = octets;
        bench.arrive(file.clone()).await;
        let kept = bench.store.document(&digest(&file.octets)).await.unwrap();
        assert!(kept.unwrap() == file.octets, "{} octets", file.octets.len());
    }
}

async fn many_arrivals_at_once_are_all_taken(bench: &Bench) {
    let account = bench.account("acme").await;
    let taken = Arc::new(std::sync::Mutex::new(Vec::new()));
    let callers = bench.tasks.sibling();
    for number in 0..200 {
        let (store, taken) = (bench.store.clone(), Arc::clone(&taken));
        let new = new_arrival(arrival(account.id, &format!("{number}.xml")));
        callers.spawn("caller", async move {
            let number: SubmissionNumber = new.number.clone();
            let arrived = store.arrive(new).await.unwrap();
            taken.lock().unwrap().push((number, arrived));
        });
    }
    callers.ended().await;
    let taken = std::mem::take(&mut *taken.lock().unwrap());
    assert_eq!(taken.len(), 200);
    for (number, arrived) in taken {
        let detail = bench.store.submission(&number, None).await.unwrap();
        assert_eq!(Arrived::Taken(detail.unwrap().row.submission.id), arrived);
    }
}
