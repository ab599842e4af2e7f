//! Work for the pipeline: claim, release, hold; and the octets of documents.
//!
//! *Invariant*: an attempt is counted and committed before its octets are handed out. The commit is not
//! synced: it outlives a process that a document kills, which is what attempts are counted for. After a
//! power cut the claim may be gone, and what it claimed is claimed again like all that was in hand.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::submission::{Sha256, Status, Submission, SubmissionId};
use crate::store::connection::{Db, each};
use crate::store::documents::unpack;
use crate::store::held::load_sentences;
use crate::store::rows::{clean, load_rows, micros, whole_small};
use crate::store::schema::{documents, submissions};
use crate::store::{Store, StoreFault};

/// A submission claimed for judging, its attempt already counted and committed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The submission; `attempts` counts this one.
    pub submission: Submission,
    /// Its octets as they came; empty if it is to be ended with a sentence.
    pub octets: Vec<u8>,
    /// Staff's sentence with which it is to be ended as not processed, without a look at it.
    pub sentence: Option<String>,
}

/// What [`Store::claim`] found.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// To be judged now.
    pub claimed: Vec<Claimed>,
    /// Set aside just now, because they were begun `attempts_max` times without an end.
    pub held: Vec<Submission>,
}

/// A document as the tables hold it: SHA-256, size, compressed octets.
type Packed = (String, i64, Vec<u8>);

/// What the writer found, before the octets are unpacked.
struct Found {
    claimed: Vec<Submission>,
    held: Vec<Submission>,
    documents: Vec<Packed>,
    sentences: Vec<(i64, String)>,
}

/// Who claims, and how.
struct Claim {
    limit: u32,
    node: String,
    now: i64,
    lease_until: i64,
    attempts_max: u32,
}

impl Store {
    /// Claims up to `limit` submissions that wait or whose lease ran out, oldest first; counts the
    /// attempt and commits before it hands out the octets.
    #[expect(
        clippy::too_many_arguments,
        reason = "five plain values that only belong together here"
    )]
    pub async fn claim(
        &self,
        limit: u32,
        node: &str,
        now: Timestamp,
        lease_until: Timestamp,
        attempts_max: u32,
    ) -> Result<Work, StoreFault> {
        let claim = Claim {
            limit,
            node: clean(node).into_owned(),
            now: micros(now),
            lease_until: micros(lease_until),
            attempts_max,
        };
        let claimed = self.write_unsynced(move |db| claim_rows(db, &claim));
        let found = claimed.await?;
        let unpacked = self
            .0
            .tasks
            .block("store-unpack", move || unpack_all(found));
        let (mut work, damaged) = unpacked
            .await
            .ok_or_else(|| StoreFault::Broken("unpacking documents panicked".to_owned()))?;
        for (mut submission, fault) in damaged {
            // Not the sender's mistake, and nothing that another try would mend.
            self.hold(submission.id, &fault.to_string()).await?;
            submission.is_held = true;
            submission.status = Status::Failed;
            work.held.push(submission);
        }
        Ok(work)
    }

    /// Sets a submission aside for an operator.
    pub async fn hold(&self, submission: SubmissionId, why: &str) -> Result<(), StoreFault> {
        let why = clean(why).into_owned();
        self.write(move |db| hold_rows(db, &[submission.0], &why))
            .await
    }

    /// The octets of a document.
    pub async fn document(&self, sha256: &Sha256) -> Result<Option<Vec<u8>>, StoreFault> {
        let key = sha256.to_string();
        let packed: Option<(i64, Vec<u8>)> = self
            .read(move |db| {
                each!(db, c => documents::table
                    .find(&key)
                    .select((documents::size_bytes, documents::octets))
                    .first(c)
                    .optional())
            })
            .await?;
        let Some((size_bytes, packed)) = packed else {
            return Ok(None);
        };
        let sha256 = sha256.clone();
        let unpacked = self
            .0
            .tasks
            .block("store-unpack", move || unpack(&packed, size_bytes, &sha256))
            .await;
        unpacked
            .unwrap_or_else(|| {
                Err(StoreFault::Broken(
                    "unpacking a document panicked".to_owned(),
                ))
            })
            .map(Some)
    }
}

