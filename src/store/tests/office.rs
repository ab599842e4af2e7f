//! What staff do and look at: standing, held submissions, figures, users found, pages of the outbox, and
//! the guards of the audit log.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_query;

use crate::domain::account::{
    AccountId, CredentialKind, LoginName, MailAddress, MailPreference, Role, Standing, User,
    UserId, UserKind,
};
use crate::domain::audit::Action;
use crate::domain::notice::{MailStatus, NewMail};
use crate::domain::submission::{Door, Status};
use crate::store::connection::{Db, each};
use crate::store::schema::documents;
use crate::store::tests::bench::{
    Bench, LEASE, arrival, at, deed, digest, facts, new_arrival, on_both_engines,
};
use crate::store::{
    Added, AuditCheck, Change, Filter, MailNext, NewCredential, NewUser, SessionLimits, Stood,
    UserSearch, WebSession,
};

on_both_engines!(
    entries_of_the_audit_log_are_neither_changed_nor_removed,
    whoever_is_suspended_is_signed_out_and_it_is_noted_once,
    an_account_is_suspended_with_the_browsers_of_all_its_users,
    a_held_submission_is_ended_by_one_sentence,
    a_sentence_needs_no_readable_document,
    the_figures_count_what_is_there,
    accounts_are_listed_with_what_they_consist_of,
    users_are_found_by_any_part_of_their_names,
    the_outbox_is_shown_page_by_page,
    who_agreed_to_a_version_is_listed,
);

/// Takes the guards away that keep the audit log as it is.
pub(super) async fn unguard_audit(bench: &Bench) {
    let dropped = bench.store.write(|db| {
        let guards: &[&str] = match db {
            Db::Sqlite(_) => &[
                "DROP TRIGGER audit_is_never_changed",
                "DROP TRIGGER audit_is_never_removed",
            ],
            Db::Pg(_) => &["DROP TRIGGER audit_is_never_changed ON audit"],
        };
        for guard in guards {
            each!(db, c => sql_query(*guard).execute(c))?;
        }
        Ok(())
    });
    dropped.await.unwrap();
}

async fn entries_of_the_audit_log_are_neither_changed_nor_removed(bench: &Bench) {
    let store = &bench.store;
    store
        .audit(&deed(Action::RoleChanged, "ann"))
        .await
        .unwrap();
    let mut statements = vec![
        "UPDATE audit SET actor = 'nobody'",
        "UPDATE audit SET digest = 'x' WHERE id = 1",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 1",
    ];
    if bench.settings.url.starts_with("postgres") {
        statements.push("TRUNCATE audit");
    }
    for sql in statements {
        let refused = store.write(move |db| each!(db, c => sql_query(sql).execute(c)));
        let fault = refused.await.unwrap_err().to_string();
        assert!(fault.contains("the audit log are never"), "{sql}: {fault}");
    }
    let whole = store.verify_audit().await.unwrap();
    assert!(matches!(whole, AuditCheck::Whole { entries: 1, .. }));
    store
        .audit(&deed(Action::RoleChanged, "bob"))
        .await
        .unwrap();
}

async fn user(bench: &Bench, account: Option<AccountId>, login: &str, kind: UserKind) -> User {
    let new = NewUser {
        account,
        login: LoginName::new(login).unwrap(),
        kind,
        role: if account.is_some() {
            Role::Upload
        } else {
            Role::Operator
        },
        display_name: format!("Name of {login}"),
        mail: None,
        mail_preference: MailPreference::None,
        contact: None,
    };
    match bench.store.add_user(&new, at(0)).await.unwrap() {
        Added::New(user) => user,
        Added::Taken => panic!("the user is new"),
    }
}

async fn sign_in(bench: &Bench, of: UserId, browser: &str) {
    let session = WebSession {
        user: of,
        csrf: "c".to_owned(),
        created: at(0),
        seen: at(0),
        is_kept: false,
    };
    let token = digest(browser.as_bytes());
    let began = bench.store.begin_web_session(&token, &session);
    began.await.unwrap();
}

