//! The outbox: windows, mails put in once, leases, attempts.

use std::time::Duration;

use crate::domain::account::{
    Account, FIXED_ADDRESSES_MAX, FixedAddress, LoginName, MailAddress, MailPreference, Role, User,
    UserKind,
};
use crate::domain::audit::{Action, Deed};
use crate::domain::notice::{Attempt, MailStatus, NewMail};
use crate::store::tests::bench::{Bench, at, deed, digest, facts, on_both_engines};
use crate::store::{Added, AddressAdded, Change, MailNext, NewInvitation, NewLink, NewUser};

on_both_engines!(
    a_window_gathers_the_notices_of_its_account_and_closes_once,
    of_two_nodes_that_close_a_window_one_tells_of_it,
    only_active_users_with_an_address_are_told,
    fixed_addresses_are_told_after_the_users,
    who_has_no_access_any_more_or_not_yet_is_not_told,
    a_mail_about_an_account_neither_delays_outcomes_nor_begins_their_thread,
    a_due_mail_is_leased_to_one_node,
    an_attempt_says_what_follows,
    a_mail_given_up_can_be_sent_after_all,
    of_an_accounts_mail_that_was_sent_no_text_is_left,
);

fn retried(second: i64) -> Deed {
    Deed {
        at: at(second),
        ..deed(Action::MailRetried, "mail 1")
    }
}

const LEASE: Duration = Duration::from_mins(2);

fn mail(account: &Account, message_id: &str, to: &str) -> NewMail {
    NewMail {
        to: MailAddress::new(to).unwrap(),
        user: None,
        account: Some(account.id),
        message_id: message_id.to_owned(),
        references: Some("first@example.org".to_owned()),
        subject: "3 failed".to_owned(),
        text: "text".to_owned(),
        html: "<p>text</p>".to_owned(),
        csv: Some("a,b\n".to_owned()),
    }
}

async fn a_window_gathers_the_notices_of_its_account_and_closes_once(bench: &Bench) {
    let (one, two) = (bench.account("one").await, bench.account("two").await);
    bench.decided(one.id, facts("STZ1"), true).await;
    bench.decided(one.id, facts("STZ2"), false).await;
    bench.decided(two.id, facts("STZ3"), true).await;
    let waiting = bench.store.waiting_windows().await.unwrap();
    assert_eq!(
        waiting,
        [
            (one.id, at(2), Some(at(2)), None),
            (two.id, at(2), None, None)
        ]
    );
    let window = bench.store.window(one.id).await.unwrap().unwrap();
    assert_eq!(window.account, one);
    assert_eq!((window.last_mail, window.first_message_id), (None, None));
    let told: Vec<_> = window
        .notices
        .iter()
        .map(|notice| (notice.is_failure, notice.vin.as_deref().unwrap()))
        .collect();
    assert_eq!(told, [(false, "STZ1"), (true, "STZ2")]);
    assert_eq!(window.notices[1].title, "Invalid xml");
    let ids: Vec<_> = window.notices.iter().map(|notice| notice.id).collect();
    let mails = [
        mail(&one, "m1@x", "a@example.org"),
        mail(&one, "m1@x", "b@example.org"),
    ];
    for _ in 0..2 {
        // The second time, after a commit in doubt, changes nothing.
        bench
            .store
            .close_window(&ids, &mails, at(60))
            .await
            .unwrap();
    }
    assert_eq!(bench.store.mails(10).await.unwrap().len(), 2);
    assert!(bench.store.window(one.id).await.unwrap().is_none());
    bench.decided(one.id, facts("STZ4"), false).await;
    let waiting = bench.store.waiting_windows().await.unwrap();
    assert_eq!(waiting[0], (one.id, at(2), Some(at(2)), Some(at(60))));
    let window = bench.store.window(one.id).await.unwrap().unwrap();
    assert_eq!(window.last_mail, Some(at(60)));
    assert_eq!(window.first_message_id.as_deref(), Some("m1@x"));
}

async fn user(bench: &Bench, account: &Account, login: &str, mail: Option<&str>) -> User {
    let new = NewUser {
        account: Some(account.id),
        login: LoginName::new(login).unwrap(),
        kind: UserKind::Person,
        role: Role::Primary,
        display_name: login.to_owned(),
        mail: mail.map(|mail| MailAddress::new(mail).unwrap()),
        mail_preference: MailPreference::Failures,
        contact: None,
    };
    match bench.store.add_user(&new, at(0)).await.unwrap() {
        Added::New(user) => user,
        Added::Taken => panic!("{login} is taken"),
    }
}

