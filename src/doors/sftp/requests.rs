//! Every SFTP request and its answer: the table. Knows nothing of SSH.
//!
//! Requests are begun in the order in which they came. What must wait for the disk or the database
//! is answered later, and others go on meanwhile; only those for the same file wait for it.

use std::sync::Arc;

use crate::domain::Timestamp;
use crate::doors::sftp::arrive::{self, Ending};
use crate::doors::sftp::digests::{Content, Wish};
use crate::doors::sftp::frames::FRAME_BYTES_MAX;
use crate::doors::sftp::handles::{Handle, Handles, Writing};
use crate::doors::sftp::listing;
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::tree::{self, Place};
use crate::doors::sftp::turns::Turns;
use crate::doors::sftp::visit::Visit;
use crate::doors::sftp::wire::{Attrs, CheckFile, Checked, Reply, Request};
use crate::doors::sftp::{holdings, opening, paths, spilling};
use crate::drop_folder::DropPath;

/// The longest READ that is answered whole, and the longest WRITE that is announced: a packet less
/// its head.
pub(super) const DATA_BYTES_MAX: usize = FRAME_BYTES_MAX - 1024;

/// An answer that comes later.
pub(super) type Later = std::pin::Pin<Box<dyn Future<Output = Reply> + Send>>;

/// What comes of a request.
pub(super) enum Answer {
    /// The answer.
    Now(Reply),
    /// The answer will come; other requests go on.
    Later(Later),
}

/// What a request comes to, in the end.
type Done = Result<Reply, Refusal>;

/// The requests of one SFTP channel, and its open handles.
pub(super) struct Requests {
    visit: Arc<Visit>,
    handles: Arc<Handles>,
    turns: Turns,
}

impl Requests {
    pub(super) fn new(visit: Arc<Visit>) -> Self {
        let most = visit.house.settings.handles_max;
        let handles = Arc::new(Handles::new(most, visit.allowance.clone()));
        Self {
            visit,
            handles,
            turns: Turns::default(),
        }
    }

    /// Whose requests they are.
    #[cfg(test)]
    pub(super) fn visit(&self) -> &Arc<Visit> {
        &self.visit
    }

    /// Begins a request. The one place where a refusal becomes a status and a sentence.
    pub(super) async fn answer(&mut self, request: Request<'_>) -> Answer {
        self.begin(request)
            .await
            .unwrap_or_else(|refusal| Answer::Now(refusal.to_reply()))
    }

    /// The table.
    async fn begin(&mut self, request: Request<'_>) -> Result<Answer, Refusal> {
        let handles = &*self.handles;
        let now = || self.visit.house.clock.now();
        let done = match request {
            Request::Open { path, flags, attrs } => return self.open(path, flags, attrs).await,
            Request::Close { handle } => return self.close(handle),
            Request::Read {
                handle,
                offset,
                bytes,
            } => {
                self.settle(handle).await?;
                handles.read(handle, offset, bytes)
            }
            Request::Write {
                handle,
                offset,
                data,
            } => {
                if spilling::needs_room(&self.visit, handles, handle, (offset, data.len())) {
                    let making = spilling::make_room(&self.visit, handles, handle, offset);
                    Box::pin(making).await?;
                }
                handles.write(handle, offset, data, now())
            }
            Request::Stat { path } => {
                let looking = self.look(path, |visit, place| {
                    paths::attrs(visit, place).map(Reply::Attrs)
                });
                return looking.await;
            }
            Request::Fstat { handle } => handles.fstat(handle, now()),
            Request::SetStat { path, attrs } => return self.set_stat(path, attrs),
            Request::FsetStat { handle, attrs } => {
                if let Some(size) = attrs.size {
                    spilling::spill_for_size(&self.visit, handles, handle, size)?;
                    self.settle(handle).await?;
                }
                handles.set_stat(handle, attrs)
            }
            Request::OpenDir { path } => return self.open_dir(path),
            Request::ReadDir { handle } => handles.read_dir(handle),
            Request::Remove { path } => return self.remove(path),
            Request::MakeDir { path } => paths::make_folder(path),
            Request::RemoveDir { path } => return self.look(path, paths::remove_folder).await,
            Request::RealPath { path } => tree::canonical(path).map(named),
            Request::Rename { from, to, replace } => return self.rename(from, to, replace),
            Request::Link => Err(Refusal::NoLinks),
            // What is written is durable when CLOSE is answered OK, and not before; see ARCHITECTURE.md.
            Request::Fsync { handle } => handles.sync(handle),
            Request::Limits => Ok(self.limits()),
            Request::Home => Ok(named("/".to_owned())),
            Request::StatVfs { path } => {
                tree::resolve(path)?;
                return Ok(self.room());
            }
            Request::FstatVfs { handle } => {
                handles.with(handle, |_| Ok(()))?;
                return Ok(self.room());
            }
            Request::CheckFile(wish) => {
                if let Checked::Handle(handle) = wish.of {
                    self.settle(handle).await?;
                }
                return self.check_file(&wish);
            }
            Request::Init => Err(Refusal::BadMessage),
            Request::Unknown => Err(Refusal::Unsupported),
        };
        done.map(Answer::Now)
    }

