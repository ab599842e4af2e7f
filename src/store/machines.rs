//! Machine users: programs that log in by SFTP, the person answerable for each, their keys, and the
//! standing declaration that their files rest on.
//!
//! *Invariant*: the account is in each query; nobody reaches a machine of another one.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::result::Error;

use crate::domain::Timestamp;
use crate::domain::account::{
    AccountId, Credential, CredentialId, CredentialKind, LoginName, MailPreference, Role, Standing,
    User, UserId, UserKind,
};
use crate::store::accounts::bump_roster;
use crate::store::audit::{Change, tell};
use crate::store::connection::{Db, each};
use crate::store::people::{is_login_taken, make_way};
use crate::store::rows::{clean, count, micros, moment, whole};
use crate::store::schema::{agreements, credentials, users, visits};
use crate::store::users::{CredentialRow, UserRow, insert_credential};
use crate::store::{NewCredential, Store, StoreFault};

/// What a machine user is to be called, and who answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineFacts {
    /// What people call it.
    pub name: String,
    /// The person answerable for it.
    pub contact: UserId,
}

/// A key that is to let a machine user in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineKey {
    /// `ssh-ed25519 AAAA…` without comment.
    pub line: String,
    /// `SHA256:…`.
    pub fingerprint: String,
    /// What people call it.
    pub label: String,
}

/// A machine user that is to be added, with its first key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMachine {
    /// Whose it is to be.
    pub account: AccountId,
    /// What it logs in with.
    pub login: LoginName,
    /// What it is called, and who answers for it.
    pub facts: MachineFacts,
    /// The key.
    pub key: MachineKey,
}

/// What a person declares for a machine user, so that its files may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declaration {
    /// Who.
    pub by: UserId,
    /// The terms that were agreed to; `None` while none are in force.
    pub version: Option<u64>,
}

/// What came of a change to a machine user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineChange {
    /// It is done; this is the machine user.
    Done(UserId),
    /// The log-in name is somebody's.
    LoginTaken,
    /// Some user has this key.
    KeyTaken,
    /// The contact is no person of the account who has access.
    NoContact,
    /// The account has no such machine user.
    NoMachine,
}

/// What stands declared for a machine user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The terms' version.
    pub version: u64,
    /// The full name of the person who declared.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A machine user, with all that its page shows.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The user.
    pub user: User,
    /// The full name of the person answerable for it, and whether that person still has access.
    pub contact: Option<(String, bool)>,
    /// Its keys, oldest first.
    pub keys: Vec<Credential>,
    /// May it log in with a password? The operator sets one.
    pub has_password: bool,
    /// When it last came in, to the minute.
    pub last_used: Option<Timestamp>,
    /// The newest declaration.
    pub declared: Option<Declared>,
    /// Sessions that are open now.
    pub sessions: u64,
}

/// The account's machine users who have access, or one of them.
fn load(db: &mut Db, account: AccountId, only: Option<UserId>) -> QueryResult<Vec<Machine>> {
    let rows: Vec<UserRow> = each!(db, c => {
        let mut query = users::table
            .filter(users::account_id.eq(account.0))
            .filter(users::kind.eq(UserKind::Machine.as_str()))
            .filter(users::role.ne(Role::None.as_str()))
            .order(users::login)
            .select(UserRow::as_select())
            .into_boxed();
        if let Some(only) = only {
            query = query.filter(users::id.eq(only.0));
        }
        query.load(c)
    })?;
    let found: QueryResult<Vec<User>> = rows.into_iter().map(UserRow::into_user).collect();
    let found = found?;
    let ids: Vec<i64> = found.iter().map(|user| user.id.0).collect();
    let contacts: Vec<i64> = found
        .iter()
        .filter_map(|user| Some(user.contact?.0))
        .collect();
    let contacts: Vec<(i64, String, String)> = each!(db, c => users::table
        .filter(users::id.eq_any(&contacts))
        .select((users::id, users::display_name, users::role))
        .load(c))?;
    let contacts: HashMap<i64, (String, bool)> = contacts
        .into_iter()
        .map(|(id, name, role)| (id, (name, role != Role::None.as_str())))
        .collect();
    let mut proofs = load_credentials(db, &ids)?;
    let mut declared = load_declared(db, &ids)?;
    let sessions = load_sessions(db, &ids)?;
    Ok(found
        .into_iter()
        .map(|user| {
            let all = proofs.remove(&user.id).unwrap_or_default();
            Machine {
                contact: user.contact.and_then(|id| contacts.get(&id.0).cloned()),
                last_used: all.iter().filter_map(|one| one.last_used).max(),
                has_password: all.iter().any(|one| one.kind == CredentialKind::Password),
                keys: all
                    .into_iter()
                    .filter(|one| one.kind == CredentialKind::PublicKey)
                    .collect(),
                declared: declared.remove(&user.id),
                sessions: sessions.get(&user.id).copied().unwrap_or_default(),
                user,
            }
        })
        .collect())
}

