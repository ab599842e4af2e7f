//! What OpenSSH's own programs cannot measure of an SFTP server: many connections at once, log-ins,
//! and sessions that lie idle. One figure a run; `benches/compare-sftp.sh` calls it
//! for ecocd and for OpenSSH's server.

#![expect(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../intake/client.rs"]
mod client;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use anyhow::Context;
use clap::{Parser, Subcommand};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::client::Connection;

/// Measures an SFTP server that runs already.
#[derive(Debug, Parser)]
struct Options {
    /// Where it listens.
    #[arg(long, global = true, default_value = "127.0.0.1:2222")]
    server: SocketAddr,
    /// The log-in name.
    #[arg(long, global = true, default_value = "bench-robot")]
    login: String,
    /// The private key.
    #[arg(long, global = true, default_value = "key")]
    key: PathBuf,
    /// Cargo says so to every benchmark.
    #[arg(long, hide = true, global = true)]
    bench: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Puts the files of a folder over so many connections; prints files a second.
    Files {
        /// The folder.
        folder: PathBuf,
        /// Connections at once.
        #[arg(long, default_value_t = 8)]
        connections: u32,
    },
    /// Logs in and out; prints log-ins a second.
    Logins {
        /// How often.
        #[arg(long, default_value_t = 200)]
        count: u32,
        /// How many at once.
        #[arg(long, default_value_t = 4)]
        at_once: u32,
    },
    /// Opens sessions that do nothing, says so, and keeps them until its standard input ends.
    Idle {
        /// How many.
        #[arg(long, default_value_t = 2000)]
        count: u32,
    },
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let Some(what) = options.what.clone() else {
        // `cargo bench` alone: there is no server to measure.
        println!("see benches/compare-sftp.sh");
        return Ok(());
    };
    let door = Arc::new(Door {
        server: options.server,
        login: options.login,
        key: options.key,
    });
    match what {
        What::Files {
            folder,
            connections,
        } => runtime.block_on(files(door, &folder, connections)),
        What::Logins { count, at_once } => runtime.block_on(logins(door, count, at_once)),
        What::Idle { count } => runtime.block_on(idle(door, count)),
    }
}

/// The way in.
struct Door {
    server: SocketAddr,
    login: String,
    key: PathBuf,
}

impl Door {
    async fn open(&self) -> anyhow::Result<Connection> {
        Connection::open(self.server, &self.login, &self.key).await
    }
}

async fn files(door: Arc<Door>, folder: &Path, connections: u32) -> anyhow::Result<()> {
    let mut batch = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().context("a name")?.to_string_lossy();
        batch.push((format!("inbox/{name}"), std::fs::read(&path)?));
    }
    let batch = Arc::new(batch);
    let next = Arc::new(AtomicU32::new(0));
    let ready = Arc::new(Barrier::new(connections as usize + 1));
    let mut clients = JoinSet::new();
    for _connection in 0..connections {
        let connection = door.open().await?;
        let (batch, next, ready) = (Arc::clone(&batch), Arc::clone(&next), Arc::clone(&ready));
        clients.spawn(async move {
            ready.wait().await;
            while let Some((path, octets)) =
                batch.get(next.fetch_add(1, Ordering::Relaxed) as usize)
            {
                connection.put(path, octets).await?;
            }
            connection.close().await
        });
    }
    ready.wait().await;
    let began = Instant::now();
    all(&mut clients).await?;
    let count = u32::try_from(batch.len())?;
    println!("{:.0}", f64::from(count) / began.elapsed().as_secs_f64());
    Ok(())
}

async fn logins(door: Arc<Door>, count: u32, at_once: u32) -> anyhow::Result<()> {
    let next = Arc::new(AtomicU32::new(0));
    let mut clients = JoinSet::new();
    let began = Instant::now();
    for _client in 0..at_once {
        let (door, next) = (Arc::clone(&door), Arc::clone(&next));
        clients.spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < count {
                door.open().await?.close().await?;
            }
            Ok(())
        });
    }
    all(&mut clients).await?;
    println!("{:.0}", f64::from(count) / began.elapsed().as_secs_f64());
    Ok(())
}

async fn idle(door: Arc<Door>, count: u32) -> anyhow::Result<()> {
    let mut sessions = Vec::new();
    for _session in 0..count {
        sessions.push(door.open().await?);
    }
    println!("open");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    drop(sessions);
    Ok(())
}

async fn all(clients: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    while let Some(ended) = clients.join_next().await {
        ended??;
    }
    Ok(())
}
