//! What is mailed when staff change who is the Primary User.

use crate::config::Service;
use crate::domain::account::{Account, User};
use crate::domain::notice::NewMail;
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
