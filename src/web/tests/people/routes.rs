//! Who gets what of this area: nobody, each role of the own account, another account, staff.

use axum::http::StatusCode;

use crate::web::tests::house::House;

#[tokio::test]
async fn routes_of_people_answer_each_visitor_as_the_table_says() {
    let house = House::new().await;
    let (ok, see, lost) = (StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::NOT_FOUND);
    let no = StatusCode::FORBIDDEN;
    let robot = format!("/sftp/machines/{}", house.user("acme-robot").await.id);
    let uma = house.user("uma@acme.example").await.id;
    let role = format!("/users/{uma}/role");
    let below = |path: &str| format!("{robot}/{path}");
    // Path; Primary, Upload and View User of the account; Primary User of another; staff.
    let table = [
        ("/users", [ok, no, no, ok, no]),
        ("/users/invite", [ok, no, no, ok, no]),
        ("/users/invite/details", [see, no, no, see, no]),
        ("/users/invite/role", [see, no, no, see, no]),
        ("/users/invited/INV-1000", [lost, no, no, lost, no]),
        (role.as_str(), [ok, no, no, lost, no]),
        ("/sftp", [ok, ok, ok, ok, no]),
        ("/sftp/log-ins", [ok, ok, no, ok, no]),
        ("/sftp/machines/add", [ok, ok, no, ok, no]),
        (robot.as_str(), [ok, ok, no, lost, no]),
        (&below("edit"), [ok, ok, no, lost, no]),
        (&below("remove"), [ok, ok, no, lost, no]),
        (&below("declaration"), [ok, ok, no, lost, no]),
        (&below("keys"), [ok, ok, no, lost, no]),
        (&below("keys/1/remove"), [lost, lost, no, lost, no]),
        ("/preferences", [ok, ok, ok, ok, no]),
        ("/preferences/addresses", [ok, no, no, ok, no]),
        ("/account", [ok, ok, ok, ok, ok]),
    ];
    let people = [
        "ann@acme.example",
        "uma@acme.example",
        "vic@acme.example",
        "pia@bolt.example",
        "oz@staff.example",
    ];
    for (number, login) in people.into_iter().enumerate() {
        let mut browser = house.signed_in(login).await;
        for (path, expected) in &table {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, expected[number], "{login} asks for {path}");
            if answer.status == ok {
                assert_eq!(
                    answer.text.matches("<h1").count(),
                    1,
                    "{path} has one heading"
                );
                assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            }
        }
    }
    let mut out = house.browser();
    for (path, _) in &table {
        let answer = out.get(path).await;
        assert!(answer.header("location").starts_with("/sign-in"), "{path}");
    }
    house.close().await;
}
