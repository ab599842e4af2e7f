//! SMTP: one conversation a mail, each step of it known when it fails.
//!
//! *Trust*: the server is the site's own; what it says is kept short and shown to operators only.
//! *Limits*: a conversation ends after `mail.send-within`, whatever the server does.
//! *Why not* lettre's pooled transport: its time limit ends with the connecting, a conversation that
//! is cut short goes back into its pool, and it does not say at which step a server said no. The
//! step matters: `550` to a recipient is about the mail; `535` to a log-in, or `550` to our own address,
//! is about us.

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use crate::mail::letter::Letter;
use crate::mail::transport::address::Privacy;
use crate::mail::transport::{Delivery, Server, clipped};

/// How long we wait for the answer to QUIT: the mail is settled by then, this is politeness.
const GOODBYE: Duration = Duration::from_secs(2);

/// A mail server and what we need to talk to it.
pub(crate) struct Smtp {
    /// Where it is.
    pub(crate) server: Server,
    /// What its certificate is checked against; `None` on a plain line.
    pub(crate) tls: Option<TlsParameters>,
    /// How we log in, if it wants that.
    pub(crate) credentials: Option<Credentials>,
    /// The name we say in EHLO.
    pub(crate) hello: ClientId,
    /// The longest that one conversation may take.
    pub(crate) within: Duration,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.debug_struct("Smtp")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// Where in the conversation we are.
#[derive(Debug, Clone, Copy)]
enum Step {
    Connect,
    StartTls,
    LogIn,
    From,
    To,
    Data,
    Content,
}

impl Step {
    const fn title(self) -> &'static str {
        match self {
            Self::Connect => "connecting",
            Self::StartTls => "STARTTLS",
            Self::LogIn => "logging in",
            Self::From => "MAIL FROM",
            Self::To => "RCPT TO",
            Self::Data => "DATA",
            Self::Content => "the content",
        }
    }

    /// Is a "no" at this step about the mail, and not about us or the server? All mails have one sender, so
    /// that a server that does not take it at MAIL FROM speaks of us.
    const fn is_about_the_mail(self) -> bool {
        matches!(self, Self::To | Self::Data | Self::Content)
    }
}

impl Smtp {
    /// Tries to send `letter` once.
    pub(crate) async fn deliver(&self, letter: &Letter) -> Delivery {
        let mut step = Step::Connect;
        let mut line = None;
        let ended = timeout(self.within, self.converse(letter, &mut step, &mut line)).await;
        let title = step.title();
        let delivery = match ended {
            Ok(Ok(response)) => Delivery::Taken(clipped(&format!(
                "{} {}",
                response.code(),
                response.message().collect::<Vec<_>>().join(" ")
            ))),
            Ok(Err(error)) if is_final(step, &error) => {
                Delivery::Never(clipped(&format!("at {title}: {}", words(&error))))
            }
            Ok(Err(error)) => Delivery::Later(clipped(&format!("at {title}: {}", words(&error)))),
            Err(_elapsed) => {
                // The server may still take it: whoever reads it twice sees one Message-ID.
                let limit = self.within.as_secs_f32();
                return Delivery::Later(format!("at {title}: no answer within {limit} s"));
            }
        };
        if let Some(mut line) = line {
            // What the server says to QUIT changes nothing any more.
            let _answer = timeout(GOODBYE, line.quit()).await;
        }
        delivery
    }

    async fn converse(
        &self,
        letter: &Letter,
        step: &mut Step,
        line: &mut Option<AsyncSmtpConnection>,
    ) -> Result<Response, Error> {
        let line = line.insert(self.connect(step).await?);
        if let Some(credentials) = &self.credentials {
            *step = Step::LogIn;
            line.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        *step = Step::From;
        let from = letter.envelope.from().cloned();
        line.command(Mail::new(from, Vec::new())).await?;
        *step = Step::To;
        for to in letter.envelope.to() {
            line.command(Rcpt::new(to.clone(), Vec::new())).await?;
        }
        *step = Step::Data;
        line.command(Data).await?;
        *step = Step::Content;
        line.message(&letter.octets).await
    }

    /// Connects, says hello, and makes the line private.
    async fn connect(&self, step: &mut Step) -> Result<AsyncSmtpConnection, Error> {
        let place = (self.server.host.as_str(), self.server.port);
        let at_once = match self.server.privacy {
            Privacy::Tls => self.tls.clone(),
            Privacy::StartTls | Privacy::Plain => None,
        };
        let limit = Some(self.within);
        let mut line =
            AsyncSmtpConnection::connect_tokio1(place, limit, &self.hello, at_once, None).await?;
        if self.server.privacy == Privacy::StartTls
            && let Some(tls) = &self.tls
        {
            *step = Step::StartTls;
            line.starttls(tls.clone(), &self.hello).await?;
        }
        Ok(line)
    }
}

/// Is it the mail that the server will never take?
///
/// Whatever stands before the recipient is about us or the server, and an operator can mend it; so is a
/// server that says later that it wants a log-in (530 to 538, RFC 4954).
fn is_final(step: Step, error: &Error) -> bool {
    let wants_log_in = error
        .status()
        .is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538));
    error.is_permanent() && step.is_about_the_mail() && !wants_log_in
}

/// An error in few words: the server's own where it said something.
fn words(error: &Error) -> String {
    use std::error::Error as _;
    let source = error.source().map(ToString::to_string).unwrap_or_default();
    match error.status() {
        Some(code) => format!("{code} {source}"),
        None if source.is_empty() => error.to_string(),
        None => source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_that_is_refused_is_no_fault_of_the_mail() {
        let about = [Step::To, Step::Data, Step::Content];
        assert!(about.into_iter().all(Step::is_about_the_mail));
        let us = [Step::Connect, Step::StartTls, Step::LogIn, Step::From];
        assert!(!us.into_iter().any(Step::is_about_the_mail));
    }
}
