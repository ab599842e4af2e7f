//! The flow from arrival to receipt, on a real store, a real schema and real folders.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::account::{Account, AccountCode};
use crate::domain::audit::{Action, Deed};
use crate::domain::outcome::Outcome;
use crate::domain::submission::{Arrival, FileMark, Lane, SubmissionNumber};
use crate::domain::submission::{Door, GivenUp};
use crate::store::{Added, Detail};

use super::*;

mod receipts;

/// The VIN of the sample.
const VIN: &str = "SXZM1P000T0000001";

struct Bench {
    data: tempfile::TempDir,
    tasks: Tasks,
    parts: Parts,
    account: Account,
}

impl Bench {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let tasks = Tasks::new();
        let settings = config::Database::default();
        let store = Store::open(&settings, data.path(), false, &tasks)
            .await
            .unwrap();
        let code = AccountCode::new("acme").unwrap();
        let added = store.add_account(&code, "Acme", Timestamp::UNIX_EPOCH);
        let Added::New(account) = added.await.unwrap() else {
            panic!("the account is new");
        };
        let parts = Parts {
            intake: Intake::open(store.clone()).await.unwrap(),
            store,
            folders: DropFolders::open(&data.path().join("drop")).unwrap(),
            schema: Arc::new(built_in()),
            settings: Arc::new(settings_of_tests()),
            config: config::Pipeline {
                workers: 2,
                ..config::Pipeline::default()
            },
            node: "node-1".to_owned(),
            clock: Clock::system(),
        };
        Self {
            data,
            tasks,
            parts,
            account,
        }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.data.path().join("drop/acme").join(below)
    }

    fn beside(&self, path: &str) -> Option<serde_json::Value> {
        let below = path.trim_start_matches('/');
        let json = fs::read(self.path(&format!("{below}.receipt.json"))).ok()?;
        Some(serde_json::from_slice(&json).unwrap())
    }

    async fn hand_in(&self, path: &str, octets: &[u8]) -> SubmissionNumber {
        self.hand_in_as(path, octets, |_| ()).await
    }

    async fn hand_in_as(
        &self,
        path: &str,
        octets: &[u8],
        change: impl FnOnce(&mut Arrival),
    ) -> SubmissionNumber {
        let now = self.parts.clock.now();
        let mut arrival = Arrival {
            account: self.account.id,
            user: None,
            door: Door::Folder,
            lane: Lane::Live,
            file_name: path.rsplit('/').next().unwrap().to_owned(),
            path: path.to_owned(),
            octets: octets.to_vec(),
            first_byte: now,
            complete: now,
            session: None,
            mark: Some(FileMark {
                inode: 1,
                size_bytes: octets.len() as u64,
                modified_ns: i64::from_le_bytes(runtime_random()),
            }),
            given_up: None,
        };
        change(&mut arrival);
        self.parts.intake.take_in(arrival).await.unwrap().number
    }

    /// Runs a pipeline until nothing waits, then stops it.
    async fn run(&self) {
        let tasks = Tasks::new();
        let pipeline = Pipeline::new(self.parts.clone());
        tasks.spawn_lasting("pipeline", pipeline.run(tasks.clone()));
        let is_done = async || self.parts.store.unfinished().await.unwrap().0 == 0;
        until("nothing is left unfinished", is_done).await;
        tasks.stop();
        tasks.ended().await;
        assert!(!tasks.is_broken());
    }

    async fn detail(&self, number: &SubmissionNumber) -> Detail {
        let found = self.parts.store.submission(number, None).await.unwrap();
        found.unwrap()
    }

    async fn outcome(&self, number: &SubmissionNumber) -> String {
        let outcome = self.detail(number).await.row.outcome;
        outcome
            .map_or("none", |outcome| outcome.as_str())
            .to_owned()
    }
}

/// Waits for it, for 20 s at most.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _try in 0..4000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{what}: that did not come");
}

fn settings_of_tests() -> Settings {
    settings(&config::Check::default())
}

fn runtime_random() -> [u8; 8] {
    crate::runtime::random()
}

