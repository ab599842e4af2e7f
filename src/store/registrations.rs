//! Requests for an account: sent, confirmed, decided.

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::domain::account::{Account, AccountCode, AccountId, MailAddress, User};
use crate::domain::audit::Deed;
use crate::domain::registration::{
    Applicant, LinkPurpose, Reference, Registration, RegistrationStatus,
};
use crate::domain::submission::Sha256;
use crate::store::accounts::{Added, insert_account};
use crate::store::audit::{Change, note, tell};
use crate::store::connection::{Db, each};
use crate::store::links::{self, About, NewLink};
use crate::store::people::{NewInvitation, invite, is_login_taken};
use crate::store::rows::{clean, count, fit, micros, moment, moment_maybe, word};
use crate::store::schema::registrations;
use crate::store::{Store, StoreFault};

/// An account that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Its code.
    pub code: AccountCode,
    /// The manufacturer's name.
    pub name: String,
}

/// What came of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided<T> {
    /// It is done.
    Done(T),
    /// Somebody decided before, or it is not there or not confirmed.
    NotWaiting,
    /// The account's code is taken.
    CodeTaken,
    /// The mail address has become a user's meanwhile.
    MailTaken,
}

/// Requests, as many as a page of a list holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationPage {
    /// Those of the page.
    pub requests: Vec<Registration>,
    /// How many there are in all.
    pub total: u64,
}

/// How often the mail that confirms a request's address is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// The mail before must have been sent by then.
    pub not_after: Timestamp,
    /// Links for one request, the first one counted.
    pub links_max: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = registrations)]
struct RegistrationRow {
    reference: String,
    first_name: String,
    last_name: String,
    mail: String,
    manufacturer: String,
    status: String,
    created: i64,
    confirmed: Option<i64>,
    decided: Option<i64>,
    reason: Option<String>,
    account_id: Option<i64>,
}

impl RegistrationRow {
    fn into_registration(self) -> QueryResult<Registration> {
        Ok(Registration {
            reference: fit(Reference::new(&self.reference))?,
            applicant: Applicant {
                first_name: self.first_name,
                last_name: self.last_name,
                mail: fit(MailAddress::new(&self.mail))?,
                manufacturer: self.manufacturer,
            },
            status: word(&self.status)?,
            created: moment(self.created)?,
            confirmed: moment_maybe(self.confirmed)?,
            decided: moment_maybe(self.decided)?,
            reason: self.reason,
            account: self.account_id.map(AccountId),
        })
    }
}

/// Ends the wait of a request; `false` if it does not wait.
fn decide(
    db: &mut Db,
    reference: &Reference,
    status: RegistrationStatus,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = each!(db, c => diesel::update(registrations::table)
        .filter(registrations::reference.eq(reference.as_str()))
        .filter(registrations::status.eq(RegistrationStatus::Waiting.as_str()))
        .set((
            registrations::status.eq(status.as_str()),
            registrations::decided.eq(micros(now)),
        ))
        .execute(c))?;
    Ok(changed > 0)
}

fn confirm(db: &mut Db, token: &Sha256, deed: &Deed) -> QueryResult<Option<Registration>> {
    let now = deed.at;
    let found = links::take(db, token, LinkPurpose::Confirm, now)?;
    let Some((Some(id), _)) = found else {
        return Ok(None);
    };
    links::end_others(db, id)?;
    each!(db, c => diesel::update(registrations::table.find(id))
        .filter(registrations::status.eq(RegistrationStatus::Unconfirmed.as_str()))
        .set((
            registrations::status.eq(RegistrationStatus::Waiting.as_str()),
            registrations::confirmed.eq(micros(now)),
        ))
        .execute(c))?;
    let row: Option<RegistrationRow> = each!(db, c => registrations::table
        .find(id)
        .select(RegistrationRow::as_select())
        .first(c)
        .optional())?;
    let Some(row) = row else { return Ok(None) };
    let registration = row.into_registration()?;
    note(
        db,
        &Deed {
            actor: registration.applicant.mail.as_str().to_owned(),
            subject: registration.reference.as_str().to_owned(),
            ..deed.clone()
        },
    )?;
    Ok(Some(registration))
}

/// The newest request of an address with this status, sent at `since` or later.
fn newest(
    db: &mut Db,
    mail: &MailAddress,
    status: RegistrationStatus,
    since: Timestamp,
) -> QueryResult<Option<Registration>> {
    let row: Option<RegistrationRow> = each!(db, c => registrations::table
        .filter(registrations::mail.eq(mail.as_str()))
        .filter(registrations::status.eq(status.as_str()))
        .filter(registrations::created.ge(micros(since)))
        .order(registrations::id.desc())
        .select(RegistrationRow::as_select())
        .first(c)
        .optional())?;
    row.map(RegistrationRow::into_registration).transpose()
}

