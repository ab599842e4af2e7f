//! What a mailed link and an invitation carry: made here, told to nobody but the mail.

use std::time::Duration;

use crate::access;
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

/// What an invitation carries.
pub(crate) async fn first_entry(view: &View) -> Result<FirstEntry, Problem> {
    let link = link(view, "redeem", Duration::from_hours(7 * 24));
    let password = access::make_password();
    let hash = view.deps.access.hash(&password).await;
    let hash = hash.ok_or_else(|| Problem::broken("a password could not be hashed"))?;
    Ok(FirstEntry {
        link,
        password: Some(password),
        hash: Some(hash),
    })
}
