//! Every SFTP request and its answer. Knows nothing of SSH.
//!
//! Requests are worked off in the order they came, but the end of an upload is answered when it is
//! durable: meanwhile other files go on, and requests for the same file wait for it.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use tokio_util::sync::{CancellationToken, DropGuard};

use crate::domain::Timestamp;
use crate::doors::sftp::arrive::{self, Ending};
use crate::doors::sftp::frames::FRAME_BYTES_MAX;
use crate::doors::sftp::handles::{Handle, Writing};
use crate::doors::sftp::listing;
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::tree::{self, Place};
use crate::doors::sftp::visit::Visit;
use crate::doors::sftp::wire::{Attrs, Reply, Request};
use crate::drop_folder::{DropPath, Folder};

/// The longest READ that is answered whole, and the longest WRITE that is announced: a packet less
/// its head.
pub(super) const DATA_BYTES_MAX: usize = FRAME_BYTES_MAX - 1024;

/// An answer that comes when a file is durable.
pub(super) type Later = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// What comes of a request.
pub(super) enum Answer {
    /// The answer.
    Now(Reply),
    /// The answer will come; other requests go on.
    Later(Later),
}

/// The requests of one SFTP channel, and its open handles.
pub(super) struct Requests {
    pub(super) visit: Arc<Visit>,
    pub(super) handles: HashMap<u64, Handle>,
    handles_made: u64,
    /// Files that are being put in place: each token ends when that is done.
    pending: Vec<(DropPath, CancellationToken)>,
}

impl Requests {
    pub(super) fn new(visit: Arc<Visit>) -> Self {
        Self {
            visit,
            handles: HashMap::new(),
            handles_made: 0,
            pending: Vec::new(),
        }
    }

    /// Works a request off.
    pub(super) async fn answer(&mut self, request: Request<'_>) -> Answer {
        let done = match request {
            Request::Close { handle } => return self.close(handle),
            Request::Rename { from, to, replace } => match self.rename(from, to, replace).await {
                Ok(later) => return Answer::Later(later),
                Err(refusal) => Err(refusal),
            },
            other => self.answer_now(other).await,
        };
        Answer::Now(done.unwrap_or_else(Refusal::to_reply))
    }

    async fn answer_now(&mut self, request: Request<'_>) -> Result<Reply, Refusal> {
        match request {
            Request::Open { path, flags, attrs } => self.open(path, flags, attrs).await,
            Request::Read {
                handle,
                offset,
                bytes,
            } => self.read(handle, offset, bytes),
            Request::Write {
                handle,
                offset,
                data,
            } => self.write(handle, offset, data),
            Request::Stat { path } => self.stat(path).await,
            Request::Fstat { handle } => self.fstat(handle),
            Request::SetStat { path, attrs } => self.set_stat(path, attrs).await,
            Request::FsetStat { handle, attrs } => self.fset_stat(handle, attrs),
            Request::OpenDir { path } => self.open_dir(path).await,
            Request::ReadDir { handle } => self.read_dir(handle),
            Request::Remove { path } => self.remove(path).await,
            Request::RemoveDir { path } => match tree::resolve(path)? {
                Place::File(_) => Err(Refusal::NotFolder),
                _ => Err(Refusal::FixedTree),
            },
            Request::MakeDir => Err(Refusal::FixedTree),
            Request::RealPath { path } => Ok(named(tree::canonical(path)?)),
            Request::Home => Ok(named("/".to_owned())),
            Request::Limits => Ok(self.limits()),
            // What is written is durable when CLOSE is answered, and not before.
            Request::Fsync { handle } => self.handle(handle).map(|_| Reply::ok()),
            Request::Link => Err(Refusal::NoLinks),
            Request::Init => Err(Refusal::BadMessage),
            Request::Unknown | Request::Close { .. } | Request::Rename { .. } => {
                Err(Refusal::Unsupported)
            }
        }
    }

    fn limits(&self) -> Reply {
        let handles = u64::from(self.visit.house.settings.handles_max);
        let data = DATA_BYTES_MAX as u64;
        Reply::Limits([FRAME_BYTES_MAX as u64, data, data, handles])
    }

