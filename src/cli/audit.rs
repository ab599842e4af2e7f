//! `ecocd audit`: who did what, and whether the log of it is whole.

use std::path::Path;

use clap::Subcommand;
use serde::Serialize;

use crate::cli::arguments::Output;
use crate::cli::desk::{Desk, load, with_desk};
use crate::cli::ending::Ending;
use crate::cli::table::Table;
use crate::cli::{desk, moment};
use crate::domain::audit::Entry;
use crate::logging;
use crate::store::AuditCheck;

/// The commands on the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// List what was done, newest first
    List {
        /// Only what was done to this log-in name, account code, reference or number
        #[arg(long, value_name = "TEXT")]
        subject: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Compute every digest again: exit status 0 if the log is whole, 1 if it is not
    Verify(Output),
}

/// Does what was asked.
pub(crate) fn run(config: Option<&Path>, wish: &Audit) -> anyhow::Result<Ending> {
    logging::start_quietly();
    let config = load(config)?;
    desk::block_on(with_desk(&config, async |desk| match wish {
        Audit::List {
            subject,
            limit,
            output,
        } => list(desk, subject.as_deref(), *limit, *output).await,
        Audit::Verify(output) => verify(desk, *output).await,
    }))
}

/// An entry, for programs.
#[derive(Debug, Serialize)]
struct Form {
    number: u64,
    at: String,
    actor: String,
    action: &'static str,
    subject: String,
    details: String,
    remote_ip: Option<String>,
    digest: String,
}

impl Form {
    fn of(entry: &Entry) -> Self {
        let deed = &entry.deed;
        Self {
            number: entry.number,
            at: moment::stamp(deed.at),
            actor: deed.actor.clone(),
            action: deed.action.as_str(),
            subject: deed.subject.clone(),
            details: deed.details.clone(),
            remote_ip: deed.remote_ip.clone(),
            digest: entry.digest.clone(),
        }
    }
}

async fn list(
    desk: &Desk,
    subject: Option<&str>,
    limit: u32,
    output: Output,
) -> anyhow::Result<Ending> {
    let entries = desk.store.audit_entries(subject, None, limit).await?;
    let forms: Vec<Form> = entries.iter().map(Form::of).collect();
    output.answer(&forms, || {
        let mut table = Table::new([
            "NUMBER", "WHEN", "WHO", "WHAT", "TO WHAT", "FROM", "DETAILS",
        ]);
        for entry in &entries {
            let deed = &entry.deed;
            table.row([
                entry.number.to_string(),
                moment::shown(deed.at),
                deed.actor.clone(),
                deed.action.to_string(),
                deed.subject.clone(),
                deed.remote_ip.clone().unwrap_or_default(),
                deed.details.clone(),
            ]);
        }
        table.or("No entries.")
    })?;
    Ok(Ending::Done)
}

/// What verifying found, for programs.
#[derive(Debug, Serialize)]
struct CheckForm {
    is_whole: bool,
    entries: Option<u64>,
    broken: Option<u64>,
    digest: Option<String>,
}

async fn verify(desk: &Desk, output: Output) -> anyhow::Result<Ending> {
    let check = desk.store.verify_audit().await?;
    let (form, ending) = judged(&check);
    output.answer(&form, || said(&check))?;
    Ok(ending)
}

fn judged(check: &AuditCheck) -> (CheckForm, Ending) {
    match check {
        AuditCheck::Whole { entries, digest } => (
            CheckForm {
                is_whole: true,
                entries: Some(*entries),
                broken: None,
                digest: Some(digest.clone()),
            },
            Ending::Done,
        ),
        AuditCheck::Broken { number, digest } => (
            CheckForm {
                is_whole: false,
                entries: None,
                broken: Some(*number),
                digest: Some(digest.clone()),
            },
            Ending::No,
        ),
    }
}

fn said(check: &AuditCheck) -> String {
    match check {
        AuditCheck::Whole { entries: 0, .. } => {
            "The audit log is whole: it has no entries.\n".to_owned()
        }
        AuditCheck::Whole { entries, digest } => format!(
            "The audit log is whole: {entries} entries. The digest of the last one, to be kept \
             elsewhere:\n\n    {digest}\n\n"
        ),
        AuditCheck::Broken { number, digest } => {
            let before = if digest.is_empty() {
                "No entry before it is whole.".to_owned()
            } else {
                format!("The digest of the last whole one before it:\n\n    {digest}\n")
            };
            format!(
                "The audit log is broken at entry {number}: it is missing, or is not what was \
                 written. {before}\n"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_log_is_done_and_a_broken_one_is_no() {
        let digest = "ab".repeat(32);
        let whole = AuditCheck::Whole {
            entries: 7,
            digest: digest.clone(),
        };
        assert_eq!(judged(&whole).1, Ending::Done);
        assert!(said(&whole).contains("7 entries") && said(&whole).contains(&digest));
        let broken = AuditCheck::Broken {
            number: 5,
            digest: digest.clone(),
        };
        assert_eq!(judged(&broken).1, Ending::No);
        assert!(said(&broken).contains("entry 5") && said(&broken).contains(&digest));
    }
}
