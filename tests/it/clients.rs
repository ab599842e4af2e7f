//! Real clients, each through the same list of operations (`tests/clients`), and what became of
//! every file at our end.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use ecocd::config::Config;
use ecocd::intake;

use crate::support::daemon::{self, Daemon};
use crate::support::database::Engine;
use crate::support::receipt::Receipt;
use crate::support::sftp_client::KeyPair;
use crate::support::stall::Stall;
use crate::support::{documents, process, tool, wait};

/// What every client is asked to do, in this order; `tests/clients/common.sh` explains each.
const OPERATIONS: [&str; 15] = [
    "put",
    "overwrite",
    "resume",
    "rename",
    "times",
    "list",
    "parallel",
    "cancel",
    "empty",
    "limit",
    "limit_over",
    "names",
    "wrong_key",
    "many",
    "receipt",
];

/// Names that people have given to certificates, and worse ones.
const NAMES: [&str; 6] = [
    "with blanks in it.xml",
    "REVISED Bus_M3_Highfloor_IVI_2_0_GB1 v2.xml",
    "Übung Ωμέγα 日本語.xml",
    "-leading-dash.xml",
    "it's (1) & 100%.XML",
    concat!(
        "long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-",
        "long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-",
        "just-200-octets-.xml"
    ),
];

/// The most octets of a file (see `check.file-bytes-max`).
const FILE_BYTES_MAX: usize = 1_048_576;
/// What `times.xml` says of its last change, in seconds since 1970.
const CHANGED: u64 = 1_704_164_645;
/// How many files go through one session.
const MANY: u32 = 200;
/// How long an incomplete file is waited for: long enough for a second session to resume it.
const INCOMPLETE_WAIT: Duration = Duration::from_secs(4);
/// So much of an upload gets through before the client is killed.
const STALL_BYTES: u64 = 300_000;

#[test]
fn openssh_sftp_does_all_it_can() {
    go_through("openssh-sftp.sh", &[]);
}

#[test]
fn openssh_scp_does_all_it_can() {
    go_through("openssh-scp.sh", &["resume", "rename", "list"]);
}

#[test]
fn psftp_does_all_it_can() {
    go_through("psftp.sh", &["times"]);
}

#[test]
fn pscp_does_all_it_can() {
    go_through("pscp.sh", &["resume", "rename"]);
}

#[test]
fn lftp_does_all_it_can() {
    go_through("lftp.sh", &[]);
}

#[test]
fn rclone_does_all_it_can() {
    go_through("rclone.sh", &["resume"]);
}

#[test]
fn paramiko_does_all_it_can() {
    go_through("paramiko-client.py", &[]);
}

#[test]
fn ssh2_of_node_does_all_it_can() {
    go_through("ssh2/client.mjs", &[]);
}

/// The curl of Debian 12 knows no MAC over the encrypted text, and so comes by the legacy port.
#[test]
fn curl_does_all_it_can_by_the_legacy_port() {
    let legacy = process::free_port();
    let by_legacy_port = |config: &mut Config| {
        config.sftp.legacy_listen = Some(legacy);
        config.sftp.legacy_accounts = daemon::ACCOUNT.to_owned();
        config.sftp.legacy_until = "2099-12-31".to_owned();
    };
    go_through_by("curl.sh", &[], by_legacy_port, Some(legacy));
}

/// What clients that cannot be run here send, request by request.
#[test]
fn what_other_clients_send_ends_in_the_right_receipt() {
    /// The replays of `tests/clients/replays.py`, in their order.
    const REPLAYS: [&str; 13] = [
        "winscp_below_100_kb",
        "winscp_from_100_kb",
        "filezilla",
        "sshj_of_cyberduck",
        "rclone",
        "jsch",
        "nifi",
        "asyncssh",
        "go_pkg_sftp",
        "ssh_net",
        "sap_moves_in",
        "curl",
        "openssh_scp_over_an_older_file",
    ];
    daemon::with(Engine::Sqlite, |daemon| {
        let work = daemon.scratch().join("work");
        fs::create_dir(&work).expect("a folder can be made");
        for (number, name) in (0..).zip(REPLAYS) {
            let is_short = name == "winscp_below_100_kb";
            let octets = padded(number, if is_short { 90_000 } else { 200_000 });
            fs::write(work.join(format!("{name}.xml")), octets).expect("written");
        }
        let mut replays = tool::python("tests/clients/replays.py");
        daemon.client().tell(&mut replays);
        let said = tool::run(replays.current_dir(&work), "");
        let told: Vec<&str> = said.out.lines().map(before_colon).collect();
        assert_eq!(told, REPLAYS.map(|name| format!("ok {name}")), "{said:#?}");
        for name in REPLAYS {
            let name = format!("{name}.xml");
            is_accepted(daemon, &work.join(&name), &name);
        }
        // Of each file one submission, however many requests it took; and one of the older file
        // that scp writes over.
        assert_eq!(daemon.outcomes(REPLAYS.len() + 1).len(), REPLAYS.len() + 1);
    });
}

