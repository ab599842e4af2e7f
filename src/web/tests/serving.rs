//! Starting, answering over a real connection, stopping; and the pages for our own faults.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::config;
use crate::runtime::Tasks;
use crate::web::pages::problem::{Problem, draw};
use crate::web::tests::house::{House, sftp_door};
use crate::web::{About, WebFault, open};

fn free_port() -> config::Web {
    config::Web {
        listen: ([127, 0, 0, 1], 0).into(),
        ..config::Web::default()
    }
}

fn about(settings: &config::Web) -> About {
    About {
        settings: settings.clone(),
        service: config::Service::default(),
        registration: config::Registration::default(),
        invitation: config::Invitation::default(),
        file_bytes_max: config::Check::default().file_bytes_max,
        sftp: sftp_door(),
    }
}

#[tokio::test]
async fn it_answers_over_a_connection_and_stops_when_told() {
    let house = House::new().await;
    let deps = house.view.deps.clone();
    let web = open(about(&free_port()), deps).await.unwrap();
    let address = web.local_addr();
    let tasks = Tasks::new();
    tasks.spawn_lasting("web view", web.run(tasks.clone()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ask = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(ask).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("Sign in if:"));
    tasks.stop();
    tasks.ended().await;
    assert!(!tasks.is_broken());
    assert!(TcpStream::connect(address).await.is_err());
    house.close().await;
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let house = House::new().await;
    let taken = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let settings = config::Web {
        listen: taken.local_addr().unwrap(),
        ..config::Web::default()
    };
    let deps = house.view.deps.clone();
    let fault = open(about(&settings), deps).await.unwrap_err();
    assert!(matches!(fault, WebFault::Taken { .. }));
    assert!(fault.to_string().contains(&settings.listen.to_string()));
    house.close().await;
}

#[tokio::test]
async fn an_unknown_time_zone_is_named() {
    let house = House::new().await;
    let settings = config::Web {
        time_zone: "Europe/Lundon".to_owned(),
        ..free_port()
    };
    let deps = house.view.deps.clone();
    let fault = open(about(&settings), deps).await.unwrap_err();
    assert!(
        fault
            .to_string()
            .contains("'Europe/Lundon' in `web.time-zone`")
    );
    house.close().await;
}

#[tokio::test]
async fn while_the_store_is_away_people_are_told_so() {
    let house = House::new().await;
    let mut browser = house.signed_in("ann@acme.example").await;
    house.store.close().await;
    let answer = browser.get("/submissions").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "60");
    assert!(answer.text.contains("Sorry, the service is unavailable"));
    assert!(!answer.text.contains("closed"), "nothing of our inside");
    // What needs no store is there all the same.
    assert_eq!(house.browser().get("/").await.status, StatusCode::OK);
    house.close().await;
}

#[tokio::test]
async fn our_own_fault_gets_a_reference_and_no_more() {
    let house = House::new().await;
    let routes: Router = Router::new()
        .route("/", get(|| async { Problem::broken("the disk is full") }))
        .layer(from_fn_with_state(Arc::clone(&house.view), draw));
    let request = Request::get("/").body(Body::empty()).unwrap();
    let response = routes.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let octets = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8(octets.to_vec()).unwrap();
    assert!(text.contains("Sorry, there is a problem with the service"));
    let (_, reference) = text.split_once("ecocd-exact\">").unwrap();
    let (reference, _) = reference.split_once('<').unwrap();
    assert_eq!(reference.len(), 36, "{reference}");
    assert!(!text.contains("disk"));
    house.close().await;
}