async fn is_signed_in(bench: &Bench, browser: &str) -> bool {
    let limits = SessionLimits {
        idle: LEASE,
        age: LEASE,
        kept: LEASE,
    };
    let token = digest(browser.as_bytes());
    let found = bench.store.web_session(&token, at(1), limits).await;
    found.unwrap().is_some()
}

fn told(action: Action, subject: &str) -> Change {
    Change {
        deed: deed(action, subject),
        mails: vec![mail(&format!("{action}-{subject}"))],
    }
}

fn mail(message_id: &str) -> NewMail {
    NewMail {
        to: MailAddress::new("ann@example.org").unwrap(),
        user: None,
        account: None,
        message_id: message_id.to_owned(),
        references: None,
        subject: message_id.to_owned(),
        text: "t".to_owned(),
        html: "h".to_owned(),
        csv: None,
    }
}

async fn whoever_is_suspended_is_signed_out_and_it_is_noted_once(bench: &Bench) {
    let store = &bench.store;
    let ann = user(bench, None, "ann@example.org", UserKind::Person).await;
    let bob = user(bench, None, "bob@example.org", UserKind::Person).await;
    sign_in(bench, ann.id, "ann").await;
    sign_in(bench, bob.id, "bob").await;
    let before = store.roster_generation().await.unwrap();
    let change = told(Action::UserSuspended, "ann@example.org");
    let suspend = || store.stand_user(&ann.login, Standing::Suspended, &change);
    assert_eq!(suspend().await.unwrap(), Stood::Changed);
    assert_eq!(suspend().await.unwrap(), Stood::Changed, "the same deed");
    assert_eq!(store.roster_generation().await.unwrap(), before + 1);
    assert!(!is_signed_in(bench, "ann").await);
    assert!(is_signed_in(bench, "bob").await);
    let other = told(Action::UserSuspended, "ann@example.org");
    let again = store.stand_user(&ann.login, Standing::Suspended, &other);
    assert_eq!(again.await.unwrap(), Stood::Already);
    let resumed = told(Action::UserResumed, "ann@example.org");
    let resumed = store.stand_user(&ann.login, Standing::Active, &resumed);
    assert_eq!(resumed.await.unwrap(), Stood::Changed);
    let nobody = LoginName::new("nobody").unwrap();
    let unknown = store.stand_user(&nobody, Standing::Active, &change).await;
    assert_eq!(unknown.unwrap(), Stood::Unknown);
    let entries = store.audit_entries(Some("ann@example.org"), None, 9).await;
    assert_eq!(entries.unwrap().len(), 2);
    assert_eq!(store.mails(9).await.unwrap().len(), 2);
}

async fn an_account_is_suspended_with_the_browsers_of_all_its_users(bench: &Bench) {
    let store = &bench.store;
    let (acme, bolt) = (bench.account("acme").await, bench.account("bolt").await);
    for (account, name) in [(&acme, "ann"), (&acme, "eve"), (&bolt, "bob")] {
        let login = format!("{name}@example.org");
        let user = user(bench, Some(account.id), &login, UserKind::Person).await;
        sign_in(bench, user.id, name).await;
    }
    let change = told(Action::AccountSuspended, "acme");
    let suspended = store.stand_account(&acme.code, Standing::Suspended, &change);
    assert_eq!(suspended.await.unwrap(), Stood::Changed);
    let found = store.account(&acme.code).await.unwrap().unwrap();
    assert_eq!(found.standing, Standing::Suspended);
    assert!(!is_signed_in(bench, "ann").await && !is_signed_in(bench, "eve").await);
    assert!(is_signed_in(bench, "bob").await);
}

