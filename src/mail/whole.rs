//! The room as a whole, on a real SQLite store and a real folder: outcomes in, mails out.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use mail_parser::MessageParser;
use sha2::Digest;

use crate::config;
use crate::domain::account::{
    Account, AccountCode, LoginName, MailAddress, MailPreference, Role, UserKind,
};
use crate::domain::audit::{Action, Deed};
use crate::domain::notice::MailStatus;
use crate::domain::outcome::{Case, Finding, Layer, Severity, decide};
use crate::domain::record::Facts;
use crate::domain::submission::{Arrival, Door, Lane, Sha256, SubmissionNumber};
use crate::mail::gather::Gatherer;
use crate::mail::open;
use crate::mail::outbox::Outbox;
use crate::mail::samples::at;
use crate::runtime::{Clock, Tasks, random};
use crate::store::{Added, Arrived, Filed, Filing, NewArrival, NewUser, Store};

/// A store with the account ACME, and a folder for mail.
struct Site {
    data: tempfile::TempDir,
    store: Store,
    clock: Clock,
    tasks: Tasks,
    account: Account,
    settings: config::Mail,
}

impl Site {
    async fn new(people: &[(&str, MailPreference)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (tasks, now) = (Tasks::new(), at("10:00:00"));
        let settings = config::Database::default();
        let store = Store::open(&settings, data.path(), true, &tasks)
            .await
            .unwrap();
        let code = AccountCode::new("acme").unwrap();
        let Added::New(account) = store.add_account(&code, "ACME", now).await.unwrap() else {
            panic!("the account is there already");
        };
        for (name, preference) in people {
            let user = NewUser {
                account: Some(account.id),
                login: LoginName::new(&format!("{name}@example.com")).unwrap(),
                kind: UserKind::Person,
                role: Role::Primary,
                display_name: (*name).to_owned(),
                mail: Some(MailAddress::new(&format!("{name}@example.com")).unwrap()),
                mail_preference: *preference,
                contact: None,
            };
            store.add_user(&user, now).await.unwrap();
        }
        Self {
            data,
            store,
            clock: Clock::standing_at(now),
            tasks,
            account,
            settings: config::Mail::default(),
        }
    }

    /// The two workers, as a start of the daemon makes them.
    async fn start(&self) -> (Gatherer, Outbox) {
        let service = config::Service::default();
        let mailer = open(&self.settings, &service, self.data.path())
            .await
            .unwrap();
        mailer.parts(self.store.clone(), self.clock.clone(), &self.tasks)
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Hands in a file and files its outcome, as doors and pipeline do.
    async fn file(&self, name: &str, is_failure: bool) {
        let now = self.clock.now();
        let octets: [u8; 32] = random();
        let sha256 = Sha256::from_octets(&sha2::Sha256::digest(octets).into());
        let arrival = Arrival {
            account: self.account.id,
            user: None,
            door: Door::Folder,
            lane: Lane::Live,
            file_name: name.to_owned(),
            path: format!("/inbox/{name}"),
            octets: octets.to_vec(),
            first_byte: now,
            complete: now,
            session: None,
            mark: None,
            given_up: None,
        };
        let new = NewArrival {
            number: SubmissionNumber::from_random(random()),
            sha256: sha256.clone(),
            arrival: Arc::new(arrival),
        };
        let Arrived::Taken(submission) = self.store.arrive(new).await.unwrap() else {
            panic!("the number is taken");
        };
        let case = Case {
            account: self.account.id,
            door: Door::Folder,
            sha256: &sha256,
            holder: None,
        };
        let digits = u64::from_be_bytes(random::<8>()) % 1_000_000_000_000;
        let filing = Filing {
            submission,
            verdict: decide(findings(is_failure), &case),
            facts: Facts {
                vin: Some(format!("WEC00{digits:012}")),
                ivi_version_number: Some(1),
                manufacturer_stage_number: Some(1),
                ..Facts::default()
            },
            receipt_id: crate::runtime::unique_id(),
            receipt: "{}\n".to_owned(),
            decided: now,
            has_notice: true,
        };
        assert_eq!(
            self.store.file(Arc::new(filing)).await.unwrap(),
            Filed::Done
        );
    }

    /// One round of both workers, until nothing is on its way.
    async fn round(&self, (gatherer, outbox): &mut (Gatherer, Outbox)) {
        gatherer.pass().await.unwrap();
        outbox.pass().await.unwrap();
        outbox.idle().await;
    }

    /// The mails in the folder, by name: recipient, subject, In-Reply-To, Message-ID.
    fn mails(&self) -> Vec<[String; 4]> {
        let folder: &Path = &self.data.path().join("mail");
        let entries = std::fs::read_dir(folder).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let read = |path| {
            let octets = std::fs::read(path).unwrap();
            let mail = MessageParser::default().parse(&octets).unwrap();
            [
                mail.to()
                    .unwrap()
                    .first()
                    .unwrap()
                    .address()
                    .unwrap()
                    .to_owned(),
                mail.subject().unwrap().to_owned(),
                mail.in_reply_to().as_text().unwrap_or_default().to_owned(),
                mail.message_id().unwrap().to_owned(),
            ]
        };
        paths.iter().map(read).collect()
    }
}

/// What a check that fails, or one that does not, would have found.
fn findings(is_failure: bool) -> Vec<Finding> {
    let missing = Finding {
        code: "S01",
        severity: Severity::Error,
        layer: Layer::Schema,
        place: None,
        path: String::new(),
        value: None,
        expected: None,
        message: "The element 'Header' is missing.".to_owned(),
        help: std::borrow::Cow::default(),
    };
    is_failure.then_some(missing).into_iter().collect()
}

#[tokio::test]
async fn outcomes_in_the_store_become_one_mail_a_window_in_the_folder() {
    let site = Site::new(&[
        ("ann", MailPreference::Failures),
        ("nia", MailPreference::None),
    ])
    .await;
    let mut workers = site.start().await;
    site.file("01.xml", false).await;
    site.file("02.xml", true).await;
    site.advance(119);
    site.file("03.xml", true).await;
    site.round(&mut workers).await;
    assert!(site.mails().is_empty());
    site.advance(1);
    for _ in 0..2 {
        site.round(&mut workers).await;
    }
    let mails = site.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0][0], "ann@example.com");
    assert_eq!(
        mails[0][1],
        "[eCoC] ACME – 2 failed, 1 accepted – 12 Jun 2026"
    );
    let stored = site.store.mails(10).await.unwrap();
    assert_eq!((stored.len(), stored[0].status), (1, MailStatus::Sent));
    let attempts = site.store.mail_attempts(stored[0].id).await.unwrap();
    assert!(attempts[0].is_success && attempts[0].answer.starts_with("written as 2026"));