fn load_credentials(db: &mut Db, ids: &[i64]) -> QueryResult<HashMap<UserId, Vec<Credential>>> {
    let rows: Vec<CredentialRow> = each!(db, c => credentials::table
        .filter(credentials::user_id.eq_any(ids))
        .order(credentials::id)
        .select(CredentialRow::as_select())
        .load(c))?;
    let mut all: HashMap<UserId, Vec<Credential>> = HashMap::new();
    for row in rows {
        let credential = row.into_credential()?;
        all.entry(credential.user).or_default().push(credential);
    }
    Ok(all)
}

/// The newest declaration for each.
fn load_declared(db: &mut Db, ids: &[i64]) -> QueryResult<HashMap<UserId, Declared>> {
    let rows: Vec<(i64, i64, i64, String)> = each!(db, c => agreements::table
        .inner_join(users::table.on(users::id.eq(agreements::by_user_id)))
        .filter(agreements::user_id.eq_any(ids))
        .order(agreements::version)
        .select((
            agreements::user_id,
            agreements::version,
            agreements::agreed,
            users::display_name,
        ))
        .load(c))?;
    let mut newest = HashMap::new();
    for (user, version, agreed, by) in rows {
        let declared = Declared {
            version: count(version)?,
            by,
            at: moment(agreed)?,
        };
        newest.insert(UserId(user), declared);
    }
    Ok(newest)
}

fn load_sessions(db: &mut Db, ids: &[i64]) -> QueryResult<HashMap<UserId, u64>> {
    let open: Vec<i64> = each!(db, c => visits::table
        .filter(visits::user_id.eq_any(ids))
        .select(visits::user_id)
        .load(c))?;
    let mut counts = HashMap::new();
    for user in open {
        *counts.entry(UserId(user)).or_default() += 1;
    }
    Ok(counts)
}

/// Is this a machine user of the account, with access?
fn holds(db: &mut Db, account: AccountId, machine: UserId) -> QueryResult<bool> {
    let found: i64 = each!(db, c => users::table
        .filter(users::id.eq(machine.0))
        .filter(users::account_id.eq(account.0))
        .filter(users::kind.eq(UserKind::Machine.as_str()))
        .filter(users::role.ne(Role::None.as_str()))
        .count()
        .get_result(c))?;
    Ok(found > 0)
}

/// May this person be named as answerable?
fn may_answer(db: &mut Db, account: AccountId, person: UserId) -> QueryResult<bool> {
    let found: i64 = each!(db, c => users::table
        .filter(users::id.eq(person.0))
        .filter(users::account_id.eq(account.0))
        .filter(users::kind.eq(UserKind::Person.as_str()))
        .filter(users::role.ne(Role::None.as_str()))
        .count()
        .get_result(c))?;
    Ok(found > 0)
}

fn is_key_taken(db: &mut Db, fingerprint: &str) -> QueryResult<bool> {
    let found: i64 = each!(db, c => credentials::table
        .filter(credentials::fingerprint.eq(fingerprint))
        .count()
        .get_result(c))?;
    Ok(found > 0)
}

fn put_key(db: &mut Db, machine: UserId, key: &MachineKey, now: Timestamp) -> QueryResult<()> {
    let new = NewCredential {
        user: machine,
        kind: CredentialKind::PublicKey,
        verifier: key.line.clone(),
        fingerprint: Some(key.fingerprint.clone()),
        label: key.label.clone(),
    };
    match insert_credential(db, &new, now)? {
        Some(_) => Ok(()),
        // Another node added it since we looked: nothing of this may stay.
        None => Err(Error::RollbackTransaction),
    }
}

