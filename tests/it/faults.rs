//! The world fails: full disks, no descriptors left, networks that die half-way, and peers that do
//! nothing, too little, or nonsense.

use std::collections::VecDeque;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ecocd::intake;

use crate::support::disk::Disk;
use crate::support::network::{self, Network};
use crate::support::process::{Service, Settings};
use crate::support::receipt::Receipt;
use crate::support::sftp_client::Client;
use crate::support::{documents, tool, wait};

/// Tests that wait for the log-in time make it short.
const LOGIN_WITHIN: Duration = Duration::from_secs(3);
/// How much later than its time a peer may be cut: the machine is busy.
const GRACE: Duration = Duration::from_secs(10);
/// Connections that are opened and then do nothing.
const IDLE: usize = 2000;
/// What a drop folder needs for some certificates, and no more.
const ROOMY: u64 = 4 << 20;

#[test]
fn a_full_drop_folder_never_says_ok() {
    if tool::machine_lacks("mount") {
        return;
    }
    let mut service = Service::new();
    let folders = service.data().join("drop");
    fs::create_dir(&folders).expect("made");
    let mut disk = Disk::in_memory(16 * 1024, &folders);
    let client = service.add_robot();
    service.start();
    for number in 0..5 {
        let (name, said) = put(&service, &client, number);
        assert!(!said.is_success, "{name} cannot have been kept: {said:#?}");
        assert!(!service.dropped(&format!("inbox/{name}")).exists());
    }
    // Nor of a name that nobody looks at, when its client asks for it to be on the disk.
    let local = service.scratch().join("0.xml");
    let line = format!("put -f \"{}\" inbox/0.part\n", local.display());
    let said = client.batch(&line);
    assert!(!said.is_success, "{said:#?}");
    assert!(!service.dropped("inbox/0.part").exists());
    // As soon as there is room, everything goes on without a restart.
    disk.resize(ROOMY);
    for number in 0..5 {
        let (name, said) = put(&service, &client, number);
        said.success();
        is_answered(&service, &name, number);
    }
    assert_eq!(service.stop(), Some(0));
    drop(disk);
}

