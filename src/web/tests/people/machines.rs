//! Machine users: added with their keys and contact, and out again; nobody reaches another account's.

use axum::http::StatusCode;

use crate::domain::account::{Role, UserKind};
use crate::domain::audit::Action;
use crate::web::tests::house::House;
use crate::web::tests::people::sftp::{
    ANN, KEY, OTHER_KEY, PRINT, TICKS, adding, encoded, publish_terms,
};
use crate::web::tests::people::{add, last_deed, mails, post};

#[tokio::test]
async fn a_machine_user_is_added_with_its_key_contact_and_declaration() {
    let house = House::new().await;
    assert_eq!(publish_terms(&house, "Be honest.").await, 1);
    let zoe = add(
        &house,
        &house.acme,
        "zoe@acme.example",
        Role::Upload,
        "Zoe Zed",
    )
    .await;
    let mut hers = house.signed_in("zoe@acme.example").await;
    let sent = adding(&house, "Acme-ERP", &format!("{KEY} erp@plant")).await;
    let added = post(&mut hers, "/sftp/machines/add", &sent).await;
    let machine = house.user("acme-erp").await;
    let address = format!("/sftp/machines/{}?notice=machine", machine.id);
    assert_eq!(added.header("location"), address);
    assert_eq!(
        (machine.account, machine.kind, machine.role),
        (Some(house.acme.id), UserKind::Machine, Role::Upload)
    );
    assert_eq!(machine.contact, Some(house.user(ANN).await.id));
    let agreed = house.store.agreement(machine.id).await.unwrap().unwrap();
    assert_eq!((agreed.version, agreed.by), (1, zoe.id));
    house.access.refresh().await.unwrap();
    let guest = house.access.by_key("acme-erp", KEY).unwrap();
    assert_eq!(guest.uploaded_by, "Ann Able");

    let page = hers.get(&address).await;
    for words in [
        PRINT,
        "server 1",
        "ssh-ed25519, 256 bits",
        "By Zoe Zed",
        "version 1",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    let list = hers.get("/sftp").await;
    assert!(list.text.contains("acme-erp") && list.text.contains(">Active<"));
    let users = house.signed_in(ANN).await.get("/users").await;
    assert!(
        !users.text.contains("acme-erp"),
        "machines are not in the list of users"
    );
    let deed = (
        Action::MachineAdded,
        "acme-erp".to_owned(),
        "zoe@acme.example".to_owned(),
    );
    assert_eq!(last_deed(&house).await, deed);
    let told = mails(&house).await;
    assert_eq!(told.len(), 1, "the contact, who is the Primary User too");
    assert!(told[0].text.contains(PRINT) && told[0].text.contains("Zoe Zed"));
    house.close().await;
}

#[tokio::test]
async fn a_key_that_cannot_be_taken_is_refused_with_what_to_do() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    let sent = adding(&house, "acme-one", KEY).await;
    post(&mut ann, "/sftp/machines/add", &sent).await;
    add(
        &house,
        &house.bolt,
        "cara@bolt.example",
        Role::Primary,
        "Cara",
    )
    .await;
    let mut cara = house.signed_in("cara@bolt.example").await;
    let own = house.user("cara@bolt.example").await.id;
    let before = house.store.users(None).await.unwrap().len();
    for (key, says) in [
        (KEY, "This key is in use already"),
        ("ssh-dss AAAAB3NzaC1kc3MAAA==", "DSA keys are broken"),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nsecretsecret",
            "Replace it",
        ),
        (
            "PuTTY-User-Key-File-3: ssh-ed25519\nsecretsecret",
            "Replace it",
        ),
        ("", "Paste the public key"),
        ("hello", "This is not a public key"),
    ] {
        let key = encoded(key);
        let sent = format!("login=bolt-one&name=ERP&contact={own}&key={key}&{TICKS}");
        let answer = post(&mut cara, "/sftp/machines/add", &sent).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        assert_eq!(
            answer.text.matches(says).count(),
            2,
            "{says}: {}",
            answer.text
        );
        assert!(!answer.text.contains("secretsecret"), "{says}");
        assert!(
            answer.text.contains("value=\"bolt-one\""),
            "what was typed is kept"
        );
        assert!(
            !answer.text.to_lowercase().contains("acme"),
            "nobody is named"
        );
    }
    assert_eq!(house.store.users(None).await.unwrap().len(), before);
    house.close().await;
}

