//! Dates and times as XML Schema writes and orders them.

use std::cmp::Ordering;
use std::fmt::Write;

/// The most digits of a year: enough for any, and all sums fit.
const YEAR_DIGITS_MAX: usize = 18;

/// A day of which only the time matters, or only the month or the day: it lies in a leap year and is the
/// last of a long month.
const SOME_DAY: (i64, u32, u32) = (1972, 12, 31);

/// The farthest that a place may be from UTC, in minutes.
const ZONE_MAX: i32 = 14 * 60;

/// Which parts of a moment are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    DateTime,
    Time,
    Date,
    YearMonth,
    Year,
    MonthDay,
    Day,
    Month,
}

/// A point in time, or one that comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    form: Form,
    day: (i64, u32, u32),
    clock: Clock,
    zone: Zone,
}

/// How far a place is from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zone {
    Unknown,
    /// So many minutes before UTC.
    East(i32),
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Clock {
    seconds: u32,
    /// The rest of the second in units of 10^-18; finer digits are cut off.
    attos: u64,
}

impl Moment {
    /// Reads `value`, which has this form.
    pub(crate) fn parse(form: Form, value: &str) -> Option<Self> {
        let mut clock = Clock::default();
        let (some_year, some_month, _) = SOME_DAY;
        let (day, rest) = match form {
            Form::DateTime => {
                let (year, month, day, rest) = year_month_day(value)?;
                let (time, rest) = clock_and_rest(rest.strip_prefix('T')?)?;
                clock = time;
                ((year, month, day), rest)
            }
            Form::Time => {
                let (time, rest) = clock_and_rest(value)?;
                clock = time;
                // The midnight that ends a day is the one that begins one.
                clock.seconds %= 86_400;
                (SOME_DAY, rest)
            }
            Form::Date => {
                let (year, month, day, rest) = year_month_day(value)?;
                ((year, month, day), rest)
            }
            Form::YearMonth => {
                let (year, rest) = year_and_rest(value)?;
                let (month, rest) = month_and_rest(rest.strip_prefix('-')?)?;
                ((year, month, 1), rest)
            }
            Form::Year => {
                let (year, rest) = year_and_rest(value)?;
                ((year, 1, 1), rest)
            }
            Form::MonthDay => {
                let (month, rest) = month_and_rest(value.strip_prefix("--")?)?;
                let (day, rest) = two_digits(rest.strip_prefix('-')?)?;
                ((some_year, month, day), rest)
            }
            Form::Day => {
                let (day, rest) = two_digits(value.strip_prefix("---")?)?;
                ((some_year, some_month, day), rest)
            }
            Form::Month => {
                let (month, rest) = month_and_rest(value.strip_prefix("--")?)?;
                ((some_year, month, 1), rest)
            }
        };
        let (year, month, number) = day;
        let zone = zone(rest)?;
        (1..=days_in(year, month))
            .contains(&number)
            .then_some(Self {
                form,
                day,
                clock,
                zone,
            })
    }

    /// Compares as XML Schema does: a moment whose zone is not known may be anywhere within fourteen
    /// hours, so two may stand beside each other.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.form != other.form {
            return None;
        }
        let (one, two) = (self.instant(), other.instant());
        let reach = i128::from(ZONE_MAX) * 60;
        let is_known = |zone| zone != Zone::Unknown;
        match (is_known(self.zone), is_known(other.zone)) {
            (true, true) | (false, false) => Some(one.cmp(&two)),
            (true, false) if one < (two.0 - reach, two.1) => Some(Ordering::Less),
            (true, false) if one > (two.0 + reach, two.1) => Some(Ordering::Greater),
            (false, true) if (one.0 + reach, one.1) < two => Some(Ordering::Less),
            (false, true) if (one.0 - reach, one.1) > two => Some(Ordering::Greater),
            _ => None,
        }
    }

    /// Writes the one form of this value.
    pub(crate) fn write(&self, out: &mut String) {
        let (seconds, attos) = self.instant();
        let zone = if self.zone == Zone::Unknown { "" } else { "Z" };
        // Writing to a String cannot fail.
        let _ = write!(out, "{:?} {seconds}.{attos:018}{zone}", self.form);
    }

    /// Seconds from a fixed point, in UTC if the zone is known.
    fn instant(&self) -> (i128, u64) {
        let (year, month, day) = self.day;
        let east = match self.zone {
            Zone::Unknown => 0,
            Zone::East(minutes) => i128::from(minutes) * 60,
        };
        // There is no year 0 between the years -1 and 1.
        let gap = if year < 0 { 366 } else { 0 };
        let day = days(i128::from(year), month) + i128::from(day) + gap;
        (
            day * 86_400 + i128::from(self.clock.seconds) - east,
            self.clock.attos,
        )
    }
}

