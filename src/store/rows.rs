//! Between what the tables hold and the words of the trade.

use std::borrow::Cow;
use std::collections::HashMap;
use std::str::FromStr;

use diesel::prelude::*;
use diesel::result::Error;

use crate::domain::account::{AccountCode, AccountId, UserId};
use crate::domain::outcome::Outcome;
use crate::domain::record::Facts;
use crate::domain::submission::{SessionFacts, Sha256, Submission, SubmissionId, SubmissionNumber};
use crate::domain::{Timestamp, Unfit};
use crate::store::Row;
use crate::store::connection::{Db, each};
use crate::store::schema::{accounts, sessions, submissions, users, verdicts};

/// What a submission nobody logged in for was submitted by.
const DROP_FOLDER: &str = "drop folder";

/// A moment as the tables hold it.
pub(super) fn micros(moment: Timestamp) -> i64 {
    moment.as_microsecond()
}

/// A moment from the tables.
pub(super) fn moment(micros: i64) -> QueryResult<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|error| Error::DeserializationError(error.into()))
}

/// A moment from the tables, if there is one.
pub(super) fn moment_maybe(micros: Option<i64>) -> QueryResult<Option<Timestamp>> {
    micros.map(moment).transpose()
}

/// A word of the trade from the tables.
pub(super) fn word<T: FromStr<Err = Unfit>>(text: &str) -> QueryResult<T> {
    fit(text.parse())
}

/// A checked value from the tables; a fault if somebody put nonsense there.
pub(super) fn fit<T>(checked: Result<T, Unfit>) -> QueryResult<T> {
    checked.map_err(|unfit| Error::DeserializationError(unfit.into()))
}

/// A count or size from the tables.
pub(super) fn count<T: TryFrom<i64>>(number: i64) -> QueryResult<T> {
    T::try_from(number).map_err(|_| {
        Error::DeserializationError(format!("{number} is out of range in the database").into())
    })
}

/// A small number from the tables.
pub(super) fn small(number: i32) -> QueryResult<u32> {
    count(i64::from(number))
}

/// A count or size for the tables; what is too large for them is as large as they can hold.
pub(super) fn whole<T: TryInto<i64>>(number: T) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// A small number for the tables.
pub(super) fn whole_small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Text from outside for the tables: PostgreSQL holds no NUL.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Text from outside for the tables, if there is any.
pub(super) fn clean_maybe(text: Option<&String>) -> Option<Cow<'_, str>> {
    text.map(|text| clean(text))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = submissions)]
