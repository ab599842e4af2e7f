//! Wires the rooms together, starts them in order, stops them in order.

#[doc(hidden)]
pub mod fuzzing;
mod opening;
mod schema;
mod signals;
mod stdio;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::access::Access;
use crate::certificate;
use crate::check::Schema;
use crate::config::Config;
use crate::doors;
use crate::drop_folder::DropFolders;
use crate::intake::Intake;
use crate::mail;
use crate::pipeline::{self, Pipeline};
use crate::runtime::{Clock, Tasks};
use crate::store::Store;
use crate::upkeep::{DropUpkeep, Upkeep};
use crate::web;

pub use doors::sftp::{list_host_keys, make_key_pair, make_next_host_key, schedule_host_key};
pub use schema::schema;
pub use stdio::sftp_stdio;

/// How long what is in hand may take to end after the stop signal, room by room.
///
/// Reason: the service manager kills after 90 s. The doors may take 30 s of it for open uploads;
/// the others are done in moments, unless their disk or server is gone.
const STOP_WITHIN: Duration = Duration::from_secs(35);

/// So often it is looked whether the certificate was renewed, or ends.
const CERTIFICATE_LOOKED_AT_EVERY: Duration = Duration::from_mins(1);

/// The rooms that run tasks, in the order in which they are stopped.
#[derive(Debug)]
struct Groups {
    doors: Tasks,
    web: Tasks,
    pipeline: Tasks,
    mail: Tasks,
    base: Tasks,
}

/// A daemon that has started: doors and web view are open.
#[derive(Debug)]
pub struct Running {
    /// Where the SFTP door listens.
    pub sftp: SocketAddr,
    /// Where the web view listens.
    pub web: SocketAddr,
    /// Where programs read how the service does.
    pub metrics: Option<SocketAddr>,
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
///
/// When this returns, the doors are open. When it fails, nothing runs. It waits for a database that is away.
pub async fn start(config: Config, clock: Clock) -> anyhow::Result<Running> {
    let groups = Groups::new();
    match assemble(&config, clock, &groups).await {
        Ok(rooms) => {
            let running = rooms.run(groups);
            signals::ready();
            Ok(running)
        }
        Err(error) => {
            groups.stop().await;
            Err(error)
        }
    }
}

/// The rooms, opened and not yet running.
struct Rooms {
    store: Store,
    clock: Clock,
    pipeline: Pipeline,
    mailer: mail::Mailer,
    sftp: doors::sftp::SftpDoor,
    folder: doors::folder::FolderDoor,
    web: web::WebView,
    upkeep: Upkeep,
    drops: DropUpkeep,
}

async fn assemble(config: &Config, clock: Clock, groups: &Groups) -> anyhow::Result<Rooms> {
    let data = config.service.data.clone();
    make_private(&data)?;
    let schema = Arc::new(schema(&config.check)?);
    let store = opening::store(&config.database, &data, &groups.base).await?;
    let access = Access::open(store.clone(), clock.clone(), &groups.base).await?;
    access.keep_books(&config.service.node).await?;
    let drops = data.join(&config.drop_folders.path);
    let folders = DropFolders::open(&drops)
        .with_context(|| format!("the drop folders at {} cannot be opened", drops.display()))?;
    let intake = Intake::open(store.clone()).await?;
    let parts = pipeline::Parts {
        store: store.clone(),
        intake: intake.clone(),
        folders: folders.clone(),
        schema: Arc::clone(&schema),
        settings: Arc::new(pipeline::settings(&config.check)),
        config: config.pipeline.clone(),
        node: config.service.node.clone(),
        clock: clock.clone(),
    };
    let drops = drop_upkeep(config, &parts);
    let pipeline = Pipeline::new(parts);
    pipeline.recover(&groups.base).await?;
    let mailer = mail::open(&config.mail, &config.service, &data).await?;
    let busy = doors::busy::Busy::default();
    let parts = doors::sftp::Parts {
        access: access.clone(),
        intake: intake.clone(),
        folders: folders.clone(),
        busy: busy.clone(),
        clock: clock.clone(),
        tasks: groups.doors.clone(),
    };
    let sftp = doors::sftp::open(config, &data.join(&config.sftp.host_keys), parts).await?;
    let roster = access.clone();
    let mut folder = doors::folder::FolderDoor::new(
        doors::folder::Parts {
            intake: intake.clone(),
            folders,
            busy,
            config: config.drop_folders.clone(),
            file_bytes_max: config.check.file_bytes_max,
            clock: clock.clone(),
        },
        move || roster.accounts(),
    );
    folder.look_everywhere(&groups.doors).await;
    let upkeep = upkeep(config, &data, &store, &clock);
    let deps = web::Deps {
        store: store.clone(),
        access,
        intake,
        certificates: certificates(schema, config),
        clock: clock.clone(),
        tasks: groups.web.clone(),
    };
    let web = web::open(about(config, &sftp), deps).await?;
    Ok(Rooms {
        store,
        clock,
        pipeline,
        mailer,
        sftp,
        folder,
        web,
        upkeep,
        drops,
    })
}

/// What the pages need of the configuration, and of the SFTP door.
fn about(config: &Config, sftp: &doors::sftp::SftpDoor) -> web::About {
    let (host, port) = config.sftp_address(sftp.local_addr().port());
    web::About {
        settings: config.web.clone(),
        service: config.service.clone(),
        registration: config.registration.clone(),
        invitation: config.invitation.clone(),
        file_bytes_max: config.check.file_bytes_max,
        sftp: web::SftpDoor {
            settings: config.sftp.clone(),
            host,
            port,
            host_keys: sftp.shown_keys(),
        },
    }
}

/// What makes documents readable for the web view.
fn certificates(schema: Arc<Schema>, config: &Config) -> certificate::Reader {
    certificate::Reader::new(schema, Arc::new(pipeline::settings(&config.check)))
}

impl Rooms {
    /// Starts the rooms' tasks, the doors last.
    fn run(self, groups: Groups) -> Running {
        let running = Running {
            sftp: self.sftp.local_addr(),
            web: self.web.local_addr(),
            metrics: self.web.metrics_addr(),
            host_keys: self.sftp.host_keys(),
            store: self.store.clone(),
            groups,
        };
        let groups = &running.groups;
        let tasks = groups.pipeline.clone();
        groups
            .pipeline
            .spawn_lasting("pipeline", self.pipeline.run(tasks));
        let clock = self.clock.clone();
        self.mailer.run(self.store, self.clock, &groups.mail);
        let tasks = groups.doors.clone();
        groups
            .doors
            .spawn_lasting("folder door", self.folder.run(tasks));
        groups.doors.spawn_lasting("SFTP door", self.sftp.run());
        let tasks = groups.base.clone();
        groups.base.spawn_lasting("upkeep", self.upkeep.run(tasks));
        let tasks = groups.base.clone();
        groups
            .base
            .spawn_lasting("upkeep of drop folders", self.drops.run(tasks));
        let tasks = groups.base.clone();
        let certificate = self.web.certificate();
        groups.base.spawn_lasting(
            "files to be read again",
            read_again(certificate, clock, tasks),
        );
        let tasks = groups.web.clone();
        groups.web.spawn_lasting("web view", self.web.run(tasks));
        let stopping = groups.base.clone();
        groups.base.spawn_lasting("watchdog", async move {
            tokio::select! {
                () = stopping.stopped() => (),
                () = signals::watchdog() => (),
            }
        });
        running
    }
}

impl Running {
    /// Runs until SIGTERM, SIGINT or a broken task; then stops everything in order. A second
    /// signal ends the process at once, which is safe.
    pub async fn until_stopped(self) -> Ended {
        signals::stop_asked(&self.groups.base).await;
        let stopping = self.stop();
        tokio::select! {
            ended = stopping => ended,
            () = signals::second() => {
                tracing::warn!("a second signal: ending at once; what is in hand is finished at the next start");
                Ended::Asked
            }
        }
    }