async fn a_held_submission_is_ended_by_one_sentence(bench: &Bench) {
    let store = &bench.store;
    let account = bench.account("acme").await;
    let new = new_arrival(arrival(account.id, "a.xml"));
    let id = bench.arrive(new.arrival.as_ref().clone()).await;
    let newest = Filter {
        limit: 1,
        ..Filter::default()
    };
    let page = store.submissions(&newest).await.unwrap();
    let number = page.rows[0].submission.number.clone();
    let rejected = deed(Action::SubmissionRejected, number.as_str());
    let reject = async |sentence: &str, deed| {
        let rejected = store.reject_submission(&number, sentence, deed).await;
        rejected.unwrap()
    };
    assert!(!reject("Not held yet.", &rejected).await);
    store.hold(id, "disk on fire").await.unwrap();
    let held = store.held(9).await.unwrap();
    assert_eq!((held.len(), held[0].why.as_str()), (1, "disk on fire"));
    assert!(reject("Send it again.\0", &rejected).await);
    assert!(store.held(9).await.unwrap().is_empty());
    let retried = deed(Action::SubmissionRetried, number.as_str());
    let retry = store.retry_submission(&number, &retried).await;
    assert!(!retry.unwrap(), "whoever comes second is told so");

    let work = store.claim(9, "n", at(0), at(0) + LEASE, 3).await.unwrap();
    let claimed = &work.claimed[0];
    assert_eq!(claimed.sentence.as_deref(), Some("Send it again.\u{fffd}"));
    assert_eq!(claimed.submission.attempts, 1, "none counted before");

    // Should even that fail, it is held again, and trying it again means reading it.
    store.hold(id, "again").await.unwrap();
    assert!(store.retry_submission(&number, &retried).await.unwrap());
    let work = store.claim(9, "n", at(0), at(0) + LEASE, 3).await.unwrap();
    assert_eq!(work.claimed[0].sentence, None);
    assert!(!work.claimed[0].octets.is_empty());
    let entries = store.audit_entries(Some(number.as_str()), None, 9).await;
    assert_eq!(entries.unwrap().len(), 2);
}

async fn a_sentence_needs_no_readable_document(bench: &Bench) {
    let store = &bench.store;
    let account = bench.account("acme").await;
    let id = bench.arrive(arrival(account.id, "a.xml")).await;
    let broken = store.write(|db| {
        each!(db, c => diesel::update(documents::table)
            .set(documents::octets.eq(vec![1_u8, 2, 3]))
            .execute(c))
    });
    broken.await.unwrap();
    let work = store.claim(9, "n", at(0), at(0) + LEASE, 3).await.unwrap();
    assert!(work.claimed.is_empty(), "held: it cannot be read");
    let number = store.held(1).await.unwrap()[0]
        .row
        .submission
        .number
        .clone();
    let rejected = deed(Action::SubmissionRejected, number.as_str());
    let rejected = store.reject_submission(&number, "Sorry.", &rejected);
    assert!(rejected.await.unwrap());
    let work = store.claim(9, "n", at(0), at(0) + LEASE, 3).await.unwrap();
    assert_eq!(work.claimed[0].submission.id, id);
    assert_eq!(work.claimed[0].submission.status, Status::Processing);
}

