//! The back office's pages: who may see each, and what stands on them.

use axum::http::StatusCode;

use crate::domain::account::{LoginName, MailAddress, MailPreference, Role, UserKind};
use crate::domain::audit::{Action, Deed};
use crate::domain::notice::{Attempt, NewMail};
use crate::runtime;
use crate::store::{Added, MailNext, NewUser};
use crate::web::tests::house::{Ending, House, Sent};

/// A deed of somebody, for the audit log.
pub(super) fn deed(house: &House, action: Action, subject: &str) -> Deed {
    Deed {
        id: runtime::unique_id(),
        at: house.clock.now(),
        actor: "command line".to_owned(),
        action,
        subject: subject.to_owned(),
        details: String::new(),
        remote_ip: None,
    }
}

pub(super) fn mail(message_id: &str) -> NewMail {
    NewMail {
        to: MailAddress::new("ann@acme.example").unwrap(),
        user: None,
        account: None,
        message_id: message_id.to_owned(),
        references: None,
        subject: format!("Mail <{message_id}>"),
        text: "a secret link".to_owned(),
        html: "a secret link".to_owned(),
        csv: None,
    }
}

/// Gives up the oldest mail that is due.
pub(super) async fn give_up(house: &House) -> i64 {
    let (store, now) = (&house.store, house.clock.now());
    let lease = std::time::Duration::from_mins(1);
    let due = store.due_mails(now, lease, 1).await.unwrap();
    let attempt = Attempt {
        started: now,
        duration_ms: 1234,
        is_success: false,
        answer: "550 no such <user>".to_owned(),
    };
    let id = due[0].id;
    let noted = store.mail_attempted(id, &attempt, MailNext::GiveUp).await;
    noted.unwrap();
    id.0
}

/// A house with something on every page; gives every page of the back office.
async fn furnished() -> (House, Vec<(String, bool)>) {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let sent = Sent {
        ending: Ending::Held,
        file_name: "<b>held</b>.xml",
        ..Sent::default()
    };
    let held = house.send(&acme, sent).await;
    let store = &house.store;
    let now = house.clock.now();
    store
        .close_window(&[], &[mail("1"), mail("2")], now)
        .await
        .unwrap();
    let mail = give_up(&house).await;
    let published = deed(&house, Action::TermsPublished, "terms");
    store
        .publish_terms("First.\n\n<b>Second.</b>", &published)
        .await
        .unwrap();
    let ann = house.user("ann@acme.example").await.id;
    // The path, and whether those who only review may see it.
    let pages = vec![
        ("/staff/home".to_owned(), true),
        ("/staff/live".to_owned(), true),
        ("/staff/held".to_owned(), true),
        (format!("/staff/held/{held}/reject"), false),
        ("/staff/accounts".to_owned(), false),
        ("/staff/accounts/acme".to_owned(), false),
        ("/staff/users".to_owned(), false),
        (format!("/staff/users/{}", ann.0), false),
        ("/staff/outbox".to_owned(), false),
        (format!("/staff/outbox/{mail}"), false),
        ("/staff/terms".to_owned(), false),
        ("/staff/terms/1".to_owned(), false),
        ("/staff/audit".to_owned(), false),
        ("/staff/audit?verify=on".to_owned(), false),
    ];
    (house, pages)
}

#[tokio::test]
async fn every_page_is_for_operators_and_few_for_reviewers_and_none_for_manufacturers() {
    let (house, pages) = furnished().await;
    // Whoever is still to agree to the terms is sent there first.
    for login in ["ann@acme.example", "uma@acme.example", "vic@acme.example"] {
        let user = house.user(login).await.id;
        let deed = deed(&house, Action::TermsAgreed, login);
        house.store.agree(user, user, 1, &deed).await.unwrap();
    }
    for (path, for_reviewers) in &pages {
        for (login, may) in [
            ("oz@staff.example", true),
            ("sue@staff.example", *for_reviewers),
            ("ann@acme.example", false),
            ("uma@acme.example", false),
            ("vic@acme.example", false),
        ] {
            let answer = house.signed_in(login).await.get(path).await;
            let wanted = if may {
                StatusCode::OK
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(answer.status, wanted, "{path} for {login}: {}", answer.text);
        }
        let answer = house.browser().get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header("location").starts_with("/sign-in?next="));
    }
    house.close().await;
}

