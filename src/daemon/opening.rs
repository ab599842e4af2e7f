//! Opening the database at start: one that is away is waited for, and systemd is told to wait too.
//!
//! *Why*: after a power cut the database's server may come up minutes after this one, and nobody is there to
//! start the service again. A signal ends the wait, for nothing runs yet that had to be ended in order.

use std::path::Path;
use std::time::Duration;

use crate::config;
use crate::daemon::signals;
use crate::runtime::Tasks;
use crate::store::{Store, StoreFault};

/// Between two tries.
const PAUSE: Duration = Duration::from_secs(2);

/// The store of a daemon, migrated.
pub(super) async fn store(
    settings: &config::Database,
    data: &Path,
    tasks: &Tasks,
) -> Result<Store, StoreFault> {
    let open = async || Store::open(settings, data, true, tasks).await;
    signals::while_starting(patiently(PAUSE, open)).await
}

/// Tries until the database is there, or fails otherwise than by being away. Each reason is said once.
async fn patiently<T>(
    pause: Duration,
    mut open: impl AsyncFnMut() -> Result<T, StoreFault>,
) -> Result<T, StoreFault> {
    let mut said: Option<String> = None;
    loop {
        match open().await {
            Err(StoreFault::Away(why)) => {
                if said.as_ref() != Some(&why) {
                    tracing::error!("waiting for the database, which is away: {why}");
                    signals::waiting("waiting for the database, which is away");
                    said = Some(why);
                }
            }
            other => {
                if said.is_some() && other.is_ok() {
                    tracing::info!("the database is back");
                }
                return other;
            }
        }
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_that_is_away_is_waited_for_and_a_wrong_one_is_not() {
        let mut tries = 0;
        let came = patiently(Duration::ZERO, async || {
            tries += 1;
            if tries < 5 {
                return Err(StoreFault::Away("refused".to_owned()));
            }
            Ok(tries)
        });
        assert_eq!(came.await.unwrap(), 5);
        let mut tries = 0;
        let wrong = patiently(Duration::ZERO, async || {
            tries += 1;
            Err::<(), _>(StoreFault::Unusable("no such kind".to_owned()))
        });
        assert!(matches!(wrong.await, Err(StoreFault::Unusable(_))));
        assert_eq!(tries, 1);
    }
}
