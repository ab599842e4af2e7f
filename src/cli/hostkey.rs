//! `ecocd hostkey`: the keys by which SFTP clients know this server, and how they are replaced.
//!
//! *Order*: the new key is made, those whom it concerns are told in one transaction with the entry of the
//! audit log, and only then it is to come into use. So no key comes into use that nobody was told of.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use crate::cli::arguments::Output;
use crate::cli::desk::{self, Desk, block_on, with_desk};
use crate::cli::ending::Ending;
use crate::cli::moment;
use crate::cli::table::Table;
use crate::daemon;
use crate::domain::Timestamp;
use crate::domain::account::{CredentialKind, Role, Standing, User, UserKind};
use crate::domain::audit::Action;
use crate::domain::host_key::HostKey;
use crate::domain::notice::NewMail;
use crate::letters::joining::to_user;
use crate::letters::people::{host_key_changes, to_fixed};
use crate::store::{Change, Roster};

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
        } => {
            let (host, port) = config.sftp_address(config.sftp.listen.port());
            let work = async |desk: &Desk| {
                let key = daemon::make_next_host_key(&folder, &algorithm, from)?;
                let line = key.known_hosts(&host, port);
                let number = tell(desk, &key, &line, from).await?;
                daemon::schedule_host_key(&folder, &key)?;
                answer(&key, &line, number, from, output)
            };
            block_on(with_desk(&config, work))?;
        }
    }
    Ok(Ending::Done)
}

/// Notes the new key, and puts a letter to everybody whom it concerns into the outbox; says to how many.
async fn tell(desk: &Desk, key: &HostKey, line: &str, from: Timestamp) -> anyhow::Result<usize> {
    let day = from.strftime("%-d %B %Y, %H:%M UTC").to_string();
    let details = format!("{}, from {day}", key.fingerprint);
    let deed = desk.deed(Action::HostKeyRotated, &key.algorithm, &details);
    let letter = host_key_changes(&desk.service, key, line, &day);
    let roster = desk.store.roster().await?;
    let people = roster
        .users
        .iter()
        .filter(|user| is_concerned(user, &roster))
        .filter_map(|user| to_user(&desk.service, user, &deed.id, &letter));
    let fixed = desk.store.fixed_addresses(None).await?;
    let fixed = fixed.iter().map(|fixed| {
        let to = (fixed.account, &fixed.mail);
        to_fixed(&desk.service, to, &deed.id, &letter)
    });
    let mails: Vec<NewMail> = people.chain(fixed).collect();
    let number = mails.len();
    desk.store.tell(&Change { deed, mails }).await?;
    Ok(number)
}

/// A person of an account who answers for programs that connect, or connects: the Primary User, the
/// contact of a machine user, and whoever has a key.
fn is_concerned(user: &User, roster: &Roster) -> bool {
    let is_there = user.kind == UserKind::Person
        && user.account.is_some()
        && user.role != Role::None
        && user.standing == Standing::Active;
    let is_contact = || {
        let mut users = roster.users.iter();
        users.any(|other| other.contact == Some(user.id) && other.role != Role::None)
    };
    let has_key = || {
        let mut all = roster.credentials.iter();
        all.any(|one| one.user == user.id && one.kind == CredentialKind::PublicKey)
    };
    is_there && (user.role == Role::Primary || is_contact() || has_key())
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

fn answer(
    key: &HostKey,
    line: &str,
    number: usize,
    from: Timestamp,
    output: Output,
) -> anyhow::Result<()> {
    output.answer(&Form::of(key), || {
        format!(
            "The new key takes the place of the old one on {}:\n\n    {}\n    {}\n\n\
             A mail goes to those whom it concerns ({number}), and the page on SFTP shows it from now on. This is the line \
             for a file known_hosts:\n\n    {line}\n",
            moment::shown(from),
            key.algorithm,
            key.fingerprint,
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
