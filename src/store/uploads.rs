//! Files that people gather on the upload page: kept for a while, then sent, then only what became of them.
//!
//! *Invariants*: an upload is sent once. A file that was sent becomes one submission, also when the
//! program ended in between: all arrivals of an upload carry the moment at which it was sent, and by
//! that moment and their octets those that were taken in are known again.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{AccountId, UserId};
use crate::domain::submission::{Door, Lane, Sha256, SubmissionId};
use crate::domain::upload::{FileRefusal, UploadId, UploadNumber};
use crate::store::connection::{Db, each};
use crate::store::documents::{pack, unpack};
use crate::store::rows::{clean, count, fit, load_rows, micros, moment, moment_maybe, whole, word};
use crate::store::schema::{submissions, upload_files, uploads, verdicts};
use crate::store::{Row, Store, StoreFault};

/// An upload to be begun.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// The number drawn for it.
    pub number: UploadNumber,
    /// For which account.
    pub account: AccountId,
    /// By whom.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
}

/// How much may wait to be sent.
#[derive(Debug, Clone, Copy)]
pub struct UploadLimits {
    /// Uploads of one user; with one more the oldest is forgotten.
    pub per_user: u32,
    /// Files of one upload.
    pub files: u32,
    /// Octets of all uploads of everybody.
    pub bytes: u64,
    /// Uploads begun before are forgotten.
    pub begun_after: Timestamp,
}

/// A file to be added.
#[derive(Debug, Clone)]
pub struct NewUploadFile {
    /// Unique, and in the order in which they came.
    pub id: String,
    /// The name that the sender gave it, without folders.
    pub file_name: String,
    /// How many octets it has, or had when it was refused.
    pub size_bytes: u64,
    /// Its octets and their digest, or why it cannot be sent.
    pub content: Result<(Vec<u8>, Sha256), FileRefusal>,
    /// When.
    pub at: Timestamp,
}

/// What came of adding a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedFile {
    /// It is in the list.
    Added,
    /// The list is full.
    TooMany,
    /// Too much waits to be sent, of everybody together.
    NoRoom,
    /// There is no such upload that waits to be sent.
    Gone,
}

/// Files that were gathered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its row.
    pub id: UploadId,
    /// Its number.
    pub number: UploadNumber,
    /// For which account.
    pub account: AccountId,
    /// By whom.
    pub user: UserId,
    /// When it was sent, if it was.
    pub sent: Option<Timestamp>,
    /// On which lane it was sent.
    pub lane: Lane,
    /// Is every file of it taken in?
    pub is_taken: bool,
    /// Its files, in the order in which they came.
    pub files: Vec<UploadFile>,
}

/// A file of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadFile {
    /// Its identifier.
    pub id: String,
    /// The sender's name for it.
    pub file_name: String,
    /// How many octets it has.
    pub size_bytes: u64,
    /// Why it cannot be sent.
    pub refusal: Option<FileRefusal>,
    /// When it came.
    pub added: Timestamp,
    /// What became of it.
    pub submission: Option<Row>,
    /// The verdict's sentence, once it is decided.
    pub message: Option<String>,
}

impl Upload {
    /// The files that are still to be taken in.
    pub fn waiting(&self) -> impl Iterator<Item = &UploadFile> {
        let waits = |file: &&UploadFile| file.refusal.is_none() && file.submission.is_none();
        self.files.iter().filter(waits)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = uploads)]
struct UploadRow {
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

impl Store {
    /// Begins an upload; `false` if the number was drawn before. Forgets what waited for too long, and
    /// the user's oldest if there are too many.
    pub async fn begin_upload(
        &self,
        new: &NewUpload,
        limits: UploadLimits,
    ) -> Result<bool, StoreFault> {
        let new = new.clone();
        self.write(move |db| {
            forget_old(db, limits.begun_after)?;
            let mine: Vec<i64> = each!(db, c => uploads::table
                .filter(uploads::user_id.eq(new.user.0))
                .filter(uploads::sent.is_null())
                .filter(uploads::number.ne(new.number.as_str()))
                .order(uploads::id.desc())
                .offset(i64::from(limits.per_user.saturating_sub(1)))
                .limit(1000)
                .select(uploads::id)
                .load(c))?;
            forget(db, &mine)?;
            let made = each!(db, c => diesel::insert_into(uploads::table)
                .values((
                    uploads::number.eq(new.number.as_str()),
                    uploads::account_id.eq(new.account.0),
                    uploads::user_id.eq(new.user.0),
                    uploads::created.eq(micros(new.at)),
                    uploads::waiting_bytes.eq(0),
                ))
                .on_conflict_do_nothing()
                .execute(c))?;
            Ok(made > 0)
        })
        .await
    }

