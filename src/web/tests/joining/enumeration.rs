//! Whether an address is known cannot be told by the time that an answer takes.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::access::testing::Times;
use crate::web::pages::joining::EVEN;
use crate::web::tests::house::{Answer, House};
use crate::web::tests::joining::{code, filled};

/// Tries of each form: half about a known address, half about unknown ones.
const TRIES: usize = 200;

/// So many at a time: no more than an address may be asked about before it is spared, for each half.
const AT_ONCE: usize = 6;

/// Sends the form of `page`, filled in by `fill`, about Ann's address every other time and otherwise about
/// one that nobody has. No answer comes before its time, and the medians are no further apart than times of
/// one kind are among themselves.
async fn takes_as_long(page: &str, fill: impl AsyncFn(&House, &Answer, &str) -> String) {
    let house = House::new().await;
    let mut times = Times::default();
    for round in 0..TRIES / AT_ONCE {
        // Nobody is spared for what was asked before.
        house.clock.advance(Duration::from_hours(25));
        let mut ready = Vec::new();
        for number in 0..AT_ONCE {
            let mut browser = house.browser();
            let address = if number % 2 == 0 {
                "ann@acme.example".to_owned()
            } else {
                format!("nobody-{round}-{number}@acme.example")
            };
            let shown = browser.get(page).await;
            let form = fill(&house, &shown, &address).await;
            ready.push((browser, form));
        }
        // As long as a person takes at least.
        house.clock.advance(Duration::from_secs(20));
        let answers = ready.iter_mut().map(async |(browser, form)| {
            let began = Instant::now();
            let answer = browser.post(page, form).await;
            assert!(answer.status.is_success() || answer.status.is_redirection());
            began.elapsed()
        });
        for (number, time) in join_all(answers).await.into_iter().enumerate() {
            assert!(time >= EVEN, "{time:?}");
            times.of(number).push(time);
        }
    }
    assert_eq!(
        times.known.len() + times.unknown.len(),
        TRIES / AT_ONCE * AT_ONCE
    );
    let times = times.compare();
    assert!(times.apart <= times.noise, "{times:?}");
    house.close().await;
}

#[tokio::test]
async fn a_forgotten_password_takes_as_long_whoever_asks() {
    takes_as_long("/forgotten", async |_house, page, address| {
        format!("csrf={}&email={address}", page.csrf())
    })
    .await;
}

#[tokio::test]
async fn a_request_takes_as_long_whoever_has_an_account() {
    takes_as_long("/register/details", async |house, page, address| {
        filled(page, address, &code(house, page).await)
    })
    .await;
}
