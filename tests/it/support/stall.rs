//! A way to a server on which a client's octets get lost from some point on.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

/// Passes the first octets of each client on, and swallows the rest, until the client goes.
#[derive(Debug)]
pub(crate) struct Stall {
    address: SocketAddr,
}

impl Stall {
    /// Swallows from `bytes` octets on, and then makes the file `mark`.
    pub(crate) fn before(server: SocketAddr, bytes: u64, mark: PathBuf) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        // Ends with the process of the test: nothing depends on it.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let mark = mark.clone();
                thread::spawn(move || pass_on(client, server, bytes, &mark));
            }
        });
        Self { address }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

fn pass_on(mut client: TcpStream, server: SocketAddr, bytes: u64, mark: &Path) {
    let mut server = TcpStream::connect(server).expect("the server listens");
    let (mut answers, mut back) = (
        server.try_clone().expect("a handle"),
        client.try_clone().expect("a handle"),
    );
    thread::spawn(move || {
        // Either side may hang up at any moment.
        let _ended = std::io::copy(&mut answers, &mut back);
    });
    let mut left = bytes;
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        let passed = usize::try_from(left).map_or(count, |left| left.min(count));
        if passed > 0 && server.write_all(&buffer[..passed]).is_err() {
            break;
        }
        left -= passed as u64;
        if left == 0 && !mark.exists() {
            File::create(mark).expect("a file can be made");
        }
    }
    // A client that is gone is gone for the server, too.
    let _gone = server.shutdown(Shutdown::Both);
}
