//! Connections: accepting them, and the limits of each.
//!
//! *Limits*: connections in all (`web.connections-max`; more wait in the system's backlog); 15 s
//! for agreeing on keys, and for the head of a request, which is also how long a connection may idle; 30 s from a request to
//! its answer, the request's body included; 5 minutes for a connection as a whole. Uploads of files have
//! limits of their own (`incoming.rs`), and their connections last as long as they do.
//!
//! *Why not* `axum::serve`: it gives no way to limit the time for a request's head, so that a few
//! hundred connections which never say a word would shut everybody else out for ever.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt;

use crate::domain::networks::Networks;
use crate::runtime::Tasks;
use crate::web::pages::problem::Problem;
use crate::web::proxies;
use crate::web::tls::Certificate;

/// From the head of a request to the head of its answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// The largest head of a request, and what is read ahead.
const HEAD_OCTETS_MAX: usize = 32 * 1024;
/// A pause after the system refused to accept: mostly there are no file handles left.
const REFUSED_PAUSE: Duration = Duration::from_millis(250);

/// So often at most it is logged, since it lasts as long as they are missing.
const REFUSED_LOG_EVERY: Duration = Duration::from_mins(1);

/// So often a connection whose time is over is looked at, while an upload keeps it.
const STAY_LOOK: Duration = Duration::from_secs(1);

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Connections in all.
    connections: usize,
    /// For the head of a request; also how long a connection may wait between two requests.
    head: Duration,
    /// After so long a connection takes no further request.
    connection: Duration,
    /// What an open request gets when its connection is to end.
    grace: Duration,
}

impl Limits {
    /// The usual limits, with this many connections.
    pub(crate) fn new(connections_max: u32) -> Self {
        let connections = usize::try_from(connections_max).unwrap_or(usize::MAX);
        Self {
            connections: connections.clamp(1, Semaphore::MAX_PERMITS),
            head: Duration::from_secs(15),
            connection: Duration::from_mins(5),
            grace: Duration::from_secs(10),
        }
    }
}

/// The visitor's address: at the other end of the connection, or as a proxy of ours says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Keeps a connection beyond its time, while it is held.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stay(Arc<AtomicUsize>);

/// An upload that is under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct Staying(Arc<AtomicUsize>);

impl Stay {
    /// Keeps the connection until the guard is dropped, which must have an end of its own.
    pub(crate) fn hold(&self) -> Staying {
        self.0.fetch_add(1, Ordering::Relaxed);
        Staying(Arc::clone(&self.0))
    }
}

impl Drop for Staying {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How connections are spoken to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manner {
    /// With TLS, if there is a certificate.
    pub(crate) certificate: Option<Certificate>,
    /// The proxies of ours, which say whom they speak for.
    pub(crate) proxies: Networks,
}

/// The address that a request came from.
pub(crate) fn peer(parts: &Parts) -> IpAddr {
    let known = parts.extensions.get::<Peer>();
    known.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0)
}

/// Accepts and serves connections until `tasks` stops. Open requests end by themselves, as tasks.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Router,
    limits: Limits,
    manner: Manner,
    tasks: &Tasks,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut logged = None;
    loop {
        let accepted = tokio::select! {
            () = tasks.stopped() => return,
            accepted = next(&listener, &places, &mut logged) => accepted,
        };
        let Some((stream, peer, place)) = accepted else {
            continue;
        };
        let (routes, stop, proxies) = (routes.clone(), tasks.clone(), manner.proxies.clone());
        // Each connection has the certificate of its beginning to its end.
        let acceptor = manner.certificate.as_ref().map(Certificate::acceptor);
        tasks.spawn("web connection", async move {
            let talking = Talking {
                peer: peer.ip(),
                routes,
                limits,
                proxies,
            };
            match acceptor {
                None => talking.talk(stream, &stop).await,
                Some(acceptor) => {
                    if let Some(stream) = greet(&acceptor, stream, limits, &stop).await {
                        talking.talk(stream, &stop).await;
                    }
                }
            }
            drop(place);
        });
    }
}

/// The next connection, once there is a place for it.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    logged: &mut Option<tokio::time::Instant>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            if logged.is_none_or(|logged| logged.elapsed() >= REFUSED_LOG_EVERY) {
                *logged = Some(tokio::time::Instant::now());
                tracing::warn!("a connection to the web view was not taken: {error}");
            }
            tokio::time::sleep(REFUSED_PAUSE).await;
            None
        }
    }
}

/// Agrees on keys, within the time for a request's head.
async fn greet(
    acceptor: &TlsAcceptor,
    stream: TcpStream,
    limits: Limits,
    tasks: &Tasks,
) -> Option<TlsStream<TcpStream>> {
    let greeted = tokio::select! {
        greeted = tokio::time::timeout(limits.head, acceptor.accept(stream)) => greeted.ok()?,
        () = tasks.stopped() => return None,
    };
    if let Err(error) = &greeted {
        tracing::debug!(%error, "a web connection did not come to an agreement about TLS");
    }
    greeted.ok()
}