impl Store {
    /// Keeps a request with the link that confirms its address, and puts its mail into the outbox.
    pub async fn register(
        &self,
        reference: &Reference,
        applicant: &Applicant,
        link: &NewLink,
        change: &Change,
    ) -> Result<Added<()>, StoreFault> {
        let (reference, applicant) = (reference.clone(), applicant.clone());
        let (link, change) = (link.clone(), change.clone());
        let of = change.deed.clone();
        self.write_once(&of, move |db| {
            let id: Option<i64> = each!(db, c => diesel::insert_into(registrations::table)
                .values((
                    registrations::reference.eq(reference.as_str()),
                    registrations::first_name.eq(clean(&applicant.first_name)),
                    registrations::last_name.eq(clean(&applicant.last_name)),
                    registrations::mail.eq(applicant.mail.as_str()),
                    registrations::manufacturer.eq(clean(&applicant.manufacturer)),
                    registrations::status.eq(RegistrationStatus::Unconfirmed.as_str()),
                    registrations::created.eq(micros(change.deed.at)),
                ))
                .on_conflict_do_nothing()
                .returning(registrations::id)
                .get_result(c)
                .optional())?;
            let Some(id) = id else {
                return Ok(Added::Taken);
            };
            links::insert(db, &link, LinkPurpose::Confirm, About::Registration(id))?;
            tell(db, &change)?;
            Ok(Added::New(()))
        })
        .await
    }

    /// Uses up the link that confirms a request's address: from now on it waits for staff. Who
    /// did it, and for which request, is written into `deed` here.
    pub async fn confirm_registration(
        &self,
        token: &Sha256,
        deed: &Deed,
    ) -> Result<Option<Registration>, StoreFault> {
        let (token, deed) = (token.clone(), deed.clone());
        let of = deed.clone();
        self.write_once(&of, move |db| confirm(db, &token, &deed))
            .await
    }

    /// A page of the requests of one status, those that wait longest first.
    pub async fn registrations(
        &self,
        status: RegistrationStatus,
        offset: u32,
        limit: u32,
    ) -> Result<RegistrationPage, StoreFault> {
        self.read(move |db| {
            let rows: Vec<RegistrationRow> = each!(db, c => registrations::table
                .filter(registrations::status.eq(status.as_str()))
                .order((registrations::confirmed, registrations::id))
                .offset(i64::from(offset))
                .limit(i64::from(limit))
                .select(RegistrationRow::as_select())
                .load(c))?;
            let total: i64 = each!(db, c => registrations::table
                .filter(registrations::status.eq(status.as_str()))
                .count()
                .get_result(c))?;
            let rows = rows.into_iter().map(RegistrationRow::into_registration);
            Ok(RegistrationPage {
                requests: rows.collect::<QueryResult<_>>()?,
                total: count(total)?,
            })
        })
        .await
    }

    /// The requests that were decided last, the newest decision first.
    pub async fn decided_registrations(&self, limit: u32) -> Result<Vec<Registration>, StoreFault> {
        self.read(move |db| {
            let rows: Vec<RegistrationRow> = each!(db, c => registrations::table
                .filter(registrations::decided.is_not_null())
                .order((registrations::decided.desc(), registrations::id.desc()))
                .limit(i64::from(limit))
                .select(RegistrationRow::as_select())
                .load(c))?;
            rows.into_iter()
                .map(RegistrationRow::into_registration)
                .collect()
        })
        .await
    }

    /// The request with this reference.
    pub async fn registration(
        &self,
        reference: &Reference,
    ) -> Result<Option<Registration>, StoreFault> {
        let reference = reference.clone();
        self.read(move |db| {
            let row: Option<RegistrationRow> = each!(db, c => registrations::table
                .filter(registrations::reference.eq(reference.as_str()))
                .select(RegistrationRow::as_select())
                .first(c)
                .optional())?;
            row.map(RegistrationRow::into_registration).transpose()
        })
        .await
    }