    /// Adds a file to an upload that was not sent.
    pub async fn add_upload_file(
        &self,
        number: &UploadNumber,
        user: UserId,
        new: NewUploadFile,
        limits: UploadLimits,
    ) -> Result<AddedFile, StoreFault> {
        let number = number.clone();
        let packed = match &new.content {
            Ok((octets, _)) => Some(pack(octets)?),
            Err(_) => None,
        };
        self.write(move |db| add_file(db, &number, user, &new, packed.as_ref(), limits))
            .await
    }

    /// Takes a file out of an upload that was not sent.
    pub async fn remove_upload_file(
        &self,
        number: &UploadNumber,
        user: UserId,
        file: &str,
    ) -> Result<(), StoreFault> {
        let (number, file) = (number.clone(), clean(file).into_owned());
        self.write(move |db| {
            let Some((upload, _)) = unsent(db, &number, user, None)? else {
                return Ok(());
            };
            each!(db, c => diesel::delete(upload_files::table.find(&file))
                .filter(upload_files::upload_id.eq(upload))
                .execute(c))?;
            note_waiting(db, upload)
        })
        .await
    }

    /// An upload of this account: one that was not sent only for the user who began it, and only if it
    /// was begun after `begun_after`.
    pub async fn upload(
        &self,
        number: &UploadNumber,
        account: AccountId,
        user: UserId,
        begun_after: Timestamp,
    ) -> Result<Option<Upload>, StoreFault> {
        let number = number.clone();
        self.read(move |db| {
            let row: Option<UploadRow> = each!(db, c => uploads::table
                .filter(uploads::number.eq(number.as_str()))
                .filter(uploads::account_id.eq(account.0))
                .filter(uploads::sent.is_not_null().or(
                    uploads::user_id.eq(user.0).and(uploads::created.gt(micros(begun_after)))))
                .select(UploadRow::as_select())
                .first(c)
                .optional())?;
            row.map(|row| load_upload(db, row)).transpose()
        })
        .await
    }

    /// Marks an upload as sent; `false` if it was sent before, or is not there any more.
    pub async fn send_upload(
        &self,
        number: &UploadNumber,
        user: UserId,
        lane: Lane,
        at: Timestamp,
    ) -> Result<bool, StoreFault> {
        let number = number.clone();
        self.write(move |db| {
            let changed = each!(db, c => diesel::update(uploads::table)
                .filter(uploads::number.eq(number.as_str()))
                .filter(uploads::user_id.eq(user.0))
                .filter(uploads::sent.is_null())
                .set((uploads::sent.eq(micros(at)), uploads::lane.eq(lane.as_str())))
                .execute(c))?;
            if changed > 0 {
                return Ok(true);
            }
            // The second run, after the first one's commit was in doubt, finds its own mark.
            let own: Option<i64> = each!(db, c => uploads::table
                .filter(uploads::number.eq(number.as_str()))
                .filter(uploads::user_id.eq(user.0))
                .filter(uploads::sent.eq(micros(at)))
                .select(uploads::id)
                .first(c)
                .optional())?;
            Ok(own.is_some())
        })
        .await
    }

    /// Uploads that were sent before `before`, and of which not every file is taken in.
    pub async fn uploads_not_taken(&self, before: Timestamp) -> Result<Vec<Upload>, StoreFault> {
        self.read(move |db| {
            let rows: Vec<UploadRow> = each!(db, c => uploads::table
                .filter(uploads::taken.is_null())
                .filter(uploads::sent.lt(micros(before)))
                .order(uploads::id)
                .limit(100)
                .select(UploadRow::as_select())
                .load(c))?;
            rows.into_iter().map(|row| load_upload(db, row)).collect()
        })
        .await
    }

