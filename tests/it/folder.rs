//! Files put into the drop folder by other programs: cp, mv, rsync, and slow writers.

use std::fs::{self, File};
use std::io::Write;
use std::process::Command;
use std::time::Duration;

use ecocd::config::Config;
use ecocd::intake;

use crate::support::daemon::{self, Daemon};
use crate::support::database::Engine;
use crate::support::documents;
use crate::support::{tool, wait};

on_both_databases!(
    a_file_renamed_into_place_is_taken_once,
    a_file_dropped_while_the_daemon_was_stopped_is_taken_at_the_start,
);

/// Looks often, so that a file taken twice would show within the test.
fn looks_often(config: &mut Config) {
    config.drop_folders.scan_every = Duration::from_millis(300);
    config.drop_folders.settle = Duration::from_millis(200);
}

fn with(engine: Engine, test: impl FnOnce(&mut Daemon)) {
    daemon::with_config(&engine.new_database(), looks_often, test);
}

fn a_file_renamed_into_place_is_taken_once(engine: Engine) {
    with(engine, |daemon| {
        let octets = documents::certificate(20);
        let staged = daemon.dropped("inbox/a.xml.part");
        fs::write(&staged, &octets).expect("dropped");
        fs::rename(&staged, daemon.dropped("inbox/a.xml")).expect("renamed");
        let receipt = daemon.receipt("inbox/a.xml");
        assert!(receipt.is_accepted(), "{receipt:#?}");
        assert_eq!(receipt.text("/door"), "folder");
        assert_eq!(
            receipt.text("/file/sha256"),
            intake::digest(&octets).as_str()
        );
        // Several scans later it is still the only one.
        wait::while_nothing_happens("it is taken twice", Duration::from_secs(2), || {
            daemon.submissions().len() == 1
        });
    });
}

fn a_file_dropped_while_the_daemon_was_stopped_is_taken_at_the_start(engine: Engine) {
    // No events and no second scan: only the look at the start can find it.
    let rare = |config: &mut Config| config.drop_folders.scan_every = Duration::from_hours(1);
    daemon::with_config(&engine.new_database(), rare, |daemon| {
        let before = daemon.local_file("before.xml", &documents::certificate(21));
        daemon.client().put(&before, "inbox/before.xml");
        daemon.receipt("inbox/before.xml");
        daemon.restart(|daemon| {
            let path = daemon.dropped("inbox/meanwhile.xml");
            fs::write(path, documents::certificate(22)).expect("dropped");
        });
        assert!(daemon.receipt("inbox/meanwhile.xml").is_accepted());
        // What was there before the stop was not taken again.
        assert_eq!(daemon.decided(2).len(), 2);
    });
}

#[test]
fn a_copied_file_is_taken_by_its_event_alone() {
    let rare = |config: &mut Config| config.drop_folders.scan_every = Duration::from_hours(1);
    daemon::with_config(&Engine::Sqlite.new_database(), rare, |daemon| {
        let file = daemon.local_file("local.xml", &documents::certificate(23));
        let mut cp = Command::new("cp");
        tool::run(cp.arg(&file).arg(daemon.dropped("inbox/b.xml")), "").success();
        assert!(daemon.receipt("inbox/b.xml").is_accepted());
    });
}

#[test]
fn a_file_put_by_rsync_is_taken_once() {
    with(Engine::Sqlite, |daemon| {
        let file = daemon.local_file("c.xml", &documents::certificate(24));
        let mut rsync = Command::new("rsync");
        rsync.arg("-t").arg(&file).arg(daemon.dropped("inbox/"));
        tool::run(&mut rsync, "").success();
        assert!(daemon.receipt("inbox/c.xml").is_accepted());
        wait::while_nothing_happens("it is taken twice", Duration::from_secs(1), || {
            daemon.submissions().len() == 1
        });
    });
}

