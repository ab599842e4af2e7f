//! Where connections come from: one network floods the SFTP door or fails again and again, and honest
//! people come in from another meanwhile, and from an address of the same from which a key came lately.
//!
//! Loopback has a network for every test: `127.0.1.*` is the one that misbehaves.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::support::process::{Service, Settings};
use crate::support::sftp_client::{Client, KeyPair};
use crate::support::wait;

/// An honest address.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 2, 1);
/// For what takes a while by itself, such as the end of a penalty.
const PATIENCE: Duration = Duration::from_secs(90);

/// An address of the network that misbehaves.
fn bad(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, last)
}

/// A service that counts this machine's own addresses too, with these settings, and its robot.
fn service(sftp: &'static str) -> (Service, Client) {
    let mut service = Service::with(&Settings {
        sftp,
        ..Settings::default()
    });
    let client = service.add_robot();
    service.start();
    (service, client)
}

/// Ends a flood, also when the test has failed.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn is_let_in(client: &Client, from: Ipv4Addr) -> bool {
    client.clone().from(from).batch("ls inbox\n").is_success
}

/// Connects from there; `None` if nothing is said and the connection is closed.
async fn greeted(server: SocketAddr, from: Ipv4Addr) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().expect("a socket");
    let here = SocketAddr::from((from, 0));
    socket.bind(here).expect("an address of loopback");
    let mut connection = socket.connect(server).await.ok()?;
    let mut greeting = [0; 8];
    let heard = tokio::time::timeout(wait::SOON, connection.read_exact(&mut greeting)).await;
    let is_greeted = heard.expect("greeted or turned away").is_ok();
    is_greeted.then_some(connection)
}

/// Connects from each of these, one after the other, and keeps those that are greeted.
fn knock(server: SocketAddr, from: impl Iterator<Item = u8>) -> Vec<TcpStream> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be started");
    let greeted = from.map(|last| runtime.block_on(greeted(server, bad(last))));
    greeted.flatten().collect()
}

#[test]
fn one_network_has_so_many_at_the_door_while_another_comes_in() {
    let (mut service, client) = service(
        "trusted-networks = ''\nunauthenticated-per-source-max = 3\narrivals-per-source-max = 1000",
    );
    let held = knock(service.sftp(), 1..=9);
    assert_eq!(held.len(), 3, "the whole network is one source");
    assert!(!is_let_in(&client, bad(10)), "it has no more places");
    assert!(is_let_in(&client, ELSEWHERE));
    drop(held);
    wait::until("its places come back", wait::SOON, || {
        is_let_in(&client, bad(10)).then_some(())
    });
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn one_network_comes_so_fast_while_another_comes_in() {
    const A_SECOND: usize = 2;
    let (mut service, client) = service(
        "trusted-networks = ''\nunauthenticated-per-source-max = 100\narrivals-per-source-max = 2",
    );
    let server = service.sftp();
    let (came, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let flood = scope.spawn(|| {
            let began = Instant::now();
            let mut tries = 0;
            while !is_over.load(Ordering::SeqCst) {
                tries += 1;
                let greeted = knock(server, 1..=5).len();
                came.fetch_add(greeted, Ordering::SeqCst);
            }
            // Two seconds' worth may come at once.
            let most = A_SECOND * (3 + usize::try_from(began.elapsed().as_secs()).expect("few"));
            (tries * 5, most)
        });
        let over = Over(&is_over);
        wait::until("all that may come at once", wait::SOON, || {
            (came.load(Ordering::SeqCst) >= 2 * A_SECOND).then_some(())
        });
        for _time in 0..3 {
            assert!(is_let_in(&client, ELSEWHERE));
        }
        drop(over);
        let (tries, most) = flood.join().expect("it ends");
        let came = came.load(Ordering::SeqCst);
        println!("{came} of {tries} were greeted");
        assert!(came <= most, "{came} of {tries} came, and {most} may");
        assert!(tries > most, "{tries} are no flood");
    });
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_network_that_fails_again_and_again_is_shut_out_for_a_while_and_no_other_is() {
    let (mut service, client) = service("trusted-networks = ''\npenalty-max = '22s'");
    let stranger = KeyPair::generate(service.scratch(), "stranger");
    let stranger = Client::new(service.sftp(), "acme-robot", &stranger);
    assert!(is_let_in(&client, bad(7)));
    assert!(shut_out(&stranger) >= 4, "people mistype");
    assert!(!is_let_in(&client, bad(77)), "the whole network is out");
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _over = Over(&is_over);
        scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                stranger.clone().from(bad(66)).batch("ls\n");
            }
        });
        for _time in 0..3 {
            assert!(is_let_in(&client, ELSEWHERE));
            assert!(is_let_in(&client, bad(7)), "a key came from here lately");
        }
    });
    wait::until("the penalty is served", PATIENCE, || {
        is_let_in(&client, bad(77)).then_some(())
    });
    assert_eq!(service.stop(), Some(0));
}

/// Shows a key that nobody registered until the door says nothing any more, and gives how often it
/// did.
fn shut_out(stranger: &Client) -> u32 {
    let mut denied = 0;
    loop {
        let said = stranger.clone().from(bad(66)).batch("ls\n");
        assert!(!said.is_success, "{said:#?}");
        if !said.err.contains("Permission denied") {
            return denied;
        }
        denied += 1;
        assert!(denied < 30, "never shut out");
    }
}