    /// Stops everything in order: the doors refuse, open uploads and submissions in hand end, the
    /// outbox ends its mail, the store closes.
    pub async fn stop(self) -> Ended {
        signals::stopping();
        let is_broken = self.groups.base.is_broken();
        self.groups.stop().await;
        self.store.close().await;
        tracing::info!("stopped");
        if is_broken {
            Ended::Broken
        } else {
            Ended::Asked
        }
    }
}

impl Groups {
    fn new() -> Self {
        // The groups are stopped one by one, so none is the parent of another; but a broken task
        // anywhere stops `base`, which is what `until_stopped` waits for.
        let base = Tasks::new();
        Self {
            doors: base.sibling(),
            web: base.sibling(),
            pipeline: base.sibling(),
            mail: base.sibling(),
            base,
        }
    }

    async fn stop(&self) {
        let order = [
            ("the doors", &self.doors),
            ("the web view", &self.web),
            ("the pipeline", &self.pipeline),
            ("mail", &self.mail),
            ("the rest", &self.base),
        ];
        for (name, group) in order {
            group.stop();
            if tokio::time::timeout(STOP_WITHIN, group.ended())
                .await
                .is_err()
            {
                tracing::warn!(
                    "{name} did not end within {} s; what is left is finished at the next start",
                    STOP_WITHIN.as_secs()
                );
            }
        }
    }
}

/// At each SIGHUP, and when its file was changed, reads the certificate again, until `tasks` is stopped.
async fn read_again(certificate: Option<web::Certificate>, clock: Clock, tasks: Tasks) {
    let mut hang_up = signals::HangUp::listen();
    let mut ticks = tokio::time::interval(CERTIFICATE_LOOKED_AT_EVERY);
    loop {
        tokio::select! {
            () = tasks.stopped() => return,
            () = hang_up.next() => (),
            _ = ticks.tick() => {
                if let Some(certificate) = &certificate {
                    certificate.look(clock.now(), &tasks).await;
                }
                continue;
            }
        }
        if let Some(certificate) = &certificate {
            certificate.read_again(&tasks).await;
        } else {
            tracing::info!(
                "asked to read files again; without web.certificate there are none, and other settings \
                 need a restart"
            );
        }
    }
}

/// What is kept in the drop folders, and how much.
fn drop_upkeep(config: &Config, parts: &pipeline::Parts) -> DropUpkeep {
    DropUpkeep {
        store: parts.store.clone(),
        intake: parts.intake.clone(),
        folders: parts.folders.clone(),
        config: config.drop_folders.clone(),
        every: config.upkeep.every,
        clock: parts.clock.clone(),
        warned: HashMap::new(),
    }
}

fn upkeep(config: &Config, data: &Path, store: &Store, clock: &Clock) -> Upkeep {
    Upkeep {
        store: store.clone(),
        config: config.upkeep.clone(),
        sessions: web::session_limits(&config.web),
        mail_folder: data.join(&config.mail.folder),
        clock: clock.clone(),
    }
}

/// Makes the data folder for the service's own eyes, if it is not there.
fn make_private(folder: &Path) -> anyhow::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("the data folder {} cannot be made", folder.display()))
}
