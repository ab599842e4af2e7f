//! The guide for users: everybody can read it, its contents lead to its parts, and it says what is set.

use axum::http::StatusCode;

use crate::config::{Challenge, FirstPassword};
use crate::web::tests::house::House;

#[tokio::test]
async fn every_page_leads_to_the_guide_and_its_contents_to_its_parts() {
    let house = House::new().await;
    let mut out = house.browser();
    let mut user = house.signed_in("vic@acme.example").await;
    for page in [out.get("/").await, user.get("/").await] {
        let times = page.text.matches("href=\"/guide\"").count();
        assert_eq!(times, 2, "on the page, and in the footer");
    }
    let guide = out.get("/guide").await;
    assert_eq!(guide.status, StatusCode::OK);
    for anchor in guide.text.split("href=\"#").skip(1) {
        let (id, _) = anchor.split_once('"').unwrap();
        let times = guide.text.matches(&format!(" id=\"{id}\"")).count();
        assert_eq!(times, 1, "#{id}");
    }
    // What the contents call a part is its heading, and no part is missing from them.
    let (_, contents) = guide
        .text
        .split_once("<nav aria-labelledby=\"contents\">")
        .unwrap();
    let (contents, parts) = contents.split_once("</nav>").unwrap();
    let listed: Vec<&str> = contents.split("href=\"#").skip(1).collect();
    for entry in &listed {
        let (id, title) = entry.split_once("\">").unwrap();
        let title = title.split('<').next().unwrap();
        let heading = format!("<h2 class=\"govuk-heading-l\" id=\"{id}\">{title}</h2>");
        assert!(parts.contains(&heading), "{heading}");
    }
    assert_eq!(
        parts.matches("<h2 class=\"govuk-heading-l\"").count(),
        listed.len()
    );
    house.close().await;
}

#[tokio::test]
async fn the_guide_says_what_the_site_has_set() {
    let usual = House::new().await;
    let set = House::with(|about| {
        about.registration.challenge = Challenge::Off;
        about.registration.review_days = 8;
        about.invitation.password = FirstPassword::None;
        about.invitation.days = 4;
        about.settings.password_age_max = std::time::Duration::from_hours(90 * 24);
        about.settings.upload_files_max = 20;
        about.file_bytes_max = 2 * 1_048_576;
        about.sftp.settings.passwords = false;
    })
    .await;
    let [usual_text, set_text] = [
        usual.browser().get("/guide").await.text,
        set.browser().get("/guide").await.text,
    ];
    for (words, other) in [
        ("Enter the code from the image", ""),
        ("up to 5 business days", "up to 8 business days"),
        ("Copy the temporary password", "Create a password"),
        ("after 7 days", "after 4 days"),
        ("", "must be changed after 90 days"),
        ("up to 100,", "up to 20,"),
        ("smaller than 1MB", "smaller than 2MB"),
        ("may also log in with their email address", ""),
    ] {
        assert!(usual_text.contains(words), "{words}");
        assert!(words.is_empty() || !set_text.contains(words), "{words}");
        assert!(set_text.contains(other), "{other}");
        assert!(other.is_empty() || !usual_text.contains(other), "{other}");
    }
    usual.close().await;
    set.close().await;
}
