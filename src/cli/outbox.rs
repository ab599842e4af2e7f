//! `ecocd outbox`: mails that wait, were sent, or failed.

use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::cli::arguments::{self, Output};
use crate::cli::desk::{Desk, at_desk};
use crate::cli::ending::Ending;
use crate::cli::moment;
use crate::cli::table::{Table, safe, sheet, text};
use crate::domain::audit::Action;
use crate::domain::notice::{Attempt, Mail, MailId};

/// Does what was asked.
pub(crate) fn run(config: Option<&Path>, wish: &arguments::Outbox) -> anyhow::Result<Ending> {
    at_desk(config, async |desk| match *wish {
        arguments::Outbox::List { limit, output } => list(desk, limit, output).await,
        arguments::Outbox::Show { id, output } => show(desk, MailId(id), output).await,
        arguments::Outbox::Retry { id, output, .. } => match id {
            Some(id) => retry(desk, MailId(id), output).await,
            None => retry_failed(desk, output).await,
        },
    })
}

/// A mail, for programs.
#[derive(Debug, Serialize)]
struct Form {
    id: i64,
    status: &'static str,
    to: String,
    subject: String,
    attempts: u32,
    created: String,
    next_attempt: Option<String>,
    last_answer: Option<String>,
    message_id: String,
}

impl Form {
    fn of(mail: &Mail) -> Self {
        Self {
            id: mail.id.0,
            status: mail.status.as_str(),
            to: mail.mail.to.to_string(),
            subject: mail.mail.subject.clone(),
            attempts: mail.attempts,
            created: moment::stamp(mail.created),
            next_attempt: mail.next_attempt.map(moment::stamp),
            last_answer: mail.last_answer.clone(),
            message_id: mail.mail.message_id.clone(),
        }
    }
}

async fn list(desk: &Desk, limit: u32, output: Output) -> anyhow::Result<()> {
    let mails = desk.store.mails(limit).await?;
    let forms: Vec<Form> = mails.iter().map(Form::of).collect();
    output.answer(&forms, || {
        let mut table = Table::new([
            "ID",
            "CREATED",
            "STATUS",
            "TRIED",
            "NEXT",
            "TO",
            "SUBJECT",
            "LAST ANSWER",
        ]);
        for mail in &mails {
            table.row([
                mail.id.to_string(),
                moment::shown(mail.created),
                mail.status.to_string(),
                mail.attempts.to_string(),
                mail.next_attempt.map(moment::shown).unwrap_or_default(),
                mail.mail.to.to_string(),
                mail.mail.subject.clone(),
                mail.last_answer.clone().unwrap_or_default(),
            ]);
        }
        table.or("No mails.")
    })
}

/// One try at sending, for programs.
#[derive(Debug, Serialize)]
struct AttemptForm {
    started: String,
    duration_ms: u32,
    is_success: bool,
    answer: String,
}

impl AttemptForm {
    fn of(attempt: &Attempt) -> Self {
        Self {
            started: moment::stamp(attempt.started),
            duration_ms: attempt.duration_ms,
            is_success: attempt.is_success,
            answer: attempt.answer.clone(),
        }
    }
}

/// A mail with its history, for programs.
#[derive(Debug, Serialize)]
struct DetailForm {
    #[serde(flatten)]
    mail: Form,
    text: String,
    history: Vec<AttemptForm>,
}

async fn show(desk: &Desk, id: MailId, output: Output) -> anyhow::Result<()> {
    let mail = find(desk, id).await?;
    let attempts = desk.store.mail_attempts(id).await?;
    let form = DetailForm {
        mail: Form::of(&mail),
        text: mail.mail.text.clone(),
        history: attempts.iter().map(AttemptForm::of).collect(),
    };
    output.answer(&form, || {
        let facts = sheet(&[
            ("Number", mail.id.to_string()),
            ("Status", mail.status.to_string()),
            ("To", mail.mail.to.to_string()),
            ("Subject", mail.mail.subject.clone()),
            ("Message-ID", mail.mail.message_id.clone()),
            ("Created", moment::shown(mail.created)),
            (
                "Next attempt",
                mail.next_attempt.map(moment::shown).unwrap_or_default(),
            ),
        ]);
        let mut table = Table::new(["STARTED", "TOOK", "TAKEN", "ANSWER"]);
        for attempt in &attempts {
            table.row([
                moment::shown(attempt.started),
                format!("{} ms", attempt.duration_ms),
                if attempt.is_success { "yes" } else { "no" }.to_owned(),
                attempt.answer.clone(),
            ]);
        }
        let body = mail.mail.text.lines();
        let body: Vec<String> = body.map(|line| format!("    {}", safe(line))).collect();
        format!("{facts}\n{}\n{}", table.or("Not tried yet."), text(&body))
    })
}

async fn find(desk: &Desk, id: MailId) -> anyhow::Result<Mail> {
    let mail = desk.store.mail(id).await?;
    mail.with_context(|| format!("there is no mail {id}: see 'ecocd outbox list'"))
}

async fn retry(desk: &Desk, id: MailId, output: Output) -> anyhow::Result<()> {
    let deed = desk.deed(Action::MailRetried, &format!("mail {id}"), "");
    if !desk.store.retry_mail(id, &deed).await? {
        anyhow::bail!("mail {id} was sent already, or is not there: see 'ecocd outbox list'");
    }
    let mail = find(desk, id).await?;
    output.answer(&Form::of(&mail), || {
        format!("Mail {id} is tried again now.\n")
    })
}

/// How many are tried again, for programs.
#[derive(Debug, Serialize)]
struct RetriedForm {
    retried: usize,
}

async fn retry_failed(desk: &Desk, output: Output) -> anyhow::Result<()> {
    let deed = desk.deed(Action::MailRetried, "all failed mails", "");
    let retried = desk.store.retry_failed_mails(&deed).await?;
    output.answer(&RetriedForm { retried }, || match retried {
        0 => "No mail was given up.\n".to_owned(),
        1 => "One mail is tried again now.\n".to_owned(),
        _ => format!("{retried} mails are tried again now.\n"),
    })
}
