//! What a mailed link and an invitation carry: made here, told to nobody but the mail.

use std::time::Duration;

use crate::access;
use crate::config::FirstPassword;
use crate::domain::Timestamp;
use crate::intake::digest;
use crate::store::NewLink;
use crate::web::pages::problem::Problem;
use crate::web::{View, session};

/// A link that is to be mailed.
pub(crate) struct MailedLink {
    /// Its address, for the mail alone.
    pub(crate) url: String,
    /// What the store keeps of it.
    pub(crate) new: NewLink,
}

/// How an invited person gets in for the first time.
pub(crate) struct FirstEntry {
    /// The link that takes the invitation up.
    pub(crate) link: MailedLink,
    /// The temporary password, for the mail alone; `None` if the person creates one.
    pub(crate) password: Option<String>,
    /// Its hash.
    pub(crate) hash: Option<String>,
}

/// A new link to the page below `path`.
pub(crate) fn link(view: &View, path: &str, lasts: Duration) -> MailedLink {
    let token = session::random_token();
    let now = view.deps.clock.now();
    MailedLink {
        url: format!("{}/{path}/{token}", view.service.public_url),
        new: NewLink {
            token: digest(token.as_bytes()),
            ends: now.checked_add(lasts).unwrap_or(Timestamp::MAX),
        },
    }
}

/// What an invitation carries, as `[invitation]` has it.
pub(crate) async fn first_entry(view: &View) -> Result<FirstEntry, Problem> {
    let link = link(view, "redeem", view.invitation.lasts());
    if view.invitation.password == FirstPassword::None {
        return Ok(FirstEntry {
            link,
            password: None,
            hash: None,
        });
    }
    let password = access::make_password();
    let hash = hashed(view, &password).await?;
    Ok(FirstEntry {
        link,
        password: Some(password),
        hash: Some(hash),
    })
}

/// The hash of a password, for the store.
pub(crate) async fn hashed(view: &View, password: &str) -> Result<String, Problem> {
    let hash = view.deps.access.hash(password).await;
    hash.ok_or_else(|| Problem::broken("a password could not be hashed"))
}
