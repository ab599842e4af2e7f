//! What operators type, against the database of the running service.

use std::process::Command;

use crate::support::process::{self, Service};
use crate::support::receipt::Receipt;
use crate::support::sftp_client::{Client, KeyPair};
use crate::support::{documents, tool, wait};

#[test]
fn an_account_made_while_the_service_runs_can_hand_in_at_once() {
    let mut service = Service::new();
    service.start();
    let client = service.add_robot();
    let file = service.scratch().join("a.xml");
    std::fs::write(&file, documents::certificate(50)).expect("written");
    let line = format!("put \"{}\" inbox/a.xml\n", file.display());
    // Changes are seen within a second, by the running service too.
    wait::until("the new key is let in", wait::SOON, || {
        client.batch(&line).is_success.then_some(())
    });
    let path = service.dropped("inbox/a.xml.receipt.json");
    let receipt = wait::until("the receipt", wait::SOON, || Receipt::read(&path));
    assert!(receipt.is_accepted(), "{receipt:#?}");
    listed_and_shown(&service, &receipt);
    assert_eq!(service.stop(), Some(0), "{}", service.log());
}

/// The same submission in the table, in JSON, and alone.
fn listed_and_shown(service: &Service, receipt: &Receipt) {
    let number = receipt.submission();
    let table = service.command(&["submission", "list"]).success().out;
    assert!(table.contains(number), "{table}");
    assert!(table.contains(&documents::vin(50)), "{table}");
    let json = service.json(&["submission", "list"]).to_string();
    assert!(json.contains(number), "{json}");
    let shown = service
        .command(&["submission", "show", number])
        .success()
        .out;
    assert!(shown.contains("a.xml"), "{shown}");
    let accounts = service.json(&["account", "list"]).to_string();
    assert!(accounts.contains("acme"), "{accounts}");
    let users = service.json(&["user", "list"]).to_string();
    assert!(users.contains("acme-robot"), "{users}");
    assert!(service.json(&["outbox", "list"]).is_array());
}

#[test]
fn a_suspended_account_and_a_removed_key_are_refused_at_once() {
    let mut service = Service::new();
    service.start();
    let client = service.add_robot();
    let let_in = |client: &Client, wanted: bool| {
        let what = format!("let in: {wanted}");
        wait::until(&what, wait::SOON, || {
            (client.batch("ls\n").is_success == wanted).then_some(())
        });
    };
    let_in(&client, true);
    service.command(&["account", "suspend", "acme"]).success();
    let_in(&client, false);
    let key = KeyPair::generate(service.scratch(), "second");
    let file = key.public_file();
    let words = [
        "user",
        "key",
        "add",
        "acme-robot",
        file.to_str().expect("plain"),
    ];
    service.command(&words).success();
    let again = service.command(&words);
    assert!(!again.is_success, "one key, one user: {again:#?}");
    let removed = ["user", "key", "remove", "acme-robot", &key.fingerprint()];
    service.command(&removed).success();
    let gone = service.command(&removed);
    assert_eq!(gone.status, Some(1), "{gone:#?}");
    service.stop();
}

#[test]
fn a_password_is_set_from_standard_input_and_never_shown() {
    let service = Service::new();
    service
        .command(&["account", "add", "acme", "ACME Motor Company"])
        .success();
    let person = [
        "user",
        "add",
        "pat@acme.example",
        "--account",
        "acme",
        "--role",
        "primary",
    ];
    service.command(&person).success();
    let words = ["user", "passwd", "pat@acme.example"];
    let said = service.command_with_input(&words, "a-very-secret-passphrase\n");
    let said = said.success();
    assert!(!(said.out + &said.err).contains("a-very-secret-passphrase"));
    let noted = service.json(&["audit", "list", "--subject", "pat@acme.example"]);
    assert_eq!(noted[0]["action"], "password-changed", "{noted:#}");
    assert_eq!(noted[0]["actor"], "command line", "{noted:#}");
    assert_eq!(noted[1]["action"], "user-added", "{noted:#}");
    assert!(!noted.to_string().contains("a-very-secret-passphrase"));
    let told = service.json(&["outbox", "list"]);
    assert_eq!(told[0]["to"], "pat@acme.example", "{told:#}");
    assert_eq!(told[0]["subject"], "Your eCoC password was changed");
}

#[test]
fn every_fault_of_a_configuration_is_named_at_once() {
    let service = Service::new();
    let path = service.scratch().join("bad.toml");
    let text = "version = 1\n[sftp]\nlissen = '127.0.0.1:1'\n[mail]\nwindow = 'soon'\n";
    std::fs::write(&path, text).expect("written");
    let said = tool::run(process::program().arg("check-config").arg(&path), "");
    assert_eq!(said.status, Some(78), "{said:#?}");
    assert!(
        said.err.contains("lissen") && said.err.contains("listen"),
        "{said:#?}"
    );
    assert!(
        said.err.contains("window") && said.err.contains("soon"),
        "{said:#?}"
    );
    let good = tool::of_repository("config/ecocd.example.toml");
    tool::run(process::program().arg("check-config").arg(good), "").success();
}

#[test]
fn a_word_that_is_no_command_is_a_usage_error() {
    let said = tool::run(process::program().arg("serf"), "");
    assert_eq!(said.status, Some(64), "{said:#?}");
    assert!(!said.err.is_empty());
}

