//! The page on SFTP: which ports it names to whom.

use std::time::Duration;

use crate::web::tests::house::House;

#[tokio::test]
async fn the_port_for_old_clients_is_named_to_its_accounts_until_its_last_day() {
    let house = House::with(|about| {
        about.sftp.settings.legacy_listen = Some("0.0.0.0:2223".parse().unwrap());
        about.sftp.settings.legacy_accounts = "acme".to_owned();
        about.sftp.settings.legacy_until = "2026-05-29".to_owned();
    })
    .await;
    let named = "2223</code>, until 29 May 2026";
    let mut ann = house.signed_in("ann@acme.example").await;
    assert!(ann.get("/sftp").await.text.contains(named));
    let mut pia = house.signed_in("pia@bolt.example").await;
    assert!(!pia.get("/sftp").await.text.contains("old clients"));
    house.clock.advance(Duration::from_hours(48));
    let mut ann = house.signed_in("ann@acme.example").await;
    assert!(!ann.get("/sftp").await.text.contains("old clients"));
    house.close().await;
}
