//! What the pages on which somebody chooses a password have in common.

use std::net::IpAddr;

use crate::access::{PASSWORD_CHARACTERS_MIN, Weakness, check_password};
use crate::domain::account::{LoginName, User};
use crate::domain::audit::{Action, Deed};
use crate::domain::registration::LinkPurpose;
use crate::intake::digest;
use crate::letters;
use crate::store::Change;
use crate::web::View;
use crate::web::forms::{Errors, Fields, open_deed};
use crate::web::pages::joining::inviting::hashed;
use crate::web::pages::problem::Problem;

/// What the pages say below the field.
pub(crate) const HINT: &str = "12 characters or more. Three words that do not belong together are hard to guess and easy to remember";

/// Checks the fields `new-password` and `confirm-password`; `before` is what may not be chosen again.
pub(crate) fn check(fields: &Fields, login: &LoginName, before: Option<&str>, errors: &mut Errors) {
    let new = fields.exact("new-password");
    let confirmed = fields.exact("confirm-password");
    if new.is_empty() {
        errors.add("new-password", "Enter a new password");
        return;
    }
    if before == Some(new) {
        errors.add(
            "new-password",
            "New password must be different from your current password",
        );
    }
    if let Err(weakness) = check_password(new, login) {
        errors.add("new-password", sentence(weakness));
    }
    if confirmed.is_empty() {
        errors.add("confirm-password", "Enter your new password again");
    } else if confirmed != new {
        errors.add(
            "confirm-password",
            "Confirm password must be the same as new password",
        );
    }
}

fn sentence(weakness: Weakness) -> String {
    match weakness {
        Weakness::Short => {
            format!("New password must be {PASSWORD_CHARACTERS_MIN} characters or more")
        }
        Weakness::Long => "New password must be shorter than 1,000 characters".to_owned(),
        Weakness::LoginName => "New password must not contain your email address".to_owned(),
        Weakness::Repeated | Weakness::Row | Weakness::Common => {
            "Choose a password that is harder to guess".to_owned()
        }
    }
}

/// The hash of the password that a user chose, and what is told of it.
async fn prepared(
    view: &View,
    user: &User,
    password: &str,
    from: IpAddr,
) -> Result<(String, Change), Problem> {
    let hash = hashed(view, password).await?;
    let login = user.login.as_str();
    let deed = open_deed(view, (login, from), Action::PasswordChanged, login, "");
    let letter = letters::joining::password_changed(&view.service, &user.display_name);
    let mail = letters::joining::to_user(&view.service, user, &deed.id, &letter);
    let change = Change {
        deed,
        mails: mail.into_iter().collect(),
    };
    Ok((hash, change))
}

/// Sets the password that a user chose, tells the user by mail, and signs all browsers out.
pub(crate) async fn choose(
    view: &View,
    user: &User,
    password: &str,
    from: IpAddr,
) -> Result<(), Problem> {
    let (hash, change) = prepared(view, user, password, from).await?;
    let store = &view.deps.store;
    store.choose_password(user.id, &hash, &change).await?;
    view.deps.access.refresh().await?;
    Ok(())
}

/// The same by a mailed link, which is used up by it and by nothing that fails before; `false` if
/// somebody was faster.
pub(crate) async fn choose_by_link(
    view: &View,
    user: &User,
    (password, from): (&str, IpAddr),
    (token, purpose): (&str, LinkPurpose),
) -> Result<bool, Problem> {
    let (hash, change) = prepared(view, user, password, from).await?;
    let redeemed = (purpose == LinkPurpose::Redeem).then(|| redeeming(view, user, from));
    let link = (&digest(token.as_bytes()), purpose);
    let store = &view.deps.store;
    let chosen = store.choose_by_link(link, &hash, redeemed.as_ref(), &change);
    if chosen.await?.is_none() {
        return Ok(false);
    }
    view.deps.access.refresh().await?;
    Ok(true)
}

/// What is noted when a user takes an invitation up.
pub(crate) fn redeeming(view: &View, user: &User, from: IpAddr) -> Deed {
    let login = user.login.as_str();
    open_deed(view, (login, from), Action::InvitationRedeemed, login, "")
}
