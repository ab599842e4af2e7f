//! What a configuration may say, and most likely should not: warned of, never refused.

use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use jiff::tz::TimeZone;

use crate::config::{Config, Problem, show};
use crate::domain::Timestamp;
use crate::domain::expiry::{self, SOON_DAYS};
use crate::domain::networks::Networks;

/// Group and others may write.
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// Others may read.
const READABLE_BY_ALL: u32 = 0o004;

impl Config {
    /// What is doubtful about this configuration, and the file that it was loaded from.
    pub fn doubts(&self, path: Option<&Path>, now: Timestamp) -> Vec<Problem> {
        let mut doubts = Vec::new();
        let mut doubt = |key: &str, what: &str| {
            doubts.push(Problem {
                key: key.to_owned(),
                value: self.shown(key),
                origin: path.map(|path| path.display().to_string()),
                what: what.to_owned(),
            });
        };
        let is_lasting = !self.web.listen.ip().is_loopback() || !self.mail.smtp.is_empty();
        if is_lasting && self.service.public_url.contains("//127.0.0.1") {
            doubt(
                "service.public-url",
                "leads nowhere for anybody else: links in mails begin with it",
            );
        }
        self.web_doubts(&mut doubt);
        self.doubts_by_date(&mut doubt, now);
        let metrics = self.web.metrics_listen;
        if metrics.is_some_and(|metrics| !metrics.ip().is_loopback()) {
            doubt(
                "web.metrics-listen",
                "can be reached from the network, by everybody: let a firewall see to it",
            );
        }
        if self.mail.smtp.is_empty() && !self.web.listen.ip().is_loopback() {
            doubt(
                "mail.smtp",
                "is empty, though the web view is open to the network: mails, some with links and temporary \
                 passwords, are only written into mail.folder, and reach nobody",
            );
        }
        if !self.mail.smtp.is_empty() && self.mail.from.ends_with("@localhost") {
            doubt("mail.from", "will be refused by most mail servers");
        }
        let password = self.in_data(&self.mail.password_file);
        if !self.mail.password_file.as_os_str().is_empty() && has(&password, READABLE_BY_ALL) {
            doubt(
                "mail.password-file",
                "can be read by every user of this machine: chmod 600",
            );
        }
        let file = path.and_then(|path| std::fs::read_to_string(path).ok());
        let is_masked = self.shown("database.url") != Some(show::quoted(&self.database.url));
        if is_masked && file.is_some_and(|text| text.contains(&self.database.url)) {
            doubt(
                "database.url",
                "holds a password in the file: take the line out and set ECOCD__DATABASE__URL for the \
                 service alone",
            );
        }
        if let Some(path) = path.filter(|path| has(path, WRITABLE_BY_OTHERS)) {
            doubts.push(Problem::of_file(
                path,
                "can be changed by others than its owner: chmod go-w".to_owned(),
            ));
        }
        doubts
    }

    /// What is doubtful because time passes.
    fn doubts_by_date(&self, doubt: &mut impl FnMut(&str, &str), now: Timestamp) {
        let year = now.to_zoned(TimeZone::UTC).year();
        let last = self
            .registration
            .holidays()
            .iter()
            .map(|day| day.year())
            .max();
        if last.is_none_or(|last| last <= year) {
            let until = last.map_or_else(String::new, |last| format!(" after {last}"));
            doubt(
                "registration.bank-holidays",
                &format!(
                    "has no days{until}: name those of next year, or days promised then are wrong"
                ),
            );
        }
        // Without a certificate this is the data folder, which is no text.
        let text = std::fs::read_to_string(self.in_data(&self.web.certificate));
        if let Some(end) = text.ok().and_then(|text| expiry::end_of_pem(&text)) {
            let (left, day) = (expiry::days_left(end, now), end.strftime("%-d %B %Y"));
            if left < 0 {
                doubt(
                    "web.certificate",
                    &format!("ended on {day}: browsers refuse it; renew it"),
                );
            } else if left < SOON_DAYS {
                doubt("web.certificate", &format!("ends on {day}: renew it"));
            }
        }
    }

    /// What is doubtful about how the web view is reached.
    fn web_doubts(&self, doubt: &mut impl FnMut(&str, &str)) {
        let has_tls = !self.web.certificate.as_os_str().is_empty();
        if !self.web.listen.ip().is_loopback() && !has_tls {
            doubt(
                "web.listen",
                "can be reached from the network, and speaks no TLS: set web.certificate and \
                 web.private-key, or put a proxy that does before it, and listen on 127.0.0.1",
            );
        }
        if has_tls && self.service.public_url.starts_with("http://") {
            doubt(
                "service.public-url",
                "begins with http, though web.certificate is set: with https browsers never send a \
                 session's cookie without TLS",
            );
        }
        let everybody = Networks::new(&self.web.trusted_proxies)
            .is_ok_and(|proxies| proxies.contain(IpAddr::from([203, 0, 113, 1])));
        if everybody {
            doubt(
                "web.trusted-proxies",
                "lets everybody say where they come from: name the proxies' own addresses",
            );
        }
        let key = self.in_data(&self.web.private_key);
        if !self.web.private_key.as_os_str().is_empty() && has(&key, READABLE_BY_ALL) {
            doubt(
                "web.private-key",
                "can be read by every user of this machine: chmod 640",
            );
        }
    }
}

/// Has this file any of these permissions?
fn has(path: &Path, bits: u32) -> bool {
    std::fs::metadata(path).is_ok_and(|facts| facts.mode() & bits != 0)
}
