//! From a digest to the mail that stands in the outbox: subject, text, HTML twin, CSV, Message-ID.
//!
//! *Trust*: file names come from senders and values in messages from documents; both pass
//! [`harmless`] before they go anywhere, and nothing of them goes into a header.

use askama::Template;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use crate::config::message_host;
use crate::domain;
use crate::domain::Timestamp;
use crate::domain::harmless::harmless;
use crate::domain::notice::{NewMail, Notice};
use crate::mail::csv;
use crate::mail::digest::{Digest, Kind};

/// The most letters of a manufacturer's name in a subject: what a list of mails shows of it.
const SUBJECT_NAME_MAX: usize = 60;

/// What begins every Message-ID of a digest.
const ID_PREFIX: &str = "ecoc.";

/// What every mail of this service has in common.
#[derive(Debug, Clone)]
pub(crate) struct House {
    /// The authority's name.
    pub(crate) organisation: String,
    /// Where users can ask.
    pub(crate) enquiries: String,
    /// Links begin with it; no slash at the end.
    pub(crate) public_url: String,
    /// The authority's time zone.
    pub(crate) zone: TimeZone,
    /// The most rows inline.
    pub(crate) rows_max: usize,
}

/// A digest as both templates show it.
struct Page {
    name: String,
    lead: String,
    span: String,
    failed: Part,
    accepted: Part,
    lists_accepted: bool,
    /// The recipient is no user.
    is_fixed: bool,
    preference: &'static str,
    organisation: String,
    enquiries: String,
    public_url: String,
}

/// One half of a digest.
struct Part {
    count: usize,
    rows: Vec<Row>,
    more: usize,
}

/// One outcome.
struct Row {
    file: String,
    vin: String,
    title: String,
    message: String,
    submission: String,
    link: String,
}

#[derive(Template)]
#[template(path = "digest.txt", config = "src/mail/templates/askama.toml")]
struct Text<'a> {
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "digest.html", config = "src/mail/templates/askama.toml")]
struct Html<'a> {
    page: &'a Page,
}

/// Writes a digest as a mail.
///
/// The Message-ID depends on the account, the window (its first and last notice) and the recipient
/// alone, so making the mail again makes the same one.
pub(crate) fn write(
    digest: &Digest<'_>,
    house: &House,
    now: Timestamp,
) -> Result<NewMail, askama::Error> {
    let page = page(digest, house);
    let message_id = message_id(digest, house);
    let references = digest
        .first_message_id
        .map(|first| own_copy(first, &message_id))
        .filter(|first| *first != message_id);
    Ok(NewMail {
        to: digest.recipient.mail.clone(),
        user: digest.recipient.user,
        account: Some(digest.account.id),
        message_id,
        references,
        subject: subject(digest, house, now),
        text: Text { page: &page }.render()?,
        html: Html { page: &page }.render()?,
        csv: Some(csv::write(digest, house)),
    })
}

/// The page where a submission is shown.
pub(crate) fn link(house: &House, notice: &Notice) -> String {
    format!("{}/submissions/{}", house.public_url, notice.submission)
}

fn page(digest: &Digest<'_>, house: &House) -> Page {
    let row = |notice: &&Notice| Row {
        file: harmless(&notice.file_name),
        vin: notice.vin.as_deref().map(harmless).unwrap_or_default(),
        title: harmless(&notice.title),
        message: harmless(&notice.message),
        submission: harmless(&notice.submission),
        link: link(house, notice),
    };
    let part = |notices: &[&Notice], room: usize| Part {
        count: notices.len(),
        rows: notices.iter().take(room).map(row).collect(),
        more: notices.len().saturating_sub(room),
    };
    let left = house.rows_max.saturating_sub(digest.failed.len());
    Page {
        name: harmless(&digest.recipient.name),
        lead: lead(digest),
        span: span(digest, &house.zone),
        failed: part(&digest.failed, house.rows_max),
        accepted: part(&digest.accepted, left),
        lists_accepted: digest.lists_accepted(),
        is_fixed: digest.recipient.user.is_none(),
        preference: digest.recipient.preference.in_words(),
        organisation: house.organisation.clone(),
        enquiries: house.enquiries.clone(),
        public_url: house.public_url.clone(),
    }
}

/// The sentence that says it all.
fn lead(digest: &Digest<'_>) -> String {
    let name = harmless(&digest.account.name);
    let (failed, all) = (
        digest.failed.len(),
        digest.failed.len().saturating_add(digest.accepted.len()),
    );
    match (failed, all) {
        (0, 1) => format!("The file that {name} handed in was accepted."),
        (0, _) => format!("All {all} files that {name} handed in were accepted."),
        (1, 1) => format!("The file that {name} handed in was not accepted."),
        (_, _) if failed == all => {
            format!("None of the {all} files that {name} handed in was accepted.")
        }
        (1, _) => format!("1 of the {all} files that {name} handed in was not accepted."),
        (_, _) => format!("{failed} of the {all} files that {name} handed in were not accepted."),
    }
}

