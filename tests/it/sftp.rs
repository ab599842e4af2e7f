//! Files put by OpenSSH's `sftp` and `scp`, and the answers that the sender finds beside them.

use std::fs;
use std::time::Duration;

use ecocd::domain::outcome::{DUPLICATE_MESSAGE, DUPLICATE_TITLE, Outcome};
use ecocd::intake;

use crate::support::daemon::{self, Daemon, PASSWORD};
use crate::support::database::Engine;
use crate::support::documents;
use crate::support::process::Service;
use crate::support::receipt::Receipt;
use crate::support::sftp_client::{Client, KeyPair};
use crate::support::wait;

on_both_databases!(
    a_certificate_put_by_sftp_is_accepted,
    another_file_with_the_same_key_is_a_duplicate_in_the_portals_words,
    the_same_octets_again_are_replayed,
    what_is_tested_has_no_effect,
    two_files_with_one_key_at_once_give_one_record,
);

fn a_certificate_put_by_sftp_is_accepted(engine: Engine) {
    daemon::with(engine, |daemon| {
        let sample = documents::sample_path("valid/01-m1-petrol.xml");
        let octets = documents::sample("valid/01-m1-petrol.xml");
        daemon.client().put(&sample, "inbox/01-m1-petrol.xml");
        let receipt = daemon.receipt("inbox/01-m1-petrol.xml");
        assert_eq!(receipt.outcome(), "accepted", "{receipt:#?}");
        assert_eq!(receipt.text("/status"), "Succeeded");
        assert_eq!(receipt.text("/lane"), "live");
        assert_eq!(receipt.text("/door"), "sftp");
        assert_eq!(receipt.text("/file/name"), "01-m1-petrol.xml");
        assert_eq!(receipt.text("/file/path"), "/inbox/01-m1-petrol.xml");
        assert_eq!(receipt.number("/file/size_bytes"), octets.len() as u64);
        assert_eq!(
            receipt.text("/file/sha256"),
            intake::digest(&octets).as_str()
        );
        assert_eq!(receipt.text("/document/vin"), documents::PETROL_VIN);
        assert_eq!(receipt.number("/document/ivi_version_number"), 1);
        assert_eq!(receipt.number("/document/manufacturer_stage_number"), 1);
        assert_eq!(receipt.text("/document/vehicle_category"), "M1");
        assert!(receipt.submission().starts_with("SUB-"), "{receipt:#?}");
        the_sender_can_fetch(daemon, &receipt);
    });
}

/// Looks for the receipt with the client's own eyes: listed, fetched, and kept below `/receipts`.
fn the_sender_can_fetch(daemon: &Daemon, receipt: &Receipt) {
    let client = daemon.client();
    let fetched = daemon.scratch().join("fetched.json");
    let commands = format!(
        "ls -1 inbox\nget inbox/01-m1-petrol.xml.receipt.json \"{}\"\nls -1 receipts\n",
        fetched.display()
    );
    let said = client.batch(&commands).success();
    assert!(said.out.contains("inbox/01-m1-petrol.xml\n"), "{said:#?}");
    let own = Receipt::read(&fetched).expect("it was fetched");
    assert_eq!(own.0, receipt.0);
    let day = &receipt.text("/times/decided")[..10];
    assert!(said.out.contains(&format!("receipts/{day}")), "{said:#?}");
    let kept = client.batch(&format!("ls -1 receipts/{day}\n")).success();
    assert!(kept.out.contains(".json"), "{kept:#?}");
}

