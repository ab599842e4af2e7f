//! A real browser on the portal, with scripts and without. Debian packages: chromium, nodejs, npm, sqlite3.
//!
//! Each journey is a script of `tests/browser`; every page that it comes by is photographed at both widths
//! (`target/artefacts`), checked for faults of accessibility, and validated.

use std::process::Command;
use std::time::Duration;

use ecocd::config::{Config, FirstPassword};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::daemon::{self, Daemon, PASSWORD};
use crate::support::database::Engine;
use crate::support::sftp_client::KeyPair;
use crate::support::{documents, tool};

/// The shortest time in which the form for an account may be filled in, for the test.
const FILL_MS: u64 = 200;

#[test]
fn somebody_asks_for_an_account_and_becomes_its_primary_user() {
    journey(
        Engine::Sqlite,
        "joining",
        |_config| (),
        |_daemon| Value::Null,
    );
}

#[test]
fn files_are_uploaded_found_and_read() {
    journey(
        Engine::Postgresql,
        "files",
        |_config| (),
        |_daemon| Value::Null,
    );
}

#[test]
fn machine_users_are_enabled_and_staff_run_the_service() {
    journey(
        Engine::Sqlite,
        "office",
        |_config| (),
        |daemon| {
            let held: Vec<String> = daemon
                .hold(&[1, 2, 3, 4].map(documents::certificate))
                .iter()
                .map(ToString::to_string)
                .collect();
            let key = |name| KeyPair::generate(daemon.scratch(), name).public();
            json!({
                "held": { "one": &held[..2], "two": &held[2..] },
                "keys": { "one": key("second-one"), "two": key("second-two") },
            })
        },
    );
}

#[test]
fn some_get_in_and_some_do_not() {
    let days = |days: u64| Duration::from_hours(days * 24);
    let settings = |config: &mut Config| {
        config.invitation.password = FirstPassword::None;
        config.web.password_age_max = days(90);
        config.web.trusted_proxies = "127.0.0.1/32".to_owned();
    };
    journey(Engine::Sqlite, "entry", settings, |daemon| {
        let of = |mark: &str| {
            let login = |name: &str| {
                daemon
                    .person()
                    .replacen("pat.", &format!("{name}.{mark}."), 1)
            };
            let now = Timestamp::now();
            let long_ago = now.checked_sub(days(100)).expect("a moment");
            let (outdated, other) = (login("olga"), login("nina"));
            let name = format!("Nina {mark}");
            daemon.add_person(&outdated, &format!("Olga {mark}"), long_ago);
            daemon.add_person(&other, &name, now);
            json!({ "outdated": outdated, "other": { "login": other, "name": name } })
        };
        json!({ "one": of("one"), "two": of("two") })
    });
}

/// Runs a script of journeys before a daemon so configured; `ready` says what the script must know besides.
fn journey(
    engine: Engine,
    script: &str,
    change: impl FnOnce(&mut Config),
    ready: impl FnOnce(&mut Daemon) -> Value,
) {
    let settings = |config: &mut Config| {
        config.registration.fill_min = Duration::from_millis(FILL_MS);
        // Each person of the journey signs in many times from one address.
        config.registration.hourly_max = 100;
        change(config);
    };
    daemon::with_config(&engine.new_database(), settings, |daemon| {
        let staff = daemon.add_staff();
        let more = ready(daemon);
        let task = task(daemon, engine, script, &staff, &more);
        let mut node = Command::new("node");
        node.arg(tool::of_repository(&format!("tests/browser/{script}.mjs")));
        let said = tool::run(&mut node, &task.to_string()).success();
        println!("{}", said.out);
    });
}

fn task(daemon: &Daemon, engine: Engine, script: &str, staff: &str, more: &Value) -> Value {
    let artefacts = tool::of_repository("target/artefacts");
    std::fs::create_dir_all(&artefacts).expect("a folder below target");
    let key = |name| KeyPair::generate(daemon.scratch(), name).public();
    json!({
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
        // What this script alone must know.
        "more": more,
        "artefacts": artefacts,
        "label": format!("{script}-{engine:?}").to_lowercase(),
    })
}