#[test]
fn a_half_written_file_waits() {
    with(Engine::Sqlite, |daemon| {
        let octets = documents::certificate(25);
        let path = daemon.dropped("inbox/d.xml");
        let (begin, end) = octets.split_at(octets.len() / 2);
        fs::write(&path, begin).expect("dropped");
        // Ten times the settling time, and several scans.
        wait::while_nothing_happens("a half file is taken", Duration::from_secs(2), || {
            daemon.submissions().is_empty()
        });
        let mut file = File::options().append(true).open(&path).expect("opened");
        file.write_all(end).expect("written");
        drop(file);
        let receipt = daemon.receipt("inbox/d.xml");
        assert!(receipt.is_accepted(), "{receipt:#?}");
        assert_eq!(
            receipt.text("/file/sha256"),
            intake::digest(&octets).as_str()
        );
        assert_eq!(daemon.decided(1).len(), 1);
    });
}

#[test]
fn a_slow_writer_is_waited_for() {
    with(Engine::Sqlite, |daemon| {
        let octets = documents::certificate(26);
        let mut file = File::create(daemon.dropped("inbox/e.xml")).expect("made");
        for piece in octets.chunks(octets.len() / 12) {
            file.write_all(piece).expect("written");
            // Longer than the settling time: only completeness can tell.
            wait::pause(Duration::from_millis(250));
        }
        drop(file);
        let receipt = daemon.receipt("inbox/e.xml");
        assert!(receipt.is_accepted(), "{receipt:#?}");
        assert_eq!(
            receipt.text("/file/sha256"),
            intake::digest(&octets).as_str()
        );
        assert_eq!(daemon.decided(1).len(), 1);
    });
}

#[test]
fn a_file_that_never_becomes_whole_is_given_up() {
    let impatient = |config: &mut Config| {
        looks_often(config);
        config.drop_folders.incomplete_wait = Duration::from_secs(1);
    };
    daemon::with_config(&Engine::Sqlite.new_database(), impatient, |daemon| {
        let octets = documents::certificate(27);
        let half = &octets[..octets.len() / 2];
        fs::write(daemon.dropped("inbox/f.xml"), half).expect("dropped");
        let receipt = daemon.receipt("inbox/f.xml");
        assert_eq!(
            (receipt.outcome(), receipt.text("/reason")),
            ("rejected", "T02")
        );
        assert_eq!(receipt.text("/retry"), "same-file");
    });
}

#[test]
fn other_names_are_kept_and_never_judged() {
    with(Engine::Sqlite, |daemon| {
        let octets = documents::certificate(28);
        for name in ["a.txt", "a.xml.part", ".a.xml", "a.xml.filepart", "a.xml~"] {
            fs::write(daemon.dropped(&format!("inbox/{name}")), &octets).expect("dropped");
        }
        fs::write(daemon.dropped("inbox/last.XML"), &octets).expect("dropped");
        assert!(daemon.receipt("inbox/last.XML").is_accepted());
        wait::while_nothing_happens("another name is taken", Duration::from_secs(1), || {
            daemon.submissions().len() == 1
        });
        assert!(daemon.dropped("inbox/a.xml.part").exists());
    });
}

#[test]
fn a_link_planted_in_the_drop_folder_is_not_followed() {
    with(Engine::Sqlite, |daemon| {
        let secret = daemon.local_file("secret.xml", &documents::certificate(29));
        std::os::unix::fs::symlink(&secret, daemon.dropped("inbox/soft.xml")).expect("linked");
        fs::hard_link(&secret, daemon.dropped("inbox/hard.xml")).expect("linked");
        fs::write(daemon.dropped("inbox/own.xml"), documents::certificate(30)).expect("dropped");
        assert!(daemon.receipt("inbox/own.xml").is_accepted());
        wait::while_nothing_happens("a link is followed", Duration::from_secs(1), || {
            daemon.submissions().len() == 1
        });
        let stolen = daemon.scratch().join("stolen.xml");
        let get = format!("get inbox/soft.xml \"{}\"\n", stolen.display());
        let said = daemon.client().batch(&get);
        assert!(!said.is_success && !stolen.exists(), "{said:#?}");
    });
}
