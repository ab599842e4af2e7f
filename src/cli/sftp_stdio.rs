//! `ecocd sftp-stdio`: SFTP on the standard input and output, for tests.

use std::path::Path;

use crate::cli::arguments;
use crate::cli::desk::{block_on, load};
use crate::cli::ending::Ending;
use crate::config::Config;
use crate::daemon;
use crate::logging;

/// Speaks until the input ends.
pub(crate) fn run(config: Option<&Path>, wish: &arguments::SftpStdio) -> anyhow::Result<Ending> {
    logging::start_quietly();
    let config = match &wish.root {
        Some(_) => Config::default(),
        None => load(config)?,
    };
    let root = wish.root.as_deref();
    block_on(daemon::sftp_stdio(config, &wish.account, root))?;
    Ok(Ending::Done)
}
