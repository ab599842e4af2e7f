//! The door by itself, on real folders and a real store, with the clock in the test's hand.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::access::testing::until;
use crate::config;
use crate::domain::Timestamp;
use crate::domain::account::{Account, AccountCode};
use crate::domain::handing_in::{DoneMarker, HandingIn, NamePattern};
use crate::domain::submission::GivenUp;
use crate::domain::submission::{Arrival, Door, Lane, Submission};
use crate::doors::busy::Busy;
use crate::doors::folder::{FolderDoor, Parts};
use crate::drop_folder::{DropFolders, DropPath, Folder};
use crate::intake::{self, Intake};
use crate::runtime::{Clock, Tasks};
use crate::store::{Added, Filter, Store};

mod clocks;

/// A document that is whole; the door asks for no more.
const WHOLE: &[u8] = b"<a><b>1</b></a>\n";

struct Bench {
    data: tempfile::TempDir,
    tasks: Tasks,
    store: Store,
    intake: Intake,
    folders: DropFolders,
    busy: Busy,
    clock: Clock,
    accounts: Arc<Mutex<Vec<Account>>>,
    door: FolderDoor,
}

impl Bench {
    async fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let tasks = Tasks::new();
        let settings = config::Database::default();
        let store = Store::open(&settings, data.path(), false, &tasks)
            .await
            .expect("a store");
        let intake = Intake::open(store.clone()).await.expect("the drops");
        let folders = DropFolders::open(&data.path().join("drop")).expect("the drop folders");
        let clock = Clock::standing_at(Timestamp::now());
        let busy = Busy::default();
        let accounts = Arc::new(Mutex::new(Vec::new()));
        let parts = Parts {
            intake: intake.clone(),
            folders: folders.clone(),
            busy: busy.clone(),
            config: config::DropFolders::default(),
            file_bytes_max: 1000,
            clock: clock.clone(),
        };
        let active = Arc::clone(&accounts);
        let door = FolderDoor::new(parts, move || active.lock().expect("accounts").clone());
        let mut bench = Self {
            data,
            tasks,
            store,
            intake,
            folders,
            busy,
            clock,
            accounts,
            door,
        };
        bench.add("acme").await;
        bench
    }

    async fn add(&mut self, code: &str) {
        let code = AccountCode::new(code).expect("a code");
        self.folders.account(&code).expect("a drop folder");
        let added = self.store.add_account(&code, "Acme", self.clock.now());
        if let Ok(Added::New(account)) = added.await {
            self.accounts.lock().expect("accounts").push(account);
        }
    }

    fn account(&self) -> Account {
        let accounts = self.accounts.lock().expect("accounts");
        accounts.first().expect("an account").clone()
    }

    fn path(&self, below: &str) -> PathBuf {
        self.data.path().join("drop/acme").join(below)
    }

    fn put(&self, below: &str, octets: &[u8]) {
        fs::write(self.path(below), octets).expect("dropped");
    }

    /// Looks, lets so much time pass, and looks again.
    async fn looks_after(&mut self, pause: Duration) -> Vec<Submission> {
        self.door.look_everywhere(&self.tasks).await;
        self.clock.advance(pause);
        self.door.look_everywhere(&self.tasks).await;
        self.submissions().await
    }

    async fn looks(&mut self) -> Vec<Submission> {
        self.looks_after(Duration::from_secs(1)).await
    }

    /// Waits until so many were taken in.
    async fn comes_to(&self, wanted: usize) {
        let taken = async || (self.submissions().await.len() >= wanted).then_some(());
        until(&format!("the taking in of {wanted} files"), taken).await;
    }

    /// What was taken in.
    async fn submissions(&self) -> Vec<Submission> {
        let filter = Filter {
            limit: 500,
            ..Filter::default()
        };
        let page = self.store.submissions(&filter).await.expect("a list");
        page.rows.into_iter().map(|row| row.submission).collect()
    }
}

#[tokio::test]
async fn a_whole_file_is_taken_once_when_it_has_settled() {
    let mut bench = Bench::new().await;
    bench.put("inbox/a.xml", WHOLE);
    bench.put("test/B.XML", WHOLE);
    assert!(
        bench
            .looks_after(Duration::from_millis(499))
            .await
            .is_empty()
    );
    let mut taken = bench.looks().await;
    taken.sort_by(|one, other| one.path.cmp(&other.path));
    let paths: Vec<_> = taken
        .iter()
        .map(|one| (one.path.as_str(), one.lane))
        .collect();
    assert_eq!(
        paths,
        [("/inbox/a.xml", Lane::Live), ("/test/B.XML", Lane::Test)]
    );
    assert!(taken.iter().all(|one| one.door == Door::Folder));
    assert!(taken.iter().all(|one| one.submitted_by == "drop folder"));
    assert_eq!(bench.looks().await.len(), 2);
}