/// Days from a fixed point to the day before this month, with a year 0 and leap years at all times.
pub(crate) fn days(year: i128, month: u32) -> i128 {
    let before = year - 1;
    let leaps = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let in_year = match month {
        0 | 1 => 0,
        2 => 31,
        3 => 59,
        4 => 90,
        5 => 120,
        6 => 151,
        7 => 181,
        8 => 212,
        9 => 243,
        10 => 273,
        11 => 304,
        _ => 334,
    };
    before * 365 + leaps + in_year + i128::from(is_leap && month > 2)
}

/// How many days this month has; none if there is no such month.
fn days_in(year: i64, month: u32) -> u32 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// Year, month and day at the front of `value`, and what follows.
pub(crate) fn year_month_day(value: &str) -> Option<(i64, u32, u32, &str)> {
    let (year, rest) = year_and_rest(value)?;
    let (month, rest) = two_digits(rest.strip_prefix('-')?)?;
    let (day, rest) = two_digits(rest.strip_prefix('-')?)?;
    let fits = (1..=days_in(year, month)).contains(&day);
    fits.then_some((year, month, day, rest))
}

fn year_and_rest(value: &str) -> Option<(i64, &str)> {
    let (is_negative, rest) = match value.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, value),
    };
    let len = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (year, rest) = rest.split_at_checked(len)?;
    // Four digits, or more without a zero in front; there is no year 0.
    if !(4..=YEAR_DIGITS_MAX).contains(&len) || (len > 4 && year.starts_with('0')) {
        return None;
    }
    let year: i64 = year.parse().ok()?;
    (year != 0).then_some((if is_negative { -year } else { year }, rest))
}

fn month_and_rest(value: &str) -> Option<(u32, &str)> {
    two_digits(value).filter(|(month, _)| (1..=12).contains(month))
}

fn clock_and_rest(value: &str) -> Option<(Clock, &str)> {
    let (hour, rest) = two_digits(value)?;
    let (minute, rest) = two_digits(rest.strip_prefix(':')?)?;
    let (second, rest) = two_digits(rest.strip_prefix(':')?)?;
    let (attos, is_whole, rest) = match rest.strip_prefix('.') {
        Some(fraction) => attos_and_rest(fraction)?,
        None => (0, true, rest),
    };
    // 24:00:00 is the midnight that ends a day.
    let is_midnight = hour == 24 && minute == 0 && second == 0 && is_whole;
    let fits = (hour < 24 || is_midnight) && minute < 60 && second < 60;
    let seconds = hour * 3600 + minute * 60 + second;
    fits.then_some((Clock { seconds, attos }, rest))
}

/// The digits after a point in units of 10^-18, whether all are zero, and what follows them.
pub(crate) fn attos_and_rest(fraction: &str) -> Option<(u64, bool, &str)> {
    let len = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = fraction.split_at_checked(len)?;
    if digits.is_empty() {
        return None;
    }
    let padded = digits.bytes().chain(std::iter::repeat(b'0')).take(18);
    let attos = padded.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    Some((attos, digits.bytes().all(|digit| digit == b'0'), rest))
}

/// Nothing, `Z`, or an offset of at most fourteen hours.
fn zone(rest: &str) -> Option<Zone> {
    let is_west = match rest.as_bytes().first() {
        None => return Some(Zone::Unknown),
        Some(b'Z') => return (rest.len() == 1).then_some(Zone::East(0)),
        Some(b'-') => true,
        Some(b'+') => false,
        Some(_) => return None,
    };
    let (hours, rest) = two_digits(rest.get(1..)?)?;
    let (minutes, rest) = two_digits(rest.strip_prefix(':')?)?;
    let east = i32::try_from(hours * 60 + minutes).ok()?;
    let fits = rest.is_empty() && minutes < 60 && east <= ZONE_MAX;
    fits.then_some(Zone::East(if is_west { -east } else { east }))
}