fn another_file_with_the_same_key_is_a_duplicate_in_the_portals_words(engine: Engine) {
    daemon::with(engine, |daemon| {
        let client = daemon.client();
        client.put(
            &documents::sample_path("valid/01-m1-petrol.xml"),
            "inbox/a.xml",
        );
        let first = daemon.receipt("inbox/a.xml");
        let other = documents::sample_path("invalid/130-duplicate-key.xml");
        client.put(&other, "inbox/b.xml");
        let second = daemon.receipt("inbox/b.xml");
        assert_eq!(second.outcome(), "duplicate", "{second:#?}");
        assert_eq!(second.text("/status"), "Failed");
        assert_eq!(second.text("/reason"), "D01");
        assert_eq!(second.text("/title"), "Duplicate submission");
        assert_eq!(DUPLICATE_TITLE, "Duplicate submission");
        assert_eq!(
            second.text("/message"),
            "A submission with the same VehicleIdentificationNumber, IviVersionNumber and \
             ManufacturerStageNumber already exists."
        );
        assert_eq!(second.text("/message"), DUPLICATE_MESSAGE);
        assert_eq!(second.text("/duplicate_of/submission"), first.submission());
    });
}

fn the_same_octets_again_are_replayed(engine: Engine) {
    daemon::with(engine, |daemon| {
        let sample = documents::sample_path("valid/01-m1-petrol.xml");
        let client = daemon.client();
        client.put(&sample, "inbox/a.xml");
        let first = daemon.receipt("inbox/a.xml");
        client.put(&sample, "inbox/b.xml");
        let second = daemon.receipt("inbox/b.xml");
        assert_eq!(second.outcome(), "replayed", "{second:#?}");
        assert_eq!(second.text("/status"), "Succeeded");
        assert_eq!(second.text("/duplicate_of/submission"), first.submission());
        assert_ne!(second.submission(), first.submission());
    });
}

fn what_is_tested_has_no_effect(engine: Engine) {
    daemon::with(engine, |daemon| {
        let sample = documents::sample_path("valid/01-m1-petrol.xml");
        let client = daemon.client();
        client.put(&sample, "test/a.xml");
        let tried = daemon.receipt("test/a.xml");
        assert_eq!(tried.outcome(), "accepted", "{tried:#?}");
        assert_eq!(tried.text("/lane"), "test");
        client.put(&sample, "inbox/a.xml");
        let counted = daemon.receipt("inbox/a.xml");
        assert_eq!(counted.outcome(), "accepted", "{counted:#?}");
        assert_eq!(counted.text("/lane"), "live");
    });
}

fn two_files_with_one_key_at_once_give_one_record(engine: Engine) {
    daemon::with(engine, |daemon| {
        let first = documents::certificate(1);
        let mut second = first.clone();
        second.extend_from_slice(b"<!-- other octets, same key -->\n");
        let by_sftp = daemon.local_file("first.xml", &first);
        let client = daemon.client();
        std::thread::scope(|scope| {
            for number in 0..3 {
                let (client, by_sftp) = (&client, &by_sftp);
                scope.spawn(move || client.put(by_sftp, &format!("inbox/sftp-{number}.xml")));
            }
            let staged = daemon.dropped("inbox/by-folder.part");
            fs::write(&staged, &second).expect("dropped");
            fs::rename(&staged, daemon.dropped("inbox/by-folder.xml")).expect("renamed");
        });
        let outcomes = daemon.outcomes(4);
        let accepted = outcomes
            .iter()
            .filter(|outcome| outcome.as_str().starts_with("accepted"))
            .count();
        assert_eq!((outcomes.len(), accepted), (4, 1), "{outcomes:?}");
        for name in ["sftp-0", "sftp-1", "sftp-2", "by-folder"] {
            let receipt = daemon.receipt(&format!("inbox/{name}.xml"));
            assert!(
                receipt.is_accepted() || ["replayed", "duplicate"].contains(&receipt.outcome()),
                "{receipt:#?}"
            );
        }
    });
}

