//! Users and their credentials, and the roster that `access` keeps in memory.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{
    Account, AccountId, Credential, CredentialId, CredentialKind, LoginName, MailAddress,
    MailPreference, Role, Standing, User, UserId, UserKind,
};
use crate::domain::networks::Networks;
use crate::store::accounts::{bump_roster, load_accounts};
use crate::store::audit::{Change, tell};
use crate::store::connection::{Db, each};
use crate::store::people::put_password;
use crate::store::rows::{clean, fit, micros, moment, moment_maybe, word};
use crate::store::schema::{counters, credentials, users};
use crate::store::{Added, Store, StoreFault};

/// A user to be added.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The account; `None` for staff.
    pub account: Option<AccountId>,
    /// What it types to log in.
    pub login: LoginName,
    /// Person or machine.
    pub kind: UserKind,
    /// What it may do.
    pub role: Role,
    /// The person's full name, or what the machine is called.
    pub display_name: String,
    /// Where mail for it goes.
    pub mail: Option<MailAddress>,
    /// Which outcomes it wants to hear of.
    pub mail_preference: MailPreference,
    /// For a machine user: the person answerable for it.
    pub contact: Option<UserId>,
}

/// A credential to be added.
#[derive(Clone)]
pub struct NewCredential {
    /// Whose it is.
    pub user: UserId,
    /// Password or key.
    pub kind: CredentialKind,
    /// PHC string, or `ssh-ed25519 AAAA…` without comment.
    pub verifier: String,
    /// `SHA256:…` of a key.
    pub fingerprint: Option<String>,
    /// What people call it.
    pub label: String,
}

/// Everybody who may come in, and with what.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Counts up with every change of accounts, users or credentials.
    pub generation: i64,
    /// All accounts.
    pub accounts: Vec<Account>,
    /// All users.
    pub users: Vec<User>,
    /// All credentials.
    pub credentials: Vec<Credential>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct UserRow {
    id: i64,
    account_id: Option<i64>,
    login: String,
    kind: String,
    role: String,
    standing: String,
    from_networks: String,
    display_name: String,
    mail: Option<String>,
    mail_preference: String,
    contact_id: Option<i64>,
    created: i64,
}

impl UserRow {
    pub(super) const fn id(&self) -> i64 {
        self.id
    }

