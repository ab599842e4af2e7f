//! When is a dropped file complete, to be taken, or given up? Pure.
//!
//! Waits are measured by [`uptime`](crate::runtime::Clock::uptime): a clock that is set ends none and
//! makes none longer.

use std::time::Duration;

use crate::config;
use crate::domain::submission::{FileMark, GivenUp};
use crate::doors::complete::{Completeness, completeness};

/// What was found in a file as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A whole document, or one that can never become one.
    Whole,
    /// It may go on.
    Incomplete,
    /// Whole, but the marker has not come that its account uses.
    Unmarked,
    /// Nothing but blanks so far.
    Empty,
    /// Past the limit, and its end looks like the end of a document.
    TooLarge,
    /// Past the limit, and it may go on.
    TooLargeYet,
}

impl Shape {
    /// The shape of a file of at most the largest size.
    pub(super) fn of(octets: &[u8]) -> Self {
        match completeness(octets) {
            Completeness::Complete => Self::Whole,
            Completeness::Incomplete => Self::Incomplete,
            Completeness::Empty => Self::Empty,
        }
    }

    /// The shape of a larger file, by its last octets: does a tag end there? It is refused either
    /// way; this only says whether the answer may come at once.
    pub(super) fn of_large(tail: &[u8]) -> Self {
        let last = tail
            .iter()
            .rfind(|octet| !octet.is_ascii_whitespace() && **octet != 0);
        if last == Some(&b'>') {
            Self::TooLarge
        } else {
            Self::TooLargeYet
        }
    }
}

/// A file that is not taken yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pending {
    /// The file as it was seen last.
    pub(super) mark: FileMark,
    /// Since when it is seen so, as uptime.
    pub(super) since: Duration,
    /// What was found in it; `None` before it was read.
    pub(super) shape: Option<Shape>,
}

/// What to do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Look again after so long.
    Wait(Duration),
    /// Read it, and ask again.
    Read,
    /// Take it in as it is.
    Take,
    /// Take it in, unjudged.
    GiveUp(GivenUp),
}

impl Pending {
    /// What is known after another look. A file that changed begins anew.
    pub(super) fn seen(known: Option<Self>, mark: FileMark, now: Duration) -> Self {
        known.filter(|known| known.mark == mark).unwrap_or(Self {
            mark,
            since: now,
            shape: None,
        })
    }

    /// What to do now. `is_living`: the session that wrote the file may go on with it.
    pub(super) fn next(
        &self,
        is_living: bool,
        now: Duration,
        config: &config::DropFolders,
    ) -> Next {
        let unchanged = now.saturating_sub(self.since);
        let left = |wait: Duration| wait.checked_sub(unchanged).filter(|left| !left.is_zero());
        if let Some(left) = left(config.settle) {
            return Next::Wait(left);
        }
        let (wait, reason) = match self.shape {
            None => return Next::Read,
            Some(Shape::Whole) => return Next::Take,
            Some(Shape::TooLarge) => return Next::GiveUp(GivenUp::TooLarge),
            Some(shape) => (
                if is_living {
                    config.incomplete_wait_in_session
                } else {
                    config.incomplete_wait
                },
                match shape {
                    Shape::Empty => GivenUp::Empty,
                    Shape::Unmarked => GivenUp::Unmarked,
                    Shape::TooLargeYet => GivenUp::TooLarge,
                    _ => GivenUp::Incomplete,
                },
            ),
        };
        left(wait).map_or(Next::GiveUp(reason), Next::Wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(size_bytes: u64, modified_ns: i64) -> FileMark {
        FileMark {
            inode: 1,
            size_bytes,
            modified_ns,
        }
    }

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn pending(shape: Option<Shape>) -> Pending {
        Pending {
            shape,
            ..Pending::seen(None, mark(1, 1), at(0))
        }
    }

    #[test]
    fn what_is_done_depends_on_the_shape_the_time_and_the_session() {
        use GivenUp::{Empty, Incomplete, TooLarge, Unmarked};
        use Next::{GiveUp, Read, Take};
        let config = config::DropFolders::default();
        let wait = |milliseconds| Next::Wait(Duration::from_millis(milliseconds));
        // Shape, is the session living, milliseconds unchanged: what to do.
        let table = [
            (None, false, 0, wait(500)),
            (None, false, 499, wait(1)),
            (None, false, 500, Read),
            (None, true, 500, Read),
            (Some(Shape::Whole), false, 499, wait(1)),
            (Some(Shape::Whole), false, 500, Take),
            (Some(Shape::Whole), true, 500, Take),
            (Some(Shape::TooLarge), false, 500, GiveUp(TooLarge)),
            (Some(Shape::TooLargeYet), false, 500, wait(119_500)),
            (Some(Shape::TooLargeYet), false, 120_000, GiveUp(TooLarge)),
            (Some(Shape::Incomplete), false, 500, wait(119_500)),
            (Some(Shape::Incomplete), false, 119_999, wait(1)),
            (Some(Shape::Incomplete), false, 120_000, GiveUp(Incomplete)),
            (Some(Shape::Incomplete), true, 120_000, wait(780_000)),
            (Some(Shape::Incomplete), true, 900_000, GiveUp(Incomplete)),
            (Some(Shape::Empty), false, 120_000, GiveUp(Empty)),
            (Some(Shape::Unmarked), false, 119_999, wait(1)),
            (Some(Shape::Unmarked), false, 120_000, GiveUp(Unmarked)),
        ];
        for (shape, is_living, unchanged, wanted) in table {
            let next = pending(shape).next(is_living, at(unchanged), &config);
            assert_eq!(next, wanted, "{shape:?} {is_living} {unchanged}");
        }
    }

    #[test]
    fn a_change_begins_the_wait_anew() {
        let first = pending(Some(Shape::Incomplete));
        let same = Pending::seen(Some(first), mark(1, 1), at(400));
        assert_eq!(same, first);
        for changed in [
            mark(2, 1),
            mark(1, 2),
            FileMark {
                inode: 2,
                ..mark(1, 1)
            },
        ] {
            let again = Pending::seen(Some(first), changed, at(400));
            assert_eq!((again.since, again.shape), (at(400), None));
        }
    }

    #[test]
    fn the_end_of_a_large_file_says_whether_more_may_come() {
        assert_eq!(Shape::of_large(b"</Root>\r\n"), Shape::TooLarge);
        assert_eq!(Shape::of_large(b"\0>\0\n\0"), Shape::TooLarge);
        assert_eq!(Shape::of_large(b"<Vin>WVW"), Shape::TooLargeYet);
        assert_eq!(Shape::of_large(b""), Shape::TooLargeYet);
    }

    #[test]
    fn a_small_files_shape_is_its_completeness() {
        assert_eq!(Shape::of(b"<a></a>"), Shape::Whole);
        assert_eq!(Shape::of(b"<a><b>"), Shape::Incomplete);
        assert_eq!(Shape::of(b" \n"), Shape::Empty);
    }
}
