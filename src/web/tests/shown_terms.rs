//! Terms are agreed to as they were shown, also when others are in force by then.

use axum::http::StatusCode;

use crate::domain::audit::{Action, Deed};
use crate::web::tests::house::House;
use crate::web::tests::parcel::Parcel;
use crate::web::tests::unsent::publish;

const CHANGED: &str = "have changed since this page was shown: read version 2, then confirm again";

fn ticked(csrf: &str, version: &str) -> Parcel {
    Parcel::new(csrf)
        .field("version", version)
        .field("action", "send")
        .field("accurate", "yes")
        .field("terms", "yes")
}

#[tokio::test]
async fn an_upload_rests_on_the_terms_that_its_page_showed() {
    let house = House::new().await;
    publish(&house, "One.").await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let user = house.user("ann@acme.example").await.id;
    let page = ann.get("/uploads/new").await;
    assert!(page.text.contains("name=\"version\" value=\"1\""));
    assert!(page.text.contains("href=\"/terms/1\""));
    publish(&house, "Two.").await;
    let parcel = ticked(&page.csrf(), "1").file("a.xml", b"<a/>");
    let asked = ann.send(parcel.to("/uploads/new")).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.text.contains(CHANGED) && asked.text.contains("href=\"/terms/2\""));
    assert!(
        asked
            .text
            .contains("id=\"accurate\" name=\"accurate\" type=\"checkbox\" value=\"yes\" checked")
    );
    assert!(
        asked
            .text
            .contains("id=\"terms\" name=\"terms\" type=\"checkbox\" value=\"yes\">")
    );
    assert!(asked.text.contains("a.xml"), "the file is kept");
    assert_eq!(house.store.agreement(user).await.unwrap(), None);

    let (_, rest) = asked.text.split_once("<form action=\"/uploads/").unwrap();
    let number = rest.split_once('"').unwrap().0;
    let again = ticked(&page.csrf(), "2").to(&format!("/uploads/{number}"));
    assert_eq!(ann.send(again).await.status, StatusCode::SEE_OTHER);
    let agreed = house.store.agreement(user).await.unwrap().unwrap();
    assert_eq!(agreed.version, 2);
    house.close().await;
}

#[tokio::test]
async fn files_are_not_lost_to_newer_terms() {
    let house = House::new().await;
    publish(&house, "One.").await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let user = house.user("ann@acme.example").await.id;
    let deed = Deed {
        id: "a".to_owned(),
        at: house.clock.now(),
        actor: "ann@acme.example".to_owned(),
        action: Action::TermsAgreed,
        subject: "ann@acme.example".to_owned(),
        details: String::new(),
        remote_ip: None,
    };
    house.store.agree(user, user, 1, &deed).await.unwrap();
    let csrf = ann.get("/uploads/new").await.csrf();
    publish(&house, "Two.").await;
    let parcel = Parcel::new(&csrf).field("action", "add");
    let added = ann
        .send(parcel.file("a.xml", b"<a/>").to("/uploads/new"))
        .await;
    let list = added.header("location").to_owned();
    assert!(list.starts_with("/uploads/"), "{list}");
    let detour = ann.get(&list).await.header("location").to_owned();
    assert!(detour.starts_with("/terms/agree?next=%2Fuploads%2F"));
    let form = format!("csrf={csrf}&version=2&agree=yes&next={list}");
    let back = ann.post("/terms/agree", &form).await;
    assert_eq!(back.header("location"), list);
    assert!(ann.get(&list).await.text.contains("a.xml"));
    house.close().await;
}

#[tokio::test]
async fn a_declaration_is_for_the_terms_that_its_form_showed() {
    let house = House::new().await;
    publish(&house, "One.").await;
    let mut ann = house.signed_in("ann@acme.example").await;
    let robot = house.user("acme-robot").await.id;
    let machine = format!("/sftp/machines/{robot}");
    let pages = [
        format!("{machine}/declaration"),
        format!("{machine}/keys"),
        "/sftp/machines/add".to_owned(),
    ];
    for page in &pages {
        let form = ann.get(page).await;
        assert!(form.text.contains("name=\"version\" value=\"1\""), "{page}");
    }
    publish(&house, "Two.").await;
    let csrf = ann.get("/account").await.csrf();
    for page in &pages {
        let form = format!("csrf={csrf}&accurate=yes&terms=yes&version=1&name=Kept&label=Kept");
        let asked = ann.post(page, &form).await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
        assert!(asked.text.contains(CHANGED), "{page}");
        assert!(
            asked.text.contains("name=\"version\" value=\"2\""),
            "{page}"
        );
    }
    assert_eq!(house.store.agreement(robot).await.unwrap(), None);
    let form = format!("csrf={csrf}&accurate=yes&terms=yes&version=2");
    ann.post(&pages[0], &form).await;
    let agreed = house.store.agreement(robot).await.unwrap().unwrap();
    assert_eq!(agreed.version, 2);
    house.close().await;
}
