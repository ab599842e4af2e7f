//! Whether an address is known cannot be told by the time that an answer takes.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::web::tests::house::{Browser, House};
use crate::web::tests::joining::{code, filled};

/// Tries of each form: half about a known address, half about unknown ones.
const TRIES: usize = 200;

/// So many at a time: no more than an address may be asked about before it is spared, for each half.
const AT_ONCE: usize = 6;

/// How long answers took, in order.
#[derive(Default)]
struct Times {
    known: Vec<Duration>,
    unknown: Vec<Duration>,
}

impl Times {
    /// Sends all forms at once, every other one about a known address.
    async fn take(&mut self, page: &str, ready: &mut [(Browser, String)]) {
        let answers = ready.iter_mut().map(async |(browser, form)| {
            let began = Instant::now();
            let answer = browser.post(page, form).await;
            assert!(answer.status.is_success() || answer.status.is_redirection());
            began.elapsed()
        });
        for (number, time) in join_all(answers).await.into_iter().enumerate() {
            let half = if number % 2 == 0 {
                &mut self.known
            } else {
                &mut self.unknown
            };
            half.push(time);
        }
    }

    /// The medians are no further apart than times of one kind are among themselves.
    fn are_alike(mut self) {
        self.known.sort_unstable();
        self.unknown.sort_unstable();
        let at = |times: &[Duration], part: usize| times[times.len() * part / 4];
        let noise = |times: &[Duration]| at(times, 3).abs_diff(at(times, 1));
        let (known, unknown) = (at(&self.known, 2), at(&self.unknown, 2));
        let noise = noise(&self.known).max(noise(&self.unknown));
        let told = format!("known {known:?}, unknown {unknown:?}, noise {noise:?}");
        assert_eq!(
            self.known.len() + self.unknown.len(),
            TRIES / AT_ONCE * AT_ONCE
        );
        assert!(known.abs_diff(unknown) <= noise, "{told}");
    }
}

/// Ann's address every other time, and otherwise one that nobody has.
fn address(round: usize, number: usize) -> String {
    if number.is_multiple_of(2) {
        return "ann@acme.example".to_owned();
    }
    format!("nobody-{round}-{number}@acme.example")
}

#[tokio::test]
async fn a_forgotten_password_takes_as_long_whoever_asks() {
    let house = House::new().await;
    let mut times = Times::default();
    for round in 0..TRIES / AT_ONCE {
        house.clock.advance(Duration::from_hours(2));
        let mut ready = Vec::new();
        for number in 0..AT_ONCE {
            let mut browser = house.browser();
            let csrf = browser.get("/forgotten").await.csrf();
            let form = format!("csrf={csrf}&email={}", address(round, number));
            ready.push((browser, form));
        }
        times.take("/forgotten", &mut ready).await;
    }
    times.are_alike();
    house.close().await;
}

#[tokio::test]
async fn a_request_takes_as_long_whoever_has_an_account() {
    let house = House::new().await;
    let mut times = Times::default();
    for round in 0..TRIES / AT_ONCE {
        house.clock.advance(Duration::from_hours(25));
        let mut ready = Vec::new();
        for number in 0..AT_ONCE {
            let mut browser = house.browser();
            let page = browser.get("/register/details").await;
            let form = filled(&page, &address(round, number), &code(&house, &page).await);
            ready.push((browser, form));
        }
        // As long as a person takes at least.
        house.clock.advance(Duration::from_secs(20));
        times.take("/register/details", &mut ready).await;
    }
    times.are_alike();
    house.close().await;
}
