//! The SFTP door's requests on real folders and a real store, for fuzzing; nothing else runs.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::access::Guest;
use crate::config::Config;
use crate::daemon::stdio;
use crate::domain::account::AccountCode;
use crate::doors;

/// An account in a folder of its own, to which streams of octets are spoken one after the other.
pub struct Playground {
    runtime: tokio::runtime::Runtime,
    config: Config,
    parts: doors::sftp::Parts,
    guest: Guest,
    drop: PathBuf,
}

impl std::fmt::Debug for Playground {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.debug_struct("Playground")
            .field("drop", &self.drop)
            .finish_non_exhaustive()
    }
}

impl Playground {
    /// Makes an account below `root`.
    pub fn new(root: &Path) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let mut config = Config::default();
        root.clone_into(&mut config.service.data);
        config.check.file_bytes_max = 4096;
        let code = AccountCode::new("acme")?;
        let opened = runtime.block_on(stdio::rooms(&config, &code, true))?;
        let (parts, guest, _store) = opened;
        let drop = parts.folders.path_of(&code);
        Ok(Self {
            runtime,
            config,
            parts,
            guest,
            drop,
        })
    }

    /// The account's drop folder.
    pub fn drop_folder(&self) -> &Path {
        &self.drop
    }

    /// Speaks `stream`, and gives the answers.
    pub fn speak(&self, stream: Vec<u8>) -> Vec<u8> {
        let heard = Heard::default();
        self.converse(io::Cursor::new(stream), heard.clone());
        heard.take()
    }

    /// Answers what comes in at `input` until it ends.
    pub fn converse(&self, input: impl Read + Send + 'static, output: impl Write + Send + 'static) {
        let parts = self.parts.clone();
        let spoken = doors::sftp::speak(&self.config, parts, &self.guest, input, output);
        // A broken stream is said to be broken in its last answer, too.
        drop(self.runtime.block_on(spoken));
    }
}

/// Keeps what is written.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Heard {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
