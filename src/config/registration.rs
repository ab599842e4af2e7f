//! The section `[registration]`: how requests for an account come in, and until when they are decided.

use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;

/// The bank holidays of England and Wales.
///
/// Source: the list that the government publishes, by the rules of the Banking and Financial
/// Dealings Act 1971 (a holiday on a weekend moves to the next working day).
const BANK_HOLIDAYS: &str = "\
2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28 \
2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28 \
2028-01-03 2028-04-14 2028-04-17 2028-05-01 2028-05-29 2028-08-28 2028-12-25 2028-12-26";

/// How requests for an account come in, and until when they are decided.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Registration {
    /// When the form asks for a verification code.
    pub challenge: Challenge,
    /// A form that comes back sooner was filled in by a program.
    #[serde(with = "crate::config::duration")]
    pub fill_min: Duration,
    /// Requests that one place may send in an hour.
    pub hourly_max: u32,
    /// The link that confirms an applicant's address works for so long.
    #[serde(with = "crate::config::duration")]
    pub confirm_within: Duration,
    /// Working days within which a request is decided.
    pub review_days: u32,
    /// Days besides Saturdays and Sundays that are no working days, with blanks between them.
    pub bank_holidays: String,
}

/// When the form asks for a verification code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Challenge {
    /// Every time.
    Always,
    /// When much came from the same place, or a form was filled in faster than people do.
    Suspicious,
    /// Never.
    Off,
}

impl Registration {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        if self.fill_min > Duration::from_mins(1) {
            faults.say(
                "fill-min",
                "must not be longer than 1m: people are not slower",
            );
        }
        faults.between("hourly-max", self.hourly_max.into(), 1, 10_000);
        faults.length("confirm-within", self.confirm_within);
        faults.between("review-days", self.review_days.into(), 1, 100);
        let words = self.bank_holidays.split_whitespace();
        for word in words {
            if word.parse::<Date>().is_err() {
                faults.say(
                    "bank-holidays",
                    format!(
                        "holds '{}', which is no date: write 2026-12-25",
                        word.escape_debug()
                    ),
                );
            }
        }
    }

    /// The days besides Saturdays and Sundays that are no working days.
    pub fn holidays(&self) -> Vec<Date> {
        let words = self.bank_holidays.split_whitespace();
        words.filter_map(|word| word.parse().ok()).collect()
    }
}

impl Default for Registration {
    fn default() -> Self {
        Self {
            challenge: Challenge::Always,
            fill_min: Duration::from_secs(3),
            hourly_max: 10,
            confirm_within: Duration::from_hours(3 * 24),
            review_days: 5,
            bank_holidays: BANK_HOLIDAYS.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Weekday;

    #[test]
    fn the_built_in_holidays_are_eight_working_days_a_year() {
        let holidays = Registration::default().holidays();
        for year in 2026..=2028 {
            let of_year = holidays.iter().filter(|day| day.year() == year);
            assert_eq!(of_year.count(), 8, "{year}");
        }
        for day in &holidays {
            let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            assert!(!is_weekend, "{day} is no working day anyhow");
        }
    }

    #[test]
    fn what_is_no_date_is_told() {
        let settings = Registration {
            bank_holidays: "2026-12-25 25/12/2027".to_owned(),
            ..Registration::default()
        };
        let mut faults = Faults::default();
        settings.faults(faults.of("registration"));
        let found = faults.into_found();
        assert_eq!(found.len(), 1);
        assert!(found[0].1.contains("25/12/2027"), "{found:?}");
    }
}