#[test]
fn a_wrong_root_is_answered_in_the_portals_words() {
    daemon::with(Engine::Sqlite, |daemon| {
        let sample = documents::sample_path("invalid/060-wrong-root-no-namespace.xml");
        daemon.client().put(&sample, "inbox/060.xml");
        let receipt = daemon.receipt("inbox/060.xml");
        assert_eq!(receipt.outcome(), "rejected");
        assert_eq!(receipt.text("/reason"), "X02");
        assert_eq!(receipt.text("/title"), "Invalid xml");
        assert_eq!(
            receipt.text("/message"),
            "Unexpected root element 'root' in namespace ''. Expected 'InitialVehicleInformation' \
             in namespace 'http://eu.ereg.initialvehicleinformation.v2'."
        );
        assert_eq!(receipt.text("/retry"), "after-fix");
    });
}

#[test]
fn a_finding_says_line_column_and_path() {
    daemon::with(Engine::Sqlite, |daemon| {
        let sample = documents::sample_path("invalid/095-category-unknown.xml");
        daemon.client().put(&sample, "inbox/095.xml");
        let receipt = daemon.receipt("inbox/095.xml");
        assert_eq!(
            (receipt.outcome(), receipt.text("/reason")),
            ("rejected", "S03")
        );
        let findings = receipt.findings();
        let finding = findings
            .iter()
            .find(|finding| finding.text("/path").contains("VehicleCategory"))
            .unwrap_or_else(|| panic!("nothing about the category in {receipt:#?}"));
        let text = String::from_utf8(documents::sample("invalid/095-category-unknown.xml"))
            .expect("UTF-8");
        let line = text
            .lines()
            .position(|line| line.contains("<VehicleCategory>"));
        assert_eq!(finding.number("/line"), line.expect("there") as u64 + 1);
        assert!(finding.number("/column") > 0);
        assert_eq!(finding.text("/value"), "M4");
        assert!(!finding.text("/message").is_empty());
    });
}

#[test]
fn scp_uploads_as_well() {
    daemon::with(Engine::Sqlite, |daemon| {
        let file = daemon.local_file("by-scp.xml", &documents::certificate(7));
        daemon.client().scp(&file, "inbox/by-scp.xml").success();
        let receipt = daemon.receipt("inbox/by-scp.xml");
        assert!(receipt.is_accepted(), "{receipt:#?}");
    });
}

#[test]
fn a_temporary_name_is_not_judged_until_it_is_renamed() {
    daemon::with(Engine::Sqlite, |daemon| {
        let file = daemon.local_file("local.xml", &documents::certificate(8));
        let commands = format!(
            "put \"{}\" inbox/c.xml.filepart\nls -1 inbox\nrename inbox/c.xml.filepart inbox/c.xml\n",
            file.display()
        );
        let said = daemon.client().batch(&commands).success();
        assert!(said.out.contains("inbox/c.xml.filepart\n"), "{said:#?}");
        let receipt = daemon.receipt("inbox/c.xml");
        assert!(receipt.is_accepted(), "{receipt:#?}");
        assert_eq!(receipt.text("/file/name"), "c.xml");
        assert_eq!(daemon.decided(1).len(), 1);
    });
}

