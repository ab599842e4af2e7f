//! The terms and conditions, and who agreed to which version.

use std::collections::HashMap;

use diesel::dsl::{count_star, max};
use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{LoginName, UserId};
use crate::domain::audit::Deed;
use crate::store::audit::note;
use crate::store::connection::{Db, each};
use crate::store::rows::{clean, count, fit, micros, moment, whole};
use crate::store::schema::{agreements, terms, users};
use crate::store::{Store, StoreFault};

/// One version of the terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// From 1.
    pub version: u64,
    /// Paragraphs of plain text, parted by empty lines.
    pub body: String,
    /// Since when it is in force.
    pub published: Timestamp,
}

/// Who agreed, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// To which version.
    pub version: u64,
    /// Who: the user itself, or the person who declared for a machine user.
    pub by: UserId,
    /// When.
    pub agreed: Timestamp,
}

/// Somebody who agreed to a version, for staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// The log-in name of the user, person or machine.
    pub login: LoginName,
    /// The log-in name of the person who agreed; for a machine user, who declared for it.
    pub by: LoginName,
    /// When.
    pub agreed: Timestamp,
}

fn newest(db: &mut Db) -> QueryResult<Option<(i64, String, i64)>> {
    each!(db, c => terms::table
        .order(terms::version.desc())
        .select((terms::version, terms::body, terms::published))
        .first(c)
        .optional())
}

fn to_terms((version, body, published): (i64, String, i64)) -> QueryResult<Terms> {
    Ok(Terms {
        version: count(version)?,
        body,
        published: moment(published)?,
    })
}

impl Store {
    /// The terms in force; `None` while none were published.
    pub async fn terms(&self) -> Result<Option<Terms>, StoreFault> {
        self.read(|db| newest(db)?.map(to_terms).transpose()).await
    }

    /// All versions, newest first.
    pub async fn all_terms(&self) -> Result<Vec<Terms>, StoreFault> {
        self.read(|db| {
            let rows: Vec<(i64, String, i64)> = each!(db, c => terms::table
                .order(terms::version.desc())
                .select((terms::version, terms::body, terms::published))
                .load(c))?;
            rows.into_iter().map(to_terms).collect()
        })
        .await
    }

    /// Publishes the next version, unless its text is the one in force: every user is asked again.
    /// Gives the version in force.
    pub async fn publish_terms(&self, body: &str, deed: &Deed) -> Result<u64, StoreFault> {
        let (body, deed) = (clean(body).into_owned(), deed.clone());
        self.write(move |db| {
            let before = newest(db)?;
            if let Some((version, text, _)) = &before
                && *text == body
            {
                return count(*version);
            }
            let version = before.map_or(1, |(version, ..)| version + 1);
            each!(db, c => diesel::insert_into(terms::table)
                .values((
                    terms::version.eq(version),
                    terms::body.eq(&body),
                    terms::published.eq(micros(deed.at)),
                ))
                .execute(c))?;
            note(db, &deed)?;
            count(version)
        })
        .await
    }

    /// Notes that `by` agreed, for `user`, to a version.
    pub async fn agree(
        &self,
        user: UserId,
        by: UserId,
        version: u64,
        deed: &Deed,
    ) -> Result<(), StoreFault> {
        let deed = deed.clone();
        self.write(move |db| {
            each!(db, c => diesel::insert_into(agreements::table)
                .values((
                    agreements::user_id.eq(user.0),
                    agreements::version.eq(whole(version)),
                    agreements::by_user_id.eq(by.0),
                    agreements::agreed.eq(micros(deed.at)),
                ))
                .on_conflict_do_nothing()
                .execute(c))?;
            note(db, &deed)
        })
        .await
    }

    /// How many users agreed to each version, newest first.
    pub async fn agreements(&self) -> Result<Vec<(u64, u64)>, StoreFault> {
        self.read(|db| {
            let rows: Vec<(i64, i64)> = each!(db, c => agreements::table
                .group_by(agreements::version)
                .order(agreements::version.desc())
                .select((agreements::version, count_star()))
                .load(c))?;
            rows.into_iter()
                .map(|(version, number)| Ok((count(version)?, count(number)?)))
                .collect()
        })
        .await
    }

    /// Who agreed to a version, newest first.
    pub async fn agreed_to(
        &self,
        version: u64,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Agreed>, StoreFault> {
        self.read(move |db| {
            let rows: Vec<(i64, i64, i64)> = each!(db, c => agreements::table
                .filter(agreements::version.eq(whole(version)))
                .order((agreements::agreed.desc(), agreements::user_id.desc()))
                .offset(i64::from(offset))
                .limit(i64::from(limit))
                .select((agreements::user_id, agreements::by_user_id, agreements::agreed))
                .load(c))?;
            let ids: Vec<i64> = rows.iter().flat_map(|row| [row.0, row.1]).collect();
            let names: Vec<(i64, String)> = each!(db, c => users::table
                .filter(users::id.eq_any(&ids))
                .select((users::id, users::login))
                .load(c))?;
            let names: HashMap<i64, String> = names.into_iter().collect();
            let name = |id: i64| fit(LoginName::new(names.get(&id).map_or("", String::as_str)));
            rows.into_iter()
                .map(|(user, by, agreed)| {
                    Ok(Agreed {
                        login: name(user)?,
                        by: name(by)?,
                        agreed: moment(agreed)?,
                    })
                })
                .collect()
        })
        .await
    }

    /// Is this user to be asked to agree to the terms in force? That is who agreed to older ones only, and who was
    /// there before they were published; whoever came later agrees with the first declaration.
    pub async fn is_to_agree(&self, user: UserId) -> Result<bool, StoreFault> {
        self.read(move |db| {
            let agreed: Option<i64> = each!(db, c => agreements::table
                .filter(agreements::user_id.eq(user.0))
                .select(max(agreements::version))
                .first(c))?;
            let in_force: Option<(i64, i64)> = each!(db, c => terms::table
                .order(terms::version.desc())
                .select((terms::version, terms::published))
                .first(c)
                .optional())?;
            let Some((in_force, published)) = in_force else {
                return Ok(false);
            };
            if let Some(agreed) = agreed {
                return Ok(in_force > agreed);
            }
            let added: Option<i64> = each!(db, c => users::table
                .find(user.0)
                .select(users::created)
                .first(c)
                .optional())?;
            Ok(added.is_some_and(|added| added < published))
        })
        .await
    }

    /// The newest agreement of a user.
    pub async fn agreement(&self, user: UserId) -> Result<Option<Agreement>, StoreFault> {
        self.read(move |db| {
            let row: Option<(i64, i64, i64)> = each!(db, c => agreements::table
                .filter(agreements::user_id.eq(user.0))
                .order(agreements::version.desc())
                .select((agreements::version, agreements::by_user_id, agreements::agreed))
                .first(c)
                .optional())?;
            row.map(|(version, by, agreed)| {
                Ok(Agreement {
                    version: count(version)?,
                    by: UserId(by),
                    agreed: moment(agreed)?,
                })
            })
            .transpose()
        })
        .await
    }
}
