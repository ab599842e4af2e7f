//! What is done to users through the portal: invited, given a role, removed, given a password. Each
//! with its entry in the audit log, and with the mail that tells of it.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{
    AccountId, CredentialKind, LoginName, MailAddress, MailPreference, Role, Standing, User,
    UserId, UserKind,
};
use crate::domain::audit::Deed;
use crate::domain::notice::NewMail;
use crate::domain::registration::{InvitationId, LinkPurpose};
use crate::store::accounts::{Added, bump_roster};
use crate::store::audit::{Change, note, tell};
use crate::store::connection::{Db, each};
use crate::store::links::{self, About, NewLink};
use crate::store::mails::insert_mails;
use crate::store::rows::{clean, micros};
use crate::store::schema::{credentials, invitations, links as link_rows, users, web_sessions};
use crate::store::users::UserRow;
use crate::store::{Store, StoreFault};

/// A person who is to become a user.
#[derive(Clone)]
pub struct NewInvitation {
    /// Which account; `None` for staff, or for an account that is made in the same transaction.
    pub account: Option<AccountId>,
    /// The mail address, as log-in name.
    pub login: LoginName,
    /// The mail address.
    pub mail: MailAddress,
    /// First and last name.
    pub full_name: String,
    /// What the person may do.
    pub role: Role,
    /// The hash of the temporary password; it ends with the link. `None`: the link sets one.
    pub temporary_password: Option<String>,
    /// The mailed link.
    pub link: NewLink,
    /// The mail that carries it.
    pub letter: NewMail,
}

