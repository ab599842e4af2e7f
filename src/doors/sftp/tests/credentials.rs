//! What lets a user in, and what a refusal tells those who measure it.

use std::time::{Duration, Instant};

use russh::client::{self, Handle};
use russh::keys::{PrivateKeyWithHashAlg, PublicKeyOrCertificate, load_secret_key};

use crate::access::hash_password;
use crate::access::testing::until;
use crate::domain::Timestamp;
use crate::domain::account::Standing;
use crate::doors::sftp::tests::Bench;
use crate::doors::sftp::tests::entering::{Entry, keygen};
use crate::doors::sftp::tests::staying::{Open, SUSPENDED_WITHIN};
use crate::runtime::Clock;

/// Takes every host key: the server is the test's.
pub(super) struct Trusting;

impl client::Handler for Trusting {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }
}

/// Who has not logged in yet.
pub(super) async fn connect(port: u16) -> Handle<Trusting> {
    let config = client::Config::default();
    let address = ("127.0.0.1", port);
    client::connect(config.into(), address, Trusting)
        .await
        .unwrap()
}

/// Tries the key in the file `name`.
pub(super) async fn show_key(
    session: &mut Handle<Trusting>,
    bench: &Bench,
    as_whom: (&str, &str),
) -> bool {
    let (login, name) = as_whom;
    let key = load_secret_key(bench.acme.place.path().join(name), None).unwrap();
    let key = PrivateKeyWithHashAlg::new(key.into(), None);
    let answer = session.authenticate_publickey(login, key).await;
    answer.unwrap().success()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_key_that_is_promised_lets_its_user_in() {
    for (kind, bits, signatures) in [
        ("ed25519", "256", &["ssh-ed25519"][..]),
        ("ecdsa", "256", &["ecdsa-sha2-nistp256"]),
        ("ecdsa", "384", &["ecdsa-sha2-nistp384"]),
        ("ecdsa", "521", &["ecdsa-sha2-nistp521"]),
        ("rsa", "3072", &["rsa-sha2-256", "rsa-sha2-512"]),
    ] {
        let entry = Entry::new(|bench| bench.lets_key_in = false).await;
        keygen(
            entry.folder(),
            &["-t", kind, "-b", bits, "-N", "", "-f", "mine"],
        );
        let public = std::fs::read_to_string(entry.folder().join("mine.pub")).unwrap();
        let words: Vec<&str> = public.split(' ').take(2).collect();
        entry.bench.acme.add_key(&words.join(" ")).await;
        entry.access.refresh().await.unwrap();
        for signature in signatures {
            let only = format!("PubkeyAcceptedAlgorithms={signature}");
            let options = ["IdentityFile=mine", "BatchMode=yes", &only];
            let ran = entry.list_with_only("robot", &options).await;
            let said = String::from_utf8_lossy(&ran.stderr).into_owned();
            assert!(ran.status.success(), "{signature}: {said}");
        }
        let sha1 = [
            "IdentityFile=mine",
            "BatchMode=yes",
            "PubkeyAcceptedAlgorithms=ssh-rsa",
        ];
        let ran = entry.list_with_only("robot", &sha1).await;
        assert!(!ran.status.success(), "{kind} with SHA-1");
        entry.bench.settle().await;
    }
}

/// How long it takes to be refused, as this kind of guest.
async fn time_refused(entry: &Entry, who: &str) -> Duration {
    let mut session = connect(entry.port).await;
    let began = Instant::now();
    let is_in = match who {
        "wrong key" => show_key(&mut session, &entry.bench, ("robot", "other")).await,
        "nobody" => show_key(&mut session, &entry.bench, ("nobody", "other")).await,
        "suspended" => show_key(&mut session, &entry.bench, ("robot", "key")).await,
        of_password => {
            let is_nobody = of_password.starts_with("nobody");
            let login = if is_nobody {
                "nobody"
            } else {
                "ann@example.com"
            };
            let answer = session.authenticate_password(login, "guess").await;
            answer.unwrap().success()
        }
    };
    assert!(!is_in, "{who}");
    began.elapsed()
}

/// However long the work behind it takes, a refusal takes a second: so nobody can tell by the time whether there
/// is such a user, whether the key is near, or whether the account is suspended.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_takes_the_same_time_whatever_its_reason() {
    let entry = Entry::new(|_bench| ()).await;
    entry.gives_ann_a_password().await;
    let robot = entry.bench.acme.robot.login.clone();
    let store = &entry.bench.acme.store;
    let mut quickest = Vec::new();
    for who in [
        "wrong key",
        "nobody",
        "wrong password",
        "nobody's password",
        "suspended",
    ] {
        if who == "suspended" {
            let suspended = store.set_user_standing(&robot, Standing::Suspended).await;
            suspended.unwrap();
            entry.access.refresh().await.unwrap();
        }
        let times = tokio::join!(
            time_refused(&entry, who),
            time_refused(&entry, who),
            time_refused(&entry, who)
        );
        let least = times.0.min(times.1).min(times.2);
        assert!(least >= Duration::from_millis(990), "{who}: {least:?}");
        quickest.push((who, least));
    }
    let times = || quickest.iter().map(|(_, time)| *time);
    let least = times().min().unwrap();
    let apart = times().max().unwrap().saturating_sub(least);
    // Generous, for machines with much else to do: what counts is the second that each takes.
    assert!(apart < Duration::from_millis(500), "{quickest:?}");
    entry.bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_the_password_that_let_it_in() {
    let entry = Entry::new(|_bench| ()).await;
    entry.gives_ann_a_password().await;
    let acme = &entry.bench.acme;
    let mut robot = Open::new(&entry.bench, entry.port).await;
    for is_changed in [true, false] {
        let mut session = connect(entry.port).await;
        let answer = session.authenticate_password("ann@example.com", "secret");
        assert!(answer.await.unwrap().success());
        let began = Instant::now();
        if is_changed {
            let (hash, now) = (hash_password("secret"), Timestamp::now());
            let changed = acme.store.set_password(acme.ann.id, &hash, now);
            changed.await.unwrap();
        } else {
            let code = &acme.account.code;
            let taken = acme.store.set_account_entry(code, None, Some(false));
            assert!(taken.await.unwrap());
        }
        let ended = async || session.is_closed().then_some(());
        until("the end of the session", ended).await;
        assert!(began.elapsed() < SUSPENDED_WITHIN);
    }
    assert!(robot.is_open(), "it came with a key");
    entry.bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_the_certificate_that_let_it_in() {
    let entry = Entry::new(|bench| {
        let folder = bench.acme.place.path();
        keygen(folder, &["-t", "ed25519", "-N", "", "-f", "ca"]);
        bench.settings.sftp.user_authorities = folder.join("ca.pub");
        bench.lets_key_in = false;
        bench.clock = Clock::standing_at(Timestamp::now());
    })
    .await;
    let signing = ["-s", "ca", "-I", "robots", "-n", "robot", "-V", "-1h:+1h"];
    keygen(entry.folder(), &[&signing[..], &["key.pub"]].concat());
    let mut open = Open::new(&entry.bench, entry.port).await;
    entry.bench.clock.advance(Duration::from_mins(59));
    assert!(open.is_open());
    entry.bench.clock.advance(Duration::from_mins(2));
    open.ended(SUSPENDED_WITHIN).await;
    entry.bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_with_a_key_is_known_after_a_restart_too() {
    let mut entry = Entry::new(|_bench| ()).await;
    drop(Open::new(&entry.bench, entry.port).await);
    let store = entry.bench.acme.store.clone();
    let kept = async || {
        let kept = store.kept_addresses(Timestamp::UNIX_EPOCH, 10).await;
        kept.unwrap().pop()
    };
    let (address, _seen) = until("the address", kept).await;
    assert_eq!(address.to_string(), "127.0.0.1");
    entry.bench.settings.sftp.unauthenticated_max = 1;
    let door = entry.bench.open_again().await.0;
    // A stranger holds the only place.
    let stranger = tokio::net::TcpSocket::new_v4().unwrap();
    stranger.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let stranger = stranger.connect(door).await.unwrap();
    let open = Open::maybe(&entry.bench, door.port()).await;
    assert!(open.is_some(), "a place is kept for who came with a key");
    drop((stranger, open));
    entry.bench.settle().await;
}