async fn the_figures_count_what_is_there(bench: &Bench) {
    let store = &bench.store;
    let account = bench.account("acme").await;
    let ann = user(bench, Some(account.id), "ann@example.org", UserKind::Person).await;
    for (seconds, door) in [(-90_000, Door::Sftp), (-70, Door::Sftp), (-50, Door::Web)] {
        let mut arrival = arrival(account.id, "a.xml");
        (arrival.complete, arrival.door) = (at(seconds), door);
        bench.arrive(arrival).await;
    }
    sign_in(bench, ann.id, "ann").await;
    store
        .close_window(&[], &[mail("1"), mail("2")], at(0))
        .await
        .unwrap();
    let due = store.due_mails(at(0), LEASE, 1).await.unwrap();
    let attempt = crate::domain::notice::Attempt {
        started: at(0),
        duration_ms: 1,
        is_success: false,
        answer: "550".to_owned(),
    };
    store
        .mail_attempted(due[0].id, &attempt, MailNext::GiveUp)
        .await
        .unwrap();
    let figures = store.figures(at(0)).await.unwrap();
    assert_eq!(figures.vitals.unfinished, 3);
    assert_eq!(figures.vitals.oldest, Some(at(-90_000)));
    assert_eq!((figures.vitals.mails_waiting, figures.mails_failed), (1, 1));
    assert_eq!(figures.arrivals_minute, 1);
    let by_door = [(Door::Sftp, 1), (Door::Folder, 0), (Door::Web, 1)];
    for count in by_door {
        assert!(figures.arrivals_day.contains(&count), "{figures:?}");
    }
    assert_eq!((figures.browsers, figures.sftp_sessions), (1, 0));
    let later = store.figures(at(1801)).await.unwrap();
    assert_eq!((later.browsers, later.arrivals_minute), (0, 0));
}

async fn accounts_are_listed_with_what_they_consist_of(bench: &Bench) {
    let store = &bench.store;
    let (acme, bolt) = (bench.account("acme").await, bench.account("bolt").await);
    user(bench, Some(acme.id), "ann@example.org", UserKind::Person).await;
    let gone = user(bench, Some(acme.id), "gone@example.org", UserKind::Person).await;
    let removed = Change {
        mails: Vec::new(),
        ..told(Action::AccessRemoved, "gone@example.org")
    };
    store.remove_access(None, gone.id, &removed).await.unwrap();
    let robot = user(bench, Some(acme.id), "robot", UserKind::Machine).await;
    let key = NewCredential {
        user: robot.id,
        kind: CredentialKind::PublicKey,
        verifier: "ssh-ed25519 AAAA".to_owned(),
        fingerprint: Some("SHA256:x".to_owned()),
        label: String::new(),
    };
    store.add_credential(&key, at(0)).await.unwrap();
    user(bench, None, "sue@staff.example", UserKind::Person).await;
    bench.decided(acme.id, facts("V"), true).await;
    let list = store.account_figures().await.unwrap();
    let [first, second] = list.as_slice() else {
        panic!("two accounts: {list:?}");
    };
    assert_eq!(first.account.code, acme.code);
    assert_eq!((first.persons, first.machines, first.keys), (1, 1, 1));
    assert_eq!(first.newest, Some(at(1)));
    assert_eq!(second.account.code, bolt.code);
    assert_eq!((second.persons, second.keys, second.newest), (0, 0, None));
}

