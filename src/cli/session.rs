//! `ecocd session`: SFTP sessions that are open, to see and to end.
//!
//! The daemon writes them into the database and reads there, each second, which are to be ended.

use std::path::Path;

use clap::Subcommand;
use serde::Serialize;

use crate::cli::arguments::Output;
use crate::cli::desk::{Desk, at_desk};
use crate::cli::ending::Ending;
use crate::cli::moment;
use crate::cli::table::Table;
use crate::store::VisitRow;

/// The commands on sessions.
#[derive(Debug, Subcommand)]
pub(crate) enum Session {
    /// List open sessions, oldest first
    List(Output),
    /// End a session; its user may log in again
    End {
        /// The session's id in the list
        id: String,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
}

/// Does what was asked.
pub(crate) fn run(config: Option<&Path>, wish: Session) -> anyhow::Result<Ending> {
    at_desk(config, async |desk| match wish {
        Session::List(output) => list(desk, output).await,
        Session::End { id, output } => end(desk, &id, output).await,
    })
}

/// A session, for programs.
#[derive(Debug, Serialize)]
struct Form {
    id: String,
    node: String,
    account: String,
    login: String,
    remote_ip: String,
    client: String,
    credential: String,
    began: String,
    last_request: String,
    files: u64,
    bytes: u64,
    is_ending: bool,
}

impl Form {
    fn of(row: &VisitRow) -> Self {
        let visiting = &row.visiting;
        Self {
            id: visiting.id.clone(),
            node: row.node.clone(),
            account: row.account.to_string(),
            login: row.login.to_string(),
            remote_ip: visiting.remote_ip.clone(),
            client: visiting.client.clone(),
            credential: visiting.credential.clone(),
            began: moment::stamp(visiting.began),
            last_request: moment::stamp(visiting.last_request),
            files: visiting.files,
            bytes: visiting.octets,
            is_ending: row.is_end_asked,
        }
    }
}

async fn list(desk: &Desk, output: Output) -> anyhow::Result<()> {
    let rows = desk.store.visits().await?;
    let forms: Vec<Form> = rows.iter().map(Form::of).collect();
    output.answer(&forms, || {
        let mut table = Table::new([
            "ID",
            "LOGIN",
            "ACCOUNT",
            "FROM",
            "BEGAN",
            "LAST REQUEST",
            "FILES",
            "BYTES",
            "CLIENT",
        ]);
        for (form, row) in forms.iter().zip(&rows) {
            table.row([
                form.id.clone(),
                form.login.clone(),
                form.account.clone(),
                form.remote_ip.clone(),
                moment::shown(row.visiting.began),
                moment::shown(row.visiting.last_request),
                form.files.to_string(),
                form.bytes.to_string(),
                form.client.clone(),
            ]);
        }
        table.or("No sessions are open.")
    })
}

/// A session that is to be ended, for programs.
#[derive(Debug, Serialize)]
struct Ended {
    id: String,
    is_ending: bool,
}

async fn end(desk: &Desk, id: &str, output: Output) -> anyhow::Result<()> {
    anyhow::ensure!(
        desk.store.ask_end_of_visit(id).await?,
        "no session {} is open: 'ecocd session list' shows those that are",
        id.escape_debug()
    );
    let form = Ended {
        id: id.to_owned(),
        is_ending: true,
    };
    output.answer(&form, || {
        format!(
            "The session {id} is ended within seconds. 'ecocd user suspend' keeps its user out.\n"
        )
    })
}
