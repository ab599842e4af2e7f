//! `ecocd account`: manufacturers' accounts.

use std::path::Path;

use serde::Serialize;

use crate::cli::arguments::{self, Output};
use crate::cli::desk::{Desk, at_desk};
use crate::cli::ending::Ending;
use crate::cli::table::{Table, safe};
use crate::cli::{moment, refusals};
use crate::domain::account::{Account, AccountCode, Standing};
use crate::domain::networks::Networks;
use crate::store::Added;

/// Does what was asked.
pub(crate) fn run(config: Option<&Path>, wish: arguments::Account) -> anyhow::Result<Ending> {
    at_desk(config, async |desk| match wish {
        arguments::Account::Add { code, name, output } => add(desk, &code, &name, output).await,
        arguments::Account::List(output) => list(desk, output).await,
        arguments::Account::Set {
            code,
            from,
            passwords,
            output,
        } => set(desk, &code, (from, passwords), output).await,
        arguments::Account::Refusals {
            code,
            limit,
            output,
        } => refusals::list(desk, code.as_ref(), limit, output).await,
        arguments::Account::Suspend { code, output } => {
            stand(desk, &code, Standing::Suspended, output).await
        }
        arguments::Account::Resume { code, output } => {
            stand(desk, &code, Standing::Active, output).await
        }
    })
}

/// An account, for programs.
#[derive(Debug, Serialize)]
struct Form {
    code: String,
    name: String,
    standing: &'static str,
    /// Empty is everywhere.
    from: String,
    passwords: bool,
    created: String,
}

impl Form {
    fn of(account: &Account) -> Self {
        Self {
            code: account.code.to_string(),
            name: account.name.clone(),
            standing: account.standing.as_str(),
            from: account.from.to_string(),
            passwords: account.passwords,
            created: moment::stamp(account.created),
        }
    }
}

async fn add(desk: &Desk, code: &AccountCode, name: &str, output: Output) -> anyhow::Result<()> {
    let name = name.trim();
    anyhow::ensure!(
        !name.is_empty() && !name.chars().any(char::is_control) && name.chars().count() <= 200,
        "the manufacturer's name must have 1 to 200 characters, and no control characters"
    );
    match desk.store.add_account(code, name, desk.now()).await? {
        Added::New(account) => output.answer(&Form::of(&account), || {
            format!(
                "The account {code} is there now. Next: ecocd user add LOGIN --account {code} --role primary\n"
            )
        }),
        Added::Taken => anyhow::bail!("there is an account {code} already: choose another code"),
    }
}

async fn list(desk: &Desk, output: Output) -> anyhow::Result<()> {
    let accounts = desk.store.accounts().await?;
    let forms: Vec<Form> = accounts.iter().map(Form::of).collect();
    output.answer(&forms, || {
        let mut table = Table::new(["CODE", "NAME", "STANDING", "FROM", "PASSWORDS", "CREATED"]);
        for account in &accounts {
            table.row([
                account.code.to_string(),
                account.name.clone(),
                account.standing.to_string(),
                account.from.to_string(),
                if account.passwords { "yes" } else { "no" }.to_owned(),
                moment::shown(account.created),
            ]);
        }
        table.or("No accounts yet: ecocd account add CODE NAME")
    })
}

async fn set(
    desk: &Desk,
    code: &AccountCode,
    (from, passwords): (Option<Networks>, Option<bool>),
    output: Output,
) -> anyhow::Result<()> {
    desk.account(code).await?;
    desk.store.set_account_entry(code, from, passwords).await?;
    let after = desk.account(code).await?;
    output.answer(&Form::of(&after), || {
        let place = if after.from.is_everywhere() {
            "everywhere".to_owned()
        } else {
            after.from.to_string()
        };
        let passwords = if after.passwords {
            "with a key or a password"
        } else {
            "with a key only"
        };
        format!("The users of {code} may log in by SFTP from {place}, {passwords}.\n")
    })
}

async fn stand(
    desk: &Desk,
    code: &AccountCode,
    standing: Standing,
    output: Output,
) -> anyhow::Result<()> {
    let before = desk.account(code).await?;
    desk.store.set_account_standing(code, standing).await?;
    let after = Account { standing, ..before };
    output.answer(&Form::of(&after), || {
        let name = safe(&after.name);
        match standing {
            Standing::Suspended => {
                format!("None of the users of {code} ({name}) is let in from now on.\n")
            }
            Standing::Active => format!("The users of {code} ({name}) are let in again.\n"),
        }
    })
}
