//! Files that people gather on the upload page: kept for a while, then sent, then only what became of them.
//!
//! *Invariants*: an upload is sent once, and is in one pair of hands at a time: whoever takes its files in
//! holds it by the moment at which it last did something, and lets go when another has it. A file that was sent becomes one submission, also when the
//! program ended in between: all arrivals of an upload carry the moment at which it was sent, and by
//! that moment and their octets those that were taken in are known again.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{AccountId, UserId};
use crate::domain::submission::{Door, Lane, Sha256, SubmissionId};
use crate::domain::upload::{FileRefusal, UploadId, UploadNumber};
use crate::store::connection::{Db, each};
use crate::store::documents::{pack, unpack};
use crate::store::rows::{clean, fit, micros};
use crate::store::schema::{submissions, upload_files, uploads};
use crate::store::upload_rows::{
    UploadRow, add_file, forget, forget_old, load_upload, note_waiting, unsent,
};
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
    /// Files of one upload that can be sent. Of others, the last so many are kept, to be told of.
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
    /// The verdict's sentence and how many errors there are, once it is decided.
    pub message: Option<(String, u32)>,
}

impl Upload {
    /// The files that are still to be taken in.
    pub fn waiting(&self) -> impl Iterator<Item = &UploadFile> {
        let waits = |file: &&UploadFile| file.refusal.is_none() && file.submission.is_none();
        self.files.iter().filter(waits)
    }
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
        self.write(move |db| add_file(db, (&number, user), &new, packed.as_ref(), limits))
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
            let Some(upload) = unsent(db, &number, user, None)? else {
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
            row.map(|row| load_upload(db, &row)).transpose()
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
                .set((
                    uploads::sent.eq(micros(at)),
                    uploads::lane.eq(lane.as_str()),
                    uploads::in_hand.eq(micros(at)),
                ))
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

    /// Uploads that were sent, of which not every file is taken in, and that were in nobody's hands since
    /// `before`.
    pub async fn uploads_not_taken(&self, before: Timestamp) -> Result<Vec<Upload>, StoreFault> {
        self.read(move |db| {
            let rows: Vec<UploadRow> = each!(db, c => uploads::table
                .filter(uploads::taken.is_null())
                .filter(uploads::sent.lt(micros(before)))
                .filter(uploads::in_hand.is_null().or(uploads::in_hand.lt(micros(before))))
                .order(uploads::id)
                .limit(100)
                .select(UploadRow::as_select())
                .load(c))?;
            rows.into_iter().map(|row| load_upload(db, &row)).collect()
        })
        .await
    }

    /// Takes such an upload in hand at `now`; `false` if another was faster.
    pub async fn take_upload_in_hand(
        &self,
        upload: UploadId,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let mut did_it = false;
        self.write(move |db| {
            let free = uploads::in_hand
                .is_null()
                .or(uploads::in_hand.lt(micros(before)));
            let changed = each!(db, c => diesel::update(uploads::table.find(upload.0))
                .filter(uploads::taken.is_null())
                .filter(free)
                .set(uploads::in_hand.eq(micros(now)))
                .execute(c))?;
            if changed > 0 {
                did_it = true;
                return Ok(true);
            }
            // The second run, after the first one's commit was in doubt, finds its own mark.
            Ok(did_it && is_in_hand(db, upload, now)?)
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

    /// Notes which submission was made of a file; its octets are not kept here any longer. The upload,
    /// in hand since `held`, is so since `now`; `false` if another has it in hand, who goes on.
    pub async fn upload_file_taken(
        &self,
        file: &str,
        submission: SubmissionId,
        (upload, held, now): (UploadId, Timestamp, Timestamp),
    ) -> Result<bool, StoreFault> {
        let file = file.to_owned();
        self.write(move |db| {
            each!(db, c => diesel::update(upload_files::table.find(&file))
                .set((
                    upload_files::submission_id.eq(submission.0),
                    upload_files::octets.eq(None::<Vec<u8>>),
                ))
                .execute(c))?;
            let changed = each!(db, c => diesel::update(uploads::table.find(upload.0))
                .filter(uploads::in_hand.eq_any([micros(held), micros(now)]))
                .set(uploads::in_hand.eq(micros(now)))
                .execute(c))?;
            Ok(changed > 0)
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

    /// Makes a file's octets unreadable: for tests of what follows.
    #[cfg(test)]
    pub(crate) async fn spoil_upload_file(&self, file: &str) -> Result<(), StoreFault> {
        let file = file.to_owned();
        self.write(move |db| {
            each!(db, c => diesel::update(upload_files::table.find(&file))
                .set(upload_files::octets.eq(Some(vec![0_u8])))
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

/// Was it last in hand at this moment?
fn is_in_hand(db: &mut Db, upload: UploadId, at: Timestamp) -> QueryResult<bool> {
    let found: i64 = each!(db, c => uploads::table
        .filter(uploads::id.eq(upload.0))
        .filter(uploads::in_hand.eq(micros(at)))
        .count()
        .get_result(c))?;
    Ok(found > 0)
}
