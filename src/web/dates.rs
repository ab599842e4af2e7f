//! Dates that somebody typed, as the bounds of a list.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::Timestamp;
use crate::web::forms::Errors;

/// Says at the fields `from` and `to` what of them cannot be looked for.
pub(crate) fn check(from: &str, to: &str, errors: &mut Errors) {
    for (id, name, text) in [("from", "Date from", from), ("to", "Date to", to)] {
        if !text.is_empty() && date(text).is_none() {
            let words = "must be a real date, like 28/5/2026";
            errors.add(id, format!("{name} {words}"));
        }
    }
    if let (Some(from), Some(to)) = (date(from), date(to))
        && to < from
    {
        errors.add("to", "Date to must be the same as or after date from");
    }
}

/// When the first day begins.
pub(crate) fn from(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    begin(date(text)?, zone)
}

/// When the last day has ended.
pub(crate) fn before(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    begin(date(text)?.tomorrow().ok()?, zone)
}

fn begin(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    let start = date.to_zoned(zone.clone()).ok()?;
    Some(start.timestamp())
}

/// The months, as pages show them.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The fewest letters of a month's name that name it.
const MONTH_LETTERS_MIN: usize = 3;

/// A date as people in the United Kingdom write it, as pages show it (with a time or without), or as
/// programs do.
fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(date) = text.parse::<Date>() {
        return Some(date);
    }
    let parts =
        text.split(|letter: char| matches!(letter, '/' | '-' | '.') || letter.is_whitespace());
    let mut parts = parts.filter(|part| !part.is_empty());
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is_time = |part: &str| part.contains(':');
    if !parts.next().is_none_or(is_time) || parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let month = month.parse().ok().or_else(|| named(month))?;
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

/// The number of the month that is called so, or begins so.
fn named(text: &str) -> Option<i8> {
    let text = text.to_ascii_lowercase();
    if text.len() < MONTH_LETTERS_MIN {
        return None;
    }
    let found = MONTHS.iter().position(|month| month.starts_with(&text))?;
    i8::try_from(found + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_and_end_in_the_authoritys_zone() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        assert_eq!(from("28/5/2026", &zone), at("2026-05-27T23:00:00Z"));
        assert_eq!(before("2026-05-28", &zone), at("2026-05-28T23:00:00Z"));
        assert_eq!(before("28.11.2026", &zone), at("2026-11-29T00:00:00Z"));
        for same in [
            "28 November 2026",
            " 28  nov 2026 ",
            "28 Nov. 2026",
            "28 November 2026 10:54AM",
            "28-11-2026",
        ] {
            assert_eq!(before(same, &zone), at("2026-11-29T00:00:00Z"), "{same}");
        }
        for nonsense in [
            "",
            "31/2/2026",
            "1/1/26",
            "1/1/2026/1",
            "yesterday",
            "1 No 2026",
            "1 Nov 2026 2",
            "1 Novembers 2026",
        ] {
            assert_eq!(from(nonsense, &zone), None, "{nonsense}");
        }
    }
}
