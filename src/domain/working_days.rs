//! Working days: when a promise of so many ends.

use jiff::civil::{Date, Weekday};

/// The day on which a promise of `days` working days ends that was given on `from`: weekends and
/// `holidays` are not counted, and a promise given on such a day runs from the next working day on
/// as if it had been given on the last working day before.
pub fn promise_ends(from: Date, days: u32, holidays: &[Date]) -> Date {
    let mut day = from;
    let mut left = days;
    while left > 0 {
        let Ok(next) = day.tomorrow() else {
            return day;
        };
        day = next;
        if is_working(day, holidays) {
            left -= 1;
        }
    }
    day
}

/// Is it a day on which people work?
pub fn is_working(day: Date, holidays: &[Date]) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.contains(&day)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn five_working_days_leave_out_weekends_and_holidays() {
        // Easter 2026: Friday 3 and Monday 6 April.
        let easter = [date(2026, 4, 3), date(2026, 4, 6)];
        let cases = [
            (date(2026, 6, 1), date(2026, 6, 8)),
            (date(2026, 6, 5), date(2026, 6, 12)),
            (date(2026, 6, 6), date(2026, 6, 12)),
            (date(2026, 6, 7), date(2026, 6, 12)),
            (date(2026, 4, 1), date(2026, 4, 10)),
            (date(2026, 4, 3), date(2026, 4, 13)),
        ];
        for (from, ends) in cases {
            assert_eq!(promise_ends(from, 5, &easter), ends, "{from}");
        }
        assert_eq!(promise_ends(date(2026, 6, 6), 0, &[]), date(2026, 6, 6));
    }
}
