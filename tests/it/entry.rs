//! What operators see of the SFTP door, and what an auditor says of its algorithms.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

use crate::support::daemon;
use crate::support::database::Engine;
use crate::support::documents;
use crate::support::process::{Service, Settings};
use crate::support::sftp_client::{Client, KeyPair};
use crate::support::tool;
use crate::support::wait;

on_both_databases!(
    every_metric_of_the_manual_is_told_and_moves_after_an_upload,
    an_account_that_handed_in_enough_for_an_hour_hands_in_no_more,
);

fn metrics(from: SocketAddr) -> String {
    let mut socket = TcpStream::connect(from).expect("the metrics page listens");
    let request = b"GET /metrics HTTP/1.1\r\nHost: metrics\r\nConnection: close\r\n\r\n";
    socket.write_all(request).expect("it can be asked");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("text/plain; version=0.0.4"), "{answer}");
    answer
}

/// The sum of a metric over its labels.
fn value(text: &str, name: &str) -> f64 {
    text.lines()
        .filter(|line| line.split(['{', ' ']).next() == Some(name))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

fn every_metric_of_the_manual_is_told_and_moves_after_an_upload(engine: Engine) {
    let anywhere = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let change = |config: &mut ecocd::config::Config| config.web.metrics_listen = anywhere;
    daemon::with_config(&engine.new_database(), change, |daemon| {
        let address = daemon.metrics();
        let before = metrics(address);
        let sample = documents::sample_path("valid/01-m1-petrol.xml");
        daemon.client().put(&sample, "inbox/a.xml");
        daemon.receipt("inbox/a.xml");
        let after = wait::until("the session is over", wait::SOON, || {
            let text = metrics(address);
            (value(&text, "ecocd_sftp_sessions") == 0.0).then_some(text)
        });
        let manual = std::fs::read_to_string(tool::of_repository("packaging/man/ecocd.8")).unwrap();
        let named: Vec<&str> = manual
            .lines()
            .filter_map(|line| line.strip_prefix(".It Ic "))
            .filter(|name| name.starts_with("ecocd_"))
            // Of a certificate, which this one has not.
            .filter(|name| *name != "ecocd_web_certificate_days")
            .collect();
        assert!(named.len() > 10, "{named:?}");
        let told: Vec<&str> = after
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
            .collect();
        assert_eq!(told, named, "the page and the manual");
        for name in [
            "ecocd_sftp_connections_total",
            "ecocd_sftp_logins_total",
            "ecocd_sftp_received_bytes_total",
            "ecocd_arrivals_total",
            "ecocd_arrival_bytes_total",
            "ecocd_commit_seconds_count",
            "ecocd_commit_seconds_sum",
        ] {
            let (was, is) = (value(&before, name), value(&after, name));
            assert!(is > was, "{name}: {was}, then {is}");
        }
        assert!(after.lines().any(|line| line == "ecocd_database_up 1"));
        let refused = value(&after, "ecocd_sftp_refusals_total");
        let stranger = daemon.client().named("nobody");
        assert!(!stranger.batch("ls\n").is_success);
        wait::until("the refusal is counted", wait::SOON, || {
            let now = value(&metrics(address), "ecocd_sftp_refusals_total");
            (now > refused).then_some(())
        });
        // On the public address there is nothing of it.
        let mut public = TcpStream::connect(daemon.web()).unwrap();
        let request = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        public.write_all(request).unwrap();
        let mut answer = String::new();
        public.read_to_string(&mut answer).unwrap();
        assert!(!answer.contains("ecocd_sftp"), "{answer}");
    });
}

fn an_account_that_handed_in_enough_for_an_hour_hands_in_no_more(engine: Engine) {
    let change = |config: &mut ecocd::config::Config| config.sftp.files_per_hour_max = 2;
    daemon::with_config(&engine.new_database(), change, |daemon| {
        let files: Vec<String> = (1..=3)
            .map(|number| {
                let octets = documents::certificate(number);
                let file = daemon.local_file(&format!("{number}.xml"), &octets);
                format!("put {} inbox/{number}.xml\n", file.display())
            })
            .collect();
        let said = daemon.client().batch(&files.concat());
        assert!(!said.is_success, "{said:?}");
        // OpenSSH shows no sentence; that it is sent is tested beside the door.
        assert!(said.err.contains("Failure"), "{said:?}");
        daemon.decided(2);
        assert!(!daemon.dropped("inbox/3.xml").exists());
    });
}

#[test]
fn ssh_audit_finds_nothing_that_the_security_page_does_not_explain() {
    daemon::with(Engine::Sqlite, |daemon| {
        let page = tool::of_repository("docs/security.md");
        let page = std::fs::read_to_string(page).unwrap();
        let mut command = Command::new(tool::of_repository("target/tools/ssh-audit/bin/ssh-audit"));
        let port = daemon.sftp().port().to_string();
        command.args(["-n", "--skip-rate-test", "-p", &port, "127.0.0.1"]);
        let said = tool::run(&mut command, "");
        let mut subject = String::new();
        let mut seen = 0;
        for line in said.out.lines() {
            let mut words = line.split_whitespace();
            if let Some(kind @ ("(kex)" | "(key)" | "(enc)" | "(mac)" | "(cve)")) = words.next() {
                seen += 1;
                subject = words.next().unwrap_or(kind).to_owned();
            }
            if line.contains("[fail]") || line.contains("[warn]") {
                let entry = format!("| `{subject}` |");
                assert!(
                    page.contains(&entry),
                    "docs/security.md explains not: {line}"
                );
            }
        }
        assert!(seen > 10, "ssh-audit saw no algorithms: {said:?}");
    });
}

/// Sets how many descriptors the process may have open (util-linux: prlimit).
fn set_descriptors_max(process: u32, most: &str) {
    let mut command = Command::new("prlimit");
    command.args(["--pid", &process.to_string(), &format!("--nofile={most}:")]);
    tool::run(&mut command, "").success();
}

#[test]
fn the_door_outlives_a_want_of_descriptors_and_says_so_once() {
    let mut service = Service::new();
    service.start();
    let client = service.add_robot();
    let file = service.scratch().join("a.xml");
    std::fs::write(&file, documents::certificate(1)).unwrap();
    wait::until("the robot is known", wait::SOON, || {
        client.batch("ls\n").is_success.then_some(())
    });
    client.put(&file, "inbox/a.xml");
    let open = std::fs::read_dir(format!("/proc/{}/fd", service.pid())).unwrap();
    let most = open.count() + 5;
    set_descriptors_max(service.pid(), &most.to_string());
    let crowd: Vec<TcpStream> = (0..40)
        .map(|_| TcpStream::connect(service.sftp()).expect("the system takes it"))
        .collect();
    wait::until("there are no descriptors left", wait::SOON, || {
        service.log().contains("Too many open files").then_some(())
    });
    drop(crowd);
    set_descriptors_max(service.pid(), "1024");
    client.put(&file, "inbox/c.xml");
    let log = service.log();
    let complaints = log.matches("was not taken").count();
    assert!((1..=3).contains(&complaints), "{complaints} lines:\n{log}");
    assert_eq!(service.stop(), Some(0));
}

/// A packet of SFTP: its length, and these parts.
fn packet(parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u32::try_from(body.len()).unwrap();
    [&length.to_be_bytes()[..], &body].concat()
}

/// Another account with a robot of its own.
fn add_beta(service: &Service) -> Client {
    let key = KeyPair::generate(service.scratch(), "beta");
    let file_of_key = key.public_file();
    for command in [
        &["account", "add", "beta", "Beta Cars"][..],
        &[
            "user",
            "add",
            "beta-robot",
            "--account",
            "beta",
            "--role",
            "upload",
            "--machine",
        ],
        &[
            "user",
            "key",
            "add",
            "beta-robot",
            file_of_key.to_str().unwrap(),
        ],
    ] {
        service.command(command).success();
    }
    let other = Client::new(service.sftp(), "beta-robot", &key);
    wait::until("the other is known", wait::SOON, || {
        other.batch("ls\n").is_success.then_some(())
    });
    other
}

#[test]
fn one_account_cannot_open_files_until_nobody_else_can_come_in() {
    let mut service = Service::with(&Settings {
        sftp: "handles-max = 1024",
        ..Settings::default()
    });
    service.start();
    let client = service.add_robot();
    let file = service.scratch().join("a.xml");
    std::fs::write(&file, documents::certificate(1)).unwrap();
    wait::until("the robot is known", wait::SOON, || {
        client.batch("ls\n").is_success.then_some(())
    });
    client.put(&file, "inbox/a.xml");
    let other = add_beta(&service);
    set_descriptors_max(service.pid(), "300");
    let mut ssh = client.tool("ssh");
    ssh.args(["-s", &client.target(), "sftp"]);
    ssh.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut greedy = ssh.spawn().expect("openssh-client is installed");
    let (mut asks, mut hears) = (greedy.stdin.take().unwrap(), greedy.stdout.take().unwrap());
    let mut ask = |packet: Vec<u8>| {
        asks.write_all(&packet).unwrap();
        asks.flush().unwrap();
        let mut length = [0; 4];
        hears.read_exact(&mut length).unwrap();
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        hears.read_exact(&mut answer).unwrap();
        answer[0]
    };
    assert_eq!(ask(packet(&[&[1, 0, 0, 0, 3]])), 2);
    let path = b"/inbox/a.xml";
    let (read, none) = (1_u32.to_be_bytes(), 0_u32.to_be_bytes());
    let opened = (0..400_u32).take_while(|id| {
        let open = [
            &[3][..],
            &id.to_be_bytes(),
            &[0, 0, 0, 12],
            path,
            &read,
            &none,
        ];
        ask(packet(&open)) == 102
    });
    assert_eq!(opened.count(), 75, "a quarter of the descriptors");
    other.put(&file, "inbox/b.xml");
    greedy.kill().expect("our child");
    greedy.wait().expect("our child");
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn an_operator_sees_refusals_and_sessions_and_ends_one_from_the_command_line() {
    let mut service = Service::new();
    service.start();
    let client = service.add_robot();
    wait::until("the robot is known", wait::SOON, || {
        client.batch("ls\n").is_success.then_some(())
    });
    assert!(!client.clone().named("nobody").batch("ls\n").is_success);
    wait::until("the refusal is kept", wait::SOON, || {
        let all = service.json(&["account", "refusals"]);
        let of_nobody = all
            .as_array()?
            .iter()
            .find(|row| row["login"] == "nobody")?;
        assert_eq!(of_nobody["reason"], "unknown-user");
        Some(())
    });
    // A session that stays open until its input ends.
    let mut open = client.interactive();
    let id = wait::until("the session is listed", wait::SOON, || {
        let all = service.json(&["session", "list"]);
        let first = all.as_array()?.first()?.clone();
        assert_eq!(first["login"], "acme-robot");
        Some(first["id"].as_str()?.to_owned())
    });
    service.command(&["session", "end", &id]).success();
    wait::until("the session is ended", wait::SOON, || {
        let all = service.json(&["session", "list"]);
        (all == serde_json::json!([])).then_some(())
    });
    assert!(service.log().contains("an operator ended the session"));
    // It waits for its input, and would see only then that it was cut off.
    open.kill().expect("our child");
    open.wait().expect("our child");
    assert!(!service.command(&["session", "end", "none"]).is_success);
    service
        .command(&["user", "suspend", "acme-robot"])
        .success();
    wait::until("the robot is kept out", wait::SOON, || {
        (!client.batch("ls\n").is_success).then_some(())
    });
    service.command(&["user", "resume", "acme-robot"]).success();
    wait::until("the robot is let in", wait::SOON, || {
        client.batch("ls\n").is_success.then_some(())
    });
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn each_host_key_is_logged_once() {
    let mut service = Service::new();
    service.start();
    let log = service.log();
    assert_eq!(log.matches(" host key ").count(), 2, "{log}");
    assert_eq!(service.stop(), Some(0));
}

/// The service's own end of our connection `peer`; `None` if this machine lets us look at no other
/// process.
fn its_end(service: &Service, peer: &TcpStream) -> Option<TcpStream> {
    let process = Pid::from_raw(service.pid().cast_signed()).expect("a process");
    let process = pidfd_open(process, PidfdFlags::empty()).ok()?;
    let ours = peer.local_addr().expect("it is connected");
    let open = std::fs::read_dir(format!("/proc/{}/fd", service.pid())).ok()?;
    let mut looked_at = 0;
    for entry in open {
        let name = entry.expect("our child").file_name();
        let number = name.to_string_lossy().parse().expect("a number");
        let Ok(descriptor) = pidfd_getfd(&process, number, PidfdGetfdFlags::empty()) else {
            continue;
        };
        looked_at += 1;
        let end = TcpStream::from(descriptor);
        if end.peer_addr().is_ok_and(|theirs| theirs == ours) {
            return Some(end);
        }
    }
    assert_eq!(looked_at, 0, "our connection is none of {looked_at}");
    None
}

#[test]
fn what_the_door_says_is_sent_at_once_and_not_held_back_for_more() {
    let mut service = Service::new();
    service.start();
    let mut peer = TcpStream::connect(service.sftp()).expect("it listens");
    let mut greeting = [0; 8];
    peer.read_exact(&mut greeting).expect("it greets");
    match its_end(&service, &peer) {
        Some(end) => assert!(end.nodelay().expect("a socket tells"), "TCP_NODELAY"),
        None => println!("NOT CHECKED: this machine shows no sockets of other processes"),
    }
    assert_eq!(service.stop(), Some(0));
}
