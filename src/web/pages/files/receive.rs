//! Files that come in by a form: each is looked at as it comes, and kept or refused when it has come.
//!
//! *Limits*: those of [`Incoming`]; a file past its size is read to its end and forgotten, so that the
//! files after it count; past the number of files nothing is kept.

use std::net::IpAddr;

use axum::extract::Request;

use crate::access::Right;
use crate::domain::account::AccountId;
use crate::domain::receipt::FILE_NAME_BYTES_MAX;
use crate::domain::submission::Sha256;
use crate::domain::upload::{FileRefusal, UploadNumber};
use crate::intake::digest;
use crate::runtime;
use crate::store::{AddedFile, NewUpload, NewUploadFile, UploadLimits};
use crate::web::View;
use crate::web::connections::{Stay, peer};
use crate::web::incoming::{Bounds, Incoming, Part};
use crate::web::pages::problem::Problem;
use crate::web::session::{self, Visitor};

/// Uploads that one user may have begun and not sent.
const BEGUN_MAX: u32 = 5;
/// The most fields that are no files.
const FIELDS_MAX: usize = 32;
/// What a form has besides the octets of its files, for each of them.
const FRAME_BYTES_MAX: u64 = 2048;
/// How often a number is drawn again before something must be wrong with the randomness.
const DRAWS_MAX: u32 = 8;
/// The header by which a script sends the form's token.
const TOKEN_HEADER: &str = "x-csrf-token";

/// What came.
#[derive(Debug)]
pub(super) struct Received {
    /// The upload that the files were added to; `None` if there were none, and no upload before.
    pub(super) number: Option<UploadNumber>,
    /// What was ticked, and which button was pressed.
    pub(super) fields: Vec<(String, String)>,
    /// Files past the limit of their number were left out.
    pub(super) is_too_many: bool,
    /// Files were left out because too much waits.
    pub(super) is_full: bool,
    /// From where.
    pub(super) from: IpAddr,
}

impl Received {
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.trim())
    }
}

impl View {
    /// How much may wait to be sent.
    pub(super) fn upload_limits(&self) -> UploadLimits {
        let kept = jiff::SignedDuration::try_from(self.settings.upload_kept).unwrap_or_default();
        let now = self.deps.clock.now();
        UploadLimits {
            per_user: BEGUN_MAX,
            files: self.settings.upload_files_max,
            bytes: self.settings.upload_waiting_bytes_max,
            begun_after: now.checked_sub(kept).unwrap_or(now),
        }
    }

    /// How much a form may bring: twice what its files may have, so that somebody who chose a file that
    /// is too large is told which one.
    fn upload_bounds(&self) -> Bounds {
        let each = self.file_bytes_max.saturating_add(FRAME_BYTES_MAX);
        let all = each.saturating_mul(self.settings.upload_files_max.into());
        Bounds {
            bytes: all.saturating_mul(2),
            within: self.settings.upload_within,
            pause: self.settings.upload_pause_max,
        }
    }
}

/// Reads a form with files, and adds them to the upload `number`, or to one that it begins.
pub(super) async fn receive(
    view: &View,
    visitor: &Visitor,
    number: Option<UploadNumber>,
    request: Request,
) -> Result<Received, Problem> {
    visitor.need(Right::Upload)?;
    let account = visitor.account()?.id;
    let (parts, body) = request.into_parts();
    if session::is_foreign(view, &parts.headers) {
        return Err(Problem::ForeignForm);
    }
    let _place = view.uploads.enter(visitor.guest.user.id)?;
    let _staying = parts.extensions.get::<Stay>().map(Stay::hold);
    let token = parts.headers.get(TOKEN_HEADER);
    let mut is_ours = token
        .and_then(|token| token.to_str().ok())
        .is_some_and(|token| visitor.owns(token));
    let mut form = Incoming::new(&parts.headers, body, view.upload_bounds())?;
    let mut received = Received {
        number,
        fields: Vec::new(),
        is_too_many: false,
        is_full: false,
        from: peer(&parts),
    };
    while let Some(part) = form.part().await? {
        match part {
            Part::Field { name, value } => {
                // The token comes first, so that nothing is kept of a form that is not ours.
                is_ours |= name == "csrf" && visitor.owns(&value);
                if !is_ours {
                    return Err(Problem::ForeignForm);
                }
                if received.fields.len() >= FIELDS_MAX {
                    return Err(Problem::TooLarge);
                }
                received.fields.push((name, value));
            }
            Part::File { .. } if !is_ours => return Err(Problem::ForeignForm),
            Part::File { file_name } => {
                let file = read(view, &mut form, &file_name).await?;
                if let Some(file) = file {
                    add(view, visitor, account, &mut received, file).await?;
                }
            }
        }
    }
    if is_ours {
        Ok(received)
    } else {
        Err(Problem::ForeignForm)
    }
}

