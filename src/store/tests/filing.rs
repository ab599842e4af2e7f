//! Filing: one record a key, one verdict a submission, and what goes with it in one transaction.

use std::sync::{Arc, Mutex};

use crate::domain::outcome::{Outcome, Severity};
use crate::domain::record::Facts;
use crate::domain::submission::{Lane, Status};
use crate::store::tests::bench::{
    Bench, arrival, at, facts, filing, mark, new_arrival, on_both_engines,
};
use crate::store::{Filed, LeftOver, StoreFault};

on_both_engines!(
    of_fifty_at_once_with_one_key_exactly_one_is_recorded,
    a_submission_is_filed_once,
    the_test_lane_makes_no_record,
    a_rejected_document_makes_no_record,
    everything_of_a_verdict_can_be_looked_up,
    an_acceptance_without_a_key_is_refused_and_changes_nothing,
    a_receipt_waits_until_it_is_answered,
    left_over_receipts_are_found_page_by_page_and_not_those_in_hand,
    a_submission_is_overtaken_by_a_later_one_of_its_path,
    the_background_tells_of_versions_stages_and_references,
);

async fn of_fifty_at_once_with_one_key_exactly_one_is_recorded(bench: &Bench) {
    let accounts = [bench.account("one").await, bench.account("two").await];
    let other = bench.another().await;
    let came = Arc::new(Mutex::new(Vec::new()));
    let filers = bench.tasks.sibling();
    for number in 0..50 {
        let account = accounts[number % 2].id;
        let id = bench.arrive(arrival(account, "a.xml")).await;
        let filing = Arc::new(filing(id, account, facts("STZ1"), true));
        let store = [&bench.store, &other][number % 2].clone();
        let came = Arc::clone(&came);
        filers.spawn("filer", async move {
            let filed = store.file(filing).await.unwrap();
            came.lock().unwrap().push((id, filed));
        });
    }
    filers.ended().await;
    let came = std::mem::take(&mut *came.lock().unwrap());
    let winners: Vec<_> = came
        .iter()
        .filter(|(_, filed)| *filed == Filed::Done)
        .map(|(id, _)| *id)
        .collect();
    assert_eq!((came.len(), winners.len()), (50, 1));
    for (id, filed) in &came {
        match filed {
            Filed::Done => {}
            Filed::DuplicateOf(holder) => {
                assert_eq!(holder.submission, winners[0]);
                assert_ne!(holder.submission, *id);
            }
            Filed::Already => panic!("{id} was not filed before"),
        }
    }
    let (unfinished, _) = bench.store.unfinished().await.unwrap();
    assert_eq!(
        unfinished, 49,
        "duplicates are decided again by the pipeline"
    );
}

async fn a_submission_is_filed_once(bench: &Bench) {
    let account = bench.account("acme").await;
    let id = bench.arrive(arrival(account.id, "a.xml")).await;
    let first = Arc::new(filing(id, account.id, facts("STZ1"), true));
    let second = Arc::new(filing(id, account.id, facts("STZ2"), false));
    let file = |filing: &Arc<_>| bench.store.file(Arc::clone(filing));
    assert_eq!(file(&first).await.unwrap(), Filed::Done);
    assert_eq!(file(&second).await.unwrap(), Filed::Already);
    // A second run, after a commit in doubt.
    assert_eq!(file(&first).await.unwrap(), Filed::Done);
    let window = bench.store.window(account.id).await.unwrap().unwrap();
    assert_eq!(window.notices.len(), 1);
}

async fn the_test_lane_makes_no_record(bench: &Bench) {
    let account = bench.account("acme").await;
    let mut file = arrival(account.id, "a.xml");
    file.lane = Lane::Test;
    let id = bench.arrive(file).await;
    let mut test = filing(id, account.id, facts("STZ1"), true);
    test.has_notice = false;
    assert_eq!(bench.store.file(Arc::new(test)).await.unwrap(), Filed::Done);
    let background = bench.store.background(account.id, &facts("STZ1")).await;
    assert_eq!(background.unwrap().holder, None);
    assert!(bench.store.waiting_windows().await.unwrap().is_empty());
}

