//! The rows of uploads and their files, within a transaction of `uploads.rs`.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{AccountId, UserId};
use crate::domain::submission::{Lane, SubmissionId};
use crate::domain::upload::{UploadId, UploadNumber};
use crate::store::connection::{Db, each};
use crate::store::rows::{clean, count, fit, load_rows, micros, moment, moment_maybe, whole, word};
use crate::store::schema::{upload_files, uploads, verdicts};
use crate::store::uploads::{AddedFile, NewUploadFile, Upload, UploadFile, UploadLimits};

#[derive(Queryable, Selectable)]
#[diesel(table_name = uploads)]
pub(super) struct UploadRow {
    id: i64,
    number: String,
    account_id: i64,
    user_id: i64,
    sent: Option<i64>,
    lane: Option<String>,
    taken: Option<i64>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = upload_files)]
struct FileRow {
    id: String,
    file_name: String,
    size_bytes: i64,
    refusal: Option<String>,
    added: i64,
    submission_id: Option<i64>,
}

/// The upload, if it is this user's and was not sent.
pub(super) fn unsent(
    db: &mut Db,
    number: &UploadNumber,
    user: UserId,
    begun_after: Option<Timestamp>,
) -> QueryResult<Option<i64>> {
    // The engines differ in nothing but the lock: two requests must not both take the last place.
    macro_rules! this {
        () => {
            uploads::table
                .filter(uploads::number.eq(number.as_str()))
                .filter(uploads::user_id.eq(user.0))
                .filter(uploads::sent.is_null())
                .filter(uploads::created.gt(begun_after.map_or(i64::MIN, micros)))
                .select(uploads::id)
        };
    }
    match db {
        Db::Sqlite(c) => this!().first(c).optional(),
        Db::Pg(c) => this!().for_update().first(&mut **c).optional(),
    }
}

/// Is there no room for another file that can be sent?
fn is_full(db: &mut Db, upload: i64, limits: UploadLimits) -> QueryResult<bool> {
    let files: i64 = each!(db, c => upload_files::table
        .filter(upload_files::upload_id.eq(upload))
        .filter(upload_files::refusal.is_null())
        .count()
        .get_result(c))?;
    Ok(files >= i64::from(limits.files))
}

/// Makes room for another file that was refused: it takes nobody's place, and the oldest is forgotten.
fn forget_refused(db: &mut Db, upload: i64, limits: UploadLimits) -> QueryResult<()> {
    let old: Vec<String> = each!(db, c => upload_files::table
        .filter(upload_files::upload_id.eq(upload))
        .filter(upload_files::refusal.is_not_null())
        .order(upload_files::id.desc())
        .offset(i64::from(limits.files.saturating_sub(1)))
        .limit(1000)
        .select(upload_files::id)
        .load(c))?;
    each!(db, c => diesel::delete(upload_files::table)
        .filter(upload_files::id.eq_any(&old))
        .execute(c))?;
    Ok(())
}

