//! The list of users, and their roles.

use axum::http::StatusCode;

use crate::domain::account::Role;
use crate::domain::audit::Action;
use crate::web::tests::house::{Answer, House, PASSWORD};
use crate::web::tests::people::{add, last_deed, mails, post};

const ANN: &str = "ann@acme.example";

/// The names in the list, from top to bottom.
fn names(page: &Answer) -> Vec<&str> {
    let (_, rest) = page.text.split_once("<tbody").unwrap();
    let (body, _) = rest.split_once("</tbody>").unwrap();
    body.split("<th scope=\"row\"")
        .skip(1)
        .map(|row| {
            row.split("<bdi class=\"ecocd-name\">")
                .nth(1)
                .unwrap()
                .split("</bdi>")
                .next()
                .unwrap()
        })
        .collect()
}

#[tokio::test]
async fn the_list_shows_the_own_accounts_people_by_name() {
    let house = House::new().await;
    let zoe = add(
        &house,
        &house.acme,
        "zoe@acme.example",
        Role::Upload,
        "Zoe Zed",
    )
    .await;
    add(
        &house,
        &house.acme,
        "cat@acme.example",
        Role::View,
        "cat Cole",
    )
    .await;
    let mut ann = house.signed_in(ANN).await;
    let page = ann.get("/users").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        names(&page),
        ["Ann Able", "cat Cole", "Uma Upton", "Vic Viewer", "Zoe Zed"]
    );
    for words in [
        "Account Name",
        "eCoC Web Role",
        "Source",
        "Created On",
        "28 May 2026 10:54AM",
        "Acme Motors",
        ">eCoC</td>",
        "Primary User",
        "Upload User",
        "View User",
        "aria-sort=\"ascending\"",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    assert!(!page.text.contains("acme-robot") && !page.text.contains("Bold"));
    assert!(page.text.contains(&format!("/users/{}/role", zoe.id)));
    let own = house.user(ANN).await.id;
    assert!(!page.text.contains(&format!("/users/{own}/role")));
    house.close().await;
}

#[tokio::test]
async fn every_column_sorts_both_ways() {
    let house = House::new().await;
    add(&house, &house.acme, "a@acme.example", Role::View, "Zoe Zed").await;
    house.clock.advance(std::time::Duration::from_mins(1));
    add(
        &house,
        &house.acme,
        "z@acme.example",
        Role::Upload,
        "Bea Bell",
    )
    .await;
    let mut ann = house.signed_in(ANN).await;
    let by_name = ["Ann Able", "Bea Bell", "Uma Upton", "Vic Viewer", "Zoe Zed"];
    for (column, up) in [
        ("name", by_name),
        (
            "email",
            ["Zoe Zed", "Ann Able", "Uma Upton", "Vic Viewer", "Bea Bell"],
        ),
        ("role", by_name),
        (
            "created",
            ["Ann Able", "Uma Upton", "Vic Viewer", "Zoe Zed", "Bea Bell"],
        ),
        ("account", by_name),
        ("source", by_name),
    ] {
        let page = ann
            .get(&format!("/users?sort={column}&order=ascending"))
            .await;
        assert_eq!(names(&page), up, "{column}");
        let page = ann
            .get(&format!("/users?sort={column}&order=descending"))
            .await;
        let mut down = up;
        down.reverse();
        assert_eq!(names(&page), down, "{column}");
        assert!(page.text.contains("aria-sort=\"descending\""));
    }
    house.close().await;
}

#[tokio::test]
async fn a_role_is_changed_at_once_and_its_holder_told() {
    let house = House::new().await;
    let zoe = add(
        &house,
        &house.acme,
        "zoe@acme.example",
        Role::Upload,
        "Zoe Zed",
    )
    .await;
    let mut theirs = house.signed_in("zoe@acme.example").await;
    assert_eq!(theirs.get("/sftp/log-ins").await.status, StatusCode::OK);
    let mut ann = house.signed_in(ANN).await;
    let path = format!("/users/{}/role", zoe.id);
    let page = ann.get(&path).await;
    for words in [
        "Zoe Zed",
        "Select a role for this user",
        "Remove all roles and access",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    assert!(page.text.contains("value=\"upload\" selected"));
    let unclear = post(&mut ann, &path, "role=").await;
    assert_eq!(unclear.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = post(&mut ann, &path, "role=view").await;
    assert_eq!(done.header("location"), "/users?notice=role");
    assert_eq!(house.user("zoe@acme.example").await.role, Role::View);
    assert_eq!(
        theirs.get("/sftp/log-ins").await.status,
        StatusCode::FORBIDDEN
    );
    let deed = (
        Action::RoleChanged,
        "zoe@acme.example".to_owned(),
        ANN.to_owned(),
    );
    assert_eq!(last_deed(&house).await, deed);
    let told = mails(&house).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].to.as_str(), "zoe@acme.example");
    assert!(
        told[0].text.contains("You are now: View User"),
        "{}",
        told[0].text
    );
    let same = post(&mut ann, &path, "role=view").await;
    assert_eq!(same.header("location"), "/users?notice=nothing");
    assert_eq!(mails(&house).await.len(), 1);
    house.close().await;
}

