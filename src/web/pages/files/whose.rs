//! Whose submissions an address of the list asks for, within what its visitor may see.

use crate::access::Right;
use crate::domain::account::{AccountCode, AccountId, LoginName, UserId};
use crate::web::View;
use crate::web::pages::files::wanted::Wanted;
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;

/// No account and no user has this number, so nothing is found of one that is not there.
const NOBODY: i64 = 0;

/// Whose rows are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Whose {
    /// The visitor's account, or the one that staff ask for; `None` for all.
    pub(super) account: Option<AccountId>,
    /// Only what this user handed in.
    pub(super) user: Option<UserId>,
}

impl Whose {
    /// Reads what is asked for. Users of an account choose among theirs by number; staff name anybody.
    pub(super) async fn asked(
        view: &View,
        visitor: &Visitor,
        wanted: &Wanted,
    ) -> Result<Self, Problem> {
        visitor.need(Right::ViewSubmissions)?;
        if let Some(own) = visitor.scope()? {
            return Ok(Self {
                account: Some(own),
                user: wanted.by.parse().ok().map(UserId),
            });
        }
        Ok(Self {
            account: account(view, &wanted.account).await?,
            user: user(view, &wanted.by).await?,
        })
    }
}

async fn account(view: &View, code: &str) -> Result<Option<AccountId>, Problem> {
    if code.is_empty() {
        return Ok(None);
    }
    let found = match AccountCode::new(&code.to_lowercase()) {
        Ok(code) => view.deps.store.account(&code).await?,
        Err(_unfit) => None,
    };
    Ok(Some(found.map_or(AccountId(NOBODY), |account| account.id)))
}

async fn user(view: &View, login: &str) -> Result<Option<UserId>, Problem> {
    if login.is_empty() {
        return Ok(None);
    }
    let found = match LoginName::new(login) {
        Ok(login) => view.deps.store.user(&login).await?,
        Err(_unfit) => None,
    };
    Ok(Some(found.map_or(UserId(NOBODY), |user| user.id)))
}
