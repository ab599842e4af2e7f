//! Signed-in browsers. The token itself is never stored, only its hash.

use std::time::Duration;

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::UserId;
use crate::domain::audit::Deed;
use crate::domain::submission::Sha256;
use crate::store::audit::note;
use crate::store::connection::each;
use crate::store::jobs::fault;
use crate::store::rows::{micros, moment, whole};
use crate::store::schema::web_sessions;
use crate::store::{Store, StoreFault};

/// So often it is noted that a session is in use.
const SEEN_WITHIN: Duration = Duration::from_mins(1);

/// How long signed-in browsers stay so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Unused for so long, a session ends, unless it is kept.
    pub idle: Duration,
    /// The longest that a session lasts, unless it is kept.
    pub age: Duration,
    /// The longest that a kept session lasts.
    pub kept: Duration,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSession {
    /// Who signed in.
    pub user: UserId,
    /// What every form of this session must carry.
    pub csrf: String,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
    /// Did the visitor ask to stay signed in?
    pub is_kept: bool,
}

/// One of the browsers that a user is signed in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBrowser {
    /// The SHA-256 of its cookie's value.
    pub token: String,
    /// Its session.
    pub session: WebSession,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = web_sessions)]
struct SessionRow {
    token: String,
    user_id: i64,
    csrf: String,
    created: i64,
    seen: i64,
    is_kept: bool,
}

impl SessionRow {
    fn into_session(self) -> QueryResult<WebSession> {
        Ok(WebSession {
            user: UserId(self.user_id),
            csrf: self.csrf,
            created: moment(self.created)?,
            seen: moment(self.seen)?,
            is_kept: self.is_kept,
        })
    }

    fn lasts(&self, now: i64, limits: SessionLimits) -> bool {
        if self.is_kept {
            !is_over(now, self.created, limits.kept)
        } else {
            !is_over(now, self.seen, limits.idle) && !is_over(now, self.created, limits.age)
        }
    }
}

/// Are these microseconds so long ago?
fn is_over(now: i64, since: i64, longest: Duration) -> bool {
    now.saturating_sub(since) >= whole(longest.as_micros())
}

impl Store {
    /// Begins a session; `token` is the SHA-256 of the cookie's value.
    pub async fn begin_web_session(
        &self,
        token: &Sha256,
        session: &WebSession,
    ) -> Result<(), StoreFault> {
        let (token, session) = (token.clone(), session.clone());
        self.write(move |db| {
            each!(db, c => diesel::insert_into(web_sessions::table)
                .values((
                    web_sessions::token.eq(token.as_str()),
                    web_sessions::user_id.eq(session.user.0),
                    web_sessions::csrf.eq(&session.csrf),
                    web_sessions::created.eq(micros(session.created)),
                    web_sessions::seen.eq(micros(session.seen)),
                    web_sessions::is_kept.eq(session.is_kept),
                ))
                .on_conflict_do_nothing()
                .execute(c))?;
            Ok(())
        })
        .await
    }

    /// The session, unless it ran out. Notes that it was used, at most once a minute.
    pub async fn web_session(
        &self,
        token: &Sha256,
        now: Timestamp,
        limits: SessionLimits,
    ) -> Result<Option<WebSession>, StoreFault> {
        let key = token.to_string();
        let row: Option<SessionRow> = self
            .read(move |db| {
                each!(db, c => web_sessions::table
                    .find(&key)
                    .select(SessionRow::as_select())
                    .first(c)
                    .optional())
            })
            .await?;
        let now = micros(now);
        let Some(mut row) = row.filter(|row| row.lasts(now, limits)) else {
            return Ok(None);
        };
        if is_over(now, row.seen, SEEN_WITHIN) {
            row.seen = now;
            self.note_seen(token, now).await?;
        }
        row.into_session().map(Some).map_err(|error| fault(&error))
    }

    /// The browsers that a user is signed in with, newest first.
    pub async fn open_browsers(
        &self,
        user: UserId,
        now: Timestamp,
        limits: SessionLimits,
    ) -> Result<Vec<OpenBrowser>, StoreFault> {
        let now = micros(now);
        self.read(move |db| {
            let rows: Vec<SessionRow> = each!(db, c => web_sessions::table
                .filter(web_sessions::user_id.eq(user.0))
                .order((web_sessions::created.desc(), web_sessions::token))
                .select(SessionRow::as_select())
                .load(c))?;
            rows.into_iter()
                .filter(|row| row.lasts(now, limits))
                .map(|row| {
                    Ok(OpenBrowser {
                        token: row.token.clone(),
                        session: row.into_session()?,
                    })
                })
                .collect()
        })
        .await
    }

    /// Signs a user out of all browsers but one.
    pub async fn end_other_browsers(
        &self,
        user: UserId,
        but: &Sha256,
        deed: &Deed,
    ) -> Result<(), StoreFault> {
        let (but, deed) = (but.to_string(), deed.clone());
        self.write(move |db| {
            each!(db, c => diesel::delete(web_sessions::table)
                .filter(web_sessions::user_id.eq(user.0))
                .filter(web_sessions::token.ne(&but))
                .execute(c))?;
            note(db, &deed)
        })
        .await
    }

    async fn note_seen(&self, token: &Sha256, now: i64) -> Result<(), StoreFault> {
        let token = token.to_string();
        self.write(move |db| {
            each!(db, c => diesel::update(web_sessions::table.find(&token))
                .filter(web_sessions::seen.lt(now))
                .set(web_sessions::seen.eq(now))
                .execute(c))?;
            Ok(())
        })
        .await
    }

    /// Ends a session.
    pub async fn end_web_session(&self, token: &Sha256) -> Result<(), StoreFault> {
        let token = token.to_string();
        self.write(move |db| {
            each!(db, c => diesel::delete(web_sessions::table.find(&token)).execute(c))?;
            Ok(())
        })
        .await
    }

    /// Keeps a session of a browser for longer, as its visitor asked.
    pub async fn keep_web_session(&self, token: &Sha256) -> Result<(), StoreFault> {
        let token = token.to_string();
        self.write(move |db| {
            each!(db, c => diesel::update(web_sessions::table.find(&token))
                .set(web_sessions::is_kept.eq(true))
                .execute(c))?;
            Ok(())
        })
        .await
    }

    /// Removes sessions that ran out by their age.
    pub async fn sweep_web_sessions(
        &self,
        now: Timestamp,
        limits: SessionLimits,
    ) -> Result<u64, StoreFault> {
        let before = |age: Duration| micros(now).saturating_sub(whole(age.as_micros()));
        let (plain, kept) = (before(limits.age), before(limits.kept));
        self.write(move |db| {
            let removed = each!(db, c => diesel::delete(web_sessions::table)
                .filter(
                    web_sessions::created
                        .le(kept)
                        .or(web_sessions::created.le(plain).and(web_sessions::is_kept.eq(false))),
                )
                .execute(c))?;
            Ok(u64::try_from(removed).unwrap_or(u64::MAX))
        })
        .await
    }
}