/// Lets the client work off its list, and looks at what came of it. `lacks` names what it cannot
/// do; the script must say the same, so that nothing is left out in silence.
fn go_through(script: &str, lacks: &[&str]) {
    go_through_by(script, lacks, |_| (), None);
}

/// The same with another configuration, by another address of the door.
fn go_through_by(
    script: &str,
    lacks: &[&str],
    change: impl FnOnce(&mut Config),
    address: Option<SocketAddr>,
) {
    let quick = |config: &mut Config| {
        change(config);
        config.drop_folders.incomplete_wait = INCOMPLETE_WAIT;
        config.drop_folders.incomplete_wait_in_session = INCOMPLETE_WAIT;
        config.drop_folders.scan_every = Duration::from_secs(1);
    };
    daemon::with_config(&Engine::Sqlite.new_database(), quick, |daemon| {
        let work = daemon.scratch().join("work");
        prepare(&work);
        let address = address.unwrap_or(daemon.sftp());
        let stall = Stall::before(address, STALL_BYTES, work.join("stalled"));
        let stranger = KeyPair::generate(daemon.scratch(), "stranger");
        let mut client = program(&format!("tests/clients/{script}"));
        daemon.client().tell(&mut client);
        client
            .current_dir(&work)
            .env("PORT", address.port().to_string())
            .env("STALL_PORT", stall.address().port().to_string())
            .env("WRONG_KEY", stranger.private_file());
        let said = tool::run(&mut client, "");
        println!("{}", said.out);
        let expected = OPERATIONS.map(|name| {
            let answer = if lacks.contains(&name) {
                "cannot"
            } else {
                "ok"
            };
            format!("{answer} {name}")
        });
        let told: Vec<&str> = said.out.lines().map(before_colon).collect();
        assert_eq!(told, expected, "{said:#?}");
        for name in OPERATIONS {
            if !lacks.contains(&name) {
                came_of(daemon, &work, name);
            }
        }
    });
}

fn before_colon(line: &str) -> &str {
    line.split_once(':').map_or(line, |(before, _)| before)
}

/// The program that runs a script: paramiko lives in an environment of its own.
fn program(script: &str) -> Command {
    let by = |program: &str| {
        let mut command = Command::new(program);
        command.arg(tool::of_repository(script));
        command
    };
    match Path::new(script).extension().and_then(|end| end.to_str()) {
        Some("py") => tool::python(script),
        Some("mjs") => by("node"),
        _ => by("bash"),
    }
}

/// Writes the files that are to be sent.
fn prepare(work: &Path) {
    let write = |name: &str, octets: &[u8]| {
        fs::write(work.join(name), octets).unwrap_or_else(|error| panic!("{name}: {error}"));
    };
    for folder in ["names", "many"] {
        fs::create_dir_all(work.join(folder)).expect("a folder can be made");
    }
    let single = [
        "put",
        "overwrite-1",
        "overwrite-2",
        "resume",
        "rename",
        "times",
    ];
    for (number, name) in (0..).zip(single) {
        write(&format!("{name}.xml"), &documents::certificate(number));
    }
    let whole = documents::certificate(3);
    write("resume.half", &whole[..whole.len() / 2]);
    let times = File::options().append(true).open(work.join("times.xml"));
    let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(CHANGED);
    times
        .and_then(|file| file.set_modified(changed))
        .expect("a time can be set");
    for number in 0..10 {
        let octets = documents::certificate(100 + number);
        write(&format!("parallel-{number}.xml"), &octets);
    }
    write("empty.xml", b"");
    write("cancel.xml", &padded(20, 900_000));
    write("limit.xml", &padded(21, FILE_BYTES_MAX));
    write("limit-over.xml", &padded(22, FILE_BYTES_MAX + 1));
    for (number, name) in (200..).zip(NAMES) {
        write(&format!("names/{name}"), &documents::certificate(number));
    }
    write("names.txt", format!("{}\n", NAMES.join("\n")).as_bytes());
    for number in 0..MANY {
        let octets = documents::certificate(1000 + number);
        write(&format!("many/many-{number}.xml"), &octets);
    }
}