#[tokio::test]
async fn no_page_shows_what_somebody_typed_as_markup() {
    let (house, pages) = furnished().await;
    let mut browser = house.signed_in("oz@staff.example").await;
    for (path, _) in &pages {
        let answer = browser.get(path).await;
        for bad in ["<b>", "<user>", "Mail <1>"] {
            assert!(!answer.text.contains(bad), "{path}: {}", answer.text);
        }
        assert!(
            answer.text.contains("aria-current=\"page\"><strong"),
            "{path}"
        );
        assert_eq!(answer.text.matches("<h1").count(), 1, "{path}");
    }
    house.close().await;
}

#[tokio::test]
async fn the_home_counts_what_waits_and_leads_to_what_the_role_includes() {
    let (house, _) = furnished().await;
    let oz = house
        .signed_in("oz@staff.example")
        .await
        .get("/staff/home")
        .await;
    for link in [
        "/staff/requests",
        "/staff/held",
        "/staff/outbox?status=waiting",
        "/staff/accounts",
        "/staff/audit",
        "/submissions",
    ] {
        assert!(oz.text.contains(&format!("href=\"{link}\"")), "{link}");
    }
    assert_eq!(oz.text.matches("Needs a person").count(), 2, "{}", oz.text);
    let sue = house
        .signed_in("sue@staff.example")
        .await
        .get("/staff/home")
        .await;
    assert!(sue.text.contains("href=\"/staff/held\""));
    for link in ["/staff/outbox", "/staff/accounts", "/staff/audit"] {
        assert!(!sue.text.contains(&format!("href=\"{link}")), "{link}");
    }
    house.close().await;
}

#[tokio::test]
async fn the_outbox_shows_the_attempts_and_never_the_text() {
    let (house, _) = furnished().await;
    let mut oz = house.signed_in("oz@staff.example").await;
    let all = oz.get("/staff/outbox").await;
    assert!(all.text.contains("2 mails") && all.text.contains("ann@acme.example"));
    let failed = oz.get("/staff/outbox?status=failed").await;
    assert!(failed.text.contains("1 mail<"), "{}", failed.text);
    let one = oz.get("/staff/outbox/1").await;
    assert!(one.text.contains("1,234 ms") && one.text.contains("550 no such"));
    assert!(!one.text.contains("secret"), "{}", one.text);
    assert_eq!(
        oz.get("/staff/outbox/99").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        oz.get("/staff/outbox/x").await.status,
        StatusCode::NOT_FOUND
    );
    house.close().await;
}

#[tokio::test]
async fn the_audit_log_is_filtered_paged_and_verified() {
    let house = House::new().await;
    for number in 0..30 {
        let subject = if number % 2 == 0 { "acme" } else { "bolt" };
        let deed = deed(&house, Action::AccountResumed, subject);
        house.store.audit(&deed).await.unwrap();
    }
    let mut oz = house.signed_in("oz@staff.example").await;
    let first = oz.get("/staff/audit").await;
    assert!(
        first.text.contains("/staff/audit?before=6"),
        "{}",
        first.text
    );
    assert!(!first.text.contains("Newest entries"));
    let second = oz.get("/staff/audit?before=6").await;
    assert!(second.text.contains("Newest entries") && !second.text.contains("Older entries"));
    assert_eq!(second.text.matches(">Account resumed</td>").count(), 5);
    let of_bolt = oz.get("/staff/audit?subject=bolt").await;
    assert_eq!(of_bolt.text.matches(">Account resumed</td>").count(), 15);
    assert!(!of_bolt.text.contains(">acme<"));
    let checked = oz.get("/staff/audit?verify=on").await;
    assert!(
        checked
            .text
            .contains("All 30 entries are as they were written.")
    );
    house.close().await;
}

