//! Durations: months and seconds, which cannot be turned into each other.

use std::cmp::Ordering;
use std::fmt::Write;

use crate::check::schema::calendar::{attos_and_rest, days};

/// The most digits of one number in a duration that mean something: enough for any, and all sums fit.
const DIGITS_MAX: usize = 18;

/// The months from which durations are counted to be compared, as the recommendation chose them: they
/// show every length that months can have.
const STARTS: [(i128, u32); 4] = [(1696, 9), (1697, 2), (1903, 3), (1903, 7)];

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Duration {
    months: i128,
    seconds: i128,
    /// The rest of the second in units of 10^-18, counted towards the future.
    attos: u64,
}

impl Duration {
    /// Reads such as `P1Y2M3DT10H30M5.5S`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (is_negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let rest = rest.strip_prefix('P')?;
        let (date, time) = match rest.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None if rest.is_empty() => return None,
            None => (rest, ""),
        };
        let (years, date) = part(date, b'Y')?;
        let (months, date) = part(date, b'M')?;
        let (days, date) = part(date, b'D')?;
        let (hours, time) = part(time, b'H')?;
        let (minutes, time) = part(time, b'M')?;
        let (seconds, attos) = seconds(time)?;
        if !date.is_empty() {
            return None;
        }
        let months = years * 12 + months;
        let seconds = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
        Some(match (is_negative, attos) {
            (false, _) => Self {
                months,
                seconds,
                attos,
            },
            (true, 0) => Self {
                months: -months,
                seconds: -seconds,
                attos,
            },
            (true, _) => Self {
                months: -months,
                seconds: -seconds - 1,
                attos: 1_000_000_000_000_000_000 - attos,
            },
        })
    }

    /// Compares as XML Schema does: one is longer only if it is so wherever it begins.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.months == other.months {
            return Some((self.seconds, self.attos).cmp(&(other.seconds, other.attos)));
        }
        let mut orders = STARTS
            .iter()
            .map(|start| self.end(*start).cmp(&other.end(*start)));
        let first = orders.next()?;
        orders.all(|order| order == first).then_some(first)
    }

    /// Writes the one form of this value.
    pub(crate) fn write(&self, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{} {}.{:018}", self.months, self.seconds, self.attos);
    }

    /// When it ends if it begins with this month.
    fn end(&self, (year, month): (i128, u32)) -> (i128, u64) {
        let months = year * 12 + i128::from(month) - 1 + self.months;
        let year = months.div_euclid(12);
        let month = u32::try_from(months.rem_euclid(12)).unwrap_or(0) + 1;
        (days(year, month) * 86_400 + self.seconds, self.attos)
    }
}

/// The number before `letter`, 0 if the part is not there, and what follows.
fn part(text: &str, letter: u8) -> Option<(i128, &str)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    if text.as_bytes().get(len) != Some(&letter) {
        return Some((0, text));
    }
    Some((number(text.get(..len)?)?, text.get(len + 1..)?))
}

/// The seconds at the end, and their fraction.
fn seconds(text: &str) -> Option<(i128, u64)> {
    if text.is_empty() {
        return Some((0, 0));
    }
    let text = text.strip_suffix('S')?;
    match text.split_once('.') {
        None => Some((number(text)?, 0)),
        Some((whole, fraction)) => {
            let (attos, _, rest) = attos_and_rest(fraction)?;
            rest.is_empty().then_some((number(whole)?, attos))
        }
    }
}

fn number(digits: &str) -> Option<i128> {
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    match digits.len() {
        0 => Some(0),
        1..=DIGITS_MAX => digits.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(one: &str, other: &str) -> Option<Ordering> {
        let parse = |text| Duration::parse(text).unwrap_or_else(|| panic!("{text}"));
        parse(one).compare(&parse(other))
    }

    #[test]
    fn durations_name_their_parts_in_order() {
        for good in [
            "P1Y2M3DT10H30M",
            "-P120D",
            "P1347Y",
            "P0Y1347M0D",
            "PT0S",
            "PT1.5S",
            "P1DT0.000000000000000000001S",
            "P000000000000000000000001Y",
        ] {
            assert!(Duration::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "P",
            "-P",
            "PT",
            "P1YT",
            "1Y",
            "P-1Y",
            "+P1Y",
            "P1M1Y",
            "P1S",
            "PT1D",
            "P1Y2",
            "PT1.S",
            "PT.5S",
            "P1.5Y",
            "PT1S1S",
            "P1YT1",
            "p1y",
            "P 1Y",
            "PYMD",
            "P1D1H",
            "P1234567890123456789Y",
        ] {
            assert!(Duration::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn months_and_days_can_be_compared_only_when_it_is_certain() {
        assert_eq!(compare("P1Y", "P12M"), Some(Ordering::Equal));
        assert_eq!(compare("P1D", "PT24H"), Some(Ordering::Equal));
        assert_eq!(compare("P1Y", "P364D"), Some(Ordering::Greater));
        assert_eq!(compare("P1Y", "P365D"), None);
        assert_eq!(compare("P1Y", "P367D"), Some(Ordering::Less));
        assert_eq!(compare("P1M", "P27D"), Some(Ordering::Greater));
        for days in ["P28D", "P29D", "P30D", "P31D"] {
            assert_eq!(compare("P1M", days), None, "{days}");
        }
        assert_eq!(compare("P5M", "P149D"), Some(Ordering::Greater));
        assert_eq!(compare("P5M", "P154D"), Some(Ordering::Less));
    }

    #[test]
    fn what_is_negative_is_less() {
        assert_eq!(compare("-P1D", "PT0S"), Some(Ordering::Less));
        assert_eq!(compare("-PT0.5S", "-PT0.4S"), Some(Ordering::Less));
        assert_eq!(compare("-PT0.5S", "PT0S"), Some(Ordering::Less));
        assert_eq!(compare("-PT0.5S", "-PT1S"), Some(Ordering::Greater));
        assert_eq!(compare("-PT0S", "P0D"), Some(Ordering::Equal));
    }
}