    async fn stat(&mut self, path: &[u8]) -> Result<Reply, Refusal> {
        let place = tree::resolve(path)?;
        Ok(Reply::Attrs(self.attrs(&place).await?))
    }

    /// The attributes of a place; [`Refusal::Absent`] if nothing is there.
    pub(super) async fn attrs(&mut self, place: &Place) -> Result<Attrs, Refusal> {
        let visit = Arc::clone(&self.visit);
        let now = visit.house.clock.now();
        match place {
            Place::Root | Place::Folder(Folder::Inbox | Folder::Test | Folder::Receipts) => {
                Ok(listing::folder(now))
            }
            Place::Folder(Folder::Day(day)) => {
                let path = DropPath::new(Folder::Receipts, day).ok_or(Refusal::Absent)?;
                let facts = visit.folder.facts(&path);
                let facts = facts.map_err(|error| Refusal::of(&error, "looking at a folder"))?;
                Ok(listing::file(&path, &facts))
            }
            Place::Readme => Ok(listing::read_only(visit.house.readme.len(), now)),
            Place::Limits => Ok(listing::read_only(visit.house.limits.len(), now)),
            Place::File(path) => {
                self.settled(path).await;
                let facts = visit.folder.facts(path);
                let facts = facts.map_err(|error| Refusal::of(&error, "looking at a file"))?;
                if facts.is_plain || facts.is_folder {
                    Ok(listing::file(path, &facts))
                } else {
                    Err(Refusal::Absent)
                }
            }
        }
    }

    async fn set_stat(&mut self, path: &[u8], wish: Attrs) -> Result<Reply, Refusal> {
        let place = tree::resolve(path)?;
        let is = self.attrs(&place).await?;
        let Place::File(path) = place else {
            // Clients set the modes of folders, too; nothing comes of it.
            return Ok(Reply::ok());
        };
        if tree::is_receipt(&path) {
            return Err(Refusal::Receipt);
        }
        if wish.size.is_some() && wish.size != is.size {
            return Err(Refusal::NotOpenedForThis);
        }
        if let Some(modified) = modified(wish) {
            arrive::touch(&self.visit, &path, modified)?;
        }
        Ok(Reply::ok())
    }

    async fn remove(&mut self, path: &[u8]) -> Result<Reply, Refusal> {
        let path = match tree::resolve(path)? {
            Place::File(path) => path,
            Place::Readme | Place::Limits => return Err(Refusal::ReadOnly),
            Place::Root | Place::Folder(_) => return Err(Refusal::IsFolder),
        };
        self.settled(&path).await;
        let visit = &self.visit;
        let claim = visit.changing(&path);
        let removed = visit.folder.remove(&path);
        removed.map_err(|error| Refusal::of(&error, "removing a file"))?;
        visit.settled(&path);
        if tree::is_judged(&path) {
            let (intake, account) = (visit.house.intake.clone(), visit.account.id);
            visit.house.tasks.spawn("sftp: forget a file", async move {
                intake.forget(account, &path.to_client()).await;
                drop(claim);
            });
        }
        Ok(Reply::ok())
    }

    async fn rename(&mut self, from: &[u8], to: &[u8], replace: bool) -> Result<Later, Refusal> {
        let from = match tree::resolve(from)? {
            Place::File(path) => path,
            Place::Readme | Place::Limits => return Err(Refusal::ReadOnly),
            Place::Root | Place::Folder(_) => return Err(Refusal::FixedTree),
        };
        self.settled(&from).await;
        // What is not there is said to be not there, whatever else is wrong.
        let facts = self.visit.folder.facts(&from);
        facts.map_err(|error| Refusal::of(&error, "renaming"))?;
        if tree::is_receipt(&from) {
            return Err(Refusal::Receipt);
        }
        let to = match tree::resolve(to)? {
            // `rename a.xml /test` means "into the folder" to people, and to nobody's program.
            Place::Folder(_) | Place::Root => return Err(Refusal::Exists),
            place => tree::writable(place)?,
        };
        self.settled(&to).await;
        let done = (self.pend(&from), self.pend(&to));
        let visit = Arc::clone(&self.visit);
        let count = visit.count_upload();
        Ok(Box::pin(async move {
            let renamed = arrive::rename(&visit, &from, &to, replace).await;
            drop((done, count));
            replied(renamed)
        }))
    }

