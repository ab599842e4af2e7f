//! Verification codes: shown once, answered once, three tries.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::submission::Sha256;
use crate::store::connection::{Db, each};
use crate::store::rows::{micros, moment};
use crate::store::schema::challenges;
use crate::store::{Store, StoreFault};

/// After so many wrong answers a code is gone.
const TRIES_MAX: i32 = 3;

impl Store {
    /// Keeps a code; `token` is the SHA-256 of what the page carries.
    pub async fn add_challenge(
        &self,
        token: &Sha256,
        answer: &str,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let (token, answer) = (token.clone(), answer.to_owned());
        self.write(move |db| {
            each!(db, c => diesel::insert_into(challenges::table)
                .values((
                    challenges::token.eq(token.as_str()),
                    challenges::answer.eq(&answer),
                    challenges::created.eq(micros(now)),
                    challenges::tries.eq(0),
                ))
                .on_conflict_do_nothing()
                .execute(c))?;
            Ok(())
        })
        .await
    }

    /// The code, for drawing or speaking it, and when it was made; unless it is older than `since`.
    pub async fn challenge(
        &self,
        token: &Sha256,
        since: Timestamp,
    ) -> Result<Option<(String, Timestamp)>, StoreFault> {
        let token = token.clone();
        self.read(move |db| {
            let row: Option<(String, i64)> = each!(db, c => challenges::table
                .filter(challenges::token.eq(token.as_str()))
                .filter(challenges::created.ge(micros(since)))
                .select((challenges::answer, challenges::created))
                .first(c)
                .optional())?;
            row.map(|(answer, created)| Ok((answer, moment(created)?)))
                .transpose()
        })
        .await
    }

    /// Is this the code? Case and blanks do not count. A right answer uses the code up, and so does
    /// the third wrong one.
    pub async fn answer_challenge(
        &self,
        token: &Sha256,
        answer: &str,
        since: Timestamp,
    ) -> Result<bool, StoreFault> {
        let (token, answer) = (token.clone(), plain(answer));
        let mut was_right = false;
        self.write(move |db| {
            let known: Option<(String, i32)> = each!(db, c => challenges::table
                .filter(challenges::token.eq(token.as_str()))
                .filter(challenges::created.ge(micros(since)))
                .select((challenges::answer, challenges::tries))
                .first(c)
                .optional())?;
            let Some((right, tries)) = known else {
                // A second run, after the first one's commit was in doubt, finds the code used up.
                return Ok(was_right);
            };
            let is_right = plain(&right) == answer;
            was_right = is_right;
            if is_right || tries + 1 >= TRIES_MAX {
                remove(db, &token)?;
            } else {
                each!(db, c => diesel::update(challenges::table.find(token.as_str()))
                    .set(challenges::tries.eq(challenges::tries + 1))
                    .execute(c))?;
            }
            Ok(is_right)
        })
        .await
    }

    /// Forgets a code, when the visitor wants another.
    pub async fn drop_challenge(&self, token: &Sha256) -> Result<(), StoreFault> {
        let token = token.clone();
        self.write(move |db| remove(db, &token)).await
    }

    /// Removes codes older than `since`.
    pub async fn sweep_challenges(&self, since: Timestamp) -> Result<u64, StoreFault> {
        self.write(move |db| {
            let removed = each!(db, c => diesel::delete(challenges::table)
                .filter(challenges::created.lt(micros(since)))
                .execute(c))?;
            Ok(u64::try_from(removed).unwrap_or(u64::MAX))
        })
        .await
    }
}

fn remove(db: &mut Db, token: &Sha256) -> QueryResult<()> {
    each!(db, c => diesel::delete(challenges::table.find(token.as_str())).execute(c))?;
    Ok(())
}

/// What of an answer is compared.
fn plain(answer: &str) -> String {
    let letters = answer.chars().filter(|letter| !letter.is_whitespace());
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}
