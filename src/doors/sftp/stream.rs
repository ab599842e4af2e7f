//! A connection that can be cut from outside, whatever its session is busy with.
//!
//! russh hears "disconnect" only between key exchanges, so a peer that never ends one would stay.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// The longest line that a client may call itself by (RFC 4253), and that is listened to.
const NAME_OCTETS_MAX: usize = 255;

/// What the client calls itself, as soon as its first line has come; cheap to clone.
///
/// russh tells it only of those who got in.
#[derive(Debug, Clone, Default)]
pub(super) struct ClientName(Arc<OnceLock<String>>);

impl ClientName {
    /// The name, or nothing as long as it has not come.
    pub(super) fn get(&self) -> String {
        self.0.get().cloned().unwrap_or_default()
    }
}

/// A connection that ends when a token is cancelled.
pub(super) struct Cuttable {
    socket: TcpStream,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    /// The beginning of the first line; `None` once it has come.
    first_line: Option<Vec<u8>>,
    name: ClientName,
}

impl Cuttable {
    pub(super) fn new(socket: TcpStream, cut: CancellationToken) -> Self {
        Self {
            socket,
            cut: Box::pin(cut.cancelled_owned()),
            first_line: Some(Vec::new()),
            name: ClientName::default(),
        }
    }

    /// What the client calls itself.
    pub(super) fn client_name(&self) -> ClientName {
        self.name.clone()
    }

    /// Octets came; listens until the first line is whole.
    fn listen(&mut self, octets: &[u8]) {
        let Some(line) = &mut self.first_line else {
            return;
        };
        let room = NAME_OCTETS_MAX.saturating_sub(line.len());
        line.extend(
            octets
                .iter()
                .take(room)
                .take_while(|octet| **octet != b'\n'),
        );
        let is_whole = octets.iter().take(room).any(|octet| *octet == b'\n');
        if is_whole || line.len() >= NAME_OCTETS_MAX {
            let name = String::from_utf8_lossy(line).trim_end().to_owned();
            // Only the first name counts, and there is one.
            self.name.0.get_or_init(|| name);
            self.first_line = None;
        }
    }

    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        match self.cut.as_mut().poll(context) {
            Poll::Ready(()) => Err(io::ErrorKind::ConnectionAborted.into()),
            Poll::Pending => Ok(()),
        }
    }
}

impl AsyncRead for Cuttable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        let before = octets.filled().len();
        let polled = Pin::new(&mut self.socket).poll_read(context, octets);
        if self.first_line.is_some() {
            let came = octets.filled().get(before..).unwrap_or_default().to_vec();
            self.listen(&came);
        }
        polled
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.socket).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