fn built_in() -> Schema {
    Schema::built_in().unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The sample with another VIN.
fn certificate(number: u32) -> Vec<u8> {
    let vin = format!("SXZM1P000T{:07}", 1_000_000 + number);
    let sample = include_str!("../../../tests/cases/samples/valid/01-m1-petrol.xml");
    sample.replace(VIN, &vin).into_bytes()
}

/// The same document in other octets.
fn respaced(octets: &[u8]) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets.push(b'\n');
    octets
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_file_is_recorded_and_answered_beside_it() {
    let bench = Bench::new().await;
    let number = bench.hand_in("/inbox/a.xml", &certificate(1)).await;
    bench.run().await;
    let detail = bench.detail(&number).await;
    let receipt = bench.beside("/inbox/a.xml").unwrap();
    assert_eq!(receipt["submission"], number.as_str());
    assert_eq!(receipt["status"], "Succeeded");
    assert_eq!(receipt["document"]["vin"], "SXZM1P000T1000001");
    assert_eq!(receipt["producer"]["node"], "node-1");
    assert!(detail.answered.is_some());
    let kept: serde_json::Value = serde_json::from_str(&detail.receipt.unwrap()).unwrap();
    assert_eq!(kept, receipt);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_files_with_one_key_the_first_is_recorded_whatever_the_hurry() {
    let bench = Bench::new().await;
    let mut numbers = Vec::new();
    for vehicle in 0..40 {
        let octets = certificate(vehicle);
        let path = format!("/inbox/{vehicle}.xml");
        let first = bench.hand_in(&path, &octets).await;
        let path = format!("/inbox/{vehicle}-again.xml");
        let second = bench.hand_in(&path, &respaced(&octets)).await;
        numbers.push((first, second));
    }
    bench.run().await;
    for (first, second) in numbers {
        assert!(bench.outcome(&first).await.starts_with("accepted"));
        let second = bench.detail(&second).await;
        assert_eq!(second.row.outcome.unwrap().as_str(), "duplicate");
        assert_eq!(second.reason.as_deref(), Some("D01"));
        assert_eq!(second.duplicate_of, Some(first));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_octets_again_are_replayed() {
    let bench = Bench::new().await;
    let first = bench.hand_in("/inbox/a.xml", &certificate(1)).await;
    let second = bench.hand_in("/inbox/b.xml", &certificate(1)).await;
    bench.run().await;
    let third = bench.hand_in("/inbox/a.xml", &certificate(1)).await;
    bench.run().await;
    assert!(bench.outcome(&first).await.starts_with("accepted"));
    assert_eq!(bench.outcome(&second).await, "replayed");
    assert_eq!(bench.outcome(&third).await, "replayed");
    let receipt = bench.beside("/inbox/a.xml").unwrap();
    assert_eq!(receipt["duplicate_of"]["submission"], first.as_str());
    assert_eq!(receipt["duplicate_of"]["same_bytes"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_lane_records_nothing() {
    let bench = Bench::new().await;
    let octets = certificate(1);
    let is_test = |arrival: &mut Arrival| arrival.lane = Lane::Test;
    for name in ["a", "b"] {
        let path = format!("/test/{name}.xml");
        let number = bench.hand_in_as(&path, &octets, is_test).await;
        bench.run().await;
        assert!(bench.outcome(&number).await.starts_with("accepted"));
        assert_eq!(bench.beside(&path).unwrap()["lane"], "test");
    }
    let live = bench.hand_in("/inbox/a.xml", &octets).await;
    bench.run().await;
    assert!(bench.outcome(&live).await.starts_with("accepted"));
    let test = bench
        .hand_in_as("/test/c.xml", &respaced(&octets), is_test)
        .await;
    bench.run().await;
    assert_eq!(bench.outcome(&test).await, "duplicate");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_door_gave_up_is_answered_unjudged() {
    let bench = Bench::new().await;
    let number = bench
        .hand_in_as("/inbox/a.xml", b"<half", |arrival| {
            arrival.given_up = Some(GivenUp::Incomplete);
        })
        .await;
    bench.run().await;
    let receipt = bench.beside("/inbox/a.xml").unwrap();
    assert_eq!(receipt["reason"], "T02");
    assert_eq!(receipt["retry"], "same-file");
    assert_eq!(bench.outcome(&number).await, "rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_file_lies_the_answer_to_its_latest_arrival() {
    let bench = Bench::new().await;
    let mut numbers = Vec::new();
    for vehicle in 0..20 {
        numbers.push(bench.hand_in("/inbox/a.xml", &certificate(vehicle)).await);
    }
    bench.run().await;
    let receipt = bench.beside("/inbox/a.xml").unwrap();
    assert_eq!(receipt["submission"], numbers.last().unwrap().as_str());
    let day = bench.parts.clock.now().strftime("%Y-%m-%d").to_string();
    let kept = fs::read_dir(bench.path("receipts").join(day)).unwrap();
    assert_eq!(kept.count(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_could_not_be_written_is_written_at_the_next_start() {
    let bench = Bench::new().await;
    fs::write(bench.data.path().join("drop/acme"), "a file in the way").unwrap();
    let number = bench.hand_in("/inbox/a.xml", &certificate(1)).await;
    bench.run().await;
    assert!(bench.detail(&number).await.answered.is_none());
    fs::remove_file(bench.data.path().join("drop/acme")).unwrap();
    let pipeline = Pipeline::new(bench.parts.clone());
    pipeline.recover(&bench.tasks).await.unwrap();
    assert!(bench.detail(&number).await.answered.is_some());
    assert_eq!(
        bench.beside("/inbox/a.xml").unwrap()["submission"],
        number.as_str()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_begun_too_often_is_held_and_stops_nobody() {
    let bench = Bench::new().await;
    let bad = bench.hand_in("/inbox/bad.xml", &certificate(1)).await;
    let store = &bench.parts.store;
    for _crash in 0..3 {
        let now = bench.parts.clock.now();
        let work = store.claim(10, "node-2", now, now, 3).await.unwrap();
        assert_eq!(work.claimed.len(), 1);
    }
    let good = bench.hand_in("/inbox/good.xml", &certificate(2)).await;
    bench.run().await;
    let held = bench.detail(&bad).await;
    assert!(held.row.submission.is_held);
    assert!(held.receipt.is_none());
    assert!(bench.outcome(&good).await.starts_with("accepted"));
    let retried = deed(Action::SubmissionRetried, &bad);
    assert!(store.retry_submission(&bad, &retried).await.unwrap());
    bench.run().await;
    assert!(bench.outcome(&bad).await.starts_with("accepted"));
}

fn deed(action: Action, number: &SubmissionNumber) -> Deed {
    Deed {
        id: crate::runtime::unique_id(),
        at: Timestamp::UNIX_EPOCH,
        actor: "sue@staff.example".to_owned(),
        action,
        subject: number.to_string(),
        details: String::new(),
        remote_ip: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_for_filing_only_is_waited_for_and_holds_nothing() {
    let bench = Bench::new().await;
    let (store, tasks) = (&bench.parts.store, Tasks::new());
    let fill = "CREATE TRIGGER full BEFORE INSERT ON receipts
        BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END";
    store.run(fill).await;
    let number = bench.hand_in("/inbox/a.xml", &certificate(1)).await;
    let pipeline = Pipeline::new(bench.parts.clone());
    let inner = Arc::clone(&pipeline.0);
    tasks.spawn_lasting("pipeline", pipeline.run(tasks.clone()));
    until("a filing waits for room", async || {
        inner.outage.is_waited_for()
    })
    .await;
    store.run("DROP TRIGGER full").await;
    let is_done = async || store.unfinished().await.unwrap().0 == 0;
    until("it is filed", is_done).await;
    tasks.stop();
    tasks.ended().await;
    let row = bench.detail(&number).await.row;
    assert_eq!(row.outcome, Some(Outcome::Accepted));
    assert!(bench.beside("/inbox/a.xml").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn staffs_sentence_ends_a_held_file_with_one_receipt_and_frees_its_key() {
    let bench = Bench::new().await;
    let held = bench.hand_in("/inbox/held.xml", &certificate(1)).await;
    let store = &bench.parts.store;
    let now = bench.parts.clock.now();
    let work = store.claim(1, "node-1", now, now, 3).await.unwrap();
    let id = work.claimed[0].submission.id;
    store.hold(id, "reading it panicked").await.unwrap();
    let rejected = deed(Action::SubmissionRejected, &held);
    let sentence = "Our mistake: send it once more.";
    let reject = || store.reject_submission(&held, sentence, &rejected);
    assert!(reject().await.unwrap());
    assert!(reject().await.unwrap(), "the very same deed, once more");
    let other = deed(Action::SubmissionRejected, &held);
    let again = store.reject_submission(&held, "Other words.", &other);
    assert!(!again.await.unwrap(), "it is held no more");
    bench.run().await;
    let detail = bench.detail(&held).await;
    assert_eq!(detail.row.outcome, Some(Outcome::NotProcessed));
    assert_eq!(detail.message.as_deref(), Some(sentence));
    assert!(detail.answered.is_some());
    let receipt = bench.beside("/inbox/held.xml").unwrap();
    assert_eq!(receipt["outcome"], "not-processed");
    assert_eq!(receipt["message"], sentence);
    assert_eq!(receipt["retry"], "same-file");
    let retried = deed(Action::SubmissionRetried, &held);
    assert!(!store.retry_submission(&held, &retried).await.unwrap());
    // The same file is welcome now, and is told of with the one before.
    let next = bench.hand_in("/inbox/next.xml", &certificate(1)).await;
    bench.run().await;
    assert!(bench.outcome(&next).await.starts_with("accepted"));
    let noted = store.audit_entries(Some(held.as_str()), None, 9).await;
    assert_eq!(noted.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_judged_again_at_once_and_no_bystander_is_held() {
    let bench = Bench::new().await;
    let mut numbers = Vec::new();
    for vehicle in 0..40 {
        let path = format!("/inbox/{vehicle}.xml");
        numbers.push(bench.hand_in(&path, &certificate(vehicle)).await);
    }
    // The process is killed with many in hand; then again with the one that it judges alone.
    let store = &bench.parts.store;
    let node = &bench.parts.node;
    let now = bench.parts.clock.now();
    let lease = now + jiff::SignedDuration::from_hours(1);
    for limit in [32, 1] {
        let work = store.claim(limit, node, now, lease, 3).await.unwrap();
        assert_eq!(work.claimed.len(), limit as usize);
        let pipeline = Pipeline::new(bench.parts.clone());
        pipeline.recover(&bench.tasks).await.unwrap();
    }
    bench.run().await;
    let mut attempts = Vec::new();
    for number in &numbers {
        let detail = bench.detail(number).await;
        assert!(detail.answered.is_some(), "{number}");
        attempts.push(detail.row.submission.attempts);
    }
    assert_eq!(attempts.first(), Some(&3));
    assert!(attempts[1..32].iter().all(|one| *one == 2));
    assert!(attempts[32..].iter().all(|one| *one == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_on_one_store_answer_everything_once() {
    let bench = Bench::new().await;
    let mut numbers = HashMap::new();
    for vehicle in 0..100 {
        let path = format!("/inbox/{vehicle}.xml");
        numbers.insert(
            path.clone(),
            bench.hand_in(&path, &certificate(vehicle)).await,
        );
    }
    tokio::join!(bench.run(), bench.run());
    for (path, number) in numbers {
        assert_eq!(bench.beside(&path).unwrap()["submission"], number.as_str());
        assert!(bench.outcome(&number).await.starts_with("accepted"));
    }
}

#[test]
fn loose_files_are_judged_with_their_forerunners_in_mind() {
    let (schema, settings) = (built_in(), settings_of_tests());
    let mut alone = Alone::new(&schema, &settings, "here", Clock::system()).unwrap();
    let octets = certificate(1);
    let again = respaced(&octets);
    let wanted = [
        ("a.xml", octets.as_slice(), "accepted", None),
        ("b.xml", octets.as_slice(), "duplicate", Some("D02")),
        ("c.xml", again.as_slice(), "duplicate", Some("D01")),
        ("d.txt", octets.as_slice(), "rejected", Some("T04")),
        ("e.xml", b"<half".as_slice(), "rejected", Some("X01")),
        ("f.xml", b"".as_slice(), "rejected", Some("T01")),
    ];
    for (name, octets, outcome, reason) in wanted {
        let path = format!("somewhere/{name}");
        let receipt = alone.judge(LooseFile {
            name,
            path: &path,
            octets,
        });
        let verdict = &receipt.verdict;
        assert!(
            verdict.outcome.as_str().starts_with(outcome),
            "{name}: {verdict:#?}"
        );
        assert_eq!(verdict.reason.as_deref(), reason, "{name}");
        assert_eq!(receipt.submission.path, path);
        assert_eq!(receipt.submission.lane, Lane::Test);
    }
}