/// The certificate of this number, made `bytes` long by a comment *in front of* its end, so that a
/// part of it is not complete.
fn padded(number: u32, bytes: usize) -> Vec<u8> {
    let octets = documents::certificate(number);
    let end = octets
        .iter()
        .rposition(|octet| *octet == b'<')
        .expect("a last tag");
    let (open, close) = (b"<!--", b"-->");
    let blanks = vec![b' '; bytes - octets.len() - open.len() - close.len()];
    [&octets[..end], open, &blanks, close, &octets[end..]].concat()
}

/// Looks whether an operation had the effect that it should have.
fn came_of(daemon: &Daemon, work: &Path, operation: &str) {
    let accepted = |local: &str, name: &str| is_accepted(daemon, &work.join(local), name);
    match operation {
        "put" => accepted("put.xml", "put.xml"),
        "overwrite" => accepted("overwrite-2.xml", "overwrite.xml"),
        "resume" => accepted("resume.xml", "resume.xml"),
        "rename" => accepted("rename.xml", "rename.xml"),
        "times" => {
            accepted("times.xml", "times.xml");
            let facts = fs::metadata(daemon.dropped("inbox/times.xml")).expect("it is there");
            let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(CHANGED);
            assert_eq!(facts.modified().expect("a time"), changed);
        }
        "parallel" => {
            for number in 0..10 {
                let name = format!("parallel-{number}.xml");
                accepted(&name, &name);
            }
        }
        "cancel" => is_refused(daemon, "cancel.xml", "T02"),
        "empty" => is_refused(daemon, "empty.xml", "T01"),
        "limit" => accepted("limit.xml", "limit.xml"),
        "limit_over" => is_refused(daemon, "limit-over.xml", "T03"),
        "names" => {
            for name in NAMES {
                accepted(&format!("names/{name}"), name);
            }
        }
        "wrong_key" => assert!(!daemon.dropped("inbox/wrong-key.xml").exists()),
        "many" => {
            for number in 0..MANY {
                let name = format!("many-{number}.xml");
                accepted(&format!("many/{name}"), &name);
            }
        }
        "receipt" => {
            let fetched = Receipt::read(&work.join("fetched.json")).expect("it was fetched");
            assert_eq!(fetched.0, daemon.receipt("inbox/put.xml").0);
        }
        // The script itself sees what it listed.
        "list" => (),
        other => panic!("{other} is not looked at"),
    }
}

/// The receipt beside `name` is about the octets of `local`, and says that they were recorded.
fn is_accepted(daemon: &Daemon, local: &Path, name: &str) {
    let octets = fs::read(local).expect("it was sent");
    let digest = intake::digest(&octets);
    let receipt = wait::until(&format!("the receipt of {name}"), wait::SOON, || {
        let receipt = Receipt::read(&daemon.dropped(&format!("inbox/{name}.receipt.json")))?;
        (receipt.text("/file/sha256") == digest.as_str()).then_some(receipt)
    });
    assert!(receipt.is_accepted(), "{receipt:#?}");
    assert_eq!(receipt.text("/file/name"), name);
    let kept = fs::read(daemon.dropped(&format!("inbox/{name}"))).expect("it is there");
    assert!(kept == octets, "{name} has other octets than were sent");
}

fn is_refused(daemon: &Daemon, name: &str, reason: &str) {
    let receipt = daemon.receipt(&format!("inbox/{name}"));
    assert_eq!(receipt.outcome(), "rejected", "{receipt:#?}");
    assert_eq!(receipt.text("/reason"), reason, "{receipt:#?}");
}
