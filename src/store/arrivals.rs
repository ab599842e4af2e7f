//! Arrivals: octets and row in one transaction, shared by all that come at the same time.

use std::sync::Arc;

use diesel::dsl::max;
use diesel::prelude::*;

use crate::domain::account::AccountId;
use crate::domain::submission::{
    Arrival, FileMark, GivenUp, Sha256, Status, SubmissionId, SubmissionNumber,
};
use crate::store::connection::{Db, each};
use crate::store::documents::pack;
use crate::store::rows::{clean, clean_maybe, count, fit, micros, whole};
use crate::store::schema::{agreements, documents, drops, sessions, submissions, users};
use crate::store::{Store, StoreFault};

/// Documents up to this size are compressed on the caller's thread: handing them to another takes
/// about as long.
const PACK_INLINE_BYTES_MAX: usize = 64 * 1024;

/// No row has this number.
const NOBODY: i64 = -1;

/// An arrival with its number.
#[derive(Debug, Clone)]
pub struct NewArrival {
    /// The number drawn for it.
    pub number: SubmissionNumber,
    /// The SHA-256 of its octets.
    pub sha256: Sha256,
    /// The arrival.
    pub arrival: Arc<Arrival>,
}

/// What came of taking an arrival in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrived {
    /// Committed.
    Taken(SubmissionId),
    /// This very file (same account, path, mark and octets) was committed before, under that
    /// number: an earlier call was told that the database is away while its commit was under way.
    Before(SubmissionId, SubmissionNumber),
    /// The number was drawn before; draw another.
    NumberTaken,
}

/// A file in a drop folder that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drop {
    /// Whose drop folder.
    pub account: AccountId,
    /// The path as the sender sees it.
    pub path: String,
    /// The file as it was when it was taken.
    pub mark: FileMark,
    /// The SHA-256 of its octets.
    pub sha256: Sha256,
    /// The submission made of it.
    pub submission: SubmissionId,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = drops)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct DropRow {
    account_id: i64,
    path: String,
    inode: i64,
    size_bytes: i64,
    modified_ns: i64,
    sha256: String,
    submission_id: i64,
}

impl DropRow {
    fn is_same_file(&self, mark: &FileMark, sha256: &Sha256) -> bool {
        self.inode == mark.inode.cast_signed()
            && self.size_bytes == whole(mark.size_bytes)
            && self.modified_ns == mark.modified_ns
            && self.sha256 == sha256.as_str()
    }

    pub(super) fn into_drop(self) -> QueryResult<Drop> {
        Ok(Drop {
            account: AccountId(self.account_id),
            path: self.path,
            mark: FileMark {
                inode: self.inode.cast_unsigned(),
                size_bytes: count(self.size_bytes)?,
                modified_ns: self.modified_ns,
            },
            sha256: fit(Sha256::new(&self.sha256))?,
            submission: SubmissionId(self.submission_id),
        })
    }
}

/// Everything of an arrival, made ready before the writer's turn.
struct Ready {
    new: NewArrival,
    packed: Vec<u8>,
    file_name: String,
    path: String,
}

impl Store {
    /// Commits an arrival: document (compressed, once per SHA-256), submission and, if it has a
    /// mark, the drop that takes the place of an older one of the same account and path.
    pub async fn arrive(&self, new: NewArrival) -> Result<Arrived, StoreFault> {
        let ready = if new.arrival.octets.len() > PACK_INLINE_BYTES_MAX {
            let work = move || make_ready(new);
            let ready = self.0.tasks.block("store-pack", work).await;
            ready.ok_or_else(|| StoreFault::Broken("compressing panicked".to_owned()))?
        } else {
            make_ready(new)
        }?;
        self.write(move |db| insert_arrival(db, &ready)).await
    }

    /// All drops, to be kept in memory by intake.
    pub async fn drops(&self) -> Result<Vec<Drop>, StoreFault> {
        self.read(|db| {
            let rows: Vec<DropRow> =
                each!(db, c => drops::table.select(DropRow::as_select()).load(c))?;
            rows.into_iter().map(DropRow::into_drop).collect()
        })
        .await
    }

    /// The file was touched, or renamed onto itself: it has a new mark and the same octets.
    pub async fn remark_drop(
        &self,
        account: AccountId,
        path: &str,
        mark: FileMark,
    ) -> Result<(), StoreFault> {
        let path = clean(path).into_owned();
        self.write(move |db| {
            each!(db, c => diesel::update(drops::table.find((account.0, &path)))
                .set((
                    drops::inode.eq(mark.inode.cast_signed()),
                    drops::size_bytes.eq(whole(mark.size_bytes)),
                    drops::modified_ns.eq(mark.modified_ns),
                ))
                .execute(c))?;
            Ok(())
        })
        .await
    }

    /// The file is gone from the drop folder.
    pub async fn forget_drop(
        &self,
        account: AccountId,
        path: &str,
        submission: SubmissionId,
    ) -> Result<(), StoreFault> {
        let path = clean(path).into_owned();
        self.write(move |db| {
            let its_own = drops::table
                .find((account.0, &path))
                .filter(drops::submission_id.eq(submission.0));
            each!(db, c => diesel::delete(its_own).execute(c))?;
            Ok(())
        })
        .await
    }
}

fn make_ready(new: NewArrival) -> Result<Ready, StoreFault> {
    Ok(Ready {
        packed: pack(&new.arrival.octets)?,
        file_name: clean(&new.arrival.file_name).into_owned(),
        path: clean(&new.arrival.path).into_owned(),
        new,
    })
}