    // The next failure waits for the pause, and its mail answers the first.
    site.file("04.xml", true).await;
    site.advance(14 * 60 + 59);
    site.round(&mut workers).await;
    assert_eq!(site.mails().len(), 1);
    site.advance(1);
    site.round(&mut workers).await;
    let mails = site.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[1][1], "[eCoC] ACME – 1 failed – 12 Jun 2026");
    assert_eq!(mails[1][2], mails[0][3]);
    site.store.close().await;
}

#[tokio::test]
async fn the_daily_summary_tells_all_of_the_day_once_also_after_a_restart() {
    let site = Site::new(&[("ann", MailPreference::All), ("dan", MailPreference::Daily)]).await;
    let mut workers = site.start().await;
    site.file("01.xml", false).await;
    site.advance(120);
    site.round(&mut workers).await;
    site.file("02.xml", true).await;
    // It is 10:02 UTC; the daemon is down until after 07:00 in London, which is 06:00 UTC.
    drop(workers);
    site.advance(20 * 3600);
    let mut workers = site.start().await;
    for _ in 0..2 {
        site.round(&mut workers).await;
    }
    let mut workers = site.start().await;
    site.round(&mut workers).await;
    let mails = site.mails();
    let told: Vec<(&str, &str)> = mails
        .iter()
        .map(|[to, subject, ..]| (to.as_str(), subject.as_str()))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    for expected in [
        ("ann@example.com", "[eCoC] ACME – 1 accepted – 12 Jun 2026"),
        ("ann@example.com", "[eCoC] ACME – 1 failed – 13 Jun 2026"),
        (
            "dan@example.com",
            "[eCoC] ACME – daily summary: 1 failed, 1 accepted – 13 Jun 2026",
        ),
    ] {
        assert!(told.contains(&expected), "{expected:?} is not in {told:?}");
    }
    site.store.close().await;
}