async fn users_are_found_by_any_part_of_their_names(bench: &Bench) {
    let account = bench.account("acme").await;
    for login in ["ann_a@example.org", "bob@example.org", "annxa@example.com"] {
        user(bench, Some(account.id), login, UserKind::Person).await;
    }
    user(bench, None, "sue@staff.example", UserKind::Person).await;
    let find = async |part: &str, change: fn(&mut UserSearch)| {
        let mut search = UserSearch {
            part: part.to_owned(),
            limit: 25,
            ..UserSearch::default()
        };
        change(&mut search);
        let page = bench.store.find_users(&search).await.unwrap();
        let logins = page.users.iter().map(|found| found.user.login.to_string());
        (page.total, logins.collect::<Vec<_>>())
    };
    let all = find("", |_| ()).await;
    assert_eq!((all.0, all.1.len()), (4, 4));
    assert_eq!(find(" EXAMPLE.ORG ", |_| ()).await.0, 2);
    assert_eq!(find("name OF bob", |_| ()).await.1, ["bob@example.org"]);
    let exactly = find("ann_", |_| ()).await;
    assert_eq!(exactly.1, ["ann_a@example.org"], "no wildcard");
    assert_eq!(find("%", |_| ()).await.0, 0);
    let staff = find("", |search| search.staff_only = true).await;
    assert_eq!(staff.1, ["sue@staff.example"]);
    let second = find("", |search| (search.offset, search.limit) = (3, 2)).await;
    assert_eq!((second.0, second.1.len()), (4, 1));
    let of_account = UserSearch {
        account: Some(account.id),
        limit: 25,
        ..UserSearch::default()
    };
    let page = bench.store.find_users(&of_account).await.unwrap();
    assert_eq!(page.total, 3);
    let (code, name) = page.users[0].account.clone().unwrap();
    assert_eq!((code, name.as_str()), (account.code, "A manufacturer"));
    let new = NewUser {
        account: Some(account.id),
        login: LoginName::new("oz@example.com").unwrap(),
        kind: UserKind::Person,
        role: Role::View,
        display_name: "Özgür Şen-ÜNAL Łąćżńśę".to_owned(),
        mail: None,
        mail_preference: MailPreference::None,
        contact: None,
    };
    bench.store.add_user(&new, at(0)).await.unwrap();
    for part in [
        "Özgür Şen-Ünal",
        "özgür şen-ünal",
        "ÖZGÜR",
        "şEN",
        "Łąćżńśę",
    ] {
        assert_eq!(find(part, |_| ()).await.1, ["oz@example.com"], "{part}");
    }
    assert_eq!(find("Ozgur", |_| ()).await.0, 0, "another name");
}

async fn the_outbox_is_shown_page_by_page(bench: &Bench) {
    let store = &bench.store;
    let mails: Vec<NewMail> = (0..5).map(|number| mail(&number.to_string())).collect();
    store.close_window(&[], &mails, at(0)).await.unwrap();
    let due = store.due_mails(at(0), Duration::ZERO, 1).await.unwrap();
    let attempt = crate::domain::notice::Attempt {
        started: at(0),
        duration_ms: 1,
        is_success: true,
        answer: "250".to_owned(),
    };
    store
        .mail_attempted(due[0].id, &attempt, MailNext::Sent)
        .await
        .unwrap();
    let page = store.mail_page(None, 1, 2).await.unwrap();
    let subjects: Vec<_> = page
        .mails
        .iter()
        .map(|mail| mail.mail.subject.as_str())
        .collect();
    assert_eq!((page.total, subjects), (5, vec!["3", "2"]));
    let sent = store.mail_page(Some(MailStatus::Sent), 0, 9).await.unwrap();
    assert_eq!((sent.total, sent.mails.len()), (1, 1));
    let one = store.mail(due[0].id).await.unwrap().unwrap();
    assert_eq!(one.status, MailStatus::Sent);
    let none = store.mail(crate::domain::notice::MailId(999)).await;
    assert_eq!(none.unwrap(), None);
}

async fn who_agreed_to_a_version_is_listed(bench: &Bench) {
    let store = &bench.store;
    let account = bench.account("acme").await;
    let ann = user(bench, Some(account.id), "ann@example.org", UserKind::Person).await;
    let robot = user(bench, Some(account.id), "robot", UserKind::Machine).await;
    let published = deed(Action::TermsPublished, "terms");
    store.publish_terms("one", &published).await.unwrap();
    for of in [ann.id, robot.id] {
        let agreed = deed(Action::TermsAgreed, "x");
        store.agree(of, ann.id, 1, &agreed).await.unwrap();
    }
    assert_eq!(store.agreements().await.unwrap(), [(1, 2)]);
    let list = store.agreed_to(1, 0, 9).await.unwrap();
    let pairs: Vec<_> = list
        .iter()
        .map(|one| (one.login.as_str(), one.by.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("robot", "ann@example.org"),
            ("ann@example.org", "ann@example.org")
        ]
    );
    assert_eq!(store.agreed_to(1, 1, 9).await.unwrap().len(), 1);
    assert!(store.agreed_to(2, 0, 9).await.unwrap().is_empty());
}