    /// Waits until what came for a large upload is where it can be read.
    async fn settle(&self, handle: &[u8]) -> Result<(), Refusal> {
        if spilling::is_on_its_way(&self.handles, handle) {
            // In a box, because it is rare: what is awaited here is memory of every session.
            Box::pin(spilling::settle(&self.visit, &self.handles, handle)).await?;
        }
        Ok(())
    }

    async fn open(&mut self, path: &[u8], flags: u32, wish: Attrs) -> Result<Answer, Refusal> {
        let place = tree::resolve(path)?;
        let paths = place.path().into_iter().collect();
        let (visit, handles) = (Arc::clone(&self.visit), Arc::clone(&self.handles));
        let opening = async move { opening::open(&visit, &handles, place, flags, wish).await };
        Ok(self.after(paths, Box::pin(opening)).await)
    }

    /// Looks at a place, when nothing more goes on there.
    async fn look(
        &mut self,
        path: &[u8],
        work: impl FnOnce(&Visit, &Place) -> Done + Send + 'static,
    ) -> Result<Answer, Refusal> {
        let place = tree::resolve(path)?;
        let paths = place.path().into_iter().collect();
        let visit = Arc::clone(&self.visit);
        let looking = async move { work(&visit, &place) };
        Ok(self.after(paths, Box::pin(looking)).await)
    }

    fn set_stat(&mut self, path: &[u8], wish: Attrs) -> Result<Answer, Refusal> {
        let place = tree::resolve(path)?;
        let touched: Vec<DropPath> = place.path().into_iter().collect();
        let visit = Arc::clone(&self.visit);
        let setting = async move { paths::set_attrs(&visit, &place, wish) };
        Ok(self.change(&touched, setting))
    }

    fn remove(&mut self, path: &[u8]) -> Result<Answer, Refusal> {
        let path = paths::removable(&self.visit, tree::resolve(path)?)?;
        let visit = Arc::clone(&self.visit);
        let removed = path.clone();
        let removing = async move { paths::remove(&visit, &removed) };
        Ok(self.change(&[path], removing))
    }

    fn open_dir(&mut self, path: &[u8]) -> Result<Answer, Refusal> {
        let place = tree::resolve(path)?;
        let before = self.turns.before_all();
        let (visit, handles) = (Arc::clone(&self.visit), Arc::clone(&self.handles));
        // A folder may hold very many files, and each must be looked at.
        Ok(Answer::Later(Box::pin(async move {
            before.done().await;
            replied(opening::open_folder(&visit, &handles, place).await)
        })))
    }

    fn rename(&mut self, from: &[u8], to: &[u8], replace: bool) -> Result<Answer, Refusal> {
        let from = paths::renamable(&self.visit, tree::resolve(from)?)?;
        // An impossible new name is said to be so only when the old one is there.
        let to = tree::resolve(to);
        let mut touched = vec![from.clone()];
        if let Ok(Place::File(to)) = &to {
            touched.push(to.clone());
            touched.extend(self.visit.marked_by(to));
        }
        let visit = Arc::clone(&self.visit);
        let renaming = async move { arrive::rename(&visit, &from, to, replace).await };
        Ok(self.change(&touched, renaming))
    }

    fn close(&mut self, handle: &[u8]) -> Result<Answer, Refusal> {
        let Handle::Writing(writing) = self.handles.remove(handle)? else {
            return Ok(Answer::Now(Reply::ok()));
        };
        let Writing { upload, under_way } = *writing;
        let mut touched = vec![upload.path.clone()];
        touched.extend(self.visit.marked_by(&upload.path));
        let visit = Arc::clone(&self.visit);
        let finishing = async move {
            let finished = arrive::finish(&visit, upload, Ending::Closed).await;
            drop(under_way);
            finished
        };
        Ok(self.change(&touched, finishing))
    }

