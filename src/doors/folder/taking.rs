//! One dropped file: read it, and take it in if its time has come.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::account::Account;
use crate::domain::submission::{Arrival, Door, FileMark, GivenUp, Lane};
use crate::doors::folder::Parts;
use crate::doors::folder::settle::{Next, Pending, Shape};
use crate::doors::markers::Marked;
use crate::drop_folder::{AccountFolder, DropPath, Folder};
use crate::intake;
use crate::runtime::Tasks;

/// What is kept of a file past the size limit.
const LARGE_KEPT_BYTES: u64 = 64 * 1024;
/// How much of its end is looked at.
const TAIL_BYTES: u64 = 64;

/// A file whose content is to be looked at.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) parts: Arc<Parts>,
    pub(super) account: Arc<Account>,
    pub(super) folder: AccountFolder,
    pub(super) path: DropPath,
    pub(super) pending: Pending,
    pub(super) is_living: bool,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Came {
    /// Taken in, or known already.
    Taken,
    /// It changed or went away; look again soon.
    Changed,
    /// Its time has not come.
    Waits(Pending, Duration),
    /// The store did not take it.
    Fault(String),
    /// It could not be read.
    Unreadable(io::Error),
}

/// What a file holds.
struct Content {
    octets: Vec<u8>,
    mark: FileMark,
    shape: Shape,
}

impl Candidate {
    /// Reads the file, and takes it in if its time has come.
    pub(super) async fn look(self, tasks: &Tasks) -> Came {
        let (folder, path) = (self.folder.clone(), self.path.clone());
        let bytes_max = self.parts.file_bytes_max;
        let read = tasks.block("drop", move || content(&folder, &path, bytes_max));
        let content = match read.await {
            Some(Ok(content)) => content,
            Some(Err(fault)) if is_change(&fault) => return Came::Changed,
            Some(Err(fault)) => return Came::Unreadable(fault),
            None => return Came::Unreadable(io::ErrorKind::Other.into()),
        };
        if content.mark != self.pending.mark {
            return Came::Changed;
        }
        let markers = &self.parts.busy.markers;
        let marked = markers.marked(&self.account, &self.folder, &self.path);
        let is_unmarked = content.shape == Shape::Whole && marked == Marked::Missing;
        let pending = Pending {
            shape: Some(if is_unmarked {
                Shape::Unmarked
            } else {
                content.shape
            }),
            ..self.pending
        };
        let now = self.parts.clock.uptime();
        match pending.next(self.is_living, now, &self.parts.config) {
            Next::Wait(left) => Came::Waits(pending, left),
            // It was read this moment.
            Next::Read => Came::Changed,
            Next::Take => self.take_marked(tasks, content, marked).await,
            Next::GiveUp(reason) => self.take(tasks, content, Some(reason)).await,
        }
    }

    async fn take_marked(self, tasks: &Tasks, content: Content, marked: Marked) -> Came {
        let (parts, account) = (Arc::clone(&self.parts), self.account.id);
        let came = self.take(tasks, content, None).await;
        if let (Came::Taken, Marked::By(marker, mark)) = (&came, marked) {
            let now = parts.clock.uptime();
            parts.busy.markers.serve(account, marker, mark, now);
        }
        came
    }

    async fn take(self, tasks: &Tasks, content: Content, given_up: Option<GivenUp>) -> Came {
        let client = self.path.to_client();
        let intake = &self.parts.intake;
        let known = intake.taken(self.account.id, &client);
        let (folder, path) = (self.folder.clone(), self.path.clone());
        if let Some(known) = known
            && known.sha256 == intake::digest(&content.octets)
            && tasks
                .block("drop", move || has_receipt(&folder, &path))
                .await
                .unwrap_or(false)
        {
            // Touched, or written anew with the same octets: its answer lies there already.
            intake.touched(self.account.id, &client, content.mark).await;
            return Came::Taken;
        }
        // The answer to an older arrival must be gone before the new one can be answered.
        let (folder, path) = (self.folder.clone(), self.path.clone());
        tasks
            .block("drop", move || remove_receipt(&folder, &path))
            .await;
        let now = self.parts.clock.now();
        let senders = &self.parts.busy.senders;
        let sender = senders.of(self.account.id, &client, content.mark);
        let arrival = Arrival {
            account: self.account.id,
            user: sender.as_ref().map(|sender| sender.user),
            door: match sender {
                Some(_) => Door::Sftp,
                None => Door::Folder,
            },
            lane: if self.path.folder == Folder::Test {
                Lane::Test
            } else {
                Lane::Live
            },
            file_name: self.path.name().to_owned(),
            path: client.clone(),
            octets: content.octets,
            first_byte: first_byte(content.mark, now),
            complete: now,
            session: sender.map(|sender| sender.session),
            mark: Some(content.mark),
            given_up,
        };
        match intake.take_in(arrival).await {
            Ok(_received) => {
                senders.forget(self.account.id, &client);
                Came::Taken
            }
            Err(fault) => Came::Fault(fault.to_string()),
        }
    }
}

fn content(folder: &AccountFolder, path: &DropPath, bytes_max: u64) -> io::Result<Content> {
    match folder.read_whole(path, bytes_max) {
        Ok((octets, mark)) => Ok(Content {
            shape: Shape::of(&octets),
            octets,
            mark,
        }),
        Err(fault) if fault.kind() == io::ErrorKind::FileTooLarge => large_content(folder, path),
        Err(fault) => Err(fault),
    }
}

fn large_content(folder: &AccountFolder, path: &DropPath) -> io::Result<Content> {
    let mark = folder.facts(path)?.mark;
    let mut file = folder.read(path)?;
    let mut octets = Vec::new();
    file.by_ref()
        .take(LARGE_KEPT_BYTES)
        .read_to_end(&mut octets)?;
    let mut tail = Vec::new();
    let place = mark.size_bytes.saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(place))?;
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    if folder.facts(path)?.mark != mark {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    Ok(Content {
        shape: Shape::of_large(&tail),
        octets,
        mark,
    })
}

fn is_change(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::NotFound
    )
}

fn has_receipt(folder: &AccountFolder, path: &DropPath) -> bool {
    path.receipt()
        .is_some_and(|receipt| folder.facts(&receipt).is_ok())
}

fn remove_receipt(folder: &AccountFolder, path: &DropPath) {
    let Some(receipt) = path.receipt() else {
        return;
    };
    if let Err(fault) = folder.remove(&receipt)
        && fault.kind() != io::ErrorKind::NotFound
    {
        // The new answer takes its place within moments.
        tracing::debug!(%fault, "an old receipt stays until the new one is written");
    }
}

/// The file's time, which is when its octets came, as far as anybody knows.
fn first_byte(mark: FileMark, now: Timestamp) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(mark.modified_ns))
        .map_or(now, |modified| modified.min(now))
}
