//! From the sections `[mail]` and `[service]` to a [`Mailer`]: everything is checked at start.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use crate::config;
use crate::mail::Mailer;
use crate::mail::digest::Pace;
use crate::mail::letter::Sender;
use crate::mail::message::House;
use crate::mail::schedule::Schedule;
use crate::mail::transport::{Folder, Privacy, Server, Smtp, Transport};

/// Why mail cannot be set up as the configuration wants it.
#[derive(Debug, thiserror::Error)]
pub enum MailFault {
    /// A value that cannot be used.
    #[error("{key}: {why}")]
    Setting {
        /// The key, such as `mail.smtp`.
        key: &'static str,
        /// One sentence.
        why: String,
    },
    /// A file or folder that cannot be used.
    #[error("{key}: '{path}' {what}: {source}")]
    File {
        /// The key that names it.
        key: &'static str,
        /// Where it was looked for.
        path: PathBuf,
        /// What could not be done.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}

/// Checks the settings, reads the files that they name, and makes the folder if mails go there.
/// Relative paths lie in `data`. No connection is made: a mail server that is down must not keep
/// the service from starting.
pub async fn open(
    settings: &config::Mail,
    service: &config::Service,
    data: &Path,
) -> Result<Mailer, MailFault> {
    let zone = TimeZone::get(&settings.time_zone).map_err(|error| MailFault::Setting {
        key: "mail.time-zone",
        why: format!("{error}; write it like Europe/London"),
    })?;
    let daily_hour = i8::try_from(settings.daily_hour)
        .ok()
        .filter(|hour| *hour < 24)
        .ok_or_else(|| MailFault::Setting {
            key: "mail.daily-hour",
            why: format!("{} is no hour from 0 to 23", settings.daily_hour),
        })?;
    let from: Mailbox = settings.from.parse().map_err(|error| MailFault::Setting {
        key: "mail.from",
        why: format!(
            "'{}' is no mail address: {error}",
            settings.from.escape_debug()
        ),
    })?;
    let transport = if settings.smtp.is_empty() {
        Transport::Folder(open_folder(data.join(&settings.folder))?)
    } else {
        Transport::Smtp(open_smtp(settings, data)?)
    };
    Ok(Mailer {
        transport,
        sender: Sender {
            from,
            // The enquiry "address" may be a telephone number or a page; then replies go to From.
            reply_to: service.enquiries.parse().ok(),
            zone: zone.clone(),
        },
        house: House {
            organisation: service.organisation.clone(),
            enquiries: service.enquiries.clone(),
            public_url: service.public_url.trim_end_matches('/').to_owned(),
            zone,
            rows_max: usize::try_from(settings.rows_max).unwrap_or(usize::MAX),
        },
        pace: Pace {
            window: signed(settings.window),
            pause: signed(settings.pause),
        },
        daily_hour,
        schedule: Schedule {
            first: signed(settings.retry_first),
            longest: signed(settings.retry_max),
            give_up_after: signed(settings.give_up_after),
        },
        within: settings.send_within,
    })
}

fn signed(length: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX)
}

fn open_folder(path: PathBuf) -> Result<Folder, MailFault> {
    Folder::open(path.clone()).map_err(|source| MailFault::File {
        key: "mail.folder",
        path,
        what: "cannot be made",
        source,
    })
}

fn open_smtp(settings: &config::Mail, data: &Path) -> Result<Smtp, MailFault> {
    let server = Server::new(&settings.smtp).map_err(|why| MailFault::Setting {
        key: "mail.smtp",
        why,
    })?;
    let tls = match server.privacy {
        Privacy::Plain => None,
        Privacy::Tls | Privacy::StartTls => Some(open_tls(&server.host, settings, data)?),
    };
    Ok(Smtp {
        credentials: credentials(&server, settings, data)?,
        server,
        tls,
        hello: ClientId::default(),
        within: settings.send_within,
    })
}

fn open_tls(host: &str, settings: &config::Mail, data: &Path) -> Result<TlsParameters, MailFault> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if !settings.ca_file.as_os_str().is_empty() {
        let (path, pem) = read("mail.ca-file", data, &settings.ca_file)?;
        let unfit = |why: &str| MailFault::Setting {
            key: "mail.ca-file",
            why: format!("'{}' {why}", path.display()),
        };
        if !pem
            .windows(27)
            .any(|part| part == b"-----BEGIN CERTIFICATE-----")
        {
            return Err(unfit("holds no certificate in PEM form"));
        }
        let authority =
            Certificate::from_pem(&pem).map_err(|error| unfit(&format!("is damaged: {error}")))?;
        // The site named its authority, so no other one counts.
        parameters = parameters
            .certificate_store(CertificateStore::None)
            .add_root_certificate(authority);
    }
    parameters.build().map_err(|error| MailFault::Setting {
        key: "mail.ca-file",
        why: format!(
            "no authorities to check the mail server's certificate against: {error}; install the \
             package ca-certificates, or name the authority's PEM file"
        ),
    })
}

