//! OpenSSH's `sftp` and `scp`, as partners run them. Debian package: openssh-client.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::tool::{self, Said};

/// A key pair in a file, made by `ssh-keygen`.
#[derive(Debug, Clone)]
pub(crate) struct KeyPair(PathBuf);

impl KeyPair {
    /// Makes a new Ed25519 pair.
    pub(crate) fn generate(folder: &Path, name: &str) -> Self {
        let path = folder.join(name);
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]);
        tool::run(keygen.arg(&path), "").success();
        Self(path)
    }

    /// The file with the private key.
    pub(crate) fn private_file(&self) -> &Path {
        &self.0
    }

    /// The file with the public key.
    pub(crate) fn public_file(&self) -> PathBuf {
        self.0.with_extension("pub")
    }

    /// `ssh-ed25519 AAAA…`, without the comment.
    pub(crate) fn public(&self) -> String {
        let line = std::fs::read_to_string(self.public_file()).expect("the public key");
        let words: Vec<&str> = line.split_whitespace().take(2).collect();
        words.join(" ")
    }

    /// `SHA256:…`, as `ssh-keygen` says it.
    pub(crate) fn fingerprint(&self) -> String {
        let mut keygen = Command::new("ssh-keygen");
        let said = tool::run(keygen.arg("-lf").arg(self.public_file()), "").success();
        let word = said.out.split_whitespace().nth(1);
        word.expect("a fingerprint").to_owned()
    }
}

/// A partner's account at our door.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    server: SocketAddr,
    login: String,
    key: PathBuf,
    /// Where it comes from, if that matters.
    from: Option<Ipv4Addr>,
}

impl Client {
    /// As `login`, with a key.
    pub(crate) fn new(server: SocketAddr, login: &str, key: &KeyPair) -> Self {
        Self {
            server,
            login: login.to_owned(),
            key: key.private_file().to_path_buf(),
            from: None,
        }
    }

    /// The same from another address of this machine.
    pub(crate) fn from(mut self, address: Ipv4Addr) -> Self {
        self.from = Some(address);
        self
    }

    /// The same with another log-in name.
    pub(crate) fn named(mut self, login: &str) -> Self {
        login.clone_into(&mut self.login);
        self
    }

    /// Starts `sftp` without a batch; it stays until its input ends or it is cut off.
    pub(crate) fn interactive(&self) -> Child {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        command.stderr(Stdio::null());
        command.spawn().expect("openssh-client is installed")
    }

    /// Runs an sftp batch; it ends at the first command that fails, unless that begins with `-`.
    pub(crate) fn batch(&self, commands: &str) -> Said {
        tool::run(&mut self.command(), commands)
    }

    /// Puts a file, as `sftp` does by itself.
    #[track_caller]
    pub(crate) fn put(&self, local: &Path, remote: &str) {
        let line = format!("put \"{}\" \"{remote}\"\n", local.display());
        self.batch(&line).success();
    }

    /// `sftp -b -`, which reads its commands from its standard input.
    fn command(&self) -> Command {
        let mut sftp = self.tool("sftp");
        sftp.args(["-b", "-", &self.target()]);
        sftp
    }

    /// `sftp -b FILE`, for tests that need the running process.
    pub(crate) fn batch_file(&self, file: &Path) -> Command {
        let mut sftp = self.tool("sftp");
        sftp.arg("-b").arg(file).arg(self.target());
        sftp
    }

    /// Copies a file with `scp`.
    pub(crate) fn scp(&self, local: &Path, remote: &str) -> Said {
        let mut scp = self.tool("scp");
        scp.arg(local).arg(format!("{}:{remote}", self.target()));
        tool::run(&mut scp, "")
    }

    /// Runs an sftp batch after logging in with a password in place of the key.
    pub(crate) fn batch_with_password(
        &self,
        scratch: &Path,
        password: &str,
        commands: &str,
    ) -> Said {
        // OpenSSH takes a password from a program that prints it, when told to.
        let asker = scratch.join("ask-password");
        std::fs::write(&asker, format!("#!/bin/sh\necho '{password}'\n")).expect("written");
        tool::run(Command::new("chmod").arg("700").arg(&asker), "").success();
        let mut sftp = Command::new("sftp");
        sftp.args(["-F", "/dev/null", "-P", &self.server.port().to_string()])
            .args([
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
            ])
            .args([
                "-o",
                "LogLevel=ERROR",
                "-o",
                "BatchMode=no",
                "-o",
                "NumberOfPasswordPrompts=1",
            ])
            .args([
                "-o",
                "PreferredAuthentications=password",
                "-o",
                "PubkeyAuthentication=no",
            ])
            .args(["-b", "-", &self.target()])
            .env("SSH_ASKPASS", &asker)
            .env("SSH_ASKPASS_REQUIRE", "force");
        tool::run(&mut sftp, commands)
    }

    /// `ssh -s … sftp`: the octets of the SFTP channel on its standard input and output.
    pub(crate) fn subsystem(&self) -> Command {
        let mut ssh = self.tool("ssh");
        ssh.args(["-s", &self.target(), "sftp"]);
        ssh
    }

    /// Tells a script of `tests/clients` how to get in.
    pub(crate) fn tell(&self, script: &mut Command) {
        script
            .env("HOST", self.server.ip().to_string())
            .env("PORT", self.server.port().to_string())
            .env("LOGIN", &self.login)
            .env("KEY", &self.key);
    }

    pub(crate) fn target(&self) -> String {
        format!("{}@{}", self.login, self.server.ip())
    }

    /// `program` with the options that keep it away from the settings of who runs the tests.
    pub(crate) fn tool(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .args([
                "-F",
                "/dev/null",
                "-o",
                &format!("Port={}", self.server.port()),
                "-i",
            ])
            .arg(&self.key)
            .args(["-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"])
            .args([
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
            ])
            .args(["-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]);
        if let Some(address) = self.from {
            command.args(["-o", &format!("BindAddress={address}")]);
        }
        command
    }
}