/// From when to when the outcomes were decided.
fn span(digest: &Digest<'_>, zone: &TimeZone) -> String {
    let moments = || {
        let notices = digest.failed.iter().chain(&digest.accepted);
        notices.map(|notice| notice.decided)
    };
    let (Some(first), Some(last)) = (moments().min(), moments().max()) else {
        return String::new();
    };
    let (first, last) = (first.to_zoned(zone.clone()), last.to_zoned(zone.clone()));
    let begins = first.strftime("%-d %b %Y, %H:%M").to_string();
    if begins == last.strftime("%-d %b %Y, %H:%M").to_string() {
        format!("Checked on {begins} {}.", last.strftime("%Z"))
    } else if first.date() == last.date() {
        format!("Checked on {begins} to {}.", last.strftime("%H:%M %Z"))
    } else {
        let ends = last.strftime("%-d %b %Y, %H:%M %Z");
        format!("Checked from {begins} to {ends}.")
    }
}

/// `[eCoC] ACME – 3 failed, 41 accepted – 12 Jun 2026`
fn subject(digest: &Digest<'_>, house: &House, now: Timestamp) -> String {
    let name: String = harmless(&digest.account.name)
        .chars()
        .take(SUBJECT_NAME_MAX)
        .collect();
    let counts = match (digest.failed.len(), digest.accepted.len()) {
        (failed, 0) => format!("{failed} failed"),
        (0, accepted) => format!("{accepted} accepted"),
        (failed, accepted) => format!("{failed} failed, {accepted} accepted"),
    };
    let day = match digest.kind {
        Kind::Window => "",
        Kind::Day => "daily summary: ",
    };
    let date = now.to_zoned(house.zone.clone());
    format!(
        "[eCoC] {name} – {day}{counts} – {}",
        date.strftime("%-d %b %Y")
    )
}

/// `ecoc.<what it tells>.<to whom>@<our host>`
fn message_id(digest: &Digest<'_>, house: &House) -> String {
    let ids = || {
        let notices = digest.failed.iter().chain(&digest.accepted);
        notices.map(|notice| notice.id.0)
    };
    let window = format!(
        "{:?} {} {} {}",
        digest.kind,
        digest.account.id,
        ids().min().unwrap_or_default(),
        ids().max().unwrap_or_default()
    );
    let recipient = digest.recipient.mail.as_str().to_ascii_lowercase();
    format!(
        "{ID_PREFIX}{}.{}@{}",
        fingerprint(&window, 20),
        fingerprint(&recipient, 12),
        message_host(&house.public_url)
    )
}

/// The account's first Message-ID of the day went to somebody; this is the one that the owner of
/// `message_id` got at that time, so that each reader's mails form one thread.
fn own_copy(first: &str, message_id: &str) -> String {
    let what = |id: &str| -> Option<String> {
        let (what, _) = id.strip_prefix(ID_PREFIX)?.split_once('.')?;
        Some(what.to_owned())
    };
    let owner = || -> Option<String> {
        let (_, owner) = message_id.strip_prefix(ID_PREFIX)?.split_once('.')?;
        Some(owner.to_owned())
    };
    match (what(first), owner()) {
        (Some(what), Some(owner)) => format!("{ID_PREFIX}{what}.{owner}"),
        _ => first.to_owned(),
    }
}

