//! `ecocd hostkey`: the keys by which SFTP clients know this server, and how they are replaced.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use crate::cli::arguments::Output;
use crate::cli::desk;
use crate::cli::ending::Ending;
use crate::cli::moment;
use crate::cli::table::Table;
use crate::daemon;
use crate::domain::Timestamp;
use crate::domain::host_key::HostKey;

/// The commands on host keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Hostkey {
    /// List the host keys, and those to come
    List(Output),
    /// Make a new host key, which takes the place of the old one of its kind on a day to come
    Rotate {
        /// Which kind
        #[arg(value_parser = ["ssh-ed25519", "ecdsa-sha2-nistp256"])]
        algorithm: String,
        /// When it comes into use, in UTC: 2027-01-31, or 2027-01-31T06:00:00Z
        #[arg(long, value_name = "MOMENT", value_parser = moment_from)]
        from: Timestamp,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
}

/// A day (its beginning, in UTC) or a moment.
fn moment_from(text: &str) -> Result<Timestamp, String> {
    let day = text.parse::<jiff::civil::Date>();
    let moment = match day {
        Ok(day) if text.len() == 10 => day
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map(|it| it.timestamp()),
        _ => text.parse(),
    };
    moment.map_err(|_unreadable| {
        "write a day, 2027-01-31, or a moment, 2027-01-31T06:00:00Z".to_owned()
    })
}

/// Does what was asked.
pub(crate) fn run(config: Option<&Path>, wish: Hostkey) -> anyhow::Result<Ending> {
    let config = desk::load(config)?;
    let folder = config.in_data(&config.sftp.host_keys);
    refuse_as_root(&folder)?;
    match wish {
        Hostkey::List(output) => list(&folder, output)?,
        Hostkey::Rotate {
            algorithm,
            from,
            output,
        } => rotate(&folder, &algorithm, from, output)?,
    }
    Ok(Ending::Done)
}

/// Root must not make keys that the service's own user cannot read then.
fn refuse_as_root(folder: &PathBuf) -> anyhow::Result<()> {
    use std::os::unix::fs::MetadataExt;

    let owner = std::fs::metadata(folder).map(|facts| facts.uid());
    let is_foreign = owner.is_ok_and(|owner| owner != 0);
    anyhow::ensure!(
        !(rustix::process::geteuid().is_root() && is_foreign),
        "the host keys in {} belong to the service: run this as its user (runuser -u ecocd -- ecocd …)",
        folder.display()
    );
    Ok(())
}

/// A host key, for programs.
#[derive(Debug, Serialize)]
struct Form {
    algorithm: String,
    fingerprint: String,
    public: String,
    from: Option<String>,
}

impl Form {
    fn of(key: &HostKey) -> Self {
        Self {
            algorithm: key.algorithm.clone(),
            fingerprint: key.fingerprint.clone(),
            public: key.public.clone(),
            from: key.from.map(moment::stamp),
        }
    }
}

fn list(folder: &Path, output: Output) -> anyhow::Result<()> {
    let keys = daemon::list_host_keys(folder)?;
    let forms: Vec<Form> = keys.iter().map(Form::of).collect();
    output.answer(&forms, || {
        let mut table = Table::new(["ALGORITHM", "FINGERPRINT", "IN USE"]);
        for key in &keys {
            table.row([
                key.algorithm.clone(),
                key.fingerprint.clone(),
                key.from.map_or_else(
                    || "now".to_owned(),
                    |from| format!("from {}", moment::shown(from)),
                ),
            ]);
        }
        table.or("No host keys yet.")
    })
}

fn rotate(folder: &Path, algorithm: &str, from: Timestamp, output: Output) -> anyhow::Result<()> {
    let key = daemon::rotate_host_key(folder, algorithm, from)?;
    output.answer(&Form::of(&key), || {
        format!(
            "The new key takes the place of the old one on {}:\n\n    {}\n    {}\n\n\
             Tell your partners before; with an asterisk for the host's name, this is a line for their known_hosts:\n\n    \
             * {}\n",
            moment::shown(from),
            key.algorithm,
            key.fingerprint,
            key.public
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_and_a_moment_is_a_moment() {
        let shown = |text| moment_from(text).map(moment::stamp);
        assert_eq!(
            shown("2027-01-31").as_deref(),
            Ok("2027-01-31T00:00:00.000Z")
        );
        assert_eq!(
            shown("2027-01-31T06:00:00Z").as_deref(),
            Ok("2027-01-31T06:00:00.000Z")
        );
        for bad in ["", "tomorrow", "2027-13-01", "31.1.2027"] {
            assert!(shown(bad).is_err(), "{bad}");
        }
    }
}