/// Reads a file to its end. `None` for what a browser sends when none was chosen.
async fn read(
    view: &View,
    form: &mut Incoming,
    sent_name: &str,
) -> Result<Option<NewUploadFile>, Problem> {
    let file_name = base_name(sent_name).to_owned();
    let most = view.file_bytes_max;
    let mut refusal = if !is_xml(&file_name) {
        Some(FileRefusal::NotXml)
    } else if file_name.len() > FILE_NAME_BYTES_MAX {
        Some(FileRefusal::NameTooLong)
    } else {
        None
    };
    let (mut octets, mut size_bytes) = (Vec::new(), 0_u64);
    while let Some(piece) = form.piece().await? {
        size_bytes = size_bytes.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if refusal.is_none() && size_bytes > most {
            refusal = Some(FileRefusal::TooLarge);
        }
        if refusal.is_some() {
            octets = Vec::new();
        } else {
            octets.extend_from_slice(&piece);
        }
    }
    if file_name.is_empty() && size_bytes == 0 {
        return Ok(None);
    }
    if refusal.is_none() && size_bytes == 0 {
        refusal = Some(FileRefusal::Empty);
    }
    let content = if let Some(refusal) = refusal {
        Err(refusal)
    } else {
        let sha256: Sha256 = digest(&octets);
        Ok((octets, sha256))
    };
    Ok(Some(NewUploadFile {
        id: runtime::unique_id(),
        file_name: file_name.chars().take(FILE_NAME_BYTES_MAX).collect(),
        size_bytes,
        content,
        at: view.deps.clock.now(),
    }))
}

/// Adds a file to the upload, which is begun by its first.
async fn add(
    view: &View,
    visitor: &Visitor,
    account: AccountId,
    received: &mut Received,
    file: NewUploadFile,
) -> Result<(), Problem> {
    let (store, user) = (&view.deps.store, visitor.guest.user.id);
    if received.is_too_many {
        return Ok(());
    }
    let number = if let Some(number) = &received.number {
        number.clone()
    } else {
        begin(view, visitor, account).await?
    };
    received.number = Some(number.clone());
    let added = store.add_upload_file(&number, user, file, view.upload_limits());
    match added.await? {
        AddedFile::Added => Ok(()),
        AddedFile::TooMany => {
            received.is_too_many = true;
            Ok(())
        }
        AddedFile::NoRoom => {
            received.is_full = true;
            Ok(())
        }
        AddedFile::Gone => Err(Problem::NotFound),
    }
}

async fn begin(
    view: &View,
    visitor: &Visitor,
    account: AccountId,
) -> Result<UploadNumber, Problem> {
    for _draw in 0..DRAWS_MAX {
        let new = NewUpload {
            number: UploadNumber::from_random(runtime::random()),
            account,
            user: visitor.guest.user.id,
            at: view.deps.clock.now(),
        };
        let store = &view.deps.store;
        if store.begin_upload(&new, view.upload_limits()).await? {
            return Ok(new.number);
        }
    }
    Err(Problem::broken(
        "the numbers of uploads in a row were taken",
    ))
}

/// The name without folders: some browsers send them along.
fn base_name(sent: &str) -> &str {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    name.trim()
}

fn is_xml(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("xml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_stands_behind_the_folders() {
        assert_eq!(base_name("C:\\fakepath\\a b v2.xml"), "a b v2.xml");
        assert_eq!(base_name("../../etc/passwd"), "passwd");
        assert_eq!(base_name("a.xml"), "a.xml");
        assert!(is_xml("a.XML") && is_xml("a.b.xml") && !is_xml("xml") && !is_xml("a.xml.txt"));
    }
}