async fn a_rejected_document_makes_no_record(bench: &Bench) {
    let account = bench.account("acme").await;
    bench.decided(account.id, facts("STZ1"), false).await;
    let id = bench.decided(account.id, facts("STZ1"), true).await;
    let background = bench.store.background(account.id, &facts("STZ1")).await;
    let holder = background.unwrap().holder.unwrap();
    assert_eq!(holder.submission, id);
    assert_eq!(holder.account, account.id);
    assert_eq!(holder.decided, at(2));
}

async fn everything_of_a_verdict_can_be_looked_up(bench: &Bench) {
    let account = bench.account("acme").await;
    let new = new_arrival(arrival(account.id, "a.xml"));
    bench.store.arrive(new.clone()).await.unwrap();
    let before = bench.store.submission(&new.number, None).await.unwrap();
    let before = before.unwrap();
    assert_eq!((before.receipt, before.row.outcome), (None, None));
    let mut rejected = filing(before.row.submission.id, account.id, facts("STZ1"), false);
    rejected.verdict.counts.warnings = 250;
    rejected.verdict.counts.is_truncated = true;
    bench.store.file(Arc::new(rejected.clone())).await.unwrap();
    let detail = bench.store.submission(&new.number, None).await.unwrap();
    let detail = detail.unwrap();
    assert_eq!(detail.findings_left_out, 250);
    assert_eq!(detail.row.facts, rejected.facts);
    assert_eq!(detail.row.outcome, Some(Outcome::Rejected));
    assert_eq!(detail.row.title.as_deref(), Some("Invalid xml"));
    assert_eq!(detail.row.submission.status, Status::Failed);
    assert!(!detail.row.submission.is_held);
    assert_eq!(detail.row.submission.decided, Some(at(2)));
    assert_eq!(detail.reason.as_deref(), Some("S03"));
    assert_eq!(detail.message.as_deref(), Some("It does not fit."));
    assert_eq!(detail.receipt.as_deref(), Some("{}\n"));
    let finding = &detail.findings[0];
    assert_eq!(finding.code, "S03-pattern");
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(finding.place, Some((7, 9)));
    assert_eq!(
        finding.value.as_deref(),
        Some("x\u{fffd}y"),
        "NUL cannot be kept"
    );
    assert_eq!(finding.expected, None);
}