#[tokio::test]
async fn what_is_no_document_is_left_alone_for_ever() {
    let mut bench = Bench::new().await;
    for name in [
        "a.txt",
        ".hidden.xml",
        "a.xml.part",
        "xml",
        "a.xml.receipt.json",
    ] {
        bench.put(&format!("inbox/{name}"), WHOLE);
    }
    fs::create_dir(bench.path("inbox/folder.xml")).expect("made");
    std::os::unix::fs::symlink("/etc/hostname", bench.path("inbox/link.xml")).expect("linked");
    bench.put("outside", WHOLE);
    fs::hard_link(bench.path("outside"), bench.path("inbox/hard.xml")).expect("linked");
    assert!(bench.looks_after(Duration::from_hours(1)).await.is_empty());
}

#[tokio::test]
async fn a_file_in_two_halves_waits_and_is_taken_whole() {
    let mut bench = Bench::new().await;
    let (begin, end) = WHOLE.split_at(7);
    bench.put("inbox/a.xml", begin);
    assert!(bench.looks_after(Duration::from_mins(1)).await.is_empty());
    let mut file = File::options()
        .append(true)
        .open(bench.path("inbox/a.xml"))
        .expect("opened");
    file.write_all(end).expect("written");
    drop(file);
    let taken = bench.looks().await;
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].sha256, intake::digest(WHOLE));
    assert_eq!(taken[0].given_up, None);
}

#[tokio::test]
async fn a_file_that_never_ends_is_given_up_and_its_end_is_a_new_arrival() {
    let mut bench = Bench::new().await;
    bench.put("inbox/half.xml", b"<a>");
    bench.put("inbox/empty.xml", b" \n");
    bench.put("inbox/large.xml", &[b'x'; 2000]);
    assert!(bench.looks_after(Duration::from_secs(119)).await.is_empty());
    let mut taken = bench.looks().await;
    taken.sort_by(|one, other| one.path.cmp(&other.path));
    let reasons: Vec<_> = taken
        .iter()
        .map(|one| one.given_up.expect("given up").as_str())
        .collect();
    assert_eq!(reasons, ["empty", "incomplete", "too-large"]);
    bench.put("inbox/half.xml", b"<a></a>");
    let taken = bench.looks().await;
    assert_eq!(taken.len(), 4);
    assert_eq!(taken.iter().filter(|one| one.given_up.is_none()).count(), 1);
}

#[tokio::test]
async fn a_living_session_keeps_its_half_file() {
    let mut bench = Bench::new().await;
    let account = bench.account().id;
    bench.put("inbox/half.xml", b"<a>");
    let living = bench.busy.living(account, "/inbox/half.xml".to_owned());
    assert!(bench.looks_after(Duration::from_mins(14)).await.is_empty());
    drop(living);
    assert_eq!(bench.looks().await.len(), 1);
}

#[tokio::test]
async fn a_file_that_the_sftp_door_has_in_hand_is_not_touched() {
    let mut bench = Bench::new().await;
    let account = bench.account();
    // As the SFTP door does it: staged, taken in, and given its name last.
    let folder = bench.folders.account(&account.code).expect("a folder");
    let changing = bench.busy.changing(account.id, "/inbox/a.xml".to_owned());
    let staged = folder
        .stage(&Folder::Inbox, WHOLE, None, false)
        .expect("staged");
    let arrival = Arrival {
        account: account.id,
        user: None,
        door: Door::Sftp,
        lane: Lane::Live,
        file_name: "a.xml".to_owned(),
        path: "/inbox/a.xml".to_owned(),
        octets: WHOLE.to_vec(),
        first_byte: bench.clock.now(),
        complete: bench.clock.now(),
        session: None,
        mark: Some(staged.mark),
        given_up: None,
    };
    bench.intake.take_in(arrival).await.expect("taken in");
    assert_eq!(bench.looks().await.len(), 1);
    assert!(bench.intake.taken(account.id, "/inbox/a.xml").is_some());
    let path = DropPath::from_client("/inbox/a.xml").expect("a path");
    folder.publish(staged, &path, false).expect("published");
    drop(changing);
    assert_eq!(bench.looks().await.len(), 1);
}

