//! Who is let in and who is not, with OpenSSH's clients and `ssh-keygen` (Debian: openssh-client).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::access::testing::until;
use crate::access::{Access, hash_password};
use crate::domain::Timestamp;
use crate::domain::account::Standing;
use crate::domain::entry::RefusalReason;
use crate::domain::networks::Networks;
use crate::doors::sftp::tests::Bench;
use crate::doors::sftp::tests::staying::Open;
use crate::runtime::Clock;
use crate::store::RefusalRow;

pub(super) fn keygen(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("ssh-keygen");
    command.current_dir(folder).arg("-q").args(arguments);
    let ran = command.output().expect("openssh-client is installed");
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{arguments:?}: {said}");
}

/// A door, the access behind it, and its port.
pub(super) struct Entry {
    pub(super) bench: Bench,
    pub(super) access: Access,
    pub(super) port: u16,
}

impl Entry {
    pub(super) async fn new(change: impl FnOnce(&mut Bench)) -> Self {
        let mut bench = Bench::new().await;
        change(&mut bench);
        let (address, access) = bench.open_door_of().await;
        access.keep_books("test").await.unwrap();
        let port = address.port();
        Self {
            bench,
            access,
            port,
        }
    }

    pub(super) fn folder(&self) -> &Path {
        self.bench.acme.place.path()
    }

    /// Lists the inbox with these options, which go before all others.
    async fn list(&self, login: &str, options: &[&str]) -> Output {
        let mut command = Command::new("sftp");
        command.current_dir(self.folder()).args(["-F", "none"]);
        for option in options {
            command.args(["-o", option]);
        }
        for option in [
            "IdentitiesOnly=yes",
            "IdentityFile=key",
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=known_hosts",
            "LogLevel=ERROR",
        ] {
            command.args(["-o", option]);
        }
        // Passwords come from a program; keys need none.
        let asking = self.folder().join("ask");
        let batch = self.folder().join("batch");
        std::fs::write(&batch, "ls inbox\n").unwrap();
        command
            .env("SSH_ASKPASS", asking)
            .env("SSH_ASKPASS_REQUIRE", "force")
            .args(["-P", &self.port.to_string(), "-b"])
            .arg(batch)
            .arg(format!("{login}@127.0.0.1"))
            .stdin(Stdio::null());
        let tasks = &self.bench.acme.tasks;
        let ran = tasks.block("test: a client", move || command.output().unwrap());
        ran.await.unwrap()
    }

    async fn is_let_in(&self, login: &str, options: &[&str]) -> bool {
        self.list(login, options).await.status.success()
    }

    /// The refusals as soon as there are `count`.
    async fn refusals(&self, count: usize) -> Vec<RefusalRow> {
        let store = &self.bench.acme.store;
        let enough = async || {
            let rows = store.refusals(None, 100).await.unwrap();
            (rows.len() >= count).then_some(rows)
        };
        until(&format!("the last of {count} refusals"), enough).await
    }
}

/// Signs the key in `key.pub` with these options, and names the certificate's file.
fn sign(folder: &Path, name: &str, authority: &str, options: &[&str]) -> String {
    std::fs::copy(folder.join("key.pub"), folder.join(format!("{name}.pub"))).unwrap();
    let public = format!("{name}.pub");
    let mut arguments = vec!["-s", authority, "-I", name];
    arguments.extend(options);
    arguments.push(&public);
    keygen(folder, &arguments);
    format!("CertificateFile={name}-cert.pub")
}

const GOOD: &[&str] = &["good", "named-in-capitals", "sftp-only", "from-here"];
const BAD: &[&str] = &[
    "other-principal",
    "no-principal",
    "foreign",
    "expired",
    "early",
    "command",
    "elsewhere",
    "unknown-option",
    "a-hosts",
];