impl std::fmt::Debug for NewInvitation {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Passwords, links and mails stay out of every log.
        form.debug_struct("NewInvitation")
            .field("account", &self.account)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// Is there a user of this name who still has access?
pub(super) fn is_login_taken(db: &mut Db, login: &LoginName) -> QueryResult<bool> {
    let holders: i64 = each!(db, c => users::table
        .filter(users::login.eq(login.as_str()))
        .filter(users::role.ne(Role::None.as_str()))
        .count()
        .get_result(c))?;
    Ok(holders > 0)
}

/// A former user gives its name up: what it handed in stays that of the former row, under a name that
/// nobody can log in by.
pub(super) fn make_way(db: &mut Db, login: &LoginName) -> QueryResult<()> {
    each!(db, c => diesel::update(users::table)
        .filter(users::login.eq(login.as_str()))
        .filter(users::role.eq(Role::None.as_str()))
        .set(users::login.eq(format!("former-{}", crate::runtime::unique_id())))
        .execute(c))?;
    Ok(())
}

/// Adds a user with link, temporary password and mail. Somebody who lost all access is taken in
/// again under the same row, into whichever account invites.
pub(super) fn invite(
    db: &mut Db,
    new: &NewInvitation,
    deed: &Deed,
) -> QueryResult<Added<(User, InvitationId)>> {
    if is_login_taken(db, &new.login)? {
        return Ok(Added::Taken);
    }
    let now = deed.at;
    make_way(db, &new.login)?;
    let row: UserRow = each!(db, c => diesel::insert_into(users::table)
        .values((
            users::account_id.eq(new.account.map(|account| account.0)),
            users::login.eq(new.login.as_str()),
            users::kind.eq(UserKind::Person.as_str()),
            users::role.eq(new.role.as_str()),
            users::standing.eq(Standing::Active.as_str()),
            users::display_name.eq(clean(&new.full_name)),
            users::mail.eq(new.mail.as_str()),
            users::mail_preference.eq(MailPreference::Failures.as_str()),
            users::created.eq(micros(now)),
        ))
        .returning(UserRow::as_returning())
        .get_result(c))?;
    let user = row.into_user()?;
    if let Some(hash) = &new.temporary_password {
        put_password(db, user.id, hash, Some(new.link.ends), now)?;
    }
    links::insert(db, &new.link, LinkPurpose::Redeem, About::User(user.id.0))?;
    let id: i64 = each!(db, c => diesel::insert_into(invitations::table)
        .values((
            invitations::user_id.eq(user.id.0),
            invitations::invited_by.eq(&deed.actor),
            invitations::created.eq(micros(now)),
        ))
        .returning(invitations::id)
        .get_result(c))?;
    insert_mails(db, std::slice::from_ref(&new.letter), now)?;
    note(db, deed)?;
    bump_roster(db)?;
    Ok(Added::New((user, InvitationId(id))))
}

/// Sets a password in place of the one before; one that `ends` must be changed at once.
pub(super) fn put_password(
    db: &mut Db,
    of: UserId,
    hash: &str,
    ends: Option<Timestamp>,
    now: Timestamp,
) -> QueryResult<()> {
    each!(db, c => diesel::delete(credentials::table)
        .filter(credentials::user_id.eq(of.0))
        .filter(credentials::kind.eq(CredentialKind::Password.as_str()))
        .execute(c))?;
    each!(db, c => diesel::insert_into(credentials::table)
        .values((
            credentials::user_id.eq(of.0),
            credentials::kind.eq(CredentialKind::Password.as_str()),
            credentials::verifier.eq(hash),
            credentials::label.eq(if ends.is_some() { "temporary password" } else { "password" }),
            credentials::created.eq(micros(now)),
            credentials::must_change.eq(ends.is_some()),
            credentials::ends.eq(ends.map(micros)),
        ))
        .execute(c))?;
    Ok(())
}

/// Sets the password that a person chose: all browsers signed in as this user are signed out, and links
/// that were mailed to set a password end.
pub(super) fn choose(db: &mut Db, of: UserId, hash: &str, change: &Change) -> QueryResult<()> {
    put_password(db, of, hash, None, change.deed.at)?;
    each!(db, c => diesel::delete(link_rows::table)
        .filter(link_rows::user_id.eq(of.0))
        .filter(link_rows::used.is_null())
        .execute(c))?;
    end_sessions(db, of)?;
    tell(db, change)?;
    bump_roster(db)
}

fn end_sessions(db: &mut Db, of: UserId) -> QueryResult<()> {
    each!(db, c => diesel::delete(web_sessions::table)
        .filter(web_sessions::user_id.eq(of.0))
        .execute(c))?;
    Ok(())
}

/// A user of the account who still has access; nobody reaches outside the account.
fn holds(db: &mut Db, account: Option<AccountId>, user: UserId) -> QueryResult<Option<Role>> {
    let role: Option<String> = each!(db, c => {
        let mut query = users::table
            .filter(users::id.eq(user.0))
            .filter(users::role.ne(Role::None.as_str()))
            .select(users::role)
            .into_boxed();
        if let Some(account) = account {
            query = query.filter(users::account_id.eq(account.0));
        }
        query.first(c).optional()
    })?;
    role.as_deref().map(crate::store::rows::word).transpose()
}

/// The machine users that a person answered for get the account's Primary User as contact, if it has
/// one; they go on working.
fn hand_machines_over(db: &mut Db, from: UserId) -> QueryResult<()> {
    let account: Option<Option<i64>> = each!(db, c => users::table
        .find(from.0)
        .select(users::account_id)
        .first(c)
        .optional())?;
    let Some(account) = account.flatten() else {
        return Ok(());
    };
    let primary: Option<i64> = each!(db, c => users::table
        .filter(users::account_id.eq(account))
        .filter(users::role.eq(Role::Primary.as_str()))
        .order(users::id)
        .select(users::id)
        .first(c)
        .optional())?;
    if let Some(primary) = primary {
        each!(db, c => diesel::update(users::table)
            .filter(users::contact_id.eq(from.0))
            .filter(users::role.ne(Role::None.as_str()))
            .set(users::contact_id.eq(primary))
            .execute(c))?;
    }
    Ok(())
}

fn put_role(db: &mut Db, user: UserId, role: Role) -> QueryResult<()> {
    each!(db, c => diesel::update(users::table.find(user.0))
        .set(users::role.eq(role.as_str()))
        .execute(c))?;
    bump_roster(db)
}

impl Store {
    /// Invites a user: the row, the link, the temporary password, the mail.
    pub async fn invite(
        &self,
        new: &NewInvitation,
        deed: &Deed,
    ) -> Result<Added<(User, InvitationId)>, StoreFault> {
        let (new, deed) = (new.clone(), deed.clone());
        let of = deed.clone();
        self.write_once(&of, move |db| invite(db, &new, &deed))
            .await
    }

