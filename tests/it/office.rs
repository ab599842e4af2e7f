//! The audit log by command, and the certificate of the web view read again by a signal.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::process::Service;
use crate::support::{tool, wait};

/// Runs a statement on the service's SQLite file, as somebody does who owns the machine.
fn tamper(service: &Service, sql: &str) -> tool::Said {
    let file = service.data().join("ecocd.sqlite");
    let script = format!(
        "import sqlite3\nc = sqlite3.connect({:?})\nc.execute({sql:?})\nc.commit()\n",
        file.display().to_string()
    );
    tool::run(Command::new("python3").args(["-c", &script]), "")
}

#[test]
fn what_is_typed_is_noted_and_a_changed_log_is_found_out() {
    let service = Service::new();
    let whole = service.command(&["audit", "verify"]).success();
    assert!(whole.out.contains("it has no entries"), "{whole:#?}");
    let add = ["account", "add", "acme", "ACME Motor Company"];
    service.command(&add).success();
    service.command(&["account", "suspend", "acme"]).success();
    service.command(&["account", "suspend", "acme"]).success();
    service.command(&["account", "resume", "acme"]).success();
    let list = service.json(&["audit", "list", "--subject", "acme"]);
    let done: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        done,
        ["account-resumed", "account-suspended", "account-added"]
    );
    assert_eq!(list[0]["actor"], "command line");
    let digest = list[0]["digest"].as_str().unwrap();
    let whole = service.command(&["audit", "verify"]).success();
    assert!(
        whole.out.contains("3 entries") && whole.out.contains(digest),
        "{whole:#?}"
    );

    let change = "UPDATE audit SET actor = 'nobody' WHERE id = 1";
    let refused = tamper(&service, change);
    assert!(
        !refused.is_success && refused.err.contains("never changed"),
        "{refused:#?}"
    );
    tamper(&service, "DROP TRIGGER audit_is_never_changed").success();
    tamper(&service, change).success();
    let broken = service.command(&["audit", "verify"]);
    assert_eq!(broken.status, Some(1), "{broken:#?}");
    assert!(broken.out.contains("broken at entry 1"), "{broken:#?}");
}

/// A certificate for localhost, by openssl (Debian package openssl).
fn make_certificate(folder: &Path, name: &str) {
    let mut openssl = Command::new("openssl");
    openssl
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
        .args(["ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj"])
        .arg(format!("/CN={name}"))
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout"])
        .arg(folder.join("web.key"))
        .arg("-out")
        .arg(folder.join("web.crt"));
    tool::run(&mut openssl, "").success();
}

/// Asks for the service's start page, trusting what is in this file.
fn ask(service: &Service, trusted: &Path) -> tool::Said {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--noproxy", "*", "--max-time", "20", "--cacert"])
        .arg(trusted)
        .arg(format!("https://{}/", service.web()));
    tool::run(&mut curl, "")
}

#[test]
fn a_hang_up_signal_brings_a_new_certificate_in_and_stops_nothing() {
    let mut service = Service::new();
    let data = service.data();
    make_certificate(&data, "first");
    let config = fs::read_to_string(service.config_file()).unwrap();
    let with_tls = "[web]\ncertificate = 'web.crt'\nprivate-key = 'web.key'\n";
    fs::write(service.config_file(), config.replace("[web]\n", with_tls)).unwrap();
    service.start();
    let answer = ask(&service, &data.join("web.crt")).success();
    assert!(answer.out.contains("govuk-template"), "{answer:#?}");
    make_certificate(&data, "second");
    assert!(!ask(&service, &data.join("web.crt")).is_success);
    let hang_up = || {
        let mut kill = Command::new("kill");
        tool::run(kill.args(["-HUP", &service.pid().to_string()]), "").success();
    };
    hang_up();
    wait::until("the new certificate is in use", wait::SOON, || {
        ask(&service, &data.join("web.crt"))
            .is_success
            .then_some(())
    });
    let good = fs::read(data.join("web.crt")).unwrap();
    let kept = service.scratch().join("kept.crt");
    fs::write(&kept, good).unwrap();
    fs::write(data.join("web.crt"), "nonsense").unwrap();
    hang_up();
    wait::until("the bad one is logged", wait::SOON, || {
        let log = service.log();
        log.contains("the certificate that was read before stays in use")
            .then_some(())
    });
    ask(&service, &kept).success();
    assert_eq!(service.stop(), Some(0), "{}", service.log());
}