#[test]
fn a_large_upload_that_fills_the_disk_is_refused_and_leaves_nothing() {
    if tool::machine_lacks("mount") {
        return;
    }
    let mut service = Service::with(&Settings {
        sftp: "[check]\nfile-bytes-max = 67_108_864",
        ..Settings::default()
    });
    let folders = service.data().join("drop");
    fs::create_dir(&folders).expect("made");
    let disk = Disk::in_memory(2 * ROOMY, &folders);
    let client = service.add_robot();
    service.start();
    let local = service.scratch().join("large");
    let roomy = usize::try_from(ROOMY).expect("small");
    fs::write(&local, vec![7; 3 * roomy]).expect("written");
    let put = |name: &str| client.batch(&format!("put \"{}\" inbox/{name}\n", local.display()));
    for name in ["large.bin", "large.xml"] {
        let said = put(name);
        assert!(!said.is_success, "{name} cannot have been kept: {said:#?}");
        let left: Vec<_> = fs::read_dir(service.dropped("inbox"))
            .expect("read")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
    // The disk is as empty as before.
    fs::write(&local, vec![7; roomy]).expect("written");
    put("less.bin").success();
    let kept = fs::metadata(service.dropped("inbox/less.bin")).expect("there");
    assert_eq!(kept.len(), ROOMY);
    assert_eq!(service.stop(), Some(0));
    drop(disk);
}

#[test]
fn with_a_full_disk_every_ok_is_kept() {
    if tool::machine_lacks("mount") {
        return;
    }
    let mut service = Service::with(&Settings {
        drop_folders: "scan-every = '1s'",
        ..Settings::default()
    });
    let disk = Disk::in_memory(4 * ROOMY, &service.data());
    let client = service.add_robot();
    service.start();
    let (first, said) = put(&service, &client, 0);
    said.success();
    is_answered(&service, &first, 0);
    let filler = fill(&service);
    // Whatever fails, database or drop folder: what is answered OK is there when there is room again.
    let mut answered = Vec::new();
    for number in 1..20 {
        let (name, said) = put(&service, &client, number);
        if said.is_success {
            answered.push((name, number));
        }
    }
    println!("{} of 19 were answered OK on the full disk", answered.len());
    fs::remove_file(filler).expect("removed");
    for (name, number) in answered {
        is_answered(&service, &name, number);
    }
    let (last, said) = put(&service, &client, 100);
    said.success();
    is_answered(&service, &last, 100);
    assert_eq!(service.stop(), Some(0));
    drop(disk);
}

/// Writes a file beside the data until nothing more fits.
fn fill(service: &Service) -> std::path::PathBuf {
    let path = service.data().join("filler");
    let mut file = fs::File::create(&path).expect("made");
    for bytes in [64 * 1024, 4096, 1] {
        let octets = vec![1; bytes];
        while file.write_all(&octets).is_ok() {}
    }
    path
}

#[test]
fn no_descriptors_left_is_survived() {
    let mut service = Service::with(&Settings {
        sftp: "login-within = '3s'",
        ..Settings::default()
    });
    let client = service.add_robot();
    service.start();
    let (name, said) = put(&service, &client, 0);
    said.success();
    is_answered(&service, &name, 0);
    // As many as one session needs for all it does, and far fewer than the crowd wants.
    let few = descriptors(&service) + 16;
    let mut prlimit = std::process::Command::new("prlimit");
    prlimit.args(["--pid", &service.pid().to_string()]);
    tool::run(prlimit.arg(format!("--nofile={few}:")), "").success();
    let crowd: Vec<TcpStream> = (0..40)
        .filter_map(|_| TcpStream::connect(service.sftp()).ok())
        .collect();
    wait::until("it complains", wait::SOON, || {
        service.log().contains("was not taken").then_some(())
    });
    drop(crowd);
    let name = wait::until("it serves again", wait::SOON, || {
        let (name, said) = put(&service, &client, 1);
        said.is_success.then_some(name)
    });
    is_answered(&service, &name, 1);
    let complaints = service.log().matches("was not taken").count();
    assert!(complaints < 10, "{complaints} complaints");
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn who_does_not_log_in_is_cut_however_it_drips() {
    let mut service = Service::with(&Settings {
        sftp: "login-within = '3s'",
        ..Settings::default()
    });
    let client = service.add_robot();
    service.start();
    thread::scope(|scope| {
        for drip in [&[][..], b"S", b"SSH-2.0-drip\r\n", IGNORE_PACKET, b"\xff"] {
            let address = service.sftp();
            scope.spawn(move || is_cut_in_time(address, drip));
        }
        // Meanwhile honest people get in.
        let (name, said) = put(&service, &client, 0);
        said.success();
        is_answered(&service, &name, 0);
    });
}

/// `SSH_MSG_IGNORE` with no data, as it looks before keys are agreed on.
const IGNORE_PACKET: &[u8] = &[0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Sends the greeting, then `drip` again and again, and waits until it is cut off.
fn is_cut_in_time(address: SocketAddr, drip: &[u8]) {
    let mut socket = TcpStream::connect(address).expect("it listens");
    let began = Instant::now();
    let often = Duration::from_millis(200);
    socket.set_read_timeout(Some(often)).expect("set");
    if drip == IGNORE_PACKET {
        socket.write_all(b"SSH-2.0-drip\r\n").expect("sent");
    }
    let mut heard = [0; 4096];
    loop {
        // It may be cut while we write; the next read tells.
        let _sent = socket.write_all(drip);
        match socket.read(&mut heard) {
            Ok(0) => return,
            Ok(_) => (),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => (),
            Err(_) => return,
        }
        let patience = LOGIN_WITHIN + GRACE;
        assert!(began.elapsed() < patience, "{drip:?} was not cut in time");
        wait::pause(often);
    }
}

#[test]
fn four_mebibytes_of_nonsense_end_the_channel_and_nothing_else() {
    let mut service = Service::new();
    let client = service.add_robot();
    service.start();
    let nonsense = vec![0xff; 4 << 20];
    let file = service.scratch().join("nonsense");
    fs::write(&file, &nonsense).expect("written");
    let before = service.log().lines().count();
    let mut ssh = client.subsystem();
    ssh.stdin(fs::File::open(&file).expect("opened"));
    let ended = ssh.output().expect("ssh runs");
    assert!(ended.stdout.len() < 1024, "{} octets", ended.stdout.len());
    let lines = service.log().lines().count() - before;
    assert!(lines < 10, "{lines} lines about it:\n{}", service.log());
    // The same before anybody has said a word of SSH.
    let mut socket = TcpStream::connect(service.sftp()).expect("it listens");
    let _cut_early = socket.write_all(&nonsense);
    drop(socket);
    let (name, said) = put(&service, &client, 0);
    said.success();
    is_answered(&service, &name, 0);
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_peer_that_vanishes_is_given_up_and_what_it_sent_is_answered() {
    if tool::machine_lacks("netns") {
        return;
    }
    let network = Network::new();
    let mut service = Service::with(&Settings {
        sftp: "keepalive-every = '1s'",
        drop_folders: "scan-every = '1s'\nincomplete-wait = '1s'\nincomplete-wait-in-session = '10m'",
        address: network::HERE.into(),
        ..Settings::default()
    });
    let client = service.add_robot();
    service.start();
    let half = documents::certificate(0)[..5000].to_vec();
    // VERSION, HANDLE and STATUS: the server has the octets.
    let mut ssh = asked(
        network.on_the_other_side(&client.subsystem()),
        &half_an_upload("inbox/half.xml", &half),
        3,
    );
    network.tear();
    let file = service.dropped("inbox/half.xml.receipt.json");
    let receipt = wait::until("the receipt", wait::SOON, || Receipt::read(&file));
    assert_eq!(receipt.text("/reason"), "T02", "{receipt:#?}");
    assert_eq!(receipt.number("/file/size_bytes"), 5000);
    assert_eq!(receipt.text("/door"), "sftp", "{receipt:#?}");
    ssh.kill().expect("our child");
    ssh.wait().expect("our child");
    assert_eq!(service.stop(), Some(0));
}

fn number(number: usize) -> [u8; 4] {
    u32::try_from(number).expect("small").to_be_bytes()
}

fn packet(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&number(body.len() + 1)[..], &[kind], &body].concat()
}

/// INIT, and OPEN of an upload that replaces what is there, in version 3 of SFTP.
fn an_open(path: &str) -> Vec<u8> {
    let init = packet(1, &[&number(3)]);
    let write_create_truncate = number(2 | 8 | 16);
    let open = packet(
        3,
        &[
            &number(1),
            &number(path.len()),
            path.as_bytes(),
            &write_create_truncate,
            &number(0),
        ],
    );
    [init, open].concat()
}

/// The same and a WRITE, of an upload that never ends.
fn half_an_upload(path: &str, octets: &[u8]) -> Vec<u8> {
    // The first handle of a channel is "1".
    let write = packet(
        6,
        &[
            &number(2),
            &number(1),
            b"1",
            &[0; 8],
            &number(octets.len()),
            octets,
        ],
    );
    [an_open(path), write].concat()
}

/// Sends requests by OpenSSH's client, and waits for so many answers.
fn asked(mut ssh: std::process::Command, requests: &[u8], answers: u32) -> std::process::Child {
    let mut ssh = ssh
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let to_server = ssh.stdin.as_mut().expect("piped");
    to_server.write_all(requests).expect("sent");
    let from_server = ssh.stdout.as_mut().expect("piped");
    for _answer in 0..answers {
        let mut length = [0; 4];
        from_server.read_exact(&mut length).expect("an answer");
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        from_server.read_exact(&mut answer).expect("an answer");
    }
    ssh
}

#[test]
fn a_file_whose_overwriting_never_came_gets_its_receipt_back() {
    let mut service = Service::new();
    let client = service.add_robot();
    service.start();
    let (name, said) = put(&service, &client, 0);
    said.success();
    is_answered(&service, &name, 0);
    let receipt = service.dropped(&format!("inbox/{name}.receipt.json"));
    let first = fs::read(&receipt).expect("there");
    let mut ssh = asked(client.subsystem(), &an_open(&format!("inbox/{name}")), 2);
    assert!(
        !receipt.exists(),
        "nobody must take yesterday's for today's"
    );
    ssh.kill().expect("our child");
    ssh.wait().expect("our child");
    let again = wait::until("the receipt", wait::SOON, || fs::read(&receipt).ok());
    assert_eq!(again, first);
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn two_thousand_idle_connections_keep_nobody_from_uploading() {
    let mut service = Service::new();
    let client = service.add_robot();
    service.start();
    // An address from which a key came before is never crowded out by others.
    let (first, said) = put(&service, &client, 0);
    said.success();
    is_answered(&service, &first, 0);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let flood = scope.spawn(|| flood(service.sftp(), &is_over));
        let complains = || service.log().contains("was not taken").then_some(());
        wait::until("the door is crowded", wait::SOON, complains);
        for number in 1..20 {
            let (name, said) = put(&service, &client, number);
            said.success();
            is_answered(&service, &name, number);
        }
        is_over.store(true, Ordering::SeqCst);
        let held = flood.join().expect("it ends");
        println!("{held} connections were opened meanwhile");
        assert!(held >= IDLE, "{held} connections are no flood");
    });
    assert_eq!(service.stop(), Some(0));
}

/// Opens connections from many addresses of this machine until it is over, keeps the newest of them
/// open, and says how many there were.
fn flood(server: SocketAddr, is_over: &AtomicBool) -> usize {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be started");
    runtime.block_on(async {
        let mut held = VecDeque::new();
        let mut opened = 0;
        while opened < IDLE || !is_over.load(Ordering::SeqCst) {
            let octet = |number: usize| u8::try_from(number % 250 + 1).expect("small");
            let from = Ipv4Addr::new(127, 1, octet(opened / 250), octet(opened));
            let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
            socket
                .bind(SocketAddr::from((from, 0)))
                .expect("an address of loopback");
            if let Ok(connection) = socket.connect(server).await {
                held.push_back(connection);
                opened += 1;
            }
            if held.len() > IDLE {
                held.pop_front();
            }
            if opened > IDLE {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        opened
    })
}

/// Puts the certificate of this number, and gives its name and what the client said.
fn put(service: &Service, client: &Client, number: u32) -> (String, tool::Said) {
    let name = format!("{number}.xml");
    let local = service.scratch().join(&name);
    fs::write(&local, documents::certificate(number)).expect("written");
    let line = format!("put \"{}\" \"inbox/{name}\"\n", local.display());
    (name, client.batch(&line))
}

/// There is a receipt beside the file, about the octets that were sent.
#[track_caller]
fn is_answered(service: &Service, name: &str, number: u32) {
    let file = service.dropped(&format!("inbox/{name}.receipt.json"));
    let what = format!("the receipt {}", file.display());
    let receipt = wait::until(&what, wait::SOON, || Receipt::read(&file));
    let sent = intake::digest(&documents::certificate(number));
    assert_eq!(receipt.text("/file/sha256"), sent.as_str());
    assert!(receipt.is_accepted(), "{receipt:#?}");
}

/// How many descriptors the service has open.
fn descriptors(service: &Service) -> usize {
    let path = format!("/proc/{}/fd", service.pid());
    fs::read_dir(path).expect("our child").count()
}