async fn of_two_nodes_that_close_a_window_one_tells_of_it(bench: &Bench) {
    let one = bench.account("one").await;
    let other_node = bench.another().await;
    bench.decided(one.id, facts("STZ1"), false).await;
    let window = bench.store.window(one.id).await.unwrap().unwrap();
    let early: Vec<_> = window.notices.iter().map(|notice| notice.id).collect();
    bench.decided(one.id, facts("STZ2"), false).await;
    let window = other_node.window(one.id).await.unwrap().unwrap();
    let late: Vec<_> = window.notices.iter().map(|notice| notice.id).collect();
    assert_eq!((early.len(), late.len()), (1, 2));
    let (first, second) = (
        [mail(&one, "m1@x", "a@example.org")],
        [mail(&one, "m2@x", "a@example.org")],
    );
    let (here, there) = tokio::join!(
        bench.store.close_window(&early, &first, at(60)),
        other_node.close_window(&late, &second, at(60)),
    );
    let (here, there) = (here.unwrap(), there.unwrap());
    assert!(here != there, "both or neither told of it");
    assert_eq!(bench.store.mails(10).await.unwrap().len(), 1);
    // What the slower one had more of than the faster one is still to be told.
    let left = bench.store.window(one.id).await.unwrap();
    let left = left.map_or(0, |window| window.notices.len());
    assert_eq!(left, usize::from(here));
    other_node.close().await;
}

async fn only_active_users_with_an_address_are_told(bench: &Bench) {
    let (one, two) = (bench.account("one").await, bench.account("two").await);
    let told = user(bench, &one, "ann", Some("ann@example.org")).await;
    user(bench, &one, "robot", None).await;
    user(bench, &two, "bob", Some("bob@example.org")).await;
    bench.decided(one.id, facts("STZ1"), false).await;
    let window = bench.store.window(one.id).await.unwrap().unwrap();
    assert_eq!(window.recipients.len(), 1);
    assert_eq!(window.recipients[0].user, Some(told.id));
    assert_eq!(window.recipients[0].preference, MailPreference::Failures);
}

async fn fixed_addresses_are_told_after_the_users(bench: &Bench) {
    let (one, two) = (bench.account("one").await, bench.account("two").await);
    let store = &bench.store;
    let person = user(bench, &one, "ann", Some("ann@example.org")).await;
    let fixed = |number: usize, preference| FixedAddress {
        account: one.id,
        mail: MailAddress::new(&format!("ops{number}@example.org")).unwrap(),
        preference,
        created: at(i64::try_from(number).unwrap()),
    };
    let change = |action| Change {
        deed: deed(action, "one"),
        mails: Vec::new(),
    };
    let add = async |new: &FixedAddress, change: &Change| {
        store.add_fixed_address(new, change).await.unwrap()
    };
    let adding = || change(Action::FixedAddressAdded);
    for number in 0..FIXED_ADDRESSES_MAX {
        let new = fixed(number, MailPreference::Daily);
        let change = adding();
        // The second time, after a commit in doubt, changes nothing.
        for _ in 0..2 {
            assert_eq!(add(&new, &change).await, AddressAdded::New);
        }
    }
    let more = fixed(FIXED_ADDRESSES_MAX, MailPreference::All);
    assert_eq!(add(&more, &adding()).await, AddressAdded::TooMany);
    let mut again = fixed(3, MailPreference::Daily);
    assert_eq!(add(&again, &adding()).await, AddressAdded::Already);
    again.mail = MailAddress::new("OPS3@example.org").unwrap();
    again.preference = MailPreference::All;
    assert_eq!(add(&again, &adding()).await, AddressAdded::Changed);

    let removing = change(Action::FixedAddressRemoved);
    let ops = fixed(0, MailPreference::Daily).mail;
    let foreign = store.remove_fixed_address(two.id, &ops, &removing);
    assert!(!foreign.await.unwrap(), "another account's stays");
    for _ in 0..2 {
        let removed = store.remove_fixed_address(one.id, &ops, &removing);
        assert!(removed.await.unwrap());
    }
    // What was done is noted once, and what was not done is not.
    let log = store.audit_entries(None, None, 100).await.unwrap();
    assert_eq!(log.len(), FIXED_ADDRESSES_MAX + 2);

    bench.decided(one.id, facts("STZ1"), false).await;
    let window = store.window(one.id).await.unwrap().unwrap();
    assert_eq!(window.recipients.len(), FIXED_ADDRESSES_MAX);
    assert_eq!(window.recipients[0].user, Some(person.id));
    let (first, third) = (&window.recipients[1], &window.recipients[3]);
    assert_eq!((first.user, &first.name), (None, &one.name));
    assert_eq!(first.mail.as_str(), "ops1@example.org");
    assert_eq!(third.preference, MailPreference::All);
    assert!(
        store
            .fixed_addresses(Some(two.id))
            .await
            .unwrap()
            .is_empty()
    );
}