#[test]
fn a_file_waits_for_the_marker_that_its_account_agreed_on() {
    let mut service = Service::new();
    let client = service.add_robot();
    let set = ["account", "set", "acme", "--done-marker", ".done"];
    service.command(&set).success();
    service.start();
    let local = service.scratch().join("local.xml");
    fs::write(&local, documents::certificate(10)).expect("written");
    client.put(&local, "inbox/e.xml");
    let answer = service.dropped("inbox/e.xml.receipt.json");
    // Long after a file without a marker is answered.
    wait::pause(Duration::from_secs(2));
    assert!(Receipt::read(&answer).is_none(), "its marker did not come");
    let marker = service.scratch().join("marker");
    fs::write(&marker, b"").expect("written");
    client.put(&marker, "inbox/e.xml.done");
    let receipt = wait::until("its receipt", wait::SOON, || Receipt::read(&answer));
    assert!(receipt.is_accepted(), "{receipt:#?}");
    // The marker is no submission of its own, and gets no receipt.
    assert!(!service.dropped("inbox/e.xml.done.receipt.json").exists());
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_file_put_again_after_mending_gets_a_new_receipt() {
    daemon::with(Engine::Sqlite, |daemon| {
        let broken = documents::sample_path("invalid/010-mismatched-tag.xml");
        let client = daemon.client();
        client.put(&broken, "inbox/d.xml");
        let first = daemon.receipt("inbox/d.xml");
        assert_eq!(
            (first.outcome(), first.text("/reason")),
            ("rejected", "X01")
        );
        // The old answer goes away the moment the new file takes the name.
        let mended = daemon.local_file("mended.xml", &documents::certificate(9));
        client.put(&mended, "inbox/d.xml");
        let second = daemon.receipt("inbox/d.xml");
        assert!(second.is_accepted(), "{second:#?}");
        assert_ne!(second.submission(), first.submission());
    });
}

#[test]
fn a_key_that_nobody_registered_is_refused() {
    daemon::with(Engine::Sqlite, |daemon| {
        let stranger = KeyPair::generate(daemon.scratch(), "stranger");
        let client = Client::new(daemon.sftp(), daemon::ROBOT, &stranger);
        let said = client.batch("ls\n");
        assert!(!said.is_success);
        assert!(said.err.contains("Permission denied"), "{said:#?}");
        let unknown = Client::new(daemon.sftp(), "nobody-here", &stranger);
        assert!(unknown.batch("ls\n").err.contains("Permission denied"));
        daemon.client().batch("ls\n").success();
    });
}

#[test]
fn a_person_logs_in_with_a_password_and_not_with_a_wrong_one() {
    daemon::with(Engine::Sqlite, |daemon| {
        let stranger = KeyPair::generate(daemon.scratch(), "stranger");
        let person = Client::new(daemon.sftp(), daemon.person(), &stranger);
        let commands = "ls -1\n";
        let said = person.batch_with_password(daemon.scratch(), PASSWORD, commands);
        assert!(said.success().out.contains("inbox"));
        let wrong = person.batch_with_password(daemon.scratch(), "guess", commands);
        assert!(wrong.err.contains("Permission denied"), "{wrong:#?}");
    });
}

#[test]
fn one_account_sees_nothing_of_another() {
    daemon::with(Engine::Sqlite, |daemon| {
        let key = KeyPair::generate(daemon.scratch(), "other");
        let file = daemon.local_file("mine.xml", &documents::certificate(10));
        daemon.client().put(&file, "inbox/mine.xml");
        daemon.receipt("inbox/mine.xml");
        let other = daemon.add_account("other", &key);
        let limit = wait::SOON;
        let said = wait::until("the new account is let in", limit, || {
            let said = other.batch("ls -1\nls -1 inbox\n");
            said.is_success.then_some(said)
        });
        assert!(!said.out.contains("mine.xml"), "{said:#?}");
        for path in [
            "../acme/inbox/mine.xml",
            "/../acme/inbox/mine.xml",
            "/acme/inbox/mine.xml",
        ] {
            let stolen = daemon.scratch().join("stolen");
            let said = other.batch(&format!("get {path} \"{}\"\n", stolen.display()));
            assert!(!said.is_success && !stolen.exists(), "{path}: {said:#?}");
        }
        // The same certificate from another manufacturer: taken, and not a word about whose it is.
        other.put(&file, "inbox/theirs.xml");
        let receipt = daemon.decided(2);
        let duplicate = receipt
            .iter()
            .find(|detail| detail.row.outcome == Some(Outcome::Duplicate));
        assert_eq!(duplicate.expect("a duplicate").duplicate_of, None);
    });
}

#[test]
fn a_folder_cannot_be_made() {
    daemon::with(Engine::Sqlite, |daemon| {
        // OpenSSH shows its own words for the status; the sentence beside it is for other clients.
        let said = daemon.client().batch("mkdir inbox/mine\n");
        assert!(!said.is_success);
        assert!(said.err.contains("Permission denied"), "{said:#?}");
        assert!(!daemon.dropped("inbox/mine").exists());
    });
}
