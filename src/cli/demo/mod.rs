//! `ecocd demo`: everything on this machine, without any preparation.
//!
//! It makes a folder with a configuration, keys, a database and an account, runs the same daemon
//! as `serve` does, and prints what to type next. Started again it goes on with what is there.

mod folder;
mod people;
mod words;

use std::net::SocketAddr;

use crate::cli::arguments;
use crate::cli::desk::{block_on, load_exactly, refuse_foreign_database, with_desk};
use crate::cli::ending::Ending;
use crate::cli::output::print;
use crate::cli::serve;
use crate::config::Config;
use crate::daemon::{self, Running};
use crate::logging;
use crate::runtime::Clock;
use crate::store::Store;
use folder::Folder;
use words::Scene;

/// Where SFTP listens when the folder is made.
const SFTP: SocketAddr = SocketAddr::V4(std::net::SocketAddrV4::new(
    std::net::Ipv4Addr::LOCALHOST,
    2222,
));
/// Where the web view listens when the folder is made.
const WEB: SocketAddr = SocketAddr::V4(std::net::SocketAddrV4::new(
    std::net::Ipv4Addr::LOCALHOST,
    8080,
));

/// Runs until it is asked to stop, or breaks.
pub(crate) fn run(wish: &arguments::Demo) -> anyhow::Result<Ending> {
    let folder = Folder::make(&wish.data)?;
    folder.configure(
        wish.sftp_listen.unwrap_or(SFTP),
        wish.web_listen.unwrap_or(WEB),
    )?;
    let mut config = load_exactly(Some(&folder.config()))?;
    if let Some(listen) = wish.sftp_listen {
        config.sftp.listen = listen;
    }
    if let Some(listen) = wish.web_listen {
        config.web.listen = listen;
        config.service.public_url = folder::public_url(listen);
    }
    logging::start(&config.log);
    block_on(live(folder, config))
}

async fn live(folder: Folder, config: Config) -> anyhow::Result<Ending> {
    let robot = folder.robot_key()?;
    refuse_foreign_database(&config)?;
    // What an older version made is brought up to date, as `serve` does.
    Store::migrate(&config.database, &config.service.data).await?;
    with_desk(&config, async |desk| people::settle(desk, &robot).await).await?;
    let started = daemon::start(config.clone(), Clock::system()).await;
    let running = started.map_err(|error| words::taken_port(error, &config))?;
    if let Err(error) = present(&folder, &config, &running).await {
        running.stop().await;
        return Err(error);
    }
    Ok(serve::ending(running.until_stopped().await))
}

/// Prints what to type next, once everything runs.
async fn present(folder: &Folder, config: &Config, running: &Running) -> anyhow::Result<()> {
    folder.know_hosts(running.sftp, &running.host_keys)?;
    folder.put_samples()?;
    // Only now, so that a password is never made by a start that then fails and shows it to nobody.
    let made = with_desk(config, async |desk| {
        let person = people::password(desk, people::PERSON).await?;
        Ok((person, people::password(desk, people::STAFF).await?))
    });
    let (password, staff_password) = made.await?;
    let scene = Scene {
        folder,
        config,
        sftp: running.sftp,
        web: running.web,
        password: password.as_deref(),
        staff_password: staff_password.as_deref(),
        program: &words::program(),
    };
    print(&scene.words())
}
