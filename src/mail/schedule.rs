//! When a mail that was not taken is tried again. Pure.

use jiff::SignedDuration;

use crate::domain::Timestamp;
use crate::domain::notice::Mail;
use crate::mail::digest::later;
use crate::mail::transport::Delivery;
use crate::store::MailNext;

/// The times between two attempts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    /// After the first attempt; it doubles.
    pub(crate) first: SignedDuration,
    /// It doubles up to here.
    pub(crate) longest: SignedDuration,
    /// A mail as old as this, or that somebody had tried again so long ago, is given up.
    pub(crate) give_up_after: SignedDuration,
}

impl Schedule {
    /// What follows on an attempt of `mail` that ended `now`. `mail.attempts` does not count it yet.
    ///
    /// Up to a tenth is added to the delay, as `jitter` (0 to 255) says, so that mails that failed
    /// together do not all come back at once. The last attempt is made when the time is up.
    pub(crate) fn next(
        &self,
        mail: &Mail,
        delivery: &Delivery,
        now: Timestamp,
        jitter: u8,
    ) -> MailNext {
        match delivery {
            Delivery::Taken(_) => MailNext::Sent,
            Delivery::Never(_) => MailNext::GiveUp,
            Delivery::Later(_) => {
                let end = later(mail.retried.unwrap_or(mail.created), self.give_up_after);
                if now >= end {
                    return MailNext::GiveUp;
                }
                MailNext::Again(later(now, self.delay(mail.attempts, jitter)).min(end))
            }
        }
    }

    fn delay(&self, attempts: u32, jitter: u8) -> SignedDuration {
        let factor = 1_i32.checked_shl(attempts.min(30)).unwrap_or(i32::MAX);
        let delay = self.first.checked_mul(factor).unwrap_or(self.longest);
        let delay = delay.min(self.longest);
        let part = i32::from(jitter).saturating_mul(100).saturating_div(255);
        // A thousandth times 0 to 100.
        let extra = (delay / 1000).checked_mul(part).unwrap_or_default();
        delay.checked_add(extra).unwrap_or(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::samples::{at, mail};

    fn schedule() -> Schedule {
        Schedule {
            first: SignedDuration::from_mins(1),
            longest: SignedDuration::from_hours(4),
            give_up_after: SignedDuration::from_hours(5 * 24),
        }
    }

    fn busy() -> Delivery {
        Delivery::Later("451 try later".to_owned())
    }

    #[test]
    fn the_delay_doubles_from_a_minute_to_four_hours() {
        let mut mail = mail();
        let minutes: Vec<i64> = (0..40)
            .map(|attempts| {
                mail.attempts = attempts;
                match schedule().next(&mail, &busy(), mail.created, 0) {
                    MailNext::Again(then) => then.duration_since(mail.created).as_mins(),
                    other => panic!("{other:?}"),
                }
            })
            .collect();
        assert_eq!(minutes[..10], [1, 2, 4, 8, 16, 32, 64, 128, 240, 240]);
        assert!(minutes[10..].iter().all(|delay| *delay == 240));
    }

    #[test]
    fn up_to_a_tenth_is_added_so_that_mails_spread_out() {
        let mail = mail();
        let delay = |jitter| match schedule().next(&mail, &busy(), at("12:00:00"), jitter) {
            MailNext::Again(then) => then.duration_since(at("12:00:00")).as_millis(),
            other => panic!("{other:?}"),
        };
        assert_eq!([delay(0), delay(128), delay(255)], [60_000, 63_000, 66_000]);
    }

    #[test]
    fn after_five_days_there_is_a_last_attempt_and_then_no_more() {
        let mut mail = mail();
        mail.attempts = 35;
        let end = later(mail.created, schedule().give_up_after);
        let shortly_before = later(end, SignedDuration::from_mins(-5));
        assert_eq!(
            schedule().next(&mail, &busy(), shortly_before, 9),
            MailNext::Again(end)
        );
        assert_eq!(schedule().next(&mail, &busy(), end, 9), MailNext::GiveUp);
    }

    #[test]
    fn a_mail_that_is_tried_again_has_all_its_time_again() {
        let mut mail = mail();
        let retried = later(mail.created, SignedDuration::from_hours(30 * 24));
        mail.retried = Some(retried);
        let next = schedule().next(&mail, &busy(), retried, 0);
        assert!(matches!(next, MailNext::Again(_)), "{next:?}");
        let end = later(retried, schedule().give_up_after);
        assert_eq!(schedule().next(&mail, &busy(), end, 0), MailNext::GiveUp);
    }

    #[test]
    fn a_mail_that_was_taken_or_refused_for_good_is_settled() {
        let (mail, now) = (mail(), at("12:00:00"));
        let taken = Delivery::Taken("250 ok".to_owned());
        let never = Delivery::Never("550 no such user".to_owned());
        assert_eq!(schedule().next(&mail, &taken, now, 0), MailNext::Sent);
        assert_eq!(schedule().next(&mail, &never, now, 0), MailNext::GiveUp);
    }
}