#[tokio::test]
async fn a_clock_that_was_ahead_for_a_while_silences_nobody() {
    let site = Site::new(&[("ann", MailPreference::Failures)]).await;
    let mut workers = site.start().await;
    let right = site.clock.now();
    site.clock.set(right + SignedDuration::from_hours(365 * 24));
    site.file("01.xml", true).await;
    site.round(&mut workers).await;
    site.clock.set(right);
    site.advance(120);
    site.round(&mut workers).await;
    assert_eq!(site.mails().len(), 1);
    // The next one does not wait for a mail of next year either.
    site.clock.set(right + SignedDuration::from_hours(365 * 24));
    site.file("02.xml", true).await;
    site.advance(1000);
    site.round(&mut workers).await;
    site.clock.set(right);
    site.file("03.xml", true).await;
    site.advance(1000);
    site.round(&mut workers).await;
    assert_eq!(site.mails().len(), 3);
    site.store.close().await;
}

#[tokio::test]
async fn a_dead_server_is_tried_with_growing_delays_and_given_up_after_five_days() {
    let mut site = Site::new(&[("ann", MailPreference::Failures)]).await;
    // A port on which nobody listens any more.
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    site.settings.smtp = format!("smtp://127.0.0.1:{port}");
    let mut workers = site.start().await;
    site.file("01.xml", true).await;
    site.advance(120);
    let created = site.clock.now();
    let end = created.checked_add(Duration::from_hours(5 * 24)).unwrap();
    let mut gaps = Vec::new();
    loop {
        let tried = site.clock.now();
        site.round(&mut workers).await;
        let mail = site.store.mails(1).await.unwrap().remove(0);
        assert!(mail.last_answer.unwrap().contains("refused"));
        let Some(next) = mail.next_attempt else {
            assert_eq!((mail.status, tried), (MailStatus::Failed, end));
            break;
        };
        // A moment earlier nobody takes it.
        let gap = next.duration_since(tried);
        site.clock
            .advance(gap.unsigned_abs().saturating_sub(Duration::from_micros(1)));
        site.round(&mut workers).await;
        assert_eq!(
            site.store.mails(1).await.unwrap()[0].attempts,
            mail.attempts
        );
        site.clock.advance(Duration::from_micros(1));
        gaps.push(gap.as_mins());
    }
    assert_eq!(gaps[..4], [1, 2, 4, 8]);
    assert!(gaps.len() > 30 && gaps.iter().all(|gap| *gap <= 264));

    // Once it is mended, an operator sends it again; it goes out with the Message-ID it had.
    let before = site.store.mails(1).await.unwrap().remove(0);
    let deed = Deed {
        id: "1".to_owned(),
        at: site.clock.now(),
        actor: "command line".to_owned(),
        action: Action::MailRetried,
        subject: "mail 1".to_owned(),
        details: String::new(),
        remote_ip: None,
    };
    assert!(site.store.retry_mail(before.id, &deed).await.unwrap());
    site.settings.smtp = String::new();
    site.advance(1);
    let mut workers = site.start().await;
    site.round(&mut workers).await;
    assert_eq!(site.mails()[0][3], before.mail.message_id);
    site.store.close().await;
}
