//! What upkeep removes, and above all what it leaves.

use std::sync::Arc;

use tempfile::TempDir;

use crate::domain::account::{AccountCode, AccountId, MailAddress, UserId};
use crate::domain::audit::{Action, Deed};
use crate::domain::entry::RefusalReason;
use crate::domain::notice::{Attempt, NewMail};
use crate::domain::outcome::{Case, decide};
use crate::domain::record::Facts;
use crate::domain::registration::{Applicant, Reference};
use crate::domain::submission::{Arrival, Door, Lane, Sha256, SubmissionNumber};
use crate::runtime;
use crate::store::{
    Added, Arrived, Change, Filing, MailNext, NewArrival, NewLink, Refused, WebSession,
};

use super::*;

const DAY: Duration = Duration::from_hours(24);

struct House {
    upkeep: Upkeep,
    clock: Clock,
    folder: TempDir,
    tasks: Tasks,
}

impl House {
    async fn round(&self) -> Result<Removed, StoreFault> {
        self.upkeep.round(&self.tasks).await
    }
}

async fn house() -> House {
    let folder = TempDir::new().unwrap();
    let tasks = Tasks::new();
    let clock = Clock::standing_at("2026-05-28T09:54:00Z".parse().unwrap());
    let settings = config::Database::default();
    let store = Store::open(&settings, folder.path(), false, &tasks);
    let upkeep = Upkeep {
        store: store.await.unwrap(),
        config: config::Upkeep::default(),
        sessions: SessionLimits {
            idle: Duration::from_mins(30),
            age: Duration::from_hours(12),
            kept: DAY * 30,
        },
        mail_folder: folder.path().join("mail"),
        clock: clock.clone(),
    };
    House {
        upkeep,
        clock,
        folder,
        tasks,
    }
}

fn change(now: Timestamp, mails: Vec<NewMail>) -> Change {
    Change {
        deed: Deed {
            id: runtime::unique_id(),
            at: now,
            actor: "ann@acme.example".to_owned(),
            action: Action::RegistrationSent,
            subject: "x".to_owned(),
            details: String::new(),
            remote_ip: None,
        },
        mails,
    }
}

fn mail(message_id: &str) -> NewMail {
    NewMail {
        to: MailAddress::new("ann@acme.example").unwrap(),
        user: None,
        account: None,
        message_id: message_id.to_owned(),
        references: None,
        subject: "s".to_owned(),
        text: "t".to_owned(),
        html: "h".to_owned(),
        csv: None,
    }
}

fn token(digit: char) -> Sha256 {
    Sha256::new(&digit.to_string().repeat(64)).unwrap()
}

impl House {
    /// One request whose address is confirmed, one whose is not; the mails of both.
    async fn ask_twice(&self) -> [Reference; 2] {
        let (store, now) = (&self.upkeep.store, self.clock.now());
        let ann = Applicant {
            first_name: "Ann".to_owned(),
            last_name: "Able".to_owned(),
            mail: MailAddress::new("ann@acme.example").unwrap(),
            manufacturer: "Acme".to_owned(),
        };
        let references = [1, 2].map(|_| Reference::from_random(runtime::random()));
        for (reference, digit) in references.iter().zip(['a', 'b']) {
            let link = NewLink {
                token: token(digit),
                ends: now + DAY,
            };
            let change = change(now, vec![mail(reference.as_str())]);
            let sent = store.register(reference, &ann, &link, &change).await;
            assert_eq!(sent.unwrap(), Added::New(()));
        }
        let confirmed = store
            .confirm_registration(&token('a'), &change(now, Vec::new()).deed)
            .await;
        assert!(confirmed.unwrap().is_some());
        references
    }

    /// Sends the mail that is due next.
    async fn deliver_one(&self) {
        let (store, now) = (&self.upkeep.store, self.clock.now());
        let due = store.due_mails(now, DAY, 1).await.unwrap();
        let attempt = Attempt {
            started: now,
            duration_ms: 1,
            is_success: true,
            answer: "250".to_owned(),
        };
        let sent = store.mail_attempted(due[0].id, &attempt, MailNext::Sent);
        sent.await.unwrap();
    }

