//! A partner's connection: logs in with a key, then puts files one after the other.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use russh::client::{self, Handle};
use russh::keys::{PrivateKeyWithHashAlg, PublicKeyOrCertificate, load_secret_key};
use russh::{Disconnect, Preferred};
use russh_sftp::client::RawSftpSession;
use russh_sftp::protocol::{FileAttributes, OpenFlags};

/// The most octets in one WRITE, as OpenSSH's client does it.
const WRITE_BYTES_MAX: usize = 32 * 1024;

/// A connection that is logged in.
pub(crate) struct Connection {
    session: Handle<Trusting>,
    sftp: RawSftpSession,
}

impl Connection {
    /// Connects and logs in.
    pub(crate) async fn open(server: SocketAddr, login: &str, key: &Path) -> anyhow::Result<Self> {
        let config = client::Config {
            // The same for every server measured; the cheapest, since we share its processors.
            preferred: Preferred {
                cipher: Cow::Borrowed(&[russh::cipher::AES_256_GCM]),
                ..Preferred::DEFAULT
            },
            nodelay: true,
            ..client::Config::default()
        };
        let mut session = client::connect(Arc::new(config), server, Trusting)
            .await
            .with_context(|| format!("connecting to {server}"))?;
        let key = load_secret_key(key, None).context("reading the private key")?;
        let key = PrivateKeyWithHashAlg::new(Arc::new(key), None);
        if !session.authenticate_publickey(login, key).await?.success() {
            bail!("{server} does not let '{login}' in");
        }
        let channel = session.channel_open_session().await?;
        channel.request_subsystem(true, "sftp").await?;
        let sftp = RawSftpSession::new(channel.into_stream());
        sftp.set_timeout(60);
        sftp.init().await?;
        Ok(Self { session, sftp })
    }

    /// Puts one file: OPEN, WRITE, CLOSE, each answered before the next is sent.
    pub(crate) async fn put(&self, path: &str, octets: &[u8]) -> anyhow::Result<()> {
        let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::TRUNCATE;
        let opened = self.sftp.open(path, flags, FileAttributes::empty()).await?;
        let mut offset = 0;
        for piece in octets.chunks(WRITE_BYTES_MAX) {
            self.sftp
                .write(opened.handle.as_str(), offset, piece.to_vec())
                .await?;
            offset += piece.len() as u64;
        }
        self.sftp.close(opened.handle).await?;
        Ok(())
    }

    /// Says goodbye.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        self.session
            .disconnect(Disconnect::ByApplication, "done", "en")
            .await?;
        Ok(())
    }
}

/// Takes every host key: the server is on this machine.
struct Trusting;

impl client::Handler for Trusting {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }
}
