//! A real browser on the web view. Debian packages: chromium, nodejs, npm.

use std::process::Command;

use crate::support::daemon::{self, PASSWORD};
use crate::support::database::Engine;
use crate::support::{documents, tool};

on_both_databases!(a_person_signs_in_and_finds_the_submission);

fn a_person_signs_in_and_finds_the_submission(engine: Engine) {
    daemon::with(engine, |daemon| {
        let client = daemon.client();
        let good = documents::sample_path("valid/01-m1-petrol.xml");
        client.put(&good, "inbox/01-m1-petrol.xml");
        let accepted = daemon.receipt("inbox/01-m1-petrol.xml");
        let bad = documents::sample_path("invalid/095-category-unknown.xml");
        client.put(&bad, "inbox/095-category-unknown.xml");
        let rejected = daemon.receipt("inbox/095-category-unknown.xml");
        let artefacts = tool::of_repository("target/artefacts");
        std::fs::create_dir_all(&artefacts).expect("a folder below target");
        let task = serde_json::json!({
            "url": format!("http://{}", daemon.web()),
            "login": daemon.person(),
            "password": PASSWORD,
            "vin": documents::PETROL_VIN,
            "accepted": accepted.submission(),
            "rejected": rejected.submission(),
            "sha256": accepted.text("/file/sha256"),
            "artefacts": artefacts,
            "label": format!("{engine:?}").to_lowercase(),
        });
        let mut node = Command::new("node");
        node.arg(tool::of_repository("tests/browser/first-light.mjs"));
        let said = tool::run(&mut node, &task.to_string()).success();
        println!("{}", said.out);
    });
}