async fn an_acceptance_without_a_key_is_refused_and_changes_nothing(bench: &Bench) {
    let account = bench.account("acme").await;
    let id = bench.arrive(arrival(account.id, "a.xml")).await;
    let mut without = facts("STZ1");
    without.manufacturer_stage_number = None;
    let filed = bench
        .store
        .file(Arc::new(filing(id, account.id, without, true)))
        .await;
    assert!(matches!(filed, Err(StoreFault::Broken(_))), "{filed:?}");
    assert_eq!(bench.store.unfinished().await.unwrap().0, 1);
    assert!(
        bench
            .store
            .unanswered(LeftOver::first(10))
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_receipt_waits_until_it_is_answered(bench: &Bench) {
    let account = bench.account("acme").await;
    let mut ids = Vec::new();
    for (vin, mark) in [("STZ1", Some(mark(1))), ("STZ2", None)] {
        let mut file = arrival(account.id, "a.xml");
        file.mark = mark;
        let id = bench.arrive(file).await;
        let filing = filing(id, account.id, facts(vin), true);
        bench.store.file(Arc::new(filing)).await.unwrap();
        ids.push(id);
    }
    let waiting = bench.store.unanswered(LeftOver::first(10)).await.unwrap();
    let seen: Vec<_> = waiting
        .iter()
        .map(|answer| (answer.submission, answer.has_drop))
        .collect();
    assert_eq!(seen, [(ids[0], true), (ids[1], false)]);
    assert_eq!(waiting[0].account_code, account.code);
    assert_eq!(waiting[0].path, "/inbox/a.xml");
    assert_eq!(waiting[0].receipt, "{}\n");
    assert_eq!(waiting[0].decided, at(2));
    assert_eq!(
        bench
            .store
            .unanswered(LeftOver::first(1))
            .await
            .unwrap()
            .len(),
        1
    );
    bench.store.answered(&ids[..1], at(9)).await.unwrap();
    let number = waiting[0].number.clone();
    assert_eq!(
        bench.store.unanswered(LeftOver::first(10)).await.unwrap(),
        waiting[1..]
    );
    let detail = bench.store.submission(&number, None).await.unwrap();
    assert_eq!(detail.unwrap().answered, Some(at(9)));
}

async fn left_over_receipts_are_found_page_by_page_and_not_those_in_hand(bench: &Bench) {
    let (one, two) = (bench.account("one").await, bench.account("two").await);
    let mut ids = Vec::new();
    // The last was decided by a clock that was a year ahead.
    for (number, decided) in [(1, 2), (2, 100), (3, 5), (4, 31_000_000)] {
        let account = if number == 3 { &two } else { &one };
        let id = bench.arrive(arrival(account.id, "a.xml")).await;
        let mut filing = filing(id, account.id, facts(&format!("STZ{number}")), true);
        filing.decided = at(decided);
        bench.store.file(Arc::new(filing)).await.unwrap();
        ids.push(id);
    }
    let found = async |wanted| {
        let answers = bench.store.unanswered(wanted).await.unwrap();
        let submissions = answers.into_iter().map(|answer| answer.submission);
        submissions.collect::<Vec<_>>()
    };
    let old = LeftOver {
        in_hand: Some((at(90), at(110))),
        ..LeftOver::first(2)
    };
    assert_eq!(found(old.clone()).await, [ids[0], ids[2]]);
    let next = LeftOver {
        after: Some(ids[2]),
        ..old.clone()
    };
    assert_eq!(found(next).await, [ids[3]]);
    let others = LeftOver {
        except: vec![one.code],
        ..old
    };
    assert_eq!(found(others).await, [ids[2]]);
    assert_eq!(found(LeftOver::first(10)).await, ids);
}

async fn a_submission_is_overtaken_by_a_later_one_of_its_path(bench: &Bench) {
    let account = bench.account("acme").await;
    let mut ids = Vec::new();
    for (name, inode) in [("a.xml", 1), ("b.xml", 2), ("a.xml", 3)] {
        let mut file = arrival(account.id, name);
        file.mark = Some(mark(inode));
        ids.push(bench.arrive(file).await);
    }
    let overtaken = bench.store.overtaken(&ids).await.unwrap();
    assert_eq!(overtaken, [ids[0]]);
}

async fn the_background_tells_of_versions_stages_and_references(bench: &Bench) {
    let (one, two) = (bench.account("one").await, bench.account("two").await);
    let version = |number: u32| {
        let mut facts = facts("STZ1");
        facts.ivi_version_number = Some(number);
        facts.type_approval_number = Some(format!("approval {number}"));
        facts
    };
    bench.decided(one.id, version(1), true).await;
    bench.decided(one.id, version(3), true).await;
    bench.decided(one.id, version(7), true).await;

    let of = async |account, facts: &Facts| bench.store.background(account, facts).await;
    let five = of(one.id, &version(5)).await.unwrap();
    assert_eq!(five.holder, None);
    assert_eq!(five.version_highest, Some(7));
    assert_eq!(five.approval_before.as_deref(), Some("approval 3"));
    assert!(five.supersedes.is_some());
    assert!(five.has_earlier_stage, "stage 1 needs none");
    assert!(!five.is_reference_used);

    let seven = of(one.id, &version(7)).await.unwrap();
    assert_eq!(seven.version_highest, Some(3), "other than this very one");
    let foreign = of(two.id, &version(5)).await.unwrap();
    assert_eq!((foreign.supersedes, foreign.approval_before), (None, None));

    let mut stage = facts("STZ1");
    stage.manufacturer_stage_number = Some(2);
    assert!(of(one.id, &stage).await.unwrap().has_earlier_stage);
    stage.manufacturer_stage_number = Some(3);
    assert!(!of(one.id, &stage).await.unwrap().has_earlier_stage);

    let kept = facts("STZ9");
    bench.decided(one.id, kept.clone(), true).await;
    let again = of(one.id, &kept).await.unwrap();
    assert!(
        !again.is_reference_used,
        "the same key is the same document"
    );
    let mut other = facts("STZ8");
    other.ivi_reference_id.clone_from(&kept.ivi_reference_id);
    assert!(of(one.id, &other).await.unwrap().is_reference_used);
    other.vin = None;
    assert!(of(one.id, &other).await.unwrap().is_reference_used);
}