    /// Is the address that of a user who has access?
    pub async fn is_login_taken(&self, login: &LoginName) -> Result<bool, StoreFault> {
        let login = login.clone();
        self.read(move |db| is_login_taken(db, &login)).await
    }

    /// Gives a user of `account` (`None`: of any) another role; `false` if there is none.
    pub async fn set_role(
        &self,
        account: Option<AccountId>,
        user: UserId,
        role: Role,
        change: &Change,
    ) -> Result<bool, StoreFault> {
        let change = change.clone();
        self.write(move |db| {
            if holds(db, account, user)?.is_none() {
                return Ok(false);
            }
            put_role(db, user, role)?;
            tell(db, &change)?;
            Ok(true)
        })
        .await
    }

    /// Takes all roles and access from a user of `account` (`None`: of any): role, keys, password,
    /// links and signed-in browsers go at once; the row stays for what it handed in. The Primary User
    /// becomes the contact of the machine users that it answered for.
    pub async fn remove_access(
        &self,
        account: Option<AccountId>,
        user: UserId,
        change: &Change,
    ) -> Result<bool, StoreFault> {
        let change = change.clone();
        let of = change.deed.clone();
        self.write_once(&of, move |db| {
            if holds(db, account, user)?.is_none() {
                return Ok(false);
            }
            put_role(db, user, Role::None)?;
            hand_machines_over(db, user)?;
            each!(db, c => diesel::delete(credentials::table)
                .filter(credentials::user_id.eq(user.0))
                .execute(c))?;
            each!(db, c => diesel::delete(link_rows::table)
                .filter(link_rows::user_id.eq(user.0))
                .execute(c))?;
            end_sessions(db, user)?;
            tell(db, &change)?;
            Ok(true)
        })
        .await
    }

    /// Makes `user` the Primary User of its account; whoever was becomes an Upload User.
    pub async fn move_primary(
        &self,
        account: AccountId,
        user: UserId,
        change: &Change,
    ) -> Result<bool, StoreFault> {
        let change = change.clone();
        self.write(move |db| {
            if holds(db, Some(account), user)?.is_none() {
                return Ok(false);
            }
            each!(db, c => diesel::update(users::table)
                .filter(users::account_id.eq(account.0))
                .filter(users::role.eq(Role::Primary.as_str()))
                .set(users::role.eq(Role::Upload.as_str()))
                .execute(c))?;
            put_role(db, user, Role::Primary)?;
            tell(db, &change)?;
            Ok(true)
        })
        .await
    }

    /// Sets the password that a person chose. All browsers signed in as this user are signed out,
    /// and links that were mailed to set a password end.
    pub async fn choose_password(
        &self,
        of: UserId,
        hash: &str,
        change: &Change,
    ) -> Result<(), StoreFault> {
        let (hash, change) = (hash.to_owned(), change.clone());
        self.write(move |db| choose(db, of, &hash, &change)).await
    }

    /// Sets which outcomes a user hears of by mail.
    pub async fn set_mail_preference(
        &self,
        of: UserId,
        preference: MailPreference,
        deed: &Deed,
    ) -> Result<(), StoreFault> {
        let deed = deed.clone();
        self.write(move |db| {
            each!(db, c => diesel::update(users::table.find(of.0))
                .set(users::mail_preference.eq(preference.as_str()))
                .execute(c))?;
            note(db, &deed)?;
            bump_roster(db)
        })
        .await
    }

    /// Is the user asked whether to stay signed in?
    pub async fn is_asked_to_stay(&self, user: UserId) -> Result<bool, StoreFault> {
        self.read(move |db| {
            let asked: Option<bool> = each!(db, c => users::table
                .find(user.0)
                .select(users::is_asked_to_stay)
                .first(c)
                .optional())?;
            Ok(asked.unwrap_or(true))
        })
        .await
    }

    /// "Don't show this again", or again.
    pub async fn ask_to_stay(&self, user: UserId, is_asked: bool) -> Result<(), StoreFault> {
        self.write(move |db| {
            each!(db, c => diesel::update(users::table.find(user.0))
                .set(users::is_asked_to_stay.eq(is_asked))
                .execute(c))?;
            Ok(())
        })
        .await
    }
}
