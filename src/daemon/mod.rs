//! Wires the rooms together, starts them in order, stops them in order.

mod judge;

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::access::Access;
use crate::config::Config;
use crate::domain::receipt::Producer;
use crate::doors;
use crate::drop_folder::DropFolders;
use crate::intake::Intake;
use crate::mail;
use crate::pipeline::Pipeline;
use crate::runtime::{Clock, Tasks};
use crate::store::Store;
use crate::web;

pub use judge::{schema, settings};

/// How long open uploads and submissions in hand may take to end after the stop signal.
///
/// Reason: the service manager kills after 90 s; the doors have 30 s of it, the rest ends faster.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// The rooms that run tasks, in the order in which they are stopped.
#[derive(Debug)]
struct Groups {
    doors: Tasks,
    web: Tasks,
    pipeline: Tasks,
    mail: Tasks,
    base: Tasks,
}

/// A daemon that has started: doors and web are open.
#[derive(Debug)]
pub struct Running {
    /// Where the SFTP door listens.
    pub sftp: SocketAddr,
    /// Where the web view listens.
    pub web: SocketAddr,
    /// The host keys in OpenSSH's one-line form, without comment.
    pub host_keys: Vec<String>,
    /// The store, for whoever wants to look.
    pub store: Store,
    groups: Groups,
}

/// How a daemon ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to, and everything in hand was finished.
    Asked,
    /// A task that should last panicked.
    Broken,
}

/// Starts everything: store (migrated), schema, recovery, pipeline, outbox, doors, web.
pub async fn start(config: Config, clock: Clock) -> anyhow::Result<Running> {
    let base = Tasks::new();
    let groups = Groups {
        doors: base.child(),
        web: base.child(),
        pipeline: base.child(),
        mail: base.child(),
        base,
    };
    let data = config.service.data.clone();
    make_private(&data)?;
    let settings = judge::settings(&config.check)?;
    let schema = Arc::new(judge::schema(&config.check)?);
    let store = Store::open(&config.database, &data, true, &groups.base).await?;
    let access = Access::open(store.clone(), clock.clone(), &groups.base).await?;
    let drops = below(&data, &config.drop_folders.path);
    let folders = DropFolders::open(&drops)
        .with_context(|| format!("the drop folders at {} cannot be opened", drops.display()))?;
    let intake = Intake::open(store.clone()).await?;
    let producer = Producer {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        node: config.service.node.clone(),
    };
    let pipeline = Pipeline::new(
        &config.pipeline,
        store.clone(),
        intake.clone(),
        folders.clone(),
        (schema, settings),
        producer,
        clock.clone(),
    );
    pipeline.recover().await?;
    todo!()
}

/// `path`, below `data` unless it is absolute.
fn below(data: &Path, path: &Path) -> PathBuf {
    data.join(path)
}

/// Makes the data folder for the service's own eyes, if it is not there.
fn make_private(folder: &Path) -> anyhow::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("the data folder {} cannot be made", folder.display()))
}