#[tokio::test]
async fn nothing_is_added_without_the_declaration_or_with_somebody_elses_contact() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    let own = house.user(ANN).await.id;
    let bob = house.user("bob@bolt.example").await.id;
    let robot = house.user("acme-robot").await.id;
    let key = encoded(KEY);
    for (form, says) in [
        (
            format!("login=r2&name=R&contact={own}&key={key}"),
            "Confirm that you have read",
        ),
        (
            format!("login=r2&name=R&contact={own}&key={key}&terms=yes"),
            "complete and accurate",
        ),
        (
            format!("login=r2&name=R&contact={bob}&key={key}&{TICKS}"),
            "Select the person",
        ),
        (
            format!("login=r2&name=R&contact={robot}&key={key}&{TICKS}"),
            "Select the person",
        ),
        (
            format!("login=r2&name=&contact={own}&key={key}&{TICKS}"),
            "Enter what this machine",
        ),
        (
            format!("login=&name=R&contact={own}&key={key}&{TICKS}"),
            "Enter a log-in name",
        ),
        (
            format!("login=a%40b.example&name=R&contact={own}&key={key}&{TICKS}"),
            "must be 2 to 32",
        ),
        (
            format!("login=Acme-Robot&name=R&contact={own}&key={key}&{TICKS}"),
            "is taken",
        ),
    ] {
        let answer = post(&mut ann, "/sftp/machines/add", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(answer.text.matches(says).count() >= 2, "{form}");
    }
    let path = format!("/sftp/machines/{robot}/keys");
    let answer = post(&mut ann, &path, &format!("key={key}")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.access.refresh().await.unwrap();
    assert!(house.access.by_key("acme-robot", KEY).is_none());
    assert!(mails(&house).await.is_empty());
    house.close().await;
}

#[tokio::test]
async fn a_key_is_added_and_removed_and_those_answerable_are_told() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    let zoe = add(
        &house,
        &house.acme,
        "zoe@acme.example",
        Role::View,
        "Zoe Zed",
    )
    .await;
    let robot = house.user("acme-robot").await.id;
    let edit = format!("name=Robot&contact={}", zoe.id);
    post(&mut ann, &format!("/sftp/machines/{robot}/edit"), &edit).await;
    assert_eq!(last_deed(&house).await.0, Action::MachineChanged);
    let keys = format!("/sftp/machines/{robot}/keys");
    let key = encoded(&format!("{KEY} robot@plant"));
    let added = post(&mut ann, &keys, &format!("key={key}&{TICKS}")).await;
    assert_eq!(
        added.header("location"),
        format!("/sftp/machines/{robot}?notice=key")
    );
    house.access.refresh().await.unwrap();
    assert!(house.access.by_key("acme-robot", KEY).is_some());
    let told: Vec<String> = mails(&house)
        .await
        .iter()
        .map(|mail| mail.to.to_string())
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&ANN.to_owned()) && told.contains(&"zoe@acme.example".to_owned()));

    let machine = house
        .store
        .machine(house.acme.id, house.user("acme-robot").await.id);
    let machine = machine.await.unwrap().unwrap();
    assert_eq!(
        machine.keys[0].label, "robot@plant",
        "the comment, without a label"
    );
    let remove = format!("{keys}/{}/remove", machine.keys[0].id);
    let page = ann.get(&remove).await;
    assert!(page.text.contains(PRINT) && page.text.contains("This is the only key"));
    let removed = post(&mut ann, &remove, "").await;
    assert_eq!(
        removed.header("location"),
        format!("/sftp/machines/{robot}?notice=key-removed")
    );
    house.access.refresh().await.unwrap();
    assert!(house.access.by_key("acme-robot", KEY).is_none());
    assert_eq!(last_deed(&house).await.0, Action::KeyRemoved);
    assert_eq!(mails(&house).await.len(), 4);
    assert_eq!(ann.get(&remove).await.status, StatusCode::NOT_FOUND);
    // The password of a machine is no key, and cannot be removed as one.
    let all = house.store.credentials(machine.user.id).await.unwrap();
    let password = format!("{keys}/{}/remove", all[0].id);
    assert_eq!(
        post(&mut ann, &password, "").await.status,
        StatusCode::NOT_FOUND
    );
    house.close().await;
}

#[tokio::test]
async fn a_removed_machine_user_is_out_and_its_name_is_free_again() {
    let house = House::new().await;
    let mut ann = house.signed_in(ANN).await;
    let robot = house.user("acme-robot").await.id;
    let path = format!("/sftp/machines/{robot}");
    assert!(
        ann.get(&format!("{path}/remove"))
            .await
            .text
            .contains("within 5 seconds")
    );
    let removed = post(&mut ann, &format!("{path}/remove"), "").await;
    assert_eq!(
        removed.header("location"),
        "/sftp?notice=machine-removed#machines"
    );
    house.access.refresh().await.unwrap();
    assert!(house.access.guest(robot).is_none());
    assert_eq!(ann.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(last_deed(&house).await.0, Action::AccessRemoved);
    let sent = adding(&house, "acme-robot", OTHER_KEY).await;
    let again = post(&mut ann, "/sftp/machines/add", &sent).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_ne!(house.user("acme-robot").await.id, robot);
    house.close().await;
}

#[tokio::test]
async fn the_machines_of_another_account_are_not_there() {
    let house = House::new().await;
    add(
        &house,
        &house.bolt,
        "cara@bolt.example",
        Role::Primary,
        "Cara",
    )
    .await;
    let mut cara = house.signed_in("cara@bolt.example").await;
    let mut ann = house.signed_in(ANN).await;
    let (robot, own) = (house.user("acme-robot").await.id, house.user(ANN).await.id);
    let key = encoded(KEY);
    post(
        &mut ann,
        &format!("/sftp/machines/{robot}/keys"),
        &format!("key={key}&{TICKS}"),
    )
    .await;
    let machine = house
        .store
        .machine(house.acme.id, robot)
        .await
        .unwrap()
        .unwrap();
    let key = machine.keys[0].id;
    let before = house.store.audit_entries(None, None, 50).await.unwrap();
    for (browser, who) in [(&mut cara, robot), (&mut ann, own)] {
        let path = format!("/sftp/machines/{who}");
        assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
        for below in [
            "edit".to_owned(),
            "remove".to_owned(),
            "declaration".to_owned(),
            "keys".to_owned(),
            format!("keys/{key}/remove"),
        ] {
            let path = format!("{path}/{below}");
            assert_eq!(
                browser.get(&path).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
            let contact = house.user("cara@bolt.example").await.id;
            let form = format!(
                "name=x&contact={contact}&key={}&{TICKS}",
                encoded(OTHER_KEY)
            );
            let answer = post(browser, &path, &form).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    let after = house.store.audit_entries(None, None, 50).await.unwrap();
    assert_eq!(before.len(), after.len());
    assert!(
        house
            .store
            .machine(house.bolt.id, robot)
            .await
            .unwrap()
            .is_none()
    );
    house.close().await;
}