#[tokio::test]
async fn a_touched_file_is_no_new_arrival_while_its_answer_lies_there() {
    let mut bench = Bench::new().await;
    bench.put("inbox/a.xml", WHOLE);
    assert_eq!(bench.looks().await.len(), 1);
    bench.put("inbox/a.xml.receipt.json", b"{}");
    bench.put("inbox/a.xml", WHOLE);
    assert_eq!(bench.looks().await.len(), 1);
    assert!(bench.path("inbox/a.xml.receipt.json").exists());
    // Its answer was read and removed: then it is handed in again.
    fs::remove_file(bench.path("inbox/a.xml.receipt.json")).expect("removed");
    bench.put("inbox/a.xml", WHOLE);
    assert_eq!(bench.looks().await.len(), 2);
}

#[tokio::test]
async fn other_octets_in_its_place_are_a_new_arrival_without_the_old_answer() {
    let mut bench = Bench::new().await;
    bench.put("inbox/a.xml", WHOLE);
    assert_eq!(bench.looks().await.len(), 1);
    bench.put("inbox/a.xml.receipt.json", b"{}");
    bench.put("inbox/a.xml", b"<other/>");
    assert_eq!(bench.looks().await.len(), 2);
    assert!(!bench.path("inbox/a.xml.receipt.json").exists());
}

#[tokio::test]
async fn a_file_that_went_and_came_again_is_a_new_arrival() {
    let mut bench = Bench::new().await;
    bench.put("inbox/a.xml", WHOLE);
    let account = bench.account().id;
    assert_eq!(bench.looks().await.len(), 1);
    fs::rename(bench.path("inbox/a.xml"), bench.path("kept.xml")).expect("moved");
    bench.looks().await;
    assert_eq!(bench.intake.taken(account, "/inbox/a.xml"), None);
    fs::rename(bench.path("kept.xml"), bench.path("inbox/a.xml")).expect("moved");
    assert_eq!(bench.looks().await.len(), 2);
}

#[tokio::test]
async fn three_hundred_files_are_taken_in_one_look() {
    let mut bench = Bench::new().await;
    for number in 0..300 {
        let octets = format!("<a>{number}</a>");
        bench.put(&format!("inbox/{number}.xml"), octets.as_bytes());
    }
    assert_eq!(bench.looks().await.len(), 300);
    assert_eq!(bench.looks().await.len(), 300);
}

#[tokio::test]
async fn what_was_taken_before_a_restart_is_not_taken_again() {
    let mut bench = Bench::new().await;
    bench.put("inbox/a.xml", WHOLE);
    assert_eq!(bench.looks().await.len(), 1);
    bench.put("inbox/b.xml", WHOLE);
    let parts = Parts {
        intake: Intake::open(bench.store.clone()).await.expect("the drops"),
        folders: bench.folders.clone(),
        busy: Busy::default(),
        config: config::DropFolders::default(),
        file_bytes_max: 1000,
        clock: bench.clock.clone(),
    };
    let account = bench.account();
    bench.door = FolderDoor::new(parts, move || vec![account.clone()]);
    assert_eq!(bench.looks().await.len(), 2);
}

#[tokio::test]
async fn an_account_added_later_is_looked_through_too() {
    let mut bench = Bench::new().await;
    bench.looks().await;
    bench.add("later").await;
    let path = bench.data.path().join("drop/later/inbox/a.xml");
    fs::write(path, WHOLE).expect("dropped");
    assert_eq!(bench.looks().await.len(), 1);
}