fn credentials(
    server: &Server,
    settings: &config::Mail,
    data: &Path,
) -> Result<Option<Credentials>, MailFault> {
    let unfit = |why: String| MailFault::Setting {
        key: "mail.password-file",
        why,
    };
    match (&server.user, settings.password_file.as_os_str().is_empty()) {
        (None, true) => Ok(None),
        (None, false) => Err(unfit(
            "is set, but mail.smtp names no user; write user@ before the host, or empty this"
                .to_owned(),
        )),
        (Some(user), true) => Err(unfit(format!(
            "is empty, but mail.smtp names the user '{}'; name the file with its password",
            user.escape_debug()
        ))),
        (Some(user), false) => {
            let (path, octets) = read("mail.password-file", data, &settings.password_file)?;
            let text = String::from_utf8(octets)
                .map_err(|_unreadable| unfit(format!("'{}' is not UTF-8", path.display())))?;
            let password = text.trim_end_matches(['\r', '\n']);
            if password.is_empty() {
                return Err(unfit(format!("'{}' holds no password", path.display())));
            }
            Ok(Some(Credentials::new(user.clone(), password.to_owned())))
        }
    }
}

fn read(key: &'static str, data: &Path, path: &Path) -> Result<(PathBuf, Vec<u8>), MailFault> {
    let path = data.join(path);
    match std::fs::read(&path) {
        Ok(octets) => Ok((path, octets)),
        Err(source) => Err(MailFault::File {
            key,
            path,
            what: "cannot be read",
            source,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(smtp: &str) -> config::Mail {
        config::Mail {
            smtp: smtp.to_owned(),
            ..config::Mail::default()
        }
    }

    async fn refused(settings: &config::Mail, data: &Path) -> String {
        let service = config::Service::default();
        open(settings, &service, data)
            .await
            .unwrap_err()
            .to_string()
    }

    #[tokio::test]
    async fn without_a_server_mails_go_into_a_folder_below_data() {
        let data = tempfile::tempdir().unwrap();
        let service = config::Service::default();
        let mailer = open(&config::Mail::default(), &service, data.path())
            .await
            .unwrap();
        assert!(matches!(mailer.transport, Transport::Folder(_)));
        assert!(data.path().join("mail").is_dir());
    }

    #[tokio::test]
    async fn a_server_with_user_password_and_authority_is_read_and_not_called() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("password"), "hush hush\n").unwrap();
        let mut settings = settings("smtp+starttls://ann@example.com@mail.invalid");
        settings.password_file = "password".into();
        let service = config::Service::default();
        let mailer = open(&settings, &service, data.path()).await.unwrap();
        let Transport::Smtp(smtp) = &mailer.transport else {
            panic!("no SMTP");
        };
        let expected = Credentials::new("ann@example.com".to_owned(), "hush hush".to_owned());
        assert_eq!(smtp.credentials.as_ref(), Some(&expected));
        assert!(smtp.tls.is_some());
        assert!(!format!("{mailer:?}").contains("hush"));
        assert!(!data.path().join("mail").exists());
    }

    #[tokio::test]
    async fn what_cannot_work_is_refused_at_start_with_the_key_that_says_it() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path();
        std::fs::write(path.join("empty"), "\n").unwrap();
        std::fs::write(path.join("no.pem"), "not a certificate").unwrap();
        let with = |change: &dyn Fn(&mut config::Mail)| {
            let mut settings = settings("smtps://ann@mail.example.com");
            settings.password_file = "empty".into();
            change(&mut settings);
            settings
        };
        for (settings, sentence) in [
            (
                with(&|mail| mail.smtp = "smtp://mail.example.com".into()),
                "mail.smtp: 'smtp://mail",
            ),
            (
                with(&|mail| mail.from = "nobody".into()),
                "mail.from: 'nobody' is no mail address",
            ),
            (
                with(&|mail| mail.time_zone = "Europe/Atlantis".into()),
                "mail.time-zone: ",
            ),
            (
                with(&|mail| mail.daily_hour = 24),
                "mail.daily-hour: 24 is no hour",
            ),
            (with(&|_| ()), "mail.password-file: "),
            (
                with(&|mail| mail.password_file = "gone".into()),
                "cannot be read: No such file",
            ),
            (
                with(&|mail| mail.password_file = PathBuf::new()),
                "names the user 'ann'",
            ),
            (
                with(&|mail| mail.smtp = "smtps://mail.example.com".into()),
                "names no user",
            ),
            (
                with(&|mail| mail.ca_file = "no.pem".into()),
                "holds no certificate",
            ),
            (with(&|mail| mail.ca_file = "gone".into()), "mail.ca-file: "),
        ] {
            let said = refused(&settings, path).await;
            assert!(said.contains(sentence), "{sentence} is not in: {said}");
        }
    }
}
