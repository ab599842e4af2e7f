//! Which windows close when, who is told, and what stands in each digest. Pure: no clock, no store.
//!
//! A *window* gathers the outcomes of one account. It is opened by the first failure, or, if anybody
//! of the account wants to hear of everything, by the first outcome; it closes after `window`, but
//! not before `pause` has passed since the account's last mail. Outcomes that came before the first
//! failure wait with it, so that the digest can count them; if no failure comes, they are closed
//! without a mail.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::Timestamp;
use crate::domain::account::{Account, MailPreference};
use crate::domain::notice::Notice;
use crate::store::{Recipient, WindowDue};

/// How fast mails may follow each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// How long a window is open.
    pub(crate) window: SignedDuration,
    /// The least time between two mails of an account.
    pub(crate) pause: SignedDuration,
}

impl Pace {
    /// When a window closes that was opened then. What a clock noted that was ahead, further than any
    /// wait lasts, is not believed: else one mail of next year silences an account until then.
    pub(crate) fn closes(
        &self,
        opened: Timestamp,
        last_mail: Option<Timestamp>,
        now: Timestamp,
    ) -> Timestamp {
        let full = if opened > later(now, self.window) {
            now
        } else {
            later(opened, self.window)
        };
        let last_mail = last_mail.filter(|last| *last <= later(now, self.pause));
        last_mail.map_or(full, |last| full.max(later(last, self.pause)))
    }
}

/// `by` after `moment`; the end of time if that is past it.
pub(crate) fn later(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// What is to be done with a window now.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// Nothing before then.
    Wait(Timestamp),
    /// Close it, and send these; none if nobody wants to hear of it.
    Close(Vec<Digest<'a>>),
}

/// Which kind of digest it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What a window gathered.
    Window,
    /// What a day gathered.
    Day,
}

/// What one person is told in one mail.
#[derive(Debug)]
pub(crate) struct Digest<'a> {
    /// Window or day.
    pub(crate) kind: Kind,
    /// Whose outcomes.
    pub(crate) account: &'a Account,
    /// Who is told.
    pub(crate) recipient: &'a Recipient,
    /// The outcomes that failed, oldest first.
    pub(crate) failed: Vec<&'a Notice>,
    /// The others, oldest first. Someone who asked for failures only is told their number.
    pub(crate) accepted: Vec<&'a Notice>,
    /// The Message-ID of the account's first mail of the last 24 hours.
    pub(crate) first_message_id: Option<&'a str>,
}

impl Digest<'_> {
    /// Are the accepted ones listed, or only counted?
    pub(crate) fn lists_accepted(&self) -> bool {
        self.recipient.preference != MailPreference::Failures
    }
}

/// Decides what is to be done with the notices of an account that wait.
pub(crate) fn judge_window(window: &WindowDue, now: Timestamp, pace: Pace) -> Step<'_> {
    let Some(oldest) = earliest(window.notices.iter()) else {
        return Step::Close(Vec::new());
    };
    let wants = |preference| {
        let mut recipients = window.recipients.iter();
        recipients.any(|recipient| recipient.preference == preference)
    };
    let first_failure = earliest(window.notices.iter().filter(|notice| notice.is_failure));
    let opened = match first_failure {
        Some(failure) if !wants(MailPreference::All) && wants(MailPreference::Failures) => failure,
        _ => oldest,
    };
    let closes = pace.closes(opened, window.last_mail, now);
    if now < closes {
        Step::Wait(closes)
    } else {
        Step::Close(digests(window, Kind::Window))
    }
}

/// The daily summaries of an account, one for each who wants it.
pub(crate) fn summaries(day: &WindowDue) -> Vec<Digest<'_>> {
    digests(day, Kind::Day)
}

/// The last moment, now or before, at which daily summaries are due.
pub(crate) fn last_daily(now: Timestamp, zone: &TimeZone, hour: i8) -> Timestamp {
    let today = now.to_zoned(zone.clone()).date();
    // An hour that the clocks leave out is taken to be the one after it.
    let due = |date: Date| {
        let local = date.at(hour, 0, 0, 0).to_zoned(zone.clone());
        local.map(|moment| moment.timestamp())
    };
    let days = [Ok(today), today.yesterday()];
    let mut moments = days.into_iter().flatten().flat_map(due);
    moments
        .find(|moment| *moment <= now)
        .unwrap_or(Timestamp::MIN)
}

