//! SFTP on a pair of streams: the same requests and answers, without SSH and without a log-in.
//!
//! For tests, which start it as OpenSSH's client starts a server of its own (`sftp -D`). Whoever can
//! start it has the service's rights already.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, mpsc};

use crate::access::Guest;
use crate::config;
use crate::domain::submission::SessionFacts;
use crate::doors::sftp::allowance::Waited;
use crate::doors::sftp::pump::{Outlet, Pump};
use crate::doors::sftp::requests::Later;
use crate::doors::sftp::visit::{House, Visit};
use crate::doors::sftp::{Parts, wire};
use crate::runtime::{self, Tasks};

/// Octets that are read at once.
const CHUNK_BYTES: usize = 32 * 1024;

/// Chunks that may wait to be worked off.
const CHUNKS_WAITING: usize = 8;

/// Answers that may wait to be written: more than [`OUT_BYTES_MAX`] octets of the shortest ones.
const ANSWERS_WAITING: usize = 32 * 1024;

/// Octets of answers that may wait for the other side to read.
const OUT_BYTES_MAX: usize = 256 * 1024;

/// Answers what comes in at `input`, as to `guest`, until it ends and all is in place.
pub async fn speak(
    settings: &config::Config,
    parts: Parts,
    guest: &Guest,
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
) -> io::Result<()> {
    let Some(account) = guest.account.clone() else {
        return Err(io::Error::other("the user belongs to no account"));
    };
    let folder = parts.folders.account(&account.code)?;
    let tasks = parts.tasks.clone();
    let house = Arc::new(House::new(settings, parts));
    let facts = SessionFacts {
        id: runtime::unique_id(),
        client: "standard input".to_owned(),
        remote_ip: "127.0.0.1".to_owned(),
        key_fingerprint: None,
    };
    let visit = Arc::new(Visit::new(house, guest, account, folder, facts));
    let mut chunks = reading(input)?;
    let (mut outlet, mut written) = writing(output, tasks)?;
    let mut pump = Pump::new(visit);
    let mut fed = Ok(());
    while fed.is_ok() {
        if outlet.is_full() {
            outlet.drained.notified().await;
        } else if pump.is_waiting() {
            // The other side has read meanwhile; perhaps nothing more comes.
            fed = pump.feed(&[], &mut outlet).await;
        } else if let Some(chunk) = chunks.recv().await {
            fed = pump.feed(&chunk, &mut outlet).await;
        } else {
            break;
        }
    }
    pump.settle().await;
    drop((pump, outlet));
    // Ends when the last late answer is out.
    written.recv().await;
    fed.map_err(|broken| io::Error::other(format!("the stream was broken: {broken}")))
}

/// Reads on a thread of its own, which ends with the input or with the process.
fn reading(mut input: impl Read + Send + 'static) -> io::Result<mpsc::Receiver<Vec<u8>>> {
    let (sender, chunks) = mpsc::channel(CHUNKS_WAITING);
    let work = move || {
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            match input.read(&mut chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                Ok(0) | Err(_) => break,
                Ok(read) => {
                    let octets = chunk.get(..read).unwrap_or_default().to_vec();
                    if sender.blocking_send(octets).is_err() {
                        break;
                    }
                }
            }
        }
    };
    let thread = std::thread::Builder::new().name("sftp: read".to_owned());
    thread.spawn(work)?;
    Ok(chunks)
}

/// Writes on a thread of its own; the second value tells of its end.
fn writing(
    mut output: impl Write + Send + 'static,
    tasks: Tasks,
) -> io::Result<(StreamOutlet, mpsc::Receiver<()>)> {
    let (sender, mut answers) = mpsc::channel::<Vec<u8>>(ANSWERS_WAITING);
    let outlet = StreamOutlet {
        sender,
        waiting: Arc::new(AtomicUsize::new(0)),
        drained: Arc::new(Notify::new()),
        tasks,
    };
    let (waiting, drained) = (Arc::clone(&outlet.waiting), Arc::clone(&outlet.drained));
    let (ended, written) = mpsc::channel(1);
    let work = move || {
        let mut can_write = true;
        while let Some(answer) = answers.blocking_recv() {
            // When nobody reads any more, what comes is taken and thrown away.
            can_write = can_write && output.write_all(&answer).and(output.flush()).is_ok();
            waiting.fetch_sub(answer.len(), Ordering::AcqRel);
            drained.notify_one();
        }
        drop(ended);
    };
    let thread = std::thread::Builder::new().name("sftp: write".to_owned());
    thread.spawn(work)?;
    Ok((outlet, written))
}

/// Where answers go.
struct StreamOutlet {
    sender: mpsc::Sender<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
    drained: Arc<Notify>,
    tasks: Tasks,
}

impl Outlet for StreamOutlet {
    fn send(&mut self, octets: Vec<u8>) {
        self.waiting.fetch_add(octets.len(), Ordering::AcqRel);
        // The writer ends only after us, and there is room: see `is_full`.
        drop(self.sender.try_send(octets));
    }

    fn send_later(&mut self, id: u32, later: Later, waited: Waited) {
        let sender = self.sender.clone();
        let waiting = Arc::clone(&self.waiting);
        self.tasks.spawn("sftp: a late answer", async move {
            let mut out = Vec::new();
            wire::encode(id, &later.await, &mut out);
            waiting.fetch_add(out.len(), Ordering::AcqRel);
            drop(sender.send(out).await);
            drop(waited);
        });
    }

    fn is_full(&self) -> bool {
        self.waiting.load(Ordering::Acquire) > OUT_BYTES_MAX
    }
}
