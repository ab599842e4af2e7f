//! What may be set on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// Hands in files over many connections, and measures from the first OPEN to the last receipt.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Files in each round.
    #[arg(long, default_value_t = 2000)]
    pub(crate) count: u32,
    /// Connections; several numbers, with commas between them, are measured one after the other.
    #[arg(long, value_delimiter = ',', default_value = "8")]
    pub(crate) connections: Vec<u32>,
    /// Rounds of each; the median counts.
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: u32,
    /// A server that runs already; without it the program is started with data of its own.
    #[arg(long, requires_all = ["login", "key", "receipts"])]
    pub(crate) server: Option<SocketAddr>,
    /// The log-in name on that server.
    #[arg(long)]
    pub(crate) login: Option<String>,
    /// The private key for it.
    #[arg(long)]
    pub(crate) key: Option<PathBuf>,
    /// The folder of this machine in which its receipts appear.
    #[arg(long)]
    pub(crate) receipts: Option<PathBuf>,
    /// The process of that server, to look at its memory.
    #[arg(long)]
    pub(crate) process: Option<u32>,
    /// The database of the program that is started; SQLite by default.
    #[arg(long, default_value = "sqlite:ecocd.sqlite")]
    pub(crate) database: String,
    /// The folder for its data; a temporary one by default. Its disk is part of what is measured.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// The document that is handed in, with a VIN and a reference of its own each time.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/samples/valid/01-m1-petrol.xml"))]
    pub(crate) template: PathBuf,
    /// Seconds to wait for the last receipt.
    #[arg(long, default_value_t = 600)]
    patience: u64,
    /// Cargo says so to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// How long to wait for the last receipt.
    pub(crate) const fn patience(&self) -> Duration {
        Duration::from_secs(self.patience)
    }
}