fn earliest<'a>(notices: impl Iterator<Item = &'a Notice>) -> Option<Timestamp> {
    notices.map(|notice| notice.decided).min()
}

fn digests(window: &WindowDue, kind: Kind) -> Vec<Digest<'_>> {
    let (failed, accepted): (Vec<_>, Vec<_>) =
        window.notices.iter().partition(|notice| notice.is_failure);
    let is_told = |preference| match (kind, preference) {
        (Kind::Window, MailPreference::All) | (Kind::Day, MailPreference::Daily) => true,
        (Kind::Window, MailPreference::Failures) => !failed.is_empty(),
        _ => false,
    };
    if window.notices.is_empty() {
        return Vec::new();
    }
    // Two users, or a user and a fixed address, can share a mailbox: it gets one mail, and the one that says
    // more.
    let mut recipients: Vec<&Recipient> = window.recipients.iter().collect();
    recipients.sort_by_key(|recipient| recipient.preference);
    let mut seen = BTreeSet::new();
    recipients.retain(|recipient| {
        is_told(recipient.preference) && seen.insert(recipient.mail.as_str().to_ascii_lowercase())
    });
    let digest = |recipient| Digest {
        kind,
        account: &window.account,
        recipient,
        failed: failed.clone(),
        accepted: accepted.clone(),
        first_message_id: window.first_message_id.as_deref(),
    };
    recipients.into_iter().map(digest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::samples::{accepted, at, failed, pace, recipient, window};

    fn waits_until(window: &WindowDue, now: &str) -> Option<Timestamp> {
        match judge_window(window, at(now), pace()) {
            Step::Wait(until) => Some(until),
            Step::Close(_) => None,
        }
    }

    fn told(window: &WindowDue, now: &str) -> Vec<String> {
        match judge_window(window, at(now), pace()) {
            Step::Wait(until) => panic!("waits until {until}"),
            Step::Close(digests) => digests
                .iter()
                .map(|digest| {
                    let (failed, accepted) = (digest.failed.len(), digest.accepted.len());
                    format!("{} {failed}+{accepted}", digest.recipient.name)
                })
                .collect(),
        }
    }

    #[test]
    fn the_first_failure_opens_a_window_of_two_minutes() {
        let mut due = window(
            vec![
                accepted(1, "10:00:00"),
                failed(2, "10:01:30"),
                failed(3, "10:02:00"),
            ],
            vec![recipient("Ann", MailPreference::Failures)],
        );
        assert_eq!(waits_until(&due, "10:03:29"), Some(at("10:03:30")));
        assert_eq!(told(&due, "10:03:30"), ["Ann 2+1"]);
        due.last_mail = Some(at("09:00:00"));
        assert_eq!(told(&due, "10:03:30"), ["Ann 2+1"]);
    }

    #[test]
    fn after_a_mail_the_next_waits_for_the_pause() {
        let mut due = window(
            vec![failed(1, "10:01:00")],
            vec![recipient("Ann", MailPreference::Failures)],
        );
        due.last_mail = Some(at("10:00:00"));
        assert_eq!(waits_until(&due, "10:14:59"), Some(at("10:15:00")));
        assert_eq!(told(&due, "10:15:00"), ["Ann 1+0"]);
        // A failure just before the pause ends still gets a whole window.
        due.notices = vec![failed(1, "10:14:30")];
        assert_eq!(waits_until(&due, "10:15:00"), Some(at("10:16:30")));
    }

    #[test]
    fn what_a_clock_noted_that_was_ahead_silences_nobody() {
        let recipients = vec![recipient("Ann", MailPreference::Failures)];
        let mut due = window(vec![failed(1, "10:01:00")], recipients);
        due.last_mail = Some(at("23:00:00"));
        assert_eq!(waits_until(&due, "10:02:59"), Some(at("10:03:00")));
        assert_eq!(told(&due, "10:03:00"), ["Ann 1+0"]);
        due.last_mail = None;
        due.notices = vec![failed(1, "23:00:00")];
        assert_eq!(told(&due, "10:03:00"), ["Ann 1+0"]);
        // Another node's clock may be a little ahead.
        due.notices = vec![failed(1, "10:03:01")];
        assert_eq!(waits_until(&due, "10:03:00"), Some(at("10:05:01")));
    }

    #[test]
    fn the_first_outcome_opens_a_window_for_those_who_want_all() {
        let due = window(
            vec![accepted(1, "10:00:00"), failed(2, "10:01:59")],
            vec![
                recipient("Ann", MailPreference::Failures),
                recipient("Bob", MailPreference::All),
            ],
        );
        assert_eq!(waits_until(&due, "10:01:59"), Some(at("10:02:00")));
        assert_eq!(told(&due, "10:02:00"), ["Bob 1+1", "Ann 1+1"]);
    }

    #[test]
    fn a_window_without_failures_is_silent_unless_somebody_wants_all() {
        let mut due = window(
            vec![accepted(1, "10:00:00"), accepted(2, "10:00:01")],
            vec![
                recipient("Ann", MailPreference::Failures),
                recipient("Dan", MailPreference::Daily),
                recipient("Nia", MailPreference::None),
            ],
        );
        assert_eq!(waits_until(&due, "10:01:00"), Some(at("10:02:00")));
        assert!(told(&due, "10:02:00").is_empty());
        due.recipients.push(recipient("Bob", MailPreference::All));
        assert_eq!(told(&due, "10:02:00"), ["Bob 0+2"]);
    }

    #[test]
    fn failures_that_nobody_wants_to_hear_of_are_closed_without_a_mail() {
        let due = window(
            vec![accepted(1, "10:00:00"), failed(2, "10:01:00")],
            vec![
                recipient("Dan", MailPreference::Daily),
                recipient("Nia", MailPreference::None),
            ],
        );
        assert!(told(&due, "10:02:00").is_empty());
    }

    #[test]
    fn a_mailbox_that_two_users_share_gets_one_mail_and_the_fuller_one() {
        let mut bob = recipient("Bob", MailPreference::All);
        bob.mail = recipient("ann", MailPreference::All).mail;
        let due = window(
            vec![failed(1, "10:00:00")],
            vec![recipient("Ann", MailPreference::Failures), bob],
        );
        assert_eq!(told(&due, "10:02:00"), ["Bob 1+0"]);
    }

    #[test]
    fn a_fixed_address_opens_and_closes_windows_as_a_user_does() {
        let mut ops = recipient("Ops", MailPreference::All);
        ops.user = None;
        let due = window(
            vec![accepted(1, "10:00:00")],
            vec![recipient("Ann", MailPreference::None), ops],
        );
        assert_eq!(told(&due, "10:02:00"), ["Ops 0+1"]);
    }

    #[test]
    fn the_daily_summary_goes_to_those_who_want_it_and_to_nobody_else() {
        let due = window(
            vec![accepted(1, "10:00:00"), failed(2, "11:00:00")],
            vec![
                recipient("Ann", MailPreference::Failures),
                recipient("Bob", MailPreference::All),
                recipient("Dan", MailPreference::Daily),
                recipient("Nia", MailPreference::None),
            ],
        );
        let days = summaries(&due);
        let names: Vec<&str> = days.iter().map(|day| day.recipient.name.as_str()).collect();
        assert_eq!(names, ["Dan"]);
        assert!(days[0].lists_accepted());
        assert!(summaries(&window(vec![], due.recipients.clone())).is_empty());
    }

    #[test]
    fn the_daily_hour_is_that_of_the_authority_in_summer_and_in_winter() {
        let london = TimeZone::get("Europe/London").unwrap();
        let daily = |now: &str| {
            let now: Timestamp = now.parse().unwrap();
            last_daily(now, &london, 7).to_string()
        };
        assert_eq!(daily("2026-06-12T05:59:59Z"), "2026-06-11T06:00:00Z");
        assert_eq!(daily("2026-06-12T06:00:00Z"), "2026-06-12T06:00:00Z");
        assert_eq!(daily("2026-12-12T06:59:59Z"), "2026-12-11T07:00:00Z");
        assert_eq!(daily("2026-12-12T23:00:00Z"), "2026-12-12T07:00:00Z");
        // On 29 March 2026 the hour from 1 to 2 is left out.
        let skipped: Timestamp = "2026-03-29T12:00:00Z".parse().unwrap();
        assert_eq!(
            last_daily(skipped, &london, 1).to_string(),
            "2026-03-29T01:00:00Z"
        );
    }
}
