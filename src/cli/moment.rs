//! Moments, as commands print them: always in UTC, and saying so.

use crate::domain::Timestamp;

/// For people, to the second.
pub(crate) fn shown(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// For programs: RFC 3339, to the millisecond.
pub(crate) fn stamp(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_utc() {
        let moment: Timestamp = "2026-06-12T10:00:01.0205+02:00".parse().unwrap();
        assert_eq!(shown(moment), "2026-06-12 08:00:01Z");
        assert_eq!(stamp(moment), "2026-06-12T08:00:01.020Z");
    }
}
