//! Rules about dates.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::check::facts::{Known, Value};
use crate::check::rules::{Case, Hit};
use crate::check::schema::calendar::year_month_day;
use crate::check::xml::chars::trimmed;

/// No certificate of conformity is older than this year.
const YEAR_MIN: i64 = 1990;

/// The elements that hold dates.
const DATES: &[Known] = &[
    Known::IviVersionDateTime,
    Known::TypeApprovalIssueDate,
    Known::DateManufactureVehicle,
    Known::SignatureDate,
];

/// A signature older than what it signs.
pub(super) fn signed_before_approval<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let Some(issued) = case
        .values
        .first(Known::TypeApprovalIssueDate)
        .and_then(day)
    else {
        return Vec::new();
    };
    case.values
        .all(Known::SignatureDate)
        .filter(|signed| day(signed).is_some_and(|signed| signed < issued))
        .map(|signed| {
            let (year, month, day) = issued;
            let message = "The certificate was signed before the type approval was issued.";
            Hit::new(
                signed,
                message,
                format!("{year:04}-{month:02}-{day:02} or later"),
            )
        })
        .collect()
}

/// A year that cannot be meant.
pub(super) fn implausible<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let (this_year, _, _) = tomorrow(case);
    all_dates(case)
        .filter(|date| day(date).is_some_and(|(year, ..)| year < YEAR_MIN || year > this_year + 1))
        .map(|date| {
            let message = format!("The year of {} cannot be meant.", date.known.name());
            Hit::new(
                date,
                message,
                format!("a year from {YEAR_MIN} to {}", this_year + 1),
            )
        })
        .collect()
}

/// A day that is still to come, in any zone. The day of manufacture may be planned.
pub(super) fn future<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let tomorrow = tomorrow(case);
    all_dates(case)
        .filter(|date| date.known != Known::DateManufactureVehicle)
        .filter(|date| day(date).is_some_and(|day| day > tomorrow && day.0 <= tomorrow.0 + 1))
        .map(|date| {
            let message = format!("{} lies in the future.", date.known.name());
            Hit::new(date, message, "a day that has come")
        })
        .collect()
}

fn all_dates<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Value> {
    let values = case.values;
    DATES.iter().flat_map(move |known| values.all(*known))
}

/// Year, month and day of a value, zones left aside.
fn day(value: &Value) -> Option<(i64, u32, u32)> {
    year_month_day(trimmed(&value.text)).map(|(year, month, day, _)| (year, month, day))
}

/// The day after the decision: somewhere it has begun already.
fn tomorrow(case: &Case<'_>) -> (i64, u32, u32) {
    let later = case
        .now
        .checked_add(SignedDuration::from_hours(24))
        .unwrap_or(case.now);
    let date = later.to_zoned(TimeZone::UTC).date();
    let part = |part: i8| u32::try_from(part).unwrap_or(1);
    (i64::from(date.year()), part(date.month()), part(date.day()))
}