async fn who_has_no_access_any_more_or_not_yet_is_not_told(bench: &Bench) {
    let (store, one) = (&bench.store, bench.account("one").await);
    let told = async || -> Vec<String> {
        let window = store.window(one.id).await.unwrap().unwrap();
        let names = window.recipients.into_iter().map(|one| one.name);
        names.collect()
    };
    let gone = user(bench, &one, "gone", Some("gone@example.org")).await;
    let new = NewInvitation {
        account: Some(one.id),
        login: LoginName::new("ann@example.org").unwrap(),
        full_name: "Ann".to_owned(),
        mail: MailAddress::new("ann@example.org").unwrap(),
        role: Role::View,
        temporary_password: Some("$argon2id$temporary".to_owned()),
        link: NewLink {
            token: digest(b"a"),
            ends: at(1000),
        },
        letter: mail(&one, "account.1@x", "ann@example.org"),
    };
    let invited = store
        .invite(&new, &deed(Action::UserInvited, "ann"))
        .await
        .unwrap();
    let Added::New((ann, _)) = invited else {
        panic!("taken");
    };
    bench.decided(one.id, facts("STZ1"), false).await;
    assert_eq!(told().await, ["gone"]);
    store
        .set_password(ann.id, "$argon2id$own", at(20))
        .await
        .unwrap();
    assert_eq!(told().await, ["gone", "Ann"]);
    let change = Change {
        deed: deed(Action::AccessRemoved, "gone"),
        mails: Vec::new(),
    };
    let removed = store.remove_access(Some(one.id), gone.id, &change);
    assert!(removed.await.unwrap());
    assert_eq!(told().await, ["Ann"]);
}

async fn a_mail_about_an_account_neither_delays_outcomes_nor_begins_their_thread(bench: &Bench) {
    let (store, one) = (&bench.store, bench.account("one").await);
    let mails = [mail(&one, "account.1@x", "a@example.org")];
    store.close_window(&[], &mails, at(1)).await.unwrap();
    bench.decided(one.id, facts("STZ1"), false).await;
    let window = store.window(one.id).await.unwrap().unwrap();
    assert_eq!((window.last_mail, window.first_message_id), (None, None));
    assert_eq!(store.waiting_windows().await.unwrap()[0].3, None);
}

async fn one_mail(bench: &Bench) -> NewMail {
    let account = bench.account("acme").await;
    let mail = mail(&account, "m1@x", "a@example.org");
    let mails = [mail.clone()];
    bench.store.close_window(&[], &mails, at(0)).await.unwrap();
    mail
}

async fn a_due_mail_is_leased_to_one_node(bench: &Bench) {
    let mail = one_mail(bench).await;
    assert!(
        bench
            .store
            .due_mails(at(-1), LEASE, 9)
            .await
            .unwrap()
            .is_empty()
    );
    let due = bench.store.due_mails(at(0), LEASE, 9).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].mail, mail);
    assert_eq!((due[0].status, due[0].attempts), (MailStatus::Waiting, 0));
    assert!(
        bench
            .store
            .due_mails(at(119), LEASE, 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        bench
            .store
            .due_mails(at(120), LEASE, 9)
            .await
            .unwrap()
            .len(),
        1
    );
}

fn attempt(seconds: i64, answer: &str) -> Attempt {
    Attempt {
        started: at(seconds),
        duration_ms: 12,
        is_success: answer.starts_with('2'),
        answer: answer.to_owned(),
    }
}

