//! How long a session stays: suspended users, operators, idleness, the end of the service, new keys.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::access::testing::until;
use crate::domain::Timestamp;
use crate::domain::account::{Role, Standing};
use crate::domain::audit::{Action, Deed};
use crate::doors::sftp::host_keys;
use crate::doors::sftp::rotation;
use crate::doors::sftp::tests::{
    Bench, C, DOCUMENT, FAILURE, Heard, OK, T, W, framed, number, octets, string,
};
use crate::runtime::Tasks;
use crate::store::{Change, Declaration, MachineKey};

/// How long a suspended user may still be in, by the promise of the manual.
pub(super) const SUSPENDED_WITHIN: Duration = Duration::from_secs(5);

/// An OpenSSH client that speaks SFTP as the test writes it.
pub(super) struct Open {
    child: Child,
    stdin: Option<ChildStdin>,
}

fn ssh(bench: &Bench, port: u16, options: &[&str]) -> Command {
    let mut command = Command::new("ssh");
    command
        .current_dir(bench.acme.place.path())
        .args(["-F", "none"]);
    for option in options.iter().chain(&[
        "IdentitiesOnly=yes",
        "IdentityFile=key",
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=known_hosts",
        "BatchMode=yes",
    ]) {
        command.args(["-o", option]);
    }
    command.args(["-p", &port.to_string(), "-s", "robot@127.0.0.1", "sftp"]);
    command
}

/// Reads a packet.
fn packet(from: &mut impl Read) -> Vec<u8> {
    let mut length = [0; 4];
    from.read_exact(&mut length).unwrap();
    let mut packet = vec![0; u32::from_be_bytes(length) as usize];
    from.read_exact(&mut packet).unwrap();
    packet
}

impl Open {
    /// Logs in, and waits for the answer to INIT.
    pub(super) async fn new(bench: &Bench, port: u16) -> Self {
        Self::maybe(bench, port)
            .await
            .expect("the client is let in")
    }