fn two_digits(text: &str) -> Option<(u32, &str)> {
    match text.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => {
            let number = u32::from(tens - b'0') * 10 + u32::from(ones - b'0');
            Some((number, text.get(2..)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(form: Form, one: &str, other: &str) -> Option<Ordering> {
        let parse = |text| Moment::parse(form, text).unwrap_or_else(|| panic!("{text}"));
        let (one, other) = (parse(one), parse(other));
        let order = one.compare(&other);
        assert_eq!(other.compare(&one), order.map(Ordering::reverse));
        order
    }

    fn check(form: Form, good: &[&str], bad: &[&str]) {
        for good in good {
            assert!(Moment::parse(form, good).is_some(), "{good}");
        }
        for bad in bad {
            assert!(Moment::parse(form, bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_days_that_exist_are_dates() {
        check(
            Form::Date,
            &[
                "2026-07-31",
                "2024-02-29",
                "2000-02-29Z",
                "2026-01-01-14:00",
                "12026-01-01",
                "-0044-03-15",
                "123456789012345678-01-01",
            ],
            &[
                "",
                "2026-02-30",
                "2025-02-29",
                "1900-02-29",
                "2026-13-01",
                "2026-00-01",
                "2026-01-00",
                "26-01-01",
                "02026-01-01",
                "0000-01-01",
                "+2026-01-01",
                "31/07/2026",
                "2026-7-31",
                "2026-07-31z",
                "2026-07-31ZZ",
                "2026-07-31+14:01",
                "2026-07-31+1:00",
                "2026-07-31+0100",
                "2026-07-31 ",
                "2026-07-31T00:00:00",
                "2026-07-3é",
                "99999999999999999999-01-01",
            ],
        );
    }

    #[test]
    fn times_have_seconds_and_may_have_a_zone() {
        check(
            Form::DateTime,
            &[
                "2026-07-08T09:14:22.351+01:00",
                "2026-07-08T24:00:00.0",
                "2026-07-08T00:00:00Z",
            ],
            &[
                "2026-07-08",
                "2026-07-08T09:14",
                "2026-07-08T24:00:01",
                "2026-07-08T24:00:00.001",
                "2026-07-08T09:60:00",
                "2026-07-08T09:14:60",
                "2026-07-08 09:14:22",
                "2026-07-08T09:14:22.",
                "2026-07-08T25:00:00",
            ],
        );
        check(
            Form::Time,
            &["00:00:00", "24:00:00", "23:59:59.999999999999999999999Z"],
            &[
                "24:00:00.1",
                "9:00:00",
                "09:00",
                "T09:00:00",
                "09:00:00+15:00",
            ],
        );
    }

    #[test]
    fn parts_of_dates_have_their_dashes() {
        check(
            Form::YearMonth,
            &["2026-07", "-0001-12Z", "12026-01"],
            &["2026", "2026-13", "2026-00", "2026-07-01", "0000-01"],
        );
        check(
            Form::Year,
            &["2026", "-2026+05:00", "10000"],
            &["26", "0000", "02026", "2026-"],
        );
        check(
            Form::MonthDay,
            &["--02-29", "--12-31Z"],
            &["--02-30", "--04-31", "--13-01", "-12-31", "--1-01"],
        );
        check(
            Form::Day,
            &["---01", "---31-14:00"],
            &["---32", "---00", "--31", "---1"],
        );
        check(
            Form::Month,
            &["--01", "--12Z"],
            &["--13", "--00", "-01", "--01--"],
        );
    }

    #[test]
    fn moments_with_zones_are_compared_in_utc() {
        let date_time = |one, other| compare(Form::DateTime, one, other);
        assert_eq!(
            date_time("2026-01-01T00:00:00+01:00", "2025-12-31T23:00:00Z"),
            Some(Ordering::Equal)
        );
        assert_eq!(
            date_time("2025-12-31T24:00:00", "2026-01-01T00:00:00"),
            Some(Ordering::Equal)
        );
        assert_eq!(
            date_time("2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.09Z"),
            Some(Ordering::Greater)
        );
        assert_eq!(
            date_time("-0002-01-01T00:00:00Z", "-0001-01-01T00:00:00Z"),
            Some(Ordering::Less)
        );
        // There is no year 0 between.
        assert_eq!(
            date_time("-0001-12-31T24:00:00Z", "0001-01-01T00:00:00Z"),
            Some(Ordering::Equal)
        );
        assert_eq!(
            date_time("12000-03-01T00:00:00", "12000-02-29T24:00:00"),
            Some(Ordering::Equal)
        );
    }

    #[test]
    fn without_a_zone_fourteen_hours_are_in_doubt() {
        let date_time = |one, other| compare(Form::DateTime, one, other);
        assert_eq!(
            date_time("2000-01-15T00:00:00", "2000-02-15T00:00:00Z"),
            Some(Ordering::Less)
        );
        assert_eq!(
            date_time("2000-01-15T12:00:00", "2000-01-16T12:00:00Z"),
            Some(Ordering::Less)
        );
        for near in [
            "2000-01-16T00:00:00Z",
            "2000-01-15T12:00:00Z",
            "2000-01-16T02:00:00Z",
        ] {
            assert_eq!(date_time("2000-01-15T12:00:00", near), None, "{near}");
        }
        assert_eq!(compare(Form::Year, "2026", "2026Z"), None);
        assert_eq!(compare(Form::Year, "2026", "2027Z"), Some(Ordering::Less));
    }

    #[test]
    fn midnight_is_one_time_of_day() {
        assert_eq!(
            compare(Form::Time, "24:00:00", "00:00:00"),
            Some(Ordering::Equal)
        );
        assert_eq!(
            compare(Form::Time, "10:00:00+02:00", "08:00:00Z"),
            Some(Ordering::Equal)
        );
    }

    #[test]
    fn the_days_of_all_months_follow_each_other() {
        for year in [-5, -4, -1, 0, 1, 4, 100, 400, 1900, 2000, 2024, 2025] {
            for month in 1..=12 {
                let (next_year, next) = match month {
                    12 => (year + 1, 1),
                    _ => (year, month + 1),
                };
                let len = days(i128::from(next_year), next) - days(i128::from(year), month);
                assert_eq!(len, i128::from(days_in(year, month)), "{year}-{month}");
            }
        }
    }
}