    pub(super) fn into_user(self) -> QueryResult<User> {
        Ok(User {
            id: UserId(self.id),
            account: self.account_id.map(AccountId),
            login: fit(LoginName::new(&self.login))?,
            kind: word(&self.kind)?,
            role: word(&self.role)?,
            standing: word(&self.standing)?,
            from: fit(Networks::new(&self.from_networks))?,
            display_name: self.display_name,
            mail: fit(self.mail.as_deref().map(MailAddress::new).transpose())?,
            mail_preference: word(&self.mail_preference)?,
            contact: self.contact_id.map(UserId),
            created: moment(self.created)?,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = credentials)]
pub(super) struct CredentialRow {
    id: i64,
    user_id: i64,
    kind: String,
    verifier: String,
    fingerprint: Option<String>,
    label: String,
    created: i64,
    last_used: Option<i64>,
    must_change: bool,
    ends: Option<i64>,
}

impl CredentialRow {
    pub(super) fn into_credential(self) -> QueryResult<Credential> {
        Ok(Credential {
            id: CredentialId(self.id),
            user: UserId(self.user_id),
            kind: word(&self.kind)?,
            verifier: self.verifier,
            fingerprint: self.fingerprint,
            label: self.label,
            created: moment(self.created)?,
            last_used: moment_maybe(self.last_used)?,
            must_change: self.must_change,
            ends: moment_maybe(self.ends)?,
        })
    }
}

fn generation(db: &mut Db) -> QueryResult<i64> {
    each!(db, c => counters::table
        .filter(counters::name.eq("roster"))
        .select(counters::value)
        .first(c))
}

fn load_users(db: &mut Db, of: Option<AccountId>) -> QueryResult<Vec<User>> {
    let rows: Vec<UserRow> = match of {
        Some(account) => each!(db, c => users::table
            .filter(users::account_id.eq(account.0))
            .order(users::login)
            .select(UserRow::as_select())
            .load(c))?,
        None => each!(db, c => users::table
            .order(users::login)
            .select(UserRow::as_select())
            .load(c))?,
    };
    rows.into_iter().map(UserRow::into_user).collect()
}

/// Adds a credential; `None` if its fingerprint is taken.
pub(super) fn insert_credential(
    db: &mut Db,
    new: &NewCredential,
    now: Timestamp,
) -> QueryResult<Option<Credential>> {
    let row: Option<CredentialRow> = each!(db, c => diesel::insert_into(credentials::table)
        .values((
            credentials::user_id.eq(new.user.0),
            credentials::kind.eq(new.kind.as_str()),
            credentials::verifier.eq(&new.verifier),
            credentials::fingerprint.eq(&new.fingerprint),
            credentials::label.eq(clean(&new.label)),
            credentials::created.eq(micros(now)),
        ))
        .on_conflict_do_nothing()
        .returning(CredentialRow::as_returning())
        .get_result(c)
        .optional())?;
    let Some(row) = row else {
        return Ok(None);
    };
    bump_roster(db)?;
    Ok(Some(row.into_credential()?))
}

fn insert_user(db: &mut Db, new: &NewUser, now: Timestamp) -> QueryResult<Added<User>> {
    let row: Option<UserRow> = each!(db, c => diesel::insert_into(users::table)
        .values((
            users::account_id.eq(new.account.map(|account| account.0)),
            users::login.eq(new.login.as_str()),
            users::kind.eq(new.kind.as_str()),
            users::role.eq(new.role.as_str()),
            users::standing.eq(Standing::Active.as_str()),
            users::display_name.eq(clean(&new.display_name)),
            users::mail.eq(new.mail.as_ref().map(MailAddress::as_str)),
            users::mail_preference.eq(new.mail_preference.as_str()),
            users::contact_id.eq(new.contact.map(|contact| contact.0)),
            users::created.eq(micros(now)),
        ))
        .on_conflict_do_nothing()
        .returning(UserRow::as_returning())
        .get_result(c)
        .optional())?;
    let Some(row) = row else {
        return Ok(Added::Taken);
    };
    bump_roster(db)?;
    Ok(Added::New(row.into_user()?))
}

fn put_networks(db: &mut Db, login: &LoginName, from: &Networks) -> QueryResult<bool> {
    let from = from.to_string();
    let changed = each!(db, c => diesel::update(users::table)
        .filter(users::login.eq(login.as_str()))
        .set(users::from_networks.eq(&from))
        .execute(c))?;
    if changed > 0 {
        bump_roster(db)?;
    }
    Ok(changed > 0)
}

fn delete_key(db: &mut Db, of: UserId, fingerprint: &str) -> QueryResult<bool> {
    let removed = each!(db, c => diesel::delete(credentials::table)
        .filter(credentials::user_id.eq(of.0))
        .filter(credentials::fingerprint.eq(fingerprint))
        .execute(c))?;
    if removed > 0 {
        bump_roster(db)?;
    }
    Ok(removed > 0)
}

impl Store {
    /// Adds a user, with the hash of a password if there is one, and the entry in the audit log.
    pub async fn enrol_user(
        &self,
        new: &NewUser,
        password: Option<&str>,
        change: &Change,
    ) -> Result<Added<User>, StoreFault> {
        let (new, change) = (new.clone(), change.clone());
        let password = password.map(str::to_owned);
        let of = change.deed.clone();
        self.write_once(&of, move |db| {
            let now = change.deed.at;
            let Added::New(user) = insert_user(db, &new, now)? else {
                return Ok(Added::Taken);
            };
            if let Some(hash) = &password {
                put_password(db, user.id, hash, None, now)?;
            }
            tell(db, &change)?;
            Ok(Added::New(user))
        })
        .await
    }

    /// Adds a user, without a word in the audit log: for the door that runs by itself, and for tests.
    /// Everybody else has [`Store::enrol_user`].
    pub async fn add_user(&self, new: &NewUser, now: Timestamp) -> Result<Added<User>, StoreFault> {
        let new = new.clone();
        self.write(move |db| insert_user(db, &new, now)).await
    }

    /// All users, or those of one account, by log-in name.
    pub async fn users(&self, of: Option<AccountId>) -> Result<Vec<User>, StoreFault> {
        self.read(move |db| load_users(db, of)).await
    }

    /// The user with this log-in name.
    pub async fn user(&self, login: &LoginName) -> Result<Option<User>, StoreFault> {
        let login = login.clone();
        self.read(move |db| {
            let row: Option<UserRow> = each!(db, c => users::table
                .filter(users::login.eq(login.as_str()))
                .select(UserRow::as_select())
                .first(c)
                .optional())?;
            row.map(UserRow::into_user).transpose()
        })
        .await
    }

    /// Suspends or resumes, without a word in the audit log: for tests of what follows. Everybody else
    /// has [`Store::stand_user`].
    #[cfg(test)]
    pub(crate) async fn set_user_standing(
        &self,
        login: &LoginName,
        standing: Standing,
    ) -> Result<bool, StoreFault> {
        let login = login.clone();
        self.write(move |db| {
            let changed = each!(db, c => diesel::update(users::table)
                .filter(users::login.eq(login.as_str()))
                .set(users::standing.eq(standing.as_str()))
                .execute(c))?;
            if changed > 0 {
                bump_roster(db)?;
            }
            Ok(changed > 0)
        })
        .await
    }

    /// Says where a user may log in from, with the entry in the audit log; `false` if there is none with
    /// this log-in name.
    pub async fn change_user(
        &self,
        login: &LoginName,
        from: &Networks,
        change: &Change,
    ) -> Result<bool, StoreFault> {
        let (login, from, change) = (login.clone(), from.clone(), change.clone());
        self.write(move |db| {
            if !put_networks(db, &login, &from)? {
                return Ok(false);
            }
            tell(db, &change)?;
            Ok(true)
        })
        .await
    }

    /// Says where a user may log in from, without a word in the audit log: for tests of what follows.
    /// Everybody else has [`Store::change_user`].
    #[cfg(test)]
    pub(crate) async fn set_user_networks(
        &self,
        login: &LoginName,
        from: &Networks,
    ) -> Result<bool, StoreFault> {
        let (login, from) = (login.clone(), from.clone());
        self.write(move |db| put_networks(db, &login, &from)).await
    }

    /// Adds a key to a user, with its entry in the audit log and the mails that tell of it; `Taken`,
    /// and nothing told, if any user has a key with this fingerprint.
    pub async fn add_user_key(
        &self,
        new: &NewCredential,
        change: &Change,
    ) -> Result<Added<Credential>, StoreFault> {
        let (new, change) = (new.clone(), change.clone());
        let of = change.deed.clone();
        self.write_once(&of, move |db| {
            let Some(added) = insert_credential(db, &new, change.deed.at)? else {
                return Ok(Added::Taken);
            };
            tell(db, &change)?;
            Ok(Added::New(added))
        })
        .await
    }

    /// Adds a credential, without a word in the audit log: for tests of what follows; `Taken` if any
    /// user has a key with this fingerprint. Everybody else has [`Store::add_user_key`].
    pub async fn add_credential(
        &self,
        new: &NewCredential,
        now: Timestamp,
    ) -> Result<Added<Credential>, StoreFault> {
        let new = new.clone();
        self.write(move |db| {
            let added = insert_credential(db, &new, now)?;
            Ok(added.map_or(Added::Taken, Added::New))
        })
        .await
    }

    /// The credentials of a user, oldest first.
    pub async fn credentials(&self, of: UserId) -> Result<Vec<Credential>, StoreFault> {
        self.read(move |db| {
            let rows: Vec<CredentialRow> = each!(db, c => credentials::table
                .filter(credentials::user_id.eq(of.0))
                .order(credentials::id)
                .select(CredentialRow::as_select())
                .load(c))?;
            rows.into_iter()
                .map(CredentialRow::into_credential)
                .collect()
        })
        .await
    }

    /// Removes the key with this fingerprint from a user, with the entry in the audit log; `false` if it
    /// has none such.
    pub async fn remove_user_key(
        &self,
        of: UserId,
        fingerprint: &str,
        change: &Change,
    ) -> Result<bool, StoreFault> {
        let (fingerprint, change) = (clean(fingerprint).into_owned(), change.clone());
        let deed = change.deed.clone();
        self.write_once(&deed, move |db| {
            if !delete_key(db, of, &fingerprint)? {
                return Ok(false);
            }
            tell(db, &change)?;
            Ok(true)
        })
        .await
    }

    /// Removes a key, without a word in the audit log: for tests of what follows. Everybody else has
    /// [`Store::remove_user_key`].
    #[cfg(test)]
    pub(crate) async fn remove_key(
        &self,
        of: UserId,
        fingerprint: &str,
    ) -> Result<bool, StoreFault> {
        let fingerprint = fingerprint.to_owned();
        self.write(move |db| delete_key(db, of, &fingerprint)).await
    }

    /// Puts a password's hash in the place of the old one, if there was one, and does nothing else: for
    /// tests of what follows. Everybody else has [`Store::choose_password`].
    pub async fn set_password(
        &self,
        of: UserId,
        hash: &str,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let new = NewCredential {
            user: of,
            kind: CredentialKind::Password,
            verifier: hash.to_owned(),
            fingerprint: None,
            label: "password".to_owned(),
        };
        self.write(move |db| {
            each!(db, c => diesel::delete(credentials::table)
                .filter(credentials::user_id.eq(of.0))
                .filter(credentials::kind.eq(CredentialKind::Password.as_str()))
                .execute(c))?;
            insert_credential(db, &new, now)?;
            Ok(())
        })
        .await
    }

    /// Notes that a credential let somebody in.
    pub async fn credential_used(
        &self,
        id: CredentialId,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let (now, minute_ago) = (micros(now), micros(now).saturating_sub(60_000_000));
        self.write(move |db| {
            each!(db, c => diesel::update(credentials::table)
                .filter(credentials::id.eq(id.0))
                .filter(
                    credentials::last_used
                        .is_null()
                        .or(credentials::last_used.le(minute_ago)),
                )
                .set(credentials::last_used.eq(now))
                .execute(c))?;
            Ok(())
        })
        .await
    }

    /// Counts up with every change of accounts, users or credentials, by whichever process.
    pub async fn roster_generation(&self) -> Result<i64, StoreFault> {
        self.read(generation).await
    }

    /// Everybody who may come in, and with what, as of one moment.
    pub async fn roster(&self) -> Result<Roster, StoreFault> {
        self.read(|db| {
            let rows: Vec<CredentialRow> = each!(db, c => credentials::table
                .order(credentials::id)
                .select(CredentialRow::as_select())
                .load(c))?;
            let credentials: QueryResult<Vec<Credential>> = rows
                .into_iter()
                .map(CredentialRow::into_credential)
                .collect();
            Ok(Roster {
                generation: generation(db)?,
                accounts: load_accounts(db)?,
                users: load_users(db, None)?,
                credentials: credentials?,
            })
        })
        .await
    }
}
