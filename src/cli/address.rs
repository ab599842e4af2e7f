//! `ecocd account address`: addresses that get emails about an account's outcomes without being a user's.

use clap::Subcommand;
use serde::Serialize;

use crate::cli::arguments::{Output, words};
use crate::cli::desk::Desk;
use crate::cli::moment;
use crate::cli::table::Table;
use crate::domain::account::{
    Account, AccountCode, FIXED_ADDRESSES_MAX, FixedAddress, MailAddress, MailPreference,
};
use crate::domain::audit::{Action, Deed};
use crate::letters::Letter;
use crate::letters::people::{fixed_address_added, fixed_address_removed, to_fixed};
use crate::store::{AddressAdded, Change};

/// The commands on fixed addresses.
#[derive(Debug, Subcommand)]
pub(crate) enum Address {
    /// Add an address, or change what one gets; an email tells it so
    Add {
        /// The account's code
        #[arg(value_parser = AccountCode::new)]
        code: AccountCode,
        /// The mail address
        #[arg(value_parser = MailAddress::new)]
        mail: MailAddress,
        /// Which outcomes to tell it of
        #[arg(long, value_name = "WHICH", default_value = "failures", value_parser = words(FixedAddress::OFFERED, MailPreference::as_str))]
        mail_preference: MailPreference,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// List an account's addresses
    List {
        /// The account's code
        #[arg(value_parser = AccountCode::new)]
        code: AccountCode,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Remove an address; an email tells it so
    Remove {
        /// The account's code
        #[arg(value_parser = AccountCode::new)]
        code: AccountCode,
        /// The mail address
        #[arg(value_parser = MailAddress::new)]
        mail: MailAddress,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
}

/// Does what was asked.
pub(crate) async fn run(desk: &Desk, wish: Address) -> anyhow::Result<()> {
    match wish {
        Address::Add {
            code,
            mail,
            mail_preference,
            output,
        } => add(desk, &code, mail, mail_preference, output).await,
        Address::List { code, output } => list(desk, &code, output).await,
        Address::Remove { code, mail, output } => remove(desk, &code, &mail, output).await,
    }
}

/// A fixed address, for programs.
#[derive(Debug, Serialize)]
struct Form {
    account: String,
    mail: String,
    mail_preference: &'static str,
    created: String,
}

impl Form {
    fn of(account: &Account, fixed: &FixedAddress) -> Self {
        Self {
            account: account.code.to_string(),
            mail: fixed.mail.to_string(),
            mail_preference: fixed.preference.as_str(),
            created: moment::stamp(fixed.created),
        }
    }
}

/// What tells the address, in the transaction of what it tells of.
fn change(
    desk: &Desk,
    account: &Account,
    mail: &MailAddress,
    deed: Deed,
    letter: &Letter,
) -> Change {
    let to = (account.id, mail);
    let mail = to_fixed(&desk.service, to, &deed.id, letter);
    Change {
        deed,
        mails: vec![mail],
    }
}

async fn add(
    desk: &Desk,
    code: &AccountCode,
    mail: MailAddress,
    preference: MailPreference,
    output: Output,
) -> anyhow::Result<()> {
    let account = desk.account(code).await?;
    let new = FixedAddress {
        account: account.id,
        mail,
        preference,
        created: desk.now(),
    };
    let note = format!("{} gets {preference}", new.mail);
    let deed = desk.deed(Action::FixedAddressAdded, code.as_str(), &note);
    let service = &desk.service;
    let (name, by) = (&account.name, &service.organisation);
    let letter = fixed_address_added(service, name, preference, by);
    let change = change(desk, &account, &new.mail, deed, &letter);
    let added = desk.store.add_fixed_address(&new, &change).await?;
    anyhow::ensure!(
        added != AddressAdded::TooMany,
        "the account {code} has {FIXED_ADDRESSES_MAX} fixed addresses, which is the most: remove one first, or add \
         the address of a mailing list"
    );
    output.answer(&Form::of(&account, &new), || {
        format!(
            "{} gets emails about the outcomes of {code}: {preference}.\n",
            new.mail
        )
    })
}

async fn list(desk: &Desk, code: &AccountCode, output: Output) -> anyhow::Result<()> {
    let account = desk.account(code).await?;
    let fixed = desk.store.fixed_addresses(Some(account.id)).await?;
    let forms: Vec<Form> = fixed.iter().map(|one| Form::of(&account, one)).collect();
    output.answer(&forms, || {
        let mut table = Table::new(["MAIL", "GETS", "CREATED"]);
        for one in &fixed {
            table.row([
                one.mail.to_string(),
                one.preference.to_string(),
                moment::shown(one.created),
            ]);
        }
        table.or(&format!(
            "No fixed addresses yet: ecocd account address add {code} ADDRESS"
        ))
    })
}

async fn remove(
    desk: &Desk,
    code: &AccountCode,
    mail: &MailAddress,
    output: Output,
) -> anyhow::Result<()> {
    let account = desk.account(code).await?;
    let all = desk.store.fixed_addresses(Some(account.id)).await?;
    let is_same = |one: &&FixedAddress| one.mail.as_str().eq_ignore_ascii_case(mail.as_str());
    let Some(fixed) = all.iter().find(is_same) else {
        anyhow::bail!(
            "the account {code} has no fixed address {mail}: 'ecocd account address list {code}' lists them"
        );
    };
    let deed = desk.deed(Action::FixedAddressRemoved, code.as_str(), mail.as_str());
    let service = &desk.service;
    let letter = fixed_address_removed(service, &account.name, &service.organisation);
    let change = change(desk, &account, &fixed.mail, deed, &letter);
    desk.store
        .remove_fixed_address(account.id, &fixed.mail, &change)
        .await?;
    output.answer(&Form::of(&account, fixed), || {
        format!("{mail} gets no more emails about the outcomes of {code}.\n")
    })
}
