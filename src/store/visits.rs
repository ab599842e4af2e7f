//! SFTP sessions that are open, as their nodes last said: for operators to see and to end.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{AccountCode, AccountId, LoginName, UserId};
use crate::store::connection::{Db, each};
use crate::store::rows::{clean, count, fit, micros, moment, whole};
use crate::store::schema::{accounts, users, visits};
use crate::store::{Store, StoreFault};

/// An open session, as its node knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visiting {
    /// The session's id.
    pub id: String,
    /// Whose drop folder is served.
    pub account: AccountId,
    /// Who logged in.
    pub user: UserId,
    /// What the client calls itself.
    pub client: String,
    /// Where it came from.
    pub remote_ip: String,
    /// The key's fingerprint, or `password`.
    pub credential: String,
    /// When it began.
    pub began: Timestamp,
    /// When the last request came.
    pub last_request: Timestamp,
    /// Files taken in.
    pub files: u64,
    /// Octets of those files.
    pub octets: u64,
}

/// An open session, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitRow {
    /// Which node serves it.
    pub node: String,
    /// The account's code.
    pub account: AccountCode,
    /// The log-in name.
    pub login: LoginName,
    /// Is it to be ended?
    pub is_end_asked: bool,
    /// The session.
    pub visiting: Visiting,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = visits)]
struct Stored {
    id: String,
    node: String,
    account_id: i64,
    user_id: i64,
    client: String,
    remote_ip: String,
    credential: String,
    began: i64,
    last_request: i64,
    files: i64,
    octets: i64,
    is_end_asked: bool,
}

impl Stored {
    fn into_row(self, code: &str, login: &str) -> QueryResult<VisitRow> {
        Ok(VisitRow {
            node: self.node,
            account: fit(AccountCode::new(code))?,
            login: fit(LoginName::new(login))?,
            is_end_asked: self.is_end_asked,
            visiting: Visiting {
                id: self.id,
                account: AccountId(self.account_id),
                user: UserId(self.user_id),
                client: self.client,
                remote_ip: self.remote_ip,
                credential: self.credential,
                began: moment(self.began)?,
                last_request: moment(self.last_request)?,
                files: count(self.files)?,
                octets: count(self.octets)?,
            },
        })
    }
}

/// Notes how far a session is; adds it if it is new.
fn note(db: &mut Db, node: &str, visiting: &Visiting) -> QueryResult<()> {
    each!(db, c => diesel::insert_into(visits::table)
        .values((
            visits::id.eq(&visiting.id),
            visits::node.eq(clean(node)),
            visits::account_id.eq(visiting.account.0),
            visits::user_id.eq(visiting.user.0),
            visits::client.eq(clean(&visiting.client)),
            visits::remote_ip.eq(&visiting.remote_ip),
            visits::credential.eq(&visiting.credential),
            visits::began.eq(micros(visiting.began)),
            visits::last_request.eq(micros(visiting.last_request)),
            visits::files.eq(whole(visiting.files)),
            visits::octets.eq(whole(visiting.octets)),
            visits::is_end_asked.eq(false),
        ))
        .on_conflict(visits::id)
        .do_update()
        .set((
            visits::last_request.eq(micros(visiting.last_request)),
            visits::files.eq(whole(visiting.files)),
            visits::octets.eq(whole(visiting.octets)),
        ))
        .execute(c))?;
    Ok(())
}

impl Store {
    /// Notes sessions of a node that are new or went on, and forgets those that ended.
    pub async fn note_visits(
        &self,
        node: &str,
        open: Vec<Visiting>,
        ended: Vec<String>,
    ) -> Result<(), StoreFault> {
        let node = node.to_owned();
        self.write(move |db| {
            for visiting in &open {
                note(db, &node, visiting)?;
            }
            if !ended.is_empty() {
                each!(db, c => diesel::delete(visits::table)
                    .filter(visits::id.eq_any(&ended))
                    .execute(c))?;
            }
            Ok(())
        })
        .await
    }

    /// Forgets all sessions of a node: it has just started, and has none.
    pub async fn forget_visits(&self, node: &str) -> Result<(), StoreFault> {
        let node = node.to_owned();
        self.write(move |db| {
            each!(db, c => diesel::delete(visits::table)
                .filter(visits::node.eq(clean(&node)))
                .execute(c))?;
            Ok(())
        })
        .await
    }

    /// The sessions of a node that somebody wants ended.
    pub async fn visits_to_end(&self, node: &str) -> Result<Vec<String>, StoreFault> {
        let node = node.to_owned();
        self.read(move |db| {
            each!(db, c => visits::table
                .filter(visits::node.eq(clean(&node)))
                .filter(visits::is_end_asked.eq(true))
                .select(visits::id)
                .load(c))
        })
        .await
    }

    /// Asks the node that serves a session to end it; `false` if no such session is open.
    pub async fn ask_end_of_visit(&self, id: &str) -> Result<bool, StoreFault> {
        let id = id.to_owned();
        self.write(move |db| {
            let changed = each!(db, c => diesel::update(visits::table)
                .filter(visits::id.eq(clean(&id)))
                .set(visits::is_end_asked.eq(true))
                .execute(c))?;
            Ok(changed > 0)
        })
        .await
    }

    /// The open sessions of an account on all nodes, newest first.
    pub async fn visits_of(&self, account: AccountId) -> Result<Vec<VisitRow>, StoreFault> {
        self.read(move |db| {
            let rows: Vec<(Stored, String, String)> = each!(db, c => visits::table
                .inner_join(accounts::table)
                .inner_join(users::table)
                .filter(visits::account_id.eq(account.0))
                .order((visits::began.desc(), visits::id))
                .select((Stored::as_select(), accounts::code, users::login))
                .load(c))?;
            rows.into_iter()
                .map(|(stored, code, login)| stored.into_row(&code, &login))
                .collect()
        })
        .await
    }

    /// All open sessions of all nodes, oldest first.
    pub async fn visits(&self) -> Result<Vec<VisitRow>, StoreFault> {
        self.read(|db| {
            let rows: Vec<(Stored, String, String)> = each!(db, c => visits::table
                .inner_join(accounts::table)
                .inner_join(users::table)
                .order((visits::began, visits::id))
                .select((Stored::as_select(), accounts::code, users::login))
                .load(c))?;
            rows.into_iter()
                .map(|(stored, code, login)| stored.into_row(&code, &login))
                .collect()
        })
        .await
    }
}
