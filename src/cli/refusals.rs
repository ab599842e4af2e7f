//! `ecocd account refusals`: log-ins by SFTP that were refused, and why.

use serde::Serialize;

use crate::cli::arguments::Output;
use crate::cli::desk::Desk;
use crate::cli::moment;
use crate::cli::table::Table;
use crate::domain::account::AccountCode;
use crate::store::RefusalRow;

/// A refused log-in, for programs.
#[derive(Debug, Serialize)]
struct Form {
    account: Option<String>,
    login: String,
    reason: &'static str,
    sentence: &'static str,
    detail: String,
    fingerprint: Option<String>,
    client: String,
    remote_ip: String,
    first: String,
    last: String,
    times: u64,
}

impl Form {
    fn of(row: RefusalRow) -> Self {
        let refused = row.refused;
        Self {
            account: row.account.map(|code| code.to_string()),
            login: refused.login,
            reason: refused.reason.as_str(),
            sentence: refused.reason.sentence(),
            detail: refused.detail,
            fingerprint: refused.fingerprint,
            client: refused.client,
            remote_ip: refused.remote_ip,
            first: moment::stamp(refused.first),
            last: moment::stamp(refused.last),
            times: refused.times,
        }
    }
}

/// Lists them, newest first.
pub(crate) async fn list(
    desk: &Desk,
    of: Option<&AccountCode>,
    limit: u32,
    output: Output,
) -> anyhow::Result<()> {
    let account = match of {
        Some(code) => Some(desk.account(code).await?.id),
        None => None,
    };
    let rows = desk.store.refusals(account, limit).await?;
    let times: Vec<_> = rows.iter().map(|row| row.refused.last).collect();
    let forms: Vec<Form> = rows.into_iter().map(Form::of).collect();
    output.answer(&forms, || {
        let mut table = Table::new([
            "LAST", "TIMES", "ACCOUNT", "LOGIN", "REASON", "FROM", "KEY", "DETAIL", "CLIENT",
        ]);
        for (form, last) in forms.iter().zip(times) {
            table.row([
                moment::shown(last),
                form.times.to_string(),
                form.account.clone().unwrap_or_default(),
                form.login.clone(),
                form.reason.to_owned(),
                form.remote_ip.clone(),
                form.fingerprint.clone().unwrap_or_default(),
                form.detail.clone(),
                form.client.clone(),
            ]);
        }
        table.or("No log-in was refused.")
    })
}
