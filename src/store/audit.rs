//! The audit log: added to in the transaction of what it tells of, chained by digests.

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use crate::domain::audit::{Deed, Entry};
use crate::domain::notice::NewMail;
use crate::store::audit_found::AuditSearch;
use crate::store::connection::{Db, each};
use crate::store::mails::insert_mails;
use crate::store::rows::{clean, count, micros, moment, whole, word};
use crate::store::schema::{audit, counters};
use crate::store::{Store, StoreFault};

/// The most entries that are read at a time when the log is verified.
const STEP: i64 = 1000;

/// Something that is done to users, accounts or requests: its entry in the audit log, and the mails
/// that tell of it, all in one transaction.
#[derive(Debug, Clone)]
pub struct Change {
    /// Who does what.
    pub deed: Deed,
    /// Who is told.
    pub mails: Vec<NewMail>,
}

/// What verifying the log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditCheck {
    /// Every entry fits to the one before; so many there are, and the last one's digest.
    Whole {
        /// How many.
        entries: u64,
        /// The last digest: kept elsewhere, it proves later that nothing was cut off the end.
        digest: String,
    },
    /// This entry is missing, or is not what was written.
    Broken {
        /// Its number.
        number: u64,
        /// The digest of the entry before it, the last that is whole; empty if it is the first.
        digest: String,
    },
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
pub(super) struct EntryRow {
    id: i64,
    deed: String,
    at: i64,
    actor: String,
    action: String,
    subject: String,
    details: String,
    remote_ip: Option<String>,
    digest: String,
}

impl EntryRow {
    pub(super) fn into_entry(self) -> QueryResult<Entry> {
        Ok(Entry {
            number: count(self.id)?,
            deed: Deed {
                id: self.deed,
                at: moment(self.at)?,
                actor: self.actor,
                action: word(&self.action)?,
                subject: self.subject,
                details: self.details,
                remote_ip: self.remote_ip,
            },
            digest: self.digest,
        })
    }
}

/// SHA-256 in hexadecimal digits.
fn digest_of(sealed: &str) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(64);
    for octet in Sha256::digest(sealed.as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02x}");
    }
    text
}

/// Is this very deed in the log? Then it was done before, and its commit was in doubt.
pub(super) fn is_noted(db: &mut Db, deed: &Deed) -> QueryResult<bool> {
    let known: i64 = each!(db, c => audit::table
        .filter(audit::deed.eq(&deed.id))
        .count()
        .get_result(c))?;
    Ok(known > 0)
}

/// Adds a deed to the log, once however often it is tried. In the same transaction as the deed.
pub(super) fn note(db: &mut Db, deed: &Deed) -> QueryResult<()> {
    if is_noted(db, deed)? {
        return Ok(());
    }
    // Whoever counts up holds the row until the commit: so nobody else writes in between, and the
    // numbers have no gap.
    let number: i64 = each!(db, c => diesel::update(counters::table.filter(counters::name.eq("audit")))
        .set(counters::value.eq(counters::value + 1))
        .returning(counters::value)
        .get_result(c))?;
    let before: Option<String> = each!(db, c => audit::table
        .find(number - 1)
        .select(audit::digest)
        .first(c)
        .optional())?;
    let deed = Deed {
        actor: clean(&deed.actor).into_owned(),
        subject: clean(&deed.subject).into_owned(),
        details: clean(&deed.details).into_owned(),
        ..deed.clone()
    };
    let sealed = deed.sealed(count(number)?, &before.unwrap_or_default());
    each!(db, c => diesel::insert_into(audit::table)
        .values((
            audit::id.eq(number),
            audit::deed.eq(&deed.id),
            audit::at.eq(micros(deed.at)),
            audit::actor.eq(&deed.actor),
            audit::action.eq(deed.action.as_str()),
            audit::subject.eq(&deed.subject),
            audit::details.eq(&deed.details),
            audit::remote_ip.eq(&deed.remote_ip),
            audit::digest.eq(digest_of(&sealed)),
        ))
        .execute(c))?;
    Ok(())
}

