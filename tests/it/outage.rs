//! The database goes away in the midst of uploads, and comes back (promise P6), or is away when the service starts.

use std::os::unix::net::UnixDatagram;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ecocd::config::Config;

use crate::support::daemon::{self, Daemon};
use crate::support::database::Server;
use crate::support::process::Service;
use crate::support::sftp_client::Client;
use crate::support::{documents, ledger, wait};

/// How many clients put files at the same time.
const CLIENTS: u32 = 3;
/// How many files each of them puts.
const FILES: u32 = 20;

#[test]
fn every_upload_answered_ok_while_postgresql_was_away_is_judged_once() {
    let home = tempfile::Builder::new().prefix("ecocd-it-pg-").tempdir();
    let home = home.expect("a temporary folder can be made");
    // The server runs as another user, who must be let in.
    open_to_all(home.path());
    let mut server = Server::start(&home.path().join("server"));
    let url = server.new_database();
    let scans_often = |config: &mut Config| {
        config.drop_folders.scan_every = Duration::from_millis(500);
    };
    daemon::with_config(&url, scans_often, |daemon| {
        daemon.expect_errors();
        upload_through_an_outage(daemon, &mut server);
        every_upload_has_one_outcome_and_one_receipt(daemon);
    });
}

#[test]
fn a_service_that_starts_before_its_database_waits_for_it_and_commands_do_not() {
    let home = tempfile::Builder::new().prefix("ecocd-it-pg-").tempdir();
    let home = home.expect("a temporary folder can be made");
    open_to_all(home.path());
    let mut server = Server::start(&home.path().join("server"));
    let mut service = Service::on(&server.new_database());
    server.stop_dead();
    let manager = home.path().join("notify");
    let told = UnixDatagram::bind(&manager).expect("a socket");
    service.begin(Some(&manager));
    let says = "waiting for the database, which is away";
    wait::until("it says that it waits", wait::SOON, || {
        service.log().contains(says).then_some(())
    });
    let said = service.command(&["account", "list"]);
    assert_eq!(said.status, Some(1), "{said:#?}");
    assert!(said.err.contains("the database is away"), "{said:#?}");
    server.start_again();
    service.is_open();
    let log = service.log();
    assert_eq!(log.matches(says).count(), 1, "{log}");
    assert!(log.contains("the database is back"), "{log}");
    // Of a new database nobody wants to hear each step.
    assert!(
        log.contains("the database's tables are up to date"),
        "{log}"
    );
    assert!(!log.contains("the migration"), "{log}");
    let mut heard = String::new();
    let mut octets = [0; 4096];
    while !heard.contains("READY=1") {
        let number = told.recv(&mut octets).expect("the manager is told");
        heard += &String::from_utf8_lossy(&octets[..number]);
    }
    assert!(heard.contains("EXTEND_TIMEOUT_USEC="), "{heard}");
    assert!(heard.contains("STATUS=waiting for the database"), "{heard}");
    assert_eq!(service.stop(), Some(0), "{}", service.log());
}

fn upload_through_an_outage(daemon: &Daemon, server: &mut Server) {
    let answered = AtomicUsize::new(0);
    let total = (CLIENTS * FILES) as usize;
    // A third of the files before, a third during, a third after the outage.
    let wait_for = |count: usize| {
        let what = format!("{count} uploads answered OK");
        wait::until(&what, wait::SOON * 2, || {
            (answered.load(Ordering::SeqCst) >= count).then_some(())
        });
    };
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (client, answered) = (daemon.client(), &answered);
            let scratch = daemon.scratch();
            scope.spawn(move || {
                for file in 0..FILES {
                    let certificate = 1000 * (number + 1) + file;
                    let local = scratch.join(format!("{certificate}.xml"));
                    std::fs::write(&local, documents::certificate(certificate)).expect("written");
                    // Each upload must be answered OK: the door does not need the database.
                    put_until_answered(&client, &local, certificate);
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        wait_for(total / 3);
        server.stop_dead();
        wait_for(2 * total / 3);
        server.start_again();
        wait_for(total);
    });
}

/// Puts a file; a refusal is allowed only as long as another try is answered OK.
fn put_until_answered(client: &Client, local: &std::path::Path, certificate: u32) {
    let line = format!("put \"{}\" inbox/{certificate}.xml\n", local.display());
    wait::until("an upload is answered OK", wait::SOON, || {
        client.batch(&line).is_success.then_some(())
    });
}

fn every_upload_has_one_outcome_and_one_receipt(daemon: &Daemon) {
    let numbers: Vec<u32> = (1..=CLIENTS)
        .flat_map(|client| (0..FILES).map(move |file| 1000 * client + file))
        .collect();
    for number in &numbers {
        let receipt = daemon.receipt(&format!("inbox/{number}.xml"));
        assert!(
            receipt.is_accepted() || receipt.outcome() == "replayed",
            "{receipt:#?}"
        );
    }
    let details = daemon.answered(numbers.len());
    let vins = numbers.iter().map(|number| documents::vin(*number));
    ledger::each_vin_is_recorded_once(&details, vins);
    ledger::submissions_and_receipts_agree(&details, &daemon.dropped("receipts"));
}

fn open_to_all(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let permissions = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder, permissions).expect("a folder of ours");
}
