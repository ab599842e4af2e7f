//! The real program in a process of its own, which may be killed at any moment.

use std::fs::{self, File};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::database::Engine;
use crate::support::sftp_client::{Client, KeyPair};
use crate::support::tool::{self, Said};
use crate::support::wait;

/// `ecocd serve` with a configuration and data of its own.
#[derive(Debug)]
pub(crate) struct Service {
    folder: TempDir,
    sftp: SocketAddr,
    web: SocketAddr,
    database: String,
    serving: Option<Child>,
}

/// What a test may want otherwise.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The database.
    pub(crate) url: String,
    /// More lines of the section `[sftp]`.
    pub(crate) sftp: &'static str,
    /// More lines of the section `[drop-folders]`.
    pub(crate) drop_folders: &'static str,
    /// Where the SFTP door listens.
    pub(crate) address: IpAddr,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: Engine::Sqlite.new_database(),
            sftp: "",
            drop_folders: "",
            address: IpAddr::from([127, 0, 0, 1]),
        }
    }
}

impl Service {
    /// Prepares one on SQLite; nothing runs yet.
    pub(crate) fn new() -> Self {
        Self::on(&Engine::Sqlite.new_database())
    }

    /// Prepares one on the database at `url`.
    pub(crate) fn on(url: &str) -> Self {
        let url = url.to_owned();
        Self::with(&Settings {
            url,
            ..Settings::default()
        })
    }

    /// Prepares one with these settings.
    pub(crate) fn with(settings: &Settings) -> Self {
        let Settings {
            url,
            sftp,
            drop_folders,
            address,
        } = settings;
        let folder = TempDir::with_prefix("ecocd-it-").expect("a temporary folder can be made");
        let service = Self {
            sftp: SocketAddr::new(*address, free_port().port()),
            web: free_port(),
            database: url.clone(),
            serving: None,
            folder,
        };
        fs::create_dir(service.data()).expect("the data folder can be made");
        // Tests kill it often, and chance may find one file in hand three times: that would be set aside.
        let text = format!(
            "version = 1\n[service]\ndata = '{}'\n[database]\nurl = '{url}'\n[web]\nlisten = '{}'\n\
             [sftp]\nlisten = '{}'\n{sftp}\n[drop-folders]\n{drop_folders}\n\
             [pipeline]\nattempts-max = 100\n",
            service.data().display(),
            service.web,
            service.sftp,
        );
        fs::write(service.config_file(), text).expect("the configuration can be written");
        service
    }

    /// Starts it, and waits until the SFTP door is open.
    pub(crate) fn start(&mut self) {
        self.begin(None);
        self.is_open();
    }

    /// Starts it, with a socket on which a service manager would listen if one is named.
    pub(crate) fn begin(&mut self, notify: Option<&Path>) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_file());
        let log = log.expect("the log can be written");
        let mut serve = program();
        serve.arg("serve").arg("--config").arg(self.config_file());
        serve
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a handle"))
            .stderr(log);
        if let Some(notify) = notify {
            serve.env("NOTIFY_SOCKET", notify);
        }
        self.serving = Some(serve.spawn().expect("the program starts"));
    }

    /// Waits until the SFTP door is open.
    pub(crate) fn is_open(&mut self) {
        let mut child = self.serving.take().expect("it runs");
        wait::until("the SFTP door is open", wait::SOON, || {
            let ended = child.try_wait().expect("our child");
            assert!(ended.is_none(), "it ended at once: {}", self.log());
            TcpStream::connect(self.sftp).ok()
        });
        self.serving = Some(child);
    }

    /// Kills it with signal 9, as a power cut would as far as the process is concerned.
    pub(crate) fn kill(&mut self) {
        let mut child = self.serving.take().expect("it runs");
        child.kill().expect("our child can be killed");
        child.wait().expect("our child has ended");
    }

    /// Asks it to stop, and gives its exit status.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let mut child = self.serving.take().expect("it runs");
        let mut kill = Command::new("kill");
        tool::run(kill.args(["-TERM", &child.id().to_string()]), "").success();
        let ended = wait::until("it stops when asked to", wait::SOON * 2, || {
            child.try_wait().expect("our child")
        });
        ended.code()
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.serving.as_ref().expect("it runs").id()
    }

    /// Where its SFTP door listens.
    pub(crate) fn sftp(&self) -> SocketAddr {
        self.sftp
    }

    /// Where its web view listens.
    pub(crate) fn web(&self) -> SocketAddr {
        self.web
    }

    /// Runs one of the program's commands on this service's configuration.
    pub(crate) fn command(&self, words: &[&str]) -> Said {
        self.command_with_input(words, "")
    }

    /// The same, with something on its standard input.
    pub(crate) fn command_with_input(&self, words: &[&str], input: &str) -> Said {
        let mut command = program();
        command.args(words).arg("--config").arg(self.config_file());
        tool::run(&mut command, input)
    }

    /// The same, and what it says, read as JSON.
    pub(crate) fn json(&self, words: &[&str]) -> serde_json::Value {
        let said = self
            .command(&[words, &["--format", "json"]].concat())
            .success();
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:#?}"))
    }

    /// Adds the account `acme` with the machine user `acme-robot`, and gives its client.
    pub(crate) fn add_robot(&self) -> Client {
        let key = KeyPair::generate(self.folder.path(), "robot");
        let file = key.public_file();
        let file = file.to_str().expect("a plain path");
        self.command(&["account", "add", "acme", "ACME Motor Company"])
            .success();
        let robot = [
            "user",
            "add",
            "acme-robot",
            "--account",
            "acme",
            "--role",
            "upload",
            "--machine",
        ];
        self.command(&robot).success();
        self.command(&["user", "key", "add", "acme-robot", file])
            .success();
        Client::new(self.sftp, "acme-robot", &key)
    }

    /// The address of its database.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// The folder of its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A path in the account's drop folder on the disk, such as `inbox/a.xml`.
    pub(crate) fn dropped(&self, path: &str) -> PathBuf {
        self.data().join("drop/acme").join(path)
    }

    /// A folder for the test's own files.
    pub(crate) fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// Everything it logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Its configuration.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.folder.path().join("ecocd.toml")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if self.serving.is_some() {
            self.kill();
        }
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
    }
}

/// The program under test.
pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ecocd"))
}

/// An address of loopback that nobody listens on: a restarted service must find its port again.
pub(crate) fn free_port() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    listener.local_addr().expect("it is bound")
}
