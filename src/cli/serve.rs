//! `ecocd serve`: the service.

use std::path::Path;

use crate::cli::desk::{block_on, config_path, load};
use crate::cli::ending::{self, Ending};
use crate::daemon::{self, Ended};
use crate::logging;
use crate::runtime::Clock;

/// Runs until it is asked to stop, or breaks. Whatever goes wrong is said in the log.
pub(crate) fn run(named: Option<&Path>) -> Ending {
    let early = logging::early();
    let config = match load(named) {
        Ok(config) => config,
        Err(unconfigured) => {
            return refused(&unconfigured.into());
        }
    };
    drop(early);
    logging::start(&config.log);
    for doubt in config.doubts(Some(&config_path(named)), Clock::system().now()) {
        tracing::warn!("{doubt}");
    }
    let lived = block_on(async {
        let running = daemon::start(config, Clock::system()).await?;
        Ok(ending(running.until_stopped().await))
    });
    lived.unwrap_or_else(|error| refused(&error))
}

/// Logs why nothing was started, a line of the log for each line of it.
fn refused(error: &anyhow::Error) -> Ending {
    let (ending, sentence) = ending::sentence(error);
    for line in sentence.lines() {
        tracing::error!("{line}");
    }
    tracing::error!("nothing was started");
    ending
}

/// How the command ends when the daemon did.
pub(crate) const fn ending(ended: Ended) -> Ending {
    match ended {
        Ended::Asked => Ending::Done,
        Ended::Broken => Ending::Software,
    }
}