async fn an_attempt_says_what_follows(bench: &Bench) {
    one_mail(bench).await;
    let id = bench.store.due_mails(at(0), LEASE, 9).await.unwrap()[0].id;
    let refused = attempt(1, "451 later");
    for _ in 0..2 {
        // The second time, after a commit in doubt, changes nothing.
        let noted = bench
            .store
            .mail_attempted(id, &refused, MailNext::Again(at(61)));
        noted.await.unwrap();
    }
    assert!(
        bench
            .store
            .due_mails(at(60), LEASE, 9)
            .await
            .unwrap()
            .is_empty()
    );
    let due = bench.store.due_mails(at(61), LEASE, 9).await.unwrap();
    assert_eq!(due[0].attempts, 1);
    assert_eq!(due[0].last_answer.as_deref(), Some("451 later"));
    let taken = attempt(62, "250 ok\0");
    bench
        .store
        .mail_attempted(id, &taken, MailNext::Sent)
        .await
        .unwrap();
    let late = attempt(63, "451 no");
    bench
        .store
        .mail_attempted(id, &late, MailNext::GiveUp)
        .await
        .unwrap();
    let mails = bench.store.mails(9).await.unwrap();
    assert_eq!(
        (mails[0].status, mails[0].next_attempt),
        (MailStatus::Sent, None)
    );
    assert!(
        bench
            .store
            .due_mails(at(9999), LEASE, 9)
            .await
            .unwrap()
            .is_empty()
    );
    let attempts = bench.store.mail_attempts(id).await.unwrap();
    let answers: Vec<_> = attempts
        .iter()
        .map(|attempt| attempt.answer.as_str())
        .collect();
    assert_eq!(answers, ["451 later", "250 ok\u{fffd}", "451 no"]);
    assert!(!bench.store.retry_mail(id, &retried(9999)).await.unwrap());
}

async fn a_mail_given_up_can_be_sent_after_all(bench: &Bench) {
    one_mail(bench).await;
    let id = bench.store.due_mails(at(0), LEASE, 9).await.unwrap()[0].id;
    let refused = attempt(1, "550 no such user");
    bench
        .store
        .mail_attempted(id, &refused, MailNext::GiveUp)
        .await
        .unwrap();
    assert_eq!(
        bench.store.mails(9).await.unwrap()[0].status,
        MailStatus::Failed
    );
    assert!(
        bench
            .store
            .due_mails(at(9999), LEASE, 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(bench.store.retry_mail(id, &retried(10)).await.unwrap());
    assert_eq!(
        bench.store.due_mails(at(10), LEASE, 9).await.unwrap().len(),
        1
    );
    assert_eq!(bench.store.mails(9).await.unwrap()[0].retried, Some(at(10)));
    let all = bench.store.retry_failed_mails(&retried(11)).await;
    assert_eq!(all.unwrap(), 0, "it waits");
    let refused = attempt(12, "550 no");
    let noted = bench.store.mail_attempted(id, &refused, MailNext::GiveUp);
    noted.await.unwrap();
    assert_eq!(bench.store.vitals().await.unwrap().mails_failed, 1);
    let all = bench.store.retry_failed_mails(&retried(13)).await;
    assert_eq!(all.unwrap(), 1);
    let due = bench.store.due_mails(at(13), LEASE, 9).await.unwrap();
    assert_eq!(due[0].retried, Some(at(13)));
}

async fn of_an_accounts_mail_that_was_sent_no_text_is_left(bench: &Bench) {
    let (store, account) = (&bench.store, bench.account("one").await);
    let secret = mail(&account, "account.1@x", "a@example.org");
    let outcome = mail(&account, "m1@x", "a@example.org");
    let mails = [secret, outcome.clone()];
    assert!(store.close_window(&[], &mails, at(3)).await.unwrap());
    let due = store.due_mails(at(10), LEASE, 5).await.unwrap();
    let texts = async || -> Vec<String> {
        let mut mails = store.mails(5).await.unwrap();
        mails.sort_by_key(|mail| mail.id.0);
        let texts = mails
            .into_iter()
            .map(|mail| mail.mail.text + &mail.mail.html);
        texts.collect()
    };
    let whole = format!("{}{}", outcome.text, outcome.html);
    for mail in &due {
        let refused = attempt(1, "451 later");
        let again = MailNext::Again(at(60));
        store
            .mail_attempted(mail.id, &refused, again)
            .await
            .unwrap();
    }
    assert_eq!(texts().await, [whole.clone(), whole.clone()]);
    for mail in &due {
        let taken = attempt(62, "250 ok");
        let sent = store.mail_attempted(mail.id, &taken, MailNext::Sent);
        sent.await.unwrap();
    }
    let left = texts().await;
    assert!(left[0].starts_with("The text was removed"), "{left:?}");
    assert_eq!(left[1], whole);
}