    /// The same, if the client is let in.
    pub(super) async fn maybe(bench: &Bench, port: u16) -> Option<Self> {
        let mut command = ssh(bench, port, &[]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let began = bench.acme.tasks.block("test: a client", move || {
            let mut child = command.spawn().expect("openssh-client is installed");
            let mut stdin = child.stdin.take().unwrap();
            // A client that is refused hangs up.
            drop(stdin.write_all(&framed(&[1, 0, 0, 0, 3])));
            let mut length = [0; 4];
            let out = child.stdout.as_mut().unwrap();
            if out.read_exact(&mut length).is_err() {
                drop(child.wait());
                return None;
            }
            let mut version = vec![0; u32::from_be_bytes(length) as usize];
            out.read_exact(&mut version).unwrap();
            assert_eq!(version[..5], [2, 0, 0, 0, 3]);
            Some((child, stdin))
        });
        let (child, stdin) = began.await.unwrap()?;
        Some(Self {
            child,
            stdin: Some(stdin),
        })
    }

    fn write(&mut self, packet: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(&framed(packet)).unwrap();
        stdin.flush().unwrap();
    }

    /// OPEN of a new file; its handle comes back once the upload is open.
    fn begin_upload(&mut self, path: &str) -> Vec<u8> {
        let flags = number(W | C | T);
        self.write(&[&[3][..], &number(1), &string(path), &flags, &number(0)].concat());
        let opened = packet(self.child.stdout.as_mut().unwrap());
        assert_eq!(opened[0], 102, "{opened:?}");
        opened[5..].to_vec()
    }

    /// WRITE at the beginning; nobody waits for the answer.
    fn write_at(&mut self, handle: &[u8], content: &[u8]) {
        let body = [handle, &0_u64.to_be_bytes(), &octets(content)];
        self.write(&[&[6][..], &number(2), &body.concat()].concat());
    }

    pub(super) fn is_open(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the client's end, and says how long it took.
    pub(super) async fn ended(&mut self, within: Duration) -> Duration {
        let began = Instant::now();
        while self.is_open() {
            let waited = began.elapsed();
            assert!(
                waited < within,
                "the session is still open after {waited:?}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        began.elapsed()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // It has mostly ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_user_is_out_within_five_seconds() {
    let mut bench = Bench::new().await;
    let port = bench.open_door_of().await.0.port();
    let mut open = Open::new(&bench, port).await;
    let robot = bench.acme.robot.login.clone();
    let store = &bench.acme.store;
    store
        .set_user_standing(&robot, Standing::Suspended)
        .await
        .unwrap();
    open.ended(SUSPENDED_WITHIN).await;
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_suspended_user_has_not_closed_is_not_handed_in() {
    let mut bench = Bench::new().await;
    let port = bench.open_door_of().await.0.port();
    let mut open = Open::new(&bench, port).await;
    let handle = open.begin_upload("/inbox/a.xml");
    open.write_at(&handle, DOCUMENT);
    let robot = bench.acme.robot.login.clone();
    let suspended = bench
        .acme
        .store
        .set_user_standing(&robot, Standing::Suspended);
    suspended.await.unwrap();
    open.ended(SUSPENDED_WITHIN).await;
    drop(open);
    bench.settle().await;
    assert_eq!(bench.read("inbox/a.xml"), None);
    assert!(bench.acme.submissions().await.is_empty());
}

fn removal(subject: &str) -> Change {
    Change {
        deed: Deed {
            id: crate::runtime::unique_id(),
            at: Timestamp::UNIX_EPOCH,
            actor: "ann@example.com".to_owned(),
            action: Action::AccessRemoved,
            subject: subject.to_owned(),
            details: String::new(),
            remote_ip: None,
        },
        mails: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_machine_is_out_within_five_seconds() {
    let mut bench = Bench::new().await;
    let port = bench.open_door_of().await.0.port();
    let mut open = Open::new(&bench, port).await;
    let acme = &bench.acme;
    let change = removal("robot");
    let removed = acme
        .store
        .remove_access(Some(acme.account.id), acme.robot.id, &change);
    assert!(removed.await.unwrap());
    open.ended(SUSPENDED_WITHIN).await;
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_the_key_that_let_it_in_or_with_the_right_to_hand_in() {
    let mut bench = Bench::new().await;
    let port = bench.open_door_of().await.0.port();
    let mut open = Open::new(&bench, port).await;
    let acme = &bench.acme;
    let which = (acme.account.id, acme.robot.id);
    let keys = acme.store.credentials(acme.robot.id).await.unwrap();
    let key = keys
        .iter()
        .find(|key| key.fingerprint.as_deref() == Some("SHA256:print"))
        .unwrap();
    let change = removal("robot");
    // Another key comes and goes: the session stays.
    let other = MachineKey {
        line: "ssh-ed25519 AAAA".to_owned(),
        fingerprint: "SHA256:other".to_owned(),
        label: "other".to_owned(),
    };
    let declaration = Declaration {
        by: acme.ann.id,
        version: None,
    };
    let added = acme
        .store
        .add_machine_key(which, &other, declaration, &change);
    added.await.unwrap();
    assert!(
        acme.store
            .remove_key(acme.robot.id, "SHA256:other")
            .await
            .unwrap()
    );
    assert!(open.is_open());
    let removed = acme.store.remove_machine_key(which, key.id, &change);
    assert!(removed.await.unwrap());
    open.ended(SUSPENDED_WITHIN).await;

    let restored = MachineKey {
        line: key.verifier.clone(),
        fingerprint: "SHA256:print".to_owned(),
        label: "again".to_owned(),
    };
    let change = removal("robot again");
    let added = acme
        .store
        .add_machine_key(which, &restored, declaration, &change);
    added.await.unwrap();
    let mut open = loop {
        // The door knows it within a second.
        if let Some(open) = Open::maybe(&bench, port).await {
            break open;
        }
    };
    let viewer = removal("robot views");
    let acme = &bench.acme;
    let demoted = acme
        .store
        .set_role(Some(acme.account.id), acme.robot.id, Role::View, &viewer);
    assert!(demoted.await.unwrap());
    open.ended(SUSPENDED_WITHIN).await;
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_a_session_and_ends_it() {
    let mut bench = Bench::new().await;
    let (address, access) = bench.open_door_of().await;
    access.keep_books("test").await.unwrap();
    let mut open = Open::new(&bench, address.port()).await;
    let store = &bench.acme.store;
    let visit = until("the visit", async || store.visits().await.unwrap().pop()).await;
    assert!(open.is_open());
    assert_eq!(visit.login, bench.acme.robot.login);
    assert_eq!(visit.visiting.credential, "SHA256:print");
    assert!(store.ask_end_of_visit(&visit.visiting.id).await.unwrap());
    open.ended(SUSPENDED_WITHIN).await;
    let gone = async || store.visits().await.unwrap().is_empty().then_some(());
    until("the visit's end", gone).await;
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_session_ends_and_a_busy_one_does_not() {
    let mut bench = Bench::new().await;
    bench.settings.sftp.idle_max = Duration::from_millis(1500);
    let port = bench.open_door_of().await.0.port();
    let mut busy = Open::new(&bench, port).await;
    let mut idle = Open::new(&bench, port).await;
    let began = Instant::now();
    let mut requests = 0;
    while idle.is_open() {
        requests += 1;
        // STAT of the root.
        busy.write(&[&[17][..], &number(requests), &string("/")].concat());
        assert!(began.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(busy.is_open());
    busy.ended(Duration::from_secs(10)).await;
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_upload_may_end_while_the_service_stops() {
    let mut bench = Bench::new().await;
    let port = bench.open_door_of().await.0.port();
    let mut idle = Open::new(&bench, port).await;
    let mut open = Open::new(&bench, port).await;
    let handle = open.begin_upload("/inbox/a.xml");
    // Its own group of tasks stops; the store and the folders do not.
    let tasks: Tasks = bench.acme.tasks.clone();
    tasks.stop();
    idle.ended(Duration::from_secs(10)).await;
    assert!(open.is_open(), "who uploads has time to end");
    open.write_at(&handle, DOCUMENT);
    open.write(&[&[4][..], &number(3), &handle].concat());
    open.ended(Duration::from_secs(10)).await;
    bench.settle().await;
    assert_eq!(bench.read("inbox/a.xml").as_deref(), Some(DOCUMENT));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_is_answered_although_the_client_sends_no_more() {
    let mut bench = Bench::new().await;
    let port = bench.open_door_of().await.0.port();
    let mut open = Open::new(&bench, port).await;
    let path = string("/inbox/a.xml");
    open.write(&[&[3][..], &number(1), &path, &number(2 | 8 | 16), &number(0)].concat());
    let handle = packet(open.child.stdout.as_mut().unwrap())[5..].to_vec();
    let body = [&handle[..], &0_u64.to_be_bytes(), &octets(DOCUMENT)].concat();
    open.write(&[&[6][..], &number(2), &body].concat());
    open.write(&[&[4][..], &number(3), &handle].concat());
    drop(open.stdin.take());
    let mut stdout = open.child.stdout.take().unwrap();
    let answers = bench.acme.tasks.block("test: a client", move || {
        [packet(&mut stdout), packet(&mut stdout)]
    });
    let mut answers = answers.await.expect("both are answered");
    answers.sort();
    for (answer, id) in answers.iter().zip([2, 3]) {
        assert_eq!(answer[..9], [&[101][..], &number(id), &number(OK)].concat());
    }
    open.ended(Duration::from_secs(10)).await;
    assert_eq!(open.child.wait().unwrap().code(), Some(0));
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_is_answered_although_the_client_sends_no_more_and_reads_late() {
    const REQUESTS: u32 = 120_000;
    let mut bench = Bench::new().await;
    let port = bench.open_door_of().await.0.port();
    let stats =
        (0..REQUESTS).flat_map(|id| framed(&[&[17][..], &number(id), &string("/")].concat()));
    let asked: Vec<u8> = framed(&[1, 0, 0, 0, 3]).into_iter().chain(stats).collect();
    let file = bench.acme.place.path().join("asked");
    std::fs::write(&file, &asked).unwrap();
    let mut command = ssh(&bench, port, &[]);
    command
        .stdin(std::fs::File::open(&file).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let heard = bench.acme.tasks.block("test: a client", move || {
        let child = command.spawn().expect("openssh-client is installed");
        let mut open = Open { child, stdin: None };
        let at = format!("/proc/{}/fdinfo/0", open.child.id());
        let all = format!("pos:\t{}\n", asked.len());
        let began = Instant::now();
        while !std::fs::read_to_string(&at).unwrap().starts_with(&all) {
            assert!(began.elapsed() < Duration::from_mins(1), "not all is asked");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut stdout = open.child.stdout.take().unwrap();
        assert_eq!(packet(&mut stdout)[0], 2);
        for id in 0..REQUESTS {
            let answer = packet(&mut stdout);
            assert_eq!(answer[..5], [&[105][..], &number(id)].concat());
        }
        let mut rest = Vec::new();
        stdout.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"");
        open.child.wait().unwrap().code()
    });
    assert_eq!(heard.await, Some(Some(0)));
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_are_agreed_on_by_either_side_and_nothing_is_lost() {
    for (by_server, options) in [(false, &["RekeyLimit=64K"][..]), (true, &[])] {
        let mut bench = Bench::new().await;
        bench.settings.check.file_bytes_max = 4 << 20;
        if by_server {
            bench.settings.sftp.rekey_after_bytes = 64 * 1024;
        }
        let port = bench.open_door_of().await.0.port();
        let place = bench.acme.place.path().to_owned();
        let content: Vec<u8> = (0..3_000_000_u32)
            .flat_map(|n| [n.to_le_bytes()[n as usize % 3]])
            .collect();
        std::fs::write(place.join("big"), &content).unwrap();
        std::fs::write(
            place.join("batch"),
            "put big inbox/big\nget inbox/big back\n",
        )
        .unwrap();
        // Without an end of its own, in case the door forgets an answer.
        let mut command = Command::new("timeout");
        command
            .current_dir(&place)
            .args(["60", "sftp", "-F", "none", "-vv"]);
        for option in options.iter().chain(&[
            "IdentitiesOnly=yes",
            "IdentityFile=key",
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=known_hosts",
        ]) {
            command.args(["-o", option]);
        }
        command.args(["-P", &port.to_string(), "-b", "batch", "robot@127.0.0.1"]);
        let ran = bench
            .acme
            .tasks
            .block("test: a client", move || command.output().unwrap());
        let ran = ran.await.unwrap();
        let log = String::from_utf8_lossy(&ran.stderr).into_owned();
        let tail: Vec<&str> = log.lines().rev().take(9).collect();
        assert!(ran.status.success(), "{tail:?}");
        let agreed = log.matches("SSH2_MSG_NEWKEYS received").count();
        assert!(
            agreed > 10,
            "{agreed} times new keys (by the server: {by_server})"
        );
        assert!(std::fs::read(place.join("back")).unwrap() == content);
        bench.settle().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_host_key_comes_into_use_on_its_day_without_a_restart() {
    let mut bench = Bench::new().await;
    let folder = bench.acme.place.path().join("host-keys");
    host_keys::load_or_make(&folder).unwrap();
    let before = rotation::list(&folder).unwrap();
    let port = bench.open_door_of().await.0.port().to_string();
    let next = rotation::make_next(&folder, "ssh-ed25519", Timestamp::now()).unwrap();
    rotation::schedule(&folder, &next).unwrap();
    let began = Instant::now();
    let scan = |kind: &'static str| {
        let port = port.clone();
        let scanning = bench.acme.tasks.block("test: ssh-keyscan", move || {
            let mut command = Command::new("ssh-keyscan");
            let ran = command
                .args(["-p", &port, "-t", kind, "127.0.0.1"])
                .output();
            String::from_utf8(ran.unwrap().stdout).unwrap()
        });
        async { scanning.await.unwrap() }
    };
    assert!(scan("ecdsa").await.contains(&before[1].public));
    while !scan("ed25519").await.contains(&next.public) {
        assert!(began.elapsed() < Duration::from_secs(30), "never in use");
    }
    assert!(scan("ecdsa").await.contains(&before[1].public));
    bench.settle().await;
}

#[tokio::test]
async fn an_account_that_handed_in_enough_for_an_hour_is_told_until_when() {
    let mut bench = Bench::new().await;
    bench.settings.sftp.files_per_hour_max = 2;
    let mut client = bench.client().await;
    for name in ["/inbox/1.xml", "/inbox/2.xml"] {
        assert_eq!(client.put(name, DOCUMENT).await, OK);
    }
    let Heard::Status(code, sentence) = client.open("/inbox/3.xml", W | C | T).await else {
        panic!("a third was opened");
    };
    assert_eq!(code, FAILURE);
    assert!(
        sentence.contains("it may go on at ") && sentence.ends_with(" UTC"),
        "{sentence}"
    );
    bench.settle().await;
}
