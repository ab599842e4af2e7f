//! The octets of a large upload: in a file that has no name yet, written by threads that may block.
//!
//! What comes is gathered; when enough has, a thread writes it while more is gathered. *Why*: half a gigabyte
//! in memory costs more than the disk, and is written out while its client waits for CLOSE.
//!
//! *Invariant*: one thread at a time writes, in the order in which the octets came. A fault stays, and is the
//! answer to every later request and to CLOSE.
//!
//! *Limits*: a client waits when [`GATHERED_BYTES_MAX`] are gathered and the disk is not done with what was
//! before. What lies in the file counts as if it lay in memory (`allowance`).

use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::doors::sftp::digests::Content;
use crate::doors::sftp::handles::read_file;
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::uploads::slice;
use crate::drop_folder::Staged;
use crate::runtime::Tasks;

/// An upload of more octets goes into a file. Nearly all files are smaller, and those are fastest in memory.
pub(super) const MEMORY_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// So many gathered octets are worth a change of thread, and still lie in a core's cache when they are written.
const CHUNK_BYTES: usize = 256 * 1024;

/// Gathered at most while the disk is busy, and one packet more.
const GATHERED_BYTES_MAX: usize = 1024 * 1024;

pub(super) const WRITING: &str = "sftp: write a large upload";

/// The octets of an upload: all in memory, or all in a file and on the way to it.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) octets: Vec<u8>,
    pub(super) spool: Option<Spool>,
}

impl Body {
    /// How many octets there are.
    pub(super) fn size(&self) -> u64 {
        let in_memory = self.octets.len() as u64;
        self.spool.as_ref().map_or(in_memory, |spool| spool.size)
    }

    /// Puts what there is into `staged`, in which more has room.
    pub(super) fn spill(&mut self, staged: Staged) {
        let octets = std::mem::take(&mut self.octets);
        self.spool = Some(Spool::begin(staged, octets));
    }

    /// Writes where there is room: see [`Spool::need`], and for memory `allowance`.
    pub(super) fn write(&mut self, start: u64, data: &[u8]) -> Result<(), Refusal> {
        if let Some(spool) = &mut self.spool {
            return spool.write(start, data);
        }
        let start = usize::try_from(start).map_err(|_| Refusal::Crowded)?;
        let end = start.saturating_add(data.len());
        if end > self.octets.len() {
            self.octets.resize(end, 0);
        }
        if let Some(target) = self.octets.get_mut(start..end) {
            target.copy_from_slice(data);
        }
        Ok(())
    }

    /// Cuts what is settled, or puts zeros behind it.
    pub(super) fn set_size(&mut self, size: u64) -> Result<(), Refusal> {
        if let Some(spool) = &mut self.spool {
            return spool.set_size(size);
        }
        let size = usize::try_from(size).map_err(|_| Refusal::Crowded)?;
        self.octets.resize(size, 0);
        Ok(())
    }

    /// Up to `bytes` octets from `offset`; [`Refusal::End`] at the end. Only what is settled can be read.
    pub(super) fn read(&self, offset: u64, bytes: usize) -> Result<Vec<u8>, Refusal> {
        match &self.spool {
            Some(spool) => read_file(spool.file.staged.file(), offset, bytes),
            None => slice(&self.octets, offset, bytes).map(<[u8]>::to_vec),
        }
    }

    /// Waits until all is in the file, if that is where it goes, or says why it is not.
    pub(super) async fn settle(&mut self, tasks: &Tasks) -> Result<(), Refusal> {
        let Some(spool) = &mut self.spool else {
            return Ok(());
        };
        // It is never closed.
        if let Ok(turn) = spool.turns().acquire_owned().await {
            let chunk = spool.hand_over(turn);
            tasks.block(WRITING, move || chunk.write()).await;
        }
        spool.fault()
    }

    /// Reads what was settled into memory, where it is judged.
    pub(super) async fn load(&mut self, tasks: &Tasks) -> Result<(), Refusal> {
        let Some(spool) = &self.spool else {
            return Ok(());
        };
        let bytes = usize::try_from(spool.size).map_err(|_| Refusal::Crowded)?;
        let file = Arc::clone(&spool.file);
        let reading = move || read_file(file.staged.file(), 0, bytes);
        let read = tasks.block("sftp: read a large upload", reading).await;
        self.octets = read.ok_or(Refusal::Fault)??;
        Ok(())
    }

    /// The file that all is in, if it is in one and was settled.
    pub(super) fn take_staged(&mut self) -> Option<Staged> {
        let spool = self.spool.take()?;
        Arc::into_inner(spool.file).map(|file| file.staged)
    }
}

impl From<Vec<u8>> for Body {
    fn from(octets: Vec<u8>) -> Self {
        Self {
            octets,
            spool: None,
        }
    }
}

