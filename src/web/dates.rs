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

/// A date as people in the United Kingdom write it, or as programs do.
fn date(text: &str) -> Option<Date> {
    if let Ok(date) = text.parse::<Date>() {
        return Some(date);
    }
    let mut parts = text.split(['/', '-', '.', ' ']).map(str::trim);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
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
        for nonsense in ["", "31/2/2026", "1/1/26", "1/1/2026/1", "yesterday"] {
            assert_eq!(from(nonsense, &zone), None, "{nonsense}");
        }
    }
}
