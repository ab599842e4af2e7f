//! A real browser on the portal, with scripts and without. Debian packages: chromium, nodejs, npm, sqlite3.
//!
//! Each journey is a script of `tests/browser`; every page that it comes by is photographed at both widths
//! (`target/artefacts`), checked for faults of accessibility, and validated.

use std::process::Command;

use ecocd::config::Config;

use crate::support::daemon::{self, Daemon, PASSWORD};
use crate::support::database::Engine;
use crate::support::sftp_client::KeyPair;
use crate::support::{documents, tool};

/// The shortest time in which the form for an account may be filled in, for the test.
const FILL_MS: u64 = 200;

#[test]
fn somebody_asks_for_an_account_and_becomes_its_primary_user() {
    journey(Engine::Sqlite, "joining");
}

#[test]
fn files_are_uploaded_found_and_read() {
    journey(Engine::Postgresql, "files");
}

#[test]
fn machine_users_are_enabled_and_staff_run_the_service() {
    journey(Engine::Sqlite, "office");
}

fn journey(engine: Engine, script: &str) {
    let settings = |config: &mut Config| {
        config.registration.fill_min = std::time::Duration::from_millis(FILL_MS);
        // Each person of the journey signs in many times from one address.
        config.registration.hourly_max = 100;
    };
    daemon::with_config(&engine.new_database(), settings, |daemon| {
        let staff = daemon.add_staff();
        let task = task(daemon, engine, script, &staff);
        let mut node = Command::new("node");
        node.arg(tool::of_repository(&format!("tests/browser/{script}.mjs")));
        let said = tool::run(&mut node, &task.to_string()).success();
        println!("{}", said.out);
    });
}

fn task(daemon: &Daemon, engine: Engine, script: &str, staff: &str) -> serde_json::Value {
    let artefacts = tool::of_repository("target/artefacts");
    std::fs::create_dir_all(&artefacts).expect("a folder below target");
    let key = |name| KeyPair::generate(daemon.scratch(), name).public();
    serde_json::json!({
        "url": format!("http://{}", daemon.web()),
        "login": daemon.person(),
        "staff": staff,
        "password": PASSWORD,
        "vin": documents::PETROL_VIN,
        "petrol": documents::sample_path("valid/01-m1-petrol.xml"),
        "scratch": daemon.scratch(),
        "mails": daemon.mail_folder(),
        // The SQLite file, where it is one.
        "database": daemon.config().service.data.join("ecocd.sqlite"),
        "fill_ms": FILL_MS + 200,
        "keys": { "one": key("one"), "two": key("two") },
        "refused_keys": ["nonsense", "-----BEGIN OPENSSH PRIVATE KEY-----"],
        "artefacts": artefacts,
        "label": format!("{script}-{engine:?}").to_lowercase(),
    })
}
