//! What the pages on which somebody chooses a password have in common.

use crate::access::{PASSWORD_CHARACTERS_MIN, Weakness, check_password};
use crate::domain::account::LoginName;
use crate::domain::audit::Action;
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

/// Sets the password that a user chose, tells the user by mail, and signs all browsers out.
pub(crate) async fn choose(
    view: &View,
    user: &crate::domain::account::User,
    password: &str,
    from: std::net::IpAddr,
) -> Result<(), Problem> {
    let hash = hashed(view, password).await?;
    let login = user.login.as_str();
    let deed = open_deed(view, (login, from), Action::PasswordChanged, login, "");
    let letter = letters::joining::password_changed(&view.service, &user.display_name);
    let mail = letters::joining::to_user(&view.service, user, &deed.id, &letter);
    let change = Change {
        deed,
        mails: mail.into_iter().collect(),
    };
    let store = &view.deps.store;
    store.choose_password(user.id, &hash, &change).await?;
    view.deps.access.refresh().await?;
    Ok(())
}
