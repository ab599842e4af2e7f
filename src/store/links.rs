//! Links that were mailed. What they carry is never stored, only its hash; each works once.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::UserId;
use crate::domain::audit::Deed;
use crate::domain::registration::LinkPurpose;
use crate::domain::submission::Sha256;
use crate::store::audit::{Change, note, tell};
use crate::store::connection::{Db, each};
use crate::store::people::choose;
use crate::store::rows::micros;
use crate::store::schema::links;
use crate::store::{Store, StoreFault};

/// A link for a user that is to be mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// The SHA-256 of what it carries.
    pub token: Sha256,
    /// When it ends.
    pub ends: Timestamp,
}

/// Whom or what a link is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum About {
    Registration(i64),
    User(i64),
}

/// Adds a link; the links before it for the same purpose and user end.
pub(super) fn insert(
    db: &mut Db,
    link: &NewLink,
    purpose: LinkPurpose,
    about: About,
) -> QueryResult<()> {
    let (registration, user) = match about {
        About::Registration(id) => (Some(id), None),
        About::User(id) => (None, Some(id)),
    };
    if let Some(user) = user {
        each!(db, c => diesel::delete(links::table)
            .filter(links::user_id.eq(user))
            .filter(links::purpose.eq(purpose.as_str()))
            .filter(links::used.is_null())
            .filter(links::token.ne(link.token.as_str()))
            .execute(c))?;
    }
    each!(db, c => diesel::insert_into(links::table)
        .values((
            links::token.eq(link.token.as_str()),
            links::purpose.eq(purpose.as_str()),
            links::registration_id.eq(registration),
            links::user_id.eq(user),
            links::ends.eq(micros(link.ends)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// How many links a registration has.
pub(super) fn number_of(db: &mut Db, registration: i64) -> QueryResult<i64> {
    each!(db, c => links::table
        .filter(links::registration_id.eq(registration))
        .count()
        .get_result(c))
}

/// Ends what other links a registration has.
pub(super) fn end_others(db: &mut Db, registration: i64) -> QueryResult<()> {
    each!(db, c => diesel::delete(links::table)
        .filter(links::registration_id.eq(registration))
        .filter(links::used.is_null())
        .execute(c))?;
    Ok(())
}

/// Uses a link up: its registration and user, if it may still be used.
pub(super) fn take(
    db: &mut Db,
    token: &Sha256,
    purpose: LinkPurpose,
    now: Timestamp,
) -> QueryResult<Option<(Option<i64>, Option<i64>)>> {
    each!(db, c => diesel::update(links::table)
        .filter(links::token.eq(token.as_str()))
        .filter(links::purpose.eq(purpose.as_str()))
        .filter(links::used.is_null())
        .filter(links::ends.gt(micros(now)))
        .set(links::used.eq(micros(now)))
        .returning((links::registration_id, links::user_id))
        .get_result(c)
        .optional())
}

impl Store {
    /// Adds a link by which a user sets a new password, with its mail; the one before it ends.
    pub async fn add_reset_link(
        &self,
        user: UserId,
        link: &NewLink,
        change: &Change,
    ) -> Result<(), StoreFault> {
        let (link, change) = (link.clone(), change.clone());
        self.write(move |db| {
            insert(db, &link, LinkPurpose::Reset, About::User(user.0))?;
            tell(db, &change)
        })
        .await
    }

    /// The user that a link is for, if it may still be used; it is not used up.
    pub async fn link_user(
        &self,
        token: &Sha256,
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<UserId>, StoreFault> {
        let token = token.clone();
        self.read(move |db| {
            let user: Option<Option<i64>> = each!(db, c => links::table
                .filter(links::token.eq(token.as_str()))
                .filter(links::purpose.eq(purpose.as_str()))
                .filter(links::used.is_null())
                .filter(links::ends.gt(micros(now)))
                .select(links::user_id)
                .first(c)
                .optional())?;
            Ok(user.flatten().map(UserId))
        })
        .await
    }

    /// Uses a link up and sets the password that its user chose, both or neither; for an invitation it
    /// notes that too. `None`, and the password stays, if the link was used, has ended, or never was: of
    /// two who press at once, one sets it.
    pub async fn choose_by_link(
        &self,
        (token, purpose): (&Sha256, LinkPurpose),
        hash: &str,
        redeemed: Option<&Deed>,
        change: &Change,
    ) -> Result<Option<UserId>, StoreFault> {
        let (token, hash) = (token.clone(), hash.to_owned());
        let (redeemed, of, change) = (redeemed.cloned(), change.deed.clone(), change.clone());
        self.write_once(&of, move |db| {
            let found = take(db, &token, purpose, change.deed.at)?;
            let Some((_, Some(user))) = found else {
                return Ok(None);
            };
            if let Some(redeemed) = &redeemed {
                note(db, redeemed)?;
            }
            choose(db, UserId(user), &hash, &change)?;
            Ok(Some(UserId(user)))
        })
        .await
    }

    /// Takes up an invitation: uses its link up, notes that, and names its user; `None` if the link
    /// was used, has ended, or never was.
    pub async fn redeem_link(
        &self,
        token: &Sha256,
        deed: &Deed,
    ) -> Result<Option<UserId>, StoreFault> {
        let (token, deed) = (token.clone(), deed.clone());
        let of = deed.clone();
        self.write_once(&of, move |db| {
            let found = take(db, &token, LinkPurpose::Redeem, deed.at)?;
            let Some((_, Some(user))) = found else {
                return Ok(None);
            };
            note(db, &deed)?;
            Ok(Some(UserId(user)))
        })
        .await
    }

    /// Removes links that ended before `before`.
    pub async fn sweep_links(&self, before: Timestamp) -> Result<u64, StoreFault> {
        self.write(move |db| {
            let removed = each!(db, c => diesel::delete(links::table)
                .filter(links::ends.lt(micros(before)))
                .execute(c))?;
            Ok(u64::try_from(removed).unwrap_or(u64::MAX))
        })
        .await
    }
}