#[tokio::test]
async fn whoever_loses_access_is_out_at_once_and_the_machines_have_another_contact() {
    let house = House::new().await;
    let zoe = add(
        &house,
        &house.acme,
        "zoe@acme.example",
        Role::Upload,
        "Zoe Zed",
    )
    .await;
    house
        .store
        .set_password(
            zoe.id,
            &crate::access::hash_password(PASSWORD),
            house.clock.now(),
        )
        .await
        .unwrap();
    let mut theirs = house.signed_in("zoe@acme.example").await;
    let robot = house.user("acme-robot").await;
    let mut ann = house.signed_in(ANN).await;
    let edit = format!("/sftp/machines/{}/edit", robot.id);
    post(&mut ann, &edit, &format!("name=Robot&contact={}", zoe.id)).await;
    let path = format!("/users/{}/role", zoe.id);
    let page = ann.get(&path).await;
    assert!(page.text.contains("acme-robot") && page.text.contains("you become the contact"));

    let done = post(&mut ann, &path, "role=remove").await;
    assert_eq!(done.header("location"), "/users?notice=removed");
    let out = theirs.get("/submissions").await;
    assert!(
        out.header("location").starts_with("/sign-in"),
        "{}",
        out.status
    );
    let here = [127, 0, 0, 1].into();
    let guest = house.access.by_password("zoe@acme.example", PASSWORD, here);
    assert!(guest.await.is_none());
    let robot = house.user("acme-robot").await;
    assert_eq!(robot.contact, Some(house.user(ANN).await.id));
    assert!(house.access.guest(robot.id).is_some(), "it goes on working");
    assert!(!ann.get("/users").await.text.contains("Zoe Zed"));
    assert_eq!(ann.get(&path).await.status, StatusCode::NOT_FOUND);
    let entries = house
        .store
        .audit_entries(Some("zoe@acme.example"), None, 9)
        .await
        .unwrap();
    assert_eq!(entries[0].deed.action, Action::AccessRemoved);
    assert!(entries[0].deed.details.contains("acme-robot"));
    assert!(mails(&house).await[0].subject.contains("has ended"));
    house.close().await;
}

#[tokio::test]
async fn nobody_reaches_outside_the_account_or_above_the_role() {
    let house = House::new().await;
    let (ann, bob) = (house.user(ANN).await, house.user("bob@bolt.example").await);
    let robot = house.user("acme-robot").await;
    add(
        &house,
        &house.acme,
        "zoe@acme.example",
        Role::Upload,
        "Zoe Zed",
    )
    .await;
    let second = add(
        &house,
        &house.acme,
        "two@acme.example",
        Role::Primary,
        "Second",
    )
    .await;
    let mut theirs = house.signed_in(ANN).await;
    for (who, status) in [
        (ann.id.to_string(), StatusCode::FORBIDDEN),
        (second.id.to_string(), StatusCode::FORBIDDEN),
        (bob.id.to_string(), StatusCode::NOT_FOUND),
        (robot.id.to_string(), StatusCode::NOT_FOUND),
        ("0".to_owned(), StatusCode::NOT_FOUND),
        ("-1".to_owned(), StatusCode::NOT_FOUND),
        ("x".to_owned(), StatusCode::NOT_FOUND),
    ] {
        let path = format!("/users/{who}/role");
        assert_eq!(theirs.get(&path).await.status, status, "{who}");
        for role in ["remove", "view", "upload"] {
            let answer = post(&mut theirs, &path, &format!("role={role}")).await;
            assert_eq!(answer.status, status, "{who} {role}");
        }
        let again = post(&mut theirs, &format!("/users/{who}/resend"), "").await;
        assert_eq!(again.status, status, "{who}");
    }
    assert_eq!(house.user(ANN).await.role, Role::Primary);
    assert_eq!(house.user("bob@bolt.example").await.role, Role::View);
    assert!(mails(&house).await.is_empty());
    for login in ["zoe@acme.example", "bob@bolt.example", "sue@staff.example"] {
        let mut browser = house.signed_in(login).await;
        for path in ["/users", "/users/invite", "/users/invited/INV-1000"] {
            assert_eq!(
                browser.get(path).await.status,
                StatusCode::FORBIDDEN,
                "{login} {path}"
            );
        }
        for path in [
            "/users/invite".to_owned(),
            "/users/invite/details".to_owned(),
            "/users/invite/role".to_owned(),
            format!("/users/{}/role", bob.id),
            format!("/users/{}/resend", bob.id),
        ] {
            let sent = "email=n@x.example&first-name=N&last-name=N&role=view";
            let answer = post(&mut browser, &path, sent).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{login} {path}");
        }
    }
    house.close().await;
}

#[tokio::test]
async fn no_form_counts_without_its_token() {
    let house = House::new().await;
    let zoe = add(
        &house,
        &house.acme,
        "zoe@acme.example",
        Role::Upload,
        "Zoe Zed",
    )
    .await;
    let robot = house.user("acme-robot").await;
    let mut ann = house.signed_in(ANN).await;
    for path in [
        "/users/invite".to_owned(),
        "/users/invite/details".to_owned(),
        "/users/invite/role".to_owned(),
        format!("/users/{}/role", zoe.id),
        format!("/users/{}/resend", zoe.id),
        "/sftp/machines/add".to_owned(),
        format!("/sftp/machines/{}/edit", robot.id),
        format!("/sftp/machines/{}/remove", robot.id),
        format!("/sftp/machines/{}/declaration", robot.id),
        format!("/sftp/machines/{}/keys", robot.id),
        format!("/sftp/machines/{}/keys/1/remove", robot.id),
        "/preferences".to_owned(),
        "/preferences/addresses".to_owned(),
        "/preferences/addresses/remove".to_owned(),
        "/account/browsers".to_owned(),
    ] {
        for form in ["", "csrf=x", "csrf="] {
            let answer = ann.post(&path, form).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
            assert!(
                answer.text.contains("This form can no longer be used"),
                "{path}"
            );
        }
        let out = house.browser().post(&path, "csrf=x").await;
        assert_eq!(out.status, StatusCode::FORBIDDEN, "{path}");
        assert!(out.text.contains("href=\"/sign-in"), "{path}");
    }
    house.close().await;
}
