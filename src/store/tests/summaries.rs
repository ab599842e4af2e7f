//! Daily summaries: a second reader of the notices, with a mark of its own.

use crate::store::tests::bench::{Bench, at, facts, on_both_engines};

on_both_engines!(
    a_summary_gathers_what_was_decided_before_it_whatever_windows_told,
    a_summary_closes_once_and_leaves_the_window_open,
);

async fn a_summary_gathers_what_was_decided_before_it_whatever_windows_told(bench: &Bench) {
    let (one, two) = (bench.account("one").await, bench.account("two").await);
    bench.decided(one.id, facts("STZ1"), true).await;
    bench.decided(two.id, facts("STZ2"), false).await;
    // They are decided at second 2.
    assert!(
        bench
            .store
            .waiting_summaries(at(2))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(bench.store.summary(one.id, at(2)).await.unwrap().is_none());
    let waiting = bench.store.waiting_summaries(at(3)).await.unwrap();
    assert_eq!(waiting, [one.id, two.id]);
    let window = bench.store.window(two.id).await.unwrap().unwrap();
    let ids: Vec<_> = window.notices.iter().map(|notice| notice.id).collect();
    bench.store.close_window(&ids, &[], at(4)).await.unwrap();
    let day = bench.store.summary(two.id, at(3)).await.unwrap().unwrap();
    assert_eq!(day.account, two);
    assert_eq!(day.notices, window.notices);
}

async fn a_summary_closes_once_and_leaves_the_window_open(bench: &Bench) {
    let one = bench.account("one").await;
    bench.decided(one.id, facts("STZ1"), false).await;
    let day = bench.store.summary(one.id, at(3)).await.unwrap().unwrap();
    let ids: Vec<_> = day.notices.iter().map(|notice| notice.id).collect();
    for _ in 0..2 {
        bench.store.close_summary(&ids, &[], at(4)).await.unwrap();
    }
    assert!(
        bench
            .store
            .waiting_summaries(at(9))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(bench.store.summary(one.id, at(9)).await.unwrap().is_none());
    assert_eq!(
        bench.store.window(one.id).await.unwrap().unwrap().notices,
        day.notices
    );
}