fn declare(
    db: &mut Db,
    machine: UserId,
    declaration: Declaration,
    now: Timestamp,
) -> QueryResult<()> {
    let Some(version) = declaration.version else {
        return Ok(());
    };
    each!(db, c => diesel::insert_into(agreements::table)
        .values((
            agreements::user_id.eq(machine.0),
            agreements::version.eq(whole(version)),
            agreements::by_user_id.eq(declaration.by.0),
            agreements::agreed.eq(micros(now)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

fn insert_machine(db: &mut Db, new: &NewMachine, now: Timestamp) -> QueryResult<UserId> {
    let NewMachine {
        account,
        login,
        facts,
        ..
    } = new;
    make_way(db, login)?;
    let id: i64 = each!(db, c => diesel::insert_into(users::table)
        .values((
            users::account_id.eq(account.0),
            users::login.eq(login.as_str()),
            users::kind.eq(UserKind::Machine.as_str()),
            users::role.eq(Role::Upload.as_str()),
            users::standing.eq(Standing::Active.as_str()),
            users::display_name.eq(clean(&facts.name)),
            users::mail_preference.eq(MailPreference::None.as_str()),
            users::contact_id.eq(facts.contact.0),
            users::created.eq(micros(now)),
        ))
        .returning(users::id)
        .get_result(c))?;
    bump_roster(db)?;
    Ok(UserId(id))
}

impl Store {
    /// The machine users of an account who have access, by log-in name.
    pub async fn machines(&self, account: AccountId) -> Result<Vec<Machine>, StoreFault> {
        self.read(move |db| load(db, account, None)).await
    }

    /// A machine user of the account.
    pub async fn machine(
        &self,
        account: AccountId,
        machine: UserId,
    ) -> Result<Option<Machine>, StoreFault> {
        self.read(move |db| Ok(load(db, account, Some(machine))?.pop()))
            .await
    }

    /// Adds a machine user with its first key and the declaration that its files will rest on.
    pub async fn add_machine(
        &self,
        new: &NewMachine,
        declaration: Declaration,
        change: &Change,
    ) -> Result<MachineChange, StoreFault> {
        let (new, change) = (new.clone(), change.clone());
        let of = change.deed.clone();
        self.write_once(&of, move |db| {
            if is_login_taken(db, &new.login)? {
                return Ok(MachineChange::LoginTaken);
            }
            if !may_answer(db, new.account, new.facts.contact)? {
                return Ok(MachineChange::NoContact);
            }
            if is_key_taken(db, &new.key.fingerprint)? {
                return Ok(MachineChange::KeyTaken);
            }
            let now = change.deed.at;
            let machine = insert_machine(db, &new, now)?;
            put_key(db, machine, &new.key, now)?;
            declare(db, machine, declaration, now)?;
            tell(db, &change)?;
            Ok(MachineChange::Done(machine))
        })
        .await
    }

    /// Adds a key to a machine user, with the declaration that its files will rest on.
    pub async fn add_machine_key(
        &self,
        (account, machine): (AccountId, UserId),
        key: &MachineKey,
        declaration: Declaration,
        change: &Change,
    ) -> Result<MachineChange, StoreFault> {
        let (key, change) = (key.clone(), change.clone());
        let of = change.deed.clone();
        self.write_once(&of, move |db| {
            if !holds(db, account, machine)? {
                return Ok(MachineChange::NoMachine);
            }
            if is_key_taken(db, &key.fingerprint)? {
                return Ok(MachineChange::KeyTaken);
            }
            put_key(db, machine, &key, change.deed.at)?;
            declare(db, machine, declaration, change.deed.at)?;
            tell(db, &change)?;
            Ok(MachineChange::Done(machine))
        })
        .await
    }

    /// Signs the declaration for a machine user that has its keys already.
    pub async fn declare_for_machine(
        &self,
        (account, machine): (AccountId, UserId),
        declaration: Declaration,
        change: &Change,
    ) -> Result<MachineChange, StoreFault> {
        let change = change.clone();
        self.write(move |db| {
            if !holds(db, account, machine)? {
                return Ok(MachineChange::NoMachine);
            }
            declare(db, machine, declaration, change.deed.at)?;
            tell(db, &change)?;
            Ok(MachineChange::Done(machine))
        })
        .await
    }

    /// Gives a machine user another name or contact.
    pub async fn set_machine(
        &self,
        (account, machine): (AccountId, UserId),
        facts: &MachineFacts,
        change: &Change,
    ) -> Result<MachineChange, StoreFault> {
        let (facts, change) = (facts.clone(), change.clone());
        self.write(move |db| {
            if !holds(db, account, machine)? {
                return Ok(MachineChange::NoMachine);
            }
            if !may_answer(db, account, facts.contact)? {
                return Ok(MachineChange::NoContact);
            }
            each!(db, c => diesel::update(users::table.find(machine.0))
                .set((
                    users::display_name.eq(clean(&facts.name)),
                    users::contact_id.eq(facts.contact.0),
                ))
                .execute(c))?;
            bump_roster(db)?;
            tell(db, &change)?;
            Ok(MachineChange::Done(machine))
        })
        .await
    }

    /// Removes a key from a machine user; `false` if it has none such.
    pub async fn remove_machine_key(
        &self,
        (account, machine): (AccountId, UserId),
        key: CredentialId,
        change: &Change,
    ) -> Result<bool, StoreFault> {
        let change = change.clone();
        let of = change.deed.clone();
        self.write_once(&of, move |db| {
            if !holds(db, account, machine)? {
                return Ok(false);
            }
            let removed = each!(db, c => diesel::delete(credentials::table)
                .filter(credentials::id.eq(key.0))
                .filter(credentials::user_id.eq(machine.0))
                .filter(credentials::kind.eq(CredentialKind::PublicKey.as_str()))
                .execute(c))?;
            if removed == 0 {
                return Ok(false);
            }
            bump_roster(db)?;
            tell(db, &change)?;
            Ok(true)
        })
        .await
    }
}