/// The first `digits` of the SHA-256 of `text`.
fn fingerprint(text: &str, digits: usize) -> String {
    let octets: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let digest = domain::submission::Sha256::from_octets(&octets);
    digest.as_str().chars().take(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::MailPreference;
    use crate::mail::digest::{Step, judge_window, summaries};
    use crate::mail::samples::{accepted, at, failed, house, pace, recipient, window};
    use crate::store::WindowDue;

    fn mails(due: &WindowDue, house: &House) -> Vec<NewMail> {
        let Step::Close(digests) = judge_window(due, at("13:00:00"), pace()) else {
            panic!("the window is still open");
        };
        let written = digests
            .iter()
            .map(|digest| write(digest, house, at("13:00:00")));
        written.collect::<Result<_, _>>().unwrap()
    }

    /// Three failures and two accepted files, of which one has a nasty name.
    fn mixed() -> WindowDue {
        let mut nasty = failed(4, "10:01:00");
        nasty.file_name = "<b>=cmd|' /C calc'!A0\r\nBcc: eve@example.org\u{202e}lmx.xml".to_owned();
        nasty.vin = Some("WEC00000000000004".to_owned());
        nasty.title = "Invalid data".to_owned();
        nasty.message = "The stage \"<script>\" is doubtful.".to_owned();
        window(
            vec![
                accepted(1, "10:00:00"),
                failed(2, "10:00:30"),
                failed(3, "10:00:45"),
                nasty,
                accepted(5, "10:01:30"),
            ],
            vec![
                recipient("Ann", MailPreference::Failures),
                recipient("Bob", MailPreference::All),
            ],
        )
    }

    #[test]
    fn the_text_tells_failures_first_then_counts_then_where_to_ask() {
        let mails = mails(&mixed(), &house());
        assert_eq!(mails[1].text, include_str!("golden/failures.txt"));
        assert_eq!(mails[0].text, include_str!("golden/all.txt"));
        assert_eq!(mails[0].html, include_str!("golden/all.html"));
        assert_eq!(
            mails[0].csv.as_deref(),
            Some(
                include_str!("golden/all.csv")
                    .replace('\n', "\r\n")
                    .as_str()
            )
        );
    }

    #[test]
    fn a_fixed_address_is_told_who_changes_what_it_gets() {
        let mut due = mixed();
        due.recipients = vec![recipient("Ops", MailPreference::Failures)];
        due.recipients[0].user = None;
        let mail = mails(&due, &house()).remove(0);
        for body in [&mail.text, &mail.html] {
            assert!(
                body.contains("gets: failures only. The Primary User"),
                "{body}"
            );
            assert!(body.contains("https://ecoc.example.org/preferences/addresses"));
            assert!(!body.contains("Your mail preference"), "{body}");
        }
    }

    #[test]
    fn rows_past_the_limit_stand_in_the_csv_alone() {
        let small = House {
            rows_max: 2,
            ..house()
        };
        let mails = mails(&mixed(), &small);
        assert_eq!(mails[0].text, include_str!("golden/all-short.txt"));
        assert_eq!(mails[0].csv.as_ref().unwrap().lines().count(), 6);
    }

    #[test]
    fn the_subject_counts_and_gives_the_date_of_the_authority() {
        let due = mixed();
        let subjects: Vec<String> = mails(&due, &house())
            .into_iter()
            .map(|mail| mail.subject)
            .collect();
        assert_eq!(
            subjects[0],
            "[eCoC] ACME – 3 failed, 2 accepted – 12 Jun 2026"
        );
        assert_eq!(subjects[0], subjects[1]);

        let mut day = window(
            vec![accepted(1, "10:00:00")],
            vec![recipient("Dan", MailPreference::Daily)],
        );
        day.account.name = "ACME\r\nBcc: eve@example.org".to_owned();
        let late = at("23:30:00");
        let mail = write(&summaries(&day)[0], &house(), late).unwrap();
        assert_eq!(
            mail.subject,
            "[eCoC] ACME\\u{d}\\u{a}Bcc: eve@example.org – daily summary: 1 accepted – 13 Jun 2026"
        );
        assert!(mail.text.contains("The file that ACME"), "{}", mail.text);
    }

    #[test]
    fn the_same_window_written_again_has_the_same_message_id() {
        let mut due = mixed();
        let first = mails(&due, &house());
        let again = mails(&due, &house());
        let ids = |mails: &[NewMail]| -> Vec<String> {
            mails.iter().map(|mail| mail.message_id.clone()).collect()
        };
        assert_eq!(ids(&first), ids(&again));
        assert_ne!(first[0].message_id, first[1].message_id);
        due.notices.push(failed(6, "10:01:40"));
        assert_ne!(ids(&first), ids(&mails(&due, &house())));
        // A day and a window can tell of the same notices to the same person.
        due.recipients = vec![recipient("Bob", MailPreference::Daily)];
        let day = write(&summaries(&due)[0], &house(), at("13:00:00")).unwrap();
        assert!(!ids(&mails(&mixed(), &house())).contains(&day.message_id));
    }

    #[test]
    fn each_reader_gets_the_thread_of_its_own_first_mail() {
        let mut due = mixed();
        let morning = mails(&due, &house());
        assert_eq!(morning[0].references, None);
        // The store knows the account's first mail, which here was Bob's.
        due.first_message_id = Some(morning[0].message_id.clone());
        due.notices = vec![failed(9, "12:00:00")];
        let noon = mails(&due, &house());
        for (then, now) in morning.iter().zip(&noon) {
            assert_eq!(now.references.as_ref(), Some(&then.message_id));
        }
        // An identifier that is not of this form is taken as it is.
        due.first_message_id = Some("welcome@example.org".to_owned());
        let other = mails(&due, &house());
        assert_eq!(other[0].references.as_deref(), Some("welcome@example.org"));
    }
}
