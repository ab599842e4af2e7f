//! `ecocd check-config`: everything that is wrong with a configuration, or what is in effect.

use std::path::Path;

use serde::Serialize;

use crate::cli::arguments::{CheckConfig, Format};
use crate::cli::desk::{config_path, load};
use crate::cli::ending::{Ending, Unconfigured};
use crate::cli::output::note;
use crate::config::Problem;
use crate::runtime::Clock;

/// A problem, for programs.
#[derive(Debug, Serialize)]
struct Form<'a> {
    key: &'a str,
    value: Option<&'a str>,
    origin: Option<&'a str>,
    message: &'a str,
}

impl<'a> Form<'a> {
    fn of(problem: &'a Problem) -> Self {
        Self {
            key: &problem.key,
            value: problem.value.as_deref(),
            origin: problem.origin.as_deref(),
            message: &problem.what,
        }
    }
}

/// Prints the configuration that is in effect, secrets masked, or all that is wrong with it.
pub(crate) fn run(config: Option<&Path>, wish: &CheckConfig) -> anyhow::Result<Ending> {
    let named = wish.file.as_deref().or(config);
    match load(named) {
        Ok(loaded) => {
            for doubt in loaded.doubts(Some(&config_path(named)), Clock::system().now()) {
                note(&format!("warning: {doubt}"));
            }
            wish.output.answer(&loaded.to_json(), || loaded.to_toml())?;
            Ok(Ending::Done)
        }
        Err(Unconfigured(problems)) => {
            if wish.output.format == Format::Json {
                let forms: Vec<Form<'_>> = problems.iter().map(Form::of).collect();
                wish.output.answer(&forms, String::new)?;
            }
            Err(Unconfigured(problems).into())
        }
    }
}
