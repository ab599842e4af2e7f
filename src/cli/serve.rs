//! `ecocd serve`: the service.

use std::path::Path;

use crate::cli::desk::{block_on, config_path, load};
use crate::cli::ending::Ending;
use crate::daemon::{self, Ended};
use crate::logging;
use crate::runtime::Clock;

/// Runs until it is asked to stop, or breaks.
pub(crate) fn run(named: Option<&Path>) -> anyhow::Result<Ending> {
    let early = logging::early();
    let config = match load(named) {
        Ok(config) => config,
        Err(unconfigured) => {
            for problem in unconfigured.0 {
                tracing::error!("{problem}");
            }
            tracing::error!("the configuration cannot be used; nothing was started");
            return Ok(Ending::Configuration);
        }
    };
    drop(early);
    logging::start(&config.log);
    for doubt in config.doubts(Some(&config_path(named))) {
        tracing::warn!("{doubt}");
    }
    block_on(async {
        let running = daemon::start(config, Clock::system()).await?;
        Ok(ending(running.until_stopped().await))
    })
}

/// How the command ends when the daemon did.
pub(crate) const fn ending(ended: Ended) -> Ending {
    match ended {
        Ended::Asked => Ending::Done,
        Ended::Broken => Ending::Software,
    }
}