#[tokio::test]
async fn the_audit_log_is_filtered_by_who_did_what_and_when_and_keeps_it_when_paging() {
    let house = House::new().await;
    for number in 0..60 {
        let action = match number % 2 {
            0 => Action::AccountResumed,
            _ => Action::UserResumed,
        };
        let mut deed = deed(&house, action, "acme");
        if number < 58 {
            "sue@staff.example".clone_into(&mut deed.actor);
        }
        house.store.audit(&deed).await.unwrap();
        house.clock.advance(std::time::Duration::from_mins(1));
    }
    let mut oz = house.signed_in("oz@staff.example").await;
    let resumed = ">Account resumed</td>";
    let page = oz.get("/staff/audit?actor=command+line").await.text;
    assert_eq!(page.matches(resumed).count(), 1);
    assert!(page.contains("value=\"command line\"") && !page.contains("Older entries"));
    assert!(page.contains("ecocd-filter__more\" open"));
    let page = oz.get("/staff/audit?action=account-resumed").await.text;
    assert_eq!(page.matches(resumed).count(), 25);
    assert!(page.contains("<option value=\"account-resumed\" selected>"));
    let rest = "/staff/audit?action=account-resumed&before=11";
    assert!(page.contains(&rest.replace('&', "&#38;")), "{page}");
    let page = oz.get(rest).await.text;
    assert_eq!(page.matches(resumed).count(), 5);
    assert!(page.contains("href=\"/staff/audit?action=account-resumed\""));
    // They are of one hour, on a day in May.
    let page = oz.get("/staff/audit?from=28/5/2026&to=28/5/2026&subject=acme");
    assert_eq!(page.await.text.matches(resumed).count(), 12);
    let page = oz.get("/staff/audit?to=27/5/2026").await.text;
    assert!(page.contains("There are no such entries."));
    let wrong = oz.get("/staff/audit?from=31/2/2026&actor=a").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let words = "Date from must be a real date, like 28/5/2026";
    assert!(wrong.text.contains(words) && wrong.text.contains("value=\"31/2/2026\""));
    assert!(!wrong.text.contains("no such entries"));
    house.close().await;
}

#[tokio::test]
async fn users_are_searched_and_paged() {
    let house = House::new().await;
    for number in 0..30 {
        let new = NewUser {
            account: Some(house.bolt.id),
            login: LoginName::new(&format!("p{number:02}@bolt.example")).unwrap(),
            kind: UserKind::Person,
            role: Role::View,
            display_name: format!("Person {number}"),
            mail: None,
            mail_preference: MailPreference::None,
            contact: None,
        };
        let added = house.store.add_user(&new, house.clock.now()).await.unwrap();
        assert!(matches!(added, Added::New(_)));
    }
    let mut oz = house.signed_in("oz@staff.example").await;
    let found = oz.get("/staff/users?q=PERSON").await;
    assert!(
        found.text.contains("Showing 1 to 25 of 30 users"),
        "{}",
        found.text
    );
    assert!(
        found.text.contains("/staff/users?q=PERSON&#38;page=2"),
        "{}",
        found.text
    );
    let second = oz.get("/staff/users?q=PERSON&page=2").await;
    assert_eq!(second.text.matches("@bolt.example").count(), 5);
    let beyond = oz.get("/staff/users?q=PERSON&page=99").await;
    assert!(
        beyond.text.contains("Showing 1 to 25"),
        "the first page instead"
    );
    let staff = oz.get("/staff/users?staff=on").await;
    assert!(staff.text.contains("sue@staff.example") && !staff.text.contains("@bolt.example"));
    let none = oz.get("/staff/users?q=nobody-is-called-so").await;
    assert!(none.text.contains("No users match"));
    house.close().await;
}

#[tokio::test]
async fn the_live_figures_change_with_what_comes() {
    let mut house = House::new().await;
    let acme = house.acme.clone();
    let mut sue = house.signed_in("sue@staff.example").await;
    let before = sue.get("/staff/live").await;
    assert!(before.text.contains("live-"), "the script is there");
    house
        .send(
            &acme,
            Sent {
                ending: Ending::Waiting,
                ..Sent::default()
            },
        )
        .await;
    let after = sue.get("/staff/live").await;
    let figure = |text: &str, name: &str| {
        let (_, rest) = text.split_once(name).unwrap();
        let (_, rest) = rest.split_once("value\">").unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    };
    assert_eq!(figure(&before.text, "Arrivals in the last minute"), "0");
    assert_eq!(figure(&after.text, "Arrivals in the last minute"), "1");
    assert_eq!(figure(&after.text, "without an outcome"), "1");
    house.close().await;
}
