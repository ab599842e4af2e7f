//! `ecocd migrate`: bring the database to the form that this version needs.

use std::path::Path;

use serde::Serialize;

use crate::cli::arguments::Output;
use crate::cli::desk::{block_on, load, refuse_foreign_database};
use crate::cli::ending::Ending;
use crate::cli::table::text;
use crate::logging;
use crate::store::Store;

/// What was applied, for programs.
#[derive(Debug, Serialize)]
struct Form {
    applied: Vec<String>,
}

/// Does it.
pub(crate) fn run(config: Option<&Path>, output: Output) -> anyhow::Result<Ending> {
    logging::start_quietly();
    let config = load(config)?;
    refuse_foreign_database(&config)?;
    let applied = block_on(async {
        let done = Store::migrate(&config.database, &config.service.data).await;
        Ok(done?)
    })?;
    let form = Form { applied };
    output.answer(&form, || {
        if form.applied.is_empty() {
            "The database is up to date.\n".to_owned()
        } else {
            format!("Applied:\n{}", text(&form.applied))
        }
    })?;
    Ok(Ending::Done)
}
