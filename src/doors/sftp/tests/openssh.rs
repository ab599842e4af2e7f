//! The whole door with OpenSSH's `sftp`, `scp` and `ssh` (Debian: openssh-client).

use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::access::Access;
use crate::doors::sftp::tests::credentials::{connect, show_key};
use crate::doors::sftp::tests::{Bench, DOCUMENT};
use crate::doors::sftp::{Parts, open};

impl Bench {
    /// Opens the door, and lets in the key in the file `key`; `other` is a key of nobody.
    async fn open_door(&mut self) -> SocketAddr {
        self.open_door_of().await.0
    }

    /// The same, with the access behind it.
    pub(super) async fn open_door_of(&mut self) -> (SocketAddr, Access) {
        let public = self.make_key("key");
        self.make_key("other");
        if self.lets_key_in {
            self.acme.add_key(&public).await;
        }
        self.open_again().await
    }

    /// Opens another door on what there is, as after a restart.
    pub(super) async fn open_again(&mut self) -> (SocketAddr, Access) {
        let access = self.access().await;
        self.settings.sftp.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let parts = Parts {
            access: access.clone(),
            intake: self.intake.clone(),
            folders: self.folders.clone(),
            busy: self.busy.clone(),
            clock: self.clock.clone(),
            tasks: self.acme.tasks.clone(),
        };
        let keys = self.acme.place.path().join("host-keys");
        let door = open(&self.settings, &keys, parts).await.unwrap();
        let address = door.local_addr();
        self.legacy_port = door.legacy_addr().map(|legacy| legacy.port());
        self.acme.tasks.spawn_lasting("test: the door", door.run());
        (address, access)
    }

