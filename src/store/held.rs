//! Submissions that wait for a person: listed, sent through again, or ended with a sentence.
//!
//! *Invariant*: an operator's sentence is filed by the pipeline as every verdict is, so that a held
//! submission too ends in one outcome, one receipt and its notices.

use diesel::prelude::*;

use crate::domain::audit::Deed;
use crate::domain::submission::{Status, SubmissionNumber};
use crate::store::audit::{is_noted, note};
use crate::store::connection::{Db, each};
use crate::store::rows::{clean, load_rows};
use crate::store::schema::{rejections, submissions};
use crate::store::{Row, Store, StoreFault};

/// A submission that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The submission.
    pub row: Row,
    /// Why it was set aside.
    pub why: String,
}

/// Lets a held submission go on, with no attempts counted; its row, if it is held.
fn let_go(db: &mut Db, number: &SubmissionNumber) -> QueryResult<Option<i64>> {
    let gone: Option<i64> = each!(db, c => diesel::update(submissions::table)
        .filter(submissions::number.eq(number.as_str()))
        .filter(submissions::is_held.eq(true))
        .filter(submissions::decided.is_null())
        .set((
            submissions::status.eq(Status::Received.as_str()),
            submissions::is_held.eq(false),
            submissions::held_why.eq(None::<String>),
            submissions::attempts.eq(0),
            submissions::claimed_by.eq(None::<String>),
            submissions::lease_until.eq(None::<i64>),
        ))
        .returning(submissions::id)
        .get_result(c)
        .optional())?;
    if let Some(id) = gone {
        // The sentence of an earlier try, should it have been held once more.
        each!(db, c => diesel::delete(rejections::table.find(id)).execute(c))?;
    }
    Ok(gone)
}

/// The sentences with which staff end these submissions, if they do.
pub(super) fn load_sentences(db: &mut Db, of: &[i64]) -> QueryResult<Vec<(i64, String)>> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    each!(db, c => rejections::table
        .filter(rejections::submission_id.eq_any(of))
        .select((rejections::submission_id, rejections::sentence))
        .load(c))
}

impl Store {
    /// The submissions that wait for a person, oldest first.
    pub async fn held(&self, limit: u32) -> Result<Vec<Held>, StoreFault> {
        self.read(move |db| {
            let found: Vec<(i64, Option<String>)> = each!(db, c => submissions::table
                .filter(submissions::decided.is_null())
                .filter(submissions::is_held.eq(true))
                .order(submissions::id)
                .limit(i64::from(limit))
                .select((submissions::id, submissions::held_why))
                .load(c))?;
            let ids: Vec<i64> = found.iter().map(|(id, _)| *id).collect();
            let rows = load_rows(db, &ids)?;
            // Both are in the order of `ids`, and none of these rows can be gone.
            let held = rows.into_iter().zip(found);
            Ok(held
                .map(|(row, (_, why))| Held {
                    row,
                    why: why.unwrap_or_default(),
                })
                .collect())
        })
        .await
    }

    /// Sends a held submission through again, with no attempts counted; `false` if it is not held.
    pub async fn retry_submission(
        &self,
        number: &SubmissionNumber,
        deed: &Deed,
    ) -> Result<bool, StoreFault> {
        let (number, deed) = (number.clone(), deed.clone());
        self.write(move |db| {
            if let_go(db, &number)?.is_none() {
                return is_noted(db, &deed);
            }
            note(db, &deed)?;
            Ok(true)
        })
        .await
    }

    /// Ends a held submission as not processed, with this sentence for its sender; `false` if it is
    /// not held. The pipeline files the outcome and writes the receipt within moments.
    pub async fn reject_submission(
        &self,
        number: &SubmissionNumber,
        sentence: &str,
        deed: &Deed,
    ) -> Result<bool, StoreFault> {
        let (number, deed) = (number.clone(), deed.clone());
        let sentence = clean(sentence).into_owned();
        self.write(move |db| {
            let Some(id) = let_go(db, &number)? else {
                return is_noted(db, &deed);
            };
            each!(db, c => diesel::insert_into(rejections::table)
                .values((
                    rejections::submission_id.eq(id),
                    rejections::sentence.eq(&sentence),
                ))
                .execute(c))?;
            note(db, &deed)?;
            Ok(true)
        })
        .await
    }
}
