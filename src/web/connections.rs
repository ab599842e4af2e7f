//! Connections: accepting them, and the limits of each.
//!
//! *Limits*: connections in all (`web.connections-max`; more wait in the system's backlog); 15 s
//! for the head of a request, which is also how long a connection may idle; 30 s from a request to
//! its answer, its body included; 5 minutes for a connection as a whole.
//!
//! *Why not* `axum::serve`: it gives no way to limit the time for a request's head, so that a few
//! hundred connections which never say a word would shut everybody else out for ever.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use crate::runtime::Tasks;
use crate::web::pages::problem::Problem;

/// For the head of a request; also how long a connection may wait between two requests.
const HEAD_MAX: Duration = Duration::from_secs(15);
/// From the head of a request to the head of its answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// After so long a connection takes no further request.
const CONNECTION_MAX: Duration = Duration::from_mins(5);
/// What an open request gets when its connection is to end.
const GRACE_MAX: Duration = Duration::from_secs(10);
/// The largest head of a request, and what is read ahead.
const HEAD_OCTETS_MAX: usize = 32 * 1024;
/// A pause after the system refused to accept: mostly there are no file handles left.
const REFUSED_PAUSE: Duration = Duration::from_millis(250);

/// The address at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Accepts and serves connections until `tasks` stops. Open requests end by themselves, as tasks.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Router,
    connections_max: u32,
    tasks: &Tasks,
) {
    let places = usize::try_from(connections_max).unwrap_or(usize::MAX);
    let places = Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)));
    loop {
        let accepted = tokio::select! {
            () = tasks.stopped() => return,
            accepted = next(&listener, &places) => accepted,
        };
        let Some((stream, peer, place)) = accepted else {
            continue;
        };
        let routes = routes.clone();
        let stop = tasks.clone();
        tasks.spawn("web connection", async move {
            talk(stream, peer, routes, &stop).await;
            drop(place);
        });
    }
}

/// The next connection, once there is a place for it.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            tracing::debug!(%error, "a web connection could not be accepted");
            tokio::time::sleep(REFUSED_PAUSE).await;
            None
        }
    }
}

/// Serves one connection to its end.
async fn talk(stream: TcpStream, peer: SocketAddr, routes: Router, tasks: &Tasks) {
    let peer = Peer(peer.ip().to_canonical());
    let service = routes.map_request(move |request: axum::http::Request<_>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        request
    });
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_MAX)
        .max_buf_size(HEAD_OCTETS_MAX);
    let connection =
        builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = tasks.stopped() => None,
        () = tokio::time::sleep(CONNECTION_MAX) => None,
    };
    let ended = if ended.is_none() {
        connection.as_mut().graceful_shutdown();
        tokio::time::timeout(GRACE_MAX, connection).await.ok()
    } else {
        ended
    };
    if let Some(Err(error)) = ended {
        tracing::debug!(%error, "a web connection ended early");
    }
}

/// Answers in the place of a page that takes too long.
pub(crate) async fn within_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => Problem::Slow.into_response(),
    }
}