    /// The octets of a file that waits, and the submission that was made of it already, if there is one.
    pub async fn upload_octets(
        &self,
        upload: &Upload,
        file: &UploadFile,
    ) -> Result<Option<(Vec<u8>, Option<SubmissionId>)>, StoreFault> {
        let (id, row) = (file.id.clone(), upload.id.0);
        let (account, sent) = (upload.account, upload.sent);
        let name = clean(&file.file_name).into_owned();
        let found = self.read(move |db| {
            type Content = (Option<Vec<u8>>, i64, Option<String>);
            let content: Option<Content> = each!(db, c => upload_files::table
                .find(&id)
                .select((upload_files::octets, upload_files::size_bytes, upload_files::sha256))
                .first(c)
                .optional())?;
            let Some((Some(packed), size, Some(sha256))) = content else {
                return Ok(None);
            };
            let before: Option<i64> = each!(db, c => submissions::table
                .filter(submissions::account_id.eq(account.0))
                .filter(submissions::complete.eq(sent.map_or(-1, micros)))
                .filter(submissions::sha256.eq(&sha256))
                .filter(submissions::file_name.eq(&name))
                .filter(submissions::door.eq(Door::Web.as_str()))
                .filter(submissions::id.ne_all(upload_files::table
                    .filter(upload_files::submission_id.is_not_null())
                    .filter(upload_files::upload_id.eq(row))
                    .select(upload_files::submission_id.assume_not_null())))
                .select(submissions::id)
                .first(c)
                .optional())?;
            Ok(Some((packed, size, fit(Sha256::new(&sha256))?, before)))
        });
        let Some((packed, size, sha256, before)) = found.await? else {
            return Ok(None);
        };
        let octets = unpack(&packed, size, &sha256)?;
        Ok(Some((octets, before.map(SubmissionId))))
    }

    /// Notes which submission was made of a file; its octets are not kept here any longer.
    pub async fn upload_file_taken(
        &self,
        file: &str,
        submission: SubmissionId,
    ) -> Result<(), StoreFault> {
        let file = file.to_owned();
        self.write(move |db| {
            each!(db, c => diesel::update(upload_files::table.find(&file))
                .set((
                    upload_files::submission_id.eq(submission.0),
                    upload_files::octets.eq(None::<Vec<u8>>),
                ))
                .execute(c))?;
            Ok(())
        })
        .await
    }

    /// Notes that every file of an upload is taken in.
    pub async fn upload_taken(&self, upload: UploadId, at: Timestamp) -> Result<(), StoreFault> {
        self.write(move |db| {
            each!(db, c => diesel::update(uploads::table.find(upload.0))
                .set((uploads::taken.eq(micros(at)), uploads::waiting_bytes.eq(0)))
                .execute(c))?;
            Ok(())
        })
        .await
    }

    /// Forgets uploads that were begun before, and never sent.
    pub async fn sweep_uploads(&self, begun_after: Timestamp) -> Result<u64, StoreFault> {
        self.write(move |db| forget_old(db, begun_after)).await
    }
}

/// The upload and how many files it has, if it is this user's and was not sent.
fn unsent(
    db: &mut Db,
    number: &UploadNumber,
    user: UserId,
    begun_after: Option<Timestamp>,
) -> QueryResult<Option<(i64, i64)>> {
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
    let id: Option<i64> = match db {
        Db::Sqlite(c) => this!().first(c).optional()?,
        Db::Pg(c) => this!().for_update().first(&mut **c).optional()?,
    };
    let Some(id) = id else {
        return Ok(None);
    };
    let files: i64 = each!(db, c => upload_files::table
        .filter(upload_files::upload_id.eq(id))
        .count()
        .get_result(c))?;
    Ok(Some((id, files)))
}

fn add_file(
    db: &mut Db,
    number: &UploadNumber,
    user: UserId,
    new: &NewUploadFile,
    packed: Option<&Vec<u8>>,
    limits: UploadLimits,
) -> QueryResult<AddedFile> {
    let Some((upload, files)) = unsent(db, number, user, Some(limits.begun_after))? else {
        return Ok(AddedFile::Gone);
    };
    if files >= i64::from(limits.files) {
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
fn note_waiting(db: &mut Db, upload: i64) -> QueryResult<()> {
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

fn forget_old(db: &mut Db, begun_after: Timestamp) -> QueryResult<u64> {
    let old: Vec<i64> = each!(db, c => uploads::table
        .filter(uploads::sent.is_null())
        .filter(uploads::created.le(micros(begun_after)))
        .limit(1000)
        .select(uploads::id)
        .load(c))?;
    forget(db, &old)?;
    count(whole(old.len()))
}

fn forget(db: &mut Db, uploads: &[i64]) -> QueryResult<()> {
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

fn load_upload(db: &mut Db, row: UploadRow) -> QueryResult<Upload> {
    let files: Vec<FileRow> = each!(db, c => upload_files::table
        .filter(upload_files::upload_id.eq(row.id))
        .order(upload_files::id)
        .select(FileRow::as_select())
        .load(c))?;
    let ids: Vec<i64> = files.iter().filter_map(|file| file.submission_id).collect();
    let messages: Vec<(i64, String)> = each!(db, c => verdicts::table
        .filter(verdicts::submission_id.eq_any(&ids))
        .select((verdicts::submission_id, verdicts::message))
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
                .find(|(id, _)| Some(*id) == file.submission_id)
                .map(|(_, message)| message.clone()),
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