/// Notes a change and puts its mails into the outbox. In the same transaction as the change.
pub(super) fn tell(db: &mut Db, change: &Change) -> QueryResult<()> {
    insert_mails(db, &change.mails, change.deed.at)?;
    note(db, &change.deed)
}

fn entries_after(db: &mut Db, after: i64) -> QueryResult<Vec<Entry>> {
    let rows: Vec<EntryRow> = each!(db, c => audit::table
        .filter(audit::id.gt(after))
        .order(audit::id)
        .limit(STEP)
        .select(EntryRow::as_select())
        .load(c))?;
    rows.into_iter().map(EntryRow::into_entry).collect()
}

impl Store {
    /// Does `work`, which notes this deed if it does anything. A second run, after the first one's commit
    /// was in doubt, finds the deed noted, and gives what the first gave.
    pub(super) async fn write_once<T, F>(&self, deed: &Deed, mut work: F) -> Result<T, StoreFault>
    where
        T: Clone + Send + 'static,
        F: FnMut(&mut Db) -> QueryResult<T> + Send + 'static,
    {
        let (deed, mut before) = (deed.clone(), None);
        self.write(move |db| {
            if let Some(done) = &before
                && is_noted(db, &deed)?
            {
                return Ok(T::clone(done));
            }
            let done = work(db)?;
            before = Some(done.clone());
            Ok(done)
        })
        .await
    }

    /// Adds a deed that changes nothing else here, once however often it is tried.
    pub async fn audit(&self, deed: &Deed) -> Result<(), StoreFault> {
        let deed = deed.clone();
        self.write(move |db| note(db, &deed)).await
    }

    /// Notes something and puts the mails that tell of it into the outbox; nothing else changes.
    pub async fn tell(&self, change: &Change) -> Result<(), StoreFault> {
        let change = change.clone();
        self.write(move |db| tell(db, &change)).await
    }

    /// Entries of the log, newest first: all, or those about one subject; `below` is the number of the
    /// one above the first.
    pub async fn audit_entries(
        &self,
        subject: Option<&str>,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreFault> {
        let search = AuditSearch {
            subject: subject.map(str::to_owned),
            ..AuditSearch::default()
        };
        self.audit_found(&search, below, limit).await
    }

    /// Goes through the whole log and computes every digest again.
    pub async fn verify_audit(&self) -> Result<AuditCheck, StoreFault> {
        let counted = self.audit_counted().await?;
        self.verify_audit_of(counted).await
    }

    /// How many entries were ever added. Read before the entries: one that is added meanwhile is no
    /// entry too few.
    pub(super) async fn audit_counted(&self) -> Result<i64, StoreFault> {
        self.read(|db| {
            each!(db, c => counters::table
                .find("audit")
                .select(counters::value)
                .first(c))
        })
        .await
    }

    /// Verifies a log that had so many entries a moment ago.
    pub(super) async fn verify_audit_of(&self, counted: i64) -> Result<AuditCheck, StoreFault> {
        let (mut last, mut digest) = (0_u64, String::new());
        loop {
            let after = whole(last);
            let entries = self.read(move |db| entries_after(db, after)).await?;
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                let number = last.saturating_add(1);
                let sealed = entry.deed.sealed(number, &digest);
                if entry.number != number || entry.digest != digest_of(&sealed) {
                    return Ok(AuditCheck::Broken { number, digest });
                }
                (last, digest) = (number, entry.digest);
            }
        }
        // A log whose end was cut off is shorter than what was counted.
        if counted > whole(last) {
            return Ok(AuditCheck::Broken {
                number: last.saturating_add(1),
                digest,
            });
        }
        Ok(AuditCheck::Whole {
            entries: last,
            digest,
        })
    }
}
