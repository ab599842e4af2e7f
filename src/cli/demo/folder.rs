//! The demo's folder: what is made in it, once.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::key;
use crate::cli::table::text;
use crate::daemon;
use crate::domain::public_key::PublicKey;

/// A certificate that is accepted.
pub(crate) const GOOD: &str = "01-m1-petrol.xml";
/// A file that is refused.
pub(crate) const BAD: &str = "060-wrong-root-no-namespace.xml";

/// The samples that are put into the folder.
const SAMPLES: [(&str, &[u8]); 2] = [
    (GOOD, include_bytes!("samples/01-m1-petrol.xml")),
    (
        BAD,
        include_bytes!("samples/060-wrong-root-no-namespace.xml"),
    ),
];

/// The demo's folder, under its whole path.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder for the user's own eyes, if it is not there.
    pub(crate) fn make(named: &Path) -> anyhow::Result<Self> {
        let what = || format!("the folder {} cannot be made", named.display());
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(named)
            .with_context(what)?;
        Ok(Self(std::path::absolute(named).with_context(what)?))
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The configuration, which other commands take by `--config`.
    pub(crate) fn config(&self) -> PathBuf {
        self.0.join("ecocd.toml")
    }

    /// The machine user's private key.
    pub(crate) fn robot(&self) -> PathBuf {
        self.0.join("demo-robot")
    }

    /// Our host keys, as `ssh` wants to know them.
    pub(crate) fn known_hosts(&self) -> PathBuf {
        self.0.join("known_hosts")
    }

    /// A sample.
    pub(crate) fn sample(&self, name: &str) -> PathBuf {
        self.0.join("samples").join(name)
    }

    /// Writes the configuration, if it is not there.
    pub(crate) fn configure(&self, sftp: SocketAddr, web: SocketAddr) -> anyhow::Result<()> {
        let text = format!(
            "# Made by 'ecocd demo', which keeps what you change here.\n\
             # Every setting is explained in ecocd.toml(5).\n\
             \n\
             version = 1\n\
             \n\
             [service]\n\
             data = \".\"\n\
             node = \"demo\"\n\
             public-url = \"{}\"\n\
             \n\
             [sftp]\n\
             listen = \"{sftp}\"\n\
             \n\
             [web]\n\
             listen = \"{web}\"\n\
             \n\
             [mail]\n\
             # Much shorter than the defaults, so that you see mail soon.\n\
             window = \"5s\"\n\
             pause = \"10s\"\n",
            public_url(web)
        );
        put(&self.config(), text.as_bytes())
    }

    /// The machine user's public key; the pair is made if it is not there.
    pub(crate) fn robot_key(&self) -> anyhow::Result<PublicKey> {
        let private = self.robot();
        if !private.exists() {
            daemon::make_key_pair(&private, "demo-robot")?;
        }
        key::read(&private.with_extension("pub"))
    }

    /// Writes down our host keys, so that the command to paste works without a question.
    pub(crate) fn know_hosts(&self, sftp: SocketAddr, keys: &[String]) -> anyhow::Result<()> {
        let file = self.known_hosts();
        // Written anew at each start: the port may be another one now.
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
        .with_context(|| format!("{} cannot be replaced", file.display()))?;
        put(&file, known_hosts(sftp, keys).as_bytes())
    }

    /// Puts the samples into the folder, those that are not there.
    pub(crate) fn put_samples(&self) -> anyhow::Result<()> {
        let samples = self.0.join("samples");
        fs::create_dir_all(&samples)
            .with_context(|| format!("the folder {} cannot be made", samples.display()))?;
        for (name, octets) in SAMPLES {
            put(&samples.join(name), octets)?;
        }
        Ok(())
    }
}

/// Writes a file for the user's own eyes; one that is there stays as it is.
fn put(file: &Path, octets: &[u8]) -> anyhow::Result<()> {
    let opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    let written = match opened {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(mut opened) => opened.write_all(octets),
    };
    written.with_context(|| format!("{} cannot be written", file.display()))
}

/// Lines of `known_hosts` for our host keys.
fn known_hosts(sftp: SocketAddr, keys: &[String]) -> String {
    let host = reachable(sftp.ip());
    let place = match sftp.port() {
        22 => host.to_string(),
        port => format!("[{host}]:{port}"),
    };
    let lines: Vec<String> = keys.iter().map(|key| format!("{place} {key}")).collect();
    text(&lines)
}

/// The address to connect to from this machine: the loopback one if we listen on all.
pub(crate) fn reachable(listen: IpAddr) -> IpAddr {
    match listen {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

/// Where a browser on this machine finds the web view.
pub(crate) fn public_url(web: SocketAddr) -> String {
    format!(
        "http://{}",
        SocketAddr::new(reachable(web.ip()), web.port())
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::{SFTP, WEB};
    use crate::cli::desk::load_exactly;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    #[test]
    fn the_folder_is_made_once_and_for_its_owner_only() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Folder::make(&scratch.path().join("a/data")).unwrap();
        let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        folder.configure(SFTP, WEB).unwrap();
        folder.put_samples().unwrap();
        fs::write(folder.sample(GOOD), "mine").unwrap();
        let again = Folder::make(folder.path()).unwrap();
        again
            .configure("127.0.0.1:1".parse().unwrap(), WEB)
            .unwrap();
        again.put_samples().unwrap();
        assert_eq!(fs::read_to_string(again.sample(GOOD)).unwrap(), "mine");
        let config = load_exactly(Some(&again.config())).unwrap();
        assert_eq!(config.sftp.listen, SFTP);
        assert_eq!(config.service.data, folder.path());
        assert_eq!(config.service.public_url, "http://127.0.0.1:8080");
        assert_eq!(config.mail.window, Duration::from_secs(5));
        assert!(
            config
                .doubts(Some(&again.config()), crate::runtime::Clock::system().now())
                .is_empty()
        );
    }

    #[test]
    fn ssh_knows_the_host_under_the_address_that_is_typed() {
        let keys = ["ssh-ed25519 AAAA".to_owned()];
        for (listen, line) in [
            ("127.0.0.1:2222", "[127.0.0.1]:2222 ssh-ed25519 AAAA\n"),
            ("0.0.0.0:2222", "[127.0.0.1]:2222 ssh-ed25519 AAAA\n"),
            ("[::]:22", "::1 ssh-ed25519 AAAA\n"),
        ] {
            assert_eq!(known_hosts(listen.parse().unwrap(), &keys), line);
        }
    }
}
