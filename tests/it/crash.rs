//! The real process is killed at random moments during uploads, and started again each time
//! (promises P1, P2 and P3).

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ecocd::config::Config;
use ecocd::intake;
use ecocd::runtime::Tasks;
use ecocd::store::{Detail, Filter, Store};

use crate::support::process::Service;
use crate::support::receipt::Receipt;
use crate::support::sftp_client::Client;
use crate::support::{documents, ledger, tool, wait};

/// How many certificates are handed in.
const FILES: u32 = 500;
/// How many clients do so at the same time.
const CLIENTS: u32 = 4;
/// How many files a client puts in one session.
const BATCH: usize = 12;
/// The most that passes between two kills, in milliseconds; the least is a tenth of it.
const KILL_WITHIN_MS: u64 = 1_200;

#[test]
fn every_upload_answered_ok_survives_kills_with_one_outcome_and_one_receipt() {
    // A seed of its own for each run, printed so that a failure can be run again.
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    let rounds = if tool::is_full_run() { 10 } else { 1 };
    for round in 0..rounds {
        upload_under_fire(Chance::new(seed + round));
    }
}

fn upload_under_fire(mut chance: Chance) {
    let mut service = Service::new();
    service.start();
    let client = service.add_robot();
    let ledger = Ledger::new(service.scratch());
    let mut kills = 0;
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (client, ledger) = (&client, &ledger);
            scope.spawn(move || ledger.work_off(client, number));
        }
        while ledger.answered() < FILES as usize && !ledger.has_failed() {
            let least = KILL_WITHIN_MS / 10;
            let delay = least + chance.below(KILL_WITHIN_MS - least);
            wait::pause(Duration::from_millis(delay));
            service.kill();
            kills += 1;
            service.start();
        }
    });
    println!("{kills} kills during {FILES} uploads");
    assert!(kills >= 3, "too few kills to prove anything: {kills}");
    let details = all_decided(&service);
    let vins = (0..FILES).map(documents::vin);
    ledger::each_vin_is_recorded_once(&details, vins);
    assert_eq!(service.stop(), Some(0), "{}", service.log());
    ledger::submissions_and_receipts_agree(&details, &service.dropped("receipts"));
    each_file_is_answered_beside_it(&service);
}

/// The receipt beside each file is about the octets that were sent.
fn each_file_is_answered_beside_it(service: &Service) {
    for number in 0..FILES {
        let path = service.dropped(&format!("inbox/{number}.xml.receipt.json"));
        let receipt = Receipt::read(&path)
            .unwrap_or_else(|| panic!("{number}.xml was answered OK and has no receipt"));
        let sent = intake::digest(&documents::certificate(number));
        assert_eq!(receipt.text("/file/sha256"), sent.as_str());
    }
}

/// Waits until nothing is unfinished, then reads every submission.
fn all_decided(service: &Service) -> Vec<Detail> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be started");
    let (settings, tasks) = (Config::default().database, Tasks::new());
    let data = service.data();
    let store = runtime
        .block_on(Store::open(&settings, &data, false, &tasks))
        .expect("the database opens");
    wait::until("every submission is answered", wait::SOON * 2, || {
        let (unfinished, unanswered) =
            runtime.block_on(async { (store.unfinished().await, store.unanswered(1).await) });
        let is_done = unfinished.expect("counted").0 == 0 && unanswered.expect("read").is_empty();
        is_done.then_some(())
    });
    let details = runtime.block_on(every_submission(&store));
    tasks.stop();
    runtime.block_on(store.close());
    details
}

async fn every_submission(store: &Store) -> Vec<Detail> {
    let mut details = Vec::new();
    loop {
        let filter = Filter {
            limit: 500,
            offset: u32::try_from(details.len()).expect("a few thousand at most"),
            ..Filter::default()
        };
        let page = store.submissions(&filter).await.expect("a page");
        if page.rows.is_empty() {
            return details;
        }
        for row in page.rows {
            let found = store.submission(&row.submission.number, None).await;
            details.push(found.expect("read").expect("it is listed"));
        }
    }
}

/// What was sent and what was answered, kept outside of the program.
struct Ledger {
    waiting: Mutex<VecDeque<PathBuf>>,
    answered: AtomicUsize,
    scratch: PathBuf,
}

impl Ledger {
    fn new(scratch: &Path) -> Self {
        let folder = scratch.join("outgoing");
        std::fs::create_dir(&folder).expect("a folder can be made");
        let write = |number| {
            let path = folder.join(format!("{number}.xml"));
            std::fs::write(&path, documents::certificate(number)).expect("written");
            path
        };
        Self {
            waiting: Mutex::new((0..FILES).map(write).collect()),
            answered: AtomicUsize::new(0),
            scratch: scratch.to_path_buf(),
        }
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// Did a client's thread panic while it held the files?
    fn has_failed(&self) -> bool {
        self.waiting.is_poisoned()
    }

    /// Puts files in batches until none waits; what was not answered OK waits again.
    fn work_off(&self, client: &Client, number: u32) {
        let list = self.scratch.join(format!("batch-{number}"));
        while self.answered() < FILES as usize {
            let files = self.take();
            if files.is_empty() {
                // The last ones are in the hands of another client, and may come back.
                wait::pause(Duration::from_millis(20));
                continue;
            }
            let answered = put(client, &list, &files);
            if answered == 0 {
                // The service is being started again.
                wait::pause(Duration::from_millis(50));
            }
            self.answered.fetch_add(answered, Ordering::SeqCst);
            self.give_back(&files[answered..]);
        }
    }

    fn take(&self) -> Vec<PathBuf> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }

    fn give_back(&self, files: &[PathBuf]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(files.iter().cloned());
    }
}

/// Puts files in one session, and says how many of them were answered OK: the first so many.
///
/// A batch ends at the first command that fails, and a put fails unless its CLOSE was answered OK;
/// so the local `echo` behind a put is reached only if that put was answered.
fn put(client: &Client, list: &Path, files: &[PathBuf]) -> usize {
    let commands = files.iter().map(|file| {
        let name = file.file_name().expect("a name").to_string_lossy();
        let local = file.display();
        format!("put \"{local}\" \"inbox/{name}\"\n!echo answered\n")
    });
    let commands: String = commands.collect();
    std::fs::write(list, commands).expect("written");
    let said = tool::run(&mut client.batch_file(list), "");
    said.out.lines().filter(|line| *line == "answered").count()
}

/// Numbers that look random and follow from a seed (`SplitMix64`).
struct Chance(u64);

impl Chance {
    const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