    async fn refuse_somebody(&self) {
        let now = self.clock.now();
        let refused = Refused {
            account: None,
            login: "x".to_owned(),
            reason: RefusalReason::WrongKey,
            detail: String::new(),
            fingerprint: None,
            client: "c".to_owned(),
            remote_ip: "192.0.2.1".to_owned(),
            first: now,
            last: now,
            times: 1,
        };
        let kept = self.upkeep.store.keep_refusals(vec![refused]);
        kept.await.unwrap();
    }

    /// A certificate, accepted; and one that still waits.
    async fn hand_in(&self) -> [SubmissionNumber; 2] {
        let (store, now) = (&self.upkeep.store, self.clock.now());
        let code = AccountCode::new("acme").unwrap();
        let added = store.add_account(&code, "Acme", now).await.unwrap();
        let Added::New(account) = added else {
            panic!("the account is new");
        };
        let mut numbers = Vec::new();
        for octets in [b"<a/>", b"<b/>"] {
            let number = SubmissionNumber::from_random(runtime::random());
            let new = new_arrival(&number, account.id, octets, now);
            let Arrived::Taken(id) = store.arrive(new).await.unwrap() else {
                panic!("the number is new");
            };
            if octets == b"<a/>" {
                let case = Case {
                    account: account.id,
                    door: Door::Folder,
                    sha256: &crate::intake::digest(octets),
                    holder: None,
                };
                let filing = Filing {
                    submission: id,
                    verdict: decide(Vec::new(), &case),
                    facts: Facts {
                        vin: Some("V".to_owned()),
                        ivi_version_number: Some(1),
                        manufacturer_stage_number: Some(1),
                        ..Facts::default()
                    },
                    receipt_id: runtime::unique_id(),
                    receipt: "{}".to_owned(),
                    decided: now,
                    has_notice: true,
                };
                store.file(Arc::new(filing)).await.unwrap();
            }
            numbers.push(number);
        }
        numbers.try_into().unwrap()
    }
}

fn new_arrival(
    number: &SubmissionNumber,
    account: AccountId,
    octets: &[u8],
    now: Timestamp,
) -> NewArrival {
    NewArrival {
        number: number.clone(),
        sha256: crate::intake::digest(octets),
        arrival: Arc::new(Arrival {
            account,
            user: None,
            door: Door::Folder,
            lane: Lane::Live,
            file_name: "a.xml".to_owned(),
            path: format!("/inbox/{number}.xml"),
            octets: octets.to_vec(),
            first_byte: now,
            complete: now,
            session: None,
            mark: None,
            given_up: None,
        }),
    }
}

fn told(removed: &Removed, what: &str) -> u64 {
    let found = removed.iter().find(|(known, _)| known.contains(what));
    found.map_or(0, |(_, number)| *number)
}

#[tokio::test]
async fn what_is_over_goes_when_its_time_has_run_out_and_no_sooner() {
    let house = house().await;
    let [waiting, unconfirmed] = house.ask_twice().await;
    house.deliver_one().await;
    house.refuse_somebody().await;
    let store = &house.upkeep.store;
    let now = house.clock.now();
    store.add_challenge(&token('c'), "x", now).await.unwrap();
    assert_eq!(house.round().await.unwrap(), [], "all is fresh");

    house.clock.advance(DAY * 7 + Duration::from_secs(1));
    let removed = house.round().await.unwrap();
    assert_eq!(told(&removed, "requests"), 1, "{removed:?}");
    assert_eq!(told(&removed, "codes"), 1);
    assert_eq!(removed.len(), 2, "{removed:?}");
    let left = store.registration(&unconfirmed).await.unwrap();
    assert_eq!(left, None);
    assert!(store.registration(&waiting).await.unwrap().is_some());

    house.clock.advance(DAY * 30);
    let removed = house.round().await.unwrap();
    assert_eq!(told(&removed, "links"), 1, "that of the one that waits");
    house.clock.advance(DAY * 60);
    let removed = house.round().await.unwrap();
    assert_eq!(removed, [("refused log-ins", 1)]);

    house.clock.advance(DAY * 400);
    let removed = house.round().await.unwrap();
    assert_eq!(told(&removed, "mails"), 1);
    let mails = store.mails(9).await.unwrap();
    assert_eq!(mails.len(), 1, "the other one still waits to be sent");
    assert!(store.registration(&waiting).await.unwrap().is_some());
    let entries = store.audit_entries(None, None, 9).await.unwrap();
    assert_eq!(entries.len(), 3, "the audit log keeps everything");
    store.close().await;
}