fn insert_arrival(db: &mut Db, ready: &Ready) -> QueryResult<Arrived> {
    let arrival = &ready.new.arrival;
    if let Some(mark) = &arrival.mark
        && let Some(before) = taken_before(db, ready, mark)?
    {
        return Ok(before);
    }
    insert_document(db, ready)?;
    insert_session(db, ready)?;
    let Some(id) = insert_submission(db, ready)? else {
        return Ok(Arrived::NumberTaken);
    };
    if let Some(mark) = &arrival.mark {
        let row = DropRow {
            account_id: arrival.account.0,
            path: ready.path.clone(),
            inode: mark.inode.cast_signed(),
            size_bytes: whole(mark.size_bytes),
            modified_ns: mark.modified_ns,
            sha256: ready.new.sha256.to_string(),
            submission_id: id,
        };
        each!(db, c => diesel::insert_into(drops::table)
            .values(&row)
            .on_conflict((drops::account_id, drops::path))
            .do_update()
            .set(&row)
            .execute(c))?;
    }
    Ok(Arrived::Taken(SubmissionId(id)))
}

/// The submission made of this very file, if there is one.
///
/// It happens when the connection broke during the commit: whoever asked was told that the database
/// is away, kept the file on disk, and comes again with a new number. Or this is the second run.
fn taken_before(db: &mut Db, ready: &Ready, mark: &FileMark) -> QueryResult<Option<Arrived>> {
    let account = ready.new.arrival.account.0;
    let row: Option<DropRow> = each!(db, c => drops::table
        .find((account, &ready.path))
        .select(DropRow::as_select())
        .first(c)
        .optional())?;
    let Some(row) = row.filter(|row| row.is_same_file(mark, &ready.new.sha256)) else {
        return Ok(None);
    };
    let number: String = each!(db, c => submissions::table
        .find(row.submission_id)
        .select(submissions::number)
        .first(c))?;
    let number = fit(SubmissionNumber::new(&number))?;
    let id = SubmissionId(row.submission_id);
    Ok(Some(if number == ready.new.number {
        Arrived::Taken(id)
    } else {
        Arrived::Before(id, number)
    }))
}

fn insert_document(db: &mut Db, ready: &Ready) -> QueryResult<()> {
    each!(db, c => diesel::insert_into(documents::table)
        .values((
            documents::sha256.eq(ready.new.sha256.as_str()),
            documents::size_bytes.eq(whole(ready.new.arrival.octets.len())),
            documents::octets.eq(&ready.packed),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

fn insert_session(db: &mut Db, ready: &Ready) -> QueryResult<()> {
    let Some(session) = &ready.new.arrival.session else {
        return Ok(());
    };
    each!(db, c => diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(clean(&session.id)),
            sessions::client.eq(clean(&session.client)),
            sessions::remote_ip.eq(clean(&session.remote_ip)),
            sessions::key_fingerprint.eq(clean_maybe(session.key_fingerprint.as_ref())),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// The new row; `None` if the number was drawn before, by another arrival than this.
fn insert_submission(db: &mut Db, ready: &Ready) -> QueryResult<Option<i64>> {
    let arrival = &ready.new.arrival;
    let number = ready.new.number.as_str();
    // What nobody handed in by name (a file in the drop folder) rests on what its account declared.
    let by = arrival.user.map_or(NOBODY, |user| user.0);
    let of = arrival.user.map_or(arrival.account.0, |_| NOBODY);
    let id: Option<i64> = each!(db, c => diesel::insert_into(submissions::table)
        .values((
            submissions::number.eq(number),
            submissions::account_id.eq(arrival.account.0),
            submissions::user_id.eq(arrival.user.map(|user| user.0)),
            submissions::session_id.eq(arrival.session.as_ref().map(|session| clean(&session.id))),
            submissions::door.eq(arrival.door.as_str()),
            submissions::lane.eq(arrival.lane.as_str()),
            submissions::file_name.eq(&ready.file_name),
            submissions::path.eq(&ready.path),
            submissions::has_drop.eq(arrival.mark.is_some()),
            submissions::size_bytes.eq(whole(arrival.octets.len())),
            submissions::sha256.eq(ready.new.sha256.as_str()),
            submissions::first_byte.eq(micros(arrival.first_byte)),
            submissions::complete.eq(micros(arrival.complete)),
            submissions::given_up.eq(arrival.given_up.map(GivenUp::as_str)),
            submissions::status.eq(Status::Received.as_str()),
            submissions::is_held.eq(false),
            submissions::attempts.eq(0),
            submissions::terms_version.eq(agreements::table
                .filter(agreements::user_id.eq_any(users::table
                    .filter(users::id.eq(by).or(users::account_id.eq(of)))
                    .select(users::id)))
                .select(max(agreements::version))
                .single_value()),
        ))
        .on_conflict_do_nothing()
        .returning(submissions::id)
        .get_result(c)
        .optional())?;
    if id.is_some() {
        return Ok(id);
    }
    // The second run, after the first one's commit was in doubt, finds its own row.
    each!(db, c => submissions::table
        .filter(submissions::number.eq(number))
        .filter(submissions::account_id.eq(arrival.account.0))
        .filter(submissions::sha256.eq(ready.new.sha256.as_str()))
        .filter(submissions::path.eq(&ready.path))
        .filter(submissions::complete.eq(micros(arrival.complete)))
        .select(submissions::id)
        .first(c)
        .optional())
}
