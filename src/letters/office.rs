//! What is mailed when staff change who is the Primary User, and when they suspend or resume.

use crate::config::Service;
use crate::domain::account::{Account, Standing, User};
use crate::domain::notice::NewMail;
use crate::letters::joining::to_user;
use crate::letters::{Letter, Recipient, write};

fn to<'a>(account: &Account, user: &'a User) -> Option<Recipient<'a>> {
    Some(Recipient {
        to: user.mail.as_ref()?,
        user: Some(user.id),
        account: Some(account.id),
    })
}

/// To whoever becomes the Primary User; `None` without an address.
pub fn primary_given(
    service: &Service,
    account: &Account,
    user: &User,
    id: &str,
) -> Option<NewMail> {
    let letter = Letter::new(&format!("You are now the Primary User of {}", account.name))
        .text(&format!(
            "{} has made you the Primary User of {} on the eCoC portal.",
            service.organisation, account.name
        ))
        .text("You can invite users, change what they may do, and take their access away.")
        .link("Sign in", &service.public_url)
        .text("If you did not expect this, tell us at once.");
    Some(write(service, &to(account, user)?, id, &letter))
}

/// To whoever was the Primary User; `None` without an address.
pub fn primary_taken(
    service: &Service,
    account: &Account,
    user: &User,
    next: &User,
    id: &str,
) -> Option<NewMail> {
    let letter = Letter::new(&format!(
        "You are no longer the Primary User of {}",
        account.name
    ))
    .text(&format!(
        "{} has made {} the Primary User of {} on the eCoC portal. You are now an Upload User: you \
         can upload files and view submissions, and no longer manage users.",
        service.organisation, next.display_name, account.name
    ))
    .link("Sign in", &service.public_url)
    .text("If you did not expect this, tell us at once.");
    Some(write(service, &to(account, user)?, id, &letter))
}

/// To a user of an account that is suspended, or resumed; `None` without an address.
pub fn account_stands(
    service: &Service,
    account: &Account,
    user: &User,
    standing: Standing,
    id: &str,
) -> Option<NewMail> {
    let (name, organisation) = (&account.name, &service.organisation);
    let letter = match standing {
        Standing::Suspended => Letter::new(&format!("The account of {name} is suspended"))
            .text(&format!(
                "{organisation} has suspended the account of {name} on the eCoC portal. Until it is \
                 resumed, none of its users can sign in, and no files can be sent for it, by SFTP \
                 either."
            ))
            .text("You will get an email when it is resumed. If you do not know why, ask us."),
        Standing::Active => Letter::new(&format!("The account of {name} is resumed"))
            .text(&format!(
                "{organisation} has resumed the account of {name} on the eCoC portal. You can sign \
                 in again, and files can be sent for it again."
            ))
            .link("Sign in", &service.public_url),
    };
    to_user(service, user, id, &letter)
}

/// To a user who is suspended, or resumed; `None` without an address.
pub fn user_stands(
    service: &Service,
    user: &User,
    standing: Standing,
    id: &str,
) -> Option<NewMail> {
    let organisation = &service.organisation;
    let letter = match standing {
        Standing::Suspended => Letter::new("Your access to the eCoC portal is suspended")
            .text(&format!(
                "{organisation} has suspended your access to the eCoC portal. Until it is resumed, \
                 you cannot sign in."
            ))
            .text("You will get an email when it is resumed. If you do not know why, ask us."),
        Standing::Active => Letter::new("Your access to the eCoC portal is resumed")
            .text(&format!(
                "{organisation} has resumed your access to the eCoC portal. You can sign in again."
            ))
            .link("Sign in", &service.public_url),
    };
    to_user(service, user, id, &letter)
}