    /// Changes what lies at `touched`, later, and behind whatever else goes on there: in this channel in
    /// the order of the requests, and in others of the account one after the other.
    fn change(
        &mut self,
        touched: &[DropPath],
        work: impl Future<Output = Result<(), Refusal>> + Send + 'static,
    ) -> Answer {
        let before = self.turns.before(touched);
        let guards = self.turns.begin(touched);
        let count = self.visit.uploads.token();
        let (visit, touched) = (Arc::clone(&self.visit), touched.to_vec());
        Answer::Later(Box::pin(async move {
            before.done().await;
            let alone = visit.alone(touched).await;
            let done = work.await;
            drop((alone, guards, count));
            replied(done.map(|()| Reply::ok()))
        }))
    }

    /// Does `work` at once, or when what goes on at `paths` is done; what comes later for them
    /// waits then for it.
    async fn after(
        &mut self,
        paths: Vec<DropPath>,
        work: std::pin::Pin<Box<dyn Future<Output = Done> + Send>>,
    ) -> Answer {
        let before = self.turns.before(&paths);
        if before.is_nothing() {
            return Answer::Now(replied(work.await));
        }
        let guards = self.turns.begin(&paths);
        Answer::Later(Box::pin(async move {
            before.done().await;
            let done = work.await;
            drop(guards);
            replied(done)
        }))
    }

    fn limits(&self) -> Reply {
        let handles = u64::from(self.visit.house.settings.handles_max);
        let data = DATA_BYTES_MAX as u64;
        Reply::Limits([FRAME_BYTES_MAX as u64, data, data, handles])
    }

    fn room(&self) -> Answer {
        let visit = Arc::clone(&self.visit);
        Answer::Later(Box::pin(async move {
            replied(holdings::room(&visit).await.map(Reply::Room))
        }))
    }

    fn check_file(&mut self, asked: &CheckFile<'_>) -> Result<Answer, Refusal> {
        let wish = Wish::of(asked)?;
        let visit = Arc::clone(&self.visit);
        let is_named = asked.is_named;
        let digested = async move |content: Content| {
            let digested = visit.work_long("sftp: digest a file", move || wish.fulfil(&content));
            let digested = digested.await;
            let octets = digested.ok_or(Refusal::Fault)??;
            Ok(Reply::Digests {
                algorithm: wish.algorithm.name(),
                octets,
                is_named,
            })
        };
        match asked.of {
            Checked::Handle(handle) => {
                let content = self.handles.content(handle)?;
                Ok(Answer::Later(Box::pin(async move {
                    replied(digested(content).await)
                })))
            }
            Checked::Path(path) => {
                let place = tree::resolve(path)?;
                let paths: Vec<DropPath> = place.path().into_iter().collect();
                let before = self.turns.before(&paths);
                let visit = Arc::clone(&self.visit);
                Ok(Answer::Later(Box::pin(async move {
                    before.done().await;
                    match paths::content(&visit, &place) {
                        Ok(content) => replied(digested(content).await),
                        Err(refusal) => refusal.to_reply(),
                    }
                })))
            }
        }
    }

    /// Waits until nothing more is being put anywhere.
    pub(super) async fn all_settled(&mut self) {
        self.turns.before_all().done().await;
    }
}

impl Drop for Requests {
    /// The channel or the connection ended: what came of open uploads is kept, but not of who may no longer come.
    fn drop(&mut self) {
        let is_barred = self.visit.is_barred();
        for writing in self.handles.end() {
            let Writing { upload, under_way } = writing;
            let visit = Arc::clone(&self.visit);
            let earlier = self.turns.before_all();
            self.visit
                .house
                .tasks
                .spawn("sftp: keep an aborted upload", async move {
                    earlier.done().await;
                    let mut touched = vec![upload.path.clone()];
                    touched.extend(visit.marked_by(&upload.path));
                    let _alone = visit.alone(touched).await;
                    if is_barred {
                        arrive::came_to_nothing(&visit, &upload.path, upload.found).await;
                    } else {
                        // Whatever comes of it, nobody is left to be told.
                        let _ = arrive::finish(&visit, upload, Ending::Aborted).await;
                    }
                    drop(under_way);
                });
        }
    }
}

/// The time of change that a client wishes.
pub(super) fn modified(wish: Attrs) -> Option<Timestamp> {
    let (_, changed) = wish.times?;
    Timestamp::from_second(i64::from(changed)).ok()
}

fn named(name: String) -> Reply {
    let attrs = Attrs::default();
    let entry = listing::entry(name, attrs, Timestamp::UNIX_EPOCH);
    Reply::Names(vec![entry])
}

fn replied(done: Done) -> Reply {
    done.unwrap_or_else(Refusal::to_reply)
}
