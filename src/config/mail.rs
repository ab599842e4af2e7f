//! The section `[mail]`: how mail leaves, and how outcomes are gathered into digests.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;
use crate::domain::account::MailAddress;

/// How mail leaves, and how outcomes are gathered into digests.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mail {
    /// `smtps://host:465` (TLS), `smtp+starttls://host:587`, or `smtp://127.0.0.1:25` (plain, on
    /// loopback only); `user@` before the host if it wants a log-in. Empty: mail goes to `folder`.
    pub smtp: String,
    /// A file that holds the password for `smtp`.
    pub password_file: PathBuf,
    /// A PEM file with the authority that signed the mail server's certificate; empty for the system's.
    pub ca_file: PathBuf,
    /// Mails are written into this folder as `.eml` while `smtp` is empty. Relative to `service.data`.
    pub folder: PathBuf,
    /// The sender's address.
    pub from: String,
    /// The first outcome of an account that somebody wants to be told of opens a window of so long; what it
    /// gathers is one mail.
    #[serde(with = "crate::config::duration")]
    pub window: Duration,
    /// The least time between two mails of an account.
    #[serde(with = "crate::config::duration")]
    pub pause: Duration,
    /// The hour of the daily summary, in the authority's time zone.
    pub daily_hour: u8,
    /// The authority's time zone.
    pub time_zone: String,
    /// The most rows inline; the rest is in the attached CSV.
    pub rows_max: u32,
    /// The longest that one delivery may take.
    #[serde(with = "crate::config::duration")]
    pub send_within: Duration,
    /// The delay after the first failed attempt; it doubles.
    #[serde(with = "crate::config::duration")]
    pub retry_first: Duration,
    /// The longest delay between two attempts.
    #[serde(with = "crate::config::duration")]
    pub retry_max: Duration,
    /// A mail that could not be delivered for so long is given up.
    #[serde(with = "crate::config::duration")]
    pub give_up_after: Duration,
}

impl Mail {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        if self.smtp.is_empty() {
            if self.folder.as_os_str().is_empty() {
                faults.say("folder", "must name a folder while mail.smtp is empty");
            }
        } else {
            match has_user(&self.smtp) {
                Err(what) => faults.say("smtp", what),
                Ok(true) if self.password_file.as_os_str().is_empty() => {
                    let what = "must name a file with the password, because mail.smtp names a user";
                    faults.say("password-file", what);
                }
                Ok(false) if !self.password_file.as_os_str().is_empty() => {
                    let what = "is set, but mail.smtp names no user: write user@ before the host, or \
                                empty this";
                    faults.say("password-file", what);
                }
                Ok(_) => {}
            }
        }
        if let Err(unfit) = MailAddress::new(&self.from) {
            faults.say("from", unfit.0);
        }
        faults.length_or_none("window", self.window);
        faults.length_or_none("pause", self.pause);
        faults.between("daily-hour", self.daily_hour.into(), 0, 23);
        faults.time_zone("time-zone", &self.time_zone);
        faults.between("rows-max", self.rows_max.into(), 1, 10_000);
        faults.length("send-within", self.send_within);
        faults.length("retry-first", self.retry_first);
        faults.length("retry-max", self.retry_max);
        if self.retry_max < self.retry_first {
            faults.say("retry-max", "must not be shorter than mail.retry-first");
        }
        faults.length("give-up-after", self.give_up_after);
        if self.give_up_after < self.retry_first {
            faults.say("give-up-after", "must not be shorter than mail.retry-first");
        }
    }
}

/// Does the address of the mail server name a user? Else what is wrong with it.
fn has_user(smtp: &str) -> Result<bool, String> {
    const FORMS: &str =
        "write smtps://host:465, smtp+starttls://host:587, or smtp://127.0.0.1:25 on this machine";
    let unfit = |what: &str| Err(format!("{what}: {FORMS}"));
    let Some((scheme, rest)) = smtp.split_once("://") else {
        return unfit("is not the address of a mail server");
    };
    if !matches!(scheme, "smtp" | "smtps" | "smtp+starttls") {
        return unfit("is of no kind that we know");
    }
    let (user, server) = match rest.rsplit_once('@') {
        Some((user, server)) => (Some(user), server),
        None => (None, rest),
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err(
            "must not hold a password: put it into a file of its own and name that as \
             mail.password-file"
                .to_owned(),
        );
    }
    let (host, port) = match server.rsplit_once(':') {
        // An IPv6 address stands in brackets; a ':' inside them is not the port's.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (server, None),
    };
    let has_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    let is_name = host.starts_with('[') && host.ends_with(']')
        || !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    if !has_port || !is_name || user == Some("") {
        return unfit("is not the address of a mail server");
    }
    if scheme == "smtp" && !is_loopback(host) {
        return Err(
            "would send mail unencrypted over the network: write smtp+starttls:// or smtps:// \
             before the host; smtp:// is for this machine only"
                .to_owned(),
        );
    }
    Ok(user.is_some())
}

/// Is this a name of this very machine?
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            smtp: String::new(),
            password_file: PathBuf::new(),
            ca_file: PathBuf::new(),
            folder: PathBuf::from("mail"),
            from: "ecocd@localhost".to_owned(),
            window: Duration::from_mins(2),
            pause: Duration::from_mins(15),
            daily_hour: 7,
            time_zone: "Europe/London".to_owned(),
            rows_max: 50,
            send_within: Duration::from_mins(1),
            retry_first: Duration::from_mins(1),
            retry_max: Duration::from_hours(4),
            give_up_after: Duration::from_hours(5 * 24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_file_without_a_user_is_told() {
        let mut settings = Mail {
            smtp: "smtps://mail.example".to_owned(),
            password_file: "password".into(),
            ..Mail::default()
        };
        let said = |settings: &Mail| {
            let mut faults = Faults::default();
            settings.faults(faults.of("mail"));
            faults.into_found()
        };
        assert_eq!(said(&settings)[0].0, "mail.password-file");
        settings.smtp = "smtps://ecocd@mail.example".to_owned();
        assert!(said(&settings).is_empty());
    }

    #[test]
    fn a_mail_server_is_named_with_its_kind() {
        for good in [
            "smtps://mail.example:465",
            "smtps://mail.example",
            "smtp+starttls://mail.example:587",
            "smtp://127.0.0.1:25",
            "smtp://localhost",
            "smtp://[::1]:2525",
        ] {
            assert_eq!(has_user(good), Ok(false), "{good}");
        }
        assert_eq!(has_user("smtps://ecocd@mail.example:465"), Ok(true));
        for bad in [
            "mail.example",
            "http://mail.example",
            "smtp://mail.example:25",
            "smtps://",
            "smtps://mail.example:0",
            "smtps://mail.example:port",
            "smtps://@mail.example",
            "smtps://user:password@mail.example",
            "smtps://mail.example/x",
        ] {
            assert!(has_user(bad).is_err(), "{bad}");
        }
    }
}
