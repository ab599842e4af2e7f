//! Which octets of an upload have come. Pure.
//!
//! Clients write in any order, leave off anywhere, and some write over what lay there without cutting it first. What they
//! did not write is an older file's, or nothing at all: together with what they wrote it could look like a whole document.
//!
//! *Limits*: [`RUNS_MAX`] runs of octets are told apart; the last ones count as if they had not come.

use std::ops::Range;

/// More than a client has requests under way at the same time; each takes 16 octets.
const RUNS_MAX: usize = 256;

/// The octets that were written, as runs in their order, none touching another.
#[derive(Debug, Default)]
pub(super) struct Written(Vec<Range<u64>>);

impl Written {
    /// Did any come?
    pub(super) fn is_any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Those of `span` came.
    pub(super) fn add(&mut self, span: Range<u64>) {
        if span.is_empty() {
            return;
        }
        let from = self.0.partition_point(|run| run.end < span.start);
        let to = self.0.partition_point(|run| run.start <= span.end);
        let met = self.0.get(from..to).unwrap_or_default();
        let start = met
            .first()
            .map_or(span.start, |run| run.start.min(span.start));
        let end = met.last().map_or(span.end, |run| run.end.max(span.end));
        self.0.splice(from..to, std::iter::once(start..end));
        self.0.truncate(RUNS_MAX);
    }

    /// The file was cut to `size` octets.
    pub(super) fn cut(&mut self, size: u64) {
        self.0.retain_mut(|run| {
            run.end = run.end.min(size);
            !run.is_empty()
        });
    }

    /// How much of a file is sound that began with `kept` octets, when its client left off: what was kept, up to the first
    /// octet that came, and what came from there on without a gap.
    pub(super) fn sound(&self, kept: u64) -> u64 {
        match self.0.first() {
            Some(first) if first.start <= kept => first.end,
            _ => kept,
        }
    }

    /// Was a file of `kept` octets overwritten from its beginning, and not to its end?
    pub(super) fn is_half_over(&self, kept: u64) -> bool {
        self.0
            .first()
            .is_some_and(|first| first.start == 0 && first.end < kept)
    }
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "runs are ranges")]
mod tests {
    use super::*;

    fn written(spans: &[Range<u64>]) -> Written {
        let mut written = Written::default();
        for span in spans {
            written.add(span.clone());
        }
        written
    }

    #[test]
    fn runs_that_meet_are_one_in_whatever_order_they_came() {
        assert_eq!(written(&[0..5, 5..9, 9..10]).0, [0..10]);
        assert_eq!(written(&[5..9, 0..5]).0, [0..9]);
        assert_eq!(written(&[0..2, 8..9, 4..6]).0, [0..2, 4..6, 8..9]);
        assert_eq!(written(&[0..2, 8..9, 4..6, 1..8]).0, [0..9]);
        assert_eq!(written(&[3..4, 3..4, 7..7]).0, [3..4]);
    }

    #[test]
    fn every_order_of_pieces_leaves_the_same_runs() {
        // A small generator of its own: the same pieces each time.
        let mut random = 1_u64;
        for _ in 0..200 {
            let mut octets = [false; 64];
            let mut all = Written::default();
            for _ in 0..12 {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let (start, bytes) = ((random >> 33) % 60, (random >> 50) % 5);
                all.add(start..start + bytes);
                for at in start..start + bytes {
                    octets[usize::try_from(at).unwrap()] = true;
                }
            }
            let mut runs = Vec::new();
            let mut at = 0;
            while at < 64 {
                let end = (at..64).find(|end| !octets[*end]).unwrap_or(64);
                if end > at {
                    runs.push(at as u64..end as u64);
                }
                at = end + 1;
            }
            assert_eq!(all.0, runs);
        }
    }

    #[test]
    fn what_was_kept_is_sound_up_to_the_first_that_came_and_what_came_to_its_first_gap() {
        assert_eq!(written(&[]).sound(10), 10);
        assert_eq!(written(&[0..4]).sound(10), 4);
        assert_eq!(written(&[0..4, 8..10]).sound(10), 4);
        assert_eq!(written(&[6..14]).sound(10), 14);
        assert_eq!(written(&[10..14, 20..30]).sound(10), 14);
        assert_eq!(written(&[12..14]).sound(10), 10);
        assert_eq!(written(&[0..4, 8..10]).sound(0), 4);
        assert_eq!(written(&[3..4]).sound(0), 0);
    }

    #[test]
    fn an_older_file_is_half_over_until_its_end_is_written_or_cut_off() {
        let mut some = written(&[0..4, 8..10]);
        assert!(some.is_half_over(10));
        some.cut(9);
        assert_eq!(some.0, [0..4, 8..9]);
        some.cut(4);
        assert!(!some.is_half_over(4));
        assert!(!written(&[0..4]).is_half_over(4));
        // A resume that repeats some octets.
        assert!(!written(&[2..4]).is_half_over(10));
    }

    #[test]
    fn runs_are_bounded() {
        let mut some = Written::default();
        for number in 0..10_000 {
            some.add(number * 2..number * 2 + 1);
        }
        assert_eq!(some.0.len(), RUNS_MAX);
        assert_eq!(some.0[0], 0..1);
    }
}
