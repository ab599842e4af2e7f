//! Four clients that upload whatever happens, and what they were answered, kept outside of the
//! program.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::support::sftp_client::Client;
use crate::support::{documents, tool, wait};

/// How many clients hand in at the same time.
const CLIENTS: u32 = 4;
/// How many files a client puts in one session.
const BATCH: usize = 12;

/// Hands in the certificates 0 to `files`, each until it is answered OK, and meanwhile lets `strike`
/// do its worst, again and again.
pub(crate) fn hand_in(files: u32, client: &Client, scratch: &Path, mut strike: impl FnMut()) {
    let ledger = Ledger::new(files, scratch);
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (client, ledger) = (client, &ledger);
            scope.spawn(move || ledger.work_off(client, number));
        }
        while !ledger.is_done() && !ledger.has_failed() {
            strike();
        }
    });
}

/// What was sent and what was answered, kept outside of the program.
struct Ledger {
    files: usize,
    waiting: Mutex<VecDeque<PathBuf>>,
    answered: AtomicUsize,
    scratch: PathBuf,
}

impl Ledger {
    fn new(files: u32, scratch: &Path) -> Self {
        let folder = scratch.join("outgoing");
        std::fs::create_dir(&folder).expect("a folder can be made");
        let write = |number| {
            let path = folder.join(format!("{number}.xml"));
            std::fs::write(&path, documents::certificate(number)).expect("written");
            path
        };
        Self {
            files: files as usize,
            waiting: Mutex::new((0..files).map(write).collect()),
            answered: AtomicUsize::new(0),
            scratch: scratch.to_path_buf(),
        }
    }

    fn is_done(&self) -> bool {
        self.answered.load(Ordering::SeqCst) >= self.files
    }

    /// Did a client's thread panic while it held the files?
    fn has_failed(&self) -> bool {
        self.waiting.is_poisoned()
    }

    /// Puts files in batches until none waits; what was not answered OK waits again.
    fn work_off(&self, client: &Client, number: u32) {
        let list = self.scratch.join(format!("batch-{number}"));
        while !self.is_done() {
            let files = self.take();
            if files.is_empty() {
                // The last ones are in the hands of another client, and may come back.
                wait::pause(Duration::from_millis(20));
                continue;
            }
            let answered = put(client, &list, &files);
            if answered == 0 {
                // The service is being started again.
                wait::pause(Duration::from_millis(50));
            }
            self.answered.fetch_add(answered, Ordering::SeqCst);
            self.give_back(&files[answered..]);
        }
    }

    fn take(&self) -> Vec<PathBuf> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }

    fn give_back(&self, files: &[PathBuf]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(files.iter().cloned());
    }
}

/// Puts files in one session, and says how many of them were answered OK: the first so many.
///
/// A batch ends at the first command that fails, and a put fails unless its CLOSE was answered OK;
/// so the local `echo` behind a put is reached only if that put was answered.
fn put(client: &Client, list: &Path, files: &[PathBuf]) -> usize {
    let commands = files.iter().map(|file| {
        let name = file.file_name().expect("a name").to_string_lossy();
        let local = file.display();
        format!("put \"{local}\" \"inbox/{name}\"\n!echo answered\n")
    });
    let commands: String = commands.collect();
    std::fs::write(list, commands).expect("written");
    let said = tool::run(&mut client.batch_file(list), "");
    said.out.lines().filter(|line| *line == "answered").count()
}
