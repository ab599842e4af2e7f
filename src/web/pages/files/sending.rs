//! Sending an upload: each of its files goes the one way in, and becomes a submission.
//!
//! *Invariant*: the page that says "sent" comes after every file's commit. Whoever goes away meanwhile,
//! or whose request the end of the program cut off, finds the rest done by [`mend`]; never by both at
//! once, nor by two nodes, since each holds the upload (`store/uploads.rs`).

use std::collections::HashSet;
use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::account::AccountId;
use crate::domain::audit::Action;
use crate::domain::submission::{Arrival, Door, Lane, SubmissionId};
use crate::domain::upload::{UploadId, UploadNumber};
use crate::store::{Upload, UploadFile};
use crate::web::View;
use crate::web::forms;
use crate::web::pages::files::receive::Received;
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;

/// How often left-over files are looked for.
const MEND_EVERY: Duration = Duration::from_mins(1);
/// An upload of which no file was taken in for so long is in nobody's hands any more.
const LEFT_AFTER: Duration = Duration::from_mins(3);

/// The upload as the visitor may see it.
pub(super) async fn find(
    view: &View,
    visitor: &Visitor,
    number: &UploadNumber,
) -> Result<Upload, Problem> {
    let (account, user) = (visitor.account()?.id, visitor.guest.user.id);
    let begun_after = view.upload_limits().begun_after;
    let found = view.deps.store.upload(number, account, user, begun_after);
    // Not there, and not yours: the same answer.
    found.await?.ok_or(Problem::NotFound)
}

/// Notes that the visitor agreed to this version of the terms, unless that is noted.
pub(super) async fn agree(
    view: &View,
    visitor: &Visitor,
    received: &Received,
    version: u64,
) -> Result<(), Problem> {
    let (store, user) = (&view.deps.store, visitor.guest.user.id);
    let before = store.agreement(user).await?;
    if before.is_some_and(|before| before.version >= version) {
        return Ok(());
    }
    let details = format!("version {version}, with an upload");
    let login = visitor.guest.user.login.as_str();
    let action = Action::TermsAgreed;
    let deed = forms::deed(view, (visitor, received.from), action, login, &details);
    store.agree(user, user, version, &deed).await?;
    Ok(())
}

/// Sends an upload, once: whoever sends it again is told that it is sent.
pub(super) async fn send(
    view: &View,
    visitor: &Visitor,
    number: &UploadNumber,
    lane: Lane,
) -> Result<(), Problem> {
    let (store, user, now) = (
        &view.deps.store,
        visitor.guest.user.id,
        view.deps.clock.now(),
    );
    if !store.send_upload(number, user, lane, now).await? {
        return Ok(());
    }
    let upload = find(view, visitor, number).await?;
    take_all_in(view, &upload, now, false).await
}

/// Takes in what waits of an upload that is in hand since `held`, one file after the other: of two that are
/// the same, the one that the sender put first counts. Leaves the rest to whoever has it in hand meanwhile.
async fn take_all_in(
    view: &View,
    upload: &Upload,
    mut held: Timestamp,
    was_begun: bool,
) -> Result<(), Problem> {
    let store = &view.deps.store;
    for file in upload.waiting() {
        let Some(submission) = take_in(view, upload, file, was_begun).await? else {
            continue;
        };
        let now = view.deps.clock.now();
        let in_hand = (upload.id, held, now);
        if !store
            .upload_file_taken(&file.id, submission, in_hand)
            .await?
        {
            return Ok(());
        }
        held = now;
    }
    store.upload_taken(upload.id, view.deps.clock.now()).await?;
    Ok(())
}

/// Makes a submission of a file, unless one `was_begun` before and got as far; `None` if that is noted.
async fn take_in(
    view: &View,
    upload: &Upload,
    file: &UploadFile,
    was_begun: bool,
) -> Result<Option<SubmissionId>, Problem> {
    let store = &view.deps.store;
    let Some((octets, before)) = store.upload_octets(upload, file).await? else {
        return Ok(None);
    };
    if let Some(before) = before.filter(|_| was_begun) {
        return Ok(Some(before));
    }
    let arrival = arrival(upload, file, octets);
    Ok(Some(view.deps.intake.take_in(arrival).await?.submission))
}

fn arrival(upload: &Upload, file: &UploadFile, octets: Vec<u8>) -> Arrival {
    let account: AccountId = upload.account;
    Arrival {
        account,
        user: Some(upload.user),
        door: Door::Web,
        lane: upload.lane,
        file_name: file.file_name.clone(),
        path: format!("/uploads/{}/{}", upload.number, file.file_name),
        octets,
        first_byte: file.added,
        // By this moment the arrivals of an upload are known again.
        complete: upload.sent.unwrap_or(file.added),
        session: None,
        mark: None,
        given_up: None,
    }
}

/// The left-over uploads that could not be taken in, and of which the log says so.
pub(crate) type Told = HashSet<UploadId>;

/// Takes in what sending left over, and forgets what was never sent. Never ends.
pub(crate) async fn mend(view: &View) {
    let mut ticks = tokio::time::interval(MEND_EVERY);
    let mut told = Told::new();
    loop {
        ticks.tick().await;
        if let Err(problem) = mend_once(view, &mut told).await {
            tracing::debug!(?problem, "left-over uploads could not be looked for");
        }
    }
}

/// The same, once. An upload that cannot be taken in keeps none of the others waiting.
pub(crate) async fn mend_once(view: &View, told: &mut Told) -> Result<(), Problem> {
    let store = &view.deps.store;
    store
        .sweep_uploads(view.upload_limits().begun_after)
        .await?;
    let now = view.deps.clock.now();
    let age = jiff::SignedDuration::try_from(LEFT_AFTER).unwrap_or_default();
    let Ok(before) = now.checked_sub(age) else {
        return Ok(());
    };
    for upload in store.uploads_not_taken(before).await? {
        let (id, number) = (upload.id, &upload.number);
        let now = view.deps.clock.now();
        if !store.take_upload_in_hand(id, before, now).await? {
            continue;
        }
        if !told.contains(&id) {
            tracing::info!(upload = %number, "files of {number} were left over; they are taken in now");
        }
        match take_all_in(view, &upload, now, true).await {
            Ok(()) => drop(told.remove(&id)),
            Err(problem) if told.insert(id) => {
                tracing::error!(upload = %number, ?problem, "files of {number} cannot be taken in; they are tried again every few minutes");
            }
            Err(problem) => {
                tracing::debug!(upload = %number, ?problem, "files of {number} still cannot be taken in");
            }
        }
    }
    Ok(())
}
