//! `ecocd backup`: the database as of one moment, in a file of its own, while the service runs.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::desk::{block_on, load};
use crate::cli::ending::Ending;
use crate::cli::output::print;
use crate::logging;
use crate::store::Store;

/// Where to.
#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// A file that is not there yet
    file: PathBuf,
}

/// Does it.
pub(crate) fn run(config: Option<&Path>, wish: &Backup) -> anyhow::Result<Ending> {
    logging::start_quietly();
    let config = load(config)?;
    let to = std::path::absolute(&wish.file)
        .with_context(|| format!("{} is no path", wish.file.display()))?;
    block_on(async {
        let saved = Store::backup(&config.database, &config.service.data, &to).await;
        Ok(saved?)
    })?;
    print(&format!(
        "The database as it is now was saved into {}.\n",
        to.display()
    ))?;
    Ok(Ending::Done)
}