/// One connection that was accepted.
struct Talking {
    peer: IpAddr,
    routes: Router,
    limits: Limits,
    proxies: Networks,
}

impl Talking {
    /// Serves it to its end.
    async fn talk<S>(self, stream: S, tasks: &Tasks)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self {
            peer,
            routes,
            limits,
            proxies,
        } = self;
        let stay = Stay::default();
        let kept = stay.clone();
        let service = routes.map_request(move |request: axum::http::Request<_>| {
            let mut request = request.map(Body::new);
            let peer = Peer(proxies::visitor(peer, request.headers(), &proxies));
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(kept.clone());
            request
        });
        let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head)
            .max_buf_size(HEAD_OCTETS_MAX);
        let connection =
            builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = tasks.stopped() => None,
            () = over(limits.connection, &stay) => None,
        };
        let ended = if ended.is_none() {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(limits.grace, connection).await.ok()
        } else {
            ended
        };
        if let Some(Err(error)) = ended {
            tracing::debug!(%error, "a web connection ended early");
        }
    }
}

/// The end of a connection's time.
async fn over(time: Duration, stay: &Stay) {
    tokio::time::sleep(time).await;
    while stay.0.load(Ordering::Relaxed) > 0 {
        tokio::time::sleep(STAY_LOOK).await;
    }
}

/// Is the request a form with files? Those come for as long as their own limits let them.
fn brings_files(request: &Request) -> bool {
    let kind = request.headers().get(CONTENT_TYPE);
    request.uri().path().starts_with("/uploads/")
        && kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"))
}

/// Answers in the place of a page that takes too long.
pub(crate) async fn within_time(request: Request, next: Next) -> Response {
    if brings_files(&request) {
        return next.run(request).await;
    }
    match tokio::time::timeout(ANSWER_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => Problem::Slow.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    async fn start(limits: Limits) -> (SocketAddr, Tasks) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let tasks = Tasks::new();
        let (routes, inner) = (
            Router::new().route("/", get(|| async { "here" })),
            tasks.clone(),
        );
        tasks.spawn_lasting("web view", async move {
            serve(listener, routes, limits, Manner::default(), &inner).await;
        });
        (address, tasks)
    }

    /// Reads until the answer's last word, or the connection's end.
    async fn read(stream: &mut TcpStream) -> String {
        let mut text = Vec::new();
        while !text.ends_with(b"here") && stream.read_buf(&mut text).await.unwrap() > 0 {}
        String::from_utf8(text).unwrap()
    }

    async fn end(tasks: Tasks) {
        tasks.stop();
        tasks.ended().await;
        assert!(!tasks.is_broken());
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_is_closed() {
        let head = Duration::from_millis(50);
        let limits = Limits {
            head,
            ..Limits::new(8)
        };
        let (address, tasks) = start(limits).await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        assert_eq!(read(&mut silent).await, "");
        // So is one that never finishes its head, and one that idles after a request.
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
        let answer = read(&mut slow).await;
        assert!(!answer.contains("here"), "{answer}");
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(ASK).await.unwrap();
        assert!(read(&mut idle).await.ends_with("here"));
        assert_eq!(read(&mut idle).await, "");
        end(tasks).await;
    }

    #[tokio::test]
    async fn connections_beyond_the_limit_wait_for_a_place() {
        let (address, tasks) = start(Limits::new(1)).await;
        let mut first = TcpStream::connect(address).await.unwrap();
        first.write_all(ASK).await.unwrap();
        assert!(read(&mut first).await.ends_with("here"));
        let mut second = TcpStream::connect(address).await.unwrap();
        second.write_all(ASK).await.unwrap();
        let waiting = tokio::time::timeout(Duration::from_millis(50), second.readable()).await;
        assert!(waiting.is_err(), "the only place is taken");
        drop(first);
        assert!(read(&mut second).await.ends_with("here"));
        end(tasks).await;
    }

    #[tokio::test]
    async fn idle_connections_do_not_keep_the_daemon_from_stopping() {
        let (address, tasks) = start(Limits::new(8)).await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(ASK).await.unwrap();
        assert!(read(&mut idle).await.ends_with("here"));
        end(tasks).await;
        assert_eq!(read(&mut idle).await, "");
    }

    #[tokio::test]
    async fn a_connection_ends_after_its_time_however_busy() {
        let connection = Duration::from_millis(50);
        let limits = Limits {
            connection,
            ..Limits::new(8)
        };
        let (address, tasks) = start(limits).await;
        let mut busy = TcpStream::connect(address).await.unwrap();
        // Asks until the connection is closed: an error, or nothing more to read.
        while busy.write_all(ASK).await.is_ok() {
            let mut octets = [0; 512];
            if !matches!(busy.read(&mut octets).await, Ok(1..)) {
                break;
            }
        }
        end(tasks).await;
    }
}
