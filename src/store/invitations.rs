//! Invitations that were sent, those that nobody took up yet, and sending one again.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{AccountId, CredentialKind, Role, User, UserId};
use crate::domain::audit::Deed;
use crate::domain::notice::NewMail;
use crate::domain::registration::{InvitationId, LinkPurpose};
use crate::store::accounts::bump_roster;
use crate::store::audit::note;
use crate::store::connection::{Db, each};
use crate::store::links::{self, About, NewLink};
use crate::store::mails::insert_mails;
use crate::store::people::put_password;
use crate::store::rows::{moment, moment_maybe};
use crate::store::schema::{credentials, invitations, links as link_rows, users};
use crate::store::users::UserRow;
use crate::store::{Store, StoreFault};

/// An invitation that was not taken up yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its number.
    pub invitation: InvitationId,
    /// Who was invited.
    pub user: User,
    /// When it was first sent.
    pub invited: Timestamp,
    /// When its link ends; `None` if it was followed, or has ended long ago.
    pub ends: Option<Timestamp>,
}

/// What an invitation carries that is sent again.
#[derive(Clone)]
pub struct Resent {
    /// The hash of the temporary password; `None`: the link sets one.
    pub temporary_password: Option<String>,
    /// The mailed link.
    pub link: NewLink,
    /// The mail that carries it.
    pub letter: NewMail,
}

impl std::fmt::Debug for Resent {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Passwords, links and mails stay out of every log.
        form.write_str("Resent")
    }
}

/// Invited users with access who have chosen no password so far, newest first.
fn pending(db: &mut Db, account: Option<AccountId>) -> QueryResult<Vec<Pending>> {
    let rows: Vec<(i64, i64, UserRow)> = each!(db, c => {
        let chosen = credentials::table
            .filter(credentials::kind.eq(CredentialKind::Password.as_str()))
            .filter(credentials::ends.is_null())
            .select(credentials::user_id);
        let mut query = invitations::table
            .inner_join(users::table)
            .filter(users::role.ne(Role::None.as_str()))
            .filter(users::id.ne_all(chosen))
            .order(invitations::id.desc())
            .select((invitations::id, invitations::created, UserRow::as_select()))
            .into_boxed();
        if let Some(account) = account {
            query = query.filter(users::account_id.eq(account.0));
        }
        query.load(c)
    })?;
    let ids: Vec<i64> = rows.iter().map(|(_, _, user)| user.id()).collect();
    let ends: Vec<(Option<i64>, i64)> = each!(db, c => link_rows::table
        .filter(link_rows::user_id.eq_any(&ids))
        .filter(link_rows::purpose.eq(LinkPurpose::Redeem.as_str()))
        .filter(link_rows::used.is_null())
        .select((link_rows::user_id, link_rows::ends))
        .load(c))?;
    rows.into_iter()
        .map(|(id, created, user)| {
            let ends = ends.iter().find(|(of, _)| *of == Some(user.id()));
            Ok(Pending {
                invitation: InvitationId(id),
                user: user.into_user()?,
                invited: moment(created)?,
                ends: moment_maybe(ends.map(|(_, ends)| *ends))?,
            })
        })
        .collect()
}

impl Store {
    /// Invitations that were not taken up yet, newest first: of one account, or all.
    pub async fn pending_invitations(
        &self,
        account: Option<AccountId>,
    ) -> Result<Vec<Pending>, StoreFault> {
        self.read(move |db| pending(db, account)).await
    }

    /// Whom an invitation of the account is for.
    pub async fn invited(
        &self,
        account: AccountId,
        invitation: InvitationId,
    ) -> Result<Option<User>, StoreFault> {
        self.read(move |db| {
            let row: Option<UserRow> = each!(db, c => invitations::table
                .inner_join(users::table)
                .filter(invitations::id.eq(invitation.0))
                .filter(users::account_id.eq(account.0))
                .select(UserRow::as_select())
                .first(c)
                .optional())?;
            row.map(UserRow::into_user).transpose()
        })
        .await
    }

    /// Sends an invitation again with a new link and temporary password; those before end. `None`
    /// if the user is not of the account (`None`: of any), or has taken it up.
    pub async fn resend_invitation(
        &self,
        account: Option<AccountId>,
        user: UserId,
        again: &Resent,
        deed: &Deed,
    ) -> Result<Option<InvitationId>, StoreFault> {
        let (again, deed) = (again.clone(), deed.clone());
        self.write(move |db| {
            let waiting = pending(db, account)?;
            let Some(found) = waiting.iter().find(|one| one.user.id == user) else {
                return Ok(None);
            };
            match &again.temporary_password {
                Some(hash) => put_password(db, user, hash, Some(again.link.ends), deed.at)?,
                // The one that was mailed before must end with its link.
                None => {
                    each!(db, c => diesel::delete(credentials::table)
                        .filter(credentials::user_id.eq(user.0))
                        .filter(credentials::kind.eq(CredentialKind::Password.as_str()))
                        .execute(c))?;
                }
            }
            links::insert(db, &again.link, LinkPurpose::Redeem, About::User(user.0))?;
            insert_mails(db, std::slice::from_ref(&again.letter), deed.at)?;
            note(db, &deed)?;
            bump_roster(db)?;
            Ok(Some(found.invitation))
        })
        .await
    }
}