    fn make_key(&self, name: &str) -> String {
        let mut randomness = russh::keys::key::safe_rng();
        let key = PrivateKey::random(&mut randomness, Algorithm::Ed25519).unwrap();
        let mut making = std::fs::OpenOptions::new();
        let mut file = making
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.acme.place.path().join(name))
            .unwrap();
        let text = key.to_openssh(LineEnding::LF).unwrap();
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        let public = key.public_key().to_openssh().unwrap();
        let path = self.acme.place.path().join(format!("{name}.pub"));
        std::fs::write(path, &public).unwrap();
        public
    }

    /// Runs an OpenSSH program with the options that a test needs, in the bench's folder.
    async fn run(
        &self,
        program: &str,
        (port, key): (u16, &str),
        rest: &[&str],
        input: &str,
    ) -> Output {
        let port = port.to_string();
        let identity = format!("IdentityFile={key}");
        let mut command = Command::new(program);
        command
            .current_dir(self.acme.place.path())
            .args(["-F", "none", "-o", "IdentitiesOnly=yes", "-o", &identity])
            .args(["-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes"])
            .args([
                "-o",
                "UserKnownHostsFile=known_hosts",
                "-o",
                "LogLevel=ERROR",
            ])
            .args([if program == "ssh" { "-p" } else { "-P" }, &port])
            .args(rest)
            // There is none; whoever forwards to it asks the door first.
            .env("DISPLAY", "127.0.0.1:99")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let input = input.to_owned();
        let ran = self.acme.tasks.block("test: a client", move || {
            let mut child = command.spawn().expect("openssh-client is installed");
            let mut stdin = child.stdin.take().unwrap();
            std::io::Write::write_all(&mut stdin, input.as_bytes()).unwrap();
            drop(stdin);
            child.wait_with_output().unwrap()
        });
        ran.await.unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn sftp_puts_renames_lists_and_gets() {
    let mut bench = Bench::new().await;
    let port = bench.open_door().await.port();
    std::fs::write(bench.acme.place.path().join("a.xml"), DOCUMENT).unwrap();
    let batch = "put a.xml inbox/\nput -p a.xml inbox/b.part\nrename inbox/b.part inbox/b.xml\n\
        put a.xml\nls -l inbox\nget README.txt\nget inbox/a.xml back.xml\n-mkdir inbox/x\nrm inbox/b.xml\n";
    let ran = bench
        .run(
            "sftp",
            (port, "key"),
            &["-b", "-", "robot@127.0.0.1"],
            batch,
        )
        .await;
    assert!(ran.status.success(), "{}", stderr(&ran));
    let shown = String::from_utf8_lossy(&ran.stdout);
    assert!(shown.contains("-rw-r-----"), "{shown}");
    let back = std::fs::read(bench.acme.place.path().join("back.xml")).unwrap();
    assert_eq!(back, DOCUMENT);
    assert!(bench.acme.place.path().join("README.txt").exists());
    assert!(bench.taken("/inbox/a.xml").is_some());
    bench.settle().await;
    assert_eq!(bench.taken("/inbox/b.xml"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn scp_puts_over_sftp_also_over_a_longer_file() {
    let mut bench = Bench::new().await;
    let port = bench.open_door().await.port();
    let local = bench.acme.place.path().join("a.xml");
    for content in [[DOCUMENT, &[b'\n'; 999]].concat(), DOCUMENT.to_vec()] {
        std::fs::write(&local, &content).unwrap();
        let ran = bench
            .run(
                "scp",
                (port, "key"),
                &["-p", "a.xml", "robot@127.0.0.1:inbox/"],
                "",
            )
            .await;
        assert!(ran.status.success(), "{}", stderr(&ran));
        assert_eq!(bench.read("inbox/a.xml").unwrap(), content);
    }
    let taken = bench.taken("/inbox/a.xml").unwrap();
    assert_eq!(taken.sha256, crate::intake::digest(DOCUMENT));
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_gets_in_and_nothing_else_is_run() {
    let mut bench = Bench::new().await;
    let port = bench.open_door().await.port();
    for (key, login) in [("other", "robot"), ("key", "nobody"), ("key", "..")] {
        let target = format!("{login}@127.0.0.1");
        let ran = bench
            .run("sftp", (port, key), &["-b", "-", &target], "ls\n")
            .await;
        assert!(!ran.status.success());
        assert!(
            stderr(&ran).contains("Permission denied"),
            "{}",
            stderr(&ran)
        );
    }
    let ran = bench
        .run("ssh", (port, "key"), &["robot@127.0.0.1", "id"], "")
        .await;
    assert_eq!(ran.status.code(), Some(1));
    assert!(stderr(&ran).contains("SFTP only"), "{}", stderr(&ran));
    assert!(ran.stdout.is_empty());
    bench.settle().await;
}

/// Reads to the end, which must come within a time that no healthy door needs.
async fn until_closed(mut socket: TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    let reading = socket.read_to_end(&mut read);
    let closed = tokio::time::timeout(Duration::from_secs(20), reading).await;
    // Whether by an end or a reset does not matter.
    drop(closed.expect("the door closes the connection"));
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_does_not_log_in_is_cut_at_the_deadline() {
    let mut bench = Bench::new().await;
    bench.settings.sftp.login_within = Duration::from_millis(300);
    let address = bench.open_door().await;
    let silent = TcpStream::connect(address).await.unwrap();
    let mut dripping = TcpStream::connect(address).await.unwrap();
    // A version, and the beginning of a packet that never ends.
    dripping
        .write_all(b"SSH-2.0-drip\r\n\0\0\x01")
        .await
        .unwrap();
    let (silent, dripping) = tokio::join!(until_closed(silent), until_closed(dripping));
    assert!(
        silent.starts_with(b"SSH-2.0-ecocd\r\n"),
        "no version is told"
    );
    assert!(dripping.len() > silent.len(), "the key exchange was begun");
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_strangers_are_turned_away_at_once() {
    let mut bench = Bench::new().await;
    bench.settings.sftp.unauthenticated_max = 1;
    let address = bench.open_door().await;
    let mut first = TcpStream::connect(address).await.unwrap();
    let mut greeting = [0; 15];
    first.read_exact(&mut greeting).await.unwrap();
    let second = TcpStream::connect(address).await.unwrap();
    assert_eq!(until_closed(second).await, b"");
    bench.settle().await;
    until_closed(first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_a_plain_fault() {
    let mut bench = Bench::new().await;
    let address = bench.open_door().await;
    bench.settings.sftp.listen = address;
    let parts = Parts {
        access: bench.access().await,
        intake: bench.intake.clone(),
        folders: bench.folders.clone(),
        busy: bench.busy.clone(),
        clock: bench.clock.clone(),
        tasks: bench.acme.tasks.clone(),
    };
    let keys = bench.acme.place.path().join("host-keys");
    let fault = open(&bench.settings, &keys, parts).await.unwrap_err();
    let fault = fault.to_string();
    assert!(fault.contains(&address.to_string()), "{fault}");
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn digests_are_told_by_the_names_of_programs_and_nothing_is_run() {
    let mut bench = Bench::new().await;
    let port = bench.open_door().await.port();
    let mut client = bench.client().await;
    client.put("/inbox/a b.xml", DOCUMENT).await;
    let out = |ran: &Output| String::from_utf8_lossy(&ran.stdout).into_owned();
    // What rclone tries first, and then for each file.
    let ran = bench
        .run("ssh", (port, "key"), &["robot@127.0.0.1", "md5sum"], "")
        .await;
    assert_eq!(out(&ran), "d41d8cd98f00b204e9800998ecf8427e  -\n");
    assert_eq!(ran.status.code(), Some(0));
    let ran = bench
        .run("ssh", (port, "key"), &["robot@127.0.0.1", "sha1sum"], "abc")
        .await;
    assert_eq!(out(&ran), "a9993e364706816aba3e25717850c26c9cd0d89d  -\n");
    let digest = crate::intake::digest(DOCUMENT);
    let command = r"sha256sum '/inbox/a b.xml' inbox/a\ b.xml";
    let ran = bench
        .run("ssh", (port, "key"), &["robot@127.0.0.1", command], "")
        .await;
    let expected = format!("{0}  /inbox/a b.xml\n{0}  inbox/a b.xml\n", digest.as_str());
    assert_eq!(out(&ran), expected, "{}", stderr(&ran));
    assert_eq!(ran.status.code(), Some(0));
    let ran = bench
        .run(
            "ssh",
            (port, "key"),
            &["robot@127.0.0.1", "md5sum ../etc/passwd"],
            "",
        )
        .await;
    assert_eq!((out(&ran).as_str(), ran.status.code()), ("", Some(1)));
    assert!(stderr(&ran).contains("no such file"), "{}", stderr(&ran));
    for command in ["scp -t /inbox", "echo ${ShellId}%ComSpec%", "md5sum; id"] {
        let ran = bench
            .run("ssh", (port, "key"), &["robot@127.0.0.1", command], "")
            .await;
        assert_eq!(
            (out(&ran).as_str(), ran.status.code()),
            ("", Some(1)),
            "{command}"
        );
        assert!(stderr(&ran).contains("SFTP only"), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_and_the_session_goes_on() {
    let mut bench = Bench::new().await;
    let port = bench.open_door().await.port();
    let wanted = ["-W", "127.0.0.1:9", "robot@127.0.0.1"];
    let ran = bench.run("ssh", (port, "key"), &wanted, "").await;
    assert!(stderr(&ran).contains("forwarding failed"), "{ran:?}");
    let must = ["-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:9"];
    let wanted = [&must[..], &["-s", "robot@127.0.0.1", "sftp"]].concat();
    let ran = bench.run("ssh", (port, "key"), &wanted, "").await;
    assert!(
        !ran.status.success() && ran.stdout.is_empty(),
        "it forwards"
    );
    // The same, and an agent and a display, by a client that does not insist.
    let wanted = [
        &["-R", "0:127.0.0.1:9", "-R", "/nowhere:127.0.0.1:9"][..],
        &["-A", "-Y", "-s", "robot@127.0.0.1", "sftp"],
    ];
    let wanted = wanted.concat();
    let init = String::from_utf8(vec![0, 0, 0, 5, 1, 0, 0, 0, 3]).unwrap();
    let ran = bench.run("ssh", (port, "key"), &wanted, &init).await;
    assert_eq!(ran.stdout.get(4), Some(&2), "VERSION: {}", stderr(&ran));
    let mut session = connect(port).await;
    assert!(show_key(&mut session, &bench, ("robot", "key")).await);
    let (here, to) = ("127.0.0.1", "/nowhere");
    let tunnel = session.channel_open_direct_tcpip(here, 9, here, 9).await;
    assert!(tunnel.is_err() && session.channel_open_direct_streamlocal(to).await.is_err());
    assert!(session.tcpip_forward(here, 0).await.is_err());
    assert!(session.streamlocal_forward(to).await.is_err());
    let channel = session.channel_open_session().await.unwrap();
    channel.request_subsystem(true, "sftp").await.unwrap();
    bench.settle().await;
}