#[tokio::test]
async fn one_accounts_broken_folder_is_not_the_others() {
    let mut bench = Bench::new().await;
    bench.add("broken").await;
    let broken = bench.data.path().join("drop/broken");
    fs::remove_dir_all(&broken).expect("removed");
    fs::write(&broken, "a file in the way").expect("written");
    bench.put("inbox/a.xml", WHOLE);
    assert_eq!(bench.looks().await.len(), 1);
    fs::remove_file(&broken).expect("removed");
    bench.looks().await;
    fs::write(broken.join("inbox/a.xml"), WHOLE).expect("dropped");
    assert_eq!(bench.looks().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_alone_are_enough_also_in_a_folder_made_again() {
    let bench = Bench::new().await;
    let parts = Parts {
        intake: bench.intake.clone(),
        folders: bench.folders.clone(),
        busy: Busy::default(),
        config: config::DropFolders {
            scan_every: Duration::from_hours(1),
            settle: Duration::ZERO,
            ..config::DropFolders::default()
        },
        file_bytes_max: 1000,
        clock: Clock::system(),
    };
    let account = bench.account();
    let door = FolderDoor::new(parts, move || vec![account.clone()]);
    let tasks = bench.tasks.sibling();
    tasks.spawn_lasting("folder door", door.run(tasks.clone()));
    // Found by the look at the start, or by its event.
    bench.put("inbox/first.xml", WHOLE);
    bench.comes_to(1).await;
    bench.put("inbox/copied.xml", WHOLE);
    bench.comes_to(2).await;
    bench.put("moved.part", WHOLE);
    fs::rename(bench.path("moved.part"), bench.path("test/moved.xml")).expect("moved");
    bench.comes_to(3).await;
    fs::remove_dir_all(bench.path("inbox")).expect("removed");
    fs::create_dir_all(bench.path("inbox")).expect("made");
    bench.put("inbox/again.xml", WHOLE);
    bench.comes_to(4).await;
    tasks.stop();
    tasks.ended().await;
}

/// The account takes files by markers that end in `.done`, and ignores `tmp-*`.
fn agree(bench: &Bench) {
    let mut accounts = bench.accounts.lock().expect("accounts");
    accounts[0].handing_in = HandingIn {
        done_marker: Some(DoneMarker::new(".done").expect("an ending")),
        ignored: vec![NamePattern::new("tmp-*").expect("a pattern")],
    };
}

#[tokio::test]
async fn a_file_waits_for_its_marker_and_each_marker_serves_once() {
    let mut bench = Bench::new().await;
    agree(&bench);
    for (file, marker) in [("a.xml", "a.xml.done"), ("B.XML", "B.done")] {
        bench.put(&format!("inbox/{file}"), WHOLE);
        let before = bench.submissions().await.len();
        let waiting = bench.looks_after(Duration::from_mins(1)).await;
        assert_eq!(waiting.len(), before, "{file} must wait");
        bench.put(&format!("inbox/{marker}"), b"");
        let taken = bench.looks().await;
        assert_eq!(taken.len(), before + 1, "{file} is marked");
        assert_eq!(taken.last().expect("it").given_up, None);
    }
    // A new file of the same name needs a new marker, however long the old one lies there.
    bench.put("inbox/a.xml", b"<another/>");
    assert_eq!(bench.looks_after(Duration::from_secs(1)).await.len(), 2);
    bench.looks_after(Duration::from_mins(1)).await;
    assert!(!bench.path("inbox/a.xml.done").exists(), "it has served");
    assert!(!bench.path("inbox/B.done").exists(), "it has served");
    bench.put("inbox/a.done", b"");
    assert_eq!(bench.looks().await.len(), 3);
}

#[tokio::test]
async fn a_file_whose_marker_never_comes_is_answered_so() {
    let mut bench = Bench::new().await;
    agree(&bench);
    bench.put("inbox/a.xml", WHOLE);
    bench.looks_after(Duration::from_secs(1)).await;
    assert!(bench.looks_after(Duration::from_secs(118)).await.is_empty());
    let answered = bench.looks_after(Duration::from_secs(2)).await;
    assert_eq!(answered.len(), 1);
    assert_eq!(answered[0].given_up, Some(GivenUp::Unmarked));
    // The marker comes too late: it belongs to what was answered, and goes.
    bench.put("inbox/a.xml.done", b"");
    bench.looks_after(Duration::from_secs(61)).await;
    assert_eq!(bench.looks().await.len(), 1);
    assert!(!bench.path("inbox/a.xml.done").exists());
}

#[tokio::test]
async fn ignored_names_are_left_alone_and_markers_are_never_judged() {
    let mut bench = Bench::new().await;
    agree(&bench);
    bench.put("inbox/tmp-1.xml", WHOLE);
    bench.put("inbox/tmp-1.xml.done", b"");
    bench.put("inbox/lonely.done", WHOLE);
    bench.looks_after(Duration::from_mins(30)).await;
    assert!(bench.looks().await.is_empty());
    assert!(bench.path("inbox/tmp-1.xml").exists() && bench.path("inbox/lonely.done").exists());
}
