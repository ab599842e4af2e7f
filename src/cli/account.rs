//! `ecocd account`: manufacturers' accounts.

use std::path::Path;

use serde::Serialize;

use crate::cli::arguments::{self, Output};
use crate::cli::desk::{Desk, at_desk};
use crate::cli::ending::Ending;
use crate::cli::table::{Table, safe};
use crate::cli::{address, moment, refusals};
use crate::domain::account::{Account, AccountCode, Standing};
use crate::domain::audit::Action;
use crate::domain::handing_in::{DoneMarker, HandingIn, NamePattern};
use crate::domain::networks::Networks;
use crate::store::Added;

/// Does what was asked.
pub(crate) fn run(config: Option<&Path>, wish: arguments::Account) -> anyhow::Result<Ending> {
    at_desk(config, async |desk| match wish {
        arguments::Account::Add { code, name, output } => add(desk, &code, &name, output).await,
        arguments::Account::List(output) => list(desk, output).await,
        arguments::Account::Set(wish) => set(desk, wish).await,
        arguments::Account::Address(wish) => address::run(desk, wish).await,
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
    done_marker: Option<String>,
    ignored: Vec<String>,
    created: String,
}

impl Form {
    fn of(account: &Account) -> Self {
        let done_marker = account.handing_in.done_marker.as_ref();
        let ignored = account.handing_in.ignored.iter();
        Self {
            code: account.code.to_string(),
            name: account.name.clone(),
            standing: account.standing.as_str(),
            from: account.from.to_string(),
            passwords: account.passwords,
            done_marker: done_marker.map(|marker| marker.as_str().to_owned()),
            ignored: ignored.map(|pattern| pattern.as_str().to_owned()).collect(),
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
    let change = desk.change(Action::AccountAdded, code.as_str(), name);
    match desk.store.open_account(code, name, &change).await? {
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

async fn set(desk: &Desk, wish: arguments::AccountSet) -> anyhow::Result<()> {
    let mut account = desk.account(&wish.code).await?;
    let before = account.handing_in.clone();
    let mut wished = before.clone();
    if wish.done_marker.is_some() || wish.no_done_marker {
        wished.done_marker = wish.done_marker;
    }
    if !wish.ignore.is_empty() || wish.no_ignore {
        wished.ignored = wish.ignore;
    }
    // What is so already is not set again, and not noted.
    let handing_in = Some(wished.checked()?).filter(|wished| *wished != before);
    let from = wish.from.filter(|from| *from != account.from);
    let passwords = wish.passwords.filter(|may| *may != account.passwords);
    let details = details(handing_in.as_ref(), from.as_ref(), passwords);
    if !details.is_empty() {
        let change = desk.change(Action::AccountChanged, wish.code.as_str(), &details);
        let entry = (from.as_ref(), passwords);
        desk.store
            .change_account(&wish.code, handing_in.as_ref(), entry, &change)
            .await?;
        account = desk.account(&wish.code).await?;
    }
    wish.output.answer(&Form::of(&account), || {
        said(&account, &before) + &entry_said(&account)
    })
}

/// What is set anew, for the audit log; empty if nothing is.
fn details(
    handing_in: Option<&HandingIn>,
    from: Option<&Networks>,
    passwords: Option<bool>,
) -> String {
    let mut parts = Vec::new();
    if let Some(handing_in) = handing_in {
        let marker = handing_in.done_marker.as_ref();
        let marker = marker.map_or("none", DoneMarker::as_str);
        let patterns: Vec<&str> = handing_in.ignored.iter().map(NamePattern::as_str).collect();
        let ignored = if patterns.is_empty() {
            "none".to_owned()
        } else {
            patterns.join(", ")
        };
        parts.push(format!("done-marker {marker}"));
        parts.push(format!("ignored {ignored}"));
    }
    if let Some(from) = from {
        parts.push(format!("from {}", place(from)));
    }
    if let Some(passwords) = passwords {
        let may = if passwords { "yes" } else { "no" };
        parts.push(format!("passwords {may}"));
    }
    parts.join("; ")
}

/// The networks that somebody may log in from, for people.
pub(crate) fn place(from: &Networks) -> String {
    if from.is_everywhere() {
        "everywhere".to_owned()
    } else {
        from.to_string()
    }
}

/// Where the account's users may log in from, for people.
fn entry_said(account: &Account) -> String {
    let place = place(&account.from);
    let passwords = if account.passwords {
        "with a key or a password"
    } else {
        "with a key only"
    };
    let code = &account.code;
    format!("The users of {code} may log in by SFTP from {place}, {passwords}.\n")
}

/// How the account hands its files in, and from when on, for people.
fn said(account: &Account, before: &HandingIn) -> String {
    let handing_in = &account.handing_in;
    let marker = match &handing_in.done_marker {
        None => "a file is taken as soon as it is whole".to_owned(),
        Some(marker) => {
            let marker = marker.as_str();
            format!("a.xml is taken when a.xml{marker} or a{marker} has come too")
        }
    };
    let patterns: Vec<&str> = handing_in.ignored.iter().map(NamePattern::as_str).collect();
    let ignored = if patterns.is_empty() {
        "no name is ignored".to_owned()
    } else {
        format!("ignored are {}", safe(&patterns.join(", ")))
    };
    let from_when = if handing_in == before {
        ""
    } else {
        " Sessions that are open keep to what was set when they began."
    };
    format!("{}: {marker}; {ignored}.{from_when}\n", account.code)
}

async fn stand(
    desk: &Desk,
    code: &AccountCode,
    standing: Standing,
    output: Output,
) -> anyhow::Result<()> {
    let before = desk.account(code).await?;
    let action = match standing {
        Standing::Suspended => Action::AccountSuspended,
        Standing::Active => Action::AccountResumed,
    };
    let change = desk.change(action, code.as_str(), "");
    desk.store.stand_account(code, standing, &change).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audit_log_says_what_of_an_account_is_set_anew() {
        assert_eq!(details(None, None, None), "");
        let handing_in = HandingIn {
            done_marker: Some(DoneMarker::new(".done").unwrap()),
            ignored: Vec::new(),
        };
        let office = Networks::new("192.0.2.0/24").unwrap();
        assert_eq!(
            details(Some(&handing_in), Some(&office), Some(false)),
            "done-marker .done; ignored none; from 192.0.2.0/24; passwords no"
        );
        let everywhere = Networks::default();
        assert_eq!(details(None, Some(&everywhere), None), "from everywhere");
    }
}