    fn close(&mut self, handle: &[u8]) -> Answer {
        let Some(handle) = number(handle).and_then(|number| self.handles.remove(&number)) else {
            return Answer::Now(Refusal::BadHandle.to_reply());
        };
        let Handle::Writing(writing) = handle else {
            return Answer::Now(Reply::ok());
        };
        let Writing { upload, count } = *writing;
        let done = self.pend(&upload.path);
        let before = self.before(&upload.path);
        let visit = Arc::clone(&self.visit);
        Answer::Later(Box::pin(async move {
            if let Some(before) = before {
                before.cancelled().await;
            }
            let finished = arrive::finish(&visit, upload, Ending::Closed).await;
            drop((done, count));
            replied(finished)
        }))
    }

    /// Notes that `path` is being put in place until the guard is dropped.
    fn pend(&mut self, path: &DropPath) -> DropGuard {
        self.pending.retain(|(_, done)| !done.is_cancelled());
        let done = CancellationToken::new();
        self.pending.push((path.clone(), done.clone()));
        done.drop_guard()
    }

    /// The last but one that puts something at `path`, if that still goes on: two handles of one
    /// name are worked off in the order in which they were closed.
    fn before(&self, path: &DropPath) -> Option<CancellationToken> {
        let mut same = self.pending.iter().rev().filter(|(other, _)| other == path);
        same.nth(1).map(|(_, done)| done.clone())
    }

    /// Waits until nothing more is being put at `path`.
    pub(super) async fn settled(&mut self, path: &DropPath) {
        for (other, done) in &self.pending {
            if other == path {
                done.cancelled().await;
            }
        }
    }

    /// Waits until nothing more is being put anywhere.
    pub(super) async fn all_settled(&mut self) {
        for (_, done) in self.pending.drain(..) {
            done.cancelled().await;
        }
    }

    /// Keeps a handle, and gives its number to the client.
    pub(super) fn keep(&mut self, handle: Handle) -> Result<Reply, Refusal> {
        let handles_max = self.visit.house.settings.handles_max;
        if self.handles.len() >= usize::try_from(handles_max).unwrap_or(usize::MAX) {
            return Err(Refusal::TooManyHandles);
        }
        self.handles_made += 1;
        self.handles.insert(self.handles_made, handle);
        Ok(Reply::Handle(self.handles_made))
    }

    pub(super) fn handle(&mut self, handle: &[u8]) -> Result<&mut Handle, Refusal> {
        number(handle)
            .and_then(|number| self.handles.get_mut(&number))
            .ok_or(Refusal::BadHandle)
    }
}

impl Drop for Requests {
    /// The channel or the connection ended: what came of open uploads is kept.
    fn drop(&mut self) {
        for (_, handle) in self.handles.drain() {
            let Handle::Writing(writing) = handle else {
                continue;
            };
            let Writing { upload, count } = *writing;
            let visit = Arc::clone(&self.visit);
            let earlier: Vec<_> = self.pending.iter().map(|(_, done)| done.clone()).collect();
            self.visit
                .house
                .tasks
                .spawn("sftp: keep an aborted upload", async move {
                    for done in earlier {
                        done.cancelled().await;
                    }
                    // Whatever comes of it, nobody is left to be told.
                    let _ = arrive::finish(&visit, upload, Ending::Aborted).await;
                    drop(count);
                });
        }
    }
}

/// The time of change that a client wishes.
pub(super) fn modified(wish: Attrs) -> Option<Timestamp> {
    let (_, changed) = wish.times?;
    Timestamp::from_second(i64::from(changed)).ok()
}

fn number(handle: &[u8]) -> Option<u64> {
    std::str::from_utf8(handle).ok()?.parse().ok()
}

fn named(name: String) -> Reply {
    let attrs = Attrs::default();
    let entry = listing::entry(name, attrs, Timestamp::UNIX_EPOCH);
    Reply::Names(vec![entry])
}

fn replied(done: Result<(), Refusal>) -> Reply {
    match done {
        Ok(()) => Reply::ok(),
        Err(refusal) => refusal.to_reply(),
    }
}
