//! Rules about dates.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::check::facts::{Known, Value};
use crate::check::rules::source::{FIRST_DAY, REGULATION};
use crate::check::rules::{Case, Hit, Rule, warning};
use crate::check::schema::calendar::year_month_day;
use crate::check::xml::chars::trimmed;

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_values(warning("B15-signed-before-approval",
        "The certificate was signed before the type approval was issued.",
        "Check SignatureDate and TypeApprovalIssueDate.", REGULATION), signed_before_approval),
    Rule::of_values(warning("B16-year-implausible",
        "A date has a year that cannot be meant.",
        "Check the year.", REGULATION), implausible),
    Rule::of_values(warning("B17-date-future",
        "A date lies in the future.",
        "Check the date, and the clock of the machine that wrote it.", REGULATION), future),
    Rule::of_all(warning("B19-manufacture-date-missing",
        "The date of manufacture is not given.",
        "Give DateManufactureVehicle: by it is judged whether the certificate must come electronically.", FIRST_DAY), manufacture),
];

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
fn signed_before_approval<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let Some(issued) = case
        .values
        .first(Known::TypeApprovalIssueDate)
        .and_then(day)
    else {
        return Vec::new();
    };
    case.values
        .all(Known::SignatureDate)
        .filter(|signed| day(*signed).is_some_and(|signed| signed < issued))
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
fn implausible<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let (this_year, _, _) = tomorrow(case);
    all_dates(case)
        .filter_map(|date| Some((date, day(date)?.0)))
        .filter(|(_, year)| *year < YEAR_MIN || *year > this_year + 1)
        .map(|(date, year)| {
            let message = format!("The {} has the year {year:04}.", words(date));
            Hit::new(
                date,
                message,
                format!("a year from {YEAR_MIN} to {}", this_year + 1),
            )
        })
        .collect()
}

/// A day that is still to come, in any zone. The day of manufacture may be planned.
fn future<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let tomorrow = tomorrow(case);
    all_dates(case)
        .filter(|date| date.known != Known::DateManufactureVehicle)
        .filter(|date| day(*date).is_some_and(|day| day > tomorrow && day.0 <= tomorrow.0 + 1))
        .map(|date| {
            let message = format!("The {} lies in the future.", words(date));
            Hit::new(date, message, "a day that has come")
        })
        .collect()
}

/// No date to judge by.
fn manufacture<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let what = Known::DateManufactureVehicle;
    if case.values.has(what) {
        return Vec::new();
    }
    let message = "The date of manufacture is not given.";
    vec![Hit::missing(case.data(), what, message)]
}

/// What a date is called.
fn words(date: Value<'_>) -> &'static str {
    match date.known {
        Known::IviVersionDateTime => "date of the message",
        Known::TypeApprovalIssueDate => "date of the type approval",
        Known::DateManufactureVehicle => "date of manufacture",
        _ => "date of the signature",
    }
}

fn all_dates<'a>(case: &Case<'a>) -> impl Iterator<Item = Value<'a>> {
    let values = case.values;
    DATES.iter().flat_map(move |known| values.all(*known))
}

/// Year, month and day of a value, zones left aside.
fn day(value: Value<'_>) -> Option<(i64, u32, u32)> {
    year_month_day(trimmed(value.said()?)).map(|(year, month, day, _)| (year, month, day))
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