fn claim_rows(db: &mut Db, claim: &Claim) -> QueryResult<Found> {
    let (limit, now) = (i64::from(claim.limit), claim.now);
    // Words of the crate in a macro: the engines differ in nothing but the lock.
    macro_rules! waiting {
        () => {
            submissions::table
                .filter(submissions::decided.is_null())
                .filter(submissions::is_held.eq(false))
                .filter(
                    submissions::status
                        .eq(Status::Received.as_str())
                        .or(submissions::lease_until.lt(now)),
                )
                .order(submissions::id)
                .limit(limit)
                .select((submissions::id, submissions::attempts))
        };
    }
    let waiting: Vec<(i64, i32)> = match db {
        Db::Sqlite(c) => waiting!().load(c)?,
        Db::Pg(c) => waiting!().for_update().skip_locked().load(&mut **c)?,
    };
    let attempts_max = whole_small(claim.attempts_max);
    let (worn, fresh): (Vec<_>, Vec<_>) = waiting
        .into_iter()
        .partition(|(_, attempts)| *attempts >= attempts_max);
    let ids = |rows: Vec<(i64, i32)>| -> Vec<i64> { rows.into_iter().map(|row| row.0).collect() };
    let (worn, fresh) = (ids(worn), ids(fresh));
    if !worn.is_empty() {
        let why = format!(
            "judging was begun {} times and never came to an end",
            claim.attempts_max
        );
        hold_rows(db, &worn, &why)?;
    }
    if !fresh.is_empty() {
        each!(db, c => diesel::update(submissions::table)
            .filter(submissions::id.eq_any(&fresh))
            .set((
                submissions::status.eq(Status::Processing.as_str()),
                submissions::attempts.eq(submissions::attempts + 1),
                submissions::claimed_by.eq(&claim.node),
                submissions::lease_until.eq(claim.lease_until),
            ))
            .execute(c))?;
    }
    let sentences = load_sentences(db, &fresh)?;
    let claimed = load_submissions(db, &fresh)?;
    let shas: Vec<&str> = claimed.iter().map(|one| one.sha256.as_str()).collect();
    let documents: Vec<Packed> = if shas.is_empty() {
        Vec::new()
    } else {
        each!(db, c => documents::table
            .filter(documents::sha256.eq_any(&shas))
            .select((documents::sha256, documents::size_bytes, documents::octets))
            .load(c))?
    };
    Ok(Found {
        claimed,
        held: load_submissions(db, &worn)?,
        documents,
        sentences,
    })
}

fn load_submissions(db: &mut Db, ids: &[i64]) -> QueryResult<Vec<Submission>> {
    let rows = load_rows(db, ids)?;
    Ok(rows.into_iter().map(|row| row.submission).collect())
}

fn hold_rows(db: &mut Db, ids: &[i64], why: &str) -> QueryResult<()> {
    each!(db, c => diesel::update(submissions::table)
        .filter(submissions::id.eq_any(ids))
        .filter(submissions::decided.is_null())
        .set((
            submissions::status.eq(Status::Failed.as_str()),
            submissions::is_held.eq(true),
            submissions::held_why.eq(why),
            submissions::claimed_by.eq(None::<String>),
            submissions::lease_until.eq(None::<i64>),
        ))
        .execute(c))?;
    Ok(())
}

/// The claimed with their octets, and those whose document is damaged.
fn unpack_all(found: Found) -> (Work, Vec<(Submission, StoreFault)>) {
    let mut work = Work {
        claimed: Vec::with_capacity(found.claimed.len()),
        held: found.held,
    };
    let mut damaged = Vec::new();
    for submission in found.claimed {
        let sentence = found
            .sentences
            .iter()
            .find(|(id, _)| *id == submission.id.0);
        if let Some((_, sentence)) = sentence {
            // Perhaps its document is the very thing that nobody can read.
            work.claimed.push(Claimed {
                submission,
                octets: Vec::new(),
                sentence: Some(sentence.clone()),
            });
            continue;
        }
        let packed = found
            .documents
            .iter()
            .find(|document| document.0 == submission.sha256.as_str());
        let octets = packed.map_or_else(
            || Err(StoreFault::Broken("its document is missing".to_owned())),
            |(_, size, octets)| unpack(octets, *size, &submission.sha256),
        );
        match octets {
            Ok(octets) => work.claimed.push(Claimed {
                submission,
                octets,
                sentence: None,
            }),
            Err(fault) => damaged.push((submission, fault)),
        }
    }
    (work, damaged)
}
