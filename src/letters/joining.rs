//! The letters of joining: a request for an account from the form to the decision, and passwords.

use std::time::Duration;

use crate::config::Service;
use crate::domain::account::{MailAddress, User};
use crate::domain::notice::NewMail;
use crate::domain::registration::{Applicant, Reference};
use crate::letters::{self, Letter, Recipient};

/// How an invited person gets in for the first time.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// The link that takes the invitation up.
    pub url: &'a str,
    /// The temporary password, if there is one.
    pub password: Option<&'a str>,
    /// Both work for so many days.
    pub days: u32,
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Links and passwords stay out of every log.
        form.write_str("Entry")
    }
}

impl Entry<'_> {
    /// The letter, with the steps in the order in which they are done.
    #[must_use]
    pub fn steps(&self, letter: Letter) -> Letter {
        let days = plural(u64::from(self.days), "day");
        let letter = match self.password {
            Some(password) => letter
                .text("1. Copy this temporary password:")
                .text(password)
                .text("2. Follow this link, and select Register:")
                .link("Redeem invitation", self.url)
                .text(
                    "3. Sign in with your email address and the temporary password. You will be asked to choose a password of your own.",
                ),
            None => letter
                .text("Follow this link, select Register, and create a password:")
                .link("Redeem invitation", self.url),
        };
        let what = match self.password {
            Some(_) => "The link works once. Link and temporary password end after",
            None => "The link works once, and ends after",
        };
        letter.text(&format!("{what} {days}."))
    }
}

/// To an applicant: confirm the address.
pub fn confirm_request(
    service: &Service,
    applicant: &Applicant,
    reference: &Reference,
    url: &str,
    lasts: Duration,
) -> Letter {
    Letter::new(&format!("Confirm your request for an eCoC account, {reference}"))
        .text(&format!("Dear {},", applicant.full_name()))
        .text(&format!(
            "We received a request for an eCoC account for {} with this email address. Its reference number is {reference}.",
            applicant.manufacturer
        ))
        .text("Confirm that the address is yours. We look at the request only after that.")
        .link("Confirm your email address", url)
        .text(&format!("The link works once, and ends after {}.", length(lasts)))
        .text(&stranger(service))
}

/// To an address that somebody asked an account for, and that has one. Not by name: what was typed is a stranger's
/// words.
pub fn account_known(service: &Service) -> Letter {
    Letter::new("You already have an eCoC account")
        .text("Hello,")
        .text(
            "Somebody asked for an eCoC account with this email address. You have one already, so the request was not kept.",
        )
        .text("Sign in with the account that you have. If you forgot your password, select “Forgot password?” there.")
        .link("Sign in", &format!("{}/sign-in", service.public_url))
        .text(&stranger(service))
}

/// To an address that somebody asked an account for once more, after the request before was confirmed; not by name
/// either.
pub fn request_known(service: &Service) -> Letter {
    Letter::new("We already have your request for an eCoC account")
        .text("Hello,")
        .text(
            "Somebody asked for an eCoC account with this email address once more. The earlier request still counts, and the new one was not kept.",
        )
        .text(
            "You do not need to do anything: we are looking at it, and will write to you.",
        )
        .text(&stranger(service))
}

/// To the applicant: approved, with the way in.
pub fn approved(
    service: &Service,
    applicant: &Applicant,
    account: &str,
    entry: &Entry<'_>,
) -> Letter {
    let letter = Letter::new("Your eCoC account has been set up")
        .text(&format!("Dear {},", applicant.full_name()))
        .text(&format!(
            "Your request was accepted. {account} has an eCoC account now, and you are its Primary User: you can upload files, look up submissions, and invite other users.",
        ));
    entry.steps(letter).text(&format!(
        "If you have questions, write to {}.",
        service.enquiries
    ))
}

/// To the applicant: refused, with the reason.
pub fn refused(
    service: &Service,
    applicant: &Applicant,
    reference: &Reference,
    reason: &str,
) -> Letter {
    let letter = Letter::new(&format!("Your request for an eCoC account, {reference}"))
        .text(&format!("Dear {},", applicant.full_name()))
        .text(&format!(
            "We could not accept your request for an eCoC account for {}. The reason is:",
            applicant.manufacturer
        ));
    let lines = reason
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    lines.fold(letter, Letter::text).text(&format!(
        "If you have questions, write to {} and quote {reference}.",
        service.enquiries
    ))
}

/// To a user who asked for a link to set a new password.
pub fn password_link(service: &Service, name: &str, url: &str, lasts: &str) -> Letter {
    Letter::new("Choose a new password for your eCoC account")
        .text(&format!("Dear {name},"))
        .text("Somebody said that you forgot your password. Choose a new one here:")
        .link("Choose a new password", url)
        .text(&format!("The link works once, and ends after {lasts}."))
        .text(&stranger(service))
}

/// To a user whose password was changed.
pub fn password_changed(service: &Service, name: &str) -> Letter {
    Letter::new("Your eCoC password was changed")
        .text(&format!("Dear {name},"))
        .text("Your password was changed, and every browser that was signed in as you was signed out.")
        .text(&format!(
            "If it was not you, choose a new password at once with “Forgot password?” on the sign-in page, and write to {}.",
            service.enquiries
        ))
        .link("Sign in", &format!("{}/sign-in", service.public_url))
}

/// A letter to a user; `None` if the user has no address.
pub fn to_user(service: &Service, user: &User, id: &str, letter: &Letter) -> Option<NewMail> {
    let own = MailAddress::new(user.login.as_str()).ok();
    let to = user.mail.clone().or(own)?;
    let recipient = Recipient {
        to: &to,
        user: Some(user.id),
        account: user.account,
    };
    Some(letters::write(service, &recipient, id, letter))
}

/// A letter to somebody who is no user.
pub fn to_stranger(service: &Service, to: &MailAddress, id: &str, letter: &Letter) -> NewMail {
    let recipient = Recipient {
        to,
        user: None,
        account: None,
    };
    letters::write(service, &recipient, id, letter)
}

fn stranger(service: &Service) -> String {
    format!(
        "If it was not you, you do not need to do anything. If it happens again, write to {}.",
        service.enquiries
    )
}

/// `3 days`, `12 hours`, `30 minutes`.
fn length(time: Duration) -> String {
    let minutes = time.as_secs().div_ceil(60);
    if minutes >= 1440 && minutes.is_multiple_of(1440) {
        plural(minutes / 1440, "day")
    } else if minutes >= 60 && minutes.is_multiple_of(60) {
        plural(minutes / 60, "hour")
    } else {
        plural(minutes, "minute")
    }
}

fn plural(count: u64, unit: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{end}")
}
