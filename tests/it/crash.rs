//! The real process is killed, or its disk loses power, at random moments during uploads, and it is
//! started again each time (promises P1, P2 and P3).

use std::time::Duration;

use ecocd::config::Config;
use ecocd::intake;
use ecocd::runtime::Tasks;
use ecocd::store::{Detail, Filter, LeftOver, Store};

use crate::support::chance::Chance;
use crate::support::database::Engine;
use crate::support::disk::Disk;
use crate::support::process::Service;
use crate::support::receipt::Receipt;
use crate::support::{documents, ledger, senders, tool, wait};

/// How many certificates are handed in.
const FILES: u32 = 500;
/// How many are handed in to a disk that loses power: each time costs more.
const FILES_ON_DISK: u32 = 200;
/// The most that passes between two kills, in milliseconds; the least is a tenth of it.
const KILL_WITHIN_MS: u64 = 1_200;

#[test]
fn every_upload_answered_ok_survives_kills_with_one_outcome_and_one_receipt() {
    let rounds = if tool::is_full_run() { 10 } else { 1 };
    for round in 0..rounds {
        upload_under_fire(Engine::Sqlite, FILES, seed() + round);
    }
}

#[test]
fn every_upload_answered_ok_survives_kills_on_postgresql_as_well() {
    let (rounds, files) = if tool::is_full_run() {
        (5, FILES)
    } else {
        (1, FILES_ON_DISK)
    };
    for round in 0..rounds {
        upload_under_fire(Engine::Postgresql, files, seed() + round);
    }
}

#[test]
fn every_upload_answered_ok_survives_power_cuts_of_its_disk() {
    if tool::machine_lacks("loop") {
        return;
    }
    let rounds = if tool::is_full_run() { 10 } else { 1 };
    for round in 0..rounds {
        upload_through_power_cuts(seed() + round);
    }
}

#[test]
fn what_was_closed_after_fsync_survives_a_power_cut_under_any_name() {
    if tool::machine_lacks("loop") {
        return;
    }
    let mut service = Service::new();
    let mut disk = Disk::xfs(service.scratch(), &service.data());
    let client = service.add_robot();
    service.start();
    let local = service.scratch().join("local");
    let content = documents::certificate(1);
    std::fs::write(&local, &content).expect("written");
    let names = ["a.part", "b.xml.filepart", "c.txt"];
    let lines = names.map(|name| format!("put -f \"{}\" inbox/{name}\n", local.display()));
    client.batch(&lines.concat()).success();
    disk.cut_power();
    service.kill();
    disk.mount_again();
    service.start();
    for name in names {
        let kept = std::fs::read(service.dropped(&format!("inbox/{name}")));
        assert!(kept.is_ok_and(|kept| kept == content), "{name}");
    }
    let rename = "rename inbox/a.part inbox/a.xml\n";
    client.batch(rename).success();
    let file = service.dropped("inbox/a.xml.receipt.json");
    let receipt = wait::until("the receipt", wait::SOON, || Receipt::read(&file));
    assert!(receipt.is_accepted(), "{receipt:#?}");
    assert_eq!(service.stop(), Some(0));
    drop(disk);
}

/// A seed of its own for each run, printed so that a failure can be run again.
fn seed() -> u64 {
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    seed
}

fn upload_under_fire(engine: Engine, files: u32, seed: u64) {
    let mut service = Service::on(&engine.new_database());
    service.start();
    let client = service.add_robot();
    let mut chance = Chance::new(seed);
    let mut kills = 0;
    let scratch = service.scratch().to_path_buf();
    senders::hand_in(files, &client, &scratch, || {
        live_a_while(&mut chance);
        service.kill();
        kills += 1;
        service.start();
    });
    println!("{kills} kills during {files} uploads");
    assert!(kills >= 3, "too few kills to prove anything: {kills}");
    the_books_are_right(&mut service, files);
}

/// All data lie on an XFS of their own, which is shut down without writing its log: what was not
/// synced is gone, as after a power cut.
fn upload_through_power_cuts(seed: u64) {
    let mut service = Service::new();
    let mut disk = Disk::xfs(service.scratch(), &service.data());
    service.start();
    let client = service.add_robot();
    let mut chance = Chance::new(seed);
    let mut cuts = 0;
    let scratch = service.scratch().to_path_buf();
    senders::hand_in(FILES_ON_DISK, &client, &scratch, || {
        live_a_while(&mut chance);
        disk.cut_power();
        service.kill();
        disk.mount_again();
        cuts += 1;
        service.start();
    });
    println!("{cuts} power cuts during {FILES_ON_DISK} uploads");
    assert!(cuts >= 2, "too few cuts to prove anything: {cuts}");
    the_books_are_right(&mut service, FILES_ON_DISK);
    // Before the service's folder, in which it lies.
    drop(disk);
}

fn live_a_while(chance: &mut Chance) {
    let least = KILL_WITHIN_MS / 10;
    let delay = least + chance.below(KILL_WITHIN_MS - least);
    wait::pause(Duration::from_millis(delay));
}

/// Each of the files was recorded once, has one receipt, and that is about the octets sent.
fn the_books_are_right(service: &mut Service, files: u32) {
    let details = all_decided(service);
    let vins = (0..files).map(documents::vin);
    ledger::each_vin_is_recorded_once(&details, vins);
    assert_eq!(service.stop(), Some(0), "{}", service.log());
    ledger::submissions_and_receipts_agree(&details, &service.dropped("receipts"));
    each_file_is_answered_beside_it(service, files);
}

/// The receipt beside each file is about the octets that were sent.
fn each_file_is_answered_beside_it(service: &Service, files: u32) {
    for number in 0..files {
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
    let (mut settings, tasks) = (Config::default().database, Tasks::new());
    service.database().clone_into(&mut settings.url);
    let data = service.data();
    let store = runtime
        .block_on(Store::open(&settings, &data, false, &tasks))
        .expect("the database opens");
    wait::until("every submission is answered", wait::SOON * 2, || {
        let (unfinished, unanswered) = runtime.block_on(async {
            (
                store.unfinished().await,
                store.unanswered(LeftOver::first(1)).await,
            )
        });
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