struct SubmissionRow {
    id: i64,
    number: String,
    account_id: i64,
    user_id: Option<i64>,
    door: String,
    lane: String,
    file_name: String,
    path: String,
    size_bytes: i64,
    sha256: String,
    first_byte: i64,
    complete: i64,
    given_up: Option<String>,
    status: String,
    is_held: bool,
    attempts: i32,
    vin: Option<String>,
    ivi_version_number: Option<i32>,
    manufacturer_stage_number: Option<i32>,
    type_approval_number: Option<String>,
    vehicle_category: Option<String>,
    decided: Option<i64>,
    outcome: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
struct AccountPart {
    code: String,
    name: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserPart {
    login: String,
    display_name: String,
    contact_id: Option<i64>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionPart {
    id: String,
    client: String,
    remote_ip: String,
    key_fingerprint: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = verdicts)]
struct VerdictPart {
    title: String,
    ivi_reference_id: Option<String>,
    vehicle_type: Option<String>,
    variant: Option<String>,
    version: Option<String>,
}

type Joined = (
    SubmissionRow,
    AccountPart,
    Option<UserPart>,
    Option<SessionPart>,
    Option<VerdictPart>,
);

/// The rows of these submissions, in the order of `ids`; those that do not exist are left out.
pub(super) fn load_rows(db: &mut Db, ids: &[i64]) -> QueryResult<Vec<Row>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let joined: Vec<Joined> = each!(db, c => submissions::table
        .inner_join(accounts::table)
        .left_join(users::table)
        .left_join(sessions::table)
        .left_join(verdicts::table)
        .filter(submissions::id.eq_any(ids))
        .select((
            SubmissionRow::as_select(),
            AccountPart::as_select(),
            Option::<UserPart>::as_select(),
            Option::<SessionPart>::as_select(),
            Option::<VerdictPart>::as_select(),
        ))
        .load(c))?;
    let contacts = contact_names(db, &joined)?;
    let mut found = HashMap::with_capacity(joined.len());
    for row in joined {
        found.insert(row.0.id, to_row(row, &contacts)?);
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The names of the people answerable for machine users.
fn contact_names(db: &mut Db, joined: &[Joined]) -> QueryResult<HashMap<i64, String>> {
    let mut contacts: Vec<i64> = joined
        .iter()
        .filter_map(|row| row.2.as_ref()?.contact_id)
        .collect();
    contacts.sort_unstable();
    contacts.dedup();
    if contacts.is_empty() {
        return Ok(HashMap::new());
    }
    let names: Vec<(i64, String)> = each!(db, c => users::table
        .filter(users::id.eq_any(&contacts))
        .select((users::id, users::display_name))
        .load(c))?;
    Ok(names.into_iter().collect())
}

fn to_row(joined: Joined, contacts: &HashMap<i64, String>) -> QueryResult<Row> {
    let (row, account, user, session, verdict) = joined;
    let title = verdict.as_ref().map(|verdict| verdict.title.clone());
    let outcome = row.outcome.as_deref().map(word::<Outcome>).transpose()?;
    let facts = to_facts(&row, verdict)?;
    let (submitted_by, uploaded_by) = match user {
        Some(user) => {
            let contact = user.contact_id.and_then(|id| contacts.get(&id).cloned());
            (user.login, contact.unwrap_or(user.display_name))
        }
        None => (DROP_FOLDER.to_owned(), DROP_FOLDER.to_owned()),
    };
    let submission = Submission {
        id: SubmissionId(row.id),
        number: fit(SubmissionNumber::new(&row.number))?,
        account: AccountId(row.account_id),
        account_code: fit(AccountCode::new(&account.code))?,
        account_name: account.name,
        user: row.user_id.map(UserId),
        submitted_by,
        uploaded_by,
        door: word(&row.door)?,
        lane: word(&row.lane)?,
        status: word(&row.status)?,
        is_held: row.is_held,
        attempts: small(row.attempts)?,
        file_name: row.file_name,
        path: row.path,
        size_bytes: count(row.size_bytes)?,
        sha256: fit(Sha256::new(&row.sha256))?,
        first_byte: moment(row.first_byte)?,
        complete: moment(row.complete)?,
        decided: moment_maybe(row.decided)?,
        given_up: row.given_up.as_deref().map(word).transpose()?,
        session: session.map(|session| SessionFacts {
            id: session.id,
            client: session.client,
            remote_ip: session.remote_ip,
            key_fingerprint: session.key_fingerprint,
        }),
    };
    Ok(Row {
        submission,
        facts,
        outcome,
        title,
    })
}

fn to_facts(row: &SubmissionRow, verdict: Option<VerdictPart>) -> QueryResult<Facts> {
    let mut facts = Facts {
        vin: row.vin.clone(),
        ivi_version_number: row.ivi_version_number.map(small).transpose()?,
        manufacturer_stage_number: row.manufacturer_stage_number.map(small).transpose()?,
        type_approval_number: row.type_approval_number.clone(),
        vehicle_category: row.vehicle_category.clone(),
        ..Facts::default()
    };
    if let Some(verdict) = verdict {
        facts.ivi_reference_id = verdict.ivi_reference_id;
        facts.vehicle_type = verdict.vehicle_type;
        facts.variant = verdict.variant;
        facts.version = verdict.version;
    }
    Ok(facts)
}
