//! Dates and times as XML Schema writes them.

/// Is `value` an `xs:date`, such as `2026-07-31` or `2026-07-31+01:00`?
pub(crate) fn is_date(value: &str) -> bool {
    date_and_rest(value).is_some_and(is_zone)
}

/// Is `value` an `xs:dateTime`, such as `2026-07-31T09:30:00Z`?
pub(crate) fn is_date_time(value: &str) -> bool {
    date_and_rest(value)
        .and_then(|rest| rest.strip_prefix('T'))
        .and_then(time_and_rest)
        .is_some_and(is_zone)
}

/// Year, month and day at the front of `value`, and what follows.
pub(crate) fn year_month_day(value: &str) -> Option<(i64, u32, u32, &str)> {
    let (is_negative, rest) = match value.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, value),
    };
    let year_len = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (year, rest) = rest.split_at(year_len);
    // Four digits, or more without a zero in front; there is no year 0.
    if year_len < 4 || (year_len > 4 && year.starts_with('0')) {
        return None;
    }
    let year: i64 = year.parse().ok()?;
    let (month, rest) = two_digits(rest.strip_prefix('-')?)?;
    let (day, rest) = two_digits(rest.strip_prefix('-')?)?;
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    };
    let fits = year != 0 && (1..=days).contains(&day);
    fits.then_some((if is_negative { -year } else { year }, month, day, rest))
}

fn date_and_rest(value: &str) -> Option<&str> {
    year_month_day(value).map(|(_, _, _, rest)| rest)
}

fn time_and_rest(value: &str) -> Option<&str> {
    let (hour, rest) = two_digits(value)?;
    let (minute, rest) = two_digits(rest.strip_prefix(':')?)?;
    let (second, rest) = two_digits(rest.strip_prefix(':')?)?;
    let (is_whole, rest) = match rest.strip_prefix('.') {
        Some(fraction) => {
            let len = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let (digits, rest) = fraction.split_at(len);
            if digits.is_empty() {
                return None;
            }
            (digits.bytes().all(|digit| digit == b'0'), rest)
        }
        None => (true, rest),
    };
    // 24:00:00 is the midnight that ends a day.
    let is_midnight = hour == 24 && minute == 0 && second == 0 && is_whole;
    let fits = (hour < 24 || is_midnight) && minute < 60 && second < 60;
    fits.then_some(rest)
}

/// Nothing, `Z`, or an offset of at most fourteen hours.
fn is_zone(rest: &str) -> bool {
    if rest.is_empty() || rest == "Z" {
        return true;
    }
    let offset = rest
        .strip_prefix(['+', '-'])
        .and_then(two_digits)
        .and_then(|(hours, rest)| Some((hours, two_digits(rest.strip_prefix(':')?)?)));
    offset.is_some_and(|(hours, (minutes, rest))| {
        rest.is_empty() && minutes < 60 && (hours < 14 || (hours == 14 && minutes == 0))
    })
}

fn two_digits(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    let is_digits = digits.bytes().all(|octet| octet.is_ascii_digit());
    is_digits.then(|| digits.parse().ok().map(|number| (number, rest)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_dates() {
        for good in [
            "2026-07-31",
            "2024-02-29",
            "2000-02-29Z",
            "2026-01-01-14:00",
            "12026-01-01",
            "-0044-03-15",
        ] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
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
            "31/07/2026",
            "2026-7-31",
            "2026-07-31z",
            "2026-07-31+14:01",
            "2026-07-31+1:00",
            "2026-07-31T00:00:00",
            "2026-07-3é",
            "99999999999999999999-01-01",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn times_have_seconds_and_may_have_a_zone() {
        for good in [
            "2026-07-08T09:14:22.351+01:00",
            "2026-07-08T24:00:00.0",
            "2026-07-08T00:00:00Z",
        ] {
            assert!(is_date_time(good), "{good}");
        }
        for bad in [
            "2026-07-08",
            "2026-07-08T09:14",
            "2026-07-08T24:00:01",
            "2026-07-08T09:60:00",
            "2026-07-08T09:14:60",
            "2026-07-08 09:14:22",
            "2026-07-08T09:14:22.",
            "2026-07-08T25:00:00",
        ] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }
}