    /// The open request of this address: one that waits, or else one that is unconfirmed since `since`.
    pub async fn open_registration(
        &self,
        mail: &MailAddress,
        since: Timestamp,
    ) -> Result<Option<Registration>, StoreFault> {
        let mail = mail.clone();
        self.read(move |db| {
            let waiting = newest(db, &mail, RegistrationStatus::Waiting, Timestamp::MIN)?;
            if waiting.is_some() {
                return Ok(waiting);
            }
            newest(db, &mail, RegistrationStatus::Unconfirmed, since)
        })
        .await
    }

    /// Adds another link that confirms a request's address, with its mail, and lets the request begin
    /// anew; `false` if it is not unconfirmed, or had as many or so lately as `bounds` says. The links
    /// before it go on working: whoever asks in a stranger's name takes nothing from the applicant.
    pub async fn confirm_again(
        &self,
        reference: &Reference,
        link: &NewLink,
        bounds: Again,
        change: &Change,
    ) -> Result<bool, StoreFault> {
        let (reference, link, change) = (reference.clone(), link.clone(), change.clone());
        let of = change.deed.clone();
        self.write_once(&of, move |db| {
            let id: Option<i64> = each!(db, c => registrations::table
                .filter(registrations::reference.eq(reference.as_str()))
                .filter(registrations::status.eq(RegistrationStatus::Unconfirmed.as_str()))
                .filter(registrations::created.le(micros(bounds.not_after)))
                .select(registrations::id)
                .first(c)
                .optional())?;
            let Some(id) = id else { return Ok(false) };
            if links::number_of(db, id)? >= bounds.links_max {
                return Ok(false);
            }
            each!(db, c => diesel::update(registrations::table.find(id))
                .set(registrations::created.eq(micros(change.deed.at)))
                .execute(c))?;
            links::insert(db, &link, LinkPurpose::Confirm, About::Registration(id))?;
            tell(db, &change)?;
            Ok(true)
        })
        .await
    }

    /// Approves a request, in one transaction: the account, its Primary User, the invitation with
    /// its mail, the entry of the audit log.
    pub async fn approve_registration(
        &self,
        reference: &Reference,
        account: &NewAccount,
        invitation: &NewInvitation,
        deed: &Deed,
    ) -> Result<Decided<(Account, User)>, StoreFault> {
        let (reference, new) = (reference.clone(), account.clone());
        let (invitation, deed) = (invitation.clone(), deed.clone());
        let of = deed.clone();
        self.write_once(&of, move |db| {
            // What is written before a name is found to be taken is taken back.
            let now = deed.at;
            if is_login_taken(db, &invitation.login)? {
                return Ok(Decided::MailTaken);
            }
            if !decide(db, &reference, RegistrationStatus::Approved, now)? {
                return Ok(Decided::NotWaiting);
            }
            let Added::New(account) = insert_account(db, &new.code, &clean(&new.name), now)? else {
                undecide(db, &reference)?;
                return Ok(Decided::CodeTaken);
            };
            each!(db, c => diesel::update(registrations::table)
                .filter(registrations::reference.eq(reference.as_str()))
                .set(registrations::account_id.eq(account.id.0))
                .execute(c))?;
            let invited = NewInvitation {
                account: Some(account.id),
                ..invitation.clone()
            };
            // Looked for above, in the same transaction.
            let Added::New((user, _)) = invite(db, &invited, &deed)? else {
                return Err(diesel::result::Error::RollbackTransaction);
            };
            Ok(Decided::Done((account, user)))
        })
        .await
    }

    /// Refuses a request with a reason, and puts the answer into the outbox.
    pub async fn refuse_registration(
        &self,
        reference: &Reference,
        reason: &str,
        change: &Change,
    ) -> Result<Decided<()>, StoreFault> {
        let (reference, reason) = (reference.clone(), clean(reason).into_owned());
        let change = change.clone();
        let of = change.deed.clone();
        self.write_once(&of, move |db| {
            if !decide(db, &reference, RegistrationStatus::Refused, change.deed.at)? {
                return Ok(Decided::NotWaiting);
            }
            each!(db, c => diesel::update(registrations::table)
                .filter(registrations::reference.eq(reference.as_str()))
                .set(registrations::reason.eq(&reason))
                .execute(c))?;
            tell(db, &change)?;
            Ok(Decided::Done(()))
        })
        .await
    }
}

/// Lets a request wait again.
fn undecide(db: &mut Db, reference: &Reference) -> QueryResult<()> {
    each!(db, c => diesel::update(registrations::table)
        .filter(registrations::reference.eq(reference.as_str()))
        .set((
            registrations::status.eq(RegistrationStatus::Waiting.as_str()),
            registrations::decided.eq(None::<i64>),
        ))
        .execute(c))?;
    Ok(())
}
