//! Signed-in browsers. The token itself is never stored, only its hash.

use std::time::Duration;

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::UserId;
use crate::domain::submission::Sha256;
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

#[derive(Queryable, Selectable)]
#[diesel(table_name = web_sessions)]
struct SessionRow {
    user_id: i64,
    csrf: String,
    created: i64,
    seen: i64,
    is_kept: bool,
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
        let is_over =
            |since: i64, longest: Duration| now.saturating_sub(since) >= whole(longest.as_micros());
        let lasts = |row: &SessionRow| {
            if row.is_kept {
                !is_over(row.created, limits.kept)
            } else {
                !is_over(row.seen, limits.idle) && !is_over(row.created, limits.age)
            }
        };
        let Some(row) = row.filter(lasts) else {
            return Ok(None);
        };
        let mut seen = row.seen;
        if is_over(row.seen, SEEN_WITHIN) {
            seen = now;
            self.note_seen(token, now).await?;
        }
        let nonsense = |error: diesel::result::Error| fault(&error);
        Ok(Some(WebSession {
            user: UserId(row.user_id),
            csrf: row.csrf,
            created: moment(row.created).map_err(nonsense)?,
            seen: moment(seen).map_err(nonsense)?,
            is_kept: row.is_kept,
        }))
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
