//! Notices, people and windows for the tests of this room.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::domain::Timestamp;
use crate::domain::account::{
    Account, AccountCode, AccountId, MailAddress, MailPreference, Standing, UserId,
};
use crate::domain::handing_in::HandingIn;
use crate::domain::networks::Networks;
use crate::domain::notice::{Mail, MailId, MailStatus, NewMail, Notice, NoticeId};
use crate::mail::digest::Pace;
use crate::mail::letter::Sender;
use crate::mail::message::House;
use crate::store::{Recipient, WindowDue};

/// That time of 12 June 2026, in UTC.
pub(crate) fn at(time: &str) -> Timestamp {
    format!("2026-06-12T{time}Z").parse().unwrap()
}

/// An accepted file.
pub(crate) fn accepted(id: i64, time: &str) -> Notice {
    Notice {
        id: NoticeId(id),
        account: AccountId(7),
        submission: format!("SUB-2222222{id}"),
        is_failure: false,
        file_name: format!("{id:02}.xml"),
        vin: Some(format!("WEC0000000000000{id}")),
        title: "Accepted".to_owned(),
        message: "The certificate was recorded.".to_owned(),
        decided: at(time),
    }
}

/// A refused file, whose VIN could not be read.
pub(crate) fn failed(id: i64, time: &str) -> Notice {
    Notice {
        is_failure: true,
        vin: None,
        title: "Invalid xml".to_owned(),
        message: "The element 'Header' is missing.".to_owned(),
        ..accepted(id, time)
    }
}

/// A person with the address `<name>@example.com`.
pub(crate) fn recipient(name: &str, preference: MailPreference) -> Recipient {
    Recipient {
        user: Some(UserId(1)),
        name: name.to_owned(),
        mail: MailAddress::new(&format!("{}@example.com", name.to_lowercase())).unwrap(),
        preference,
    }
}

/// The waiting notices of the account ACME.
pub(crate) fn window(notices: Vec<Notice>, recipients: Vec<Recipient>) -> WindowDue {
    WindowDue {
        account: Account {
            id: AccountId(7),
            code: AccountCode::new("acme").unwrap(),
            name: "ACME".to_owned(),
            standing: Standing::Active,
            from: Networks::default(),
            passwords: true,
            handing_in: HandingIn::default(),
            created: at("00:00:00"),
        },
        last_mail: None,
        first_message_id: None,
        notices,
        recipients,
    }
}

/// A mail that waits in the outbox.
pub(crate) fn mail() -> Mail {
    Mail {
        retried: None,
        id: MailId(5),
        mail: NewMail {
            to: MailAddress::new("ann@example.com").unwrap(),
            user: Some(UserId(1)),
            account: Some(AccountId(7)),
            message_id: "ecoc.00112233445566778899.aabbccddeeff@ecoc.example.org".to_owned(),
            references: None,
            subject: "[eCoC] ACME – 1 failed – 12 Jun 2026".to_owned(),
            text: "Hello Ann,\n\n… one file was not accepted.\n".to_owned(),
            html: "<p>Hello Ann,</p><p>… one file was not accepted.</p>".to_owned(),
            csv: Some("submission,status\r\nSUB-22222222,Failed\r\n".to_owned()),
        },
        status: MailStatus::Waiting,
        attempts: 0,
        next_attempt: Some(at("10:02:00")),
        created: at("10:02:00"),
        last_answer: None,
    }
}

/// The default pace: two minutes, a quarter of an hour.
pub(crate) fn pace() -> Pace {
    Pace {
        window: SignedDuration::from_mins(2),
        pause: SignedDuration::from_mins(15),
    }
}

/// An authority in London.
pub(crate) fn house() -> House {
    House {
        organisation: "Example Authority".to_owned(),
        enquiries: "enquiries@example.org".to_owned(),
        public_url: "https://ecoc.example.org".to_owned(),
        zone: TimeZone::get("Europe/London").unwrap(),
        rows_max: 50,
    }
}

/// Who writes for that authority.
pub(crate) fn sender() -> Sender {
    Sender {
        from: "Example Authority <ecocd@example.org>".parse().unwrap(),
        reply_to: Some("enquiries@example.org".parse().unwrap()),
        zone: house().zone,
    }
}