pub(super) fn add_file(
    db: &mut Db,
    (number, user): (&UploadNumber, UserId),
    new: &NewUploadFile,
    packed: Option<&Vec<u8>>,
    limits: UploadLimits,
) -> QueryResult<AddedFile> {
    let Some(upload) = unsent(db, number, user, Some(limits.begun_after))? else {
        return Ok(AddedFile::Gone);
    };
    if new.content.is_err() {
        forget_refused(db, upload, limits)?;
    } else if is_full(db, upload, limits)? {
        return Ok(AddedFile::TooMany);
    }
    let waiting: Vec<i64> = each!(db, c => uploads::table
        .filter(uploads::sent.is_null())
        .select(uploads::waiting_bytes)
        .load(c))?;
    let waiting = waiting.into_iter().fold(0_i64, i64::saturating_add);
    if packed.is_some() && waiting.saturating_add(whole(new.size_bytes)) > whole(limits.bytes) {
        return Ok(AddedFile::NoRoom);
    }
    let sha256 = new.content.as_ref().ok().map(|(_, sha256)| sha256.as_str());
    let refusal = new.content.as_ref().err().map(|refusal| refusal.as_str());
    each!(db, c => diesel::insert_into(upload_files::table)
        .values((
            upload_files::id.eq(&new.id),
            upload_files::upload_id.eq(upload),
            upload_files::file_name.eq(clean(&new.file_name)),
            upload_files::size_bytes.eq(whole(new.size_bytes)),
            upload_files::sha256.eq(sha256),
            upload_files::octets.eq(packed),
            upload_files::refusal.eq(refusal),
            upload_files::added.eq(micros(new.at)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    note_waiting(db, upload)?;
    Ok(AddedFile::Added)
}

/// Counts again what of an upload waits.
pub(super) fn note_waiting(db: &mut Db, upload: i64) -> QueryResult<()> {
    let sizes: Vec<i64> = each!(db, c => upload_files::table
        .filter(upload_files::upload_id.eq(upload))
        .filter(upload_files::octets.is_not_null())
        .select(upload_files::size_bytes)
        .load(c))?;
    let waiting = sizes.into_iter().fold(0_i64, i64::saturating_add);
    each!(db, c => diesel::update(uploads::table.find(upload))
        .set(uploads::waiting_bytes.eq(waiting))
        .execute(c))?;
    Ok(())
}

pub(super) fn forget_old(db: &mut Db, begun_after: Timestamp) -> QueryResult<u64> {
    let old: Vec<i64> = each!(db, c => uploads::table
        .filter(uploads::sent.is_null())
        .filter(uploads::created.le(micros(begun_after)))
        .limit(1000)
        .select(uploads::id)
        .load(c))?;
    forget(db, &old)?;
    count(whole(old.len()))
}

pub(super) fn forget(db: &mut Db, uploads: &[i64]) -> QueryResult<()> {
    if uploads.is_empty() {
        return Ok(());
    }
    each!(db, c => diesel::delete(upload_files::table)
        .filter(upload_files::upload_id.eq_any(uploads))
        .execute(c))?;
    each!(db, c => diesel::delete(uploads::table)
        .filter(uploads::id.eq_any(uploads))
        .execute(c))?;
    Ok(())
}

pub(super) fn load_upload(db: &mut Db, row: &UploadRow) -> QueryResult<Upload> {
    let files: Vec<FileRow> = each!(db, c => upload_files::table
        .filter(upload_files::upload_id.eq(row.id))
        .order(upload_files::id)
        .select(FileRow::as_select())
        .load(c))?;
    let ids: Vec<i64> = files.iter().filter_map(|file| file.submission_id).collect();
    let messages: Vec<(i64, String, i32)> = each!(db, c => verdicts::table
        .filter(verdicts::submission_id.eq_any(&ids))
        .select((verdicts::submission_id, verdicts::message, verdicts::errors))
        .load(c))?;
    let mut rows = load_rows(db, &ids)?;
    let mut of = |id: Option<i64>| {
        let id = SubmissionId(id?);
        let at = rows.iter().position(|row| row.submission.id == id)?;
        Some(rows.swap_remove(at))
    };
    let to_file = |file: FileRow| {
        Ok(UploadFile {
            id: file.id,
            file_name: file.file_name,
            size_bytes: count(file.size_bytes)?,
            refusal: file.refusal.as_deref().map(word).transpose()?,
            added: moment(file.added)?,
            message: messages
                .iter()
                .find(|(id, ..)| Some(*id) == file.submission_id)
                .map(|(_, message, errors)| (message.clone(), u32::try_from(*errors).unwrap_or(0))),
            submission: of(file.submission_id),
        })
    };
    let files: QueryResult<Vec<UploadFile>> = files.into_iter().map(to_file).collect();
    Ok(Upload {
        id: UploadId(row.id),
        number: fit(UploadNumber::new(&row.number))?,
        account: AccountId(row.account_id),
        user: UserId(row.user_id),
        sent: moment_maybe(row.sent)?,
        lane: row.lane.as_deref().map_or(Ok(Lane::Live), word)?,
        is_taken: row.taken.is_some(),
        files: files?,
    })
}