#[test]
fn the_demo_prints_the_very_command_that_works() {
    let folder = tempfile::TempDir::with_prefix("ecocd-it-").expect("a temporary folder");
    let mut demo = Demo::start(folder.path());
    let printed = demo.printed_until("sftp -i ");
    let line = printed
        .lines()
        .find(|line| line.contains("sftp -i "))
        .expect("the command to paste");
    let sftp = &line[line.find("sftp -i ").expect("found")..];
    let file = documents::sample_path("valid/01-m1-petrol.xml");
    // Nobody types `yes` to the host key here; everything else is as printed.
    let options = "sftp -b - -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ";
    let pasted = sftp.replacen("sftp ", options, 1);
    let commands = format!("put \"{}\" inbox/\n", file.display());
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(&pasted).current_dir(folder.path());
    tool::run(&mut shell, &commands).success();
    let answer = folder
        .path()
        .join("data/drop/demo/inbox/01-m1-petrol.xml.receipt.json");
    let receipt = wait::until("the receipt", wait::SOON, || Receipt::read(&answer));
    assert_eq!(receipt.outcome(), "accepted", "{receipt:#?}");
    demo.stop();
}

/// `ecocd demo`, and what it prints.
struct Demo {
    child: std::process::Child,
    printed: std::path::PathBuf,
}

impl Demo {
    fn start(folder: &std::path::Path) -> Self {
        let printed = folder.join("printed");
        let file = std::fs::File::create(&printed).expect("made");
        let mut demo = process::program();
        demo.args(["demo", "--data"]).arg(folder.join("data"));
        demo.args([
            "--sftp-listen",
            "127.0.0.1:0",
            "--web-listen",
            "127.0.0.1:0",
        ]);
        demo.stdout(file.try_clone().expect("a handle"))
            .stderr(file);
        let child = demo.spawn().expect("the program starts");
        Self { child, printed }
    }

    fn printed_until(&self, words: &str) -> String {
        let what = format!("the demo prints {words}");
        wait::until(&what, wait::SOON, || {
            let text = std::fs::read_to_string(&self.printed).unwrap_or_default();
            let end = text.find(words)?;
            text[end..].contains('\n').then_some(text)
        })
    }

    fn stop(&mut self) {
        let id = self.child.id().to_string();
        tool::run(Command::new("kill").args(["-INT", &id]), "").success();
        let ended = wait::until("the demo stops", wait::SOON * 2, || {
            self.child.try_wait().expect("our child")
        });
        assert!(ended.success(), "{}", self.printed_until(""));
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ended_before = self.child.kill();
        let _status = self.child.wait();
    }
}

#[test]
fn the_rules_are_listed_with_what_they_weigh_here() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("ecocd.toml");
    let text = "version = 1\n[check.rules]\nB24-mass-above-maximum = \"error\"\n";
    std::fs::write(&config, text).expect("written");
    let rules = |more: &[&str]| {
        let mut command = process::program();
        command.arg("--config").arg(&config).arg("rules").args(more);
        tool::run(&mut command, "").success().out
    };
    let said = rules(&[]);
    assert!(
        said.contains("\nB24-mass-above-maximum: error (by default: warning)\n"),
        "{said}"
    );
    let list: serde_json::Value =
        serde_json::from_str(&rules(&["--format", "json"])).expect("JSON");
    let list = list.as_array().expect("a list");
    assert!(list.len() >= 40, "{}", list.len());
    for rule in list {
        for field in [
            "code",
            "severity",
            "default_severity",
            "about",
            "help",
            "source",
        ] {
            assert!(
                rule[field].as_str().is_some_and(|text| !text.is_empty()),
                "{rule}"
            );
        }
    }
}

#[test]
fn a_backup_made_while_the_service_runs_is_restored_as_the_manual_says() {
    let mut service = Service::new();
    service.start();
    let client = service.add_robot();
    let put = |service: &Service, number: u32| {
        let file = service.scratch().join("next.xml");
        std::fs::write(&file, documents::certificate(number)).expect("written");
        let line = format!("put \"{}\" inbox/{number}.xml\n", file.display());
        wait::until("the file is taken", wait::SOON, || {
            client.batch(&line).is_success.then_some(())
        });
        let receipt = service.dropped(&format!("inbox/{number}.xml.receipt.json"));
        wait::until("the receipt", wait::SOON, || Receipt::read(&receipt));
    };
    put(&service, 1);
    let saved = service.scratch().join("saved.sqlite");
    let words = ["backup", saved.to_str().expect("plain")];
    service.command(&words).success();
    let again = service.command(&words);
    assert_eq!(again.status, Some(1), "never over another file: {again:#?}");
    put(&service, 2);
    service.stop();

    let database = service.data().join("ecocd.sqlite");
    std::fs::copy(&saved, &database).expect("put back");
    for log in ["-wal", "-shm"] {
        let log = format!("{}{log}", database.display());
        if let Err(error) = std::fs::remove_file(log) {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
        }
    }
    service.start();
    let submissions = |service: &Service, number: usize| {
        wait::until("the submissions are decided", wait::SOON, || {
            let all = service.json(&["submission", "list"]);
            let all = all.as_array().expect("a list").clone();
            let is_done = all.iter().all(|one| !one["outcome"].is_null());
            (is_done && all.len() == number).then_some(all)
        })
    };
    // The first is recognised, the second is taken in again.
    let all = submissions(&service, 2);
    let accepted = all.iter().filter(|one| one["outcome"] == "accepted");
    assert_eq!(accepted.count(), 2, "{all:#?}");
    service.stop();

    // Drop folders that were copied back: other inodes, and the same octets, which are recognised.
    let inbox = service.dropped("inbox");
    for number in [1, 2] {
        let file = inbox.join(format!("{number}.xml"));
        let octets = std::fs::read(&file).expect("it is there");
        std::fs::remove_file(&file).expect("removed");
        std::fs::write(&file, octets).expect("put back");
    }
    service.start();
    put(&service, 3);
    submissions(&service, 3);
    assert_eq!(service.stop(), Some(0), "{}", service.log());
}
