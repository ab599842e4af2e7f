//! What upkeep removes from drop folders, and above all what it leaves there.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::domain::outcome::{Case, decide};
use crate::domain::record::Facts;
use crate::domain::submission::{Arrival, Door, Lane, SubmissionId};
use crate::runtime;
use crate::store::{Added, Filing};

const DAY: Duration = Duration::from_hours(24);

struct Bench {
    data: tempfile::TempDir,
    tasks: Tasks,
    account: Account,
    upkeep: DropUpkeep,
}

impl Bench {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let (tasks, clock) = (Tasks::new(), Clock::standing_at(Timestamp::now()));
        let settings = config::Database::default();
        let store = Store::open(&settings, data.path(), false, &tasks);
        let store = store.await.unwrap();
        let code = AccountCode::new("acme").unwrap();
        let added = store.add_account(&code, "Acme", clock.now()).await;
        let Added::New(account) = added.unwrap() else {
            panic!("the account is new");
        };
        let folders = DropFolders::open(&data.path().join("drop")).unwrap();
        folders.account(&code).unwrap();
        let upkeep = DropUpkeep {
            intake: Intake::open(store.clone()).await.unwrap(),
            store,
            folders,
            config: config::DropFolders {
                answered_keep: DAY * 30,
                receipts_keep: DAY * 100,
                ..config::DropFolders::default()
            },
            every: DAY,
            clock,
            warned: HashMap::new(),
        };
        Self {
            data,
            tasks,
            account,
            upkeep,
        }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.data.path().join("drop/acme").join(below)
    }

    /// Puts a file there and takes it in.
    async fn take_in(&self, name: &str) -> SubmissionId {
        let path = DropPath::new(Folder::Inbox, name).unwrap();
        fs::write(self.path(&format!("inbox/{name}")), name).unwrap();
        let folder = self.upkeep.folders.account(&self.account.code).unwrap();
        let now = self.upkeep.clock.now();
        let arrival = Arrival {
            account: self.account.id,
            user: None,
            door: Door::Folder,
            lane: Lane::Live,
            file_name: name.to_owned(),
            path: path.to_client(),
            octets: name.as_bytes().to_vec(),
            first_byte: now,
            complete: now,
            session: None,
            mark: Some(folder.facts(&path).unwrap().mark),
            given_up: None,
        };
        self.upkeep
            .intake
            .take_in(arrival)
            .await
            .unwrap()
            .submission
    }

    /// Takes a file in and answers it.
    async fn answer(&self, name: &str) {
        let (id, now) = (self.take_in(name).await, self.upkeep.clock.now());
        let case = Case {
            account: self.account.id,
            door: Door::Folder,
            sha256: &crate::intake::digest(name.as_bytes()),
            holder: None,
        };
        let filing = Filing {
            submission: id,
            verdict: decide(Vec::new(), &case),
            facts: Facts {
                vin: Some(name.to_owned()),
                ivi_version_number: Some(1),
                manufacturer_stage_number: Some(1),
                ..Facts::default()
            },
            receipt_id: runtime::unique_id(),
            receipt: "{}".to_owned(),
            decided: now,
            has_notice: false,
        };
        self.upkeep.store.file(Arc::new(filing)).await.unwrap();
        self.upkeep.store.answered(&[id], now).await.unwrap();
        fs::write(self.path(&format!("inbox/{name}.receipt.json")), "{}").unwrap();
    }

    async fn round(&mut self) -> Cleared {
        self.upkeep.round(&self.tasks).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_long_ago_goes_and_nothing_else() {
    let mut bench = Bench::new().await;
    for name in ["old.xml", "changed.xml", "gone.xml"] {
        bench.answer(name).await;
    }
    bench.take_in("unanswered.xml").await;
    fs::write(bench.path("inbox/changed.xml"), "anew and longer").unwrap();
    fs::write(bench.path("inbox/unknown.xml"), "part").unwrap();
    fs::remove_file(bench.path("inbox/gone.xml")).unwrap();
    bench.upkeep.clock.advance(DAY * 29);
    bench.answer("young.xml").await;
    assert_eq!(bench.round().await, Cleared::default());
    bench.upkeep.clock.advance(DAY + Duration::from_mins(1));
    let cleared = bench.round().await;
    assert_eq!((cleared.answered, cleared.receipts), (2, 0));
    let mut left: Vec<_> = fs::read_dir(bench.path("inbox"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    let wanted = [
        "changed.xml",
        "changed.xml.receipt.json",
        "unanswered.xml",
        "unknown.xml",
        "young.xml",
        "young.xml.receipt.json",
    ];
    assert_eq!(left, wanted);
    let taken = |name| bench.upkeep.intake.taken(bench.account.id, name);
    assert!(taken("/inbox/old.xml").is_none(), "intake was told");
    assert!(taken("/inbox/young.xml").is_some());
    assert_eq!(bench.upkeep.store.drops().await.unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_of_old_days_go_with_their_folders_and_by_default_nothing_does() {
    let mut bench = Bench::new().await;
    let day = |back: u64| {
        let then = bench
            .upkeep
            .clock
            .now()
            .checked_sub(DAY * u32::try_from(back).unwrap());
        then.unwrap().strftime("receipts/%Y-%m-%d").to_string()
    };
    let days = [101, 100, 0].map(day).map(|day| bench.path(&day));
    for day in &days {
        fs::create_dir_all(day).unwrap();
        fs::write(day.join("SUB-22222222-a.xml.receipt.json"), "{}").unwrap();
    }
    let keeps = std::mem::take(&mut bench.upkeep.config);
    bench.answer("a.xml").await;
    assert_eq!(bench.round().await, Cleared::default());
    bench.upkeep.config = keeps;
    assert_eq!(bench.round().await.receipts, 1);
    assert_eq!(days.map(|day| day.exists()), [false, true, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_nearly_full_is_told_of_once_a_day() {
    let mut bench = Bench::new().await;
    bench.upkeep.config.account_files_max = 4;
    for name in ["a", "b", "c"] {
        fs::write(bench.path("inbox").join(name), "x").unwrap();
    }
    bench.round().await;
    assert!(bench.upkeep.warned.is_empty(), "three of four are 75 %");
    fs::write(bench.path("inbox/d"), "x").unwrap();
    let told = async |bench: &mut Bench| {
        bench.round().await;
        bench.upkeep.warned.get(&bench.account.code).copied()
    };
    assert_eq!(told(&mut bench).await, Some(Duration::ZERO));
    bench.upkeep.clock.advance(DAY / 2);
    assert_eq!(told(&mut bench).await, Some(Duration::ZERO));
    bench.upkeep.clock.advance(DAY / 2);
    assert_eq!(told(&mut bench).await, Some(DAY));
}