#[tokio::test]
async fn what_was_handed_in_stays_for_ever_answered_or_not() {
    let house = house().await;
    let numbers = house.hand_in().await;
    house.clock.advance(DAY * 36_500);
    assert_eq!(house.round().await.unwrap(), []);
    let store = &house.upkeep.store;
    for number in &numbers {
        let detail = store.submission(number, None).await.unwrap().unwrap();
        let sha256 = &detail.row.submission.sha256;
        assert!(store.document(sha256).await.unwrap().is_some());
    }
    let answered = store.submission(&numbers[0], None).await.unwrap().unwrap();
    assert!(answered.receipt.is_some());
    store.close().await;
}

#[tokio::test]
async fn nothing_goes_that_is_to_be_kept_for_ever() {
    let mut house = house().await;
    let never = Duration::ZERO;
    house.upkeep.config = config::Upkeep {
        links: never,
        unconfirmed_requests: never,
        refusals: never,
        mails: never,
        ..config::Upkeep::default()
    };
    house.ask_twice().await;
    house.deliver_one().await;
    house.refuse_somebody().await;
    house.clock.advance(DAY * 36_500);
    assert_eq!(house.round().await.unwrap(), []);
    house.upkeep.store.close().await;
}

#[tokio::test]
async fn a_long_outbox_goes_step_by_step_to_the_end() {
    let house = house().await;
    let (store, now) = (&house.upkeep.store, house.clock.now());
    let many: Vec<NewMail> = (0..1100).map(|number| mail(&number.to_string())).collect();
    store.close_window(&[], &many, now).await.unwrap();
    let due = store.due_mails(now, DAY, 2000).await.unwrap();
    let attempt = Attempt {
        started: now,
        duration_ms: 1,
        is_success: false,
        answer: "550".to_owned(),
    };
    for one in &due {
        let given_up = store.mail_attempted(one.id, &attempt, MailNext::GiveUp);
        given_up.await.unwrap();
    }
    house.clock.advance(DAY * 401);
    let removed = house.round().await.unwrap();
    assert_eq!(removed, [("mails that were sent or given up", 1100)]);
    store.close().await;
}

#[tokio::test]
async fn a_browser_that_ran_out_is_forgotten() {
    let house = house().await;
    let (store, now) = (&house.upkeep.store, house.clock.now());
    let user = somebody(store, now).await;
    let session = WebSession {
        user,
        csrf: "c".to_owned(),
        created: now,
        seen: now,
        is_kept: false,
    };
    store
        .begin_web_session(&token('d'), &session)
        .await
        .unwrap();
    house.clock.advance(Duration::from_hours(13));
    let removed = house.round().await.unwrap();
    assert_eq!(removed, [("browsers' sessions that ran out", 1)]);
    store.close().await;
}

async fn somebody(store: &Store, now: Timestamp) -> UserId {
    use crate::domain::account::{LoginName, MailPreference, Role, UserKind};
    let new = crate::store::NewUser {
        account: None,
        login: LoginName::new("sue@staff.example").unwrap(),
        kind: UserKind::Person,
        role: Role::Reviewer,
        display_name: "Sue".to_owned(),
        mail: None,
        mail_preference: MailPreference::None,
        contact: None,
    };
    match store.add_user(&new, now).await.unwrap() {
        Added::New(user) => user.id,
        Added::Taken => panic!("the user is new"),
    }
}

#[tokio::test]
async fn mails_in_the_folder_go_when_those_of_the_database_do() {
    let house = house().await;
    let mails = house.folder.path().join("mail");
    fs::create_dir(&mails).unwrap();
    for name in ["old.eml", "new.eml", "notes.txt"] {
        fs::write(mails.join(name), "a link").unwrap();
    }
    let file = fs::File::options()
        .write(true)
        .open(mails.join("old.eml"))
        .unwrap();
    let now = std::time::SystemTime::from(house.clock.now());
    file.set_modified(now - DAY * 401).unwrap();
    let removed = house.round().await.unwrap();
    assert_eq!(removed, [("files in the mail folder", 1)]);
    assert!(!mails.join("old.eml").exists());
    assert!(mails.join("new.eml").exists() && mails.join("notes.txt").exists());
}
