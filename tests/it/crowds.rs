//! Very many at once: files in one folder, wrong log-ins, key exchanges that are begun and dropped.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ecocd::intake;
use ecocd::runtime::Tasks;
use russh::client;
use russh::keys::PublicKeyOrCertificate;

use crate::support::process::{Service, Settings};
use crate::support::receipt::Receipt;
use crate::support::sftp_client::Client;
use crate::support::{documents, wait};

/// Files in the folder that is listed.
const FILES: usize = 100_000;
/// What a service may ever have had in memory while it listed them, in kB.
const MEMORY_MAX_KB: u64 = 250_000;
/// So long a peer may stay that may take three seconds to log in: the machine is busy.
const CUT_WITHIN: Duration = Duration::from_secs(13);
/// Clients that try wrong passwords at the same time.
const WRONG: usize = 200;
/// Clients that begin a key exchange and go.
const FICKLE: usize = 50;

#[test]
fn a_folder_of_a_hundred_thousand_files_is_listed_while_puts_go_on() {
    let mut service = Service::new();
    let inbox = service.dropped("inbox");
    fs::create_dir_all(&inbox).expect("made");
    for number in 0..FILES {
        fs::File::create(inbox.join(format!("{number}.txt"))).expect("made");
    }
    let client = service.add_robot();
    service.start();
    thread::scope(|scope| {
        let listing = scope.spawn(|| client.batch("ls -1f inbox\nls -1f inbox\n"));
        for number in 0..5 {
            put(&service, &client, number);
        }
        let said = listing.join().expect("it ends").success();
        let listed = said
            .out
            .lines()
            .filter(|line| line.contains(".txt"))
            .count();
        assert_eq!(listed, 2 * FILES);
    });
    let status = fs::read_to_string(format!("/proc/{}/status", service.pid())).expect("our child");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak
        .and_then(|line| line.trim().strip_suffix(" kB"))
        .expect("a peak");
    let peak: u64 = peak.trim().parse().expect("a number");
    println!("at most {peak} kB were in memory");
    assert!(peak < MEMORY_MAX_KB, "{peak} kB");
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn wrong_log_ins_and_dropped_key_exchanges_keep_no_honest_client_out() {
    let mut service = Service::new();
    let client = service.add_robot();
    service.start();
    // An address from which a key came before is never crowded out by others.
    put(&service, &client, 0);
    let (is_over, tried) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| flood(service.sftp(), &is_over, &tried));
        let is_many = || (tried.load(Ordering::SeqCst) > WRONG + FICKLE).then_some(());
        wait::until("the flood", wait::SOON, is_many);
        for number in 1..5 {
            put(&service, &client, number);
        }
        is_over.store(true, Ordering::SeqCst);
    });
    println!(
        "{} wrong clients came meanwhile",
        tried.load(Ordering::SeqCst)
    );
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn who_drips_after_the_key_exchange_is_cut_too() {
    let mut service = Service::with(&Settings {
        sftp: "login-within = '3s'",
        ..Settings::default()
    });
    let client = service.add_robot();
    service.start();
    thread::scope(|scope| {
        for drip in [Drip::Nothing, Drip::Questions, Drip::Tries] {
            let server = service.sftp();
            scope.spawn(move || {
                let runtime = tokio::runtime::Runtime::new().expect("a runtime can be started");
                runtime.block_on(is_cut_in_time(server, drip));
            });
        }
        put(&service, &client, 0);
    });
    assert_eq!(service.stop(), Some(0));
}

/// What a client goes on with that has exchanged keys and does not log in.
#[derive(Debug, Clone, Copy)]
enum Drip {
    Nothing,
    /// Global requests that want no answer.
    Questions,
    /// Log-ins without a credential, slowly.
    Tries,
}

async fn is_cut_in_time(server: SocketAddr, drip: Drip) {
    let config = client::Config::default();
    let session = client::connect(config.into(), server, Trusting).await;
    let mut session = session.expect("keys are exchanged");
    let began = Instant::now();
    while !session.is_closed() {
        let often = Duration::from_millis(500);
        // It may be cut at any moment; the session tells.
        match drip {
            Drip::Nothing => {}
            Drip::Questions => drop(session.send_keepalive(false).await),
            Drip::Tries => {
                let tried = session.authenticate_none("acme-robot");
                drop(tokio::time::timeout(often, tried).await);
            }
        }
        assert!(began.elapsed() < CUT_WITHIN, "{drip:?} was not cut in time");
        tokio::time::sleep(often).await;
    }
}

/// Takes every host key: the server is the test's.
struct Trusting;

impl client::Handler for Trusting {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }
}

/// Many clients at once, each from an address of its own, come again and again until it is over.
fn flood(server: SocketAddr, is_over: &AtomicBool, tried: &AtomicUsize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime can be started");
    let (over, count) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let tasks = Tasks::new();
    runtime.block_on(async {
        for number in 0..WRONG + FICKLE {
            let (over, count) = (Arc::clone(&over), Arc::clone(&count));
            tasks.spawn("wrong", async move {
                while !over.load(Ordering::SeqCst) {
                    count.fetch_add(1, Ordering::SeqCst);
                    // Whatever becomes of it: it may be turned away at any step.
                    let _came = if number < WRONG {
                        wrong(server, number).await
                    } else {
                        let few = Duration::from_millis(30);
                        tokio::time::timeout(few, wrong(server, number))
                            .await
                            .ok()
                            .flatten()
                    };
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
        }
        while !is_over.load(Ordering::SeqCst) {
            tried.store(count.load(Ordering::SeqCst), Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        over.store(true, Ordering::SeqCst);
    });
    runtime.shutdown_background();
}

/// Exchanges keys, and tries a password that nobody has.
async fn wrong(server: SocketAddr, number: usize) -> Option<client::AuthResult> {
    let octet = |number: usize| u8::try_from(number % 250 + 1).expect("small");
    let from = Ipv4Addr::new(127, 2, octet(number / 250), octet(number));
    let socket = tokio::net::TcpSocket::new_v4().ok()?;
    socket.bind(SocketAddr::from((from, 0))).ok()?;
    let stream = socket.connect(server).await.ok()?;
    let config = client::Config::default();
    let session = client::connect_stream(config.into(), stream, Trusting).await;
    session
        .ok()?
        .authenticate_password("acme-robot", "wrong")
        .await
        .ok()
}

/// Puts the certificate of this number, and waits for its receipt.
#[track_caller]
fn put(service: &Service, client: &Client, number: u32) {
    let name = format!("{number}.xml");
    let local = service.scratch().join(&name);
    fs::write(&local, documents::certificate(number)).expect("written");
    client.put(&local, &format!("inbox/{name}"));
    let file = service.dropped(&format!("inbox/{name}.receipt.json"));
    let receipt = wait::until(&name, wait::SOON, || Receipt::read(&file));
    let sent = intake::digest(&documents::certificate(number));
    assert_eq!(receipt.text("/file/sha256"), sent.as_str());
    assert!(receipt.is_accepted(), "{receipt:#?}");
}