/// Who signs a certificate of this name, and with which options.
fn options(name: &str) -> (&'static str, Vec<&'static str>) {
    match name {
        "good" => ("ca", vec!["-n", "other,robot", "-V", "-1h:+1h"]),
        "named-in-capitals" => ("ca", vec!["-n", "ROBOT"]),
        "sftp-only" => (
            "ca",
            vec!["-n", "robot", "-O", "force-command=internal-sftp"],
        ),
        "from-here" => (
            "ca",
            vec!["-n", "robot", "-O", "source-address=127.0.0.0/8"],
        ),
        "other-principal" => ("ca", vec!["-n", "ann@example.com"]),
        "no-principal" => ("ca", vec![]),
        "foreign" => ("foreign", vec!["-n", "robot"]),
        "expired" => ("ca", vec!["-n", "robot", "-V", "-2h:-1h"]),
        "early" => ("ca", vec!["-n", "robot", "-V", "+1h:+2h"]),
        "command" => ("ca", vec!["-n", "robot", "-O", "force-command=ls"]),
        "elsewhere" => (
            "ca",
            vec!["-n", "robot", "-O", "source-address=192.0.2.0/24"],
        ),
        "unknown-option" => ("ca", vec!["-n", "robot", "-O", "critical:x@example.com=1"]),
        "a-hosts" => ("ca", vec!["-h", "-n", "robot"]),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_lets_in_its_own_principal_and_nobody_else() {
    let entry = Entry::new(|bench| {
        let folder = bench.acme.place.path();
        for authority in ["ca", "foreign"] {
            keygen(folder, &["-t", "ed25519", "-N", "", "-f", authority]);
        }
        bench.settings.sftp.user_authorities = folder.join("ca.pub");
        // The certificates are for a key that nobody has been given.
        bench.lets_key_in = false;
    })
    .await;
    let folder = entry.folder();
    for (names, is_good) in [(GOOD, true), (BAD, false)] {
        for name in names {
            let (authority, more) = options(name);
            let certificate = sign(folder, name, authority, &more);
            let only = "PreferredAuthentications=publickey";
            let is_in = entry.is_let_in("robot", &[&certificate, only]).await;
            assert_eq!(is_in, is_good, "{name}");
        }
    }
    let good = sign(
        folder,
        "good2",
        "ca",
        &["-n", "robot,nobody,ann@example.com"],
    );
    assert!(!entry.is_let_in("nobody", &[&good]).await);
    let robot = &entry.bench.acme.robot.login;
    let store = &entry.bench.acme.store;
    store
        .set_user_standing(robot, Standing::Suspended)
        .await
        .unwrap();
    entry.access.refresh().await.unwrap();
    assert!(!entry.is_let_in("robot", &[&good]).await, "suspended");
    let rows = entry.refusals(10).await;
    let is_bad = |row: &&RefusalRow| row.refused.reason == RefusalReason::BadCertificate;
    let details: Vec<&str> = rows
        .iter()
        .filter(is_bad)
        .map(|row| row.refused.detail.as_str())
        .collect();
    for part in [
        "another principal",
        "no principal",
        "not one of ours",
        "for a command",
    ] {
        assert!(
            details.iter().any(|it| it.contains(part)),
            "{part}: {details:?}"
        );
    }
    entry.bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_refused_hears_the_same_words_and_the_operator_the_reason() {
    let entry = Entry::new(|bench| {
        let folder = bench.acme.place.path();
        keygen(
            folder,
            &["-t", "rsa", "-b", "2048", "-N", "", "-f", "short"],
        );
        keygen(folder, &["-t", "ecdsa", "-N", "", "-f", "ecdsa"]);
    })
    .await;
    entry.gives_ann_a_password().await;
    let mut words = Vec::new();
    for (login, options) in [
        ("nobody", &["BatchMode=yes"][..]),
        ("robot", &["IdentityFile=other", "BatchMode=yes"]),
        ("robot", &["IdentityFile=short", "BatchMode=yes"]),
        (
            "ann@example.com",
            &[
                "BatchMode=no",
                "PreferredAuthentications=password",
                "NumberOfPasswordPrompts=1",
            ],
        ),
    ] {
        let ran = entry.list_with_only(login, options).await;
        assert!(!ran.status.success(), "{login} {options:?}");
        let said = String::from_utf8_lossy(&ran.stderr).replace(login, "X");
        words.push(said.lines().next().unwrap_or_default().to_owned());
    }
    words.dedup();
    assert_eq!(words.len(), 1, "{words:?}");
    entry.keeps_the_account_out().await;
    let cbc = &["Ciphers=aes128-cbc", "BatchMode=yes"];
    assert!(!entry.is_let_in("robot", cbc).await);
    let rows = entry.refusals(7).await;
    let found = |reason| rows.iter().find(|row| row.refused.reason == reason);
    for reason in [
        RefusalReason::UnknownUser,
        RefusalReason::WrongKey,
        RefusalReason::WeakKey,
        RefusalReason::WrongPassword,
        RefusalReason::WrongPlace,
        RefusalReason::Suspended,
    ] {
        let row = found(reason).unwrap_or_else(|| panic!("{reason} of {rows:?}"));
        assert_eq!(row.refused.remote_ip, "127.0.0.1");
        assert!(row.refused.client.starts_with("SSH-2.0-OpenSSH"), "{row:?}");
        let is_known = reason != RefusalReason::UnknownUser;
        assert_eq!(row.account.is_some(), is_known, "{reason}");
    }
    let print = &found(RefusalReason::WrongKey).unwrap().refused.fingerprint;
    assert!(
        print
            .as_ref()
            .is_some_and(|print| print.starts_with("SHA256:"))
    );
    let offered = &found(RefusalReason::NoCommonAlgorithm).unwrap().refused;
    assert!(offered.detail.contains("aes128-cbc"), "{}", offered.detail);
    entry.bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_fails_again_and_again_is_shut_out_unless_a_key_came_from_it() {
    let entry = Entry::new(|bench| {
        bench.settings.sftp.trusted_networks = String::new();
    })
    .await;
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let other = ["IdentityFile=other", "BatchMode=yes"];
    let mut denied = 0;
    loop {
        let ran = entry.list_with_only("robot", &other).await;
        if !String::from_utf8_lossy(&ran.stderr).contains("Permission denied") {
            break;
        }
        denied += 1;
        assert!(denied < 30, "never shut out");
    }
    assert!(denied >= 4, "people mistype");
    // Nothing is said any more, also to the right key: it never came from here.
    let good = &["BatchMode=yes"];
    assert!(!entry.is_let_in("robot", good).await);
    let rows = entry.refusals(denied + 1).await;
    let is_shut_out = |row: &RefusalRow| row.refused.reason == RefusalReason::ShutOut;
    assert!(rows.iter().any(is_shut_out), "{rows:?}");
    assert!(
        rows.iter()
            .all(|row| row.refused.remote_ip == here.to_string())
    );
    entry.bench.settle().await;

    let entry = Entry::new(|bench| {
        bench.settings.sftp.trusted_networks = String::new();
    })
    .await;
    assert!(entry.is_let_in("robot", good).await);
    for _attempt in 0..denied + 2 {
        entry.list_with_only("robot", &other).await;
    }
    assert!(entry.is_let_in("robot", good).await, "a known address");
    entry.bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_legacy_port_is_for_its_accounts_and_older_algorithms_alone() {
    let old = [
        "KexAlgorithms=diffie-hellman-group14-sha256",
        "HostKeyAlgorithms=rsa-sha2-512",
        "MACs=hmac-sha2-256",
        "Ciphers=aes128-ctr",
        "BatchMode=yes",
    ];
    let legacy = |accounts: &'static str, until: &'static str| {
        move |bench: &mut Bench| {
            let sftp = &mut bench.settings.sftp;
            sftp.legacy_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
            accounts.clone_into(&mut sftp.legacy_accounts);
            until.clone_into(&mut sftp.legacy_until);
        }
    };
    let mut entry = Entry::new(legacy("beta, acme", "2999-12-31")).await;
    let ran = entry.list("robot", &old).await;
    assert!(!ran.status.success(), "not on the usual port");
    entry.port = entry.bench.legacy_port.unwrap();
    let ran = entry.list("robot", &old).await;
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{said}");
    entry.bench.settle().await;
    let entry = Entry::new(|bench| {
        legacy("acme", "2999-12-31")(bench);
        let last = "2999-12-31T23:59:58Z".parse().unwrap();
        bench.clock = Clock::standing_at(last);
    })
    .await;
    let port = entry.bench.legacy_port.unwrap();
    let mut open = Open::new(&entry.bench, port).await;
    entry.bench.clock.advance(Duration::from_secs(2));
    open.ended(Duration::from_secs(5)).await;
    assert!(Open::maybe(&entry.bench, port).await.is_none());
    entry.bench.settle().await;
    let mut entry = Entry::new(legacy("beta", "2999-12-31")).await;
    entry.port = entry.bench.legacy_port.unwrap();
    assert!(!entry.is_let_in("robot", &old).await, "another account");
    let reason = entry.refusals(1).await[0].refused.reason;
    assert_eq!(reason, RefusalReason::NotLegacy);
    entry.bench.settle().await;
    let entry = Entry::new(legacy("acme", "2020-12-31")).await;
    assert_eq!(entry.bench.legacy_port, None, "its last day is over");
    entry.bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_password_lets_nobody_in_before_it_is_changed() {
    let entry = Entry::new(|_bench| ()).await;
    let acme = &entry.bench.acme;
    let hash = hash_password("mailed");
    let user = acme.invite("new@example.com", &hash).await;
    entry.access.refresh().await.unwrap();
    entry.answers_with("mailed");
    let options = &[
        "BatchMode=no",
        "PreferredAuthentications=password",
        "NumberOfPasswordPrompts=1",
    ];
    assert!(!entry.is_let_in("new@example.com", options).await);
    let refused = &entry.refusals(1).await[0].refused;
    assert_eq!(refused.reason, RefusalReason::TemporaryPassword);
    acme.store
        .set_password(user.id, &hash, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    entry.access.refresh().await.unwrap();
    assert!(entry.is_let_in("new@example.com", options).await);
    entry.bench.settle().await;
}

impl Entry {
    /// The client sends this password.
    fn answers_with(&self, password: &str) {
        let asking = self.folder().join("ask");
        std::fs::write(&asking, format!("#!/bin/sh\necho {password}\n")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&asking, mode).unwrap();
    }

    /// Ann has a password, and the client sends another.
    pub(super) async fn gives_ann_a_password(&self) {
        let store = &self.bench.acme.store;
        let hash = hash_password("secret");
        let ann = self.bench.acme.ann.id;
        store
            .set_password(ann, &hash, Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        self.access.refresh().await.unwrap();
        self.answers_with("wrong");
    }

    /// The account's list, then its standing, come before what is shown.
    async fn keeps_the_account_out(&self) {
        let store = &self.bench.acme.store;
        let code = &self.bench.acme.account.code;
        let elsewhere = Some(Networks::new("192.0.2.0/24").unwrap());
        store
            .set_account_entry(code, elsewhere, Some(false))
            .await
            .unwrap();
        self.access.refresh().await.unwrap();
        assert!(!self.is_let_in("robot", &["BatchMode=yes"]).await);
        store
            .set_account_standing(code, Standing::Suspended)
            .await
            .unwrap();
        self.access.refresh().await.unwrap();
        assert!(!self.is_let_in("robot", &["BatchMode=yes"]).await);
    }

    /// As [`Entry::list`], with the identities among the options alone.
    pub(super) async fn list_with_only(&self, login: &str, options: &[&str]) -> Output {
        let hidden = self.folder().join("key");
        let aside = self.folder().join("key.aside");
        let is_named = options
            .iter()
            .any(|option| option.starts_with("IdentityFile"));
        if is_named {
            std::fs::rename(&hidden, &aside).unwrap();
        }
        let ran = self.list(login, options).await;
        if is_named {
            std::fs::rename(&aside, &hidden).unwrap();
        }
        ran
    }
}