/// A file, and what is on its way there.
#[derive(Debug)]
pub(super) struct Spool {
    file: Arc<Spooled>,
    /// The turn to write: there is one.
    turns: Arc<Semaphore>,
    gathered: Vec<u8>,
    /// Where the gathered octets belong.
    at: u64,
    size: u64,
}

#[derive(Debug)]
struct Spooled {
    staged: Staged,
    fault: OnceLock<Refusal>,
    /// Room for octets to be gathered in, to be used again.
    spare: Mutex<Vec<u8>>,
}

/// Gathered octets, and the turn to write them.
#[derive(Debug)]
pub(super) struct Chunk {
    // Dropped before the turn: whoever has the next may need to be alone with the file.
    file: Arc<Spooled>,
    octets: Vec<u8>,
    at: u64,
    is_done: bool,
    _turn: OwnedSemaphorePermit,
}

/// What a WRITE must wait for, before it is taken.
pub(super) enum Need {
    Nothing,
    /// The turn to write what was gathered, if it is free.
    FreeTurn(Arc<Semaphore>),
    /// That turn.
    Turn(Arc<Semaphore>),
}

impl Spool {
    fn begin(staged: Staged, octets: Vec<u8>) -> Self {
        Self {
            size: octets.len() as u64,
            gathered: octets,
            at: 0,
            turns: Arc::new(Semaphore::new(1)),
            file: Arc::new(Spooled {
                staged,
                fault: OnceLock::new(),
                spare: Mutex::default(),
            }),
        }
    }

    /// Takes octets when what they [`need`](Self::need) is done.
    fn write(&mut self, offset: u64, data: &[u8]) -> Result<(), Refusal> {
        self.fault()?;
        if self.gathered.is_empty() {
            self.at = offset;
        }
        if !self.goes_on_at(offset) {
            return Err(Refusal::Fault);
        }
        let end = offset.saturating_add(data.len() as u64);
        if data.is_empty() && end > self.size {
            // Past the limit: the octets are dropped, and the size shows it.
            return self.set_size(end);
        }
        self.gathered.extend_from_slice(data);
        self.size = self.size.max(end);
        Ok(())
    }

    fn set_size(&mut self, size: u64) -> Result<(), Refusal> {
        self.fault()?;
        let file = self.file.staged.file();
        file.set_len(size)
            .map_err(|error| Refusal::of(&error, "writing a file"))?;
        self.size = size;
        Ok(())
    }

    /// The file itself, with what was settled, for who reads it later.
    pub(super) fn content(&self) -> Result<Content, Refusal> {
        let file = self.file.staged.file().try_clone();
        file.map(Content::File)
            .map_err(|error| Refusal::of(&error, "opening a file"))
    }

    /// Is anything on its way?
    pub(super) fn is_settled(&self) -> bool {
        self.gathered.is_empty() && self.turns.available_permits() > 0
    }

    /// What a WRITE at `offset` must wait for.
    pub(super) fn need(&self, offset: u64) -> Need {
        let gathered = self.gathered.len();
        if gathered >= GATHERED_BYTES_MAX || !self.goes_on_at(offset) {
            Need::Turn(self.turns())
        } else if gathered >= CHUNK_BYTES {
            Need::FreeTurn(self.turns())
        } else {
            Need::Nothing
        }
    }

    /// The turn to write, to be waited for.
    pub(super) fn turns(&self) -> Arc<Semaphore> {
        Arc::clone(&self.turns)
    }

    fn goes_on_at(&self, offset: u64) -> bool {
        self.gathered.is_empty() || self.at + self.gathered.len() as u64 == offset
    }

    /// The first fault, if there was one.
    pub(super) fn fault(&self) -> Result<(), Refusal> {
        self.file.fault.get().map_or(Ok(()), |fault| Err(*fault))
    }

    /// What was gathered, to be written in this turn.
    pub(super) fn hand_over(&mut self, turn: OwnedSemaphorePermit) -> Chunk {
        let spare = std::mem::take(&mut *self.file.spare());
        let octets = std::mem::replace(&mut self.gathered, spare);
        Chunk {
            file: Arc::clone(&self.file),
            octets,
            at: self.at,
            is_done: false,
            _turn: turn,
        }
    }
}

impl Chunk {
    /// Writes; may block.
    pub(super) fn write(mut self) {
        let file = self.file.staged.file();
        self.is_done = true;
        if let Err(error) = file.write_all_at(&self.octets, self.at) {
            self.file.failed(Refusal::of(&error, "writing a file"));
        }
        if self.octets.capacity() <= 2 * GATHERED_BYTES_MAX {
            self.octets.clear();
            *self.file.spare() = std::mem::take(&mut self.octets);
        }
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if !self.is_done {
            // The program ends, and runs nothing more: a file with a hole must not get its name.
            self.file.failed(Refusal::Fault);
        }
    }
}

impl Spooled {
    /// The first fault is the one that is told.
    fn failed(&self, refusal: Refusal) {
        let _first = self.fault.set(refusal);
    }

    fn spare(&self) -> MutexGuard<'_, Vec<u8>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
