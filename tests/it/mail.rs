//! People are told: by a real mail server, or by files in a folder.

use std::path::Path;

use ecocd::config::Config;

use crate::support::daemon::{self, Daemon};
use crate::support::database::Engine;
use crate::support::documents;
use crate::support::mailbox::{self, Mail};
use crate::support::{tool, wait};

on_both_databases!(
    a_digest_reaches_a_real_mail_server,
    a_dead_mail_server_delays_no_receipt,
);

/// Hands in one certificate that fails and two that do not, at once.
fn hand_in(daemon: &Daemon) {
    let files = [
        ("good-1.xml", documents::certificate(40)),
        (
            "bad.xml",
            documents::sample("invalid/010-mismatched-tag.xml"),
        ),
        ("good-2.xml", documents::certificate(41)),
    ];
    let commands = files.map(|(name, octets)| {
        let local = daemon.local_file(name, &octets);
        format!("put \"{}\" inbox/{name}\n", local.display())
    });
    let commands = commands.concat();
    daemon.client().batch(&commands).success();
    daemon.decided(3);
}

/// Waits for the first mail to `person` in `folder`.
fn mail_to(person: &str, folder: &Path) -> Mail {
    let what = format!("a mail to {person} in {}", folder.display());
    wait::until(&what, wait::SOON, || {
        let all = mailbox::mails(folder);
        all.into_iter()
            .find(|mail| mail.header("To").contains(person))
    })
}

/// Failures first, counts, links: what receipts.md asks of a digest.
fn is_a_digest(mail: &Mail, daemon: &Daemon) {
    let subject = mail.header("Subject");
    assert!(subject.contains("1 failed"), "{subject}");
    assert!(subject.contains("2 accepted"), "{subject}");
    let text = mail.text();
    let failed = text.find("bad.xml").expect("the failure is named");
    let accepted = text.find("good-1.xml").unwrap_or(usize::MAX);
    assert!(failed < accepted, "failures come first:\n{text}");
    let link = format!("{}/submissions/", daemon.config().service.public_url);
    assert!(text.contains(&link), "no link {link} in:\n{text}");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(
        !text.contains("InitialVehicleInformation xmlns"),
        "never the XML"
    );
}

fn a_digest_reaches_a_real_mail_server(engine: Engine) {
    let server = tool::from_runner("ECOCD_TEST_SMTP");
    let maildir = tool::from_runner("ECOCD_TEST_MAILDIR");
    let by_smtp = |config: &mut Config| config.mail.smtp = format!("smtp://{server}");
    daemon::with_config(&engine.new_database(), by_smtp, |daemon| {
        hand_in(daemon);
        let mail = mail_to(daemon.person(), Path::new(&maildir));
        is_a_digest(&mail, daemon);
    });
}

fn a_dead_mail_server_delays_no_receipt(engine: Engine) {
    // Port 1 of loopback: nobody listens there.
    let dead = |config: &mut Config| config.mail.smtp = String::from("smtp://127.0.0.1:1");
    daemon::with_config(&engine.new_database(), dead, |daemon| {
        daemon.expect_errors();
        hand_in(daemon);
        assert_eq!(daemon.receipt("inbox/bad.xml").outcome(), "rejected");
        wait::until("an attempt is written down", wait::SOON, || {
            let waiting = daemon.mails().into_iter().find(|mail| mail.attempts > 0)?;
            let answer = waiting.last_answer.unwrap_or_default();
            assert!(!answer.is_empty(), "the history says why it failed");
            Some(())
        });
        let again = daemon.local_file("again.xml", &documents::certificate(42));
        daemon.client().put(&again, "inbox/again.xml");
        assert!(daemon.receipt("inbox/again.xml").is_accepted());
    });
}

#[test]
fn a_digest_reaches_a_mail_server_that_wants_tls() {
    let server = tool::from_runner("ECOCD_TEST_SMTP");
    let maildir = tool::from_runner("ECOCD_TEST_MAILDIR");
    let authority = tool::from_runner("ECOCD_TEST_SMTP_CA");
    if authority.is_empty() {
        // tests/run has said that, and why, this is not checked.
        return;
    }
    let (_, port) = server.rsplit_once(':').expect("a port");
    let by_tls = |config: &mut Config| {
        config.mail.smtp = format!("smtp+starttls://localhost:{port}");
        config.mail.ca_file = authority.into();
    };
    daemon::with_config(&Engine::Sqlite.new_database(), by_tls, |daemon| {
        hand_in(daemon);
        let mail = mail_to(daemon.person(), Path::new(&maildir));
        is_a_digest(&mail, daemon);
        assert!(mail.whole.contains("with ESMTPS"), "it came in plain text");
    });
}

#[test]
fn a_digest_is_written_as_a_file_while_no_server_is_set() {
    daemon::with(Engine::Sqlite, |daemon| {
        hand_in(daemon);
        let mail = mail_to(daemon.person(), &daemon.mail_folder());
        is_a_digest(&mail, daemon);
    });
}

#[test]
fn a_window_without_failures_is_silent() {
    daemon::with(Engine::Sqlite, |daemon| {
        let file = daemon.local_file("good.xml", &documents::certificate(43));
        daemon.client().put(&file, "inbox/good.xml");
        daemon.decided(1);
        // Four times the window.
        let time = daemon.config().mail.window * 4;
        wait::while_nothing_happens("a mail is written", time, || {
            mailbox::mails(&daemon.mail_folder()).is_empty()
        });
    });
}
