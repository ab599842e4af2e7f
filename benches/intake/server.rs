//! What is measured: the program, started with data of its own, or a server that runs already.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::options::Options;

/// How long the program may take to open its door, or to stop.
const SOON: Duration = Duration::from_mins(1);

/// A server, and how to get in.
pub(crate) struct Target {
    address: SocketAddr,
    login: String,
    key: PathBuf,
    receipts: PathBuf,
    process: Option<u32>,
    own: Option<Own>,
}

/// The program, started by us; ended when dropped.
struct Own {
    child: Child,
    /// Removed when dropped, unless the folder was given.
    _folder: Option<tempfile::TempDir>,
}

impl Drop for Own {
    fn drop(&mut self) {
        // It has ended already, unless something failed.
        let _ended_before = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Target {
    /// The server named in the options.
    pub(crate) fn existing(options: &Options) -> anyhow::Result<Self> {
        let missing = "--server also wants --login, --key and --receipts";
        Ok(Self {
            address: options.server.context(missing)?,
            login: options.login.clone().context(missing)?,
            key: options.key.clone().context(missing)?,
            receipts: options.receipts.clone().context(missing)?,
            process: options.process,
            own: None,
        })
    }

    /// Starts the program with an account and a machine user.
    pub(crate) async fn start(options: &Options) -> anyhow::Result<Self> {
        let folder = match &options.data {
            Some(_) => None,
            None => Some(tempfile::TempDir::with_prefix("ecocd-bench-")?),
        };
        let home = match (&options.data, &folder) {
            (Some(data), _) => data.clone(),
            (None, Some(folder)) => folder.path().to_path_buf(),
            (None, None) => bail!("no folder for the data"),
        };
        let (data, config) = (home.join("data"), home.join("ecocd.toml"));
        fs::create_dir_all(&data)?;
        let address = free_port()?;
        let text = format!(
            "version = 1\n[service]\ndata = '{}'\n[database]\nurl = '{}'\n[sftp]\nlisten = '{address}'\n[web]\nlisten = '{}'\n[log]\nlevel = 'warn'\n",
            data.display(),
            options.database,
            free_port()?
        );
        fs::write(&config, text)?;
        let key = home.join("robot");
        run(Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(&key))?;
        let public = key.with_extension("pub");
        command(&config, &["account", "add", "bench", "Benchmark Motors"])?;
        let robot = [
            "user",
            "add",
            "bench-robot",
            "--account",
            "bench",
            "--role",
            "upload",
            "--machine",
        ];
        command(&config, &robot)?;
        let file = public.to_str().context("a plain path")?;
        command(&config, &["user", "key", "add", "bench-robot", file])?;
        let log = fs::File::create(home.join("log"))?;
        let mut serve = program();
        serve.arg("serve").arg("--config").arg(&config);
        serve
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let mut own = Own {
            child: serve.spawn()?,
            _folder: folder,
        };
        wait_for(address, &mut own.child, &home.join("log")).await?;
        Ok(Self {
            address,
            login: "bench-robot".to_owned(),
            key,
            receipts: data.join("drop/bench/inbox"),
            process: Some(own.child.id()),
            own: Some(own),
        })
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The log-in name.
    pub(crate) fn login(&self) -> &str {
        &self.login
    }

    /// The private key.
    pub(crate) fn key(&self) -> &Path {
        &self.key
    }

    /// Where receipts appear.
    pub(crate) fn receipts(&self) -> &Path {
        &self.receipts
    }

    /// Its process, if known.
    pub(crate) const fn process(&self) -> Option<u32> {
        self.process
    }

    /// Asks the program to stop, if it is ours, and waits until it did.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let Some(mut own) = self.own else {
            return Ok(());
        };
        run(Command::new("kill").args(["-TERM", &own.child.id().to_string()]))?;
        let began = Instant::now();
        while own.child.try_wait()?.is_none() {
            if began.elapsed() > SOON {
                bail!("it did not stop within {SOON:?}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

/// The program as `cargo bench` built it: optimized.
fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ecocd"))
}

fn command(config: &Path, words: &[&str]) -> anyhow::Result<()> {
    run(program().args(words).arg("--config").arg(config))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

async fn wait_for(address: SocketAddr, child: &mut Child, log: &Path) -> anyhow::Result<()> {
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        if child.try_wait()?.is_some() || began.elapsed() > SOON {
            bail!("it did not start:\n{}", fs::read_to_string(log)?);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
